//! A change as a line of NDJSON: what `keyglass watch --json` prints, and what a timeline is exported as.
//!
//! `{"type": "set" | "delete", "kind", "key", "value", "versionstamp", "at", "before"}` with keys and values in the
//! interchange format. `at` is when it was noticed, in milliseconds since the Unix epoch. `before` is null where nothing
//! stood and missing where nobody knows. A line of another type, such as `missed`, tells of changes that are not there.

use std::collections::HashMap;

use keyglass_store::entry::json::{entry_line, key_fields, key_of_line, parse_entry_line};
use keyglass_store::value::json::JsonError;
use keyglass_store::{Before, Change, Entry, Versionstamp};
use serde_json::value::RawValue;

use super::change_kind::ChangeKind;
use super::field_changes::FieldChange;

/// What a line tells.
#[derive(Debug, Clone, PartialEq)]
pub enum ChangeLine {
    /// A change, and when it was noticed, in milliseconds since the Unix epoch; 0 where the line does not say.
    Change {
        /// When.
        at: i64,
        /// Which one.
        change: Box<Change>,
    },
    /// Changes are missing here.
    Missed {
        /// When that was noticed, in milliseconds since the Unix epoch; 0 where the line does not say.
        at: i64,
        /// How many, where that is known.
        changes: Option<u64>,
    },
    /// A moment that a person remembers by a name.
    Bookmark {
        /// When, in milliseconds since the Unix epoch.
        at: i64,
        /// What it is called.
        name: String,
    },
    /// Something that is no change.
    Other,
}

/// The line of a change that was noticed at a moment, in milliseconds since the Unix epoch; with the fields that differ if
/// they are given.
#[must_use]
pub fn change_line(change: &Change, kind: ChangeKind, at: i64, fields: Option<&[FieldChange]>) -> String {
    let word = kind.word();
    let mut text = match &change.after {
        Some(entry) => {
            let entry = entry_line(entry).text;
            let inner = entry.strip_prefix('{').and_then(|entry| entry.strip_suffix('}'));
            format!(r#"{{"type":"set","kind":"{word}",{}"#, inner.unwrap_or_default())
        }
        None => format!(
            r#"{{"type":"delete","kind":"{word}",{},"versionstamp":"{}""#,
            key_fields(&change.key),
            change.versionstamp
        ),
    };
    text.push_str(&format!(r#","at":{at}"#));
    if let Some(fields) = fields {
        let fields = fields.iter().map(FieldChange::json).collect();
        text.push_str(&format!(r#","fields":{}"#, serde_json::Value::Array(fields)));
    }
    match &change.before {
        Before::Unknown => {}
        Before::Absent => text.push_str(r#","before":null"#),
        Before::Entry(entry) => {
            text.push_str(r#","before":"#);
            text.push_str(&entry_line(entry).text);
        }
    }
    text.push('}');
    text
}

/// The line that says that changes were missed, and how many of them where that is known.
#[must_use]
pub fn missed_line(changes: Option<u64>, at: i64) -> String {
    match changes {
        Some(number) => format!(r#"{{"type":"missed","changes":{number},"at":{at}}}"#),
        None => format!(r#"{{"type":"missed","at":{at}}}"#),
    }
}

/// A line as it is written down; none for what is no change.
#[must_use]
pub fn line_text(line: &ChangeLine) -> Option<String> {
    match line {
        ChangeLine::Change { at, change } => {
            let kind = ChangeKind::of(&change.before, change.after.as_ref(), *at);
            Some(change_line(change, kind, *at, None))
        }
        ChangeLine::Missed { at, changes } => Some(missed_line(*changes, *at)),
        ChangeLine::Bookmark { at, name } => {
            // The word of the files that there are.
            Some(serde_json::json!({"type": "mark", "name": name, "at": at}).to_string())
        }
        ChangeLine::Other => None,
    }
}

/// A line is none of a timeline.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ChangeLineError {
    /// It is no JSON object.
    #[error("It is no JSON object ({0})")]
    NoObject(String),
    /// Nothing says what it is.
    #[error("It has no `type`")]
    NoType,
    /// Nothing says what key has changed.
    #[error("It has no `key` that can be read")]
    NoKey,
    /// What it says of an entry cannot be read.
    #[error(transparent)]
    Entry(#[from] JsonError),
}

/// Reads a line.
///
/// # Errors
/// Why it is none.
pub fn parse_change_line(line: &str) -> Result<ChangeLine, ChangeLineError> {
    let fields: HashMap<String, &RawValue> =
        serde_json::from_str(line).map_err(|error| ChangeLineError::NoObject(error.to_string()))?;
    let text = |name: &str| fields.get(name).map(|raw| raw.get());
    let word = |name: &str| text(name).and_then(|raw| serde_json::from_str::<String>(raw).ok());
    let at = text("at").and_then(|raw| raw.parse().ok()).unwrap_or(0);
    let kind = word("type").ok_or(ChangeLineError::NoType)?;
    let after = match kind.as_str() {
        "set" => Some(entry(line)?),
        "delete" => None,
        "missed" => {
            let changes = text("changes").and_then(|raw| raw.parse().ok());
            return Ok(ChangeLine::Missed { at, changes });
        }
        "mark" => {
            let name = word("name").unwrap_or_default();
            return Ok(ChangeLine::Bookmark { at, name });
        }
        _ => return Ok(ChangeLine::Other),
    };
    let before = match text("before") {
        None => Before::Unknown,
        Some("null") => Before::Absent,
        Some(before) => Before::Entry(entry(before)?),
    };
    let key = match (&after, &before) {
        (Some(entry), _) | (None, Before::Entry(entry)) => entry.key.clone(),
        _ => key_of_line(line).ok_or(ChangeLineError::NoKey)?,
    };
    let stamp: Option<Versionstamp> = word("versionstamp").and_then(|stamp| stamp.parse().ok());
    Ok(ChangeLine::Change {
        at,
        change: Box::new(Change {
            key,
            versionstamp: stamp.unwrap_or_default(),
            before,
            after,
        }),
    })
}

fn entry(line: &str) -> Result<Entry, ChangeLineError> {
    let parsed = parse_entry_line(line)?;
    Ok(Entry {
        key: parsed.key,
        value: parsed.value,
        versionstamp: parsed.versionstamp.unwrap_or_default(),
        expires_at: parsed.expires_at,
    })
}

#[cfg(test)]
mod tests {
    use keyglass_store::key::EncodedKey;
    use keyglass_store::value::literal::parse;
    use keyglass_store::{StoredValue, value::Encoding};
    use proptest::prelude::*;

    use super::*;

    fn entry_of(key: &EncodedKey, value: StoredValue, expires_at: Option<i64>) -> Entry {
        Entry {
            key: key.clone(),
            value,
            versionstamp: Versionstamp::from_counter(7),
            expires_at,
        }
    }

    fn written(change: &Change) -> ChangeLine {
        let kind = ChangeKind::of(&change.before, change.after.as_ref(), 5);
        parse_change_line(&change_line(change, kind, 5, None)).unwrap()
    }

    #[test]
    fn a_change_is_read_back_as_it_was_written() {
        let key = EncodedKey::from_bytes(b"\x02a\0".to_vec());
        let broken = EncodedKey::from_bytes(b"\x02a".to_vec());
        let value = |text: &str| StoredValue::from_value(&parse(text).unwrap()).unwrap();
        let unreadable = StoredValue {
            encoding: Encoding::V8,
            bytes: vec![0xff, 0x0f, 1].into(),
        };
        for key in [key, broken] {
            let entries = [
                entry_of(&key, value("{a: 0.1, b: -0, c: 12345678901234567890n}"), None),
                entry_of(&key, unreadable.clone(), Some(12)),
            ];
            let earlier = entries.iter().cloned().map(Before::Entry);
            for before in earlier.chain([Before::Unknown, Before::Absent]) {
                for after in entries.iter().cloned().map(Some).chain([None]) {
                    let change = Change {
                        key: key.clone(),
                        versionstamp: Versionstamp::from_counter(7),
                        before: before.clone(),
                        after,
                    };
                    let change = Box::new(change);
                    assert_eq!(written(&change.clone()), ChangeLine::Change { at: 5, change });
                }
            }
        }
    }

    #[test]
    fn lines_that_are_no_changes_say_what_they_are() {
        let missed = |changes| ChangeLine::Missed { at: 3, changes };
        assert_eq!(parse_change_line(&missed_line(Some(4), 3)), Ok(missed(Some(4))));
        assert_eq!(parse_change_line(&missed_line(None, 3)), Ok(missed(None)));
        assert_eq!(parse_change_line(r#"{"type":"gone"}"#), Ok(ChangeLine::Other));
        let bookmark = ChangeLine::Bookmark {
            at: 9,
            name: "before \"it\"".to_owned(),
        };
        assert_eq!(parse_change_line(&line_text(&bookmark).unwrap()), Ok(bookmark));
        for wrong in ["", "[]", "{}", r#"{"type":"set"}"#, r#"{"type":"delete"}"#] {
            assert!(parse_change_line(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_line_makes_the_reader_panic(line in ".{0,80}", field in "[a-z\":{},0-9\\[\\]]{0,40}") {
            let _read = parse_change_line(&line);
            let _read = parse_change_line(&format!(r#"{{"type":"set","key":["a"],{field}}}"#));
        }
    }
}
