//! Entries as JSON: the lines of exports.
//!
//! An entry is one line of NDJSON, `{"key": […], "value": …, "versionstamp": "…"}`. Optional fields follow, which
//! other readers ignore. With them an entry of any bytes is read exactly as it was stored; each is left out where
//! the readable form says the same. Bytes are unpadded base64url, and an integer beyond 2^53 is a typed bigint.
//!
//! | field | holds | beside it |
//! | --- | --- | --- |
//! | `expireAt` | when the entry goes, in milliseconds since the Unix epoch | |
//! | `v8` | the value's bytes in V8's format, which can be read | the readable value, as far as the typed form goes |
//! | `keyBytes` | the key's bytes, which are no key, or one in another form than Deno's | the parts that can be read, then the rest as a `Uint8Array` |
//! | `valueBytes`, `valueEncoding` | the bytes of a value that cannot be read, and the number of their encoding | the bytes as a `Uint8Array` |
//!
//! `keyBytes` and `valueBytes` are the raw form: what they hold is taken as it is, while `v8` must be readable. Only
//! the version in the header of V8's format may become another one where all the rest is the same.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Entry;
use crate::javascript::date::parse_date;
use crate::key::{EncodedKey, KeyPart};
use crate::value::json::read::{bytes, key, plain, property, value};
use crate::value::json::syntax::parse_json;
use crate::value::json::write::{write_bytes, write_key, write_value};
use crate::value::json::{JsonError, Loss};
use crate::value::{Encoding, StoredValue};
use crate::value::{Node, Properties, Value};
use crate::versionstamp::Versionstamp;

/// Integers up to this are the same as numbers of JavaScript.
const SAFE_INTEGER: i64 = 1 << 53;

/// An entry's line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryLine {
    /// The line without its end.
    pub text: String,
    /// What its `value` leaves out, and its `v8` keeps.
    pub losses: Vec<Loss>,
    /// Why the key or the value cannot be read; the line has its bytes.
    pub unreadable: Option<String>,
    /// Whether the key or the value is there in raw form.
    pub is_raw: bool,
}

/// What a line holds.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedEntry {
    /// The key: the exact bytes where the line has them.
    pub key: EncodedKey,
    /// The value as it is to be stored: the exact bytes where the line has them.
    pub value: StoredValue,
    /// When the entry goes, in milliseconds since the Unix epoch.
    pub expires_at: Option<i64>,
    /// The commit that wrote it, where the line tells.
    pub versionstamp: Option<Versionstamp>,
}

/// The line of an entry, whatever its bytes: [`parse_entry_line`] makes the same entry of it, but perhaps for the
/// version of V8's format in the header of the value.
#[must_use]
pub fn entry_line(entry: &Entry) -> EntryLine {
    let mut text = String::with_capacity(entry.value.bytes.len() * 2 + 256);
    text.push('{');
    let key = write_readable_key(&entry.key, &mut text);
    text.push_str(",\"value\":");
    let value = write_readable_value(&entry.value, &mut text);
    let _infallible = write!(text, ",\"versionstamp\":\"{}\"", entry.versionstamp);
    if let Some(expires_at) = entry.expires_at {
        text.push_str(",\"expireAt\":");
        write_integer(expires_at, &mut text);
    }
    if !key.is_exact {
        write_bytes_field("keyBytes", entry.key.as_bytes(), &mut text);
    }
    write_value_bytes(&entry.value, &value, &mut text);
    text.push('}');
    EntryLine {
        text,
        losses: value.losses,
        is_raw: !key.is_exact || value.unreadable.is_some(),
        unreadable: key.unreadable.or(value.unreadable),
    }
}

/// The field `key` of an object, and its `keyBytes` where the former is not the whole key.
#[must_use]
pub fn key_fields(key: &EncodedKey) -> String {
    let mut text = String::new();
    if !write_readable_key(key, &mut text).is_exact {
        write_bytes_field("keyBytes", key.as_bytes(), &mut text);
    }
    text
}

/// What a readable form is worth.
struct Readable {
    /// Whether exactly what is stored is read back from it.
    is_exact: bool,
    losses: Vec<Loss>,
    unreadable: Option<String>,
}

fn write_readable_key(stored: &EncodedKey, text: &mut String) -> Readable {
    text.push_str("\"key\":");
    let key = stored.decode();
    let is_exact = key.as_ref().is_ok_and(|key| {
        !key.0.iter().any(has_hidden_sign) && key.encode().is_ok_and(|again| again == *stored)
    });
    let unreadable = match key {
        Ok(key) => {
            write_key(&key, text);
            None
        }
        Err(error) => {
            write_key(&stored.decode_readable(), text);
            Some(format!("its key cannot be read: {error}"))
        }
    };
    Readable {
        is_exact,
        losses: Vec::new(),
        unreadable,
    }
}

/// Whether both are the same bytes, but perhaps for the version of V8's format in their header: Deno writes a newer
/// one than we do, and where all the rest is the same, so is the value.
fn says_the_same(ours: &StoredValue, stored: &StoredValue) -> bool {
    let rest = |value: &StoredValue| match value.bytes.as_ref() {
        [0xff, 13..=16, ..] => Some(value.bytes.slice(2..)),
        _ => None,
    };
    ours == stored
        || (ours.encoding == stored.encoding && rest(ours).is_some_and(|ours| Some(ours) == rest(stored)))
}

/// NaN has a sign in keys, of which no text tells.
fn has_hidden_sign(part: &KeyPart) -> bool {
    matches!(part, KeyPart::Number(number) if number.is_nan() && number.is_sign_negative())
}

/// The field `value` of an object, and beside it the fields that hold its bytes where the former is not all of it.
#[must_use]
pub fn value_fields(value: &StoredValue) -> String {
    let mut text = "\"value\":".to_owned();
    let readable = write_readable_value(value, &mut text);
    write_value_bytes(value, &readable, &mut text);
    text
}

/// The bytes of a value beside its readable form, where that is not all of it.
fn write_value_bytes(stored: &StoredValue, value: &Readable, text: &mut String) {
    match (value.is_exact, &value.unreadable) {
        (true, _) => {}
        (false, None) => write_bytes_field("v8", &stored.bytes, text),
        (false, Some(_)) => {
            text.push_str(",\"valueEncoding\":");
            write_integer(stored.encoding.number(), text);
            write_bytes_field("valueBytes", &stored.bytes, text);
        }
    }
}

fn write_readable_value(stored: &StoredValue, text: &mut String) -> Readable {
    match stored.decode() {
        Ok(value) => {
            let losses = write_value(&value, text);
            let is_exact = losses.is_empty()
                && (stored.encoding != Encoding::V8
                    || StoredValue::from_value(&value).is_ok_and(|again| says_the_same(&again, stored)));
            Readable {
                is_exact,
                losses,
                unreadable: None,
            }
        }
        Err(error) => {
            write_bytes("Uint8Array", &stored.bytes, text);
            Readable {
                is_exact: false,
                losses: Vec::new(),
                unreadable: Some(error.to_string()),
            }
        }
    }
}

fn write_bytes_field(name: &str, bytes: &[u8], text: &mut String) {
    let _infallible = write!(text, ",\"{name}\":\"");
    URL_SAFE_NO_PAD.encode_string(bytes, text);
    text.push('"');
}

pub(crate) fn write_integer(integer: i64, text: &mut String) {
    let _infallible = if integer.unsigned_abs() <= SAFE_INTEGER.unsigned_abs() {
        write!(text, "{integer}")
    } else {
        write!(text, "{{\"type\":\"bigint\",\"value\":\"{integer}\"}}")
    };
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
    let expires_at = match property(fields, "expireAt") {
        None | Some(Node::Null) => None,
        Some(field) => Some(expiry(&json, field).ok_or_else(|| {
            JsonError::Shape("The field `expireAt` is neither milliseconds nor a date".to_owned())
        })?),
    };
    let versionstamp = match property(fields, "versionstamp") {
        Some(Node::String(stamp)) => stamp.as_str().and_then(|stamp| stamp.parse().ok()),
        _ => None,
    };
    Ok(ParsedEntry {
        key: key_in(&json, fields)?,
        value: value_in(&json, fields)?,
        expires_at,
        versionstamp,
    })
}

/// The key on the line of an entry, also where the rest of it is wrong.
#[must_use]
pub fn key_of_line(line: &str) -> Option<EncodedKey> {
    let json = parse_json(line).ok()?;
    key_in(&json, plain(&json, json.root())?).ok()
}

fn missing(name: &str) -> JsonError {
    JsonError::Shape(format!("The entry has no `{name}`"))
}

pub(crate) fn key_in(json: &Value, fields: &Properties) -> Result<EncodedKey, JsonError> {
    if let Some(bytes) = bytes_field(fields, "keyBytes")? {
        return Ok(EncodedKey::from_bytes(bytes));
    }
    let readable = property(fields, "key").ok_or_else(|| missing("key"))?;
    Ok(key(json, readable)?.encode()?)
}

pub(crate) fn value_in(json: &Value, fields: &Properties) -> Result<StoredValue, JsonError> {
    if let Some(bytes) = bytes_field(fields, "valueBytes")? {
        let number = property(fields, "valueEncoding").and_then(|field| integer(json, field));
        let number = number
            .ok_or_else(|| JsonError::Shape("The field `valueEncoding` is not a whole number".to_owned()))?;
        return Ok(StoredValue {
            encoding: Encoding::from_number(number),
            bytes: bytes.into(),
        });
    }
    if let Some(bytes) = bytes_field(fields, "v8")? {
        let stored = StoredValue {
            encoding: Encoding::V8,
            bytes: bytes.into(),
        };
        stored.decode()?;
        return Ok(stored);
    }
    let readable = property(fields, "value").ok_or_else(|| missing("value"))?;
    Ok(StoredValue::from_value(&value(json, readable)?)?)
}

/// The bytes in a field, if it is there.
fn bytes_field(fields: &Properties, name: &str) -> Result<Option<Vec<u8>>, JsonError> {
    let decoded = match property(fields, name) {
        None | Some(Node::Null) => return Ok(None),
        Some(Node::String(text)) => text.as_str().and_then(bytes),
        Some(_) => None,
    };
    match decoded {
        Some(bytes) => Ok(Some(bytes)),
        None => Err(JsonError::Shape(format!("The field `{name}` is not base64url"))),
    }
}

/// Milliseconds or the text of a date.
pub(crate) fn expiry(json: &Value, field: &Node) -> Option<i64> {
    match field {
        Node::String(date) => whole(date.as_str().and_then(parse_date)?),
        _ => integer(json, field),
    }
}

/// A whole number, or a typed bigint of 64 bits.
pub(crate) fn integer(json: &Value, field: &Node) -> Option<i64> {
    match field {
        Node::Number(number) => whole(*number),
        _ => match value(json, field).ok()?.root() {
            Node::BigInt(number) => number.try_into().ok(),
            _ => None,
        },
    }
}

fn whole(number: f64) -> Option<i64> {
    #[expect(clippy::cast_precision_loss, reason = "it is a power of two")]
    let is_whole = number.fract() == 0.0 && number.abs() <= SAFE_INTEGER as f64;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within 64 bits")]
    is_whole.then_some(number as i64)
}
