//! What happens when the folder lets the store down: errors, never a panic, a hang, or a silent loss.

use std::fs;
use std::process::Command;

use keyglass_store::embedded::{Durability, OpenOptions, Store};
use keyglass_store::{
    AtomicOperation, CommitError, CommitOutcome, Database, DatabaseError, KeyRange, Writing,
};

use crate::fixture::{Fixture, bytes, key};
#[cfg(target_os = "linux")]
use crate::small_disk::SmallDisk;

/// Commits large values until that fails; answers with how many did not.
fn commit_until_it_fails(store: &Store, most: usize) -> (usize, Option<CommitError>) {
    let mut random = 1_u64;
    for round in 0..most {
        // Text that cannot be compressed away.
        let text: String = (0..3000)
            .map(|_| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                format!("{random:016x}")
            })
            .collect();
        let operation = AtomicOperation::new().set(key(&[&format!("{round:06}")]), bytes(&text));
        match store.commit(operation) {
            Ok(CommitOutcome::Committed(_)) => {}
            Ok(CommitOutcome::Conflict(_) | CommitOutcome::MessagesChanged(_)) => {
                panic!("there was no check to fail")
            }
            Err(error) => return (round, Some(error)),
        }
    }
    (most, None)
}

/// A write failed while the commit was written, or before, on a thread of the engine.
fn is_of_the_engine(error: &CommitError) -> bool {
    matches!(
        error,
        CommitError::Unknown { .. } | CommitError::Failed(DatabaseError::Engine { .. })
    )
}

#[test]
fn a_store_whose_folder_was_deleted_ends_in_an_error_and_closes() {
    let mut fixture = Fixture::new();
    fixture.set(&key(&["a"]), "x");
    let path = fixture.folder.path().join("store");
    fs::remove_dir_all(&path).unwrap();
    let (_, error) = commit_until_it_fails(fixture.store(), 2000);
    let error = error.expect("commits to nowhere went on for ever");
    assert!(is_of_the_engine(&error), "{error}");
    assert!(error.to_string().contains(&path.display().to_string()));
    fixture.store = None;
    assert!(!path.exists(), "closing made a folder again");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_refuses_commits_and_loses_none_that_was_acknowledged() {
    let Some(disk) = SmallDisk::mount(48) else {
        return;
    };
    let path = disk.path().join("store");
    let options = OpenOptions::new()
        .durability(Durability::Relaxed)
        .cache_bytes(1 << 20);
    let store = options.create(&path).unwrap();
    let (committed, error) = commit_until_it_fails(&store, 5000);
    let error = error.expect("48 MB held 240 MB");
    assert!(is_of_the_engine(&error), "{error}");
    // Reading goes on; writing does not, because a later commit could overtake a lost one.
    assert!(store.get(&key(&["000000"])).unwrap().is_some());
    let again = store.commit(AtomicOperation::new().set(key(&["z"]), bytes("x")));
    assert!(matches!(
        again,
        Err(CommitError::Failed(DatabaseError::Engine { .. }))
    ));
    drop(store);

    // With room again, on a larger disk, everything that was acknowledged is there.
    let larger = tempfile::tempdir().unwrap();
    let copied = Command::new("cp")
        .arg("-r")
        .arg(&path)
        .arg(larger.path())
        .status()
        .unwrap();
    assert!(copied.success());
    let store = options.open(larger.path().join("store")).unwrap();
    let counted = store
        .count(&KeyRange::everything(), &mut |_| {
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    let committed = committed as u64;
    assert!(
        (committed..=committed + 1).contains(&counted.entries),
        "{} of {committed} are there",
        counted.entries
    );
    store
        .commit(AtomicOperation::new().set(key(&["z"]), bytes("x")))
        .unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_disk_is_an_error_for_who_wants_to_write_and_can_be_read() {
    let Some(disk) = SmallDisk::mount(200) else {
        return;
    };
    let path = disk.path().join("store");
    let store = Store::create(&path).unwrap();
    store
        .commit(AtomicOperation::new().set(key(&["a"]), bytes("x")))
        .unwrap();
    drop(store);
    let remounted = Command::new("mount")
        .args(["-o", "remount,ro"])
        .arg(disk.path())
        .status()
        .unwrap();
    assert!(remounted.success());
    let Err(error) = Store::open(&path) else {
        panic!("a store that cannot be written opened");
    };
    assert!(error.to_string().contains("Read-only file system"), "{error}");
    let store = OpenOptions::new().read_only_if_unwritable().open(&path).unwrap();
    assert!(store.get(&key(&["a"])).unwrap().is_some());
    let Writing::Impossible(reason) = store.capabilities().writing else {
        panic!("a read-only disk can be written");
    };
    assert!(reason.contains("open for reading"), "{reason}");
}
