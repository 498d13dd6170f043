//! Delivering messages to listeners.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use fjall::{PersistMode, Readable as _};

use super::super::evaluate::Evaluated;
use super::super::layout::QUEUE;
use super::super::{Shared, Store};
use super::message::{MessageRow, parse_message};
use crate::atomic::AtomicOperation;
use crate::database::QueueMessage;
use crate::error::DatabaseError;
use crate::key::EncodedKey;
use crate::limits::Limits;
use crate::value::{Encoding, StoredValue, Value, ValueError};

const DELIVERING: &str = "delivering a message";
/// The longest time until the clock is asked again while a message is to become due.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);

/// Which messages are with listeners.
#[derive(Default)]
pub(in super::super) struct Deliveries {
    state: Mutex<DeliveryState>,
    changed: Condvar,
}

#[derive(Default)]
struct DeliveryState {
    /// Rows of the messages that listeners have.
    running: HashSet<Vec<u8>>,
    /// Rows of messages that a commit is changing, which no listener may take meanwhile.
    held: HashSet<Vec<u8>>,
    /// No message's row is below this one. A search begins here and not at the rows of all messages that
    /// were ever delivered, which the engine may still have to step over.
    head: Vec<u8>,
}

impl Deliveries {
    fn lock(&self) -> MutexGuard<'_, DeliveryState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells listeners of new messages, the first of which is at `row`.
    pub(in super::super) fn added(&self, row: &[u8]) {
        let mut state = self.lock();
        if *row < *state.head {
            state.head = row.to_vec();
        }
        drop(state);
        self.changed.notify_all();
    }

    /// Holds messages, none at first.
    pub(super) fn hold_none(&self) -> Held<'_> {
        Held {
            deliveries: self,
            rows: Vec::new(),
        }
    }

    /// Whether a listener has the message of this row.
    pub(in super::super) fn is_running(&self, row: &[u8]) -> bool {
        self.lock().running.contains(row)
    }
}

/// Messages that a commit is changing: no listener takes them until this is dropped.
pub(in super::super) struct Held<'a> {
    deliveries: &'a Deliveries,
    rows: Vec<Vec<u8>>,
}

impl Held<'_> {
    /// Holds a message, unless a listener has it; whether it is held now.
    pub(super) fn hold(&mut self, row: &[u8]) -> bool {
        let mut state = self.deliveries.lock();
        if state.running.contains(row) {
            return false;
        }
        if state.held.insert(row.to_vec()) {
            self.rows.push(row.to_vec());
        }
        true
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if self.rows.is_empty() {
            return;
        }
        let mut state = self.deliveries.lock();
        for row in &self.rows {
            state.held.remove(row);
        }
        drop(state);
        // One that stays as it was may be due.
        self.deliveries.changed.notify_all();
    }
}

/// Takes messages of the queue, each once and in the order in which they became due. Several listeners, in
/// any threads, share them. It keeps the store open.
#[derive(Clone)]
pub struct QueueListener {
    store: Store,
}

/// A message that a listener has. It is gone once [`Self::finish`] says so; dropping it is [`Self::fail`].
pub struct Delivery {
    store: Store,
    message: QueueMessage,
    /// `None` once its end is settled.
    row: Option<Vec<u8>>,
}

impl QueueListener {
    pub(in super::super) fn new(store: Store) -> Self {
        Self { store }
    }

    /// The next message that is due, or nothing if none becomes due within `timeout`.
    ///
    /// # Errors
    /// If the queue cannot be read, or the store is open for reading only: who has a message removes it in the end.
    pub fn receive(&self, timeout: Duration) -> Result<Option<Delivery>, DatabaseError> {
        self.store.handle.not_for_reading()?;
        let shared = self.store.shared()?;
        let found = shared.next_due(Instant::now() + timeout)?;
        if found.is_some() {
            shared.listeners.tell_of_delivery();
        }
        Ok(found.map(|(row, message)| Delivery {
            store: self.store.clone(),
            message,
            row: Some(row),
        }))
    }
}

impl Delivery {
    /// The message.
    #[must_use]
    pub fn message(&self) -> &QueueMessage {
        &self.message
    }

    /// The message's value.
    ///
    /// # Errors
    /// If its bytes cannot be read.
    pub fn value(&self) -> Result<Value, ValueError> {
        let stored = StoredValue {
            encoding: Encoding::V8,
            bytes: self.message.payload.clone(),
        };
        stored.decode()
    }

    /// The handler has done its work: removes the message.
    ///
    /// # Errors
    /// If that cannot be stored. Then the message is delivered again after the store is opened again.
    pub fn finish(mut self) -> Result<(), DatabaseError> {
        self.settle(true)
    }

    /// The handler has failed: the message is delivered again after the next interval of its schedule. Where
    /// none is left it is stored under the keys that the sender named for this, if any, and removed.
    ///
    /// # Errors
    /// If that cannot be stored. Then the message is delivered again after the store is opened again.
    pub fn fail(mut self) -> Result<(), DatabaseError> {
        self.settle(false)
    }

    fn settle(&mut self, succeeded: bool) -> Result<(), DatabaseError> {
        let Some(row) = self.row.take() else { return Ok(()) };
        let shared = self.store.shared()?;
        shared.settle(&row, &self.message, succeeded)?;
        shared.deliveries.lock().running.remove(&row);
        Ok(())
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        let _stays_with_this_process_after_an_error = self.settle(false);
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("message", &self.message)
            .finish()
    }
}

impl Shared {
    /// Waits for the next message that is due and that no listener has, and marks it as running.
    fn next_due(&self, deadline: Instant) -> Result<Option<(Vec<u8>, QueueMessage)>, DatabaseError> {
        let mut state = self.deliveries.lock();
        loop {
            let now = self.clock.now();
            let mut sleep = deadline.saturating_duration_since(Instant::now());
            let mut head = None;
            // The view is taken with the lock held: a message that has left `running` has left the view.
            let from = state.head.clone().max(vec![QUEUE]);
            for guard in self
                .view()
                .snapshot
                .range(&self.engine.aux, from..vec![QUEUE + 1])
            {
                let (row, value) = guard
                    .into_inner()
                    .map_err(|error| self.engine.error(DELIVERING, &error))?;
                head.get_or_insert_with(|| row.to_vec());
                if state.running.contains(row.as_ref()) || state.held.contains(row.as_ref()) {
                    continue;
                }
                let mut message = parse_message(&row, value.into())
                    .ok_or_else(|| self.engine.failed(DELIVERING, "a stored message is damaged"))?;
                if message.due_at > now {
                    let wait = Duration::from_millis(message.due_at.abs_diff(now)).min(LONGEST_SLEEP);
                    sleep = sleep.min(wait);
                    break;
                }
                message.running = true;
                state.running.insert(row.to_vec());
                state.head = head.unwrap_or_default();
                return Ok(Some((row.to_vec(), message)));
            }
            state.head = head.unwrap_or_else(|| vec![QUEUE + 1]);
            if deadline <= Instant::now() {
                return Ok(None);
            }
            state = self
                .deliveries
                .changed
                .wait_timeout(state, sleep)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Stores how a delivery ended.
    fn settle(&self, row: &[u8], message: &QueueMessage, succeeded: bool) -> Result<(), DatabaseError> {
        let mut change = QueueChange::removal(row);
        if succeeded {
            // There is nothing left of it.
        } else if let Some((interval, schedule)) = message.backoff_schedule.split_first() {
            let due_at = self.clock.now().saturating_add(i64::from(*interval));
            change.add = Some(MessageRow::moved(row, message, due_at, schedule));
        } else {
            let value = StoredValue {
                encoding: Encoding::V8,
                bytes: message.payload.clone(),
            };
            // Deno accepts keys here that it can never store; so are they here, and nothing comes of them.
            let writable = |key: &&EncodedKey| Limits::DENO.check_key(key.as_bytes().len()).is_ok();
            for key in message.keys_if_undelivered.iter().filter(writable) {
                change.operation = change.operation.set(key.clone(), value.clone());
            }
        }
        self.change_queue(change)?;
        Ok(())
    }

    /// Commits a change of the queue, unless the message is gone already; whether it was there. A power cut
    /// may undo it, even where commits are synced: then the message is delivered again.
    fn change_queue(&self, change: QueueChange) -> Result<bool, DatabaseError> {
        let mut state = self.lock_commits()?;
        let is_there = self
            .engine
            .aux
            .contains_key(&change.remove)
            .map_err(|error| self.engine.error(DELIVERING, &error))?;
        if !is_there {
            return Ok(false);
        }
        let (observed, listening) = self.listeners.observed();
        let mut group = self.group(&state, self.clock.now(), &observed, listening);
        let mut version = state.version;
        let mut applied = Vec::new();
        if !change.operation.mutations.is_empty() {
            version = version.saturating_add(1);
            if let Evaluated::Applied(changes) = group.evaluate(&change.operation, version)? {
                applied.push((version, changes));
            }
        }
        match change.add {
            Some(message) => group.queue.replace(change.remove, message),
            None => group.queue.remove(change.remove),
        }
        self.write_group(&mut state, group, version, PersistMode::Buffer, &applied)
            .map_err(|failure| self.engine.failed(DELIVERING, failure.reason()))?;
        Ok(true)
    }
}

/// What becomes of a message.
struct QueueChange {
    remove: Vec<u8>,
    add: Option<MessageRow>,
    /// What is stored together with that.
    operation: AtomicOperation,
}

impl QueueChange {
    fn removal(row: &[u8]) -> Self {
        Self {
            remove: row.to_vec(),
            add: None,
            operation: AtomicOperation::new(),
        }
    }
}
