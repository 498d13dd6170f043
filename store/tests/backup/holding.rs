//! What a backup holds, and what it refuses.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use keyglass_store::atomic::Enqueue;
use keyglass_store::backup::{Backup, BackupError, BackupOptions, is_backup};
use keyglass_store::open::OpenOptions;
use keyglass_store::{AtomicOperation, Database, OpenError};

use crate::shelf::{NOON, Shelf, bytes, everything, go_on, key, texts};

/// The files below a folder, and when each was written.
fn files(folder: &Path) -> BTreeMap<String, SystemTime> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).unwrap() {
            let file = file.unwrap();
            let metadata = file.metadata().unwrap();
            if metadata.is_dir() {
                folders.push(file.path());
            } else {
                found.insert(file.path().display().to_string(), metadata.modified().unwrap());
            }
        }
    }
    found
}

#[test]
fn a_backup_is_a_database_with_the_same_entries_and_versionstamps() {
    let shelf = Shelf::new();
    shelf.put(r#"["a", 1]"#, "one");
    shelf.put(r#"["b", 2n]"#, "two");
    let expiring = AtomicOperation::new().set_expiring(key(r#"["c"]"#), bytes("three"), Some(NOON + 60_000));
    shelf.store.commit(expiring).unwrap();
    let report = shelf.back_up();
    let state = report.state.unwrap();
    assert_eq!((report.new, report.same, report.complete), (3, 0, true));
    assert_eq!((state.number, state.moment, state.passes), (1, NOON, 1));
    assert_eq!((state.sums.all.entries, state.expiring), (3, 1));
    assert_eq!(
        state.newest,
        everything(&shelf.store).last().map(|entry| entry.versionstamp)
    );
    assert!(is_backup(&shelf.home()));
    let home = shelf.open(&shelf.home());
    assert_eq!(everything(&home), everything(&shelf.store));
    assert_eq!(shelf.compare(&shelf.store, &home).differences(), 0);
    drop(home);
    assert!(shelf.verify().is_sound());
}

#[test]
fn a_file_of_denos_is_backed_up_with_all_that_it_holds() {
    let shelf = Shelf::new();
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/shop.sqlite3");
    let shop = shelf.path("shop.sqlite3");
    std::fs::copy(original, &shop).unwrap();
    let shop = OpenOptions::new().open(shop.to_str().unwrap()).unwrap();
    let report = shelf.back_up_with(&*shop, &BackupOptions::default()).unwrap();
    assert_eq!(report.new + report.expired, everything(&*shop).len() as u64);
    assert_eq!(report.errors.count, 0);
    assert!(shelf.verify().is_sound());
    let again = shelf.back_up_with(&*shop, &BackupOptions::default()).unwrap();
    assert_eq!((again.new, again.replaced, again.deleted), (0, 0, 0));
}

#[test]
fn what_did_not_change_is_not_written_again() {
    let shelf = Shelf::new();
    for number in 0..600 {
        shelf.put(&format!(r#"["all", {number}]"#), "unchanged");
    }
    shelf.back_up();
    let before = files(&shelf.home());
    shelf.pass(1000);
    let report = shelf.back_up();
    assert_eq!((report.same, report.kept_states), (600, 0));
    let state = report.state.unwrap();
    assert_eq!((state.number, state.moment, state.until), (1, NOON, NOON + 1000));
    // No table of the keyspace of entries, that is; opening a folder alone writes elsewhere, and ends lists of
    // tables that newer ones stand for.
    let tables = |files: BTreeMap<String, SystemTime>| -> Vec<_> {
        let is_table =
            |file: &str| file.contains("keyspaces/1/tables/") || file.contains("keyspaces/1/blobs/");
        files.into_iter().filter(|(file, _)| is_table(file)).collect()
    };
    assert!(!tables(before.clone()).is_empty());
    assert_eq!(tables(files(&shelf.home())), tables(before));
    shelf.put(r#"["all", 7]"#, "changed");
    let report = shelf.back_up();
    assert_eq!((report.same, report.replaced, report.kept_states), (599, 1, 1));
    let past = std::fs::metadata(shelf.home().join("backup/past/0000000000000001")).unwrap();
    assert!(past.len() < 2000, "{} bytes for one entry", past.len());
}

#[test]
fn what_expires_stays_in_a_backup_however_it_is_opened() {
    let shelf = Shelf::new();
    let expiring = AtomicOperation::new().set_expiring(key("[1]"), bytes("brief"), Some(NOON + 10));
    shelf.store.commit(expiring).unwrap();
    shelf.back_up();
    shelf.pass(60_000);
    let home = shelf.open(&shelf.home());
    assert_eq!(everything(&home), []);
    drop(home);
    let verified = shelf.verify();
    assert!(verified.is_sound(), "{:?}", verified.problems);
    assert_eq!(verified.entries, 1);
}

#[test]
fn the_queue_of_a_database_that_shows_one_is_mirrored() {
    let shelf = Shelf::new();
    let message = |text: &str, due_at| Enqueue {
        payload: bytes(text).bytes,
        due_at,
        keys_if_undelivered: vec![key("[\"undelivered\"]")],
        backoff_schedule: None,
    };
    let enqueue = |text, due_at| {
        let operation = AtomicOperation::new().enqueue(message(text, due_at));
        shelf.store.commit(operation).unwrap();
    };
    enqueue("one", NOON + 5000);
    enqueue("two", NOON + 9000);
    let report = shelf.back_up();
    assert_eq!(report.messages.unwrap().carried, 2);
    let first = shelf.store.queue(1).unwrap().pop().unwrap();
    shelf
        .store
        .commit(AtomicOperation::new().change_message(first.into_change(None)))
        .unwrap();
    let report = shelf.back_up().messages.unwrap();
    assert_eq!((report.same, report.removed), (1, 1));
    let home = shelf.open(&shelf.home());
    let queue = home.queue(10).unwrap();
    assert_eq!(
        queue.iter().map(|message| message.due_at).collect::<Vec<_>>(),
        [NOON + 9000]
    );
}

#[test]
fn another_database_is_never_taken_for_a_backup_and_no_backup_for_one_of_another() {
    let shelf = Shelf::new();
    shelf.put("[1]", "one");
    drop(shelf.open(&shelf.home()));
    let refused = shelf.back_up_with(&shelf.store, &BackupOptions::default());
    assert!(matches!(refused, Err(BackupError::NotABackup(_))), "{refused:?}");
    std::fs::remove_dir_all(shelf.home()).unwrap();
    std::fs::create_dir(shelf.home()).unwrap();
    std::fs::write(shelf.home().join("notes.txt"), "mine").unwrap();
    let refused = shelf.back_up_with(&shelf.store, &BackupOptions::default());
    assert!(
        matches!(refused, Err(BackupError::Open(OpenError::NotEmpty(_)))),
        "{refused:?}"
    );
    assert!(matches!(
        Backup::open(&shelf.home()),
        Err(BackupError::NotFound(_))
    ));
    std::fs::remove_dir_all(shelf.home()).unwrap();
    shelf.back_up();
    let other = shelf.open(&shelf.path("other.kg"));
    let refused = shelf.back_up_with(&other, &BackupOptions::default());
    let sentence = refused.unwrap_err().to_string();
    assert!(
        sentence.contains("backup of another database") && sentence.contains("shop.kg"),
        "{sentence}"
    );
    assert_eq!(shelf.backup().newest().unwrap().state.sums.all.entries, 1);
    let options = BackupOptions {
        another_source: true,
        ..BackupOptions::default()
    };
    let report = shelf.back_up_with(&other, &options).unwrap();
    assert_eq!((report.deleted, report.kept_states), (1, 1));
}

#[test]
fn a_backup_that_somebody_has_open_is_left_alone_and_he_is_named() {
    let shelf = Shelf::new();
    shelf.back_up();
    let _home = shelf.open(&shelf.home());
    let refused = shelf.back_up_with(&shelf.store, &BackupOptions::default());
    assert!(
        matches!(refused, Err(BackupError::Open(OpenError::Locked { .. }))),
        "{refused:?}"
    );
}

#[test]
fn what_somebody_changed_in_a_backup_is_told_and_kept_in_its_past() {
    let shelf = Shelf::new();
    shelf.put("[1]", "one");
    shelf.put("[2]", "two");
    shelf.back_up();
    let home = shelf.open(&shelf.home());
    let edit = AtomicOperation::new()
        .set(key("[1]"), bytes("edited"))
        .delete(key("[2]"));
    home.commit(edit).unwrap();
    drop(home);
    let verified = shelf.verify();
    assert_eq!(verified.num_problems, 2, "{:?}", verified.problems);
    assert!(verified.problems[0].contains("does not hold what was backed up below [1]"));
    shelf.pass(1000);
    let report = shelf.back_up();
    assert!(report.altered);
    assert_eq!((report.new, report.replaced, report.kept_states), (1, 1, 1));
    let verified = shelf.verify();
    assert!(verified.is_sound(), "{:?}", verified.problems);
    let home = shelf.open(&shelf.home());
    assert_eq!(texts(&home), texts(&shelf.store));
}

#[test]
fn a_damaged_or_missing_way_back_is_found_and_what_does_not_rely_on_it_is_not_harmed() {
    let shelf = Shelf::new();
    for text in ["one", "two", "three", "four"] {
        shelf.put("[1]", text);
        shelf.pass(1000);
        shelf.back_up();
    }
    assert_eq!(shelf.verify().past_states, 3);
    let path = shelf.home().join("backup/past/0000000000000002");
    let sound = std::fs::read(&path).unwrap();
    let mut damaged = sound.clone();
    let last = damaged.len() - 30;
    damaged[last] ^= 1;
    std::fs::write(&path, &damaged).unwrap();
    let verified = shelf.verify();
    assert_eq!(verified.num_problems, 1, "{:?}", verified.problems);
    assert!(
        verified.problems[0].contains("not as they were written"),
        "{:?}",
        verified.problems
    );
    std::fs::remove_file(&path).unwrap();
    let verified = shelf.verify();
    assert_eq!(verified.num_problems, 1, "{:?}", verified.problems);
    assert!(
        verified.problems[0].contains("is missing"),
        "{:?}",
        verified.problems
    );
    std::fs::write(&path, sound).unwrap();
    assert!(shelf.verify().is_sound());
}

#[test]
fn what_was_replaced_is_kept_as_long_as_asked() {
    let shelf = Shelf::new();
    let hour = 3_600_000;
    for text in ["one", "two", "three", "four"] {
        shelf.put("[1]", text);
        shelf.pass(hour);
        shelf.back_up();
    }
    let moments = |shelf: &Shelf| -> Vec<i64> {
        let states = shelf.backup().states().unwrap();
        states.iter().map(|state| state.moment - NOON).collect()
    };
    assert_eq!(moments(&shelf), [hour, 2 * hour, 3 * hour, 4 * hour]);
    let keep = |keep| BackupOptions {
        keep: Some(keep),
        ..BackupOptions::default()
    };
    // What was replaced two hours ago and earlier is forgotten: the value of the first hour, at the second one.
    let report = shelf.back_up_with(&shelf.store, &keep(2 * hour - 1)).unwrap();
    assert_eq!((report.forgotten, report.kept_states), (1, 2));
    assert_eq!(moments(&shelf), [2 * hour, 3 * hour, 4 * hour]);
    let report = shelf.back_up_with(&shelf.store, &keep(-1)).unwrap();
    assert_eq!((report.forgotten, report.kept_states), (2, 0));
    assert!(shelf.verify().is_sound());
    assert!(
        matches!(shelf.backup().state_at(Some(NOON)), Err(BackupError::TooOld { oldest, .. }) if oldest == NOON + 4 * hour)
    );
    assert!(shelf.backup().verify(&mut go_on).unwrap().is_sound());
}
