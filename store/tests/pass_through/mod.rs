//! A database that hands everything on to another one, but for what a test alters: the one such database of the store's
//! and the window's tests.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use keyglass_store::database::{
    Capabilities, ChildrenPage, Counted, Metered, QueueMessage, QueuePlace, Snapshot, Statistics,
    WatchedState,
};
use keyglass_store::requests::{RequestLog, Requests};
use keyglass_store::{
    AtomicOperation, Clock, CommitError, CommitOutcome, Database, DatabaseError, DeletedPage, EncodedKey,
    Feed, HistoryRules, KeyRange, LastingId, LockOwner, PastVersion, Subscription, Versionstamp,
};

/// The database behind, and what of it is altered.
pub trait Alteration: Send + Sync {
    fn behind(&self) -> &dyn Database;

    /// Hears the name of each function before it is done.
    fn asked(&self, _what: &'static str) {}

    fn capabilities(&self) -> Capabilities {
        self.behind().capabilities()
    }

    /// All reads of entries go by it.
    fn snapshot(&self) -> Result<Box<dyn Snapshot>, DatabaseError> {
        self.behind().snapshot()
    }

    fn commit(&self, operation: AtomicOperation) -> Result<CommitOutcome, CommitError> {
        self.behind().commit(operation)
    }

    fn changes(&self, ranges: Vec<KeyRange>) -> Result<Feed, DatabaseError> {
        self.behind().changes(ranges)
    }

    fn children(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
    ) -> Result<ChildrenPage, DatabaseError> {
        self.behind().children(prefix, after, limit)
    }

    fn count(
        &self,
        range: &KeyRange,
        progress: &mut dyn FnMut(Counted) -> ControlFlow<()>,
    ) -> Result<Counted, DatabaseError> {
        self.behind().count(range, progress)
    }

    fn queue_page(
        &self,
        after: Option<&QueuePlace>,
        limit: usize,
    ) -> Result<Vec<QueueMessage>, DatabaseError> {
        self.behind().queue_page(after, limit)
    }

    fn parting_word(&self) -> Option<String> {
        self.behind().parting_word()
    }
}

/// A database as it is altered.
pub struct Altered<A>(pub A);

impl<A: Alteration> Database for Altered<A> {
    fn capabilities(&self) -> Capabilities {
        self.0.asked("capabilities");
        self.0.capabilities()
    }

    fn location(&self) -> String {
        self.0.asked("location");
        self.0.behind().location()
    }

    fn id(&self) -> Option<LastingId> {
        self.0.asked("id");
        self.0.behind().id()
    }

    fn owner(&self) -> Option<LockOwner> {
        self.0.asked("owner");
        self.0.behind().owner()
    }

    fn clock(&self) -> Clock {
        self.0.asked("clock");
        self.0.behind().clock()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, DatabaseError> {
        self.0.asked("snapshot");
        self.0.snapshot()
    }

    fn commit(&self, operation: AtomicOperation) -> Result<CommitOutcome, CommitError> {
        self.0.asked("commit");
        self.0.commit(operation)
    }

    fn watch(&self, keys: Vec<EncodedKey>) -> Result<Subscription<WatchedState>, DatabaseError> {
        self.0.asked("watch");
        self.0.behind().watch(keys)
    }

    fn changes(&self, ranges: Vec<KeyRange>) -> Result<Feed, DatabaseError> {
        self.0.asked("changes");
        self.0.changes(ranges)
    }

    fn children(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
    ) -> Result<ChildrenPage, DatabaseError> {
        self.0.asked("children");
        self.0.children(prefix, after, limit)
    }

    fn count(
        &self,
        range: &KeyRange,
        progress: &mut dyn FnMut(Counted) -> ControlFlow<()>,
    ) -> Result<Counted, DatabaseError> {
        self.0.asked("count");
        self.0.count(range, progress)
    }

    fn watch_queue(&self) -> Result<Subscription<u64>, DatabaseError> {
        self.0.asked("watch_queue");
        self.0.behind().watch_queue()
    }

    fn queue_page(
        &self,
        after: Option<&QueuePlace>,
        limit: usize,
    ) -> Result<Vec<QueueMessage>, DatabaseError> {
        self.0.asked("queue_page");
        self.0.queue_page(after, limit)
    }

    fn metered(&self) -> Option<Metered> {
        self.0.asked("metered");
        self.0.behind().metered()
    }

    fn statistics(&self) -> Result<Statistics, DatabaseError> {
        self.0.asked("statistics");
        self.0.behind().statistics()
    }

    fn requests(&self) -> Option<Requests> {
        self.0.asked("requests");
        self.0.behind().requests()
    }

    fn request_log(&self) -> Option<&Arc<RequestLog>> {
        self.0.asked("request_log");
        self.0.behind().request_log()
    }

    fn back_up(&self, to: &Path) -> Result<(), DatabaseError> {
        self.0.asked("back_up");
        self.0.behind().back_up(to)
    }

    fn history(&self) -> Result<HistoryRules, DatabaseError> {
        self.0.asked("history");
        self.0.behind().history()
    }

    fn set_history(&self, rules: HistoryRules) -> Result<(), DatabaseError> {
        self.0.asked("set_history");
        self.0.behind().set_history(rules)
    }

    fn versions(
        &self,
        key: &EncodedKey,
        before: Option<Versionstamp>,
        limit: usize,
    ) -> Result<Vec<PastVersion>, DatabaseError> {
        self.0.asked("versions");
        self.0.behind().versions(key, before, limit)
    }

    fn deleted(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
    ) -> Result<DeletedPage, DatabaseError> {
        self.0.asked("deleted");
        self.0.behind().deleted(prefix, after, limit)
    }

    fn parting_word(&self) -> Option<String> {
        self.0.asked("parting_word");
        self.0.parting_word()
    }

    fn set_writable(&self, writable: bool) -> Result<(), DatabaseError> {
        self.0.asked("set_writable");
        self.0.behind().set_writable(writable)
    }
}
