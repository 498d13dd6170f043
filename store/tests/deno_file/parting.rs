//! How a file is left: as the program that writes it would have left it, and otherwise as it was found.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::fixture::{Writer, data, key};
use keyglass_store::deno_file::DenoFile;
use keyglass_store::{Database, KeyRange};
use rusqlite::Connection;
use tempfile::TempDir;

/// Every file of a folder; contents but of a `-shm`, which is only an index.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let is_index = name.ends_with("-shm");
            let contents = if is_index {
                Vec::new()
            } else {
                fs::read(&path).unwrap()
            };
            (name, contents)
        })
        .collect()
}

/// What a process that dies leaves: the files as they are while it runs.
fn crashed(path: &Path, suffixes: &[&str]) {
    let folder = TempDir::new().unwrap();
    let live = folder.path().join("live");
    let mut writer = Writer::create(&live);
    writer.set(&[(key(&["a"]), b"1")]);
    for suffix in suffixes {
        let name = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
        fs::copy(name(&live), name(path)).unwrap();
    }
}

fn cut(path: &Path, contents: &[u8], length: usize) {
    fs::write(path, &contents[..length]).unwrap();
}

#[test]
fn whatever_a_file_is_the_folder_is_left_as_it_was_found() {
    let shop = fs::read(data("shop.sqlite3")).unwrap();
    let sqlite = |path: &Path, sql: &str| Connection::open(path).unwrap().execute_batch(sql).unwrap();
    // Whether it opens, and what lies there before.
    type State<'a> = (&'a str, bool, Box<dyn Fn(&Path) + 'a>);
    let states: Vec<State> = vec![
        ("closed", true, Box::new(|path| fs::write(path, &shop).unwrap())),
        (
            "crashed",
            true,
            Box::new(|path| crashed(path, &["", "-wal", "-shm"])),
        ),
        (
            "copied with its -wal",
            true,
            Box::new(|path| crashed(path, &["", "-wal"])),
        ),
        (
            "copied without its -wal",
            false,
            Box::new(|path| crashed(path, &[""])),
        ),
        ("a -wal alone", false, Box::new(|path| crashed(path, &["-wal"]))),
        (
            "a -wal and its index alone",
            false,
            Box::new(|path| crashed(path, &["-wal", "-shm"])),
        ),
        ("cut to a header", false, Box::new(|path| cut(path, &shop, 100))),
        ("cut to a page", false, Box::new(|path| cut(path, &shop, 4096))),
        (
            "cut to some pages",
            false,
            Box::new(|path| cut(path, &shop, 40_960)),
        ),
        (
            "cut in half",
            false,
            Box::new(|path| cut(path, &shop, shop.len() / 2 + 7)),
        ),
        (
            "damaged, and all of it in a -wal",
            true,
            Box::new(|path| {
                crashed(path, &["-wal"]);
                cut(path, &shop, 40_960);
            }),
        ),
        ("empty", false, Box::new(|path| fs::write(path, "").unwrap())),
        (
            "text",
            false,
            Box::new(|path| fs::write(path, "users\n".repeat(900)).unwrap()),
        ),
        (
            "of another program",
            false,
            Box::new(|path| sqlite(path, "PRAGMA journal_mode = wal; CREATE TABLE kv (key text)")),
        ),
        (
            "of another program, without WAL mode",
            false,
            Box::new(|path| sqlite(path, "CREATE TABLE kv (key text)")),
        ),
        (
            "of a newer Deno",
            false,
            Box::new(|path| {
                let writer = Writer::create(path);
                writer
                    .0
                    .execute("UPDATE migration_state SET version = 4", ())
                    .unwrap();
            }),
        ),
        #[cfg(unix)]
        (
            "where nothing can be made",
            true,
            Box::new(|path| {
                fs::write(path, &shop).unwrap();
                let index = format!("{}-shm", path.display());
                std::os::unix::fs::symlink("nowhere", index).unwrap();
            }),
        ),
    ];
    for (state, opens, make) in states {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("kv");
        make(&path);
        let before = files(folder.path());
        let opened = DenoFile::open(&path);
        assert_eq!(
            opened.is_ok(),
            opens,
            "{state}: {:?}",
            opened.err().map(|error| error.to_string())
        );
        assert!(
            files(folder.path()) == before,
            "{state}, opened: {:?}",
            files(folder.path()).keys()
        );
        if let Ok(database) = opened {
            let feed = database.changes(KeyRange::everything()).unwrap();
            let snapshot = database.snapshot().unwrap();
            database.get(&key(&["a"])).unwrap();
            drop(snapshot);
            drop((feed, database));
            assert!(
                files(folder.path()) == before,
                "{state}, closed: {:?}",
                files(folder.path()).keys()
            );
        }
    }
}

#[test]
fn changes_of_a_writer_that_closes_during_a_look_are_put_into_the_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv");
    let mut writer = Writer::create(&path);
    let database = DenoFile::open(&path).unwrap();
    let snapshot = database.snapshot().unwrap();
    writer.set(&[(key(&["a"]), b"1")]);
    drop(writer);
    assert!(folder.path().join("kv-wal").exists());
    drop(snapshot);
    assert_eq!(files(folder.path()).into_keys().collect::<Vec<_>>(), ["kv"]);
    assert!(database.get(&key(&["a"])).unwrap().is_some());
    drop(database);
    let alone = folder.path().join("copy");
    fs::copy(&path, &alone).unwrap();
    let copy = DenoFile::open(&alone).unwrap();
    assert!(copy.get(&key(&["a"])).unwrap().is_some());
}

#[test]
fn a_writer_that_closes_between_looks_tidies_up_by_itself() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv");
    let mut writer = Writer::create(&path);
    let database = DenoFile::open(&path).unwrap();
    writer.set(&[(key(&["a"]), b"1")]);
    assert!(database.get(&key(&["a"])).unwrap().is_some());
    drop(writer);
    assert_eq!(files(folder.path()).into_keys().collect::<Vec<_>>(), ["kv"]);
    drop(database);
}

#[test]
fn a_writer_that_runs_on_is_not_disturbed_by_the_end_of_a_look() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv");
    let mut writer = Writer::create(&path);
    for n in 0..50_u8 {
        writer.set(&[(key(&["a"]), &[n])]);
        let database = DenoFile::open(&path).unwrap();
        let entry = database.get(&key(&["a"])).unwrap().unwrap();
        assert_eq!(entry.value.bytes, [n][..]);
        drop(database);
        assert_eq!(files(folder.path()).len(), 3);
    }
    drop(writer);
    assert_eq!(files(folder.path()).into_keys().collect::<Vec<_>>(), ["kv"]);
}

#[test]
fn a_file_without_its_wal_and_a_wal_without_its_file_are_told_as_that() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let refusal = |path: &Path| DenoFile::open(path).err().unwrap().to_string();
    crashed(&path("main"), &[""]);
    assert_eq!(
        refusal(&path("main")),
        format!(
            "This file holds nothing by itself: if Deno was using it when it was copied, its contents are in its -wal, \
             which must lie beside it ({}): {}",
            path("main-wal")
                .canonicalize()
                .unwrap_or_else(|_| folder.path().canonicalize().unwrap().join("main-wal"))
                .display(),
            path("main").display()
        )
    );
    crashed(&path("log"), &["-wal"]);
    let sentence = format!(
        "Only the -wal of this database is here ({}), and it cannot be read without the database's main file: {}",
        path("log-wal").display(),
        path("log").display()
    );
    assert_eq!(refusal(&path("log")), sentence);
    assert_eq!(refusal(&path("log-wal")), sentence);
    let opened = keyglass_store::open::OpenOptions::new().open(path("log").to_str().unwrap());
    assert_eq!(opened.err().unwrap().to_string(), sentence);
    crashed(&path("both"), &["", "-wal"]);
    assert!(refusal(&path("both-wal")).contains("it is the -wal of a database; open that instead"));
}

#[test]
fn every_schema_version_is_read_and_a_newer_one_refused() {
    let queue = "ts integer, id text, data blob, backoff_schedule text, keys_if_undelivered blob";
    for version in 1..=4 {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("kv");
        let expiry = if version >= 3 {
            ", expiration_ms integer not null default -1"
        } else {
            ""
        };
        let connection = Connection::open(&path).unwrap();
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
        drop(connection);
        let before = files(folder.path());
        match DenoFile::open(&path) {
            Ok(database) => {
                assert!(version <= 3);
                let entry = database.get(&key(&["a"])).unwrap().unwrap();
                assert_eq!(entry.expires_at, None);
                assert_eq!(database.capabilities().expiry, version >= 3, "{version}");
                assert_eq!(database.capabilities().queue, version >= 2, "{version}");
                assert_eq!(database.queue(10).unwrap(), []);
            }
            Err(error) => assert_eq!(
                (version, error.to_string()),
                (
                    4,
                    format!(
                        "This database has format 4, and this Keyglass reads up to format 3; update Keyglass to open it: {}",
                        path.display()
                    )
                )
            ),
        }
        assert_eq!(files(folder.path()), before, "{version}");
    }
}
