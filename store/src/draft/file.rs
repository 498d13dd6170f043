//! Draft files: one row a line, in the forms of exports, so that they are read by people and compared line by line.
//!
//! A file is text in UTF-8. Each line is a JSON object; empty lines are skipped, and fields that are not known are
//! ignored. The first line may name the draft:
//!
//! ```json
//! {"draft":"Refund of order 42","format":1}
//! {"operation":"check","key":[{"type":"string","value":"orders"},{"type":"bigint","value":"42"}],"versionstamp":"00000000000000060000"}
//! {"operation":"set","key":[{"type":"string","value":"refunds"}],"value":{"type":"number","value":9},"expireIn":86400000}
//! {"operation":"sum","key":[{"type":"string","value":"paid"}],"value":{"type":"KvU64","value":"1"},"off":true}
//! ```
//!
//! | operation | fields |
//! | --- | --- |
//! | `check` | `key`; `versionstamp`, 20 hexadecimal digits, or null where the key must be absent |
//! | `set` | `key`, `value`; perhaps one of `expireIn` (milliseconds from the commit on), `expireAt` (milliseconds since the Unix epoch, or a date) and `keepExpiry` |
//! | `setSuffixVersionstampedKey` | as `set`, but for `keepExpiry`; the commit's versionstamp is added to the key |
//! | `delete` | `key` |
//! | `sum` | `key`, `value`; perhaps `min`, `max` and `clamp` |
//! | `min`, `max` | `key`, `value` |
//! | `enqueue` | `value`; perhaps one of `delay` (milliseconds from the commit on) and `dueAt` (milliseconds since the Unix epoch, or a date), `keysIfUndelivered`, a list of keys, and `backoffSchedule`, a list of milliseconds |
//!
//! Keys and values, and the fields `keyBytes`, `v8`, `valueBytes` and `valueEncoding` beside them, are those of
//! [`crate::entry::json`]. `"off":true` switches a row off. A row that is not finished has `unfinished`, an object with the
//! texts of its `key` and `value` as they were typed, in place of these.

use std::fmt::Write as _;

pub use super::line_error::DraftLineError;
use super::{Draft, DraftRow, Due, Expiry, Step};
use crate::entry::json::{expiry, integer, key_fields, key_in, value_fields, value_in, write_integer};
use crate::javascript::string::{Escapes, write_quoted_str};
use crate::key::EncodedKey;
use crate::value::json::read::{key, plain, property, value};
use crate::value::json::syntax::parse_json;
use crate::value::json::write::write_value;
use crate::value::{Encoding, Node, Object, Properties, StoredValue, Value};

/// The version of the format that is written, and the newest that is read.
pub const FORMAT: i64 = 1;

/// A text is no draft file.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("Line {line}: {error}")]
pub struct DraftFileError {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub error: DraftLineError,
}

/// The text of a draft: [`parse`] makes the same draft of it.
#[must_use]
pub fn print(draft: &Draft) -> String {
    let mut text = String::new();
    if let Some(name) = &draft.name {
        let _infallible = writeln!(text, "{{\"draft\":{},\"format\":{FORMAT}}}", quoted(name));
    }
    for row in &draft.rows {
        write_row(row, &mut text);
        text.push('\n');
    }
    text
}

/// Reads a draft file.
///
/// # Errors
/// The first line that is none of such a file.
pub fn parse(text: &str) -> Result<Draft, DraftFileError> {
    let mut draft = Draft::default();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let is_first = draft.name.is_none() && draft.rows.is_empty();
        let read = read_line(line).map_err(|error| DraftFileError {
            line: index + 1,
            error,
        })?;
        match read {
            Line::Row(row) => draft.rows.push(*row),
            Line::Name(name) if is_first => draft.name = Some(name),
            Line::Name(_) => {
                return Err(DraftFileError {
                    line: index + 1,
                    error: DraftLineError::Name,
                });
            }
        }
    }
    Ok(draft)
}

enum Line {
    Name(String),
    Row(Box<DraftRow>),
}

fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    write_quoted_str(text, Escapes::Json, &mut json);
    json
}

fn write_row(row: &DraftRow, text: &mut String) {
    text.push('{');
    if row.is_off {
        text.push_str("\"off\":true,");
    }
    let _infallible = write!(text, "\"operation\":{}", quoted(name_of(&row.step)));
    if let Some(key) = row.step.key() {
        text.push(',');
        text.push_str(&key_fields(key));
    }
    match &row.step {
        Step::Check { versionstamp, .. } => {
            let _infallible = match versionstamp {
                Some(stamp) => write!(text, ",\"versionstamp\":\"{stamp}\""),
                None => write!(text, ",\"versionstamp\":null"),
            };
        }
        Step::Delete { .. } => {}
        Step::Set { value, expiry, .. } => {
            let _infallible = write!(text, ",{}", value_fields(value));
            match expiry {
                Expiry::Never => {}
                Expiry::Keep => text.push_str(",\"keepExpiry\":true"),
                Expiry::After(span) => write_number(text, "expireIn", *span),
                Expiry::At(moment) => write_number(text, "expireAt", *moment),
            }
        }
        Step::Sum {
            operand,
            min,
            max,
            clamp,
            ..
        } => {
            let _infallible = write!(text, ",{}", value_fields(operand));
            for (name, limit) in [("min", min), ("max", max)] {
                if let Some(limit) = limit.as_ref().and_then(|limit| limit.decode().ok()) {
                    let _infallible = write!(text, ",\"{name}\":");
                    write_value(&limit, text);
                }
            }
            if *clamp {
                text.push_str(",\"clamp\":true");
            }
        }
        Step::Min { operand, .. } | Step::Max { operand, .. } => {
            let _infallible = write!(text, ",{}", value_fields(operand));
        }
        Step::Enqueue {
            message,
            due,
            keys_if_undelivered,
            backoff_schedule,
        } => {
            let _infallible = write!(text, ",{}", value_fields(message));
            match due {
                Due::Now => {}
                Due::After(span) => write_number(text, "delay", *span),
                Due::At(moment) => write_number(text, "dueAt", *moment),
            }
            if !keys_if_undelivered.is_empty() {
                let keys: Vec<String> = keys_if_undelivered.iter().map(listed_key).collect();
                let _infallible = write!(text, ",\"keysIfUndelivered\":[{}]", keys.join(","));
            }
            if let Some(intervals) = backoff_schedule {
                let intervals: Vec<String> = intervals.iter().map(ToString::to_string).collect();
                let _infallible = write!(text, ",\"backoffSchedule\":[{}]", intervals.join(","));
            }
        }
        Step::Unfinished { key, value, .. } => {
            let (key, value) = (quoted(key), quoted(value));
            let _infallible = write!(text, ",\"unfinished\":{{\"key\":{key},\"value\":{value}}}");
        }
    }
    text.push('}');
}

fn write_number(text: &mut String, name: &str, number: i64) {
    let _infallible = write!(text, ",\"{name}\":");
    write_integer(number, text);
}

/// A key in a list: its parts, or an object with its bytes where these are not all.
fn listed_key(key: &EncodedKey) -> String {
    let fields = key_fields(key);
    match fields.strip_prefix("\"key\":") {
        Some(parts) if !fields.contains("\"keyBytes\":") => parts.to_owned(),
        _ => format!("{{{fields}}}"),
    }
}

fn name_of(step: &Step) -> &str {
    match step {
        Step::Check { .. } => "check",
        Step::Set {
            is_versionstamped: false,
            ..
        } => "set",
        Step::Set { .. } => "setSuffixVersionstampedKey",
        Step::Delete { .. } => "delete",
        Step::Sum { .. } => "sum",
        Step::Min { .. } => "min",
        Step::Max { .. } => "max",
        Step::Enqueue { .. } => "enqueue",
        Step::Unfinished { operation, .. } => operation,
    }
}

fn read_line(line: &str) -> Result<Line, DraftLineError> {
    let json = parse_json(line)?;
    let fields = plain(&json, json.root()).ok_or(DraftLineError::Object)?;
    if let Some(name) = property(fields, "draft") {
        let name = string(name).ok_or(DraftLineError::Draft)?;
        let format = property(fields, "format").and_then(|format| integer(&json, format));
        return match format {
            Some(format) if format > FORMAT => Err(DraftLineError::Format(format)),
            _ => Ok(Line::Name(name)),
        };
    }
    let reader = Reader { json: &json, fields };
    let row = DraftRow {
        is_off: reader.flag("off")?,
        step: reader.step()?,
    };
    Ok(Line::Row(Box::new(row)))
}

fn string(node: &Node) -> Option<String> {
    match node {
        Node::String(text) => text.as_str().map(str::to_owned),
        _ => None,
    }
}

/// A value as the queue has it, which knows V8's format alone.
fn message(stored: StoredValue) -> Result<StoredValue, DraftLineError> {
    if stored.encoding == Encoding::V8 {
        return Ok(stored);
    }
    let value = stored.decode()?;
    Ok(StoredValue::v8(&value)?)
}

struct Reader<'j> {
    json: &'j Value,
    fields: &'j Properties,
}

impl<'j> Reader<'j> {
    fn field(&self, name: &str) -> Option<&'j Node> {
        property(self.fields, name).filter(|node| !matches!(node, Node::Null))
    }

    fn flag(&self, name: &'static str) -> Result<bool, DraftLineError> {
        match self.field(name) {
            None => Ok(false),
            Some(Node::Boolean(flag)) => Ok(*flag),
            Some(_) => Err(DraftLineError::Flag(name)),
        }
    }

    fn span(&self, name: &'static str) -> Result<Option<i64>, DraftLineError> {
        let Some(field) = self.field(name) else {
            return Ok(None);
        };
        let span = integer(self.json, field).filter(|span| *span >= 0);
        let wrong = || DraftLineError::Span(name);
        span.map(Some).ok_or_else(wrong)
    }

    fn moment(&self, name: &'static str) -> Result<Option<i64>, DraftLineError> {
        let Some(field) = self.field(name) else {
            return Ok(None);
        };
        let wrong = || DraftLineError::Moment(name);
        expiry(self.json, field).map(Some).ok_or_else(wrong)
    }

    fn key(&self) -> Result<EncodedKey, DraftLineError> {
        Ok(key_in(self.json, self.fields)?)
    }

    fn value(&self) -> Result<StoredValue, DraftLineError> {
        Ok(value_in(self.json, self.fields)?)
    }

    fn step(&self) -> Result<Step, DraftLineError> {
        let operation = property(self.fields, "operation").and_then(string);
        let operation = operation.ok_or(DraftLineError::NoOperation)?;
        let known = [
            "check",
            "set",
            "setSuffixVersionstampedKey",
            "delete",
            "sum",
            "min",
            "max",
            "enqueue",
        ];
        if !known.contains(&operation.as_str()) {
            return Err(DraftLineError::Operation(operation));
        }
        if let Some(unfinished) = self.field("unfinished") {
            let texts = plain(self.json, unfinished).ok_or(DraftLineError::Unfinished)?;
            let text = |name: &str| property(texts, name).and_then(string).unwrap_or_default();
            return Ok(Step::Unfinished {
                operation,
                key: text("key"),
                value: text("value"),
            });
        }
        match operation.as_str() {
            "check" => Ok(Step::Check {
                key: self.key()?,
                versionstamp: self.versionstamp()?,
            }),
            "delete" => Ok(Step::Delete { key: self.key()? }),
            "sum" => Ok(Step::Sum {
                key: self.key()?,
                operand: self.value()?,
                min: self.limit("min")?,
                max: self.limit("max")?,
                clamp: self.flag("clamp")?,
            }),
            "min" => Ok(Step::Min {
                key: self.key()?,
                operand: self.value()?,
            }),
            "max" => Ok(Step::Max {
                key: self.key()?,
                operand: self.value()?,
            }),
            "enqueue" => self.enqueue(),
            set => Ok(Step::Set {
                key: self.key()?,
                value: self.value()?,
                expiry: self.expiry()?,
                is_versionstamped: set != "set",
            }),
        }
    }

    fn versionstamp(&self) -> Result<Option<crate::Versionstamp>, DraftLineError> {
        match property(self.fields, "versionstamp") {
            Some(Node::Null) => Ok(None),
            Some(node) => match string(node).map(|text| text.parse()) {
                Some(Ok(stamp)) => Ok(Some(stamp)),
                Some(Err(error)) => Err(error.into()),
                None => Err(DraftLineError::Versionstamp),
            },
            None => Err(DraftLineError::NoVersionstamp),
        }
    }

    fn expiry(&self) -> Result<Expiry, DraftLineError> {
        match (
            self.span("expireIn")?,
            self.moment("expireAt")?,
            self.flag("keepExpiry")?,
        ) {
            (None, None, false) => Ok(Expiry::Never),
            (Some(span), None, false) => Ok(Expiry::After(span)),
            (None, Some(moment), false) => Ok(Expiry::At(moment)),
            (None, None, true) => Ok(Expiry::Keep),
            _ => Err(DraftLineError::Expiries),
        }
    }

    fn limit(&self, name: &'static str) -> Result<Option<StoredValue>, DraftLineError> {
        let Some(field) = self.field(name) else {
            return Ok(None);
        };
        let limit = value(self.json, field)?;
        Ok(Some(StoredValue::v8(&limit)?))
    }

    fn enqueue(&self) -> Result<Step, DraftLineError> {
        let due = match (self.span("delay")?, self.moment("dueAt")?) {
            (None, None) => Due::Now,
            (Some(span), None) => Due::After(span),
            (None, Some(moment)) => Due::At(moment),
            (Some(_), Some(_)) => return Err(DraftLineError::Delays),
        };
        let keys = self.list("keysIfUndelivered")?.unwrap_or_default();
        let keys = keys.into_iter().map(|node| self.listed_key(node));
        let interval = |node: &Node| {
            let interval = integer(self.json, node).and_then(|interval| u32::try_from(interval).ok());
            interval.ok_or(DraftLineError::Intervals)
        };
        let intervals = self.list("backoffSchedule")?;
        let intervals = intervals.map(|list| list.into_iter().map(interval).collect::<Result<Vec<_>, _>>());
        Ok(Step::Enqueue {
            message: message(self.value()?)?,
            due,
            keys_if_undelivered: keys.collect::<Result<_, _>>()?,
            backoff_schedule: intervals.transpose()?,
        })
    }

    fn listed_key(&self, node: &Node) -> Result<EncodedKey, DraftLineError> {
        let read = match plain(self.json, node) {
            Some(fields) => key_in(self.json, fields),
            None => key(self.json, node).and_then(|key| Ok(key.encode()?)),
        };
        Ok(read?)
    }

    fn list(&self, name: &'static str) -> Result<Option<Vec<&'j Node>>, DraftLineError> {
        let Some(field) = self.field(name) else {
            return Ok(None);
        };
        match self.json.object_of(field) {
            Some((_, Object::Array(array))) => {
                Ok(Some(array.elements.iter().map(|(_, node)| node).collect()))
            }
            _ => Err(DraftLineError::List(name)),
        }
    }
}
