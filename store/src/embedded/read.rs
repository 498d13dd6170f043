//! Reads, each from a view of one moment.

use std::sync::Arc;

use bytes::Bytes;
use fjall::Readable as _;

use super::engine::Engine;
use super::layout::Record;
use crate::clock::Clock;
use crate::database::{ReadRange, Snapshot};
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::{EncodedKey, KeyRange};
use crate::versionstamp::Versionstamp;

const READING: &str = "reading";

/// The state after one commit: what the engine held then, and that commit's version.
pub(super) struct View {
    pub(super) engine: Engine,
    pub(super) snapshot: fjall::Snapshot,
    /// 0 before the first commit ever.
    pub(super) version: u64,
}

impl View {
    /// Opens a view of what the engine holds now; the caller holds back commits meanwhile.
    pub(super) fn now(engine: &Engine, version: u64) -> Arc<Self> {
        Arc::new(Self {
            snapshot: engine.database.snapshot(),
            engine: engine.clone(),
            version,
        })
    }

    /// The entry under a key that is visible at `now`.
    pub(super) fn get(&self, key: &EncodedKey, now: i64) -> Result<Option<Entry>, DatabaseError> {
        let bytes = self
            .snapshot
            .get(&self.engine.kv, key.as_bytes())
            .map_err(|error| self.engine.error(READING, &error))?;
        let record = bytes.map(|bytes| self.decode(bytes.into())).transpose()?;
        Ok(record
            .filter(|record| !record.is_expired(now))
            .map(|record| record.into_entry(key.clone())))
    }

    /// Entries of a range that are visible at `now`.
    pub(super) fn read(&self, request: &ReadRange, now: i64) -> Result<Vec<Entry>, DatabaseError> {
        let mut entries = Vec::with_capacity(request.limit.min(1000));
        if request.range.is_empty() || request.limit == 0 {
            return Ok(entries);
        }
        let mut rows = self.rows(&request.range);
        while entries.len() < request.limit {
            let next = if request.reverse {
                rows.next_back()
            } else {
                rows.next()
            };
            let Some(guard) = next else { break };
            let (key, bytes) = guard
                .into_inner()
                .map_err(|error| self.engine.error(READING, &error))?;
            let record = self.decode(bytes.into())?;
            if !record.is_expired(now) {
                entries.push(record.into_entry(EncodedKey::from_bytes(key)));
            }
        }
        Ok(entries)
    }

    /// The engine's rows of a range that is not empty, expired entries among them.
    pub(super) fn rows(&self, range: &KeyRange) -> fjall::Iter {
        self.snapshot
            .range(&self.engine.kv, range.start.as_bytes()..range.end.as_bytes())
    }

    /// Reads a record.
    pub(super) fn decode(&self, bytes: Bytes) -> Result<Record, DatabaseError> {
        Record::decode(bytes).map_err(|damaged| self.engine.failed(READING, damaged.to_string()))
    }
}

/// A [`View`] that was handed out.
pub(super) struct HeldView {
    pub(super) view: Arc<View>,
    pub(super) clock: Clock,
}

impl Snapshot for HeldView {
    fn read(&self, range: &ReadRange) -> Result<Vec<Entry>, DatabaseError> {
        self.view.read(range, self.clock.now())
    }

    fn get(&self, key: &EncodedKey) -> Result<Option<Entry>, DatabaseError> {
        self.view.get(key, self.clock.now())
    }

    fn versionstamp(&self) -> Option<Versionstamp> {
        (self.view.version != 0).then(|| Versionstamp::from_counter(self.view.version))
    }
}
