//! Random values through every form and back.

use keyglass_store::entry::json::{entry_line, key_of_line, parse_entry_line};
use keyglass_store::key::{EncodedKey, KeyPart};
use keyglass_store::value::canonical::canonical;
use keyglass_store::value::json::{plain, value_to_json};
use keyglass_store::value::literal::{SharedObjects, code, highlight, parse, preview, print, print_marked};
use keyglass_store::value::{Encoding, Object, is_written_with_marks};
use keyglass_store::{Entry, Key, StoredValue, Value, Versionstamp};
use proptest::prelude::*;

use crate::random_values::random_value;

/// Whether the stored form keeps the value whole: of a `Uint8Array` that stands alone, Deno stores its bytes only.
fn kept_whole(value: &Value, stored: &StoredValue) -> bool {
    match value.object_of(value.root()) {
        Some((_, Object::View(view))) => stored.encoding == Encoding::V8 || value.is_whole(view),
        _ => true,
    }
}

/// The encoding and the bytes of a value, of V8's format without the version where that can be read.
fn without_version(stored: &StoredValue) -> (Encoding, &[u8]) {
    let bytes = match (stored.decode(), stored.bytes.as_ref()) {
        (Ok(_), [0xff, 13..=16, rest @ ..]) if stored.encoding == Encoding::V8 => rest,
        (_, bytes) => bytes,
    };
    (stored.encoding, bytes)
}

/// Bytes of keys: any at all, and keys with a byte changed, which decode now and then.
fn any_key() -> impl Strategy<Value = EncodedKey> {
    let part = prop_oneof![
        any::<u64>().prop_map(|bits| KeyPart::Number(f64::from_bits(bits))),
        Just(KeyPart::Number(-f64::NAN)),
        any::<i128>().prop_map(|number| KeyPart::BigInt(number.into())),
        ".{0,3}".prop_map(KeyPart::String),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(KeyPart::Bytes),
        any::<bool>().prop_map(KeyPart::Boolean),
    ];
    let key = prop::collection::vec(part, 0..4).prop_map(|parts| Key(parts).encode().unwrap());
    let changed = (key.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(key, at, byte)| {
        let mut bytes = key.as_bytes().to_vec();
        if !bytes.is_empty() {
            *at.get_mut(&mut bytes) = byte;
        }
        EncodedKey::from_bytes(bytes)
    });
    let any_bytes = prop::collection::vec(any::<u8>(), 0..12).prop_map(EncodedKey::from_bytes);
    prop_oneof![key, changed, any_bytes]
}

/// Values of any bytes and encoding, and those that were written, as they are or with a byte changed.
fn any_stored_value() -> impl Strategy<Value = StoredValue> {
    let encoding = prop_oneof![0..5_i64, any::<i64>()].prop_map(Encoding::from_number);
    let any_bytes =
        (encoding, prop::collection::vec(any::<u8>(), 0..12)).prop_map(|(encoding, bytes)| StoredValue {
            encoding,
            bytes: bytes.into(),
        });
    let written = any::<u64>().prop_map(|seed| StoredValue::from_value(&random_value(seed)).unwrap());
    let changed =
        (written.clone(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(stored, at, byte)| {
            let mut bytes = stored.bytes.to_vec();
            if !bytes.is_empty() {
                *at.get_mut(&mut bytes) = byte;
            }
            StoredValue {
                bytes: bytes.into(),
                ..stored
            }
        });
    prop_oneof![any_bytes, written, changed]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn a_value_survives_its_stored_bytes(seed: u64) {
        let value = random_value(seed);
        let stored = StoredValue::from_value(&value).unwrap();
        let read = stored.decode().unwrap();
        prop_assert!(read == value || !kept_whole(&value, &stored), "{} became {}", value, read);
        prop_assert_eq!(StoredValue::from_value(&read).unwrap(), stored);
    }

    #[test]
    fn a_value_survives_its_text(seed: u64, width in prop_oneof![Just(usize::MAX), 0..120_usize]) {
        let value = random_value(seed);
        let text = print_marked(&value, width);
        let read = parse(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert!(read == value, "{} became {}", canonical(&value), canonical(&read));
        prop_assert_eq!(print_marked(&read, width), text);
        let shown = print(&value, width);
        let read = parse(&shown).map_err(|error| TestCaseError::fail(format!("{error}\n{shown}")))?;
        prop_assert_eq!(print(&read, width), shown);
    }

    #[test]
    fn a_value_survives_its_line_of_json(seed: u64) {
        let value = random_value(seed);
        let stored = StoredValue::from_value(&value).unwrap();
        let entry = Entry {
            key: Key(vec!["k".into()]).encode().unwrap(),
            value: stored.clone(),
            versionstamp: Versionstamp::from_counter(seed >> 1),
            expires_at: (seed % 2 == 0).then_some(1_767_225_600_000),
        };
        let line = entry_line(&entry);
        let parsed = parse_entry_line(&line.text).map_err(|error| TestCaseError::fail(format!("{error}\n{}", line.text)))?;
        prop_assert!(parsed.value.decode().unwrap() == stored.decode().unwrap(), "{}", line.text);
        prop_assert_eq!(parsed.expires_at, entry.expires_at);
        prop_assert_eq!(parsed.versionstamp, Some(entry.versionstamp));
        // Anything that reads JSON reads the line, unless a string in it is none in Unicode.
        let surrogate = line.text.contains("\\ud8") || line.text.contains("\\ude");
        prop_assert!(surrogate || serde_json::from_str::<serde_json::Value>(&line.text).is_ok(), "{}", line.text);
    }

    #[test]
    fn any_bytes_survive_their_line_of_json_exactly(
        key in any_key(),
        value in any_stored_value(),
        counter: u64,
        expires_at in prop_oneof![Just(None), any::<i64>().prop_map(Some)],
    ) {
        let entry = Entry { key, value, versionstamp: Versionstamp::from_counter(counter), expires_at };
        let line = entry_line(&entry);
        let parsed = parse_entry_line(&line.text).map_err(|error| TestCaseError::fail(format!("{error}\n{}", line.text)))?;
        prop_assert_eq!(&parsed.key, &entry.key, "{}", line.text);
        prop_assert_eq!(without_version(&parsed.value), without_version(&entry.value), "{}", line.text);
        prop_assert_eq!(parsed.expires_at, entry.expires_at);
        prop_assert_eq!(parsed.versionstamp, Some(entry.versionstamp));
        prop_assert_eq!(key_of_line(&line.text), Some(entry.key.clone()));
        let is_readable = entry.key.decode().is_ok() && entry.value.decode().is_ok();
        prop_assert_eq!(line.unreadable.is_none(), is_readable, "{}", line.text);
        // A reader of the plain form finds a key and a value that it can take.
        let text = ["keyBytes", "valueBytes", "v8"].iter().fold(line.text.clone(), |text, name| text.replace(&format!("\"{name}\":"), "\"unknown\":"));
        prop_assert!(parse_entry_line(&text).is_ok(), "{}", line.text);
    }

    #[test]
    fn any_change_of_the_bytes_is_read_or_refused(seed: u64, at: prop::sample::Index, byte: u8) {
        let stored = StoredValue::from_value(&random_value(seed)).unwrap();
        let mut bytes = stored.bytes.to_vec();
        if !bytes.is_empty() {
            *at.get_mut(&mut bytes) = byte;
        }
        let changed = StoredValue { bytes: bytes.into(), ..stored };
        let shown: usize = preview(&changed, 50).spans.iter().map(|(_, text)| text.chars().count()).sum();
        prop_assert!(shown <= 50);
        if let Ok(value) = changed.decode() {
            let text = print_marked(&value, 80);
            let read = parse(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
            prop_assert!(read == value, "{}", text);
        }
    }

    #[test]
    fn any_change_of_the_text_is_read_or_refused_with_its_place(seed: u64, at: prop::sample::Index, with in "[\\[\\]{}(),:.0-9a-fnux\"'`/*&=\\\\ -]{0,2}") {
        let text = random_value(seed).to_string();
        let chars: Vec<char> = text.chars().collect();
        let place = at.index(chars.len());
        let changed: String = chars[..place].iter().copied().chain(with.chars()).chain(chars[place + 1..].iter().copied()).collect();
        let spans = highlight(&changed);
        let joined: String = spans.into_iter().map(|span| &changed[span.range]).collect();
        prop_assert_eq!(&joined, &changed);
        match parse(&changed) {
            Ok(value) => prop_assert!(parse(&print_marked(&value, usize::MAX)).unwrap() == value, "{}", changed),
            Err(error) => prop_assert!(error.offset + error.length <= changed.len(), "{} in {}", error, changed),
        }
    }
}

/// An object that holds one twice, which holds one twice, and so on.
fn doubled(times: usize, innermost: &str) -> Value {
    let mut text = innermost.to_owned();
    for number in 1..=times {
        text = format!("{{a: &{number} {text}, b: *{number}}}");
    }
    parse(&text).unwrap()
}

#[test]
fn what_stands_in_several_places_is_written_in_each_unless_that_is_far_too_long() {
    assert_eq!(
        doubled(2, "new Date(0)").to_string(),
        r#"{a: {a: new Date("1970-01-01T00:00:00.000Z"), b: new Date("1970-01-01T00:00:00.000Z")}, b: {a: new Date("1970-01-01T00:00:00.000Z"), b: new Date("1970-01-01T00:00:00.000Z")}}"#
    );
    for times in [12, 30, 2_000] {
        let value = doubled(times, "{n: 1}");
        for text in [
            print(&value, usize::MAX),
            code(&value, 80, SharedObjects::AtEachPlace).text,
            value_to_json(&value).0,
            plain(&value),
        ] {
            assert!(text.len() < 4 << 20, "{times}: {} bytes", text.len());
        }
        assert_eq!(is_written_with_marks(&value), times > 12, "{times}");
        let read = parse(&print(&value, usize::MAX)).unwrap();
        assert_eq!(print(&read, usize::MAX), print(&value, usize::MAX));
    }
    // As deep as a text can be read, were it written out.
    let mut text = "&1 []".to_owned();
    for number in 2..20 {
        text = format!(
            "&{number} {}{text}, *{}{}",
            "[".repeat(1000),
            number - 1,
            "]".repeat(1000)
        );
    }
    let value = parse(&text).unwrap();
    assert!(parse(&print(&value, usize::MAX)).is_ok());
}
