//! Commits to Deno's files: by Deno's rules, and nothing but the rows of the operation.

use std::fs;
use std::path::Path;

use crate::fixture::{Writer, key, shop};
use keyglass_store::deno_file::DenoFile;
use keyglass_store::{
    AtomicOperation, CommitError, CommitOutcome, Database, DatabaseError, EncodedKey, Encoding, Enqueue,
    MutationKind, StoredValue, Versionstamp, Writing,
};
use rusqlite::Connection;
use tempfile::TempDir;

pub fn bytes(text: &str) -> StoredValue {
    StoredValue {
        encoding: Encoding::Bytes,
        bytes: text.as_bytes().to_vec().into(),
    }
}

pub fn number(value: u64) -> StoredValue {
    StoredValue {
        encoding: Encoding::Le64,
        bytes: value.to_le_bytes().to_vec().into(),
    }
}

pub fn sum(value: u64) -> MutationKind {
    MutationKind::Sum {
        operand: number(value),
        min: None,
        max: None,
        clamp: false,
    }
}

pub fn set(parts: &[&str], value: &str) -> AtomicOperation {
    AtomicOperation::new().set(key(parts), bytes(value))
}

/// A new file that may be written.
pub fn new_file() -> (TempDir, std::path::PathBuf, DenoFile) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv.sqlite3");
    let database = DenoFile::create(&path).unwrap();
    (folder, path, database)
}

pub fn committed(outcome: Result<CommitOutcome, CommitError>) -> Versionstamp {
    match outcome {
        Ok(CommitOutcome::Committed(stamp)) => stamp,
        other => panic!("not committed: {other:?}"),
    }
}

pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

type Row = (Vec<u8>, Vec<u8>, i64, i64, i64);

pub fn rows(path: &Path) -> Vec<Row> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection
        .prepare("SELECT k, v, v_encoding, version, expiration_ms FROM kv ORDER BY k")
        .unwrap();
    let rows = statement.query_map((), |row| {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
    });
    rows.unwrap().map(Result::unwrap).collect()
}

fn data_version(path: &Path) -> i64 {
    let connection = Connection::open(path).unwrap();
    connection
        .query_row("SELECT version FROM data_version WHERE k = 0", (), |row| {
            row.get(0)
        })
        .unwrap()
}

#[test]
fn every_mutation_becomes_the_row_that_deno_would_write() {
    let (_folder, path, database) = new_file();
    let stamped = MutationKind::SetSuffixVersionstampedKey {
        value: bytes("s"),
        expires_at: Some(7),
    };
    let first = AtomicOperation::new()
        .set_expiring(key(&["expires"]), bytes("e"), Some(4_102_444_800_000))
        .set_expiring(key(&["long ago"]), bytes("l"), Some(-5))
        .set(key(&["empty"]), bytes(""))
        .set(key(&["gone"]), bytes("g"))
        .delete(key(&["gone"]))
        .delete(key(&["never"]))
        .mutate(key(&["count"]), sum(u64::MAX))
        .mutate(key(&["count"]), sum(3))
        .mutate(key(&["min"]), MutationKind::Min(number(9)))
        .mutate(key(&["min"]), MutationKind::Min(number(5)))
        .mutate(key(&["max"]), MutationKind::Max(number(9)))
        .mutate(key(&["max"]), MutationKind::Max(number(12)))
        .mutate(key(&["stamped"]), stamped);
    let stamp = committed(database.commit(first));
    let version = i64::try_from(stamp.counter()).unwrap();
    assert!((1..=9).contains(&version), "{version}");
    assert_eq!(data_version(&path), version);
    let name = format!("\u{2}{stamp}\0");
    let row = |key: EncodedKey, value: StoredValue, expiration| {
        let encoding = value.encoding.number();
        (
            key.as_bytes().to_vec(),
            value.bytes.to_vec(),
            encoding,
            version,
            expiration,
        )
    };
    let mut expected = vec![
        row(key(&["expires"]), bytes("e"), 4_102_444_800_000),
        row(key(&["long ago"]), bytes("l"), 0),
        row(key(&["empty"]), bytes(""), -1),
        row(key(&["count"]), number(2), -1),
        row(key(&["min"]), number(5), -1),
        row(key(&["max"]), number(12), -1),
        row(key(&["stamped"]).with_suffix(name.as_bytes()), bytes("s"), 7),
    ];
    expected.sort();
    assert_eq!(rows(&path), expected);

    // What is stored again has no expiry unless it is given one, and a sum has none.
    let expiring = set(&["expires"], "2").mutate(key(&["count"]), sum(1));
    let count = AtomicOperation::new().set_expiring(key(&["count"]), number(1), Some(9));
    committed(database.commit(count));
    committed(database.commit(expiring));
    let expirations: Vec<_> = [&["expires"], &["count"]]
        .map(|parts| rows(&path).into_iter().find(|row| row.0 == key(parts).as_bytes()))
        .into_iter()
        .map(|row| row.unwrap().4)
        .collect();
    assert_eq!(expirations, [-1, -1]);
}

#[test]
fn messages_become_the_rows_that_deno_delivers() {
    let (_folder, path, database) = new_file();
    let message = |due_at, backoff_schedule| Enqueue {
        payload: vec![0xff, 0x0f, b'_'].into(),
        due_at,
        keys_if_undelivered: vec![key(&["a"]), EncodedKey::default()],
        backoff_schedule,
    };
    let operation = AtomicOperation::new()
        .enqueue(message(1_000, None))
        .enqueue(message(2_000, Some(vec![])))
        .enqueue(message(2_000, Some(vec![5, 70_000])));
    let stamp = committed(database.commit(operation));
    assert_eq!(Some(stamp), database.statistics().unwrap().versionstamp);
    let connection = Connection::open(&path).unwrap();
    let mut statement = connection
        .prepare(
            "SELECT ts, data, backoff_schedule, keys_if_undelivered, typeof(keys_if_undelivered), id FROM queue \
             ORDER BY ts, length(backoff_schedule)",
        )
        .unwrap();
    type Message = (i64, Vec<u8>, String, String, String, String);
    let messages: Vec<Message> = statement
        .query_map((), |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
            ))
        })
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let facts: Vec<_> = messages.iter().map(|it| (it.0, it.2.as_str())).collect();
    assert_eq!(
        facts,
        [
            (1_000, "[100,1000,5000,30000,60000]"),
            (2_000, "[]"),
            (2_000, "[5,70000]")
        ]
    );
    for message in &messages {
        assert_eq!(message.1, [0xff, 0x0f, b'_']);
        assert_eq!(
            (message.3.as_str(), message.4.as_str()),
            ("[[2,97,0],[]]", "text")
        );
        assert_eq!(message.5.len(), 36);
    }
    assert_eq!(database.queue(10).unwrap().len(), 3);
}

#[test]
fn a_message_is_changed_while_it_waits_as_it_was_seen_and_not_while_it_runs() {
    let (_folder, path, database) = new_file();
    let message = |payload: &'static [u8]| Enqueue {
        payload: payload.into(),
        due_at: 5_000,
        keys_if_undelivered: vec![key(&["a"])],
        backoff_schedule: Some(vec![7]),
    };
    let queued = AtomicOperation::new()
        .enqueue(message(b"edited"))
        .enqueue(message(b"cancelled"))
        .enqueue(message(b"running"));
    committed(database.commit(queued));
    let messages = database.queue(10).unwrap();
    let named = |payload: &[u8]| {
        let mut messages = messages.iter();
        messages.find(|it| it.payload == payload).unwrap().clone()
    };
    let deno = Connection::open(&path).unwrap();
    deno.execute_batch(
        "INSERT INTO queue_running SELECT ts + 5000, id, data, backoff_schedule, keys_if_undelivered FROM queue \
         WHERE data = CAST('running' AS BLOB); \
         DELETE FROM queue WHERE data = CAST('running' AS BLOB)",
    )
    .unwrap();
    let edit = named(b"edited").into_change(Some(Enqueue {
        payload: b"new".to_vec().into(),
        due_at: -3,
        keys_if_undelivered: Vec::new(),
        backoff_schedule: None,
    }));
    let before = data_version(&path);
    let running = database
        .queue(10)
        .unwrap()
        .into_iter()
        .find(|it| it.running)
        .unwrap();
    let refused = set(&["x"], "1")
        .change_message(edit.clone())
        .change_message(named(b"running").into_change(None))
        .change_message(running.into_change(None))
        .enqueue(message(b"never"));
    let outcome = database.commit(refused).unwrap();
    assert_eq!(outcome, CommitOutcome::MessagesChanged(vec![1, 2]));
    assert_eq!((data_version(&path), rows(&path).len()), (before, 0));
    let nameless = keyglass_store::MessageChange {
        id: None,
        ..named(b"cancelled").into_change(None)
    };
    let changed = AtomicOperation::new()
        .change_message(edit)
        .change_message(nameless.clone());
    let stamp = committed(database.commit(changed));
    assert_eq!(stamp.counter(), data_version(&path).unsigned_abs());
    let row = deno
        .query_row(
            "SELECT id, ts, data, backoff_schedule, keys_if_undelivered, typeof(keys_if_undelivered) FROM queue",
            (),
            |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, i64>(1)?,
                    row.get::<_, Vec<u8>>(2)?,
                    row.get::<_, String>(3)?,
                    row.get::<_, String>(4)?,
                    row.get::<_, String>(5)?,
                ))
            },
        )
        .unwrap();
    let default = "[100,1000,5000,30000,60000]".to_owned();
    let expected = (
        named(b"edited").id,
        0,
        b"new".to_vec(),
        default,
        "[]".to_owned(),
        "text".to_owned(),
    );
    assert_eq!(row, expected);
    let running: i64 = deno
        .query_row("SELECT count(*) FROM queue_running", (), |row| row.get(0))
        .unwrap();
    assert_eq!(running, 1);
    let again = database.commit(AtomicOperation::new().change_message(nameless));
    assert_eq!(again.unwrap(), CommitOutcome::MessagesChanged(vec![0]));
}

#[test]
fn checks_hold_against_what_is_in_the_file_now() {
    let (_folder, path, database) = new_file();
    let mut deno = Writer::open(&path);
    let version = deno.set(&[(key(&["a"]), b"1")]);
    let stamp = Versionstamp::from_counter(version.unsigned_abs());
    let checked = |expected| set(&["a"], "2").check(key(&["a"]), expected);
    // An entry that has expired and was not swept is there, as it is for Deno.
    deno.0.execute("UPDATE kv SET expiration_ms = 1", ()).unwrap();
    match database
        .commit(checked(None).check(key(&["b"]), Some(stamp)))
        .unwrap()
    {
        CommitOutcome::Conflict(failed) => {
            assert_eq!(failed.len(), 2);
            let current = failed[0].current.as_ref().unwrap();
            assert_eq!((current.versionstamp, current.expires_at), (stamp, Some(1)));
            assert_eq!((failed[1].index, &failed[1].current), (1, &None));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(data_version(&path), version, "a failed check takes no version");
    let next = committed(database.commit(checked(Some(stamp))));
    assert!(next > stamp);
    assert!(matches!(
        database.commit(checked(Some(stamp))),
        Ok(CommitOutcome::Conflict(_))
    ));
    // Versions go on from whatever Deno has come to.
    let version = deno.set(&[(key(&["a"]), b"3")]);
    assert!(version > i64::try_from(next.counter()).unwrap());
    let last = committed(database.commit(AtomicOperation::new().check(key(&["b"]), None)));
    assert!(last > Versionstamp::from_counter(version.unsigned_abs()));
}

#[test]
fn what_is_refused_leaves_nothing_behind() {
    let (_folder, path, database) = new_file();
    committed(database.commit(set(&["text"], "t")));
    let before = (rows(&path), data_version(&path));
    let wrong = set(&["first"], "1").mutate(key(&["text"]), sum(1));
    let error = database.commit(wrong).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Failed to perform 'sum' mutation on a non-U64 value in the database"
    );
    assert!(matches!(error, CommitError::Refused(DatabaseError::Type(_))));
    let large = set(&["large"], &"x".repeat(65_537));
    assert_eq!(
        database.commit(large).unwrap_err().to_string(),
        "Value too large (max 65536 bytes)"
    );
    assert_eq!((rows(&path), data_version(&path)), before);
}

#[test]
fn a_file_is_locked_until_that_is_lifted_and_then_until_the_next_time() {
    let (folder, path) = shop();
    let database = DenoFile::open(&path).unwrap();
    let before = fs::read(&path).unwrap();
    assert_eq!(database.capabilities().writing, Writing::Locked);
    let refused = format!("The database is read-only: {}", path.display());
    assert_eq!(
        database.commit(set(&["a"], "1")).unwrap_err().to_string(),
        refused
    );
    assert!(fs::read(&path).unwrap() == before);
    database.set_writable(true).unwrap();
    assert_eq!(database.capabilities().writing, Writing::Allowed);
    committed(database.commit(set(&["a"], "1")));
    database.set_writable(false).unwrap();
    assert_eq!(database.capabilities().writing, Writing::Locked);
    assert_eq!(
        database.commit(set(&["a"], "2")).unwrap_err().to_string(),
        refused
    );
    assert_eq!(database.get(&key(&["a"])).unwrap().unwrap().value, bytes("1"));
    assert_eq!(names(folder.path()), ["shop.sqlite3"]);
}

#[test]
fn another_file_in_its_place_is_locked_and_a_deleted_one_takes_nothing() {
    let (folder, path, database) = new_file();
    let other = folder.path().join("other.sqlite3");
    drop(DenoFile::create(&other).unwrap());
    fs::rename(&other, &path).unwrap();
    assert_eq!(database.capabilities().writing, Writing::Locked);
    let error = database.commit(set(&["a"], "1")).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "Nothing was stored, because another file took the place of the one that was unlocked; unlock this one to \
             change it: {}",
            path.display()
        )
    );
    assert!(matches!(error, CommitError::Refused(_)));
    assert_eq!(rows(&path), []);
    database.set_writable(true).unwrap();
    committed(database.commit(set(&["a"], "1")));
    fs::remove_file(&path).unwrap();
    let error = database.commit(set(&["a"], "2")).unwrap_err();
    assert!(
        matches!(error, CommitError::Refused(DatabaseError::Gone(_))),
        "{error}"
    );
    assert_eq!(names(folder.path()), Vec::<String>::new());
}
