//! Hears of every change, also of those that other threads and processes make.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crossbeam_channel::{Receiver, Select};
use keyglass_store::database::{Before, Database, FeedEvent};
use keyglass_store::key::{EncodedKey, KeyRange};
use keyglass_store::{Change, Entry};

use super::{Notifier, Request};

/// Changes that wait for the window at most; beyond that it reads again what it shows.
const INBOX_LIMIT: usize = 20_000;
/// How often in a row changes must have gone without names for a database to be too large to name them.
const NAMELESS: u32 = 3;

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
    /// Whether the database is there, if that has changed.
    pub there: Option<bool>,
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
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.lagged = true;
        waiting.there = Some(true);
    }

    /// The database is gone until it is said to have lagged.
    fn lose(&self) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.there = Some(false);
    }

    /// Takes what waits.
    pub fn take(&self) -> Changes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Starts the thread; a database that cannot tell of changes gets none. It ends when nobody can ask any more.
pub(super) fn spawn(
    database: &Arc<dyn Database>,
    requests: Receiver<Request>,
    inbox: Arc<ChangeInbox>,
    notifier: Notifier,
) -> Result<(), String> {
    // Subscribed here and not on the thread: what is read after the worker has started is followed.
    let Ok(whole) = database.changes(KeyRange::everything()) else {
        return Ok(());
    };
    let clock = database.clock();
    let mut follower = Follower {
        database: Arc::downgrade(database),
        whole,
        num_nameless: 0,
        wanted: Vec::new(),
        parts: Vec::new(),
    };
    super::spawn("follower", move || {
        while let Some(heard) = follower.hear(&requests) {
            match heard {
                Heard::Changes(changes) => inbox.put(changes, clock.now()),
                Heard::Lagged => inbox.lag(),
                Heard::Gone => inbox.lose(),
                Heard::Nothing => continue,
            }
            notifier.change();
        }
    })
}

/// Hears of changes in the whole database, or, where that is too large for its changes to be named, in the ranges that
/// a person looks at.
struct Follower {
    /// Not to keep it open.
    database: Weak<dyn Database>,
    whole: Receiver<FeedEvent>,
    /// How often in a row it was told that something changed, but not what.
    num_nameless: u32,
    /// The ranges that a person looks at.
    wanted: Vec<KeyRange>,
    parts: Vec<(KeyRange, Receiver<FeedEvent>)>,
}

enum Heard {
    Changes(Vec<Change>),
    Lagged,
    Gone,
    Nothing,
}

impl Follower {
    /// What is told next; `None` at the end.
    fn hear(&mut self, requests: &Receiver<Request>) -> Option<Heard> {
        let mut select = Select::new();
        let of_whole = select.recv(&self.whole);
        let of_requests = select.recv(requests);
        for (_, feed) in &self.parts {
            select.recv(feed);
        }
        let told = select.select();
        let place = told.index();
        if place == of_requests {
            if let Request::Follow { ranges } = told.recv(requests).ok()? {
                self.wanted = ranges;
                self.follow_parts();
            }
            return Some(Heard::Nothing);
        }
        if place == of_whole {
            return Some(match told.recv(&self.whole).ok()? {
                FeedEvent::Changes(changes) if changes.is_empty() => Heard::Nothing,
                FeedEvent::Changes(changes) => {
                    self.num_nameless = 0;
                    self.follow_parts();
                    Heard::Changes(changes)
                }
                FeedEvent::Gone => Heard::Gone,
                FeedEvent::Lagged => {
                    self.num_nameless = self.num_nameless.saturating_add(1);
                    self.follow_parts();
                    Heard::Lagged
                }
            });
        }
        let part = place.checked_sub(of_requests + 1)?;
        let (_, feed) = self.parts.get(part)?;
        Some(match told.recv(feed) {
            Ok(FeedEvent::Changes(changes)) if !changes.is_empty() => Heard::Changes(changes),
            // Of what a part misses, the whole tells as well.
            Ok(_) => Heard::Nothing,
            Err(_ended) => {
                self.parts.remove(part);
                Heard::Nothing
            }
        })
    }

    /// Follows just the ranges that are wanted, if the whole names nothing. None of them is followed else, because each
    /// change would be told twice.
    fn follow_parts(&mut self) {
        if self.num_nameless < NAMELESS {
            self.parts.clear();
            return;
        }
        self.parts.retain(|(range, _)| self.wanted.contains(range));
        let Some(database) = self.database.upgrade() else {
            return;
        };
        for range in &self.wanted {
            if !self.parts.iter().any(|(followed, _)| followed == range)
                && let Ok(feed) = database.changes(range.clone())
            {
                self.parts.push((range.clone(), feed));
            }
        }
    }
}
