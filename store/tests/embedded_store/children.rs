//! One level of the key space at a time.

use keyglass_store::{AtomicOperation, Child, Database, EncodedKey, KeyRange};

use crate::fixture::{Fixture, bytes, key};

fn raw(bytes: &[u8]) -> EncodedKey {
    EncodedKey::from_bytes(bytes.to_vec())
}

fn set_all(fixture: &Fixture, keys: impl IntoIterator<Item = EncodedKey>) {
    let mut operation = AtomicOperation::new();
    for key in keys {
        operation = operation.set(key, bytes("x"));
    }
    fixture.commit(operation);
}

/// All children of a prefix, read in pages of `limit`.
fn children(fixture: &Fixture, prefix: &EncodedKey, limit: usize) -> Vec<Child> {
    let mut children: Vec<Child> = Vec::new();
    loop {
        let after = children.last().map(|child| child.prefix.clone());
        let page = fixture.store().children(prefix, after.as_ref(), limit).unwrap();
        assert!(page.children.len() <= limit);
        assert!(!page.more || page.children.len() == limit);
        children.extend(page.children);
        if !page.more {
            return children;
        }
    }
}

fn child(prefix: EncodedKey, is_entry: bool, has_children: bool) -> Child {
    Child {
        prefix,
        is_entry,
        has_children,
    }
}

#[test]
fn each_distinct_next_part_is_one_child() {
    let fixture = Fixture::new();
    set_all(
        &fixture,
        [
            key(&["a"]),
            key(&["a", "x"]),
            key(&["a", "x", "deep"]),
            key(&["a\0b"]),
            key(&["b", "y"]),
            key(&["c"]),
        ],
    );
    for limit in 1..6 {
        assert_eq!(
            children(&fixture, &key(&[]), limit),
            [
                child(key(&["a"]), true, true),
                child(key(&["a\0b"]), true, false),
                child(key(&["b"]), false, true),
                child(key(&["c"]), true, false),
            ],
            "pages of {limit}"
        );
        assert_eq!(
            children(&fixture, &key(&["a"]), limit),
            [child(key(&["a", "x"]), true, true)],
            "pages of {limit}"
        );
    }
    assert!(children(&fixture, &key(&["c"]), 5).is_empty());
    assert!(children(&fixture, &key(&["absent"]), 5).is_empty());
}

#[test]
fn a_broken_key_is_one_child_with_all_its_bytes() {
    let fixture = Fixture::new();
    let broken = [
        raw(b"\0"),
        raw(b"\x02a"),
        raw(b"\x02a\0\x21\x01"),
        raw(b"\xff\x01"),
        raw(b"\xff\xff"),
    ];
    set_all(
        &fixture,
        broken.iter().cloned().chain([key(&["a"]), key(&["a", "z"])]),
    );
    for limit in 1..7 {
        assert_eq!(
            children(&fixture, &key(&[]), limit),
            [
                child(raw(b"\0"), true, false),
                child(raw(b"\x02a"), true, false),
                child(key(&["a"]), true, true),
                child(raw(b"\xff\x01"), true, false),
                child(raw(b"\xff\xff"), true, false),
            ]
        );
        assert_eq!(
            children(&fixture, &key(&["a"]), limit),
            [
                child(key(&["a", "z"]), true, false),
                child(raw(b"\x02a\0\x21\x01"), true, false),
            ]
        );
    }
}

#[test]
fn large_and_small_groups_are_walked_alike() {
    let fixture = Fixture::new();
    let mut expected = Vec::new();
    for group in 0..60 {
        let name = format!("{group:03}");
        let size = if group % 7 == 0 { 50 } else { group % 4 + 1 };
        set_all(&fixture, (0..size).map(|row| key(&[&name, &format!("{row:03}")])));
        expected.push(child(key(&[&name]), false, true));
    }
    for limit in [1, 7, 1000] {
        assert_eq!(children(&fixture, &key(&[]), limit), expected);
    }
}

#[test]
fn a_count_stops_when_told_to_and_says_so() {
    let fixture = Fixture::new();
    for group in 0..9 {
        set_all(
            &fixture,
            (0..1000).map(|row| key(&["p", &format!("{group} {row}")])),
        );
    }
    set_all(&fixture, [key(&["q"]), key(&["p"])]);
    let below = KeyRange::below(&key(&["p"]));
    assert_eq!(fixture.count(&below).0, 9000);
    let mut reports = 0;
    let counted = fixture
        .store()
        .count(&below, &mut |_| {
            reports += 1;
            std::ops::ControlFlow::Break(())
        })
        .unwrap();
    assert!(!counted.complete);
    assert_eq!((counted.entries, reports), (4096, 1));
    assert_eq!(fixture.count(&KeyRange::only(&key(&["q"]))), (1, 4));
}
