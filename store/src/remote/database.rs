//! All that a database does, by what KV Connect has.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::runtime::Handle;
use tokio::sync::{broadcast, oneshot};

use super::ahead::Ahead;
use super::changes::{Comparing, OwnCommit, OwnCommits};
use super::children::Scan;
use super::exchange::Session;
use super::looking::Looking;
use super::reading::{get_all, read_all};
use super::server::{Server, lock};
use super::watching::Watch;
use super::writing;
use crate::atomic::{AtomicOperation, CommitOutcome};
use crate::clock::Clock;
use crate::database::{
    Capabilities, Changes, ChildrenPage, Counted, Database, DatabaseKind, LastingId, Metered, QueueMessage,
    QueuePlace, ReadRange, Reading, Snapshot, Statistics, WatchedState, Writing,
};
use crate::entries::Pager;
use crate::entry::Entry;
use crate::error::{CommitError, DatabaseError};
use crate::http::{Background, wait_on};
use crate::key::{EncodedKey, KeyRange};
use crate::limits::{Limits, READ_ENTRIES};
use crate::subscription::{self, Feed, Subscription};

/// Commits of this side that wait for a feed.
const COMMITS: usize = 256;

/// A database on a server that speaks KV Connect and nothing more.
pub(super) struct Remote {
    asking: Asking,
    id: Option<LastingId>,
    is_locked: AtomicBool,
    own: OwnCommits,
    /// The thread of its requests, which ends with it.
    _background: Background,
}

/// A way to ask the server, from whatever thread.
#[derive(Clone)]
struct Asking {
    server: Arc<Server>,
    runtime: Handle,
}

impl Asking {
    fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, DatabaseError>> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        let done = wait_on(&self.runtime, work);
        done.unwrap_or_else(|ended| {
            Err(DatabaseError::Unreachable {
                reason: ended.to_string(),
                location: self.server.location.clone(),
            })
        })
    }

    fn read(&self, ranges: Vec<ReadRange>) -> Result<Vec<Vec<Entry>>, DatabaseError> {
        let server = Arc::clone(&self.server);
        self.wait(async move { read_all(&server, ranges).await })
    }

    /// Reads what somebody may be looking at.
    fn read_to_see(&self, ranges: &[ReadRange]) -> Result<Vec<Vec<Entry>>, DatabaseError> {
        let pages = self.read(ranges.to_vec())?;
        for (range, entries) in ranges.iter().zip(&pages) {
            self.server.recent.saw(range, entries);
        }
        Ok(pages)
    }

    fn get_many(&self, keys: &[EncodedKey]) -> Result<Vec<Option<Entry>>, DatabaseError> {
        let (server, keys) = (Arc::clone(&self.server), keys.to_vec());
        self.wait(async move { get_all(&server, &keys).await })
    }
}

impl Remote {
    pub(super) fn new(server: Arc<Server>, session: &Session, background: Background) -> Self {
        Self {
            asking: Asking {
                server,
                runtime: background.handle(),
            },
            id: LastingId::parse(&session.database_id),
            is_locked: AtomicBool::new(false),
            own: broadcast::Sender::new(COMMITS),
            _background: background,
        }
    }

    fn location_of(&self) -> &str {
        &self.asking.server.location
    }

    fn no_queue(&self) -> DatabaseError {
        DatabaseError::Unsupported(format!(
            "KV Connect does not show the messages of a queue: {}",
            self.location_of()
        ))
    }
}

impl Database for Remote {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            kind: DatabaseKind::Remote,
            writing: match self.is_locked.load(Ordering::Acquire) {
                true => Writing::Locked,
                false => Writing::Allowed,
            },
            reading: Reading::Metered,
            changes: Changes::Compared,
            history: true,
            past_versions: false,
            expiry: false,
            consistent_snapshots: false,
            queue: false,
            limits: Limits::KV_CONNECT,
        }
    }

    fn location(&self) -> String {
        self.location_of().to_owned()
    }

    fn id(&self) -> Option<LastingId> {
        self.id.clone()
    }

    fn clock(&self) -> Clock {
        self.asking.server.clock.clone()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, DatabaseError> {
        Ok(Box::new(Present {
            asking: self.asking.clone(),
            ahead: Mutex::default(),
        }))
    }

    fn read(&self, ranges: &[ReadRange]) -> Result<Vec<Vec<Entry>>, DatabaseError> {
        self.asking.read_to_see(ranges)
    }

    fn get_many(&self, keys: &[EncodedKey]) -> Result<Vec<Option<Entry>>, DatabaseError> {
        self.asking.get_many(keys)
    }

    fn commit(&self, operation: AtomicOperation) -> Result<CommitOutcome, CommitError> {
        operation.validate(&Limits::KV_CONNECT)?;
        if self.is_locked.load(Ordering::Acquire) {
            let error = DatabaseError::ReadOnly(self.location());
            return Err(CommitError::Refused(error));
        }
        let (server, own) = (Arc::clone(&self.asking.server), self.own.clone());
        let committed = wait_on(&self.asking.runtime, async move {
            let outcome = writing::commit(&server, &operation).await;
            if let Ok(CommitOutcome::Committed(versionstamp)) = &outcome {
                // Nobody may listen.
                let _told = own.send(Arc::new(OwnCommit::new(&operation, *versionstamp)));
            }
            outcome
        });
        committed.unwrap_or_else(|ended| {
            Err(CommitError::Unknown {
                reason: ended.to_string(),
                location: self.location(),
            })
        })
    }

    fn watch(&self, keys: Vec<EncodedKey>) -> Result<Subscription<WatchedState>, DatabaseError> {
        Limits::KV_CONNECT.check_watch(keys.iter().map(|key| key.as_bytes().len()))?;
        let (open, dropped) = oneshot::channel();
        let (sender, states) = subscription::states(move || drop::<oneshot::Sender<()>>(open));
        if keys.is_empty() {
            sender.send(Vec::new(), &mut subscription::Wakes::default());
            return Ok(states);
        }
        let server = Arc::clone(&self.asking.server);
        let own = self.own.subscribe();
        self.asking.wait(async move {
            if Looking::is_needed(&server).await? {
                let looking = Looking::begin(server, keys).await?;
                tokio::spawn(looking.follow(sender, dropped, own));
                return Ok(());
            }
            let watch = Watch::open(server, keys).await?;
            tokio::spawn(watch.follow(sender, dropped));
            Ok(())
        })?;
        Ok(states)
    }

    fn changes(&self, ranges: Vec<KeyRange>) -> Result<Feed, DatabaseError> {
        let ranges = KeyRange::merged(ranges);
        let (open, dropped) = oneshot::channel();
        let (sender, feed) = subscription::feed(move || drop::<oneshot::Sender<()>>(open));
        let (server, own) = (Arc::clone(&self.asking.server), self.own.subscribe());
        self.asking.wait(async move {
            let comparing = Comparing::begin(server, ranges, own).await?;
            tokio::spawn(comparing.follow(sender, dropped));
            Ok(())
        })?;
        Ok(feed)
    }

    fn children(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
    ) -> Result<ChildrenPage, DatabaseError> {
        let mut scan = Scan::new(prefix, after, limit);
        loop {
            let wanted = scan.wanted();
            if wanted.is_empty() {
                return Ok(scan.page());
            }
            let pages = self.asking.read(wanted.clone())?;
            scan.take(&wanted, &pages);
        }
    }

    fn count(
        &self,
        range: &KeyRange,
        progress: &mut dyn FnMut(Counted) -> ControlFlow<()>,
    ) -> Result<Counted, DatabaseError> {
        let mut pager = Pager::new([range.clone()]).pages_of(READ_ENTRIES);
        let mut counted = Counted::default();
        let read = |wanted: &ReadRange| Ok(self.asking.read(vec![wanted.clone()])?.pop().unwrap_or_default());
        while pager.next_page::<DatabaseError>(read)?.is_some() {
            let seen = pager.seen();
            (counted.entries, counted.bytes) = (seen.entries, seen.bytes);
            if progress(counted).is_break() {
                return Ok(counted);
            }
        }
        counted.complete = true;
        Ok(counted)
    }

    fn watch_queue(&self) -> Result<Subscription<u64>, DatabaseError> {
        Err(self.no_queue())
    }

    fn queue_page(
        &self,
        _after: Option<&QueuePlace>,
        _limit: usize,
    ) -> Result<Vec<QueueMessage>, DatabaseError> {
        Err(self.no_queue())
    }

    fn statistics(&self) -> Result<Statistics, DatabaseError> {
        Ok(Statistics {
            versionstamp: self.asking.server.newest(),
            ..Statistics::default()
        })
    }

    fn metered(&self) -> Option<Metered> {
        Some(self.asking.server.meter.read())
    }

    fn set_writable(&self, writable: bool) -> Result<(), DatabaseError> {
        self.is_locked.store(!writable, Ordering::Release);
        Ok(())
    }
}

/// What is there whenever it is read, because no view outlasts a request.
struct Present {
    asking: Asking,
    ahead: Mutex<Ahead>,
}

impl Snapshot for Present {
    fn read(&self, range: &ReadRange) -> Result<Vec<Entry>, DatabaseError> {
        let Asking { server, runtime } = &self.asking;
        let mut ahead = lock(&self.ahead);
        if let Some(page) = ahead.read(range, server, runtime) {
            return page;
        }
        let pages = self.asking.read_to_see(std::slice::from_ref(range))?;
        let page = pages.into_iter().next().unwrap_or_default();
        ahead.follow(range, &page);
        Ok(page)
    }

    fn get(&self, key: &EncodedKey) -> Result<Option<Entry>, DatabaseError> {
        Ok(self.asking.get_many(std::slice::from_ref(key))?.pop().flatten())
    }

    fn versionstamp(&self) -> Option<crate::versionstamp::Versionstamp> {
        None
    }
}
