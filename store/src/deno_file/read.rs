//! Reads: each in a look of its own.

use std::ops::ControlFlow;

use bytes::Bytes;
use rusqlite::types::ValueRef;
use rusqlite::{CachedStatement, OptionalExtension as _, Row};

use super::connections::{Connections, Look, SharedConnections};
use super::signal::Mark;
use crate::database::{Counted, ReadRange, Snapshot};
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::{EncodedKey, KeyRange};
use crate::value::{Encoding, StoredValue};
use crate::versionstamp::Versionstamp;

/// Rows between two reports of progress.
const PROGRESS_ROWS: u64 = 4096;

/// A look at the file, and what is read in it.
pub(super) struct FileSnapshot {
    look: Look,
    version: Option<i64>,
}

impl FileSnapshot {
    /// Sees what is committed now.
    pub(super) fn begin(home: &SharedConnections) -> Result<Self, DatabaseError> {
        Self::new(Look::begin(home)?)
    }

    /// Reads in a look that has begun.
    pub(super) fn new(look: Look) -> Result<Self, DatabaseError> {
        let mut snapshot = Self { look, version: None };
        let doing = "beginning to read";
        let version = snapshot
            .prepare("SELECT version FROM data_version WHERE k = 0", doing)?
            .query_row((), |row| row.get(0))
            .optional();
        snapshot.version = version.map_err(|error| snapshot.home().failed(doing, &error))?;
        Ok(snapshot)
    }

    /// The file.
    pub(super) fn home(&self) -> &Connections {
        self.look.home()
    }

    /// Which commit it sees, if that can be told; see [`Look::begin_marked`].
    pub(super) fn mark(&self) -> Option<&Mark> {
        self.look.mark()
    }

    /// A prepared statement, from the connection's cache.
    pub(super) fn prepare(
        &self,
        sql: &str,
        doing: &'static str,
    ) -> Result<CachedStatement<'_>, DatabaseError> {
        self.look
            .connection()
            .prepare_cached(sql)
            .map_err(|error| self.home().failed(doing, &error))
    }

    /// One number from a statement without parameters.
    pub(super) fn number(&self, sql: &str) -> Result<i64, DatabaseError> {
        let doing = "reading its statistics";
        self.prepare(sql, doing)?
            .query_row((), |row| row.get(0))
            .map_err(|error| self.home().failed(doing, &error))
    }

    /// Counts entries and bytes; values are not read, only their lengths.
    pub(super) fn count(
        &self,
        range: &KeyRange,
        now: i64,
        progress: &mut dyn FnMut(Counted) -> ControlFlow<()>,
    ) -> Result<Counted, DatabaseError> {
        let doing = "counting";
        let failed = |error| self.home().failed(doing, &error);
        let mut counted = Counted {
            expired: self.count_expired(range, now)?,
            ..Counted::default()
        };
        let sql = "SELECT length(k) + length(v) FROM kv WHERE k >= ?1 AND k < ?2";
        let mut statement = self.prepare(sql, doing)?;
        let mut rows = statement
            .query((range.start.as_bytes(), range.end.as_bytes()))
            .map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            counted.entries += 1;
            counted.bytes += row.get(0).map_or(0, |length: i64| length.unsigned_abs());
            if counted.entries.is_multiple_of(PROGRESS_ROWS) && progress(counted).is_break() {
                return Ok(counted);
            }
        }
        counted.complete = true;
        Ok(counted)
    }

    /// How many entries of a range have expired. Deno's index of expiries tells, so that no other row is read.
    fn count_expired(&self, range: &KeyRange, now: i64) -> Result<u64, DatabaseError> {
        if !self.home().schema().expiry {
            return Ok(0);
        }
        let doing = "counting expired entries";
        let sql = "SELECT count(*) FROM kv \
                   WHERE expiration_ms >= 0 AND expiration_ms <= ?1 AND k >= ?2 AND k < ?3";
        self.prepare(sql, doing)?
            .query_row((now, range.start.as_bytes(), range.end.as_bytes()), |row| {
                row.get(0).map(|number: i64| number.unsigned_abs())
            })
            .map_err(|error| self.home().failed(doing, &error))
    }

    /// When the next entry expires.
    pub(super) fn next_expiry(&self, now: i64) -> Result<Option<i64>, DatabaseError> {
        if !self.home().schema().expiry {
            return Ok(None);
        }
        let doing = "looking for the next expiry";
        let sql = "SELECT expiration_ms FROM kv WHERE expiration_ms > ?1 ORDER BY expiration_ms LIMIT 1";
        self.prepare(sql, doing)?
            .query_row([now.max(-1)], |row| Ok(integer(row.get_ref(0)?)))
            .optional()
            .map(|found| found.and_then(expires_at))
            .map_err(|error| self.home().failed(doing, &error))
    }
}

impl Snapshot for FileSnapshot {
    fn read(&self, range: &ReadRange) -> Result<Vec<Entry>, DatabaseError> {
        let doing = "reading a range";
        let failed = |error| self.home().failed(doing, &error);
        let sql = format!(
            "SELECT {} FROM kv WHERE k >= ?1 AND k < ?2 ORDER BY k {} LIMIT ?3",
            self.home().schema().entry_columns(),
            if range.reverse { "DESC" } else { "ASC" },
        );
        let limit = i64::try_from(range.limit).unwrap_or(i64::MAX);
        let mut statement = self.prepare(&sql, doing)?;
        let rows = statement
            .query_map(
                (range.range.start.as_bytes(), range.range.end.as_bytes(), limit),
                entry,
            )
            .map_err(failed)?;
        rows.collect::<Result<_, _>>().map_err(failed)
    }

    fn get(&self, key: &EncodedKey) -> Result<Option<Entry>, DatabaseError> {
        let doing = "reading an entry";
        let sql = format!(
            "SELECT {} FROM kv WHERE k = ?1",
            self.home().schema().entry_columns()
        );
        self.prepare(&sql, doing)?
            .query_row([key.as_bytes()], entry)
            .optional()
            .map_err(|error| self.home().failed(doing, &error))
    }

    fn versionstamp(&self) -> Option<Versionstamp> {
        self.version.map(versionstamp)
    }
}

/// The stamp of Deno's commit counter.
pub(super) fn versionstamp(version: i64) -> Versionstamp {
    Versionstamp::from_counter(u64::try_from(version).unwrap_or(0))
}

/// When an entry goes; the file holds -1 for never.
pub(super) fn expires_at(expiration: i64) -> Option<i64> {
    (expiration >= 0).then_some(expiration)
}

/// The entry in a row of [`super::schema::Schema::entry_columns`]. What no Deno wrote is taken as it is, so that
/// one odd row does not hide the others.
pub(super) fn entry(row: &Row<'_>) -> Result<Entry, rusqlite::Error> {
    let encoding = match row.get_ref(2)? {
        ValueRef::Integer(number) => Encoding::from_number(number),
        // No number at all.
        _ => Encoding::Unknown(0),
    };
    Ok(Entry {
        key: EncodedKey::from_bytes(blob(row.get_ref(0)?)),
        value: StoredValue {
            encoding,
            bytes: blob(row.get_ref(1)?),
        },
        versionstamp: versionstamp(integer(row.get_ref(3)?)),
        expires_at: expires_at(integer(row.get_ref(4)?)),
    })
}

/// A column's bytes; none for what is neither blob nor text.
pub(super) fn blob(value: ValueRef<'_>) -> Bytes {
    match value {
        ValueRef::Blob(bytes) | ValueRef::Text(bytes) => Bytes::copy_from_slice(bytes),
        _ => Bytes::new(),
    }
}

/// A column's integer; -1 for what is none.
pub(super) fn integer(value: ValueRef<'_>) -> i64 {
    match value {
        ValueRef::Integer(number) => number,
        _ => -1,
    }
}
