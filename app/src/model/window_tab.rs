//! The tabs of the window.

use std::sync::atomic::{AtomicU64, Ordering};

use super::database_id::DatabaseId;

/// Names a tab for as long as the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TabId(u64);

/// A tab: what it shows stays together, whatever else is opened and closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowTab {
    /// Names it.
    pub id: TabId,
    /// The databases that it shows, side by side if there are several.
    pub shown: Vec<DatabaseId>,
}

impl WindowTab {
    /// A tab of one database.
    #[must_use]
    pub fn of(database: DatabaseId) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            id: TabId(NEXT.fetch_add(1, Ordering::Relaxed)),
            shown: vec![database],
        }
    }
}
