//! Deno's own SQLite files, read and written beside the program that uses them.
//!
//! Nothing here migrates, expires or requeues anything, and no reader keeps a writer waiting. A file is locked until
//! writing is allowed, [`Database::set_writable`]; each commit then takes it for a moment and changes the rows of its
//! operation and Deno's commit counter, which gives the versionstamp, see `write`. A running Deno reads them at its next
//! read, while its own watches do not hear of them.
//!
//! What is in the file is shown, so an entry past its expiry stands there until Deno has swept it, which Deno does as
//! it opens a file; such entries are counted apart. The layout of the file was read from files that Deno 2.9 wrote; see
//! `schema`.

mod agenda;
mod backup;
mod budget;
mod children;
mod connections;
mod create;
mod discover;
mod follow;
mod lock;
mod notices;
mod pace;
mod parting;
mod queue;
mod read;
mod records;
mod recovery;
mod refusal;
mod schema;
mod shadow;
mod shadows;
mod signal;
mod statistics;
mod stray;
mod visits;
mod write;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::atomic::{AtomicOperation, CommitOutcome};
use crate::clock::Clock;
use crate::database::{
    Capabilities, Changes, ChildrenPage, Counted, Database, DatabaseKind, LastingId, QueueMessage,
    QueuePlace, Reading, Snapshot, Statistics, WatchedState,
};
use crate::error::{CommitError, DatabaseError, OpenError};
use crate::key::{EncodedKey, KeyRange};
use crate::limits::Limits;
use crate::subscription::{Feed, Subscription};
use connections::{Connections, Mode, SharedConnections};
use follow::Follower;
use read::FileSnapshot;
use write::Writer;

pub use discover::{DiscoveredStore, deno_directory, discover, project_urls};
pub use recovery::{Missing, Recovered, Recovery, RecoveryError};

/// A SQLite file written by Deno, opened for reading until writing to it is allowed.
pub struct DenoFile {
    /// Dropped first, so that no look is open when the file is closed.
    follower: Mutex<Option<Follower>>,
    connections: SharedConnections,
    writer: Writer,
    clock: Clock,
}

impl DenoFile {
    /// Opens a file, also while a Deno process uses it.
    ///
    /// # Errors
    /// If there is no such file, it cannot be read, is damaged, or is not a Deno KV database.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_with_clock(path, Clock::system())
    }

    /// Opens a file that goes by a clock of one's own.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_with_clock(path: &Path, clock: Clock) -> Result<Self, OpenError> {
        Ok(Self {
            follower: Mutex::new(None),
            connections: Arc::new(Connections::open(path)?),
            writer: Writer::default(),
            clock,
        })
    }

    /// Makes a new file, exactly as the newest Deno makes one, and opens it. It may be written at once.
    ///
    /// # Errors
    /// If something stands there already, or the system refuses.
    pub fn create(path: &Path) -> Result<Self, OpenError> {
        Self::create_with_clock(path, Clock::system())
    }

    /// Makes a file that goes by a clock of one's own.
    ///
    /// # Errors
    /// As [`Self::create`].
    pub fn create_with_clock(path: &Path, clock: Clock) -> Result<Self, OpenError> {
        create::create(path)?;
        let file = Self::open_with_clock(path, clock)?;
        file.writer
            .allow(&file.connections)
            .map_err(|error| OpenError::Engine {
                reason: error.to_string(),
                path: path.to_owned(),
            })?;
        Ok(file)
    }

    fn begin(&self) -> Result<FileSnapshot, DatabaseError> {
        FileSnapshot::begin(&self.connections)
    }

    /// Runs with the follower, which starts when it is first needed.
    fn with_follower<T>(&self, subscribe: impl FnOnce(&Follower) -> T) -> Result<T, DatabaseError> {
        let mut follower = self.follower.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match &mut *follower {
            Some(follower) => subscribe(follower),
            none => subscribe(none.insert(Follower::start(&self.connections)?)),
        })
    }

    /// How many subscribers the follower knows, and keys it remembers for feeds.
    #[cfg(test)]
    pub(crate) fn num_remembered(&self) -> usize {
        self.with_follower(Follower::num_remembered).unwrap()
    }

    /// Has the follower, if there is one, look at once.
    fn wake_follower(&self) {
        let follower = self.follower.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(follower) = &*follower {
            follower.committed();
        }
    }
}

impl Database for DenoFile {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            kind: DatabaseKind::DenoFile,
            writing: self.writer.writing(&self.connections),
            reading: Reading::Cheap,
            changes: Changes::Compared,
            history: true,
            past_versions: false,
            expiry: self.connections.schema().expiry,
            consistent_snapshots: self.connections.mode() == Mode::Shared,
            queue: self.connections.schema().queue,
            limits: Limits::DENO,
        }
    }

    fn location(&self) -> String {
        self.connections.location()
    }

    fn id(&self) -> Option<LastingId> {
        Some(self.connections.id())
    }

    fn clock(&self) -> Clock {
        self.clock.clone()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, DatabaseError> {
        Ok(Box::new(self.begin()?))
    }

    /// While another process holds the file, this waits for up to two seconds. A running Deno reads at its next read
    /// what was committed here; its own watches and queue listeners do not hear of it.
    fn commit(&self, operation: AtomicOperation) -> Result<CommitOutcome, CommitError> {
        operation.validate(&Limits::DENO)?;
        let outcome = self.writer.commit(&self.connections, &operation);
        // After an error it may be stored all the same.
        if !matches!(
            outcome,
            Ok(CommitOutcome::Conflict(_) | CommitOutcome::MessagesChanged(_))
        ) {
            self.wake_follower();
        }
        outcome
    }

    fn watch(&self, keys: Vec<EncodedKey>) -> Result<Subscription<WatchedState>, DatabaseError> {
        Limits::DENO.check_watch(keys.iter().map(|key| key.as_bytes().len()))?;
        let pending = self.with_follower(|follower| follower.watch(keys))?;
        pending.wait(&self.connections)
    }

    /// Comparing names the changes of up to 200,000 keys; in a larger range any change is
    /// [`FeedEvent::Lagged`](crate::FeedEvent::Lagged). Values before a change are known as far as 16 MiB hold them.
    /// Commits that follow each other within a fiftieth of a second may be told as one, and where changes do not cease,
    /// those of a second. Nothing in the file says which commit deleted a key: a delete is told last, with the mark of
    /// the newest commit that the comparison saw. Each key is remembered once for all feeds.
    fn changes(&self, ranges: Vec<KeyRange>) -> Result<Feed, DatabaseError> {
        let pending = self.with_follower(|follower| follower.changes(ranges))?;
        pending.wait(&self.connections)
    }

    fn children(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
    ) -> Result<ChildrenPage, DatabaseError> {
        self.begin()?.children(prefix, after, limit)
    }

    fn count(
        &self,
        range: &KeyRange,
        progress: &mut dyn FnMut(Counted) -> ControlFlow<()>,
    ) -> Result<Counted, DatabaseError> {
        self.begin()?.count(range, self.clock().now(), progress)
    }

    fn watch_queue(&self) -> Result<Subscription<u64>, DatabaseError> {
        let pending = self.with_follower(Follower::watch_queue)?;
        pending.wait(&self.connections)
    }

    fn queue_page(
        &self,
        after: Option<&QueuePlace>,
        limit: usize,
    ) -> Result<Vec<QueueMessage>, DatabaseError> {
        self.begin()?.queue(after, limit)
    }

    fn statistics(&self) -> Result<Statistics, DatabaseError> {
        self.begin()?.statistics(self.clock().now())
    }

    fn back_up(&self, to: &Path) -> Result<(), DatabaseError> {
        backup::copy(&self.connections, to)
    }

    fn parting_word(&self) -> Option<String> {
        self.connections.leaves_changes_beside().then(|| {
            format!(
                "Deno closed this file while Keyglass was reading it and may not write it, so its last changes stay \
                 in the -wal beside it until Deno opens it again; copy or move both together: {}",
                self.location()
            )
        })
    }

    fn set_writable(&self, writable: bool) -> Result<(), DatabaseError> {
        if writable {
            self.writer.allow(&self.connections)
        } else {
            self.writer.forbid();
            Ok(())
        }
    }
}
