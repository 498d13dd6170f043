//! Storing many entries: in batches that fit into one commit, with one rule for keys that exist already.

mod batch;

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use self::batch::{Stored, operation, store};
use super::import::DefaultExpiry;
use super::journal::{Journal, Replaced};
use super::{Remark, TransferError, each_at_once};
use crate::atomic::CommitOutcome;
use crate::database::Database;
use crate::entry::Entry;
use crate::error::CommitError;
use crate::key::EncodedKey;
use crate::limits::Limits;
use crate::value::StoredValue;
use crate::versionstamp::Versionstamp;

/// How often a batch is tried that replaces entries which others write at the same time.
const ATTEMPTS: usize = 20;
/// Batches that are committed at once where the order does not matter: an engine stores them with one wait for the
/// disk, and those with checks are small.
const AT_ONCE: usize = 8;

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
    /// Of these, how many replace an entry; known in a dry run and with a journal.
    pub overwritten: u64,
    /// Left out because the key exists.
    pub skipped: u64,
    /// Of which it is not known whether they are stored.
    pub unknown: u64,
}

/// Gathers entries and commits them.
pub(super) struct Loader<'a> {
    database: &'a dyn Database,
    /// What the database takes in one commit.
    limits: Limits,
    /// How much of that a batch holds at most.
    batch_limits: Limits,
    existing: Existing,
    dry_run: bool,
    /// The expiry of entries that have none of their own.
    default_expiry: Option<DefaultExpiry>,
    /// Is told what each commit replaces.
    journal: Option<&'a mut dyn Journal>,
    /// Batches that the journal was told of.
    num_told: u64,
    /// The marks of the commits that the journal was told of.
    marks: HashSet<Versionstamp>,
    /// Entries that were left out because what they would replace could not be put back.
    irreplaceable: Vec<Remark>,
    batch: Vec<NewEntry>,
    /// Batches that are full and wait to be committed.
    full: Vec<Vec<NewEntry>>,
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
    /// Why a database of such limits does not store it.
    pub(super) fn refusal(&self, limits: &Limits) -> Option<String> {
        refusal(&self.key, &self.value, limits)
    }
}

/// Why a database of such limits does not store such an entry, and so no import could put it back, as a clause.
#[must_use]
pub fn refusal(key: &EncodedKey, value: &StoredValue, limits: &Limits) -> Option<String> {
    let sizes = limits.check_key(key.as_bytes().len());
    if let Err(limit) = sizes.and_then(|()| limits.check_value(value.bytes.len())) {
        return Some(limit.to_string());
    }
    let number = value.encoding.number();
    value
        .encoding
        .to_byte()
        .is_none()
        .then(|| format!("values of the encodings 0 to 255 can be stored, and its own is {number}"))
}

impl<'a> Loader<'a> {
    pub(super) fn new(database: &'a dyn Database, existing: Existing, dry_run: bool) -> Self {
        let capabilities = database.capabilities();
        Self {
            database,
            limits: capabilities.limits,
            batch_limits: capabilities.bulk_limits(),
            existing,
            dry_run,
            default_expiry: None,
            journal: None,
            num_told: 0,
            marks: HashSet::new(),
            irreplaceable: Vec::new(),
            batch: Vec::new(),
            full: Vec::new(),
            bytes: 0,
            key_bytes: 0,
            loaded: Loaded::default(),
            imagined: HashSet::new(),
            hasher: RandomState::new(),
        }
    }

    /// Tells this journal what each commit replaces.
    pub(super) fn journal(mut self, journal: &'a mut dyn Journal) -> Self {
        self.journal = Some(journal);
        self
    }

    /// Gives this expiry to entries that have none of their own.
    pub(super) fn default_expiry(mut self, expiry: Option<DefaultExpiry>) -> Self {
        self.default_expiry = expiry;
        self
    }

    /// The expiry of what takes the place of an entry and has none of its own.
    fn replaced_until(&self) -> Option<i64> {
        self.default_expiry.map(|expiry| expiry.moment)
    }

    /// What the database takes.
    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Entries that were left out since the last call because what they would replace could not be put back.
    pub(super) fn take_irreplaceable(&mut self) -> Vec<Remark> {
        std::mem::take(&mut self.irreplaceable)
    }

    /// Takes an entry that [`NewEntry::refusal`] has nothing against.
    pub(super) fn add(&mut self, mut entry: NewEntry) -> Result<(), TransferError> {
        if let Some(expiry) = self.default_expiry.filter(|expiry| !expiry.replacing_only) {
            entry.expires_at.get_or_insert(expiry.moment);
        }
        let key = entry.key.as_bytes().len();
        // A checked key counts once more.
        let bytes = 3 * key + entry.value.bytes.len();
        // Where keys are checked, a commit takes as many entries as checks.
        let most = if self.existing == Existing::Overwrite && self.journal.is_none() {
            self.batch_limits.mutations
        } else {
            self.batch_limits.checks.min(self.batch_limits.mutations)
        };
        if self.batch.len() == most
            || self.bytes + bytes > self.batch_limits.commit_bytes
            || self.key_bytes + key > self.batch_limits.commit_key_bytes
        {
            self.close_batch();
            // Of keys that come again in other batches the last one counts when they are overwritten.
            if self.existing == Existing::Overwrite || self.full.len() == AT_ONCE {
                self.commit()?;
            }
        }
        self.bytes += bytes;
        self.key_bytes += key;
        self.batch.push(entry);
        Ok(())
    }

    /// Stores what is left.
    pub(super) fn finish(&mut self) -> Result<Loaded, TransferError> {
        self.close_batch();
        self.commit()?;
        Ok(self.loaded)
    }

    /// What has been stored so far, nothing in a dry run.
    pub(super) fn stored(&self) -> Loaded {
        if self.dry_run {
            Loaded::default()
        } else {
            self.loaded
        }
    }

    /// What has been stored so far; a batch that is still being gathered is not counted.
    pub(super) fn loaded(&self) -> Loaded {
        self.loaded
    }

    fn close_batch(&mut self) {
        self.full.push(std::mem::take(&mut self.batch));
        (self.bytes, self.key_bytes) = (0, 0);
    }

    fn commit(&mut self) -> Result<(), TransferError> {
        let mut batches = std::mem::take(&mut self.full);
        if self.existing == Existing::Overwrite {
            if self.dry_run {
                return self.imagine_overwriting(&batches);
            }
            if self.journal.is_some() {
                return batches.into_iter().try_for_each(|batch| self.replace(batch));
            }
            self.expire_replacing(&mut batches)?;
        } else {
            self.leave_out_existing(&mut batches)?;
        }
        if self.dry_run {
            for batch in &batches {
                self.loaded.count(batch);
                let hashes = batch.iter().map(|entry| self.hasher.hash_one(&entry.key));
                self.imagined.extend(hashes);
            }
            return Ok(());
        }
        batches.retain(|batch| !batch.is_empty());
        let first = self.num_told;
        if let Some(journal) = &mut self.journal {
            for batch in &batches {
                let new = batch.iter().map(|entry| Replaced {
                    key: entry.key.clone(),
                    before: None,
                    deleted: false,
                });
                journal
                    .before(self.num_told, &new.collect::<Vec<_>>())
                    .map_err(TransferError::Journal)?;
                self.num_told += 1;
            }
        }
        let mut exists = None;
        let mut failed = None;
        for (number, stored) in (first..).zip(self.store_all(batches)) {
            self.loaded.stored += stored.loaded.stored;
            self.loaded.expiring += stored.loaded.expiring;
            self.loaded.skipped += stored.loaded.skipped;
            self.loaded.unknown += stored.loaded.unknown;
            exists = exists.or(stored.exists);
            failed = failed.or(stored.error);
            let noted = match (stored.mark, &mut self.journal) {
                (Some(mark), Some(journal)) => journal.committed(number, mark),
                (None, Some(journal)) if stored.loaded.unknown == 0 => journal.abandoned(number),
                _ => Ok(()),
            };
            if let Err(error) = noted {
                failed.get_or_insert(TransferError::Journal(error));
            }
        }
        match (failed, exists) {
            (Some(error), _) => Err(error),
            (None, exists) => self.skip(0, exists),
        }
    }

    /// Counts what overwriting would do.
    fn imagine_overwriting(&mut self, batches: &[Vec<NewEntry>]) -> Result<(), TransferError> {
        for batch in batches {
            self.loaded.count(batch);
            for part in batch.chunks(self.limits.checks.max(1)) {
                let keys: Vec<_> = part.iter().map(|entry| entry.key.clone()).collect();
                for (key, there) in keys.iter().zip(self.database.get_many(&keys)?) {
                    let is_new = self.imagined.insert(self.hasher.hash_one(key)) && there.is_none();
                    self.loaded.overwritten += u64::from(!is_new);
                }
            }
        }
        Ok(())
    }

    /// Sets the expiry of what takes the place of an entry, where that was asked for.
    fn expire_replacing(&self, batches: &mut [Vec<NewEntry>]) -> Result<(), TransferError> {
        let until = self.replaced_until();
        if until.is_none() {
            return Ok(());
        }
        for part in batches
            .iter_mut()
            .flat_map(|batch| batch.chunks_mut(self.limits.checks.max(1)))
        {
            let keys: Vec<_> = part.iter().map(|entry| entry.key.clone()).collect();
            for (entry, there) in part.iter_mut().zip(self.database.get_many(&keys)?) {
                if there.is_some() {
                    entry.expires_at = entry.expires_at.or(until);
                }
            }
        }
        Ok(())
    }

    /// Commits a batch over what stands there, after the journal was told what that is. The commit checks that
    /// nothing else stands there meanwhile.
    fn replace(&mut self, batch: Vec<NewEntry>) -> Result<(), TransferError> {
        let mut batch = batch;
        for _ in 0..ATTEMPTS {
            let mut keys: Vec<_> = batch.iter().map(|entry| entry.key.clone()).collect();
            keys.sort();
            keys.dedup();
            let there = self.database.get_many(&keys)?;
            let states = keys.into_iter().zip(there);
            let mut states: Vec<_> = states
                .map(|(key, before)| Replaced {
                    key,
                    before,
                    deleted: false,
                })
                .collect();
            let limits = self.limits;
            states.retain(|Replaced { key, before, .. }| {
                let reason = before.as_ref().and_then(|entry| irreplaceable(entry, &limits));
                if let Some(reason) = reason.clone() {
                    batch.retain(|entry| entry.key != *key);
                    self.irreplaceable.push(Remark {
                        line: None,
                        key: Some(key.clone()),
                        reason,
                    });
                }
                reason.is_none()
            });
            if batch.is_empty() {
                return Ok(());
            }
            let until = self.replaced_until();
            if until.is_some() {
                let is_there = |key: &EncodedKey| {
                    let mut there = states.iter().filter(|one| one.before.is_some());
                    there.any(|one| one.key == *key)
                };
                for entry in batch.iter_mut().filter(|entry| is_there(&entry.key)) {
                    entry.expires_at = entry.expires_at.or(until);
                }
            }
            let operation = states.iter().fold(
                operation(&batch, Existing::Overwrite),
                |operation, Replaced { key, before, .. }| {
                    operation.check(key.clone(), before.as_ref().map(|entry| entry.versionstamp))
                },
            );
            let new = states.iter().filter(|one| one.before.is_none()).count();
            let marks = &self.marks;
            // What this transfer stored itself and overwrites again has been told.
            states.retain(|one| {
                one.before
                    .as_ref()
                    .is_none_or(|entry| !marks.contains(&entry.versionstamp))
            });
            let number = self.num_told;
            if let Some(journal) = &mut self.journal {
                journal.before(number, &states).map_err(TransferError::Journal)?;
            }
            self.num_told += 1;
            match self.database.commit(operation) {
                Ok(CommitOutcome::Committed(mark)) => {
                    self.marks.insert(mark);
                    self.loaded.count(&batch);
                    self.loaded.overwritten += (batch.len() - new) as u64;
                    if let Some(journal) = &mut self.journal {
                        journal.committed(number, mark).map_err(TransferError::Journal)?;
                    }
                    return Ok(());
                }
                Ok(CommitOutcome::Conflict(_) | CommitOutcome::MessagesChanged(_)) => self.abandon(number)?,
                Err(error) => {
                    if matches!(error, CommitError::Unknown { .. }) {
                        self.loaded.unknown += batch.len() as u64;
                    } else {
                        self.abandon(number)?;
                    }
                    return Err(error.into());
                }
            }
        }
        Err(TransferError::Contended)
    }

    fn abandon(&mut self, number: u64) -> Result<(), TransferError> {
        match &mut self.journal {
            Some(journal) => journal.abandoned(number).map_err(TransferError::Journal),
            None => Ok(()),
        }
    }

    /// Commits batches that have no key in common.
    fn store_all(&self, batches: Vec<Vec<NewEntry>>) -> Vec<Stored> {
        let (database, existing) = (self.database, self.existing);
        each_at_once(batches, |batch| store(database, existing, batch))
    }

    /// Takes out entries whose keys exist in the database, or earlier in the same batches.
    fn leave_out_existing(&mut self, batches: &mut [Vec<NewEntry>]) -> Result<(), TransferError> {
        let mut seen = HashSet::new();
        let mut exists = None;
        let mut skipped = 0;
        for batch in batches {
            let keys: Vec<_> = batch.iter().map(|entry| entry.key.clone()).collect();
            let mut there = self.database.get_many(&keys)?.into_iter();
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
            skipped += (before - batch.len()) as u64;
        }
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
}

impl Loaded {
    fn count(&mut self, batch: &[NewEntry]) {
        self.stored += batch.len() as u64;
        self.expiring += batch.iter().filter(|entry| entry.expires_at.is_some()).count() as u64;
    }
}

/// Why an entry could not be put back if another one took its place.
pub(super) fn irreplaceable(entry: &Entry, limits: &Limits) -> Option<String> {
    refusal(&entry.key, &entry.value, limits)
        .map(|reason| format!("what stands there could not be put back: {reason}"))
}
