//! What differs between two databases, or between a database and an export.
//!
//! Both sides are read in key order, side by side, and each pair is looked at once: what this holds in memory does not
//! grow with either side. Versionstamps are no difference, because every commit gives its own.

mod export;
mod pairs;
mod sort;

use std::ops::ControlFlow;

use super::{Progress, TransferError};
use crate::database::Database;
use crate::entries::Entries;
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::KeyRange;
use crate::value::StoredValue;

pub use export::{ExportEntries, is_export};
pub use pairs::{Pair, Pairs};
pub use sort::SortedExport;

/// Pairs between two reports of progress.
const PROGRESS_PAIRS: u64 = 256;

/// Entries of one side in key order.
pub type Side<'a> = dyn Iterator<Item = Result<Entry, TransferError>> + 'a;

/// A side that is a range of a database, as it is now.
///
/// # Errors
/// If the database gives no snapshot.
pub fn side_of(database: &dyn Database, range: KeyRange) -> Result<Box<Side<'static>>, DatabaseError> {
    Ok(side(Entries::of_now(database, [range])?))
}

/// Entries of a database as a side.
pub(super) fn side<'a>(entries: impl Iterator<Item = Result<Entry, DatabaseError>> + 'a) -> Box<Side<'a>> {
    Box::new(entries.map(|entry| entry.map_err(TransferError::from)))
}

/// How two sides are compared.
#[derive(Debug, Clone, Copy)]
pub struct CompareOptions {
    /// The moment, in milliseconds since the Unix epoch, that tells which entries have expired.
    pub now: i64,
    /// Entries, too, that have expired and were not swept yet. A Keyglass folder hides them all the same.
    pub expired: bool,
    /// Whether the same value in other bytes is a difference. It is none beside an export, which tells what a value is
    /// and not how it was written.
    pub form: bool,
    /// Whether another expiry is a difference: where a side cannot tell expiries ([`Capabilities::expiry`]), what both can
    /// tell is compared.
    ///
    /// [`Capabilities::expiry`]: crate::database::Capabilities::expiry
    pub expiry: bool,
}

/// One key at which the sides differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// Only the second side has it.
    Added(Entry),
    /// Only the first side has it.
    Removed(Entry),
    /// Both have it, and not the same.
    Changed {
        /// The first side's.
        before: Entry,
        /// The second side's.
        after: Entry,
        /// What of it.
        aspects: Aspects,
    },
}

/// What of an entry differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Aspects {
    /// The value.
    pub value: ValueAspect,
    /// The encoding that the value is stored in.
    pub encoding: bool,
    /// When it expires.
    pub expiry: bool,
}

/// What of a value differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ValueAspect {
    /// Nothing.
    #[default]
    Same,
    /// Only its bytes: no program can tell the two values apart.
    Form,
    /// The value.
    Value,
}

/// How many entries differ, and in what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CompareReport {
    /// The same on both sides.
    pub same: u64,
    /// Only on the second side.
    pub added: u64,
    /// Only on the first side.
    pub removed: u64,
    /// On both sides, and not the same. One entry may differ in several aspects.
    pub changed: u64,
    /// Changed ones with another value.
    pub values: u64,
    /// Changed ones with the same value in other bytes.
    pub forms: u64,
    /// Changed ones with another encoding.
    pub encodings: u64,
    /// Changed ones with another expiry.
    pub expiries: u64,
    /// Entries of both sides that were left out because they have expired.
    pub expired: u64,
    /// Whether both sides were read to their ends; false after a cancel.
    pub complete: bool,
}

impl Aspects {
    /// What differs between two entries of the same key; nothing if they are the same.
    #[must_use]
    pub fn between(before: &Entry, after: &Entry) -> Self {
        Self {
            value: ValueAspect::between(&before.value, &after.value),
            encoding: before.value.encoding != after.value.encoding,
            expiry: before.expires_at != after.expires_at,
        }
    }

    /// Whether anything differs.
    #[must_use]
    pub fn any(self) -> bool {
        self != Self::default()
    }
}

impl ValueAspect {
    fn between(before: &StoredValue, after: &StoredValue) -> Self {
        if before == after {
            return Self::Same;
        }
        match (before.decode(), after.decode()) {
            // What cannot be read is its bytes, and the encoding differs apart from that.
            (Err(_), Err(_)) if before.bytes == after.bytes => Self::Same,
            (Ok(old), Ok(new)) if old == new => {
                if before.encoding == after.encoding {
                    Self::Form
                } else {
                    Self::Same
                }
            }
            _ => Self::Value,
        }
    }
}

impl CompareReport {
    /// How many keys differ.
    #[must_use]
    pub fn differences(&self) -> u64 {
        self.added + self.removed + self.changed
    }

    /// Counts a changed entry.
    fn count(&mut self, aspects: Aspects) {
        self.changed += 1;
        self.values += u64::from(aspects.value == ValueAspect::Value);
        self.forms += u64::from(aspects.value == ValueAspect::Form);
        self.encodings += u64::from(aspects.encoding);
        self.expiries += u64::from(aspects.expiry);
    }
}

/// Compares two sides and hands over each difference, in key order. `progress` is asked now and then, and may break.
///
/// # Errors
/// If a side cannot be read or is not in key order, or `found` fails.
pub fn compare(
    before: Box<Side<'_>>,
    after: Box<Side<'_>>,
    options: &CompareOptions,
    found: &mut dyn FnMut(Difference) -> Result<(), TransferError>,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<CompareReport, TransferError> {
    let mut report = CompareReport::default();
    let mut done = Progress::default();
    let left_out = |entry: &Entry| !options.expired && entry.has_expired(options.now);
    let mut pairs = Pairs::new(before, after);
    loop {
        let Some(pair) = pairs.next().transpose()? else {
            report.complete = true;
            return Ok(report);
        };
        done.entries += 1;
        done.bytes += pair.size();
        // An entry that has expired on one side only is there on the other one.
        let (before, after) = pair.into_sides();
        let expired = [&before, &after];
        let expired = expired.into_iter().flatten().filter(|entry| left_out(entry));
        report.expired += expired.count() as u64;
        let before = before.filter(|entry| !left_out(entry));
        let after = after.filter(|entry| !left_out(entry));
        let difference = match (before, after) {
            (None, None) => None,
            (None, Some(after)) => {
                report.added += 1;
                Some(Difference::Added(after))
            }
            (Some(before), None) => {
                report.removed += 1;
                Some(Difference::Removed(before))
            }
            (Some(before), Some(after)) => {
                let mut aspects = Aspects::between(&before, &after);
                aspects.expiry &= options.expiry;
                if !options.form && aspects.value == ValueAspect::Form {
                    aspects.value = ValueAspect::Same;
                }
                if aspects.any() {
                    report.count(aspects);
                    Some(Difference::Changed {
                        before,
                        after,
                        aspects,
                    })
                } else {
                    report.same += 1;
                    None
                }
            }
        };
        if let Some(difference) = difference {
            found(difference)?;
        }
        if done.entries.is_multiple_of(PROGRESS_PAIRS) && progress(done).is_break() {
            return Ok(report);
        }
    }
}
