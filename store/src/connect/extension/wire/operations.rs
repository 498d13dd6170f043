//! What is committed, and how it ended.

use bytes::Bytes;
use prost::Message;

use super::entries::{Entry, Value};
use super::{Malformed, key, keys, shared, size, stamp_bytes, versionstamp};
use crate::atomic::{self, AtomicOperation, CommitOutcome, FailedCheck, MutationKind};

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Operation {
    #[prost(message, repeated, tag = "1")]
    checks: Vec<Check>,
    #[prost(message, repeated, tag = "2")]
    mutations: Vec<Mutation>,
    #[prost(message, repeated, tag = "3")]
    enqueues: Vec<Enqueue>,
    #[prost(message, repeated, tag = "4")]
    message_changes: Vec<MessageChange>,
}

#[derive(Clone, PartialEq, Message)]
struct MessageChange {
    #[prost(string, optional, tag = "1")]
    id: Option<String>,
    #[prost(message, optional, tag = "2")]
    seen: Option<Enqueue>,
    #[prost(message, optional, tag = "3")]
    becomes: Option<Enqueue>,
}

#[derive(Clone, PartialEq, Message)]
struct Check {
    #[prost(bytes = "bytes", tag = "1")]
    key: Bytes,
    /// Nothing where the key must be absent.
    #[prost(bytes = "bytes", optional, tag = "2")]
    versionstamp: Option<Bytes>,
}

#[derive(Clone, PartialEq, Message)]
struct Mutation {
    #[prost(bytes = "bytes", tag = "1")]
    key: Bytes,
    #[prost(int32, tag = "2")]
    kind: i32,
    #[prost(message, optional, tag = "3")]
    value: Option<Value>,
    #[prost(sint64, optional, tag = "4")]
    expires_at: Option<i64>,
    #[prost(bytes = "bytes", optional, tag = "5")]
    min: Option<Bytes>,
    #[prost(bytes = "bytes", optional, tag = "6")]
    max: Option<Bytes>,
    #[prost(bool, tag = "7")]
    clamp: bool,
}

/// What a mutation does.
mod kind {
    pub(super) const SET: i32 = 1;
    pub(super) const DELETE: i32 = 2;
    pub(super) const SUM: i32 = 3;
    pub(super) const MIN: i32 = 4;
    pub(super) const MAX: i32 = 5;
    pub(super) const SET_SUFFIX_VERSIONSTAMPED_KEY: i32 = 6;
}

#[derive(Clone, PartialEq, Message)]
struct Enqueue {
    #[prost(bytes = "bytes", tag = "1")]
    payload: Bytes,
    #[prost(sint64, tag = "2")]
    due_at: i64,
    #[prost(bytes = "bytes", repeated, tag = "3")]
    keys_if_undelivered: Vec<Bytes>,
    /// Nothing for Deno's own.
    #[prost(message, optional, tag = "4")]
    backoff_schedule: Option<Schedule>,
}

#[derive(Clone, PartialEq, Message)]
struct Schedule {
    #[prost(uint32, repeated, tag = "1")]
    intervals: Vec<u32>,
}

impl From<AtomicOperation> for Operation {
    fn from(operation: AtomicOperation) -> Self {
        let check = |check: atomic::Check| Check {
            key: check.key.to_shared(),
            versionstamp: check.versionstamp.map(stamp_bytes),
        };
        let message_change = |change: atomic::MessageChange| MessageChange {
            id: change.id,
            seen: Some(change.seen.into()),
            becomes: change.becomes.map(Into::into),
        };
        let message_changes = operation.message_changes.into_iter();
        Self {
            checks: operation.checks.into_iter().map(check).collect(),
            mutations: operation.mutations.into_iter().map(Into::into).collect(),
            enqueues: operation.enqueues.into_iter().map(Into::into).collect(),
            message_changes: message_changes.map(message_change).collect(),
        }
    }
}

impl TryFrom<Operation> for AtomicOperation {
    type Error = Malformed;

    fn try_from(operation: Operation) -> Result<Self, Malformed> {
        let check = |check: Check| {
            Ok(atomic::Check {
                key: key(&check.key)?,
                versionstamp: check.versionstamp.as_deref().map(versionstamp).transpose()?,
            })
        };
        let message_change = |change: MessageChange| {
            Ok(atomic::MessageChange {
                id: change.id,
                seen: change
                    .seen
                    .ok_or(Malformed::Missing("message as it was seen"))?
                    .try_into()?,
                becomes: change.becomes.map(TryInto::try_into).transpose()?,
            })
        };
        let message_changes = operation.message_changes.into_iter().map(message_change);
        let mutations = operation.mutations.into_iter().map(TryInto::try_into);
        Ok(Self {
            checks: operation
                .checks
                .into_iter()
                .map(check)
                .collect::<Result<_, Malformed>>()?,
            mutations: mutations.collect::<Result<_, Malformed>>()?,
            enqueues: operation
                .enqueues
                .into_iter()
                .map(TryInto::try_into)
                .collect::<Result<_, Malformed>>()?,
            message_changes: message_changes.collect::<Result<_, Malformed>>()?,
        })
    }
}

impl From<atomic::Enqueue> for Enqueue {
    fn from(enqueue: atomic::Enqueue) -> Self {
        Self {
            payload: enqueue.payload,
            due_at: enqueue.due_at,
            keys_if_undelivered: shared(&enqueue.keys_if_undelivered),
            backoff_schedule: enqueue.backoff_schedule.map(|intervals| Schedule { intervals }),
        }
    }
}

impl TryFrom<Enqueue> for atomic::Enqueue {
    type Error = Malformed;

    fn try_from(enqueue: Enqueue) -> Result<Self, Malformed> {
        Ok(Self {
            payload: enqueue.payload,
            due_at: enqueue.due_at,
            keys_if_undelivered: keys(enqueue.keys_if_undelivered)?,
            backoff_schedule: enqueue.backoff_schedule.map(|schedule| schedule.intervals),
        })
    }
}

impl From<atomic::Mutation> for Mutation {
    fn from(mutation: atomic::Mutation) -> Self {
        let of = |kind, value| Self {
            kind,
            value,
            ..Self::default()
        };
        let mut message = match mutation.kind {
            MutationKind::Set { value, expires_at } => Self {
                expires_at,
                ..of(kind::SET, Some(value.into()))
            },
            MutationKind::Delete => of(kind::DELETE, None),
            MutationKind::Sum {
                operand,
                min,
                max,
                clamp,
            } => Self {
                min,
                max,
                clamp,
                ..of(kind::SUM, Some(operand.into()))
            },
            MutationKind::Min(value) => of(kind::MIN, Some(value.into())),
            MutationKind::Max(value) => of(kind::MAX, Some(value.into())),
            MutationKind::SetSuffixVersionstampedKey { value, expires_at } => Self {
                expires_at,
                ..of(kind::SET_SUFFIX_VERSIONSTAMPED_KEY, Some(value.into()))
            },
        };
        message.key = mutation.key.to_shared();
        message
    }
}

impl TryFrom<Mutation> for atomic::Mutation {
    type Error = Malformed;

    fn try_from(mutation: Mutation) -> Result<Self, Malformed> {
        let expires_at = mutation.expires_at;
        let value = mutation.value.map(Into::into);
        let value = value.ok_or(Malformed::Missing("value"));
        Ok(Self {
            key: key(&mutation.key)?,
            kind: match mutation.kind {
                kind::SET => MutationKind::Set {
                    value: value?,
                    expires_at,
                },
                kind::DELETE => MutationKind::Delete,
                kind::SUM => MutationKind::Sum {
                    operand: value?,
                    min: mutation.min,
                    max: mutation.max,
                    clamp: mutation.clamp,
                },
                kind::MIN => MutationKind::Min(value?),
                kind::MAX => MutationKind::Max(value?),
                kind::SET_SUFFIX_VERSIONSTAMPED_KEY => MutationKind::SetSuffixVersionstampedKey {
                    value: value?,
                    expires_at,
                },
                number => {
                    return Err(Malformed::Unknown {
                        what: "mutation",
                        number: number.into(),
                    });
                }
            },
        })
    }
}

/// Committed if there is a versionstamp.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Outcome {
    #[prost(bytes = "bytes", optional, tag = "1")]
    versionstamp: Option<Bytes>,
    #[prost(message, repeated, tag = "2")]
    failed: Vec<Failed>,
    /// Indices of changes of messages that were not as they were seen.
    #[prost(uint64, repeated, tag = "3")]
    messages_changed: Vec<u64>,
}

#[derive(Clone, PartialEq, Message)]
struct Failed {
    #[prost(uint64, tag = "1")]
    index: u64,
    #[prost(message, optional, tag = "2")]
    current: Option<Entry>,
}

impl From<CommitOutcome> for Outcome {
    fn from(outcome: CommitOutcome) -> Self {
        match outcome {
            CommitOutcome::Committed(versionstamp) => Self {
                versionstamp: Some(stamp_bytes(versionstamp)),
                ..Self::default()
            },
            CommitOutcome::Conflict(failed) => {
                let failed = failed.into_iter().map(|check| Failed {
                    index: check.index as u64,
                    current: check.current.map(Into::into),
                });
                Self {
                    failed: failed.collect(),
                    ..Self::default()
                }
            }
            CommitOutcome::MessagesChanged(indices) => Self {
                messages_changed: indices.into_iter().map(|index| index as u64).collect(),
                ..Self::default()
            },
        }
    }
}

impl TryFrom<Outcome> for CommitOutcome {
    type Error = Malformed;

    fn try_from(outcome: Outcome) -> Result<Self, Malformed> {
        if let Some(stamp) = outcome.versionstamp {
            return Ok(Self::Committed(versionstamp(&stamp)?));
        }
        if !outcome.messages_changed.is_empty() {
            let indices = outcome.messages_changed.into_iter().map(size);
            return Ok(Self::MessagesChanged(indices.collect()));
        }
        if outcome.failed.is_empty() {
            return Err(Malformed::Missing("outcome"));
        }
        let failed = outcome.failed.into_iter().map(|failed| {
            Ok(FailedCheck {
                index: size(failed.index),
                current: failed.current.map(TryInto::try_into).transpose()?,
            })
        });
        failed.collect::<Result<_, _>>().map(Self::Conflict)
    }
}
