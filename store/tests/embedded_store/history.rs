//! Earlier versions that a store keeps.

use std::collections::BTreeMap;

use keyglass_store::embedded::{OpenOptions, Store};
use keyglass_store::history::DAY;
use keyglass_store::{
    AtomicOperation, Clock, CommitOutcome, Database, DatabaseError, EncodedKey, Ended, HistoryRule,
    HistoryRules, MutationKind, PastVersion, Versionstamp,
};
use proptest::prelude::*;

use crate::fixture::{Fixture, bytes, copy, eventually, key};

fn rule(prefix: &EncodedKey, versions: Option<u32>, milliseconds: Option<i64>) -> HistoryRules {
    HistoryRules::default().with(HistoryRule {
        prefix: prefix.clone(),
        versions,
        milliseconds,
    })
}

fn keep(fixture: &Fixture, prefix: &EncodedKey, versions: Option<u32>, milliseconds: Option<i64>) {
    let rules = rule(prefix, versions, milliseconds);
    fixture.store().set_history(rules).unwrap();
}

fn texts(versions: &[PastVersion]) -> Vec<String> {
    let text = |past: &PastVersion| String::from_utf8(past.entry.value.bytes.to_vec()).unwrap();
    versions.iter().map(text).collect()
}

fn versions(store: &dyn Database, key: &EncodedKey) -> Vec<String> {
    texts(&store.versions(key, None, usize::MAX).unwrap())
}

fn gone(store: &dyn Database, prefix: &EncodedKey) -> Vec<EncodedKey> {
    let page = store.deleted(prefix, None, usize::MAX).unwrap();
    assert_eq!(page.next, None);
    page.deleted.into_iter().map(|past| past.entry.key).collect()
}

#[test]
fn a_store_that_was_not_asked_keeps_nothing_and_has_no_keyspace_for_it() {
    let fixture = Fixture::new();
    fixture.set(&key(&["a"]), "1");
    fixture.set(&key(&["a"]), "2");
    assert!(fixture.store().history().unwrap().is_off());
    assert_eq!(versions(fixture.store(), &key(&["a"])), [""; 0]);
    let keyspaces = fixture.folder.path().join("store/keyspaces");
    assert_eq!(std::fs::read_dir(keyspaces).unwrap().count(), 3);
}

#[test]
fn what_is_replaced_deleted_or_expires_is_kept_with_what_ended_it() {
    let fixture = Fixture::new();
    let (a, at) = (key(&["users", "a"]), fixture.now());
    keep(&fixture, &key(&["users"]), Some(9), None);
    let first = fixture.set_expiring(&a, "1", at + 500);
    let second = fixture.set_expiring(&a, "2", at + 100);
    fixture.set(&key(&["elsewhere"]), "1");
    fixture.set(&key(&["elsewhere"]), "2");
    fixture.set_time(at + 100);
    eventually("the sweep", || {
        gone(fixture.store(), &key(&[])) == std::slice::from_ref(&a)
    });
    fixture.set_time(at + 120);
    let third = fixture.set(&a, "3");
    assert_eq!(gone(fixture.store(), &key(&[])), []);
    let deleted_by = fixture.commit(AtomicOperation::new().delete(a.clone()));
    let kept = fixture.store().versions(&a, None, 10).unwrap();
    assert_eq!(texts(&kept), ["3", "2", "1"]);
    let ends: Vec<_> = kept.iter().map(|past| (past.ended, past.ended_at - at)).collect();
    assert_eq!(
        ends,
        [(Ended::Deleted, 120), (Ended::Expired, 100), (Ended::Replaced, 0)]
    );
    let stamps: Vec<_> = kept.iter().map(|past| past.entry.versionstamp).collect();
    assert_eq!(stamps, [third, second, first]);
    assert_eq!((kept[0].ended_by, kept[2].ended_by), (deleted_by, second));
    assert_eq!(kept[2].entry.expires_at, Some(at + 500));
    assert_eq!(gone(fixture.store(), &key(&["users"])), std::slice::from_ref(&a));
    assert_eq!(gone(fixture.store(), &key(&["elsewhere"])), []);
    // In pages, from a version on.
    let page = fixture.store().versions(&a, Some(third), 1).unwrap();
    assert_eq!(texts(&page), ["2"]);
    assert_eq!(
        fixture
            .store()
            .check(&mut |_| std::ops::ControlFlow::Continue(()))
            .unwrap()
            .num_problems,
        0
    );
}

#[test]
fn a_version_comes_back_if_nothing_came_between_and_without_an_expiry_that_has_passed() {
    let fixture = Fixture::new();
    let (a, at) = (key(&["a"]), fixture.now());
    keep(&fixture, &key(&[]), Some(9), None);
    fixture.set_expiring(&a, "1", at + 100);
    let seen = fixture.set(&a, "2");
    let past = fixture.store().versions(&a, None, 1).unwrap().remove(0);
    let later = past.restore(Some(seen), at + 100);
    let outcome = fixture.store().commit(later.clone()).unwrap();
    assert!(matches!(outcome, CommitOutcome::Committed(_)));
    let entry = fixture.store().get(&a).unwrap().unwrap();
    assert_eq!((&entry.value, entry.expires_at), (&bytes("1"), None));
    let outcome = fixture.store().commit(later).unwrap();
    assert!(matches!(outcome, CommitOutcome::Conflict(_)));
    assert_eq!(versions(fixture.store(), &a), ["2", "1"]);
}

#[test]
fn no_bound_is_exceeded() {
    let fixture = Fixture::new();
    let (a, at) = (key(&["a"]), fixture.now());
    keep(&fixture, &key(&[]), Some(3), Some(DAY));
    for number in 0..10 {
        fixture.set(&a, &number.to_string());
    }
    assert_eq!(versions(fixture.store(), &a), ["8", "7", "6"]);
    // Fewer are seen at once, and age counts from when a version was replaced.
    keep(&fixture, &key(&[]), Some(2), Some(DAY));
    assert_eq!(versions(fixture.store(), &a), ["8", "7"]);
    fixture.set_time(at + DAY - 1);
    fixture.set(&a, "new");
    assert_eq!(versions(fixture.store(), &a), ["9", "8"]);
    fixture.set_time(at + DAY);
    assert_eq!(versions(fixture.store(), &a), ["9"]);
    // All bytes together: the oldest go.
    let small = HistoryRules {
        total_bytes: HistoryRules::MIN_BYTES,
        ..rule(&key(&[]), Some(1000), None)
    };
    fixture.store().set_history(small).unwrap();
    let large = "x".repeat(60_000);
    for _ in 0..40 {
        fixture.set(&key(&["large"]), &large);
    }
    assert_eq!(versions(fixture.store(), &key(&["large"])).len(), 17);
    assert_eq!(versions(fixture.store(), &a), [""; 0]);
}

#[test]
fn what_fewer_rules_hid_is_not_seen_again_under_wider_ones() {
    let fixture = Fixture::new();
    let (a, at) = (key(&["a"]), fixture.now());
    keep(&fixture, &key(&[]), Some(1000), None);
    // More than one step of the sweep.
    for number in 0..1000 {
        fixture.set(&a, "1");
        fixture.set(&key(&["b", &number.to_string()]), "1");
        fixture.set(&key(&["b", &number.to_string()]), "2");
    }
    keep(&fixture, &key(&[]), Some(2), None);
    keep(&fixture, &key(&[]), Some(1000), None);
    assert_eq!(versions(fixture.store(), &a).len(), 2);
    keep(&fixture, &key(&["b"]), Some(1000), None);
    keep(&fixture, &key(&[]), Some(1000), Some(DAY));
    assert_eq!(versions(fixture.store(), &a), [""; 0]);
    assert_eq!(versions(fixture.store(), &key(&["b", "999"])), ["1"]);
    fixture.set_time(at + DAY);
    keep(&fixture, &key(&[]), Some(1000), Some(9 * DAY));
    assert_eq!(versions(fixture.store(), &key(&["b", "999"])), [""; 0]);
}

#[test]
fn versions_whose_time_is_over_leave_the_disk_and_so_does_everything_when_it_is_off() {
    let mut fixture = Fixture::new();
    let at = fixture.now();
    keep(&fixture, &key(&["day"]), None, Some(DAY));
    let both = fixture.store().history().unwrap().with(HistoryRule {
        prefix: key(&["week"]),
        versions: None,
        milliseconds: Some(7 * DAY),
    });
    fixture.store().set_history(both).unwrap();
    for name in ["day", "week"] {
        for number in 0..3000 {
            fixture.set(&key(&[name, "a"]), &number.to_string());
        }
        fixture.commit(AtomicOperation::new().delete(key(&[name, "a"])));
    }
    fixture.set_time(at + DAY);
    fixture.reopen();
    eventually("the sweep", || rows(&mut fixture) == 2 * 3000 + 3);
    assert_eq!(versions(fixture.store(), &key(&["week", "a"])).len(), 3000);
    assert_eq!(gone(fixture.store(), &key(&[])), [key(&["week", "a"])]);
    fixture.store().set_history(HistoryRules::default()).unwrap();
    assert_eq!(gone(fixture.store(), &key(&[])), []);
    eventually("the end of it", || rows(&mut fixture) == 2);
}

/// Rows in the keyspace, which the store is closed for.
fn rows(fixture: &mut Fixture) -> usize {
    fixture.store = None;
    let engine = fjall::Database::builder(fixture.folder.path().join("store"))
        .open()
        .unwrap();
    let history = engine.keyspace("history", fjall::KeyspaceCreateOptions::default);
    let number = history.unwrap().iter().count();
    drop(engine);
    fixture.reopen();
    number
}

#[test]
fn rules_belong_to_the_folder_and_a_folder_for_reading_shows_what_it_keeps() {
    let mut fixture = Fixture::new();
    let path = fixture.folder.path().join("store");
    fixture.store = None;
    let rules = rule(&key(&["a"]), Some(2), None);
    let options = OpenOptions::new().history(rules.clone());
    drop(options.open(&path).unwrap());
    fixture.reopen();
    assert_eq!(fixture.store().history().unwrap(), rules);
    for text in ["1", "2"] {
        fixture.set(&key(&["a"]), text);
    }
    fixture.commit(AtomicOperation::new().delete(key(&["a"])));
    let left = fixture.folder.path().join("left");
    copy(&path, &left).unwrap();
    let reader = OpenOptions::new().read_only(true).open(&left).unwrap();
    assert_eq!(versions(&reader, &key(&["a"])), ["2", "1"]);
    assert_eq!(gone(&reader, &key(&[])), [key(&["a"])]);
    let refused = reader.set_history(HistoryRules::default());
    assert!(matches!(refused, Err(DatabaseError::ReadOnly(_))));
    // A copy of the whole store has it, too.
    let backup = fixture.folder.path().join("backup");
    fixture
        .store()
        .backup(&backup, &mut |_| std::ops::ControlFlow::Continue(()))
        .unwrap();
    let backup = Store::open(backup).unwrap();
    assert_eq!(backup.history().unwrap(), rules);
    assert_eq!(versions(&backup, &key(&["a"])), ["2", "1"]);
}

#[test]
fn a_bulk_load_keeps_what_it_replaces() {
    let fixture = Fixture::new();
    let (a, at) = (key(&["a"]), fixture.now());
    keep(&fixture, &key(&[]), Some(5), None);
    fixture.set(&a, "1");
    fixture.set(&key(&["b"]), "1");
    let mut load = fixture.store().bulk_load();
    load.add(a.clone(), bytes("2"), None).unwrap();
    load.add(key(&["b"]), bytes("2"), Some(at - 1)).unwrap();
    load.add(key(&["c"]), bytes("2"), None).unwrap();
    load.finish().unwrap();
    assert_eq!(versions(fixture.store(), &a), ["1"]);
    assert_eq!(versions(fixture.store(), &key(&["c"])), [""; 0]);
    assert_eq!(gone(fixture.store(), &key(&[])), [key(&["b"])]);
}

#[test]
fn deleted_keys_are_told_in_pages() {
    let fixture = Fixture::new();
    keep(&fixture, &key(&["a"]), Some(1), None);
    let all: Vec<EncodedKey> = (0..25)
        .map(|number| key(&["a", &format!("{number:02}")]))
        .collect();
    for name in &all {
        fixture.set(name, "x");
        fixture.commit(AtomicOperation::new().delete(name.clone()));
    }
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = fixture.store().deleted(&key(&["a"]), after.as_ref(), 10).unwrap();
        found.extend(page.deleted.into_iter().map(|past| past.entry.key));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, all);
}

/// What is done to a store.
#[derive(Debug, Clone)]
enum Step {
    /// Keys, and what becomes of them; in one commit.
    Commit(Vec<(u8, Change)>),
    Wait(i64),
    /// Fewer are kept: what more rules would allow may be there still, or not.
    Narrow(u32, i64, bool),
    Reopen,
}

#[derive(Debug, Clone)]
enum Change {
    Set(Option<i64>),
    Sum,
    Delete,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let change = prop_oneof![
        proptest::option::of(1..400_i64).prop_map(Change::Set),
        Just(Change::Sum),
        Just(Change::Delete),
    ];
    let step = prop_oneof![
        8 => proptest::collection::vec((0..4_u8, change), 1..4).prop_map(Step::Commit),
        2 => (1..300_i64).prop_map(Step::Wait),
        1 => (1..5_u32, 100..900_i64, any::<bool>()).prop_map(|(n, age, all)| Step::Narrow(n, age, all)),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..40)
}

/// A version as the model knows it: stamp, when it expires, what ended it, and when.
type Past = (Versionstamp, Option<i64>, Ended, i64);

#[derive(Default)]
struct Model {
    rules: HistoryRules,
    current: BTreeMap<EncodedKey, (Versionstamp, Option<i64>)>,
    /// The newest last.
    past: BTreeMap<EncodedKey, Vec<Past>>,
}

impl Model {
    fn end(&mut self, key: &EncodedKey, ended: Ended, at: i64) {
        if let Some((stamp, expires_at)) = self.current.remove(key)
            && let Some(rule) = self.rules.of(key)
        {
            let past = self.past.entry(key.clone()).or_default();
            past.push((stamp, expires_at, ended, at));
            let over = past.len().saturating_sub(rule.versions.unwrap() as usize);
            past.drain(..over);
        }
    }

    fn trim(&mut self, now: i64) {
        for (key, past) in &mut self.past {
            match self.rules.of(key) {
                None => past.clear(),
                Some(rule) => {
                    past.retain(|(.., at)| !rule.is_over(*at, now));
                    let over = past.len().saturating_sub(rule.versions.unwrap() as usize);
                    past.drain(..over);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_history_is_what_a_plain_list_would_be(steps in steps()) {
        let mut fixture = Fixture::new();
        let mut model = Model::default();
        let (kept, other) = (key(&["kept"]), key(&[]));
        model.rules = rule(&other, Some(5), Some(900));
        fixture.store().set_history(model.rules.clone()).unwrap();
        let name = |number: u8| key(&[if number == 3 { "other" } else { "kept" }, &number.to_string()]);
        for step in steps {
            match step {
                Step::Commit(changes) => {
                    let now = fixture.now();
                    let mut operation = AtomicOperation::new();
                    let mut after = BTreeMap::new();
                    for (number, change) in changes {
                        let key = name(number);
                        match change {
                            Change::Set(span) => {
                                let expires_at = span.map(|span| now + span);
                                operation = operation.set_expiring(key.clone(), crate::fixture::number(1), expires_at);
                                after.insert(key, Some(expires_at));
                            }
                            Change::Sum => {
                                operation = operation.mutate(
                                    key.clone(),
                                    MutationKind::Sum {
                                        operand: crate::fixture::number(1),
                                        min: None,
                                        max: None,
                                        clamp: false,
                                    },
                                );
                                after.insert(key, Some(None));
                            }
                            Change::Delete => {
                                operation = operation.delete(key.clone());
                                after.insert(key, None);
                            }
                        }
                    }
                    let stamp = fixture.commit(operation);
                    for (key, entry) in after {
                        let ended = if entry.is_some() { Ended::Replaced } else { Ended::Deleted };
                        model.end(&key, ended, now);
                        if let Some(expires_at) = entry {
                            model.current.insert(key, (stamp, expires_at));
                        }
                    }
                }
                Step::Wait(span) => {
                    let now = fixture.now() + span;
                    let over: Vec<EncodedKey> = model.current.iter()
                        .filter(|(_, (_, expires_at))| expires_at.is_some_and(|at| at <= now))
                        .map(|(key, _)| key.clone())
                        .collect();
                    fixture.set_time(now);
                    for key in over {
                        model.end(&key, Ended::Expired, now);
                    }
                    eventually("the sweep", || {
                        let report = fixture.store().check(&mut |_| std::ops::ControlFlow::Continue(()));
                        report.unwrap().entries == model.current.len() as u64
                    });
                }
                Step::Narrow(versions, age, all) => {
                    let before = model.rules.rules[0].clone();
                    let prefix = if all { &before.prefix } else { &kept };
                    let versions = before.versions.map(|before| before.min(versions));
                    let age = before.milliseconds.map(|before| before.min(age));
                    model.rules = rule(prefix, versions, age);
                    fixture.store().set_history(model.rules.clone()).unwrap();
                }
                Step::Reopen => fixture.reopen(),
            }
            model.trim(fixture.now());
            let mut gone_keys = Vec::new();
            for key in (0..4).map(name) {
                let found = fixture.store().versions(&key, None, usize::MAX).unwrap();
                let found: Vec<Past> = found.into_iter().rev()
                    .map(|past| (past.entry.versionstamp, past.entry.expires_at, past.ended, past.ended_at))
                    .collect();
                let expected = model.past.get(&key).cloned().unwrap_or_default();
                if !expected.is_empty() && !model.current.contains_key(&key) {
                    gone_keys.push(key.clone());
                }
                prop_assert_eq!(found, expected);
            }
            gone_keys.sort();
            prop_assert_eq!(gone(fixture.store(), &other), gone_keys);
        }
        let report = fixture.store().check(&mut |_| std::ops::ControlFlow::Continue(())).unwrap();
        prop_assert_eq!(report.num_problems, 0);
    }
}

#[test]
fn a_clock_of_its_own_is_asked_for_the_age() {
    let folder = tempfile::tempdir().unwrap();
    let options = OpenOptions::new()
        .clock(Clock::from_fn(|| 77))
        .history(rule(&key(&[]), Some(1), None));
    let store = options.create(folder.path().join("store")).unwrap();
    for text in ["1", "2"] {
        let set = AtomicOperation::new().set(key(&["a"]), bytes(text));
        store.commit(set).unwrap();
    }
    assert_eq!(store.versions(&key(&["a"]), None, 9).unwrap()[0].ended_at, 77);
}
