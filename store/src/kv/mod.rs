//! Typed access to a database: keys and values instead of their bytes, in the manner of `Deno.Kv`.
//!
//! [`Kv`] stands before any [`Database`]; [`Kv::open`] makes one of an embedded store. An entry that has expired is never
//! told, also where a Deno file still holds it: Deno would delete it as it opens the file.

mod atomic;
mod entry;
mod error;
mod list;
mod message;
mod watch;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use atomic::Atomic;
pub use entry::KvEntry;
pub use error::KvError;
pub use list::List;
pub use message::Message;
pub use watch::Watch;

use crate::atomic::CommitOutcome;
use crate::clock::Clock;
use crate::database::Database;
use crate::embedded::{OpenOptions, QueueListener, Store};
use crate::entry::Entry;
use crate::error::OpenError;
use crate::key::{EncodedKey, Key, KeyEncodeError, Selector};
use crate::limits::{KEY_BYTES, LimitError, RANGES, READ_KEY_BYTES};
use crate::value::{StoredValue, Value};
use crate::versionstamp::Versionstamp;

/// A database with typed keys and values. Clones share it.
pub struct Kv<D: Database + ?Sized = Store> {
    database: Arc<D>,
    clock: Clock,
}

impl Kv<Store> {
    /// Opens the embedded store in a folder, or makes one if the folder is empty or does not exist. Commits
    /// are synced; for other choices use [`OpenOptions`] and [`Store::kv`].
    ///
    /// # Errors
    /// See [`OpenOptions::open_or_create`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Ok(OpenOptions::new().open_or_create(path)?.kv())
    }

    /// A listener to the queue, which [`Kv::enqueue`] fills.
    #[must_use]
    pub fn listen(&self) -> QueueListener {
        self.database.listen()
    }
}

impl Store {
    /// Typed access to this store.
    #[must_use]
    pub fn kv(&self) -> Kv {
        Kv {
            clock: self.clock(),
            database: Arc::new(self.clone()),
        }
    }
}

impl<D: Database + ?Sized> Kv<D> {
    /// Typed access to a database.
    #[must_use]
    pub fn new(database: Arc<D>) -> Self {
        Self {
            clock: database.clock(),
            database,
        }
    }

    /// The database behind it.
    #[must_use]
    pub fn database(&self) -> &D {
        &self.database
    }

    /// The entry under a key; nothing if there is none, or if the key is empty, which no entry's is.
    ///
    /// # Errors
    /// If the key is too long, the database cannot be read, or the value cannot be.
    pub fn get(&self, key: impl Into<Key>) -> Result<Option<KvEntry>, KvError> {
        let now = self.clock.now();
        let entry = self.database.get(&read_key(&key.into())?)?;
        alive(entry, now).map(KvEntry::from_stored).transpose()
    }

    /// The entries under at most ten keys, in their order, all of one moment.
    ///
    /// # Errors
    /// As [`Self::get`], and for more than ten keys.
    pub fn get_many<K: Into<Key>>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<Vec<Option<KvEntry>>, KvError> {
        let keys = keys
            .into_iter()
            .map(|key| read_key(&key.into()))
            .collect::<Result<Vec<_>, _>>()?;
        if keys.len() > RANGES {
            return Err(LimitError::Ranges(RANGES).into());
        }
        let now = self.clock.now();
        let entries = self.database.get_many(&keys)?;
        entries
            .into_iter()
            .map(|entry| alive(entry, now).map(KvEntry::from_stored).transpose())
            .collect()
    }

    /// The entries of a selector, in key order. Nothing is read before the first one is asked for.
    #[must_use]
    pub fn list(&self, selector: Selector) -> List<D> {
        List::new(self.database.clone(), selector)
    }

    /// Stores a value that does not expire.
    ///
    /// # Errors
    /// If key or value cannot be stored, or the database cannot be written.
    pub fn set(&self, key: impl Into<Key>, value: impl Into<Value>) -> Result<Versionstamp, KvError> {
        committed(self.atomic().set(key, value).commit()?)
    }

    /// Stores a value that goes after a time.
    ///
    /// # Errors
    /// As [`Self::set`].
    pub fn set_expiring(
        &self,
        key: impl Into<Key>,
        value: impl Into<Value>,
        expires_in: Duration,
    ) -> Result<Versionstamp, KvError> {
        committed(self.atomic().set_expiring(key, value, expires_in).commit()?)
    }

    /// Removes a key; one that is absent is fine.
    ///
    /// # Errors
    /// If the key cannot be written, or the database cannot.
    pub fn delete(&self, key: impl Into<Key>) -> Result<Versionstamp, KvError> {
        committed(self.atomic().delete(key).commit()?)
    }

    /// Queues a message for [`Kv::listen`].
    ///
    /// # Errors
    /// If the message exceeds Deno's limits, or the database cannot be written.
    pub fn enqueue(&self, message: impl Into<Message>) -> Result<Versionstamp, KvError> {
        committed(self.atomic().enqueue(message).commit()?)
    }

    /// Begins an operation that happens as a whole or not at all.
    #[must_use]
    pub fn atomic(&self) -> Atomic<D> {
        Atomic::new(self.database.clone(), self.clock.clone())
    }

    /// Watches at most ten keys: their state now, and again whenever one of them has changed. Changes in
    /// quick succession may come as one.
    ///
    /// # Errors
    /// If a key is too long or there are too many, or the database cannot be read.
    pub fn watch<K: Into<Key>>(&self, keys: impl IntoIterator<Item = K>) -> Result<Watch, KvError> {
        let keys: Result<_, KeyEncodeError> = keys.into_iter().map(|key| key.into().encode()).collect();
        Ok(Watch::new(self.database.watch(keys?)?, self.clock.clone()))
    }
}

impl<D: Database + ?Sized> Clone for Kv<D> {
    fn clone(&self) -> Self {
        Self {
            database: self.database.clone(),
            clock: self.clock.clone(),
        }
    }
}

/// The entry, unless it has expired by this moment in milliseconds since the Unix epoch.
fn alive(entry: Option<Entry>, now: i64) -> Option<Entry> {
    entry.filter(|entry| !entry.has_expired(now))
}

/// The bytes of a key to read.
fn read_key(key: &Key) -> Result<EncodedKey, KvError> {
    let key = key.encode()?;
    // The end of the range that Deno reads for a key is one byte longer than the key.
    if key.as_bytes().len() > KEY_BYTES {
        return Err(LimitError::KeyForRead(READ_KEY_BYTES).into());
    }
    Ok(key)
}

/// The bytes of a value to store.
fn stored_value(value: &Value) -> Result<StoredValue, KvError> {
    Ok(StoredValue::from_value(value)?)
}

/// The stamp of an operation without checks, none of which can fail.
fn committed(outcome: CommitOutcome) -> Result<Versionstamp, KvError> {
    match outcome {
        CommitOutcome::Committed(versionstamp) => Ok(versionstamp),
        CommitOutcome::Conflict(_) | CommitOutcome::MessagesChanged(_) => {
            Err(crate::DatabaseError::Unsupported(
                "The database reports a failed check of an operation that has none".to_owned(),
            )
            .into())
        }
    }
}
