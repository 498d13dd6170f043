//! Deno and Keyglass write the same file, in turns and at once.

use std::collections::BTreeSet;
use std::time::Duration;

use keyglass_store::deno_file::DenoFile;
use keyglass_store::{AtomicOperation, CommitOutcome, Database, MutationKind, Versionstamp};

use super::{commit, integrity, key, read_by_deno, unlocked, value};
use crate::data::Desk;
use crate::deno;
use crate::program::wait_for;

const SOON: Duration = Duration::from_secs(60);
const WRITERS: usize = 4;

/// How many rounds each writer has; a few seconds, unless more are asked for.
fn rounds() -> usize {
    let asked = std::env::var("KEYGLASS_WRITE_ROUNDS").ok();
    asked.map_or(40, |rounds| rounds.parse().unwrap())
}

/// Counts up as `count.ts` does.
fn count(database: &DenoFile, rounds: usize) -> Vec<Versionstamp> {
    let mut stamps = Vec::new();
    while stamps.len() < rounds {
        let counter = database.get(&key("counter")).unwrap();
        let number = counter.as_ref().map_or(0, |entry| {
            let text = entry.value.decode().unwrap().to_string();
            text.parse::<u64>().unwrap()
        });
        let one = MutationKind::Sum {
            operand: value("new Deno.KvU64(1n)"),
            min: None,
            max: None,
            clamp: false,
        };
        let operation = AtomicOperation::new()
            .check(key("counter"), counter.map(|entry| entry.versionstamp))
            .set(key("counter"), value(&(number + 1).to_string()))
            .mutate(key("total"), one);
        match database.commit(operation).unwrap() {
            CommitOutcome::Committed(stamp) => stamps.push(stamp),
            CommitOutcome::Conflict(failed) => assert_eq!(failed.len(), 1),
            CommitOutcome::MessagesChanged(_) => panic!("it changes no message"),
        }
    }
    stamps
}

#[test]
fn many_writers_of_both_count_right_and_every_commit_has_its_own_stamp() {
    let desk = Desk::new();
    let file = desk.path("kv.sqlite3");
    let database = DenoFile::create(&file).unwrap();
    let deno = deno::count(&desk, &file, WRITERS, rounds());
    deno.line_with("ready", SOON);
    let ours: Vec<Vec<Versionstamp>> = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| scope.spawn(|| count(&database, rounds())))
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    let printed: serde_json::Value = serde_json::from_str(&deno.line_with("[", SOON)).unwrap();
    // Anything thrown in Deno by a read or by a commit without checks would have ended it with a failure.
    deno.finish();
    eprintln!(
        "Deno's commits with checks were locked out {} times",
        printed["locked"]
    );
    let theirs = printed["stamps"].as_array().unwrap().iter();
    let theirs: Vec<Versionstamp> = theirs
        .map(|stamp| stamp.as_str().unwrap().parse().unwrap())
        .collect();
    for stamps in ours.iter().chain([&theirs]) {
        assert!(stamps.is_sorted_by(|a, b| a < b));
    }
    let total = 2 * WRITERS * rounds();
    let distinct: BTreeSet<_> = ours.iter().flatten().chain(&theirs).collect();
    assert_eq!(distinct.len(), total);
    drop(database);
    let read = read_by_deno(&desk, &file);
    let text = |name: &str| {
        let read = read.iter().find(|read| read.key == name);
        read.map(|read| read.text.clone()).unwrap()
    };
    assert_eq!(text("counter"), total.to_string());
    assert_eq!(text("total"), format!("KvU64({total})"));
    assert_eq!(integrity(&file), "ok");
}

#[test]
fn in_turns_each_reads_what_the_other_has_just_written() {
    const TURNS: u32 = 30;
    let desk = Desk::new();
    let file = desk.path("kv.sqlite3");
    drop(DenoFile::create(&file).unwrap());
    let database = unlocked(&file);
    let deno = deno::take_turns(&desk, &file, TURNS);
    let mut last = Versionstamp::default();
    for turn in 0..TURNS {
        let number = 2 * turn;
        let current = wait_for("Deno's turn to end", SOON, || {
            let entry = database.get(&key("turn")).unwrap();
            let turn = entry
                .as_ref()
                .map_or("0".to_owned(), |entry| entry.value.decode().unwrap().to_string());
            (turn == number.to_string()).then_some(entry)
        });
        if let Some(entry) = &current {
            assert_eq!(entry.versionstamp.to_string(), deno.line_with("0", SOON));
            assert!(entry.versionstamp > last);
        }
        let operation = AtomicOperation::new()
            .check(key("turn"), current.map(|entry| entry.versionstamp))
            .set(key("turn"), value(&(number + 1).to_string()));
        let stamp = commit(&database, operation);
        assert!(stamp > last);
        last = stamp;
    }
    deno.finish();
}
