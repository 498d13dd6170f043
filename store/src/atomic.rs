//! Atomic operations: all of it happens, or none.

use crate::entry::Entry;
use crate::key::EncodedKey;
use crate::value::StoredValue;
use crate::versionstamp::Versionstamp;

/// Checks, then mutations in order, then messages to enqueue; committed as one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AtomicOperation {
    /// All must hold against the state before the commit.
    pub checks: Vec<Check>,
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

/// A message to queue.
#[derive(Debug, Clone, PartialEq)]
pub struct Enqueue {
    /// V8 bytes of the message.
    pub payload: bytes::Bytes,
    /// When it is due, in milliseconds since the Unix epoch.
    pub due_at: i64,
    /// Keys that receive the message when every delivery failed.
    pub keys_if_undelivered: Vec<EncodedKey>,
    /// Milliseconds to wait before each further delivery; `None` is Deno's default.
    pub backoff_schedule: Option<Vec<u32>>,
}

/// How a commit ended.
#[derive(Debug, Clone, PartialEq)]
pub enum CommitOutcome {
    /// All of it is stored, and every changed entry has this versionstamp.
    Committed(Versionstamp),
    /// Nothing is stored, because these checks failed.
    Conflict(Vec<FailedCheck>),
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
}
