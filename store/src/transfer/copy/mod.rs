//! Copying a database to another one, byte for byte.
//!
//! Each entry is compared with what stands in the target, so what an earlier copy has done is found there and not done
//! again: a copy that was cancelled or killed is resumed by the same copy once more. What is written checks that the
//! target is still as it was seen.

mod messages;
mod pairing;
mod plan;
mod under_way;
mod verify;
mod writer;

use std::ops::ControlFlow;

use super::compare::{Pair, Pairs, Side, side};
use super::load::Existing;
use super::{Journal, Progress, Remark, Remarks, TransferError};
use crate::database::Database;
use crate::entries::Entries;
use crate::entry::Entry;
use crate::key::KeyRange;
use crate::value::StoredValue;
use pairing::Lookups;
use plan::Plan;
use writer::{Writer, with_writer};

pub use messages::{LeftMessage, MessageReport};
pub use verify::{PrefixSums, Sums, VerifyReport};

/// Pairs between two reports of progress.
const PROGRESS_PAIRS: u64 = 256;

/// How to copy.
#[derive(Debug, Clone)]
pub struct CopyOptions {
    /// Which entries. Messages of the queue go along with everything.
    pub range: KeyRange,
    /// What happens to keys that exist in the target with something else.
    pub existing: Existing,
    /// Entries, too, that have expired and were not swept yet. They do not expire in the copy, where they would be gone
    /// at once.
    pub expired: bool,
    /// Makes the range of the target equal to the source: what stands there is replaced, whatever [`Self::existing`]
    /// says, and what the source does not have is deleted, messages of the queue among it.
    pub mirror: bool,
    /// Afterwards both sides are read again and compared.
    pub verify: bool,
    /// Only find out what would happen; nothing is stored.
    pub dry_run: bool,
}

impl Default for CopyOptions {
    /// Everything that has not expired; what exists stays.
    fn default() -> Self {
        Self {
            range: KeyRange::everything(),
            existing: Existing::Skip,
            expired: false,
            mirror: false,
            verify: false,
            dry_run: false,
        }
    }
}

/// What a copy did, or in a dry run would do.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CopyReport {
    /// Entries stored, the replaced ones among them.
    pub stored: u64,
    /// Of these, how many took the place of something else.
    pub replaced: u64,
    /// Bytes of the keys and values that were stored.
    pub bytes: u64,
    /// Entries of the target that the source does not have and that were deleted.
    pub deleted: u64,
    /// Entries that stood in the target already, exactly as they are.
    pub same: u64,
    /// Entries left out because something else stands under their key.
    pub skipped: u64,
    /// Entries that have expired: left out, or copied without their expiry.
    pub expired: u64,
    /// Entries that no database takes.
    pub errors: Remarks,
    /// What became of the queue; `None` if only a part of the keys was copied.
    pub messages: Option<MessageReport>,
    /// What reading both sides again found, if that was asked for and the copy is complete.
    pub verified: Option<VerifyReport>,
    /// Whether all entries were read; false after a cancel, and what was stored before stays.
    pub complete: bool,
}

/// An entry as the copy has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub value: StoredValue,
    pub expires_at: Option<i64>,
}

impl Wanted {
    /// Whether this stands there. Where a side cannot tell expiries, the same value is taken for the same entry.
    fn is(&self, there: &Entry, compares_expiry: bool) -> bool {
        self.value == there.value && (!compares_expiry || self.expires_at == there.expires_at)
    }
}

/// Which entries of the source the copy has, and how.
struct Selection {
    now: i64,
    expired: bool,
}

impl Selection {
    /// The entry as the copy has it; `None` if it is left out.
    fn wanted(&self, entry: &Entry) -> Option<Wanted> {
        let has_expired = entry.has_expired(self.now);
        (!has_expired || self.expired).then(|| Wanted {
            value: entry.value.clone(),
            expires_at: entry.expires_at.filter(|_| !has_expired),
        })
    }
}

/// Copies the entries of a range as they are in one snapshot, and with everything the messages of the queue. Values are
/// not decoded; each entry gets the versionstamp of the commit that stores it.
///
/// # Errors
/// If either database fails, or something else stands under a key and [`Existing::Fail`] is set. What was stored before
/// stays.
pub fn copy(
    from: &dyn Database,
    to: &dyn Database,
    options: &CopyOptions,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<CopyReport, TransferError> {
    let mut report = CopyReport::default();
    // Before the snapshot: what a database hides as expired is none of those left out here.
    let selection = Selection {
        now: from.clock().now(),
        expired: options.expired,
    };
    let mut source = Entries::of_now(from, [options.range.clone()])?;
    let compares_expiry = from.capabilities().expiry && to.capabilities().expiry;
    let copied = with_writer(to, options, compares_expiry, None, |mut writer| {
        let copied = copy_entries(
            &mut writer,
            side(&mut source),
            to,
            options,
            &selection,
            &mut report,
            progress,
        );
        writer.report(&mut report);
        copied.map_err(|error| error.after_storing(report.stored, writer.unknown()))
    });
    let whole = copied?;
    if !whole {
        return Ok(report);
    }
    if options.range == KeyRange::everything() {
        let messages = messages::carry(from, to, options);
        report.messages = Some(messages.map_err(|error| error.after_storing(report.stored, 0))?);
    }
    if options.verify && !options.dry_run {
        source.rewind([options.range.clone()]);
        report.verified = Some(verify::verify(
            side(source),
            from,
            to,
            options,
            &selection,
            progress,
        )?);
    }
    report.complete = true;
    Ok(report)
}

/// Copies what a side has as [`copy()`] does, without messages and without reading it again, and tells a journal what each
/// commit replaces. The report says what was done, also if it failed. `now` tells which entries have expired, and
/// `tells_expiry` whether the side tells when they do.
pub(crate) fn copy_side<'a>(
    (source, tells_expiry): (Box<Side<'_>>, bool),
    to: &'a dyn Database,
    options: &CopyOptions,
    now: i64,
    journal: Option<&'a mut (dyn Journal + 'a)>,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> (CopyReport, Result<(), TransferError>) {
    let mut report = CopyReport::default();
    let selection = Selection {
        now,
        expired: options.expired,
    };
    let compares_expiry = tells_expiry && to.capabilities().expiry;
    let copied = with_writer(to, options, compares_expiry, journal, |mut writer| {
        let copied = copy_entries(
            &mut writer,
            source,
            to,
            options,
            &selection,
            &mut report,
            progress,
        );
        writer.report(&mut report);
        copied.map_err(|error| error.after_storing(report.stored, writer.unknown()))
    });
    report.complete = matches!(copied, Ok(true));
    (report, copied.map(|_whole| ()))
}

/// Queues the messages of one database in another one, which does not keep others if it is to mirror it.
///
/// # Errors
/// If either database fails.
pub(crate) fn copy_messages(
    from: &dyn Database,
    to: &dyn Database,
    mirror: bool,
) -> Result<MessageReport, TransferError> {
    let options = CopyOptions {
        mirror,
        ..CopyOptions::default()
    };
    messages::carry(from, to, &options)
}

/// Whether all entries were read and stored; false after a cancel.
fn copy_entries(
    writer: &mut Writer<'_>,
    source: Box<Side<'_>>,
    to: &dyn Database,
    options: &CopyOptions,
    selection: &Selection,
    report: &mut CopyReport,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<bool, TransferError> {
    let pairs: Box<dyn Iterator<Item = Result<Pair, TransferError>> + '_> = if options.mirror {
        // The target is written while it is read, so it is read in short looks, and whatever is written checks what was
        // seen there.
        let target = side(Entries::of(to, [options.range.clone()]));
        Box::new(Pairs::new(source, target))
    } else {
        Box::new(Lookups::new(source, to))
    };
    let mut done = Progress::default();
    let mut pairs = pairs.peekable();
    let limits = to.capabilities().limits;
    while let Some(pair) = pairs.next().transpose()? {
        let (entry, there) = pair.into_sides();
        if let Some(entry) = &entry {
            done.entries += 1;
            done.bytes += entry.size();
            report.expired += u64::from(entry.has_expired(selection.now));
        }
        let wanted = entry.as_ref().and_then(|entry| selection.wanted(entry));
        let key = entry.as_ref().or(there.as_ref()).map(|entry| entry.key.clone());
        let Some(key) = key else {
            continue;
        };
        if let Some(reason) = wanted
            .as_ref()
            .and_then(|wanted| super::refusal(&key, &wanted.value, &limits))
        {
            report.errors.add(Remark {
                line: None,
                key: Some(key),
                reason,
            });
            continue;
        }
        match writer.policy().decide(wanted.as_ref(), there.as_ref()) {
            Plan::Nothing => {}
            Plan::Same => report.same += 1,
            Plan::Skip => report.skipped += 1,
            Plan::Refuse => {
                return Err(TransferError::Exists {
                    imported: writer.stored(),
                    key,
                });
            }
            Plan::Write => writer.add(key, wanted, there)?,
        }
        if done.entries.is_multiple_of(PROGRESS_PAIRS) && progress(done).is_break() {
            writer.end()?;
            return Ok(false);
        }
    }
    // The last pages are told, too.
    if !done.entries.is_multiple_of(PROGRESS_PAIRS) && progress(done).is_break() {
        writer.end()?;
        return Ok(false);
    }
    writer.finish()?;
    Ok(true)
}
