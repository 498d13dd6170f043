//! Any bytes are a key or broken, and any text is one or refused; both forms of a key bring back the same key.
#![no_main]

use keyglass_store::{EncodedKey, Key};
use libfuzzer_sys::fuzz_target;

fn check(key: &Key) {
    let text = key.to_string();
    let read: Key = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(&read, key, "{text}");
    if let Ok(encoded) = key.encode() {
        assert_eq!(&encoded.decode().expect("what was encoded can be decoded"), key);
        assert_eq!(encoded.part_ends().len(), key.0.len());
    }
}

fuzz_target!(|bytes: &[u8]| {
    let encoded = EncodedKey::from_bytes(bytes.to_vec());
    assert!(!encoded.to_string().is_empty());
    assert!(encoded.part_ends().is_sorted());
    if let Ok(key) = encoded.decode() {
        check(&key);
    }
    if let Some(key) = std::str::from_utf8(bytes).ok().and_then(|text| text.parse().ok()) {
        check(&key);
    }
});
