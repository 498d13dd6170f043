//! Delivery of messages.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

use keyglass_store::embedded::Delivery;
use keyglass_store::{
    AtomicOperation, CommitOutcome, Database, Encoding, Enqueue, KeyRange, MessageChange, QueueMessage,
};

use crate::fixture::{Fixture, bytes, key};

const SOON: Duration = Duration::from_secs(60);

fn enqueue(fixture: &Fixture, text: &str, delay: i64, backoff_schedule: &[u32]) {
    fixture.commit(AtomicOperation::new().enqueue(Enqueue {
        payload: text.as_bytes().to_vec().into(),
        due_at: fixture.now() + delay,
        keys_if_undelivered: vec![key(&["dead", text]), key(&[]), key(&[&"long".repeat(600)])],
        backoff_schedule: Some(backoff_schedule.to_vec()),
    }));
}

fn receive(fixture: &Fixture) -> Delivery {
    fixture
        .store()
        .listen()
        .receive(SOON)
        .unwrap()
        .expect("nothing was delivered")
}

fn nothing_is_due(fixture: &Fixture) -> bool {
    fixture
        .store()
        .listen()
        .receive(Duration::ZERO)
        .unwrap()
        .is_none()
}

/// Puts another message in the place of one, or none; whether it was still as it was seen.
fn change(fixture: &Fixture, message: &QueueMessage, becomes: Option<Enqueue>) -> bool {
    let change = message.clone().into_change(becomes);
    let operation = AtomicOperation::new().change_message(change);
    match fixture.store().commit(operation).unwrap() {
        CommitOutcome::Committed(_) => true,
        CommitOutcome::MessagesChanged(changed) => {
            assert_eq!(changed, [0]);
            false
        }
        CommitOutcome::Conflict(_) => panic!("there was no check to fail"),
    }
}

fn text(delivery: &Delivery) -> &str {
    std::str::from_utf8(&delivery.message().payload).unwrap()
}

#[test]
fn messages_come_in_due_order_once_they_are_due() {
    let fixture = Fixture::new();
    enqueue(&fixture, "later", 1000, &[]);
    enqueue(&fixture, "second", -5, &[]);
    enqueue(&fixture, "first", -10, &[]);
    let first = receive(&fixture);
    let second = receive(&fixture);
    assert_eq!((text(&first), text(&second)), ("first", "second"));
    assert!(nothing_is_due(&fixture));
    fixture.set_time(fixture.now() + 1000);
    assert_eq!(text(&receive(&fixture)), "later");
}

#[test]
fn a_message_that_is_running_is_shown_and_not_delivered_again() {
    let fixture = Fixture::new();
    enqueue(&fixture, "a", 0, &[]);
    let delivery = receive(&fixture);
    fixture.set_time(fixture.now() + 1_000_000_000);
    assert!(nothing_is_due(&fixture));
    assert!(fixture.store().queue(10).unwrap()[0].running);
    assert!(!change(&fixture, delivery.message(), None));
    delivery.finish().unwrap();
    assert!(nothing_is_due(&fixture));
    assert!(fixture.store().queue(10).unwrap().is_empty());
    assert_eq!(fixture.store().statistics().unwrap().queued_messages, Some(0));
}

#[test]
fn a_failed_message_waits_by_its_schedule_and_then_goes_to_its_keys() {
    let fixture = Fixture::new();
    enqueue(&fixture, "a", 0, &[100, 2000]);
    let feed = fixture.store().changes(vec![KeyRange::everything()]).unwrap();
    let first = receive(&fixture);
    let id = first.message().id.clone();
    first.fail().unwrap();
    fixture.set_time(fixture.now() + 99);
    assert!(nothing_is_due(&fixture));
    fixture.set_time(fixture.now() + 1);
    let second = receive(&fixture);
    assert_eq!(second.message().id, id);
    drop(second);
    assert!(nothing_is_due(&fixture));
    assert!(feed.is_empty());
    fixture.set_time(fixture.now() + 2000);
    receive(&fixture).fail().unwrap();
    assert!(fixture.store().queue(10).unwrap().is_empty());
    let dead = fixture.store().get(&key(&["dead", "a"])).unwrap().unwrap();
    assert_eq!(dead.value.bytes, "a");
    assert_eq!(dead.value.encoding, Encoding::V8);
    assert_eq!(
        fixture.keys().len(),
        1,
        "keys that cannot be written are left out"
    );
    assert_eq!(feed.len(), 1);
}

#[test]
fn what_was_in_flight_when_the_store_closed_is_delivered_after_opening() {
    let mut fixture = Fixture::new();
    enqueue(&fixture, "finished", -20, &[]);
    enqueue(&fixture, "waiting", 0, &[7]);
    receive(&fixture).finish().unwrap();
    fixture.reopen();
    let delivery = receive(&fixture);
    assert_eq!(text(&delivery), "waiting");
    assert_eq!(delivery.message().backoff_schedule, [7]);
    delivery.finish().unwrap();
    assert!(nothing_is_due(&fixture));
}

#[test]
fn a_listener_that_waits_hears_of_new_messages_at_once() {
    let fixture = Fixture::new();
    std::thread::scope(|scope| {
        let listener = fixture.store().listen();
        let waiting = scope.spawn(move || {
            let delivery = listener.receive(SOON).unwrap().expect("nothing was delivered");
            text(&delivery).to_owned()
        });
        enqueue(&fixture, "far away", 1_000_000, &[]);
        enqueue(&fixture, "now", 0, &[]);
        assert_eq!(waiting.join().unwrap(), "now");
    });
}

#[test]
fn several_listeners_share_the_messages() {
    const MESSAGES: usize = 300;
    let fixture = Fixture::new();
    let seen = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (listener, seen) = (fixture.store().listen(), &seen);
            scope.spawn(move || {
                while let Some(delivery) = listener.receive(Duration::from_millis(300)).unwrap() {
                    seen.lock().unwrap().push(text(&delivery).to_owned());
                    delivery.finish().unwrap();
                }
            });
        }
        for number in 0..MESSAGES {
            enqueue(&fixture, &number.to_string(), -(number as i64 % 7), &[]);
        }
    });
    let seen = seen.into_inner().unwrap();
    assert_eq!(seen.len(), MESSAGES);
    assert_eq!(seen.into_iter().collect::<HashSet<_>>().len(), MESSAGES);
}

#[test]
fn a_waiting_message_can_be_delivered_now_or_cancelled() {
    let fixture = Fixture::new();
    enqueue(&fixture, "a", 10_000, &[]);
    enqueue(&fixture, "b", 20_000, &[]);
    let messages = fixture.store().queue(10).unwrap();
    assert!(change(&fixture, &messages[0], None));
    assert!(!change(&fixture, &messages[0], None));
    let now = Enqueue {
        due_at: fixture.now(),
        ..messages[1].content()
    };
    assert!(change(&fixture, &messages[1], Some(now.clone())));
    assert!(!change(&fixture, &messages[1], Some(now)));
    let nobody = QueueMessage {
        id: "no such message".to_owned(),
        ..messages[1].clone()
    };
    assert!(!change(&fixture, &nobody, None));
    let delivery = receive(&fixture);
    assert_eq!(text(&delivery), "b");
    assert_eq!(delivery.message().id, messages[1].id);
    delivery.finish().unwrap();
    assert!(fixture.store().queue(10).unwrap().is_empty());
    assert_eq!(fixture.store().statistics().unwrap().queued_messages, Some(0));
}

#[test]
fn a_message_that_was_seen_otherwise_is_left_alone_with_all_of_the_operation() {
    let fixture = Fixture::new();
    enqueue(&fixture, "a", 10_000, &[5]);
    enqueue(&fixture, "b", 10_000, &[5]);
    let messages = fixture.store().queue(10).unwrap();
    let mut seen_otherwise = messages[1].clone().into_change(None);
    seen_otherwise.seen.backoff_schedule = Some(vec![6]);
    let operation = AtomicOperation::new()
        .set(key(&["set"]), bytes("x"))
        .enqueue(messages[0].content())
        .change_message(messages[0].clone().into_change(None))
        .change_message(seen_otherwise)
        .change_message(messages[0].clone().into_change(None));
    let outcome = fixture.store().commit(operation).unwrap();
    assert_eq!(outcome, CommitOutcome::MessagesChanged(vec![1, 2]));
    assert_eq!(fixture.store().queue(10).unwrap(), messages);
    assert_eq!(fixture.keys().len(), 0);
    assert!(change(&fixture, &messages[0], None));
}

#[test]
fn of_messages_that_differ_in_their_names_alone_any_is_taken() {
    let fixture = Fixture::new();
    enqueue(&fixture, "a", 0, &[]);
    enqueue(&fixture, "a", 0, &[]);
    let running = receive(&fixture);
    let nameless = || MessageChange {
        id: None,
        ..running.message().clone().into_change(None)
    };
    let take = || {
        let operation = AtomicOperation::new().change_message(nameless());
        fixture.store().commit(operation).unwrap()
    };
    assert!(matches!(take(), CommitOutcome::Committed(_)));
    // The other one is with a listener.
    assert_eq!(take(), CommitOutcome::MessagesChanged(vec![0]));
    assert_eq!(fixture.store().queue(10).unwrap().len(), 1);
    running.finish().unwrap();
    assert!(fixture.store().queue(10).unwrap().is_empty());
}

#[test]
fn a_message_is_either_changed_or_delivered_by_whoever_was_first() {
    const MESSAGES: usize = 200;
    let fixture = Fixture::new();
    for number in 0..MESSAGES {
        enqueue(&fixture, &number.to_string(), 0, &[]);
    }
    let messages = fixture.store().queue(usize::MAX).unwrap();
    let delivered = Mutex::new(HashSet::new());
    let cancelled = std::thread::scope(|scope| {
        for _ in 0..2 {
            let (listener, delivered) = (fixture.store().listen(), &delivered);
            scope.spawn(move || {
                while let Some(delivery) = listener.receive(Duration::ZERO).unwrap() {
                    assert!(delivered.lock().unwrap().insert(text(&delivery).to_owned()));
                    delivery.finish().unwrap();
                }
            });
        }
        let cancelled = messages
            .iter()
            .rev()
            .filter(|message| change(&fixture, message, None));
        cancelled.count()
    });
    assert_eq!(delivered.into_inner().unwrap().len() + cancelled, MESSAGES);
    assert!(fixture.store().queue(10).unwrap().is_empty());
    assert_eq!(fixture.store().statistics().unwrap().queued_messages, Some(0));
}

#[test]
fn the_order_of_many_delivered_messages_costs_nothing_later() {
    let fixture = Fixture::new();
    for round in 0..20 {
        let mut operation = AtomicOperation::new();
        for number in 0..100 {
            operation = operation.enqueue(Enqueue {
                payload: format!("{round} {number}").into_bytes().into(),
                due_at: 0,
                keys_if_undelivered: Vec::new(),
                backoff_schedule: None,
            });
        }
        fixture.commit(operation);
        for number in 0..100 {
            let delivery = receive(&fixture);
            assert_eq!(text(&delivery), format!("{round} {number}"));
            delivery.finish().unwrap();
        }
    }
    assert!(nothing_is_due(&fixture));
    enqueue(&fixture, "an earlier time than all before", -2_000_000, &[]);
    assert_eq!(receive(&fixture).message().due_at, -1_000_000);
}
