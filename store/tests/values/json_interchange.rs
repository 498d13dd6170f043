//! The interchange form of every type: one row for each of the format's tables, and what it cannot hold.

use keyglass_store::value::canonical::canonical;
use keyglass_store::value::json::{
    Loss, key_from_json, key_to_json, plain, plain_key, value_from_json, value_to_json,
};
use keyglass_store::value::literal::parse;
use keyglass_store::{Key, Value};

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
