//! What a database tells of itself, on its way from the engine to whoever subscribed.
//!
//! A [`Subscription`] is read like a channel: by a thread that waits, by one that looks now and then, or by a task that
//! asks to be woken ([`Subscription::poll_recv`]), so that a thousand watchers need no thread each. Dropping it ends
//! it at once: the engine forgets it and does nothing for it any more.
//!
//! The engine's ends ([`feed`], [`states`], [`log()`]) are here, too, for engines and for those who stand before one.

use std::collections::VecDeque;
use std::sync::mpsc::{RecvError, RecvTimeoutError, TryRecvError};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::change::FeedEvent;

mod log;
mod senders;

pub use log::{LogSender, log};
pub use senders::{FeedSender, StateSender, feed, states};

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
    /// Threads that wait.
    num_waiting: usize,
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

fn channel<T>(dropped: impl FnOnce() + Send + Sync + 'static) -> (Sender<T>, Subscription<T>) {
    let channel = Arc::new(Channel {
        state: Mutex::new(State {
            waiting: VecDeque::new(),
            bytes: 0,
            waker: None,
            num_waiting: 0,
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
            let is_waited_for = state.num_waiting > 0;
            drop(state);
            // Asking the system to wake nobody costs more than all the rest.
            if is_waited_for {
                self.0.ready.notify_all();
            }
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
                    state.num_waiting += 1;
                    let waited = self.channel.ready.wait(state);
                    state = waited.unwrap_or_else(PoisonError::into_inner);
                    state.num_waiting -= 1;
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
            state.num_waiting += 1;
            let waited = self.channel.ready.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            state.num_waiting -= 1;
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

    /// All that is there now, taken at once, so that who tells much is held up once.
    pub fn take_all(&self) -> impl Iterator<Item = T> + use<T> {
        let mut state = self.channel.lock();
        state.bytes = 0;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        waiting.into_iter().map(|(item, _bytes)| item)
    }

    /// What is there now, one by one.
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
    fn what_waits_is_taken_at_once_and_makes_room_for_more() {
        let (sender, reader) = log(3, 100, || {});
        for item in 0..3 {
            sender.send(item, 30, &mut Wakes::default());
        }
        let taken = reader.take_all();
        sender.send(3, 90, &mut Wakes::default());
        assert_eq!(taken.collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!(reader.take_all().collect::<Vec<_>>(), [3]);
        assert_eq!(reader.take_all().count(), 0);
        drop(sender);
        assert_eq!(reader.recv(), Err(RecvError));
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
