//! A database that one of its users cannot write.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use crate::atomic::{AtomicOperation, CommitOutcome};
use crate::clock::Clock;
use crate::database::{
    Capabilities, ChildrenPage, Counted, Database, LastingId, Metered, QueueMessage, QueuePlace, ReadRange,
    Snapshot, Statistics, WatchedState, Writing,
};
use crate::entry::Entry;
use crate::error::{CommitError, DatabaseError, LockOwner};
use crate::history::{DeletedPage, HistoryRules, PastVersion};
use crate::key::{EncodedKey, KeyRange};
use crate::requests::{RequestLog, Requests};
use crate::subscription::{Feed, Subscription};
use crate::versionstamp::Versionstamp;

/// A database for a user who shall not write to it, whatever others may do with it: a view for guests of a server, or
/// the source of a comparison. Everything that only reads is the database's own; see [`Database`].
///
/// The lock of the database itself ([`Database::set_writable`]) is out of this user's reach, too.
pub struct ReadOnly<D: ?Sized = dyn Database>(Arc<D>);

impl<D: ?Sized> ReadOnly<D> {
    /// Stands before a database.
    #[must_use]
    pub fn new(database: Arc<D>) -> Self {
        Self(database)
    }
}

impl<D: ?Sized> Clone for ReadOnly<D> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<D: Database + ?Sized> ReadOnly<D> {
    fn refused(&self) -> DatabaseError {
        DatabaseError::ReadOnly(self.0.location())
    }
}

impl<D: Database + ?Sized> Database for ReadOnly<D> {
    fn capabilities(&self) -> Capabilities {
        let capabilities = self.0.capabilities();
        Capabilities {
            writing: match capabilities.writing {
                impossible @ Writing::Impossible(_) => impossible,
                Writing::Allowed | Writing::Locked => {
                    Writing::Impossible("It was opened for reading only".to_owned())
                }
            },
            ..capabilities
        }
    }

    fn location(&self) -> String {
        self.0.location()
    }

    fn id(&self) -> Option<LastingId> {
        self.0.id()
    }

    fn owner(&self) -> Option<LockOwner> {
        self.0.owner()
    }

    fn clock(&self) -> Clock {
        self.0.clock()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, DatabaseError> {
        self.0.snapshot()
    }

    fn read(&self, ranges: &[ReadRange]) -> Result<Vec<Vec<Entry>>, DatabaseError> {
        self.0.read(ranges)
    }

    fn get(&self, key: &EncodedKey) -> Result<Option<Entry>, DatabaseError> {
        self.0.get(key)
    }

    fn get_many(&self, keys: &[EncodedKey]) -> Result<Vec<Option<Entry>>, DatabaseError> {
        self.0.get_many(keys)
    }

    fn commit(&self, _operation: AtomicOperation) -> Result<CommitOutcome, CommitError> {
        Err(self.refused().into())
    }

    fn watch(&self, keys: Vec<EncodedKey>) -> Result<Subscription<WatchedState>, DatabaseError> {
        self.0.watch(keys)
    }

    fn changes(&self, ranges: Vec<KeyRange>) -> Result<Feed, DatabaseError> {
        self.0.changes(ranges)
    }

    fn children(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
    ) -> Result<ChildrenPage, DatabaseError> {
        self.0.children(prefix, after, limit)
    }

    fn count(
        &self,
        range: &KeyRange,
        progress: &mut dyn FnMut(Counted) -> ControlFlow<()>,
    ) -> Result<Counted, DatabaseError> {
        self.0.count(range, progress)
    }

    fn watch_queue(&self) -> Result<Subscription<u64>, DatabaseError> {
        self.0.watch_queue()
    }

    fn queue_page(
        &self,
        after: Option<&QueuePlace>,
        limit: usize,
    ) -> Result<Vec<QueueMessage>, DatabaseError> {
        self.0.queue_page(after, limit)
    }

    fn metered(&self) -> Option<Metered> {
        self.0.metered()
    }

    fn statistics(&self) -> Result<Statistics, DatabaseError> {
        self.0.statistics()
    }

    fn history(&self) -> Result<HistoryRules, DatabaseError> {
        self.0.history()
    }

    fn set_history(&self, _rules: HistoryRules) -> Result<(), DatabaseError> {
        Err(self.refused())
    }

    fn versions(
        &self,
        key: &EncodedKey,
        before: Option<Versionstamp>,
        limit: usize,
    ) -> Result<Vec<PastVersion>, DatabaseError> {
        self.0.versions(key, before, limit)
    }

    fn deleted(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
    ) -> Result<DeletedPage, DatabaseError> {
        self.0.deleted(prefix, after, limit)
    }

    fn requests(&self) -> Option<Requests> {
        self.0.requests()
    }

    fn request_log(&self) -> Option<&Arc<RequestLog>> {
        self.0.request_log()
    }

    fn back_up(&self, to: &Path) -> Result<(), DatabaseError> {
        self.0.back_up(to)
    }

    fn parting_word(&self) -> Option<String> {
        self.0.parting_word()
    }

    fn set_writable(&self, writable: bool) -> Result<(), DatabaseError> {
        if writable { Err(self.refused()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::Store;
    use crate::value::{Encoding, StoredValue};

    #[test]
    fn one_user_reads_what_others_write_and_cannot_write_itself() {
        let folder = tempfile::TempDir::new().unwrap();
        let store: Arc<dyn Database> = Arc::new(Store::create(folder.path().join("store")).unwrap());
        let guest = ReadOnly::new(Arc::clone(&store));
        let key = EncodedKey::from_bytes(&b"\x02a\0"[..]);
        let value = StoredValue {
            encoding: Encoding::Bytes,
            bytes: vec![1].into(),
        };
        let set = || AtomicOperation::new().set(key.clone(), value.clone());
        let refused = guest.commit(set()).unwrap_err();
        assert!(matches!(
            refused,
            CommitError::Refused(DatabaseError::ReadOnly(_))
        ));
        assert!(matches!(guest.capabilities().writing, Writing::Impossible(_)));
        store.commit(set()).unwrap();
        assert_eq!(guest.get(&key).unwrap().unwrap().value, value);
        // The lock of the database is not this user's to turn, either way.
        assert!(guest.set_writable(true).is_err());
        guest.set_writable(false).unwrap();
        assert_eq!(store.capabilities().writing, Writing::Allowed);
        store.commit(set()).unwrap();
    }
}
