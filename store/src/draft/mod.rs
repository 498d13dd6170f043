//! Atomic operations as they are written down before they are committed: with expiries from the commit on, rows that
//! are switched off, and what is not finished yet.
//!
//! [`file`](mod@file) is their text, for files that people read and compare; [`code`](mod@code) reads what programs of
//! Deno do, without running anything.

pub mod code;
pub mod file;
mod line_error;
#[cfg(test)]
mod tests;

use crate::atomic::{AtomicOperation, Enqueue, MutationKind};
use crate::entry::Entry;
use crate::key::EncodedKey;
use crate::limits::DELAY_MILLISECONDS;
use crate::value::{Encoding, StoredValue};
use crate::versionstamp::Versionstamp;

/// An atomic operation that is not committed yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// What it is called.
    pub name: Option<String>,
    /// Its rows, in order.
    pub rows: Vec<DraftRow>,
}

/// One row of a draft.
#[derive(Debug, Clone, PartialEq)]
pub struct DraftRow {
    /// It stays in the draft but is not committed.
    pub is_off: bool,
    /// What it does.
    pub step: Step,
}

/// What one row of a draft does.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// The key must have this versionstamp; `None`: it must be absent.
    Check {
        /// The key to look at.
        key: EncodedKey,
        /// The versionstamp that it must have.
        versionstamp: Option<Versionstamp>,
    },
    /// Stores a value.
    Set {
        /// The key, or what comes before the commit's versionstamp in it.
        key: EncodedKey,
        /// The value to store.
        value: StoredValue,
        /// When the entry goes.
        expiry: Expiry,
        /// The key gets one more part: the commit's versionstamp.
        is_versionstamped: bool,
    },
    /// Removes the key.
    Delete {
        /// The key.
        key: EncodedKey,
    },
    /// Adds to a `KvU64`, a bigint or a number.
    Sum {
        /// The key.
        key: EncodedKey,
        /// What to add.
        operand: StoredValue,
        /// The smallest allowed result.
        min: Option<StoredValue>,
        /// The largest allowed result.
        max: Option<StoredValue>,
        /// Clip a result outside the limits instead of failing.
        clamp: bool,
    },
    /// Keeps the smaller `KvU64`.
    Min {
        /// The key.
        key: EncodedKey,
        /// What to compare with.
        operand: StoredValue,
    },
    /// Keeps the larger `KvU64`.
    Max {
        /// The key.
        key: EncodedKey,
        /// What to compare with.
        operand: StoredValue,
    },
    /// Queues a message.
    Enqueue {
        /// The message, in V8's format.
        message: StoredValue,
        /// When it is due.
        due: Due,
        /// Keys that receive the message when every delivery failed.
        keys_if_undelivered: Vec<EncodedKey>,
        /// Milliseconds to wait before each further delivery; `None` is Deno's default.
        backoff_schedule: Option<Vec<u32>>,
    },
    /// What somebody has not finished writing, as it was typed.
    Unfinished {
        /// The operation's name, as in the file.
        operation: String,
        /// The text of the key.
        key: String,
        /// The text of the value.
        value: String,
    },
}

/// When an entry that is set goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Expiry {
    /// Never.
    #[default]
    Never,
    /// When the entry that stands there goes.
    Keep,
    /// So many milliseconds after the commit.
    After(i64),
    /// At this moment, in milliseconds since the Unix epoch.
    At(i64),
}

/// When a message that is queued is due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Due {
    /// So many milliseconds after the commit.
    After(i64),
    /// At once.
    #[default]
    Now,
    /// At this moment, in milliseconds since the Unix epoch.
    At(i64),
}

/// A draft is not one that can be committed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// A row is not finished.
    #[error("Row {0} is not finished; complete its key and its value, or switch it off")]
    Unfinished(usize),
    /// A message is to be delivered too late.
    #[error("Row {row}: Delay cannot be greater than 30 days: received {delay}")]
    Delay {
        /// The row, from 1.
        row: usize,
        /// Milliseconds.
        delay: i64,
    },
    /// A message is not in V8's format.
    #[error("Row {0}: a message cannot be of this type")]
    Message(usize),
}

impl Expiry {
    /// When an entry goes that is committed at `now`, both in milliseconds since the Unix epoch; `standing` is what it
    /// replaces.
    #[must_use]
    pub fn moment(self, now: i64, standing: Option<&Entry>) -> Option<i64> {
        match self {
            Self::Never => None,
            Self::Keep => standing.and_then(|entry| entry.expires_at),
            Self::After(span) => Some(now.saturating_add(span)),
            Self::At(moment) => Some(moment),
        }
    }
}

impl Due {
    /// When a message is due that is committed at `now`, both in milliseconds since the Unix epoch.
    #[must_use]
    pub fn moment(self, now: i64) -> i64 {
        match self {
            Self::Now => now,
            Self::After(span) => now.saturating_add(span),
            Self::At(moment) => moment,
        }
    }
}

impl From<Step> for DraftRow {
    fn from(step: Step) -> Self {
        Self { is_off: false, step }
    }
}

impl Step {
    /// The key that it is about; none for a message and for what is not finished.
    #[must_use]
    pub fn key(&self) -> Option<&EncodedKey> {
        match self {
            Self::Check { key, .. }
            | Self::Set { key, .. }
            | Self::Delete { key }
            | Self::Sum { key, .. }
            | Self::Min { key, .. }
            | Self::Max { key, .. } => Some(key),
            Self::Enqueue { .. } | Self::Unfinished { .. } => None,
        }
    }

    /// Adds it to an operation that is committed at `now`, in milliseconds since the Unix epoch, over what stands
    /// under its key. What is not finished adds nothing.
    #[must_use]
    pub fn add_to(&self, operation: AtomicOperation, now: i64, standing: Option<&Entry>) -> AtomicOperation {
        match self.clone() {
            Self::Check { key, versionstamp } => operation.check(key, versionstamp),
            Self::Set {
                key,
                value,
                expiry,
                is_versionstamped: false,
            } => operation.set_expiring(key, value, expiry.moment(now, standing)),
            Self::Set {
                key,
                value,
                expiry,
                is_versionstamped: true,
            } => {
                let expires_at = expiry.moment(now, None);
                operation.mutate(
                    key,
                    MutationKind::SetSuffixVersionstampedKey { value, expires_at },
                )
            }
            Self::Delete { key } => operation.delete(key),
            Self::Sum {
                key,
                operand,
                min,
                max,
                clamp,
            } => {
                let bytes = |limit: Option<StoredValue>| limit.map(|limit| limit.bytes);
                let (min, max) = (bytes(min), bytes(max));
                let kind = MutationKind::Sum {
                    operand,
                    min,
                    max,
                    clamp,
                };
                operation.mutate(key, kind)
            }
            Self::Min { key, operand } => operation.mutate(key, MutationKind::Min(operand)),
            Self::Max { key, operand } => operation.mutate(key, MutationKind::Max(operand)),
            Self::Enqueue {
                message,
                due,
                keys_if_undelivered,
                backoff_schedule,
            } => operation.enqueue(Enqueue {
                payload: message.bytes,
                due_at: due.moment(now),
                keys_if_undelivered,
                backoff_schedule,
            }),
            Self::Unfinished { .. } => operation,
        }
    }
}

impl Draft {
    /// Rows that are committed, with their numbers from 1.
    pub fn live(&self) -> impl Iterator<Item = (usize, &Step)> {
        let rows = self.rows.iter().enumerate().filter(|(_, row)| !row.is_off);
        rows.map(|(index, row)| (index + 1, &row.step))
    }

    /// Keys that it is about, in order, each once.
    #[must_use]
    pub fn keys(&self) -> Vec<EncodedKey> {
        let mut keys: Vec<EncodedKey> = self.live().filter_map(|(_, step)| step.key().cloned()).collect();
        keys.sort();
        keys.dedup();
        keys
    }

    /// The operation to commit at `now`, in milliseconds since the Unix epoch. `standing` tells what stands under a key,
    /// for a set that keeps the expiry.
    ///
    /// # Errors
    /// If a row that is not switched off is not finished, or a message is none.
    pub fn operation<'e>(
        &self,
        now: i64,
        standing: impl Fn(&EncodedKey) -> Option<&'e Entry>,
    ) -> Result<AtomicOperation, DraftError> {
        let mut operation = AtomicOperation::new();
        for (row, step) in self.live() {
            match step {
                Step::Unfinished { .. } => return Err(DraftError::Unfinished(row)),
                Step::Enqueue { message, .. } if message.encoding != Encoding::V8 => {
                    return Err(DraftError::Message(row));
                }
                Step::Enqueue { due, .. } => {
                    let delay = due.moment(now).saturating_sub(now);
                    if delay > DELAY_MILLISECONDS {
                        return Err(DraftError::Delay { row, delay });
                    }
                }
                _ => {}
            }
            operation = step.add_to(operation, now, step.key().and_then(&standing));
        }
        Ok(operation)
    }
}
