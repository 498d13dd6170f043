//! Why a transaction cannot be committed.

use keyglass_store::draft::DraftError;
use keyglass_store::key::EncodedKey;
use keyglass_store::limits::LimitError;

/// A transaction cannot be committed as it is.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TransactionError {
    /// Something is wrong with a row.
    #[error("Row {number} ({name}): {problem}")]
    Row {
        /// Which, from 1.
        number: usize,
        /// What it does, by its name in Deno KV.
        name: &'static str,
        /// What is wrong, as the row tells it.
        problem: String,
    },
    /// What stands under the key of a set was not read yet, so that its expiry could be lost.
    #[error(
        "Row {number} (set): it is not known yet whether an entry with an expiry stands here, try again in a moment: {key}"
    )]
    UnknownExpiry {
        /// Which row, from 1.
        number: usize,
        /// Its key.
        key: EncodedKey,
    },
    /// No row is switched on.
    #[error("All rows are switched off")]
    AllOff,
    /// The rows do not make an operation.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// Together they are more than the database takes.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// It was edited after it was to be committed.
    #[error("the transaction was edited before it could be committed; commit it again")]
    Edited,
}
