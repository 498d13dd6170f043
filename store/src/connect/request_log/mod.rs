//! What the clients of a server do, told to whoever looks, while somebody does.
//!
//! Nothing is kept here: each reader has a queue of its own, bounded in entries and bytes, from which the oldest requests
//! go where it does not keep up. As long as nobody reads, a request costs one relaxed load.

mod decoded;
mod recording;
mod request;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use decoded::DecodedRequest;
pub(super) use recording::Recording;
pub use request::{
    Access, FailedExpectation, LoggedBody, LoggedClient, LoggedOperation, LoggedOutcome, LoggedPlace,
    LoggedRequest, Place,
};

use crate::subscription::{self, LogSender, Subscription, Wakes};

/// Requests that wait for a reader.
const ENTRIES: usize = 10_000;
/// Bytes of requests and answers that wait for a reader.
const BYTES: usize = 32 << 20;

/// The requests of a server as they are answered, in the order of their numbers; see [`LoggedRequest::number`].
pub type Requests = Subscription<Arc<LoggedRequest>>;

/// Who reads the requests of a server.
#[derive(Default)]
pub(super) struct RequestLog {
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
    pub(super) fn is_read(&self) -> bool {
        self.num_readers.load(Ordering::Relaxed) > 0
    }

    /// Tells every request from now on.
    pub(super) fn subscribe(self: &Arc<Self>) -> Requests {
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

    /// Tells a request.
    fn tell(&self, mut request: LoggedRequest) {
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
        assert!(third.recv().is_err(), "the server has ended");
    }
}
