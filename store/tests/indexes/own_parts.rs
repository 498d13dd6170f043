//! Records with several parts of their own, and indexes beside and above them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use keyglass_store::embedded::Store;
use keyglass_store::indexes::{Index, Problem, check, find, set_with_indexes};
use keyglass_store::limits::Limits;
use keyglass_store::{AtomicOperation, CommitOutcome, Database, EncodedKey, StoredValue};
use proptest::prelude::*;

use crate::checking::{key, looked, store, value};
use crate::counting::Counting;

/// A record by its own parts, up to three of them.
type Own = [usize; 3];

/// How a program keeps records and an index, by a rule of this test's own.
#[derive(Debug, Clone, Copy)]
struct Layout {
    /// The key of a record, with `0`, `1` and `2` in braces for its own parts.
    record: &'static str,
    /// The key of the index, with `{e}` for the address in the record.
    entry: &'static str,
    /// What stands there, with `{r}` for the whole record.
    value: &'static str,
}

const LAYOUTS: &[Layout] = &[
    Layout {
        record: "['orgs', 'o{0}', 'users', {1}]",
        entry: "['orgs', 'o{0}', 'users_by_email', '{e}']",
        value: "{1}",
    },
    Layout {
        record: "['orgs', 'o{0}', 'users', {1}]",
        entry: "['users_by_email', '{e}']",
        value: "['o{0}', {1}]",
    },
    Layout {
        record: "['orgs', 'o{0}', 'users', {1}]",
        entry: "['users_by_email', '{e}']",
        value: "['orgs', 'o{0}', 'users', {1}]",
    },
    Layout {
        record: "['users', 'o{0}', {1}]",
        entry: "['users_by_email', '{e}', {1}, 'o{0}']",
        value: "true",
    },
    Layout {
        record: "['users', 'o{0}', {1}]",
        entry: "['users_by_email', 'o{0}', '{e}']",
        value: "{1}",
    },
    Layout {
        record: "['o{0}', 'users', {1}]",
        entry: "['o{0}', 'users_by_email', '{e}']",
        value: "['o{0}', 'users', {1}]",
    },
    Layout {
        record: "['o{0}', 't{1}', 'users', {2}]",
        entry: "['users_by_email', '{e}']",
        value: "['o{0}', 't{1}', {2}]",
    },
    Layout {
        record: "['orgs', 'o{0}', 'teams', 't{1}', 'users', {2}]",
        entry: "['orgs', 'o{0}', 'teams', 't{1}', 'users_by_email', '{e}']",
        value: "{2}",
    },
    Layout {
        record: "['orgs', 'o{0}', 'teams', 't{1}', 'users', {2}]",
        entry: "['orgs', 'o{0}', 'users_by_email', '{e}']",
        value: "['orgs', 'o{0}', 'teams', 't{1}', 'users', {2}]",
    },
    Layout {
        record: "['orgs', 'o{0}', 'teams', 't{1}', 'users', {2}]",
        entry: "['orgs', 'o{0}', 'users_by_email', '{e}', 't{1}', {2}]",
        value: "{r}",
    },
    Layout {
        record: "['teams', 'o{0}', 't{1}', {2}]",
        entry: "['by_email', '{e}', {2}, 't{1}', 'o{0}']",
        value: "null",
    },
];

impl Layout {
    fn parts(&self) -> usize {
        if self.record.contains("{2}") { 3 } else { 2 }
    }

    fn fill(template: &str, own: Own, email: &str, record: &str) -> String {
        let mut text = template.replace("{e}", email).replace("{r}", record);
        for (number, part) in own.iter().enumerate() {
            text = text.replace(&format!("{{{number}}}"), &part.to_string());
        }
        text
    }

    /// All records that there may be.
    fn grid(&self) -> Vec<Own> {
        let last = if self.parts() == 3 { 3 } else { 1 };
        let grid =
            (0..3).flat_map(|one| (0..3).flat_map(move |two| (0..last).map(move |three| [one, two, three])));
        grid.collect()
    }

    fn email(own: Own) -> String {
        format!("e{}{}{}@x", own[0], own[1], own[2])
    }

    fn key(&self, own: Own) -> EncodedKey {
        key(&Self::fill(self.record, own, "", ""))
    }

    fn entry(&self, own: Own, email: &str) -> (EncodedKey, StoredValue) {
        let record = Self::record(email);
        let at = key(&Self::fill(self.entry, own, email, &record));
        (at, value(&Self::fill(self.value, own, email, &record)))
    }

    fn record(email: &str) -> String {
        format!("{{name: 'somebody', contact: {{email: '{email}'}}, age: 40}}")
    }

    /// The record that an entry names, by what its key says and then by what is stored.
    fn named(&self, at: &EncodedKey, stored: &StoredValue) -> Option<Own> {
        let says = |own: Own, number: usize| {
            // The key says an own part if it would be another with another one.
            let mut other = own;
            other[number] += 5;
            Self::fill(self.entry, own, "", "") != Self::fill(self.entry, other, "", "")
        };
        let in_key = |own: Own| {
            let text = at.decode().unwrap().to_string();
            (0..self.parts()).all(|number| {
                let placeholder = format!("{{{number}}}");
                let place = self
                    .entry
                    .trim_matches(['[', ']'])
                    .split(", ")
                    .position(|part| part.contains(&placeholder));
                let parts: Vec<&str> = text.trim_matches(['[', ']']).split(", ").collect();
                place.is_none_or(|place| {
                    let part = parts[place].trim_matches(|letter: char| !letter.is_ascii_digit());
                    part == own[number].to_string()
                })
            })
        };
        let all_in_key = (0..self.parts()).all(|number| says([0; 3], number));
        let mut fitting = self.grid().into_iter().filter(|own| in_key(*own));
        if all_in_key {
            return fitting.next();
        }
        let by_value = self
            .grid()
            .into_iter()
            .find(|own| self.entry(*own, "").1 == *stored)?;
        // What the key says counts first.
        fitting
            .find(|own| (0..self.parts()).all(|number| says(*own, number) || own[number] == by_value[number]))
    }
}

/// What is broken in a database, by the numbers of records.
#[derive(Debug, Clone)]
enum Damage {
    LoseRecord(usize),
    LoseEntry(usize),
    Rewrite(usize),
    /// The entry says what that of another record does.
    Confuse(usize, usize),
    /// The record has another address than its entry.
    Move(usize),
    /// An entry of an address that nobody has.
    Invent(usize),
}

fn any_damage() -> impl Strategy<Value = Damage> {
    let any = 0_usize..27;
    prop_oneof![
        any.clone().prop_map(Damage::LoseRecord),
        any.clone().prop_map(Damage::LoseEntry),
        any.clone().prop_map(Damage::Rewrite),
        (any.clone(), any.clone()).prop_map(|(one, other)| Damage::Confuse(one, other)),
        any.clone().prop_map(Damage::Move),
        any.prop_map(Damage::Invent),
    ]
}

/// What a person would be told, and of which key.
fn told(problem: &Problem) -> (&'static str, EncodedKey) {
    let what = match problem {
        Problem::NoEntry { .. } => "no entry",
        Problem::NoRecord { .. } => "no record",
        Problem::Disagrees { value: Some(_), .. } => "disagrees",
        Problem::Disagrees { value: None, .. } => "left over",
        Problem::TwoRecords { .. } => "two records",
    };
    (what, problem.key().clone())
}

fn filled(layout: &Layout) -> (tempfile::TempDir, Store) {
    let (folder, store) = store(&[("['settings', 'theme']".to_owned(), "'dark'".to_owned())]);
    let mut operation = AtomicOperation::new();
    for own in layout.grid() {
        let email = Layout::email(own);
        let (at, stored) = layout.entry(own, &email);
        operation = operation
            .set(layout.key(own), value(&Layout::record(&email)))
            .set(at, stored);
    }
    assert!(matches!(
        store.commit(operation).unwrap(),
        CommitOutcome::Committed(_)
    ));
    (folder, store)
}

/// The prefix of the record with these own parts.
fn prefix(layout: &Layout, own: Own) -> EncodedKey {
    keyglass_store::indexes::records_of(&layout.key(own)).unwrap()
}

fn found(store: &Store, layout: &Layout, own: Own) -> Vec<Index> {
    find(store, &prefix(layout, own)).unwrap()
}

#[test]
fn an_index_is_found_from_any_record_whatever_its_own_parts_are() {
    for layout in LAYOUTS {
        let (_folder, store) = filled(layout);
        let first = found(&store, layout, [0; 3]);
        assert_eq!(first.len(), 1, "{layout:?} {first:#?}");
        assert_eq!(
            first[0].records.own_count(),
            layout.parts(),
            "{layout:?} {first:#?}"
        );
        for own in layout.grid().into_iter().step_by(4) {
            assert_eq!(found(&store, layout, own), first, "{layout:?} {own:?}");
            let entry = layout.entry(own, &Layout::email(own));
            let record = value(&Layout::record(&Layout::email(own)));
            assert_eq!(
                first[0].entry_of(&layout.key(own), &record),
                Some(entry),
                "{layout:?}"
            );
        }
    }
}

#[test]
fn an_index_says_where_it_stands_and_by_what() {
    let texts: Vec<String> = [0, 1, 3, 9]
        .into_iter()
        .map(|number| {
            let (_folder, store) = filled(&LAYOUTS[number]);
            let index = found(&store, &LAYOUTS[number], [0; 3]).remove(0);
            format!("{index}, of {}", index.records)
        })
        .collect();
    assert_eq!(
        texts,
        [
            r#"["orgs", *, "users_by_email"] by contact.email, of ["orgs", *, "users", *]"#,
            r#"["users_by_email"] by contact.email, of ["orgs", *, "users", *]"#,
            r#"["users_by_email"] by contact.email and the last part of its key and part 2 of its key, of ["users", *, *]"#,
            r#"["orgs", *, "users_by_email"] by contact.email and part 4 of its key and the last part of its key, of ["orgs", *, "teams", *, "users", *]"#,
        ]
    );
}

#[test]
fn what_only_one_organisation_has_is_an_index_of_its_records_alone() {
    let mut entries = Vec::new();
    for id in 0..4 {
        for org in ["a", "b"] {
            entries.push((
                format!("['orgs', '{org}', 'users', {id}]"),
                format!("{{email: '{org}{id}@x'}}"),
            ));
        }
        entries.push((
            format!("['orgs', 'a', 'users_by_email', 'a{id}@x']"),
            id.to_string(),
        ));
    }
    let (_folder, store) = store(&entries);
    let indexes = find(&store, &key("['orgs', 'a', 'users']")).unwrap();
    assert_eq!(indexes.len(), 1);
    assert_eq!(indexes[0].records.to_string(), r#"["orgs", "a", "users", *]"#);
    let report = looked(&store, &indexes);
    assert_eq!((report.records, report.entries, report.problems), (4, 4, vec![]));
    assert_eq!(find(&store, &key("['orgs', 'b', 'users']")).unwrap(), []);
}

#[test]
fn the_first_record_of_an_organisation_is_set_with_an_index_as_those_of_the_others() {
    let layout = &LAYOUTS[0];
    let (_folder, store) = filled(layout);
    let at = key("['orgs', 'new', 'users', 7]");
    let indexes = find(&store, &key("['orgs', 'new', 'users']")).unwrap();
    let set = set_with_indexes(&indexes, &at, &value(&Layout::record("new@x")), None, |key| {
        store.get(key).unwrap()
    });
    assert!(matches!(store.commit(set).unwrap(), CommitOutcome::Committed(_)));
    let entry = store
        .get(&key("['orgs', 'new', 'users_by_email', 'new@x']"))
        .unwrap();
    assert_eq!(entry.unwrap().value, value("7"));
    assert_eq!(looked(&store, &indexes).problems, []);
}

#[test]
fn what_lies_between_the_records_is_left_out_and_not_read() {
    let layout = &LAYOUTS[0];
    let (_folder, store) = filled(layout);
    for org in 0..3 {
        for from in (0..6000).step_by(500) {
            let events = (from..from + 500).fold(AtomicOperation::new(), |operation, number| {
                operation.set(
                    key(&format!("['orgs', 'o{org}', 'events', {number}]")),
                    value("1"),
                )
            });
            store.commit(events).unwrap();
        }
    }
    let indexes = found(&store, layout, [1, 1, 0]);
    assert_eq!(indexes.len(), 1);
    let counting = Counting::new(store);
    let report = check(&counting, &indexes, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((report.records, report.entries), (9, 9));
    let read = counting.0.entries();
    assert!(read < 18_000 / 4, "{read} entries were read");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_check_tells_what_is_broken_and_nothing_else_and_nothing_after_the_repair(
        number in 0..LAYOUTS.len(),
        damages in prop::collection::vec(any_damage(), 0..8),
    ) {
        let layout = &LAYOUTS[number];
        let (_folder, store) = filled(layout);
        let indexes = found(&store, layout, [1, 1, 0]);
        prop_assert_eq!(indexes.len(), 1);
        let grid = layout.grid();
        let nth = |at: usize| grid[at % grid.len()];
        // What each record has for an address, and what stands in the index.
        let mut emails: BTreeMap<Own, String> = grid.iter().map(|own| (*own, Layout::email(*own))).collect();
        let mut entries: BTreeMap<EncodedKey, StoredValue> =
            grid.iter().map(|own| layout.entry(*own, &Layout::email(*own))).collect();
        for (turn, damage) in damages.into_iter().enumerate() {
            let of = |own: Own| layout.entry(own, &Layout::email(own)).0;
            match damage {
                Damage::LoseRecord(at) => {
                    emails.remove(&nth(at));
                }
                Damage::LoseEntry(at) => {
                    entries.remove(&of(nth(at)));
                }
                Damage::Rewrite(at) => {
                    entries.insert(of(nth(at)), value("'something else'"));
                }
                Damage::Confuse(one, other) => {
                    let says = layout.entry(nth(other), &Layout::email(nth(other))).1;
                    entries.insert(of(nth(one)), says);
                }
                Damage::Move(at) => {
                    emails.entry(nth(at)).and_modify(|email| *email = format!("moved{turn}@x"));
                }
                Damage::Invent(at) => {
                    let (at, stored) = layout.entry(nth(at), &format!("invented{turn}@x"));
                    entries.insert(at, stored);
                }
            }
        }
        let mut broken = AtomicOperation::new();
        for own in &grid {
            broken = match emails.get(own) {
                Some(email) => broken.set(layout.key(*own), value(&Layout::record(email))),
                None => broken.delete(layout.key(*own)),
            };
            let (at, _) = layout.entry(*own, &Layout::email(*own));
            if !entries.contains_key(&at) {
                broken = broken.delete(at);
            }
        }
        for (at, stored) in &entries {
            broken = broken.set(at.clone(), stored.clone());
        }
        store.commit(broken).unwrap();

        let due: BTreeMap<EncodedKey, StoredValue> =
            emails.iter().map(|(own, email)| layout.entry(*own, email)).collect();
        let mut expected: BTreeSet<(&str, EncodedKey)> = BTreeSet::new();
        for (at, stored) in &due {
            match entries.get(at) {
                None => expected.insert(("no entry", at.clone())),
                Some(there) if there != stored => expected.insert(("disagrees", at.clone())),
                Some(_) => false,
            };
        }
        for (at, stored) in entries.iter().filter(|(at, _)| !due.contains_key(at)) {
            let named = layout.named(at, stored).is_some_and(|own| emails.contains_key(&own));
            expected.insert((if named { "left over" } else { "no record" }, at.clone()));
        }
        let report = looked(&store, &indexes);
        let all: Vec<_> = report.problems.iter().map(told).collect();
        prop_assert_eq!(all.len(), expected.len(), "{:#?}", report);
        prop_assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), expected);
        prop_assert_eq!((report.records, report.entries), (emails.len() as u64, entries.len() as u64));

        let (repair, repaired) = report.repair(&Limits::DENO);
        prop_assert_eq!(repaired, report.problems.len());
        prop_assert!(matches!(store.commit(repair).unwrap(), CommitOutcome::Committed(_)));
        prop_assert_eq!(looked(&store, &indexes).problems, vec![]);
        for (at, stored) in &due {
            prop_assert_eq!(store.get(at).unwrap().map(|entry| entry.value), Some(stored.clone()));
        }
        for own in &grid {
            let there = store.get(&layout.key(*own)).unwrap().map(|entry| entry.value);
            let record = emails.get(own).map(|email| value(&Layout::record(email)));
            prop_assert_eq!(there, record, "a repair changes no record");
        }
    }
}
