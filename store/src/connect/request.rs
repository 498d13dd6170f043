//! Requests as the database takes them, checked against the limits of the protocol.

use super::messages::{self, mutation_type};
use super::refusal::Refusal;
use crate::atomic::{AtomicOperation, Check, Enqueue, Mutation, MutationKind};
use crate::database::ReadRange;
use crate::key::{EncodedKey, KeyRange};
use crate::limits::{
    BACKOFF_MILLISECONDS, CHECKS, KEY_BYTES, MESSAGE_BYTES, MUTATIONS, RANGES, READ_ENTRIES, READ_KEY_BYTES,
    VALUE_BYTES, WATCHED_KEYS,
};
use crate::value::{Encoding, StoredValue};
use crate::versionstamp::Versionstamp;
use bytes::Bytes;

/// The most keys that receive an undelivered message.
const UNDELIVERED_KEYS: usize = 10;
/// The most intervals of a backoff schedule on the wire; what the database takes may be less.
const BACKOFF_INTERVALS: usize = 10;
/// Bytes of a `KvU64`.
const U64_BYTES: usize = 8;

/// What to read. Bounds are any bytes; a range whose start is not below its end is empty.
pub(super) fn read_ranges(request: messages::SnapshotRead) -> Result<Vec<ReadRange>, Refusal> {
    if request.ranges.len() > RANGES {
        return Err(Refusal::Ranges);
    }
    let mut entries = 0_usize;
    let ranges = request.ranges.into_iter().map(|range| {
        let limit = usize::try_from(range.limit).map_err(|_negative| Refusal::ReadLimit)?;
        if limit == 0 {
            return Err(Refusal::ReadLimit);
        }
        entries = entries.saturating_add(limit);
        Ok(ReadRange {
            range: KeyRange {
                start: key(range.start, READ_KEY_BYTES)?,
                end: key(range.end, READ_KEY_BYTES)?,
            },
            limit,
            reverse: range.reverse,
        })
    });
    let ranges = ranges.collect::<Result<_, _>>()?;
    if entries > READ_ENTRIES {
        return Err(Refusal::ReadEntries);
    }
    Ok(ranges)
}

/// What to commit. Limits that the database checks itself are left to it.
pub(super) fn operation(request: messages::AtomicWrite) -> Result<AtomicOperation, Refusal> {
    if request.checks.len() > CHECKS {
        return Err(Refusal::Checks);
    }
    if request.mutations.len() + request.enqueues.len() > MUTATIONS {
        return Err(Refusal::Mutations);
    }
    Ok(AtomicOperation {
        message_changes: Vec::new(),
        checks: request.checks.into_iter().map(check).collect::<Result<_, _>>()?,
        mutations: request
            .mutations
            .into_iter()
            .map(mutation)
            .collect::<Result<_, _>>()?,
        enqueues: request
            .enqueues
            .into_iter()
            .map(enqueue)
            .collect::<Result<_, _>>()?,
    })
}

/// Which keys to watch.
pub(super) fn watched_keys(request: messages::Watch) -> Result<Vec<EncodedKey>, Refusal> {
    if request.keys.len() > WATCHED_KEYS {
        return Err(Refusal::WatchedKeys);
    }
    let keys = request.keys.into_iter();
    keys.map(|watched| key(watched.key, READ_KEY_BYTES)).collect()
}

fn key(bytes: Bytes, most: usize) -> Result<EncodedKey, Refusal> {
    if bytes.len() > most {
        return Err(Refusal::KeySize);
    }
    Ok(EncodedKey::from_bytes(bytes))
}

fn check(check: messages::Check) -> Result<Check, Refusal> {
    let versionstamp = match check.versionstamp.as_ref() {
        [] => None,
        bytes => {
            let stamp = bytes.try_into().map_err(|_length| Refusal::Versionstamp)?;
            Some(Versionstamp(stamp))
        }
    };
    Ok(Check {
        key: key(check.key, KEY_BYTES)?,
        versionstamp,
    })
}

fn mutation(mutation: messages::Mutation) -> Result<Mutation, Refusal> {
    let expires_at = match mutation.expire_at_ms {
        -1 | 0 => None,
        time if time > 0 => Some(time),
        _ => return Err(Refusal::ExpireAt),
    };
    let is_limited = !mutation.sum_min.is_empty() || !mutation.sum_max.is_empty();
    let given = |value: Option<messages::KvValue>| stored_value(value.ok_or(Refusal::MutationKind)?);
    let kind = match mutation.mutation_type {
        mutation_type::SET => MutationKind::Set {
            value: given(mutation.value)?,
            expires_at,
        },
        // Deno sends a value of no bytes with it.
        mutation_type::DELETE => MutationKind::Delete,
        mutation_type::SUM => {
            let operand = given(mutation.value)?;
            if operand.encoding == Encoding::Le64 && is_limited {
                return Err(Refusal::U64Limits);
            }
            let limit = |bytes: Bytes| {
                if bytes.len() > VALUE_BYTES {
                    return Err(Refusal::ValueSize);
                }
                Ok((!bytes.is_empty()).then_some(bytes))
            };
            MutationKind::Sum {
                operand,
                min: limit(mutation.sum_min)?,
                max: limit(mutation.sum_max)?,
                clamp: mutation.sum_clamp,
            }
        }
        mutation_type::MIN => MutationKind::Min(given(mutation.value)?),
        mutation_type::MAX => MutationKind::Max(given(mutation.value)?),
        mutation_type::SET_SUFFIX_VERSIONSTAMPED_KEY => MutationKind::SetSuffixVersionstampedKey {
            value: given(mutation.value)?,
            expires_at,
        },
        _ => return Err(Refusal::MutationKind),
    };
    Ok(Mutation {
        key: key(mutation.key, KEY_BYTES)?,
        kind,
    })
}

fn stored_value(value: messages::KvValue) -> Result<StoredValue, Refusal> {
    if value.data.len() > VALUE_BYTES {
        return Err(Refusal::ValueSize);
    }
    let encoding = match Encoding::from_number(value.encoding.into()) {
        Encoding::Unknown(_) => return Err(Refusal::Encoding(value.encoding)),
        Encoding::Le64 if value.data.len() != U64_BYTES => {
            return Err(Refusal::U64Length(value.data.len()));
        }
        known => known,
    };
    Ok(StoredValue {
        encoding,
        bytes: value.data,
    })
}

fn enqueue(message: messages::Enqueue) -> Result<Enqueue, Refusal> {
    if message.payload.len() > MESSAGE_BYTES {
        return Err(Refusal::ValueSize);
    }
    if message.deadline_ms < 0 {
        return Err(Refusal::Deadline);
    }
    if message.keys_if_undelivered.len() > UNDELIVERED_KEYS {
        return Err(Refusal::UndeliveredKeys);
    }
    if message.backoff_schedule.len() > BACKOFF_INTERVALS {
        return Err(Refusal::BackoffIntervals);
    }
    let mut intervals = message.backoff_schedule.iter();
    if intervals.any(|interval| *interval > BACKOFF_MILLISECONDS) {
        return Err(Refusal::BackoffInterval);
    }
    let keys = message.keys_if_undelivered.into_iter();
    Ok(Enqueue {
        payload: message.payload,
        due_at: message.deadline_ms,
        keys_if_undelivered: keys
            .map(|bytes| key(bytes, KEY_BYTES))
            .collect::<Result<_, _>>()?,
        // On the wire no intervals are those of Deno.
        backoff_schedule: (!message.backoff_schedule.is_empty()).then_some(message.backoff_schedule),
    })
}
