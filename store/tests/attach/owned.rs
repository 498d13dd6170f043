//! A store with an owner, and who is attached to it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use keyglass_store::attached::Attached;
use keyglass_store::embedded::{Durability, OpenOptions, Store};
use keyglass_store::{
    AtomicOperation, Clock, CommitOutcome, Database, EncodedKey, Encoding, Key, KeyPart, StoredValue,
    Subscription, Versionstamp,
};
use tempfile::TempDir;

/// How long a test waits before it fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The owner and somebody who is attached, both by one clock that stands still until it is set.
pub struct Owned {
    // Before its owner, because it uses it.
    pub attached: Attached,
    pub owner: Option<Store>,
    pub path: PathBuf,
    pub clock: Clock,
    time: Arc<AtomicI64>,
    _folder: TempDir,
}

impl Owned {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.kg");
        let time = Arc::new(AtomicI64::new(1_000_000));
        let clock = Clock::from_fn({
            let time = time.clone();
            move || time.load(Ordering::SeqCst)
        });
        let owner = options(&clock).attachable().create(&path).unwrap();
        assert!(owner.is_attachable());
        Self {
            attached: Attached::to_folder(&path, clock.clone()).unwrap(),
            owner: Some(owner),
            path,
            clock,
            time,
            _folder: folder,
        }
    }

    pub fn owner(&self) -> &Store {
        self.owner.as_ref().unwrap()
    }

    pub fn reopen(&mut self) {
        self.owner = Some(options(&self.clock).attachable().open(&self.path).unwrap());
    }

    pub fn pass_time(&self, by: i64) {
        self.time.fetch_add(by, Ordering::SeqCst);
    }
}

pub fn options(clock: &Clock) -> OpenOptions {
    OpenOptions::new()
        .durability(Durability::Relaxed)
        .cache_bytes(1 << 20)
        .clock(clock.clone())
}

pub fn key(number: u32) -> EncodedKey {
    let parts = [
        KeyPart::String("row".to_owned()),
        KeyPart::Number(f64::from(number)),
    ];
    Key(parts.to_vec()).encode().unwrap()
}

pub fn bytes(length: usize) -> StoredValue {
    StoredValue {
        encoding: Encoding::Bytes,
        bytes: vec![7; length].into(),
    }
}

pub fn commit(database: &dyn Database, operation: AtomicOperation) -> Versionstamp {
    match database.commit(operation).unwrap() {
        CommitOutcome::Committed(versionstamp) => versionstamp,
        other => panic!("{other:?}"),
    }
}

pub fn set(database: &dyn Database, number: u32, length: usize) -> Versionstamp {
    commit(database, AtomicOperation::new().set(key(number), bytes(length)))
}

/// The next that is told.
pub fn next<T>(subscription: &Subscription<T>) -> T {
    subscription.recv_timeout(PATIENCE).unwrap()
}

/// What is told last, once it is what is waited for.
pub fn until<T: PartialEq + std::fmt::Debug>(subscription: &Subscription<T>, wanted: &T) {
    let deadline = Instant::now() + PATIENCE;
    let mut told = Vec::new();
    loop {
        match subscription.recv_deadline(deadline) {
            Ok(item) if item == *wanted => return,
            Ok(item) => told.push(item),
            Err(error) => panic!("{error}: {wanted:?} was not among {told:?}"),
        }
    }
}
