//! The place in a store's folder by which other processes find their way to the one that has it open.

use std::io;
use std::path::Path;
use std::sync::Arc;

use super::Store;

/// Where the owner of a store says how others attach to it.
pub(crate) const FILE: &str = "attach.json";

/// Lets others attach to a store until what it returns is dropped, which the store does before it closes.
pub(crate) type LetAttach = fn(&Store) -> io::Result<Arc<dyn Send + Sync>>;

/// Removes what an owner left that was killed. Whoever has the lock is the only owner.
pub(super) fn remove_file(folder: &Path) {
    let _mostly_there_is_none = std::fs::remove_file(folder.join(FILE));
}

impl Store {
    /// A store is open also where the system does not let others reach it.
    pub(super) fn attachable(mut self, let_attach: LetAttach) -> Self {
        self.attachable = let_attach(&self).ok();
        self
    }

    /// Whether other processes can attach to it: it was opened so, and the system allowed it.
    #[must_use]
    pub fn is_attachable(&self) -> bool {
        self.attachable.is_some()
    }
}
