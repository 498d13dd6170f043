//! Names an open database.

use std::sync::atomic::{AtomicU64, Ordering};

/// Names an open database for as long as the program runs. A database that is closed and opened again has another
/// one, so that what was asked of the former never reaches the latter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DatabaseId(u64);

impl DatabaseId {
    /// One that no other database has.
    #[must_use]
    pub fn unique() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}
