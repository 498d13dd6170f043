//! What a group of atomic operations does to the store, worked out before anything is written.
//!
//! Operations are evaluated in order over an overlay, so that each sees what those before it did. One that
//! fails, by a check or by a type error, leaves no trace in the overlay.

use std::collections::{HashMap, HashSet};

use fjall::OwnedWriteBatch;

use super::engine::Engine;
use super::history::Keeping;
use super::layout::{Record, expiry_row};
use super::queue::{Deliveries, Held, Mark, MessageRow, QueueOverlay};
use crate::atomic::{AtomicOperation, Enqueue, Evaluation, FailedCheck, MessageChange, Records, evaluate};
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::{EncodedKey, KeyRange};
use crate::value::StoredValue;
use crate::versionstamp::Versionstamp;

const COMMITTING: &str = "committing";

/// The overlay of one group.
pub(super) struct Group<'a> {
    engine: &'a Engine,
    now: i64,
    /// Where somebody wants to know what stood under a key before.
    observed: &'a [KeyRange],
    /// Whether anybody hears of changes at all.
    listening: bool,
    slots: HashMap<EncodedKey, Slot>,
    /// What becomes of messages.
    pub(super) queue: QueueOverlay<'a>,
    /// What becomes of earlier versions, where any are kept.
    pub(super) keeping: Option<Keeping>,
    /// Rows of the expiry index that belong to no entry any more.
    stale_expiries: Vec<Vec<u8>>,
    /// The earliest expiry that was set.
    pub(super) earliest_expiry: Option<i64>,
}

/// A key as the group sees it.
#[derive(Clone)]
struct Slot {
    record: Option<Record>,
    /// What the engine holds, where that was looked up.
    stored: Option<Option<Record>>,
    written: bool,
}

/// What became of an operation.
pub(super) enum Evaluated {
    Conflict(Vec<FailedCheck>),
    /// These messages do not wait as they were seen.
    MessagesChanged(Vec<usize>),
    /// Its changes, where anybody hears of them.
    Applied(Vec<KeyChange>),
}

/// A key that an operation changed, in the order of first change.
pub(super) struct KeyChange {
    pub(super) key: EncodedKey,
    /// Known where the key is observed.
    pub(super) before: Option<Option<Record>>,
    pub(super) after: Option<Record>,
}

/// A key and its slot before an operation touched it.
type Undo = Vec<(EncodedKey, Option<Slot>)>;

impl<'a> Group<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        deliveries: &'a Deliveries,
        now: i64,
        observed: &'a [KeyRange],
        listening: bool,
        keeping: Option<Keeping>,
    ) -> Self {
        Self {
            engine,
            now,
            observed,
            listening,
            slots: HashMap::new(),
            queue: QueueOverlay::new(engine, deliveries),
            keeping,
            stale_expiries: Vec::new(),
            earliest_expiry: None,
        }
    }

    /// Evaluates one operation; if it applies, its entries get `version`.
    pub(super) fn evaluate(
        &mut self,
        operation: &AtomicOperation,
        version: u64,
    ) -> Result<Evaluated, DatabaseError> {
        let mark = self.queue.mark();
        let mut commit = Commit {
            group: self,
            version,
            undo: Undo::new(),
            num_enqueued: 0,
        };
        let evaluation = evaluate(operation, &mut commit);
        let undo = commit.undo;
        match evaluation {
            Ok(Evaluation::Conflict(failed)) => Ok(Evaluated::Conflict(failed)),
            Ok(Evaluation::MessagesChanged(changed)) => {
                self.roll_back(undo, &mark);
                Ok(Evaluated::MessagesChanged(changed))
            }
            Ok(Evaluation::Applied(_)) => {
                self.keep(&undo, version);
                Ok(Evaluated::Applied(self.changes(undo)))
            }
            Err(error) => {
                self.roll_back(undo, &mark);
                Err(error)
            }
        }
    }

    /// Removes an entry whose expiry, `expires_at`, has passed, or only the index row if the entry has
    /// changed since.
    pub(super) fn expire(
        &mut self,
        key: EncodedKey,
        expires_at: i64,
        version: u64,
    ) -> Result<Option<KeyChange>, DatabaseError> {
        let record = self.load(&key)?.record.clone();
        if record.as_ref().and_then(|record| record.expires_at) != Some(expires_at) {
            self.stale_expiries.push(expiry_row(expires_at, key.as_bytes()));
            return Ok(None);
        }
        self.slots.entry(key.clone()).and_modify(|slot| {
            slot.record = None;
            slot.written = true;
        });
        if let Some(keeping) = self.keeping.as_mut().filter(|keeping| keeping.covers(&key)) {
            keeping.changed(&key, record.clone(), None, version);
        }
        Ok(Some(KeyChange {
            key,
            before: Some(record),
            after: None,
        }))
    }

    /// Adds everything to a batch. No listener takes a message that changed before what this returns is dropped.
    pub(super) fn write_to(self, batch: &mut OwnedWriteBatch) -> Held<'a> {
        let Engine { kv, aux, .. } = self.engine;
        // In the order of keys, neighbours in a memtable follow each other.
        let mut written: Vec<(EncodedKey, Slot)> =
            self.slots.into_iter().filter(|(_, slot)| slot.written).collect();
        written.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        for (key, slot) in written {
            let expiry = slot.record.as_ref().and_then(|record| record.expires_at);
            let stored_expiry = slot
                .stored
                .as_ref()
                .and_then(Option::as_ref)
                .and_then(|it| it.expires_at);
            if let Some(stored) = stored_expiry.filter(|stored| Some(*stored) != expiry) {
                batch.remove(aux, expiry_row(stored, key.as_bytes()));
            }
            if let Some(expiry) = expiry.filter(|expiry| Some(*expiry) != stored_expiry) {
                batch.insert(aux, expiry_row(expiry, key.as_bytes()), Vec::new());
            }
            // Keys are copied: those of a request are part of the buffer that it came in, all of which would stay in memory
            // with the memtable.
            match slot.record {
                Some(record) => batch.insert(kv, key.as_bytes(), record.encode()),
                None if slot.stored == Some(None) => {}
                None => batch.remove(kv, key.as_bytes()),
            }
        }
        for row in self.stale_expiries {
            batch.remove(aux, row);
        }
        self.queue.write_to(batch)
    }

    /// Changes a key in the overlay. What the engine holds is looked up only where it is needed: for an
    /// observer, and to keep the expiry index free of rows that a new expiry replaces.
    fn write(
        &mut self,
        key: &EncodedKey,
        record: Option<Record>,
        undo: &mut Undo,
    ) -> Result<(), DatabaseError> {
        let expiry = record.as_ref().and_then(|record| record.expires_at);
        let kept = self.keeping.as_ref().is_some_and(|keeping| keeping.covers(key));
        if kept || expiry.is_some() || self.observed.iter().any(|range| range.contains(key)) {
            self.load(key)?;
        }
        if let Some(expiry) = expiry {
            self.earliest_expiry = Some(
                self.earliest_expiry
                    .map_or(expiry, |earliest| earliest.min(expiry)),
            );
        }
        let previous = self.slots.get(key).cloned();
        let slot = Slot {
            record,
            stored: previous.as_ref().and_then(|slot| slot.stored.clone()),
            written: true,
        };
        self.slots.insert(key.clone(), slot);
        undo.push((key.clone(), previous));
        Ok(())
    }

    fn roll_back(&mut self, undo: Undo, mark: &Mark) {
        self.queue.roll_back(mark);
        for (key, previous) in undo.into_iter().rev() {
            match previous {
                Some(slot) => self.slots.insert(key, slot),
                None => self.slots.remove(&key),
            };
        }
    }

    /// Tells what keeps earlier versions of an operation that applies.
    fn keep(&mut self, undo: &Undo, version: u64) {
        let Some(keeping) = &mut self.keeping else { return };
        let mut seen = HashSet::new();
        for (key, previous) in undo {
            if keeping.covers(key) && seen.insert(key) {
                let before = previous.as_ref().and_then(|slot| slot.record.clone());
                let after = self.slots.get(key).and_then(|slot| slot.record.as_ref());
                keeping.changed(key, before, after, version);
            }
        }
    }

    fn changes(&self, undo: Undo) -> Vec<KeyChange> {
        if !self.listening {
            return Vec::new();
        }
        let mut changes = Vec::with_capacity(undo.len());
        let mut seen = HashSet::new();
        for (key, previous) in undo {
            if !seen.insert(key.clone()) {
                continue;
            }
            changes.push(KeyChange {
                before: previous.map(|slot| slot.record),
                after: self.slots.get(&key).and_then(|slot| slot.record.clone()),
                key,
            });
        }
        changes
    }

    /// The key's slot, filled from the engine if it is new.
    fn load(&mut self, key: &EncodedKey) -> Result<&mut Slot, DatabaseError> {
        if !self.slots.contains_key(key) {
            let bytes = self
                .engine
                .kv
                .get(key.as_bytes())
                .map_err(|error| self.engine.error(COMMITTING, &error))?;
            let record = bytes
                .map(|bytes| Record::decode(bytes.into()))
                .transpose()
                .map_err(|damaged| self.engine.failed(COMMITTING, damaged.to_string()))?;
            let slot = Slot {
                record: record.clone(),
                stored: Some(record),
                written: false,
            };
            self.slots.insert(key.clone(), slot);
        }
        self.slots
            .get_mut(key)
            .ok_or_else(|| self.engine.failed(COMMITTING, "a key was lost"))
    }

    /// What a reader would see under the key.
    fn visible(&mut self, key: &EncodedKey) -> Result<Option<&Record>, DatabaseError> {
        let now = self.now;
        let slot = self.load(key)?;
        Ok(slot.record.as_ref().filter(|record| !record.is_expired(now)))
    }
}

/// One operation of a group.
struct Commit<'g, 'a> {
    group: &'g mut Group<'a>,
    version: u64,
    undo: Undo,
    num_enqueued: usize,
}

impl Records for Commit<'_, '_> {
    fn versionstamp(&mut self, key: &EncodedKey) -> Result<Option<Versionstamp>, DatabaseError> {
        let current = self.group.visible(key)?;
        Ok(current.map(|record| Versionstamp::from_counter(record.version)))
    }

    fn entry(&mut self, key: &EncodedKey) -> Result<Option<Entry>, DatabaseError> {
        let current = self.group.visible(key)?.cloned();
        Ok(current.map(|record| record.into_entry(key.clone())))
    }

    fn value(&mut self, key: &EncodedKey) -> Result<Option<StoredValue>, DatabaseError> {
        Ok(self.group.visible(key)?.map(Record::value))
    }

    fn change_message(&mut self, change: &MessageChange) -> Result<bool, DatabaseError> {
        self.group.queue.change(change)
    }

    fn begin(&mut self) -> Result<Versionstamp, DatabaseError> {
        Ok(Versionstamp::from_counter(self.version))
    }

    fn set(
        &mut self,
        key: &EncodedKey,
        value: &StoredValue,
        expires_at: Option<i64>,
    ) -> Result<(), DatabaseError> {
        refuse_large_encoding(value)?;
        let record = Record {
            version: self.version,
            encoding: value.encoding,
            expires_at,
            payload: value.bytes.clone(),
        };
        // An entry that has expired when it is set was never there.
        let record = (!record.is_expired(self.group.now)).then_some(record);
        self.group.write(key, record, &mut self.undo)
    }

    fn delete(&mut self, key: &EncodedKey) -> Result<(), DatabaseError> {
        self.group.write(key, None, &mut self.undo)
    }

    fn enqueue(&mut self, message: &Enqueue) -> Result<(), DatabaseError> {
        let row = MessageRow::new(message, self.version, self.num_enqueued);
        self.group.queue.add(row);
        self.num_enqueued += 1;
        Ok(())
    }
}

/// An encoding has a byte in a record. One that is not known is kept as it is, since it may have been written by
/// another program or a newer one.
pub(super) fn refuse_large_encoding(value: &StoredValue) -> Result<(), DatabaseError> {
    match value.encoding.to_byte() {
        Some(_) => Ok(()),
        None => Err(DatabaseError::Type(format!(
            "A value of encoding {} cannot be stored, because a Keyglass folder keeps encodings from 0 to 255",
            value.encoding.number()
        ))),
    }
}
