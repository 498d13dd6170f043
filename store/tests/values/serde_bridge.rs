//! Values as a Rust program's own types, and back.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use keyglass_store::value::literal::parse;
use keyglass_store::value::serde::{DataError, Date, KvU64, from_value, to_value};
use keyglass_store::value::{Encoding, ValueError};
use keyglass_store::{StoredValue, Value};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Data is written as a literal says, and comes back equal, also from stored bytes.
#[track_caller]
fn same<T: Serialize + DeserializeOwned + PartialEq + Debug>(data: T, literal: &str) {
    let value = to_value(&data).unwrap();
    assert!(
        value == parse(literal).unwrap(),
        "{data:?} became {value}, not {literal}"
    );
    assert_eq!(from_value::<T>(&value).unwrap(), data);
    assert_eq!(
        StoredValue::from_data(&data).unwrap().to_data::<T>().unwrap(),
        data
    );
}

#[track_caller]
fn reads<T: DeserializeOwned + PartialEq + Debug>(literal: &str, data: T) {
    assert_eq!(
        from_value::<T>(&parse(literal).unwrap()).unwrap(),
        data,
        "{literal}"
    );
}

#[track_caller]
fn refuses<T: DeserializeOwned + Debug>(literal: &str, expected: &str) {
    let error = from_value::<T>(&parse(literal).unwrap()).unwrap_err();
    assert_eq!(error.to_string(), expected, "{literal}");
}

/// Bytes as `serde_bytes` writes and reads them.
#[derive(Debug, PartialEq)]
struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = Bytes;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_owned()))
            }
        }
        deserializer.deserialize_byte_buf(Visitor)
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped(f64);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Pair(i32, String);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Empty,
    Circle(f64),
    Rectangle(f64, f64),
    Named { name: String, parts: Vec<Self> },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Person {
    name: String,
    nick: Option<String>,
    tags: Vec<String>,
    address: Address,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Address {
    city: String,
    #[serde(default)]
    floor: i8,
}

#[test]
fn primitives_are_written_and_read() {
    same(true, "true");
    same('é', "'é'");
    same("text 😀".to_owned(), "'text 😀'");
    same(1.5_f32, "1.5");
    same(-0.0_f64, "-0");
    same(f64::INFINITY, "Infinity");
    same((), "undefined");
    same(Unit, "undefined");
    same(None::<u8>, "undefined");
    same(Some(3_u8), "3");
    same(Wrapped(0.5), "0.5");
    let nan: f64 = from_value(&to_value(&f64::NAN).unwrap()).unwrap();
    assert!(nan.is_nan());
}

#[test]
fn integers_that_no_number_holds_exactly_are_bigints() {
    same((1_i64 << 53) - 1, "9007199254740991");
    same(-((1_i64 << 53) - 1), "-9007199254740991");
    same(1_i64 << 53, "9007199254740992n");
    same(-(1_i64 << 53), "-9007199254740992n");
    same(i64::MIN, "-9223372036854775808n");
    same(u64::MAX, "18446744073709551615n");
    same(i128::MIN, "-170141183460469231731687303715884105728n");
    same(u128::MAX, "340282366920938463463374607431768211455n");
    reads("5n", 5_u8);
    reads("-5n", -5.0_f64);
    reads("9007199254740992", 1_u64 << 53);
    reads("-0", 0_u32);
    reads("7", 7.0_f32);
    reads("KvU64(7n)", 7_i32);
    reads("Object(7)", 7_u16);
    refuses::<u8>(
        "256",
        "The value does not fit the type (invalid value: integer `256`, expected u8): value",
    );
    refuses::<u8>(
        "1.5",
        "The value does not fit the type (invalid type: floating point `1.5`, expected u8): value",
    );
    refuses::<u128>(
        "0x1_0000_0000_0000_0000_0000_0000_0000_0000n",
        "The value does not fit the type (a bigint of 129 bits, and the widest integer has 128): value",
    );
}

#[test]
fn collections_are_arrays_objects_and_maps() {
    same(vec![1, 2, 3], "[1, 2, 3]");
    same((1, "a".to_owned(), None::<bool>), "[1, 'a', undefined]");
    same(Pair(1, "a".to_owned()), "[1, 'a']");
    same(
        BTreeMap::from([("b".to_owned(), 1), ("10".to_owned(), 2), ("9".to_owned(), 3)]),
        "{9: 3, 10: 2, b: 1}",
    );
    same(BTreeMap::from([('a', 1)]), "{a: 1}");
    same(
        BTreeMap::from([(2_u8, 'x'), (1, 'y')]),
        "new Map([[1, 'y'], [2, 'x']])",
    );
    same(BTreeMap::from([((1, true), 'x')]), "new Map([[[1, true], 'x']])");
    same(Bytes(vec![1, 255]), "new Uint8Array([1, 255])");
    same(vec![Bytes(vec![1])], "[new Uint8Array([1])]");

    reads("new Map([['a', 1]])", HashMap::from([("a".to_owned(), 1)]));
    reads("{7: 'x', '-1': 'y'}", BTreeMap::from([(7, 'x'), (-1, 'y')]));
    reads("{true: 1}", BTreeMap::from([(true, 1)]));
    reads("new Set([1, 2])", vec![1, 2]);
    reads("[1, , 3]", vec![Some(1), None, Some(3)]);
    reads("new Uint8Array([1, 2])", vec![1_u8, 2]);
    reads("new Int16Array([-1, 2])", vec![-1, 2]);
    reads("new Float32Array([0.5, -0, 3])", vec![0.5, -0.0, 3.0_f64]);
    reads("new BigUint64Array([18446744073709551615n])", [u64::MAX]);
    reads("new Uint16Array([258])", Bytes(vec![2, 1]));
    reads("new ArrayBuffer(2)", Bytes(vec![0, 0]));
}

#[test]
fn structs_are_plain_objects() {
    let person = |nick: Option<&str>| Person {
        name: "Ada".to_owned(),
        nick: nick.map(str::to_owned),
        tags: vec!["x".to_owned()],
        address: Address {
            city: "Bonn".to_owned(),
            floor: -1,
        },
    };
    same(
        person(Some("A")),
        "{name: 'Ada', nick: 'A', tags: ['x'], address: {city: 'Bonn', floor: -1}}",
    );
    for nick in ["nick: null,", "nick: undefined,", ""] {
        let literal =
            format!("{{name: 'Ada', {nick} tags: ['x'], address: {{city: 'Bonn', floor: -1}}, more: /a/}}");
        reads(&literal, person(None));
    }
    reads(
        "new Map([['city', 'Bonn']])",
        Address {
            city: "Bonn".to_owned(),
            floor: 0,
        },
    );
    refuses::<Person>(
        "{name: 'Ada', tags: ['x', 1]}",
        "The value does not fit the type (invalid type: integer `1`, expected a string): value.tags[1]",
    );
    refuses::<HashMap<String, Address>>(
        "{'a b': {city: 'x', floor: 200}}",
        "The value does not fit the type (invalid value: integer `200`, expected i8): value[\"a b\"].floor",
    );
}

#[test]
fn enums_are_their_name_or_an_object_of_it() {
    same(Shape::Empty, "'Empty'");
    same(Shape::Circle(1.5), "{Circle: 1.5}");
    same(Shape::Rectangle(1.0, 2.0), "{Rectangle: [1, 2]}");
    same(
        Shape::Named {
            name: "n".to_owned(),
            parts: vec![Shape::Empty, Shape::Circle(0.0)],
        },
        "{Named: {name: 'n', parts: ['Empty', {Circle: 0}]}}",
    );
    reads("new Map([['Circle', 2]])", Shape::Circle(2.0));
    refuses::<Shape>(
        "{Circle: 'x'}",
        "The value does not fit the type (invalid type: string \"x\", expected f64): value.Circle",
    );
    refuses::<Shape>(
        "{Circle: 1, Empty: 2}",
        "The value does not fit the type (an enum is a string, or an object with one property that is the \
         variant's name): value",
    );
}

#[test]
fn dates_and_counters_have_types_of_their_own() {
    same(Date(1_767_225_600_123.0), "new Date('2026-01-01T00:00:00.123Z')");
    same(vec![Date(0.0)], "[new Date(0)]");
    reads("1000", Date(1000.0));
    reads("new Date(1000)", 1000_i64);
    reads("new Date(0)", "1970-01-01T00:00:00.000Z".to_owned());
    assert!(
        from_value::<Date>(&parse("new Date(NaN)").unwrap())
            .unwrap()
            .0
            .is_nan()
    );
    assert!(from_value::<Date>(&parse("'today'").unwrap()).is_err());

    same(KvU64(u64::MAX), "KvU64(18446744073709551615n)");
    let stored = StoredValue::from_data(&KvU64(3)).unwrap();
    assert_eq!((stored.encoding, stored.bytes.len()), (Encoding::Le64, 8));
    reads("3", KvU64(3));
    assert!(matches!(
        StoredValue::from_data(&[KvU64(3)]),
        Err(DataError::Value(ValueError::Unwritable(_)))
    ));
}

#[test]
fn what_javascript_has_besides_is_read_as_what_fits() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Failure {
        name: String,
        message: String,
        cause: Option<Box<Self>>,
    }
    reads(
        "new TypeError('outer', {cause: new Error('inner')})",
        Failure {
            name: "TypeError".to_owned(),
            message: "outer".to_owned(),
            cause: Some(Box::new(Failure {
                name: "Error".to_owned(),
                message: "inner".to_owned(),
                cause: None,
            })),
        },
    );
    reads("/a\\/b/gi", "/a\\/b/gi".to_owned());
    reads("Object('text')", "text".to_owned());
    refuses::<String>(
        "'\\ud800'",
        "The value does not fit the type (a string with a lone surrogate, which no text in Rust has): value",
    );
    refuses::<bool>(
        "undefined",
        "The value does not fit the type (invalid type: unit value, expected a boolean): value",
    );
}

#[test]
fn text_and_bytes_are_borrowed_from_the_value() {
    let value = parse("{a: 'text'}").unwrap();
    let borrowed: HashMap<&str, &str> = from_value(&value).unwrap();
    assert_eq!(borrowed, HashMap::from([("a", "text")]));
    let value = parse("new Uint8Array([1, 2])").unwrap();
    assert_eq!(from_value::<&[u8]>(&value).unwrap(), [1, 2]);
}

#[test]
fn values_that_contain_themselves_or_grow_without_end_are_refused() {
    #[derive(Debug, Deserialize)]
    struct Node {
        _next: Option<Box<Self>>,
    }
    let refused = |value: &Value| from_value::<Node>(value).unwrap_err().to_string();
    let error = refused(&parse("&1 {_next: *1}").unwrap());
    assert!(
        error.contains("(it is nested deeper than 128 levels, or contains itself): value._next._next"),
        "{error}"
    );

    // Each list holds the one before twice: 2^60 numbers in a few hundred bytes.
    let mut text = "&1 [1, 1]".to_owned();
    for level in 1..60 {
        text = format!("&{} [{text}, *{level}]", level + 1);
    }
    let value = parse(&text).unwrap();
    assert!(from_value::<serde_json::Value>(&value).is_err());
    // A long text that stands in an object once, and is asked for in two thousand places.
    let again = "*1, ".repeat(2_000);
    let value = parse(&format!("[&1 {{a: '{}'}}, {again}]", "x".repeat(10_000))).unwrap();
    assert!(from_value::<Vec<HashMap<&str, String>>>(&value).is_err());
    assert!(from_value::<Vec<Option<u8>>>(&parse("Array(4294967295)").unwrap()).is_err());
    assert_eq!(
        from_value::<Vec<Option<u8>>>(&parse("Array(1000)").unwrap())
            .unwrap()
            .len(),
        1000
    );
}

#[test]
fn json_values_pass_through() {
    let json = serde_json::json!({"a": [1, -2, 1.5, "x", true, {"b": {}}], "big": u64::MAX});
    same(
        json,
        "{a: [1, -2, 1.5, 'x', true, {b: {}}], big: 18446744073709551615n}",
    );
}
