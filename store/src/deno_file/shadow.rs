//! What a change feed remembers of a range, so that it can tell what another process changed.
//!
//! SQLite only says that something changed. A shadow holds each key of the range with its version, and values as
//! far as its memory goes; comparing it with the range as it is now names the changes.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::read::{FileSnapshot, expires_at, integer, versionstamp};
use crate::database::{Before, Change, Snapshot as _};
use crate::entries::Entries;
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::{EncodedKey, KeyRange};
use crate::value::StoredValue;
use crate::versionstamp::Versionstamp;

/// The most keys that a shadow holds. Comparing this many takes about 50 ms.
pub(super) const KEYS: usize = 200_000;
/// The most bytes of values that a shadow holds.
const VALUE_BYTES: usize = 16 << 20;
/// The most changes that are named at once; a reader does better to read anew than to apply more.
const CHANGES: u64 = 10_000;
/// Entries read at once while a shadow is made.
const PAGE: usize = 1000;

/// A range as it was.
pub(super) struct Shadow {
    range: KeyRange,
    /// All keys, one after the other, in order.
    keys: Vec<u8>,
    rows: Vec<Row>,
    value_bytes: usize,
}

struct Row {
    /// Where its key ends in [`Shadow::keys`].
    key_end: usize,
    version: i64,
    expiration: i64,
    /// Boxed because most rows of a large shadow have none.
    value: Option<Box<StoredValue>>,
}

/// What a comparison found.
pub(super) enum Difference {
    /// Changes in key order. Nothing says which commit deleted what, so that deletes have the newest one's mark. The
    /// shadow now is the range as the snapshot has it.
    Changes(Shadow, Vec<Change>),
    /// Too many changes to name them: so many.
    TooMany(Shadow, u64),
    /// The range has outgrown what a shadow holds.
    OutOfReach,
}

impl Shadow {
    /// Remembers the range as the snapshot has it; `None` if it holds more than [`KEYS`].
    pub(super) fn new(range: KeyRange, snapshot: &FileSnapshot) -> Result<Option<Self>, DatabaseError> {
        let mut shadow = Self::empty(range);
        // Values first, as many as fit; the keys behind them are then "changes" without a past.
        let mut rest = shadow.range.clone();
        let mut entries = Entries::of_snapshot(snapshot, [rest.clone()]).pages_of(PAGE);
        while shadow.value_bytes < VALUE_BYTES && shadow.rows.len() < KEYS {
            let Some(page) = entries.next_page()? else {
                return Ok(Some(shadow));
            };
            for entry in page {
                rest = rest.after(&entry.key, false);
                let version = i64::try_from(entry.versionstamp.counter()).unwrap_or(-1);
                let expiration = entry.expires_at.unwrap_or(-1);
                shadow.push(entry.key.as_bytes(), version, expiration, Some(entry.value));
            }
        }
        let fits = shadow.walk(rest, snapshot, |shadow, key, version, expiration| {
            shadow.push(key, version, expiration, None);
            Ok(())
        })?;
        Ok(fits.then_some(shadow))
    }

    /// Compares the range as it was with what it is in the snapshot.
    pub(super) fn compare(self, snapshot: &FileSnapshot) -> Result<Difference, DatabaseError> {
        let newest = snapshot.versionstamp();
        let mut now = self.as_large();
        let mut past = Past::from(self);
        let mut found = Found::default();
        let fits = now.walk(now.range.clone(), snapshot, |now, key, version, expiration| {
            while past.key().is_some_and(|old| old < key) {
                found.add(past.take_deleted(newest));
            }
            let before = if past.key() == Some(key) {
                past.take_row()
            } else {
                None
            };
            match before {
                Some(row) if row.version == version && row.expiration == expiration => {
                    now.push(key, version, expiration, row.value.map(|value| *value));
                }
                before => {
                    let key = EncodedKey::from_bytes(key.to_vec());
                    let after = if found.too_many() {
                        None
                    } else {
                        snapshot.get(&key)?
                    };
                    let value = after.as_ref().map(|entry| entry.value.clone());
                    now.push(key.as_bytes(), version, expiration, value);
                    let before = before.map_or(Before::Absent, |row| row.into_before(key.clone()));
                    found.add(Some(Change {
                        versionstamp: versionstamp(version),
                        key,
                        before,
                        after,
                    }));
                }
            }
            Ok(())
        })?;
        if !fits {
            return Ok(Difference::OutOfReach);
        }
        while past.key().is_some() {
            found.add(past.take_deleted(newest));
        }
        Ok(if found.too_many() {
            Difference::TooMany(now, found.number)
        } else {
            Difference::Changes(now, found.changes)
        })
    }

    /// The range.
    pub(super) fn range(&self) -> &KeyRange {
        &self.range
    }

    /// What it remembers of a part of its range.
    pub(super) fn part(&self, range: &KeyRange) -> Self {
        let mut part = Self::empty(range.clone());
        let mut at = 0;
        for row in &self.rows {
            let key = self.keys.get(at..row.key_end).unwrap_or_default();
            at = row.key_end;
            if key >= range.start.as_bytes() && key < range.end.as_bytes() {
                part.push(key, row.version, row.expiration, row.value.as_deref().cloned());
            }
        }
        part
    }

    /// How many keys it holds.
    #[cfg(test)]
    pub(super) fn num_keys(&self) -> usize {
        self.rows.len()
    }

    /// An empty one of the same range, with room for as much.
    fn as_large(&self) -> Self {
        Self {
            range: self.range.clone(),
            keys: Vec::with_capacity(self.keys.len()),
            rows: Vec::with_capacity(self.rows.len()),
            value_bytes: 0,
        }
    }

    fn empty(range: KeyRange) -> Self {
        Self {
            range,
            keys: Vec::new(),
            rows: Vec::new(),
            value_bytes: 0,
        }
    }

    /// Appends a row; the value is kept if there is room for it.
    fn push(&mut self, key: &[u8], version: i64, expiration: i64, value: Option<StoredValue>) {
        let value = value.filter(|value| self.value_bytes + value.bytes.len() <= VALUE_BYTES);
        self.value_bytes += value.as_ref().map_or(0, |value| value.bytes.len());
        self.keys.extend_from_slice(key);
        self.rows.push(Row {
            key_end: self.keys.len(),
            version,
            expiration,
            value: value.map(Box::new),
        });
    }

    /// Visits key, version and expiration of a range in key order. False if the shadow is full before the end.
    fn walk(
        &mut self,
        range: KeyRange,
        snapshot: &FileSnapshot,
        mut visit: impl FnMut(&mut Self, &[u8], i64, i64) -> Result<(), DatabaseError>,
    ) -> Result<bool, DatabaseError> {
        let doing = "looking for changes";
        let failed = |error| snapshot.home().failed(doing, &error);
        let sql = format!(
            "SELECT k, version, {} FROM kv WHERE k >= ?1 AND k < ?2 ORDER BY k",
            snapshot.home().schema().expiry_column(),
        );
        let mut statement = snapshot.prepare(&sql, doing)?;
        let mut rows = statement
            .query((range.start.as_bytes(), range.end.as_bytes()))
            .map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            if self.rows.len() >= KEYS {
                return Ok(false);
            }
            let key = row.get_ref(0).map_err(failed)?.as_blob().unwrap_or_default();
            let version = integer(row.get_ref(1).map_err(failed)?);
            let expiration = integer(row.get_ref(2).map_err(failed)?);
            visit(self, key, version, expiration)?;
        }
        Ok(true)
    }
}

impl Row {
    fn into_before(self, key: EncodedKey) -> Before {
        self.value.map_or(Before::Unknown, |value| {
            Before::Entry(Entry {
                key,
                value: *value,
                versionstamp: versionstamp(self.version),
                expires_at: expires_at(self.expiration),
            })
        })
    }
}

/// A shadow being taken apart, in key order.
struct Past {
    keys: Vec<u8>,
    rows: Peekable<IntoIter<Row>>,
    /// Where the next row's key begins.
    at: usize,
}

impl From<Shadow> for Past {
    fn from(shadow: Shadow) -> Self {
        Self {
            keys: shadow.keys,
            rows: shadow.rows.into_iter().peekable(),
            at: 0,
        }
    }
}

impl Past {
    /// The next row's key.
    fn key(&mut self) -> Option<&[u8]> {
        let row = self.rows.peek()?;
        self.keys.get(self.at..row.key_end)
    }

    fn take_row(&mut self) -> Option<Row> {
        let row = self.rows.next()?;
        self.at = row.key_end;
        Some(row)
    }

    fn take_deleted(&mut self, newest: Option<Versionstamp>) -> Option<Change> {
        let key = EncodedKey::from_bytes(self.key()?.to_vec());
        let row = self.take_row()?;
        Some(Change {
            versionstamp: newest.unwrap_or_else(|| versionstamp(row.version)),
            before: row.into_before(key.clone()),
            key,
            after: None,
        })
    }
}

/// Changes found so far.
#[derive(Default)]
struct Found {
    changes: Vec<Change>,
    number: u64,
}

impl Found {
    fn add(&mut self, change: Option<Change>) {
        let Some(change) = change else { return };
        self.number += 1;
        if !self.too_many() {
            self.changes.push(change);
        }
    }

    fn too_many(&self) -> bool {
        self.number > CHANGES
    }
}
