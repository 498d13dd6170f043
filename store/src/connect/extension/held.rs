//! Views of one moment that clients hold, each for as long as its stream is open.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::super::refusal::Refusal;
use crate::database::{Database, Snapshot};
use crate::error::DatabaseError;

/// Views that are held at the same time; each keeps the engine from cleaning up.
const VIEWS: usize = 256;

type View = Arc<Mutex<Box<dyn Snapshot>>>;

/// The views that are held.
pub(in super::super) struct Held {
    views: Mutex<HashMap<u64, View>>,
    next: AtomicU64,
    places: Arc<Semaphore>,
}

impl Default for Held {
    fn default() -> Self {
        Self {
            views: Mutex::default(),
            next: AtomicU64::new(1),
            places: Arc::new(Semaphore::new(VIEWS)),
        }
    }
}

impl Held {
    fn views(&self) -> MutexGuard<'_, HashMap<u64, View>> {
        self.views.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one more.
    pub(super) fn place(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        place.map_err(|_none_left| Refusal::Views)
    }

    /// Holds a view; its name.
    pub(super) fn hold(&self, view: Box<dyn Snapshot>) -> u64 {
        let name = self.next.fetch_add(1, Ordering::Relaxed);
        self.views().insert(name, Arc::new(Mutex::new(view)));
        name
    }

    /// Lets a view go.
    pub(super) fn let_go(&self, name: u64) {
        let view = self.views().remove(&name);
        // Outside the lock, because the engine may clean up now.
        drop(view);
    }

    /// Reads from a view that is held or, without a name, from one of now.
    pub(super) fn read<T, E: From<Refusal> + From<DatabaseError>>(
        &self,
        name: Option<u64>,
        database: &dyn Database,
        read: impl FnOnce(&dyn Snapshot) -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(name) = name else {
            return read(&*database.snapshot()?);
        };
        let view = self.views().get(&name).cloned().ok_or(Refusal::NoView)?;
        // It is read by one request at a time.
        let view = view.lock().unwrap_or_else(PoisonError::into_inner);
        read(&**view)
    }
}
