//! Deno's file is left as Deno alone would leave it, whoever closes first and whoever is killed.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use keyglass_store::deno_file::DenoFile;
use keyglass_store::{Database, KeyRange};

use crate::data::{Desk, folder_of};
use crate::deno;
use crate::program::{Running, keyglass, stdout_of};

const SOON: Duration = Duration::from_secs(30);

/// A new file in a folder of its own, and Deno that writes to it for some seconds.
fn new_file(desk: &Desk, seconds: u32) -> (PathBuf, Running) {
    let folder = desk.path("new");
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("kv.sqlite3");
    let writer = deno::write_live(desk, &file, seconds);
    (file, writer)
}

/// Opens the file as soon as Deno has made it and written to it.
fn open(file: &Path) -> DenoFile {
    let begun = Instant::now();
    loop {
        if let Ok(database) = DenoFile::open(file)
            && num_entries(&database) > 0
        {
            return database;
        }
        assert!(begun.elapsed() < SOON, "Deno has not made its file");
        std::thread::yield_now();
    }
}

fn num_entries(database: &dyn Database) -> u64 {
    let counted = database.count(&KeyRange::everything(), &mut |_| {
        std::ops::ControlFlow::Continue(())
    });
    counted.map_or(0, |counted| counted.entries)
}

fn names(file: &Path) -> Vec<String> {
    let files = folder_of(file).into_iter();
    files
        .map(|(path, _)| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect()
}

/// Whether everything is in the file, so that a plain copy of it is whole.
fn assert_folded(desk: &Desk, file: &Path) {
    assert_eq!(names(file), ["kv.sqlite3"]);
    let copy = desk.path("copy.sqlite3");
    std::fs::copy(file, &copy).unwrap();
    assert!(num_entries(&DenoFile::open(&copy).unwrap()) > 2);
}

#[test]
fn deno_closes_first_and_between_looks() {
    let desk = Desk::new();
    let (file, writer) = new_file(&desk, 2);
    let database = open(&file);
    let feed = database.changes(vec![KeyRange::everything()]).unwrap();
    writer.finish();
    drop((feed, database));
    assert_folded(&desk, &file);
}

#[test]
fn deno_closes_first_and_during_a_look() {
    let desk = Desk::new();
    let (file, writer) = new_file(&desk, 2);
    let database = open(&file);
    let snapshot = database.snapshot().unwrap();
    writer.finish();
    assert!(names(&file).contains(&"kv.sqlite3-wal".to_owned()));
    drop(snapshot);
    assert_folded(&desk, &file);
    drop(database);
    assert_folded(&desk, &file);
}

#[test]
fn keyglass_closes_first() {
    let desk = Desk::new();
    let (file, writer) = new_file(&desk, 3);
    drop(open(&file));
    assert_eq!(names(&file).len(), 3, "Deno still has it");
    writer.finish();
    assert_folded(&desk, &file);
}

#[test]
fn deno_is_killed() {
    let desk = Desk::new();
    let (file, writer) = new_file(&desk, 600);
    let database = open(&file);
    drop(writer);
    let log = |file: &Path| std::fs::read(file.with_extension("sqlite3-wal")).unwrap();
    let before = (std::fs::read(&file).unwrap(), log(&file));
    assert!(num_entries(&database) > 0);
    drop(database);
    assert!(
        num_entries(
            &*keyglass_store::open::OpenOptions::new()
                .open(file.to_str().unwrap())
                .unwrap()
        ) > 0
    );
    assert!(before == (std::fs::read(&file).unwrap(), log(&file)));
    assert_eq!(names(&file).len(), 3);
}

#[test]
fn keyglass_is_killed() {
    let desk = Desk::new();
    let (file, writer) = new_file(&desk, 5);
    drop(open(&file));
    let watch = Running::start(keyglass(&desk).arg("watch").arg(&file));
    watch.line_with("tick", SOON);
    drop(watch);
    writer.finish();
    assert_folded(&desk, &file);
}

#[test]
fn keyglass_watches_until_deno_has_closed() {
    let desk = Desk::new();
    let (file, writer) = new_file(&desk, 3);
    drop(open(&file));
    let watch = Running::start(keyglass(&desk).arg("watch").arg(&file));
    watch.line_with("tick", SOON);
    writer.finish();
    // Whatever look was open when Deno closed has ended once this one has.
    let listed = stdout_of(keyglass(&desk).arg("ls").arg(&file));
    assert!(listed.contains("live"), "{listed}");
    drop(watch);
    stdout_of(keyglass(&desk).arg("ls").arg(&file));
    assert_folded(&desk, &file);
}
