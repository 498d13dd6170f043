//! Why a transaction cannot be committed.

use keyglass_store::draft::DraftError;
use keyglass_store::key::EncodedKey;
use keyglass_store::limits::LimitError;
use keyglass_store::value::ValueError;
use keyglass_store::value::literal::LiteralError;

use crate::model::draft::ParseFailure;
use crate::model::expiry::ExpiryError;
use crate::model::key_draft::KeyError;

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
        /// What is wrong.
        problem: RowError,
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

/// What is written in a row is no step of a transaction, or none that the database takes.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RowError {
    /// The key is none.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The value is none.
    #[error(transparent)]
    Value(#[from] ParseFailure),
    /// A message or a limit of a sum is no literal.
    #[error(transparent)]
    Literal(#[from] LiteralError),
    /// A message or a limit of a sum cannot be stored.
    #[error(transparent)]
    Unstorable(#[from] ValueError),
    /// It is more than the database takes.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The time at which a message is due is none.
    #[error(transparent)]
    Due(#[from] ExpiryError),
    /// A line of the keys for an undelivered message is no key.
    #[error("{error}: {line}")]
    Undelivered {
        /// The line.
        line: String,
        /// What is wrong with it.
        error: KeyError,
    },
    /// What is written between deliveries is no span.
    #[error("Spans such as 100 ms, 5 s, or none: {0}")]
    Interval(String),
    /// The operand is a number, but none that the operation takes.
    #[error("{name} takes {takes} of 8 bytes")]
    NumberOperand {
        /// The operation.
        name: &'static str,
        /// What it takes.
        takes: &'static str,
    },
    /// The operand is no number. Deno speaks of V8 values and non-U64 operands here.
    #[error("{name} takes {takes}, such as new Deno.KvU64(1n)")]
    Operand {
        /// The operation.
        name: &'static str,
        /// What it takes.
        takes: &'static str,
    },
    /// The mutation cannot be applied, in the store's words.
    #[error("{0}")]
    Mutation(String),
}
