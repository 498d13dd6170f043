//! Following what other processes commit.
//!
//! Deno tells nobody about its commits, so one thread for each open file asks for news of it while there are
//! subscribers; see `signal`. When something was committed, the thread reads what subscribers care about and tells
//! them the difference. It never waits for a reader: one that is slow hears [`FeedEvent::Lagged`].

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::budget::Budget;
use super::connections::{Look, SharedConnections, is_displaced};
use super::read::FileSnapshot;
use super::shadow::{Difference, Shadow};
use super::signal::{Identity, Mark, News, Signal};
use crate::database::{FeedEvent, Snapshot as _, WatchedState};
use crate::error::DatabaseError;
use crate::feed::{FeedSender, Sent, feed};
use crate::key::{EncodedKey, KeyRange};
use crate::versionstamp::Versionstamp;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded, unbounded};

/// How often to ask for changes, which costs some millionths of a second; longer than the ticks that times of change
/// are counted in.
const POLL: Duration = Duration::from_millis(15);

/// The thread that follows a file. Ends when this is dropped.
pub(super) struct Follower {
    /// `None` only while being dropped.
    arrivals: Option<Sender<Arrival>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread is told.
enum Arrival {
    /// Somebody new wants to hear of changes.
    Subscriber(Subscriber),
    /// There was a commit of our own.
    Commit,
}

/// Somebody who wants to hear of changes.
enum Subscriber {
    Keys(KeySubscriber),
    Range(Box<RangeSubscriber>),
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
    /// Which file it was subscribed to.
    file: Option<Identity>,
    /// `None` while the range cannot be compared.
    shadow: Option<Shadow>,
    /// Whether the range is too large for a shadow.
    too_large: bool,
    /// The newest commit when the subscription began.
    since: Option<Versionstamp>,
    /// What the reader has yet to be told instead of changes: that it missed some, or that there is no file.
    untold: Option<FeedEvent>,
    sender: FeedSender,
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
        let file = home.appearance().map(|appearance| appearance.identity());
        let snapshot = FileSnapshot::begin(home)?;
        let shadow = Shadow::new(range.clone(), &snapshot)?;
        let (sender, receiver) = feed();
        self.subscribe(Subscriber::Range(Box::new(RangeSubscriber {
            range,
            file,
            too_large: shadow.is_none(),
            shadow,
            since: snapshot.versionstamp(),
            untold: None,
            sender,
        })));
        Ok(receiver)
    }

    fn subscribe(&self, subscriber: Subscriber) {
        if let Some(arrivals) = &self.arrivals {
            // The thread ends only after this sender is gone, so somebody receives it.
            let _received = arrivals.send(Arrival::Subscriber(subscriber));
        }
    }

    /// Looks at once for a commit of our own.
    pub(super) fn committed(&self) {
        if let Some(arrivals) = &self.arrivals {
            let _received = arrivals.send(Arrival::Commit);
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
fn follow(home: &SharedConnections, arrivals: &Receiver<Arrival>) {
    let mut subscribers: Vec<Subscriber> = Vec::new();
    let mut place = Place::default();
    let mut budget = Budget::new(Instant::now());
    loop {
        let arrived = if subscribers.is_empty() {
            place = Place::default();
            arrivals.recv().map_err(|_ended| RecvTimeoutError::Disconnected)
        } else {
            arrivals.recv_timeout(POLL.max(budget.rest(Instant::now())))
        };
        let arrived = match arrived {
            Ok(Arrival::Subscriber(subscriber)) => Some(subscriber),
            Ok(Arrival::Commit) => {
                place.expect_changes();
                if subscribers.is_empty() || !budget.rest(Instant::now()).is_zero() {
                    continue;
                }
                None
            }
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        let begun = Instant::now();
        if arrived.is_some() {
            subscribers.retain_mut(|earlier| earlier.probe() == Reader::There);
        }
        place.look(home, &mut subscribers);
        if let Some(mut subscriber) = arrived {
            place.welcome(home, &mut subscriber);
            subscribers.push(subscriber);
        }
        subscribers.retain_mut(|subscriber| subscriber.tell() == Reader::There);
        budget.spend(begun.elapsed());
    }
}

/// How far the thread has followed the file.
#[derive(Default)]
struct Place {
    signal: Signal,
    /// The commit that every subscriber knows of; `None` if that cannot be told, or one could not be brought there.
    mark: Option<Mark>,
    /// Whether a subscriber has yet to be brought up to date, because the file could not be read.
    behind: bool,
    /// Whether there is no file.
    gone: bool,
}

impl Place {
    /// Brings all subscribers up to date.
    fn look(&mut self, home: &SharedConnections, subscribers: &mut Vec<Subscriber>) {
        // Asked before reading: what is committed while reading shows up as a change next time.
        match self.signal.ask(home) {
            News::Nothing if !self.behind => return,
            News::Nothing | News::Perhaps => {}
            News::AnotherFile => self.forget(subscribers),
            News::Gone => return self.lose(subscribers),
        }
        let snapshot = Look::begin_marked(home).and_then(FileSnapshot::new);
        // One that cannot be read now, as while Deno makes it, is tried again next time.
        let Ok(snapshot) = snapshot else {
            return self.fail(home, subscribers);
        };
        self.gone = false;
        if !self.behind && self.mark.is_some() && self.mark.as_ref() == snapshot.mark() {
            return;
        }
        // Nothing is compared for those who have gone.
        subscribers.retain_mut(|subscriber| {
            matches!(subscriber, Subscriber::Keys(_)) || subscriber.probe() == Reader::There
        });
        let mut all = true;
        for subscriber in subscribers.iter_mut() {
            all &= subscriber.update(&snapshot).is_ok();
        }
        self.behind = !all;
        self.mark = snapshot.mark().copied();
        if !all {
            drop(snapshot);
            self.fail(home, subscribers);
        }
    }

    /// Takes note that the file could not be read, and tells if what stands in its place is no database. It is tried
    /// again next time.
    fn fail(&mut self, home: &SharedConnections, subscribers: &mut [Subscriber]) {
        self.behind = true;
        if !self.gone && is_displaced(home) {
            self.lose(subscribers);
        }
    }

    /// Tells that there is no database, once.
    fn lose(&mut self, subscribers: &mut [Subscriber]) {
        if !std::mem::replace(&mut self.gone, true) {
            self.forget(subscribers);
            subscribers.iter_mut().for_each(Subscriber::lose);
        }
    }

    /// Has the next look compare, whatever the file's times say: those of our own commits follow each other faster than
    /// the system's clock ticks.
    fn expect_changes(&mut self) {
        self.mark = None;
        self.behind = true;
    }

    /// Tells a new subscriber what was committed between its own first read and now.
    fn welcome(&mut self, home: &SharedConnections, subscriber: &mut Subscriber) {
        if self.gone {
            subscriber.forget();
            subscriber.lose();
            return;
        }
        let file = home.appearance().map(|appearance| appearance.identity());
        if matches!(subscriber, Subscriber::Range(range) if range.file != file) {
            // Another file has taken its place: equal keys and versions say nothing there.
            subscriber.forget();
        }
        let told = FileSnapshot::begin(home).and_then(|snapshot| subscriber.catch_up(&snapshot));
        self.behind |= told.is_err();
    }

    fn forget(&mut self, subscribers: &mut [Subscriber]) {
        self.mark = None;
        self.behind = true;
        subscribers.iter_mut().for_each(Subscriber::forget);
    }
}

fn read_keys(keys: &[EncodedKey], snapshot: &FileSnapshot) -> Result<WatchedState, DatabaseError> {
    keys.iter().map(|key| snapshot.get(key)).collect()
}

impl Subscriber {
    /// Works out what is new. After an error it has to be called again.
    fn update(&mut self, snapshot: &FileSnapshot) -> Result<(), DatabaseError> {
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

    /// Takes note that there is no file.
    fn lose(&mut self) {
        if let Self::Range(range) = self {
            range.untold = Some(FeedEvent::Gone);
        }
    }

    /// Works out what was committed between the subscriber's own first read and its arrival here.
    fn catch_up(&mut self, snapshot: &FileSnapshot) -> Result<(), DatabaseError> {
        match self {
            Self::Range(range) if range.too_large && snapshot.versionstamp() == range.since => Ok(()),
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
    fn update(&mut self, snapshot: &FileSnapshot) -> Result<(), DatabaseError> {
        let state = read_keys(&self.keys, snapshot)?;
        if state != self.state {
            self.state = state;
            self.untold = true;
        }
        Ok(())
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
    fn update(&mut self, snapshot: &FileSnapshot) -> Result<(), DatabaseError> {
        let Some(shadow) = self.shadow.take() else {
            self.untold = Some(FeedEvent::Lagged);
            if !self.too_large {
                self.shadow = Shadow::new(self.range.clone(), snapshot)?;
                self.too_large = self.shadow.is_none();
            }
            return Ok(());
        };
        match shadow.compare(snapshot)? {
            Difference::Changes(shadow, groups) => {
                self.shadow = Some(shadow);
                for changes in groups {
                    // What the reader misses after this is covered by one Lagged.
                    if self.untold.is_none() {
                        self.send(FeedEvent::Changes(changes));
                    }
                }
            }
            Difference::TooMany(shadow) => {
                self.shadow = Some(shadow);
                self.untold = Some(FeedEvent::Lagged);
            }
            Difference::OutOfReach => {
                self.too_large = true;
                self.untold = Some(FeedEvent::Lagged);
            }
        }
        Ok(())
    }

    /// Sends an event; one that finds no room makes the feed lag.
    fn send(&mut self, event: FeedEvent) -> Reader {
        let is_probe = event == FeedEvent::Changes(Vec::new());
        match self.sender.send(event) {
            Sent::Told => Reader::There,
            Sent::Full => {
                if !is_probe {
                    self.untold = Some(FeedEvent::Lagged);
                }
                Reader::There
            }
            Sent::Gone => Reader::Gone,
        }
    }

    fn tell(&mut self) -> Reader {
        let Some(event) = self.untold.take() else {
            return Reader::There;
        };
        match self.sender.send(event.clone()) {
            Sent::Told => Reader::There,
            Sent::Full => {
                self.untold = Some(event);
                Reader::There
            }
            Sent::Gone => Reader::Gone,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deno_file::connections::Connections;

    #[test]
    fn nothing_is_compared_for_a_feed_that_was_dropped() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("kv.sqlite3");
        let writer = rusqlite::Connection::open(&path).unwrap();
        writer
            .execute_batch(
                "PRAGMA journal_mode = wal;
                 CREATE TABLE migration_state (k integer primary key, version integer);
                 CREATE TABLE data_version (k integer primary key, version integer);
                 CREATE TABLE kv (k blob primary key, v blob, v_encoding integer, version integer);",
            )
            .unwrap();
        let home = Arc::new(Connections::open(&path).unwrap());
        let (sender, receiver) = feed();
        let mut subscribers = vec![Subscriber::Range(Box::new(RangeSubscriber {
            file: None,
            range: KeyRange::everything(),
            shadow: None,
            too_large: false,
            since: None,
            untold: None,
            sender,
        }))];
        let mut place = Place::default();
        place.look(&home, &mut subscribers);
        assert_eq!(subscribers.len(), 1);
        drop(receiver);
        writer
            .execute_batch("INSERT INTO kv VALUES (x'026100', x'01', 3, 1)")
            .unwrap();
        place.look(&home, &mut subscribers);
        assert!(subscribers.is_empty());
    }
}
