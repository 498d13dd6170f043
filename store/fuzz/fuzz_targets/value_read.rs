//! Any bytes are a value or broken, and every way to show them ends.
#![no_main]

use keyglass_store::value::literal::preview;
use keyglass_store::value::{canonical, json, serde};
use keyglass_store::{Encoding, StoredValue};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let stored = StoredValue {
        encoding: Encoding::V8,
        bytes: bytes.to_vec().into(),
    };
    let shown = preview(&stored, 60);
    let characters: usize = shown.spans.iter().map(|(_, text)| text.chars().count()).sum();
    assert!(characters <= 60);
    let name = stored.type_name();
    let Ok(value) = stored.decode() else { return };
    assert_ne!(name, "broken");
    assert!(!canonical::canonical(&value).is_empty());
    assert!(!json::value_to_json(&value).0.is_empty());
    let _fits = serde::from_value::<serde_json::Value>(&value);
});
