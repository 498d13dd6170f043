//! A database to back up, and a place for its backup.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use keyglass_store::backup::{Backup, BackupError, BackupOptions, BackupReport, VerifyReport, back_up};
use keyglass_store::embedded::{OpenOptions, Store};
use keyglass_store::transfer::Progress;
use keyglass_store::transfer::compare::{CompareOptions, CompareReport, compare, side_of};
use keyglass_store::{
    AtomicOperation, Clock, Database, EncodedKey, Encoding, Entry, Key, KeyRange, ReadRange, StoredValue,
};
use tempfile::TempDir;

/// 2026-11-23 12:00:00 UTC.
pub const NOON: i64 = 1_795_435_200_000;

/// A key from its literal.
pub fn key(text: &str) -> EncodedKey {
    text.parse::<Key>().unwrap().encode().unwrap()
}

/// A value of bytes.
pub fn bytes(text: &str) -> StoredValue {
    StoredValue {
        encoding: Encoding::Bytes,
        bytes: text.as_bytes().to_vec().into(),
    }
}

/// Goes on, whatever the progress.
pub fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
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

/// Keys and values of a database, as texts.
pub fn texts(database: &dyn Database) -> Vec<(String, String)> {
    let text = |entry: Entry| {
        let value = String::from_utf8_lossy(&entry.value.bytes).into_owned();
        (entry.key.to_string(), value)
    };
    everything(database).into_iter().map(text).collect()
}

/// A database, the clock that it goes by, and a folder beside it.
pub struct Shelf {
    folder: TempDir,
    time: Arc<AtomicI64>,
    pub store: Store,
}

impl Shelf {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let time = Arc::new(AtomicI64::new(NOON));
        let store = options(&time).create(folder.path().join("shop.kg")).unwrap();
        Self { folder, time, store }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn home(&self) -> PathBuf {
        self.path("home.kg")
    }

    /// Opens a folder, or makes one, by the same clock.
    pub fn open(&self, path: &Path) -> Store {
        options(&self.time).open_or_create(path).unwrap()
    }

    pub fn pass(&self, milliseconds: i64) -> i64 {
        self.time.fetch_add(milliseconds, Ordering::AcqRel) + milliseconds
    }

    pub fn put(&self, at: &str, value: &str) {
        let operation = AtomicOperation::new().set(key(at), bytes(value));
        self.store.commit(operation).unwrap();
    }

    pub fn delete(&self, at: &str) {
        let operation = AtomicOperation::new().delete(key(at));
        self.store.commit(operation).unwrap();
    }

    pub fn back_up(&self) -> BackupReport {
        self.back_up_with(&self.store, &BackupOptions::default()).unwrap()
    }

    pub fn back_up_with(
        &self,
        from: &dyn Database,
        options: &BackupOptions,
    ) -> Result<BackupReport, BackupError> {
        back_up(from, &self.home(), options, &mut go_on)
    }

    pub fn backup(&self) -> Backup {
        Backup::open(&self.home()).unwrap()
    }

    pub fn verify(&self) -> VerifyReport {
        self.backup().verify(&mut go_on).unwrap()
    }

    /// How a database differs from another one.
    pub fn compare(&self, one: &dyn Database, other: &dyn Database) -> CompareReport {
        let sides = [one, other].map(|side| side_of(side, KeyRange::everything()).unwrap());
        let options = CompareOptions {
            now: self.pass(0),
            expired: false,
            form: true,
            expiry: one.capabilities().expiry && other.capabilities().expiry,
        };
        let [one, other] = sides;
        compare(one, other, &options, &mut |_| Ok(()), &mut go_on).unwrap()
    }
}

fn options(time: &Arc<AtomicI64>) -> OpenOptions {
    let time = Arc::clone(time);
    OpenOptions::new().clock(Clock::from_fn(move || time.load(Ordering::Acquire)))
}
