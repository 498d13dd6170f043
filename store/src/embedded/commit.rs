//! Commits, in groups that share one write to the journal and one sync.
//!
//! A caller that finds the commit lock free commits on its own thread. Otherwise its operation joins a queue,
//! and the commit thread takes everything that gathered there while the last group was being synced. The
//! engine itself syncs one batch at a time, so this is where sixteen writers become faster than one.

use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
use std::time::{Duration, Instant};

use fjall::PersistMode;

use super::commit_queue::CommitQueue;
use super::engine::{Engine, Failure, contain};
use super::evaluate::{Evaluated, Group, KeyChange};
use super::history::{Keeping, Kept, TrimPlace};
use super::journal::renew_journal;
use super::layout::{RESERVED_VERSION, VERSION_BLOCK};
use super::read::View;
use super::watch::Listeners;
use super::{Durability, Shared};
use crate::atomic::{AtomicOperation, CommitOutcome};
use crate::error::{CommitError, DatabaseError};
use crate::key::KeyRange;
use crate::versionstamp::Versionstamp;

pub(super) const COMMITTING: &str = "committing";
/// After how many synced groups a store that was opened gets a new journal: one that is read or changed here and
/// there is not worth the few milliseconds.
const GROUPS_BEFORE_RENEWAL: u32 = 32;
/// How long the callers of the last group are waited for at most.
const LONGEST_PATIENCE: Duration = Duration::from_millis(2);

pub(super) type Outcome = Result<CommitOutcome, CommitError>;

/// Why a group was not written.
pub(super) enum WriteFailure {
    /// An earlier write had failed, for this reason: nothing was tried.
    Earlier(String),
    /// The engine failed at it: it may be on the disk or not.
    Now(String),
}

impl WriteFailure {
    fn error(&self, engine: &Engine) -> CommitError {
        match self {
            Self::Earlier(reason) => engine.failed(COMMITTING, reason.as_str()).into(),
            Self::Now(reason) => CommitError::Unknown {
                reason: reason.clone(),
                location: (*engine.location).to_owned(),
            },
        }
    }

    /// In words.
    pub(super) fn reason(self) -> String {
        match self {
            Self::Earlier(reason) | Self::Now(reason) => reason,
        }
    }
}

/// The one place where writes happen.
pub(super) struct Committer {
    pub(super) state: Mutex<CommitState>,
    /// Operations that are queued and not answered. While there are any, nobody commits past the queue.
    num_waiting: AtomicUsize,
    queue: CommitQueue,
    /// No entry expires before this time. Written under the commit lock.
    pub(super) next_expiry: AtomicI64,
    /// Nothing goes from the history by its age before this time. Written under the commit lock.
    pub(super) next_trim: AtomicI64,
}

/// What only the holder of the commit lock knows.
pub(super) struct CommitState {
    /// The version of the newest commit.
    pub(super) version: u64,
    /// Versions up to this one may be used without writing it down.
    pub(super) reserved_version: u64,
    /// Messages in the queue.
    pub(super) num_messages: u64,
    /// Synced groups until the journal is renewed.
    groups_before_renewal: u32,
    /// What is kept of earlier versions.
    pub(super) kept: Option<Kept>,
    /// Whether earlier versions may be there that their rules do not allow.
    pub(super) untrimmed: bool,
    /// How far the pass over them has come.
    pub(super) trim_place: TrimPlace,
    /// Why no more is written, after the engine failed to write.
    pub(super) failure: Option<String>,
}

impl CommitState {
    /// Before the first commit of this opening.
    pub(super) fn new(version: u64, num_messages: u64, kept: Option<Kept>, untrimmed: bool) -> Self {
        Self {
            version,
            reserved_version: version,
            num_messages,
            groups_before_renewal: GROUPS_BEFORE_RENEWAL,
            kept,
            untrimmed,
            trim_place: TrimPlace::default(),
            failure: None,
        }
    }
}

/// The commit lock. Whoever the commits under it woke is woken once it is free.
pub(super) struct Commits<'a> {
    // Dropped first.
    state: MutexGuard<'a, CommitState>,
    _waking: Waking<'a>,
}

struct Waking<'a>(&'a Listeners);

impl Drop for Waking<'_> {
    fn drop(&mut self) {
        self.0.wake();
    }
}

impl Deref for Commits<'_> {
    type Target = CommitState;

    fn deref(&self) -> &CommitState {
        &self.state
    }
}

impl DerefMut for Commits<'_> {
    fn deref_mut(&mut self) -> &mut CommitState {
        &mut self.state
    }
}

impl Committer {
    pub(super) fn new(state: CommitState) -> Self {
        Self {
            next_trim: AtomicI64::new(match state.kept.is_some() || state.untrimmed {
                true => i64::MIN,
                false => i64::MAX,
            }),
            state: Mutex::new(state),
            num_waiting: AtomicUsize::new(0),
            queue: CommitQueue::default(),
            // The sweeper looks for the first expiry when it starts.
            next_expiry: AtomicI64::new(i64::MIN),
        }
    }

    /// How many operations are queued and not answered.
    pub(super) fn num_waiting(&self) -> usize {
        self.num_waiting.load(Ordering::Acquire)
    }

    /// Ends the commit thread once it has answered everything before.
    pub(super) fn stop(&self) {
        self.queue.stop();
    }
}

impl Shared {
    /// Commits one operation that is within the limits.
    pub(super) fn commit(&self, operation: AtomicOperation) -> Outcome {
        if self.committer.num_waiting() == 0 {
            match self.committer.state.try_lock() {
                Ok(state) => {
                    let mut state = self.waking_after(state);
                    let mut outcomes = self.commit_group(&mut state, std::slice::from_ref(&operation));
                    return outcomes.pop().unwrap_or_else(|| Err(self.unknown_answer()));
                }
                Err(TryLockError::Poisoned(_)) => return Err(self.lost_answer().into()),
                Err(TryLockError::WouldBlock) => {}
            }
        }
        self.committer.num_waiting.fetch_add(1, Ordering::AcqRel);
        let outcome = self.committer.queue.join(operation).wait();
        self.committer.num_waiting.fetch_sub(1, Ordering::AcqRel);
        outcome.unwrap_or_else(|| Err(self.unknown_answer()))
    }

    /// The commit lock.
    pub(super) fn lock_commits(&self) -> Result<Commits<'_>, DatabaseError> {
        match self.committer.state.lock() {
            Ok(state) => Ok(self.waking_after(state)),
            Err(_poisoned) => Err(self.lost_answer()),
        }
    }

    fn waking_after<'a>(&'a self, state: MutexGuard<'a, CommitState>) -> Commits<'a> {
        Commits {
            state,
            _waking: Waking(&self.listeners),
        }
    }

    /// Goes on from `version` after entries of up to that version were put into an empty store.
    pub(super) fn adopt_versions(&self, version: u64) -> Result<(), DatabaseError> {
        let mut state = self.lock_commits()?;
        state.version = state.version.max(version);
        state.reserved_version = state.version;
        Ok(())
    }

    /// Nobody knows how far the commit thread came with an operation before it ended.
    fn unknown_answer(&self) -> CommitError {
        CommitError::Unknown {
            reason: "an earlier write failed".to_owned(),
            location: (*self.engine.location).to_owned(),
        }
    }

    fn lost_answer(&self) -> DatabaseError {
        self.engine.failed(COMMITTING, "an earlier write failed")
    }

    /// The commit thread: takes groups from the queue until it is told to stop.
    ///
    /// The callers of the last group are on their way back with their next operations. To sync what the first of
    /// them brings would make all the others wait for another sync, so that they are waited for as long as a group
    /// takes, and no longer.
    pub(super) fn run_commits(&self, folder: &Path) {
        let _closing = self.committer.queue.closed_at_the_end();
        let (mut expected, mut patience) = (0, Duration::ZERO);
        loop {
            let gathered = self.committer.queue.gather(expected, patience);
            let Ok(mut state) = self.lock_commits() else {
                return;
            };
            let begun = Instant::now();
            let outcomes = self.commit_group(&mut state, &gathered.operations);
            if self.durability == Durability::Sync {
                expected = gathered.operations.len();
                patience = begun.elapsed().min(LONGEST_PATIENCE);
            }
            if gathered.renews_journal && state.failure.is_none() {
                renew_journal(&self.engine, folder, state.reserved_version);
            }
            drop(state);
            gathered.answers.send(outcomes);
            if gathered.stops {
                return;
            }
        }
    }

    /// A group without operations.
    pub(super) fn group<'a>(
        &'a self,
        state: &CommitState,
        now: i64,
        observed: &'a [KeyRange],
        listening: bool,
    ) -> Group<'a> {
        let keeping = state.kept.as_ref().map(|kept| Keeping::new(kept, now));
        Group::new(&self.engine, &self.deliveries, now, observed, listening, keeping)
    }

    /// Evaluates operations in order and commits what applies, as one batch of the engine.
    fn commit_group(&self, state: &mut CommitState, operations: &[AtomicOperation]) -> Vec<Outcome> {
        let (observed, listening) = self.listeners.observed();
        let mut group = self.group(state, self.clock.now(), &observed, listening);
        let mut version = state.version;
        let mut applied = Vec::new();
        let outcomes: Vec<Outcome> = operations
            .iter()
            .map(|operation| {
                let next = version
                    .checked_add(1)
                    .ok_or_else(|| self.engine.failed(COMMITTING, "no versionstamp is left"))?;
                Ok(match group.evaluate(operation, next)? {
                    Evaluated::Conflict(failed) => CommitOutcome::Conflict(failed),
                    Evaluated::MessagesChanged(changed) => CommitOutcome::MessagesChanged(changed),
                    Evaluated::Applied(changes) => {
                        version = next;
                        applied.push((next, changes));
                        CommitOutcome::Committed(Versionstamp::from_counter(next))
                    }
                })
            })
            .collect();
        if version == state.version {
            return outcomes;
        }
        match self.write_group(state, group, version, self.durability.persist_mode(), &applied) {
            Ok(()) => outcomes,
            Err(failure) => outcomes
                .into_iter()
                .map(|outcome| match outcome {
                    Ok(CommitOutcome::Committed(_)) => Err(failure.error(&self.engine)),
                    other => other,
                })
                .collect(),
        }
    }

    /// Writes an evaluated group, whose newest version is `version`, and tells of it: of each commit's version and changes. After an error nothing
    /// more is written by this store, because the engine can no longer tell what it has on disk.
    pub(super) fn write_group(
        &self,
        state: &mut CommitState,
        mut group: Group<'_>,
        version: u64,
        mode: PersistMode,
        applied: &[(u64, Vec<KeyChange>)],
    ) -> Result<(), WriteFailure> {
        if let Some(reason) = &state.failure {
            return Err(WriteFailure::Earlier(reason.clone()));
        }
        let earliest_expiry = group.earliest_expiry;
        let old_messages = state.num_messages;
        let num_messages = group.queue.num_messages(old_messages);
        let first_message = group.queue.first_row();
        let keeping = group.keeping.take().filter(|keeping| !keeping.is_empty());
        let first_over = keeping.as_ref().and_then(Keeping::first_over);
        let bytes = state.kept.as_ref().map_or(0, |kept| kept.bytes);
        let past = keeping
            .map(|keeping| keeping.rows(&self.engine, bytes))
            .transpose();
        // Nothing was tried.
        let past = past.map_err(|error| WriteFailure::Earlier(error.to_string()))?;
        let past_bytes = past.as_ref().map_or(bytes, |rows| rows.bytes);
        let mut batch = self.engine.database.batch().durability(Some(mode));
        let held = group.write_to(&mut batch);
        if let Some(rows) = past {
            rows.write_to(&mut batch);
        }
        let mut reserved_version = state.reserved_version;
        if version > reserved_version {
            reserved_version = version.saturating_add(VERSION_BLOCK);
            batch.insert(&self.engine.aux, RESERVED_VERSION, reserved_version.to_be_bytes());
        }
        if let Err(failure) = contain(|| batch.commit()) {
            if let Failure::Engine(fjall::Error::Poisoned) = failure {
                // Said before anything of the batch is written.
                let reason = self.engine.background_failure();
                state.failure = Some(reason.clone());
                return Err(WriteFailure::Earlier(reason));
            }
            let reason = failure.describe();
            state.failure = Some(reason.clone());
            return Err(WriteFailure::Now(reason));
        }
        state.version = version;
        state.reserved_version = reserved_version;
        state.num_messages = num_messages;
        if let Some(kept) = &mut state.kept {
            kept.bytes = past_bytes;
        }
        if mode != PersistMode::Buffer && state.groups_before_renewal > 0 {
            state.groups_before_renewal -= 1;
            if state.groups_before_renewal == 0 {
                self.committer.queue.renew_journal();
            }
        }
        self.publish(View::now(&self.engine, version));
        drop(held);
        for (version, changes) in applied {
            self.listeners.tell(*version, changes, &self.marked);
        }
        // A message that moves is one that was added, too.
        if first_message.is_some() || num_messages != old_messages {
            self.listeners.tell_of_queue(num_messages);
        }
        if let Some(row) = first_message {
            self.deliveries.added(&row);
        }
        if let Some(first_over) = first_over
            && first_over < self.committer.next_trim.load(Ordering::Acquire)
        {
            self.committer.next_trim.store(first_over, Ordering::Release);
            self.wake_sweeper();
        }
        if let Some(earliest) = earliest_expiry
            && earliest < self.committer.next_expiry.load(Ordering::Acquire)
        {
            self.committer.next_expiry.store(earliest, Ordering::Release);
            self.wake_sweeper();
        }
        Ok(())
    }

    pub(super) fn publish(&self, view: Arc<View>) {
        let mut current = self
            .view
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        // The old view may be the last of its moment; its clean-up is not for the readers to wait for.
        let old = std::mem::replace(&mut *current, view);
        drop(current);
        drop(old);
    }
}
