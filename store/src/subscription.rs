//! What a database tells of itself, on its way from the engine to whoever subscribed.
//!
//! A [`Subscription`] is read like a channel: by a thread that waits, by one that looks now and then, or by a task that
//! asks to be woken ([`Subscription::poll_recv`]), so that a thousand watchers need no thread each. Dropping it ends
//! it at once: the engine forgets it and does nothing for it any more.
//!
//! The engine's ends are here, too, for engines and for those who stand before one. An engine never waits for a reader.
//! Of states only the newest waits for it ([`StateSender`]). Of a feed so many events and so many bytes wait; who is
//! slower hears that changes were missed, and how many ([`FeedSender`]).

use std::collections::VecDeque;
use std::sync::mpsc::{RecvError, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::change::{Before, Change, FeedEvent};
use crate::entry::Entry;

/// Events of a feed that wait for a slow reader.
const EVENTS: usize = 1024;
/// Bytes of keys and values that wait for a slow reader; one event alone may be larger.
const BYTES: usize = 64 << 20;

/// A change feed.
pub type Feed = Subscription<FeedEvent>;

/// The reader's end of what a database tells. It ends when it is dropped, and when the database closes.
pub struct Subscription<T> {
    channel: Arc<Channel<T>>,
    /// Tells the engine that nobody reads any more.
    dropped: Option<Box<dyn FnOnce() + Send + Sync>>,
}

struct Channel<T> {
    state: Mutex<State<T>>,
    ready: Condvar,
}

struct State<T> {
    /// What the reader has not taken, with its bytes.
    waiting: VecDeque<(T, usize)>,
    bytes: usize,
    /// To be woken once there is something.
    waker: Option<Waker>,
    /// Whether nothing more will come.
    has_ended: bool,
    /// Whether nobody reads any more.
    is_dropped: bool,
}

/// Tasks to wake. They are woken when this is dropped, which an engine does once its locks are free: what a waker does
/// is none of its business.
#[derive(Default)]
pub struct Wakes(Vec<Waker>);

impl Drop for Wakes {
    fn drop(&mut self) {
        self.0.drain(..).for_each(Waker::wake);
    }
}

impl Wakes {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A feed: the engine's end and the reader's. `dropped` is called once, when the reader drops its end, and without any
/// lock of this module; the engine forgets the feed then.
pub fn feed(dropped: impl FnOnce() + Send + Sync + 'static) -> (FeedSender, Feed) {
    let (sender, reader) = channel(dropped);
    (FeedSender(sender), reader)
}

/// A subscription to states of which only the newest counts; otherwise as [`feed`].
pub fn states<T>(dropped: impl FnOnce() + Send + Sync + 'static) -> (StateSender<T>, Subscription<T>) {
    let (sender, reader) = channel(dropped);
    (StateSender(sender), reader)
}

fn channel<T>(dropped: impl FnOnce() + Send + Sync + 'static) -> (Sender<T>, Subscription<T>) {
    let channel = Arc::new(Channel {
        state: Mutex::new(State {
            waiting: VecDeque::new(),
            bytes: 0,
            waker: None,
            has_ended: false,
            is_dropped: false,
        }),
        ready: Condvar::new(),
    });
    let reader = Subscription {
        channel: Arc::clone(&channel),
        dropped: Some(Box::new(dropped)),
    };
    (Sender(channel), reader)
}

impl<T> Channel<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    fn push(&mut self, item: T, bytes: usize) {
        self.bytes += bytes;
        self.waiting.push_back((item, bytes));
    }

    fn pop(&mut self) -> Result<T, TryRecvError> {
        match self.waiting.pop_front() {
            Some((item, bytes)) => {
                self.bytes -= bytes;
                Ok(item)
            }
            None if self.has_ended => Err(TryRecvError::Disconnected),
            None => Err(TryRecvError::Empty),
        }
    }

    fn is_ready(&self) -> bool {
        self.has_ended || !self.waiting.is_empty()
    }
}

/// Closes the subscription when it is dropped.
struct Sender<T>(Arc<Channel<T>>);

impl<T> Sender<T> {
    /// Changes what waits for the reader, and has the reader woken if there is something now.
    fn change(&self, wakes: &mut Wakes, change: impl FnOnce(&mut State<T>)) {
        let mut state = self.0.lock();
        if state.is_dropped {
            return;
        }
        change(&mut state);
        if state.is_ready() {
            wakes.0.extend(state.waker.take());
            drop(state);
            self.0.ready.notify_all();
        }
    }

    fn has_reader(&self) -> bool {
        !self.0.lock().is_dropped
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.change(&mut Wakes::default(), |state| state.has_ended = true);
    }
}

/// The engine's end of states; dropping it ends the subscription.
pub struct StateSender<T>(Sender<T>);

impl<T> StateSender<T> {
    /// Tells a state, in place of one that the reader has not taken.
    pub fn send(&self, state: T, wakes: &mut Wakes) {
        self.0.change(wakes, |channel| {
            channel.waiting.clear();
            channel.push(state, 0);
        });
    }

    /// Whether somebody reads.
    #[must_use]
    pub fn has_reader(&self) -> bool {
        self.0.has_reader()
    }
}

/// The engine's end of a feed; dropping it ends the subscription.
pub struct FeedSender(Sender<FeedEvent>);

impl FeedSender {
    /// Tells an event; never blocks. Changes for which there is no room are counted, and so are those that come until
    /// the reader has heard that it missed some, because it reads everything again after that. No changes at all are no
    /// event.
    pub fn send(&self, event: FeedEvent, wakes: &mut Wakes) {
        self.0.change(wakes, |state| match event {
            FeedEvent::Changes(changes) => state.changes(changes),
            FeedEvent::Lagged { missed } => state.miss(missed),
            FeedEvent::Gone => state.lose(),
        });
    }

    /// Whether somebody reads.
    #[must_use]
    pub fn has_reader(&self) -> bool {
        self.0.has_reader()
    }
}

impl State<FeedEvent> {
    fn changes(&mut self, changes: Vec<Change>) {
        if changes.is_empty() {
            return;
        }
        let size = changes.iter().map(change_size).sum();
        let is_missing = matches!(self.waiting.back(), Some((FeedEvent::Lagged { .. }, _)));
        let too_much = !self.waiting.is_empty() && self.bytes.saturating_add(size) > BYTES;
        if is_missing || too_much || self.waiting.len() >= EVENTS {
            self.miss(Some(changes.len() as u64));
        } else {
            self.push(FeedEvent::Changes(changes), size);
        }
    }

    fn miss(&mut self, more: Option<u64>) {
        if let Some((FeedEvent::Lagged { missed }, _)) = self.waiting.back_mut() {
            *missed = missed.zip(more).map(|(missed, more)| missed.saturating_add(more));
        } else {
            self.push(FeedEvent::Lagged { missed: more }, 0);
        }
    }

    fn lose(&mut self) {
        // That one has come and gone in between is nothing to a reader who has not heard that the one before is gone.
        let last_two = self.waiting.iter().rev().take(2).map(|(event, _)| event);
        match last_two.collect::<Vec<_>>().as_slice() {
            [FeedEvent::Gone, ..] => {}
            [FeedEvent::Lagged { .. }, FeedEvent::Gone] => {
                self.waiting.pop_back();
            }
            _ => self.push(FeedEvent::Gone, 0),
        }
    }
}

fn change_size(change: &Change) -> usize {
    let entry_size = |entry: &Entry| entry.key.as_bytes().len() + entry.value.bytes.len();
    let before = match &change.before {
        Before::Entry(entry) => entry_size(entry),
        Before::Unknown | Before::Absent => 0,
    };
    change.key.as_bytes().len() + before + change.after.as_ref().map_or(0, entry_size)
}

impl<T> Subscription<T> {
    /// Waits for the next.
    ///
    /// # Errors
    /// When the database has closed and all was taken.
    pub fn recv(&self) -> Result<T, RecvError> {
        let mut state = self.channel.lock();
        loop {
            match state.pop() {
                Ok(item) => return Ok(item),
                Err(TryRecvError::Disconnected) => return Err(RecvError),
                Err(TryRecvError::Empty) => {
                    state = self
                        .channel
                        .ready
                        .wait(state)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// Waits for the next until a moment.
    ///
    /// # Errors
    /// If none comes by then, or when the database has closed and all was taken.
    pub fn recv_deadline(&self, deadline: Instant) -> Result<T, RecvTimeoutError> {
        let mut state = self.channel.lock();
        loop {
            match state.pop() {
                Ok(item) => return Ok(item),
                Err(TryRecvError::Disconnected) => return Err(RecvTimeoutError::Disconnected),
                Err(TryRecvError::Empty) => {}
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(RecvTimeoutError::Timeout);
            }
            let waited = self.channel.ready.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits for the next so long at most.
    ///
    /// # Errors
    /// As [`Self::recv_deadline`].
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        match Instant::now().checked_add(timeout) {
            Some(deadline) => self.recv_deadline(deadline),
            None => self.recv().map_err(|RecvError| RecvTimeoutError::Disconnected),
        }
    }

    /// The next, if it is there.
    ///
    /// # Errors
    /// If it is not, or when the database has closed and all was taken.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.channel.lock().pop()
    }

    /// The next for a task, which is woken when it is there: `std::future::poll_fn(|cx| feed.poll_recv(cx)).await`.
    /// `None` when the database has closed and all was taken.
    pub fn poll_recv(&self, context: &mut Context<'_>) -> Poll<Option<T>> {
        let mut state = self.channel.lock();
        match state.pop() {
            Ok(item) => Poll::Ready(Some(item)),
            Err(TryRecvError::Disconnected) => Poll::Ready(None),
            Err(TryRecvError::Empty) => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    /// Has something woken, once, when there is something to take, or nothing more will come; now if so already. It
    /// takes the place of whatever was to be woken before. It is called on a thread of the engine and has to be quick.
    pub fn wake(&self, waker: &Waker) {
        let mut state = self.channel.lock();
        if state.is_ready() {
            drop(state);
            waker.wake_by_ref();
        } else {
            state.waker = Some(waker.clone());
        }
    }

    /// How many wait to be taken.
    #[must_use]
    pub fn len(&self) -> usize {
        self.channel.lock().waiting.len()
    }

    /// Whether nothing is there to be taken now.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.channel.lock().waiting.is_empty()
    }

    /// Each as it comes, until the database closes.
    pub fn iter(&self) -> impl Iterator<Item = T> {
        std::iter::from_fn(|| self.recv().ok())
    }

    /// What is there now.
    pub fn try_iter(&self) -> impl Iterator<Item = T> {
        std::iter::from_fn(|| self.try_recv().ok())
    }
}

impl<T> std::fmt::Debug for Subscription<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription")
            .field("waiting", &self.len())
            .finish_non_exhaustive()
    }
}

impl<T> Drop for Subscription<T> {
    fn drop(&mut self) {
        let mut state = self.channel.lock();
        state.is_dropped = true;
        state.bytes = 0;
        let (waiting, waker) = (std::mem::take(&mut state.waiting), state.waker.take());
        drop(state);
        drop((waiting, waker));
        if let Some(dropped) = self.dropped.take() {
            dropped();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;
    use crate::key::EncodedKey;
    use crate::value::{Encoding, StoredValue};
    use crate::versionstamp::Versionstamp;

    fn changes(bytes: usize) -> FeedEvent {
        let key = EncodedKey::from_bytes(vec![0x27]);
        let versionstamp = Versionstamp::from_counter(1);
        let entry = Entry {
            key: key.clone(),
            value: StoredValue {
                encoding: Encoding::Bytes,
                bytes: vec![0; bytes].into(),
            },
            versionstamp,
            expires_at: None,
        };
        FeedEvent::Changes(vec![Change {
            key,
            versionstamp,
            before: Before::Absent,
            after: Some(entry),
        }])
    }

    fn send(feed: &FeedSender, event: FeedEvent) {
        feed.send(event, &mut Wakes::default());
    }

    #[test]
    fn a_feed_holds_so_many_events_and_then_counts_what_is_missed() {
        let (feed, reader) = feed(|| ());
        for _ in 0..EVENTS + 3 {
            send(&feed, changes(1));
        }
        send(&feed, FeedEvent::Lagged { missed: Some(5) });
        // What comes before that was read is covered by it; that the database is gone is not.
        send(&feed, FeedEvent::Gone);
        assert_eq!(
            reader.try_iter().filter(|event| *event == changes(1)).count(),
            EVENTS
        );
        send(&feed, changes(2));
        assert_eq!(reader.try_recv(), Ok(changes(2)));
        for _ in 0..=EVENTS {
            send(&feed, changes(1));
        }
        send(&feed, FeedEvent::Lagged { missed: Some(5) });
        send(&feed, FeedEvent::Gone);
        let rest: Vec<_> = reader.try_iter().skip(EVENTS).collect();
        assert_eq!(rest, [FeedEvent::Lagged { missed: Some(6) }, FeedEvent::Gone]);
    }

    #[test]
    fn what_is_missed_and_cannot_be_counted_has_no_number() {
        let (feed, reader) = feed(|| ());
        send(&feed, FeedEvent::Lagged { missed: Some(1) });
        send(&feed, changes(1));
        send(&feed, FeedEvent::Lagged { missed: None });
        send(&feed, changes(1));
        assert_eq!(reader.recv(), Ok(FeedEvent::Lagged { missed: None }));
        send(&feed, changes(2));
        send(&feed, FeedEvent::Changes(Vec::new()));
        assert!(reader.try_iter().eq([changes(2)]));
    }

    #[test]
    fn however_often_a_database_goes_and_comes_back_an_unread_feed_stays_small() {
        let (feed, reader) = feed(|| ());
        for _ in 0..10 {
            send(&feed, FeedEvent::Gone);
            send(&feed, FeedEvent::Lagged { missed: None });
        }
        assert!(
            reader
                .try_iter()
                .eq([FeedEvent::Gone, FeedEvent::Lagged { missed: None }])
        );
    }

    #[test]
    fn a_feed_holds_so_many_bytes_and_one_event_of_any_size() {
        let (feed, reader) = feed(|| ());
        let missed = |number| FeedEvent::Lagged { missed: Some(number) };
        send(&feed, changes(BYTES));
        send(&feed, changes(1));
        drop(reader.try_recv());
        assert!(reader.try_iter().eq([missed(1)]));
        for _ in 0..2 {
            send(&feed, changes(BYTES / 2 - 3));
        }
        // What was taken makes room.
        drop(reader.try_recv());
        send(&feed, changes(1));
        send(&feed, changes(BYTES));
        send(&feed, changes(1));
        assert!(reader.try_iter().skip(1).eq([changes(1), missed(2)]));
    }

    #[test]
    fn of_states_the_newest_is_told() {
        let (sender, reader) = states(|| ());
        for state in 0..3 {
            sender.send(state, &mut Wakes::default());
        }
        assert_eq!(reader.try_recv(), Ok(2));
        assert_eq!(reader.try_recv(), Err(TryRecvError::Empty));
        sender.send(3, &mut Wakes::default());
        drop(sender);
        assert_eq!(reader.recv(), Ok(3));
        assert_eq!(reader.recv(), Err(RecvError));
        assert_eq!(
            reader.recv_timeout(Duration::MAX),
            Err(RecvTimeoutError::Disconnected)
        );
    }

    #[test]
    fn who_drops_a_subscription_is_forgotten_at_once() {
        let told = Arc::new(AtomicUsize::new(0));
        let dropped = Arc::clone(&told);
        let (sender, reader) = states(move || {
            dropped.fetch_add(1, Ordering::SeqCst);
        });
        sender.send(1, &mut Wakes::default());
        assert!(sender.has_reader());
        drop(reader);
        assert_eq!(told.load(Ordering::SeqCst), 1);
        assert!(!sender.has_reader());
        sender.send(2, &mut Wakes::default());
        assert!(sender.0.0.lock().waiting.is_empty());
    }

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn a_task_is_woken_once_for_what_it_waits_for_and_only_when_the_engine_is_done() {
        let count = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&count));
        let mut context = Context::from_waker(&waker);
        let (sender, reader) = states(|| ());
        assert_eq!(reader.poll_recv(&mut context), Poll::Pending);
        let mut wakes = Wakes::default();
        sender.send(1, &mut wakes);
        sender.send(2, &mut wakes);
        assert_eq!(count.0.load(Ordering::SeqCst), 0);
        drop(wakes);
        assert_eq!(count.0.load(Ordering::SeqCst), 1);
        reader.wake(&waker);
        assert_eq!(count.0.load(Ordering::SeqCst), 2);
        assert_eq!(reader.poll_recv(&mut context), Poll::Ready(Some(2)));
        reader.wake(&waker);
        drop(sender);
        assert_eq!(count.0.load(Ordering::SeqCst), 3);
        assert_eq!(reader.poll_recv(&mut context), Poll::Ready(None));
    }

    #[test]
    fn a_thread_that_waits_hears_of_what_comes_and_of_the_end() {
        let (sender, reader) = states(|| ());
        #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
        let thread = std::thread::spawn(move || reader.iter().collect::<Vec<_>>());
        sender.send(1, &mut Wakes::default());
        drop(sender);
        // The first may have been taken or not before the end came; nothing is lost either way.
        assert_eq!(thread.join().unwrap(), [1]);
    }
}
