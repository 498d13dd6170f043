//! Conditions: what they mean, and what is none.

use keyglass_store::value::literal::parse;
use keyglass_store::{Key, Versionstamp};
use proptest::prelude::*;

use super::*;

fn entry(key: &EncodedKey, value: &str) -> Entry {
    Entry {
        key: key.clone(),
        value: StoredValue::from_value(&parse(value).unwrap()).unwrap(),
        versionstamp: Versionstamp::from_counter(1),
        expires_at: None,
    }
}

/// Whether a change of `["stock", 7]` meets a condition.
fn meets(condition: &str, before: Option<&str>, after: Option<&str>) -> bool {
    let key: Key = r#"["stock", 7]"#.parse().unwrap();
    let key = key.encode().unwrap();
    let before = before.map_or(Before::Absent, |value| Before::Entry(entry(&key, value)));
    let after = after.map(|value| entry(&key, value));
    let kind = ChangeKind::of(&before, after.as_ref(), 0);
    let condition = Condition::parse(condition).unwrap_or_else(|error| panic!("{error}"));
    condition.holds(&ConditionSubject::new(&key, kind, &before, after.as_ref()))
}

#[test]
fn fields_are_compared_with_literals_and_with_each_other() {
    let (before, after) = (
        Some("{stock: 7, status: 'open', at: new Date(5), 'a b': [1, {c: true}]}"),
        Some("{stock: 4, status: 'sold out', at: new Date(9), big: 10n, tags: ['new', 'red']}"),
    );
    for holds in [
        "value.stock < 5",
        "value.stock<5",
        "before.stock >= 7",
        "value.stock < before.stock",
        "value.status = \"sold out\"",
        "value.status == 'sold out'",
        "value.status != 'open' and value.stock > 3",
        "value.status === 'open' || value.stock === 4",
        "value.status changed",
        "not value.tags changed or value.tags changed",
        "value.tags contains 'red'",
        "value.tags.length = 2",
        "value.tags[0] = 'new'",
        "before[\"a b\"][1].c",
        "value.at > 8",
        "value.big = 10",
        "value.big > 9.5",
        "value.big < 1e30",
        "value.missing = undefined",
        "value.missing != 1",
        "key[0] = 'stock' && key[1] = 7",
        "key contains 'stock'",
        "kind = 'changed'",
        "size > 10",
        "!(value.stock > 5)",
        "value contains 'tags'",
    ] {
        assert!(meets(holds, before, after), "{holds}");
    }
    for fails in [
        "value.stock < 4",
        "value.missing < 5",
        "value.status < 5",
        "value.stock changed and value.at = 5",
        "value.big < -1e30",
        "key[2] = 7",
        "not value",
    ] {
        assert!(!meets(fails, before, after), "{fails}");
    }
}

#[test]
fn an_entry_that_is_not_there_holds_nothing() {
    assert!(meets("not value", Some("1"), None));
    assert!(meets("kind = 'deleted' and before = 1", Some("1"), None));
    assert!(!meets("value < 5", Some("1"), None));
    assert!(meets("value changed", None, Some("1")));
    assert!(!meets("value changed", Some("{a: [1]}"), Some("{a: [1]}")));
    assert!(meets("value.a changed", Some("{a: [1]}"), Some("{a: [2]}")));
}

#[test]
fn what_is_no_condition_says_where_and_why() {
    let wrong = |text: &str| Condition::parse(text).unwrap_err().to_string();
    assert_eq!(
        wrong("stock < 5"),
        "“stock” is neither a place, which begins with value, nor a literal at character 1 of the condition: stock < 5"
    );
    assert_eq!(
        wrong("value.a <"),
        "A place such as value.name, or a literal, was expected at character 10 of the condition: value.a <"
    );
    for text in [
        "",
        "5",
        "value. < 1",
        "value[",
        "value[{}]",
        "(value",
        "value value",
        "value = {a: 1}",
        "kind changed",
    ] {
        assert!(Condition::parse(text).is_err(), "{text}");
    }
    assert!(wrong(&"(".repeat(10_000)).starts_with("It is nested too deep"));
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,60}", words in prop::collection::vec("value|before|key|\\.a|\\[0\\]|\\[|\\]|<|=|!|\\(|\\)|and|or|not|'|\"|5|changed", 0..12)) {
        let _read = Condition::parse(&text);
        let _read = Condition::parse(&words.join(""));
        let _read = Condition::parse(&words.join(" "));
    }

    #[test]
    fn numbers_and_bigints_are_in_one_order(left in -1000i32..1000, right in -4000i32..4000) {
        let right = f64::from(right) / 4.0;
        let expected = f64::from(left) < right;
        let after = format!("{{big: {left}n}}");
        prop_assert_eq!(meets(&format!("value.big < {right}"), None, Some(&after)), expected);
        prop_assert_eq!(meets(&format!("{right} > value.big"), None, Some(&after)), expected);
    }
}
