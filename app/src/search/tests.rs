//! What is found where.

use keyglass_store::value::literal;
use keyglass_store::{EncodedKey, Key, KeyPart, StoredValue};
use proptest::prelude::*;

use super::*;
use crate::model::draft::{parse_key, parse_value};

fn marked(excerpt: &Excerpt) -> &str {
    &excerpt.text[excerpt.matched.clone()]
}

fn text(text: &str) -> Pattern {
    Pattern::text(text, false).unwrap()
}

fn found(pattern: &Pattern, value: &str) -> Option<String> {
    let excerpt = pattern.find_in_value(&parse_value(value).unwrap())?;
    Some(marked(&excerpt).to_owned())
}

#[test]
fn text_is_found_in_literals_and_strings_whatever_its_case() {
    let ada =
        "{name: 'Ada', credit: 20.5, big: 12345678901234567890n, since: new Date(0), note: 'one\\ntwo'}";
    for (needle, expected) in [
        ("ada", "Ada"),
        ("CREDIT: 20.5", "credit: 20.5"),
        ("678901234", "678901234"),
        ("1970-01-01", "1970-01-01"),
        ("new date", "new Date"),
        ("one\\n", "one\\n"),
        ("one\ntwo", "one two"),
    ] {
        assert_eq!(found(&text(needle), ada).as_deref(), Some(expected), "{needle}");
    }
    assert_eq!(found(&text("grace"), ada), None);
    assert_eq!(found(&text("ADA\""), ada).as_deref(), Some("Ada\""));
    assert_eq!(found(&text("a.a"), ada), None, "a plain text is no expression");
    assert_eq!(found(&Pattern::text("ada", true).unwrap(), ada), None);
    assert_eq!(
        found(&text("KvU64(7"), "new Deno.KvU64(7n)").as_deref(),
        Some("KvU64(7")
    );
    assert_eq!(
        found(&text("[1, 255]"), "new Uint8Array([1, 255])").as_deref(),
        Some("[1, 255]")
    );
}

#[test]
fn bytes_that_are_text_are_searched_as_text() {
    let bytes = parse_value("new Uint8Array([104, 101, 108, 108, 111])").unwrap();
    let excerpt = text("HELL").find_in_value(&bytes).unwrap();
    assert_eq!((excerpt.text.as_str(), marked(&excerpt)), ("hello", "hell"));
}

#[test]
fn keys_are_searched_in_their_text() {
    let key: EncodedKey = parse_key(r#"["Users", 42n, "ada"]"#).unwrap();
    assert_eq!(text("users\", 42n").find_in_key(&key), Some(2..13));
    assert_eq!(text("bob").find_in_key(&key), None);
    let expression = Pattern::regular_expression(r"\d+n, .b", true).unwrap();
    assert_eq!(expression.find_in_key(&key), None);
    let expression = Pattern::regular_expression(r"\d+n, .ada", true).unwrap();
    assert_eq!(expression.find_in_key(&key), Some(10..19));
    assert_eq!(
        text("[01").find_in_key(&EncodedKey::from_bytes(vec![1_u8, 1, 0])),
        Some(3..6)
    );
}

#[test]
fn an_expression_that_is_wrong_or_too_large_says_so() {
    let error = |text| Pattern::regular_expression(text, false).unwrap_err().to_string();
    assert_eq!(error("(a"), "No regular expression: unclosed group");
    assert_eq!(error(r"(\w{1000}){1000}"), "This regular expression is too large");
    let everywhere = Pattern::regular_expression("x*", false).unwrap();
    assert_eq!(found(&everywhere, "'abc'"), None, "an empty match is none");
}

#[test]
fn values_that_cannot_match_are_told_by_their_bytes() {
    let value = |value: &str| parse_value(value).unwrap().bytes;
    assert!(!text("grace").may_match(&value("{name: 'Ada Lovelace', tags: ['a', 'b']}")));
    assert!(text("grace").may_match(&value("'GRACE'")));
    assert!(
        text("grace").may_match(&value("'日 GRACE'")),
        "in two bytes a letter"
    );
    // What every literal may have says nothing.
    for needle in ["map", "20", "rue", "nab", "ufeff", "gims", "-7", "\u{fffd}"] {
        assert!(text(needle).may_match(&value("1")), "{needle}");
    }
    // What touches letters of a string is in it, too; letters of other scripts need no others.
    assert!(!text("grace-7").may_match(&value("'grace-8'")));
    assert!(text("'grace': 7").may_match(&value("'grace'")));
    for other in ["é", "日", "😀"] {
        assert!(!text(other).may_match(&value("'grace'")), "{other}");
        assert!(text(other).may_match(&value(&format!("'{other}'"))), "{other}");
    }
}

#[test]
fn of_an_expression_the_bytes_need_what_each_match_has() {
    let value = |value: &str| parse_value(value).unwrap().bytes;
    let expression = |text| Pattern::regular_expression(text, false).unwrap();
    let pattern = expression(r"gra[cz]e[0-9]+|lovelace\b");
    assert!(pattern.may_match(&value("'GRAZE12'")));
    assert!(pattern.may_match(&value("{Lovelace: 1}")));
    assert!(!pattern.may_match(&value("'grace, love'")));
    for everything in [r"\w+\d", "grace|map", "(?:grace)?", "x*", "[a-z]{9}"] {
        assert!(expression(everything).may_match(&value("1")), "{everything}");
    }
}

/// Strings with letters of several widths, escapes, and what looks like them.
fn string() -> impl Strategy<Value = String> {
    let pieces = [
        "a", "s", "K", "u", "feff", "n", "d", "true", "Map", "x1", "Ada", "grace", "ſ", "\u{212a}", "é",
        "日", "😀", "\n", "\u{202e}", "\u{0}", "\"", "\\", " ", "'", "7", "-", "_", "@", "/", ":",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..7).prop_map(|pieces| pieces.concat())
}

fn value() -> impl Strategy<Value = StoredValue> {
    (string(), string(), string(), any::<i32>(), 0..6_usize).prop_map(|(a, b, c, number, shape)| {
        let quoted = |text: &str| serde_json::to_string(text).unwrap();
        let (a, b, c) = (quoted(&a), quoted(&b), quoted(&c));
        let literal = match shape {
            0 => a,
            1 => format!("{{{a}: {b}, {c}: {number}}}"),
            2 => format!("[{a}, new Map([[{b}, {c}]]), {number}n, null]"),
            3 => format!("new Set([{a}, new Date({number}), /grace/gims])"),
            4 => format!("new Uint8Array([{}, 65, 100, 97])", number.unsigned_abs() % 256),
            _ => format!("Object.assign(new TypeError({a}), {{stack: {b}}})"),
        };
        parse_value(&literal).unwrap()
    })
}

/// A piece of a text, some letters in the other case.
fn piece(text: &str, from: prop::sample::Index, length: usize, flips: u8) -> String {
    let chars: Vec<char> = text.chars().collect();
    let start = if chars.is_empty() {
        0
    } else {
        from.index(chars.len())
    };
    let chars = chars.into_iter().skip(start).take(length).enumerate();
    let flipped = chars.map(|(at, char)| match flips >> (at % 8) & 1 {
        0 => char,
        _ if char.is_ascii_lowercase() => char.to_ascii_uppercase(),
        _ => char.to_ascii_lowercase(),
    });
    flipped.collect()
}

/// Expressions of what occurs in the values, some of them wrong.
fn expression() -> impl Strategy<Value = String> {
    let pieces = [
        "a",
        "A",
        "da",
        "grace",
        "(?:grace|ada)",
        "(?:ada|日)",
        "s",
        "k",
        "ſ",
        "é",
        "[aé]",
        "[a-c]",
        "日",
        "😀",
        "7",
        "[0-9]",
        r"\d",
        r"\w+",
        r"\b",
        ".",
        ".*",
        "-",
        "@",
        "_",
        "\"",
        r"\\",
        "n",
        "u",
        "feff",
        "x1",
        "Map",
        ", ",
        ": ",
        "?",
        "+",
        "{2}",
        "|",
        "(?-i)",
        "$",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 1..6).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_a_value_shows_is_found_in_it(
        value in value(), other in value(), from: prop::sample::Index, length in 1..9_usize, flips: u8,
    ) {
        let shown = literal::print(&value.decode().unwrap(), usize::MAX);
        let needle = piece(&shown, from, length, 0);
        prop_assert!(Pattern::text(&needle, true).unwrap().find_in_value(&value).is_some(), "{}", needle);
        let pattern = Pattern::text(&piece(&shown, from, length, flips), false).unwrap();
        prop_assert!(pattern.find_in_value(&value).is_some());
        // Looking at the stored bytes first loses nothing, in any value.
        prop_assert_eq!(pattern.find_in_value(&other), pattern.find_in_decoded(&other));
        let escaped = Pattern::regular_expression(&regex::escape(&needle), true).unwrap();
        prop_assert_eq!(
            escaped.find_in_value(&other),
            Pattern::text(&needle, true).unwrap().find_in_value(&other)
        );
    }

    #[test]
    fn what_a_string_holds_is_found_as_it_is_meant(
        inside in string(), from: prop::sample::Index, length in 1..9_usize, flips: u8,
    ) {
        let value = parse_value(&format!("[{}]", serde_json::to_string(&inside).unwrap())).unwrap();
        let needle = piece(&inside, from, length, flips);
        if !needle.is_empty() {
            prop_assert!(text(&needle).find_in_value(&value).is_some());
        }
    }

    #[test]
    fn what_a_key_shows_is_found_in_it(
        a in string(), number: i32, from: prop::sample::Index, length in 1..9_usize, flips: u8,
    ) {
        let key = Key(vec![a.as_str().into(), f64::from(number).into(), true.into()]).encode().unwrap();
        let needle = piece(&key.to_string(), from, length, flips);
        prop_assert!(text(&needle).find_in_key(&key).is_some(), "{}", needle);
    }

    #[test]
    fn looking_at_bytes_first_loses_nothing_of_what_an_expression_finds(
        text in expression(), match_case: bool, value in value(), a in string(), number: i32,
    ) {
        let Ok(pattern) = Pattern::regular_expression(&text, match_case) else { return Ok(()) };
        prop_assert_eq!(pattern.find_in_value(&value), pattern.find_in_decoded(&value));
        let parts = [a.as_str().into(), f64::from(number).into(), KeyPart::Bytes(a.clone().into_bytes())];
        for part in &parts {
            let encoded = Key(vec![part.clone()]).encode().unwrap();
            prop_assert_eq!(pattern.is_in_part(encoded.as_bytes()), pattern.find(&part.to_string()).is_some());
        }
        let key = Key(parts.to_vec());
        prop_assert_eq!(pattern.find_in_key(&key.encode().unwrap()), pattern.find(&key.to_string()));
    }
}
