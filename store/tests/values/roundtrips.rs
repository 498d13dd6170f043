//! Random values through every form and back.

use keyglass_store::value::canonical::canonical;
use keyglass_store::value::json::{entry_line, parse_entry_line};
use keyglass_store::value::literal::{highlight, parse, preview, print};
use keyglass_store::value::{Encoding, Object};
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
        let text = print(&value, width);
        let read = parse(&text).map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        prop_assert!(read == value, "{} became {}", canonical(&value), canonical(&read));
        prop_assert_eq!(print(&read, width), text);
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
        let line = entry_line(&entry).unwrap();
        let parsed = parse_entry_line(&line.text).map_err(|error| TestCaseError::fail(format!("{error}\n{}", line.text)))?;
        prop_assert!(parsed.value.decode().unwrap() == stored.decode().unwrap(), "{}", line.text);
        prop_assert_eq!(parsed.expires_at, entry.expires_at);
        prop_assert_eq!(parsed.versionstamp, Some(entry.versionstamp));
        // Anything that reads JSON reads the line, unless a string in it is none in Unicode.
        let surrogate = line.text.contains("\\ud8") || line.text.contains("\\ude");
        prop_assert!(surrogate || serde_json::from_str::<serde_json::Value>(&line.text).is_ok(), "{}", line.text);
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
            let text = print(&value, 80);
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
            Ok(value) => prop_assert!(parse(&value.to_string()).unwrap() == value, "{}", changed),
            Err(error) => prop_assert!(error.offset + error.length <= changed.len(), "{} in {}", error, changed),
        }
    }
}
