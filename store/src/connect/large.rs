//! Large answers: few at the same time, fewer of one connection, and none that stays for long unread.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::body::{AnswerBody, STALL};

/// Answers of more than a hundred entries at the same time, because an entry may have 64 KiB.
const PLACES: usize = 16;
/// Of those, the ones of one connection: whoever reads none of them leaves others their places.
const PLACES_OF_CONNECTION: usize = 4;
/// Whoever waits for a place takes it, after so long, from answers of which nobody has taken a piece for as long.
const HURRY: Duration = Duration::from_secs(3);
/// Answers of fewer bytes are handed out at once, and take no place.
const SMALL: usize = 16 << 10;
/// Others are handed out in pieces of so many bytes.
const PIECE: usize = 256 << 10;

/// A place for a large answer: one of the server's and one of the connection's.
pub(super) struct Place(
    #[expect(dead_code, reason = "given back when it is dropped")] [OwnedSemaphorePermit; 2],
);

/// Places of one connection.
pub(super) struct ConnectionPlaces(Arc<Semaphore>);

impl Default for ConnectionPlaces {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(PLACES_OF_CONNECTION)))
    }
}

/// The large answers of a server.
pub(super) struct LargeAnswers {
    places: Arc<Semaphore>,
    /// Those that are being sent, and some that were.
    begun: Mutex<Vec<Weak<LargeAnswer>>>,
}

impl Default for LargeAnswers {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(PLACES)),
            begun: Mutex::default(),
        }
    }
}

impl LargeAnswers {
    /// Waits for a place. `None` only if there are none any more.
    pub(super) async fn place(&self, of_connection: &ConnectionPlaces) -> Option<Place> {
        let of_connection = Arc::clone(&of_connection.0).acquire_owned().await.ok()?;
        let mut of_server = pin!(Arc::clone(&self.places).acquire_owned());
        loop {
            match timeout(HURRY, of_server.as_mut()).await {
                Ok(of_server) => return Some(Place([of_server.ok()?, of_connection])),
                Err(_elapsed) => self.cut_unread(Instant::now(), HURRY),
            }
        }
    }

    /// An answer, which has a place if it may be large. It gives it back at its end, or at once if it is small after all.
    pub(super) fn body(&self, bytes: Bytes, place: Option<Place>) -> AnswerBody {
        if bytes.len() <= SMALL {
            return AnswerBody::whole(bytes);
        }
        let answer = Arc::new(LargeAnswer(Mutex::new(Unread {
            bytes,
            place,
            taken_at: Instant::now(),
            is_cut: false,
        })));
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if begun.len() == begun.capacity() {
            begun.retain(|answer| answer.strong_count() > 0);
        }
        begun.push(Arc::downgrade(&answer));
        AnswerBody::large(answer)
    }

    /// Cuts off what nobody reads any more.
    pub(super) fn cut_stalled(&self) {
        self.cut_unread(Instant::now(), STALL);
    }

    fn cut_unread(&self, now: Instant, patience: Duration) {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        begun.retain(|answer| {
            answer
                .upgrade()
                .is_some_and(|answer| !answer.cut_if_unread(now, patience))
        });
    }
}

/// An answer that is taken piece by piece.
pub(super) struct LargeAnswer(Mutex<Unread>);

struct Unread {
    bytes: Bytes,
    place: Option<Place>,
    /// When the last piece was taken.
    taken_at: Instant,
    /// Whether the rest was let go of.
    is_cut: bool,
}

/// An answer ends before its end, because the client had stopped reading.
#[derive(Debug, thiserror::Error)]
#[error("The client has stopped reading")]
pub(crate) struct Cut;

impl LargeAnswer {
    fn lock(&self) -> MutexGuard<'_, Unread> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next piece; `None` after the last one.
    pub(super) fn take(&self) -> Option<Result<Bytes, Cut>> {
        let mut unread = self.lock();
        if unread.is_cut {
            return Some(Err(Cut));
        }
        unread.taken_at = Instant::now();
        let length = unread.bytes.len().min(PIECE);
        let piece = unread.bytes.split_to(length);
        (!piece.is_empty()).then_some(Ok(piece))
    }

    /// Bytes that were not taken.
    pub(super) fn left(&self) -> usize {
        self.lock().bytes.len()
    }

    /// Whether all was taken.
    pub(super) fn is_taken(&self) -> bool {
        let unread = self.lock();
        unread.bytes.is_empty() && !unread.is_cut
    }

    /// Lets go of the rest if no piece was taken for so long; whether it did.
    fn cut_if_unread(&self, now: Instant, patience: Duration) -> bool {
        let mut unread = self.lock();
        if now.saturating_duration_since(unread.taken_at) < patience {
            return false;
        }
        unread.is_cut = true;
        unread.bytes = Bytes::new();
        unread.place = None;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use hyper::body::Body as _;

    use super::*;

    fn place(answers: &LargeAnswers, connection: &ConnectionPlaces) -> Option<Place> {
        let mut waiting = pin!(answers.place(connection));
        match waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(place) => place,
            Poll::Pending => None,
        }
    }

    fn next(body: &mut AnswerBody) -> Option<Result<usize, Cut>> {
        match Pin::new(body).poll_frame(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(frame) => frame.map(|frame| Ok(frame?.into_data().unwrap().len())),
            Poll::Pending => panic!("large answers are there"),
        }
    }

    /// In a runtime, whose timer a place that is waited for needs.
    fn run(test: impl FnOnce()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(async { test() });
    }

    #[test]
    fn one_connection_has_few_of_the_places() {
        run(|| {
            let answers = LargeAnswers::default();
            let connections: Vec<_> = (0..PLACES / PLACES_OF_CONNECTION)
                .map(|_| ConnectionPlaces::default())
                .collect();
            let mut places = Vec::new();
            for connection in &connections {
                for _ in 0..PLACES_OF_CONNECTION {
                    places.push(place(&answers, connection).unwrap());
                }
                assert!(place(&answers, connection).is_none());
            }
            let other = ConnectionPlaces::default();
            assert!(place(&answers, &other).is_none());
            places.pop();
            assert!(place(&answers, &other).is_some());
        });
    }

    #[test]
    fn a_small_answer_gives_its_place_back_at_once_and_a_large_one_at_its_end() {
        run(|| {
            let (answers, connection) = (LargeAnswers::default(), ConnectionPlaces::default());
            let free = || answers.places.available_permits();
            let _small = answers.body(vec![0; SMALL].into(), place(&answers, &connection));
            assert_eq!(free(), PLACES);
            let mut large = answers.body(vec![0; PIECE + 1].into(), place(&answers, &connection));
            assert_eq!(large.size_hint().exact(), Some(PIECE as u64 + 1));
            assert!(matches!(next(&mut large), Some(Ok(PIECE))));
            assert!(!large.is_end_stream());
            assert!(matches!(next(&mut large), Some(Ok(1))));
            assert!(large.is_end_stream());
            assert!(next(&mut large).is_none());
            assert_eq!(free(), PLACES - 1);
            drop(large);
            assert_eq!(free(), PLACES);
        });
    }

    #[test]
    fn an_answer_that_nobody_reads_loses_its_place_and_ends_as_cut_off() {
        run(|| {
            let (answers, connection) = (LargeAnswers::default(), ConnectionPlaces::default());
            let mut unread = answers.body(vec![0; 2 * PIECE].into(), place(&answers, &connection));
            assert!(matches!(next(&mut unread), Some(Ok(PIECE))));
            let now = Instant::now();
            answers.cut_unread(now, HURRY);
            assert_eq!(answers.places.available_permits(), PLACES - 1);
            answers.cut_unread(now + HURRY, HURRY);
            assert_eq!(answers.places.available_permits(), PLACES);
            assert!(!unread.is_end_stream());
            assert!(matches!(next(&mut unread), Some(Err(Cut))));
            assert!(answers.begun.lock().unwrap().is_empty());
        });
    }
}
