//! Long jobs: export and import, with progress and cancel, each on a thread of its own.

use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use keyglass_store::Database;
use keyglass_store::transfer::{self, DefaultExpiry, ExportOptions, ImportOptions};

use super::Answers;
use crate::deletion::Step;
use crate::errand::{Answer, FileTrouble, JobError};
use crate::threads::NoThread;

/// How far a job is; shared with the window.
#[derive(Debug, Default)]
pub struct JobProgress {
    entries: AtomicU64,
    bytes: AtomicU64,
    total_bytes: AtomicU64,
    cancelled: AtomicBool,
}

impl JobProgress {
    /// Entries done.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.entries.load(Ordering::Relaxed)
    }

    /// How much of the file was read, from 0 to 1, where that is known.
    #[must_use]
    pub fn fraction(&self) -> Option<f32> {
        let total = self.total_bytes.load(Ordering::Relaxed);
        let read = self.bytes.load(Ordering::Relaxed);
        (total > 0).then(|| (read as f32 / total as f32).min(1.0))
    }

    pub(super) fn set_total_bytes(&self, bytes: u64) {
        self.total_bytes.store(bytes, Ordering::Relaxed);
    }

    pub(super) fn set_bytes(&self, bytes: u64) {
        self.bytes.store(bytes, Ordering::Relaxed);
    }

    /// Asks the job to stop; it does so at once and undoes a half-written file.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
    }

    /// Whether it was asked to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    pub(super) fn tell(&self, entries: u64, answers: &Answers) -> ControlFlow<()> {
        answers.notifier.change();
        self.note(entries)
    }

    /// Notes how many entries are done; breaks if the job shall stop.
    pub fn note(&self, entries: u64) -> ControlFlow<()> {
        self.entries.store(entries, Ordering::Relaxed);
        if self.is_cancelled() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

/// Starts a job on a thread of its own. What it comes to makes the answer, and so does the reason why no thread could
/// be had.
pub(super) fn spawn<T>(
    name: &str,
    database: &Arc<dyn Database>,
    answers: &Answers,
    work: impl FnOnce(&dyn Database, Step<'_>) -> Result<T, JobError> + Send + 'static,
    answer: impl FnOnce(Result<T, JobError>) -> Answer + Clone + Send + 'static,
) -> Arc<JobProgress> {
    let progress = Arc::new(JobProgress::default());
    let (database, shared) = (Arc::clone(database), Arc::clone(&progress));
    answer_from_thread(
        name,
        answers,
        move |answers| work(&*database, &mut |done| shared.tell(done, answers)),
        answer,
    );
    progress
}

/// Works on a thread of its own and answers, also if no thread could be had.
pub(super) fn answer_from_thread<T, E: From<NoThread>>(
    name: &str,
    answers: &Answers,
    work: impl FnOnce(&Answers) -> Result<T, E> + Send + 'static,
    answer: impl FnOnce(Result<T, E>) -> Answer + Clone + Send + 'static,
) {
    let (told, answer_of_work) = (answers.clone(), answer.clone());
    let started = answers.spawn(name, move || {
        let result = work(&told);
        told.answer(answer_of_work(result));
    });
    if let Err(error) = started {
        answers.answer(answer(Err(error.into())));
    }
}

pub(super) fn export(
    database: &Arc<dyn Database>,
    answers: &Answers,
    job: u64,
    options: ExportOptions,
    path: PathBuf,
) -> Arc<JobProgress> {
    let target = path.clone();
    spawn(
        "export",
        database,
        answers,
        move |database, step| {
            let exported = transfer::export_to_file(database, &options, &target, &mut |at| step(at.entries));
            exported.map_err(Into::into)
        },
        move |report| Answer::Exported {
            job,
            path,
            report: report.map(Box::new),
        },
    )
}

/// Imports the undo file of a deletion; keys that exist again stay as they are.
pub(super) fn put_back(
    database: &Arc<dyn Database>,
    answers: &Answers,
    job: u64,
    path: PathBuf,
    expires_at: Option<i64>,
) -> Arc<JobProgress> {
    let source = path.clone();
    spawn(
        "undo delete",
        database,
        answers,
        move |database, step| {
            let file = std::fs::File::open(&source).map_err(FileTrouble::Read.at(&source))?;
            // What had expired when it was deleted, or has since, is put back as it was where it would still stand.
            let options = ImportOptions {
                expired: database.capabilities().keeps_expired(),
                default_expiry: expires_at.map(|moment| DefaultExpiry {
                    moment,
                    replacing_only: false,
                }),
                ..ImportOptions::default()
            };
            let imported = transfer::import(database, &mut BufReader::new(file), &options, &mut |at| {
                step(at.entries)
            });
            imported.map_err(Into::into)
        },
        move |report| Answer::PutBack { job, path, report },
    )
}
