//! Messages that Keyglass has queued, delivered by Deno.

use std::time::Duration;

use keyglass_store::deno_file::DenoFile;
use keyglass_store::{AtomicOperation, CommitOutcome, Database, Enqueue, QueueMessage};
use serde_json::Value;

use super::{commit, key, value};
use crate::data::Desk;
use crate::deno;

const SOON: Duration = Duration::from_secs(60);

fn message(literal: &str, due_at: i64) -> Enqueue {
    Enqueue {
        payload: value(literal).bytes,
        due_at,
        keys_if_undelivered: Vec::new(),
        backoff_schedule: None,
    }
}

#[test]
fn messages_are_delivered_once_in_their_time_and_what_fails_goes_by_its_schedule() {
    let desk = Desk::new();
    let file = desk.path("kv.sqlite3");
    let database = DenoFile::create(&file).unwrap();
    let now = database.clock().now();
    let fails = Enqueue {
        keys_if_undelivered: vec![key("undelivered"), key("too")],
        backoff_schedule: Some(vec![30, 40]),
        ..message("{name: \"fails\", fails: true}", now)
    };
    let operation = AtomicOperation::new()
        .enqueue(message("{name: \"first\"}", now))
        .enqueue(message("{name: \"delayed\"}", now + 2_500))
        .enqueue(fails)
        .enqueue(message("{name: \"last\"}", now + 5_000));
    commit(&database, operation);

    let listener = deno::listen(&desk, &file);
    let mut told: Vec<Value> = Vec::new();
    let name = |line: &Value| line["name"].as_str().unwrap().to_owned();
    loop {
        let line: Value = serde_json::from_str(&listener.line_with("name", SOON)).unwrap();
        let is_last = name(&line) == "last";
        told.push(line);
        if is_last {
            break;
        }
    }
    let times = |wanted: &str| -> Vec<i64> {
        let of = told.iter().filter(|line| name(line) == wanted);
        of.map(|line| line["at"].as_i64().unwrap()).collect()
    };
    assert_eq!(times("first").len(), 1, "{told:?}");
    let delayed = times("delayed");
    assert_eq!(delayed.len(), 1, "{told:?}");
    assert!(
        delayed[0] >= now + 2_500,
        "it came {} ms too early",
        now + 2_500 - delayed[0]
    );
    let fails = times("fails");
    assert_eq!(fails.len(), 3, "{told:?}");
    assert!(
        fails[1] >= fails[0] + 30 && fails[2] >= fails[1] + 40,
        "{fails:?}"
    );
    drop(listener);
    for name in ["undelivered", "too"] {
        let entry = database.get(&key(name)).unwrap().unwrap();
        assert_eq!(entry.value, value("{name: \"fails\", fails: true}"));
    }
    assert_eq!(
        database
            .queue(10)
            .unwrap()
            .iter()
            .filter(|it| !it.running)
            .count(),
        0
    );
}

/// The message of the queue with this name, once there is one that is as it shall be.
fn awaited(database: &DenoFile, name: &str, is_right: impl Fn(&QueueMessage) -> bool) -> QueueMessage {
    let payload = value(name).bytes;
    let changes = database.watch_queue().unwrap();
    loop {
        let mut messages = database.queue(10).unwrap().into_iter();
        if let Some(message) = messages.find(|it| it.payload == payload && is_right(it)) {
            return message;
        }
        changes.recv_timeout(SOON).unwrap();
    }
}

#[test]
fn what_becomes_of_messages_beside_a_deno_that_listens_is_what_it_delivers() {
    const RUNS: &str = "{name: \"runs\", takes: 10000}";
    const LETTER: &str = "{name: \"dead\"}";
    let desk = Desk::new();
    let file = desk.path("kv.sqlite3");
    let database = DenoFile::create(&file).unwrap();
    let now = database.clock().now();
    // Deno looks for what is due when it knows of a message, and otherwise once a minute.
    let queued = AtomicOperation::new()
        .enqueue(message(RUNS, now))
        .enqueue(message("{name: \"as it was\"}", now + 600_000))
        .enqueue(message("{name: \"cancelled\"}", now + 10_000))
        .enqueue(message("{name: \"put off\"}", now + 10_000))
        .enqueue(message("{name: \"last\"}", now + 10_500))
        .set(key("letter"), value(LETTER));
    let stamp = commit(&database, queued);
    let listener = deno::listen(&desk, &file);
    listener.line_with("\"runs\"", SOON);

    let running = awaited(&database, RUNS, |it| it.running);
    for seen in [
        running.clone(),
        QueueMessage {
            due_at: now,
            ..running
        },
    ] {
        let cancel = AtomicOperation::new().change_message(seen.into_change(None));
        assert_eq!(
            database.commit(cancel).unwrap(),
            CommitOutcome::MessagesChanged(vec![0])
        );
    }
    let waiting = |name: &str| awaited(&database, &format!("{{name: \"{name}\"}}"), |it| !it.running);
    let put_off = Enqueue {
        due_at: now + 900_000,
        ..waiting("put off").content()
    };
    let letter = Enqueue {
        due_at: now + 10_200,
        keys_if_undelivered: vec![key("letter")],
        ..message(LETTER, 0)
    };
    let changes = AtomicOperation::new()
        .change_message(waiting("as it was").into_change(Some(message("{name: \"edited\"}", now + 10_100))))
        .change_message(waiting("cancelled").into_change(None))
        .change_message(waiting("put off").into_change(Some(put_off.clone())))
        .check(key("letter"), Some(stamp))
        .delete(key("letter"))
        .enqueue(letter);
    commit(&database, changes);
    let mut told = Vec::new();
    while !told.contains(&"last".to_owned()) {
        let line: Value = serde_json::from_str(&listener.line_with("name", SOON)).unwrap();
        told.push(line["name"].as_str().unwrap().to_owned());
    }
    told.sort();
    assert_eq!(told, ["dead", "edited", "last"]);
    drop(listener);
    assert_eq!(database.get(&key("letter")).unwrap(), None);
    let left: Vec<_> = database
        .queue(10)
        .unwrap()
        .into_iter()
        .filter(|it| !it.running)
        .collect();
    assert_eq!(
        left.iter().map(QueueMessage::content).collect::<Vec<_>>(),
        [put_off]
    );
}
