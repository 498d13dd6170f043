//! A store for one test.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use keyglass_store::Clock;
use keyglass_store::embedded::{Durability, OpenOptions, Store};
use keyglass_store::{
    AtomicOperation, CommitOutcome, Database, EncodedKey, Encoding, Key, KeyPart, KeyRange, ReadRange,
    StoredValue, Versionstamp,
};
use tempfile::TempDir;

/// A store in a folder of its own, with a clock that stands still until it is set.
pub struct Fixture {
    pub store: Option<Store>,
    pub folder: TempDir,
    time: Arc<AtomicI64>,
}

impl Fixture {
    pub fn new() -> Self {
        let mut fixture = Self {
            store: None,
            folder: tempfile::tempdir().unwrap(),
            time: Arc::new(AtomicI64::new(1_000_000)),
        };
        fixture.reopen();
        fixture
    }

    pub fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    pub fn reopen(&mut self) {
        self.store = None;
        let time = self.time.clone();
        let options = OpenOptions::new()
            .durability(Durability::Relaxed)
            .cache_bytes(1 << 20)
            .clock(Clock::from_fn(move || time.load(Ordering::SeqCst)));
        self.store = Some(options.open_or_create(self.folder.path().join("store")).unwrap());
    }

    pub fn now(&self) -> i64 {
        self.time.load(Ordering::SeqCst)
    }

    pub fn set_time(&self, time: i64) {
        self.time.store(time, Ordering::SeqCst);
    }

    pub fn commit(&self, operation: AtomicOperation) -> Versionstamp {
        match self.store().commit(operation).unwrap() {
            CommitOutcome::Committed(versionstamp) => versionstamp,
            CommitOutcome::MessagesChanged(changed) => panic!("changed messages: {changed:?}"),
            CommitOutcome::Conflict(failed) => panic!("conflict: {failed:?}"),
        }
    }

    pub fn set(&self, key: &EncodedKey, text: &str) -> Versionstamp {
        self.commit(AtomicOperation::new().set(key.clone(), bytes(text)))
    }

    pub fn set_expiring(&self, key: &EncodedKey, text: &str, expires_at: i64) -> Versionstamp {
        self.commit(AtomicOperation::new().set_expiring(key.clone(), bytes(text), Some(expires_at)))
    }

    pub fn get(&self, key: &EncodedKey) -> Option<String> {
        let entry = self.store().get(key).unwrap()?;
        Some(String::from_utf8(entry.value.bytes.to_vec()).unwrap())
    }

    /// Keys of everything visible.
    pub fn keys(&self) -> Vec<EncodedKey> {
        let everything = ReadRange {
            range: KeyRange::everything(),
            limit: usize::MAX,
            reverse: false,
        };
        let entries = self.store().snapshot().unwrap().read(&everything).unwrap();
        entries.into_iter().map(|entry| entry.key).collect()
    }

    pub fn count(&self, range: &KeyRange) -> (u64, u64) {
        let counted = self
            .store()
            .count(range, &mut |_| std::ops::ControlFlow::Continue(()))
            .unwrap();
        assert!(counted.complete);
        (counted.entries, counted.bytes)
    }
}

pub fn key(parts: &[&str]) -> EncodedKey {
    let parts = parts.iter().map(|part| KeyPart::String((*part).to_owned()));
    Key(parts.collect()).encode().unwrap()
}

pub fn bytes(text: &str) -> StoredValue {
    StoredValue {
        encoding: Encoding::Bytes,
        bytes: text.as_bytes().to_vec().into(),
    }
}

pub fn number(value: u64) -> StoredValue {
    StoredValue {
        encoding: Encoding::Le64,
        bytes: value.to_le_bytes().to_vec().into(),
    }
}

/// Waits until something holds, and fails after ten seconds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < deadline, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Copies a folder, over what an earlier try left; anew while files come and go in it, as they do in a store that is open.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let before = files(from);
        let copied = copy_once(from, to);
        let is_of_one_moment = before.is_ok_and(|before| files(from).is_ok_and(|after| after == before));
        if (copied.is_ok() && is_of_one_moment) || Instant::now() > deadline {
            return copied;
        }
    }
}

/// The paths of all that is in a folder.
fn files(folder: &Path) -> std::io::Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    for file in std::fs::read_dir(folder)? {
        let file = file?;
        if file.file_type()?.is_dir() {
            found.extend(files(&file.path())?);
        }
        found.insert(file.path());
    }
    Ok(found)
}

fn copy_once(from: &Path, to: &Path) -> std::io::Result<()> {
    let _absent = std::fs::remove_dir_all(to);
    std::fs::create_dir_all(to)?;
    for file in std::fs::read_dir(from)? {
        let file = file?;
        let to = to.join(file.file_name());
        if file.file_type()?.is_dir() {
            copy_once(&file.path(), &to)?;
        } else {
            std::fs::copy(file.path(), to)?;
        }
    }
    Ok(())
}
