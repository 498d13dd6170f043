//! Following what other processes commit.
//!
//! Deno tells nobody about its commits, so one thread for each open file asks SQLite's `PRAGMA data_version`
//! while there are subscribers. When it has changed, the thread reads what subscribers care about and tells them
//! the difference. It never waits for a reader: one that is slow hears [`FeedEvent::Lagged`].

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::connections::SharedConnections;
use super::read::FileSnapshot;
use super::shadow::{Difference, Shadow};
use super::signal::{News, Signal};
use crate::database::{FeedEvent, Snapshot as _, WatchedState};
use crate::error::DatabaseError;
use crate::key::{EncodedKey, KeyRange};
use crate::versionstamp::Versionstamp;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded, unbounded};

/// How often to ask for changes.
const POLL: Duration = Duration::from_millis(50);
/// Reading changes may take one part in this many of the thread's time; large ranges are compared less often.
const DUTY: u32 = 5;
/// Events that wait for a reader of a change feed.
const EVENTS: usize = 1024;

/// The thread that follows a file. Ends when this is dropped.
pub(super) struct Follower {
    /// `None` only while being dropped.
    arrivals: Option<Sender<Subscriber>>,
    thread: Option<JoinHandle<()>>,
}

/// Somebody who wants to hear of changes.
enum Subscriber {
    Keys(KeySubscriber),
    Range(RangeSubscriber),
}

struct KeySubscriber {
    keys: Vec<EncodedKey>,
    state: WatchedState,
    /// Whether the reader has yet to be told the state.
    untold: bool,
    sender: Sender<WatchedState>,
}

struct RangeSubscriber {
    range: KeyRange,
    /// `None` while the range cannot be compared.
    shadow: Option<Shadow>,
    /// Whether the range is too large for a shadow.
    too_large: bool,
    /// The newest commit when the subscription began.
    since: Option<Versionstamp>,
    /// Whether the reader has yet to be told that it missed changes.
    lagged: bool,
    sender: Sender<FeedEvent>,
}

/// Whether the reader of a channel is still there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    There,
    Gone,
}

impl Follower {
    /// Starts the thread; it sleeps until somebody subscribes.
    pub(super) fn start(home: &SharedConnections) -> Result<Self, DatabaseError> {
        let (arrivals, incoming) = unbounded();
        let shared = Arc::clone(home);
        let thread = std::thread::Builder::new()
            .name("deno-file-follower".to_owned())
            .spawn(move || follow(&shared, &incoming))
            .map_err(|error| DatabaseError::Engine {
                doing: "starting a thread",
                reason: error.to_string(),
                location: home.location(),
            })?;
        Ok(Self {
            arrivals: Some(arrivals),
            thread: Some(thread),
        })
    }

    /// See [`crate::Database::watch`].
    pub(super) fn watch(
        &self,
        home: &SharedConnections,
        keys: Vec<EncodedKey>,
    ) -> Result<Receiver<WatchedState>, DatabaseError> {
        let state = read_keys(&keys, &FileSnapshot::begin(home)?)?;
        let (sender, receiver) = bounded(1);
        let mut subscriber = KeySubscriber {
            keys,
            state,
            untold: true,
            sender,
        };
        if subscriber.tell() == Reader::There && !subscriber.keys.is_empty() {
            self.subscribe(Subscriber::Keys(subscriber));
        }
        Ok(receiver)
    }

    /// See [`crate::Database::changes`]. The range is remembered before this returns, so that whatever the
    /// caller reads afterwards is either current or followed by a change.
    pub(super) fn changes(
        &self,
        home: &SharedConnections,
        range: KeyRange,
    ) -> Result<Receiver<FeedEvent>, DatabaseError> {
        let snapshot = FileSnapshot::begin(home)?;
        let shadow = Shadow::new(range.clone(), &snapshot)?;
        let (sender, receiver) = bounded(EVENTS);
        self.subscribe(Subscriber::Range(RangeSubscriber {
            range,
            too_large: shadow.is_none(),
            shadow,
            since: snapshot.versionstamp(),
            lagged: false,
            sender,
        }));
        Ok(receiver)
    }

    fn subscribe(&self, subscriber: Subscriber) {
        if let Some(arrivals) = &self.arrivals {
            // The thread ends only after this sender is gone, so somebody receives it.
            let _received = arrivals.send(subscriber);
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.arrivals = None;
        if let Some(thread) = self.thread.take() {
            let _ended = thread.join();
        }
    }
}

/// The thread: waits for subscribers, then asks for changes until the last of them has gone.
fn follow(home: &SharedConnections, arrivals: &Receiver<Subscriber>) {
    let mut subscribers: Vec<Subscriber> = Vec::new();
    let mut signal = Signal::default();
    let mut pause = POLL;
    loop {
        let arrived = if subscribers.is_empty() {
            signal = Signal::default();
            arrivals.recv().map_err(|_ended| RecvTimeoutError::Disconnected)
        } else {
            arrivals.recv_timeout(pause)
        };
        let arrived = match arrived {
            Ok(subscriber) => Some(subscriber),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let begun = Instant::now();
        // Asked before reading: what is committed while reading shows up as a change next time.
        match signal.ask(home) {
            News::Nothing => {}
            News::Commits => update(home, &mut subscribers),
            News::AnotherFile => {
                subscribers.iter_mut().for_each(Subscriber::forget);
                update(home, &mut subscribers);
            }
        }
        if let Some(mut subscriber) = arrived {
            subscribers.retain_mut(|earlier| earlier.probe() == Reader::There);
            subscriber.catch_up(FileSnapshot::begin(home).ok().as_ref());
            subscribers.push(subscriber);
        }
        subscribers.retain_mut(|subscriber| subscriber.tell() == Reader::There);
        pause = POLL.max(begun.elapsed() * (DUTY - 1));
    }
}

fn update(home: &SharedConnections, subscribers: &mut [Subscriber]) {
    let snapshot = FileSnapshot::begin(home);
    for subscriber in subscribers {
        subscriber.update(snapshot.as_ref().ok());
    }
}

fn read_keys(keys: &[EncodedKey], snapshot: &FileSnapshot) -> Result<WatchedState, DatabaseError> {
    keys.iter().map(|key| snapshot.get(key)).collect()
}

impl Subscriber {
    /// Works out what is new. Without a snapshot the file could not be read.
    fn update(&mut self, snapshot: Option<&FileSnapshot>) {
        match self {
            Self::Keys(keys) => keys.update(snapshot),
            Self::Range(range) => range.update(snapshot),
        }
    }

    /// Forgets what cannot be compared with what comes next.
    fn forget(&mut self) {
        if let Self::Range(range) = self {
            range.shadow = None;
            range.too_large = false;
        }
    }

    /// Works out what was committed between the subscriber's own first read and its arrival here.
    fn catch_up(&mut self, snapshot: Option<&FileSnapshot>) {
        match self {
            Self::Range(range)
                if range.too_large && snapshot.is_some_and(|now| now.versionstamp() == range.since) => {}
            _ => self.update(snapshot),
        }
    }

    /// Tells what is untold, if the reader has room for it.
    fn tell(&mut self) -> Reader {
        match self {
            Self::Keys(keys) => keys.tell(),
            Self::Range(range) => range.tell(),
        }
    }

    /// Finds out whether the reader is still there by telling it something harmless.
    fn probe(&mut self) -> Reader {
        match self {
            Self::Keys(keys) => {
                keys.untold = true;
                keys.tell()
            }
            Self::Range(range) => range.send(FeedEvent::Changes(Vec::new())),
        }
    }
}

impl KeySubscriber {
    fn update(&mut self, snapshot: Option<&FileSnapshot>) {
        // After a failed read the next change tries again.
        if let Some(Ok(state)) = snapshot.map(|snapshot| read_keys(&self.keys, snapshot))
            && state != self.state
        {
            self.state = state;
            self.untold = true;
        }
    }

    fn tell(&mut self) -> Reader {
        if !self.untold {
            return Reader::There;
        }
        match self.sender.try_send(self.state.clone()) {
            Ok(()) => self.untold = false,
            Err(TrySendError::Full(_)) => {}
            Err(TrySendError::Disconnected(_)) => return Reader::Gone,
        }
        Reader::There
    }
}

impl RangeSubscriber {
    fn update(&mut self, snapshot: Option<&FileSnapshot>) {
        let Some(snapshot) = snapshot else {
            self.lagged = true;
            return;
        };
        match self.shadow.take().map(|shadow| shadow.compare(snapshot)) {
            Some(Ok(Difference::Changes(shadow, groups))) => {
                self.shadow = Some(shadow);
                for changes in groups {
                    // What the reader misses after this is covered by one Lagged.
                    if !self.lagged {
                        self.send(FeedEvent::Changes(changes));
                    }
                }
            }
            Some(Ok(Difference::TooMany(shadow))) => {
                self.shadow = Some(shadow);
                self.lagged = true;
            }
            Some(Ok(Difference::OutOfReach)) => {
                self.too_large = true;
                self.lagged = true;
            }
            Some(Err(_)) => self.lagged = true,
            None => {
                self.lagged = true;
                if !self.too_large
                    && let Ok(shadow) = Shadow::new(self.range.clone(), snapshot)
                {
                    self.too_large = shadow.is_none();
                    self.shadow = shadow;
                }
            }
        }
    }

    /// Sends an event; one that finds no room makes the feed lag.
    fn send(&mut self, event: FeedEvent) -> Reader {
        match self.sender.try_send(event) {
            Ok(()) => Reader::There,
            Err(TrySendError::Full(event)) => {
                self.lagged |= event != FeedEvent::Changes(Vec::new());
                Reader::There
            }
            Err(TrySendError::Disconnected(_)) => Reader::Gone,
        }
    }

    fn tell(&mut self) -> Reader {
        if !self.lagged {
            return Reader::There;
        }
        match self.sender.try_send(FeedEvent::Lagged) {
            Ok(()) => self.lagged = false,
            Err(TrySendError::Full(_)) => {}
            Err(TrySendError::Disconnected(_)) => return Reader::Gone,
        }
        Reader::There
    }
}
