//! Secondary indexes: found among their neighbours, checked, and repaired.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use keyglass_store::embedded::Store;
use keyglass_store::indexes::{
    Index, IndexReport, PartSource, Problem, RecordPattern, ValueSource, check, find, set_with_indexes,
};
use keyglass_store::limits::Limits;
use keyglass_store::value::literal;
use keyglass_store::{AtomicOperation, CommitOutcome, Database, EncodedKey, Key, StoredValue};
use proptest::prelude::*;

pub(crate) fn key(text: &str) -> EncodedKey {
    text.parse::<Key>().unwrap().encode().unwrap()
}

pub(crate) fn value(text: &str) -> StoredValue {
    StoredValue::from_value(&literal::parse(text).unwrap()).unwrap()
}

pub(crate) fn store(entries: &[(String, String)]) -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path().join("test.kg")).unwrap();
    let mut operation = AtomicOperation::new();
    for (at, text) in entries {
        operation = operation.set(key(at), value(text));
    }
    let outcome = store.commit(operation).unwrap();
    assert!(matches!(outcome, CommitOutcome::Committed { .. }));
    (folder, store)
}

pub(crate) fn looked(store: &Store, indexes: &[Index]) -> IndexReport {
    check(store, indexes, &mut |_| ControlFlow::Continue(())).unwrap()
}

/// Records with an index of each kind.
fn users(number: usize) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    for id in 0..number {
        let city = ["Rome", "Oslo"][id % 2];
        let record = format!("{{name: 'n{id}', contact: {{email: 'e{id}@x'}}, city: '{city}', age: {id}}}");
        entries.push((format!("['users', {id}]"), record.clone()));
        entries.push((format!("['users_by_email', 'e{id}@x']"), id.to_string()));
        entries.push((format!("['users_by_city', '{city}', {id}]"), "true".to_owned()));
        entries.push((format!("['users_by_name', 'n{id}']"), format!("['users', {id}]")));
        entries.push((format!("['users', 'by_age', {id}, {id}]"), record));
        entries.push((format!("['orders', {id}]"), format!("{{user: {id}}}")));
    }
    entries
}

#[test]
fn indexes_of_every_kind_are_found_among_the_neighbours_and_nothing_else_is() {
    let (_folder, store) = store(&users(9));
    let mut found = find(&store, &key("['users']")).unwrap();
    found.sort_by(|one, other| one.entries.cmp(&other.entries));
    let field = |path: &[&str]| PartSource::Field(path.iter().map(|name| (*name).to_owned()).collect());
    let index = |prefix: &str, parts: Vec<PartSource>, value| Index {
        records: RecordPattern::below(&key("['users']")),
        entries: key(prefix)
            .decode()
            .unwrap()
            .0
            .into_iter()
            .map(PartSource::Fixed)
            .chain(parts)
            .collect(),
        value,
    };
    let expected = [
        index(
            "['users', 'by_age']",
            vec![field(&["age"]), PartSource::Own(0)],
            ValueSource::Record,
        ),
        index(
            "['users_by_city']",
            vec![field(&["city"]), PartSource::Own(0)],
            ValueSource::Nothing("true".to_owned()),
        ),
        index(
            "['users_by_email']",
            vec![field(&["contact", "email"])],
            ValueSource::Own(0),
        ),
        index("['users_by_name']", vec![field(&["name"])], ValueSource::Key),
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    assert_eq!(found, expected);
    assert_eq!(looked(&store, &found).problems, []);
    assert_eq!(find(&store, &key("['orders']")).unwrap(), []);
    assert_eq!(find(&store, &EncodedKey::default()).unwrap(), []);
}

#[test]
fn an_index_of_a_field_that_lies_deep_is_found_beside_a_wide_object() {
    let mut entries = Vec::new();
    for id in 0..9 {
        let record = format!(
            "{{name: 'n{id}', a: {{b: {{c: {{email: 'e{id}@x'}}}}}}, long: {{{}}}}}",
            (0..30)
                .map(|n| format!("f{n}: {{x: {n}}}"))
                .collect::<Vec<_>>()
                .join(", ")
        );
        entries.push((format!("['users', {id}]"), record));
        entries.push((format!("['users_by_email', 'e{id}@x']"), id.to_string()));
    }
    let (_folder, store) = store(&entries);
    let found = find(&store, &key("['users']")).unwrap();
    let path = ["a", "b", "c", "email"].map(str::to_owned).to_vec();
    assert_eq!(found[0].entries.last(), Some(&PartSource::Field(path)));
    assert_eq!(found.len(), 1);
    // The index follows the record.
    let set = set_with_indexes(
        &found,
        &key("['users', 3]"),
        &value("{a: {b: {c: {email: 'new@x'}}}}"),
        None,
        |key| store.get(key).unwrap(),
    );
    assert!(matches!(
        store.commit(set).unwrap(),
        CommitOutcome::Committed { .. }
    ));
    assert!(store.get(&key("['users_by_email', 'new@x']")).unwrap().is_some());
    assert!(store.get(&key("['users_by_email', 'e3@x']")).unwrap().is_none());
    assert!(looked(&store, &found).problems.is_empty());
}

#[test]
fn a_record_is_set_with_its_index_entries_and_an_old_one_gives_way() {
    let (_folder, store) = store(&users(3));
    let indexes = find(&store, &key("['users']")).unwrap();
    let changed = value("{name: 'n1', contact: {email: 'new@x'}, city: 'Rome', age: 1}");
    let standing = |key: &EncodedKey| store.get(key).unwrap();
    let operation = set_with_indexes(&indexes, &key("['users', 1]"), &changed, None, standing);
    store.commit(operation).unwrap();
    assert_eq!(looked(&store, &indexes).problems, []);
    assert_eq!(store.get(&key("['users_by_email', 'e1@x']")).unwrap(), None);
    let now = store.get(&key("['users_by_email', 'new@x']")).unwrap().unwrap();
    assert_eq!(now.value, value("1"));
    assert!(store.get(&key("['users_by_city', 'Oslo', 1]")).unwrap().is_none());
    // A new one, too.
    let new = value("{name: 'n7', contact: {email: 'e7@x'}, city: 'Oslo', age: 7}");
    let operation = set_with_indexes(&indexes, &key("['users', 7]"), &new, None, standing);
    store.commit(operation).unwrap();
    assert_eq!(
        looked(&store, &indexes),
        IndexReport {
            records: 4,
            entries: 16,
            is_complete: true,
            ..IndexReport::default()
        }
    );
}

#[test]
fn two_records_under_one_key_of_the_index_are_told_and_left_to_a_person() {
    let (_folder, store) = store(&users(3));
    let indexes = find(&store, &key("['users']")).unwrap();
    let twin = value("{name: 'n9', contact: {email: 'e0@x'}, city: 'Oslo', age: 9}");
    store
        .commit(AtomicOperation::new().set(key("['users', 9]"), twin))
        .unwrap();
    let report = looked(&store, &indexes);
    let twins: Vec<_> = report
        .problems
        .iter()
        .filter(|problem| matches!(problem, Problem::TwoRecords { .. }))
        .collect();
    assert_eq!(twins.len(), 1);
    let (operation, repaired) = report.repair(&Limits::DENO);
    assert_eq!(repaired, report.problems.len() - 1);
    store.commit(operation).unwrap();
    assert_eq!(looked(&store, &indexes).problems.len(), 1);
}

/// What is broken in a database.
#[derive(Debug, Clone)]
enum Damage {
    Lose(usize),
    Rewrite(usize),
    Invent(usize),
}

fn any_damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (0_usize..60).prop_map(Damage::Lose),
        (0_usize..60).prop_map(Damage::Rewrite),
        (0_usize..60).prop_map(Damage::Invent),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_broken_is_found_and_repaired_and_nothing_is_found_before(
        number in 2_usize..10,
        damages in prop::collection::vec(any_damage(), 0..6),
    ) {
        let entries: Vec<_> = users(number).into_iter().filter(|(at, _)| !at.contains("by_age")).collect();
        let (_folder, store) = store(&entries);
        let indexes = find(&store, &key("['users']")).unwrap();
        prop_assert_eq!(indexes.len(), 3);
        prop_assert_eq!(looked(&store, &indexes).problems, vec![]);
        // What stands there is held beside, as a plain map, to tell by the rule itself whether all fits.
        let mut model: BTreeMap<EncodedKey, StoredValue> =
            entries.iter().map(|(at, text)| (key(at), value(text))).collect();
        for damage in damages {
            let nth = |model: &BTreeMap<EncodedKey, StoredValue>, at: usize| {
                model.keys().nth(at % model.len()).unwrap().clone()
            };
            match damage {
                Damage::Lose(at) => {
                    let gone = nth(&model, at);
                    model.remove(&gone);
                    store.commit(AtomicOperation::new().delete(gone)).unwrap();
                }
                Damage::Rewrite(at) => {
                    let there = nth(&model, at);
                    let other = value("'something else'");
                    model.insert(there.clone(), other.clone());
                    store.commit(AtomicOperation::new().set(there, other)).unwrap();
                }
                Damage::Invent(at) => {
                    let there = key(&format!("['users_by_email', 'invented {at}']"));
                    model.insert(there.clone(), value(&(at % 12).to_string()));
                    store
                        .commit(AtomicOperation::new().set(there, value(&(at % 12).to_string())))
                        .unwrap();
                }
            }
        }
        let mut expected: BTreeMap<EncodedKey, StoredValue> = BTreeMap::new();
        for (at, stored) in &model {
            expected.extend(indexes.iter().filter_map(|index| index.entry_of(at, stored)));
        }
        let stands = |model: &BTreeMap<EncodedKey, StoredValue>| -> BTreeMap<EncodedKey, StoredValue> {
            let of_index = model.iter().filter(|(at, _)| indexes.iter().any(|index| index.has(at)));
            of_index.map(|(at, stored)| (at.clone(), stored.clone())).collect()
        };
        let report = looked(&store, &indexes);
        prop_assert_eq!(report.problems.is_empty(), stands(&model) == expected, "{:#?}", report);
        // One look may leave what the first repair uncovers.
        for _ in 0..3 {
            let (operation, _) = looked(&store, &indexes).repair(&Limits::DENO);
            prop_assert!(matches!(
                store.commit(operation).unwrap(),
                CommitOutcome::Committed(_)
            ));
        }
        prop_assert_eq!(looked(&store, &indexes).problems, vec![]);
        for (at, stored) in &expected {
            prop_assert_eq!(store.get(at).unwrap().map(|entry| entry.value), Some(stored.clone()));
        }
        for (at, stored) in model.iter().filter(|(at, _)| !indexes.iter().any(|index| index.has(at))) {
            let there = store.get(at).unwrap().map(|entry| entry.value);
            prop_assert_eq!(there.as_ref(), Some(stored), "a repair changes no record");
        }
    }
}
