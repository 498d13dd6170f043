//! Messages that Keyglass has queued, delivered by Deno.

use std::time::Duration;

use keyglass_store::deno_file::DenoFile;
use keyglass_store::{AtomicOperation, Database, Enqueue};
use serde_json::Value;

use super::{commit, key, value};
use crate::data::Desk;
use crate::deno;

const SOON: Duration = Duration::from_secs(60);

#[test]
fn messages_are_delivered_once_in_their_time_and_what_fails_goes_by_its_schedule() {
    let desk = Desk::new();
    let file = desk.path("kv.sqlite3");
    let database = DenoFile::create(&file).unwrap();
    let now = database.clock().now();
    let message = |literal: &str, due_at| Enqueue {
        payload: value(literal).bytes,
        due_at,
        keys_if_undelivered: Vec::new(),
        backoff_schedule: None,
    };
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
