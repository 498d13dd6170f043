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

/// Fields of a change that are told in a line of the timeline, and characters of each side of them.
pub const IN_A_LINE: Bounds = Bounds {
    characters: 80,
    fields: 5,
};
/// The same where a change is looked at.
pub const IN_FULL: Bounds = Bounds {
    characters: 4000,
    fields: 400,
};

/// How much is told of what differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Characters of each side of a field.
    pub characters: usize,
    /// Fields.
    pub fields: usize,
}

/// What differs between two states of an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// The fields that differ, those of the value first.
    pub fields: Vec<FieldChange>,
    /// How many more differ.
    pub left_out: usize,
}

impl Differences {
    /// Between two states, either of which may be that nothing stands there.
    #[must_use]
    pub fn between(before: Option<&Entry>, after: Option<&Entry>, bounds: Bounds) -> Self {
        let mut told = Self::default();
        match (before, after) {
            (None, None) => {}
            (Some(before), Some(after)) => told.compare(before, after, bounds),
            (Some(entry), None) | (None, Some(entry)) => {
                let whole = |entry: &Entry| preview(&entry.value, bounds.characters);
                told.fields
                    .push(FieldChange::new("value", before.map(whole), after.map(whole)));
                if let (Some(at), None) = (entry.expires_at, before) {
                    let at = plain(&moment::text_with_offset(at, &TimeZone::UTC));
                    told.fields.push(FieldChange::new("expiry", None, Some(at)));
                }
            }
        }
        told
    }

    fn compare(&mut self, before: &Entry, after: &Entry, bounds: Bounds) {
        let aspects = Aspects::between(before, after);
        if aspects.value == ValueAspect::Value
            && let (Ok(old), Ok(new)) = (before.value.decode(), after.value.decode())
        {
            let parts = parts(&old, &new);
            self.left_out = parts.len().saturating_sub(bounds.fields);
            let told = parts.into_iter().take(bounds.fields);
            self.fields = told
                .filter_map(|(path, part)| part.field(&old, &new, &path, bounds.characters))
                .collect();
        }
        if self.fields.is_empty() && aspects.value != ValueAspect::Same {
            self.fields = whole_value(before, after, aspects.value, bounds.characters);
        }
        self.fields.extend(beside_value(before, after, aspects));
    }
}

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
    if aspects.value == ValueAspect::Value
        && let (Ok(old), Ok(new)) = (before.value.decode(), after.value.decode())
    {
        fields = of_value(&old, &new, characters);
    }
    if fields.is_empty() && aspects.value != ValueAspect::Same {
        fields = whole_value(before, after, aspects.value, characters);
    }
    fields.extend(beside_value(before, after, aspects));
    fields
}

/// A value that differs as a whole, or in its bytes alone.
fn whole_value(before: &Entry, after: &Entry, aspect: ValueAspect, characters: usize) -> Vec<FieldChange> {
    let side = |entry: &Entry| match aspect {
        ValueAspect::Form => plain(&hex(&entry.value.bytes, characters)),
        ValueAspect::Same | ValueAspect::Value => preview(&entry.value, characters),
    };
    let name = match aspect {
        ValueAspect::Form => "bytes",
        ValueAspect::Same | ValueAspect::Value => "value",
    };
    vec![FieldChange::new(name, Some(side(before)), Some(side(after)))]
}

/// What differs beside the value.
fn beside_value(before: &Entry, after: &Entry, aspects: Aspects) -> Vec<FieldChange> {
    let mut fields = Vec::new();
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

/// A part of a value that differs.
enum Part {
    /// What stands there now, as it is told beside what was.
    Now(PartChange),
    /// It is gone.
    Gone,
}

impl Part {
    /// As a field, if it is one of its own.
    fn field(
        self,
        before: &Value,
        after: &Value,
        path: &ValuePath,
        characters: usize,
    ) -> Option<FieldChange> {
        let place = path.to_string();
        Some(match self {
            Self::Now(PartChange::Was(was)) => {
                // In a list that has moved, it stood at another place.
                let is_there = part(before, path, WAS_CHARS).is_some_and(|there| preview_text(&there) == was);
                let there = part(before, path, characters).filter(|_| is_there);
                let there = there.unwrap_or_else(|| plain(&was));
                FieldChange::new(&place, Some(there), part(after, path, characters))
            }
            Self::Now(PartChange::Added) => FieldChange::new(&place, None, part(after, path, characters)),
            Self::Now(PartChange::Renamed(name)) => FieldChange {
                renamed: true,
                ..FieldChange::new(&place, Some(plain(&name)), None)
            },
            Self::Now(PartChange::Lost(_)) => return None,
            Self::Gone => FieldChange::new(&place, part(before, path, characters), None),
        })
    }
}

/// The parts of a value that differ, in the order of their places. What is gone is what a comparison the other way round
/// finds to be new.
fn parts(before: &Value, after: &Value) -> Vec<(ValuePath, Part)> {
    let forward = ValueChanges::between(before, after);
    let backward = ValueChanges::between(after, before);
    let now = forward.parts().into_iter();
    let now = now.filter(|(_, change)| !matches!(change, PartChange::Lost(_)));
    let now = now.map(|(path, change)| (path.clone(), Part::Now(change.clone())));
    let gone = backward.parts().into_iter();
    let gone = gone.filter(|(_, change)| **change == PartChange::Added);
    let mut parts: Vec<_> = now
        .chain(gone.map(|(path, _)| (path.clone(), Part::Gone)))
        .collect();
    parts.sort_by(|(one, _), (other, _)| one.cmp(other));
    parts
}

fn of_value(before: &Value, after: &Value, characters: usize) -> Vec<FieldChange> {
    let parts = parts(before, after).into_iter();
    parts
        .filter_map(|(path, part)| part.field(before, after, &path, characters))
        .collect()
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
