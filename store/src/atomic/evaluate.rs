//! What an atomic operation does to records, by Deno's rules, whatever holds them.

use super::{AtomicOperation, Check, Enqueue, FailedCheck, MessageChange, Mutation, MutationKind};
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::EncodedKey;
use crate::value::StoredValue;
use crate::versionstamp::Versionstamp;

/// What an engine holds, as the mutations before have left it.
///
/// Which entries are there is the engine's to say: a Keyglass folder has none that has expired, a file of Deno's has
/// them until they are swept. What was written before an error is the engine's to take back.
pub(crate) trait Records {
    /// The commit that wrote what stands under a key; `None` if nothing does.
    fn versionstamp(&mut self, key: &EncodedKey) -> Result<Option<Versionstamp>, DatabaseError>;

    /// What stands under a key.
    fn entry(&mut self, key: &EncodedKey) -> Result<Option<Entry>, DatabaseError>;

    /// The value under a key.
    fn value(&mut self, key: &EncodedKey) -> Result<Option<StoredValue>, DatabaseError> {
        Ok(self.entry(key)?.map(|entry| entry.value))
    }

    /// Changes a message if it still waits as it was seen; whether it does.
    fn change_message(&mut self, change: &MessageChange) -> Result<bool, DatabaseError>;

    /// All checks hold: the versionstamp of everything that is written from now on.
    fn begin(&mut self) -> Result<Versionstamp, DatabaseError>;

    /// Stores a value; the expiry is in milliseconds since the Unix epoch, and without one the entry stays.
    fn set(
        &mut self,
        key: &EncodedKey,
        value: &StoredValue,
        expires_at: Option<i64>,
    ) -> Result<(), DatabaseError>;

    /// Removes what stands under a key, if anything does.
    fn delete(&mut self, key: &EncodedKey) -> Result<(), DatabaseError>;

    /// Queues a message.
    fn enqueue(&mut self, message: &Enqueue) -> Result<(), DatabaseError>;
}

/// What became of an operation.
pub(crate) enum Evaluation {
    /// These checks do not hold, and nothing was written.
    Conflict(Vec<FailedCheck>),
    /// These messages do not wait any more as they were seen. What was written is the engine's to take back.
    MessagesChanged(Vec<usize>),
    /// All of it is written, with this stamp.
    Applied(
        #[cfg_attr(
            not(feature = "deno-file"),
            expect(dead_code, reason = "an embedded store gave the stamp itself")
        )]
        Versionstamp,
    ),
}

/// Evaluates an operation that is within the limits.
///
/// # Errors
/// If a value is of a type that a mutation does not take, in Deno's words, or the engine fails.
pub(crate) fn evaluate(
    operation: &AtomicOperation,
    records: &mut impl Records,
) -> Result<Evaluation, DatabaseError> {
    let failed = failed_checks(&operation.checks, records)?;
    if !failed.is_empty() {
        return Ok(Evaluation::Conflict(failed));
    }
    let mut changed = Vec::new();
    for (index, change) in operation.message_changes.iter().enumerate() {
        if !records.change_message(change)? {
            changed.push(index);
        }
    }
    if !changed.is_empty() {
        return Ok(Evaluation::MessagesChanged(changed));
    }
    let versionstamp = records.begin()?;
    for mutation in &operation.mutations {
        mutate(mutation, versionstamp, records)?;
    }
    for message in &operation.enqueues {
        records.enqueue(message)?;
    }
    Ok(Evaluation::Applied(versionstamp))
}

/// All that do not hold, not only the first.
fn failed_checks(checks: &[Check], records: &mut impl Records) -> Result<Vec<FailedCheck>, DatabaseError> {
    let mut failed = Vec::new();
    for (index, check) in checks.iter().enumerate() {
        if records.versionstamp(&check.key)? != check.versionstamp {
            let current = records.entry(&check.key)?;
            failed.push(FailedCheck { index, current });
        }
    }
    Ok(failed)
}

pub(super) fn mutate(
    mutation: &Mutation,
    versionstamp: Versionstamp,
    records: &mut impl Records,
) -> Result<(), DatabaseError> {
    let key = &mutation.key;
    match &mutation.kind {
        MutationKind::Set { value, expires_at } => records.set(key, value, *expires_at),
        MutationKind::Delete => records.delete(key),
        MutationKind::Sum { .. } | MutationKind::Min(_) | MutationKind::Max(_) => {
            let stored = records.value(key)?;
            // The result has no expiry, also where the key had one.
            match mutation.kind.apply(stored)? {
                Some(result) => records.set(key, &result, None),
                None => records.delete(key),
            }
        }
        MutationKind::SetSuffixVersionstampedKey { value, expires_at } => {
            let suffix = format!("\u{2}{versionstamp}\0");
            records.set(&key.with_suffix(suffix.as_bytes()), value, *expires_at)
        }
    }
}
