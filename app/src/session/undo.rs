//! Undo and redo of what was committed here: one step after the other, since each one's checks expect what the one
//! before it left.

mod jobs;

use keyglass_store::{AtomicOperation, CommitError, CommitOutcome};

use super::Session;
use crate::errand::{Work, Write};
use crate::format;
use crate::model::notices::{NoticeKind, Notices};
use crate::model::undo::{self, Direction, Plan, Step, Wanted};

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

impl Session {
    /// Whether a step is being undone or redone.
    #[must_use]
    pub fn is_stepping(&self) -> bool {
        self.undo_work.running.is_some()
    }

    /// The step that is meant, if it can be done.
    #[must_use]
    pub fn wanted_step(&self, wanted: Wanted) -> Option<&Step> {
        let (step, direction) = match wanted {
            Wanted::Step(id, direction) => (self.models.undo.step(id), direction),
            Wanted::Next(direction) => (self.models.undo.next(direction), direction),
        };
        step.filter(|step| step.direction() == direction)
    }

    /// Undoes or redoes something, if the world is still as it was left. Where an entry stood whose expiry nobody could
    /// see, what stands there then gets `expires_at`.
    pub fn step(&mut self, wanted: Wanted, expires_at: Option<i64>, notices: &mut Notices, now: i64) {
        if self.undo_work.running.is_some() {
            if self.undo_work.waiting.len() < WAITING {
                self.undo_work.waiting.push(wanted);
            }
            return;
        }
        let (step, direction) = match wanted {
            Wanted::Step(id, direction) => (self.models.undo.step(id), direction),
            Wanted::Next(direction) => (self.models.undo.next(direction), direction),
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
        let (id, sentence, plan) = (step.id, step.sentence.clone(), step.plan(expires_at));
        let number = self.number();
        let mut operation = AtomicOperation::new();
        match plan {
            Plan::Commit(guarded) => {
                operation = guarded.clone();
                let commit = Write::Commit {
                    ticket: number,
                    operation: guarded,
                };
                self.worker.send(commit.into());
            }
            Plan::PutBack(path) => {
                let work = Work::PutBack { path, expires_at };
                self.start_numbered_job(number, format!("Undoing: {sentence}"), work);
            }
            Plan::TakeBack(undo_file, redo_file) => {
                let work = Work::TakeBack {
                    undo_file,
                    redo_file,
                    expires_at,
                };
                let verb = match direction {
                    Direction::Undo => "Undoing",
                    Direction::Redo => "Redoing",
                };
                self.start_numbered_job(number, format!("{verb}: {sentence}"), work);
            }
            Plan::DeleteAgain(undo_file) => {
                let work = Work::DeleteAgain { undo_file };
                self.start_numbered_job(number, format!("Redoing: {sentence}"), work);
            }
        }
        self.models.undo.stepping = Some(id);
        self.undo_work.running = Some(Running {
            step: id,
            direction,
            number,
            operation,
        });
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
                self.models.undo.succeeded(running.step, Some(*versionstamp), now);
                let mut details = vec![format!("Versionstamp {versionstamp}")];
                details.extend(gone_at_once(&running.operation, now));
                self.tell_done(&running, None, details, notices, now);
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
            Ok(CommitOutcome::MessagesChanged(changed)) => {
                let not_done = format!("Not {}", past(running.direction).to_lowercase());
                let summary = undo::messages_changed(&not_done, changed.len());
                self.tell_refused(&running, summary.clone(), vec![summary], notices, now);
            }
            Err(error) => {
                let summary = error.not_done(&past(running.direction).to_lowercase());
                self.tell_refused(&running, summary, vec![error.to_string()], notices, now);
            }
        }
        // The panel need not wait for the change to come round through the feed.
        self.models.panel.read_again();
        self.go_on(notices, now);
        true
    }

    fn take_running(&mut self, number: u64) -> Option<Running> {
        let running = self
            .undo_work
            .running
            .take_if(|running| running.number == number)?;
        self.models.undo.stepping = None;
        Some(running)
    }

    /// Tells that a step was done, with what there is to count if that differs from what the step says.
    fn tell_done(
        &mut self,
        running: &Running,
        counts: Option<String>,
        details: Vec<String>,
        notices: &mut Notices,
        now: i64,
    ) {
        let Some(step) = self.models.undo.step(running.step) else {
            return;
        };
        let counts = counts.map(|counts| format!(" ({counts})")).unwrap_or_default();
        let summary = format!("{}: {}{counts}", past(running.direction), step.sentence);
        // What was redone can be undone.
        let undo = (running.direction == Direction::Redo).then_some(running.step);
        notices.put(NoticeKind::Good, summary, details, undo, now);
    }

    /// Tells how far a step came that was cancelled.
    fn tell_cancelled(
        &mut self,
        running: &Running,
        counts: &str,
        undo: Option<u64>,
        notices: &mut Notices,
        now: i64,
    ) {
        let what = match running.direction {
            Direction::Undo => "Undo",
            Direction::Redo => "Redo",
        };
        let step = self.models.undo.step(running.step);
        let sentence = step
            .map(|step| format!(": {}", step.sentence))
            .unwrap_or_default();
        let summary = format!("{what} cancelled{sentence} ({counts})");
        notices.put(NoticeKind::Info, summary, Vec::new(), undo, now);
        // What waits was meant to follow.
        self.undo_work.waiting.clear();
    }

    fn tell_refused(
        &mut self,
        running: &Running,
        summary: String,
        reasons: Vec<String>,
        notices: &mut Notices,
        now: i64,
    ) {
        self.models.undo.refuse(running.step, reasons.clone());
        notices.put(NoticeKind::Warning, summary, reasons, None, now);
        // What waits was meant to follow.
        self.undo_work.waiting.clear();
    }

    fn go_on(&mut self, notices: &mut Notices, now: i64) {
        if !self.undo_work.waiting.is_empty() {
            let next = self.undo_work.waiting.remove(0);
            self.step(next, None, notices, now);
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

#[cfg(test)]
mod tests;
