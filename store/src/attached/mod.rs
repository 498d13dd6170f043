//! A database that another process has open, used through its owner.
//!
//! A Keyglass folder belongs to one process. One that was opened [attachable](crate::embedded::OpenOptions::attachable)
//! is reached through that process: [`Attached`] is a [`Database`] like any other, with the owner's limits, clock and
//! rules. Every commit of the owner is told as it happens, and a commit of this side is the owner's.
//!
//! ```no_run
//! use keyglass_store::attached::Attached;
//! use keyglass_store::{Clock, Database};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let shop = Attached::to_folder("shop.kg".as_ref(), Clock::system())?;
//! println!("{:?} has {}", shop.owner(), shop.location());
//! # Ok(())
//! # }
//! ```
//!
//! **The owner goes away.** Reads say so and commits are refused; feeds tell
//! [`FeedEvent::Gone`](crate::FeedEvent::Gone). When the same database is open for others again, with whatever owner, it
//! goes on by itself: feeds tell [`FeedEvent::Lagged`](crate::FeedEvent::Lagged) then. A commit that the owner had and
//! did not answer is [`CommitError::Unknown`], and is never sent again.
//!
//! It runs on one thread of its own.

mod connection;
mod link;
mod pages;
mod snapshot;
mod streams;

use std::marker::PhantomData;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use bytes::Bytes;
use prost::Message;
use tokio::runtime::{Handle, Runtime};
use tokio::sync::oneshot;

use crate::atomic::{AtomicOperation, CommitOutcome};
use crate::clock::Clock;
use crate::connect::Token;
use crate::connect::extension::FEED_RANGES;
use crate::connect::extension::wire::{
    Children, ChildrenAnswer, Count, CountFrame, Malformed, NumMessages, Operation, Outcome, QueueAnswer,
    QueuePage, States, Statistics as StatisticsAnswer, Subscribe, WatchKeys, method,
};
use crate::database::{
    Capabilities, ChildrenPage, Counted, Database, LastingId, QueueMessage, QueuePlace, ReadRange, Snapshot,
    Statistics, WatchedState, Writing,
};
use crate::entry::Entry;
use crate::error::{CommitError, DatabaseError, LockOwner};
use crate::key::{EncodedKey, KeyRange};
use crate::limits::LimitError;
use crate::requests::Requests;
use crate::subscription::{self, Feed, Subscription};
use connection::{Connection, Fault};
use link::{Place, Shared};
use snapshot::HeldSnapshot;
use streams::{FeedListener, Following, Listener, StateListener};

/// How far two clocks of one machine may be apart for the way between them, in milliseconds.
const SAME_CLOCK: i64 = 1000;

/// Attaching failed.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    /// Nobody has the folder open for others.
    #[error("No process lets others attach to this database ({reason}): {}", path.display())]
    NotAttachable {
        /// How it was found out.
        reason: String,
        /// The folder.
        path: PathBuf,
    },
    /// The owner does not answer, or not as one.
    #[error("Attaching failed, because {reason}: {location}")]
    Failed {
        /// What the system or the owner said.
        reason: String,
        /// The folder or address.
        location: String,
    },
}

/// Whether this very process has the folder open for others.
pub(crate) fn is_own(folder: &Path) -> bool {
    link::attach_file(folder).is_ok_and(|file| file.process == std::process::id())
}

/// A database that another process has open. Dropping it lets go of the owner, who notices at once.
pub struct Attached {
    asking: Asking,
    clock: Clock,
    /// Ends the thread when it is dropped.
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A way to ask the owner.
#[derive(Clone)]
struct Asking {
    shared: Arc<Shared>,
    runtime: Handle,
}

impl Attached {
    /// Attaches to the store in a folder, through the process that has it open. Where the owner's clock goes with
    /// `clock`, as two of the system do, it is that one.
    ///
    /// # Errors
    /// If no process has it open for others, or it does not answer.
    pub fn to_folder(folder: &Path, clock: Clock) -> Result<Self, AttachError> {
        link::attach_file(folder).map_err(|reason| AttachError::NotAttachable {
            reason,
            path: folder.to_owned(),
        })?;
        let location = folder.display().to_string();
        Self::start(Place::Folder(folder.to_owned()), location, clock)
    }

    /// Attaches to what a server of this library serves; see [`crate::connect`].
    ///
    /// # Errors
    /// If it does not answer, or is another server.
    pub fn to_server(address: SocketAddr, token: Token, clock: Clock) -> Result<Self, AttachError> {
        let location = format!("http://{address}");
        Self::start(Place::Server(address, token), location, clock)
    }

    fn start(place: Place, location: String, clock: Clock) -> Result<Self, AttachError> {
        let failed = |reason| AttachError::Failed { reason, location };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .thread_name("keyglass attached")
            .build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => return Err(failed(error.to_string())),
        };
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel();
        let (found, finding) = crossbeam_channel::bounded(1);
        #[expect(clippy::disallowed_methods, reason = "it ends with the attachment")]
        let thread = std::thread::Builder::new()
            .name("keyglass attached".to_owned())
            .spawn(move || run(&runtime, place, &found, ended));
        let thread = match thread {
            Ok(thread) => thread,
            Err(error) => return Err(failed(error.to_string())),
        };
        let before = clock.now();
        let shared = match finding.recv() {
            Ok(Ok(shared)) => shared,
            Ok(Err(Fault::Failure(failure))) => {
                return Err(failed(
                    DatabaseError::try_from(failure).map_or_else(|it| it.to_string(), |it| it.to_string()),
                ));
            }
            Ok(Err(
                Fault::NotSent(reason)
                | Fault::Lost(reason)
                | Fault::Refused(_, reason)
                | Fault::Malformed(reason),
            )) => return Err(failed(reason)),
            Err(ended) => return Err(failed(ended.to_string())),
        };
        let now = shared.known().now;
        let clock = owners_clock(clock, before, now);
        Ok(Self {
            asking: Asking {
                shared,
                runtime: handle,
            },
            clock,
            end: Some(end),
            thread: Some(thread),
        })
    }
}

/// The owner's clock, whose time was heard soon after `before`: ours, if both go together.
fn owners_clock(own: Clock, before: i64, now: i64) -> Clock {
    let after = own.now();
    let may_be = before.saturating_sub(SAME_CLOCK)..=after.saturating_add(SAME_CLOCK);
    if may_be.contains(&now) {
        return own;
    }
    let ahead = now.saturating_sub(after);
    Clock::from_fn(move || own.now().saturating_add(ahead))
}

fn run(
    runtime: &Runtime,
    place: Place,
    found: &crossbeam_channel::Sender<Result<Arc<Shared>, Fault>>,
    ended: oneshot::Receiver<()>,
) {
    runtime.block_on(async {
        let stream = match Shared::find(place).await {
            Ok((shared, stream)) => {
                let shared = Arc::new(shared);
                let kept = Arc::clone(&shared).keep(stream);
                let _somebody_waits = found.send(Ok(shared));
                kept
            }
            Err(fault) => {
                let _somebody_waits = found.send(Err(fault));
                return;
            }
        };
        tokio::select! {
            () = stream => {}
            _ = ended => {}
        }
    });
}

impl Drop for Attached {
    fn drop(&mut self) {
        drop(self.end.take());
        let Some(thread) = self.thread.take() else { return };
        // One that is woken on that thread may be the last who uses this.
        if thread.thread().id() != std::thread::current().id() {
            let _ended = thread.join();
        }
    }
}

impl std::fmt::Debug for Attached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attached")
            .field("location", &self.asking.shared.location)
            .finish_non_exhaustive()
    }
}

impl Asking {
    /// Waits for what is done on the thread of the attachment.
    fn wait_for<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Fault>> + Send + 'static,
    ) -> Result<T, Fault> {
        let (done, waiting) = crossbeam_channel::bounded(1);
        self.runtime.spawn(async move {
            let _somebody_waits = done.send(work.await);
        });
        match waiting.recv() {
            Ok(result) => result,
            Err(_ended) => Err(Fault::Lost("it was let go".to_owned())),
        }
    }

    fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Fault>> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        self.wait_for(work).map_err(|fault| self.shared.error(fault))
    }

    /// Asks for one answer, and reads it as what it stands for.
    fn ask<A, T>(&self, method: &'static str, request: &impl Message) -> Result<T, Fault>
    where
        A: Message + Default + TryInto<T, Error = Malformed> + 'static,
        T: Send + 'static,
    {
        let (shared, request) = (Arc::clone(&self.shared), Bytes::from(request.encode_to_vec()));
        self.wait_for(async move {
            let answer: A = shared.connection()?.ask(method, request).await?;
            Ok(answer.try_into()?)
        })
    }

    /// Asks for a stream, and passes on what comes until nobody listens.
    fn follow<L: Listener>(
        &self,
        method: &'static str,
        request: &impl Message,
        listener: L,
        dropped: oneshot::Receiver<()>,
    ) -> Result<(), DatabaseError> {
        let (shared, request) = (Arc::clone(&self.shared), Bytes::from(request.encode_to_vec()));
        self.wait(async move {
            let connection = shared.connection()?;
            let following = Following {
                stream: Some(connection.stream(method, request.clone()).await?),
                connection,
                method,
                request,
            };
            tokio::spawn(streams::follow(shared, following, listener, dropped));
            Ok(())
        })
    }

    fn follow_states<M, T>(
        &self,
        method: &'static str,
        request: &impl Message,
        read: impl Fn(M) -> Result<T, Malformed> + Send + Sync + 'static,
    ) -> Result<Subscription<T>, DatabaseError>
    where
        M: Message + Default + 'static,
        T: Send + 'static,
    {
        let (open, dropped) = oneshot::channel();
        let (sender, subscription) = subscription::states(move || drop::<oneshot::Sender<()>>(open));
        let listener = StateListener {
            sender,
            read,
            of: PhantomData,
        };
        self.follow(method, request, listener, dropped)?;
        Ok(subscription)
    }

    /// # Errors
    /// While this side does not want to write.
    fn check_lock(&self) -> Result<(), DatabaseError> {
        match self.shared.is_locked.load(Ordering::Acquire) {
            true => Err(DatabaseError::ReadOnly(self.shared.location.clone())),
            false => Ok(()),
        }
    }
}

impl Database for Attached {
    fn capabilities(&self) -> Capabilities {
        self.asking.shared.capabilities()
    }

    fn location(&self) -> String {
        self.asking.shared.location.clone()
    }

    fn id(&self) -> Option<LastingId> {
        self.asking.shared.known().id.clone()
    }

    fn owner(&self) -> Option<LockOwner> {
        Some(self.asking.shared.known().owner.clone())
    }

    fn clock(&self) -> Clock {
        self.clock.clone()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, DatabaseError> {
        Ok(Box::new(HeldSnapshot::take(&self.asking)?))
    }

    fn read(&self, ranges: &[ReadRange]) -> Result<Vec<Vec<Entry>>, DatabaseError> {
        let (shared, wanted) = (Arc::clone(&self.asking.shared), ranges.to_vec());
        let read = self.asking.wait(async move {
            let connection = shared.connection()?;
            pages::read_at_once(&connection, &wanted).await
        })?;
        match read {
            Some(entries) => Ok(entries),
            None => HeldSnapshot::take(&self.asking)?.read_all(ranges),
        }
    }

    fn get_many(&self, keys: &[EncodedKey]) -> Result<Vec<Option<Entry>>, DatabaseError> {
        let (shared, wanted) = (Arc::clone(&self.asking.shared), keys.to_vec());
        let found = self.asking.wait(async move {
            let connection = shared.connection()?;
            pages::get_at_once(&connection, &wanted).await
        })?;
        match found {
            Some(entries) => Ok(entries),
            None => HeldSnapshot::take(&self.asking)?.get_all(keys),
        }
    }

    fn commit(&self, operation: AtomicOperation) -> Result<CommitOutcome, CommitError> {
        // What no owner takes need not be sent.
        operation.validate(&self.asking.shared.known().capabilities.limits)?;
        self.asking.check_lock()?;
        self.asking
            .ask::<Outcome, _>(method::COMMIT, &Operation::from(operation))
            .map_err(|fault| self.asking.shared.commit_error(fault))
    }

    fn watch(&self, keys: Vec<EncodedKey>) -> Result<Subscription<WatchedState>, DatabaseError> {
        self.asking
            .follow_states(method::WATCH, &WatchKeys::new(&keys), |state: States| {
                state.try_into()
            })
    }

    fn changes(&self, ranges: Vec<KeyRange>) -> Result<Feed, DatabaseError> {
        let ranges = KeyRange::merged(ranges);
        if ranges.len() > FEED_RANGES {
            return Err(LimitError::Ranges(FEED_RANGES).into());
        }
        let (open, dropped) = oneshot::channel();
        let (sender, feed) = subscription::feed(move || drop::<oneshot::Sender<()>>(open));
        self.asking.follow(
            method::CHANGES,
            &Subscribe::new(&ranges),
            FeedListener(sender),
            dropped,
        )?;
        Ok(feed)
    }

    fn children(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
    ) -> Result<ChildrenPage, DatabaseError> {
        let mut all = ChildrenPage::default();
        loop {
            let after = all.children.last().map(|child| &child.prefix).or(after);
            let wanted = Children::new(prefix, after, limit - all.children.len());
            let asked = self.asking.ask::<ChildrenAnswer, _>(method::CHILDREN, &wanted);
            let mut page: ChildrenPage = asked.map_err(|fault| self.asking.shared.error(fault))?;
            let is_end = page.children.is_empty() || !page.more;
            page.children.truncate(limit - all.children.len());
            all.children.append(&mut page.children);
            all.more = page.more;
            if is_end || all.children.len() == limit {
                return Ok(all);
            }
        }
    }

    fn count(
        &self,
        range: &KeyRange,
        progress: &mut dyn FnMut(Counted) -> ControlFlow<()>,
    ) -> Result<Counted, DatabaseError> {
        let (shared, request) = (
            Arc::clone(&self.asking.shared),
            Bytes::from(Count::new(range).encode_to_vec()),
        );
        let (told, counts) = crossbeam_channel::bounded(1);
        self.asking.runtime.spawn(async move {
            let ended = pass_counts(&shared, request, &told).await;
            if let Err(fault) = ended {
                let _somebody_counts = told.send(Err(fault));
            }
        });
        // That it ends when `counts` is dropped shows at the next count.
        for frame in counts {
            let frame = frame.map_err(|fault| self.asking.shared.error(fault))?;
            let counted = frame.counted();
            if frame.is_last {
                return Ok(counted);
            }
            if progress(counted).is_break() {
                return Ok(Counted {
                    complete: false,
                    ..counted
                });
            }
        }
        Err(self.asking.shared.error(Fault::Lost(String::new())))
    }

    fn watch_queue(&self) -> Result<Subscription<u64>, DatabaseError> {
        self.asking.follow_states(
            method::WATCH_QUEUE,
            &(),
            |message: NumMessages| Ok(message.number),
        )
    }

    fn queue_page(
        &self,
        after: Option<&QueuePlace>,
        limit: usize,
    ) -> Result<Vec<QueueMessage>, DatabaseError> {
        let mut all: Vec<QueueMessage> = Vec::new();
        let mut after = after.cloned();
        loop {
            let wanted = QueuePage::new(after.as_ref(), limit.saturating_sub(all.len()));
            let asked = self.asking.ask::<QueueAnswer, _>(method::QUEUE, &wanted);
            let (mut messages, more): (Vec<_>, bool) =
                asked.map_err(|fault| self.asking.shared.error(fault))?;
            after = messages.last().map(QueueMessage::place);
            let is_end = messages.is_empty() || !more;
            all.append(&mut messages);
            if is_end {
                all.truncate(limit);
                return Ok(all);
            }
        }
    }

    fn statistics(&self) -> Result<Statistics, DatabaseError> {
        self.asking
            .ask::<StatisticsAnswer, _>(method::STATISTICS, &())
            .map_err(|fault| self.asking.shared.error(fault))
    }

    fn requests(&self) -> Option<Requests> {
        Some(self.asking.requests())
    }

    /// Of this side alone: what the owner does with its database is left to it.
    fn set_writable(&self, writable: bool) -> Result<(), DatabaseError> {
        let shared = &self.asking.shared;
        if writable && let Writing::Impossible(reason) = shared.capabilities().writing {
            return Err(DatabaseError::Unsupported(reason));
        }
        shared.is_locked.store(!writable, Ordering::Release);
        Ok(())
    }
}

/// Passes on counts until the last, or until nobody counts any more.
async fn pass_counts(
    shared: &Shared,
    request: Bytes,
    told: &crossbeam_channel::Sender<Result<CountFrame, Fault>>,
) -> Result<(), Fault> {
    let connection: Arc<Connection> = shared.connection()?;
    let mut stream = connection.stream::<CountFrame>(method::COUNT, request).await?;
    while let Some(mut frame) = stream.next().await? {
        if let Some(failure) = frame.failure.take() {
            return Err(Fault::Failure(failure));
        }
        let is_last = frame.is_last;
        // The one who counts is only a moment behind, and the thread is not to wait for it.
        match told.try_send(Ok(frame)) {
            Ok(()) => {}
            Err(crossbeam_channel::TrySendError::Full(frame)) if is_last => {
                let told = told.clone();
                let _sent = tokio::task::spawn_blocking(move || drop(told.send(frame))).await;
            }
            Err(crossbeam_channel::TrySendError::Full(_)) => {}
            Err(crossbeam_channel::TrySendError::Disconnected(_)) => return Ok(()),
        }
        if is_last {
            return Ok(());
        }
    }
    Err(Fault::Lost("it ended before its end".to_owned()))
}
