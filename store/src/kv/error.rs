//! What can go wrong with typed keys and values, on top of what can go wrong with a database.

use crate::error::{CommitError, DatabaseError};
use crate::key::{CursorError, KeyDecodeError, KeyEncodeError, SelectorError};
use crate::limits::{DELAY_MILLISECONDS, LimitError};
use crate::value::ValueError;

/// An operation on a [`Kv`](crate::Kv) failed. A failed write stored nothing, but for [`CommitError::Unknown`].
#[derive(Debug, thiserror::Error)]
pub enum KvError {
    /// The database failed or refused.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A commit failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// A key has no bytes.
    #[error(transparent)]
    Key(#[from] KeyEncodeError),
    /// A selector selects nothing sensible.
    #[error(transparent)]
    Selector(#[from] SelectorError),
    /// A cursor does not fit the list.
    #[error(transparent)]
    Cursor(#[from] CursorError),
    /// A value cannot be stored.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// A stored key cannot be read.
    #[error("The key of a stored entry cannot be read ({0})")]
    StoredKey(KeyDecodeError),
    /// A stored value cannot be read.
    #[error("The value of a stored entry cannot be read ({reason}): {key}")]
    StoredValue {
        /// What is wrong with it.
        reason: ValueError,
        /// Its key.
        key: crate::Key,
    },
    /// A list of nothing; the message is Deno's.
    #[error("Limit must be a positive integer: received 0")]
    Limit,
    /// A list in batches of nothing; the message is Deno's.
    #[error("batchSize must be a positive integer: received 0")]
    BatchSize,
    /// A cursor of a list that has not begun; the message is Deno's.
    #[error("Cannot get cursor before first iteration")]
    CursorBeforeFirst,
    /// A message that is to wait too long; the message is Deno's.
    #[error("Delay cannot be greater than 30 days: received {0}")]
    Delay(i64),
}

impl From<LimitError> for KvError {
    fn from(error: LimitError) -> Self {
        Self::Database(error.into())
    }
}

/// The delay in milliseconds, if it is one that Deno accepts.
pub(super) fn delay_milliseconds(delay: std::time::Duration) -> Result<i64, KvError> {
    let milliseconds = i64::try_from(delay.as_millis()).unwrap_or(i64::MAX);
    if milliseconds > DELAY_MILLISECONDS {
        return Err(KvError::Delay(milliseconds));
    }
    Ok(milliseconds)
}
