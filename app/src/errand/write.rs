//! What the writer is asked: commits, and whether there may be any.

use std::path::PathBuf;

use keyglass_store::{AtomicOperation, EncodedKey, Entry};

use super::SetRules;

/// What stands or stood under some keys.
pub type States = Vec<(EncodedKey, Option<Entry>)>;

/// Something to write.
#[derive(Debug, Clone)]
pub enum Write {
    /// Commits.
    Commit {
        /// Comes back with the answer.
        ticket: u64,
        /// What to commit.
        operation: AtomicOperation,
    },
    /// Has other earlier versions kept.
    SetRules(Box<SetRules>),
    /// Allows writing.
    Unlock {
        /// Where the database is copied to before.
        copy_to: Option<PathBuf>,
    },
}
