//! Every value means the same to Keyglass and to real Deno: as stored bytes, as text, and as written again.

use std::fmt::Write as _;
use std::path::Path;

use keyglass_store::open::OpenOptions;
use keyglass_store::value::Repetition;
use keyglass_store::value::canonical::canonical;
use keyglass_store::value::literal::{SharedObjects, code, parse, print};
use keyglass_store::{Encoding, Key, KeyPart, KeyRange, ReadRange, StoredValue, Value};

use crate::data::{Desk, test_data};
use crate::deno;

/// How many random values; each seed makes others.
const COUNT: usize = 10_000;
const SEED: u32 = 20_261;

/// A value as Keyglass writes it, as a line for `check-values.ts`.
fn line(name: &str, value: &Value, width: usize) -> serde_json::Value {
    let written = StoredValue::from_value(value).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut hex = String::new();
    for byte in &written.bytes {
        write!(hex, "{byte:02x}").unwrap();
    }
    let encoding = match written.encoding {
        Encoding::V8 => "V8",
        Encoding::Le64 => "LE64",
        Encoding::Bytes => "BYTES",
        Encoding::Unknown(_) => panic!("{name} was written in an unknown encoding"),
    };
    // Of a Uint8Array that stands alone, its bytes are stored and not the rest of its buffer.
    let bytes = (written.encoding == Encoding::Bytes).then(|| written.decode().unwrap());
    let value = bytes.as_ref().unwrap_or(value);
    let mut line = serde_json::json!({
        "name": name,
        "canon": canonical(value),
        "hex": hex,
        "encoding": encoding,
    });
    let exact = code(value, width, SharedObjects::Once);
    if !exact.has_placeholder {
        line["literal"] = exact.text.into();
    }
    line
}

/// The value as it is copied, as another line: what is one object there may be several equal ones, which the text of
/// the window says as well.
fn copied_line(name: &str, value: &Value, width: usize) -> Option<serde_json::Value> {
    let shown = parse(&print(value, width)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut line = line(&format!("{name}, copied"), &shown, width);
    let copied = code(value, width, SharedObjects::AtEachPlace);
    // Of a Uint8Array that stands alone, line() has written its bytes and not the rest of its buffer.
    if line["encoding"] != "BYTES" {
        line["literal"] = copied.text.into();
    }
    (!copied.has_placeholder).then_some(line)
}

/// Lets Deno read what Keyglass wrote: how many by their bytes, and how many by their text.
fn checked_by_deno(desk: &Desk, file: &Path, lines: &[serde_json::Value]) -> (u64, u64) {
    let text: Vec<_> = lines.iter().map(ToString::to_string).collect();
    std::fs::write(file, text.join("\n")).unwrap();
    let verdict: serde_json::Value = serde_json::from_str(&deno::check_values(desk, file)).unwrap();
    assert_eq!(verdict["wrong"], 0, "{verdict}");
    let number = |name: &str| verdict[name].as_u64().unwrap();
    (number("bytes"), number("literals"))
}

#[test]
fn random_values_mean_the_same_to_deno_in_every_form() {
    let desk = Desk::new();
    let file = desk.path("random.sqlite3");
    let expected: Vec<String> = deno::random_values(&desk, &file, SEED, COUNT)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(expected.len(), COUNT);
    let database = OpenOptions::new().open(file.to_str().unwrap()).unwrap();
    let prefix = Key(vec![KeyPart::from("value")]).encode().unwrap();
    let range = ReadRange {
        range: KeyRange::below(&prefix),
        limit: COUNT + 1,
        reverse: false,
    };
    let entries = database.snapshot().unwrap().read(&range).unwrap();
    assert_eq!(entries.len(), COUNT);
    let mut lines = Vec::new();
    for (index, (entry, expected)) in entries.iter().zip(&expected).enumerate() {
        let name = format!("random value {index} of seed {SEED}");
        let value = entry
            .value
            .decode()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(&canonical(&value), expected, "{name}");
        let width = if index % 2 == 0 { usize::MAX } else { 80 };
        lines.push(line(&name, &value, width));
        if Repetition::of(&value).has_repeated() {
            lines.extend(copied_line(&name, &value, width));
        }
    }
    let (bytes, literals) = checked_by_deno(&desk, &desk.path("random.jsonl"), &lines);
    assert_eq!(bytes, lines.len() as u64);
    assert_eq!(literals, lines.len() as u64, "each value has code that makes it");
    assert!(
        lines.len() > COUNT + COUNT / 10,
        "few values hold an object twice"
    );
}

#[test]
fn every_value_that_deno_and_node_wrote_is_read_by_deno_as_keyglass_writes_it() {
    let desk = Desk::new();
    let text = std::fs::read_to_string(test_data("v8-vectors.jsonl")).unwrap();
    let vectors: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let mut lines = Vec::new();
    for vector in &vectors {
        let name = format!("{} ({})", vector["name"], vector["source"]);
        let hex = vector["hex"].as_str().unwrap();
        let bytes: Vec<u8> = (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect();
        let encoding = match vector["encoding"].as_str() {
            None | Some("V8") => Encoding::V8,
            Some("LE64") => Encoding::Le64,
            Some("BYTES") => Encoding::Bytes,
            Some(other) => panic!("{name} has the encoding {other}"),
        };
        let stored = StoredValue {
            encoding,
            bytes: bytes.into(),
        };
        let value = stored.decode().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(canonical(&value), vector["canon"], "{name}");
        lines.push(line(&name, &value, 80));
        lines.extend(copied_line(&name, &value, 80));
    }
    let (bytes, literals) = checked_by_deno(&desk, &desk.path("vectors.jsonl"), &lines);
    assert_eq!(bytes, lines.len() as u64);
    assert_eq!(literals, lines.len() as u64, "each value has code that makes it");
}
