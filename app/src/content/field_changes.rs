//! What differs within an entry, field by field.

use std::fmt;

use jiff::tz::TimeZone;
use keyglass_store::transfer::compare::{Aspects, ValueAspect};
use keyglass_store::value::Value;
use keyglass_store::value::literal::{Preview, SpanKind, preview, preview_node};
use keyglass_store::{Encoding, Entry};

use super::value_changes::{PartChange, ValueChanges, WAS_CHARS};
use super::value_path::ValuePath;
use crate::moment;

/// Characters of a field that are shown in a line of it.
pub const FIELD_CHARS: usize = 120;

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Where: `value.items[0]`, `expiry`, `encoding`.
    pub path: String,
    /// What stood there, as a literal.
    pub before: Option<Preview>,
    /// What stands there.
    pub after: Option<Preview>,
    /// Whether [`Self::before`] is another name of the same field.
    pub renamed: bool,
}

impl FieldChange {
    fn new(path: &str, before: Option<Preview>, after: Option<Preview>) -> Self {
        Self {
            path: path.to_owned(),
            before,
            after,
            renamed: false,
        }
    }

    /// The place without `value.` where it lies within a value: `credit`, `[0]`, `value` itself.
    #[must_use]
    pub fn short_path(&self) -> &str {
        let within = self.path.strip_prefix("value");
        match within.map(|path| path.strip_prefix('.').unwrap_or(path)) {
            Some(path) if !path.is_empty() => path,
            _ => &self.path,
        }
    }

    /// `{"path", "before", "after"}` with literals as texts; `before` or `after` is null where nothing stands there,
    /// and `name` stands instead of both where only the name of the field is another one.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        let text = |preview: &Option<Preview>| preview.as_ref().map(preview_text);
        if self.renamed {
            return serde_json::json!({"path": self.path, "name": text(&self.before)});
        }
        serde_json::json!({"path": self.path, "before": text(&self.before), "after": text(&self.after)})
    }
}

impl fmt::Display for FieldChange {
    /// `value.age: 41 → 42`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |preview: &Option<Preview>| preview.as_ref().map(preview_text);
        match (text(&self.before), text(&self.after)) {
            (Some(name), _) if self.renamed => write!(f, "{}: was named {name}", self.path),
            (Some(before), Some(after)) => write!(f, "{}: {before} → {after}", self.path),
            (None, Some(after)) => write!(f, "+ {}: {after}", self.path),
            (Some(before), None) => write!(f, "- {}: {before}", self.path),
            (None, None) => write!(f, "{}", self.path),
        }
    }
}

/// The text of a preview.
#[must_use]
pub fn preview_text(preview: &Preview) -> String {
    preview.spans.iter().map(|(_, text)| text.as_str()).collect()
}

/// All fields of an entry that differ, those of the value first, each side of at most so many characters.
#[must_use]
pub fn fields(before: &Entry, after: &Entry, aspects: Aspects, characters: usize) -> Vec<FieldChange> {
    let mut fields = Vec::new();
    match aspects.value {
        ValueAspect::Same => {}
        ValueAspect::Form => fields.push(FieldChange::new(
            "bytes",
            Some(plain(&hex(&before.value.bytes, characters))),
            Some(plain(&hex(&after.value.bytes, characters))),
        )),
        ValueAspect::Value => {
            if let (Ok(old), Ok(new)) = (before.value.decode(), after.value.decode()) {
                fields = of_value(&old, &new, characters);
            }
            if fields.is_empty() {
                fields.push(FieldChange::new(
                    "value",
                    Some(preview(&before.value, characters)),
                    Some(preview(&after.value, characters)),
                ));
            }
        }
    }
    if aspects.encoding {
        let name = |entry: &Entry| Some(plain(&encoding(entry.value.encoding)));
        fields.push(FieldChange::new("encoding", name(before), name(after)));
    }
    if aspects.expiry {
        let moment = |entry: &Entry| {
            let text = entry.expires_at.map_or_else(
                || "never".to_owned(),
                |at| moment::text_with_offset(at, &TimeZone::UTC),
            );
            Some(plain(&text))
        };
        fields.push(FieldChange::new("expiry", moment(before), moment(after)));
    }
    fields
}

fn plain(text: &str) -> Preview {
    Preview {
        spans: vec![(SpanKind::Plain, text.to_owned())],
        truncated: false,
    }
}

/// The parts of a value that differ. What is gone is what a comparison the other way round finds to be new.
fn of_value(before: &Value, after: &Value, characters: usize) -> Vec<FieldChange> {
    let forward = ValueChanges::between(before, after);
    let backward = ValueChanges::between(after, before);
    let mut fields: Vec<(&ValuePath, FieldChange)> = Vec::new();
    for (path, change) in forward.parts() {
        let now = part(after, path, characters);
        let place = path.to_string();
        let field = match change {
            PartChange::Was(was) => {
                // In a list that has moved, it stood at another place.
                let is_there =
                    part(before, path, WAS_CHARS).is_some_and(|there| preview_text(&there) == *was);
                let there = part(before, path, characters).filter(|_| is_there);
                FieldChange::new(&place, Some(there.unwrap_or_else(|| plain(was))), now)
            }
            PartChange::Added => FieldChange::new(&place, None, now),
            PartChange::Renamed(name) => FieldChange {
                renamed: true,
                ..FieldChange::new(&place, Some(plain(name)), None)
            },
            PartChange::Lost(_) => continue,
        };
        fields.push((path, field));
    }
    for (path, change) in backward.parts() {
        if *change == PartChange::Added {
            fields.push((
                path,
                FieldChange::new(&path.to_string(), part(before, path, characters), None),
            ));
        }
    }
    fields.sort_by_key(|(path, _)| *path);
    fields.into_iter().map(|(_, field)| field).collect()
}

/// What stands at a path, as a literal.
fn part(value: &Value, path: &ValuePath, characters: usize) -> Option<Preview> {
    let node = path.find(value)?;
    Some(preview_node(value, &node, characters))
}

fn encoding(encoding: Encoding) -> String {
    match encoding {
        Encoding::V8 => "V8".to_owned(),
        Encoding::Le64 => "KvU64".to_owned(),
        Encoding::Bytes => "bytes".to_owned(),
        Encoding::Unknown(number) => number.to_string(),
    }
}

/// Bytes in hexadecimal, as many as fit.
fn hex(bytes: &[u8], characters: usize) -> String {
    let fitting = bytes.len().min(characters / 2);
    let shown = bytes.iter().take(fitting).map(|byte| format!("{byte:02x}"));
    let end = if fitting < bytes.len() { "…" } else { "" };
    shown.chain([end.to_owned()]).collect()
}

#[cfg(test)]
mod tests {
    use keyglass_store::value::literal::parse;

    use super::*;

    fn told(before: &str, after: &str) -> Vec<String> {
        let (before, after) = (parse(before).unwrap(), parse(after).unwrap());
        let fields = of_value(&before, &after, FIELD_CHARS);
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
        assert_eq!(told("['a', 'b']", "['c', 'b']"), ["value[0]: \"a\" → \"c\""]);
        assert_eq!(told("1", "{a: 1}"), ["value: 1 → {a: 1}"]);
    }
    #[test]
    fn a_long_field_is_shown_as_far_as_it_is_asked_for() {
        let text = |letter: &str| format!("{{text: '{}'}}", letter.repeat(500));
        let (before, after) = (parse(&text("a")).unwrap(), parse(&text("b")).unwrap());
        let shown = |characters| of_value(&before, &after, characters).remove(0);
        let length = |field: &FieldChange| preview_text(field.before.as_ref().unwrap()).chars().count();
        assert_eq!(length(&shown(20)), 20);
        assert_eq!(length(&shown(1000)), 502);
        assert_eq!(shown(20).short_path(), "text");
    }

    #[test]
    fn places_within_a_value_are_told_in_short() {
        let short = |path: &str| FieldChange::new(path, None, None).short_path().to_owned();
        assert_eq!(
            ["value", "value.a", "value[0].b", "expiry"].map(short),
            ["value", "a", "[0].b", "expiry"]
        );
    }
}
