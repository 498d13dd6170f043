//! Tells subscribers of commits: the change feed, and the states of watched keys.
//!
//! Both hear of a commit while the commit lock is held, so they hear of commits in order, and neither can
//! hold one up. A feed that is full hears that it lagged. A watched key only marks its watch; one thread
//! reads the newest state and offers it until the reader takes it.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Select, Sender, TrySendError, bounded};

use super::evaluate::KeyChange;
use super::layout::Record;
use crate::database::{Before, Change, FeedEvent, WatchedState};
use crate::error::DatabaseError;
use crate::feed::{FeedSender, Sent, feed};
use crate::key::{EncodedKey, KeyRange};

/// How long after a state could not be read it is tried again.
const RETRY: Duration = Duration::from_millis(100);

/// Everybody who hears of commits.
#[derive(Default)]
pub(super) struct Listeners {
    feeds: Vec<Feed>,
    watches: HashMap<EncodedKey, Vec<Arc<Watch>>>,
}

impl Listeners {
    /// Whether nobody listens.
    pub(super) fn is_empty(&self) -> bool {
        self.feeds.is_empty() && self.watches.is_empty()
    }

    /// The ranges of the feeds.
    pub(super) fn observed(&self) -> Vec<KeyRange> {
        self.feeds.iter().map(|feed| feed.range.clone()).collect()
    }

    /// Begins a feed.
    pub(super) fn add_feed(&mut self, range: KeyRange) -> Receiver<FeedEvent> {
        let (sender, receiver) = feed();
        self.feeds.push(Feed { range, sender });
        receiver
    }

    /// Begins a watch.
    pub(super) fn add_watch(&mut self, watch: &Arc<Watch>) {
        self.watches.retain(|_, watches| {
            watches.retain(|watch| !watch.has_ended());
            !watches.is_empty()
        });
        for key in &watch.keys {
            self.watches.entry(key.clone()).or_default().push(watch.clone());
        }
    }

    /// Tells everybody of one commit.
    pub(super) fn tell(&mut self, changes: &[KeyChange], marked: &Sender<Marked>) {
        if changes.is_empty() {
            return;
        }
        self.feeds.retain_mut(|feed| feed.tell(changes));
        if self.watches.is_empty() {
            return;
        }
        for watch in changes
            .iter()
            .filter_map(|change| self.watches.get(&change.key))
            .flatten()
        {
            watch.mark(marked);
        }
    }

    /// Tells everybody that more has changed than is listed.
    pub(super) fn tell_of_much(&mut self, marked: &Sender<Marked>) {
        self.feeds.retain_mut(Feed::lag);
        for watch in self.watches.values().flatten() {
            watch.mark(marked);
        }
    }
}

/// One change feed.
struct Feed {
    range: KeyRange,
    sender: FeedSender,
}

impl Feed {
    /// Sends the changes of this feed's range; `false` once the reader is gone.
    fn tell(&mut self, changes: &[KeyChange]) -> bool {
        let changes: Vec<Change> = changes
            .iter()
            .filter(|change| self.range.contains(&change.key))
            .map(to_change)
            .collect();
        if changes.is_empty() {
            return true;
        }
        match self.sender.send(FeedEvent::Changes(changes)) {
            Sent::Told => true,
            Sent::Full => self.lag(),
            Sent::Gone => false,
        }
    }

    /// Tells the reader that it missed something; `false` once it is gone.
    fn lag(&mut self) -> bool {
        self.sender.send(FeedEvent::Lagged) != Sent::Gone
    }
}

fn to_change(change: &KeyChange) -> Change {
    let entry = |record: &Record| record.clone().into_entry(change.key.clone());
    Change {
        key: change.key.clone(),
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
    keys: Vec<EncodedKey>,
    /// `None` once the watch has ended.
    sender: Mutex<Option<Sender<WatchedState>>>,
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
    /// A watch of some keys whose state is `first`, and the reader's end.
    pub(super) fn new(keys: Vec<EncodedKey>, first: WatchedState) -> (Arc<Self>, Receiver<WatchedState>) {
        let (sender, receiver) = bounded(1);
        let _has_room = sender.try_send(first);
        let watch = Self {
            keys,
            sender: Mutex::new(Some(sender)),
            marked: AtomicBool::new(false),
        };
        (Arc::new(watch), receiver)
    }

    /// Has the watch thread read the state again.
    fn mark(self: &Arc<Self>, marked: &Sender<Marked>) {
        if !self.marked.swap(true, Ordering::AcqRel) {
            // It fails only when the store is closing.
            let _closing = marked.send(Marked::Watch(self.clone()));
        }
    }

    fn sender(&self) -> MutexGuard<'_, Option<Sender<WatchedState>>> {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) {
        *self.sender() = None;
    }

    fn has_ended(&self) -> bool {
        self.sender().is_none()
    }
}

/// A state that its reader has no room for yet.
struct Offer {
    watch: Arc<Watch>,
    sender: Sender<WatchedState>,
    state: WatchedState,
}

/// The watch thread: reads the states of marked watches and offers each until it is taken or replaced by a
/// newer one. `read` answers with the newest state of some keys.
pub(super) fn run_watches(
    marked: &Receiver<Marked>,
    mut read: impl FnMut(&[EncodedKey]) -> Result<WatchedState, DatabaseError>,
) {
    let mut offers: Vec<Offer> = Vec::new();
    // Those whose state could not be read, each with when it is tried again; the oldest comes first.
    let mut failed: VecDeque<(Instant, Arc<Watch>)> = VecDeque::new();
    loop {
        let watch = match wait(marked, &offers, failed.front().map(|(at, _)| *at)) {
            Ready::Marked(Some(Marked::Watch(watch))) => watch,
            Ready::Marked(_) => return,
            Ready::Settled(index) => {
                offers.swap_remove(index);
                continue;
            }
            Ready::Retry => match failed.pop_front() {
                Some((_, watch)) => watch,
                None => continue,
            },
        };
        failed.retain(|(_, other)| !Arc::ptr_eq(other, &watch));
        watch.marked.store(false, Ordering::Release);
        offers.retain(|offer| !Arc::ptr_eq(&offer.watch, &watch));
        let Some(sender) = watch.sender().clone() else {
            continue;
        };
        let Ok(state) = read(&watch.keys) else {
            failed.push_back((Instant::now() + RETRY, watch));
            continue;
        };
        match sender.try_send(state) {
            Ok(()) => {}
            Err(TrySendError::Full(state)) => offers.push(Offer { watch, sender, state }),
            Err(TrySendError::Disconnected(_)) => watch.end(),
        }
    }
}

/// What the watch thread waited for.
enum Ready {
    Marked(Option<Marked>),
    /// The offer of this index was taken, or its reader is gone.
    Settled(usize),
    /// A state that could not be read is due again.
    Retry,
}

fn wait(marked: &Receiver<Marked>, offers: &[Offer], retry_at: Option<Instant>) -> Ready {
    if retry_at.is_some_and(|at| at <= Instant::now()) {
        return Ready::Retry;
    }
    let mut select = Select::new();
    let marked_index = select.recv(marked);
    for offer in offers {
        select.send(&offer.sender);
    }
    let operation = match retry_at {
        None => select.select(),
        Some(at) => match select.select_deadline(at) {
            Ok(operation) => operation,
            Err(_timeout) => return Ready::Retry,
        },
    };
    if operation.index() == marked_index {
        return Ready::Marked(operation.recv(marked).ok());
    }
    let index = operation.index() - 1;
    if let Some(offer) = offers.get(index)
        && operation.send(&offer.sender, offer.state.clone()).is_err()
    {
        offer.watch.end();
    }
    Ready::Settled(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_could_not_be_read_is_told_as_soon_as_it_can_be() {
        let (marks, marked) = crossbeam_channel::unbounded();
        let keys = vec![EncodedKey::from_bytes(vec![0x27])];
        let (watch, states) = Watch::new(keys, Vec::new());
        assert_eq!(states.recv(), Ok(Vec::new()));
        let mut num_reads = 0;
        let thread = std::thread::spawn(move || {
            run_watches(&marked, |_keys| {
                num_reads += 1;
                if num_reads < 3 {
                    return Err(DatabaseError::Unsupported("The disk is away".to_owned()));
                }
                Ok(vec![None])
            });
        });
        watch.mark(&marks);
        assert_eq!(states.recv(), Ok(vec![None]));
        marks.send(Marked::Stop).unwrap();
        thread.join().unwrap();
    }
}
