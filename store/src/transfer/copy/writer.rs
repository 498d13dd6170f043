//! What a copy writes: batches that fit into one commit, each checking what was seen.

use super::plan::{Plan, Policy};
use super::under_way::UnderWay;
use super::{CopyOptions, CopyReport, Wanted};
use crate::atomic::{AtomicOperation, CommitOutcome};
use crate::database::{Database, DatabaseKind};
use crate::entry::Entry;
use crate::error::CommitError;
use crate::key::EncodedKey;
use crate::limits::Limits;
use crate::transfer::load::irreplaceable;
use crate::transfer::{Journal, Remark, Replaced, TransferError, each_at_once};

/// How often a batch is tried whose keys others write at the same time.
const ATTEMPTS: usize = 20;
/// Batches that are committed at once in a Keyglass folder, which stores them with one wait for the disk, and on a server,
/// which takes few changes at a time and is asked over a way that takes its time.
const AT_ONCE: usize = 8;
/// The same where a commit takes so few checks that many small ones are on the way.
const SMALL_AT_ONCE: usize = 32;
const FEW_CHECKS: usize = 10;

/// One key that is written.
struct Change {
    key: EncodedKey,
    /// What it shall hold; `None` deletes it.
    wanted: Option<Wanted>,
    /// What was seen there.
    there: Option<Entry>,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    stored: u64,
    replaced: u64,
    bytes: u64,
    deleted: u64,
    same: u64,
    skipped: u64,
    unknown: u64,
}

/// What a batch came to.
type Settled = (Counts, Result<(), TransferError>);

/// Gathers changes and commits them. While batches are under way, further ones are gathered: no two of them have a key in
/// common, so their order does not matter, and each checks for itself what was seen.
pub(super) struct Writer<'a> {
    to: &'a dyn Database,
    /// What the target takes in one commit.
    limits: Limits,
    policy: Policy,
    dry_run: bool,
    /// Batches that are being committed by a server; `None` where they are committed together, or one after the other.
    under_way: Option<UnderWay<Vec<Change>, Settled>>,
    /// How many batches are committed together.
    at_once: usize,
    /// Batches that wait for others to be committed with them.
    full: Vec<Vec<Change>>,
    /// Why a batch was not stored.
    failed: Option<TransferError>,
    /// Is told what each commit replaces.
    journal: Option<&'a mut dyn Journal>,
    /// Batches that the journal was told of.
    num_told: u64,
    /// What stays because it could not be put back.
    irreplaceable: Vec<Remark>,
    batch: Vec<Change>,
    /// Bytes of the batch as the limits count them.
    bytes: usize,
    key_bytes: usize,
    counts: Counts,
}

/// Has `user` write into a database. `compares_expiry` is whether both sides tell expiries. A journal is told what each
/// commit replaces, so that they follow each other; what could not be put back is then not replaced.
pub(super) fn with_writer<'a, Given>(
    to: &'a dyn Database,
    options: &CopyOptions,
    compares_expiry: bool,
    journal: Option<&'a mut (dyn Journal + 'a)>,
    user: impl FnOnce(Writer<'a>) -> Given,
) -> Given {
    let capabilities = to.capabilities();
    let at_once = match capabilities.limits.checks {
        _ if capabilities.kind == DatabaseKind::DenoFile => 1,
        _ if options.dry_run || journal.is_some() => 1,
        ..=FEW_CHECKS => SMALL_AT_ONCE,
        _ => AT_ONCE,
    };
    let policy = Policy::of(options, compares_expiry);
    let writer = Writer {
        to,
        limits: capabilities.limits,
        policy,
        dry_run: options.dry_run,
        under_way: None,
        at_once,
        full: Vec::new(),
        failed: None,
        journal,
        num_told: 0,
        irreplaceable: Vec::new(),
        batch: Vec::new(),
        bytes: 0,
        key_bytes: 0,
        counts: Counts::default(),
    };
    // Here a disk is what takes its time, and batches that come together are synced together.
    if at_once == 1 || capabilities.kind != DatabaseKind::Remote {
        return user(writer);
    }
    UnderWay::with(
        at_once,
        |batch| settle(to, policy, batch, None),
        |under_way| {
            user(Writer {
                under_way: Some(under_way),
                // What waits for nothing but a place.
                at_once: 1,
                ..writer
            })
        },
    )
}

impl Writer<'_> {
    pub(super) fn policy(&self) -> Policy {
        self.policy
    }

    /// Waits for what is under way, and gives the entries stored so far.
    pub(super) fn stored(&mut self) -> u64 {
        self.wait();
        self.counts.stored
    }

    /// Changes of which it is not known whether they are stored.
    pub(super) fn unknown(&self) -> u64 {
        self.counts.unknown
    }

    /// Waits for what is under way, and adds what was done to a report; a batch that is still being gathered is not
    /// counted.
    pub(super) fn report(&mut self, report: &mut CopyReport) {
        self.wait();
        for remark in std::mem::take(&mut self.irreplaceable) {
            report.errors.add(remark);
        }
        report.stored += self.counts.stored;
        report.replaced += self.counts.replaced;
        report.bytes += self.counts.bytes;
        report.deleted += self.counts.deleted;
        report.same += self.counts.same;
        report.skipped += self.counts.skipped;
    }

    /// Takes a change; `there` is what stands there.
    pub(super) fn add(
        &mut self,
        key: EncodedKey,
        wanted: Option<Wanted>,
        there: Option<Entry>,
    ) -> Result<(), TransferError> {
        let is_noted = self.journal.is_some();
        let lost = there.as_ref().filter(|_| is_noted);
        if let Some(reason) = lost.and_then(|there| irreplaceable(there, &self.limits)) {
            self.irreplaceable.push(Remark {
                line: None,
                key: Some(key),
                reason,
            });
            return Ok(());
        }
        let length = key.as_bytes().len();
        // A key counts for its check, for the mutation, and once more for a value.
        let bytes = 3 * length + wanted.as_ref().map_or(0, |wanted| wanted.value.bytes.len());
        if self.batch.len() == self.limits.checks
            || self.bytes + bytes > self.limits.commit_bytes
            || self.key_bytes + length > self.limits.commit_key_bytes
        {
            self.close_batch();
            if self.full.len() >= self.at_once {
                self.commit()?;
            }
        }
        self.bytes += bytes;
        self.key_bytes += length;
        self.batch.push(Change { key, wanted, there });
        Ok(())
    }

    /// Commits what is left, and waits for it.
    pub(super) fn finish(&mut self) -> Result<(), TransferError> {
        self.close_batch();
        self.commit()?;
        self.end()
    }

    fn close_batch(&mut self) {
        let batch = std::mem::take(&mut self.batch);
        (self.bytes, self.key_bytes) = (0, 0);
        if !batch.is_empty() {
            self.full.push(batch);
        }
    }

    /// Waits for what is under way, and lets go what is being gathered.
    ///
    /// # Errors
    /// Why a batch was not stored.
    pub(super) fn end(&mut self) -> Result<(), TransferError> {
        self.wait();
        match self.failed.take() {
            None => Ok(()),
            Some(TransferError::Exists { key, .. }) => Err(TransferError::Exists {
                imported: self.counts.stored,
                key,
            }),
            Some(error) => Err(error),
        }
    }

    fn commit(&mut self) -> Result<(), TransferError> {
        let batches = std::mem::take(&mut self.full);
        if self.dry_run {
            for batch in &batches {
                self.counts.count(batch);
            }
            return Ok(());
        }
        let (to, policy) = (self.to, self.policy);
        let settled = match (&mut self.under_way, &mut self.journal) {
            (Some(under_way), _) => {
                let added = batches.into_iter().flat_map(|batch| under_way.add(batch));
                added.collect()
            }
            (None, None) => each_at_once(batches, |batch| settle(to, policy, batch, None)),
            (None, Some(journal)) => {
                let mut settled = Vec::new();
                for batch in batches {
                    let notes = Notes {
                        journal: &mut **journal,
                        num_told: &mut self.num_told,
                    };
                    let (counts, result) = settle(to, policy, batch, Some(notes));
                    let failed = result.is_err();
                    settled.push((counts, result));
                    if failed {
                        break;
                    }
                }
                settled
            }
        };
        self.take(settled);
        match self.failed {
            None => Ok(()),
            Some(_) => self.end(),
        }
    }

    fn wait(&mut self) {
        let settled = self.under_way.as_mut().map(UnderWay::finish);
        self.take(settled.unwrap_or_default());
    }

    fn take(&mut self, settled: Vec<Settled>) {
        for (counts, result) in settled {
            self.counts.add(counts);
            match result {
                // That a commit may be stored matters more than that others were refused.
                Err(error @ TransferError::Commit(CommitError::Unknown { .. })) => self.failed = Some(error),
                Err(error) => {
                    self.failed.get_or_insert(error);
                }
                Ok(()) => {}
            }
        }
    }
}

impl Counts {
    fn count(&mut self, batch: &[Change]) {
        for change in batch {
            match &change.wanted {
                Some(wanted) => {
                    self.stored += 1;
                    self.replaced += u64::from(change.there.is_some());
                    self.bytes += (change.key.as_bytes().len() + wanted.value.bytes.len()) as u64;
                }
                None => self.deleted += 1,
            }
        }
    }

    fn add(&mut self, other: Self) {
        self.stored += other.stored;
        self.replaced += other.replaced;
        self.bytes += other.bytes;
        self.deleted += other.deleted;
        self.same += other.same;
        self.skipped += other.skipped;
        self.unknown += other.unknown;
    }
}

/// A journal, and how many batches it was told of.
struct Notes<'a> {
    journal: &'a mut dyn Journal,
    num_told: &'a mut u64,
}

impl Notes<'_> {
    /// Tells what a batch replaces, and gives its number.
    fn before(&mut self, batch: &[Change]) -> Result<u64, TransferError> {
        let number = *self.num_told;
        *self.num_told += 1;
        let replaced = batch.iter().map(|change| Replaced {
            key: change.key.clone(),
            before: change.there.clone(),
            deleted: change.wanted.is_none(),
        });
        let replaced: Vec<_> = replaced.collect();
        let told = self.journal.before(number, &replaced);
        told.map(|()| number).map_err(TransferError::Journal)
    }

    fn after(
        &mut self,
        number: u64,
        outcome: &Result<CommitOutcome, CommitError>,
    ) -> Result<(), TransferError> {
        let told = match outcome {
            Ok(CommitOutcome::Committed(mark)) => self.journal.committed(number, *mark),
            Err(CommitError::Unknown { .. }) => Ok(()),
            Ok(_) | Err(_) => self.journal.abandoned(number),
        };
        told.map_err(TransferError::Journal)
    }
}

/// Commits a batch. Where others wrote its keys meanwhile, it is decided anew by what stands there.
fn settle(
    to: &dyn Database,
    policy: Policy,
    mut batch: Vec<Change>,
    mut notes: Option<Notes<'_>>,
) -> (Counts, Result<(), TransferError>) {
    let mut counts = Counts::default();
    for _ in 0..ATTEMPTS {
        if batch.is_empty() {
            return (counts, Ok(()));
        }
        let number = match notes.as_mut().map(|notes| notes.before(&batch)).transpose() {
            Ok(number) => number,
            Err(error) => return (counts, Err(error)),
        };
        let outcome = to.commit(operation(&batch));
        let noted = match notes.as_mut().zip(number) {
            Some((notes, number)) => notes.after(number, &outcome),
            None => Ok(()),
        };
        match outcome {
            Ok(CommitOutcome::Committed(_)) => {
                counts.count(&batch);
                return (counts, noted);
            }
            Ok(CommitOutcome::Conflict(_) | CommitOutcome::MessagesChanged(_)) => {}
            Err(error) => {
                if matches!(error, CommitError::Unknown { .. }) {
                    counts.unknown += batch.len() as u64;
                }
                return (counts, Err(error.into()));
            }
        }
        let keys: Vec<_> = batch.iter().map(|change| change.key.clone()).collect();
        let there = match to.get_many(&keys) {
            Ok(there) => there,
            Err(error) => return (counts, Err(error.into())),
        };
        let mut rest = Vec::with_capacity(batch.len());
        for (mut change, there) in batch.into_iter().zip(there) {
            match policy.decide(change.wanted.as_ref(), there.as_ref()) {
                Plan::Nothing => {}
                Plan::Same => counts.same += 1,
                Plan::Skip => counts.skipped += 1,
                Plan::Refuse => {
                    let exists = TransferError::Exists {
                        imported: 0,
                        key: change.key,
                    };
                    return (counts, Err(exists));
                }
                Plan::Write => {
                    change.there = there;
                    rest.push(change);
                }
            }
        }
        batch = rest;
    }
    (counts, Err(TransferError::Contended))
}

fn operation(batch: &[Change]) -> AtomicOperation {
    batch.iter().fold(AtomicOperation::new(), |operation, change| {
        let seen = change.there.as_ref().map(|entry| entry.versionstamp);
        let operation = operation.check(change.key.clone(), seen);
        match &change.wanted {
            Some(wanted) => {
                operation.set_expiring(change.key.clone(), wanted.value.clone(), wanted.expires_at)
            }
            None => operation.delete(change.key.clone()),
        }
    })
}
