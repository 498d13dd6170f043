//! Journals that lost something.

use std::fs::{self, File};
use std::io::Read as _;
use std::ops::ControlFlow;
use std::path::Path;

use keyglass_store::embedded::{Durability, OpenOptions, Store};
use keyglass_store::{AtomicOperation, CommitOutcome, Database, EngineFacts, KeyRange, OpenError, ReadRange};

use crate::fixture::{bytes, copy, eventually, key};

fn error_of(result: Result<Store, OpenError>) -> OpenError {
    match result {
        Ok(_) => panic!("it opened"),
        Err(error) => error,
    }
}

/// A store that was killed with commits in its journal, of which a page in the middle is lost.
fn damaged_in_the_middle(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("store");
    let store = OpenOptions::new()
        .durability(Durability::Relaxed)
        .create(&path)
        .unwrap();
    for number in 0..1000 {
        let operation = AtomicOperation::new().set(key(&[&format!("{number:04}")]), bytes("some value"));
        store.commit(operation).unwrap();
    }
    let left = folder.join("left");
    copy(&path, &left).unwrap();
    let journal = left.join("0.jnl");
    let mut bytes = fs::read(&journal).unwrap();
    bytes[40_960..45_056].fill(0);
    fs::write(&journal, bytes).unwrap();
    left
}

#[test]
fn a_journal_with_a_page_lost_in_its_middle_is_refused_with_the_number_of_lost_commits() {
    let folder = tempfile::tempdir().unwrap();
    let left = damaged_in_the_middle(folder.path());
    let error = error_of(Store::open(&left)).to_string();
    assert!(
        error.contains("commits behind the damage would be lost"),
        "{error}"
    );
    // It was left as it was.
    assert_eq!(error_of(Store::open(&left)).to_string(), error);

    for options in [
        OpenOptions::new().accept_loss(true),
        OpenOptions::new().durability(Durability::Relaxed),
    ] {
        let opened = folder.path().join("opened");
        copy(&left, &opened).unwrap();
        let store = options.open(&opened).unwrap();
        let kept = store
            .count(&KeyRange::everything(), &mut |_| ControlFlow::Continue(()))
            .unwrap();
        let report = store.check(&mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(report.num_problems, 1);
        let told: u64 = error
            .split(' ')
            .find_map(|word| word.parse().ok())
            .expect("the number of lost commits");
        // Beside the whole ones, those that the page itself held are lost.
        assert!(kept.entries + told < 1000 && kept.entries + told > 900);
        let EngineFacts::Fjall(facts) = store.statistics().unwrap().engine else {
            panic!("other facts");
        };
        assert_eq!(facts.lost.as_ref(), report.problems.first());
        store
            .commit(AtomicOperation::new().set(key(&["new"]), bytes("x")))
            .unwrap();
    }
}

#[test]
fn a_changed_byte_in_a_journal_is_refused_and_what_is_before_it_opens_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let store = OpenOptions::new()
        .durability(Durability::Relaxed)
        .create(&path)
        .unwrap();
    let mut ends = Vec::new();
    for number in 0..10 {
        let operation = AtomicOperation::new().set(key(&[&format!("{number:04}")]), bytes("some value"));
        store.commit(operation).unwrap();
        // The journal is long, and nearly all of it is still empty.
        let mut journal = [0; 4096];
        File::open(path.join("0.jnl"))
            .unwrap()
            .read_exact(&mut journal)
            .unwrap();
        ends.push(journal.iter().rposition(|byte| *byte != 0).unwrap() + 1);
    }
    for (damaged, num_lost) in [(3, 7), (9, 1)] {
        let left = folder.path().join("left");
        copy(&path, &left).unwrap();
        let mut bytes = fs::read(left.join("0.jnl")).unwrap();
        // In the value, before the end of the batch.
        bytes[ends[damaged] - 15] ^= 1;
        fs::write(left.join("0.jnl"), bytes).unwrap();
        let error = error_of(Store::open(&left)).to_string();
        assert!(
            error.contains(&format!("{num_lost} commits behind the damage")),
            "{error}"
        );
        let store = OpenOptions::new().accept_loss(true).open(&left).unwrap();
        let counted = store
            .count(&KeyRange::everything(), &mut |_| ControlFlow::Continue(()))
            .unwrap();
        assert_eq!(counted.entries, damaged as u64);
    }
}

/// A copy of a store in use: some of its entries are in tables, the index of their expiries only in the journal.
fn killed_with_flushed_entries(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("store");
    let store = OpenOptions::new()
        .durability(Durability::Relaxed)
        .create(&path)
        .unwrap();
    let left = folder.join("left");
    for number in 0..16_000 {
        let operation = AtomicOperation::new().set_expiring(
            key(&[&format!("{number:06}")]),
            bytes(&"some value ".repeat(200)),
            Some(i64::MAX - 1),
        );
        store.commit(operation).unwrap();
    }
    eventually("a copy with tables", || {
        let tables = fs::read_dir(path.join("keyspaces/1/tables")).unwrap();
        // A copy that was made while the tables were written does not open.
        tables.count() > 0 && copy(&path, &left).is_ok() && {
            let tried = folder.join("tried");
            copy(&left, &tried).is_ok() && Store::open(&tried).is_ok()
        }
    });
    left
}

#[test]
fn a_journal_whose_end_is_missing_behind_what_was_flushed_is_refused_and_left_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let left = killed_with_flushed_entries(folder.path());
    let copied = |name| {
        let to = folder.path().join(name);
        copy(&left, &to).unwrap();
        to
    };
    let journal = fs::read(left.join("0.jnl")).unwrap();
    // In the middle of a batch; in the first batch; and where the first batch has just begun.
    for length in [100_003, 1_000, 20] {
        let cut = copied("cut");
        fs::write(cut.join("0.jnl"), &journal[..length]).unwrap();
        for _ in 0..2 {
            let error = error_of(Store::open(&cut));
            assert!(matches!(error, OpenError::Damaged { .. }), "{length}: {error}");
            assert!(error.to_string().contains("end of its journal is missing"));
        }
        let left_over = fs::read(cut.join("0.jnl")).unwrap();
        assert_eq!(left_over.len(), length, "the journal's length changed");
        assert!(left_over == journal[..length], "the journal changed");

        let store = OpenOptions::new().accept_loss(true).open(&cut).unwrap();
        let report = store.check(&mut |_| ControlFlow::Continue(())).unwrap();
        assert!(report.problems.iter().any(|problem| problem.contains("in part")));
        let everything = ReadRange {
            range: KeyRange::everything(),
            limit: usize::MAX,
            reverse: false,
        };
        let entries = store.snapshot().unwrap().read(&everything).unwrap();
        let before = entries.iter().map(|entry| entry.versionstamp).max().unwrap();
        let CommitOutcome::Committed(after) = store
            .commit(AtomicOperation::new().set(key(&["new"]), bytes("x")))
            .unwrap()
        else {
            panic!("there was no check to fail");
        };
        assert!(after > before, "a versionstamp came again");
    }
}
