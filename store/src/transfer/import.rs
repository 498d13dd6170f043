//! Reading the interchange format into a database.

use std::io::{BufRead, ErrorKind, Read as _};
use std::ops::ControlFlow;

use super::format::parse_line;
use super::journal::Journal;
use super::load::{Existing, Loader, NewEntry};
use super::{Progress, Remark, Remarks, TransferError};
use crate::database::Database;
use crate::key::EncodedKey;
use crate::limits::Limits;

/// The longest line: a value of the greatest length takes a good 200 KB, so this is not an entry.
const LINE_BYTES: u64 = 16 << 20;
/// Lines between two reports of progress.
const PROGRESS_LINES: u64 = 128;

/// How to import.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// What happens to keys that exist.
    pub existing: Existing,
    /// Only find out what would happen; nothing is stored.
    pub dry_run: bool,
    /// Parts that are put before every key.
    pub prefix: EncodedKey,
    /// Entries, too, that have expired by the clock of the database. Where they would be kept until they are swept, see
    /// [`Capabilities::keeps_expired`](crate::database::Capabilities::keeps_expired), they are stored as they were;
    /// elsewhere they are gone at once.
    pub expired: bool,
    /// The expiry of entries that have none of their own, for a database that does not tell expiries.
    pub default_expiry: Option<DefaultExpiry>,
}

/// An expiry for entries that have none of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultExpiry {
    /// In milliseconds since the Unix epoch.
    pub moment: i64,
    /// For those alone that take the place of an entry.
    pub replacing_only: bool,
}

/// What an import did, or in a dry run would do.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportReport {
    /// Entries stored.
    pub stored: u64,
    /// Of these, how many expire.
    pub expiring: u64,
    /// Of the stored ones, how many replaced an entry; known in a dry run and with a journal, otherwise 0.
    pub overwritten: u64,
    /// Entries of which it is not known whether they are stored, after a commit that failed; see
    /// [`CommitError::Unknown`](crate::CommitError::Unknown).
    pub unknown: u64,
    /// Entries left out because their key exists.
    pub skipped: u64,
    /// Entries left out because they had expired.
    pub expired: u64,
    /// Lines that are no entry, or one that no database takes.
    pub errors: Remarks,
    /// Bytes read.
    pub bytes: u64,
    /// Whether all of the input was read; false after a cancel, and what was stored before stays.
    pub complete: bool,
}

/// Imports entries, one a line, in batches: each is stored whole or not at all. A line that cannot be stored is
/// reported and the import goes on. Entries that have expired by the clock of the database are left out unless they are
/// asked for. A reader that has nothing at the moment may fail with [`ErrorKind::WouldBlock`]: then `progress` is asked, and the reader again.
///
/// # Errors
/// If the input cannot be read, the database fails, or a key exists and [`Existing::Fail`] is set. What was
/// stored before stays.
pub fn import(
    database: &dyn Database,
    reader: &mut dyn BufRead,
    options: &ImportOptions,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<ImportReport, TransferError> {
    let mut loader =
        Loader::new(database, options.existing, options.dry_run).default_expiry(options.default_expiry);
    let mut report = ImportReport::default();
    let now = database.clock().now();
    read_into(&mut loader, &mut report, reader, options, now, progress)
        .map_err(|error| error.after(loader.stored()))?;
    Ok(report)
}

/// Imports as [`import`] does, and tells a journal what each commit replaces. What stands there and could not be put
/// back is not replaced, which is among the report's errors. The report says what was done, also if the import failed.
pub fn import_journaled(
    database: &dyn Database,
    reader: &mut dyn BufRead,
    options: &ImportOptions,
    journal: &mut dyn Journal,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> (ImportReport, Result<(), TransferError>) {
    let mut loader = Loader::new(database, options.existing, options.dry_run)
        .default_expiry(options.default_expiry)
        .journal(journal);
    let mut report = ImportReport::default();
    let now = database.clock().now();
    let result = read_into(&mut loader, &mut report, reader, options, now, progress);
    (report, result)
}

fn read_into(
    loader: &mut Loader<'_>,
    report: &mut ImportReport,
    reader: &mut dyn BufRead,
    options: &ImportOptions,
    now: i64,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<(), TransferError> {
    let read = read_lines(loader, report, reader, options, now, progress);
    // After a cancel the batch that was being gathered is let go.
    let result = match read {
        Ok(ControlFlow::Continue(())) => loader.finish().map(|_loaded| true),
        Ok(ControlFlow::Break(())) => Ok(false),
        Err(error) => Err(error),
    };
    report.complete = matches!(result, Ok(true));
    let loaded = loader.loaded();
    report.stored = loaded.stored;
    report.expiring = loaded.expiring;
    report.overwritten = loaded.overwritten;
    report.skipped = loaded.skipped;
    report.unknown = loaded.unknown;
    for remark in loader.take_irreplaceable() {
        report.errors.add(remark);
    }
    result.map(|_complete| ())
}

/// Hands all lines to the loader; breaks if it was cancelled.
fn read_lines(
    loader: &mut Loader<'_>,
    report: &mut ImportReport,
    reader: &mut dyn BufRead,
    options: &ImportOptions,
    now: i64,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, TransferError> {
    let mut number: u64 = 0;
    let mut line = Vec::new();
    loop {
        line.clear();
        let whole = loop {
            match read_line(reader, &mut line, &mut report.bytes) {
                Err(TransferError::Read(error)) if error.kind() == ErrorKind::WouldBlock => {
                    let so_far = Progress {
                        entries: loader.loaded().stored,
                        bytes: report.bytes,
                    };
                    if progress(so_far).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                read => break read?,
            }
        };
        if line.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        number += 1;
        let entry = if whole {
            parse(&line, number == 1, &options.prefix, loader.limits())
        } else {
            Err((None, format!("it is longer than {} MB", LINE_BYTES >> 20)))
        };
        match entry {
            Ok(None) => {}
            Ok(Some(entry)) if !options.expired && entry.expires_at.is_some_and(|at| at <= now) => {
                report.expired += 1;
            }
            Ok(Some(entry)) => loader.add(entry)?,
            Err((key, reason)) => report.errors.add(Remark {
                line: Some(number),
                key,
                reason,
            }),
        }
        if number.is_multiple_of(PROGRESS_LINES) {
            let so_far = Progress {
                entries: loader.loaded().stored,
                bytes: report.bytes,
            };
            if progress(so_far).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
}

type Refused = (Option<EncodedKey>, String);

/// The entry on a line; none on an empty one.
fn parse(
    line: &[u8],
    first: bool,
    prefix: &EncodedKey,
    limits: &Limits,
) -> Result<Option<NewEntry>, Refused> {
    let text = std::str::from_utf8(line).map_err(|_not_utf8| (None, "it is not UTF-8".to_owned()))?;
    let text = if first {
        text.trim_start_matches('\u{feff}')
    } else {
        text
    }
    .trim();
    if text.is_empty() {
        return Ok(None);
    }
    let below_prefix = |key: EncodedKey| prefix.with_suffix(key.as_bytes());
    let entry = parse_line(text).map_err(|(key, reason)| (key.map(below_prefix), reason))?;
    let entry = NewEntry {
        key: below_prefix(entry.key),
        ..entry
    };
    match entry.refusal(limits) {
        None => Ok(Some(entry)),
        Some(reason) => Err((Some(entry.key), reason)),
    }
}

/// Reads the rest of a line with its end, behind what was read of it before; nothing at the end of the input. False if it
/// is too long, and was passed over.
pub(super) fn read_line(
    reader: &mut dyn BufRead,
    line: &mut Vec<u8>,
    bytes: &mut u64,
) -> Result<bool, TransferError> {
    let before = line.len() as u64;
    let read = (&mut *reader)
        .take(LINE_BYTES.saturating_sub(before))
        .read_until(b'\n', line);
    *bytes += line.len() as u64 - before;
    read.map_err(TransferError::Read)?;
    if (line.len() as u64) < LINE_BYTES || line.ends_with(b"\n") {
        return Ok(true);
    }
    loop {
        let available = reader.fill_buf().map_err(TransferError::Read)?;
        let end = available.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
        let used = end.unwrap_or(available.len());
        reader.consume(used);
        *bytes += used as u64;
        if end.is_some() || used == 0 {
            return Ok(false);
        }
    }
}
