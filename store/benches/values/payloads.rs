//! Values of the kinds that databases hold.

use keyglass_store::value::literal::parse;
use keyglass_store::{Encoding, StoredValue};

/// A value by name; large ones are compared in bytes, small ones in number.
pub struct Payload {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    pub is_large: bool,
}

/// A value as Deno stores it.
pub fn stored(literal: &str) -> StoredValue {
    let value = parse(literal).expect("it is a literal");
    let stored = StoredValue::from_value(&value).expect("it can be stored");
    assert_eq!(stored.encoding, Encoding::V8, "{literal}");
    stored
}

fn list<T: ToString>(elements: impl Iterator<Item = T>) -> String {
    let elements: Vec<_> = elements.map(|element| element.to_string()).collect();
    format!("[{}]", elements.join(", "))
}

/// About 60 KB each, or some dozens of bytes.
pub fn all() -> Vec<Payload> {
    let bytes = list((0..60_000).map(|index| index % 251));
    let doubles = list((0..7_500).map(|index| f64::from(index) * 1.25));
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(1_333);
    let latin1 = "Füchse hüpfen über träge Hunde. ".repeat(1_875);
    let wide = "素早い茶色の狐は怠け者の犬を飛び越える。".repeat(1_500);
    let records = list((0..900).map(|index| {
        format!("{{id: {index}, name: 'user {index}', active: true, score: {index}.5, tags: ['a', 'b']}}")
    }));
    let integers = list(0..15_000);
    let large = [
        ("bytes in an object", format!("{{data: new Uint8Array({bytes})}}")),
        ("Float64Array", format!("new Float64Array({doubles})")),
        ("text, ASCII", format!("'{text}'")),
        ("text, Latin-1", format!("'{latin1}'")),
        ("text, two bytes", format!("'{wide}'")),
        ("array of integers", integers),
        ("array of records", records),
    ];
    let small = [
        (
            "user record",
            "{name: 'Ada Lovelace', email: 'ada@example.com', age: 36, admin: true, joined: new Date(0)}",
        ),
        ("small object", "{id: 17, ok: true}"),
        ("number", "42"),
        ("Map of three", "new Map([['a', 1], ['b', 2], ['c', 3]])"),
    ];
    let payload = |name, literal: &str, is_large| Payload {
        name,
        bytes: stored(literal).bytes.to_vec(),
        is_large,
    };
    let large = large.iter().map(|(name, literal)| payload(name, literal, true));
    let small = small.iter().map(|(name, literal)| payload(name, literal, false));
    large.chain(small).collect()
}
