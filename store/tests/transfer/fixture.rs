//! Databases for tests of transfers.

use std::ops::ControlFlow;
use std::path::Path;

use keyglass_store::embedded::{OpenOptions, Store};
use keyglass_store::transfer::Progress;
use keyglass_store::{
    AtomicOperation, Clock, Database, EncodedKey, Encoding, Entry, Key, KeyRange, ReadRange, StoredValue,
};
use tempfile::TempDir;

/// 2026-11-23 12:00:00 UTC: the moment at which every test stands still.
pub const NOW: i64 = 1_795_435_200_000;

/// A new, empty database, and the folder that it goes with.
pub fn empty() -> (TempDir, Store) {
    let folder = TempDir::new().unwrap();
    let options = OpenOptions::new().clock(Clock::from_fn(|| NOW));
    let store = options.create(folder.path().join("kv")).unwrap();
    (folder, store)
}

/// A key from its literal.
pub fn key(text: &str) -> EncodedKey {
    text.parse::<Key>().unwrap().encode().unwrap()
}

/// A value of bytes.
pub fn bytes(bytes: &[u8]) -> StoredValue {
    StoredValue {
        encoding: Encoding::Bytes,
        bytes: bytes.to_vec().into(),
    }
}

/// Stores one value of bytes.
pub fn put(database: &dyn Database, at: &str, value: &[u8]) {
    database
        .commit(AtomicOperation::new().set(key(at), bytes(value)))
        .unwrap();
}

/// Everything in a database.
pub fn everything(database: &dyn Database) -> Vec<Entry> {
    let all = ReadRange {
        range: KeyRange::everything(),
        limit: usize::MAX,
        reverse: false,
    };
    database.snapshot().unwrap().read(&all).unwrap()
}

/// What must survive a transfer: all but the versionstamp.
pub fn contents(database: &dyn Database) -> Vec<(EncodedKey, StoredValue, Option<i64>)> {
    let entries = everything(database).into_iter();
    entries
        .map(|entry| (entry.key, entry.value, entry.expires_at))
        .collect()
}

/// Goes on, whatever the progress.
pub fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// A copy of the file that real Deno wrote, opened.
pub fn shop() -> (TempDir, keyglass_store::deno_file::DenoFile) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("shop.sqlite3");
    let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/shop.sqlite3");
    std::fs::copy(original, &path).unwrap();
    let database = keyglass_store::deno_file::DenoFile::open(&path).unwrap();
    (folder, database)
}
