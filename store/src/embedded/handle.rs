//! The one owner of a store: its threads, and its end.

use std::sync::Arc;

use super::commit::CommitState;
use super::watch::Marked;
use super::{Handle, Shared, close};
use crate::error::DatabaseError;

impl Handle {
    /// # Errors
    /// If the store is open for reading only.
    pub(super) fn not_for_reading(&self) -> Result<(), DatabaseError> {
        match self.read_only {
            Some(_) => Err(DatabaseError::ReadOnly(self.path.display().to_string())),
            None => Ok(()),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the threads belong to the open database"
    )]
    pub(super) fn spawn(&mut self, name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
        self.threads
            .push(std::thread::Builder::new().name(name.to_owned()).spawn(work)?);
        Ok(())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let Some(shared) = self.shared.take() else { return };
        shared.committer.stop();
        shared.sweeper.stop();
        let _already_gone = shared.marked.send(Marked::Stop);
        // One that is woken on a thread of the store may be its last owner.
        let own = std::thread::current().id();
        let all_ended = self
            .threads
            .drain(..)
            .all(|thread| thread.thread().id() != own && thread.join().is_ok());
        let Some(shared) = Arc::into_inner(shared) else {
            return;
        };
        let Shared {
            engine,
            view,
            committer,
            ..
        } = shared;
        drop(view);
        if let Ok(CommitState {
            version,
            failure: None,
            ..
        }) = committer.state.into_inner()
            && all_ended
            && engine.picture.is_none()
        {
            close::close(&self.path, engine, version);
        }
    }
}
