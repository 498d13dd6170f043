//! Watches and change feeds.

use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use keyglass_store::{
    AtomicOperation, Before, Change, Database, DatabaseError, Feed, FeedEvent, KeyRange, MutationKind,
    Subscription, WatchedState,
};

use crate::fixture::{Fixture, bytes, key};

const SOON: Duration = Duration::from_secs(60);
const A_WHILE: Duration = Duration::from_millis(150);

fn texts(state: &WatchedState) -> Vec<Option<String>> {
    let text = |entry: &keyglass_store::Entry| String::from_utf8(entry.value.bytes.to_vec()).unwrap();
    state.iter().map(|entry| entry.as_ref().map(text)).collect()
}

fn next_state(states: &Subscription<WatchedState>) -> Vec<Option<String>> {
    texts(&states.recv_timeout(SOON).unwrap())
}

fn next_changes(feed: &Feed) -> Vec<Change> {
    match feed.recv_timeout(SOON).unwrap() {
        FeedEvent::Changes(changes) => changes,
        other => panic!("no changes but {other:?}"),
    }
}

#[test]
fn a_watch_tells_the_state_at_once_and_after_each_change() {
    let fixture = Fixture::new();
    fixture.set(&key(&["a"]), "1");
    let states = fixture.store().watch(vec![key(&["a"]), key(&["b"])]).unwrap();
    assert_eq!(next_state(&states), [Some("1".to_owned()), None]);
    fixture.set(&key(&["b"]), "2");
    assert_eq!(next_state(&states), [Some("1".to_owned()), Some("2".to_owned())]);
    fixture.commit(AtomicOperation::new().delete(key(&["a"])));
    assert_eq!(next_state(&states), [None, Some("2".to_owned())]);
    fixture.set(&key(&["other"]), "3");
    assert_eq!(states.recv_timeout(A_WHILE), Err(RecvTimeoutError::Timeout));
}

#[test]
fn a_slow_reader_of_a_watch_holds_nothing_up_and_ends_with_the_newest_state() {
    let fixture = Fixture::new();
    let states = fixture.store().watch(vec![key(&["a"])]).unwrap();
    for round in 0..1000 {
        fixture.set(&key(&["a"]), &round.to_string());
    }
    let mut seen = Vec::new();
    while let Ok(state) = states.recv_timeout(A_WHILE) {
        seen.push(texts(&state));
    }
    assert_eq!(seen.last().unwrap(), &[Some("999".to_owned())]);
    assert!(seen.len() < 10, "{} states were kept for the reader", seen.len());
}

#[test]
fn watches_hear_of_expiry_and_of_versionstamped_keys() {
    let fixture = Fixture::new();
    let now = fixture.now();
    fixture.set_expiring(&key(&["a"]), "x", now + 10_000);
    let states = fixture.store().watch(vec![key(&["a"])]).unwrap();
    assert_eq!(next_state(&states), [Some("x".to_owned())]);
    let next = fixture
        .store()
        .snapshot()
        .unwrap()
        .versionstamp()
        .unwrap()
        .counter()
        + 1;
    let stamped = key(&[
        "log",
        &keyglass_store::Versionstamp::from_counter(next).to_string(),
    ]);
    let stamped_states = fixture.store().watch(vec![stamped]).unwrap();
    assert_eq!(next_state(&stamped_states), [None]);
    let kind = MutationKind::SetSuffixVersionstampedKey {
        value: bytes("event"),
        expires_at: None,
    };
    fixture.commit(AtomicOperation::new().mutate(key(&["log"]), kind));
    assert_eq!(next_state(&stamped_states), [Some("event".to_owned())]);
    fixture.set_time(now + 10_000);
    assert_eq!(next_state(&states), [None]);
}

#[test]
fn watches_and_feeds_end_when_the_store_closes() {
    let mut fixture = Fixture::new();
    let states = fixture.store().watch(vec![key(&["a"])]).unwrap();
    let feed = fixture.store().changes(vec![KeyRange::everything()]).unwrap();
    fixture.store = None;
    assert_eq!(next_state(&states), [None]);
    assert_eq!(states.recv_timeout(SOON), Err(RecvTimeoutError::Disconnected));
    assert_eq!(feed.recv_timeout(SOON), Err(RecvTimeoutError::Disconnected));
}

#[test]
fn a_watch_that_nobody_reads_any_more_is_forgotten() {
    let fixture = Fixture::new();
    for _ in 0..100 {
        drop(fixture.store().watch(vec![key(&["a"])]).unwrap());
        fixture.set(&key(&["a"]), "x");
    }
    let states = fixture.store().watch(vec![key(&["a"])]).unwrap();
    assert_eq!(next_state(&states), [Some("x".to_owned())]);
}

#[test]
fn a_watch_of_more_keys_than_deno_allows_is_refused() {
    let fixture = Fixture::new();
    let error = fixture.store().watch(vec![key(&["a"]); 11]).unwrap_err();
    assert!(matches!(error, DatabaseError::Limit(_)));
    assert_eq!(error.to_string(), "Too many keys (max 10)");
}

#[test]
fn a_feed_tells_every_commit_in_its_range_with_before_and_after() {
    let fixture = Fixture::new();
    let (a, b, outside) = (key(&["p", "a"]), key(&["p", "b"]), key(&["q"]));
    fixture.set(&a, "old");
    let feed = fixture
        .store()
        .changes(vec![KeyRange::below(&key(&["p"]))])
        .unwrap();
    fixture.commit(
        AtomicOperation::new()
            .set(a.clone(), bytes("step"))
            .set(outside.clone(), bytes("x"))
            .set(b.clone(), bytes("new"))
            .set(a.clone(), bytes("last")),
    );
    let changes = next_changes(&feed);
    let [first, second] = &changes[..] else {
        panic!("{changes:?}");
    };
    assert_eq!((&first.key, &second.key), (&a, &b));
    let Before::Entry(before) = &first.before else {
        panic!("{first:?}");
    };
    assert_eq!(before.value, bytes("old"));
    assert_eq!(first.after.as_ref().unwrap().value, bytes("last"));
    assert_eq!(second.before, Before::Absent);
    fixture.set(&outside, "unheard");
    fixture.commit(AtomicOperation::new().delete(b.clone()));
    let changes = next_changes(&feed);
    assert_eq!(
        (changes.len(), &changes[0].key, &changes[0].after),
        (1, &b, &None)
    );
}

#[test]
fn a_feed_hears_of_expiry() {
    let fixture = Fixture::new();
    let now = fixture.now();
    let feed = fixture.store().changes(vec![KeyRange::everything()]).unwrap();
    fixture.set_expiring(&key(&["a"]), "x", now + 10_000);
    let set = next_changes(&feed).remove(0);
    fixture.set_time(now + 10_000);
    let expired = next_changes(&feed).remove(0);
    assert!(expired.versionstamp > set.versionstamp);
    assert_eq!(expired.before, Before::Entry(set.after.unwrap()));
    assert_eq!(expired.after, None);
}

#[test]
fn a_feed_that_is_not_read_lags_once_and_then_goes_on() {
    let fixture = Fixture::new();
    let feed = fixture.store().changes(vec![KeyRange::everything()]).unwrap();
    for round in 0..3000 {
        fixture.set(&key(&["a"]), &round.to_string());
    }
    let events: Vec<_> = feed.try_iter().collect();
    assert_eq!(events.len(), 1025);
    let missed = Some(3000 - 1024);
    assert_eq!(events.last(), Some(&FeedEvent::Lagged { missed }));
    fixture.set(&key(&["a"]), "on");
    assert_eq!(next_changes(&feed)[0].after.as_ref().unwrap().value, bytes("on"));
}

#[test]
fn a_feed_of_large_values_lags_before_it_fills_the_memory() {
    let fixture = Fixture::new();
    let feed = fixture.store().changes(vec![KeyRange::everything()]).unwrap();
    let large = "x".repeat(60_000);
    for _ in 0..700 {
        fixture.set(&key(&["a"]), &large);
    }
    let num_events = feed.try_iter().count();
    assert!((500..650).contains(&num_events), "{num_events}");
}
