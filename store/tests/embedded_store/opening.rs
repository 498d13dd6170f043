//! Opening, creating, and everything that is not a store.

use std::fs;
use std::path::Path;

use keyglass_store::embedded::{OpenOptions, Store, is_database};
use keyglass_store::{AtomicOperation, Database, OpenError};
use tempfile::TempDir;

use crate::fixture::{Fixture, bytes, copy, eventually, key};

fn error_of(result: Result<Store, OpenError>) -> OpenError {
    match result {
        Ok(_) => panic!("it opened"),
        Err(error) => error,
    }
}

fn names(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap();
    files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn a_path_that_does_not_exist_opens_nothing_and_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing");
    assert!(matches!(error_of(Store::open(&path)), OpenError::NotFound(_)));
    assert!(!path.exists());
}

#[test]
fn a_foreign_folder_is_left_untouched() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    assert!(matches!(
        error_of(Store::open(folder.path())),
        OpenError::NotOurFolder(_)
    ));
    assert!(matches!(
        error_of(Store::create(folder.path())),
        OpenError::NotEmpty(_)
    ));
    assert!(matches!(
        error_of(Store::open_or_create(folder.path())),
        OpenError::NotOurFolder(_)
    ));
    assert_eq!(names(folder.path()), ["notes.txt"]);
    assert!(!is_database(folder.path()));
}

#[test]
fn a_file_is_not_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kv.sqlite3");
    fs::write(&path, "SQLite format 3").unwrap();
    for result in [
        Store::open(&path),
        Store::create(&path),
        Store::open_or_create(&path),
    ] {
        assert!(matches!(error_of(result), OpenError::NotOurFile { .. }));
    }
}

#[test]
fn an_empty_folder_is_made_a_store_only_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        error_of(Store::open(folder.path())),
        OpenError::NotOurFolder(_)
    ));
    drop(Store::create(folder.path()).unwrap());
    assert!(is_database(folder.path()));
    assert!(matches!(
        error_of(Store::create(folder.path())),
        OpenError::NotEmpty(_)
    ));
    drop(Store::open(folder.path()).unwrap());
    drop(Store::open_or_create(folder.path()).unwrap());
}

#[test]
fn a_newer_format_is_refused_by_its_number() {
    let mut fixture = Fixture::new();
    fixture.store = None;
    let path = fixture.folder.path().join("store");
    fs::write(
        path.join("keyglass.json"),
        r#"{"format": 2, "complete": true, "more": []}"#,
    )
    .unwrap();
    let error = error_of(Store::open(&path));
    assert!(matches!(
        error,
        OpenError::NewerFormat {
            found: 2,
            supported: 1,
            ..
        }
    ));
    assert!(is_database(&path));
}

#[test]
fn a_damaged_marker_is_an_error_and_not_a_new_store() {
    let mut fixture = Fixture::new();
    fixture.store = None;
    let path = fixture.folder.path().join("store");
    for text in [
        "",
        "{",
        "[]",
        r#"{"format": -1, "complete": true}"#,
        r#"{"format": 1}"#,
    ] {
        fs::write(path.join("keyglass.json"), text).unwrap();
        assert!(
            matches!(error_of(Store::open_or_create(&path)), OpenError::Engine { .. }),
            "{text}"
        );
    }
}

#[test]
fn a_store_that_is_open_is_locked_and_names_its_owner() {
    let fixture = Fixture::new();
    let path = fixture.folder.path().join("store");
    let error = error_of(Store::open(&path));
    let OpenError::Locked { owner, .. } = &error else {
        panic!("{error}");
    };
    if cfg!(target_os = "linux") {
        let owner = owner.as_ref().unwrap();
        assert_eq!(owner.process, std::process::id());
        let name = owner.name.as_ref().unwrap();
        let sentence = error.to_string();
        let whole = format!(
            "{name} (process {}) has this database open; close it there and try again, or have it open the store with OpenOptions::new().attachable(), so that others can attach: {}",
            owner.process,
            path.display()
        );
        assert_eq!(sentence, whole);
    }
    fixture.set(&key(&["a"]), "the owner is unharmed");
}

#[test]
fn an_interrupted_creation_is_taken_up_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    for leave in ["keyglass.json", "lock", "version", "0.jnl", "keyspaces"] {
        drop(Store::create(&path).unwrap());
        // The state just after this file was made.
        fs::write(path.join("keyglass.json"), r#"{"format": 1, "complete": false}"#).unwrap();
        for name in names(&path) {
            if name == leave || name == "keyglass.json" {
                continue;
            }
            let file = path.join(name);
            if file.is_dir() {
                fs::remove_dir_all(file).unwrap();
            } else {
                fs::remove_file(file).unwrap();
            }
        }
        assert!(Store::open(&path).is_ok(), "{leave}");
        fs::remove_dir_all(&path).unwrap();
    }
}

#[test]
fn missing_engine_files_are_an_error_and_not_an_empty_store() {
    for name in ["lock", "version", "keyspaces"] {
        let mut fixture = Fixture::new();
        fixture.set(&key(&["a"]), "x");
        fixture.store = None;
        let path = fixture.folder.path().join("store");
        let file = path.join(name);
        if file.is_dir() {
            fs::remove_dir_all(file).unwrap();
        } else {
            fs::remove_file(file).unwrap();
        }
        assert!(
            matches!(error_of(Store::open(&path)), OpenError::Engine { .. }),
            "{name}"
        );
    }
}

#[test]
fn a_clean_close_leaves_nothing_to_replay() {
    let mut fixture = Fixture::new();
    for round in 0..100 {
        fixture.set(&key(&[&round.to_string()]), "x");
    }
    fixture.store = None;
    let path = fixture.folder.path().join("store");
    let journals: Vec<_> = names(&path)
        .into_iter()
        .filter(|name| name.ends_with(".jnl"))
        .collect();
    assert!(!journals.is_empty());
    for journal in journals {
        assert_eq!(fs::metadata(path.join(&journal)).unwrap().len(), 0, "{journal}");
    }
    for _ in 0..3 {
        fixture.reopen();
        assert_eq!(fixture.keys().len(), 100);
    }
}

#[test]
fn a_snapshot_that_outlives_its_store_still_reads_and_keeps_the_folder_locked() {
    let mut fixture = Fixture::new();
    fixture.set(&key(&["a"]), "x");
    let snapshot = fixture.store().snapshot().unwrap();
    fixture.store = None;
    let path = fixture.folder.path().join("store");
    assert!(snapshot.get(&key(&["a"])).unwrap().is_some());
    assert!(matches!(error_of(Store::open(&path)), OpenError::Locked { .. }));
    drop(snapshot);
    fixture.reopen();
    assert_eq!(fixture.keys(), [key(&["a"])]);
}

#[test]
fn a_damaged_table_is_an_error_that_names_the_folder() {
    let mut fixture = Fixture::new();
    fixture.set(&key(&["a"]), "x");
    fixture.store = None;
    let path = fixture.folder.path().join("store");
    let tables = path.join("keyspaces/1/tables");
    for table in names(&tables) {
        fs::write(tables.join(table), "not a table").unwrap();
    }
    let error = error_of(OpenOptions::new().open(&path));
    assert!(
        matches!(error, OpenError::Engine { .. } | OpenError::Io { .. }),
        "{error}"
    );
    assert!(error.to_string().ends_with(&path.display().to_string()));
}

#[test]
fn a_store_that_is_opened_again_gets_a_new_journal_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    drop(Store::create(&path).unwrap());
    let newest_journal = || {
        let files = fs::read_dir(&path).unwrap();
        let numbers = files.filter_map(|file| {
            let name = file.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".jnl")?.parse::<u64>().ok()
        });
        numbers.max().unwrap()
    };
    for round in 0..3 {
        let store = Store::open(&path).unwrap();
        let before = newest_journal();
        let key = |number: usize| key(&["k", &round.to_string(), &number.to_string()]);
        for number in 0..40 {
            let operation = AtomicOperation::new().set(key(number), bytes("v"));
            store.commit(operation).unwrap();
        }
        eventually("a new journal", || newest_journal() > before);
        for number in 40..50 {
            let operation = AtomicOperation::new().set(key(number), bytes("v"));
            store.commit(operation).unwrap();
        }
        // What a crash would leave: everything that was acknowledged is in the files.
        let left = folder.path().join(format!("left {round}"));
        eventually("a copy", || copy(&path, &left).is_ok());
        for store in [store, Store::open(&left).unwrap()] {
            let keys: Vec<_> = (0..50).map(key).collect();
            assert!(store.get_many(&keys).unwrap().iter().all(Option::is_some));
        }
    }
}

#[test]
fn a_store_keeps_its_id_through_openings_and_moves_and_an_old_one_gets_one() {
    let folder = TempDir::new().unwrap();
    let (path, moved) = (folder.path().join("a"), folder.path().join("b"));
    let made = Store::create(&path).unwrap().id();
    assert!(made.is_some());
    fs::rename(&path, &moved).unwrap();
    assert_eq!(Store::open(&moved).unwrap().id(), made);
    let read = OpenOptions::new().read_only(true).open(&moved).unwrap();
    assert_eq!(read.id(), made);
    drop(read);
    assert_ne!(Store::create(&path).unwrap().id(), made);
    // As an earlier version wrote it.
    fs::write(path.join("keyglass.json"), r#"{"format": 1, "complete": true}"#).unwrap();
    let read = OpenOptions::new().read_only(true).open(&path).unwrap();
    assert_eq!(read.id(), None);
    drop(read);
    let given = Store::open(&path).unwrap().id();
    assert!(given.is_some());
    assert_eq!(Store::open(&path).unwrap().id(), given);
}
