//! Commits to a file that other programs have, too, or have had.

use std::fs;
use std::path::Path;

use crate::fixture::{Writer, key, shop};
use crate::writing::{bytes, committed, names, new_file, number, rows, set, sum};
use keyglass_store::deno_file::DenoFile;
use keyglass_store::{
    AtomicOperation, Before, CommitError, Database, DatabaseError, Enqueue, FeedEvent, KeyRange, Versionstamp,
};
use rusqlite::Connection;
use tempfile::TempDir;

#[test]
fn nothing_is_put_into_the_file_while_another_program_has_it() {
    let (folder, path, database) = new_file();
    let deno = Writer::open(&path);
    let entries = |writer: &Writer| -> i64 {
        writer
            .0
            .query_row("SELECT count(*) FROM kv", (), |row| row.get(0))
            .unwrap()
    };
    assert_eq!(entries(&deno), 0);
    let before = fs::read(&path).unwrap();
    for n in 0..40 {
        committed(database.commit(set(&["a", &n.to_string()], &"x".repeat(60_000))));
    }
    assert_eq!(entries(&deno), 40);
    assert!(fs::read(&path).unwrap() == before, "the file itself was written");
    let log = fs::metadata(path.with_extension("sqlite3-wal")).unwrap().len();
    assert!(log > 40 * 60_000, "{log}");
    drop(deno);
    assert_eq!(names(folder.path()), ["kv.sqlite3"]);
    assert_eq!(rows(&path).len(), 40);
}

#[test]
fn a_file_that_nobody_else_has_is_left_as_deno_would_leave_it() {
    let (folder, path, database) = new_file();
    for n in 0..20 {
        committed(database.commit(set(&["a", &n.to_string()], "1")));
        assert_eq!(names(folder.path()), ["kv.sqlite3"]);
    }
    let header = fs::read(&path).unwrap();
    assert_eq!(&header[18..20], [2, 2], "it is in WAL mode");
    let connection = Connection::open(&path).unwrap();
    let check: String = connection
        .query_row("PRAGMA integrity_check", (), |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
    assert_eq!(rows(&path).len(), 20);
}

#[test]
fn the_journal_mode_of_a_file_stays_as_it_is() {
    let (folder, path, database) = new_file();
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("PRAGMA journal_mode = delete").unwrap();
    drop(connection);
    committed(database.commit(set(&["a"], "1")));
    assert_eq!(database.get(&key(&["a"])).unwrap().unwrap().value, bytes("1"));
    assert_eq!(&fs::read(&path).unwrap()[18..20], [1, 1]);
    assert_eq!(names(folder.path()), ["kv.sqlite3"]);
}

#[test]
fn an_older_schema_takes_what_it_has_a_place_for() {
    for version in [1, 2] {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("kv.sqlite3");
        crate::schemas::of_version(&path, version);
        let database = DenoFile::open(&path).unwrap();
        database.set_writable(true).unwrap();
        let old = database.get(&key(&["a"])).unwrap().unwrap();
        let stamp = committed(database.commit(set(&["a"], "new").check(key(&["a"]), Some(old.versionstamp))));
        assert!(stamp > old.versionstamp);
        committed(database.commit(set(&["b"], "1").mutate(key(&["n"]), sum(4))));
        committed(database.commit(AtomicOperation::new().delete(key(&["b"]))));
        let stored = database
            .get_many(&[key(&["a"]), key(&["b"]), key(&["n"])])
            .unwrap();
        let values: Vec<_> = stored
            .into_iter()
            .map(|entry| entry.map(|entry| entry.value))
            .collect();
        assert_eq!(values, [Some(bytes("new")), None, Some(number(4))]);
        let expiring = AtomicOperation::new().set_expiring(key(&["e"]), bytes("1"), Some(9));
        assert_eq!(
            database.commit(expiring).unwrap_err().to_string(),
            format!(
                "Nothing was stored, because entries cannot expire in a file of schema version {version}; once a newer \
                 Deno has opened it they can: {}",
                path.display()
            )
        );
        let message = Enqueue {
            payload: vec![1].into(),
            due_at: 5,
            keys_if_undelivered: vec![],
            backoff_schedule: None,
        };
        let queued = database.commit(AtomicOperation::new().enqueue(message));
        if version == 1 {
            let sentence = queued.unwrap_err().to_string();
            assert!(sentence.contains("messages cannot be queued in a file of schema version 1"));
        } else {
            committed(queued);
            assert_eq!(database.queue(10).unwrap().len(), 1);
        }
    }
}

#[test]
fn what_a_newer_deno_has_made_of_a_file_is_not_written() {
    let (_folder, path, database) = new_file();
    Connection::open(&path)
        .unwrap()
        .execute_batch("UPDATE migration_state SET version = 4")
        .unwrap();
    assert_eq!(
        database.commit(set(&["a"], "1")).unwrap_err().to_string(),
        format!(
            "Nothing was stored, because a newer Deno has brought this file to schema version 4, and this Keyglass \
             writes up to 3; update Keyglass to change it: {}",
            path.display()
        )
    );
    assert_eq!(rows(&path), []);
}

#[test]
fn a_damaged_commit_counter_takes_no_commit() {
    for (counter, reason) in [
        (
            "UPDATE data_version SET version = 9223372036854775807",
            "no versionstamp is left",
        ),
        ("UPDATE data_version SET version = -40", "is damaged"),
        ("DELETE FROM data_version", "its commit counter is missing"),
    ] {
        let (_folder, path, database) = new_file();
        Connection::open(&path).unwrap().execute_batch(counter).unwrap();
        let error = database.commit(set(&["a"], "1")).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
        assert!(matches!(error, CommitError::Failed(_)));
        assert_eq!(rows(&path), []);
    }
}

#[test]
fn a_file_that_another_program_holds_is_waited_for_and_then_left_alone() {
    let (_folder, path, database) = new_file();
    let holder = Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = database.commit(set(&["a"], "1")).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "Nothing was stored: Another process holds this database and has not let it go within 2 seconds; try it \
             again: {}",
            path.display()
        )
    );
    assert!(matches!(error, CommitError::Failed(DatabaseError::Busy { .. })));
    holder.execute_batch("ROLLBACK").unwrap();
    committed(database.commit(set(&["a"], "1")));
    // One that lets go in time is only waited for.
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    std::thread::scope(|scope| {
        let commit = scope.spawn(|| database.commit(set(&["a"], "2")));
        holder.execute_batch("ROLLBACK").unwrap();
        committed(commit.join().unwrap());
    });
}

#[test]
fn own_commits_are_told_once_to_own_feeds_and_watches() {
    let (_folder, path, database) = new_file();
    let feed = database.changes(vec![KeyRange::everything()]).unwrap();
    let watch = database.watch(vec![key(&["a"])]).unwrap();
    assert_eq!(watch.recv().unwrap(), [None]);
    let mut told = Vec::new();
    let changes = || match feed.recv().unwrap() {
        FeedEvent::Changes(changes) => changes,
        other => panic!("{other:?}"),
    };
    let mut deno = Writer::open(&path);
    for n in 0..20 {
        if n % 2 == 0 {
            told.push(committed(database.commit(set(&["a"], &n.to_string()))));
        } else {
            let version = deno.set(&[(key(&["a"]), n.to_string().as_bytes())]);
            told.push(Versionstamp::from_counter(version.unsigned_abs()));
        }
        let changes = changes();
        assert_eq!(changes.len(), 1);
        let after = changes[0].after.as_ref().unwrap();
        assert_eq!(after.versionstamp, told[n]);
        match &changes[0].before {
            Before::Absent => assert_eq!(n, 0),
            Before::Entry(before) => assert_eq!(before.versionstamp, told[n - 1]),
            Before::Unknown => panic!("the value before was not known"),
        }
        let state = std::iter::from_fn(|| watch.recv().ok()).find(|state| {
            state[0]
                .as_ref()
                .is_some_and(|entry| entry.versionstamp == told[n])
        });
        assert!(state.is_some());
    }
    committed(database.commit(AtomicOperation::new().delete(key(&["a"]))));
    assert_eq!(changes()[0].after, None);
}

#[test]
fn a_new_file_lists_the_tables_that_denos_own_has() {
    let (folder, path, database) = new_file();
    drop(database);
    let (_shop_folder, shop) = shop();
    let tables = |path: &Path| -> Vec<(String, String, Option<String>)> {
        let connection = Connection::open(path).unwrap();
        let mut statement = connection
            .prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY rowid")
            .unwrap();
        let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(tables(&path), tables(&shop));
    let setting = |path: &Path, name: &str| -> rusqlite::types::Value {
        let connection = Connection::open(path).unwrap();
        connection
            .query_row(&format!("PRAGMA {name}"), (), |row| row.get(0))
            .unwrap()
    };
    for name in [
        "page_size",
        "journal_mode",
        "encoding",
        "auto_vacuum",
        "user_version",
        "application_id",
    ] {
        assert_eq!(setting(&path, name), setting(&shop, name), "{name}");
    }
    assert_eq!(names(folder.path()), ["kv.sqlite3"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        drop(
            Connection::open(folder.path().join("sqlite"))
                .unwrap()
                .execute_batch("CREATE TABLE t (a)"),
        );
        let own = fs::metadata(folder.path().join("sqlite"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode, own, "as SQLite makes its files");
    }
    assert!(DenoFile::create(&path).is_err());
}
