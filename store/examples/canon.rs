//! Decodes stored values and prints their canonical text, to compare with what other programs understand.
//!
//! Reads JSON lines with `hex` and optionally `encoding` (`V8`, `LE64` or `BYTES`; `V8` if absent) and prints a
//! line for each: `{"ok": true, "canon": "…"}` or `{"ok": false, "error": "…"}`. With `--reencode` the line also
//! has `hex` and `encoding` of the value as Keyglass writes it, with `--literal` its JavaScript text and whether that
//! is plain JavaScript.

use std::io::{BufRead as _, Write as _};

use keyglass_store::StoredValue;
use keyglass_store::value::literal::{SharedObjects, code};
use keyglass_store::value::{Encoding, canonical};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let has = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    let (reencode, literal) = (has("--reencode"), has("--literal"));
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let vector: serde_json::Value = serde_json::from_str(&line?)?;
        let answer = match decode(&vector, reencode, literal) {
            Ok(answer) => answer,
            Err(error) => serde_json::json!({ "ok": false, "error": error.to_string() }),
        };
        writeln!(output, "{answer}")?;
    }
    Ok(())
}

fn decode(
    vector: &serde_json::Value,
    reencode: bool,
    literal: bool,
) -> Result<serde_json::Value, Box<dyn std::error::Error>> {
    let encoding = match vector.get("encoding").and_then(serde_json::Value::as_str) {
        None | Some("V8") => Encoding::V8,
        Some("LE64") => Encoding::Le64,
        Some("BYTES") => Encoding::Bytes,
        Some(other) => return Err(format!("unknown encoding {other}").into()),
    };
    let hex = vector
        .get("hex")
        .and_then(serde_json::Value::as_str)
        .ok_or("the line has no hex")?;
    let value = StoredValue {
        encoding,
        bytes: from_hex(hex)?.into(),
    }
    .decode()?;
    let mut answer = serde_json::json!({ "ok": true, "canon": canonical::canonical(&value) });
    if reencode && let Some(answer) = answer.as_object_mut() {
        let written = StoredValue::from_value(&value)?;
        let encoding = match written.encoding {
            Encoding::V8 => "V8",
            Encoding::Le64 => "LE64",
            Encoding::Bytes => "BYTES",
            Encoding::Unknown(_) => "unknown",
        };
        answer.insert("hex".to_owned(), to_hex(&written.bytes).into());
        answer.insert("encoding".to_owned(), encoding.into());
    }
    if literal && let Some(answer) = answer.as_object_mut() {
        let code = code(&value, usize::MAX, SharedObjects::Once);
        answer.insert("literal".to_owned(), code.text.into());
        answer.insert("plain".to_owned(), (!code.has_placeholder).into());
    }
    Ok(answer)
}

fn from_hex(hex: &str) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let pairs = hex.as_bytes().chunks(2);
    pairs
        .map(|pair| Ok(u8::from_str_radix(std::str::from_utf8(pair)?, 16)?))
        .collect()
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
