//! A value that can be read is written so that it reads as the same value, and is then written the same.
#![no_main]

use keyglass_store::value::literal::{parse, print};
use keyglass_store::{Encoding, StoredValue};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let stored = StoredValue {
        encoding: Encoding::V8,
        bytes: bytes.to_vec().into(),
    };
    let Ok(value) = stored.decode() else { return };
    if let Ok(written) = StoredValue::from_value(&value) {
        let read = written.decode().expect("what was written can be read");
        // Of a Uint8Array that stands alone, its bytes are stored and not the rest of its buffer.
        assert!(read == value || written.encoding == Encoding::Bytes);
        assert!(StoredValue::from_value(&read).expect("it was written before") == written);
    }
    let text = print(&value, 80);
    let read = parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert!(read == value, "{text}");
    assert_eq!(print(&read, 80), text);
});
