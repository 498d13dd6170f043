//! What differs within an entry, field by field.

use std::fmt;

use jiff::tz::TimeZone;
use keyglass_store::transfer::compare::{Aspects, ValueAspect};
use keyglass_store::value::Value;
use keyglass_store::value::literal::preview_node;
use keyglass_store::{Encoding, Entry};

use crate::cli::text;
use crate::content::value_changes::{PartChange, ValueChanges};
use crate::content::value_path::ValuePath;
use crate::moment;

/// Characters of a field that are shown.
const FIELD_CHARS: usize = 120;

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldChange {
    /// Where: `value.items[0]`, `expiry`, `encoding`.
    pub path: String,
    /// What stood there, as a literal.
    pub before: Option<String>,
    /// What stands there.
    pub after: Option<String>,
    /// Whether [`Self::before`] is another name of the same field.
    pub renamed: bool,
}

impl FieldChange {
    fn new(path: &str, before: Option<String>, after: Option<String>) -> Self {
        Self {
            path: path.to_owned(),
            before,
            after,
            renamed: false,
        }
    }

    /// `{"path", "before", "after"}` with literals as texts; `before` or `after` is null where nothing stands there,
    /// and `name` stands instead of both where only the name of the field is another one.
    pub(super) fn json(&self) -> serde_json::Value {
        if self.renamed {
            return serde_json::json!({"path": self.path, "name": self.before});
        }
        serde_json::json!({"path": self.path, "before": self.before, "after": self.after})
    }
}

impl fmt::Display for FieldChange {
    /// `value.age: 41 → 42`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.before, &self.after) {
            (Some(name), _) if self.renamed => write!(f, "{}: was named {name}", self.path),
            (Some(before), Some(after)) => write!(f, "{}: {before} → {after}", self.path),
            (None, Some(after)) => write!(f, "+ {}: {after}", self.path),
            (Some(before), None) => write!(f, "- {}: {before}", self.path),
            (None, None) => write!(f, "{}", self.path),
        }
    }
}

/// All fields of an entry that differ, those of the value first.
pub(super) fn fields(before: &Entry, after: &Entry, aspects: Aspects) -> Vec<FieldChange> {
    let mut fields = Vec::new();
    match aspects.value {
        ValueAspect::Same => {}
        ValueAspect::Form => fields.push(FieldChange::new(
            "bytes",
            Some(hex(&before.value.bytes)),
            Some(hex(&after.value.bytes)),
        )),
        ValueAspect::Value => {
            if let (Ok(old), Ok(new)) = (before.value.decode(), after.value.decode()) {
                fields = of_value(&old, &new);
            }
            if fields.is_empty() {
                fields.push(FieldChange::new(
                    "value",
                    Some(short(&text::value_line(&before.value))),
                    Some(short(&text::value_line(&after.value))),
                ));
            }
        }
    }
    if aspects.encoding {
        let name = |entry: &Entry| Some(encoding(entry.value.encoding));
        fields.push(FieldChange::new("encoding", name(before), name(after)));
    }
    if aspects.expiry {
        let moment = |entry: &Entry| {
            Some(entry.expires_at.map_or_else(
                || "never".to_owned(),
                |at| moment::text_with_offset(at, &TimeZone::UTC),
            ))
        };
        fields.push(FieldChange::new("expiry", moment(before), moment(after)));
    }
    fields
}

/// The parts of a value that differ. What is gone is what a comparison the other way round finds to be new.
fn of_value(before: &Value, after: &Value) -> Vec<FieldChange> {
    let forward = ValueChanges::between(before, after);
    let backward = ValueChanges::between(after, before);
    let mut fields: Vec<(&ValuePath, FieldChange)> = Vec::new();
    for (path, change) in forward.parts() {
        let now = part(after, path);
        let place = path.to_string();
        let field = match change {
            PartChange::Was(was) => FieldChange::new(&place, Some(was.clone()), now),
            PartChange::Added => FieldChange::new(&place, None, now),
            PartChange::Renamed(name) => FieldChange {
                renamed: true,
                ..FieldChange::new(&place, Some(name.clone()), None)
            },
            PartChange::Lost(_) => continue,
        };
        fields.push((path, field));
    }
    for (path, change) in backward.parts() {
        if *change == PartChange::Added {
            fields.push((
                path,
                FieldChange::new(&path.to_string(), part(before, path), None),
            ));
        }
    }
    fields.sort_by_key(|(path, _)| *path);
    fields.into_iter().map(|(_, field)| field).collect()
}

/// What stands at a path, as a literal.
fn part(value: &Value, path: &ValuePath) -> Option<String> {
    let node = path.find(value)?;
    let preview = preview_node(value, &node, FIELD_CHARS);
    Some(preview.spans.into_iter().map(|(_, text)| text).collect())
}

fn encoding(encoding: Encoding) -> String {
    match encoding {
        Encoding::V8 => "V8".to_owned(),
        Encoding::Le64 => "KvU64".to_owned(),
        Encoding::Bytes => "bytes".to_owned(),
        Encoding::Unknown(number) => number.to_string(),
    }
}

fn hex(bytes: &[u8]) -> String {
    short(&bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

/// A text, cut off where it is long.
fn short(text: &str) -> String {
    match text.char_indices().nth(FIELD_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use keyglass_store::value::literal::parse;

    use super::*;

    fn told(before: &str, after: &str) -> Vec<String> {
        let (before, after) = (parse(before).unwrap(), parse(after).unwrap());
        let fields = of_value(&before, &after);
        fields.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_changed_new_gone_or_renamed_is_told_in_the_order_of_its_places() {
        assert_eq!(
            told(
                "{name: 'Ada', age: 41, old: [1, 2], tags: ['a', 'b']}",
                "{name: 'Ada', age: 42, tags: ['b'], since: 1n}"
            ),
            [
                "value.age: 41 → 42",
                "- value.old: [1, 2]",
                "+ value.since: 1n",
                "- value.tags[0]: \"a\"",
            ]
        );
        assert_eq!(told("{a: 1}", "{b: 1}"), ["value.b: was named a"]);
        assert_eq!(told("1", "{a: 1}"), ["value: 1 → {a: 1}"]);
    }
}
