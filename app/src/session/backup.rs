//! Backups and what is restored from them: their jobs, and what came of them.

use std::path::{Path, PathBuf};

use keyglass_store::backup::{BackupReport, State};
use keyglass_store::transfer::{CopyReport, MessageReport};

use super::Session;
use super::jobs::remarks;
use crate::errand::{BackupChoice, JobError, RestoreChoice, Restored, Work};
use crate::format;
use crate::model::notices::{NoticeKind, Notices};
use crate::undo_files;

impl Session {
    /// Begins a backup.
    pub fn start_backup(&mut self, choice: BackupChoice) {
        let label = format!("Backing up to {}", choice.path.display());
        self.start_job(label, Work::BackUp { choice });
    }

    /// Begins to restore. What that replaces and deletes is written to a file before.
    pub fn start_restore(&mut self, choice: RestoreChoice, undo_file: PathBuf) {
        let label = format!("Restoring from {}", choice.path.display());
        self.start_job(label, Work::Restore { choice, undo_file });
    }

    /// One notice on a restore, with Undo where anything was done.
    pub(super) fn apply_restored(
        &mut self,
        restored: Result<Box<Restored>, JobError>,
        notices: &mut Notices,
        now: i64,
    ) {
        let Restored {
            state,
            report,
            undo_file,
            result,
        } = match restored {
            Ok(restored) => *restored,
            Err(error) => {
                notices.error(format!("Nothing was restored: {error}"), now);
                return;
            }
        };
        let what = format!("the state of {}", format::utc(state.moment));
        let counts = counts(&report);
        let (kind, summary) = match result {
            Err(error) if report.stored + report.deleted == 0 => {
                (NoticeKind::Error, format!("Nothing was restored: {error}"))
            }
            Err(error) => (
                NoticeKind::Error,
                format!("Restored {what} in part ({counts}), then failed: {error}"),
            ),
            Ok(()) if !report.complete => (
                NoticeKind::Info,
                format!("Cancelled while restoring {what} ({counts}); restoring it again goes on from there"),
            ),
            Ok(()) if report.errors.count > 0 => (
                NoticeKind::Warning,
                format!("Restored {what}, but not all of it ({counts})"),
            ),
            Ok(()) => (NoticeKind::Good, format!("Restored {what} ({counts})")),
        };
        let mut details = Vec::new();
        if report.expired > 0 {
            let expired = format::counted(report.expired, "entry", "entries");
            details.push(format!("{expired} left out, because the expiry has passed since"));
        }
        details.extend(report.messages.as_ref().map(queued).unwrap_or_default());
        details.extend(remarks("could not be restored", &report.errors));
        details.extend(lacking(&state));
        let mut undo = None;
        if let Some(undo_file) = undo_file {
            details.push(format!(
                "What was replaced and deleted is kept in {}",
                undo_file.path().display()
            ));
            details.push(undo_files::POLICY.to_owned());
            let sentence = format!("Restored {what}");
            undo = Some(self.models.undo.imported(sentence, undo_file, true, now));
        }
        notices.put(kind, summary, details, undo, now);
    }
}

/// What was done, in a few words.
fn counts(report: &CopyReport) -> String {
    format!(
        "{} new, {} replaced, {} deleted, {} the same",
        format::count(report.stored.saturating_sub(report.replaced)),
        format::count(report.replaced),
        format::count(report.deleted),
        format::count(report.same)
    )
}

/// What became of queued messages.
fn queued(report: &MessageReport) -> Vec<String> {
    let messages = |number| format::counted(number, "queued message", "queued messages");
    let told = [
        (report.carried, "queued again"),
        (report.same, "queued already"),
        (report.left_out, "not queued"),
    ];
    let told = told.into_iter().filter(|(number, _)| *number > 0);
    let mut told: Vec<String> = told
        .map(|(number, fate)| format!("{} {fate}", messages(number)))
        .collect();
    let left = report.named.iter();
    told.extend(left.map(|left| format!("message {}: {}", left.message.id, left.reason)));
    told
}

/// What a state does not hold of its database.
fn lacking(state: &State) -> Vec<String> {
    let mut lacking = Vec::new();
    if state.unsettled > 0 {
        lacking.push(format!(
            "{} changed whenever they were read, so that it is not known that they stood so at that moment",
            format::counted(state.unsettled, "key", "keys")
        ));
        let named = state.unsettled_named.iter().take(20);
        lacking.extend(named.map(ToString::to_string));
    }
    if !state.expiry {
        lacking.push("When entries expire is not told by the database, and not in the backup".to_owned());
    }
    if !state.queue {
        lacking.push("Queued messages are not shown by the database, and not in the backup".to_owned());
    }
    lacking
}

/// One notice on a backup.
pub(super) fn tell(
    path: &Path,
    report: Result<Box<BackupReport>, JobError>,
    notices: &mut Notices,
    now: i64,
) {
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            notices.error(format!("Not backed up: {error}"), now);
            return;
        }
    };
    let place = path.display();
    let Some(state) = report.state.as_ref().filter(|_| report.complete) else {
        let text = format!("Backup cancelled, and the one before is as it was; another one goes on: {place}");
        notices.tell(NoticeKind::Info, text, now);
        return;
    };
    let entries = format::counted(state.sums.all.entries, "entry", "entries");
    let is_all = report.errors.count == 0 && state.is_settled();
    let (kind, summary) = if is_all {
        (NoticeKind::Good, format!("Backed up {entries} to {place}"))
    } else {
        (
            NoticeKind::Warning,
            format!("Backed up {entries}, but not all of one moment, to {place}"),
        )
    };
    let mut details = vec![format!(
        "{} new, {} replaced, {} deleted, {} the same",
        format::count(report.new),
        format::count(report.replaced),
        format::count(report.deleted),
        format::count(report.same)
    )];
    details.extend(lacking(state));
    if report.altered {
        details.push("Somebody had changed the folder; what he put there is in its past state".to_owned());
    }
    if report.expired > 0 {
        let expired = format::counted(report.expired, "entry", "entries");
        details.push(format!("{expired} had expired and are left out"));
    }
    details.extend(remarks("could not be backed up", &report.errors));
    if report.kept_states > 0 {
        let states = format::counted(report.kept_states, "past state", "past states");
        details.push(format!("{states} can be restored, too"));
    }
    if report.forgotten > 0 {
        let states = format::counted(report.forgotten, "past state", "past states");
        details.push(format!(
            "{states} forgotten, because they were replaced too long ago"
        ));
    }
    notices.put(kind, summary, details, None, now);
}
