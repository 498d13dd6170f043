//! Writing entries in one of the formats.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use super::format::{EntryWriter, Format};
use super::{Progress, Remark, Remarks, TransferError};
use crate::database::Database;
use crate::entries::Entries;
use crate::key::KeyRange;
use crate::new_file::NewFile;

/// What to export, and how.
#[derive(Debug, Clone)]
pub struct ExportOptions {
    /// The form.
    pub format: Format,
    /// Which entries: these ranges, one after the other.
    pub ranges: Vec<KeyRange>,
    /// Entries, too, that have expired and were not swept yet.
    pub expired: bool,
}

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExportReport {
    /// Entries written.
    pub entries: u64,
    /// Entries left out because they have expired.
    pub expired: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Entries whose readable form is not exact, with what it lacks. In [`Format::Ndjson`] their stored bytes stand
    /// beside it, so that an import restores them exactly.
    pub lossy: Remarks,
    /// Entries whose key or value cannot be read, with the reason. In [`Format::Ndjson`] they are kept in raw form;
    /// in the others what cannot be read stands as bytes, and the entry says why.
    pub unreadable: Remarks,
    /// Entries that [`Format::Ndjson`] keeps in raw form, exactly: those that cannot be read, and those with a key
    /// that Deno would have written otherwise.
    pub raw: u64,
    /// Whether all entries were written; false after a cancel.
    pub complete: bool,
}

/// Writes the entries of some ranges as they are in one snapshot. `progress` is asked after every page and may break.
///
/// # Errors
/// If the database fails, or `writer` does.
pub fn export(
    database: &dyn Database,
    options: &ExportOptions,
    writer: &mut dyn Write,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<ExportReport, TransferError> {
    // Before the snapshot: what a database hides as expired is none of those left out here.
    let now = database.clock().now();
    let snapshot = database.snapshot()?;
    let mut report = ExportReport::default();
    let mut output = EntryWriter::new(options.format, writer);
    let mut entries = Entries::of_snapshot(&*snapshot, options.ranges.iter().cloned());
    while let Some(page) = entries.next_page()? {
        for entry in &page {
            if !options.expired && entry.has_expired(now) {
                report.expired += 1;
                continue;
            }
            let written = output.entry(entry).map_err(TransferError::Write)?;
            report.entries += 1;
            report.raw += u64::from(written.is_raw);
            let remark = |reason| Remark {
                line: None,
                key: Some(entry.key.clone()),
                reason,
            };
            if let Some(reason) = written.lossy {
                report.lossy.add(remark(reason));
            }
            if let Some(reason) = written.unreadable {
                report.unreadable.add(remark(reason));
            }
        }
        report.bytes = output.bytes();
        let now = Progress {
            entries: report.entries,
            bytes: report.bytes,
        };
        if progress(now).is_break() {
            break;
        }
    }
    report.complete = entries.is_complete();
    report.bytes = output.finish().map_err(TransferError::Write)?;
    Ok(report)
}

/// Exports to a file, which appears under its name once it is whole; after an error or a cancel, what stood there
/// before still does.
///
/// # Errors
/// As [`export`], and if the file cannot be made.
pub fn export_to_file(
    database: &dyn Database,
    options: &ExportOptions,
    path: &Path,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<ExportReport, TransferError> {
    let write_error = |source| TransferError::WriteFile {
        source,
        path: path.to_owned(),
    };
    let mut file = NewFile::create(path).map_err(write_error)?;
    let report = export(database, options, &mut file, progress).map_err(|error| match error {
        TransferError::Write(source) => write_error(source),
        other => other,
    })?;
    if report.complete {
        file.finish().map_err(write_error)?;
    }
    Ok(report)
}
