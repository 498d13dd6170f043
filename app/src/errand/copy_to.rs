//! Copying a database to another place.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use keyglass_store::Database;
use keyglass_store::transfer::{CopyOptions, Existing};

/// What a copy of a whole database shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyChoice {
    /// Where to: a path, or the URL of a server. A database that stands there is written; otherwise one is made, one of Deno's files where the name ends
    /// as those do.
    pub path: PathBuf,
    /// What happens to keys that exist there with something else.
    pub existing: Existing,
    /// With the entries that have expired and were not swept.
    pub expired: bool,
    /// Whether both sides are read again afterwards.
    pub verify: bool,
}

impl CopyChoice {
    /// As the copy takes it.
    #[must_use]
    pub fn options(&self) -> CopyOptions {
        CopyOptions {
            existing: self.existing,
            expired: self.expired,
            verify: self.verify,
            ..CopyOptions::default()
        }
    }
}

/// A database that is open in this window already: nobody could open it once more, or it took a token.
#[derive(Clone)]
pub struct OpenDatabase(pub Arc<dyn Database>);

impl PartialEq for OpenDatabase {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for OpenDatabase {}

impl fmt::Debug for OpenDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenDatabase").field(&self.0.location()).finish()
    }
}
