//! The filter against a plain one, through random keys, changes and answers.

use std::collections::BTreeSet;

use keyglass_store::database::{Before, Child, Reading};
use keyglass_store::key::{Key, KeyPart};
use keyglass_store::value::{Encoding, StoredValue};
use keyglass_store::{Entry, Versionstamp};
use proptest::prelude::*;

use super::sieve::Sieve;
use super::*;
use crate::errand::{Read, SieveState, SievedNode, Sift};
use crate::search::Pattern;

/// Keys of short parts, so that many share their beginning; a part of `x` matches the filter of these tests.
fn key() -> impl Strategy<Value = EncodedKey> {
    let parts = ["a", "b", "x", "xa", "ax", "a\0", "x\0b"];
    prop::collection::vec(prop::sample::select(parts.to_vec()), 1..4).prop_map(|parts| encoded(&parts))
}

fn encoded(parts: &[&str]) -> EncodedKey {
    let parts = parts.iter().map(|part| KeyPart::String((*part).to_owned()));
    Key(parts.collect()).encode().unwrap()
}

/// The state of a filter that has seen everything.
const END: SieveState = SieveState {
    looked_at: 9,
    found: 0,
    ended: true,
};

fn pattern() -> Pattern {
    Pattern::text("X", false).unwrap()
}

/// What the filter leaves of these keys, with nothing unfolded below what matches.
fn plain_rows(keys: &BTreeSet<EncodedKey>) -> Vec<TreeRow> {
    let mut rows: Vec<TreeRow> = Vec::new();
    for key in keys {
        let ends = key.part_ends();
        let starts: Vec<usize> = [0].iter().chain(&ends).copied().collect();
        let is_match = |at: &usize| pattern().is_in_part(&key.as_bytes()[starts[*at]..ends[*at]]);
        let Some(matched) = (0..ends.len()).find(is_match) else {
            continue;
        };
        for depth in 0..=matched {
            let prefix = key.truncated(ends[depth]);
            let is_folder = keys.iter().any(|other| {
                other.part_ends().contains(&ends[depth]) && other.is_at_or_below(&prefix) && *other != prefix
            });
            let row = TreeRow {
                depth,
                part_start: starts[depth],
                kind: TreeRowKind::Node {
                    is_entry: keys.contains(&prefix),
                    folder: is_folder.then_some(depth < matched),
                },
                prefix,
            };
            if !rows.iter().any(|known| known.prefix == row.prefix) {
                rows.push(row);
            }
        }
    }
    rows
}

fn rows(tree: &KeyTree) -> Vec<TreeRow> {
    let rows: Vec<TreeRow> = (0..tree.num_rows()).map(|row| tree.row(row).unwrap()).collect();
    for (index, row) in rows.iter().enumerate() {
        assert_eq!(tree.row_of(&row.prefix), Some(index as u64));
    }
    rows
}

fn filtered() -> KeyTree {
    let mut tree = KeyTree::new(Reading::Cheap);
    tree.set_filter("X");
    tree.take_wants();
    tree
}

/// The nodes of keys, of which `page` are read at a time.
fn sift(keys: &BTreeSet<EncodedKey>, page: usize) -> Vec<SievedNode> {
    let mut sieve = Sieve::new(pattern());
    let mut nodes = Vec::new();
    let mut start = EncodedKey::default();
    loop {
        let read: Vec<&EncodedKey> = keys.range(start.clone()..).take(page).collect();
        read.iter().for_each(|key| sieve.take(key, &mut nodes));
        let Some(last) = read.last() else {
            return nodes;
        };
        start = last.with_suffix(&[0]);
        start = sieve.resume().map_or(start.clone(), |resume| resume.max(start));
    }
}

fn change(key: &EncodedKey, is_set: bool) -> ObservedChange {
    let entry = Entry {
        key: key.clone(),
        value: StoredValue {
            encoding: Encoding::Bytes,
            bytes: vec![1].into(),
        },
        versionstamp: Versionstamp::from_counter(1),
        expires_at: None,
    };
    ObservedChange {
        noticed_at: 0,
        key: key.clone(),
        versionstamp: Versionstamp::from_counter(1),
        before: Before::Unknown,
        after: is_set.then_some(entry),
    }
}

/// Answers what the tree asks for from the keys that are there.
fn answer_all(tree: &mut KeyTree, keys: &BTreeSet<EncodedKey>) {
    for _ in 0..200 {
        tree.show(0..tree.num_rows());
        let wants = tree.take_wants();
        let is_question =
            |want: &Errand| matches!(want, Errand::Read(Read::Children { .. } | Read::Present { .. }));
        if !wants.iter().any(is_question) {
            return;
        }
        for want in wants {
            let (ticket, prefix, after, limit) = match want {
                Errand::Read(Read::Children {
                    ticket,
                    prefix,
                    after,
                    limit,
                }) => (ticket, prefix, after, limit),
                Errand::Read(Read::Present { ticket, keys: asked }) => {
                    let present = asked.into_iter().filter(|key| keys.contains(key));
                    tree.apply_present(ticket, Ok(present.collect()));
                    continue;
                }
                _ => continue,
            };
            let mut children = model_tests::level(keys, &prefix);
            children.retain(|child: &Child| Some(&child.prefix) > after.as_ref());
            let more = children.len() > limit;
            children.truncate(limit);
            let page = ChildrenPage { children, more };
            tree.apply_children(ticket, &prefix, after.as_ref(), Ok(page));
        }
    }
    panic!("the tree asks without end");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn a_filter_leaves_what_matches_and_what_is_above(
        keys in prop::collection::btree_set(key(), 0..30), page in 1..6_usize,
    ) {
        let mut tree = filtered();
        tree.apply_filtered(1, Ok(sift(&keys, page)), END);
        prop_assert_eq!(rows(&tree), plain_rows(&keys));
        let matching = plain_rows(&keys).iter().filter(|row| {
            pattern().is_in_part(&row.prefix.as_bytes()[row.part_start..])
        }).count();
        prop_assert_eq!(tree.filter_progress().unwrap().found, matching);
    }

    #[test]
    fn a_filtered_tree_follows_changes_also_while_it_is_made(
        present in prop::collection::btree_set(key(), 0..20),
        changes in prop::collection::vec((key(), any::<bool>()), 0..20),
        told_at in 0..20_usize,
    ) {
        let mut keys = present;
        let nodes = sift(&keys, 4);
        let mut tree = filtered();
        let told_at = told_at.min(changes.len());
        for (index, (key, is_set)) in changes.iter().enumerate() {
            if index == told_at {
                tree.apply_filtered(1, Ok(nodes.clone()), END);
            }
            if *is_set {
                keys.insert(key.clone());
            } else if !keys.remove(key) {
                continue;
            }
            tree.apply_change(&change(key, *is_set));
        }
        if told_at == changes.len() {
            tree.apply_filtered(1, Ok(nodes), END);
        }
        answer_all(&mut tree, &keys);
        prop_assert_eq!(rows(&tree), plain_rows(&keys));
    }
}

#[test]
fn what_matches_unfolds_and_what_is_above_folds_without_being_lost() {
    let keys = BTreeSet::from([
        encoded(&["a", "x", "b"]),
        encoded(&["a", "x", "c", "d"]),
        encoded(&["b", "ax"]),
    ]);
    let mut tree = filtered();
    tree.apply_filtered(1, Ok(sift(&keys, 10)), END);
    assert_eq!(tree.num_rows(), 4);
    tree.set_expanded(&encoded(&["a", "x"]), true);
    answer_all(&mut tree, &keys);
    assert_eq!(tree.num_rows(), 6);
    tree.set_expanded(&encoded(&["a"]), false);
    assert_eq!(tree.num_rows(), 3);
    // What changes in a folded level is there when it is unfolded.
    tree.apply_change(&change(&encoded(&["a", "xx"]), true));
    assert_eq!(tree.num_rows(), 3);
    tree.set_expanded(&encoded(&["a"]), true);
    assert_eq!(tree.num_rows(), 7);
    assert!(
        tree.expanded().next().is_none(),
        "what is unfolded below a filter is not kept"
    );
    tree.set_filter("");
    assert_eq!(tree.filter_progress(), None);
    assert!(matches!(
        &tree.take_wants()[..],
        [Errand::Sift(Sift::Stop { filter: 2 })]
    ));
}

#[test]
fn an_older_filters_answer_is_dropped() {
    let keys = BTreeSet::from([encoded(&["x"])]);
    let mut tree = filtered();
    tree.set_filter("xy");
    tree.apply_filtered(1, Ok(sift(&keys, 10)), END);
    assert_eq!(tree.num_rows(), 0);
    assert!(!tree.filter_progress().unwrap().ended);
}

#[test]
fn a_filter_that_has_found_too_much_says_so() {
    let mut tree = filtered();
    let full = SieveState {
        found: MATCH_LIMIT,
        ..END
    };
    tree.apply_filtered(1, Ok(Vec::new()), full);
    assert!(tree.filter_progress().unwrap().full);
}
