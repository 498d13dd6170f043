//! What exports and imports have to tell.

use keyglass_store::transfer::{ExportReport, ImportReport, Remarks};

use crate::model::format;
use crate::model::notices::NoticeKind;

/// Remarks of a report that a notice names.
const NAMED_REMARKS: usize = 20;

/// What an export has to tell besides its number of entries.
pub(super) fn export_details(report: &ExportReport) -> Vec<String> {
    let mut details = vec![format!("{} written", format::bytes(report.bytes))];
    details.extend(remarks("not exact in readable form", &report.lossy));
    details.extend(remarks("could not be decoded", &report.unreadable));
    details
}

/// Remarks as lines: how many, then the first ones by name.
fn remarks(what: &str, remarks: &Remarks) -> Vec<String> {
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
