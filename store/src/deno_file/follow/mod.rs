//! Following what other processes commit.
//!
//! Deno tells nobody about its commits, but the system tells that something was written (`notices`), and while there are
//! subscribers one thread for each open file looks what that was; see `signal` and `agenda`. When something was committed, the thread reads what subscribers care about and tells
//! them the difference; what several of them care about is read and remembered once (`shadows`). It never waits for a
//! reader.

mod thread;

use std::sync::Arc;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::connections::SharedConnections;
use crate::database::{FeedEvent, WatchedState};
use crate::error::DatabaseError;
use crate::key::{EncodedKey, KeyRange};
use crate::subscription::{Feed, FeedSender, StateSender, Subscription, feed, states};
use thread::Thread;

/// The thread that follows a file. Ends when this is dropped.
pub(super) struct Follower {
    arrivals: Sender<Arrival>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread is told.
enum Arrival {
    /// Somebody new wants to hear of changes. The answer comes once whatever is committed after it will be told.
    Subscriber(Subscriber, Sender<Result<(), DatabaseError>>),
    /// Somebody has gone.
    Left,
    /// There was a commit of our own.
    Commit,
    /// The system says that something happened to the file.
    Notice,
    /// The file is closed.
    Stop,
    /// A test asks how much is remembered.
    #[cfg(test)]
    Asked(Sender<usize>),
}

/// Somebody who wants to hear of changes.
enum Subscriber {
    Keys(KeySubscriber),
    Ranges(Vec<KeyRange>, FeedSender),
    Queue(QueueSubscriber),
}

struct KeySubscriber {
    keys: Vec<EncodedKey>,
    state: WatchedState,
    sender: StateSender<WatchedState>,
}

struct QueueSubscriber {
    /// What the queue was like when it was last told of.
    seen: Option<u64>,
    sender: StateSender<u64>,
}

impl Follower {
    /// Starts the thread; it sleeps until somebody subscribes.
    pub(super) fn start(home: &SharedConnections) -> Result<Self, DatabaseError> {
        #[expect(clippy::disallowed_methods, reason = "bounded by those who subscribe")]
        let (arrivals, incoming) = unbounded();
        let shared = Arc::clone(home);
        let bell = arrivals.clone();
        #[expect(clippy::disallowed_methods, reason = "it belongs to the open file")]
        let thread = std::thread::Builder::new()
            .name("deno-file-follower".to_owned())
            .spawn(move || Thread::default().follow(&shared, &incoming, &bell))
            .map_err(|error| home.cannot_follow(error.to_string()))?;
        Ok(Self {
            arrivals,
            thread: Some(thread),
        })
    }

    /// See [`crate::Database::watch`].
    pub(super) fn watch(&self, keys: Vec<EncodedKey>) -> Pending<WatchedState> {
        let (sender, subscription) = states(self.leaving());
        let subscriber = Subscriber::Keys(KeySubscriber {
            keys,
            state: Vec::new(),
            sender,
        });
        self.subscribe(subscriber, subscription)
    }

    /// See [`crate::Database::changes`].
    pub(super) fn changes(&self, ranges: Vec<KeyRange>) -> Pending<FeedEvent> {
        let (sender, subscription): (_, Feed) = feed(self.leaving());
        self.subscribe(Subscriber::Ranges(KeyRange::merged(ranges), sender), subscription)
    }

    /// See [`crate::Database::watch_queue`].
    pub(super) fn watch_queue(&self) -> Pending<u64> {
        let (sender, subscription) = states(self.leaving());
        self.subscribe(
            Subscriber::Queue(QueueSubscriber { seen: None, sender }),
            subscription,
        )
    }

    fn subscribe<T>(&self, subscriber: Subscriber, subscription: Subscription<T>) -> Pending<T> {
        let (answer, answered) = bounded(1);
        let _thread_is_there = self.arrivals.send(Arrival::Subscriber(subscriber, answer));
        Pending {
            subscription,
            answered,
        }
    }

    /// What is done when a subscription is dropped.
    fn leaving(&self) -> impl FnOnce() + Send + Sync + 'static {
        let arrivals = self.arrivals.clone();
        move || {
            let _thread_is_there = arrivals.send(Arrival::Left);
        }
    }

    /// How many subscribers there are, and keys that are remembered for feeds.
    #[cfg(test)]
    pub(super) fn num_remembered(&self) -> usize {
        let (answer, answered) = bounded(1);
        self.arrivals.send(Arrival::Asked(answer)).unwrap();
        answered.recv().unwrap()
    }

    /// Looks at once for a commit of our own.
    pub(super) fn committed(&self) {
        let _thread_is_there = self.arrivals.send(Arrival::Commit);
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        let _thread_is_there = self.arrivals.send(Arrival::Stop);
        if let Some(thread) = self.thread.take()
            // One that it wakes may be the last to hold the file.
            && thread.thread().id() != std::thread::current().id()
        {
            let _ended = thread.join();
        }
    }
}

/// A subscription that the thread has not taken note of yet.
pub(super) struct Pending<T> {
    subscription: Subscription<T>,
    answered: Receiver<Result<(), DatabaseError>>,
}

impl<T> Pending<T> {
    /// Waits until whatever is committed from now on will be told.
    pub(super) fn wait(self, home: &SharedConnections) -> Result<Subscription<T>, DatabaseError> {
        match self.answered.recv() {
            Ok(answer) => answer.map(|()| self.subscription),
            Err(_ended) => Err(home.cannot_follow("its thread has ended".to_owned())),
        }
    }
}
