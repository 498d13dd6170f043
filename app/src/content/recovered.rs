//! What a recovery has to tell of what is missing.

use keyglass_store::EncodedKey;
use keyglass_store::deno_file::Missing;
use keyglass_store::transfer::RecoverReport;

/// Whether everything could be read.
#[must_use]
pub fn is_whole(report: &RecoverReport) -> bool {
    report.recovered.missing.is_empty() && !report.messages_missing
}

/// What is missing, line by line, the keys of missing entries indented below. `counted` writes a number with its noun.
#[must_use]
pub fn missing(report: &RecoverReport, counted: impl Fn(u64, &str, &str) -> String) -> Vec<String> {
    let recovered = &report.recovered;
    let mut lines = Vec::new();
    for missing in &recovered.missing {
        match missing {
            Missing::Value(key) => lines.push(format!("Missing: the value of {key}")),
            Missing::Between {
                after,
                before,
                entries,
                keys,
            } => {
                let number = match (*entries, recovered.index_is_whole) {
                    (0, _) => "entries, nobody knows how many,".to_owned(),
                    (number, true) => counted(number, "entry", "entries"),
                    (number, false) => format!("at least {}", counted(number, "entry", "entries")),
                };
                lines.push(format!(
                    "Missing: {number} {}",
                    place(after.as_ref(), before.as_ref())
                ));
                lines.extend(keys.iter().map(|key| format!("    {key}")));
            }
        }
    }
    if report.messages_missing {
        lines.push("Missing: messages of the queue, nobody knows how many".to_owned());
    }
    if recovered.unclear_pages > 0 {
        lines.push(format!(
            "{} left alone, because the damage hides whether what is on them had been deleted",
            counted(recovered.unclear_pages, "page was", "pages were")
        ));
    }
    if is_whole(report) {
        lines.push("Nothing is missing".to_owned());
    }
    lines
}

/// `between ["a"] and ["b"]`
fn place(after: Option<&EncodedKey>, before: Option<&EncodedKey>) -> String {
    match (after, before) {
        (Some(after), Some(before)) => format!("between {after} and {before}"),
        (Some(after), None) => format!("behind {after}"),
        (None, Some(before)) => format!("before {before}"),
        (None, None) => "everywhere".to_owned(),
    }
}
