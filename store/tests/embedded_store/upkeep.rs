//! Backups and checks.

use std::fs;
use std::ops::ControlFlow;

use keyglass_store::embedded::{BackupError, Store};
use keyglass_store::{AtomicOperation, Database, Enqueue, KeyRange, OpenError, ReadRange};

use crate::fixture::{Fixture, bytes, key};

fn filled() -> Fixture {
    let fixture = Fixture::new();
    for round in 0..9 {
        let mut operation = AtomicOperation::new();
        for number in 0..600 {
            operation = operation.set(key(&["p", &format!("{round} {number}")]), bytes("x"));
        }
        fixture.commit(operation);
    }
    fixture.set(&key(&["large"]), &"y".repeat(60_000));
    // The backup is opened with the system's clock.
    fixture.set_expiring(&key(&["expiring"]), "x", 1 << 50);
    fixture.commit(AtomicOperation::new().enqueue(Enqueue {
        payload: "message".into(),
        due_at: 1 << 50,
        keys_if_undelivered: Vec::new(),
        backoff_schedule: None,
    }));
    fixture
}

fn everything(store: &Store) -> Vec<keyglass_store::Entry> {
    let all = ReadRange {
        range: KeyRange::everything(),
        limit: usize::MAX,
        reverse: false,
    };
    store.snapshot().unwrap().read(&all).unwrap()
}

#[test]
fn a_backup_holds_one_moment_whole_and_goes_on_from_there() {
    let fixture = filled();
    let to = fixture.folder.path().join("backup");
    let mut reports = 0;
    fixture
        .store()
        .backup(&to, &mut |rows| {
            reports += 1;
            assert_eq!(rows, 4096);
            // What is committed meanwhile is not part of it.
            fixture.set(&key(&["meanwhile"]), "x");
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(reports, 1);
    assert!(fixture.get(&key(&["meanwhile"])).is_some());
    fixture.commit(AtomicOperation::new().delete(key(&["meanwhile"])));
    let backup = Store::open(&to).unwrap();
    assert_eq!(everything(&backup), everything(fixture.store()));
    assert_eq!(backup.queue(10).unwrap(), fixture.store().queue(10).unwrap());
    assert_eq!(backup.statistics().unwrap().queued_messages, Some(1));
    let report = backup.check(&mut |_| ControlFlow::Continue(())).unwrap();
    assert!(report.is_good(), "{report:?}");
    let newest = everything(&backup).iter().map(|entry| entry.versionstamp).max();
    let keyglass_store::CommitOutcome::Committed(next) = backup.commit(AtomicOperation::new()).unwrap()
    else {
        panic!("there was no check to fail");
    };
    assert!(Some(next) > newest);
}

#[test]
fn a_backup_that_is_broken_off_leaves_nothing() {
    let fixture = filled();
    let to = fixture.folder.path().join("backup");
    let error = fixture.store().backup(&to, &mut |_| ControlFlow::Break(()));
    assert!(matches!(error, Err(BackupError::Cancelled)));
    let left: Vec<_> = fs::read_dir(fixture.folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_backup_overwrites_nothing() {
    let fixture = filled();
    let to = fixture.folder.path().join("backup");
    fs::create_dir(&to).unwrap();
    fs::write(to.join("notes.txt"), "mine").unwrap();
    let error = fixture.store().backup(&to, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(error, Err(BackupError::Open(OpenError::NotEmpty(_)))));
    fs::remove_file(to.join("notes.txt")).unwrap();
    fixture
        .store()
        .backup(&to, &mut |_| ControlFlow::Continue(()))
        .unwrap();
}

#[test]
fn a_check_of_a_good_store_counts_it_and_finds_nothing() {
    let mut fixture = filled();
    fixture.reopen();
    let report = fixture.store().check(&mut |_| ControlFlow::Continue(())).unwrap();
    assert!(report.is_good(), "{report:?}");
    assert_eq!(
        (report.entries, report.expiring_entries, report.messages),
        (5402, 1, 1)
    );
    let cancelled = fixture.store().check(&mut |_| ControlFlow::Break(())).unwrap();
    assert!(!cancelled.is_good());
    assert_eq!((cancelled.entries, cancelled.num_problems), (4096, 0));
}

#[test]
fn a_check_finds_a_damaged_block_and_reads_elsewhere_go_on() {
    let mut fixture = filled();
    fixture.store = None;
    let tables = fixture.folder.path().join("store/keyspaces/1/tables");
    let table = fs::read_dir(tables).unwrap().next().unwrap().unwrap().path();
    let mut content = fs::read(&table).unwrap();
    content[1000] ^= 0x10;
    fs::write(&table, content).unwrap();
    fixture.reopen();
    let report = fixture.store().check(&mut |_| ControlFlow::Continue(())).unwrap();
    assert!(!report.is_good());
    assert_eq!(
        report.problems,
        ["Entries could not be read: a data block is damaged: its checksum does not match"]
    );
    let error = fixture.store().get(&key(&["expiring"])).unwrap_err();
    assert!(error.to_string().contains("checksum"), "{error}");
    fixture.set(&key(&["z"]), "still writable");
    assert!(fixture.get(&key(&["z"])).is_some());
}
