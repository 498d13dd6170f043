//! Entries made ready to be shown, on the worker's thread.

use keyglass_store::Entry;
use keyglass_store::key::EncodedKey;
use keyglass_store::value::json;
use keyglass_store::value::literal::{self, Preview, SpanKind};
use keyglass_store::value::{Value, ValueError};
use keyglass_store::versionstamp::Versionstamp;

use super::blob::BlobRow;

/// Characters of a value's preview at most: what the widest column can show.
const PREVIEW_CHARS: usize = 240;
/// Characters of a line of code before it is broken: what the entry panel shows at its first width.
pub const CODE_WIDTH: usize = 42;

/// A row of the table. Holds no value, so that many rows cost little.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryRow {
    /// The key; that of the first entry of a blob.
    pub key: EncodedKey,
    /// The blob that the row stands for, instead of for one entry.
    pub blob: Option<Box<BlobRow>>,
    /// The value's beginning, coloured by type.
    pub preview: Preview,
    /// The value's type.
    pub type_name: &'static str,
    /// Bytes of the value.
    pub size: u64,
    /// When the entry goes, in milliseconds since the Unix epoch.
    pub expires_at: Option<i64>,
    /// The commit that wrote it.
    pub versionstamp: Versionstamp,
}

impl EntryRow {
    /// The row of an entry.
    #[must_use]
    pub fn new(entry: &Entry) -> Self {
        Self {
            key: EncodedKey::from_bytes(entry.key.as_bytes().to_vec()),
            preview: literal::preview(&entry.value, PREVIEW_CHARS),
            type_name: entry.value.type_name(),
            size: entry.value.bytes.len() as u64,
            expires_at: entry.expires_at,
            versionstamp: entry.versionstamp,
            blob: None,
        }
    }

    /// The key that is shown: the own one of a blob.
    #[must_use]
    pub fn name(&self) -> &EncodedKey {
        self.blob.as_ref().map_or(&self.key, |blob| &blob.key.key)
    }

    /// The first key that the row can stand for.
    #[must_use]
    pub fn first_key(&self) -> EncodedKey {
        let parts = self.blob.as_ref().map(|blob| blob.key.parts().start);
        parts.unwrap_or_else(|| self.key.clone())
    }

    /// The row of a blob, of its first entry.
    #[must_use]
    pub fn of_blob(entry: &Entry, blob: BlobRow) -> Self {
        Self {
            key: EncodedKey::from_bytes(entry.key.as_bytes().to_vec()),
            preview: Preview {
                spans: vec![(SpanKind::Bytes, blob.title())],
                truncated: false,
            },
            type_name: "blob",
            size: blob.bytes,
            expires_at: entry.expires_at,
            versionstamp: entry.versionstamp,
            blob: Some(Box::new(blob)),
        }
    }
}

/// An entry with its value decoded, for the entry panel.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadedEntry {
    /// The entry as stored.
    pub entry: Entry,
    /// Its value, or why it cannot be read.
    pub value: Result<Value, ValueError>,
    /// The value as a JavaScript literal; empty if it cannot be read.
    pub code: String,
    /// The value as interchange JSON; empty if it cannot be read.
    pub json: String,
}

impl LoadedEntry {
    /// Decodes an entry.
    #[must_use]
    pub fn new(entry: Entry) -> Self {
        let value = entry.value.decode();
        let code = value
            .as_ref()
            .map(|value| literal::print(value, CODE_WIDTH))
            .unwrap_or_default();
        let json = value.as_ref().map(pretty_json).unwrap_or_default();
        Self {
            entry,
            value,
            code,
            json,
        }
    }
}

/// The interchange form with line breaks. A value that is nested too deep for that stays on one line.
#[must_use]
pub fn pretty_json(value: &Value) -> String {
    let (line, _) = json::value_to_json(value);
    serde_json::from_str::<serde_json::Value>(&line)
        .and_then(|tree| serde_json::to_string_pretty(&tree))
        .unwrap_or(line)
}
