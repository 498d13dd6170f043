//! The interchange form of every type: one row for each of the format's tables, and what it cannot hold.

use keyglass_store::entry::json::{entry_line, parse_entry_line};
use keyglass_store::value::canonical::canonical;
use keyglass_store::value::json::{
    Loss, key_from_json, key_to_json, plain, plain_key, value_from_json, value_to_json,
};
use keyglass_store::value::literal::parse;
use keyglass_store::{EncodedKey, Encoding, Entry, Key, StoredValue, Value, Versionstamp};

use crate::vectors;

/// A value as JavaScript and its typed form.
const ROWS: &[(&str, &str)] = &[
    (r#""text""#, r#"{"type":"string","value":"text"}"#),
    ("1.5", r#"{"type":"number","value":1.5}"#),
    ("Infinity", r#"{"type":"number","value":"Infinity"}"#),
    ("-Infinity", r#"{"type":"number","value":"-Infinity"}"#),
    ("NaN", r#"{"type":"number","value":"NaN"}"#),
    ("100n", r#"{"type":"bigint","value":"100"}"#),
    ("true", r#"{"type":"boolean","value":true}"#),
    ("null", r#"{"type":"null","value":null}"#),
    ("undefined", r#"{"type":"undefined"}"#),
    (
        "u8[01 ff]",
        r#"{"type":"Uint8Array","value":"Af8","byteLength":2}"#,
    ),
    (
        "new Int8Array([-1])",
        r#"{"type":"Int8Array","value":"_w","byteLength":1}"#,
    ),
    (
        "new Uint8ClampedArray([255])",
        r#"{"type":"Uint8ClampedArray","value":"_w","byteLength":1}"#,
    ),
    (
        "new Int16Array([-2])",
        r#"{"type":"Int16Array","value":"_v8","byteLength":2}"#,
    ),
    (
        "new Uint16Array([1])",
        r#"{"type":"Uint16Array","value":"AQA","byteLength":2}"#,
    ),
    (
        "new Int32Array([1])",
        r#"{"type":"Int32Array","value":"AQAAAA","byteLength":4}"#,
    ),
    (
        "new Uint32Array([1])",
        r#"{"type":"Uint32Array","value":"AQAAAA","byteLength":4}"#,
    ),
    (
        "new Float32Array([1.5])",
        r#"{"type":"Float32Array","value":"AADAPw","byteLength":4}"#,
    ),
    (
        "new Float64Array([1.5])",
        r#"{"type":"Float64Array","value":"AAAAAAAA-D8","byteLength":8}"#,
    ),
    (
        "new BigInt64Array([-1n])",
        r#"{"type":"BigInt64Array","value":"__________8","byteLength":8}"#,
    ),
    (
        "new BigUint64Array([1n])",
        r#"{"type":"BigUint64Array","value":"AQAAAAAAAAA","byteLength":8}"#,
    ),
    (
        "new Uint8Array([1, 2]).buffer",
        r#"{"type":"ArrayBuffer","value":"AQI","byteLength":2}"#,
    ),
    (
        "new DataView(new ArrayBuffer(1))",
        r#"{"type":"DataView","value":"AA","byteLength":1}"#,
    ),
    (
        "[1, 'a']",
        r#"{"type":"Array","value":[{"type":"number","value":1},{"type":"string","value":"a"}]}"#,
    ),
    (
        "new Map([['a', 1n]])",
        r#"{"type":"Map","value":[[{"type":"string","value":"a"},{"type":"bigint","value":"1"}]]}"#,
    ),
    (
        "new Set([null])",
        r#"{"type":"Set","value":[{"type":"null","value":null}]}"#,
    ),
    (
        "{b: 1, a: {}}",
        r#"{"type":"object","value":{"b":{"type":"number","value":1},"a":{"type":"object","value":{}}}}"#,
    ),
    (
        "new Date(0)",
        r#"{"type":"Date","value":"1970-01-01T00:00:00.000Z"}"#,
    ),
    ("/a\\/b/gi", r#"{"type":"RegExp","value":"/a\\/b/gi"}"#),
    (
        "new Deno.KvU64(18446744073709551615n)",
        r#"{"type":"KvU64","value":"18446744073709551615"}"#,
    ),
    ("new Error('m')", r#"{"type":"Error","value":{"message":"m"}}"#),
    (
        "new EvalError('m')",
        r#"{"type":"EvalError","value":{"message":"m"}}"#,
    ),
    (
        "new RangeError('m')",
        r#"{"type":"RangeError","value":{"message":"m"}}"#,
    ),
    (
        "new ReferenceError('m')",
        r#"{"type":"ReferenceError","value":{"message":"m"}}"#,
    ),
    (
        "new SyntaxError('m')",
        r#"{"type":"SyntaxError","value":{"message":"m"}}"#,
    ),
    (
        "Object.assign(new TypeError('m', {cause: 1}), {stack: 's'})",
        r#"{"type":"TypeError","value":{"message":"m","stack":"s","cause":{"type":"number","value":1}}}"#,
    ),
    (
        "new URIError('m')",
        r#"{"type":"URIError","value":{"message":"m"}}"#,
    ),
];

#[test]
fn every_type_has_its_row_and_reads_back() {
    for (literal, json) in ROWS {
        let value = parse(literal).unwrap();
        assert_eq!(
            value_to_json(&value),
            ((*json).to_owned(), Vec::new()),
            "{literal}"
        );
        let read = value_from_json(json).unwrap();
        assert!(read == value, "{literal}: {}", canonical(&read));
    }
}

#[test]
fn what_the_form_cannot_hold_is_named() {
    for (literal, json, loss) in [
        ("-0", r#"{"type":"number","value":0}"#, Loss::NegativeZero),
        (
            "[, ]",
            r#"{"type":"Array","value":[{"type":"undefined"}]}"#,
            Loss::Hole,
        ),
        (
            "Object.assign([], {a: 1})",
            r#"{"type":"Array","value":[]}"#,
            Loss::ArrayProperty,
        ),
        ("Object('s')", r#"{"type":"string","value":"s"}"#, Loss::Boxed),
        (
            "new Date(NaN)",
            r#"{"type":"Date","value":null}"#,
            Loss::InvalidDate,
        ),
        (
            "new Error()",
            r#"{"type":"Error","value":{"message":""}}"#,
            Loss::NoMessage,
        ),
        (
            "&1 [*1]",
            r#"{"type":"Array","value":[{"type":"circular"}]}"#,
            Loss::Circular,
        ),
        (
            "[&1 {}, *1]",
            r#"{"type":"Array","value":[{"type":"object","value":{}},{"type":"object","value":{}}]}"#,
            Loss::Shared,
        ),
        (
            "new Uint8Array(new ArrayBuffer(2), 1, 1)",
            r#"{"type":"Uint8Array","value":"AA","byteLength":1}"#,
            Loss::PartOfBuffer,
        ),
        (
            "new ArrayBuffer(0, {maxByteLength: 1})",
            r#"{"type":"ArrayBuffer","value":"","byteLength":0}"#,
            Loss::Resizable,
        ),
        (
            "new Float16Array([1.5])",
            r#"{"type":"Float32Array","value":"AADAPw","byteLength":4}"#,
            Loss::Float16Array,
        ),
        (
            "host({type: 'Blob'})",
            r#"{"type":"host","value":{"type":{"type":"string","value":"Blob"}}}"#,
            Loss::Host,
        ),
    ] {
        let value = parse(literal).unwrap();
        assert_eq!(value_to_json(&value), (json.to_owned(), vec![loss]), "{literal}");
    }
}

#[test]
fn keys_have_their_form_and_read_back() {
    let key: Key = r#"["a", 1n, -1.5, Infinity, true, u8[ff]]"#.parse().unwrap();
    let json = concat!(
        r#"[{"type":"string","value":"a"},{"type":"bigint","value":"1"},{"type":"number","value":-1.5},"#,
        r#"{"type":"number","value":"Infinity"},{"type":"boolean","value":true},"#,
        r#"{"type":"Uint8Array","value":"_w","byteLength":1}]"#
    );
    assert_eq!(key_to_json(&key), json);
    assert_eq!(key_from_json(json).unwrap(), key);
    for wrong in [
        "{}",
        "[1]",
        r#"[{"type":"null","value":null}]"#,
        r#"[{"type":"Int8Array","value":"_w"}]"#,
    ] {
        assert!(key_from_json(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn both_older_dialects_are_read() {
    for (json, literal) in [
        (
            r#"{"type":"json_array","value":[{"type":"json_map","value":[[{"type":"string","value":"k"},{"type":"json_set","value":[{"type":"bigint","value":"1"}]}]]}]}"#,
            "[new Map([['k', new Set([1n])]])]",
        ),
        (
            r#"{"type":"json_object","value":{"a":{"type":"undefined"}}}"#,
            "{a: undefined}",
        ),
        (
            r#"{"type":"Array","value":[1,"a",null,[true],{"b":2}]}"#,
            "[1, 'a', null, [true], {b: 2}]",
        ),
        (
            r#"{"type":"object","value":{"type":"admin","n":{"type":5}}}"#,
            "{type: 'admin', n: {type: 5}}",
        ),
        (
            r#"{"type":"Map","value":[["k",{"v":1}]]}"#,
            "new Map([['k', {v: 1}]])",
        ),
        (r#"{"type":"Uint8Array","value":"AQI="}"#, "u8[01 02]"),
    ] {
        let read = value_from_json(json).unwrap_or_else(|error| panic!("{json}: {error}"));
        assert!(read == parse(literal).unwrap(), "{json}: {read}");
    }
}

#[test]
fn what_is_no_typed_value_is_refused() {
    for wrong in [
        "",
        "1",
        "null",
        "{}",
        "[]",
        r#"{"type":"what","value":1}"#,
        r#"{"type":"bigint","value":"1n"}"#,
        r#"{"type":"number","value":"1"}"#,
        r#"{"type":"boolean","value":1}"#,
        r#"{"type":"Date","value":"x"}"#,
        r#"{"type":"Uint8Array","value":"*"}"#,
        r#"{"type":"Uint16Array","value":"AA"}"#,
        r#"{"type":"KvU64","value":"-1"}"#,
        r#"{"type":"RegExp","value":"/(/"}"#,
        r#"{"type":"RegExp","value":"a"}"#,
        r#"{"type":"Map","value":[[{"type":"null"}]]}"#,
        r#"{"type":"string","value":"a"} x"#,
        r#"{"type":"json_array","value":[1]}"#,
    ] {
        assert!(value_from_json(wrong).is_err(), "{wrong}");
    }
}

fn entry(value: StoredValue) -> Entry {
    Entry {
        key: r#"["a"]"#.parse::<Key>().unwrap().encode().unwrap(),
        value,
        versionstamp: Versionstamp::from_counter(6),
        expires_at: None,
    }
}

#[test]
fn an_entry_is_the_line_that_other_tools_read() {
    let mut entry = entry(StoredValue::from_value(&parse("100n").unwrap()).unwrap());
    let line = r#"{"key":[{"type":"string","value":"a"}],"value":{"type":"bigint","value":"100"},"versionstamp":"00000000000000060000"}"#;
    assert_eq!(entry_line(&entry).text, line);
    entry.expires_at = Some(1_767_225_600_000);
    let with_expiry = entry_line(&entry).text;
    assert!(
        with_expiry.ends_with(r#","expireAt":1767225600000}"#),
        "{with_expiry}"
    );
    let parsed = parse_entry_line(&with_expiry).unwrap();
    assert_eq!(parsed.key, entry.key);
    assert_eq!(parsed.value, entry.value);
    assert_eq!(parsed.expires_at, entry.expires_at);
    assert_eq!(parsed.versionstamp, Some(entry.versionstamp));
    let iso = line.replace("}}", "}").replace(
        r#""00000000000000060000"}"#,
        r#"null,"expireAt":"2026-01-01","other":[]}"#,
    );
    let parsed = parse_entry_line(&iso).unwrap();
    assert_eq!(
        (parsed.expires_at, parsed.versionstamp),
        (Some(1_767_225_600_000), None)
    );
}

/// The value with one version of V8's format in its header, whichever it has.
fn without_version(stored: StoredValue) -> StoredValue {
    let mut bytes = stored.bytes.to_vec();
    if let (Encoding::V8, [0xff, version @ 13..=16, ..]) = (stored.encoding, bytes.as_mut_slice()) {
        *version = 15;
    }
    StoredValue {
        bytes: bytes.into(),
        ..stored
    }
}

#[test]
fn where_the_typed_form_ends_a_line_is_read_as_far_as_it_goes() {
    for (literal, without_bytes) in [
        ("{a: &1 [*1]}", "{a: [null]}"),
        (
            "{file: host({type: 'Blob', size: 3})}",
            "{file: {type: \"Blob\", size: 3}}",
        ),
        (
            r#"[{type: "circular"}, {type: "host", value: {}}]"#,
            r#"[{type: "circular"}, {type: "host", value: {}}]"#,
        ),
    ] {
        let stored = StoredValue::from_value(&parse(literal).unwrap()).unwrap();
        let line = entry_line(&entry(stored.clone())).text;
        assert_eq!(parse_entry_line(&line).unwrap().value, stored, "{line}");
        let others = parse_entry_line(&line.replace("\"v8\":", "\"unknown\":")).unwrap();
        assert_eq!(
            others.value.decode().unwrap().to_string(),
            without_bytes,
            "{line}"
        );
    }
}

#[test]
fn every_value_survives_its_line() {
    for vector in vectors::good().into_iter().chain(vectors::host()) {
        let value = vector.stored.decode().unwrap();
        let line = entry_line(&entry(vector.stored.clone()));
        let parsed = parse_entry_line(&line.text).unwrap_or_else(|error| panic!("{}: {error}", vector.name));
        assert!(
            parsed.value.decode().unwrap() == value,
            "{}: {}",
            vector.name,
            line.text
        );
        assert_eq!(
            without_version(parsed.value),
            without_version(vector.stored),
            "{}: exact bytes",
            vector.name
        );
    }
}

#[test]
fn what_the_typed_form_cannot_tell_stands_beside_it_in_raw_form() {
    let stored = |encoding, bytes: &[u8]| StoredValue {
        encoding,
        bytes: bytes.to_vec().into(),
    };
    let broken = Entry {
        key: EncodedKey::from_bytes(vec![0x02, b'a', 0, 0x02, b'b']),
        ..entry(stored(Encoding::Unknown(7), &[0xff]))
    };
    let line = entry_line(&broken);
    assert_eq!(
        line.text,
        r#"{"key":[{"type":"string","value":"a"},{"type":"Uint8Array","value":"AmI","byteLength":2}],"#
            .to_owned()
            + r#""value":{"type":"Uint8Array","value":"_w","byteLength":1},"versionstamp":"00000000000000060000","#
            + r#""keyBytes":"AmEAAmI","valueEncoding":7,"valueBytes":"_w"}"#
    );
    assert!(line.is_raw);
    assert_eq!(
        line.unreadable.unwrap(),
        "its key cannot be read: unexpected end of the key, in the part that begins at byte 3"
    );
    // V8 reads whole numbers in this form, too, but does not write them so.
    let wide = entry_line(&entry(stored(Encoding::V8, b"\xff\x0fN\0\0\0\0\0\0\xf0\x3f")));
    assert!(
        wide.text.ends_with(r#","v8":"_w9OAAAAAAAA8D8"}"#),
        "{}",
        wide.text
    );
    assert!(!wide.is_raw && wide.losses.is_empty());
    // That another version says the same in the same bytes needs no word.
    let newer = entry_line(&entry(stored(Encoding::V8, b"\xff\x10I\x02")));
    assert!(
        newer.text.ends_with(r#""versionstamp":"00000000000000060000"}"#),
        "{}",
        newer.text
    );
    // A bigint with a zero too many is another key than that without it.
    let long = Entry {
        key: EncodedKey::from_bytes(vec![0x16, 0, 5]),
        ..entry(stored(Encoding::Le64, &[1, 2, 3]))
    };
    let line = entry_line(&long);
    let key = r#"{"key":[{"type":"bigint","value":"5"}],"#;
    assert!(
        line.text.starts_with(key) && line.text.contains(r#""keyBytes":"FgAF""#),
        "{}",
        line.text
    );
    assert_eq!(
        line.unreadable.unwrap(),
        "The value is broken at byte 0: a Deno.KvU64 has 8 bytes, and this one has 3"
    );
}

#[test]
fn raw_fields_that_are_none_are_refused_with_their_name() {
    let line = |fields: &str| {
        format!(r#"{{"key":[{{"type":"boolean","value":true}}],"value":{{"type":"undefined"}}{fields}}}"#)
    };
    for (fields, reason) in [
        (r#","keyBytes":7"#, "The field `keyBytes` is not base64url"),
        (r#","keyBytes":"?""#, "The field `keyBytes` is not base64url"),
        (r#","v8":[]"#, "The field `v8` is not base64url"),
        (
            r#","valueBytes":"AA""#,
            "The field `valueEncoding` is not a whole number",
        ),
        (
            r#","valueBytes":"AA","valueEncoding":1.5"#,
            "The field `valueEncoding` is not a whole number",
        ),
        (
            r#","expireAt":1.5"#,
            "The field `expireAt` is neither milliseconds nor a date",
        ),
    ] {
        assert_eq!(parse_entry_line(&line(fields)).unwrap_err().to_string(), reason);
    }
    for fields in [
        "",
        r#","keyBytes":null,"v8":null,"valueBytes":null,"expireAt":null"#,
        r#","valueEncoding":9"#,
    ] {
        let parsed = parse_entry_line(&line(fields)).unwrap();
        assert_eq!(parsed.key.to_string(), "[true]");
        assert_eq!(parsed.value.decode().unwrap().to_string(), "undefined");
    }
}

#[test]
fn the_plain_form_is_ordinary_where_that_says_all() {
    for (literal, json) in [
        (
            "{a: [1, 'x', null, true, {}], b: -1.5e300}",
            r#"{"a":[1,"x",null,true,{}],"b":-1.5e+300}"#,
        ),
        (
            "{type: 'x', value: 1}",
            r#"{"type":"object","value":{"type":{"type":"string","value":"x"},"value":{"type":"number","value":1}}}"#,
        ),
        ("{type: 'x', other: 1}", r#"{"type":"x","other":1}"#),
        (
            "[1n]",
            r#"{"type":"Array","value":[{"type":"bigint","value":"1"}]}"#,
        ),
        ("-0", r#"{"type":"number","value":0}"#),
    ] {
        assert_eq!(plain(&parse(literal).unwrap()), json);
    }
    assert_eq!(
        plain_key(&r#"["a", 1, true]"#.parse().unwrap()),
        r#"["a",1,true]"#
    );
    assert_eq!(
        plain_key(&"[1n]".parse().unwrap()),
        r#"[{"type":"bigint","value":"1"}]"#
    );
}

#[test]
fn a_few_bytes_of_shared_references_do_not_become_gigabytes() {
    let mut literal = "[]".to_owned();
    for label in 1..60 {
        literal = format!("[&{label} {literal}, *{label}]");
    }
    let value: Value = parse(&literal).unwrap();
    let (text, losses) = value_to_json(&value);
    assert!(text.len() < 4 << 20, "{}", text.len());
    assert_eq!(losses, [Loss::Shared]);
}
