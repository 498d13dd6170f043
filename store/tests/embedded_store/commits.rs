//! Checks, mutations, versionstamps, and commits from many threads.

use std::sync::Arc;

use bytes::Bytes;
use keyglass_store::{
    AtomicOperation, CommitError, CommitOutcome, Database, DatabaseError, EncodedKey, Enqueue, KeyRange,
    MutationKind, ReadRange, Snapshot, StoredValue, Versionstamp,
};

use crate::fixture::{Fixture, bytes, eventually, key, number};

fn sum(operand: StoredValue) -> MutationKind {
    MutationKind::Sum {
        operand,
        min: None,
        max: None,
        clamp: false,
    }
}

/// A buffer that tells whether anybody has a part of it.
struct Buffer(Vec<u8>, #[expect(dead_code, reason = "counted")] Arc<()>);

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

#[test]
fn a_commit_keeps_nothing_of_the_buffer_that_it_came_in() {
    let fixture = Fixture::new();
    let (name, text) = (key(&["a"]), bytes("text"));
    let kept = Arc::new(());
    let whole = [name.as_bytes(), &text.bytes, &[0; 8192]].concat();
    let buffer = Bytes::from_owner(Buffer(whole, Arc::clone(&kept)));
    let (start, end) = (name.as_bytes().len(), name.as_bytes().len() + text.bytes.len());
    let part = EncodedKey::from_bytes(buffer.slice(..start));
    let value = StoredValue {
        encoding: text.encoding,
        bytes: buffer.slice(start..end),
    };
    fixture.commit(AtomicOperation::new().set(part.clone(), value));
    assert_eq!(fixture.get(&name).as_deref(), Some("text"));
    fixture.commit(AtomicOperation::new().delete(part));
    drop(buffer);
    eventually("nobody has a part of it", || Arc::strong_count(&kept) == 1);
}

#[test]
fn an_entry_reads_back_with_the_versionstamp_of_its_commit_also_after_reopening() {
    let mut fixture = Fixture::new();
    let first = fixture.set(&key(&["a"]), "one");
    let second = fixture.set(&key(&["b"]), &"two".repeat(5000));
    assert!(second > first);
    fixture.reopen();
    let entry = fixture.store().get(&key(&["a"])).unwrap().unwrap();
    assert_eq!(entry.versionstamp, first);
    assert_eq!(entry.value, bytes("one"));
    assert_eq!(fixture.get(&key(&["b"])), Some("two".repeat(5000)));
    let third = fixture.set(&key(&["a"]), "three");
    assert!(third > second);
}

#[test]
fn a_failed_check_leaves_nothing_and_tells_what_stands_there() {
    let fixture = Fixture::new();
    let stamp = fixture.set(&key(&["a"]), "one");
    let operation = AtomicOperation::new()
        .check(key(&["a"]), None)
        .check(key(&["a"]), Some(stamp))
        .check(key(&["absent"]), Some(stamp))
        .set(key(&["b"]), bytes("never"));
    let CommitOutcome::Conflict(failed) = fixture.store().commit(operation).unwrap() else {
        panic!("committed");
    };
    assert_eq!(failed.iter().map(|check| check.index).collect::<Vec<_>>(), [0, 2]);
    assert_eq!(failed[0].current.as_ref().unwrap().value, bytes("one"));
    assert_eq!(failed[1].current, None);
    assert_eq!(fixture.get(&key(&["b"])), None);
    let next = fixture.set(&key(&["c"]), "next");
    assert_eq!(
        next.counter(),
        stamp.counter() + 1,
        "a conflict uses up no versionstamp"
    );
}

#[test]
fn a_versionstamp_that_no_commit_gives_never_matches() {
    let fixture = Fixture::new();
    let mut stamp = fixture.set(&key(&["a"]), "one");
    stamp.0[9] = 1;
    let operation = AtomicOperation::new().check(key(&["a"]), Some(stamp));
    assert!(matches!(
        fixture.store().commit(operation).unwrap(),
        CommitOutcome::Conflict(_)
    ));
    let zero = AtomicOperation::new().check(key(&["absent"]), Some(Versionstamp::default()));
    assert!(matches!(
        fixture.store().commit(zero).unwrap(),
        CommitOutcome::Conflict(_)
    ));
}

#[test]
fn mutations_apply_in_order_and_see_the_earlier_ones() {
    let fixture = Fixture::new();
    let counter = key(&["counter"]);
    fixture.set(&counter, "text");
    fixture.commit(
        AtomicOperation::new()
            .delete(counter.clone())
            .mutate(counter.clone(), sum(number(5)))
            .mutate(counter.clone(), sum(number(u64::MAX)))
            .mutate(counter.clone(), MutationKind::Max(number(40)))
            .mutate(counter.clone(), MutationKind::Min(number(30)))
            .set(key(&["other"]), bytes("first"))
            .set(key(&["other"]), bytes("second")),
    );
    assert_eq!(fixture.store().get(&counter).unwrap().unwrap().value, number(30));
    assert_eq!(fixture.get(&key(&["other"])), Some("second".to_owned()));
}

#[test]
fn a_type_error_leaves_nothing_of_the_operation() {
    let fixture = Fixture::new();
    let stamp = fixture.set(&key(&["text"]), "text");
    let operation = AtomicOperation::new()
        .set(key(&["before"]), bytes("x"))
        .delete(key(&["text"]))
        .set(key(&["text"]), bytes("changed"))
        .mutate(key(&["text"]), sum(number(1)));
    let error = fixture.store().commit(operation).unwrap_err();
    assert!(matches!(error, CommitError::Refused(DatabaseError::Type(_))));
    assert_eq!(
        error.to_string(),
        "Failed to perform 'sum' mutation on a non-U64 value in the database"
    );
    assert_eq!(fixture.keys(), [key(&["text"])]);
    let entry = fixture.store().get(&key(&["text"])).unwrap().unwrap();
    assert_eq!((entry.value, entry.versionstamp), (bytes("text"), stamp));
}

#[test]
fn a_versionstamped_key_carries_the_versionstamp_of_its_commit() {
    let fixture = Fixture::new();
    let kind = MutationKind::SetSuffixVersionstampedKey {
        value: bytes("event"),
        expires_at: None,
    };
    let stamp = fixture.commit(AtomicOperation::new().mutate(key(&["log"]), kind));
    assert_eq!(fixture.keys(), [key(&["log", &stamp.to_string()])]);
}

#[test]
fn limits_are_refused_in_denos_words_and_leave_nothing() {
    let fixture = Fixture::new();
    let message = |operation: AtomicOperation| fixture.store().commit(operation).unwrap_err().to_string();
    let set = |key: EncodedKey, length: usize| AtomicOperation::new().set(key, bytes(&"x".repeat(length)));
    assert_eq!(message(set(EncodedKey::default(), 1)), "key cannot be empty");
    assert_eq!(
        message(set(key(&[&"k".repeat(2047)]), 1)),
        "Key too large for write (max 2048 bytes)"
    );
    assert_eq!(
        message(set(key(&["a"]), 65_537)),
        "Value too large (max 65536 bytes)"
    );
    let repeat = |times, add: &dyn Fn(AtomicOperation) -> AtomicOperation| {
        (0..times).fold(AtomicOperation::new(), |operation, _| add(operation))
    };
    assert_eq!(
        message(repeat(101, &|operation| operation.check(key(&["a"]), None))),
        "Too many checks (max 100)"
    );
    assert_eq!(
        message(repeat(1001, &|operation| operation.delete(key(&["a"])))),
        "Too many mutations (max 1000)"
    );
    assert_eq!(
        message(repeat(13, &|operation| operation
            .set(key(&["a"]), bytes(&"x".repeat(65_000))))),
        "Total mutation size too large (max 819200 bytes)"
    );
    let long = key(&[&"k".repeat(1000)]);
    assert_eq!(
        message(repeat(82, &|operation| operation.set(long.clone(), bytes("")))),
        "Total key size too large (max 81920 bytes)"
    );
    let mut enqueue = Enqueue {
        payload: vec![0; 65_537].into(),
        due_at: 0,
        keys_if_undelivered: Vec::new(),
        backoff_schedule: None,
    };
    assert_eq!(
        message(AtomicOperation::new().enqueue(enqueue.clone())),
        "enqueue payload too large (max 65536 bytes)"
    );
    enqueue.payload = Bytes::new();
    enqueue.backoff_schedule = Some(vec![1; 6]);
    assert_eq!(
        message(AtomicOperation::new().enqueue(enqueue.clone())),
        "Invalid backoffSchedule, max 5 intervals allowed"
    );
    enqueue.backoff_schedule = Some(vec![1, 3_600_001]);
    assert_eq!(
        message(AtomicOperation::new().enqueue(enqueue)),
        "Invalid backoffSchedule, interval at index 1 is invalid"
    );
    assert!(fixture.keys().is_empty());
    fixture.commit(set(key(&[&"k".repeat(2046)]), 65_536));
}

#[test]
fn an_empty_operation_commits_and_uses_up_a_versionstamp() {
    let fixture = Fixture::new();
    let first = fixture.commit(AtomicOperation::new());
    assert!(fixture.commit(AtomicOperation::new()) > first);
}

#[test]
fn a_snapshot_keeps_its_moment() {
    let fixture = Fixture::new();
    let stamp = fixture.set(&key(&["a"]), "old");
    let snapshot = fixture.store().snapshot().unwrap();
    fixture.set(&key(&["a"]), "new");
    fixture.set(&key(&["b"]), "new");
    let read = |snapshot: &dyn Snapshot, reverse| {
        snapshot
            .read(&ReadRange {
                range: KeyRange::everything(),
                limit: 10,
                reverse,
            })
            .unwrap()
    };
    assert_eq!(snapshot.versionstamp(), Some(stamp));
    assert_eq!(read(&*snapshot, false).len(), 1);
    assert_eq!(snapshot.get(&key(&["a"])).unwrap().unwrap().value, bytes("old"));
    let newest = fixture.store().snapshot().unwrap();
    let reversed: Vec<_> = read(&*newest, true).into_iter().map(|entry| entry.key).collect();
    assert_eq!(reversed, [key(&["b"]), key(&["a"])]);
}

#[test]
fn a_read_of_a_range_without_keys_is_empty() {
    let fixture = Fixture::new();
    fixture.set(&key(&["a"]), "x");
    let range = |start: &EncodedKey, end: &EncodedKey| {
        fixture
            .store()
            .read(&[ReadRange {
                range: KeyRange {
                    start: start.clone(),
                    end: end.clone(),
                },
                limit: 5,
                reverse: false,
            }])
            .unwrap()
            .remove(0)
    };
    assert!(range(&key(&["z"]), &key(&["a"])).is_empty());
    assert!(range(&key(&["a"]), &key(&["a"])).is_empty());
    assert!(fixture.store().get(&EncodedKey::default()).unwrap().is_none());
}

#[test]
fn sixteen_threads_that_check_and_set_one_counter_lose_no_increment() {
    const THREADS: usize = 16;
    const INCREMENTS: u64 = 50;
    let fixture = Fixture::new();
    let counter = key(&["counter"]);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let mut done = 0;
                while done < INCREMENTS {
                    let entry = fixture.store().get(&counter).unwrap();
                    let value = entry.as_ref().map_or(0, |entry| {
                        u64::from_le_bytes(entry.value.bytes.as_ref().try_into().unwrap())
                    });
                    let operation = AtomicOperation::new()
                        .check(counter.clone(), entry.map(|entry| entry.versionstamp))
                        .set(counter.clone(), number(value + 1));
                    if let CommitOutcome::Committed(_) = fixture.store().commit(operation).unwrap() {
                        done += 1;
                    }
                }
            });
        }
    });
    let entry = fixture.store().get(&counter).unwrap().unwrap();
    assert_eq!(entry.value, number(THREADS as u64 * INCREMENTS));
}

#[test]
fn readers_see_only_whole_commits_while_many_threads_write() {
    let fixture = Fixture::new();
    let pair = [key(&["left"]), key(&["right"])];
    let writing = std::sync::atomic::AtomicUsize::new(4);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (fixture, pair, writing) = (&fixture, &pair, &writing);
            scope.spawn(move || {
                for round in 0..200 {
                    let value = bytes(&format!("{writer} {round}"));
                    fixture.commit(
                        AtomicOperation::new()
                            .set(pair[0].clone(), value.clone())
                            .set(pair[1].clone(), value),
                    );
                }
                writing.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
            });
        }
        let mut newest = Versionstamp::default();
        while writing.load(std::sync::atomic::Ordering::SeqCst) > 0 {
            let entries = fixture.store().get_many(&pair).unwrap();
            let [left, right] = &entries[..] else { panic!() };
            let state = |entry: &Option<keyglass_store::Entry>| {
                entry
                    .as_ref()
                    .map(|entry| (entry.value.clone(), entry.versionstamp))
            };
            assert_eq!(state(left), state(right));
            let seen = left.as_ref().map_or(newest, |entry| entry.versionstamp);
            assert!(seen >= newest, "a reader went back in time");
            newest = seen;
        }
    });
}

#[test]
fn a_store_that_was_made_read_only_refuses_commits() {
    let fixture = Fixture::new();
    fixture.store().set_writable(false).unwrap();
    let operation = AtomicOperation::new().set(key(&["a"]), bytes("x"));
    let error = fixture.store().commit(operation.clone()).unwrap_err();
    assert!(matches!(error, CommitError::Refused(DatabaseError::ReadOnly(_))));
    fixture.store().set_writable(true).unwrap();
    fixture.commit(operation);
}

#[test]
fn enqueued_messages_are_part_of_the_commit_and_stand_in_due_order() {
    let mut fixture = Fixture::new();
    let message = |due_at, text: &'static str| Enqueue {
        payload: text.into(),
        due_at,
        keys_if_undelivered: vec![key(&["dead"])],
        backoff_schedule: Some(vec![7]),
    };
    fixture.commit(
        AtomicOperation::new()
            .enqueue(message(300, "third"))
            .enqueue(message(-100, "first")),
    );
    let conflict = AtomicOperation::new()
        .check(key(&["absent"]), Some(Versionstamp::default()))
        .enqueue(message(0, "never"));
    fixture.store().commit(conflict).unwrap();
    fixture.commit(AtomicOperation::new().enqueue(message(200, "second")));
    fixture.reopen();
    let messages = fixture.store().queue(10).unwrap();
    let texts: Vec<_> = messages.iter().map(|message| message.payload.clone()).collect();
    assert_eq!(texts, ["first", "second", "third"]);
    assert_eq!(messages[0].due_at, -100);
    assert_eq!(messages[0].backoff_schedule, [7]);
    assert_eq!(messages[0].keys_if_undelivered, [key(&["dead"])]);
    assert_eq!(fixture.store().queue(1).unwrap().len(), 1);
    assert_eq!(fixture.store().statistics().unwrap().queued_messages, Some(3));
}

#[test]
fn statistics_tell_the_newest_commit_and_the_size() {
    let fixture = Fixture::new();
    assert_eq!(fixture.store().statistics().unwrap().versionstamp, None);
    let stamp = fixture.set(&key(&["a"]), "x");
    let statistics = fixture.store().statistics().unwrap();
    assert_eq!(statistics.versionstamp, Some(stamp));
    assert_eq!(statistics.approximate_entries, Some(1));
    let disk_bytes = statistics.disk_bytes.unwrap();
    assert!(
        (1..1 << 20).contains(&disk_bytes),
        "{disk_bytes} bytes for one entry"
    );
}
