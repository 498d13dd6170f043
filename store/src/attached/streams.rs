//! What the owner tells of itself, through a restart of it, too.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::StatusCode;
use prost::Message;
use tokio::select;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::connection::{Connection, Fault, Stream};
use super::link::Shared;
use crate::connect::extension::wire::Malformed;
use crate::database::FeedEvent;
use crate::subscription::{FeedSender, StateSender, Wakes};

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

/// A stream that was asked for, from which connection, and what it was asked by.
pub(super) struct Following<M> {
    pub(super) stream: Stream<M>,
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
        select! {
            _ = &mut dropped => return,
            () = pass_on(&mut following.stream, &listener) => {}
        }
        select! {
            _ = &mut dropped => return,
            () = ask_again(&shared, &mut following, &listener) => listener.begin_anew(),
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

/// Asks for the stream again: at once where only the stream has ended, else when the owner is back.
async fn ask_again<L: Listener>(shared: &Arc<Shared>, following: &mut Following<L::Message>, listener: &L) {
    let mut is_lost = false;
    loop {
        let asked = following
            .connection
            .stream(following.method, following.request.clone())
            .await;
        match asked {
            Ok(stream) => {
                following.stream = stream;
                return;
            }
            Err(Fault::NotSent(_) | Fault::Lost(_) | Fault::Refused(StatusCode::SERVICE_UNAVAILABLE, _)) => {
                // Whoever hears of it finds that nothing can be written.
                shared.lose(&following.connection);
                if !is_lost {
                    listener.lose();
                    is_lost = true;
                }
                let Some(another) = shared.another(Some(&following.connection)).await else {
                    return;
                };
                following.connection = another;
            }
            // The owner is there, but has no room for instance.
            Err(Fault::Refused(..) | Fault::Failure(_) | Fault::Malformed(_)) => sleep(PAUSE).await,
        }
    }
}
