//! Differences between two databases as lines of JSON, which the command line prints and the window exports.

use keyglass_store::Entry;
use keyglass_store::entry::json::{entry_line, key_fields};
use keyglass_store::transfer::compare::{Aspects, CompareReport, Difference, ValueAspect};

use super::field_changes::{FIELD_CHARS, FieldChange, fields};

/// What of an entry differs, in words.
#[must_use]
pub fn aspect_names(aspects: Aspects) -> Vec<&'static str> {
    let value = match aspects.value {
        ValueAspect::Same => None,
        ValueAspect::Form => Some("bytes"),
        ValueAspect::Value => Some("value"),
    };
    value
        .into_iter()
        .chain(aspects.encoding.then_some("encoding"))
        .chain(aspects.expiry.then_some("expiry"))
        .collect()
}

/// The counts of a comparison; `expiry` says whether expiries were compared.
#[must_use]
pub fn counts_line(report: &CompareReport, expiry: bool) -> String {
    serde_json::json!({
        "type": "counts",
        "same": report.same,
        "added": report.added,
        "removed": report.removed,
        "changed": report.changed,
        "changedValue": report.values,
        "changedBytes": report.forms,
        "changedEncoding": report.encodings,
        "changedExpiry": report.expiries,
        "expiryCompared": expiry,
        "expired": report.expired,
    })
    .to_string()
}

/// A difference; in full with the entries of both sides and the fields that differ.
#[must_use]
pub fn difference_line(difference: &Difference, full: bool) -> String {
    let of_entry = |kind: &str, entry: &Entry| {
        let whole = entry_line(entry).text;
        let inner = whole.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
        match inner {
            Some(inner) if full => format!(r#"{{"type":"{kind}",{inner}}}"#),
            _ => format!(r#"{{"type":"{kind}",{}}}"#, key_fields(&entry.key)),
        }
    };
    match difference {
        Difference::Added(entry) => of_entry("added", entry),
        Difference::Removed(entry) => of_entry("removed", entry),
        Difference::Changed {
            before,
            after,
            aspects,
        } => {
            let mut line = format!(
                r#"{{"type":"changed",{},"differs":{}"#,
                key_fields(&before.key),
                serde_json::json!(aspect_names(*aspects))
            );
            if full {
                let fields: Vec<_> = fields(before, after, *aspects, FIELD_CHARS)
                    .iter()
                    .map(FieldChange::json)
                    .collect();
                line.push_str(&format!(
                    r#","fields":{},"before":{},"after":{}"#,
                    serde_json::Value::from(fields),
                    entry_line(before).text,
                    entry_line(after).text
                ));
            }
            line.push('}');
            line
        }
    }
}
