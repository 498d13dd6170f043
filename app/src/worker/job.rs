//! Long jobs: export and import, with progress and cancel, each on a thread of its own.

use std::io::BufReader;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use keyglass_store::Database;
use keyglass_store::transfer::{self, ExportOptions, ImportOptions, Progress};

use super::{Replies, Reply};

/// How far a job is; shared with the window.
#[derive(Debug, Default)]
pub struct JobProgress {
    entries: AtomicU64,
    cancelled: AtomicBool,
}

impl JobProgress {
    /// Entries done.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.entries.load(Ordering::Relaxed)
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

    fn step(&self, progress: Progress, replies: &Replies) -> ControlFlow<()> {
        self.tell(progress.entries, replies)
    }

    /// Notes how many entries are done; breaks if the job shall stop.
    pub(super) fn tell(&self, entries: u64, replies: &Replies) -> ControlFlow<()> {
        self.entries.store(entries, Ordering::Relaxed);
        replies.notifier.change();
        if self.is_cancelled() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}

pub(super) fn export(
    database: &Arc<dyn Database>,
    replies: &Replies,
    job: u64,
    options: ExportOptions,
    path: PathBuf,
) -> Arc<JobProgress> {
    let progress = Arc::new(JobProgress::default());
    let (database, told, shared, target) = (
        Arc::clone(database),
        replies.clone(),
        Arc::clone(&progress),
        path.clone(),
    );
    let started = super::spawn("export", move || {
        let report =
            transfer::export_to_file(&*database, &options, &target, &mut |at| shared.step(at, &told))
                .map_err(|error| error.to_string());
        told.answer(Reply::Exported {
            job,
            path: target,
            report,
        });
    });
    if let Err(reason) = started {
        replies.answer(Reply::Exported {
            job,
            path,
            report: Err(reason),
        });
    }
    progress
}

pub(super) fn import(
    database: &Arc<dyn Database>,
    replies: &Replies,
    job: u64,
    options: ImportOptions,
    path: PathBuf,
) -> Arc<JobProgress> {
    let progress = Arc::new(JobProgress::default());
    let (database, told, shared, source) = (
        Arc::clone(database),
        replies.clone(),
        Arc::clone(&progress),
        path.clone(),
    );
    let started = super::spawn("import", move || {
        let report = std::fs::File::open(&source)
            .map_err(|error| format!("The file could not be read ({error}): {}", source.display()))
            .and_then(|file| {
                transfer::import(&*database, &mut BufReader::new(file), &options, &mut |at| {
                    shared.step(at, &told)
                })
                .map_err(|error| error.to_string())
            });
        told.answer(Reply::Imported {
            job,
            path: source,
            report,
        });
    });
    if let Err(reason) = started {
        replies.answer(Reply::Imported {
            job,
            path,
            report: Err(reason),
        });
    }
    progress
}
