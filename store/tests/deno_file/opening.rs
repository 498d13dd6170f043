//! Deno's files are opened without a trace, and other files are refused with the reason.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::fixture::{Writer, data, key, shop};
use keyglass_store::deno_file::{DenoFile, discover, project_urls};
use keyglass_store::{Database, FeedEvent, KeyRange, OpenError, Writing};
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

fn refusal(path: &Path) -> String {
    match DenoFile::open(path) {
        Ok(_) => panic!("opened {}", path.display()),
        Err(error) => error.to_string(),
    }
}

fn not_ours(reason: &str, path: &Path) -> String {
    format!(
        "This file is not a Deno KV database ({reason}): {}",
        path.display()
    )
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn what_is_no_deno_database_is_refused_with_the_reason() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);

    let missing = path("missing.sqlite3");
    assert!(matches!(DenoFile::open(&missing), Err(OpenError::NotFound(_))));
    assert_eq!(names(folder.path()), [""; 0]);

    assert_eq!(refusal(folder.path()), not_ours("it is a folder", folder.path()));

    let empty = path("empty.sqlite3");
    fs::write(&empty, "").unwrap();
    assert_eq!(refusal(&empty), not_ours("it is empty", &empty));

    for (name, contents) in [
        ("short.sqlite3", b"SQLite".to_vec()),
        ("text.txt", "users, orders\n".repeat(400).into_bytes()),
        (
            "encrypted.sqlite3",
            (0..16_384_u32)
                .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
                .collect(),
        ),
    ] {
        let path = path(name);
        fs::write(&path, contents).unwrap();
        assert_eq!(
            refusal(&path),
            not_ours("it is not a SQLite database, or it is encrypted", &path)
        );
    }

    let other = path("other.sqlite3");
    Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE kv (key text, value text)")
        .unwrap();
    assert_eq!(
        refusal(&other),
        not_ours("it is a SQLite database without the tables of Deno KV", &other)
    );
}

#[test]
fn a_file_that_was_cut_short_is_refused_as_damaged() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("cut.sqlite3");
    let whole = fs::read(data("shop.sqlite3")).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(
        refusal(&path),
        format!(
            "This file is damaged (database disk image is malformed); keyglass recover reads what is left of it into a new database: {}",
            path.display()
        )
    );
}

#[test]
fn a_file_of_a_newer_deno_is_refused() {
    let (_folder, path) = shop();
    let writer = Writer::open(&path);
    writer
        .0
        .execute("UPDATE migration_state SET version = 4", ())
        .unwrap();
    assert!(matches!(
        DenoFile::open(&path),
        Err(OpenError::NewerFormat {
            found: 4,
            supported: 3,
            ..
        })
    ));
}

#[test]
fn a_file_of_an_early_deno_is_read_without_migrating_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("early.sqlite3");
    let writer = Writer(Connection::open(&path).unwrap());
    writer
        .0
        .execute_batch(
            "CREATE TABLE migration_state(k integer not null primary key, version integer not null);
             CREATE TABLE data_version (k integer primary key, version integer not null);
             CREATE TABLE kv (k blob primary key, v blob not null, v_encoding integer not null, \
                 version integer not null) without rowid;
             INSERT INTO migration_state VALUES (0, 1);
             INSERT INTO data_version VALUES (0, 5);
             INSERT INTO kv VALUES (x'026100', x'01', 3, 5);",
        )
        .unwrap();
    drop(writer);
    let before = fs::read(&path).unwrap();
    let database = DenoFile::open(&path).unwrap();
    let entry = database.get(&key(&["a"])).unwrap().unwrap();
    assert_eq!(entry.expires_at, None);
    assert!(!database.capabilities().expiry && !database.capabilities().queue);
    assert_eq!(database.queue(10).unwrap(), []);
    assert_eq!(database.statistics().unwrap().queued_messages, Some(0));
    assert!(database.changes(vec![KeyRange::everything()]).is_ok());
    drop(database);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_closed_file_is_left_as_it_was_found() {
    let (folder, path) = shop();
    let before = (
        Sha256::digest(fs::read(&path).unwrap()),
        fs::metadata(&path).unwrap().modified().unwrap(),
    );
    let database = DenoFile::open(&path).unwrap();
    let changes = database.changes(vec![KeyRange::everything()]).unwrap();
    let snapshot = database.snapshot().unwrap();
    assert!(database.get(&key(&["a"])).unwrap().is_none());
    assert_eq!(changes.try_recv().ok(), None::<FeedEvent>);
    drop(snapshot);
    drop(database);
    assert_eq!(names(folder.path()), ["shop.sqlite3"]);
    let after = (
        Sha256::digest(fs::read(&path).unwrap()),
        fs::metadata(&path).unwrap().modified().unwrap(),
    );
    assert_eq!(before, after);
}

#[test]
fn a_snapshot_may_outlive_its_database() {
    let (folder, path) = shop();
    let snapshot = DenoFile::open(&path).unwrap().snapshot().unwrap();
    assert!(snapshot.get(&key(&["a"])).unwrap().is_none());
    drop(snapshot);
    assert_eq!(names(folder.path()), ["shop.sqlite3"]);
}

#[test]
fn the_log_of_a_process_that_died_is_read_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let live = folder.path().join("live.sqlite3");
    let mut writer = Writer::create(&live);
    writer.set(&[(key(&["a"]), b"1")]);
    // What is on the disk while the writer runs is what a crash would leave.
    let crashed = folder.path().join("crashed.sqlite3");
    let wal = folder.path().join("crashed.sqlite3-wal");
    fs::copy(&live, &crashed).unwrap();
    fs::copy(folder.path().join("live.sqlite3-wal"), &wal).unwrap();
    let log = fs::read(&wal).unwrap();
    assert!(!log.is_empty());
    let database = DenoFile::open(&crashed).unwrap();
    assert!(database.get(&key(&["a"])).unwrap().is_some());
    drop(database);
    assert_eq!(fs::read(&wal).unwrap(), log);
}

#[test]
fn a_writer_never_waits_for_a_reader() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv.sqlite3");
    let mut writer = Writer::create(&path);
    writer.set(&[(key(&["a"]), b"1")]);
    writer.0.busy_timeout(Duration::ZERO).unwrap();
    let database = DenoFile::open(&path).unwrap();
    let _changes = database.changes(vec![KeyRange::everything()]).unwrap();
    let snapshot = database.snapshot().unwrap();
    for n in 0..200_u8 {
        writer.set(&[(key(&["a"]), &[n])]);
    }
    assert_eq!(snapshot.get(&key(&["a"])).unwrap().unwrap().value.bytes, b"1"[..]);
}

#[cfg(unix)]
#[test]
fn a_path_that_leads_to_another_file_is_followed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv.sqlite3");
    drop(Writer::create(&path));
    let database = DenoFile::open(&path).unwrap();
    assert_eq!(database.get(&key(&["a"])).unwrap(), None);
    let other = folder.path().join("other.sqlite3");
    let mut writer = Writer::create(&other);
    writer.set(&[(key(&["a"]), b"1")]);
    drop(writer);
    fs::rename(&other, &path).unwrap();
    assert!(database.get(&key(&["a"])).unwrap().is_some());
}

#[test]
fn names_that_mean_something_to_sqlite_or_in_urls_are_plain_names() {
    let folder = TempDir::new().unwrap();
    for name in ["file:kv?mode=memory", ":memory:", "a b#c?d%20.sqlite3"] {
        let path = folder.path().join(name);
        fs::copy(data("shop.sqlite3"), &path).unwrap();
        let statistics = DenoFile::open(&path).unwrap().statistics().unwrap();
        assert_eq!(statistics.queued_messages, Some(4), "{name}");
    }
}

#[test]
fn denos_own_stores_are_found_and_named_by_their_projects() {
    let folder = TempDir::new().unwrap();
    let project = folder.path().join("my shop");
    fs::create_dir(&project).unwrap();
    fs::write(project.join("deno.json"), "{}").unwrap();
    fs::write(project.join("main.ts"), "").unwrap();
    let urls = project_urls(&project);
    assert_eq!(urls.len(), 2);
    assert!(urls[0].starts_with("file:///") && urls[0].ends_with("/my%20shop/deno.json"));

    let stores = folder.path().join("location_data");
    let hash = |url: &str| -> String {
        Sha256::digest(url)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    };
    for name in [
        &hash(&urls[0]),
        &hash("http://example.com"),
        "a-folder-of-something-else",
    ] {
        fs::create_dir_all(stores.join(name)).unwrap();
    }
    for name in [hash(&urls[0]), hash("http://example.com")] {
        fs::write(stores.join(name).join("kv.sqlite3"), "12345").unwrap();
    }
    fs::write(stores.join(hash(&urls[0])).join("kv.sqlite3-wal"), "123").unwrap();
    let mut found = discover(folder.path(), &urls);
    found.sort_by_key(|store| store.project.clone());
    let facts: Vec<_> = found
        .iter()
        .map(|store| (store.size, store.project.as_deref()))
        .collect();
    assert_eq!(facts, [(5, None), (8, Some(urls[0].as_str()))]);
    assert!(
        found
            .iter()
            .all(|store| store.modified.is_some() && store.path.ends_with("kv.sqlite3"))
    );
    assert_eq!(discover(&project, &urls), []);
}

#[cfg(unix)]
#[test]
fn where_sqlite_cannot_work_beside_the_file_it_is_read_as_unchanging() {
    let (folder, path) = shop();
    // SQLite makes nothing through a link: as in a folder without write access, whoever runs the test.
    std::os::unix::fs::symlink("nowhere", folder.path().join("shop.sqlite3-shm")).unwrap();
    let database = DenoFile::open(&path).unwrap();
    assert!(!database.capabilities().consistent_snapshots);
    let reason = "The folder of this file cannot be written, so it is read as a file that nobody changes";
    assert_eq!(
        database.capabilities().writing,
        Writing::Impossible(reason.to_owned())
    );
    assert_eq!(database.queue(10).unwrap().len(), 4);

    let feed = database.changes(vec![KeyRange::everything()]).unwrap();
    let news = |limit| feed.recv_timeout(limit).ok();
    assert_eq!(news(Duration::from_millis(200)), None);
    let (_elsewhere, other) = shop();
    let delete = "DELETE FROM kv WHERE k = (SELECT min(k) FROM kv)";
    Connection::open(&other).unwrap().execute(delete, ()).unwrap();
    fs::copy(&other, &path).unwrap();
    match news(Duration::from_secs(5)) {
        Some(FeedEvent::Changes(changes)) => assert_eq!(changes.len(), 1),
        other => panic!("no change but {other:?}"),
    }
}
