//! Entries that have expired and that no Deno has swept yet: they are read, and counted apart.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::fixture::{Writer, key, shop};
use keyglass_store::deno_file::DenoFile;
use keyglass_store::{Clock, Counted, Database, Key, KeyRange, Kv, Selector};
use rusqlite::Connection;
use tempfile::TempDir;

/// Sets the expiry of the first sessions of the shop, in milliseconds since the Unix epoch.
fn expire_sessions(path: &Path, number: u64, at: i64) {
    let below = KeyRange::below(&key(&["sessions"]));
    let changed = Connection::open(path)
        .unwrap()
        .execute(
            "UPDATE kv SET expiration_ms = ?1 WHERE k IN \
             (SELECT k FROM kv WHERE k >= ?2 AND k < ?3 ORDER BY k LIMIT ?4)",
            (at, below.start.as_bytes(), below.end.as_bytes(), number as i64),
        )
        .unwrap();
    assert_eq!(changed as u64, number);
}

fn count(database: &DenoFile, range: &KeyRange) -> Counted {
    database.count(range, &mut |_| ControlFlow::Continue(())).unwrap()
}

#[test]
fn expired_entries_are_read_and_counted_apart_from_their_very_millisecond_on() {
    let (_folder, path) = shop();
    expire_sessions(&path, 18, 2000);
    expire_sessions(&path, 17, 1000);
    let time = Arc::new(AtomicI64::new(999));
    let clock = Clock::from_fn({
        let time = Arc::clone(&time);
        move || time.load(Ordering::Relaxed)
    });
    let database = DenoFile::open_with_clock(&path, clock).unwrap();
    let sessions = KeyRange::below(&key(&["sessions"]));
    let users = KeyRange::below(&key(&["users"]));
    for (now, expired, next) in [
        (i64::MIN, 0, 1000),
        (999, 0, 1000),
        (1000, 17, 2000),
        (1999, 17, 2000),
        (2000, 18, 2_583_794_189_129),
    ] {
        time.store(now, Ordering::Relaxed);
        let all = count(&database, &KeyRange::everything());
        assert_eq!(
            (all.entries, all.expired, all.alive()),
            (1946, expired, 1946 - expired)
        );
        let of_sessions = count(&database, &sessions);
        assert_eq!((of_sessions.entries, of_sessions.expired), (60, expired), "{now}");
        assert_eq!(count(&database, &users).expired, 0);
        let read = database
            .read(&[keyglass_store::ReadRange {
                range: sessions.clone(),
                limit: usize::MAX,
                reverse: false,
            }])
            .unwrap()
            .remove(0);
        let has_expired = read.iter().filter(|entry| entry.has_expired(now)).count();
        assert_eq!((read.len(), has_expired as u64), (60, expired), "{now}");
        assert_eq!(database.statistics().unwrap().next_expiry, Some(next), "{now}");
    }
}

#[test]
fn a_count_that_goes_on_never_tells_more_living_entries_than_there_are() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv.sqlite3");
    let mut writer = Writer::create(&path);
    let entries: Vec<_> = (0..9_000)
        .map(|number| (key(&["k", &number.to_string()]), &b"value"[..]))
        .collect();
    writer.set(&entries);
    writer.0.execute("UPDATE kv SET expiration_ms = 5", ()).unwrap();
    let database = DenoFile::open_with_clock(&path, Clock::from_fn(|| 5)).unwrap();
    let mut told = Vec::new();
    let counted = database
        .count(&KeyRange::everything(), &mut |counted| {
            told.push((counted.alive(), counted.expired));
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(told, [(0, 9_000); 2]);
    assert_eq!((counted.entries, counted.alive()), (9_000, 0));
}

#[test]
fn a_file_from_before_expiries_has_none_that_expired() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv.sqlite3");
    let mut writer = Writer::create(&path);
    writer.set(&[(key(&["a"]), b"1")]);
    writer
        .0
        .execute_batch(
            "DROP INDEX kv_expiration_ms_idx; ALTER TABLE kv DROP COLUMN expiration_ms;
             UPDATE migration_state SET version = 2;",
        )
        .unwrap();
    let database = DenoFile::open_with_clock(&path, Clock::from_fn(|| i64::MAX)).unwrap();
    let counted = count(&database, &KeyRange::everything());
    assert_eq!((counted.entries, counted.expired), (1, 0));
    assert_eq!(database.statistics().unwrap().next_expiry, None);
}

#[test]
fn the_typed_face_tells_nothing_of_what_has_expired() {
    let (_folder, path) = shop();
    expire_sessions(&path, 17, 1000);
    let database = Arc::new(DenoFile::open_with_clock(&path, Clock::from_fn(|| 1000)).unwrap());
    let sessions = KeyRange::below(&key(&["sessions"]));
    let read = database
        .read(&[keyglass_store::ReadRange {
            range: sessions,
            limit: 18,
            reverse: false,
        }])
        .unwrap()
        .remove(0);
    let keys: Vec<Key> = read.iter().map(|entry| entry.key.decode().unwrap()).collect();
    let kv = Kv::new(Arc::clone(&database));
    assert!(kv.get(keys[16].clone()).unwrap().is_none());
    assert!(kv.get(keys[17].clone()).unwrap().is_some());
    let many = kv.get_many(keys[16..].to_vec()).unwrap();
    assert_eq!((many[0].is_some(), many[1].is_some()), (false, true));
    let selector = || Selector::prefix(key(&["sessions"]).decode().unwrap());
    for batch_size in [5, 17, 100] {
        let listed = kv.list(selector()).batch_size(batch_size);
        assert_eq!(listed.map(Result::unwrap).count(), 43, "{batch_size}");
    }
    let mut first = kv.list(selector()).limit(1);
    assert_eq!(first.next().unwrap().unwrap().key, keys[17]);
    assert!(first.next().is_none());
    let mut watch = kv.watch(keys[16..].to_vec()).unwrap();
    let state = watch.next().unwrap().unwrap();
    assert_eq!((state[0].is_some(), state[1].is_some()), (false, true));
}
