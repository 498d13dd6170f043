//! Tells subscribers of commits: the change feeds, the states of watched keys, and the queue.
//!
//! All hear of a commit while the commit lock is held, so they hear of commits in order, and none can hold one up. A
//! feed that is full counts what it misses. A watched key only marks its watch; one thread reads the newest state.
//! Whoever is to be woken is woken after the commit lock is free.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use super::evaluate::KeyChange;
use super::layout::Record;
use crate::database::{Before, Change, FeedEvent, WatchedState};
use crate::error::DatabaseError;
use crate::key::{EncodedKey, KeyRange};
use crate::subscription::{Feed, FeedSender, StateSender, Subscription, Wakes, feed, states};
use crate::versionstamp::Versionstamp;

/// How long after a state could not be read it is tried again.
const RETRY: Duration = Duration::from_millis(100);

/// Everybody who hears of commits. Its lock is taken after the commit lock, or alone, and only for moments.
#[derive(Default)]
pub(super) struct Listeners(Mutex<Registered>);

#[derive(Default)]
struct Registered {
    next_id: u64,
    feeds: Vec<RangeFeed>,
    watches: HashMap<EncodedKey, Vec<Arc<Watch>>>,
    queue: Vec<(u64, StateSender<u64>)>,
    /// How many messages the queue has, as far as somebody was told.
    num_messages: u64,
    /// Who is to be woken once the commit lock is free.
    wakes: Wakes,
}

impl Registered {
    fn tell_of_queue(&mut self) {
        for (_, sender) in &self.queue {
            sender.send(self.num_messages, &mut self.wakes);
        }
    }

    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }
}

impl Listeners {
    fn lock(&self) -> MutexGuard<'_, Registered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many subscriptions there are; a watch counts once for each of its keys.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        let registered = self.lock();
        let num_watches: usize = registered.watches.values().map(Vec::len).sum();
        registered.feeds.len() + num_watches + registered.queue.len()
    }

    /// The ranges of the feeds, and whether anybody hears of changes at all.
    pub(super) fn observed(&self) -> (Vec<KeyRange>, bool) {
        let registered = self.lock();
        let ranges = registered
            .feeds
            .iter()
            .flat_map(|feed| feed.ranges.iter().cloned());
        let listening = !registered.feeds.is_empty() || !registered.watches.is_empty();
        (ranges.collect(), listening)
    }

    /// Begins a feed.
    pub(super) fn add_feed(self: &Arc<Self>, ranges: Vec<KeyRange>) -> Feed {
        let mut registered = self.lock();
        let id = registered.id();
        let listeners = Arc::downgrade(self);
        let (sender, reader) = feed(move || {
            if let Some(listeners) = listeners.upgrade() {
                listeners.lock().feeds.retain(|feed| feed.id != id);
            }
        });
        registered.feeds.push(RangeFeed { id, ranges, sender });
        reader
    }

    /// Begins a watch of some keys whose state is `first`.
    pub(super) fn add_watch(
        self: &Arc<Self>,
        keys: Vec<EncodedKey>,
        first: WatchedState,
    ) -> Subscription<WatchedState> {
        let mut registered = self.lock();
        let id = registered.id();
        let listeners = Arc::downgrade(self);
        let (sender, reader) = states(move || {
            if let Some(listeners) = listeners.upgrade() {
                listeners.lock().watches.retain(|_, watches| {
                    watches.retain(|watch| watch.id != id);
                    !watches.is_empty()
                });
            }
        });
        sender.send(first, &mut registered.wakes);
        let watch = Arc::new(Watch {
            id,
            keys,
            sender,
            marked: AtomicBool::new(false),
        });
        for key in &watch.keys {
            let watches = registered.watches.entry(key.clone()).or_default();
            watches.push(Arc::clone(&watch));
        }
        reader
    }

    /// Begins to tell how many messages there are; `first` now.
    pub(super) fn add_queue(self: &Arc<Self>, first: u64) -> Subscription<u64> {
        let mut registered = self.lock();
        let id = registered.id();
        let listeners = Arc::downgrade(self);
        let (sender, reader) = states(move || {
            if let Some(listeners) = listeners.upgrade() {
                listeners.lock().queue.retain(|(queue, _)| *queue != id);
            }
        });
        sender.send(first, &mut registered.wakes);
        registered.num_messages = first;
        registered.queue.push((id, sender));
        reader
    }

    /// Tells everybody of one commit, of `version`.
    pub(super) fn tell(&self, version: u64, changes: &[KeyChange], marked: &Sender<Marked>) {
        if changes.is_empty() {
            return;
        }
        let registered = &mut *self.lock();
        for feed in &registered.feeds {
            feed.tell(version, changes, &mut registered.wakes);
        }
        if registered.watches.is_empty() {
            return;
        }
        for watch in changes
            .iter()
            .filter_map(|change| registered.watches.get(&change.key))
            .flatten()
        {
            watch.mark(marked);
        }
    }

    /// Tells everybody that more has changed than is listed: these keys.
    pub(super) fn tell_of_much<'k>(
        &self,
        keys: impl Iterator<Item = &'k EncodedKey> + Clone,
        marked: &Sender<Marked>,
    ) {
        let registered = &mut *self.lock();
        for feed in &registered.feeds {
            let missed = keys.clone().filter(|key| feed.contains(key)).count() as u64;
            if missed > 0 {
                let missed = Some(missed);
                feed.sender
                    .send(FeedEvent::Lagged { missed }, &mut registered.wakes);
            }
        }
        for watch in registered.watches.values().flatten() {
            watch.mark(marked);
        }
    }

    /// Tells that the queue has changed and how many messages it has now.
    pub(super) fn tell_of_queue(&self, messages: u64) {
        let mut registered = self.lock();
        registered.num_messages = messages;
        registered.tell_of_queue();
    }

    /// Tells that a message is being delivered, or not any more; not under the commit lock.
    pub(super) fn tell_of_delivery(&self) {
        self.lock().tell_of_queue();
        self.wake();
    }

    /// Wakes who is to be woken; without the commit lock.
    pub(super) fn wake(&self) {
        let mut registered = self.lock();
        if registered.wakes.is_empty() {
            return;
        }
        let wakes = std::mem::take(&mut registered.wakes);
        drop(registered);
        drop(wakes);
    }
}

/// One change feed.
struct RangeFeed {
    id: u64,
    ranges: Vec<KeyRange>,
    sender: FeedSender,
}

impl RangeFeed {
    fn contains(&self, key: &EncodedKey) -> bool {
        self.ranges.iter().any(|range| range.contains(key))
    }

    /// Sends the changes of this feed's ranges.
    fn tell(&self, version: u64, changes: &[KeyChange], wakes: &mut Wakes) {
        let changes: Vec<Change> = changes
            .iter()
            .filter(|change| self.contains(&change.key))
            .map(|change| to_change(version, change))
            .collect();
        self.sender.send(FeedEvent::Changes(changes), wakes);
    }
}

fn to_change(version: u64, change: &KeyChange) -> Change {
    let entry = |record: &Record| record.clone().into_entry(change.key.clone());
    Change {
        key: change.key.clone(),
        versionstamp: Versionstamp::from_counter(version),
        before: match &change.before {
            None => Before::Unknown,
            Some(None) => Before::Absent,
            Some(Some(record)) => Before::Entry(entry(record)),
        },
        after: change.after.as_ref().map(entry),
    }
}

/// Some watched keys and where their states go.
pub(super) struct Watch {
    id: u64,
    keys: Vec<EncodedKey>,
    sender: StateSender<WatchedState>,
    /// Whether a key has changed since the state was last read.
    marked: AtomicBool,
}

/// What the watch thread hears.
pub(super) enum Marked {
    /// A key of this watch has changed.
    Watch(Arc<Watch>),
    /// The store closes.
    Stop,
}

impl Watch {
    /// Has the watch thread read the state again.
    fn mark(self: &Arc<Self>, marked: &Sender<Marked>) {
        if !self.marked.swap(true, Ordering::AcqRel) {
            // It fails only when the store is closing.
            let _closing = marked.send(Marked::Watch(self.clone()));
        }
    }
}

/// The watch thread: reads the states of marked watches. `read` answers with the newest state of some keys.
pub(super) fn run_watches(
    marked: &Receiver<Marked>,
    mut read: impl FnMut(&[EncodedKey]) -> Result<WatchedState, DatabaseError>,
) {
    // Those whose state could not be read, each with when it is tried again; the oldest comes first.
    let mut failed: VecDeque<(Instant, Arc<Watch>)> = VecDeque::new();
    loop {
        let next = match failed.front() {
            None => marked.recv().map_err(|_closed| RecvTimeoutError::Disconnected),
            Some((at, _)) => marked.recv_deadline(*at),
        };
        let watch = match next {
            Ok(Marked::Watch(watch)) => watch,
            Ok(Marked::Stop) | Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => match failed.pop_front() {
                Some((_, watch)) => watch,
                None => continue,
            },
        };
        failed.retain(|(_, other)| !Arc::ptr_eq(other, &watch));
        watch.marked.store(false, Ordering::Release);
        if !watch.sender.has_reader() {
            continue;
        }
        match read(&watch.keys) {
            Ok(state) => watch.sender.send(state, &mut Wakes::default()),
            Err(_) => failed.push_back((Instant::now() + RETRY, watch)),
        }
    }
}
