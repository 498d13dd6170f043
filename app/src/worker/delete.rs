//! Deletions on threads of their own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyglass_store::Database;

use super::{Answers, JobProgress, job};
use crate::deletion::{self, Step};
use crate::errand::{Answer, DeleteReport, Deletion, JobError};

/// Deletes what is asked for.
pub(super) fn spawn(
    database: &Arc<dyn Database>,
    answers: &Answers,
    job: u64,
    what: Deletion,
    undo_file: PathBuf,
) -> Arc<JobProgress> {
    spawn_deletion(database, answers, job, undo_file, |database, path, done, step| {
        deletion::delete(database, what, path, done, step)
    })
}

/// Deletes once more what a deletion's undo file put back.
pub(super) fn spawn_again(
    database: &Arc<dyn Database>,
    answers: &Answers,
    job: u64,
    undo_file: PathBuf,
) -> Arc<JobProgress> {
    spawn_deletion(database, answers, job, undo_file, deletion::delete_again)
}

/// Runs a deletion, which is given its undo file, on a thread of its own.
fn spawn_deletion(
    database: &Arc<dyn Database>,
    answers: &Answers,
    job: u64,
    undo_file: PathBuf,
    deletion: impl FnOnce(&dyn Database, &Path, &mut DeleteReport, Step<'_>) -> Result<(), JobError>
    + Send
    + 'static,
) -> Arc<JobProgress> {
    job::spawn(
        "delete",
        database,
        answers,
        move |database, step| {
            let mut done = DeleteReport::default();
            let result = deletion(database, &undo_file, &mut done, step);
            Ok((done, result))
        },
        move |ended| {
            let (done, result) = ended.unwrap_or_else(|reason| (DeleteReport::default(), Err(reason)));
            Answer::Deleted {
                job,
                done: Box::new(done),
                result,
            }
        },
    )
}
