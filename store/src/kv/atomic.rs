//! Atomic operations on typed keys and values.

use std::sync::Arc;
use std::time::Duration;

use super::{KvEntry, KvError, Message, stored_value};
use crate::atomic::{AtomicOperation, CommitOutcome, MutationKind};
use crate::clock::Clock;
use crate::database::Database;
use crate::key::{EncodedKey, Key};
use crate::value::{StoredValue, Value};
use crate::versionstamp::Versionstamp;

/// Checks, mutations and messages that are committed as one: all of them happen, or none.
///
/// What cannot be stored is told by [`Self::commit`].
pub struct Atomic<D: Database + ?Sized> {
    database: Arc<D>,
    clock: Clock,
    operation: Result<AtomicOperation, KvError>,
}

impl<D: Database + ?Sized> Atomic<D> {
    pub(super) fn new(database: Arc<D>, clock: Clock) -> Self {
        Self {
            database,
            clock,
            operation: Ok(AtomicOperation::new()),
        }
    }

    /// The entry must still be as it was read.
    #[must_use]
    pub fn check(self, entry: &KvEntry) -> Self {
        self.check_versionstamp(&entry.key, Some(entry.versionstamp))
    }

    /// The key must be absent.
    #[must_use]
    pub fn check_absent(self, key: impl Into<Key>) -> Self {
        self.check_versionstamp(key, None)
    }

    /// The key must have this versionstamp; `None`: it must be absent.
    #[must_use]
    pub fn check_versionstamp(self, key: impl Into<Key>, versionstamp: Option<Versionstamp>) -> Self {
        let key = key.into();
        self.with(|operation| Ok(operation.check(key.encode()?, versionstamp)))
    }

    /// Stores a value that does not expire.
    #[must_use]
    pub fn set(self, key: impl Into<Key>, value: impl Into<Value>) -> Self {
        let (key, value) = (key.into(), value.into());
        self.with(|operation| Ok(operation.set(key.encode()?, stored_value(&value)?)))
    }

    /// Stores a value that goes after a time.
    #[must_use]
    pub fn set_expiring(self, key: impl Into<Key>, value: impl Into<Value>, expires_in: Duration) -> Self {
        let (key, value) = (key.into(), value.into());
        let milliseconds = i64::try_from(expires_in.as_millis()).unwrap_or(i64::MAX);
        let expires_at = Some(self.clock.now().saturating_add(milliseconds));
        self.with(|operation| Ok(operation.set_expiring(key.encode()?, stored_value(&value)?, expires_at)))
    }

    /// Stores a value under `prefix` and one more part: the commit's versionstamp, as a string. Such keys
    /// stand in the order of their commits.
    #[must_use]
    pub fn set_versionstamped(self, prefix: impl Into<Key>, value: impl Into<Value>) -> Self {
        self.mutate(prefix, &value.into(), |value| {
            MutationKind::SetSuffixVersionstampedKey {
                value,
                expires_at: None,
            }
        })
    }

    /// Removes a key; one that is absent is fine.
    #[must_use]
    pub fn delete(self, key: impl Into<Key>) -> Self {
        let key = key.into();
        self.with(|operation| Ok(operation.delete(key.encode()?)))
    }

    /// Adds to a `Deno.KvU64`, modulo 2^64; an absent key becomes `operand`.
    #[must_use]
    pub fn sum(self, key: impl Into<Key>, operand: u64) -> Self {
        self.sum_values(key, Value::u64(operand))
    }

    /// Adds a bigint to a bigint, or a number to a number; an absent key becomes `operand`.
    #[must_use]
    pub fn sum_values(self, key: impl Into<Key>, operand: impl Into<Value>) -> Self {
        self.mutate(key, &operand.into(), |operand| MutationKind::Sum {
            operand,
            min: None,
            max: None,
            clamp: false,
        })
    }

    /// Keeps the smaller of a `Deno.KvU64` and `operand`, which an absent key becomes.
    #[must_use]
    pub fn min(self, key: impl Into<Key>, operand: u64) -> Self {
        self.mutate(key, &Value::u64(operand), MutationKind::Min)
    }

    /// Keeps the larger of a `Deno.KvU64` and `operand`, which an absent key becomes.
    #[must_use]
    pub fn max(self, key: impl Into<Key>, operand: u64) -> Self {
        self.mutate(key, &Value::u64(operand), MutationKind::Max)
    }

    /// Queues a message.
    #[must_use]
    pub fn enqueue(self, message: impl Into<Message>) -> Self {
        let (message, now) = (message.into(), self.clock.now());
        self.with(|operation| Ok(operation.enqueue(message.into_enqueue(now)?)))
    }

    /// Commits. A failed check is an outcome, not an error.
    ///
    /// # Errors
    /// If something of it cannot be stored or exceeds Deno's limits, if a sum meets another type, or if the
    /// database cannot be written. Nothing is stored then.
    pub fn commit(self) -> Result<CommitOutcome, KvError> {
        Ok(self.database.commit(self.operation?)?)
    }

    fn mutate(
        self,
        key: impl Into<Key>,
        value: &Value,
        kind: impl FnOnce(StoredValue) -> MutationKind,
    ) -> Self {
        let key: Key = key.into();
        self.with(|operation| {
            let key: EncodedKey = key.encode()?;
            Ok(operation.mutate(key, kind(stored_value(value)?)))
        })
    }

    /// Goes on building, unless something before could not be stored.
    fn with(mut self, add: impl FnOnce(AtomicOperation) -> Result<AtomicOperation, KvError>) -> Self {
        self.operation = self.operation.and_then(add);
        self
    }
}
