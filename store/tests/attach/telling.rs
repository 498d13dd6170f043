//! What is told through an owner, in both directions.

use std::sync::mpsc::RecvTimeoutError;

use keyglass_store::{
    AtomicOperation, Before, Change, Database, DatabaseError, Enqueue, FeedEvent, KeyRange,
};

use crate::owned::{Owned, bytes, commit, key, next, set, until};

fn changes(event: FeedEvent) -> Vec<Change> {
    match event {
        FeedEvent::Changes(changes) => changes,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_feed_tells_what_stood_there_before_and_what_stands_there_now() {
    let owned = Owned::new();
    let ranges = vec![KeyRange::only(&key(1)), KeyRange::only(&key(3))];
    let feed = owned.attached.changes(ranges.clone()).unwrap();
    let of_owner = owned.owner().changes(ranges).unwrap();
    set(owned.owner(), 2, 1);
    let first = set(owned.owner(), 1, 1);
    let operation = AtomicOperation::new()
        .set_expiring(key(3), bytes(0), Some(9_000_000))
        .delete(key(1));
    let second = commit(&owned.attached, operation);
    let told = changes(next(&feed));
    assert_eq!((told[0].versionstamp, &told[0].before), (first, &Before::Absent));
    let both = changes(next(&feed));
    assert_eq!(
        both.iter().map(|it| it.versionstamp).collect::<Vec<_>>(),
        [second; 2]
    );
    assert!(
        both.iter()
            .any(|it| it.after.is_none() && it.before == Before::Entry(told[0].after.clone().unwrap()))
    );
    assert_eq!(changes(next(&of_owner)), told);
    assert_eq!(changes(next(&of_owner)), both);
    let nobody = owned.attached.changes(vec![KeyRange::only(&key(1)); 3]).unwrap();
    drop(owned.attached);
    assert!(matches!(feed.recv(), Err(std::sync::mpsc::RecvError)));
    assert!(matches!(nobody.recv(), Err(std::sync::mpsc::RecvError)));
}

#[test]
fn a_feed_that_nobody_reads_counts_what_is_missed() {
    let owned = Owned::new();
    let feed = owned.attached.changes(vec![KeyRange::everything()]).unwrap();
    let stamps: Vec<_> = (0..3_000).map(|number| set(owned.owner(), number, 0)).collect();
    let last = stamps[2_999];
    let mut told = 0;
    // Whoever misses changes reads all of it again, and is told of what comes then.
    loop {
        match feed.recv_timeout(crate::owned::PATIENCE) {
            Ok(FeedEvent::Changes(changes)) => {
                told += changes.len() as u64;
                if changes.iter().any(|it| it.versionstamp == last) {
                    break;
                }
            }
            Ok(FeedEvent::Lagged { missed }) => told += missed.unwrap(),
            other => panic!("{other:?}"),
        }
        if told == 3_000 {
            break;
        }
    }
    assert_eq!(told, 3_000);
}

#[test]
fn watches_tell_the_newest_state() {
    let owned = Owned::new();
    let states = owned.attached.watch(vec![key(1), key(2)]).unwrap();
    assert_eq!(next(&states), [None, None]);
    set(owned.owner(), 2, 5);
    let expected = owned.owner().get_many(&[key(1), key(2)]).unwrap();
    until(&states, &expected);
    let too_many = owned.attached.watch((0..11).map(key).collect());
    assert!(matches!(too_many, Err(DatabaseError::Limit(_))));
    let numbers = owned.attached.watch_queue().unwrap();
    assert_eq!(next(&numbers), 0);
    let message = Enqueue {
        payload: bytes(1).bytes,
        due_at: 9_000_000,
        keys_if_undelivered: Vec::new(),
        backoff_schedule: None,
    };
    commit(owned.owner(), AtomicOperation::new().enqueue(message));
    until(&numbers, &1);
    // Nothing is told twice.
    let quiet = states.recv_timeout(std::time::Duration::ZERO);
    assert_eq!(quiet, Err(RecvTimeoutError::Timeout));
}
