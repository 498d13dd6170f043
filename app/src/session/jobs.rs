//! Long jobs of one database, and what they have to tell.

use std::path::Path;
use std::time::Duration;

use keyglass_store::transfer::{ExportReport, ImportReport, Remarks};

use super::Session;
use crate::errand::{DeleteReport, Job, JobError, Work};
use crate::format;
use crate::model::notices::{NoticeKind, Notices};
use crate::undo_files;
use crate::worker::JobProgress;

/// Remarks of a report that a notice names.
const NAMED_REMARKS: usize = 20;

impl Session {
    /// One notice on a deletion, with Undo where anything is gone.
    pub(super) fn apply_deleted(
        &mut self,
        done: &DeleteReport,
        result: Result<(), JobError>,
        notices: &mut Notices,
        now: i64,
    ) {
        let mut deleted = format::counted(done.deleted, "entry", "entries");
        deleted.push_str(&format::left_out(done.expired));
        let mut details = Vec::new();
        if done.kept > 0 {
            let kept = format::counted(done.kept, "entry", "entries");
            details.push(format!("{kept} kept, because they changed meanwhile"));
        }
        details.extend(remarks(
            "kept, because they could not be put back",
            &done.irrecoverable,
        ));
        if done.unknown > 0 {
            let unknown = format::counted(done.unknown, "entry", "entries");
            details.push(format!(
                "{unknown} of which it is not known whether they are gone"
            ));
        }
        let mut undo = None;
        let may_be_gone = done.deleted + done.unknown > 0;
        if let Some(undo_file) = done.undo_file.as_ref().filter(|_| may_be_gone) {
            let sentence = format!("Deleted {deleted}");
            details.push(format!("They are kept in {}", undo_file.path().display()));
            undo = Some(self.models.undo.deleted(sentence, undo_file.clone(), now));
            details.push(undo_files::POLICY.to_owned());
        }
        let (kind, summary) = match result {
            Err(error) => (
                NoticeKind::Error,
                format!("Deleted {deleted}, then failed: {error}"),
            ),
            Ok(()) if done.complete => match done.kept + done.irrecoverable.count {
                0 => (NoticeKind::Good, format!("Deleted {deleted}")),
                stay => (
                    NoticeKind::Warning,
                    format!("Deleted {deleted}, kept {}", format::count(stay)),
                ),
            },
            Ok(()) => (
                NoticeKind::Info,
                format!("Cancelled; deleted {deleted} before that"),
            ),
        };
        notices.put(kind, summary, details, undo, now);
    }

    /// Starts a job.
    pub fn start_job(&mut self, label: String, work: Work) {
        let id = self.number();
        self.start_numbered_job(id, label, work);
    }

    /// Starts a job whose number is known already.
    pub(super) fn start_numbered_job(&mut self, id: u64, label: String, work: Work) {
        self.models.jobs.begin(id, label);
        self.worker.send(Job { id, work }.into());
    }

    /// Notes how far the jobs are.
    pub(super) fn note_progress(&mut self) {
        for job in self.models.jobs.iter_mut() {
            if let Some(progress) = self.worker.job(job.id) {
                job.entries = progress.entries();
                job.fraction = progress.fraction();
            }
        }
        let check = self.models.import_check.running();
        let check = check.and_then(|job| self.worker.job(job));
        self.models.import_check.fraction = check.and_then(JobProgress::fraction);
    }

    /// Stops all jobs, and waits at most so long until they have put away what they had begun.
    pub fn stop_jobs(&self, at_most: Duration) {
        self.worker.stop_jobs(at_most);
    }

    /// Asks a job to stop.
    pub fn cancel_job(&self, id: u64) {
        if let Some(job) = self.worker.job(id) {
            job.cancel();
        }
    }

    pub(super) fn end_job(&mut self, id: u64) {
        self.models.jobs.end(id);
        self.worker.forget_job(id);
    }
}

/// Tells how the export of a blob ended.
pub(super) fn tell_blob_export(
    path: &Path,
    written: Result<Option<u64>, JobError>,
    notices: &mut Notices,
    now: i64,
) {
    let (kind, text) = match written {
        Ok(Some(bytes)) => {
            let size = format::bytes(bytes);
            let text = format!("Exported a blob of {size} to {}", path.display());
            (NoticeKind::Good, text)
        }
        Ok(None) => (NoticeKind::Info, cancelled_export(path)),
        Err(error) => (NoticeKind::Error, error.to_string()),
    };
    notices.tell(kind, text, now);
}

/// Tells how the export of requests ended.
pub(super) fn tell_request_export(
    path: &Path,
    written: Result<Option<u64>, JobError>,
    notices: &mut Notices,
    now: i64,
) {
    tell_rows(path, written, ["request", "requests"], notices, now);
}

/// Tells how the export of what differs ended.
pub(super) fn tell_difference_export(
    path: &Path,
    written: Result<Option<u64>, JobError>,
    notices: &mut Notices,
    now: i64,
) {
    // The first line has the counts.
    let written = written.map(|written| written.map(|lines| lines.saturating_sub(1)));
    tell_rows(path, written, ["difference", "differences"], notices, now);
}

/// Tells how the export of a timeline ended.
pub(super) fn tell_timeline_export(
    path: &Path,
    written: Result<Option<u64>, JobError>,
    notices: &mut Notices,
    now: i64,
) {
    tell_rows(
        path,
        written,
        ["row of the timeline", "rows of the timeline"],
        notices,
        now,
    );
}

fn tell_rows(
    path: &Path,
    written: Result<Option<u64>, JobError>,
    [one, many]: [&str; 2],
    notices: &mut Notices,
    now: i64,
) {
    let (kind, text) = match written {
        Ok(Some(number)) => {
            let rows = format::counted(number, one, many);
            (NoticeKind::Good, format!("Exported {rows} to {}", path.display()))
        }
        Ok(None) => (NoticeKind::Info, cancelled_export(path)),
        Err(error) => (NoticeKind::Error, error.to_string()),
    };
    notices.tell(kind, text, now);
}

/// Tells how an export ended.
pub(super) fn tell_export(
    path: &Path,
    report: Result<Box<ExportReport>, JobError>,
    notices: &mut Notices,
    now: i64,
) {
    match report {
        Ok(report) if !report.complete => {
            notices.tell(NoticeKind::Info, cancelled_export(path), now);
        }
        Ok(report) => {
            let expired = format::left_out(report.expired);
            let summary = format!(
                "Exported {}{expired} to {}",
                format::counted(report.entries, "entry", "entries"),
                path.display()
            );
            notices.put(NoticeKind::Good, summary, export_details(&report), None, now);
        }
        Err(error) => notices.error(error.to_string(), now),
    }
}

fn cancelled_export(path: &Path) -> String {
    format!("Export cancelled, no file was written: {}", path.display())
}

/// What an export has to tell besides its number of entries.
fn export_details(report: &ExportReport) -> Vec<String> {
    let mut details = vec![format!("{} written", format::bytes(report.bytes))];
    details.extend(remarks("not exact in readable form", &report.lossy));
    details.extend(remarks("could not be decoded", &report.unreadable));
    if report.raw > 0 {
        let raw = format::counted(report.raw, "entry", "entries");
        details.push(format!("{raw} kept in raw form, byte for byte"));
    }
    details
}

/// Remarks as lines: how many, then the first ones by name.
pub(super) fn remarks(what: &str, remarks: &Remarks) -> Vec<String> {
    if remarks.count == 0 {
        return Vec::new();
    }
    let head = format!("{} {what}", format::counted(remarks.count, "entry", "entries"));
    let named = remarks.named.iter().take(NAMED_REMARKS).map(|remark| {
        let line = remark
            .line
            .map(|line| format!("line {line}: "))
            .unwrap_or_default();
        let key = remark
            .key
            .as_ref()
            .map(|key| format!(": {key}"))
            .unwrap_or_default();
        format!("{line}{}{key}", remark.reason)
    });
    std::iter::once(head).chain(named).collect()
}

/// How an import went: how serious, one sentence, and details.
pub(super) fn import_summary(report: &ImportReport, path: &str) -> (NoticeKind, String, Vec<String>) {
    let stored = format::counted(report.stored, "entry", "entries");
    let mut details = Vec::new();
    if report.overwritten > 0 {
        let overwritten = format::counted(report.overwritten, "entry", "entries");
        details.push(format!("{overwritten} overwritten"));
    }
    if report.unknown > 0 {
        let unknown = format::counted(report.unknown, "entry", "entries");
        details.push(format!(
            "{unknown} of which it is not known whether they are stored"
        ));
    }
    if report.skipped > 0 {
        let skipped = format::counted(report.skipped, "entry", "entries");
        details.push(format!("{skipped} skipped, because the key exists already"));
    }
    if report.expired > 0 {
        let expired = format::counted(report.expired, "entry", "entries");
        details.push(format!("{expired} left out, because the expiry has passed"));
    }
    details.extend(remarks("could not be imported", &report.errors));
    if report.errors.count > 0 {
        (
            NoticeKind::Warning,
            format!("Imported {stored}, but not all of {path}"),
            details,
        )
    } else if report.complete {
        (
            NoticeKind::Good,
            format!("Imported {stored} from {path}"),
            details,
        )
    } else {
        (
            NoticeKind::Info,
            format!("Import cancelled after {stored}: {path}"),
            details,
        )
    }
}
