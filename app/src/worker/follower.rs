//! Hears of every change, also of those that other threads and processes make.

use std::sync::mpsc::TryRecvError;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Wake, Waker};

use crossbeam_channel::{Receiver, Select, Sender, bounded};
use keyglass_store::database::{Before, Database, FeedEvent};
use keyglass_store::key::KeyRange;
use keyglass_store::{Change, Entry, Feed, Subscription};

use super::{Answers, Asked};
use crate::errand::{Changes, Follow, ObservedChange, Untold};
use crate::threads::NoThread;

/// Changes that wait for the window at most; beyond that it reads again what it shows.
const INBOX_LIMIT: usize = 20_000;
/// Bytes of keys and values that wait for the window at most.
const INBOX_BYTES: usize = 64 << 20;
/// How often in a row changes must have gone without names for a database to be too large to name them.
const NAMELESS: u32 = 3;

/// Where changes wait for the window, bounded.
#[derive(Default)]
pub struct ChangeInbox(Mutex<Changes>);

impl ChangeInbox {
    fn put(&self, changes: Vec<Change>, noticed_at: i64) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: usize = changes.iter().map(bytes_of).sum();
        if waiting.changes.len() + changes.len() > INBOX_LIMIT || waiting.bytes + bytes > INBOX_BYTES {
            // Their memory goes, too.
            let forgotten = std::mem::take(&mut waiting.changes).len() + changes.len();
            let untold = std::mem::take(&mut waiting.untold);
            let missed = untold.into_iter().map(|untold| untold.missed);
            let missed = missed.fold(Some(forgotten as u64), both);
            waiting.bytes = 0;
            waiting.lagged = true;
            waiting.miss(KeyRange::everything(), missed);
            return;
        }
        waiting.bytes += bytes;
        waiting.changes.extend(changes.into_iter().map(
            |Change {
                 key,
                 versionstamp,
                 before,
                 after,
             }| ObservedChange {
                noticed_at,
                key,
                versionstamp,
                before,
                after,
            },
        ));
    }

    fn lag(&self, untold: Option<KeyRange>, missed: Option<u64>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.lagged = true;
        waiting.there = Some(true);
        if let Some(range) = untold {
            waiting.miss(range, missed);
        }
    }

    /// The queue has changed and has so many messages now.
    fn count_queue(&self, messages: u64) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.messages = Some(messages);
    }

    /// The database is gone until it is said to have lagged.
    fn lose(&self) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.there = Some(false);
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_silent = waiting.there.is_none() && waiting.messages.is_none();
        waiting.changes.is_empty() && !waiting.lagged && is_silent
    }

    /// Takes what waits.
    pub fn take(&self) -> Changes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Changes {
    fn miss(&mut self, range: KeyRange, missed: Option<u64>) {
        let after = self.changes.len();
        let last = self.untold.iter_mut().rev();
        let mut last = last.take_while(|untold| untold.after == after);
        match last.find(|untold| untold.range == range) {
            Some(known) => known.missed = both(known.missed, missed),
            None => self.untold.push(Untold { range, missed, after }),
        }
    }
}

/// How many changes two numbers are together, if both are known.
fn both(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    Some(one?.saturating_add(other?))
}

/// Bytes of the key and the values of a change.
fn bytes_of(change: &Change) -> usize {
    let value = |entry: &Entry| entry.value.bytes.len();
    let before = match &change.before {
        Before::Entry(entry) => value(entry),
        Before::Unknown | Before::Absent => 0,
    };
    change.key.as_bytes().len() + before + change.after.as_ref().map_or(0, value)
}

/// The feeds that the thread follows, and whether all that they told has arrived.
pub(super) struct Feeds(Arc<Mutex<Follower>>);

impl Feeds {
    /// Whether each change that was told is in the inbox.
    pub(super) fn are_empty(&self) -> bool {
        let follower = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        follower.whole.is_empty()
            && follower.parts.iter().all(|(_, feed)| feed.is_empty())
            && follower.queue.as_ref().is_none_or(Subscription::is_empty)
    }
}

/// Starts the thread; a database that cannot tell of changes gets none. It ends when nobody can ask any more.
pub(super) fn spawn(
    database: &Arc<dyn Database>,
    asked: Receiver<Asked<Follow>>,
    inbox: Arc<ChangeInbox>,
    answers: &Answers,
) -> Result<Option<Feeds>, NoThread> {
    // Subscribed here and not on the thread: what is read after the worker has started is followed.
    let Ok(whole) = database.changes(vec![KeyRange::everything()]) else {
        return Ok(None);
    };
    let clock = database.clock();
    let follower = Arc::new(Mutex::new(Follower {
        database: Arc::downgrade(database),
        whole,
        // One whose queue cannot be read says so when it is read.
        queue: database.watch_queue().ok(),
        num_nameless: 0,
        wanted: Vec::new(),
        parts: Vec::new(),
    }));
    let (bell, rung) = bounded(1);
    let waker = Waker::from(Arc::new(Bell(bell)));
    let feeds = Feeds(Arc::clone(&follower));
    let notifier = answers.notifier.clone();
    answers.spawn("follower", move || {
        loop {
            let place = wait(&follower, &waker, &rung, &asked);
            // What leaves a feed is in the inbox before anybody else looks.
            let mut follower = follower.lock().unwrap_or_else(PoisonError::into_inner);
            match follower.hear(place, &asked) {
                Heard::Changes(changes) => inbox.put(changes, clock.now()),
                Heard::Lagged { untold, missed } => inbox.lag(untold, missed),
                Heard::Queue(messages) => inbox.count_queue(messages),
                Heard::Gone => inbox.lose(),
                Heard::Nothing => continue,
                Heard::End => return,
            }
            notifier.change();
        }
    })?;
    Ok(Some(feeds))
}

/// Where something is to be heard.
#[derive(Debug, Clone, Copy)]
enum Place {
    Feeds,
    Asked,
}

/// Rings when a feed has something to say.
struct Bell(Sender<()>);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        // Full means that it rings already.
        let _ringing = self.0.try_send(());
    }
}

/// Waits until something is to be heard.
fn wait(
    follower: &Mutex<Follower>,
    waker: &Waker,
    rung: &Receiver<()>,
    asked: &Receiver<Asked<Follow>>,
) -> Place {
    {
        let follower = follower.lock().unwrap_or_else(PoisonError::into_inner);
        follower.whole.wake(waker);
        follower.parts.iter().for_each(|(_, feed)| feed.wake(waker));
        follower.queue.iter().for_each(|queue| queue.wake(waker));
    }
    let mut select = Select::new();
    let of_feeds = select.recv(rung);
    select.recv(asked);
    if select.ready() == of_feeds {
        let _rung = rung.try_recv();
        Place::Feeds
    } else {
        Place::Asked
    }
}

/// Hears of changes in the whole database, or, where that is too large for its changes to be named, in the ranges that
/// a person looks at.
struct Follower {
    /// Not to keep it open.
    database: Weak<dyn Database>,
    whole: Feed,
    /// How many messages the queue has.
    queue: Option<Subscription<u64>>,
    /// How often in a row it was told that something changed, but not what.
    num_nameless: u32,
    /// The ranges that a person looks at.
    wanted: Vec<KeyRange>,
    parts: Vec<(KeyRange, Feed)>,
}

enum Heard {
    Changes(Vec<Change>),
    /// Something changed.
    Lagged {
        /// Where no feed names what.
        untold: Option<KeyRange>,
        /// How many changes it were, where that is known.
        missed: Option<u64>,
    },
    /// The queue changed, and has so many messages now.
    Queue(u64),
    Gone,
    Nothing,
    End,
}

impl Follower {
    /// What is told at this place.
    fn hear(&mut self, place: Place, asked: &Receiver<Asked<Follow>>) -> Heard {
        match place {
            Place::Feeds => match self.whole.try_recv() {
                Ok(FeedEvent::Changes(changes)) => {
                    self.num_nameless = 0;
                    self.follow_parts();
                    Heard::Changes(changes)
                }
                Ok(FeedEvent::Gone) => Heard::Gone,
                Ok(FeedEvent::Lagged { missed }) => {
                    let names_parts = !self.parts.is_empty();
                    self.num_nameless = self.num_nameless.saturating_add(1);
                    self.follow_parts();
                    Heard::Lagged {
                        untold: (!names_parts).then(KeyRange::everything),
                        missed,
                    }
                }
                Err(TryRecvError::Empty) => self.hear_others(),
                Err(TryRecvError::Disconnected) => Heard::End,
            },
            Place::Asked => match asked.try_recv() {
                Ok(Asked { errand, under_way }) => {
                    let Follow { ranges } = errand;
                    self.wanted = ranges;
                    self.follow_parts();
                    drop(under_way);
                    Heard::Nothing
                }
                Err(crossbeam_channel::TryRecvError::Empty) => Heard::Nothing,
                Err(crossbeam_channel::TryRecvError::Disconnected) => Heard::End,
            },
        }
    }

    /// What the first part tells that has something to tell, or the queue.
    fn hear_others(&mut self) -> Heard {
        for (range, feed) in &self.parts {
            match feed.try_recv() {
                Ok(FeedEvent::Changes(changes)) => return Heard::Changes(changes),
                Ok(FeedEvent::Lagged { missed }) => {
                    let untold = Some(range.clone());
                    return Heard::Lagged { untold, missed };
                }
                // That the database is gone, or closed, the whole tells as well.
                Ok(FeedEvent::Gone) | Err(TryRecvError::Empty | TryRecvError::Disconnected) => {}
            }
        }
        let messages = self.queue.as_ref().map(Subscription::try_recv);
        match messages {
            Some(Ok(messages)) => Heard::Queue(messages),
            Some(Err(TryRecvError::Disconnected)) => {
                // Its waker would be woken for ever.
                self.queue = None;
                Heard::Nothing
            }
            Some(Err(TryRecvError::Empty)) | None => Heard::Nothing,
        }
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
                && let Ok(feed) = database.changes(vec![range.clone()])
            {
                self.parts.push((range.clone(), feed));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use keyglass_store::Versionstamp;
    use keyglass_store::key::EncodedKey;
    use keyglass_store::value::{Encoding, StoredValue};

    use super::*;

    fn change(size: usize) -> Change {
        let key = EncodedKey::default();
        let entry = Entry {
            key: key.clone(),
            value: StoredValue {
                encoding: Encoding::Bytes,
                bytes: vec![0; size].into(),
            },
            versionstamp: Versionstamp::from_counter(1),
            expires_at: None,
        };
        Change {
            key,
            versionstamp: Versionstamp::from_counter(1),
            before: Before::Absent,
            after: Some(entry),
        }
    }

    #[test]
    fn what_waits_for_the_window_is_bounded_by_number_and_by_bytes() {
        for (size, fitting) in [(0, INBOX_LIMIT), (8 << 20, 8)] {
            let inbox = ChangeInbox::default();
            for _ in 0..fitting {
                inbox.put(vec![change(size)], 1);
            }
            let taken = inbox.take();
            assert_eq!((taken.changes.len(), taken.lagged), (fitting, false));
            for _ in 0..=fitting {
                inbox.put(vec![change(size)], 1);
            }
            inbox.put(vec![change(size)], 1);
            let taken = inbox.take();
            assert_eq!((taken.changes.len(), taken.lagged), (1, true));
            let untold = Untold {
                range: KeyRange::everything(),
                missed: Some(fitting as u64 + 1),
                after: 0,
            };
            assert_eq!(taken.untold, [untold]);
        }
    }

    #[test]
    fn what_was_missed_is_counted_where_it_was_missed() {
        let inbox = ChangeInbox::default();
        let all = || Some(KeyRange::everything());
        inbox.lag(all(), Some(3));
        inbox.put(vec![change(1)], 1);
        inbox.lag(all(), Some(4));
        inbox.lag(all(), Some(5));
        inbox.lag(None, Some(6));
        let told = |inbox: &ChangeInbox| {
            let untold = inbox.take().untold;
            untold
                .iter()
                .map(|untold| (untold.after, untold.missed))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&inbox), [(0, Some(3)), (1, Some(9))]);
        inbox.lag(all(), Some(7));
        inbox.lag(all(), None);
        assert_eq!(told(&inbox), [(0, None)]);
    }
}
