//! Undo and redo of what was committed here: one step after the other, since each one's checks expect what the one
//! before it left.

use std::path::Path;

use keyglass_store::transfer::{ImportOptions, ImportReport};
use keyglass_store::{AtomicOperation, CommitError, CommitOutcome};

use super::Session;
use super::jobs::import_summary;
use crate::model::format;
use crate::model::notices::{NoticeKind, Notices};
use crate::model::undo::{self, Direction, Plan};
use crate::worker::{DeleteReport, Request};

/// Steps that may wait for the one that runs.
const WAITING: usize = 100;

/// What undo and redo are at.
#[derive(Debug, Default)]
pub(super) struct UndoWork {
    running: Option<Running>,
    waiting: Vec<Wanted>,
}

/// A step that is being undone or redone.
#[derive(Debug)]
struct Running {
    step: u64,
    direction: Direction,
    /// Of the commit or the job that does it.
    number: u64,
    /// What is committed, if it is no job.
    operation: AtomicOperation,
}

/// A step that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// This one.
    Step(u64, Direction),
    /// The one that comes next.
    Next(Direction),
}

impl Session {
    /// Undoes or redoes something, if the world is still as it was left.
    pub fn step(&mut self, wanted: Wanted, notices: &mut Notices, now: i64) {
        if self.undo_work.running.is_some() {
            if self.undo_work.waiting.len() < WAITING {
                self.undo_work.waiting.push(wanted);
            }
            return;
        }
        let (step, direction) = match wanted {
            Wanted::Step(id, direction) => (self.undo.step(id), direction),
            Wanted::Next(direction) => (self.undo.next(direction), direction),
        };
        let Some(step) = step else {
            return;
        };
        if step.direction() != direction {
            let done = past(opposite(direction));
            notices.tell(
                NoticeKind::Info,
                format!("{done} already: {}", step.sentence),
                now,
            );
            return;
        }
        let (id, sentence, plan) = (step.id, step.sentence.clone(), step.plan());
        let number = self.number();
        let mut operation = AtomicOperation::new();
        match plan {
            Plan::Commit(guarded) => {
                operation = guarded.clone();
                self.worker.send(Request::Commit {
                    ticket: number,
                    operation: guarded,
                });
            }
            Plan::PutBack(path) => {
                let request = Request::Import {
                    job: number,
                    options: ImportOptions::default(),
                    path,
                };
                self.start_numbered_job(number, format!("Undoing: {sentence}"), request);
            }
            Plan::DeleteAgain(undo_file) => {
                let request = Request::DeleteAgain {
                    job: number,
                    undo_file,
                };
                self.start_numbered_job(number, format!("Redoing: {sentence}"), request);
            }
        }
        self.undo_work.running = Some(Running {
            step: id,
            direction,
            number,
            operation,
        });
    }

    /// Whether a step is being undone or redone.
    #[must_use]
    pub fn is_stepping(&self, step: u64) -> bool {
        let running = self.undo_work.running.as_ref();
        running.is_some_and(|running| running.step == step)
    }

    /// Takes what became of a commit, if it was one of ours.
    pub(super) fn apply_step_commit(
        &mut self,
        ticket: u64,
        outcome: &Result<CommitOutcome, CommitError>,
        notices: &mut Notices,
        now: i64,
    ) -> bool {
        let Some(running) = self.take_running(ticket) else {
            return false;
        };
        match outcome {
            Ok(CommitOutcome::Committed(versionstamp)) => {
                self.undo.succeeded(running.step, Some(*versionstamp), now);
                let mut details = vec![format!("Versionstamp {versionstamp}")];
                details.extend(gone_at_once(&running.operation, now));
                self.tell_done(&running, details, notices, now);
                self.follow_moved_entry(&running.operation);
            }
            Ok(CommitOutcome::Conflict(failed)) => {
                let reasons = undo::what_stands_there(&running.operation, failed);
                let summary = match running.direction {
                    Direction::Undo => "Not undone: the entry changed since the commit",
                    Direction::Redo => "Not redone: the entry changed since it was undone",
                };
                self.tell_refused(&running, summary.to_owned(), reasons, notices, now);
            }
            Err(error) => {
                let summary = error.not_done(&past(running.direction).to_lowercase());
                self.tell_refused(&running, summary, vec![error.to_string()], notices, now);
            }
        }
        // The panel need not wait for the change to come round through the feed.
        if let Some(key) = self.panel.key().cloned() {
            self.worker.send(Request::Entry { key });
        }
        self.go_on(notices, now);
        true
    }

    /// Takes what became of an import, if it was one of ours.
    pub(super) fn apply_put_back(
        &mut self,
        job: u64,
        path: &Path,
        report: &Result<ImportReport, String>,
        notices: &mut Notices,
        now: i64,
    ) -> bool {
        let Some(running) = self.take_running(job) else {
            return false;
        };
        match report {
            Ok(report) if report.complete && report.errors.count == 0 => {
                self.undo.succeeded(running.step, None, now);
                let (_, _, mut details) = import_summary(report, &path.display().to_string());
                let stored = format::counted(report.stored, "entry", "entries");
                details.insert(0, format!("{stored} put back"));
                self.tell_done(&running, details, notices, now);
            }
            Ok(report) => {
                let (_, summary, details) = import_summary(report, &path.display().to_string());
                self.tell_refused(
                    &running,
                    format!("Undone in part: {summary}"),
                    details,
                    notices,
                    now,
                );
            }
            Err(error) => {
                self.tell_refused(
                    &running,
                    format!("Not undone: {error}"),
                    vec![error.clone()],
                    notices,
                    now,
                );
            }
        }
        self.go_on(notices, now);
        true
    }

    /// Takes what became of a deletion, if it was one of ours.
    pub(super) fn apply_deleted_again(
        &mut self,
        job: u64,
        done: &DeleteReport,
        result: &Result<(), String>,
        notices: &mut Notices,
        now: i64,
    ) -> bool {
        let Some(running) = self.take_running(job) else {
            return false;
        };
        let deleted = format::counted(done.deleted, "entry", "entries");
        let mut details = vec![format!("{deleted} deleted")];
        if done.kept > 0 {
            let kept = format::counted(done.kept, "entry", "entries");
            details.push(format!("{kept} kept, because they changed meanwhile"));
        }
        // What was deleted can be put back, also if it was not all.
        if done.deleted > 0 || done.complete {
            self.undo.succeeded(running.step, None, now);
        }
        match result {
            Ok(()) => self.tell_done(&running, details, notices, now),
            Err(error) => {
                self.tell_refused(
                    &running,
                    format!("Not redone: {error}"),
                    vec![error.clone()],
                    notices,
                    now,
                );
            }
        }
        self.go_on(notices, now);
        true
    }

    fn take_running(&mut self, number: u64) -> Option<Running> {
        self.undo_work.running.take_if(|running| running.number == number)
    }

    fn tell_done(&mut self, running: &Running, details: Vec<String>, notices: &mut Notices, now: i64) {
        let Some(step) = self.undo.step(running.step) else {
            return;
        };
        let summary = format!("{}: {}", past(running.direction), step.sentence);
        // What was redone can be undone.
        let undo = (running.direction == Direction::Redo).then_some(running.step);
        notices.put(NoticeKind::Good, summary, details, undo, now);
    }

    fn tell_refused(
        &mut self,
        running: &Running,
        summary: String,
        reasons: Vec<String>,
        notices: &mut Notices,
        now: i64,
    ) {
        self.undo.refuse(running.step, reasons.clone());
        notices.put(NoticeKind::Warning, summary, reasons, None, now);
        // What waits was meant to follow.
        self.undo_work.waiting.clear();
    }

    fn go_on(&mut self, notices: &mut Notices, now: i64) {
        if !self.undo_work.waiting.is_empty() {
            let next = self.undo_work.waiting.remove(0);
            self.step(next, notices, now);
        }
    }
}

fn past(direction: Direction) -> &'static str {
    match direction {
        Direction::Undo => "Undone",
        Direction::Redo => "Redone",
    }
}

fn opposite(direction: Direction) -> Direction {
    match direction {
        Direction::Undo => Direction::Redo,
        Direction::Redo => Direction::Undo,
    }
}

/// Entries that a commit restores although their expiry has passed meanwhile.
fn gone_at_once(operation: &AtomicOperation, now: i64) -> impl Iterator<Item = String> + '_ {
    operation.mutations.iter().filter_map(move |mutation| {
        let keyglass_store::atomic::MutationKind::Set {
            expires_at: Some(at), ..
        } = mutation.kind
        else {
            return None;
        };
        (at <= now).then(|| {
            format!(
                "{} goes at once, because it expired at {}",
                mutation.key,
                format::utc(at)
            )
        })
    })
}
