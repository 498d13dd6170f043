//! Deletes once more what a deletion's undo file put back, each entry only if it is still as the file says.

use std::io::{BufRead as _, BufReader};
use std::path::Path;

use keyglass_store::database::Database;
use keyglass_store::entry::json::{ParsedEntry, parse_entry_line};

use super::{Step, delete_batch};
use crate::errand::{DeleteReport, FileTrouble, JobError};

/// Deletes what is in an undo file and in the database just like it. `done` tells what was done, also after an error;
/// `step` hears of entries that were decided on.
///
/// # Errors
/// If the file cannot be read or is damaged, or the database fails.
pub fn delete_again(
    database: &dyn Database,
    undo_file: &Path,
    done: &mut DeleteReport,
    step: Step<'_>,
) -> Result<(), JobError> {
    let file = std::fs::File::open(undo_file).map_err(FileTrouble::ReadUndo.at(undo_file))?;
    let checks = database.capabilities().limits.checks;
    let mut batch = Vec::new();
    for line in BufReader::new(file).lines() {
        let line = line.map_err(FileTrouble::ReadUndo.at(undo_file))?;
        batch.push(
            parse_entry_line(&line).map_err(|source| JobError::DamagedUndoFile {
                source,
                path: undo_file.to_owned(),
            })?,
        );
        if batch.len() >= checks {
            delete_unchanged(database, std::mem::take(&mut batch), done)?;
            if step(done.seen()).is_break() {
                return Ok(());
            }
        }
    }
    delete_unchanged(database, batch, done)?;
    done.complete = true;
    Ok(())
}

/// Deletes what has the value and the expiry of the file; its versionstamp is a new one since it was put back.
fn delete_unchanged(
    database: &dyn Database,
    listed: Vec<ParsedEntry>,
    done: &mut DeleteReport,
) -> Result<(), JobError> {
    let keys: Vec<_> = listed.iter().map(|entry| entry.key.clone()).collect();
    let current = database.get_many(&keys)?;
    let mut unchanged = Vec::new();
    for (listed, current) in listed.iter().zip(current) {
        match current {
            Some(entry) if entry.value == listed.value && entry.expires_at == listed.expires_at => {
                unchanged.push(entry);
            }
            Some(_) => done.kept += 1,
            None => done.absent += 1,
        }
    }
    delete_batch(database, unchanged, done)
}
