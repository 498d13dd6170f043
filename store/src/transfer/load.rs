//! Storing many entries: in batches that fit into one commit, with one rule for keys that exist already.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use super::TransferError;
use crate::atomic::{AtomicOperation, CommitOutcome};
use crate::database::Database;
use crate::key::EncodedKey;
use crate::limits::{CHECKS, COMMIT_BYTES, COMMIT_KEY_BYTES, KEY_BYTES, LimitError, MUTATIONS, VALUE_BYTES};
use crate::value::{Encoding, StoredValue};

/// What happens to an entry whose key exists already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// The stored entry stays.
    #[default]
    Skip,
    /// The new entry takes its place.
    Overwrite,
    /// The transfer stops.
    Fail,
}

/// What became of the entries that were offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Loaded {
    /// Stored; in a dry run: would be stored.
    pub stored: u64,
    /// Of these, how many expire.
    pub expiring: u64,
    /// Left out because the key exists.
    pub skipped: u64,
}

/// Gathers entries and commits them.
pub(super) struct Loader<'a> {
    database: &'a dyn Database,
    existing: Existing,
    dry_run: bool,
    batch: Vec<NewEntry>,
    /// Bytes of the batch as the limits count them: keys twice, and values.
    bytes: usize,
    key_bytes: usize,
    loaded: Loaded,
    /// Hashes of the keys that a dry run would have stored: the keys themselves may be too many to hold.
    imagined: HashSet<u64>,
    hasher: RandomState,
}

/// An entry to store.
pub(super) struct NewEntry {
    pub key: EncodedKey,
    pub value: StoredValue,
    pub expires_at: Option<i64>,
}

impl NewEntry {
    /// Why no database would store it.
    pub(super) fn refusal(&self) -> Option<String> {
        let limit = if self.key.as_bytes().is_empty() {
            LimitError::EmptyKey
        } else if self.key.as_bytes().len() > KEY_BYTES {
            LimitError::KeyForWrite
        } else if self.value.bytes.len() > VALUE_BYTES {
            LimitError::Value
        } else if self.value.encoding == Encoding::Unknown {
            return Some("its value is stored in an encoding that Keyglass does not know".to_owned());
        } else {
            return None;
        };
        Some(limit.to_string())
    }
}

impl<'a> Loader<'a> {
    pub(super) fn new(database: &'a dyn Database, existing: Existing, dry_run: bool) -> Self {
        Self {
            database,
            existing,
            dry_run,
            batch: Vec::new(),
            bytes: 0,
            key_bytes: 0,
            loaded: Loaded::default(),
            imagined: HashSet::new(),
            hasher: RandomState::new(),
        }
    }

    /// Takes an entry that [`NewEntry::refusal`] has nothing against.
    pub(super) fn add(&mut self, entry: NewEntry) -> Result<(), TransferError> {
        let key = entry.key.as_bytes().len();
        // A checked key counts once more.
        let bytes = 3 * key + entry.value.bytes.len();
        // Where keys are checked, a commit takes as many entries as checks.
        let most = if self.existing == Existing::Overwrite {
            MUTATIONS
        } else {
            CHECKS
        };
        if self.batch.len() == most
            || self.bytes + bytes > COMMIT_BYTES
            || self.key_bytes + key > COMMIT_KEY_BYTES
        {
            self.commit()?;
        }
        self.bytes += bytes;
        self.key_bytes += key;
        self.batch.push(entry);
        Ok(())
    }

    /// Stores what is left.
    pub(super) fn finish(mut self) -> Result<Loaded, TransferError> {
        self.commit()?;
        Ok(self.loaded)
    }

    /// What has been stored so far; a batch that is still being gathered is not counted.
    pub(super) fn loaded(&self) -> Loaded {
        self.loaded
    }

    fn commit(&mut self) -> Result<(), TransferError> {
        let mut batch = std::mem::take(&mut self.batch);
        (self.bytes, self.key_bytes) = (0, 0);
        if self.existing != Existing::Overwrite {
            self.leave_out_existing(&mut batch)?;
        }
        while !batch.is_empty() {
            if self.dry_run {
                if self.existing != Existing::Overwrite {
                    let hashes = batch.iter().map(|entry| self.hasher.hash_one(&entry.key));
                    self.imagined.extend(hashes);
                }
            } else if let CommitOutcome::Conflict(_) = self.database.commit(self.operation(&batch))? {
                // Somebody else has stored some of these keys just now.
                self.leave_out_existing(&mut batch)?;
                continue;
            }
            self.loaded.stored += batch.len() as u64;
            self.loaded.expiring += batch.iter().filter(|entry| entry.expires_at.is_some()).count() as u64;
            batch.clear();
        }
        Ok(())
    }

    /// Takes out entries whose keys exist in the database, or earlier in the same batch.
    fn leave_out_existing(&mut self, batch: &mut Vec<NewEntry>) -> Result<(), TransferError> {
        let keys: Vec<_> = batch.iter().map(|entry| entry.key.clone()).collect();
        let mut there = self.database.get_many(&keys)?.into_iter();
        let mut seen = HashSet::new();
        let mut exists = None;
        let before = batch.len();
        batch.retain(|entry| {
            let new = there.next().flatten().is_none()
                && !self.imagined.contains(&self.hasher.hash_one(&entry.key))
                && seen.insert(entry.key.clone());
            if !new && exists.is_none() {
                exists = Some(entry.key.clone());
            }
            new
        });
        let skipped = (before - batch.len()) as u64;
        self.skip(skipped, exists)
    }

    fn skip(&mut self, number: u64, exists: Option<EncodedKey>) -> Result<(), TransferError> {
        match exists {
            Some(key) if self.existing == Existing::Fail => Err(TransferError::Exists {
                imported: self.loaded.stored,
                key,
            }),
            _ => {
                self.loaded.skipped += number;
                Ok(())
            }
        }
    }

    fn operation(&self, batch: &[NewEntry]) -> AtomicOperation {
        batch.iter().fold(AtomicOperation::new(), |operation, entry| {
            let operation = operation.set_expiring(entry.key.clone(), entry.value.clone(), entry.expires_at);
            if self.existing == Existing::Overwrite {
                operation
            } else {
                operation.check(entry.key.clone(), None)
            }
        })
    }
}
