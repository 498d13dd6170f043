//! Entries as lines of NDJSON.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::read::{bytes, key, plain, property, value};
use super::syntax::parse_json;
use super::write::{write_key, write_value};
use super::{JsonError, Loss};
use crate::entry::Entry;
use crate::javascript::date::parse_date;
use crate::key::Key;
use crate::value::{Encoding, Node, StoredValue};
use crate::versionstamp::Versionstamp;

/// An entry's line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryLine {
    /// The line without its end.
    pub text: String,
    /// What its `value` leaves out, and its `v8` keeps.
    pub losses: Vec<Loss>,
}

/// What a line holds.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedEntry {
    /// The key.
    pub key: Key,
    /// The value as it is to be stored: the exact bytes where the line has them.
    pub value: StoredValue,
    /// When the entry goes, in milliseconds since the Unix epoch.
    pub expires_at: Option<i64>,
    /// The commit that wrote it, where the line tells.
    pub versionstamp: Option<Versionstamp>,
}

/// The line of an entry.
///
/// # Errors
/// If the key or the value cannot be read.
pub fn entry_line(entry: &Entry) -> Result<EntryLine, JsonError> {
    let decoded = entry.value.decode()?;
    let mut text = String::with_capacity(entry.value.bytes.len() * 2 + 256);
    text.push_str("{\"key\":");
    write_key(&entry.key.decode()?, &mut text);
    text.push_str(",\"value\":");
    let losses = write_value(&decoded, &mut text);
    let _infallible = write!(text, ",\"versionstamp\":\"{}\"", entry.versionstamp);
    if let Some(expires_at) = entry.expires_at {
        let _infallible = write!(text, ",\"expireAt\":{expires_at}");
    }
    if !losses.is_empty() {
        text.push_str(",\"v8\":\"");
        URL_SAFE_NO_PAD.encode_string(&entry.value.bytes, &mut text);
        text.push('"');
    }
    text.push('}');
    Ok(EntryLine { text, losses })
}

/// Reads the line of an entry. Fields that are unknown are ignored.
///
/// # Errors
/// If it is no such line, or its key or value cannot be stored.
pub fn parse_entry_line(line: &str) -> Result<ParsedEntry, JsonError> {
    let json = parse_json(line)?;
    let Some(fields) = plain(&json, json.root()) else {
        return Err(JsonError::Shape(
            "An entry is an object with `key` and `value`".to_owned(),
        ));
    };
    let missing = |name: &str| JsonError::Shape(format!("The entry has no `{name}`"));
    let key = key(&json, property(fields, "key").ok_or_else(|| missing("key"))?)?;
    let value = match property(fields, "v8") {
        Some(Node::String(exact)) => {
            let wrong = || JsonError::Shape("The field `v8` is not base64url".to_owned());
            let bytes = exact.as_str().and_then(bytes).ok_or_else(wrong)?;
            let stored = StoredValue {
                encoding: Encoding::V8,
                bytes: bytes.into(),
            };
            stored.decode()?;
            stored
        }
        _ => {
            let readable = property(fields, "value").ok_or_else(|| missing("value"))?;
            StoredValue::from_value(&value(&json, readable)?)?
        }
    };
    let versionstamp = match property(fields, "versionstamp") {
        Some(Node::String(stamp)) => stamp.as_str().and_then(|stamp| stamp.parse().ok()),
        _ => None,
    };
    Ok(ParsedEntry {
        key,
        value,
        expires_at: expiry(property(fields, "expireAt"))?,
        versionstamp,
    })
}

/// The key on the line of an entry, also where the rest of it is wrong.
#[must_use]
pub fn key_of_line(line: &str) -> Option<Key> {
    let json = parse_json(line).ok()?;
    let fields = plain(&json, json.root())?;
    key(&json, property(fields, "key")?).ok()
}

/// Milliseconds or the text of a date.
fn expiry(field: Option<&Node>) -> Result<Option<i64>, JsonError> {
    let milliseconds = match field {
        None | Some(Node::Null) => return Ok(None),
        Some(Node::Number(milliseconds)) => Some(*milliseconds),
        Some(Node::String(date)) => date.as_str().and_then(parse_date),
        Some(_) => None,
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole and within the range of dates"
    )]
    milliseconds
        .filter(|milliseconds| milliseconds.fract() == 0.0 && milliseconds.abs() <= 8.64e15)
        .map(|milliseconds| Some(milliseconds as i64))
        .ok_or_else(|| JsonError::Shape("The field `expireAt` is neither milliseconds nor a date".to_owned()))
}
