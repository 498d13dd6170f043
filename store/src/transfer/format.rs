//! The forms of an export, and the line of an import.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::load::NewEntry;
use crate::entry::{self, Entry};
use crate::key::{EncodedKey, Key, KeyPart};
use crate::value::Value;
use crate::value::json::{self, Loss};
use crate::value::literal::{self, SharedObjects};

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// The interchange format of Deno KV's tools: one typed JSON object a line. Only this one is read back by
    /// [`super::import`], and exactly.
    #[default]
    Ndjson,
    /// One JSON array of entries, with ordinary JSON where that is exact and the typed form elsewhere.
    Json,
    /// One JavaScript array of entries, keys and values as expressions. A value that stands within itself is code that
    /// builds it; for an object of Deno's own stands a `Symbol` that says so.
    Js,
}

/// Writes entries one after the other.
pub(super) struct EntryWriter<'a> {
    format: Format,
    writer: &'a mut dyn Write,
    bytes: u64,
    entries: u64,
}

/// What the readable form of an entry is worth.
#[derive(Default)]
pub(super) struct Written {
    /// What it leaves out.
    pub lossy: Option<String>,
    /// Why the key or the value cannot be read.
    pub unreadable: Option<String>,
    /// Whether the bytes of the key or the value stand beside it, because it does not tell them.
    pub is_raw: bool,
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

    /// Writes an entry.
    pub(super) fn entry(&mut self, entry: &Entry) -> io::Result<Written> {
        let (text, written) = match self.format {
            Format::Ndjson => ndjson(entry),
            Format::Json | Format::Js => object(entry, self.format),
        };
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
    let entry = entry::json::parse_entry_line(line)
        .map_err(|error| (entry::json::key_of_line(line), error.to_string()))?;
    Ok(NewEntry {
        key: entry.key,
        value: entry.value,
        expires_at: entry.expires_at,
    })
}

fn ndjson(entry: &Entry) -> (String, Written) {
    let line = entry::json::entry_line(entry);
    let written = Written {
        lossy: losses(&line.losses),
        unreadable: line.unreadable,
        is_raw: line.is_raw,
    };
    (line.text, written)
}

/// The entry as a JSON or JavaScript object. Of a key that cannot be read the rest is bytes, and so is such a value;
/// the object then says why in `unreadable`.
fn object(entry: &Entry, format: Format) -> (String, Written) {
    let mut written = Written::default();
    if let Err(error) = entry.key.decode() {
        written.unreadable = Some(format!("its key cannot be read: {error}"));
    }
    let key = entry.key.decode_readable();
    let value = entry.value.decode().unwrap_or_else(|error| {
        written.unreadable.get_or_insert_with(|| error.to_string());
        Value::bytes(entry.value.bytes.to_vec())
    });
    let (names, key, text) = if format == Format::Js {
        (JS_NAMES, js_key(&key), js_value(&value, &mut written))
    } else {
        written.lossy = losses(&json::value_to_json(&value).1);
        (JSON_NAMES, json::plain_key(&key), json::plain(&value))
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
    (object, written)
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

/// A value as JavaScript.
fn js_value(value: &Value, written: &mut Written) -> String {
    let code = literal::code(value, usize::MAX, SharedObjects::AtEachPlace);
    let mut lossy = Vec::new();
    lossy.extend(code.parts_shared.then_some(Loss::Shared));
    lossy.extend(code.has_placeholder.then_some(Loss::Host));
    written.lossy = losses(&lossy);
    code.text
}

fn losses(losses: &[Loss]) -> Option<String> {
    let names: Vec<_> = losses.iter().map(ToString::to_string).collect();
    (!names.is_empty()).then(|| format!("it has {}", names.join(", ")))
}
