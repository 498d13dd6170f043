//! Atomic operations: all of it happens, or none.
//!
//! What one does is worked out here, once for every engine that holds its own data: `evaluate` goes through checks,
//! mutations and messages over a trait of records, `apply` tells what a mutation makes of a value.

mod apply;
mod arithmetic;
mod evaluate;
mod message;
mod sum;

pub(crate) use evaluate::{Evaluation, Records, evaluate};
pub use message::{Enqueue, MessageChange};

use crate::entry::Entry;
use crate::key::EncodedKey;
use crate::limits::{CHECKS, COMMIT_BYTES, COMMIT_KEY_BYTES, KEY_BYTES, LimitError, MUTATIONS, VALUE_BYTES};
use crate::value::StoredValue;
use crate::versionstamp::Versionstamp;

/// Checks and changes of messages that wait, then mutations in order, then messages to enqueue; committed as one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AtomicOperation {
    /// All must hold against the state before the commit.
    pub checks: Vec<Check>,
    /// Messages that must still wait as they were seen, in order; no program that speaks Deno KV has these.
    pub message_changes: Vec<MessageChange>,
    /// Applied in order; later ones see earlier ones.
    pub mutations: Vec<Mutation>,
    /// Messages that are queued with the commit.
    pub enqueues: Vec<Enqueue>,
}

/// The key must still have this versionstamp; `None` means that the key must be absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The key to look at.
    pub key: EncodedKey,
    /// The versionstamp that it must have.
    pub versionstamp: Option<Versionstamp>,
}

/// One change of one key.
#[derive(Debug, Clone, PartialEq)]
pub struct Mutation {
    /// The key to change.
    pub key: EncodedKey,
    /// What happens to it.
    pub kind: MutationKind,
}

/// What a mutation does.
#[derive(Debug, Clone, PartialEq)]
pub enum MutationKind {
    /// Stores a value. Without `expires_at` an expiry that the key had is cleared.
    Set {
        /// The value to store.
        value: StoredValue,
        /// When the entry goes, in milliseconds since the Unix epoch.
        expires_at: Option<i64>,
    },
    /// Removes the key; one that is absent is fine.
    Delete,
    /// Adds the operand: a `KvU64` modulo 2^64, or V8 bigints and numbers.
    Sum {
        /// What to add.
        operand: StoredValue,
        /// V8 bytes of the smallest allowed result, of the operand's type. KV Connect only.
        min: Option<bytes::Bytes>,
        /// V8 bytes of the largest allowed result, of the operand's type. KV Connect only.
        max: Option<bytes::Bytes>,
        /// Clip a result outside the limits instead of failing.
        clamp: bool,
    },
    /// Keeps the smaller of the stored `KvU64` and the operand.
    Min(StoredValue),
    /// Keeps the larger of the stored `KvU64` and the operand.
    Max(StoredValue),
    /// Stores a value under the mutation's key and one more string part: the commit's versionstamp.
    SetSuffixVersionstampedKey {
        /// The value to store.
        value: StoredValue,
        /// When the entry goes, in milliseconds since the Unix epoch.
        expires_at: Option<i64>,
    },
}

/// How a commit ended.
#[derive(Debug, Clone, PartialEq)]
pub enum CommitOutcome {
    /// All of it is stored, and every changed entry has this versionstamp.
    Committed(Versionstamp),
    /// Nothing is stored, because these checks failed.
    Conflict(Vec<FailedCheck>),
    /// Nothing is stored, because of these of [`AtomicOperation::message_changes`]: the message was delivered, is being
    /// delivered, or was changed.
    MessagesChanged(Vec<usize>),
}

/// A check that did not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedCheck {
    /// Index in [`AtomicOperation::checks`].
    pub index: usize,
    /// What stands under the key now; `None` when it is absent.
    pub current: Option<Entry>,
}

impl AtomicOperation {
    /// An operation that does nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a check: the commit fails unless `key` has this versionstamp (`None`: is absent).
    #[must_use]
    pub fn check(mut self, key: EncodedKey, versionstamp: Option<Versionstamp>) -> Self {
        self.checks.push(Check { key, versionstamp });
        self
    }

    /// Adds a set that leaves the entry without expiry.
    #[must_use]
    pub fn set(self, key: EncodedKey, value: StoredValue) -> Self {
        self.set_expiring(key, value, None)
    }

    /// Adds a set with an expiry in milliseconds since the Unix epoch.
    #[must_use]
    pub fn set_expiring(self, key: EncodedKey, value: StoredValue, expires_at: Option<i64>) -> Self {
        self.mutate(key, MutationKind::Set { value, expires_at })
    }

    /// Adds a delete.
    #[must_use]
    pub fn delete(self, key: EncodedKey) -> Self {
        self.mutate(key, MutationKind::Delete)
    }

    /// Adds any mutation.
    #[must_use]
    pub fn mutate(mut self, key: EncodedKey, kind: MutationKind) -> Self {
        self.mutations.push(Mutation { key, kind });
        self
    }

    /// Adds a message.
    #[must_use]
    pub fn enqueue(mut self, message: Enqueue) -> Self {
        self.enqueues.push(message);
        self
    }

    /// Adds a change of a message.
    #[must_use]
    pub fn change_message(mut self, change: MessageChange) -> Self {
        self.message_changes.push(change);
        self
    }

    /// Bytes of the operation as Deno counts them: all keys and values and messages, keys of mutations that
    /// have a value twice, and four for each interval of a backoff schedule.
    #[must_use]
    pub fn size(&self) -> usize {
        let checks = self.checks.iter().map(|check| check.key.as_bytes().len());
        let mutations = self.mutations.iter().map(|mutation| {
            let key = mutation.key.as_bytes().len();
            mutation.value().map_or(key, |value| 2 * key + value.bytes.len())
        });
        let enqueues = self.messages().map(Enqueue::size);
        checks.chain(mutations).chain(enqueues).sum()
    }

    /// Messages as they will be queued.
    fn messages(&self) -> impl Iterator<Item = &Enqueue> {
        let changed = self
            .message_changes
            .iter()
            .filter_map(|change| change.becomes.as_ref());
        self.enqueues.iter().chain(changed)
    }

    /// Checks Deno's limits.
    ///
    /// # Errors
    /// The first limit that is exceeded, in Deno's words.
    pub fn validate(&self) -> Result<(), LimitError> {
        if self.checks.len() > CHECKS {
            return Err(LimitError::Checks);
        }
        if self.mutations.len() + self.enqueues.len() + self.message_changes.len() > MUTATIONS {
            return Err(LimitError::Mutations);
        }
        for check in &self.checks {
            validate_key(&check.key)?;
        }
        let mut key_bytes = 0;
        for mutation in &self.mutations {
            validate_key(&mutation.key)?;
            if let Some(value) = mutation.value() {
                if value.bytes.len() > VALUE_BYTES {
                    return Err(LimitError::Value);
                }
                key_bytes += mutation.key.as_bytes().len();
            }
        }
        for message in self.messages() {
            message.validate()?;
        }
        if self.size() > COMMIT_BYTES {
            return Err(LimitError::CommitBytes);
        }
        if key_bytes > COMMIT_KEY_BYTES {
            return Err(LimitError::CommitKeyBytes);
        }
        Ok(())
    }
}

impl Mutation {
    /// The value or operand that the mutation brings.
    #[must_use]
    pub fn value(&self) -> Option<&StoredValue> {
        match &self.kind {
            MutationKind::Set { value, .. }
            | MutationKind::SetSuffixVersionstampedKey { value, .. }
            | MutationKind::Sum { operand: value, .. }
            | MutationKind::Min(value)
            | MutationKind::Max(value) => Some(value),
            MutationKind::Delete => None,
        }
    }
}

/// Checks the limits of a key that is written or checked.
pub(crate) fn validate_key(key: &EncodedKey) -> Result<(), LimitError> {
    match key.as_bytes().len() {
        0 => Err(LimitError::EmptyKey),
        length if length > KEY_BYTES => Err(LimitError::KeyForWrite),
        _ => Ok(()),
    }
}
