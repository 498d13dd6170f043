//! The tree's behaviour, without pixels.

use keyglass_store::database::{Before, Child, Reading};
use keyglass_store::key::{Key, KeyPart};
use keyglass_store::value::{Encoding, StoredValue};
use keyglass_store::{DatabaseError, Entry, Versionstamp};

use super::*;
use crate::errand::Read;

fn key(parts: &[&str]) -> EncodedKey {
    Key(parts
        .iter()
        .map(|part| KeyPart::String((*part).to_owned()))
        .collect())
    .encode()
    .unwrap()
}

fn child(parts: &[&str], is_entry: bool, has_children: bool) -> Child {
    Child {
        prefix: key(parts),
        is_entry,
        has_children,
    }
}

fn entry(key: &EncodedKey) -> Entry {
    let value = StoredValue {
        encoding: Encoding::Bytes,
        bytes: vec![1, 2].into(),
    };
    Entry {
        key: key.clone(),
        value,
        versionstamp: Versionstamp::from_counter(1),
        expires_at: None,
    }
}

fn set(parts: &[&str]) -> ObservedChange {
    let key = key(parts);
    ObservedChange {
        noticed_at: 0,
        versionstamp: Versionstamp::from_counter(1),
        before: Before::Absent,
        after: Some(entry(&key)),
        key,
    }
}

/// Answers what was asked for last.
fn answer(
    tree: &mut KeyTree,
    prefix: &EncodedKey,
    after: Option<&EncodedKey>,
    page: Result<ChildrenPage, ReadError>,
) {
    let ticket = tree.wants.last_ticket;
    tree.apply_children(ticket, prefix, after, page);
}

fn tree() -> KeyTree {
    let mut tree = KeyTree::new(Reading::Cheap);
    let page = ChildrenPage {
        children: vec![child(&["a"], true, false), child(&["users"], false, true)],
        more: false,
    };
    answer(&mut tree, &EncodedKey::default(), None, Ok(page));
    tree.take_wants();
    tree
}

fn rows(tree: &mut KeyTree) -> Vec<TreeRow> {
    let num_rows = tree.num_rows();
    (0..num_rows).map(|row| tree.row(row).unwrap()).collect()
}

fn shown(tree: &mut KeyTree) -> Vec<(usize, String)> {
    rows(tree)
        .into_iter()
        .map(|row| (row.depth, row.prefix.to_string()))
        .collect()
}

#[test]
fn expanding_asks_for_a_level_once_and_shows_it_when_it_comes() {
    let mut tree = tree();
    tree.set_expanded(&key(&["users"]), true);
    tree.set_expanded(&key(&["users"]), true);
    assert_eq!(tree.take_wants().len(), 1);
    assert_eq!(tree.num_rows(), 2);
    let page = ChildrenPage {
        children: vec![child(&["users", "ada"], true, false)],
        more: true,
    };
    answer(&mut tree, &key(&["users"]), None, Ok(page));
    assert_eq!(tree.num_rows(), 4);
    assert_eq!(tree.row(3).unwrap().kind, TreeRowKind::More);
    tree.show(0..4);
    assert!(
        matches!(&tree.take_wants()[..], [Errand::Read(Read::Children { after: Some(after), .. })] if *after == key(&["users", "ada"]))
    );
}

#[test]
fn a_new_key_appears_in_its_place_and_is_counted() {
    let mut tree = tree();
    tree.apply_count(
        &EncodedKey::default(),
        Ok(Counted {
            expired: 0,
            entries: 9,
            bytes: 90,
            complete: true,
        }),
        Seen::default(),
    );
    tree.apply_change(&set(&["m", "x"]));
    assert_eq!(
        shown(&mut tree),
        [
            (0, r#"["a"]"#.to_owned()),
            (0, r#"["m"]"#.to_owned()),
            (0, r#"["users"]"#.to_owned())
        ]
    );
    assert!(tree.flashes.is_marked(&key(&["m"])));
    assert_eq!(tree.counted(&EncodedKey::default(), 0).unwrap().entries, 10);
}

#[test]
fn a_deleted_entry_leaves_at_once_and_a_folder_is_asked_for() {
    let delete = |parts: &[&str]| ObservedChange {
        after: None,
        before: Before::Entry(entry(&key(parts))),
        ..set(parts)
    };
    let mut tree = tree();
    tree.apply_change(&delete(&["a"]));
    assert_eq!(shown(&mut tree), [(0, r#"["users"]"#.to_owned())]);
    tree.show(0..1);
    assert!(tree.take_wants().is_empty());
    tree.apply_change(&delete(&["users", "ada"]));
    assert_eq!(tree.num_rows(), 1);
    tree.show(0..1);
    assert!(matches!(
        &tree.take_wants()[..],
        [Errand::Read(Read::Children { after: None, .. })]
    ));
    answer(
        &mut tree,
        &EncodedKey::default(),
        None,
        Ok(ChildrenPage::default()),
    );
    assert_eq!(tree.num_rows(), 0);
}

#[test]
fn what_follows_is_asked_for_when_all_that_was_loaded_has_gone() {
    let mut tree = KeyTree::new(Reading::Cheap);
    tree.take_wants();
    let page = ChildrenPage {
        children: vec![child(&["a"], true, false)],
        more: true,
    };
    answer(&mut tree, &EncodedKey::default(), None, Ok(page));
    tree.apply_change(&ObservedChange {
        after: None,
        ..set(&["a"])
    });
    assert_eq!(tree.num_rows(), 0);
    tree.show(0..0);
    assert!(matches!(
        &tree.take_wants()[..],
        [Errand::Read(Read::Children { after: None, .. })]
    ));
}

#[test]
fn a_folder_that_could_not_be_read_is_read_again_on_refresh() {
    let mut tree = tree();
    tree.set_expanded(&key(&["users"]), true);
    answer(
        &mut tree,
        &key(&["users"]),
        None,
        Err(DatabaseError::Type("The disk is gone".to_owned()).into()),
    );
    assert_eq!(tree.error.as_deref(), Some("The disk is gone"));
    tree.take_wants();
    tree.refresh();
    tree.show(0..2);
    let asked = tree.take_wants();
    let prefixes = asked.iter().filter_map(|want| match want {
        Errand::Read(Read::Children { prefix, .. }) => Some(prefix.clone()),
        _ => None,
    });
    let mut prefixes: Vec<EncodedKey> = prefixes.collect();
    prefixes.sort();
    assert_eq!(prefixes, [EncodedKey::default(), key(&["users"])]);
}

#[test]
fn a_level_that_is_read_on_and_on_comes_in_larger_pages() {
    let mut tree = tree();
    let page = |tree: &mut KeyTree, from: usize, number: usize| {
        let children = (from..from + number).map(|at| child(&[&format!("x{at:06}")], true, false));
        let after = (from > 0).then(|| key(&[&format!("x{:06}", from - 1)]));
        let page = ChildrenPage {
            children: children.collect(),
            more: true,
        };
        answer(tree, &EncodedKey::default(), after.as_ref(), Ok(page));
        let rows = tree.num_rows();
        tree.show(rows - 1..rows);
        match &tree.take_wants()[..] {
            [Errand::Read(Read::Children { limit, .. })] => *limit,
            other => panic!("{other:?}"),
        }
    };
    tree.refresh();
    tree.show(0..1);
    tree.take_wants();
    assert_eq!(page(&mut tree, 0, 500), 500);
    assert_eq!(page(&mut tree, 500, 500), 1000);
    assert_eq!(page(&mut tree, 1000, 1000), 2000);
}

#[test]
fn a_change_of_unknown_size_makes_the_number_be_counted_again_later() {
    let mut tree = tree();
    tree.counted(&key(&["a"]), 0);
    tree.apply_count(
        &key(&["a"]),
        Ok(Counted {
            expired: 0,
            entries: 1,
            bytes: 2,
            complete: true,
        }),
        Seen::default(),
    );
    tree.take_wants();
    tree.apply_change(&ObservedChange {
        before: Before::Unknown,
        ..set(&["a"])
    });
    assert_eq!(tree.counted(&key(&["a"]), 10).unwrap().entries, 1);
    assert!(tree.take_wants().is_empty());
    assert_eq!(tree.next_recount(10), Some(counts::RECOUNT_DELAY - 10));
    assert_eq!(
        tree.next_recount(10),
        None,
        "only what is looked at is counted again"
    );
    tree.counted(&key(&["a"]), counts::RECOUNT_DELAY);
    assert!(matches!(&tree.take_wants()[..], [Errand::Scan(Scan::Count(_))]));
}

#[test]
fn a_change_that_a_count_has_seen_is_not_counted_twice() {
    let mut tree = tree();
    let version = |number| Some(Versionstamp::from_counter(number));
    let change = |number| {
        let mut change = set(&["m", "x"]);
        change.after.as_mut().unwrap().versionstamp = Versionstamp::from_counter(number);
        change
    };
    tree.counted(&EncodedKey::default(), 0);
    let counted = Counted {
        expired: 0,
        entries: 9,
        bytes: 90,
        complete: true,
    };
    let seen = Seen {
        all: version(5),
        newest: version(7),
    };
    tree.apply_count(&EncodedKey::default(), Ok(counted), seen);
    tree.apply_change(&change(5));
    assert_eq!(tree.counted(&EncodedKey::default(), 0).unwrap().entries, 9);
    assert_eq!(tree.next_recount(0), None);
    tree.apply_change(&change(8));
    assert_eq!(tree.counted(&EncodedKey::default(), 0).unwrap().entries, 10);
    // It may have seen this one or not.
    tree.apply_change(&change(6));
    assert_eq!(tree.counted(&EncodedKey::default(), 0).unwrap().entries, 10);
    assert_eq!(tree.next_recount(0), Some(counts::RECOUNT_DELAY));
}
