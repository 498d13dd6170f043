//! The steps that do what an operation does, or put an entry back.

use keyglass_store::atomic::{AtomicOperation, MutationKind};
use keyglass_store::draft::{Due, Expiry, Step};
use keyglass_store::{Encoding, Enqueue, Entry, StoredValue};

/// The rows that do what an operation does; an expiry stays a moment.
pub(super) fn steps_of(operation: &AtomicOperation) -> Vec<Step> {
    let checks = operation.checks.iter().map(|check| Step::Check {
        key: check.key.clone(),
        versionstamp: check.versionstamp,
    });
    let at = |moment: Option<i64>| moment.map_or(Expiry::Never, Expiry::At);
    let v8 = |bytes: &[u8]| StoredValue {
        encoding: Encoding::V8,
        bytes: bytes.to_vec().into(),
    };
    let mutations = operation.mutations.iter().map(|mutation| {
        let key = mutation.key.clone();
        match mutation.kind.clone() {
            MutationKind::Set { value, expires_at } => Step::Set {
                key,
                value,
                expiry: at(expires_at),
                is_versionstamped: false,
            },
            MutationKind::SetSuffixVersionstampedKey { value, expires_at } => Step::Set {
                key,
                value,
                expiry: at(expires_at),
                is_versionstamped: true,
            },
            MutationKind::Delete => Step::Delete { key },
            MutationKind::Sum {
                operand,
                min,
                max,
                clamp,
            } => Step::Sum {
                key,
                operand,
                min: min.as_deref().map(v8),
                max: max.as_deref().map(v8),
                clamp,
            },
            MutationKind::Min(operand) => Step::Min { key, operand },
            MutationKind::Max(operand) => Step::Max { key, operand },
        }
    });
    let messages = operation.enqueues.iter().map(|message: &Enqueue| Step::Enqueue {
        message: v8(&message.payload),
        due: Due::At(message.due_at),
        keys_if_undelivered: message.keys_if_undelivered.clone(),
        backoff_schedule: message.backoff_schedule.clone(),
    });
    checks.chain(mutations).chain(messages).collect()
}

/// A message of what an entry holds, due at once.
pub(super) fn message_of(entry: &Entry) -> Step {
    let value = entry.value.decode().ok();
    let message = value.and_then(|value| StoredValue::v8(&value).ok());
    Step::Enqueue {
        // One that cannot be read is told of in its row.
        message: message.unwrap_or_else(|| entry.value.clone()),
        due: Due::Now,
        keys_if_undelivered: Vec::new(),
        backoff_schedule: None,
    }
}

/// A set that puts an entry back as it is.
pub(super) fn set_of(entry: &Entry) -> Step {
    Step::Set {
        key: entry.key.clone(),
        value: entry.value.clone(),
        expiry: Expiry::Keep,
        is_versionstamped: false,
    }
}
