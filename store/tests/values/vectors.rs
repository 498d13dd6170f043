//! Payloads that real Deno and Node wrote, and what they are.

use std::path::PathBuf;

use keyglass_store::StoredValue;
use keyglass_store::value::Encoding;

/// A payload and its meaning.
pub struct Vector {
    /// What it is and who wrote it.
    pub name: String,
    /// The payload.
    pub stored: StoredValue,
    /// Its canonical text.
    pub canonical: String,
}

/// A payload with Deno's verdict.
pub struct OddVector {
    /// How it was made.
    pub name: String,
    /// The payload.
    pub stored: StoredValue,
    /// Its canonical text, if Deno reads it.
    pub verdict: Option<String>,
}

/// The lines of a file in `tests/data`.
pub fn lines(file: &str) -> Vec<serde_json::Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/data")
        .join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A field that is a string.
pub fn text(line: &serde_json::Value, field: &str) -> String {
    line[field].as_str().unwrap_or_default().to_owned()
}

/// The bytes of hexadecimal digits.
pub fn from_hex(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn stored(line: &serde_json::Value) -> StoredValue {
    let encoding = match line["encoding"].as_str() {
        None | Some("V8") => Encoding::V8,
        Some("LE64") => Encoding::Le64,
        Some("BYTES") => Encoding::Bytes,
        Some(other) => panic!("{other}"),
    };
    StoredValue {
        encoding,
        bytes: from_hex(&text(line, "hex")).into(),
    }
}

/// Values of every type, written by Deno and Node.
pub fn good() -> Vec<Vector> {
    let vector = |line: &serde_json::Value| Vector {
        name: format!("{} ({})", text(line, "name"), text(line, "source")),
        stored: stored(line),
        canonical: text(line, "canon"),
    };
    lines("v8-vectors.jsonl").iter().map(vector).collect()
}

/// Host objects of Deno's.
pub fn host() -> Vec<Vector> {
    let vector = |line: &serde_json::Value| Vector {
        name: text(line, "name"),
        stored: stored(line),
        canonical: String::new(),
    };
    lines("v8-host.jsonl").iter().map(vector).collect()
}

/// Odd and broken payloads.
pub fn odd() -> Vec<OddVector> {
    let vector = |line: &serde_json::Value| OddVector {
        name: text(line, "name"),
        stored: stored(line),
        verdict: line["deno"]["ok"]
            .as_bool()
            .unwrap()
            .then(|| text(&line["deno"], "canon")),
    };
    lines("v8-odd.jsonl").iter().map(vector).collect()
}
