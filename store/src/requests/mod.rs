//! What programs ask of a database through its servers, told to whoever looks, while somebody does.
//!
//! Nothing is kept here: each reader has a queue of its own, bounded in entries and bytes, from which the oldest requests
//! go where it does not keep up. As long as nobody reads, a request costs one relaxed load.

mod request;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use request::{
    Access, FailedExpectation, LoggedBody, LoggedClient, LoggedOperation, LoggedOutcome, LoggedPlace,
    LoggedRequest, Place,
};

use crate::subscription::{self, LogSender, Subscription, Wakes};

/// Requests that wait for a reader.
pub(crate) const ENTRIES: usize = 10_000;
/// Bytes of requests and answers that wait for a reader.
pub(crate) const BYTES: usize = 32 << 20;

/// Requests as they are answered, in the order of their numbers; see [`LoggedRequest::number`].
pub type Requests = Subscription<Arc<LoggedRequest>>;

/// Who reads the requests of a database. Its servers tell it, all of them the same one.
#[derive(Default)]
pub struct RequestLog {
    /// How many readers there are.
    num_readers: AtomicUsize,
    readers: Mutex<Readers>,
}

#[derive(Default)]
struct Readers {
    senders: Vec<LogSender<Arc<LoggedRequest>>>,
    /// The number of the next request.
    next: u64,
}

impl RequestLog {
    fn readers(&self) -> MutexGuard<'_, Readers> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether anybody reads.
    #[must_use]
    pub fn is_read(&self) -> bool {
        self.num_readers.load(Ordering::Relaxed) > 0
    }

    /// Tells every request from now on.
    #[must_use]
    pub fn subscribe(self: &Arc<Self>) -> Requests {
        let log = Arc::downgrade(self);
        let (sender, requests) = subscription::log(ENTRIES, BYTES, move || {
            if let Some(log) = log.upgrade() {
                let mut readers = log.readers();
                readers.senders.retain(LogSender::has_reader);
                log.num_readers.store(readers.senders.len(), Ordering::Relaxed);
            }
        });
        let mut readers = self.readers();
        readers.senders.push(sender);
        self.num_readers.store(readers.senders.len(), Ordering::Relaxed);
        requests
    }

    /// Tells a request, whose number is given here.
    pub fn tell(&self, mut request: LoggedRequest) {
        let mut wakes = Wakes::default();
        let mut readers = self.readers();
        request.number = readers.next;
        readers.next += 1;
        let bytes = request.size();
        let request = Arc::new(request);
        for sender in &readers.senders {
            sender.send(Arc::clone(&request), bytes, &mut wakes);
        }
    }
}

impl std::fmt::Debug for RequestLog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RequestLog")
            .field("num_readers", &self.num_readers)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_reads_any_more_once_the_last_reader_has_gone() {
        let log = Arc::new(RequestLog::default());
        assert!(!log.is_read());
        let (first, second) = (log.subscribe(), log.subscribe());
        drop(first);
        assert!(log.is_read());
        drop(second);
        assert!(!log.is_read());
        assert!(log.readers().senders.is_empty());
        let third = log.subscribe();
        drop(log);
        assert!(third.recv().is_err(), "the database has closed");
    }
}
