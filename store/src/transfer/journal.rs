//! What a transfer replaces, told before each commit, so that it can be taken back.

use std::io;

use crate::entry::Entry;
use crate::key::EncodedKey;
use crate::versionstamp::Versionstamp;

/// What a commit replaces under one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// The key.
    pub key: EncodedKey,
    /// What stands there.
    pub before: Option<Entry>,
    /// Whether the commit deletes it.
    pub deleted: bool,
}

/// Is told what each commit of a transfer replaces, before it is made, and under which versionstamp it was made.
///
/// Commits check what was told, so that nothing is replaced that was not. Where others wrote the same keys meanwhile,
/// the batch is abandoned and comes again under another number.
pub trait Journal {
    /// What a batch replaces, each key once. Keys that an earlier batch has stored are left out.
    ///
    /// # Errors
    /// If it cannot be noted; then the batch is not committed and the transfer ends.
    fn before(&mut self, batch: u64, replaced: &[Replaced]) -> io::Result<()>;

    /// A batch was committed. An entry of it that has another versionstamp now was not stored or changed since.
    ///
    /// # Errors
    /// If it cannot be noted; then the transfer ends.
    fn committed(&mut self, batch: u64, versionstamp: Versionstamp) -> io::Result<()>;

    /// A batch was not committed: nothing of it is stored. Of a batch that is neither committed nor abandoned it is not
    /// known.
    ///
    /// # Errors
    /// If it cannot be noted; then the transfer ends.
    fn abandoned(&mut self, batch: u64) -> io::Result<()>;
}
