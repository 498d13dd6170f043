//! What became of jobs that undo and redo what was deleted together or imported.

use std::path::Path;

use keyglass_store::transfer::ImportReport;

use super::super::Session;
use super::super::jobs::{import_summary, remarks};
use super::past;
use crate::errand::{DeleteReport, JobError, TakenBack};
use crate::format;
use crate::model::notices::{NoticeKind, Notices};
use crate::model::undo::Direction;

impl Session {
    /// Takes what became of putting a deletion back.
    pub(in super::super) fn apply_put_back(
        &mut self,
        job: u64,
        path: &Path,
        report: &Result<ImportReport, JobError>,
        notices: &mut Notices,
        now: i64,
    ) {
        let Some(running) = self.take_running(job) else {
            return;
        };
        match report {
            Ok(report) => {
                let (_, _, mut details) = import_summary(report, &path.display().to_string());
                let counts = counts(&[
                    (report.stored, "put back"),
                    (report.skipped, "there already"),
                    (report.expired, "expired meanwhile"),
                    (report.errors.count, "not put back"),
                ]);
                details.insert(0, counts.clone());
                if !report.complete {
                    self.tell_cancelled(&running, &counts, None, notices, now);
                } else if report.errors.count > 0 {
                    let summary = format!("Undone in part ({counts})");
                    self.tell_refused(&running, summary, details, notices, now);
                } else {
                    let is_whole = report.skipped + report.expired == 0;
                    self.models.undo.succeeded(running.step, None, now);
                    self.tell_done(&running, (!is_whole).then_some(counts), details, notices, now);
                }
            }
            Err(error) => {
                // The error says how much was put back before.
                let summary = format!("The undo failed: {error}");
                self.tell_refused(&running, summary, vec![error.to_string()], notices, now);
            }
        }
        self.go_on(notices, now);
    }

    /// Takes what became of a deletion, if it was one of ours.
    pub(in super::super) fn apply_deleted_again(
        &mut self,
        job: u64,
        done: &DeleteReport,
        result: &Result<(), JobError>,
        notices: &mut Notices,
        now: i64,
    ) -> bool {
        let Some(running) = self.take_running(job) else {
            return false;
        };
        let counts = counts(&[
            (done.deleted, "deleted"),
            (done.kept, "changed meanwhile and kept"),
            (done.absent, "gone already"),
        ]);
        // What was deleted can be put back, also if it was not all.
        let is_done = done.deleted > 0 || (done.complete && result.is_ok());
        if is_done {
            self.models.undo.succeeded(running.step, None, now);
        }
        let undo = is_done.then_some(running.step);
        match result {
            Ok(()) if done.complete => {
                let is_whole = done.kept + done.absent == 0;
                let details = vec![counts.clone()];
                self.tell_done(&running, (!is_whole).then_some(counts), details, notices, now);
            }
            Ok(()) => self.tell_cancelled(&running, &counts, undo, notices, now),
            Err(error) if is_done => {
                let summary = format!("Redone in part ({counts}): {error}");
                notices.put(NoticeKind::Warning, summary, vec![error.to_string()], undo, now);
                self.undo_work.waiting.clear();
            }
            Err(error) => {
                let summary = format!("Not redone: {error}");
                self.tell_refused(&running, summary, vec![error.to_string()], notices, now);
            }
        }
        self.go_on(notices, now);
        true
    }

    /// Takes what became of undoing or redoing an import.
    pub(in super::super) fn apply_taken_back(
        &mut self,
        job: u64,
        done: &TakenBack,
        result: &Result<(), JobError>,
        notices: &mut Notices,
        now: i64,
    ) {
        let Some(running) = self.take_running(job) else {
            return;
        };
        let entries = |number| format::counted(number, "entry", "entries");
        let is_undo = running.direction == Direction::Undo;
        let mut details = Vec::new();
        if done.removed > 0 {
            let verb = if is_undo { "removed again" } else { "deleted again" };
            details.push(format!("{} {verb}", entries(done.removed)));
        }
        if done.restored > 0 {
            let what = if is_undo {
                "as before the import"
            } else {
                "as imported"
            };
            details.push(format!("{} {what}", entries(done.restored)));
        }
        details.extend(remarks("kept as they are", &done.kept));
        let verb = past(running.direction);
        match result {
            Err(error) => {
                let changed = entries(done.removed + done.restored);
                let summary = format!("{verb} for {changed}, then failed: {error}");
                details.insert(0, error.to_string());
                self.tell_refused(&running, summary, details, notices, now);
            }
            Ok(()) if !done.complete => {
                let changed = entries(done.removed + done.restored);
                let summary = format!("Cancelled; {} for {changed} before that", verb.to_lowercase());
                self.tell_refused(&running, summary, details, notices, now);
            }
            Ok(()) if done.kept.count > 0 && done.removed + done.restored == 0 => {
                let summary = format!("Not {}: all entries changed since", verb.to_lowercase());
                self.tell_refused(&running, summary, details, notices, now);
            }
            Ok(()) => {
                if let Some(file) = done.redo_file.clone() {
                    self.models.undo.taken_back(running.step, file, now);
                }
                if done.kept.count > 0 {
                    let sentence = self
                        .models
                        .undo
                        .step(running.step)
                        .map(|step| step.sentence.clone());
                    let summary = format!(
                        "{verb} but for {}: {}",
                        entries(done.kept.count),
                        sentence.unwrap_or_default()
                    );
                    notices.put(NoticeKind::Warning, summary, details, None, now);
                } else {
                    self.tell_done(&running, None, details, notices, now);
                }
            }
        }
        self.go_on(notices, now);
    }
}

/// What became of entries, such as `250 entries put back, 3 there already`. The first number is said also if it is 0.
fn counts(counted: &[(u64, &str)]) -> String {
    let mut said: Vec<String> = Vec::new();
    for (number, what) in counted {
        if said.is_empty() {
            said.push(format!("{} {what}", format::counted(*number, "entry", "entries")));
        } else if *number > 0 {
            said.push(format!("{} {what}", format::count(*number)));
        }
    }
    said.join(", ")
}
