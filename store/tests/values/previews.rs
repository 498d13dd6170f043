//! Previews of values that are larger than what is shown of them.

use keyglass_store::StoredValue;
use keyglass_store::value::literal::{Preview, parse, preview, preview_node};
use proptest::prelude::*;

use crate::random_values::random_value;

fn text(preview: &Preview) -> String {
    preview.spans.iter().map(|(_, text)| text.as_str()).collect()
}

fn stored(literal: &str) -> StoredValue {
    StoredValue::from_value(&parse(literal).unwrap()).unwrap()
}

fn numbers(count: usize) -> String {
    "1, ".repeat(count)
}

#[test]
fn the_start_of_a_large_value_looks_as_in_the_whole() {
    let records = "{id: 1, list: [1, 2], when: new Date(0)}, ".repeat(3_000);
    for literal in [
        format!("[{}]", numbers(50_000)),
        format!("[{records}]"),
        format!("{{a: {{b: [{}]}}, c: 1}}", numbers(5_000)),
        format!("new Error('text', {{cause: [{}]}})", numbers(5_000)),
        format!("host({{type: 'File', list: [{}]}})", numbers(5_000)),
        format!("{{x: '{}'}}", "x".repeat(50_000)),
    ] {
        let stored = stored(&literal);
        let whole = stored.decode().unwrap();
        for characters in [0, 1, 20, 120] {
            let shown = preview(&stored, characters);
            assert_eq!(shown, preview_node(&whole, whole.root(), characters));
        }
    }
}

#[test]
fn what_is_not_read_is_an_ellipsis_and_no_size() {
    let map = (0..5_000)
        .map(|index| format!("[{index}, 1]"))
        .collect::<Vec<_>>()
        .join(", ");
    assert_eq!(
        text(&preview(&stored(&format!("new Map([{map}])")), 24)),
        "Map {0 → 1, 1 → 1, 2 → …"
    );
    let set = (0..5_000)
        .map(|index| index.to_string())
        .collect::<Vec<_>>()
        .join(", ");
    assert_eq!(
        text(&preview(&stored(&format!("new Set([{set}])")), 12)),
        "Set {0, 1, …"
    );

    // Too deep to be shown, and so large that what follows it is not read.
    let deep = format!("{{a: [[[[[[{}]]]]]], b: 1}}", numbers(2_000));
    let shown = preview(&stored(&deep), 60);
    assert_eq!(text(&shown), "{a: [[[[[…, …");
    assert!(shown.truncated);
    let sparse = format!("[[[[[[[{}]]]]]], , ]", numbers(2_000));
    assert_eq!(text(&preview(&stored(&sparse), 60)), "[[[[[[…, …");
}

proptest! {
    #[test]
    fn random_values_look_as_in_the_whole(seed: u64, characters in 0..100_usize) {
        let stored = StoredValue::from_value(&random_value(seed)).unwrap();
        // Of a larger one only the start may be read, which leaves out the size of a collection.
        prop_assume!(stored.bytes.len() < 1000);
        let whole = stored.decode().unwrap();
        prop_assert_eq!(preview(&stored, characters), preview_node(&whole, whole.root(), characters));
    }
}
