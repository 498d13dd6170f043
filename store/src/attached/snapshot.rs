//! A view of one moment that the owner holds for us, as long as its stream is open.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::asking::Asking;
use super::connection::{Connection, Fault};
use super::pages;
use crate::connect::extension::wire::{Held, Malformed, method};
use crate::database::{ReadRange, Snapshot};
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::EncodedKey;
use crate::versionstamp::Versionstamp;

/// A view that the owner holds.
pub(super) struct HeldSnapshot {
    asking: Asking,
    connection: Arc<Connection>,
    name: u64,
    versionstamp: Option<Versionstamp>,
    /// The stream ends when it is dropped.
    _open: oneshot::Sender<()>,
}

impl HeldSnapshot {
    /// Has the owner hold a view of now.
    pub(super) fn take(asking: &Asking) -> Result<Self, DatabaseError> {
        let (open, mut dropped) = oneshot::channel::<()>();
        let shared = Arc::clone(&asking.shared);
        let (held, connection) = asking.wait(async move {
            let connection = shared.connection()?;
            let mut stream = connection
                .stream::<Held>(method::SNAPSHOT, bytes::Bytes::new())
                .await?;
            let first = stream.next().await?;
            let held = first.ok_or_else(|| Fault::Lost("it ended at once".to_owned()))?;
            tokio::spawn(async move {
                tokio::select! {
                    _ = &mut dropped => {}
                    _ = stream.next() => {}
                }
            });
            Ok((held, connection))
        })?;
        let versionstamp = held.newest();
        Ok(Self {
            asking: asking.clone(),
            connection,
            name: held.snapshot,
            versionstamp: versionstamp
                .map_err(|malformed: Malformed| asking.shared.error(malformed.into()))?,
            _open: open,
        })
    }
}

impl HeldSnapshot {
    pub(super) fn read_all(&self, ranges: &[ReadRange]) -> Result<Vec<Vec<Entry>>, DatabaseError> {
        ranges.iter().map(|range| self.read(range)).collect()
    }

    pub(super) fn get_all(&self, keys: &[EncodedKey]) -> Result<Vec<Option<Entry>>, DatabaseError> {
        let (connection, name, keys) = (Arc::clone(&self.connection), self.name, keys.to_vec());
        self.asking
            .wait(async move { pages::get_all(&connection, &keys, name).await })
    }
}

impl Snapshot for HeldSnapshot {
    fn read(&self, range: &ReadRange) -> Result<Vec<Entry>, DatabaseError> {
        let (connection, name, range) = (Arc::clone(&self.connection), self.name, range.clone());
        self.asking
            .wait(async move { pages::read_all(&connection, range, name).await })
    }

    fn get(&self, key: &EncodedKey) -> Result<Option<Entry>, DatabaseError> {
        Ok(self.get_all(std::slice::from_ref(key))?.pop().flatten())
    }

    fn versionstamp(&self) -> Option<Versionstamp> {
        self.versionstamp
    }
}
