//! Keyglass is killed while it writes to Deno's file.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use keyglass_store::deno_file::DenoFile;
use keyglass_store::{AtomicOperation, Database};

use super::{commit, integrity, key, read_by_deno, unlocked, value};
use crate::data::Desk;
use crate::program::Running;

const SOON: Duration = Duration::from_secs(60);
/// Names the file for the process that is killed.
const FILE: &str = "KEYGLASS_WRITES_TO";
/// Keys that each commit writes the same number under.
const KEYS: [&str; 4] = ["a", "b", "c", "d"];

/// How often it is killed, unless more is asked for.
fn rounds() -> u32 {
    let asked = std::env::var("KEYGLASS_KILL_ROUNDS").ok();
    asked.map_or(20, |rounds| rounds.parse().unwrap())
}

/// What runs in the process that is killed: commits numbers and tells each once it is committed.
#[test]
#[ignore = "it writes until it is killed"]
fn writes_until_it_is_killed() {
    let Some(file) = std::env::var_os(FILE).map(PathBuf::from) else {
        return;
    };
    let database = unlocked(&file);
    let last = database.get(&key("a")).unwrap();
    let last = last.map_or(0, |entry| {
        let text = entry.value.decode().unwrap().to_string();
        text.parse::<u64>().unwrap()
    });
    for number in last + 1.. {
        let text = number.to_string();
        let operation = AtomicOperation::new().set(
            key(&format!("done {number}")),
            value(&format!("new Uint8Array({})", number % 7 * 5_000)),
        );
        let operation = KEYS.iter().fold(operation, |operation, name| {
            operation.set(key(name), value(&text))
        });
        commit(&database, operation);
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "committed {number}").unwrap();
        stdout.flush().unwrap();
    }
}

#[test]
fn every_commit_that_was_told_is_there_and_none_is_half_there() {
    let desk = Desk::new();
    let file = desk.path("kv.sqlite3");
    drop(DenoFile::create(&file).unwrap());
    for round in 0..rounds() {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--ignored", "--exact", "--nocapture"])
            .arg("writing::killed::writes_until_it_is_killed")
            .env(FILE, &file);
        let writer = Running::start(&mut command);
        for _ in 0..=round % 7 {
            writer.line_with("committed", SOON);
        }
        // Somewhere in the commits that follow.
        for _ in 0..round % 5 * 20_000 {
            std::hint::spin_loop();
        }
        let told = writer.kill();
        let mut told = told.iter().filter_map(|line| line.strip_prefix("committed "));
        let last_told: u64 = told.next_back().map_or(0, |number| number.parse().unwrap());

        let read = read_by_deno(&desk, &file);
        let (done, others): (Vec<_>, Vec<_>) = read.iter().partition(|read| read.key.starts_with("done "));
        let numbers: Vec<u64> = others.iter().map(|read| read.text.parse().unwrap()).collect();
        assert_eq!(numbers.len(), KEYS.len());
        assert!(
            numbers.iter().all(|number| *number == numbers[0]),
            "round {round}: {numbers:?}"
        );
        assert!(numbers[0] >= last_told, "round {round}: {} is lost", last_told);
        assert_eq!(done.len() as u64, numbers[0], "round {round}");
        assert_eq!(integrity(&file), "ok");
    }
}
