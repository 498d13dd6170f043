//! Stores that are open for reading: nothing of it reaches the folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use keyglass_store::embedded::{OpenOptions, Store};
use keyglass_store::{
    AtomicOperation, Changes, Clock, Database, DatabaseError, Enqueue, FeedEvent, KeyRange, OpenError,
    ReadRange, Writing,
};

use crate::fixture::{Fixture, bytes, copy, key};

/// Every file of a folder, with what is in it and when it was written.
fn contents(folder: &Path) -> BTreeMap<PathBuf, (Option<Vec<u8>>, SystemTime)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let modified = fs::metadata(&folder).unwrap().modified().unwrap();
        found.insert(folder.clone(), (None, modified));
        for file in fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let modified = fs::metadata(&path).unwrap().modified().unwrap();
                found.insert(path.clone(), (Some(fs::read(&path).unwrap()), modified));
            }
        }
    }
    found
}

/// A folder as it stands after a process was killed: tables, large values, and journals that were not folded in. At
/// time 3,000,000 "old" has expired and was not swept.
fn left_by_a_killed_process() -> (Fixture, PathBuf) {
    let mut fixture = Fixture::new();
    for number in 0..500 {
        fixture.set(&key(&["table", &format!("{number:03}")]), "in a table");
    }
    let large: String = (0..20_000)
        .map(|number: u32| number.to_string())
        .take(9_000)
        .collect();
    fixture.set(&key(&["large"]), &large);
    fixture.reopen();
    fixture.set_expiring(&key(&["old"]), "x", 2_000_000);
    fixture.set(&key(&["table", "000"]), "changed in the journal");
    fixture.commit(AtomicOperation::new().enqueue(Enqueue {
        payload: bytes("message").bytes,
        due_at: 60_000_000,
        keys_if_undelivered: Vec::new(),
        backoff_schedule: None,
    }));
    let left = fixture.folder.path().join("left");
    copy(&fixture.folder.path().join("store"), &left).unwrap();
    (fixture, left)
}

fn options() -> OpenOptions {
    OpenOptions::new().clock(Clock::from_fn(|| 3_000_000))
}

#[test]
fn reading_a_store_leaves_its_folder_byte_for_byte_as_it_was() {
    let (_fixture, left) = left_by_a_killed_process();
    let before = contents(&left);
    let store = options().read_only(true).open(&left).unwrap();

    let range = ReadRange {
        range: KeyRange::everything(),
        limit: usize::MAX,
        reverse: false,
    };
    let entries = store.snapshot().unwrap().read(&range).unwrap();
    // Five hundred in tables and one large; what has expired is not among them.
    assert_eq!(entries.len(), 501);
    let changed = store.get(&key(&["table", "000"])).unwrap().unwrap();
    assert_eq!(&*changed.value.bytes, b"changed in the journal");
    assert!(store.get(&key(&["large"])).unwrap().unwrap().value.bytes.len() > 9_000);
    assert_eq!(store.queue(10).unwrap().len(), 1);
    let report = store.check(&mut |_| std::ops::ControlFlow::Continue(())).unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!(store.location(), left.display().to_string());
    assert!(store.statistics().unwrap().disk_bytes.unwrap() > 0);

    drop(store);
    assert_eq!(contents(&left), before);
    // Opened for writing, it would not be.
    drop(options().open(&left).unwrap());
    assert_ne!(contents(&left), before);
}

#[test]
fn a_store_that_is_open_for_reading_takes_no_change_and_says_why() {
    let (_fixture, left) = left_by_a_killed_process();
    let before = contents(&left);
    let store = options().read_only(true).open(&left).unwrap();
    let capabilities = store.capabilities();
    assert!(matches!(capabilities.writing, Writing::Impossible(_)));
    assert_eq!(capabilities.changes, Changes::Never);
    let feed = store.changes(vec![KeyRange::everything()]).unwrap();

    let refused = format!("The database is read-only: {}", left.display());
    let commit = store.commit(AtomicOperation::new().set(key(&["a"]), bytes("x")));
    assert_eq!(commit.unwrap_err().to_string(), refused);
    assert_eq!(store.set_writable(true).unwrap_err().to_string(), refused);
    store.set_writable(false).unwrap();
    // A listener would remove what it was given.
    let received = store.listen().receive(Duration::ZERO);
    assert!(matches!(received, Err(DatabaseError::ReadOnly(_))));
    assert_eq!(feed.try_iter().collect::<Vec<FeedEvent>>(), []);
    drop(store);
    assert_eq!(contents(&left), before);
}

#[test]
fn who_reads_a_store_keeps_nobody_from_it_and_sees_what_was_there() {
    let (mut fixture, left) = left_by_a_killed_process();
    let first = options().read_only(true).open(&left).unwrap();
    let second = options().read_only(true).open(&left).unwrap();
    let owner = Store::open(&left).unwrap();
    owner
        .commit(AtomicOperation::new().set(key(&["new"]), bytes("x")))
        .unwrap();
    for reader in [&first, &second] {
        assert!(reader.get(&key(&["new"])).unwrap().is_none());
        assert!(reader.get(&key(&["table", "499"])).unwrap().is_some());
    }

    // Whoever writes may be in the middle of it.
    let Err(error) = options().read_only(true).open(&left) else {
        panic!("a store was read while it is open for writing");
    };
    assert!(matches!(error, OpenError::Locked { .. }), "{error}");
    drop(owner);
    let later = options().read_only(true).open(&left).unwrap();
    assert!(later.get(&key(&["new"])).unwrap().is_some());
    fixture.store = None;
}

#[test]
fn a_damaged_store_is_refused_by_its_own_name_when_it_is_read_too() {
    let (_fixture, left) = left_by_a_killed_process();
    fs::remove_file(left.join("version")).unwrap();
    let before = contents(&left);
    let Err(error) = options().read_only(true).open(&left) else {
        panic!("a store without its version opened");
    };
    assert!(
        error.to_string().ends_with(&left.display().to_string()),
        "{error}"
    );
    assert_eq!(contents(&left), before);
}

#[test]
fn a_folder_that_is_being_written_to_is_refused_with_the_reason_and_leaves_no_picture_behind() {
    let (_fixture, left) = left_by_a_killed_process();
    let has_ended = std::sync::atomic::AtomicBool::new(false);
    let error = std::thread::scope(|scope| {
        // Somebody who does not lock the folder, such as a copy that is still being made.
        scope.spawn(|| {
            let mut file = fs::File::create(left.join("growing")).unwrap();
            while !has_ended.load(std::sync::atomic::Ordering::Relaxed) {
                std::io::Write::write_all(&mut file, b"more").unwrap();
            }
        });
        let error = loop {
            // The system may let the other thread rest for a whole picture.
            if let Err(error) = OpenOptions::new().read_only(true).open(&left) {
                break error;
            }
        };
        has_ended.store(true, std::sync::atomic::Ordering::Relaxed);
        error
    });
    assert!(
        error
            .to_string()
            .contains("it is being written to, so it cannot be read as it is at one moment"),
        "{error}"
    );
    assert!(error.to_string().contains(&left.display().to_string()), "{error}");
    let store = OpenOptions::new().read_only(true).open(&left).unwrap();
    assert_eq!(
        store.get(&key(&["table", "001"])).unwrap().unwrap().value,
        bytes("in a table")
    );
}
