//! Changes that another process commits to a Deno file are noticed and named.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use crate::fixture::{Writer, key};
use keyglass_store::deno_file::DenoFile;
use keyglass_store::{
    Before, Change, Database, Feed, FeedEvent, KeyRange, ReadRange, Versionstamp, WatchedState,
};
use tempfile::TempDir;

/// How long something is waited for that comes.
const SOON: Duration = Duration::from_secs(60);
const WHILE: Duration = Duration::from_millis(200);

struct Setting {
    _folder: TempDir,
    path: PathBuf,
    writer: Writer,
    database: DenoFile,
}

fn setting(entries: &[(&str, &[u8])]) -> Setting {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv.sqlite3");
    let mut writer = Writer::create(&path);
    for (name, value) in entries {
        writer.set(&[(key(&["p", name]), value)]);
    }
    let database = DenoFile::open(&path).unwrap();
    Setting {
        _folder: folder,
        path,
        writer,
        database,
    }
}

fn next(feed: &Feed) -> Vec<Change> {
    match next_event(feed, SOON) {
        Some(FeedEvent::Changes(changes)) => changes,
        other => panic!("no changes but {other:?}"),
    }
}

/// The next event; `None` if there is none for so long.
fn next_event(feed: &Feed, limit: Duration) -> Option<FeedEvent> {
    feed.recv_timeout(limit).ok()
}

fn value(bytes: &[u8]) -> Option<Vec<u8>> {
    Some(bytes.to_vec())
}

/// Key, bytes before and bytes after.
fn told(change: &Change) -> (String, Option<Vec<u8>>, Option<Vec<u8>>) {
    let before = match &change.before {
        Before::Entry(entry) => value(&entry.value.bytes),
        Before::Absent => None,
        Before::Unknown => value(b"unknown"),
    };
    let after = change.after.as_ref().and_then(|entry| value(&entry.value.bytes));
    (change.key.to_string(), before, after)
}

#[test]
fn sets_updates_and_deletes_are_told_with_what_stood_there() {
    let mut setting = setting(&[("a", b"1"), ("b", b"2")]);
    let feed = setting
        .database
        .changes(vec![KeyRange::below(&key(&["p"]))])
        .unwrap();
    let (a, b, c) = (key(&["p", "a"]), key(&["p", "b"]), key(&["p", "c"]));
    let version = setting.writer.set(&[(a.clone(), b"10"), (c.clone(), b"3")]);
    let changes = next(&feed);
    assert_eq!(
        changes.iter().map(told).collect::<Vec<_>>(),
        [
            (a.to_string(), value(b"1"), value(b"10")),
            (c.to_string(), None, value(b"3"))
        ]
    );
    let stamp = changes[0].after.as_ref().unwrap().versionstamp;
    assert_eq!(stamp, Versionstamp::from_counter(version as u64));

    setting.writer.delete(&[b.clone(), a.clone()]);
    let deleted = next(&feed);
    let newest = setting.database.snapshot().unwrap().versionstamp();
    assert_eq!(Some(deleted[0].versionstamp), newest);
    assert_eq!(
        deleted.iter().map(told).collect::<Vec<_>>(),
        [
            (a.to_string(), value(b"10"), None),
            (b.to_string(), value(b"2"), None)
        ]
    );
}

#[test]
fn commits_between_two_looks_come_in_their_order() {
    let setting = setting(&[("gone", b"0")]);
    let feed = setting
        .database
        .changes(vec![KeyRange::below(&key(&["p"]))])
        .unwrap();
    // Holding the write lock open keeps all three commits out of sight until the last.
    setting
        .writer
        .0
        .execute_batch(
            "BEGIN IMMEDIATE;
             INSERT INTO kv (k, v, v_encoding, version) VALUES (x'027000026200', x'01', 3, 30);
             INSERT INTO kv (k, v, v_encoding, version) VALUES (x'027000026100', x'02', 3, 40);
             INSERT INTO kv (k, v, v_encoding, version) VALUES (x'027000026300', x'03', 3, 30);
             DELETE FROM kv WHERE v = x'30';
             UPDATE data_version SET version = 41;
             COMMIT;",
        )
        .unwrap();
    let keys = |changes: Vec<Change>| {
        changes
            .iter()
            .map(|change| change.key.to_string())
            .collect::<Vec<_>>()
    };
    let name = |name: &str| key(&["p", name]).to_string();
    assert_eq!(keys(next(&feed)), [name("b"), name("c")]);
    assert_eq!(keys(next(&feed)), [name("a")]);
    assert_eq!(keys(next(&feed)), [name("gone")]);
}

#[test]
fn changes_that_follow_each_other_are_told_one_by_one() {
    let mut setting = setting(&[]);
    let feed = setting.database.changes(vec![KeyRange::everything()]).unwrap();
    for n in 0..5_u8 {
        setting.writer.set(&[(key(&["p", "a"]), &[n])]);
        let changes = next(&feed);
        assert_eq!(changes.len(), 1);
        assert_eq!(told(&changes[0]).2, value(&[n]));
    }
}

#[test]
fn changes_outside_the_range_are_not_told() {
    let mut setting = setting(&[("a", b"1")]);
    let feed = setting
        .database
        .changes(vec![KeyRange::below(&key(&["p"]))])
        .unwrap();
    setting.writer.set(&[(key(&["q", "a"]), b"1")]);
    assert_eq!(next_event(&feed, WHILE), None);
    setting.writer.set(&[(key(&["p", "a"]), b"2")]);
    assert_eq!(next(&feed).len(), 1);
}

#[test]
fn nothing_is_missed_between_subscribing_and_reading() {
    let mut setting = setting(&[]);
    for n in 0..50_u8 {
        let feed = setting.database.changes(vec![KeyRange::everything()]).unwrap();
        setting.writer.set(&[(key(&["p", "a"]), &[n])]);
        let changes = next(&feed);
        assert_eq!(changes[0].after.as_ref().unwrap().value.bytes, [n][..]);
    }
}

#[test]
fn watched_keys_are_told_at_once_and_after_each_change() {
    let mut setting = setting(&[("a", b"1")]);
    let watch = setting
        .database
        .watch(vec![key(&["p", "a"]), key(&["p", "b"])])
        .unwrap();
    let state = || {
        let state = watch.recv_timeout(SOON).unwrap();
        let bytes = state
            .into_iter()
            .map(|entry| entry.map(|entry| entry.value.bytes.to_vec()));
        bytes.collect::<Vec<_>>()
    };
    assert_eq!(state(), [value(b"1"), None]);
    setting.writer.set(&[(key(&["p", "b"]), b"2")]);
    assert_eq!(state(), [value(b"1"), value(b"2")]);
    setting.writer.delete(&[key(&["p", "a"])]);
    assert_eq!(state(), [None, value(b"2")]);
    setting.writer.set(&[(key(&["p", "c"]), b"3")]);
    assert!(watch.recv_timeout(WHILE).is_err());
}

#[test]
fn a_slow_reader_of_a_watch_gets_the_newest_state_in_the_end() {
    let mut setting = setting(&[]);
    let watch = setting.database.watch(vec![key(&["p", "a"])]).unwrap();
    for n in 0..4_u8 {
        setting.writer.set(&[(key(&["p", "a"]), &[n])]);
    }
    let value = |state: &WatchedState| state[0].as_ref().map(|entry| entry.value.bytes.to_vec());
    while value(&watch.recv_timeout(SOON).unwrap()) != Some(vec![3]) {}
    assert!(
        watch.recv_timeout(WHILE).is_err(),
        "nothing comes after the newest"
    );
}

#[test]
fn watching_no_key_ends_at_once_and_eleven_are_refused() {
    let setting = setting(&[]);
    let watch = setting.database.watch(Vec::new()).unwrap();
    assert_eq!(watch.recv_timeout(SOON), Ok(Vec::new()));
    assert_eq!(watch.recv_timeout(SOON), Err(RecvTimeoutError::Disconnected));
    let refused = setting.database.watch(vec![key(&["a"]); 11]).unwrap_err();
    assert_eq!(refused.to_string(), "Too many keys (max 10)");
}

#[test]
fn a_reader_that_is_too_slow_hears_that_it_missed_changes() {
    let mut setting = setting(&[]);
    let feed = setting.database.changes(vec![KeyRange::everything()]).unwrap();
    // Told after the other.
    let last = setting
        .database
        .changes(vec![KeyRange::only(&key(&["p", "1199"]))])
        .unwrap();
    // One look finds more commits than the feed has room for events.
    let transaction = setting.writer.0.transaction().unwrap();
    for n in 0..1200_i64 {
        let sql = "INSERT INTO kv (k, v, v_encoding, version) VALUES (?1, x'01', 3, ?2)";
        let key = key(&["p", &n.to_string()]);
        transaction.execute(sql, (key.as_bytes(), n)).unwrap();
    }
    transaction.commit().unwrap();
    next(&last);
    let events: Vec<FeedEvent> = feed.try_iter().collect();
    assert_eq!(events.len(), 1025);
    assert_eq!(events.last(), Some(&FeedEvent::Lagged { missed: Some(176) }));
    setting.writer.set(&[(key(&["p", "after"]), b"1")]);
    assert_eq!(next(&feed)[0].key, key(&["p", "after"]));
}

#[test]
fn more_changes_than_can_be_named_are_told_as_missed() {
    let mut setting = setting(&[]);
    let feed = setting.database.changes(vec![KeyRange::everything()]).unwrap();
    let entries: Vec<_> = (0..10_001)
        .map(|n| (key(&["p", &n.to_string()]), &b"1"[..]))
        .collect();
    setting.writer.set(&entries);
    assert_eq!(
        next_event(&feed, SOON),
        Some(FeedEvent::Lagged { missed: Some(10_001) })
    );
    setting.writer.set(&[(key(&["p", "5"]), b"2")]);
    assert_eq!(next(&feed).len(), 1);
}

#[test]
fn a_range_that_is_too_large_to_compare_only_tells_that_something_changed() {
    let mut setting = setting(&[]);
    let small = setting
        .database
        .changes(vec![KeyRange::below(&key(&["q"]))])
        .unwrap();
    let growing = setting.database.changes(vec![KeyRange::everything()]).unwrap();
    let entries: Vec<_> = (0..200_001)
        .map(|n| (key(&["p", &n.to_string()]), &b"1"[..]))
        .collect();
    setting.writer.set(&entries);
    assert_eq!(
        next_event(&growing, SOON),
        Some(FeedEvent::Lagged { missed: None })
    );
    let large = setting.database.changes(vec![KeyRange::everything()]).unwrap();
    assert_eq!(next_event(&large, WHILE), None);
    // What was remembered for both is lost with the larger one, and the smaller one is then remembered by itself.
    assert_eq!(next_event(&small, SOON), Some(FeedEvent::Lagged { missed: None }));
    setting.writer.set(&[(key(&["q", "a"]), b"1")]);
    assert_eq!(next_event(&large, SOON), Some(FeedEvent::Lagged { missed: None }));
    assert_eq!(next(&small).len(), 1);
}

#[test]
fn values_beyond_the_memory_of_a_feed_are_unknown_afterwards() {
    let mut setting = setting(&[]);
    let big = vec![7; 65_536];
    let entries: Vec<_> = (0..300)
        .map(|n| (key(&["p", &format!("{n:03}")]), &big[..]))
        .collect();
    setting.writer.set(&entries);
    let feed = setting.database.changes(vec![KeyRange::everything()]).unwrap();
    setting
        .writer
        .set(&[(key(&["p", "000"]), b"1"), (key(&["p", "299"]), b"1")]);
    let changes = next(&feed);
    assert!(matches!(&changes[0].before, Before::Entry(entry) if entry.value.bytes == big));
    assert_eq!(changes[1].before, Before::Unknown);
    // Room has come free, so this one is remembered now.
    setting.writer.set(&[(key(&["p", "299"]), b"2")]);
    assert_eq!(told(&next(&feed)[0]).1, value(b"1"));
}

#[test]
fn a_file_that_was_replaced_is_noticed_and_followed() {
    let setting = setting(&[("a", b"1")]);
    let Setting {
        _folder: folder,
        path,
        writer,
        database,
    } = setting;
    let feed = database.changes(vec![KeyRange::everything()]).unwrap();
    let other = folder.path().join("other.sqlite3");
    Writer::create(&other).set(&[(key(&["p", "a"]), b"other")]);
    drop(writer);
    fs::rename(&other, &path).unwrap();
    assert_eq!(next_event(&feed, SOON), Some(FeedEvent::Lagged { missed: None }));
    Writer::open(&path).set(&[(key(&["p", "b"]), b"new")]);
    assert_eq!(told(&next(&feed)[0]).2, value(b"new"));
}

#[test]
fn dropping_the_database_ends_its_feeds() {
    let setting = setting(&[("a", b"1")]);
    let feed = setting.database.changes(vec![KeyRange::everything()]).unwrap();
    let watch = setting.database.watch(vec![key(&["p", "a"])]).unwrap();
    drop(setting.database);
    assert_eq!(feed.iter().count(), 0);
    assert_eq!(watch.iter().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_file_that_is_deleted_and_made_again_is_told_as_gone_and_followed_when_it_is_back() {
    let Setting {
        _folder: folder,
        path,
        writer,
        database,
    } = setting(&[("a", b"1")]);
    let feed = database.changes(vec![KeyRange::everything()]).unwrap();
    let watch = database.watch(vec![key(&["p", "a"])]).unwrap();
    assert!(watch.recv_timeout(SOON).unwrap()[0].is_some());
    drop(writer);
    fs::remove_file(&path).unwrap();
    assert_eq!(next_event(&feed, SOON), Some(FeedEvent::Gone));
    assert_eq!(next_event(&feed, WHILE), None);
    let told = database.get(&key(&["p", "a"])).unwrap_err().to_string();
    assert_eq!(
        told,
        format!(
            "The database is not there any more; it is read again as soon as it is back: {}",
            path.display()
        )
    );
    let mut writer = Writer::create(&path);
    assert_eq!(next_event(&feed, SOON), Some(FeedEvent::Lagged { missed: None }));
    assert_eq!(watch.recv_timeout(SOON), Ok(vec![None]));
    writer.set(&[(key(&["p", "a"]), b"again")]);
    assert_eq!(told_value(&feed), value(b"again"));
    assert!(watch.recv_timeout(SOON).unwrap()[0].is_some());
    drop((feed, watch, database, writer));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_that_something_else_takes_the_place_of_is_told_as_gone_once_and_followed_when_it_is_back() {
    let Setting {
        _folder: folder,
        path,
        writer,
        database,
    } = setting(&[("a", b"1")]);
    let feed = database.changes(vec![KeyRange::everything()]).unwrap();
    drop(writer);
    let kept = fs::read(&path).unwrap();
    let plain = folder.path().join("plain.sqlite3");
    let sql = "CREATE TABLE notes (text); INSERT INTO notes VALUES ('x')";
    rusqlite::Connection::open(&plain)
        .unwrap()
        .execute_batch(sql)
        .unwrap();
    let plain = fs::read(plain).unwrap();
    // A text, nothing, and a database of something else, in the same file and in one that takes its place.
    let text = b"not a database at all, and long enough to have a header".repeat(50);
    for other in [text.as_slice(), b"", plain.as_slice()] {
        for in_place in [true, false] {
            let write = |bytes: &[u8]| {
                if in_place {
                    fs::write(&path, bytes).unwrap();
                } else {
                    let next = folder.path().join("next");
                    fs::write(&next, bytes).unwrap();
                    fs::rename(next, &path).unwrap();
                }
            };
            write(other);
            assert_eq!(next_event(&feed, SOON), Some(FeedEvent::Gone), "{in_place}");
            assert_eq!(next_event(&feed, WHILE), None);
            write(&kept);
            assert_eq!(
                next_event(&feed, SOON),
                Some(FeedEvent::Lagged { missed: None }),
                "{in_place}"
            );
            assert!(database.get(&key(&["p", "a"])).unwrap().is_some());
        }
    }
}

fn told_value(feed: &Feed) -> Option<Vec<u8>> {
    told(&next(feed)[0]).2
}

#[test]
fn a_read_that_failed_is_made_up_for_without_another_commit() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv");
    let mut writer = Writer::create(&path);
    writer.set(&[(key(&["p", "a"]), b"1")]);
    drop(writer);
    let database = DenoFile::open(&path).unwrap();
    let feed = database.changes(vec![KeyRange::everything()]).unwrap();
    let watch = database.watch(vec![key(&["p", "a"])]).unwrap();
    assert!(watch.recv_timeout(SOON).is_ok());
    assert_eq!(next_event(&feed, WHILE), None);
    let other = folder.path().join("other");
    fs::copy(&path, &other).unwrap();
    Writer::open(&other).set(&[(key(&["p", "a"]), b"2")]);
    let changed = fs::read(&other).unwrap();
    // The same file, as long and of the same time as before, so nothing but trying again shows that it can be read.
    let time = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let write = |contents: &[u8]| {
        let mut file = fs::File::options().write(true).open(&path).unwrap();
        file.write_all(contents).unwrap();
        file.set_modified(time).unwrap();
    };
    // Damaged behind its header, so that it is still a database.
    let mut damaged = changed.clone();
    damaged[100..].fill(7);
    write(&damaged);
    assert_eq!(next_event(&feed, WHILE), None);
    write(&changed);
    assert_eq!(told_value(&feed), value(b"2"));
    let state = watch.recv_timeout(SOON).unwrap();
    assert_eq!(state[0].as_ref().unwrap().value.bytes, b"2"[..]);
}

#[cfg(target_os = "linux")]
#[test]
fn the_wal_of_a_file_that_was_replaced_is_neither_read_with_the_new_one_nor_put_into_it() {
    for during_look in [false, true] {
        let Setting {
            _folder: folder,
            path,
            mut writer,
            database,
        } = setting(&[("a", b"1")]);
        let feed = database.changes(vec![KeyRange::everything()]).unwrap();
        writer.set(&[(key(&["p", "b"]), b"2")]);
        assert_eq!(told(&next(&feed)[0]).2, value(b"2"));
        let look = during_look.then(|| database.snapshot().unwrap());
        let other = folder.path().join("other.sqlite3");
        Writer::create(&other).set(&[(key(&["p", "a"]), b"other")]);
        let contents = fs::read(&other).unwrap();
        let wal = format!("{}-wal", path.display());
        let left = fs::read(&wal).unwrap();
        assert!(!left.is_empty());
        fs::rename(&other, &path).unwrap();
        drop(look);
        assert_eq!(next_event(&feed, SOON), Some(FeedEvent::Lagged { missed: None }));
        let everything = ReadRange {
            range: KeyRange::everything(),
            limit: 10,
            reverse: false,
        };
        let entries = database.snapshot().unwrap().read(&everything).unwrap();
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].value.bytes, b"other"[..]);
        assert!(database.capabilities().consistent_snapshots);
        assert_eq!(fs::read(&path).unwrap(), contents);
        assert_eq!(fs::read(&wal).unwrap(), left);
        // As soon as the old program has gone and taken its -wal along, the new one is followed as always.
        drop(writer);
        assert!(fs::remove_file(&wal).is_ok() || !fs::exists(&wal).unwrap());
        let mut writer = Writer::open(&path);
        writer.set(&[(key(&["p", "b"]), b"new")]);
        assert_eq!(told(&next(&feed)[0]).2, value(b"new"));
    }
}
