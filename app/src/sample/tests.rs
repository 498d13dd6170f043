use std::collections::BTreeSet;

use keyglass_store::value::{Node, Object};
use keyglass_store::{Key, KeyPart, Value};

use super::people::{DAY, HOUR};
use super::*;

/// 1 May 2026, in milliseconds.
const NOW: i64 = 1_777_593_600_000;

fn all_entries() -> Vec<SampleEntry> {
    let sample = make(NOW).unwrap();
    [sample.entries, sample.versionstamped].concat()
}

fn values() -> Vec<(Key, Value)> {
    all_entries()
        .iter()
        .map(|entry| (entry.key.decode().unwrap(), entry.value.decode().unwrap()))
        .collect()
}

#[test]
fn the_sample_is_the_same_every_time_but_for_expiry() {
    let (first, later) = (make(NOW).unwrap(), make(NOW + 1_000).unwrap());
    let without_expiry = |entries: &[SampleEntry]| -> Vec<_> {
        entries
            .iter()
            .map(|entry| (entry.key.clone(), entry.value.clone()))
            .collect()
    };
    assert_eq!(without_expiry(&first.entries), without_expiry(&later.entries));
    assert_eq!(first.versionstamped, later.versionstamped);
    for (entry, other) in first.entries.iter().zip(&later.entries) {
        assert_eq!(entry.expires_at.map(|at| at + 1_000), other.expires_at);
    }
}

#[test]
fn the_sample_holds_thousands_of_distinct_keys() {
    let entries = make(NOW).unwrap().entries;
    let keys: BTreeSet<_> = entries.iter().map(|entry| entry.key.clone()).collect();
    assert_eq!(keys.len(), entries.len());
    assert!((3_000..5_000).contains(&keys.len()), "{}", keys.len());
}

#[test]
fn every_entry_keeps_denos_limits_and_one_comes_close() {
    let entries = all_entries();
    let longest = entries.iter().map(|entry| entry.value.bytes.len()).max();
    assert!(
        (60_000..=limits::VALUE_BYTES).contains(&longest.unwrap()),
        "{longest:?}"
    );
    assert!(
        entries
            .iter()
            .all(|entry| entry.key.as_bytes().len() <= limits::KEY_BYTES)
    );
}

#[test]
fn every_kind_of_key_part_is_there_also_as_the_last_one() {
    let kinds: BTreeSet<_> = values()
        .iter()
        .map(|(key, _value)| match key.0.last().unwrap() {
            KeyPart::Bytes(_) => "bytes",
            KeyPart::String(_) => "string",
            KeyPart::BigInt(_) => "bigint",
            KeyPart::Number(_) => "number",
            KeyPart::Boolean(false) => "false",
            KeyPart::Boolean(true) => "true",
        })
        .collect();
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        ["bigint", "bytes", "false", "number", "string", "true"]
    );
}

#[test]
fn every_kind_of_value_is_there_by_itself() {
    let kinds: BTreeSet<String> = values()
        .iter()
        .map(|(_key, value)| match value.root() {
            Node::Undefined => "undefined".to_owned(),
            Node::Null => "null".to_owned(),
            Node::Boolean(_) => "boolean".to_owned(),
            Node::Number(_) => "number".to_owned(),
            Node::BigInt(_) => "bigint".to_owned(),
            Node::String(_) => "string".to_owned(),
            Node::Object(id) => match value.object(*id).unwrap() {
                Object::Plain(_) => "Object".to_owned(),
                Object::Array(_) => "Array".to_owned(),
                Object::Map(_) => "Map".to_owned(),
                Object::Set(_) => "Set".to_owned(),
                Object::Date(_) => "Date".to_owned(),
                Object::RegExp { .. } => "RegExp".to_owned(),
                Object::BoxedBoolean(_) => "Boolean".to_owned(),
                Object::BoxedNumber(_) => "Number".to_owned(),
                Object::BoxedBigInt(_) => "BigInt".to_owned(),
                Object::BoxedString(_) => "String".to_owned(),
                Object::Error(error) => error.name.to_owned(),
                Object::ArrayBuffer { .. } => "ArrayBuffer".to_owned(),
                Object::View(view) => format!("{:?}", view.kind),
                Object::KvU64(_) => "KvU64".to_owned(),
                Object::Host(_) => "host".to_owned(),
            },
        })
        .collect();
    let expected = [
        "Array",
        "ArrayBuffer",
        "BigInt",
        "BigInt64Array",
        "BigUint64Array",
        "Boolean",
        "DataView",
        "Date",
        "Error",
        "EvalError",
        "Float16Array",
        "Float32Array",
        "Float64Array",
        "Int16Array",
        "Int32Array",
        "Int8Array",
        "KvU64",
        "Map",
        "Number",
        "Object",
        "RangeError",
        "ReferenceError",
        "RegExp",
        "Set",
        "String",
        "SyntaxError",
        "TypeError",
        "URIError",
        "Uint16Array",
        "Uint32Array",
        "Uint8Array",
        "Uint8ClampedArray",
        "bigint",
        "boolean",
        "null",
        "number",
        "string",
        "undefined",
    ];
    assert_eq!(kinds.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

#[test]
fn entries_expire_in_minutes_hours_and_days() {
    let lasts: Vec<u64> = make(NOW)
        .unwrap()
        .entries
        .iter()
        .filter_map(|entry| entry.expires_at)
        .map(|at| u64::try_from(at - NOW).unwrap())
        .collect();
    assert!(lasts.iter().filter(|lasts| **lasts < HOUR).count() > 10);
    assert!(lasts.iter().filter(|lasts| (HOUR..DAY).contains(lasts)).count() > 10);
    assert!(
        lasts
            .iter()
            .filter(|lasts| (DAY..60 * DAY).contains(lasts))
            .count()
            > 10
    );
}

#[test]
fn every_line_of_the_value_list_is_an_entry() {
    let list = include_str!("../../assets/sample-values.txt");
    let lines = list.lines().filter(|line| !line.starts_with('#')).count();
    let prefix = r#"["types", "value"]"#.parse::<Key>().unwrap();
    let shown = values()
        .iter()
        .filter(|(key, _value)| key.0.starts_with(&prefix.0))
        .count();
    assert_eq!(shown, lines);
}

#[test]
fn a_new_database_is_filled_with_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let database = keyglass_store::embedded::Store::create(folder.path().join("sample")).unwrap();
    let written = fill(&database).unwrap();
    let range = keyglass_store::KeyRange::everything();
    let mut go_on = |_so_far| std::ops::ControlFlow::Continue(());
    let counted = database.count(&range, &mut go_on).unwrap();
    assert_eq!(counted.entries, written as u64);
}

#[test]
fn windows_that_open_it_at_the_same_time_make_it_once_and_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.kg");
    // What an earlier window began.
    std::fs::create_dir(path.with_extension("new")).unwrap();
    std::fs::write(path.with_extension("new").join("part"), "").unwrap();
    let opened: Vec<_> = std::thread::scope(|scope| {
        let open = || open_or_create(&path, &OpenOptions::new());
        let windows: Vec<_> = (0..3).map(|_| scope.spawn(open)).collect();
        windows.into_iter().map(|window| window.join().unwrap()).collect()
    });
    let (mut databases, mut refusals) = (Vec::new(), Vec::new());
    for result in opened {
        match result {
            Ok(database) => databases.push(database),
            Err(refusal) => refusals.push(refusal),
        }
    }
    // A folder is one window's; the others are told so.
    assert_eq!((databases.len(), refusals.len()), (1, 2));
    for refusal in refusals {
        let refusal = refusal.to_string();
        assert!(refusal.contains("has this database open"), "{refusal}");
    }
    let range = keyglass_store::KeyRange::everything();
    let mut go_on = |_so_far| std::ops::ControlFlow::Continue(());
    let counted = databases[0].count(&range, &mut go_on).unwrap();
    let whole = make(0).unwrap();
    assert_eq!(
        counted.entries as usize,
        whole.entries.len() + whole.versionstamped.len()
    );
    assert!(!path.with_extension("new").exists());
}
