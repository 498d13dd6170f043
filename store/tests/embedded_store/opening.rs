//! Opening, creating, and everything that is not a store.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use keyglass_store::embedded::{Durability, OpenOptions, Store, is_database};
use keyglass_store::{AtomicOperation, Database, KeyRange, OpenError};

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
        assert_eq!(*owner, format!(" (process {})", std::process::id()));
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
        let facts = store.statistics().unwrap().engine;
        assert!(
            facts
                .iter()
                .any(|(name, text)| name == "Lost" && *text == report.problems[0])
        );
        store
            .commit(AtomicOperation::new().set(key(&["new"]), bytes("x")))
            .unwrap();
    }
}
