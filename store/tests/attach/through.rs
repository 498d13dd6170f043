//! What is read and written through an owner.

use std::ops::ControlFlow;

use keyglass_store::attached::Attached;
use keyglass_store::connect::ServeOptions;
use keyglass_store::{
    AtomicOperation, ChildrenPage, Clock, CommitError, CommitOutcome, Database, DatabaseError, EncodedKey,
    Enqueue, Entry, HistoryRule, HistoryRules, KeyRange, QueueMessage, ReadRange, Writing,
};

use crate::owned::{Owned, bytes, commit, key, set};

fn everything(limit: usize, reverse: bool) -> ReadRange {
    ReadRange {
        range: KeyRange::everything(),
        limit,
        reverse,
    }
}

fn all(database: &dyn Database, reverse: bool) -> Vec<Entry> {
    let snapshot = database.snapshot().unwrap();
    snapshot.read(&everything(usize::MAX, reverse)).unwrap()
}

/// More than fits into one answer, by number and by bytes.
fn fill(database: &dyn Database) {
    for first in (0..15_000).step_by(500) {
        let operation = (first..first + 500).fold(AtomicOperation::new(), |operation, number| {
            operation.set_expiring(key(number), bytes(3), (number % 2 == 0).then_some(2_000_000))
        });
        commit(database, operation);
    }
    for first in (20_000..20_120).step_by(10) {
        let operation = (first..first + 10).fold(AtomicOperation::new(), |operation, number| {
            operation.set(key(number), bytes(60_000))
        });
        commit(database, operation);
    }
}

#[test]
fn what_is_too_much_for_one_answer_is_read_whole_and_of_one_moment() {
    let owned = Owned::new();
    fill(owned.owner());
    for reverse in [false, true] {
        assert!(all(owned.owner(), reverse) == all(&owned.attached, reverse));
    }
    let keys: Vec<EncodedKey> = (0..20_200).map(key).collect();
    let found = owned.attached.get_many(&keys).unwrap();
    assert!(found == owned.owner().get_many(&keys).unwrap());
    let ranges = [
        everything(15_010, true),
        everything(15_010, false),
        everything(0, false),
    ];
    assert!(owned.attached.read(&ranges).unwrap() == owned.owner().read(&ranges).unwrap());
    let snapshot = owned.attached.snapshot().unwrap();
    let before = all(owned.owner(), false);
    commit(owned.owner(), AtomicOperation::new().delete(key(1)));
    set(&owned.attached, 2, 1);
    assert!(snapshot.read(&everything(usize::MAX, false)).unwrap() == before);
    assert_eq!(snapshot.get(&key(1)).unwrap().as_ref(), before.get(1));
    let of_owner = owned.owner().snapshot().unwrap().versionstamp();
    assert!(snapshot.versionstamp() < of_owner);
    assert_eq!(owned.attached.snapshot().unwrap().versionstamp(), of_owner);
}

#[test]
fn levels_and_counts_are_the_owners() {
    let owned = Owned::new();
    fill(owned.owner());
    let row = key(0).truncated(5);
    for limit in [1, 999, 1000, 1001, 2500, usize::MAX] {
        let children = |database: &dyn Database, after: Option<&EncodedKey>| -> ChildrenPage {
            database.children(&row, after, limit).unwrap()
        };
        for after in [None, Some(key(500))] {
            let expected = children(owned.owner(), after.as_ref());
            assert!(children(&owned.attached, after.as_ref()) == expected, "{limit}");
        }
    }
    owned.pass_time(1_000_000);
    let count = |database: &dyn Database| {
        let range = KeyRange::everything();
        database
            .count(&range, &mut |_| ControlFlow::Continue(()))
            .unwrap()
    };
    let counted = count(&owned.attached);
    assert_eq!(counted, count(owned.owner()));
    assert!(counted.complete && counted.alive() == 7_620, "{counted:?}");
    let mut told = 0;
    let broken = owned.attached.count(&KeyRange::everything(), &mut |so_far| {
        told += 1;
        assert!(so_far.entries > 0 && !so_far.complete);
        ControlFlow::Break(())
    });
    assert!(!broken.unwrap().complete);
    assert_eq!(told, 1);
}

#[test]
fn what_the_database_says_of_itself_is_what_its_owner_says() {
    let owned = Owned::new();
    set(owned.owner(), 1, 10);
    assert_eq!(owned.attached.capabilities(), owned.owner().capabilities());
    assert_eq!(owned.attached.id(), owned.owner().id());
    assert_eq!(owned.attached.location(), owned.path.display().to_string());
    assert_eq!(owned.attached.clock(), owned.clock);
    assert_eq!(
        owned.attached.statistics().unwrap(),
        owned.owner().statistics().unwrap()
    );
    assert_eq!(owned.owner().owner(), None);
    let owner = owned.attached.owner().unwrap();
    assert_eq!(owner.process, std::process::id());
    // Where the owner has a clock of its own, it is told by ours how far that is ahead.
    let elsewhere = Clock::from_fn(|| 5_000);
    let attached = Attached::to_folder(&owned.path, elsewhere.clone()).unwrap();
    assert_ne!(attached.clock(), elsewhere);
    assert_eq!(attached.clock().now(), owned.clock.now());
}

#[test]
fn a_commit_ends_as_it_does_for_the_owner() {
    let owned = Owned::new();
    let first = set(owned.owner(), 1, 10);
    let second = set(&owned.attached, 1, 11);
    assert!(second > first);
    let failing = AtomicOperation::new()
        .check(key(2), None)
        .check(key(1), Some(first))
        .set(key(2), bytes(1));
    let CommitOutcome::Conflict(failed) = owned.attached.commit(failing).unwrap() else {
        panic!("it was committed");
    };
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].index, 1);
    assert_eq!(failed[0].current, owned.owner().get(&key(1)).unwrap());
    // Refused on this side, and by the owner, in the same words.
    for operation in [
        AtomicOperation::new().set(key(2), bytes(70_000)),
        AtomicOperation::new().set(EncodedKey::default(), bytes(1)),
        AtomicOperation::new().mutate(key(1), keyglass_store::MutationKind::Min(bytes(8))),
    ] {
        let refused = owned.attached.commit(operation.clone()).unwrap_err();
        assert!(matches!(refused, CommitError::Refused(_)), "{refused}");
        assert_eq!(
            refused.to_string(),
            owned.owner().commit(operation).unwrap_err().to_string()
        );
    }
}

#[test]
fn the_queue_is_seen_and_changed() {
    let owned = Owned::new();
    for number in 0..300_u32 {
        let message = Enqueue {
            payload: number.to_be_bytes().to_vec().into(),
            due_at: 5_000_000,
            keys_if_undelivered: vec![key(number)],
            backoff_schedule: (number % 2 == 0).then(Vec::new),
        };
        commit(&owned.attached, AtomicOperation::new().enqueue(message));
    }
    let whole = owned.owner().queue(usize::MAX).unwrap();
    assert_eq!(whole.len(), 300);
    assert_eq!(owned.attached.queue(usize::MAX).unwrap(), whole);
    assert_eq!(owned.attached.queue(129).unwrap(), whole[..129]);
    let behind = owned.attached.queue_page(Some(&whole[9].place()), 200).unwrap();
    assert_eq!(behind, whole[10..210]);
    let take_out =
        |message: &QueueMessage| AtomicOperation::new().change_message(message.clone().into_change(None));
    commit(&owned.attached, take_out(&whole[0]));
    assert_eq!(owned.owner().queue(1).unwrap(), whole[1..2]);
    let again = owned.attached.commit(take_out(&whole[0])).unwrap();
    assert_eq!(again, CommitOutcome::MessagesChanged(vec![0]));
}

#[test]
fn writing_is_forbidden_by_either_side_for_itself() {
    let owned = Owned::new();
    owned.attached.set_writable(false).unwrap();
    assert_eq!(owned.attached.capabilities().writing, Writing::Locked);
    let refused = owned
        .attached
        .commit(AtomicOperation::new().delete(key(1)))
        .unwrap_err();
    assert!(matches!(
        refused,
        CommitError::Refused(DatabaseError::ReadOnly(_))
    ));
    set(owned.owner(), 1, 1);
    owned.attached.set_writable(true).unwrap();
    set(&owned.attached, 2, 1);
    // A server for guests.
    let options = ServeOptions::new().listen("127.0.0.1:0".parse().unwrap());
    let server = owned.owner().serve(options.read_only(true)).unwrap();
    let guest = Attached::to_server(server.address(), server.token().clone(), Clock::system()).unwrap();
    assert!(matches!(guest.capabilities().writing, Writing::Impossible(_)));
    assert!(guest.set_writable(true).is_err());
    let refused = guest.commit(AtomicOperation::new().delete(key(1))).unwrap_err();
    assert!(matches!(
        refused,
        CommitError::Refused(DatabaseError::ReadOnly(_))
    ));
    assert!(guest.get(&key(1)).unwrap().is_some());
}

#[test]
fn a_history_is_set_read_and_restored_through_the_owner() {
    let owned = Owned::new();
    let attached = &owned.attached;
    assert!(attached.capabilities().past_versions);
    let rules = HistoryRules::default().with(HistoryRule {
        prefix: EncodedKey::from_bytes(Vec::new()),
        versions: Some(200),
        milliseconds: None,
    });
    attached.set_history(rules.clone()).unwrap();
    assert_eq!(owned.owner().history().unwrap(), rules);
    assert_eq!(attached.history().unwrap(), rules);
    for length in 0..150 {
        set(owned.owner(), 1, length);
    }
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = attached.versions(&key(1), before, 1000).unwrap();
        before = page.last().map(|past| past.entry.versionstamp);
        if page.is_empty() {
            break;
        }
        all.extend(page);
    }
    assert_eq!(all, owned.owner().versions(&key(1), None, 1000).unwrap());
    assert_eq!(all.len(), 149);
    commit(attached, AtomicOperation::new().delete(key(1)));
    let page = attached
        .deleted(&EncodedKey::from_bytes(Vec::new()), None, 10)
        .unwrap();
    assert_eq!(page.deleted.len(), 1);
    commit(attached, page.deleted[0].restore(None, 0));
    assert_eq!(owned.owner().get(&key(1)).unwrap().unwrap().value, bytes(149));
    let refused = HistoryRules {
        total_bytes: 1,
        ..rules
    };
    let error = attached.set_history(refused).unwrap_err();
    assert!(error.to_string().contains("at least"), "{error}");
    attached.set_writable(false).unwrap();
    let locked = attached.set_history(HistoryRules::default());
    assert!(matches!(locked, Err(DatabaseError::ReadOnly(_))));
}
