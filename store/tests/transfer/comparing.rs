//! Two databases, or a database and an export, are compared side by side.

use std::ops::ControlFlow;

use keyglass_store::embedded::Store;
use keyglass_store::transfer::compare::{
    Aspects, CompareOptions, CompareReport, Difference, ExportEntries, Side, SortedExport, ValueAspect,
    compare, is_export, side_of,
};
use keyglass_store::transfer::{CopyOptions, Existing, ExportOptions, Format, TransferError, copy, export};
use keyglass_store::value::literal;
use keyglass_store::{AtomicOperation, Database, Encoding, Entry, KeyRange, StoredValue, Versionstamp};
use proptest::prelude::*;

use crate::fixture::{NOW, bytes, empty, everything, go_on, key, put, shop};

const OPTIONS: CompareOptions = CompareOptions {
    now: NOW,
    expired: false,
    form: true,
    expiry: true,
};

fn entries(database: &dyn Database) -> Box<Side<'static>> {
    side_of(database, KeyRange::everything()).unwrap()
}

fn of_text<'a>(text: &'a [u8]) -> Box<Side<'a>> {
    Box::new(ExportEntries::new(
        Box::new(text),
        "some.ndjson",
        KeyRange::everything(),
    ))
}

/// What differs, a text each.
fn compared(
    before: Box<Side<'_>>,
    after: Box<Side<'_>>,
    options: &CompareOptions,
) -> Result<(CompareReport, Vec<String>), TransferError> {
    let mut told = Vec::new();
    let mut found = |difference: Difference| {
        told.push(match difference {
            Difference::Added(entry) => format!("+ {}", entry.key),
            Difference::Removed(entry) => format!("- {}", entry.key),
            Difference::Changed {
                after, aspects: what, ..
            } => {
                let value = match what.value {
                    ValueAspect::Same => "",
                    ValueAspect::Form => " form",
                    ValueAspect::Value => " value",
                };
                let encoding = if what.encoding { " encoding" } else { "" };
                let expiry = if what.expiry { " expiry" } else { "" };
                format!("~ {}{value}{encoding}{expiry}", after.key)
            }
        });
        Ok(())
    };
    let report = compare(before, after, options, &mut found, &mut go_on)?;
    Ok((report, told))
}

fn exported(database: &dyn Database) -> Vec<u8> {
    let mut text = Vec::new();
    let options = ExportOptions {
        format: Format::Ndjson,
        ranges: vec![KeyRange::everything()],
        expired: false,
    };
    export(database, &options, &mut text, &mut go_on).unwrap();
    text
}

fn set(store: &Store, at: &str, value: StoredValue, expires_at: Option<i64>) {
    let operation = AtomicOperation::new().set_expiring(key(at), value, expires_at);
    store.commit(operation).unwrap();
}

fn v8(text: &str) -> StoredValue {
    StoredValue::from_value(&literal::parse(text).unwrap()).unwrap()
}

#[test]
fn value_bytes_encoding_and_expiry_are_told_apart() {
    let (_one, before) = empty();
    let (_other, after) = empty();
    put(&before, "['gone']", b"");
    put(&after, "['new']", b"");
    for database in [&before, &after] {
        put(database, "['same']", b"x");
    }
    set(&before, "['value']", v8("{a: 1}"), None);
    set(&after, "['value']", v8("{a: 2}"), None);
    // The same number, once as an integer and once as a double.
    let double = StoredValue {
        encoding: Encoding::V8,
        bytes: vec![0xff, 0x0f, b'N', 0, 0, 0, 0, 0, 0, 0x1c, 0x40].into(),
    };
    set(&before, "['form']", v8("7"), None);
    set(&after, "['form']", double, None);
    let expiring = Some(NOW + 1000);
    set(&before, "['expiry']", bytes(b"x"), expiring);
    set(&after, "['expiry']", bytes(b"x"), None);
    let broken = |encoding| StoredValue {
        encoding,
        bytes: vec![0xff].into(),
    };
    set(&before, "['encoding']", broken(Encoding::V8), None);
    set(&after, "['encoding']", broken(Encoding::Le64), None);
    let (report, told) = compared(entries(&before), entries(&after), &OPTIONS).unwrap();
    assert_eq!(
        told,
        [
            "~ [\"encoding\"] encoding",
            "~ [\"expiry\"] expiry",
            "~ [\"form\"] form",
            "- [\"gone\"]",
            "+ [\"new\"]",
            "~ [\"value\"] value"
        ]
    );
    assert_eq!(
        report,
        CompareReport {
            same: 1,
            added: 1,
            removed: 1,
            changed: 4,
            values: 1,
            forms: 1,
            encodings: 1,
            expiries: 1,
            expired: 0,
            complete: true,
        }
    );
    assert_eq!(report.differences(), 6);
}

#[test]
fn a_copy_of_a_deno_file_and_an_export_of_it_are_the_same_as_it() {
    let (_folder, from) = shop();
    let (_to_folder, to) = empty();
    let options = CopyOptions {
        range: KeyRange::everything(),
        existing: Existing::Skip,
        expired: false,
        ..CopyOptions::default()
    };
    copy(&from, &to, &options, &mut go_on).unwrap();
    let (report, told) = compared(entries(&from), entries(&to), &OPTIONS).unwrap();
    assert_eq!((report.same, report.differences()), (1946, 0), "{told:?}");
    let text = exported(&from);
    let options = CompareOptions {
        form: false,
        ..OPTIONS
    };
    let (report, told) = compared(entries(&from), of_text(&text), &options).unwrap();
    assert_eq!((report.same, report.differences()), (1946, 0), "{told:?}");
    // Deno writes a newer version of V8's format than an export is read as.
    let (report, _) = compared(entries(&from), of_text(&text), &OPTIONS).unwrap();
    assert_eq!(report.forms, report.differences());
}

#[test]
fn an_export_out_of_order_is_told_by_its_line_and_put_in_order() {
    let (_folder, from) = shop();
    let text = exported(&from);
    let text = String::from_utf8(text).unwrap();
    let mut lines: Vec<_> = text.lines().collect();
    lines.reverse();
    let text = lines.join("\n");
    let error = compared(entries(&from), of_text(text.as_bytes()), &OPTIONS).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("The export is not in key order, line 2 comes too late; "),
        "{error}"
    );
    let sorted = SortedExport::read(&mut text.as_bytes(), "some.ndjson", &mut go_on);
    let sorted = sorted.unwrap().unwrap();
    let sorted = sorted.entries(KeyRange::everything()).unwrap();
    let options = CompareOptions {
        form: false,
        ..OPTIONS
    };
    let (report, _) = compared(entries(&from), sorted, &options).unwrap();
    assert_eq!((report.same, report.differences()), (1946, 0));
    let twice = format!("{0}\n{0}\n", lines[0]);
    let error = compared(entries(&from), of_text(twice.as_bytes()), &OPTIONS).unwrap_err();
    assert!(
        matches!(error, TransferError::Unordered { line: 2, .. }),
        "{error}"
    );
}

#[test]
fn a_line_that_is_no_entry_ends_the_comparison_with_its_number() {
    let (_folder, from) = empty();
    let error = compared(entries(&from), of_text(b"\n\n{}\n"), &OPTIONS).unwrap_err();
    let told =
        "Line 3 of the export is no entry that could be compared (The entry has no `key`): some.ndjson";
    assert_eq!(error.to_string(), told);
    let sorted = SortedExport::read(&mut &b"{}\n"[..], "some.ndjson", &mut go_on);
    assert!(matches!(sorted, Err(TransferError::Line { line: 1, .. })));
}

#[test]
fn what_has_expired_on_one_side_only_is_there_on_the_other() {
    let (_folder, from) = shop();
    let first = everything(&from)
        .into_iter()
        .find(|entry| entry.expires_at.is_some())
        .unwrap();
    let text = exported(&from);
    let late = CompareOptions {
        now: i64::MAX,
        form: false,
        ..OPTIONS
    };
    let (report, told) = compared(entries(&from), of_text(&text), &late).unwrap();
    assert_eq!((report.differences(), report.expired), (0, 124), "{told:?}");
    let expired = CompareOptions {
        expired: true,
        ..late
    };
    let (report, _) = compared(entries(&from), of_text(&text), &expired).unwrap();
    assert_eq!((report.same, report.expired), (1946, 0));
    let (_folder, other) = empty();
    set(&other, &first.key.to_string(), first.value, None);
    let (report, told) = compared(entries(&from), entries(&other), &late).unwrap();
    assert!(told.contains(&format!("+ {}", first.key)));
    assert_eq!(report.added, 1);
}

#[test]
fn a_comparison_that_is_stopped_says_so() {
    let (_folder, from) = shop();
    let report = compare(
        entries(&from),
        entries(&from),
        &OPTIONS,
        &mut |_| Ok(()),
        &mut |_| ControlFlow::Break(()),
    );
    let report = report.unwrap();
    assert!(!report.complete && report.same < 1946);
}

#[test]
fn an_export_is_told_from_a_database_by_its_name_or_its_first_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        is_export(&path).unwrap()
    };
    assert!(file("empty.ndjson", b"") && file("some.JSONL", b""));
    assert!(file("export", b"\xef\xbb\xbf\n {\"key\":[]}"));
    assert!(!file("shop.db", b"SQLite format 3\0") && !file("empty", b""));
    assert!(!is_export(folder.path()).unwrap());
    assert!(!is_export(&folder.path().join("missing.ndjson")).unwrap());
}

proptest! {
    /// Each key is told once, in order, as what it is.
    #[test]
    fn two_sides_differ_as_two_maps_do(
        before in proptest::collection::btree_map(0u8..40, 0u8..3, 0..40),
        after in proptest::collection::btree_map(0u8..40, 0u8..3, 0..40),
    ) {
        let side = |entries: &std::collections::BTreeMap<u8, u8>| -> Box<Side<'static>> {
            let entries: Vec<_> = entries
                .iter()
                .map(|(name, value)| {
                    Ok(Entry {
                        key: key(&format!("[{name}]")),
                        value: bytes(&[*value]),
                        versionstamp: Versionstamp::default(),
                        expires_at: None,
                    })
                })
                .collect();
            Box::new(entries.into_iter())
        };
        let expected: Vec<_> = (0..40)
            .filter_map(|name| match (before.get(&name), after.get(&name)) {
                (None, Some(_)) => Some(format!("+ [{name}]")),
                (Some(_), None) => Some(format!("- [{name}]")),
                (Some(old), Some(new)) if old != new => Some(format!("~ [{name}] value")),
                _ => None,
            })
            .collect();
        let (report, told) = compared(side(&before), side(&after), &OPTIONS).unwrap();
        prop_assert_eq!(&told, &expected);
        prop_assert_eq!(report.differences(), expected.len() as u64);
        prop_assert_eq!(report.values, report.changed);
    }
}

#[test]
fn the_same_entry_has_no_aspect() {
    let (_folder, from) = shop();
    for entry in everything(&from).iter().take(50) {
        assert!(!Aspects::between(entry, entry).any());
    }
}
