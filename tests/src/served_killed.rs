//! `keyglass serve` is killed while programs commit through it.

use std::sync::{Arc, Barrier};
use std::time::Duration;

use keyglass_store::attached::Attached;
use keyglass_store::connect::Token;
use keyglass_store::embedded::Store;
use keyglass_store::remote::RemoteOptions;
use keyglass_store::value::literal;
use keyglass_store::{
    AtomicOperation, Clock, CommitOutcome, Database, EncodedKey, Key, KeyRange, ReadRange, StoredValue,
    Versionstamp,
};

use crate::data::Desk;
use crate::program::{Running, keyglass};

const SOON: Duration = Duration::from_secs(60);
/// Programs that commit; those of even number by KV Connect, the others attached.
const WRITERS: usize = 4;
/// Keys that each commit of a program sets to the same number.
const KEYS: [&str; 3] = ["a", "b", "c"];

/// How often it is killed, unless more is asked for.
fn rounds() -> u64 {
    let asked = std::env::var("KEYGLASS_KILL_ROUNDS").ok();
    asked.map_or(20, |rounds| rounds.parse().unwrap())
}

fn key(writer: usize, name: &str) -> EncodedKey {
    let key: Key = format!("[{writer}, \"{name}\"]").parse().unwrap();
    key.encode().unwrap()
}

fn done(writer: usize, number: u64) -> EncodedKey {
    let key: Key = format!("[{writer}, \"done\", {number}]").parse().unwrap();
    key.encode().unwrap()
}

fn value(number: u64) -> StoredValue {
    StoredValue::from_value(&literal::parse(&number.to_string()).unwrap()).unwrap()
}

/// What stands under a writer's keys, which all say the same; 0 before its first commit.
fn last(database: &dyn Database, writer: usize) -> u64 {
    let found = database.get_many(&KEYS.map(|name| key(writer, name))).unwrap();
    let numbers: Vec<u64> = found
        .iter()
        .map(|entry| {
            entry.as_ref().map_or(0, |entry| {
                let text = literal::print(&entry.value.decode().unwrap(), 80);
                text.parse().unwrap()
            })
        })
        .collect();
    assert!(
        numbers.iter().all(|number| *number == numbers[0]),
        "half a commit: {numbers:?}"
    );
    numbers[0]
}

/// Commits numbers until nobody answers; the last one that was acknowledged, and when.
fn commit_until_the_end(
    database: &dyn Database,
    writer: usize,
    begun: &Barrier,
) -> (u64, Option<Versionstamp>) {
    let mut number = last(database, writer);
    let mut stamp = None;
    begun.wait();
    loop {
        let next = number + 1;
        let operation = KEYS.iter().fold(AtomicOperation::new(), |operation, name| {
            operation.set(key(writer, name), value(next))
        });
        match database.commit(operation.set(done(writer, next), value(next))) {
            Ok(CommitOutcome::Committed(versionstamp)) => {
                assert!(Some(versionstamp) > stamp, "versionstamps go backwards");
                (number, stamp) = (next, Some(versionstamp));
            }
            Ok(other) => panic!("{other:?}"),
            Err(_gone) => return (number, stamp),
        }
    }
}

#[test]
fn every_commit_that_a_client_was_told_of_is_there_and_none_is_half_there() {
    let desk = Desk::new();
    let folder = desk.path("shop.kg");
    let mut newest = None;
    let mut acknowledged = 0;
    for round in 0..rounds() {
        let serving = Running::start(
            keyglass(&desk)
                .arg("serve")
                .arg(&folder)
                .args(["--listen", "127.0.0.1:0", "--token-file"])
                .arg(desk.path("token")),
        );
        let line = serving.line_with("Serving ", SOON);
        let (_words, url) = line.split_once(" at ").unwrap();
        let token = Token::read(&desk.path("token")).unwrap();
        let begun = Barrier::new(WRITERS + 1);
        let before = acknowledged;
        let told: Vec<(u64, Option<Versionstamp>)> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let database: Arc<dyn Database> = match writer % 2 {
                        0 => RemoteOptions::new()
                            .plain()
                            .pause(Duration::from_millis(1))
                            .open(url, Some(&token))
                            .unwrap(),
                        _ => Arc::new(Attached::to_folder(&folder, Clock::system()).unwrap()),
                    };
                    let begun = &begun;
                    scope.spawn(move || commit_until_the_end(&*database, writer, begun))
                })
                .collect();
            begun.wait();
            // Somewhere in the commits that follow.
            for _ in 0..(round % 7 + 1) * 400_000 {
                std::hint::spin_loop();
            }
            serving.kill();
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        let store = Store::open(&folder).unwrap();
        for (writer, (number, stamp)) in told.into_iter().enumerate() {
            let found = last(&store, writer);
            // One more may have been done that was not answered.
            assert!(
                (number..=number + 1).contains(&found),
                "round {round}, writer {writer}: {found} after {number}"
            );
            let prefix: Key = format!("[{writer}, \"done\"]").parse().unwrap();
            let all = ReadRange {
                range: KeyRange::below(&prefix.encode().unwrap()),
                limit: usize::MAX,
                reverse: false,
            };
            let all = store.read(std::slice::from_ref(&all)).unwrap().remove(0);
            assert_eq!(all.len() as u64, found, "round {round}, writer {writer}");
            if let Some(stamp) = stamp {
                let entry = store.get(&done(writer, number)).unwrap().unwrap();
                assert_eq!(entry.versionstamp, stamp);
                newest = newest.max(Some(stamp));
            }
            acknowledged = acknowledged.max(before + found);
        }
        // What comes after a crash comes after all that was before it.
        let next = match store.commit(AtomicOperation::new()).unwrap() {
            CommitOutcome::Committed(stamp) => stamp,
            other => panic!("{other:?}"),
        };
        assert!(Some(next) > newest);
    }
    assert!(
        acknowledged > rounds(),
        "hardly a commit was acknowledged: {acknowledged}"
    );
}
