//! The tree against a plain one that is flattened anew each time, through random changes, unfolding and answers.

use std::collections::BTreeSet;

use keyglass_store::database::{Before, Child, ChildrenPage, Reading};
use keyglass_store::value::{Encoding, StoredValue};
use keyglass_store::{Entry, Versionstamp};
use proptest::prelude::*;

use super::children::Children;
use super::chunk::Flags;
use super::*;
use crate::errand::Read;

/// Keys below each other, with a longer string that sorts behind all keys below a shorter one, and broken ones.
const KEYS: [&[u8]; 14] = [
    b"\x02a\0",
    b"\x02a\0\x02x\0",
    b"\x02a\0\x02x\0\x15\x05",
    b"\x02a\0\x02x\0\x15\x06",
    b"\x02a\0\x02y\0",
    b"\x02a\0\xffb\0",
    b"\x02a\0\xffb\0\x27",
    b"\x02b\0\x26",
    b"\x02b\0\x27",
    b"\x02broken",
    b"\x14",
    b"\x27",
    b"\x27\x15\x07",
    b"\xff\xff",
];

#[derive(Debug, Clone)]
enum Step {
    Set(usize),
    Delete(usize),
    Unfold(usize, usize),
    Fold(usize, usize),
    Refresh,
    Show(u64),
    /// The oldest question that waits is answered from what the database holds now.
    Look,
    /// The answer comes.
    Answer,
    /// The oldest change that nobody has heard of is told.
    Tell,
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0..KEYS.len();
    prop_oneof![
        3 => key.clone().prop_map(Step::Set),
        2 => key.clone().prop_map(Step::Delete),
        3 => (key.clone(), 0..3_usize).prop_map(|(key, parts)| Step::Unfold(key, parts)),
        1 => (key, 0..3_usize).prop_map(|(key, parts)| Step::Fold(key, parts)),
        1 => Just(Step::Refresh),
        3 => (0..8_u64).prop_map(Step::Show),
        4 => Just(Step::Look),
        4 => Just(Step::Answer),
        4 => Just(Step::Tell),
    ]
}

fn stored(index: usize) -> EncodedKey {
    EncodedKey::from_bytes(KEYS[index].to_vec())
}

pub(super) fn level(keys: &BTreeSet<EncodedKey>, prefix: &EncodedKey) -> Vec<Child> {
    let mut children: Vec<Child> = Vec::new();
    for key in keys {
        let ends = key.part_ends();
        let start = prefix.as_bytes().len();
        let is_boundary = start == 0 || ends.contains(&start);
        let Some(end) = ends.iter().find(|end| **end > start) else {
            continue;
        };
        if !key.is_at_or_below(prefix) || !is_boundary {
            continue;
        }
        let child = key.truncated(*end);
        if children.last().is_none_or(|last| last.prefix != child) {
            children.push(Child {
                prefix: child.clone(),
                is_entry: false,
                has_children: false,
            });
        }
        let last = children.last_mut().unwrap();
        last.is_entry |= child == *key;
        last.has_children |= child != *key;
    }
    children
}

fn flatten(keys: &BTreeSet<EncodedKey>, unfolded: &BTreeSet<EncodedKey>) -> Vec<TreeRow> {
    fn below(
        prefix: &EncodedKey,
        depth: usize,
        keys: &BTreeSet<EncodedKey>,
        unfolded: &BTreeSet<EncodedKey>,
        rows: &mut Vec<TreeRow>,
    ) {
        for child in level(keys, prefix) {
            let is_open = child.has_children && unfolded.contains(&child.prefix);
            rows.push(TreeRow {
                prefix: child.prefix.clone(),
                depth,
                part_start: prefix.as_bytes().len(),
                kind: TreeRowKind::Node {
                    is_entry: child.is_entry,
                    folder: child.has_children.then_some(is_open),
                },
            });
            if is_open {
                below(&child.prefix, depth + 1, keys, unfolded, rows);
            }
        }
    }
    let mut rows = Vec::new();
    below(&EncodedKey::default(), 0, keys, unfolded, &mut rows);
    rows
}

/// A database that is slow to answer and to tell of changes.
#[derive(Default)]
struct World {
    tree: KeyTree,
    keys: BTreeSet<EncodedKey>,
    unfolded: BTreeSet<EncodedKey>,
    questions: Vec<(u64, EncodedKey, Option<EncodedKey>, usize)>,
    answers: Vec<(u64, EncodedKey, Option<EncodedKey>, ChildrenPage)>,
    untold: Vec<ObservedChange>,
}

impl World {
    fn hear_wants(&mut self) {
        for want in self.tree.take_wants() {
            if let Errand::Read(Read::Children {
                ticket,
                prefix,
                after,
                limit,
            }) = want
            {
                self.questions.push((ticket, prefix, after, limit));
            }
        }
    }

    fn look(&mut self) {
        if self.questions.is_empty() {
            return;
        }
        let (ticket, prefix, after, limit) = self.questions.remove(0);
        // Fewer than asked for, so that there are many pages.
        let limit = limit.min(2);
        let mut children = level(&self.keys, &prefix);
        children.retain(|child| Some(&child.prefix) > after.as_ref());
        let more = children.len() > limit;
        children.truncate(limit);
        self.answers
            .push((ticket, prefix, after, ChildrenPage { children, more }));
    }

    fn answer(&mut self) {
        if !self.answers.is_empty() {
            let (ticket, prefix, after, page) = self.answers.remove(0);
            self.tree
                .apply_children(ticket, &prefix, after.as_ref(), Ok(page));
        }
    }

    fn tell(&mut self) {
        if !self.untold.is_empty() {
            let change = self.untold.remove(0);
            self.tree.apply_change(&change);
        }
    }

    fn change(&mut self, key: EncodedKey, is_set: bool) {
        let is_change = if is_set {
            self.keys.insert(key.clone()) || is_set
        } else {
            self.keys.remove(&key)
        };
        if is_change {
            let entry = Entry {
                key: key.clone(),
                value: StoredValue {
                    encoding: Encoding::Bytes,
                    bytes: vec![1].into(),
                },
                versionstamp: Versionstamp::from_counter(1),
                expires_at: None,
            };
            self.untold.push(ObservedChange {
                noticed_at: 0,
                versionstamp: Versionstamp::from_counter(1),
                before: Before::Unknown,
                after: is_set.then_some(entry),
                key,
            });
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Set(index) => self.change(stored(index), true),
            Step::Delete(index) => self.change(stored(index), false),
            Step::Unfold(index, parts) | Step::Fold(index, parts) => {
                let key = stored(index);
                let Some(end) = key.part_ends().get(parts).copied() else {
                    return;
                };
                let prefix = key.truncated(end);
                let expanded = matches!(step, Step::Unfold(..));
                self.tree.set_expanded(&prefix, expanded);
                if expanded {
                    self.unfolded.insert(prefix);
                } else {
                    self.unfolded.remove(&prefix);
                }
            }
            Step::Refresh => self.tree.refresh(),
            Step::Show(from) => self.tree.show(from..from + 4),
            Step::Look => self.look(),
            Step::Answer => self.answer(),
            Step::Tell => self.tell(),
        }
        self.hear_wants();
    }

    fn rows(&mut self) -> Vec<TreeRow> {
        let num_rows = self.tree.num_rows();
        (0..num_rows).map(|row| self.tree.row(row).unwrap()).collect()
    }

    fn check_places(&mut self) {
        let rows = self.rows();
        assert_eq!(self.tree.row(rows.len() as u64), None);
        for (index, row) in rows.iter().enumerate() {
            if row.kind != TreeRowKind::More {
                assert_eq!(self.tree.row_of(&row.prefix), Some(index as u64));
            }
        }
    }

    /// Until nobody has anything to say any more.
    fn come_to_rest(&mut self) {
        for _ in 0..1000 {
            let rows = self.tree.num_rows();
            self.tree.show(0..rows);
            self.hear_wants();
            if self.questions.is_empty() && self.answers.is_empty() && self.untold.is_empty() {
                return;
            }
            self.look();
            self.answer();
            self.tell();
        }
        panic!("the tree asks without end");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn the_tree_comes_to_show_what_is_there(
        present in prop::collection::btree_set(0..KEYS.len(), 0..KEYS.len()),
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let mut world = World {
            tree: KeyTree::new(Reading::Cheap),
            keys: present.into_iter().map(stored).collect(),
            ..World::default()
        };
        world.hear_wants();
        for step in steps {
            world.take(step);
            world.check_places();
        }
        world.come_to_rest();
        prop_assert_eq!(world.rows(), flatten(&world.keys, &world.unfolded));
    }
}

#[test]
fn a_child_that_goes_and_comes_while_its_level_is_read_is_there_in_the_end() {
    let mut world = World {
        tree: KeyTree::new(Reading::Cheap),
        keys: [4, 9].map(stored).into(),
        ..World::default()
    };
    world.hear_wants();
    let steps = [
        Step::Look,
        Step::Answer,
        Step::Delete(4),
        Step::Tell,
        Step::Show(0),
        Step::Look,
        Step::Set(1),
        Step::Tell,
        Step::Answer,
    ];
    steps.into_iter().for_each(|step| world.take(step));
    world.come_to_rest();
    assert_eq!(world.rows(), flatten(&world.keys, &world.unfolded));
    assert_eq!(world.rows().len(), 2);
}

/// A child of the plain list: its part, whether it has children, and the rows that are shown below it.
type PlainChild = (Vec<u8>, bool, Option<u64>);

#[derive(Debug, Clone)]
enum Edit {
    Insert(u16),
    Remove(u16),
    Open(u16, Option<u64>),
    Replace(u16, u16, Vec<u16>),
}

fn edit() -> impl Strategy<Value = Edit> {
    let number = 0..3000_u16;
    prop_oneof![
        4 => number.clone().prop_map(Edit::Insert),
        4 => number.clone().prop_map(Edit::Remove),
        4 => (number.clone(), prop::option::of(0..5_u64)).prop_map(|(at, rows)| Edit::Open(at, rows)),
        2 => (number.clone(), number.clone(), prop::collection::vec(number, 0..700))
            .prop_map(|(from, to, new)| Edit::Replace(from.min(to), from.max(to), new)),
    ]
}

fn part(number: u16) -> Vec<u8> {
    let mut part = number.to_be_bytes().to_vec();
    part.resize(2 + usize::from(number % 7), 9);
    part
}

const FOLDER: Flags = Flags {
    is_entry: false,
    has_children: true,
};

fn make(children: &mut Children, plain: &mut Vec<PlainChild>, edit: Edit) {
    let place = |plain: &[PlainChild], part: &[u8]| plain.binary_search_by(|child| child.0[..].cmp(part));
    match edit {
        Edit::Insert(number) => {
            let part = part(number);
            children.insert(&part, FOLDER);
            if let Err(at) = place(plain, &part) {
                plain.insert(at, (part, true, None));
            }
        }
        Edit::Remove(number) => {
            let gone = children.remove(&part(number));
            let at = place(plain, &part(number));
            let expected = at.map_or(0, |at| 1 + plain.remove(at).2.unwrap_or(0));
            assert_eq!(gone, expected);
        }
        Edit::Open(number, rows) => {
            children.set_open(&part(number), rows);
            if let Ok(at) = place(plain, &part(number)) {
                plain[at].2 = rows;
            }
        }
        Edit::Replace(from, to, mut new) => {
            new.retain(|number| *number > from && *number <= to);
            new.sort_unstable();
            new.dedup();
            let new: Vec<Vec<u8>> = new.into_iter().map(part).collect();
            let until = (to < 2900).then(|| part(to));
            let page = new.iter().map(|part| (&part[..], FOLDER));
            children.replace(Some(&part(from)), until.as_deref(), page, |part| {
                (part.len() == 3).then_some(3)
            });
            plain.retain(|child| {
                child.0 <= part(from) || until.as_ref().is_some_and(|until| child.0 > *until)
            });
            plain.extend(new.into_iter().map(|part| {
                let rows = (part.len() == 3).then_some(3);
                (part, true, rows)
            }));
            plain.sort_unstable();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_list_of_thousands_of_children_is_like_a_plain_one(edits in prop::collection::vec(edit(), 1..80)) {
        let mut children = Children::default();
        let mut plain: Vec<PlainChild> = Vec::new();
        let all: Vec<u16> = (0..2500).collect();
        make(&mut children, &mut plain, Edit::Replace(0, 3000, all));
        for edit in edits {
            make(&mut children, &mut plain, edit);
        }
        prop_assert_eq!(children.len(), plain.len());
        prop_assert_eq!(children.last(), plain.last().map(|child| &child.0[..]));
        let mut row = 0;
        let mut before: Option<&[u8]> = None;
        for (part, has_children, rows) in &plain {
            let found = children.at(row).unwrap();
            prop_assert_eq!((found.part, found.flags.has_children), (&part[..], *has_children));
            prop_assert_eq!((found.is_open, found.below), (rows.is_some(), None));
            prop_assert_eq!(children.row_of(part), Some(row));
            prop_assert_eq!(children.before(part), before);
            row += 1;
            for below in 0..rows.unwrap_or(0) {
                let found = children.at(row).unwrap();
                prop_assert_eq!((found.part, found.below), (&part[..], Some(below)));
                row += 1;
            }
            before = Some(part);
        }
        prop_assert_eq!(children.num_rows(), row);
        prop_assert_eq!(children.at(row), None);
    }
}

#[test]
fn a_million_loaded_rows_take_few_bytes_besides_their_keys() {
    let mut tree = KeyTree::new(Reading::Cheap);
    tree.take_wants();
    let root = EncodedKey::default();
    let mut after = None;
    for page in 0..50_u32 {
        let children = (0..20_000_u32).map(|at| Child {
            prefix: EncodedKey::from_bytes(
                [&[0x15_u8, 0x20][..], &(page * 20_000 + at).to_be_bytes()].concat(),
            ),
            is_entry: true,
            has_children: false,
        });
        let children: Vec<Child> = children.collect();
        let last = children.last().map(|last| last.prefix.clone());
        let page = ChildrenPage { children, more: true };
        let ticket = tree.wants.last_ticket;
        tree.apply_children(ticket, &root, after.as_ref(), Ok(page));
        let rows = tree.num_rows();
        tree.show(rows - 1..rows);
        tree.take_wants();
        after = last;
    }
    assert_eq!(tree.num_rows(), 1_000_001);
    let overhead = tree.all.forest.overhead();
    assert!(overhead < 6_000_000, "{overhead} bytes");
}

#[test]
fn where_reading_is_paid_for_nothing_is_counted_unless_asked() {
    let root = EncodedKey::default();
    let mut tree = KeyTree::new(Reading::Metered);
    let counts = |tree: &mut KeyTree| {
        let wants = tree.take_wants();
        let counts = wants.iter().filter(|errand| matches!(errand, Errand::Scan(_)));
        counts.count()
    };
    assert_eq!((tree.counted(&root, 0), counts(&mut tree)), (None, 0));
    assert!(tree.is_uncounted(&root));
    tree.ask_count(&root);
    assert_eq!((tree.is_uncounted(&root), counts(&mut tree)), (false, 1));
    let counted = Counted {
        entries: 7,
        complete: true,
        ..Counted::default()
    };
    tree.apply_count(&root, Ok(counted), Seen::default());
    tree.expire(0);
    tree.catch_up(0);
    assert_eq!(
        (tree.counted(&root, 10_000), counts(&mut tree)),
        (Some(counted), 0)
    );
    tree.refresh();
    assert!(tree.is_uncounted(&root) && counts(&mut tree) == 0);
}
