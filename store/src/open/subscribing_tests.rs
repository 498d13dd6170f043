//! What every engine keeps to its subscribers, tried on each of them.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::atomic::AtomicOperation;
use crate::database::{Database, FeedEvent};
use crate::deno_file::DenoFile;
use crate::embedded::Store;
use crate::error::DatabaseError;
use crate::key::{EncodedKey, KeyRange};
use crate::limits::LimitError;
use crate::value::{Encoding, StoredValue};

/// An engine, and what a test can do to it.
trait Engine {
    fn database(&self) -> &dyn Database;

    /// Changes the value of [`key`] when it cannot be read, and lets it be read only after somebody has tried.
    fn change_unreadably(&self, value: StoredValue);

    /// How much is done and remembered for subscribers.
    fn num_remembered(&self) -> usize;
}

impl Engine for Store {
    fn database(&self) -> &dyn Database {
        self
    }

    fn change_unreadably(&self, value: StoredValue) {
        let failures = self.fail_watches(2);
        commit(self, value);
        // It ends when both have failed.
        assert!(failures.recv().is_err());
    }

    fn num_remembered(&self) -> usize {
        self.num_subscribers()
    }
}

struct File {
    database: DenoFile,
    path: PathBuf,
}

impl Engine for File {
    fn database(&self) -> &dyn Database {
        &self.database
    }

    fn change_unreadably(&self, value: StoredValue) {
        // A feed tells when the file was looked at, which without this table is no database.
        let feed = self.database.changes(vec![KeyRange::everything()]).unwrap();
        let writer = rusqlite::Connection::open(&self.path).unwrap();
        writer.execute_batch("ALTER TABLE kv RENAME TO away").unwrap();
        let changed = "UPDATE away SET version = version + 1, v = ?1 WHERE k = ?2";
        let values = (value.bytes.as_ref(), key().as_bytes().to_vec());
        assert_eq!(writer.execute(changed, values).unwrap(), 1);
        assert_eq!(feed.recv(), Ok(FeedEvent::Gone));
        writer.execute_batch("ALTER TABLE away RENAME TO kv").unwrap();
    }

    fn num_remembered(&self) -> usize {
        self.database.num_remembered()
    }
}

fn key() -> EncodedKey {
    EncodedKey::from_bytes(&b"\x02a\0"[..])
}

fn value(byte: u8) -> StoredValue {
    StoredValue {
        encoding: Encoding::Bytes,
        bytes: vec![byte].into(),
    }
}

fn commit(database: &dyn Database, value: StoredValue) {
    database.commit(AtomicOperation::new().set(key(), value)).unwrap();
}

/// Each engine with an entry under [`key`].
fn engines() -> (TempDir, Vec<Box<dyn Engine>>) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv.sqlite3");
    let file = File {
        database: DenoFile::create(&path).unwrap(),
        path,
    };
    let store = Store::create(folder.path().join("store")).unwrap();
    let engines: Vec<Box<dyn Engine>> = vec![Box::new(store), Box::new(file)];
    for engine in &engines {
        commit(engine.database(), value(0));
    }
    (folder, engines)
}

#[test]
fn a_state_that_could_not_be_read_is_told_as_soon_as_it_can_be() {
    let (_folder, engines) = engines();
    for engine in engines {
        let states = engine.database().watch(vec![key()]).unwrap();
        let state = || states.recv().unwrap().remove(0).unwrap().value;
        assert_eq!(state(), value(0));
        engine.change_unreadably(value(1));
        assert_eq!(state(), value(1));
        // Nothing of it stays.
        commit(engine.database(), value(2));
        assert_eq!(state(), value(2));
    }
}

#[test]
fn nothing_is_done_or_remembered_for_who_has_dropped_a_subscription() {
    let (_folder, engines) = engines();
    for engine in engines {
        let database = engine.database();
        assert_eq!(engine.num_remembered(), 0);
        let feed = || database.changes(vec![KeyRange::everything()]).unwrap();
        let feeds = (feed(), feed());
        let watch = database.watch(vec![key()]).unwrap();
        let queue = database.watch_queue().unwrap();
        assert!(engine.num_remembered() >= 3);
        drop((feeds, watch));
        assert_eq!(engine.num_remembered(), 1);
        drop(queue);
        assert_eq!(engine.num_remembered(), 0);
        commit(database, value(1));
        assert_eq!(engine.num_remembered(), 0);
        // Who comes after them is told.
        let feed = feed();
        commit(database, value(2));
        assert!(matches!(feed.recv(), Ok(FeedEvent::Changes(changes)) if changes.len() == 1));
    }
}

#[test]
fn too_many_keys_and_keys_that_are_too_long_are_not_watched() {
    let (_folder, engines) = engines();
    let long = |bytes: usize| EncodedKey::from_bytes(vec![b'x'; bytes]);
    for engine in engines {
        let database = engine.database();
        let limits = database.capabilities().limits;
        let watch = |keys: Vec<EncodedKey>| database.watch(keys).map(drop);
        assert!(watch(vec![key(); limits.watched_keys]).is_ok());
        let refused = watch(vec![key(); limits.watched_keys + 1]).unwrap_err();
        assert!(matches!(
            refused,
            DatabaseError::Limit(LimitError::WatchedKeys(_))
        ));
        assert!(watch(vec![long(limits.read_key_bytes)]).is_ok());
        let refused = watch(vec![key(), long(limits.read_key_bytes + 1)]).unwrap_err();
        assert!(matches!(refused, DatabaseError::Limit(LimitError::KeyForRead(_))));
    }
}
