//! Copies to other places: their jobs, and what came of them.

use std::path::Path;

use keyglass_store::transfer::{CopyReport, VerifyReport};

use super::Session;
use super::jobs::remarks;
use crate::errand::{CopyChoice, JobError, OpenDatabase, Work};
use crate::format;
use crate::model::notices::{NoticeKind, Notices};

impl Session {
    /// Begins a copy; to a database that is open already, if that stands at its place.
    pub fn start_copy(&mut self, choice: CopyChoice, to: Option<OpenDatabase>) {
        let label = format!("Copying to {}", choice.path.display());
        self.start_job(label, Work::CopyTo { choice, to });
    }
}

/// One notice on a copy.
pub(super) fn tell(path: &Path, report: Result<Box<CopyReport>, JobError>, notices: &mut Notices, now: i64) {
    match report {
        Ok(report) => {
            let (kind, summary) = summary(path, &report);
            notices.put(kind, summary, details(&report), None, now);
        }
        Err(error) => notices.error(format!("Not copied: {error}"), now),
    }
}

fn entries(number: u64) -> String {
    format::counted(number, "entry", "entries")
}

fn summary(path: &Path, report: &CopyReport) -> (NoticeKind, String) {
    let (copied, path) = (entries(report.stored), path.display());
    if !report.complete {
        let text = format!("Copy cancelled after {copied}; another one goes on from there: {path}");
        return (NoticeKind::Info, text);
    }
    let is_wrong = |verified: &VerifyReport| verified.complete && verified.wrong > 0;
    if report.verified.as_ref().is_some_and(is_wrong) {
        let text = format!("Copied {copied}, but the copy is not the same: {path}");
        return (NoticeKind::Warning, text);
    }
    let left_out = report.messages.as_ref().map_or(0, |messages| messages.left_out);
    if report.errors.count > 0 || report.skipped > 0 || left_out > 0 {
        return (
            NoticeKind::Warning,
            format!("Copied {copied}, but not everything, to {path}"),
        );
    }
    (NoticeKind::Good, format!("Copied {copied} to {path}"))
}

fn details(report: &CopyReport) -> Vec<String> {
    let mut details = Vec::new();
    let mut add = |number: u64, text: String| {
        if number > 0 {
            details.push(text);
        }
    };
    let messages = |number| format::counted(number, "queued message", "queued messages");
    add(
        report.replaced,
        format!(
            "{} of them in the place of something else",
            format::count(report.replaced)
        ),
    );
    add(
        report.same,
        format!("{} there already, exactly the same", entries(report.same)),
    );
    add(
        report.skipped,
        format!(
            "{} left out, because something else stands under their keys",
            entries(report.skipped)
        ),
    );
    add(report.expired, format!("{} had expired", entries(report.expired)));
    if let Some(queue) = &report.messages {
        add(queue.carried, format!("{} copied", messages(queue.carried)));
        add(queue.same, format!("{} there already", messages(queue.same)));
        add(queue.left_out, format!("{} not copied", messages(queue.left_out)));
        for left in &queue.named {
            add(1, format!("message {}: {}", left.message.id, left.reason));
        }
    }
    details.extend(remarks("could not be copied", &report.errors));
    if let Some(verified) = &report.verified {
        details.push(verification(verified));
        details.extend(
            verified
                .named
                .iter()
                .map(|sums| format!("not the same below {}", sums.prefix)),
        );
    }
    details
}

fn verification(report: &VerifyReport) -> String {
    if report.is_sound() {
        let unknown = if report.expiry {
            ""
        } else {
            "; expiry unknown on one side"
        };
        format!(
            "Verified: {} of {}, the same hashes on both sides{unknown}",
            entries(report.entries),
            format::bytes(report.bytes)
        )
    } else if report.complete {
        format!(
            "Verified: not the same below {} first parts of keys",
            report.wrong
        )
    } else {
        "Not verified to the end, because that was cancelled".to_owned()
    }
}
