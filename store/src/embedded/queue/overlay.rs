//! The queue as a group of operations leaves it, before that is written.

use std::collections::BTreeMap;

use bytes::Bytes;
use fjall::OwnedWriteBatch;

use super::super::engine::Engine;
use super::delivery::{Deliveries, Held};
use super::message::{MessageRow, bounds, parse_message};
use crate::atomic::MessageChange;
use crate::error::DatabaseError;

const COMMITTING: &str = "committing";

/// What becomes of a row: its value, or `None` where it goes.
type Fate = Option<Vec<u8>>;

/// Rows that the group adds, changes and removes.
pub(in super::super) struct QueueOverlay<'a> {
    engine: &'a Engine,
    /// Rows whose value is new, or that go.
    rows: BTreeMap<Vec<u8>, Fate>,
    /// How many messages more there are than before.
    growth: i64,
    /// What was to become of rows before, in the order of their changes.
    log: Vec<(Vec<u8>, Option<Fate>)>,
    /// Messages that nobody may take before this is written.
    held: Held<'a>,
}

/// How it was at one moment.
pub(in super::super) struct Mark {
    log: usize,
    growth: i64,
}

impl<'a> QueueOverlay<'a> {
    pub(in super::super) fn new(engine: &'a Engine, deliveries: &'a Deliveries) -> Self {
        Self {
            engine,
            rows: BTreeMap::new(),
            growth: 0,
            log: Vec::new(),
            held: deliveries.hold_none(),
        }
    }

    /// Adds a message.
    pub(in super::super) fn add(&mut self, message: MessageRow) {
        self.write(message.row, Some(message.value));
        self.growth += 1;
    }

    /// Takes a message out of the queue that stands in it.
    pub(in super::super) fn remove(&mut self, row: Vec<u8>) {
        self.write(row, None);
        self.growth -= 1;
    }

    /// Puts another message in the place of one that stands in the queue.
    pub(in super::super) fn replace(&mut self, row: Vec<u8>, message: MessageRow) {
        if row != message.row {
            self.write(row, None);
        }
        self.write(message.row, Some(message.value));
    }

    /// Changes a message if it waits as it was seen; whether it does.
    pub(in super::super) fn change(&mut self, change: &MessageChange) -> Result<bool, DatabaseError> {
        let Some(row) = self.waiting(change)? else {
            return Ok(false);
        };
        match &change.becomes {
            Some(becomes) => {
                let replacement = MessageRow::instead(&row, becomes);
                self.replace(row, replacement);
            }
            None => self.remove(row),
        }
        Ok(true)
    }

    /// A message that waits as it was seen. No listener takes it until the group is written or given up.
    fn waiting(&mut self, change: &MessageChange) -> Result<Option<Vec<u8>>, DatabaseError> {
        let Some((from, to)) = bounds(change.seen.due_at, change.id.as_deref()) else {
            return Ok(None);
        };
        let is_it = |row: &[u8], value: Bytes| {
            parse_message(row, value).is_some_and(|message| message.is_like(&change.seen))
        };
        for (row, value) in self.rows.range(from.clone()..to.clone()) {
            if let Some(value) = value
                && is_it(row, Bytes::copy_from_slice(value))
            {
                // It is this group's own, or held already.
                return Ok(Some(row.clone()));
            }
        }
        for guard in self.engine.aux.range(from..to) {
            let (row, value) = guard
                .into_inner()
                .map_err(|error| self.engine.error(COMMITTING, &error))?;
            if self.rows.contains_key(row.as_ref()) {
                continue;
            }
            if is_it(&row, value.into()) && self.held.hold(&row) {
                return Ok(Some(row.to_vec()));
            }
        }
        Ok(None)
    }

    fn write(&mut self, row: Vec<u8>, fate: Fate) {
        let before = self.rows.insert(row.clone(), fate);
        self.log.push((row, before));
    }

    /// How it is now.
    pub(in super::super) fn mark(&self) -> Mark {
        Mark {
            log: self.log.len(),
            growth: self.growth,
        }
    }

    /// Takes back what was done since.
    pub(in super::super) fn roll_back(&mut self, mark: &Mark) {
        self.growth = mark.growth;
        for (row, before) in self.log.drain(mark.log..).rev() {
            match before {
                Some(fate) => self.rows.insert(row, fate),
                None => self.rows.remove(&row),
            };
        }
    }

    /// How many messages are in the queue afterwards, if there were `before`.
    pub(in super::super) fn num_messages(&self, before: u64) -> u64 {
        before.saturating_add_signed(self.growth)
    }

    /// The first row that is added or changed.
    pub(in super::super) fn first_row(&self) -> Option<Vec<u8>> {
        let mut rows = self.rows.iter().filter(|(_, value)| value.is_some());
        rows.next().map(|(row, _)| row.clone())
    }

    /// Adds everything to a batch. Nobody may take the messages that changed before what this returns is dropped.
    pub(in super::super) fn write_to(self, batch: &mut OwnedWriteBatch) -> Held<'a> {
        let aux = &self.engine.aux;
        for (row, value) in self.rows {
            match value {
                Some(value) => batch.insert(aux, row, value),
                None => batch.remove(aux, row),
            }
        }
        self.held
    }
}
