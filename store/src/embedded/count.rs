//! Exact counts.

use std::ops::ControlFlow;

use fjall::Readable as _;

use super::layout::{RECORD_HEADER, Record, expiry_bound, parse_expiry_row};
use super::read::View;
use crate::database::Counted;
use crate::error::DatabaseError;
use crate::key::KeyRange;

const COUNTING: &str = "counting entries";
/// Entries between two reports of progress; a cancelled count stops within about two milliseconds.
const REPORTED_EVERY: u64 = 4096;

impl View {
    /// Counts the entries of a range that are visible at `now`.
    ///
    /// Large values are not read, only their sizes. Expired entries, which are few because they are swept,
    /// are found in the index of expiries and taken off.
    pub(super) fn count(
        &self,
        range: &KeyRange,
        now: i64,
        progress: &mut dyn FnMut(Counted) -> ControlFlow<()>,
    ) -> Result<Counted, DatabaseError> {
        let mut found = Counted::default();
        if range.is_empty() {
            found.complete = true;
            return Ok(found);
        }
        let expired = self.expired(range, now)?;
        let visible = |found: Counted| Counted {
            entries: found.entries.saturating_sub(expired.entries),
            bytes: found.bytes.saturating_sub(expired.bytes),
            ..found
        };
        let mut sizes = (self.engine.kv.blob_file_count() > 0).then(|| self.rows(range));
        for guard in self.rows(range) {
            let row_size = match sizes.as_mut().map(Iterator::next) {
                // A value in a file of its own tells its size without being read, but not together with its
                // key, so a second iterator walks beside this one.
                Some(Some(size)) => guard.key().and_then(|key| Ok(key.len() + size.size()? as usize)),
                Some(None) | None => guard.into_inner().map(|(key, value)| key.len() + value.len()),
            };
            let row_size = row_size.map_err(|error| self.engine.error(COUNTING, &error))?;
            found.entries += 1;
            found.bytes += row_size.saturating_sub(RECORD_HEADER) as u64;
            if found.entries.is_multiple_of(REPORTED_EVERY) && progress(visible(found)).is_break() {
                return Ok(visible(found));
            }
        }
        found.complete = true;
        Ok(visible(found))
    }

    /// Counts the entries of a range that the sweeper has not removed yet.
    fn expired(&self, range: &KeyRange, now: i64) -> Result<Counted, DatabaseError> {
        let mut expired = Counted::default();
        let rows = self.snapshot.range(
            &self.engine.aux,
            expiry_bound(i64::MIN)..expiry_bound(now.saturating_add(1)),
        );
        for guard in rows {
            let row = guard.key().map_err(|error| self.engine.error(COUNTING, &error))?;
            let Some((expires_at, key)) = parse_expiry_row(&row.into()) else {
                continue;
            };
            if !range.contains(&key) {
                continue;
            }
            let stored = self
                .snapshot
                .get(&self.engine.kv, key.as_bytes())
                .map_err(|error| self.engine.error(COUNTING, &error))?
                .map(|bytes| self.decode(bytes.into()))
                .transpose()?;
            if let Some(Record { payload, .. }) = stored.filter(|it| it.expires_at == Some(expires_at)) {
                expired.entries += 1;
                expired.bytes += (key.as_bytes().len() + payload.len()) as u64;
            }
        }
        Ok(expired)
    }
}
