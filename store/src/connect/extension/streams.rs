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
use super::super::refusal::Refusal;
use super::super::service::{self, Shared};
use super::wire::{
    Count, CountFrame, Description, Event, Held, NumMessages, PING, States, Subscribe, WatchKeys, frame,
};
use super::{Answered, Unanswered, blocking, decode};
use crate::database::Database;
use crate::error::DatabaseError;
use crate::subscription::Subscription;

/// Between two pings. The first comes at once.
const PINGS: Duration = Duration::from_secs(5);
/// Ranges of one feed; every commit is held against all of them.
pub(crate) const FEED_RANGES: usize = 1000;
/// Counts that wait for the client; those for which there is no room are left out.
const COUNTS: usize = 4;

pub(super) async fn watch(shared: Arc<Shared>, body: Bytes) -> Answered {
    let keys = decode::<WatchKeys>(body)?.keys()?;
    subscribe(
        shared,
        move |database| database.watch(keys),
        |state| frame(&States::from(state)),
    )
    .await
}

pub(super) async fn changes(shared: Arc<Shared>, body: Bytes) -> Answered {
    let request: Subscribe = decode(body)?;
    if request.ranges.len() > FEED_RANGES {
        return Err(Refusal::Ranges.into());
    }
    let ranges = request.ranges()?;
    subscribe(
        shared,
        move |database| database.changes(ranges),
        |event| frame(&Event::from(event)),
    )
    .await
}

pub(super) async fn watch_queue(shared: Arc<Shared>) -> Answered {
    subscribe(
        shared,
        |database| database.watch_queue(),
        |number| frame(&NumMessages { number }),
    )
    .await
}

/// Answers with what a subscription tells. It stands when the head of the answer is sent.
async fn subscribe<T: Send + 'static>(
    shared: Arc<Shared>,
    subscribe: impl FnOnce(&dyn Database) -> Result<Subscription<T>, DatabaseError> + Send + 'static,
    encode: impl Fn(T) -> Bytes + Send + 'static,
) -> Answered {
    let place = watch_place(&shared)?;
    let ending = shared.ending.clone();
    let subscription = blocking(move || Ok(subscribe(&*shared.database)?)).await?;
    let (frames, pieces) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut sending = Sending::new(frames, ending);
        while let Some(Some(item)) = sending
            .until(poll_fn(|context| subscription.poll_recv(context)))
            .await
        {
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
pub(super) async fn attach(shared: Arc<Shared>) -> Answered {
    let place = watch_place(&shared)?;
    let describe = |shared: &Arc<Shared>| {
        let shared = Arc::clone(shared);
        blocking(move || Ok(Description::of(&*shared.database)))
    };
    let mut told = describe(&shared).await?;
    let (frames, pieces) = mpsc::channel(1);
    tokio::spawn(async move {
        let mut sending = Sending::new(frames, shared.ending.clone());
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
pub(super) async fn snapshot(shared: Arc<Shared>) -> Answered {
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
    tokio::spawn(async move {
        let mut sending = Sending::new(frames, shared.ending.clone());
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
pub(super) async fn count(shared: Arc<Shared>, body: Bytes) -> Answered {
    let range = decode::<Count>(body)?.range()?;
    let place = watch_place(&shared)?;
    let (frames, pieces) = mpsc::channel(COUNTS);
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let mut progress = |counted| {
            let told = frames.try_send(frame(&CountFrame::new(counted, false)));
            let is_wanted = !matches!(told, Err(TrySendError::Closed(_))) && !*shared.ending.borrow();
            match is_wanted {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        };
        let last = match shared.database.count(&range, &mut progress) {
            Ok(counted) => CountFrame::new(counted, true),
            Err(error) => CountFrame::failed(error.into()),
        };
        let _in_time = runtime.block_on(timeout(STALL, frames.send(frame(&last))));
        drop(place);
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

/// A stream on its way to a client.
struct Sending {
    frames: mpsc::Sender<Bytes>,
    ending: signal::Receiver<bool>,
    pings: tokio::time::Interval,
}

impl Sending {
    fn new(frames: mpsc::Sender<Bytes>, ending: signal::Receiver<bool>) -> Self {
        Self {
            frames,
            ending,
            pings: interval_at(Instant::now() + PINGS, PINGS),
        }
    }

    /// Sends a frame, unless the client has gone or reads nothing for long.
    async fn send(&self, frame: Bytes) -> bool {
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
