//! How a file is left: as the program that writes it would have left it, and otherwise as it was found.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::fixture::{Writer, data, key};
use keyglass_store::deno_file::DenoFile;
use keyglass_store::{AtomicOperation, CommitOutcome, Database, Encoding, KeyRange, StoredValue, Writing};
use rusqlite::Connection;
use tempfile::TempDir;

/// Every file of a folder; contents but of a `-shm`, which is only an index.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
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
            let feed = database.changes(vec![KeyRange::everything()]).unwrap();
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

/// A folder that shows another one for reading only, until it is dropped.
#[cfg(target_os = "linux")]
struct ReadOnlyView(TempDir);

#[cfg(target_os = "linux")]
impl ReadOnlyView {
    /// `None` where the tests may not mount.
    fn of(folder: &Path) -> Option<Self> {
        let view = Self(TempDir::new().unwrap());
        let mount = |options: &[&str], from: &Path| {
            let mut command = std::process::Command::new("mount");
            let done = command.args(options).arg(from).arg(view.0.path()).output();
            done.is_ok_and(|output| output.status.success())
        };
        let mounted = mount(&["--bind"], folder) && mount(&["-o", "remount,bind,ro"], folder);
        mounted.then_some(view)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

#[cfg(target_os = "linux")]
impl Drop for ReadOnlyView {
    fn drop(&mut self) {
        let mut command = std::process::Command::new("umount");
        let _unmounted = command.arg("--lazy").arg(self.path()).output();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn only_what_a_look_kept_from_being_put_into_the_file_is_spoken_of_at_closing() {
    let folder = TempDir::new().unwrap();
    let Some(view) = ReadOnlyView::of(folder.path()) else {
        eprintln!("skipped: a folder for this test cannot be mounted here");
        return;
    };
    let (path, seen) = (folder.path().join("kv"), view.path().join("kv"));
    let mut writer = Writer::create(&path);
    let database = DenoFile::open(&seen).unwrap();
    writer.set(&[(key(&["a"]), b"1")]);
    assert!(database.get(&key(&["a"])).unwrap().is_some());
    // Who runs on will tidy up.
    assert_eq!(database.parting_word(), None);
    let snapshot = database.snapshot().unwrap();
    writer.set(&[(key(&["b"]), b"1")]);
    drop(writer);
    drop(snapshot);
    let word = format!(
        "Deno closed this file while Keyglass was reading it and may not write it, so its last changes stay in the \
         -wal beside it until Deno opens it again; copy or move both together: {}",
        seen.display()
    );
    assert_eq!(database.parting_word().as_ref(), Some(&word));
    // Further looks change nothing about it.
    assert!(database.get(&key(&["b"])).unwrap().is_some());
    assert_eq!(database.parting_word(), Some(word));
    // Who opens it again will tidy up, and has done so after closing.
    let writer = Writer::open(&path);
    let entries: i64 = writer
        .0
        .query_row("SELECT count(*) FROM kv", (), |row| row.get(0))
        .unwrap();
    assert_eq!(entries, 2);
    assert_eq!(database.parting_word(), None);
    drop(writer);
    assert_eq!(database.parting_word(), None);
    assert_eq!(files(folder.path()).into_keys().collect::<Vec<_>>(), ["kv"]);
    drop(database);

    // A -wal that a program left that died before would stay there without Keyglass, too.
    crashed(&folder.path().join("dead"), &["", "-wal", "-shm"]);
    let database = DenoFile::open(&view.path().join("dead")).unwrap();
    assert!(database.get(&key(&["a"])).unwrap().is_some());
    assert_eq!(database.parting_word(), None);
    // Where nothing is in a -wal, that nothing can be written is not worth a word.
    fs::copy(data("shop.sqlite3"), folder.path().join("shop")).unwrap();
    let database = DenoFile::open(&view.path().join("shop")).unwrap();
    assert!(
        database
            .count(&KeyRange::everything(), &mut |_| std::ops::ControlFlow::Continue(
                ()
            ))
            .unwrap()
            .entries
            > 0
    );
    assert_eq!(database.parting_word(), None);
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

/// Does two things to a file at once, many times.
fn at_once(path: &Path, rounds: usize, one: impl Fn(&Path) + Sync, other: impl Fn(&Path) + Sync) {
    let start = std::sync::Barrier::new(2);
    let act = |action: &(dyn Fn(&Path) + Sync)| {
        start.wait();
        action(path);
    };
    for round in 0..rounds {
        std::thread::scope(|scope| {
            scope.spawn(|| act(&one));
            act(&other);
        });
        let folder = path.parent().unwrap();
        let names: Vec<_> = files(folder).into_keys().collect();
        assert_eq!(names, ["kv"], "after round {round}");
    }
}

fn commit_once(path: &Path) {
    let database = DenoFile::open(path).unwrap();
    database.set_writable(true).unwrap();
    let value = StoredValue {
        encoding: Encoding::Bytes,
        bytes: vec![1].into(),
    };
    let outcome = database
        .commit(AtomicOperation::new().set(key(&["a"]), value))
        .unwrap();
    assert!(matches!(outcome, CommitOutcome::Committed(_)));
}

#[test]
fn those_who_look_and_commit_at_once_leave_nothing_beside_the_file() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv");
    drop(DenoFile::create(&path).unwrap());
    let shared = DenoFile::open(&path).unwrap();
    at_once(&path, 200, commit_once, |_path| {
        for _ in 0..6 {
            shared.get(&key(&["a"])).unwrap();
        }
    });
    at_once(&path, 50, commit_once, commit_once);
    at_once(
        &path,
        50,
        |path| drop(DenoFile::open(path).unwrap()),
        |path| drop(DenoFile::open(path).unwrap()),
    );
}

#[cfg(unix)]
#[test]
fn a_file_beside_which_nothing_could_be_made_for_a_while_is_shared_again_after_that() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv");
    fs::copy(data("shop.sqlite3"), &path).unwrap();
    let index = folder.path().join("kv-shm");
    std::os::unix::fs::symlink("nowhere", &index).unwrap();
    let database = DenoFile::open(&path).unwrap();
    assert!(!database.capabilities().consistent_snapshots);
    fs::remove_file(&index).unwrap();
    database.get(&key(&["a"])).unwrap();
    assert!(database.capabilities().consistent_snapshots);
    assert_eq!(database.capabilities().writing, Writing::Locked);
    assert_eq!(files(folder.path()).into_keys().collect::<Vec<_>>(), ["kv"]);
}

/// SQLite makes an empty -wal before it finds that nothing else can be made: another look must not stumble over it.
#[cfg(unix)]
#[test]
fn looks_at_the_same_time_read_a_file_beside_which_nothing_can_be_made() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv");
    fs::copy(data("shop.sqlite3"), &path).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("kv-shm")).unwrap();
    let before = files(folder.path());
    let database = DenoFile::open(&path).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    database.snapshot().unwrap();
                }
            });
        }
    });
    drop(database);
    assert!(files(folder.path()) == before);
}
