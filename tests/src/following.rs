//! What real Deno does to its file is told, however fast it comes and however Deno ends.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use keyglass_store::deno_file::DenoFile;
use keyglass_store::{Change, Database, Feed, FeedEvent, KeyRange};

use crate::data::Desk;
use crate::deno::{deno, write_live};
use crate::program::stdout_of;

const SOON: Duration = Duration::from_secs(60);

fn follow(file: &Path) -> (DenoFile, Feed) {
    let database = DenoFile::open(file).unwrap();
    let feed = database.changes(vec![KeyRange::everything()]).unwrap();
    (database, feed)
}

#[test]
fn of_ten_thousand_changes_in_a_burst_each_is_told_or_counted() {
    let desk = Desk::new();
    let file = desk.path("kv.sqlite3");
    drop(DenoFile::create(&file).unwrap());
    let (database, feed) = follow(&file);
    stdout_of(deno(&desk, "burst.ts").arg(&file));
    let mut told = 0;
    while told < 10_000 {
        told += match feed.recv_timeout(SOON).unwrap() {
            FeedEvent::Changes(changes) => changes.len() as u64,
            FeedEvent::Lagged { missed } => missed.expect("nobody counted what was missed"),
            FeedEvent::Gone => panic!("the file is not gone"),
        };
    }
    assert_eq!(told, 10_000);
    let counted = database.count(&KeyRange::everything(), &mut |_| ControlFlow::Continue(()));
    assert_eq!(counted.unwrap().entries, 10_000);
}

/// Waits for something that the feed tells.
fn wait_for(feed: &Feed, what: &str, is_it: impl Fn(&FeedEvent) -> bool) {
    let begun = Instant::now();
    while !is_it(&feed.recv_timeout(SOON).unwrap()) {
        assert!(begun.elapsed() < SOON, "{what} is not told");
    }
}

fn wait_for_commit_after(feed: &Feed, database: &DenoFile) {
    let newest = database.snapshot().unwrap().versionstamp();
    let is_new = |change: &Change| Some(change.versionstamp) > newest;
    wait_for(
        feed,
        "a new commit",
        |event| matches!(event, FeedEvent::Changes(changes) if changes.iter().any(is_new)),
    );
}

#[test]
fn deno_that_is_killed_and_started_again_is_followed_also_on_another_file() {
    let desk = Desk::new();
    let file = desk.path("kv.sqlite3");
    drop(DenoFile::create(&file).unwrap());
    let (database, feed) = follow(&file);
    let first = write_live(&desk, &file, 600);
    wait_for_commit_after(&feed, &database);
    drop(first);
    let second = write_live(&desk, &file, 600);
    wait_for_commit_after(&feed, &database);
    drop(second);
    for suffix in ["", "-wal", "-shm"] {
        let _not_there = std::fs::remove_file(format!("{}{suffix}", file.display()));
    }
    wait_for(&feed, "the loss", |event| *event == FeedEvent::Gone);
    let third = write_live(&desk, &file, 600);
    wait_for(&feed, "the new file", |event| {
        matches!(event, FeedEvent::Lagged { missed: None })
    });
    wait_for_commit_after(&feed, &database);
    drop(third);
}
