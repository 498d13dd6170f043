//! One pass through a database, beside what the backup has of it.

use std::iter::Peekable;
use std::ops::ControlFlow;

use super::BackupError;
use super::records::{Record, RecordWriter};
use super::sums::{EntryHash, Sums};
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::EncodedKey;
use crate::limits::Limits;
use crate::transfer::{NAMED, Progress, Remark, Remarks, refusal};
use crate::versionstamp::Versionstamp;

/// Keys between two marks that tell how far it is, and between two reports of progress.
const MARKED_KEYS: u64 = if cfg!(test) { 4 } else { 256 };

/// What a pass found.
#[derive(Debug, Clone, Default)]
pub(super) struct Found {
    /// Keys that are not as the pass before saw them.
    pub(super) moved: u64,
    /// The first of these.
    pub(super) moved_named: Vec<EncodedKey>,
    /// Entries that the store does not have under any value.
    pub(super) new: u64,
    /// Entries of which it has another value or expiry.
    pub(super) replaced: u64,
    /// Entries that the database does not have any more.
    pub(super) deleted: u64,
    /// Entries that it has, exactly or under another versionstamp.
    pub(super) same: u64,
    /// Entries left out because they have expired.
    pub(super) expired: u64,
    /// Entries that no folder takes.
    pub(super) errors: Remarks,
    /// What the database comes to.
    pub(super) sums: Sums,
    /// What the store comes to.
    pub(super) of_store: Sums,
    pub(super) expiring: u64,
    pub(super) newest: Option<Versionstamp>,
    /// Whether the pass came to its end.
    pub(super) complete: bool,
}

/// What is gone through side by side, each in key order.
pub(super) struct Sides<S, K, P>
where
    S: Iterator,
    K: Iterator,
    P: Iterator,
{
    /// The database.
    pub(super) source: Peekable<S>,
    /// The store of the backup.
    pub(super) store: Peekable<K>,
    /// How the pass before found the database to differ from the store.
    pub(super) previous: Peekable<P>,
}

/// What stands under one key on each side.
struct Row {
    key: EncodedKey,
    source: Option<Entry>,
    store: Option<Entry>,
    previous: Option<Record>,
}

impl<S, K, P> Sides<S, K, P>
where
    S: Iterator<Item = Result<Entry, DatabaseError>>,
    K: Iterator<Item = Result<Entry, DatabaseError>>,
    P: Iterator<Item = Result<Record, BackupError>>,
{
    fn next(&mut self) -> Result<Option<Row>, BackupError> {
        let keys = [
            key_of(self.source.peek(), |entry| &entry.key),
            key_of(self.store.peek(), |entry| &entry.key),
            key_of(self.previous.peek(), |record| &record.key),
        ];
        // A side that fails comes first.
        let Some(key) = keys.into_iter().flatten().min().cloned() else {
            return Ok(None);
        };
        let source = take(&mut self.source, &key, |entry| &entry.key)?;
        let store = take(&mut self.store, &key, |entry| &entry.key)?;
        let previous = take(&mut self.previous, &key, |record| &record.key)?;
        Ok(Some(Row {
            key,
            source,
            store,
            previous,
        }))
    }
}

/// The key that a side stands at. That of one that failed is less than any other, so that it is taken at once.
fn key_of<'a, T, E>(
    next: Option<&'a Result<T, E>>,
    key: impl Fn(&'a T) -> &'a EncodedKey,
) -> Option<&'a EncodedKey> {
    static FAILED: std::sync::OnceLock<EncodedKey> = std::sync::OnceLock::new();
    match next? {
        Ok(one) => Some(key(one)),
        Err(_) => Some(FAILED.get_or_init(EncodedKey::default)),
    }
}

fn take<T, E>(
    side: &mut Peekable<impl Iterator<Item = Result<T, E>>>,
    at: &EncodedKey,
    key: impl Fn(&T) -> &EncodedKey,
) -> Result<Option<T>, E> {
    let next = side.next_if(|next| match next {
        Ok(one) => key(one) == at,
        Err(_) => true,
    });
    next.transpose()
}

/// Whether two states of a key are the same, and by the same commit.
fn is_same(one: Option<&Entry>, other: Option<&Entry>) -> bool {
    // The store keeps the first eight bytes of a versionstamp, which tell all commits apart that a reader can.
    let stamps = |one: &Entry, other: &Entry| one.versionstamp.counter() == other.versionstamp.counter();
    has_same_content(one, other) && one.zip(other).is_none_or(|(one, other)| stamps(one, other))
}

/// Whether two states of a key hold the same.
pub(super) fn has_same_content(one: Option<&Entry>, other: Option<&Entry>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => one.value == other.value && one.expires_at == other.expires_at,
        _ => false,
    }
}

/// Goes through the database and writes down how it differs from the store. `now` tells which entries have expired.
pub(super) fn read<S, K, P>(
    mut sides: Sides<S, K, P>,
    now: i64,
    limits: &Limits,
    to: &mut RecordWriter<std::fs::File>,
    io_error: &dyn Fn(std::io::Error) -> BackupError,
    done: &mut Progress,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Found, BackupError>
where
    S: Iterator<Item = Result<Entry, DatabaseError>>,
    K: Iterator<Item = Result<Entry, DatabaseError>>,
    P: Iterator<Item = Result<Record, BackupError>>,
{
    let mut found = Found {
        sums: Sums::new(),
        of_store: Sums::new(),
        ..Found::default()
    };
    let mut keys: u64 = 0;
    while let Some(row) = sides.next()? {
        if let Some(entry) = &row.source {
            done.entries += 1;
            done.bytes += entry.size();
        }
        let key = row.key.clone();
        if let Some(record) = found.take(row, now, limits) {
            to.record(&record).map_err(io_error)?;
        }
        keys += 1;
        if keys.is_multiple_of(MARKED_KEYS) {
            to.reached(&key).map_err(io_error)?;
            if progress(*done).is_break() {
                return Ok(found);
            }
        }
    }
    // The last ones are told, too.
    found.complete = progress(*done).is_continue();
    Ok(found)
}

impl Found {
    /// Takes what stands under one key, and tells it if the store has something else.
    fn take(&mut self, row: Row, now: i64, limits: &Limits) -> Option<Record> {
        let Row {
            key,
            source,
            store,
            previous,
        } = row;
        if let Some(entry) = &store {
            self.of_store.add(entry);
        }
        let wanted = source.filter(|entry| self.is_wanted(entry, now, limits));
        if let Some(entry) = &wanted {
            self.sums.add(entry);
            self.expiring += u64::from(entry.expires_at.is_some());
            self.newest = self.newest.max(Some(entry.versionstamp));
        }
        let seen = match &previous {
            Some(record) => record.entry.as_ref(),
            None => store.as_ref(),
        };
        if !is_same(wanted.as_ref(), seen) {
            self.moved += 1;
            if self.moved_named.len() < NAMED {
                self.moved_named.push(key.clone());
            }
        }
        if has_same_content(wanted.as_ref(), store.as_ref()) {
            self.same += u64::from(wanted.is_some());
        } else {
            match (&wanted, &store) {
                (Some(_), None) => self.new += 1,
                (Some(_), Some(_)) => self.replaced += 1,
                (None, _) => self.deleted += 1,
            }
        }
        (!is_same(wanted.as_ref(), store.as_ref())).then(|| Record {
            key,
            entry: wanted,
            other: store.as_ref().map(EntryHash::of),
        })
    }

    /// Whether a backup holds an entry.
    fn is_wanted(&mut self, entry: &Entry, now: i64, limits: &Limits) -> bool {
        if entry.has_expired(now) {
            self.expired += 1;
            return false;
        }
        match refusal(&entry.key, &entry.value, limits) {
            None => true,
            Some(reason) => {
                self.errors.add(Remark {
                    line: None,
                    key: Some(entry.key.clone()),
                    reason,
                });
                false
            }
        }
    }

    /// Keys that hold something else than in the store.
    pub(super) fn differing(&self) -> u64 {
        self.new + self.replaced + self.deleted
    }
}
