//! What the owner tells of itself, through a restart of it, too.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::StatusCode;
use prost::Message;
use tokio::select;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::asking::Asking;
use super::connection::{Connection, Fault, Stream};
use super::link::Shared;
use crate::connect::extension::wire::{Malformed, method};
use crate::database::FeedEvent;
use crate::requests::{self, LoggedRequest, Requests};
use crate::subscription::{self, FeedSender, LogSender, StateSender, Wakes};

/// Before a stream is asked for again that ended while the owner is there.
const PAUSE: Duration = Duration::from_millis(100);

/// What is told to whoever subscribed.
pub(super) trait Listener: Send + Sync + 'static {
    /// What comes.
    type Message: Message + Default;

    /// Something came.
    fn tell(&self, message: Self::Message) -> Result<(), Malformed>;

    /// The owner has gone.
    fn lose(&self);

    /// What comes from now on comes from a new stream.
    fn begin_anew(&self);
}

/// A feed; that some of it was missed while the owner was away is part of it.
pub(super) struct FeedListener(pub(super) FeedSender);

impl Listener for FeedListener {
    type Message = crate::connect::extension::wire::Event;

    fn tell(&self, event: Self::Message) -> Result<(), Malformed> {
        self.0.send(event.try_into()?, &mut Wakes::default());
        Ok(())
    }

    fn lose(&self) {
        self.0.send(FeedEvent::Gone, &mut Wakes::default());
    }

    fn begin_anew(&self) {
        self.0
            .send(FeedEvent::Lagged { missed: None }, &mut Wakes::default());
    }
}

/// States, of which the newest counts: each stream begins with one.
pub(super) struct StateListener<M, T, F> {
    pub(super) sender: StateSender<T>,
    pub(super) read: F,
    pub(super) of: std::marker::PhantomData<fn() -> M>,
}

impl<M, T, F> Listener for StateListener<M, T, F>
where
    M: Message + Default + 'static,
    T: Send + 'static,
    F: Fn(M) -> Result<T, Malformed> + Send + Sync + 'static,
{
    type Message = M;

    fn tell(&self, message: M) -> Result<(), Malformed> {
        self.sender.send((self.read)(message)?, &mut Wakes::default());
        Ok(())
    }

    fn lose(&self) {}

    fn begin_anew(&self) {}
}

/// What programs ask of the owner. What was missed while the owner was away shows in the numbers.
struct RequestListener(LogSender<Arc<LoggedRequest>>);

impl Listener for RequestListener {
    type Message = crate::connect::extension::wire::Request;

    fn tell(&self, request: Self::Message) -> Result<(), Malformed> {
        let request: LoggedRequest = request.try_into()?;
        let bytes = request.size();
        self.0.send(Arc::new(request), bytes, &mut Wakes::default());
        Ok(())
    }

    fn lose(&self) {}

    fn begin_anew(&self) {}
}

impl Asking {
    /// Hears what programs ask of the owner, as soon as it is there.
    pub(super) fn requests(&self) -> Requests {
        let (open, dropped) = oneshot::channel();
        let (sender, told) = subscription::log(requests::ENTRIES, requests::BYTES, move || {
            drop::<oneshot::Sender<()>>(open);
        });
        let shared = Arc::clone(&self.shared);
        self.runtime.spawn(async move {
            let following = Following {
                stream: None,
                connection: shared.another(None).await?,
                method: method::REQUESTS,
                request: Bytes::new(),
            };
            follow(shared, following, RequestListener(sender), dropped).await;
            Some(())
        });
        told
    }
}

/// A stream that was asked for, from which connection, and what it was asked by.
pub(super) struct Following<M> {
    /// None before it was asked for the first time.
    pub(super) stream: Option<Stream<M>>,
    pub(super) connection: Arc<Connection>,
    pub(super) method: &'static str,
    pub(super) request: Bytes,
}

/// Passes on what comes until nobody listens, which drops the other end of `dropped`.
pub(super) async fn follow<L: Listener>(
    shared: Arc<Shared>,
    mut following: Following<L::Message>,
    listener: L,
    mut dropped: oneshot::Receiver<()>,
) where
    L::Message: 'static,
{
    loop {
        if let Some(stream) = &mut following.stream {
            select! {
                _ = &mut dropped => return,
                () = pass_on(stream, &listener) => {}
            }
        }
        let is_first = following.stream.is_none();
        let asked = select! {
            _ = &mut dropped => return,
            asked = ask_again(&shared, &mut following, &listener) => asked,
        };
        match asked {
            Some(stream) => following.stream = Some(stream),
            None => return,
        }
        if !is_first {
            listener.begin_anew();
        }
    }
}

async fn pass_on<L: Listener>(stream: &mut Stream<L::Message>, listener: &L) {
    while let Ok(Some(message)) = stream.next().await {
        if listener.tell(message).is_err() {
            return;
        }
    }
}

/// Asks for the stream again: at once where only the stream has ended, else when the owner is back. None once it is not
/// to be had.
async fn ask_again<L: Listener>(
    shared: &Arc<Shared>,
    following: &mut Following<L::Message>,
    listener: &L,
) -> Option<Stream<L::Message>> {
    let mut is_lost = false;
    loop {
        let asked = following
            .connection
            .stream(following.method, following.request.clone())
            .await;
        match asked {
            Ok(stream) => return Some(stream),
            Err(Fault::NotSent(_) | Fault::Lost(_) | Fault::Refused(StatusCode::SERVICE_UNAVAILABLE, _)) => {
                // Whoever hears of it finds that nothing can be written.
                shared.lose(&following.connection);
                if !is_lost {
                    listener.lose();
                    is_lost = true;
                }
                following.connection = shared.another(Some(&following.connection)).await?;
            }
            // The owner is of an earlier version, which knows of no such stream.
            Err(Fault::Refused(StatusCode::NOT_FOUND, _)) => return None,
            // The owner is there, but has no room for instance.
            Err(Fault::Refused(..) | Fault::Failure(_) | Fault::Malformed(_)) => sleep(PAUSE).await,
        }
    }
}
