//! Hears of every change, also of those that other threads and processes make.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;
use keyglass_store::database::{Before, Database, FeedEvent};
use keyglass_store::key::{EncodedKey, KeyRange};
use keyglass_store::{Change, Entry};

use super::{Clock, Notifier};

/// Changes that wait for the window at most; beyond that it reads again what it shows.
const INBOX_LIMIT: usize = 20_000;
/// How soon the thread notices that the window has closed the database.
const STOP_INTERVAL: Duration = Duration::from_millis(500);

/// A change and when it was noticed.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservedChange {
    /// Milliseconds since the Unix epoch.
    pub noticed_at: i64,
    /// The changed key.
    pub key: EncodedKey,
    /// What stood there.
    pub before: Before,
    /// What stands there now.
    pub after: Option<Entry>,
}

/// What changed since the last look.
#[derive(Debug, Default)]
pub struct Changes {
    /// In commit order.
    pub changes: Vec<ObservedChange>,
    /// Whether some are missing.
    pub lagged: bool,
}

/// Where changes wait for the window, bounded.
#[derive(Default)]
pub struct ChangeInbox(Mutex<Changes>);

impl ChangeInbox {
    fn put(&self, changes: Vec<Change>, noticed_at: i64) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.changes.len() + changes.len() > INBOX_LIMIT {
            waiting.changes.clear();
            waiting.lagged = true;
            return;
        }
        waiting.changes.extend(
            changes
                .into_iter()
                .map(|Change { key, before, after }| ObservedChange {
                    noticed_at,
                    key,
                    before,
                    after,
                }),
        );
    }

    fn lag(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).lagged = true;
    }

    /// Takes what waits.
    pub fn take(&self) -> Changes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Starts the thread; a database that cannot tell of changes gets none.
pub(super) fn spawn(
    database: Arc<dyn Database>,
    inbox: Arc<ChangeInbox>,
    notifier: Notifier,
    clock: Clock,
    stopped: Arc<AtomicBool>,
) -> Result<(), String> {
    // Subscribed here and not on the thread: what is read after the worker has started is followed.
    let Ok(feed) = database.changes(KeyRange::everything()) else {
        return Ok(());
    };
    drop(database);
    super::spawn("follower", move || {
        while !stopped.load(Ordering::Acquire) {
            match feed.recv_timeout(STOP_INTERVAL) {
                Ok(FeedEvent::Changes(changes)) => inbox.put(changes, clock()),
                Ok(FeedEvent::Lagged) => inbox.lag(),
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => break,
            }
            notifier.change();
        }
    })
}
