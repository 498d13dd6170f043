//! The one door to a database, whatever its kind.
//!
//! Everything here is blocking and object-safe; streams are subscriptions. Threads belong to whoever opened the
//! database. An engine may be called from many threads at once.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

pub use crate::change::{Before, Change, FeedEvent};
pub use crate::lasting_id::LastingId;
pub use crate::statistics::{EngineFacts, FjallFacts, Metered, SqliteFacts, Statistics, TableFacts};

use crate::atomic::{AtomicOperation, CommitOutcome, Enqueue, MessageChange};
use crate::clock::Clock;
use crate::entry::Entry;
use crate::error::{CommitError, DatabaseError, LockOwner};
use crate::history::{DeletedPage, HistoryRules, PastVersion};
use crate::key::{EncodedKey, KeyRange};
use crate::limits::Limits;
use crate::requests::{RequestLog, Requests};
use crate::subscription::{Feed, Subscription};
use crate::versionstamp::Versionstamp;

/// A Deno KV database: a Keyglass folder, one of Deno's SQLite files, or a server that speaks KV Connect.
pub trait Database: Send + Sync {
    /// What this database can do, now: the answer changes when [`Self::set_writable`] succeeds.
    fn capabilities(&self) -> Capabilities;

    /// Where it is, as a person would write it: a path or a URL.
    fn location(&self) -> String;

    /// Its id, by which whoever keeps something for it knows it again; `None` where nothing tells.
    fn id(&self) -> Option<LastingId> {
        None
    }

    /// The process that has it, where that is another one through which it is reached; `None` where it is open here.
    fn owner(&self) -> Option<LockOwner> {
        None
    }

    /// Where its time comes from; what works with it asks this clock, too.
    fn clock(&self) -> Clock;

    /// A view of one moment, for consistent reads and paging. Cheap; but drop it within seconds, because it
    /// holds back the engine's clean-up.
    ///
    /// # Errors
    /// If the database is gone or failed.
    fn snapshot(&self) -> Result<Box<dyn Snapshot>, DatabaseError>;

    /// Reads several ranges in one snapshot; the answers stand in the order of the ranges.
    ///
    /// # Errors
    /// If the database is gone or failed.
    fn read(&self, ranges: &[ReadRange]) -> Result<Vec<Vec<Entry>>, DatabaseError> {
        let snapshot = self.snapshot()?;
        ranges.iter().map(|range| snapshot.read(range)).collect()
    }

    /// The entry under one key.
    ///
    /// # Errors
    /// If the database is gone or failed.
    fn get(&self, key: &EncodedKey) -> Result<Option<Entry>, DatabaseError> {
        Ok(self.get_many(std::slice::from_ref(key))?.pop().flatten())
    }

    /// The entries under several keys, in their order, from one snapshot.
    ///
    /// # Errors
    /// If the database is gone or failed.
    fn get_many(&self, keys: &[EncodedKey]) -> Result<Vec<Option<Entry>>, DatabaseError> {
        let snapshot = self.snapshot()?;
        keys.iter().map(|key| snapshot.get(key)).collect()
    }

    /// Commits, durably unless the database was opened otherwise. A failed check is an outcome, not an error; the
    /// error says whether anything of the operation may be stored.
    ///
    /// # Errors
    /// What the database refused, or how it failed: the kind of the error says whether anything may be stored.
    fn commit(&self, operation: AtomicOperation) -> Result<CommitOutcome, CommitError>;

    /// The state of some keys (at most [`Limits::watched_keys`]), at once and again whenever one of them changes. States
    /// in between are skipped when the reader is slow. A state that cannot be read is told as soon as it can be.
    ///
    /// # Errors
    /// Where there are too many keys, or one is too long, or the first state cannot be read.
    fn watch(&self, keys: Vec<EncodedKey>) -> Result<Subscription<WatchedState>, DatabaseError>;

    /// Every change of keys in these ranges from now on, in commit order, each once: whatever is read after this has
    /// returned is either current or followed by a change.
    ///
    /// # Errors
    /// [`DatabaseError::Unsupported`] where [`Capabilities::changes`] says so, or if the database cannot be read.
    fn changes(&self, ranges: Vec<KeyRange>) -> Result<Feed, DatabaseError>;

    /// The distinct next parts below `prefix` in key order, at most `limit`, beginning after the child `after`
    /// (its [`Child::prefix`]). Found by seeking past each child, so the cost does not grow with what is below.
    ///
    /// # Errors
    /// If the database is gone or failed.
    fn children(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
    ) -> Result<ChildrenPage, DatabaseError>;

    /// Counts entries and their bytes in a range, exactly. `progress` hears the count so far every few
    /// thousand entries and may break, which ends the count with [`Counted::complete`] false.
    ///
    /// # Errors
    /// If the database is gone or failed.
    fn count(
        &self,
        range: &KeyRange,
        progress: &mut dyn FnMut(Counted) -> ControlFlow<()>,
    ) -> Result<Counted, DatabaseError>;

    /// How many messages there are: now, and again whenever one is added, moved, delivered or removed, also if there are
    /// as many as before. Numbers in between are skipped when the reader is slow.
    ///
    /// # Errors
    /// If the queue cannot be read.
    fn watch_queue(&self) -> Result<Subscription<u64>, DatabaseError>;

    /// The first messages that wait, are delayed or are being delivered, by due time; at most `limit`.
    ///
    /// # Errors
    /// As [`Self::queue_page`].
    fn queue(&self, limit: usize) -> Result<Vec<QueueMessage>, DatabaseError> {
        self.queue_page(None, limit)
    }

    /// Messages by due time and name, those behind a place ([`QueueMessage::place`]), as they are now: at most `limit`,
    /// and fewer only where no more follow. A message that moves between two pages may be in both, or in neither.
    ///
    /// # Errors
    /// If the database is gone, or its queue cannot be read.
    fn queue_page(
        &self,
        after: Option<&QueuePlace>,
        limit: usize,
    ) -> Result<Vec<QueueMessage>, DatabaseError>;

    /// Which earlier versions of entries are kept. It is told by the database itself, to everybody who opens it.
    ///
    /// # Errors
    /// [`DatabaseError::Unsupported`] unless [`Capabilities::past_versions`], or if the database is gone or failed.
    fn history(&self) -> Result<HistoryRules, DatabaseError> {
        Err(keeps_none(&self.location()))
    }

    /// Has other versions kept from now on. What the new rules do not allow is gone with that.
    ///
    /// # Errors
    /// [`DatabaseError::Unsupported`] unless [`Capabilities::past_versions`], or for rules that are none
    /// ([`HistoryRules::checked`]), or if the database cannot be written.
    fn set_history(&self, rules: HistoryRules) -> Result<(), DatabaseError> {
        let _not_kept = rules;
        Err(keeps_none(&self.location()))
    }

    /// Earlier versions of a key that are kept, the newest first, and those before `before`, a versionstamp of theirs. At
    /// most `limit`; where they are large, fewer, but none only where no more are kept. What stands there now is none of them.
    ///
    /// # Errors
    /// As [`Self::history`].
    fn versions(
        &self,
        key: &EncodedKey,
        before: Option<Versionstamp>,
        limit: usize,
    ) -> Result<Vec<PastVersion>, DatabaseError> {
        let _not_kept = (key, before, limit);
        Err(keeps_none(&self.location()))
    }

    /// Keys at `prefix` and below it under which nothing stands any more, in key order behind `after`, each with its last
    /// version that is kept. At most `limit`; a page may have fewer, also none, and say that there are more.
    ///
    /// # Errors
    /// As [`Self::history`].
    fn deleted(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
    ) -> Result<DeletedPage, DatabaseError> {
        let _not_kept = (prefix, after, limit);
        Err(keeps_none(&self.location()))
    }

    /// Facts about the whole database that are cheap to get.
    ///
    /// # Errors
    /// If the database is gone or failed.
    fn statistics(&self) -> Result<Statistics, DatabaseError>;

    /// What was asked of a server, and how that goes; `None` where nobody counts it.
    fn metered(&self) -> Option<Metered> {
        None
    }

    /// What programs ask of it from now on through the process that has it, as it is answered; `None` where nothing
    /// can be heard of that. Waits for nothing, and ends when the database closes.
    fn requests(&self) -> Option<Requests> {
        self.request_log().map(RequestLog::subscribe)
    }

    /// Where all servers of it in this process tell what they are asked; `None` where each has a log of its own.
    fn request_log(&self) -> Option<&Arc<RequestLog>> {
        None
    }

    /// Copies the whole database as it is at one moment to a path that is free, where it is one that can be copied so.
    ///
    /// # Errors
    /// If something stands there, the system refuses, or the database has no such copy.
    fn back_up(&self, to: &Path) -> Result<(), DatabaseError> {
        Err(DatabaseError::Unsupported(format!(
            "This kind of database is not copied as a file: {}",
            to.display()
        )))
    }

    /// What a person has to know when the database is closed: that it is not left as its own program would leave it.
    fn parting_word(&self) -> Option<String> {
        None
    }

    /// Allows or forbids writing where [`Capabilities::writing`] says that it can be changed. Enforced here,
    /// not in the window.
    ///
    /// # Errors
    /// If that cannot be changed.
    fn set_writable(&self, writable: bool) -> Result<(), DatabaseError>;
}

/// The error where no earlier versions are kept.
pub(crate) fn keeps_none(location: &str) -> DatabaseError {
    DatabaseError::Unsupported(format!(
        "This kind of database keeps no earlier versions of its entries: {location}"
    ))
}

/// A view of one moment of a database.
pub trait Snapshot: Send {
    /// Entries of a range, in key order (or reverse), at most its limit.
    ///
    /// # Errors
    /// If the database is gone or failed.
    fn read(&self, range: &ReadRange) -> Result<Vec<Entry>, DatabaseError>;

    /// The entry under one key.
    ///
    /// # Errors
    /// If the database is gone or failed.
    fn get(&self, key: &EncodedKey) -> Result<Option<Entry>, DatabaseError>;

    /// The newest commit that this view contains, where the database can tell.
    fn versionstamp(&self) -> Option<Versionstamp>;
}

/// What to read: at most `limit` entries of a range, from its end if `reverse`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRange {
    /// Which keys.
    pub range: KeyRange,
    /// The most entries to return.
    pub limit: usize,
    /// From the end towards the start.
    pub reverse: bool,
}

/// What a database can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Which kind of database this is.
    pub kind: DatabaseKind,
    /// Whether it can be written.
    pub writing: Writing,
    /// What reading costs, which decides whether anything may be read that nobody asked to see.
    pub reading: Reading,
    /// Which changes [`Database::changes`] and [`Database::watch`] tell.
    pub changes: Changes,
    /// Whether feeds say what stood under a key before a change ([`Change::before`]), so that a history of what was
    /// there can be shown and taken back. Even then a single change may not know.
    pub history: bool,
    /// Whether it can keep earlier versions of entries, and show them ([`Database::history`]).
    pub past_versions: bool,
    /// Whether entries say when they expire.
    pub expiry: bool,
    /// Whether a snapshot is one moment; otherwise its reads may straddle commits.
    pub consistent_snapshots: bool,
    /// Whether [`Database::queue`] shows messages.
    pub queue: bool,
    /// The most that it takes in one commit, read and watch. What exceeds them is refused, never cut.
    pub limits: Limits,
}

impl Capabilities {
    /// Whether entries that have expired stand there until somebody sweeps them, as those of a Deno file do until Deno
    /// opens it again.
    #[must_use]
    pub fn keeps_expired(&self) -> bool {
        self.kind == DatabaseKind::DenoFile
    }

    /// The most that a commit should hold which is one of many in a row. A commit to a Deno file keeps the programs
    /// waiting that use it, so none of these takes more than half of what it could.
    #[must_use]
    pub fn bulk_limits(&self) -> Limits {
        match self.kind {
            DatabaseKind::DenoFile => Limits {
                mutations: self.limits.mutations / 2,
                commit_bytes: self.limits.commit_bytes / 2,
                commit_key_bytes: self.limits.commit_key_bytes / 2,
                ..self.limits
            },
            DatabaseKind::Embedded | DatabaseKind::Remote => self.limits,
        }
    }
}

/// What reading a database costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reading {
    /// Nothing but time: it lies on a disk of this machine, or in its memory. All of it may be read in the background.
    Cheap,
    /// Each read is a request that somebody pays for. Only what a person or a program asks for is read; nothing is
    /// counted or indexed of itself.
    Metered,
}

/// Which changes a database tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Changes {
    /// None: it is seen as it was when it was opened, and its feeds and watches end or stay silent.
    Never,
    /// Those of watched keys alone, as KV Connect does: [`Database::changes`] is refused.
    WatchedKeys,
    /// Those that comparing finds: commits that follow each other closely may be told as one, and of a large range only
    /// that something changed, or what changed of what was read last.
    Compared,
    /// Every commit, by itself.
    EveryCommit,
}

/// The kinds of database that Keyglass opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DatabaseKind {
    /// A Keyglass folder, on the fjall engine.
    Embedded,
    /// A SQLite file written by Deno.
    DenoFile,
    /// A server that speaks KV Connect.
    Remote,
}

/// Whether a database can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Writing {
    /// It can.
    Allowed,
    /// Not now; [`Database::set_writable`] can allow it.
    Locked,
    /// Never, for the reason given as a sentence.
    Impossible(String),
}

/// The state of the watched keys in their order; `None` for an absent one.
pub type WatchedState = Vec<Option<Entry>>;

/// One level of the key space, or a page of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChildrenPage {
    /// In key order.
    pub children: Vec<Child>,
    /// Whether there are further children after the last one.
    pub more: bool,
}

/// One distinct next part below a prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// The parent's bytes followed by this part's. Where the bytes after the parent are no key part, they are
    /// all taken as one child, so that a broken key is still shown.
    pub prefix: EncodedKey,
    /// Whether an entry stands exactly here.
    pub is_entry: bool,
    /// Whether there are longer keys below.
    pub has_children: bool,
}

/// A count of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// Entries seen, expired ones among them.
    pub entries: u64,
    /// Entries of the range that have expired and were not swept yet: all of them, also while the count goes on.
    pub expired: u64,
    /// Bytes of the keys and values seen.
    pub bytes: u64,
    /// Whether the whole range was seen.
    pub complete: bool,
}

impl Counted {
    /// Entries that have not expired; while the count goes on, at least so many.
    #[must_use]
    pub fn alive(&self) -> u64 {
        self.entries.saturating_sub(self.expired)
    }
}

/// Where a message stands in the queue, from which reading goes on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueuePlace {
    /// When it is due, in milliseconds since the Unix epoch; see [`QueueMessage::due_at`].
    pub due_at: i64,
    /// The engine's name for it.
    pub id: String,
}

impl QueueMessage {
    /// Where it stands.
    #[must_use]
    pub fn place(&self) -> QueuePlace {
        QueuePlace {
            due_at: self.due_at,
            id: self.id.clone(),
        }
    }

    /// What would have to be queued for another one like it.
    #[must_use]
    pub fn content(&self) -> Enqueue {
        Enqueue {
            payload: self.payload.clone(),
            due_at: self.due_at,
            keys_if_undelivered: self.keys_if_undelivered.clone(),
            backoff_schedule: Some(self.backoff_schedule.clone()),
        }
    }

    /// Whether it is as this one, whatever its name.
    #[must_use]
    pub fn is_like(&self, other: &Enqueue) -> bool {
        self.payload == other.payload
            && self.due_at == other.due_at
            && self.keys_if_undelivered == other.keys_if_undelivered
            && self.backoff_schedule == other.intervals()
    }

    /// Puts another message in its place, or none, as long as it waits as it is here.
    #[must_use]
    pub fn into_change(self, becomes: Option<Enqueue>) -> MessageChange {
        MessageChange {
            seen: self.content(),
            id: Some(self.id),
            becomes,
        }
    }
}

/// A message in the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueMessage {
    /// The engine's name for it.
    pub id: String,
    /// V8 bytes of the message.
    pub payload: bytes::Bytes,
    /// When it is due, in milliseconds since the Unix epoch; while running, when its deadline passes.
    pub due_at: i64,
    /// Whether a listener has it now.
    pub running: bool,
    /// Keys that receive the message when every delivery failed.
    pub keys_if_undelivered: Vec<EncodedKey>,
    /// Milliseconds before each further delivery.
    pub backoff_schedule: Vec<u32>,
}
