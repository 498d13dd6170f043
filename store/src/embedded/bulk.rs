//! Loading many entries at once, straight into tables.

use std::sync::atomic::Ordering;

use fjall::PersistMode;

use super::commit::CommitState;
use super::engine::contain;
use super::history::{Keeping, PastRows};
use super::layout::{RESERVED_VERSION, Record, VERSION_BLOCK, expiry_row};
use super::read::View;
use super::{Shared, Store};
use crate::error::{CommitError, DatabaseError, LoadError};
use crate::key::EncodedKey;
use crate::limits::Limits;
use crate::value::StoredValue;

const LOADING: &str = "loading entries";
/// Bytes of values for the history that are written together.
const PAST_BYTES: usize = 16 << 20;
/// Bytes of keys and values that are gathered, sorted and written together. Each portion becomes a run of its own,
/// and reads of many entries merge all runs.
const PORTION_BYTES: usize = 256 << 20;

/// A load of many entries, several times faster than commits, in any order.
///
/// Entries are gathered and written in portions, of 256 MiB unless told otherwise. Each portion becomes visible
/// and durable as a whole, under a versionstamp of its own, when it is written; other commits wait for that,
/// reads do not. What was added and not yet written is lost unless [`Self::finish`] is called. Of entries under
/// the same key the last one added stays. Watches see the new state, and change feeds hear that they lagged.
pub struct BulkLoad {
    store: Store,
    rows: Vec<Row>,
    bytes: usize,
    portion_bytes: usize,
    /// Entries of the portions that were written.
    stored: u64,
}

struct Row {
    key: EncodedKey,
    value: StoredValue,
    expires_at: Option<i64>,
}

impl BulkLoad {
    pub(super) fn new(store: Store) -> Self {
        Self {
            store,
            rows: Vec::new(),
            bytes: 0,
            portion_bytes: PORTION_BYTES,
            stored: 0,
        }
    }

    /// Gathers this many bytes of keys and values instead. Less takes less memory, and leaves reads of many entries
    /// more to merge.
    #[must_use]
    pub fn portion_bytes(mut self, bytes: usize) -> Self {
        self.portion_bytes = bytes;
        self
    }

    /// Adds an entry, which replaces one that has the key already. It may go to disk now or later.
    ///
    /// # Errors
    /// [`LoadError::Refused`] if key or value exceed Deno's limits; then the load may go on without the entry.
    /// [`LoadError::Write`] if the store cannot be written, which says what is stored.
    pub fn add(
        &mut self,
        key: EncodedKey,
        value: StoredValue,
        expires_at: Option<i64>,
    ) -> Result<(), LoadError> {
        check(&key, &value).map_err(LoadError::Refused)?;
        self.bytes += key.as_bytes().len() + value.bytes.len();
        self.rows.push(Row {
            key,
            value,
            expires_at,
        });
        if self.bytes >= self.portion_bytes {
            self.write()?;
        }
        Ok(())
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// If the store cannot be written; the error says what is stored.
    pub fn finish(mut self) -> Result<(), LoadError> {
        self.write()
    }

    fn write(&mut self) -> Result<(), LoadError> {
        self.bytes = 0;
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        let order = sorted(&rows);
        let number = order.len() as u64;
        let store = self.store.writable().map_err(CommitError::from);
        match store.and_then(|store| store.load(&rows, &order)) {
            Ok(()) => {
                self.stored += number;
                Ok(())
            }
            Err(source) => Err(LoadError::Write {
                stored: self.stored,
                unknown: match &source {
                    CommitError::Unknown { .. } => number,
                    _ => 0,
                },
                source,
            }),
        }
    }
}

/// What Deno's limits have against an entry.
fn check(key: &EncodedKey, value: &StoredValue) -> Result<(), DatabaseError> {
    Limits::DENO.check_key(key.as_bytes().len())?;
    Limits::DENO.check_value(value.bytes.len())?;
    super::evaluate::refuse_large_encoding(value)?;
    Ok(())
}

/// Indices of the rows in key order; of rows with the same key only that of the last one added.
fn sorted(rows: &[Row]) -> Vec<usize> {
    let first = rows.first().map_or(&[][..], |row| row.key.as_bytes());
    let shared = rows.iter().fold(first.len(), |shared, row| {
        let same = first.iter().zip(row.key.as_bytes()).take(shared);
        same.take_while(|(a, b)| a == b).count()
    });
    let key = |index: usize| rows.get(index).map(|row| &row.key);
    // Most comparisons are settled by the eight bytes behind what all keys share, without a look at the keys.
    let mut places: Vec<(u64, usize)> = rows
        .iter()
        .enumerate()
        .map(|(index, row)| {
            let rest = row.key.as_bytes().iter().skip(shared);
            let mut head = [0; 8];
            head.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            (u64::from_be_bytes(head), index)
        })
        .collect();
    places.sort_unstable_by(|(a_head, a), (b_head, b)| {
        let heads = a_head.cmp(b_head);
        heads.then_with(|| key(*a).cmp(&key(*b)).then(b.cmp(a)))
    });
    let mut indices: Vec<usize> = places.into_iter().map(|(_, index)| index).collect();
    indices.dedup_by(|next, kept| key(*next) == key(*kept));
    indices
}

impl Shared {
    /// Writes rows as one commit, in the order given, which is that of their different keys.
    fn load(&self, rows: &[Row], order: &[usize]) -> Result<(), CommitError> {
        let mut state = self.lock_commits()?;
        if let Some(reason) = &state.failure {
            return Err(self.engine.failed(LOADING, reason.as_str()).into());
        }
        let engine = &self.engine;
        let now = self.clock.now();
        let version = state.version.saturating_add(1);

        // First what the entries rely on: their version is reserved, and the index knows their expiries.
        let mut batch = engine.database.batch().durability(Some(PersistMode::SyncData));
        let reserved_version = version.saturating_add(VERSION_BLOCK).max(state.reserved_version);
        batch.insert(&engine.aux, RESERVED_VERSION, reserved_version.to_be_bytes());
        let mut earliest_expiry = i64::MAX;
        let rows = || order.iter().filter_map(|index| rows.get(*index));
        for (expires_at, key) in rows().filter_map(|row| Some((row.expires_at?, &row.key))) {
            batch.insert(&engine.aux, expiry_row(expires_at, key.as_bytes()), Vec::new());
            earliest_expiry = earliest_expiry.min(expires_at);
        }
        if let Some(past) = self.past_of(&mut state, rows(), version, now)? {
            past.write_to(&mut batch);
        }
        if let Err(failure) = contain(|| batch.commit()) {
            let reason = failure.describe();
            state.failure = Some(reason.clone());
            return Err(engine.failed(LOADING, reason).into());
        }
        state.reserved_version = reserved_version;

        let written = contain(|| {
            let mut ingestion = engine.kv.start_ingestion()?;
            for row in rows() {
                let record = Record {
                    version,
                    encoding: row.value.encoding,
                    expires_at: row.expires_at,
                    payload: row.value.bytes.clone(),
                };
                if record.is_expired(now) {
                    ingestion.write_tombstone(row.key.to_shared())?;
                } else {
                    ingestion.write(row.key.to_shared(), record.encode())?;
                }
            }
            Ok(ingestion)
        });
        // Tables are nobody's until the last step, which takes them in as one.
        let ingestion = match written {
            Ok(ingestion) => ingestion,
            Err(failure) => {
                let reason = failure.describe();
                state.failure = Some(reason.clone());
                return Err(engine.failed(LOADING, reason).into());
            }
        };
        if let Err(failure) = contain(|| ingestion.finish()) {
            let reason = failure.describe();
            state.failure = Some(reason.clone());
            return Err(CommitError::Unknown {
                reason,
                location: (*engine.location).to_owned(),
            });
        }
        state.version = version;
        self.publish(View::now(engine, version));
        self.listeners
            .tell_of_much(rows().map(|row| &row.key), &self.marked);
        if state.kept.is_some() {
            self.committer.next_trim.store(i64::MIN, Ordering::Release);
            self.wake_sweeper();
        }
        if earliest_expiry < self.committer.next_expiry.load(Ordering::Acquire) {
            self.committer
                .next_expiry
                .store(earliest_expiry, Ordering::Release);
            self.wake_sweeper();
        }
        Ok(())
    }
}

impl Shared {
    /// What the history keeps of entries that rows replace. Where that is much, most of it is written already: a version that
    /// stands there still is none to its readers.
    fn past_of<'a>(
        &self,
        state: &mut CommitState,
        rows: impl Iterator<Item = &'a Row>,
        version: u64,
        now: i64,
    ) -> Result<Option<PastRows>, DatabaseError> {
        let engine = &self.engine;
        let Some(kept) = &mut state.kept else {
            return Ok(None);
        };
        let mut keeping = Keeping::new(kept, now);
        for row in rows {
            if !keeping.covers(&row.key) {
                continue;
            }
            let before = engine.kv.get(row.key.as_bytes());
            let before = before.map_err(|error| engine.error(LOADING, &error))?;
            let before = before.map(|bytes| Record::decode(bytes.into())).transpose();
            let before = before.map_err(|damaged| engine.failed(LOADING, damaged.to_string()))?;
            let after = Record {
                version,
                encoding: row.value.encoding,
                expires_at: row.expires_at,
                payload: row.value.bytes.clone(),
            };
            let after = Some(&after).filter(|after| !after.is_expired(now));
            keeping.changed(&row.key, before, after, version);
            if keeping.waiting_bytes() >= PAST_BYTES {
                let full = std::mem::replace(&mut keeping, Keeping::new(kept, now));
                let rows = full.rows(engine, kept.bytes)?;
                kept.bytes = rows.bytes;
                let mut batch = engine.database.batch();
                rows.write_to(&mut batch);
                if let Err(failure) = contain(|| batch.commit()) {
                    let reason = failure.describe();
                    state.failure = Some(reason.clone());
                    return Err(engine.failed(LOADING, reason));
                }
            }
        }
        if keeping.is_empty() {
            return Ok(None);
        }
        let rows = keeping.rows(engine, kept.bytes)?;
        kept.bytes = rows.bytes;
        Ok(Some(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Encoding;

    fn row(key: &[u8], value: &str) -> Row {
        Row {
            key: EncodedKey::from_bytes(key.to_vec()),
            value: StoredValue {
                encoding: Encoding::Bytes,
                bytes: value.as_bytes().to_vec().into(),
            },
            expires_at: None,
        }
    }

    #[test]
    fn rows_are_sorted_by_key_and_of_equal_keys_the_last_stays() {
        let keys: [&[u8]; 9] = [
            b"same beginning, then this",
            b"same b",
            b"same b\0\0",
            b"same b\0",
            b"same beginning, then that",
            b"same b\0",
            b"same b\xff",
            b"same beginning, then this",
            b"same b\0\0\0\0\0\0\0\0\x01",
        ];
        let rows: Vec<Row> = keys.iter().map(|key| row(key, "")).collect();
        assert_eq!(sorted(&rows), [1, 5, 2, 8, 4, 7, 6]);
        assert!(sorted(&[]).is_empty());
    }
}
