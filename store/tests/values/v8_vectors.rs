//! What real Deno and Node wrote, what real Deno makes of odd and broken payloads, and our own writing.

use keyglass_store::value::canonical::canonical;
use keyglass_store::value::literal::parse;
use keyglass_store::value::{Encoding, Object, Value};
use keyglass_store::{StoredValue, ValueError};

use crate::vectors;

#[test]
fn every_value_that_deno_and_node_wrote_is_understood() {
    for vector in vectors::good() {
        let value = vector
            .stored
            .decode()
            .unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        assert_eq!(canonical(&value), vector.canonical, "{}", vector.name);
        assert_ne!(vector.stored.type_name(), "broken", "{}", vector.name);
    }
}

#[test]
fn odd_payloads_get_denos_verdict() {
    for vector in vectors::odd() {
        // Deno cannot read the views that Node writes; an inspector can.
        if vector.name == "host-node-uint8array" {
            assert!(vector.stored.decode().is_ok());
            continue;
        }
        match (vector.stored.decode(), vector.verdict) {
            (Ok(value), Some(text)) => assert_eq!(canonical(&value), text, "{}", vector.name),
            (Err(_), None) => {}
            (Ok(value), None) => panic!("{}: Deno refuses it, and we read {value}", vector.name),
            (Err(error), Some(text)) => panic!("{}: {error}; Deno reads {text}", vector.name),
        }
    }
}

#[test]
fn host_objects_are_shown_as_what_they_are() {
    for vector in vectors::host() {
        let value = vector.stored.decode().unwrap();
        assert!(
            value.objects().any(|object| matches!(object, Object::Host(_))),
            "{}",
            vector.name
        );
        assert!(
            StoredValue::from_value(&value).unwrap().decode().unwrap() == value,
            "{}",
            vector.name
        );
    }
}

#[test]
fn what_we_write_means_the_same_and_stays_the_same() {
    for vector in vectors::good() {
        let value = vector.stored.decode().unwrap();
        let written = StoredValue::from_value(&value).unwrap();
        let read = written
            .decode()
            .unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        assert!(
            read == value || written.encoding == Encoding::Bytes,
            "{}",
            vector.name
        );
        let again = StoredValue::from_value(&read).unwrap();
        assert_eq!(again, written, "{}", vector.name);
        // Deno 2.9 writes the same bytes but for the version, and but for whole numbers that it holds as doubles.
        let same = vector.stored.bytes.get(2..) == written.bytes.get(2..);
        let by_deno = vector.name.contains("deno-2.9") && vector.stored.bytes.starts_with(&[0xff, 0x10]);
        let doubles = vector.name.starts_with("map-any-keys") || vector.name.starts_with("app-order");
        assert!(same || doubles || !by_deno, "{}: {written:?}", vector.name);
    }
}

#[test]
fn every_cut_of_every_value_is_read_or_refused_but_never_a_crash() {
    for vector in vectors::good()
        .into_iter()
        .filter(|vector| vector.stored.bytes.len() < 600)
    {
        for length in 0..vector.stored.bytes.len() {
            let cut = StoredValue {
                bytes: vector.stored.bytes.slice(..length),
                ..vector.stored.clone()
            };
            let _verdict = cut.decode();
            let _name = cut.type_name();
        }
    }
}

#[test]
fn a_u64_of_another_length_is_broken() {
    let stored = StoredValue {
        encoding: Encoding::Le64,
        bytes: vec![1; 7].into(),
    };
    let error = stored.decode().unwrap_err();
    assert!(matches!(error, ValueError::Broken { offset: 0, .. }));
    assert_eq!(
        error.to_string(),
        "The value is broken at byte 0: a Deno.KvU64 has 8 bytes, and this one has 7"
    );
    assert_eq!(stored.type_name(), "broken");
}

#[test]
fn types_are_known_from_the_first_bytes() {
    for (literal, name) in [
        ("undefined", "undefined"),
        ("null", "null"),
        ("true", "boolean"),
        ("1", "number"),
        ("1.5", "number"),
        ("1n", "bigint"),
        ("'a'", "string"),
        ("'日'", "string"),
        ("{}", "object"),
        ("[]", "Array"),
        ("[,]", "Array"),
        ("new Map()", "Map"),
        ("new Set()", "Set"),
        ("new Date(0)", "Date"),
        ("/a/", "RegExp"),
        ("new TypeError()", "Error"),
        ("u8[01]", "bytes"),
        ("KvU64(1n)", "u64"),
        ("new ArrayBuffer(3)", "ArrayBuffer"),
        ("new Int16Array([1])", "Int16Array"),
        ("new DataView(new ArrayBuffer(1))", "DataView"),
        ("Object(1)", "boxed"),
        ("Object('a')", "boxed"),
        ("host({type: 'Blob'})", "host"),
    ] {
        let stored = StoredValue::from_value(&parse(literal).unwrap()).unwrap();
        assert_eq!(stored.type_name(), name, "{literal}");
    }
    let node = StoredValue {
        encoding: Encoding::V8,
        bytes: vec![0xff, 0x0f, 0x5c, 0x0a, 0].into(),
    };
    assert_eq!(node.type_name(), "Uint8Array");
    let nothing = StoredValue {
        encoding: Encoding::V8,
        bytes: vec![0xff, 0x0f, 0x7f].into(),
    };
    assert_eq!(nothing.type_name(), "broken");
}

fn nested(open: &[u8], close: &[u8], depth: usize) -> StoredValue {
    let mut bytes = vec![0xff, 0x0f];
    (0..depth).for_each(|_| bytes.extend_from_slice(open));
    bytes.push(b'0');
    (0..depth).for_each(|_| bytes.extend_from_slice(close));
    StoredValue {
        encoding: Encoding::V8,
        bytes: bytes.into(),
    }
}

#[test]
fn deep_values_cost_no_stack() {
    for (open, close) in [
        (&b"A\x01"[..], &b"$\x00\x01"[..]),
        (b"o\"\x01a", b"{\x01"),
        (b"'", b",\x01"),
        (b";I\x02", b":\x02"),
        (b"rc", b"."),
    ] {
        let value = nested(open, close, 5_000).decode().unwrap();
        let text = keyglass_store::value::literal::print(&value, 80);
        assert!(value.clone() == parse(&text).unwrap());
        assert!(canonical(&value).len() > 5_000);
        let (json, losses) = keyglass_store::value::json::value_to_json(&value);
        assert!(value == keyglass_store::value::json::value_from_json(&json).unwrap() || !losses.is_empty());
        assert!(StoredValue::from_value(&value).is_err(), "deeper than Deno reads");
        assert!(nested(open, close, 60_000).decode().is_err());
        let fine = nested(open, close, 1_000).decode().unwrap();
        assert!(StoredValue::from_value(&fine).unwrap().decode().unwrap() == fine);
    }
}

#[test]
fn claims_of_great_lengths_cost_nothing() {
    for bytes in [
        &b"\xff\x0fA\xff\xff\xff\xff\x0f"[..],
        b"\xff\x0fB\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\xff\x0f\"\xff\xff\xff\xff\x0f",
        b"\xff\x0fZ\xff\xff\xff\xff\x0f",
        b"\xff\x0fc\xfe\xff\xff\xff\x0f",
    ] {
        let stored = StoredValue {
            encoding: Encoding::V8,
            bytes: bytes.to_vec().into(),
        };
        assert!(stored.decode().is_err());
    }
    let sparse = StoredValue {
        encoding: Encoding::V8,
        bytes: b"\xff\x0fa\xff\xff\xff\xff\x0f@\0\xff\xff\xff\xff\x0f"
            .to_vec()
            .into(),
    };
    let value: Value = sparse.decode().unwrap();
    assert_eq!(value.to_string(), "Array(4294967295)");
}

#[test]
fn what_deno_could_not_read_back_is_not_written() {
    let mut value = Value::default();
    let number = value.add(Object::KvU64(1));
    let list = keyglass_store::value::Array {
        length: 1,
        elements: vec![(0, keyglass_store::value::Node::Object(number))],
        properties: Vec::new(),
    };
    let list = value.add(Object::Array(list));
    value.set_root(keyglass_store::value::Node::Object(list));
    let nested = StoredValue::from_value(&value).unwrap_err().to_string();
    assert_eq!(
        nested,
        "A Deno.KvU64 can only be stored as a whole value, not inside another"
    );
    let host = Value::of_object(Object::Host(Vec::new()));
    assert_eq!(
        StoredValue::from_value(&host).unwrap_err().to_string(),
        "A host object needs a property `type` that is a string"
    );
}
