//! What a batch of commits adds to the history, and what goes to make room for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use fjall::{Keyspace, OwnedWriteBatch, Slice};

use super::rows::{BY_TIME, ByTime, PastRow, TOTAL, gone_row, version_row, versions_of};
use crate::embedded::engine::Engine;
use crate::embedded::layout::Record;
use crate::error::DatabaseError;
use crate::history::{Ended, HistoryRules};
use crate::key::EncodedKey;

const KEEPING: &str = "keeping an earlier version";

/// What the holder of the commit lock knows of the history, while there are rules.
#[derive(Clone)]
pub(in crate::embedded) struct Kept {
    pub(in crate::embedded) rules: Arc<HistoryRules>,
    /// Bytes of all versions.
    pub(in crate::embedded) bytes: u64,
}

/// The versions that a group of commits ends.
pub(in crate::embedded) struct Keeping {
    rules: Arc<HistoryRules>,
    now: i64,
    past: Vec<PastRow>,
    /// Keys whose entries end without another, by whether they end so at last; and those that come anew.
    standing: BTreeMap<EncodedKey, bool>,
}

impl Keeping {
    pub(in crate::embedded) fn new(kept: &Kept, now: i64) -> Self {
        Self {
            rules: Arc::clone(&kept.rules),
            now,
            past: Vec::new(),
            standing: BTreeMap::new(),
        }
    }

    /// Whether versions of a key are kept.
    pub(in crate::embedded) fn covers(&self, key: &EncodedKey) -> bool {
        self.rules.of(key).is_some()
    }

    /// Hears that a key which is covered has changed, by the commit of version `by`.
    pub(in crate::embedded) fn changed(
        &mut self,
        key: &EncodedKey,
        before: Option<Record>,
        after: Option<&Record>,
        by: u64,
    ) {
        if before.is_none() && after.is_none() {
            return;
        }
        let created = before.is_none();
        if let Some(record) = before.filter(|before| Some(before.version) != after.map(|it| it.version)) {
            let ended = match after {
                _ if record.is_expired(self.now) => Ended::Expired,
                Some(_) => Ended::Replaced,
                None => Ended::Deleted,
            };
            self.past.push(PastRow {
                key: key.clone(),
                record,
                ended,
                ended_by: by,
                ended_at: self.now,
            });
        }
        if after.is_none() {
            self.standing.insert(key.clone(), false);
        } else if created || self.standing.contains_key(key) {
            self.standing.insert(key.clone(), true);
        }
    }

    /// Bytes of the values that wait to be written.
    pub(in crate::embedded) fn waiting_bytes(&self) -> usize {
        self.past.iter().map(|past| past.record.payload.len()).sum()
    }

    /// When the first of these goes by its age.
    pub(in crate::embedded) fn first_over(&self) -> Option<i64> {
        self.rules.shortest_age().map(|age| self.now.saturating_add(age))
    }

    /// Whether there is nothing to write.
    pub(in crate::embedded) fn is_empty(&self) -> bool {
        self.past.is_empty() && self.standing.is_empty()
    }

    /// The rows to write, so that every bound holds with them; `bytes` is what all versions take.
    pub(in crate::embedded) fn rows(self, engine: &Engine, bytes: u64) -> Result<Rows, DatabaseError> {
        let mut rows = Rows::new(engine, bytes)?;
        let mut keys: BTreeMap<&EncodedKey, usize> = BTreeMap::new();
        for past in &self.past {
            rows.add(past)?;
            *keys.entry(&past.key).or_default() += 1;
        }
        for (key, stands) in &self.standing {
            if !stands {
                let newest = self.past.iter().rev().find(|past| past.key == *key);
                if let Some(newest) = newest {
                    let version = newest.record.version.to_be_bytes().to_vec();
                    rows.changes.insert(gone_row(key), Some(version));
                }
            } else if rows.get(&gone_row(key))?.is_some() {
                rows.changes.insert(gone_row(key), None);
            }
        }
        for (key, number) in keys {
            if let Some(most) = self.rules.of(key).and_then(|rule| rule.versions) {
                rows.keep_newest(key, most as usize, number)?;
            }
        }
        rows.keep_within(self.rules.total_bytes)?;
        Ok(rows)
    }
}

/// Changes of the keyspace that are made as one.
pub(in crate::embedded) struct Rows {
    engine: Engine,
    history: Keyspace,
    /// What becomes of each row; `None` for one that goes.
    changes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// Of all versions, with these changes.
    pub(in crate::embedded) bytes: u64,
}

impl Rows {
    pub(super) fn new(engine: &Engine, bytes: u64) -> Result<Self, DatabaseError> {
        let history = engine.history.get();
        let history = history.ok_or_else(|| engine.failed(KEEPING, "its keyspace is missing"))?;
        Ok(Self {
            engine: engine.clone(),
            history: history.clone(),
            changes: BTreeMap::new(),
            bytes,
        })
    }

    /// Adds all changes to a batch.
    pub(in crate::embedded) fn write_to(self, batch: &mut OwnedWriteBatch) {
        if self.changes.is_empty() {
            return;
        }
        batch.insert(&self.history, TOTAL, self.bytes.to_be_bytes());
        for (row, value) in self.changes {
            match value {
                Some(value) => batch.insert(&self.history, row, value),
                None => batch.remove(&self.history, row),
            }
        }
    }

    pub(super) fn num_changes(&self) -> usize {
        self.changes.len()
    }

    pub(super) fn set(&mut self, row: Vec<u8>, value: Option<Vec<u8>>) {
        self.changes.insert(row, value);
    }

    fn get(&self, row: &[u8]) -> Result<Option<Slice>, DatabaseError> {
        match self.changes.get(row) {
            Some(change) => Ok(change.as_deref().map(Slice::from)),
            None => self
                .history
                .get(row)
                .map_err(|error| self.engine.error(KEEPING, &error)),
        }
    }

    fn add(&mut self, past: &PastRow) -> Result<(), DatabaseError> {
        let Some(row) = past.row() else { return Ok(()) };
        // A bulk load that was broken off may have written it before.
        if let Some(old) = self.get(&row)?
            && let Some(old) = PastRow::read(&row, Bytes::from(old))
        {
            self.remove(&old.by_time())?;
        }
        let value = past.value();
        let bytes = (row.len() + value.len()) as u64;
        self.bytes = self.bytes.saturating_add(bytes);
        self.changes
            .insert(past.by_time().row(), Some(bytes.to_be_bytes().to_vec()));
        self.changes.insert(row, Some(value));
        Ok(())
    }

    /// Removes a version by its row in the index.
    pub(super) fn remove(&mut self, by_time: &ByTime) -> Result<(), DatabaseError> {
        let index_row = by_time.row();
        if let Some(bytes) = self.get(&index_row)? {
            let bytes = bytes.as_ref().try_into().map_or(0, u64::from_be_bytes);
            self.bytes = self.bytes.saturating_sub(bytes);
            self.changes.insert(index_row, None);
        }
        self.changes
            .insert(version_row(&by_time.key, by_time.version), None);
        let gone = gone_row(&by_time.key);
        if self
            .get(&gone)?
            .is_some_and(|last| last.as_ref() == by_time.version.to_be_bytes())
        {
            self.changes.insert(gone, None);
        }
        Ok(())
    }

    /// Removes a key's versions beyond the newest `most`, of which `added` are among these changes.
    fn keep_newest(&mut self, key: &EncodedKey, most: usize, added: usize) -> Result<(), DatabaseError> {
        let prefix = versions_of(key);
        let (mut room, mut over) = (most.saturating_sub(added), Vec::new());
        for guard in self.history.prefix(&prefix) {
            let stays = room > 0;
            let found = guard.into_inner_if(|_| !stays);
            let (row, value) = found.map_err(|error| self.engine.error(KEEPING, &error))?;
            if self.changes.contains_key(row.as_ref()) {
                continue;
            }
            if stays {
                room -= 1;
            } else {
                over.extend(value.and_then(|value| PastRow::read(&row, value.into())));
            }
        }
        // Those of one commit group may be too many by themselves.
        let own = self.changes.range(prefix.clone()..);
        let own = own.take_while(|(row, _)| row.starts_with(&prefix));
        let own = own.filter_map(|(row, value)| PastRow::read(row, Bytes::from(value.clone()?)));
        over.extend(own.skip(most));
        for past in over {
            self.remove(&past.by_time())?;
        }
        Ok(())
    }

    /// Removes the oldest versions until all of them take no more than so many bytes.
    pub(super) fn keep_within(&mut self, most: u64) -> Result<(), DatabaseError> {
        if self.bytes <= most {
            return Ok(());
        }
        let rows = self.history.prefix([BY_TIME]);
        let mut left = self.bytes - most;
        let mut over = Vec::new();
        for guard in rows {
            let (row, bytes) = guard
                .into_inner()
                .map_err(|error| self.engine.error(KEEPING, &error))?;
            if self.changes.contains_key(row.as_ref()) {
                continue;
            }
            over.extend(ByTime::read(&row));
            left = left.saturating_sub(bytes.as_ref().try_into().map_or(0, u64::from_be_bytes));
            if left == 0 {
                break;
            }
        }
        for by_time in over {
            self.remove(&by_time)?;
        }
        // What is added now is newer than all of it, and may be too much by itself.
        while self.bytes > most {
            let mut own = self.changes.range(vec![BY_TIME]..);
            let own = own.find(|(_, value)| value.is_some());
            match own.and_then(|(row, _)| ByTime::read(row)) {
                Some(by_time) => self.remove(&by_time)?,
                // Nothing is left that counts.
                None => self.bytes = 0,
            }
        }
        Ok(())
    }
}
