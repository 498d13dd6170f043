//! Each schema version of Deno's files: what of it is read, and how a file is followed that a Deno migrates.

use std::path::Path;
use std::time::Duration;

use crate::fixture::key;
use crate::parting::files;
use keyglass_store::deno_file::DenoFile;
use keyglass_store::{AtomicOperation, Database, Encoding, FeedEvent, KeyRange, StoredValue, Writing};
use rusqlite::Connection;
use tempfile::TempDir;

/// How long something is waited for that comes.
const SOON: Duration = Duration::from_secs(60);

/// Makes a closed file of a schema version of Deno, with one entry.
pub fn of_version(path: &Path, version: i64) {
    let queue = "ts integer, id text, data blob, backoff_schedule text, keys_if_undelivered blob";
    let expiry = if version >= 3 {
        ", expiration_ms integer not null default -1"
    } else {
        ""
    };
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch(&format!(
            "PRAGMA journal_mode = wal;
             CREATE TABLE migration_state (k integer not null primary key, version integer not null);
             CREATE TABLE data_version (k integer primary key, version integer not null);
             CREATE TABLE kv (k blob primary key, v blob not null, v_encoding integer not null, \
                 version integer not null{expiry}) without rowid;
             INSERT INTO migration_state VALUES (0, {version});
             INSERT INTO data_version VALUES (0, 5);
             INSERT INTO kv (k, v, v_encoding, version) VALUES (x'026100', x'01', 3, 5);"
        ))
        .unwrap();
    if version >= 2 {
        let tables = format!(
            "CREATE TABLE queue ({queue}); CREATE TABLE queue_running ({})",
            queue.replace("ts ", "deadline ")
        );
        connection.execute_batch(&tables).unwrap();
    }
}

/// Reads a file of a schema version, and says whether it tells of expiry and of a queue.
fn read_version(version: i64) -> (bool, bool) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv");
    of_version(&path, version);
    let before = files(folder.path());
    let database = DenoFile::open(&path).unwrap();
    let entry = database.get(&key(&["a"])).unwrap().unwrap();
    assert_eq!(entry.value.bytes, [1][..]);
    assert_eq!(entry.expires_at, None);
    assert_eq!(database.queue(10).unwrap(), []);
    let capabilities = database.capabilities();
    drop(database);
    assert_eq!(files(folder.path()), before);
    (capabilities.expiry, capabilities.queue)
}

#[test]
fn schema_version_1_without_expiry_and_queue_is_read() {
    assert_eq!(read_version(1), (false, false));
}

#[test]
fn schema_version_2_with_a_queue_and_without_expiry_is_read() {
    assert_eq!(read_version(2), (false, true));
}

#[test]
fn schema_version_3_with_expiry_and_queue_is_read() {
    assert_eq!(read_version(3), (true, true));
}

#[test]
fn a_newer_schema_version_is_refused_and_the_file_left_as_it_was() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv");
    of_version(&path, 4);
    let before = files(folder.path());
    assert_eq!(
        DenoFile::open(&path).err().unwrap().to_string(),
        format!(
            "This database has format 4, and this Keyglass reads up to format 3; update Keyglass to open it: {}",
            path.display()
        )
    );
    assert_eq!(files(folder.path()), before);
}

#[test]
fn a_deno_that_migrates_the_file_is_followed_until_nobody_here_knows_its_tables() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv");
    of_version(&path, 2);
    let database = DenoFile::open(&path).unwrap();
    database.set_writable(true).unwrap();
    let feed = database.changes(vec![KeyRange::everything()]).unwrap();
    let migrate = |sql: &str| Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let lagged = Some(FeedEvent::Lagged { missed: None });
    migrate(
        "BEGIN; ALTER TABLE kv ADD COLUMN expiration_ms integer not null default -1;
         UPDATE migration_state SET version = 3; COMMIT",
    );
    assert_eq!(feed.recv_timeout(SOON).ok(), lagged);
    assert!(database.capabilities().expiry);
    let value = StoredValue {
        encoding: Encoding::Bytes,
        bytes: vec![2].into(),
    };
    let expiring = AtomicOperation::new().set_expiring(key(&["a"]), value, Some(5));
    database.commit(expiring).unwrap();
    assert_eq!(database.get(&key(&["a"])).unwrap().unwrap().expires_at, Some(5));
    assert!(matches!(feed.recv_timeout(SOON), Ok(FeedEvent::Changes(_))));

    migrate("UPDATE migration_state SET version = 4");
    assert_eq!(feed.recv_timeout(SOON).ok(), lagged);
    let reason = "A newer Deno has brought this file to schema version 4, and this Keyglass writes up to 3; update \
                  Keyglass to change it";
    assert_eq!(
        database.capabilities().writing,
        Writing::Impossible(reason.to_owned())
    );
    assert!(database.get(&key(&["a"])).unwrap().is_some());
    // As far as its tables go, it is read on; one that lacks them is a newer one all the same.
    migrate("ALTER TABLE kv RENAME COLUMN v TO value; UPDATE migration_state SET version = 5");
    assert!(database.get(&key(&["a"])).is_err());
    let refused = DenoFile::open(&path).err().unwrap().to_string();
    assert!(refused.starts_with("This database has format 5"), "{refused}");
}
