//! Commits, of which each is sent once; what became of one that was not answered is looked up.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use prost::Message as _;

use super::fault;
use super::reading::{self, Malformed, read_all};
use super::server::{Done, Nature, Server, Unanswered};
use crate::atomic::{AtomicOperation, CommitOutcome, Enqueue, FailedCheck, Mutation, MutationKind};
use crate::connect::messages::{self, mutation_type};
use crate::database::ReadRange;
use crate::entry::Entry;
use crate::error::{CommitError, ConnectError, DatabaseError};
use crate::key::{EncodedKey, KeyRange};
use crate::value::{Encoding, StoredValue};

/// How a write went whose server takes none.
const WRITE_DISABLED: i32 = 5;
/// Between two looks at what became of a commit.
const LOOK: Duration = Duration::from_millis(500);

/// Commits by one request.
pub(super) async fn commit(
    server: &Arc<Server>,
    operation: &AtomicOperation,
) -> Result<CommitOutcome, CommitError> {
    let request = Bytes::from(message(operation)?.encode_to_vec());
    let before = server.newest();
    server.meter.committed();
    let unanswered = match server.ask("atomic_write", request, Nature::Write).await {
        Ok(answer) => match outcome(answer, operation) {
            Ok(Answered::Outcome(outcome)) => {
                if let CommitOutcome::Committed(versionstamp) = &outcome {
                    server.saw(*versionstamp);
                }
                return Ok(outcome);
            }
            Ok(Answered::Failed(failed)) => return conflict(server, operation, failed).await,
            Ok(Answered::Disabled) => {
                let error = DatabaseError::ReadOnly(server.location.clone());
                return Err(CommitError::Refused(error));
            }
            Err(malformed) => Unanswered {
                error: ConnectError::Answer {
                    reason: malformed.to_string(),
                    url: server.location.clone(),
                },
                done: Done::Still,
            },
        },
        Err(unanswered) if unanswered.done == Done::No => return Err(fault::commit_error(unanswered)),
        Err(unanswered) => unanswered,
    };
    look_up(server, operation, before, unanswered).await
}

/// What the answer says.
#[derive(Debug, PartialEq)]
enum Answered {
    Outcome(CommitOutcome),
    /// These checks failed, or some that the server does not name.
    Failed(Vec<usize>),
    Disabled,
}

fn outcome(answer: Bytes, operation: &AtomicOperation) -> Result<Answered, Malformed> {
    let output = messages::AtomicWriteOutput::decode(answer)?;
    match output.status {
        messages::WRITE_SUCCESS => {
            let versionstamp = reading::versionstamp(&output.versionstamp)?;
            Ok(Answered::Outcome(CommitOutcome::Committed(versionstamp)))
        }
        messages::WRITE_CHECK_FAILURE => {
            let failed = output.failed_checks.into_iter();
            let failed = failed.filter_map(|index| usize::try_from(index).ok());
            Ok(Answered::Failed(
                failed.filter(|index| *index < operation.checks.len()).collect(),
            ))
        }
        WRITE_DISABLED => Ok(Answered::Disabled),
        status => Err(Malformed::WriteStatus(status)),
    }
}

/// Reads bytes as an answer to a write; for the fuzzer.
#[cfg(fuzzing)]
pub(super) fn read_outcome(answer: Bytes) {
    let key = EncodedKey::from_bytes(vec![2, b'a', 0]);
    let operation = AtomicOperation::new().check(key, None);
    if let Ok(Answered::Failed(failed)) = outcome(answer, &operation) {
        assert!(failed.iter().all(|index| *index < operation.checks.len()));
    }
}

/// Nothing was stored: what stands under the keys whose checks failed.
async fn conflict(
    server: &Arc<Server>,
    operation: &AtomicOperation,
    failed: Vec<usize>,
) -> Result<CommitOutcome, CommitError> {
    let keys = operation.checks.iter().map(|check| &check.key);
    let current = get_many(server, keys).await.map_err(CommitError::Failed)?;
    let checks = operation.checks.iter().zip(current).enumerate();
    let found = checks.filter_map(|(index, (check, current))| {
        let stamp = current.as_ref().map(|entry| entry.versionstamp);
        let has_failed = match failed.is_empty() {
            true => stamp != check.versionstamp,
            false => failed.contains(&index),
        };
        has_failed.then_some(FailedCheck { index, current })
    });
    Ok(CommitOutcome::Conflict(found.collect()))
}

async fn get_many(
    server: &Arc<Server>,
    keys: impl Iterator<Item = &EncodedKey>,
) -> Result<Vec<Option<Entry>>, DatabaseError> {
    let ranges = keys.map(|key| ReadRange {
        range: KeyRange::only(key),
        limit: 1,
        reverse: false,
    });
    let read = read_all(server, ranges.collect()).await?;
    Ok(read.into_iter().map(|mut page| page.pop()).collect())
}

/// Looks what became of a commit that was sent and not answered.
async fn look_up(
    server: &Arc<Server>,
    operation: &AtomicOperation,
    before: Option<crate::versionstamp::Versionstamp>,
    unanswered: Unanswered,
) -> Result<CommitOutcome, CommitError> {
    let mut last = None;
    // A server that has lost the connection may be about to commit.
    for look in 0..2 {
        if look > 0 {
            tokio::time::sleep(LOOK).await;
        }
        let keys = operation.mutations.iter().map(|mutation| &mutation.key);
        let keys = keys.chain(operation.checks.iter().map(|check| &check.key));
        let Ok(found) = get_many(server, keys).await else {
            return Err(fault::commit_error(unanswered));
        };
        let seen = Evidence::of(operation, &found, before);
        if let Evidence::Committed(versionstamp) = seen {
            return Ok(CommitOutcome::Committed(versionstamp));
        }
        last = Some(seen);
    }
    let (reason, location) = fault::parts(&unanswered.error);
    match last {
        Some(Evidence::NotCommitted) if unanswered.done == Done::Perhaps => {
            let reason = format!("{reason}, and what was to be written was looked for and is not there");
            Err(CommitError::Unreachable(DatabaseError::Unreachable {
                reason,
                location,
            }))
        }
        _ => Err(CommitError::Unknown { reason, location }),
    }
}

/// What the entries say of a commit.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Evidence {
    /// What it sets is there as one commit that nobody had seen before.
    Committed(crate::versionstamp::Versionstamp),
    /// What it changes stands as its checks want it, which it would not after the commit.
    NotCommitted,
    Unknown,
}

impl Evidence {
    /// `found` are the entries of the mutations' keys and then those of the checks'.
    fn of(
        operation: &AtomicOperation,
        found: &[Option<Entry>],
        before: Option<crate::versionstamp::Versionstamp>,
    ) -> Self {
        let (of_mutations, of_checks) = found.split_at(operation.mutations.len().min(found.len()));
        let is_mutated = |key: &EncodedKey| operation.mutations.iter().any(|mutation| mutation.key == *key);
        let guards = operation.checks.iter().zip(of_checks);
        let mut guards = guards.filter(|(check, _)| is_mutated(&check.key));
        let stands = guards.any(|(check, entry)| {
            let stamp = entry.as_ref().map(|entry| entry.versionstamp);
            // That nothing is there may be the commit's doing.
            stamp == check.versionstamp && (stamp.is_some() || sets(operation, &check.key))
        });
        if stands {
            return Self::NotCommitted;
        }
        let mut versionstamp = None;
        for (mutation, entry) in operation.mutations.iter().zip(of_mutations) {
            let last = operation
                .mutations
                .iter()
                .rfind(|other| other.key == mutation.key);
            let value = match last.map(|last| &last.kind) {
                Some(MutationKind::Set { value, .. }) => value,
                // What others than a set leave cannot be told from what was there.
                Some(MutationKind::Delete) if entry.is_none() => continue,
                _ => return Self::Unknown,
            };
            let Some(entry) = entry.as_ref().filter(|entry| entry.value == *value) else {
                return Self::Unknown;
            };
            if *versionstamp.get_or_insert(entry.versionstamp) != entry.versionstamp {
                return Self::Unknown;
            }
        }
        // What was there already may be equal: only what is newer than anything known is evidence. A check on what is
        // written knows something, too.
        let guards = operation.checks.iter().filter(|check| is_mutated(&check.key));
        let guards: Vec<_> = guards.map(|check| check.versionstamp).collect();
        let known = guards.iter().copied().chain([before]).flatten().max();
        let was_absent = guards.contains(&None);
        match versionstamp {
            Some(versionstamp) if known.map_or(was_absent, |known| versionstamp > known) => {
                Self::Committed(versionstamp)
            }
            _ => Self::Unknown,
        }
    }
}

/// Whether the key holds an entry after the commit.
fn sets(operation: &AtomicOperation, key: &EncodedKey) -> bool {
    let last = operation.mutations.iter().rfind(|mutation| mutation.key == *key);
    last.is_some_and(|last| {
        !matches!(
            last.kind,
            MutationKind::Delete | MutationKind::SetSuffixVersionstampedKey { .. }
        )
    })
}

/// The operation as the protocol has it.
fn message(operation: &AtomicOperation) -> Result<messages::AtomicWrite, DatabaseError> {
    if !operation.message_changes.is_empty() {
        let sentence = "Messages that wait cannot be changed over KV Connect";
        return Err(DatabaseError::Unsupported(sentence.to_owned()));
    }
    let checks = operation.checks.iter().map(|check| messages::Check {
        key: check.key.to_shared(),
        versionstamp: check
            .versionstamp
            .map_or_else(Bytes::new, |stamp| Bytes::copy_from_slice(&stamp.0)),
    });
    Ok(messages::AtomicWrite {
        checks: checks.collect(),
        mutations: operation
            .mutations
            .iter()
            .map(mutation)
            .collect::<Result<_, _>>()?,
        enqueues: operation.enqueues.iter().map(enqueue).collect(),
    })
}

fn mutation(mutation: &Mutation) -> Result<messages::Mutation, DatabaseError> {
    let mut message = messages::Mutation {
        key: mutation.key.to_shared(),
        ..messages::Mutation::default()
    };
    // Of what has expired already the protocol has no other word; 0 and -1 are never.
    let time = |expires_at: &Option<i64>| expires_at.map_or(0, |time| time.max(1));
    message.value = mutation.value().map(value).transpose()?;
    message.mutation_type = match &mutation.kind {
        MutationKind::Set { expires_at, .. } => {
            message.expire_at_ms = time(expires_at);
            mutation_type::SET
        }
        MutationKind::SetSuffixVersionstampedKey { expires_at, .. } => {
            message.expire_at_ms = time(expires_at);
            mutation_type::SET_SUFFIX_VERSIONSTAMPED_KEY
        }
        MutationKind::Delete => mutation_type::DELETE,
        MutationKind::Sum { min, max, clamp, .. } => {
            message.sum_min = min.clone().unwrap_or_default();
            message.sum_max = max.clone().unwrap_or_default();
            message.sum_clamp = *clamp;
            mutation_type::SUM
        }
        MutationKind::Min(_) => mutation_type::MIN,
        MutationKind::Max(_) => mutation_type::MAX,
    };
    Ok(message)
}

fn value(value: &StoredValue) -> Result<messages::KvValue, DatabaseError> {
    let number = value.encoding.number();
    let encoding = match value.encoding {
        Encoding::Unknown(_) => None,
        _ => i32::try_from(number).ok(),
    };
    let encoding = encoding.ok_or_else(|| {
        DatabaseError::Unsupported(format!(
            "A value of the unknown encoding {number} cannot be sent over KV Connect"
        ))
    })?;
    Ok(messages::KvValue {
        data: value.bytes.clone(),
        encoding,
    })
}

fn enqueue(message: &Enqueue) -> messages::Enqueue {
    messages::Enqueue {
        payload: message.payload.clone(),
        deadline_ms: message.due_at.max(0),
        keys_if_undelivered: message
            .keys_if_undelivered
            .iter()
            .map(EncodedKey::to_shared)
            .collect(),
        // On the wire no intervals are those of Deno.
        backoff_schedule: message.backoff_schedule.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::versionstamp::Versionstamp;

    fn key(name: u8) -> EncodedKey {
        EncodedKey::from_bytes(vec![2, name, 0])
    }

    fn value_of(byte: u8) -> StoredValue {
        StoredValue {
            encoding: Encoding::Bytes,
            bytes: vec![byte].into(),
        }
    }

    fn entry(name: u8, byte: u8, counter: u64) -> Option<Entry> {
        Some(Entry {
            key: key(name),
            value: value_of(byte),
            versionstamp: Versionstamp::from_counter(counter),
            expires_at: None,
        })
    }

    #[test]
    fn what_stands_there_tells_whether_a_commit_was_done() {
        let stamp = Versionstamp::from_counter;
        let set = || AtomicOperation::new().set(key(1), value_of(7));
        let guarded = || set().check(key(1), Some(stamp(3)));
        let fresh = || set().check(key(1), None);
        let two = || set().set(key(2), value_of(8));
        let before = Some(stamp(5));
        for (operation, found, expected) in [
            // Set and there, newer than anything that was seen.
            (set(), vec![entry(1, 7, 6)], Evidence::Committed(stamp(6))),
            // It may have been there before.
            (set(), vec![entry(1, 7, 5)], Evidence::Unknown),
            (set(), vec![entry(1, 9, 6)], Evidence::Unknown),
            (set(), vec![None], Evidence::Unknown),
            // As the check wanted it.
            (
                guarded(),
                vec![entry(1, 1, 3), entry(1, 1, 3)],
                Evidence::NotCommitted,
            ),
            (
                guarded(),
                vec![entry(1, 7, 6), entry(1, 7, 6)],
                Evidence::Committed(stamp(6)),
            ),
            (guarded(), vec![entry(1, 2, 6), entry(1, 2, 6)], Evidence::Unknown),
            (fresh(), vec![None, None], Evidence::NotCommitted),
            (
                fresh(),
                vec![entry(1, 7, 6), entry(1, 7, 6)],
                Evidence::Committed(stamp(6)),
            ),
            // Two keys of one commit have one versionstamp.
            (
                two(),
                vec![entry(1, 7, 6), entry(2, 8, 6)],
                Evidence::Committed(stamp(6)),
            ),
            (two(), vec![entry(1, 7, 6), entry(2, 8, 7)], Evidence::Unknown),
            // Nothing shows who deleted.
            (
                AtomicOperation::new().delete(key(1)),
                vec![None],
                Evidence::Unknown,
            ),
            (
                AtomicOperation::new()
                    .delete(key(1))
                    .check(key(1), Some(stamp(3))),
                vec![entry(1, 1, 3), entry(1, 1, 3)],
                Evidence::NotCommitted,
            ),
            (
                set().delete(key(2)),
                vec![entry(1, 7, 6), None],
                Evidence::Committed(stamp(6)),
            ),
            (
                set().delete(key(2)),
                vec![entry(1, 7, 6), entry(2, 1, 1)],
                Evidence::Unknown,
            ),
            // A sum shows in no value.
            (
                AtomicOperation::new().mutate(key(1), MutationKind::Max(value_of(1))),
                vec![entry(1, 7, 6)],
                Evidence::Unknown,
            ),
        ] {
            assert_eq!(
                Evidence::of(&operation, &found, before),
                expected,
                "{operation:?}"
            );
        }
    }

    #[test]
    fn what_may_have_stood_there_before_is_no_evidence_of_a_commit() {
        let set = || AtomicOperation::new().set(key(1), value_of(7));
        let there = entry(1, 7, 6);
        let alone = Evidence::of(&set(), std::slice::from_ref(&there), None);
        assert_eq!(alone, Evidence::Unknown);
        let stamp = Versionstamp::from_counter;
        for (check, expected) in [
            (None, Evidence::Committed(stamp(6))),
            (Some(stamp(5)), Evidence::Committed(stamp(6))),
            (Some(stamp(7)), Evidence::Unknown),
        ] {
            let operation = set().check(key(1), check);
            let found = [there.clone(), there.clone()];
            assert_eq!(Evidence::of(&operation, &found, None), expected, "{check:?}");
        }
    }

    #[test]
    fn what_the_protocol_cannot_say_is_refused_before_it_is_sent() {
        let odd = StoredValue {
            encoding: Encoding::from_number(9),
            bytes: Bytes::new(),
        };
        let refused = message(&AtomicOperation::new().set(key(1), odd)).unwrap_err();
        assert!(refused.to_string().contains("encoding 9"), "{refused}");
        let expired = AtomicOperation::new().set_expiring(key(1), value_of(1), Some(-5));
        assert_eq!(message(&expired).unwrap().mutations[0].expire_at_ms, 1);
        let lasting = message(&AtomicOperation::new().set(key(1), value_of(1))).unwrap();
        assert_eq!(lasting.mutations[0].expire_at_ms, 0);
    }

    #[test]
    fn an_answer_that_is_none_says_so() {
        let operation = AtomicOperation::new().check(key(1), None);
        let answer = |status, stamp: &[u8], failed: &[u32]| {
            let output = messages::AtomicWriteOutput {
                status,
                versionstamp: Bytes::copy_from_slice(stamp),
                failed_checks: failed.to_vec(),
            };
            outcome(output.encode_to_vec().into(), &operation)
        };
        assert!(matches!(answer(1, &[1; 10], &[]), Ok(Answered::Outcome(_))));
        assert_eq!(answer(2, &[], &[0, 9]), Ok(Answered::Failed(vec![0])));
        assert_eq!(answer(5, &[], &[]), Ok(Answered::Disabled));
        assert!(answer(1, &[1; 3], &[]).is_err());
        assert!(answer(0, &[], &[]).is_err());
        assert!(outcome(Bytes::from_static(b"\xff"), &operation).is_err());
    }
}
