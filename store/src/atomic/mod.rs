//! Atomic operations: all of it happens, or none.
//!
//! What one does is worked out here, once for every engine that holds its own data: `evaluate` goes through checks,
//! mutations and messages over a trait of records, `apply` tells what a mutation makes of a value. [`Rehearsal`] is the
//! same over entries that were read, with nothing written.

mod apply;
mod arithmetic;
mod evaluate;
mod message;
mod rehearsal;
mod sum;

pub(crate) use evaluate::{Evaluation, Records, evaluate};
pub use message::{Enqueue, MessageChange};
pub use rehearsal::{Effect, Rehearsal, Standing};

use crate::entry::Entry;
use crate::key::EncodedKey;
use crate::limits::{LimitError, Limits};
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

    /// Checks what a database takes in one commit ([`crate::Capabilities::limits`]).
    ///
    /// # Errors
    /// The first limit that is exceeded, in Deno's words.
    pub fn validate(&self, limits: &Limits) -> Result<(), LimitError> {
        if self.checks.len() > limits.checks {
            return Err(LimitError::Checks(limits.checks));
        }
        if self.mutations.len() + self.enqueues.len() + self.message_changes.len() > limits.mutations {
            return Err(LimitError::Mutations(limits.mutations));
        }
        for check in &self.checks {
            limits.check_key(check.key.as_bytes().len())?;
        }
        let mut key_bytes = 0;
        for mutation in &self.mutations {
            limits.check_key(mutation.key.as_bytes().len())?;
            if let Some(value) = mutation.value() {
                limits.check_value(value.bytes.len())?;
                key_bytes += mutation.key.as_bytes().len();
            }
        }
        for message in self.messages() {
            message.validate(limits)?;
        }
        if self.size() > limits.commit_bytes {
            return Err(LimitError::CommitBytes(limits.commit_bytes));
        }
        if key_bytes > limits.commit_key_bytes {
            return Err(LimitError::CommitKeyBytes(limits.commit_key_bytes));
        }
        Ok(())
    }
}

impl MutationKind {
    /// Whether an entry that it leaves does not expire, also where what stood there did.
    #[must_use]
    pub fn ends_expiry(&self) -> bool {
        match self {
            Self::Set { expires_at, .. } => expires_at.is_none(),
            Self::Sum { .. } | Self::Min(_) | Self::Max(_) => true,
            // What is deleted is gone, and the other is a key of its own.
            Self::Delete | Self::SetSuffixVersionstampedKey { .. } => false,
        }
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
