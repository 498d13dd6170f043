//! Deletes ranges in batches, each entry only if it is still as it was when the deletion began.

mod again;

use std::ops::ControlFlow;
use std::path::Path;

use keyglass_store::limits::Limits;
use keyglass_store::transfer::{self, ExportOptions, Format, Remark};
use keyglass_store::{AtomicOperation, CommitError, CommitOutcome, Database, Entries, Entry};

pub use again::delete_again;

use crate::errand::{DeleteReport, Deletion, FileTrouble, JobError};
use crate::undo_files::UndoFile;

/// Hears how many entries are done; breaks if no more shall be.
pub type Step<'a> = &'a mut dyn FnMut(u64) -> ControlFlow<()>;

/// Deletes entries, after they were written to the undo file. `done` tells what was done, also after an
/// error; `step` hears of entries that were written, and then of those that were decided on.
///
/// # Errors
/// A sentence, if the database fails or the undo file cannot be written. What was deleted before is gone.
pub fn delete(
    database: &dyn Database,
    what: Deletion,
    undo_file: &Path,
    done: &mut DeleteReport,
    step: Step<'_>,
) -> Result<(), JobError> {
    // This view is older than the undo file. So an entry that still has the versionstamp it has here when it is
    // deleted is in the file with just that value.
    let snapshot = database.snapshot()?;
    if let Some(folder) = undo_file.parent() {
        std::fs::create_dir_all(folder).map_err(FileTrouble::MakeUndo.at(folder))?;
    }
    let options = ExportOptions {
        ranges: what.ranges.clone(),
        format: Format::Ndjson,
        expired: what.expired,
    };
    let written = transfer::export_to_file(database, &options, undo_file, &mut |at| step(at.entries))?;
    if !written.complete {
        return Ok(());
    }
    let held = UndoFile::hold(undo_file).map_err(FileTrouble::HoldUndo.at(undo_file))?;
    done.undo_file = Some(held);
    // Later than the export went by, so that what is deleted is in the file.
    let now = database.clock().now();
    let limits = database.capabilities().limits;
    let checks = limits.checks;
    let mut entries = Entries::of_snapshot(&*snapshot, what.ranges)
        .pages_of(checks)
        .peekable();
    let mut batch = Vec::new();
    while let Some(entry) = entries.next() {
        let entry = entry?;
        if entry.has_expired(now) && !what.expired {
            done.expired += 1;
        } else {
            batch.push(entry);
        }
        if batch.len() < checks && entries.peek().is_some() {
            continue;
        }
        let recoverable = recoverable(std::mem::take(&mut batch), &limits, done);
        delete_batch(database, recoverable, done)?;
        if step(done.seen()).is_break() {
            return Ok(());
        }
    }
    done.complete = true;
    Ok(())
}

/// The entries that an import of the undo file would put back; the others are noted.
fn recoverable(mut entries: Vec<Entry>, limits: &Limits, done: &mut DeleteReport) -> Vec<Entry> {
    entries.retain(
        |entry| match transfer::refusal(&entry.key, &entry.value, limits) {
            None => true,
            Some(reason) => {
                done.irrecoverable.add(Remark {
                    line: None,
                    key: Some(entry.key.clone()),
                    reason,
                });
                false
            }
        },
    );
    entries
}

/// Deletes what is unchanged among at most as many entries as one commit can check. `done` tells what was done, also after
/// an error.
///
/// # Errors
/// If a commit fails, or is refused without a failed check.
pub fn delete_batch(
    database: &dyn Database,
    mut entries: Vec<Entry>,
    done: &mut DeleteReport,
) -> Result<(), JobError> {
    while !entries.is_empty() {
        let operation = entries.iter().fold(AtomicOperation::new(), |operation, entry| {
            operation
                .check(entry.key.clone(), Some(entry.versionstamp))
                .delete(entry.key.clone())
        });
        match database.commit(operation) {
            Ok(CommitOutcome::Committed(_)) => {
                done.deleted += entries.len() as u64;
                return Ok(());
            }
            Err(error) => {
                if matches!(error, CommitError::Unknown { .. }) {
                    done.unknown += entries.len() as u64;
                }
                return Err(error.into());
            }
            Ok(CommitOutcome::MessagesChanged(_)) => return Err(JobError::Unexplained),
            Ok(CommitOutcome::Conflict(failed)) if failed.is_empty() => {
                return Err(JobError::Unexplained);
            }
            Ok(CommitOutcome::Conflict(failed)) => {
                let mut index = 0;
                entries.retain(|_| {
                    let changed = failed.iter().any(|check| check.index == index);
                    index += 1;
                    !changed
                });
                done.kept += failed.len() as u64;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use keyglass_store::key::EncodedKey;
    use keyglass_store::{Encoding, StoredValue, Versionstamp, limits};

    use super::*;

    #[test]
    fn what_no_import_could_put_back_is_not_deleted_and_is_named() {
        let entry = |key: &[u8], encoding, length| Entry {
            key: EncodedKey::from_bytes(key.to_vec()),
            value: StoredValue {
                encoding: Encoding::from_number(encoding),
                bytes: vec![0; length].into(),
            },
            versionstamp: Versionstamp::from_counter(1),
            expires_at: None,
        };
        let fine = [entry(b"\x02a", 1, 3), entry(b"\x05", 200, 0)];
        let others = [
            entry(&[0x27; limits::KEY_BYTES + 1], 3, 0),
            entry(b"\x27", 3, limits::VALUE_BYTES + 1),
            entry(b"\x27", 256, 0),
        ];
        let mut done = DeleteReport::default();
        let deleted = recoverable([&fine[..], &others].concat(), &Limits::DENO, &mut done);
        assert_eq!(deleted, fine);
        let named = done.irrecoverable.named.iter().map(|remark| remark.key.clone());
        assert!(named.eq(others.into_iter().map(|entry| Some(entry.key))));
        assert_eq!(done.seen(), 3);
    }
}
