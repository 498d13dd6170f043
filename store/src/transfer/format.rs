//! The forms of an export, and the line of an import.

use std::fmt::Write as _;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::load::NewEntry;
use crate::entry::Entry;
use crate::key::{EncodedKey, Key, KeyPart};
use crate::value::json::{self, Loss};
use crate::value::{Encoding, Value, literal};

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// The interchange format of Deno KV's tools: one typed JSON object a line. Only this one is read back by
    /// [`super::import`], and exactly.
    #[default]
    Ndjson,
    /// One JSON array of entries, with ordinary JSON where that is exact and the typed form elsewhere.
    Json,
    /// One JavaScript array of entries, keys and values as literals. A value that no literal can hold is undefined,
    /// with a text beside it that shows it to people.
    Js,
}

/// Writes entries one after the other.
pub(super) struct EntryWriter<'a> {
    format: Format,
    writer: &'a mut dyn Write,
    bytes: u64,
    entries: u64,
}

/// What was written of an entry.
#[derive(Default)]
pub(super) struct Written {
    /// Whether the entry has any form; without one nothing was written.
    pub whole: bool,
    /// What the readable form leaves out.
    pub lossy: Option<String>,
    /// Why the key or the value cannot be read.
    pub unreadable: Option<String>,
}

impl<'a> EntryWriter<'a> {
    pub(super) fn new(format: Format, writer: &'a mut dyn Write) -> Self {
        Self {
            format,
            writer,
            bytes: 0,
            entries: 0,
        }
    }

    /// Bytes written so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes an entry, or nothing if it has no form.
    pub(super) fn entry(&mut self, entry: &Entry) -> io::Result<Written> {
        let (text, written) = match self.format {
            Format::Ndjson => ndjson(entry),
            Format::Json | Format::Js => object(entry, self.format),
        };
        if let Some(text) = text {
            let before = match (self.format, self.entries) {
                (Format::Ndjson, _) => "",
                (_, 0) => "[\n",
                _ => ",\n",
            };
            self.write(before)?;
            self.write(&text)?;
            if self.format == Format::Ndjson {
                self.write("\n")?;
            }
            self.entries += 1;
        }
        Ok(written)
    }

    /// Writes what comes after the last entry. Returns all bytes written.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        match (self.format, self.entries) {
            (Format::Ndjson, _) => {}
            (_, 0) => self.write("[]\n")?,
            _ => self.write("\n]\n")?,
        }
        self.writer.flush()?;
        Ok(self.bytes)
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.bytes += text.len() as u64;
        self.writer.write_all(text.as_bytes())
    }
}

/// The entry on a line.
///
/// # Errors
/// If it is none, with the reason as a sentence and the key where that could be read.
pub(super) fn parse_line(line: &str) -> Result<NewEntry, (Option<EncodedKey>, String)> {
    let entry = json::parse_entry_line(line).map_err(|error| {
        let key = json::key_of_line(line).and_then(|key| key.encode().ok());
        (key, error.to_string())
    })?;
    let key = entry.key.encode().map_err(|error| (None, error.to_string()))?;
    Ok(NewEntry {
        key,
        value: entry.value,
        expires_at: entry.expires_at,
    })
}

fn ndjson(entry: &Entry) -> (Option<String>, Written) {
    let error = match json::entry_line(entry) {
        Ok(line) => {
            let written = Written {
                whole: true,
                lossy: losses(&line.losses),
                unreadable: None,
            };
            return (Some(line.text), written);
        }
        Err(error) => error,
    };
    // The bytes of a broken value are kept, where a reader can know their encoding.
    let text = entry
        .key
        .decode()
        .ok()
        .filter(|_| entry.value.encoding == Encoding::V8)
        .map(|key| {
            let mut text = format!(
                r#"{{"key":{},"value":{{"type":"undefined"}},"versionstamp":"{}""#,
                json::key_to_json(&key),
                entry.versionstamp
            );
            if let Some(expires_at) = entry.expires_at {
                let _infallible = write!(text, r#","expireAt":{expires_at}"#);
            }
            let bytes = URL_SAFE_NO_PAD.encode(&entry.value.bytes);
            let _infallible = write!(text, r#","v8":"{bytes}"}}"#);
            text
        });
    let written = Written {
        whole: text.is_some(),
        lossy: None,
        unreadable: Some(error.to_string()),
    };
    (text, written)
}

/// The entry as a JSON or JavaScript object. A value that cannot be read is null or undefined, and the object then
/// says why in `unreadable`.
fn object(entry: &Entry, format: Format) -> (Option<String>, Written) {
    let mut written = Written::default();
    let key = match entry.key.decode() {
        Ok(key) => key,
        Err(error) => {
            written.unreadable = Some(error.to_string());
            return (None, written);
        }
    };
    written.whole = true;
    let value = entry.value.decode();
    if let Err(error) = &value {
        written.unreadable = Some(error.to_string());
    }
    let value = value.ok();
    let (names, key, text) = if format == Format::Js {
        let text = value.as_ref().map(|value| js_value(value, &mut written));
        (
            JS_NAMES,
            js_key(&key),
            text.unwrap_or_else(|| "undefined".to_owned()),
        )
    } else {
        written.lossy = value
            .as_ref()
            .and_then(|value| losses(&json::value_to_json(value).1));
        let text = value.as_ref().map(json::plain);
        (
            JSON_NAMES,
            json::plain_key(&key),
            text.unwrap_or_else(|| "null".to_owned()),
        )
    };
    let [
        name_key,
        name_value,
        name_versionstamp,
        name_expiry,
        name_unreadable,
    ] = names;
    let mut object = format!(
        r#"{{{name_key}{key}, {name_value}{text}, {name_versionstamp}"{}""#,
        entry.versionstamp
    );
    if let Some(expires_at) = entry.expires_at {
        let _infallible = write!(object, ", {name_expiry}{expires_at}");
    }
    if let Some(reason) = &written.unreadable {
        let reason = serde_json::Value::from(reason.as_str());
        let _infallible = write!(object, ", {name_unreadable}{reason}");
    }
    object.push('}');
    (Some(object), written)
}

const JSON_NAMES: [&str; 5] = [
    r#""key": "#,
    r#""value": "#,
    r#""versionstamp": "#,
    r#""expireAt": "#,
    r#""unreadable": "#,
];
const JS_NAMES: [&str; 5] = ["key: ", "value: ", "versionstamp: ", "expireAt: ", "unreadable: "];

/// A key as JavaScript, in which bytes have no literal.
fn js_key(key: &Key) -> String {
    let parts = key.0.iter().map(|part| match part {
        KeyPart::Bytes(bytes) => {
            let bytes: Vec<_> = bytes.iter().map(ToString::to_string).collect();
            format!("new Uint8Array([{}])", bytes.join(", "))
        }
        _ => part.to_string(),
    });
    format!("[{}]", parts.collect::<Vec<_>>().join(", "))
}

/// A value as JavaScript. One that no expression makes is undefined, and stands beside it in the notation of
/// [`literal`] as a string.
fn js_value(value: &Value, written: &mut Written) -> String {
    let text = value.to_string();
    if literal::is_plain_javascript(value) {
        return text;
    }
    written.lossy =
        Some("it has cycles, shared references or host objects, which no literal can hold".to_owned());
    format!("undefined, literal: {}", serde_json::Value::from(text))
}

fn losses(losses: &[Loss]) -> Option<String> {
    let names: Vec<_> = losses.iter().map(ToString::to_string).collect();
    (!names.is_empty()).then(|| format!("it has {}", names.join(", ")))
}
