//! Watched keys of a server without watches, which versions 1 and 2 of the protocol do not have: they are read again and
//! again, less and less often while nothing happens.

use std::sync::Arc;

use tokio::select;
use tokio::sync::{broadcast, oneshot};
use tokio::time::sleep;

use super::changes::{OwnCommit, SELDOM, SOON};
use super::fault;
use super::reading::get_all;
use super::server::Server;
use crate::database::WatchedState;
use crate::error::DatabaseError;
use crate::key::EncodedKey;
use crate::subscription::{StateSender, Wakes};

/// The first version of the protocol that has watches.
const WATCHES: u64 = 3;

/// Keys that are read again and again.
pub(super) struct Looking {
    server: Arc<Server>,
    keys: Vec<EncodedKey>,
    state: WatchedState,
}

impl Looking {
    /// Whether a server has no watches.
    pub(super) async fn is_needed(server: &Server) -> Result<bool, DatabaseError> {
        let session = server.session(None).await.map_err(fault::database_error)?;
        Ok(session.version < WATCHES)
    }

    /// Reads the keys as they are now.
    pub(super) async fn begin(server: Arc<Server>, keys: Vec<EncodedKey>) -> Result<Self, DatabaseError> {
        let state = get_all(&server, &keys).await?;
        Ok(Self { server, keys, state })
    }

    /// Passes on states until nobody listens. What is committed on this side is looked at when it is.
    pub(super) async fn follow(
        mut self,
        sender: StateSender<WatchedState>,
        mut dropped: oneshot::Receiver<()>,
        mut own: broadcast::Receiver<Arc<OwnCommit>>,
    ) {
        sender.send(self.state.clone(), &mut Wakes::default());
        let mut pause = SOON;
        loop {
            select! {
                _ = &mut dropped => return,
                () = sleep(pause) => {}
                committed = own.recv() => match committed {
                    Ok(committed) if !self.keys.iter().any(|key| committed.changes(key)) => continue,
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return,
                },
            }
            let looked = select! {
                _ = &mut dropped => return,
                looked = get_all(&self.server, &self.keys) => looked,
            };
            // One that was not answered is asked for again.
            let Ok(state) = looked else {
                pause = (pause * 2).min(SELDOM / 2);
                continue;
            };
            if state == self.state {
                pause = (pause * 3 / 2).min(SELDOM);
                continue;
            }
            pause = SOON;
            self.state = state;
            sender.send(self.state.clone(), &mut Wakes::default());
        }
    }
}
