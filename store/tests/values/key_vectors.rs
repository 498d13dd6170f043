//! Keys against the bytes that real Deno writes, and against the crate that Deno is built on.

use std::cmp::Ordering;

use denokv_proto::{decode_key, encode_key};
use keyglass_store::{EncodedKey, Key, KeyPart};
use num_bigint::{BigInt, Sign};
use proptest::prelude::*;

use crate::vectors::{from_hex, lines, text};

fn key_of(line: &serde_json::Value) -> Key {
    let part = |part: &serde_json::Value| {
        let value = text(part, "v");
        match text(part, "t").as_str() {
            "bytes" => KeyPart::Bytes(from_hex(&value)),
            "string" => KeyPart::String(value),
            "bigint" => KeyPart::BigInt(value.parse().unwrap()),
            "boolean" => KeyPart::Boolean(part["v"] == true),
            "number" => value.parse().unwrap(),
            other => panic!("{other}"),
        }
    };
    line["parts"].as_array().unwrap().iter().map(part).collect()
}

#[test]
fn keys_have_denos_bytes_and_order() {
    let mut last: Option<(EncodedKey, Key)> = None;
    for line in lines("key-vectors.jsonl") {
        let encoded = EncodedKey::from_bytes(from_hex(&text(&line, "hex")));
        let key = key_of(&line);
        assert_eq!(key.encode().unwrap(), encoded, "{key}");
        assert_eq!(encoded.decode().unwrap(), key, "{key}");
        assert_eq!(key.to_string().parse::<Key>().unwrap(), key, "{key}");
        if let Some((last_encoded, last_key)) = &last {
            assert!(*last_encoded < encoded, "{last_key} before {key}");
            assert!(*last_key < key, "{last_key} before {key}");
        }
        last = Some((encoded, key));
    }
    assert!(last.is_some());
}

#[test]
fn odd_keys_get_denos_verdict() {
    for line in lines("key-odd.jsonl") {
        let name = text(&line, "name");
        let decoded = EncodedKey::from_bytes(from_hex(&text(&line, "hex"))).decode();
        if line["deno"]["ok"] == true {
            assert_eq!(decoded.unwrap(), key_of(&line["deno"]), "{name}");
        } else {
            let reason = text(&line["deno"], "error")
                .replace("InvalidData: ", "")
                .replace("UnexpectedEof: ", "");
            let error = decoded
                .unwrap_err()
                .to_string()
                .replace("end of the key", "end of file")
                .to_lowercase()
                .replace("utf-8", "utf8");
            assert!(error.starts_with(&reason), "{name}: {error}; Deno says {reason}");
        }
    }
}

fn any_part() -> impl Strategy<Value = KeyPart> {
    prop_oneof![
        prop::collection::vec(prop_oneof![Just(0), Just(0xff), any::<u8>()], 0..12).prop_map(KeyPart::Bytes),
        "[\\x00a-c\u{e9}\u{65e5}\u{10ffff}]{0,6}".prop_map(KeyPart::String),
        (any::<bool>(), prop::collection::vec(any::<u8>(), 0..20)).prop_map(|(negative, digits)| {
            let sign = if negative { Sign::Minus } else { Sign::Plus };
            KeyPart::BigInt(BigInt::from_bytes_be(sign, &digits))
        }),
        prop_oneof![
            any::<f64>(),
            Just(-0.0),
            Just(0.0),
            Just(f64::INFINITY),
            Just(f64::NAN),
            Just(-f64::NAN),
            (-4_i32..4).prop_map(f64::from)
        ]
        .prop_map(KeyPart::Number),
        any::<bool>().prop_map(KeyPart::Boolean),
    ]
}

fn any_key() -> impl Strategy<Value = Key> {
    prop::collection::vec(any_part(), 0..5).prop_map(Key)
}

fn theirs(key: &Key) -> denokv_proto::Key {
    let part = |part: &KeyPart| match part {
        KeyPart::Bytes(bytes) => denokv_proto::KeyPart::Bytes(bytes.clone()),
        KeyPart::String(text) => denokv_proto::KeyPart::String(text.clone()),
        KeyPart::BigInt(number) => denokv_proto::KeyPart::Int(number.to_string().parse().unwrap()),
        KeyPart::Number(number) => denokv_proto::KeyPart::Float(*number),
        KeyPart::Boolean(false) => denokv_proto::KeyPart::False,
        KeyPart::Boolean(true) => denokv_proto::KeyPart::True,
    };
    denokv_proto::Key(key.0.iter().map(part).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn our_bytes_are_the_official_ones(key in any_key()) {
        let encoded = key.encode().unwrap();
        prop_assert_eq!(encoded.as_bytes().to_vec(), encode_key(&theirs(&key)).unwrap());
        prop_assert_eq!(encoded.decode().unwrap(), key);
    }

    #[test]
    fn the_order_of_keys_is_the_order_of_their_bytes(left in any_key(), right in any_key()) {
        let bytes = left.encode().unwrap().cmp(&right.encode().unwrap());
        prop_assert_eq!(left.cmp(&right), bytes);
        prop_assert_eq!(left == right, bytes == Ordering::Equal);
    }

    #[test]
    fn any_bytes_get_the_official_verdict(bytes in prop::collection::vec(
        prop_oneof![Just(0_u8), Just(1), Just(2), Just(0xff), 0x0b..0x28_u8, any::<u8>()], 0..24
    )) {
        let ours = EncodedKey::from_bytes(bytes.clone()).decode();
        match decode_key(&bytes) {
            Ok(key) => prop_assert_eq!(encode_key(&key).unwrap(), encode_key(&theirs(&ours.unwrap())).unwrap()),
            Err(error) => prop_assert!(ours.is_err(), "the official crate says {}", error),
        }
    }

    #[test]
    fn the_text_of_a_key_reads_back(key in any_key()) {
        let text = key.to_string();
        let read: Key = text.parse().unwrap();
        prop_assert_eq!(&read, &key);
        prop_assert_eq!(read.to_string(), text);
    }

    #[test]
    fn any_text_is_a_key_or_an_error_with_its_place(text in "[\\[\\]{}(),:.0-9a-fnux\"'`/* \u{e9}\\\\-]{0,24}") {
        match text.parse::<Key>() {
            Ok(key) => prop_assert_eq!(key.to_string().parse::<Key>().unwrap(), key),
            Err(error) => prop_assert!(error.offset <= text.len()),
        }
    }
}
