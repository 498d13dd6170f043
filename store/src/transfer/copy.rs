//! Copying entries from one database to another, byte for byte.

use std::ops::ControlFlow;

use super::load::{Existing, Loader, NewEntry};
use super::{Progress, Remark, Remarks, TransferError};
use crate::database::{Database, ReadRange};
use crate::key::KeyRange;

/// Entries read at once.
const PAGE: usize = 256;

/// How to copy.
#[derive(Debug, Clone)]
pub struct CopyOptions {
    /// Which entries.
    pub range: KeyRange,
    /// What happens to keys that exist in the target.
    pub existing: Existing,
    /// Entries, too, that have expired and were not swept yet. They do not expire in the copy, where they would be gone
    /// at once.
    pub expired: bool,
}

/// What a copy did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CopyReport {
    /// Entries stored.
    pub stored: u64,
    /// Entries left out because their key exists.
    pub skipped: u64,
    /// Entries that have expired: left out, or copied without their expiry.
    pub expired: u64,
    /// Entries that no database takes.
    pub errors: Remarks,
    /// Whether all entries were read; false after a cancel, and what was stored before stays.
    pub complete: bool,
}

/// Copies the entries of a range as they are in one snapshot. Values are not decoded; each entry gets the
/// versionstamp of the commit that stores it.
///
/// # Errors
/// If either database fails, or a key exists and [`Existing::Fail`] is set. What was stored before stays.
pub fn copy(
    from: &dyn Database,
    to: &dyn Database,
    options: &CopyOptions,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<CopyReport, TransferError> {
    // Before the snapshot: what a database hides as expired is none of those left out here.
    let mut loader = Loader::new(to, options.existing, false);
    copy_into(&mut loader, from, options, progress).map_err(|error| error.after(loader.stored()))
}

fn copy_into(
    loader: &mut Loader<'_>,
    from: &dyn Database,
    options: &CopyOptions,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<CopyReport, TransferError> {
    let snapshot = from.snapshot()?;
    let now = from.clock().now();
    let mut report = CopyReport::default();
    let mut done = Progress::default();
    let mut rest = ReadRange {
        range: options.range.clone(),
        limit: PAGE,
        reverse: false,
    };
    loop {
        let page = snapshot.read(&rest)?;
        let Some(last) = page.last() else {
            report.complete = true;
            break;
        };
        rest.range = rest.range.after(&last.key, false);
        for entry in page {
            done.entries += 1;
            done.bytes += entry.size();
            let has_expired = entry.has_expired(now);
            report.expired += u64::from(has_expired);
            if has_expired && !options.expired {
                continue;
            }
            let entry = NewEntry {
                key: entry.key,
                value: entry.value,
                expires_at: entry.expires_at.filter(|_| !has_expired),
            };
            match entry.refusal() {
                None => loader.add(entry)?,
                Some(reason) => report.errors.add(Remark {
                    line: None,
                    key: Some(entry.key),
                    reason,
                }),
            }
        }
        if progress(done).is_break() {
            break;
        }
    }
    let loaded = if report.complete {
        loader.finish()?
    } else {
        loader.loaded()
    };
    report.stored = loaded.stored;
    report.skipped = loaded.skipped;
    Ok(report)
}
