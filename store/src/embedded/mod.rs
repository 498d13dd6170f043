//! The embedded engine: a Deno KV database in a folder, on the fjall LSM engine.
//!
//! [`Store`] is a [`Database`] that belongs to this process. Commits are all or nothing, durable (unless
//! [`Durability::Relaxed`] is chosen), and grouped: threads that commit at the same time share one sync. Reads
//! see one moment and never wait for commits. Expired entries are invisible at once and removed soon after.
//!
//! A change feed tells what stood under a key before a change as it was stored: an entry that has expired
//! but was not removed yet counts as standing there, so that each change begins where the last one ended.

mod attach;
mod backup;
mod bulk;
mod check;
mod children;
mod close;
mod commit;
mod commit_queue;
mod count;
mod damage;
mod engine;
mod evaluate;
mod expiry;
#[cfg(fuzzing)]
mod fuzzing;
mod handle;
mod history;
mod journal;
mod layout;
mod marker;
mod open;
mod picture;
mod place;
mod put_exactly;
mod queue;
mod read;
mod start;
mod statistics;
mod watch;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, unbounded};
use fjall::PersistMode;

#[cfg(feature = "connect")]
pub(crate) use attach::FILE as ATTACH_FILE;
pub use backup::BackupError;
pub use bulk::BulkLoad;
pub use check::CheckReport;
pub use engine::contains_panics;
#[cfg(fuzzing)]
pub use fuzzing::read_as_anything;
pub use open::OpenOptions;
pub use place::is_database;
pub(crate) use place::{is_whole, keeps_expired};
pub use queue::{Delivery, QueueListener};

use crate::atomic::{AtomicOperation, CommitOutcome};
use crate::clock::Clock;
use crate::database::{
    Capabilities, Changes, ChildrenPage, Counted, Database, DatabaseKind, LastingId, QueueMessage,
    QueuePlace, Reading, Snapshot, Statistics, WatchedState, Writing,
};
use crate::entry::Entry;
use crate::error::{CommitError, DatabaseError};
use crate::history::{DeletedPage, HistoryRules, PastVersion};
use crate::key::{EncodedKey, KeyRange};
use crate::limits::Limits;
use crate::requests::RequestLog;
use crate::subscription::{Feed, Subscription};
use crate::versionstamp::Versionstamp;
use commit::{CommitState, Committer};
use damage::Loss;
use engine::Engine;
use expiry::SweeperSignal;
use queue::Deliveries;
use read::{HeldView, View};
use start::Start;
use watch::{Listeners, Marked};

/// What a commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// The end of the process and a power cut: each commit waits until the disk has it, as in Deno.
    #[default]
    Sync,
    /// The end of the process in any way. A power cut or a crash of the system may undo the last seconds. Where it
    /// leaves a commit in part, opening refuses with [`OpenError::Damaged`](crate::OpenError::Damaged).
    Relaxed,
}

impl Durability {
    fn persist_mode(self) -> PersistMode {
        match self {
            Self::Sync => PersistMode::SyncData,
            Self::Relaxed => PersistMode::Buffer,
        }
    }
}

/// An open store. Clones share it; when the last one is dropped it closes, which may take a moment, because
/// it leaves the folder ready to be opened quickly. A snapshot that is still held keeps the folder locked.
#[derive(Clone)]
pub struct Store {
    /// What lets other processes attach. It ends before the store closes, because it stands first.
    attachable: Option<Arc<dyn Send + Sync>>,
    handle: Arc<Handle>,
}

/// The one owner of a store's threads.
struct Handle {
    shared: Option<Arc<Shared>>,
    threads: Vec<JoinHandle<()>>,
    path: PathBuf,
    id: Option<LastingId>,
    /// Whether nothing is swept.
    keeps_expired: bool,
    clock: Clock,
    /// Why it cannot be written, where it is open for reading.
    read_only: Option<&'static str>,
    /// Who reads what programs ask of its servers.
    requests: Arc<RequestLog>,
}

/// What callers and threads of a store share.
struct Shared {
    engine: Engine,
    /// The state after the newest commit.
    view: RwLock<Arc<View>>,
    committer: Committer,
    listeners: Arc<Listeners>,
    sweeper: SweeperSignal,
    deliveries: Deliveries,
    marked: Sender<Marked>,
    clock: Clock,
    durability: Durability,
    writable: AtomicBool,
    /// What a damaged journal had lost when the store was opened.
    loss: Option<Loss>,
    /// Reads of watched keys that shall fail, each of which drops one of these.
    #[cfg(test)]
    failing: std::sync::Mutex<Vec<Sender<()>>>,
}

impl Store {
    fn start(
        path: &Path,
        engine: Engine,
        start: Start,
        durability: Durability,
        clock: Clock,
        read_only: Option<&'static str>,
    ) -> std::io::Result<Self> {
        #[expect(
            clippy::disallowed_methods,
            reason = "bounded by the number of watches, because each is marked at most once"
        )]
        let (marked, marks) = unbounded();
        let (sweeper, woken) = SweeperSignal::new();
        let state = CommitState::new(start.version, start.num_messages, start.kept, start.untrimmed);
        let shared = Arc::new(Shared {
            view: RwLock::new(View::now(&engine, start.version)),
            engine,
            committer: Committer::new(state),
            listeners: Arc::default(),
            sweeper,
            deliveries: Deliveries::default(),
            marked,
            clock: clock.clone(),
            durability,
            writable: AtomicBool::new(read_only.is_none()),
            loss: start.loss,
            #[cfg(test)]
            failing: std::sync::Mutex::default(),
        });
        let mut handle = Handle {
            shared: Some(shared.clone()),
            threads: Vec::new(),
            path: path.to_owned(),
            id: start.id,
            keeps_expired: start.keeps_expired,
            clock,
            read_only,
            requests: Arc::default(),
        };
        if read_only.is_none() {
            handle.spawn("keyglass commit", {
                let (shared, folder) = (shared.clone(), path.to_owned());
                move || shared.run_commits(&folder)
            })?;
            if !start.keeps_expired {
                handle.spawn("keyglass expiry", {
                    let shared = shared.clone();
                    move || shared.run_sweeper(&woken)
                })?;
            }
        }
        handle.spawn("keyglass watch", move || shared.run_watches(&marks))?;
        Ok(Self {
            attachable: None,
            handle: Arc::new(handle),
        })
    }

    /// # Errors
    /// Only while the store is being closed, which its last owner does.
    fn shared(&self) -> Result<&Shared, DatabaseError> {
        self.handle.shared.as_deref().ok_or_else(|| {
            DatabaseError::Unsupported(format!("The database is closed: {}", self.handle.path.display()))
        })
    }
}

impl Store {
    /// Begins a load of many entries.
    #[must_use]
    pub fn bulk_load(&self) -> BulkLoad {
        BulkLoad::new(self.clone())
    }

    /// Reads and verifies everything, as of now. `progress` hears the report so far every few thousand rows
    /// and may break off.
    ///
    /// # Errors
    /// Only if the store is closed: what is damaged is told by the report.
    pub fn check(
        &self,
        progress: &mut dyn FnMut(&CheckReport) -> ControlFlow<()>,
    ) -> Result<CheckReport, DatabaseError> {
        let shared = self.shared()?;
        let mut report = CheckReport::default();
        if let Some(loss) = shared.loss {
            report.problem(loss.to_string());
        }
        shared.view().check(&mut report, progress);
        Ok(report)
    }

    /// A listener to the queue.
    #[must_use]
    pub fn listen(&self) -> QueueListener {
        QueueListener::new(self.clone())
    }

    /// Whether it takes commits now.
    pub(crate) fn is_writable(&self) -> bool {
        self.writable().is_ok()
    }

    /// # Errors
    /// While writing is forbidden.
    fn writable(&self) -> Result<&Shared, DatabaseError> {
        let shared = self.shared()?;
        if !shared.writable.load(Ordering::Acquire) {
            return Err(DatabaseError::ReadOnly(self.location()));
        }
        Ok(shared)
    }
}

#[cfg(test)]
impl Store {
    /// Lets the next reads of watched keys fail; the channel ends when so many have failed.
    pub(crate) fn fail_watches(&self, number: usize) -> Receiver<()> {
        let (failure, failures) = crossbeam_channel::bounded(0);
        let failing = &self.shared().unwrap().failing;
        *failing.lock().unwrap() = vec![failure; number];
        failures
    }

    /// How many subscriptions are told of commits.
    pub(crate) fn num_subscribers(&self) -> usize {
        self.shared().unwrap().listeners.len()
    }
}

impl Shared {
    fn view(&self) -> Arc<View> {
        self.view.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn states(&self, keys: &[EncodedKey]) -> Result<WatchedState, DatabaseError> {
        let (view, now) = (self.view(), self.clock.now());
        keys.iter().map(|key| view.get(key, now)).collect()
    }

    /// The watch thread.
    fn run_watches(&self, marks: &Receiver<Marked>) {
        watch::run_watches(marks, |keys| {
            #[cfg(test)]
            if self.failing.lock().unwrap().pop().is_some() {
                return Err(DatabaseError::Unsupported("A test lets it fail".to_owned()));
            }
            self.states(keys)
        });
    }

    fn watch(&self, keys: Vec<EncodedKey>) -> Result<Subscription<WatchedState>, DatabaseError> {
        Limits::DENO.check_watch(keys.iter().map(|key| key.as_bytes().len()))?;
        // Under the commit lock, so that no commit falls between the first state and the watch.
        let _held = self.lock_commits()?;
        let first = self.states(&keys)?;
        Ok(self.listeners.add_watch(keys, first))
    }
}

impl Database for Store {
    fn capabilities(&self) -> Capabilities {
        let writable = self
            .handle
            .shared
            .as_ref()
            .is_some_and(|it| it.writable.load(Ordering::Acquire));
        Capabilities {
            kind: DatabaseKind::Embedded,
            writing: match self.handle.read_only {
                Some(reason) => Writing::Impossible(reason.to_owned()),
                None if writable => Writing::Allowed,
                None => Writing::Locked,
            },
            reading: Reading::Cheap,
            changes: match self.handle.read_only {
                Some(_) => Changes::Never,
                None => Changes::EveryCommit,
            },
            history: self.handle.read_only.is_none(),
            expiry: true,
            past_versions: true,
            consistent_snapshots: true,
            queue: true,
            limits: Limits::DENO,
        }
    }

    fn location(&self) -> String {
        self.handle.path.display().to_string()
    }

    fn id(&self) -> Option<LastingId> {
        self.handle.id.clone()
    }

    fn clock(&self) -> Clock {
        self.handle.clock.clone()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, DatabaseError> {
        let shared = self.shared()?;
        Ok(Box::new(HeldView {
            view: shared.view(),
            clock: shared.clock.clone(),
        }))
    }

    fn get(&self, key: &EncodedKey) -> Result<Option<Entry>, DatabaseError> {
        let shared = self.shared()?;
        shared.view().get(key, shared.clock.now())
    }

    fn get_many(&self, keys: &[EncodedKey]) -> Result<Vec<Option<Entry>>, DatabaseError> {
        self.shared()?.states(keys)
    }

    fn commit(&self, operation: AtomicOperation) -> Result<CommitOutcome, CommitError> {
        operation.validate(&Limits::DENO)?;
        self.writable()?.commit(operation)
    }

    fn watch(&self, keys: Vec<EncodedKey>) -> Result<Subscription<WatchedState>, DatabaseError> {
        self.shared()?.watch(keys)
    }

    fn changes(&self, ranges: Vec<KeyRange>) -> Result<Feed, DatabaseError> {
        let shared = self.shared()?;
        // Under the commit lock, so that a commit is told as a whole or not at all.
        let _held = shared.lock_commits()?;
        Ok(shared.listeners.add_feed(KeyRange::merged(ranges)))
    }

    fn children(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
    ) -> Result<ChildrenPage, DatabaseError> {
        let shared = self.shared()?;
        shared.view().children(prefix, after, limit, shared.clock.now())
    }

    fn count(
        &self,
        range: &KeyRange,
        progress: &mut dyn FnMut(Counted) -> ControlFlow<()>,
    ) -> Result<Counted, DatabaseError> {
        let shared = self.shared()?;
        shared.view().count(range, shared.clock.now(), progress)
    }

    fn watch_queue(&self) -> Result<Subscription<u64>, DatabaseError> {
        let shared = self.shared()?;
        let state = shared.lock_commits()?;
        Ok(shared.listeners.add_queue(state.num_messages))
    }

    fn queue_page(
        &self,
        after: Option<&QueuePlace>,
        limit: usize,
    ) -> Result<Vec<QueueMessage>, DatabaseError> {
        self.shared()?.queue(after, limit)
    }

    fn statistics(&self) -> Result<Statistics, DatabaseError> {
        self.shared()?.statistics(&self.handle.path)
    }

    fn history(&self) -> Result<HistoryRules, DatabaseError> {
        self.shared()?.view().history_rules()
    }

    fn set_history(&self, rules: HistoryRules) -> Result<(), DatabaseError> {
        if self.handle.keeps_expired {
            return Err(DatabaseError::Unsupported(format!(
                "A backup keeps no history of its own: {}",
                self.location()
            )));
        }
        self.writable()?.set_history(rules)
    }

    fn versions(
        &self,
        key: &EncodedKey,
        before: Option<Versionstamp>,
        limit: usize,
    ) -> Result<Vec<PastVersion>, DatabaseError> {
        let shared = self.shared()?;
        shared.view().versions(key, before, limit, shared.clock.now())
    }

    fn deleted(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
    ) -> Result<DeletedPage, DatabaseError> {
        let shared = self.shared()?;
        shared.view().deleted(prefix, after, limit, shared.clock.now())
    }

    fn request_log(&self) -> Option<&Arc<RequestLog>> {
        Some(&self.handle.requests)
    }

    fn set_writable(&self, writable: bool) -> Result<(), DatabaseError> {
        if writable {
            self.handle.not_for_reading()?;
        }
        self.shared()?.writable.store(writable, Ordering::Release);
        Ok(())
    }
}
