//! Requests that are answered with a stream of frames, and with pings in between.

use std::future::poll_fn;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::Response;
use tokio::select;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, watch as signal};
use tokio::time::{Instant, interval_at, timeout};

use super::super::body::{AnswerBody, STALL};
use super::super::recording::Recording;
use super::super::refusal::Refusal;
use super::super::service::{self, Shared};
use super::wire::{
    Count, CountFrame, Description, Event, Held, NumMessages, PING, Request, States, Subscribe, WatchKeys,
    frame,
};
use super::{Answered, Unanswered, blocking, decode};
use crate::database::Database;
use crate::error::DatabaseError;
use crate::requests::Access;
use crate::subscription::Subscription;

/// Between two pings. The first comes at once.
const PINGS: Duration = Duration::from_secs(5);
/// Ranges of one feed; every commit is held against all of them.
pub(crate) const FEED_RANGES: usize = 1000;
/// Counts that wait for the client; those for which there is no room are left out.
const COUNTS: usize = 4;

pub(super) async fn watch(shared: Arc<Shared>, body: Bytes, recording: &mut Option<Recording>) -> Answered {
    let keys = decode::<WatchKeys>(body)?.keys()?;
    if let Some(recording) = recording {
        recording.watches(&keys);
    }
    subscribe(
        shared,
        recording,
        move |database| database.watch(keys),
        |state| frame(&States::from(state)),
    )
    .await
}

pub(super) async fn changes(shared: Arc<Shared>, body: Bytes, recording: &mut Option<Recording>) -> Answered {
    let request: Subscribe = decode(body)?;
    if request.ranges.len() > FEED_RANGES {
        return Err(Refusal::Ranges.into());
    }
    let ranges = request.ranges()?;
    if let Some(recording) = recording {
        for range in &ranges {
            recording.range(Access::Watch, range);
        }
    }
    subscribe(
        shared,
        recording,
        move |database| database.changes(ranges),
        |event| frame(&Event::from(event)),
    )
    .await
}

pub(super) async fn watch_queue(shared: Arc<Shared>, recording: &mut Option<Recording>) -> Answered {
    subscribe(
        shared,
        recording,
        |database| database.watch_queue(),
        |number| frame(&NumMessages { number }),
    )
    .await
}

/// What programs ask, whichever way they come, but for this.
pub(super) async fn requests(shared: Arc<Shared>) -> Answered {
    let log = Arc::clone(&shared.log);
    subscribe(
        shared,
        &mut None,
        move |_database| Ok(log.subscribe()),
        |request| frame(&Request::from(&*request)),
    )
    .await
}

/// Answers with what a subscription tells. It stands when the head of the answer is sent.
async fn subscribe<T: Send + 'static>(
    shared: Arc<Shared>,
    recording: &mut Option<Recording>,
    subscribe: impl FnOnce(&dyn Database) -> Result<Subscription<T>, DatabaseError> + Send + 'static,
    encode: impl Fn(T) -> Bytes + Send + 'static,
) -> Answered {
    let place = watch_place(&shared)?;
    let ending = shared.ending.clone();
    let subscription = blocking(move || Ok(subscribe(&*shared.database)?)).await?;
    let (frames, pieces) = mpsc::channel(1);
    let mut sending = Sending::new(frames, ending, Told::begin(recording));
    tokio::spawn(async move {
        while let Some(Some(item)) = sending
            .until(poll_fn(|context| subscription.poll_recv(context)))
            .await
        {
            if !sending.send(encode(item)).await {
                break;
            }
        }
        // Where the server ends, what was told by then is still passed on.
        for item in subscription.try_iter().take(subscription.len()) {
            if !sending.send(encode(item)).await {
                break;
            }
        }
        // The engine forgets it under a lock that a commit may hold for as long as the disk takes.
        tokio::task::spawn_blocking(move || drop((subscription, place)));
    });
    Ok(stream(pieces))
}

/// What the database can do, at once and whenever that has changed, for as long as somebody is attached.
pub(super) async fn attach(shared: Arc<Shared>, recording: &mut Option<Recording>) -> Answered {
    let place = watch_place(&shared)?;
    let describe = |shared: &Arc<Shared>| {
        let shared = Arc::clone(shared);
        blocking(move || Ok(Description::of(&*shared.database)))
    };
    let mut told = describe(&shared).await?;
    let (frames, pieces) = mpsc::channel(1);
    let mut sending = Sending::new(frames, shared.ending.clone(), Told::begin(recording));
    tokio::spawn(async move {
        let mut is_open = sending.send(frame(&told)).await;
        while is_open && sending.wait().await {
            is_open = match describe(&shared).await {
                Ok(now) if !now.is_same_as(&told) => {
                    told = now;
                    sending.send(frame(&told)).await
                }
                Ok(_) => sending.send(PING).await,
                Err(_ending) => false,
            };
        }
        drop(place);
    });
    Ok(stream(pieces))
}

/// Holds a view until the client ends the stream.
pub(super) async fn snapshot(shared: Arc<Shared>, recording: &mut Option<Recording>) -> Answered {
    let place = shared.held.place()?;
    let taking = Arc::clone(&shared);
    let held = blocking(move || {
        let view = taking.database.snapshot()?;
        let versionstamp = view.versionstamp();
        Ok(Held::new(taking.held.hold(view), versionstamp))
    })
    .await?;
    let name = held.snapshot;
    let (frames, pieces) = mpsc::channel(1);
    let mut sending = Sending::new(frames, shared.ending.clone(), Told::begin(recording));
    tokio::spawn(async move {
        let mut is_open = sending.send(frame(&held)).await;
        while is_open && sending.wait().await {
            is_open = sending.send(PING).await;
        }
        tokio::task::spawn_blocking(move || {
            shared.held.let_go(name);
            drop(place);
        });
    });
    Ok(stream(pieces))
}

/// Counts on a thread that may block, until all is counted or nobody listens.
pub(super) async fn count(shared: Arc<Shared>, body: Bytes, recording: &mut Option<Recording>) -> Answered {
    let range = decode::<Count>(body)?.range()?;
    if let Some(recording) = recording {
        recording.range(Access::Read, &range);
    }
    let place = watch_place(&shared)?;
    let (frames, pieces) = mpsc::channel(COUNTS);
    let runtime = tokio::runtime::Handle::current();
    let mut told = Told::begin(recording);
    tokio::task::spawn_blocking(move || {
        let mut progress = |counted| {
            let frame = frame(&CountFrame::new(counted, false));
            let sent = frames.try_send(frame.clone());
            if sent.is_ok() {
                told.note(&frame);
            }
            let is_wanted = !matches!(sent, Err(TrySendError::Closed(_))) && !*shared.ending.borrow();
            match is_wanted {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        };
        let last = match shared.database.count(&range, &mut progress) {
            Ok(counted) => CountFrame::new(counted, true),
            Err(error) => CountFrame::failed(error.into()),
        };
        let last = frame(&last);
        told.note(&last);
        let _in_time = runtime.block_on(timeout(STALL, frames.send(last)));
        drop((place, told));
    });
    Ok(stream(pieces))
}

fn watch_place(shared: &Shared) -> Result<tokio::sync::OwnedSemaphorePermit, Unanswered> {
    let place = Arc::clone(&shared.watches).try_acquire_owned();
    place.map_err(|_none_left| Refusal::Watches.into())
}

fn stream(pieces: mpsc::Receiver<Bytes>) -> Response<AnswerBody> {
    service::ok("application/octet-stream", AnswerBody::pieces(pieces))
}

/// What of a stream is recorded: that it has begun, and that it has ended with so much sent.
struct Told {
    recording: Option<Recording>,
    messages: u64,
    /// Of all frames, with pings.
    bytes: u64,
}

impl Told {
    fn begin(recording: &mut Option<Recording>) -> Self {
        // From here on it is told at its end.
        let mut recording = recording.take();
        if let Some(recording) = &mut recording {
            recording.stream_begins();
        }
        Self {
            recording,
            messages: 0,
            bytes: 0,
        }
    }

    /// A frame is sent.
    fn note(&mut self, frame: &Bytes) {
        self.messages += u64::from(*frame != PING);
        self.bytes += frame.len() as u64;
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        if let Some(recording) = self.recording.take() {
            recording.stream_ended(self.messages, self.bytes);
        }
    }
}

/// A stream on its way to a client.
struct Sending {
    frames: mpsc::Sender<Bytes>,
    ending: signal::Receiver<bool>,
    pings: tokio::time::Interval,
    told: Told,
}

impl Sending {
    fn new(frames: mpsc::Sender<Bytes>, ending: signal::Receiver<bool>, told: Told) -> Self {
        Self {
            frames,
            ending,
            pings: interval_at(Instant::now() + PINGS, PINGS),
            told,
        }
    }

    /// Sends a frame, unless the client has gone or reads nothing for long.
    async fn send(&mut self, frame: Bytes) -> bool {
        self.told.note(&frame);
        matches!(timeout(STALL, self.frames.send(frame)).await, Ok(Ok(())))
    }

    /// Waits for something, with pings meanwhile; `None` when the stream ends.
    async fn until<T>(&mut self, waited: impl Future<Output = T>) -> Option<T> {
        let mut waited = std::pin::pin!(waited);
        loop {
            let item = select! {
                biased;
                _ = self.ending.wait_for(|ending| *ending) => return None,
                () = self.frames.closed() => return None,
                _ = self.pings.tick() => None,
                item = waited.as_mut() => Some(item),
            };
            if item.is_some() {
                return item;
            }
            if !self.send(PING).await {
                return None;
            }
        }
    }

    /// Waits until it is time for a ping; `false` when the stream ends.
    async fn wait(&mut self) -> bool {
        select! {
            _ = self.ending.wait_for(|ending| *ending) => false,
            () = self.frames.closed() => false,
            _ = self.pings.tick() => true,
        }
    }
}
