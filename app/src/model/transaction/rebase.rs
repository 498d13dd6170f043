//! What changed under the checks of a transaction, and the way on from there.

use keyglass_store::{EncodedKey, Entry, StoredValue, Versionstamp};

use crate::model::database_id::DatabaseId;

/// A check that does not hold, with what was seen, what stands there now, and what the transaction puts there.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedRow {
    /// The row of the check.
    pub row: u64,
    /// Its key.
    pub key: EncodedKey,
    /// The versionstamp that the check expects; `None` is absent.
    pub expected: Option<Versionstamp>,
    /// What stood there under that versionstamp; `None` where that was never read, and inside where nothing did.
    pub seen: Option<Option<Entry>>,
    /// What stands there now.
    pub now: Option<Entry>,
    /// The program that put it there or took it away, where that is known.
    pub by: Option<String>,
    /// What the last row on this key that sets it puts there.
    pub mine: Option<StoredValue>,
}

/// What is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compared {
    /// What changed meanwhile.
    #[default]
    SeenToNow,
    /// What the commit would change.
    NowToMine,
    /// What the commit was to change.
    SeenToMine,
}

/// What is shown before checks take new versionstamps.
#[derive(Debug, Clone, PartialEq)]
pub struct RebaseReview {
    /// Where the transaction is.
    pub database: DatabaseId,
    /// The checks that do not hold.
    pub rows: Vec<FailedRow>,
    /// What is compared.
    pub compared: Compared,
}
