//! Copies and imports to a disk that gets full on the way.

use std::io::BufReader;
use std::path::Path;
use std::process::Command;

use keyglass_store::embedded::Store;
use keyglass_store::open::OpenOptions;
use keyglass_store::transfer::{CopyOptions, ExportOptions, Format, ImportOptions, copy, export, import};
use keyglass_store::{AtomicOperation, Database, KeyRange};
use tempfile::TempDir;

use crate::fixture::{bytes, contents, empty, go_on, key};
use crate::small_disk::SmallDisk;

/// Megabytes of the disk, and of what is to be put there.
const ROOM: u32 = 48;
const MEGABYTES: u64 = 56;

/// More than fits, of what cannot be packed.
fn large() -> (TempDir, Store) {
    let (folder, store) = empty();
    let mut random = 1_u64;
    for number in 0..MEGABYTES * 16 {
        let value: Vec<u8> = (0..1 << 13)
            .flat_map(|_| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                random.rotate_left(32).to_le_bytes()
            })
            .take(1 << 16)
            .collect();
        let operation = AtomicOperation::new().set(key(&format!("[{number}]")), bytes(&value));
        store.commit(operation).unwrap();
    }
    (folder, store)
}

fn open(path: &Path) -> std::sync::Arc<dyn Database> {
    let options = OpenOptions::new().write_files(true);
    options.open_or_create(path.to_str().unwrap()).unwrap().0
}

/// All of a disk, on one with more room.
fn moved(disk: &SmallDisk) -> TempDir {
    let larger = tempfile::tempdir().unwrap();
    let all = disk.path().join(".");
    let copied = Command::new("cp").arg("-r").arg(all).arg(larger.path()).status();
    assert!(copied.unwrap().success());
    larger
}

/// How many entries an error says that were stored before it, and how many more perhaps.
fn told(error: &str) -> (u64, u64) {
    let number = |before: &str, after: &str| {
        let (_, rest) = error.split_once(before)?;
        rest.split_once(after)?.0.parse().ok()
    };
    (
        number("Stopped after ", " ").unwrap_or_else(|| panic!("{error}")),
        number("perhaps ", " more").unwrap_or(0),
    )
}

fn stops_and_goes_on(name: &str, is_full: &str, put: &dyn Fn(&dyn Database) -> Result<(), String>) {
    let Some(disk) = SmallDisk::mount(ROOM) else {
        return;
    };
    let path = disk.path().join(name);
    let database = open(&path);
    let error = put(&*database).unwrap_err();
    let (stored, unknown) = told(&error);
    assert!(error.contains(is_full), "{error}");
    drop(database);
    let larger = moved(&disk);
    let path = larger.path().join(name);
    let database = open(&path);
    let there = contents(&*database).len() as u64;
    assert!(
        stored > 0 && (stored..=stored + unknown).contains(&there),
        "{there} of {error}"
    );
    put(&*database).unwrap();
    assert_eq!(contents(&*database).len() as u64, MEGABYTES * 16);
}

#[test]
fn a_copy_says_how_much_is_stored_and_goes_on_where_there_is_room() {
    let (_folder, from) = large();
    let put = |to: &dyn Database| {
        let copied = copy(&from, to, &CopyOptions::default(), &mut go_on);
        copied.map(|_report| ()).map_err(|error| error.to_string())
    };
    stops_and_goes_on(
        "kv.sqlite3",
        "The disk is full; make room and try it again: ",
        &put,
    );
    stops_and_goes_on("store.kg", "No space left on device", &put);
}

#[test]
fn an_import_says_how_much_is_stored_and_goes_on_where_there_is_room() {
    let (_folder, from) = large();
    let mut file = Vec::new();
    let options = ExportOptions {
        ranges: vec![KeyRange::everything()],
        format: Format::Ndjson,
        expired: false,
    };
    export(&from, &options, &mut file, &mut go_on).unwrap();
    drop(from);
    let put = |to: &dyn Database| {
        let imported = import(
            to,
            &mut BufReader::new(&file[..]),
            &ImportOptions::default(),
            &mut go_on,
        );
        imported.map(|_report| ()).map_err(|error| error.to_string())
    };
    stops_and_goes_on(
        "kv.sqlite3",
        "The disk is full; make room and try it again: ",
        &put,
    );
    stops_and_goes_on("store.kg", "No space left on device", &put);
}
