//! A database that counts what is read of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use keyglass_store::database::{ReadRange, Snapshot};
use keyglass_store::embedded::Store;
use keyglass_store::{Database, DatabaseError, EncodedKey, Entry, Versionstamp};

use crate::pass_through::{Alteration, Altered};

/// A store of which is counted how many entries are read.
pub struct Counting {
    store: Store,
    entries: Arc<AtomicUsize>,
}

impl Counting {
    pub fn new(store: Store) -> Altered<Self> {
        Altered(Self {
            store,
            entries: Arc::default(),
        })
    }

    /// Entries that were read so far.
    pub fn entries(&self) -> usize {
        self.entries.load(Ordering::Relaxed)
    }
}

impl Alteration for Counting {
    fn behind(&self) -> &dyn Database {
        &self.store
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, DatabaseError> {
        Ok(Box::new(CountingSnapshot {
            snapshot: self.store.snapshot()?,
            entries: Arc::clone(&self.entries),
        }))
    }
}

struct CountingSnapshot {
    snapshot: Box<dyn Snapshot>,
    entries: Arc<AtomicUsize>,
}

impl Snapshot for CountingSnapshot {
    fn read(&self, range: &ReadRange) -> Result<Vec<Entry>, DatabaseError> {
        let read = self.snapshot.read(range)?;
        self.entries.fetch_add(read.len(), Ordering::Relaxed);
        Ok(read)
    }

    fn get(&self, key: &EncodedKey) -> Result<Option<Entry>, DatabaseError> {
        self.entries.fetch_add(1, Ordering::Relaxed);
        self.snapshot.get(key)
    }

    fn versionstamp(&self) -> Option<Versionstamp> {
        self.snapshot.versionstamp()
    }
}
