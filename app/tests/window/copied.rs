//! The Rust code that is copied compiles against the real API and stores what was copied.

use std::error::Error;

use keyglass::content::copy::{CopyForm, CopyWriter};
use keyglass_store::embedded::Store;
use keyglass_store::{AtomicOperation, Database, EncodedKey, Entry, Key, KeyRange, Kv, ReadRange, Value};

use crate::harness::{NOW, commit, key, new_store};
use keyglass::model::draft::parse_value;

/// Every type of key part and of value, and whatever is odd to write in Rust.
const ENTRIES: [(&str, &str); 15] = [
    (
        r#"["users", "ada"]"#,
        "{name: 'Ada', tags: ['a\"#b'], at: new Date(0)}",
    ),
    (
        r#"["users", 42n, true]"#,
        "'text with \"quotes\" and \\\\ and \\u202e'",
    ),
    ("[1.5, -0, 1e300]", "-0.5"),
    ("[NaN]", "NaN"),
    ("[Infinity, -Infinity]", "-Infinity"),
    (
        "[170141183460469231731687303715884105728n]",
        "170141183460469231731687303715884105728n",
    ),
    ("[-7n, 8n]", "new Deno.KvU64(18446744073709551615n)"),
    ("[u8[01 ff], u8[]]", "new Uint8Array([1, 2])"),
    (r#"["a", 1, true, 2n, u8[00], "six"]"#, "undefined"),
    ("[170141183460469231731687303715884105727n, 3000000000n]", "1"),
    (r#"["cycle"]"#, "&1 {self: *1, map: new Map([[1n, *1]])}"),
    (r#"["null"]"#, "null"),
    (r#"["true"]"#, "true"),
    (r#"["lone"]"#, r#""\ud800""#),
    (r#"["quote \" and \\"]"#, "''"),
];

fn source() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = new_store(&folder.path().join("test.kg"));
    for (at, value) in ENTRIES {
        commit(
            &store,
            AtomicOperation::new().set(key(at), parse_value(value).unwrap()),
        );
    }
    // So far away that the code still makes it expire when the test runs.
    let expiring =
        AtomicOperation::new().set_expiring(key(r#"["expires"]"#), parse_value("1").unwrap(), Some(NOW * 2));
    commit(&store, expiring);
    (folder, store)
}

fn entries(database: &dyn Database) -> Vec<Entry> {
    let all = ReadRange {
        range: KeyRange::everything(),
        limit: 100,
        reverse: false,
    };
    database.snapshot().unwrap().read(&all).unwrap()
}

/// The code of all entries, as the block that is compiled below.
fn code(form: CopyForm) -> String {
    let (_folder, store) = source();
    let mut writer = CopyWriter::new(form, String::new(), NOW);
    for entry in entries(&store) {
        writer.add(&entry).unwrap();
    }
    let copied = writer.finish();
    assert_eq!(copied.left_out, None);
    format!("{{\n{}\n}}\n", copied.text)
}

#[expect(clippy::unreadable_literal, reason = "made by a program")]
#[expect(
    clippy::disallowed_methods,
    reason = "a program that the code is pasted into has no clock but the system's"
)]
fn store_all(kv: &Kv) -> Result<(), Box<dyn Error>> {
    include!("copied/entries.rs");
    Ok(())
}

#[expect(clippy::unreadable_literal, reason = "made by a program")]
fn all_keys() -> Result<Vec<Key>, Box<dyn Error>> {
    Ok(include!("copied/keys.rs"))
}

#[expect(clippy::unreadable_literal, reason = "made by a program")]
fn all_values() -> Result<Vec<Value>, Box<dyn Error>> {
    Ok(include!("copied/values.rs"))
}

#[test]
fn the_code_that_is_compiled_here_is_the_code_that_is_copied() {
    for (form, name, kept) in [
        (CopyForm::RustCode, "entries", include_str!("copied/entries.rs")),
        (CopyForm::KeyRust, "keys", include_str!("copied/keys.rs")),
        (CopyForm::ValueRust, "values", include_str!("copied/values.rs")),
    ] {
        let now = code(form);
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/window/copied");
            std::fs::write(folder.join(format!("{name}.rs")), &now).unwrap();
        } else {
            assert_eq!(now, kept, "run again with UPDATE_SNAPSHOTS=1");
        }
    }
}

#[test]
fn copied_rust_code_stores_the_same_entries() {
    let (_folder, from) = source();
    let folder = tempfile::tempdir().unwrap();
    let kv = Kv::open(folder.path().join("copy.kg")).unwrap();
    store_all(&kv).unwrap();
    let there = entries(kv.database());
    let expected = entries(&from);
    assert_eq!(there.len(), expected.len());
    for (stored, entry) in there.iter().zip(&expected) {
        assert_eq!(stored.key, entry.key);
        assert_eq!(stored.value, entry.value, "{}", entry.key);
        assert_eq!(stored.expires_at.is_some(), entry.expires_at.is_some());
    }
    let away = |entry: &Entry| entry.expires_at.unwrap_or_default();
    let (stored, entry) = (there.iter().map(away).max(), expected.iter().map(away).max());
    assert!(stored.unwrap().abs_diff(entry.unwrap()) < 60_000);
}

#[test]
fn copied_keys_and_values_are_the_same() {
    let (_folder, from) = source();
    let expected = entries(&from);
    let keys: Vec<EncodedKey> = all_keys()
        .unwrap()
        .iter()
        .map(|key| key.encode().unwrap())
        .collect();
    assert_eq!(
        keys,
        expected.iter().map(|entry| entry.key.clone()).collect::<Vec<_>>()
    );
    let values = all_values().unwrap();
    for (value, entry) in values.iter().zip(&expected) {
        assert_eq!(value.to_string(), entry.value.decode().unwrap().to_string());
    }
}
