//! Asking the owner, from whatever thread.

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use prost::Message;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::connection::Fault;
use super::link::Shared;
use super::streams::{self, Following, Listener, StateListener};
use crate::connect::extension::wire::Malformed;
use crate::error::DatabaseError;
use crate::http::wait_on;
use crate::subscription::{self, Subscription};

/// A way to ask the owner.
#[derive(Clone)]
pub(super) struct Asking {
    pub(super) shared: Arc<Shared>,
    pub(super) runtime: Handle,
}

impl Asking {
    /// Waits for what is done on the thread of the attachment.
    fn wait_for<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Fault>> + Send + 'static,
    ) -> Result<T, Fault> {
        let done = wait_on(&self.runtime, work);
        done.unwrap_or_else(|_ended| Err(Fault::Lost("it was let go".to_owned())))
    }

    pub(super) fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Fault>> + Send + 'static,
    ) -> Result<T, DatabaseError> {
        self.wait_for(work).map_err(|fault| self.shared.error(fault))
    }

    /// Asks for one answer, and reads it as what it stands for.
    pub(super) fn ask<A, T>(&self, method: &'static str, request: &impl Message) -> Result<T, Fault>
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
    pub(super) fn follow<L: Listener>(
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

    pub(super) fn follow_states<M, T>(
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
    pub(super) fn check_lock(&self) -> Result<(), DatabaseError> {
        match self.shared.is_locked.load(Ordering::Acquire) {
            true => Err(DatabaseError::ReadOnly(self.shared.location.clone())),
            false => Ok(()),
        }
    }
}
