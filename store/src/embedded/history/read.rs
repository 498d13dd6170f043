//! Reading the history, from a view of one moment.

use bytes::Bytes;
use fjall::Readable as _;

use super::rows::{
    GONE, PastRow, RULES, StoredRules, TOTAL, gone_row, read_version_row, version_row, versions_of,
};
use crate::embedded::engine::{Engine, contain};
use crate::embedded::read::View;
use crate::error::DatabaseError;
use crate::history::{DeletedPage, HistoryRules, PastVersion};
use crate::key::EncodedKey;
use crate::versionstamp::Versionstamp;

const READING: &str = "reading the history";
/// Keys that one page looks at.
const LOOKED_AT: usize = 4096;
/// Bytes of values after which a page ends.
const PAGE_BYTES: usize = 8 << 20;

/// The rules that a store has, and the bytes of all versions.
pub(in crate::embedded) fn stored_rules(engine: &Engine) -> fjall::Result<(StoredRules, u64)> {
    let Some(history) = engine.history.get() else {
        return Ok((StoredRules::default(), 0));
    };
    let rules = history.get(RULES)?;
    // Rules that a later version wrote keep nothing here, and are left as they are.
    let rules = rules.and_then(|bytes| StoredRules::decode(&bytes));
    let total = history.get(TOTAL)?;
    let total = total.and_then(|bytes| bytes.as_ref().try_into().ok());
    Ok((rules.unwrap_or_default(), total.map_or(0, u64::from_be_bytes)))
}

impl View {
    /// The rules.
    pub(in crate::embedded) fn history_rules(&self) -> Result<HistoryRules, DatabaseError> {
        let Some(history) = self.engine.history.get() else {
            return Ok(HistoryRules::default());
        };
        let found = self.snapshot.get(history, RULES);
        let found = found.map_err(|error| self.engine.error(READING, &error))?;
        let rules = found.and_then(|bytes| StoredRules::decode(&bytes));
        Ok(rules.unwrap_or_default().rules)
    }

    /// A key's versions, the newest first, from the one before `before` on.
    pub(in crate::embedded) fn versions(
        &self,
        key: &EncodedKey,
        before: Option<Versionstamp>,
        limit: usize,
        now: i64,
    ) -> Result<Vec<PastVersion>, DatabaseError> {
        let rules = self.history_rules()?;
        let (Some(history), Some(rule)) = (self.engine.history.get(), rules.of(key)) else {
            return Ok(Vec::new());
        };
        let before = before.map(Versionstamp::counter);
        // Where only so many are kept they are counted from the newest.
        let most = rule.versions.map_or(usize::MAX, |versions| versions as usize);
        let first = match (rule.versions, before) {
            (None, Some(before)) => version_row(key, before),
            _ => versions_of(key),
        };
        let prefix = versions_of(key);
        let current = self.version_of(key)?;
        let (mut counted, mut bytes) = (0, 0);
        let mut versions = Vec::new();
        let mut rows = self.snapshot.range(history, first..);
        while versions.len() < limit && bytes < PAGE_BYTES {
            let Some(guard) = rows.next() else { break };
            let wanted = |row: &[u8]| {
                row.starts_with(&prefix)
                    && read_version_row(row)
                        .is_some_and(|(_, version)| before.is_none_or(|before| version < before))
            };
            let (row, value) = self.contained(|| guard.into_inner_if(|row| wanted(row)))?;
            if !row.starts_with(&prefix) || counted == most {
                break;
            }
            let is_current = read_version_row(&row).is_some_and(|(_, version)| Some(version) == current);
            counted += usize::from(!is_current);
            let Some(value) = value.filter(|_| wanted(&row) && !is_current) else {
                continue;
            };
            let past = PastRow::read(&row, value.into());
            let past = past.filter(|past| !rule.is_over(past.ended_at, now));
            bytes += past.as_ref().map_or(0, |past| past.record.payload.len());
            versions.extend(past.map(PastRow::into_past));
        }
        Ok(versions)
    }

    /// Keys at a prefix and below it that are gone, behind a key, each as it stood last.
    pub(in crate::embedded) fn deleted(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
        now: i64,
    ) -> Result<DeletedPage, DatabaseError> {
        let mut page = DeletedPage::default();
        let Some(history) = self.engine.history.get() else {
            return Ok(page);
        };
        let mut first = gone_row(after.unwrap_or(prefix));
        if after.is_some() {
            first.push(0);
        }
        let mut bytes = 0;
        for (looked_at, guard) in self.snapshot.range(history, first..).enumerate() {
            let row = self.contained(|| guard.key())?;
            let Some(key) = row
                .strip_prefix(&[GONE])
                .map(|key| EncodedKey::from_bytes(key.to_vec()))
            else {
                break;
            };
            if !key.is_at_or_below(prefix) {
                break;
            }
            if page.deleted.len() >= limit || looked_at >= LOOKED_AT || bytes >= PAGE_BYTES {
                break;
            }
            let standing = self.get(&key, now)?;
            let newest = match standing {
                None => self.versions(&key, None, 1, now)?.pop(),
                Some(_) => None,
            };
            bytes += newest.as_ref().map_or(0, |past| past.entry.value.bytes.len());
            page.deleted.extend(newest);
            page.next = Some(key);
        }
        // Whether anything follows is seen by looking.
        if let Some(last) = page.next.take()
            && self.has_gone_behind(&last, prefix)?
        {
            page.next = Some(last);
        }
        Ok(page)
    }

    fn has_gone_behind(&self, last: &EncodedKey, prefix: &EncodedKey) -> Result<bool, DatabaseError> {
        let Some(history) = self.engine.history.get() else {
            return Ok(false);
        };
        let mut first = gone_row(last);
        first.push(0);
        let Some(guard) = self.snapshot.range(history, first..).next() else {
            return Ok(false);
        };
        let row = self.contained(|| guard.key())?;
        let key = row.strip_prefix(&[GONE]);
        Ok(key.is_some_and(|key| EncodedKey::from_bytes(key.to_vec()).is_at_or_below(prefix)))
    }

    /// The version of what the engine has under a key, expired or not.
    fn version_of(&self, key: &EncodedKey) -> Result<Option<u64>, DatabaseError> {
        let bytes = self.contained(|| self.snapshot.get(&self.engine.kv, key.as_bytes()))?;
        let record = bytes.map(|bytes| self.decode(Bytes::from(bytes))).transpose()?;
        Ok(record.map(|record| record.version))
    }

    fn contained<T>(&self, work: impl FnOnce() -> fjall::Result<T>) -> Result<T, DatabaseError> {
        contain(work).map_err(|failure| self.engine.failed(READING, failure.describe()))
    }
}
