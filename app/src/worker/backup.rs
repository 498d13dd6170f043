//! Backs a database up, and restores it from a backup after it was told what that would do.

use std::path::PathBuf;
use std::sync::Arc;

use keyglass_store::Database;
use keyglass_store::backup::{self, Backup, State};

use super::job::spawn;
use super::journal_file::JournalFile;
use super::{Answers, JobProgress};
use crate::errand::{Answer, BackupChoice, FileTrouble, JobError, RestoreChoice, RestorePreview, Restored};
use crate::undo_files::UndoFile;

pub(super) fn back_up(
    database: &Arc<dyn Database>,
    answers: &Answers,
    job: u64,
    choice: BackupChoice,
) -> Arc<JobProgress> {
    let path = choice.path.clone();
    spawn(
        "back up",
        database,
        answers,
        move |database, step| {
            let report = backup::back_up(database, &choice.path, &choice.options(), &mut |at| {
                step(at.entries)
            })?;
            Ok(Box::new(report))
        },
        move |report| Answer::BackedUp { job, path, report },
    )
}

/// The state that was chosen, or the newest one, and all of them with the newest first.
fn states(backup: &Backup, choice: &RestoreChoice) -> Result<(State, Vec<State>), JobError> {
    let mut states = backup.states()?;
    states.reverse();
    let chosen = states.iter().find(|state| Some(state.number) == choice.state);
    let chosen = chosen.or(states.first()).cloned();
    let newest = || Ok(backup.newest()?.state.clone());
    Ok((chosen.map_or_else(newest, Ok::<_, JobError>)?, states))
}

/// Finds out what restoring would do.
pub(super) fn preview(
    database: &Arc<dyn Database>,
    answers: &Answers,
    job: u64,
    choice: RestoreChoice,
) -> Arc<JobProgress> {
    spawn(
        "restore preview",
        database,
        answers,
        move |database, step| {
            let backup = Backup::open(&choice.path)?;
            let (state, states) = states(&backup, &choice)?;
            let (report, result) = backup.restore(&state, database, &choice.options(true), None, &mut |at| {
                step(at.entries)
            });
            result?;
            Ok(Box::new(RestorePreview {
                states,
                state,
                report,
            }))
        },
        move |preview| Answer::RestorePreviewed { job, preview },
    )
}

/// Restores, and writes to `undo_file`, or one of a like name, what is replaced and deleted.
pub(super) fn restore(
    database: &Arc<dyn Database>,
    answers: &Answers,
    job: u64,
    choice: RestoreChoice,
    undo_file: PathBuf,
) -> Arc<JobProgress> {
    spawn(
        "restore",
        database,
        answers,
        move |database, step| {
            let backup = Backup::open(&choice.path)?;
            let (state, _) = states(&backup, &choice)?;
            let made = JournalFile::create(&undo_file);
            let (mut journal, path) = made.map_err(FileTrouble::MakeUndo.at(&undo_file))?;
            let held = UndoFile::hold(&path).map_err(FileTrouble::MakeUndo.at(&undo_file))?;
            let options = choice.options(false);
            let (report, result) =
                backup.restore(&state, database, &options, Some(&mut journal), &mut |at| {
                    step(at.entries)
                });
            drop(journal);
            // A commit of which nothing is known may have done something, too.
            let is_done = report.stored + report.deleted > 0 || result.is_err();
            let undo_file = if is_done {
                Some(held)
            } else {
                drop(held);
                let _removed_later = std::fs::remove_file(&path);
                None
            };
            Ok(Box::new(Restored {
                state,
                report,
                undo_file,
                result,
            }))
        },
        move |restored| Answer::Restored { job, restored },
    )
}
