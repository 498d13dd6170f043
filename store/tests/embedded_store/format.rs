//! A folder of format 1, as it was written by the first Keyglass that had it, must be read for ever.
//!
//! `KEYGLASS_WRITE_FIXTURE=1 cargo test -p keyglass-store --test embedded_store format` writes the folder anew, for a
//! new format.

use std::fs;
use std::path::{Path, PathBuf};

use keyglass_store::Clock;
use keyglass_store::embedded::{OpenOptions, Store};
use keyglass_store::value::literal;
use keyglass_store::{
    AtomicOperation, Database, Encoding, Enqueue, KeyRange, MutationKind, ReadRange, StoredValue,
};

use crate::fixture::{bytes, copy, key, number};

const NOW: i64 = 1_700_000_000_000;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture-format-1")
}

fn options() -> OpenOptions {
    OpenOptions::new().clock(Clock::from_fn(|| NOW))
}

fn value(literal: &str) -> StoredValue {
    StoredValue::from_value(&literal::parse(literal).unwrap()).unwrap()
}

/// Four kilobytes and more are kept apart by the engine.
fn large() -> StoredValue {
    bytes(&"large ".repeat(1000))
}

fn message() -> Enqueue {
    Enqueue {
        payload: value("'a message'").bytes,
        due_at: NOW + 60_000,
        keys_if_undelivered: vec![key(&["dead"])],
        backoff_schedule: Some(vec![1000, 2000]),
    }
}

/// What stands in tables.
fn first_session() -> Vec<AtomicOperation> {
    vec![
        AtomicOperation::new()
            .set(key(&["object"]), value("{ name: 'Ada', born: 1815n }"))
            .set(key(&["number"]), number(41))
            .set(key(&["bytes"]), bytes("bytes")),
        AtomicOperation::new().set(key(&["large"]), large()),
        AtomicOperation::new().set_expiring(key(&["expiring"]), bytes("x"), Some(NOW + 1000)),
        AtomicOperation::new().set_expiring(key(&["expired"]), bytes("x"), Some(NOW + 1)),
        AtomicOperation::new().set(key(&["deleted"]), bytes("x")),
        AtomicOperation::new().enqueue(message()),
    ]
}

/// What stands in the journal alone.
fn second_session() -> Vec<AtomicOperation> {
    vec![
        AtomicOperation::new().delete(key(&["deleted"])),
        AtomicOperation::new().mutate(
            key(&["number"]),
            MutationKind::Sum {
                operand: number(1),
                min: None,
                max: None,
                clamp: false,
            },
        ),
        AtomicOperation::new().mutate(
            key(&["stamped"]),
            MutationKind::SetSuffixVersionstampedKey {
                value: value("true"),
                expires_at: None,
            },
        ),
    ]
}

fn write_fixture() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let commit = |store: &Store, operations: Vec<AtomicOperation>| {
        for operation in operations {
            store.commit(operation).unwrap();
        }
    };
    commit(&options().create(&path).unwrap(), first_session());
    let store = options().open(&path).unwrap();
    commit(&store, second_session());
    copy(&path, &fixture()).unwrap();
}

/// A copy, with the folders that git leaves out because they are empty.
fn fixture_copy(to: &Path) {
    copy(&fixture(), to).unwrap();
    for keyspace in fs::read_dir(to.join("keyspaces")).unwrap() {
        for part in ["tables", "blobs"] {
            fs::create_dir_all(keyspace.as_ref().unwrap().path().join(part)).unwrap();
        }
    }
}

#[test]
fn every_record_of_format_1_reads_back() {
    if std::env::var_os("KEYGLASS_WRITE_FIXTURE").is_some() {
        write_fixture();
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    fixture_copy(&path);
    let store = OpenOptions::new()
        .clock(Clock::from_fn(|| NOW + 1))
        .open(&path)
        .unwrap();
    let everything = ReadRange {
        range: KeyRange::everything(),
        limit: usize::MAX,
        reverse: false,
    };
    let entries = store.snapshot().unwrap().read(&everything).unwrap();
    let found: Vec<_> = entries
        .iter()
        .map(|entry| {
            let versionstamp = entry.versionstamp.counter();
            (
                entry.key.to_string(),
                entry.value.clone(),
                versionstamp,
                entry.expires_at,
            )
        })
        .collect();
    let expected = [
        (r#"["bytes"]"#, bytes("bytes"), 1, None),
        (r#"["expiring"]"#, bytes("x"), 3, Some(NOW + 1000)),
        (r#"["large"]"#, large(), 2, None),
        (r#"["number"]"#, number(42), 8, None),
        (r#"["object"]"#, value("{ name: 'Ada', born: 1815n }"), 1, None),
        (r#"["stamped", "00000000000000090000"]"#, value("true"), 9, None),
    ]
    .map(|(key, value, versionstamp, expires_at)| (key.to_owned(), value, versionstamp, expires_at));
    assert_eq!(found, expected);
    assert_eq!(entries[0].value.encoding, Encoding::Bytes);

    let messages = store.queue(10).unwrap();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].payload, message().payload);
    assert_eq!(messages[0].due_at, message().due_at);
    assert_eq!(messages[0].keys_if_undelivered, message().keys_if_undelivered);
    assert_eq!(messages[0].backoff_schedule, [1000, 2000]);
    let report = store.check(&mut |_| std::ops::ControlFlow::Continue(())).unwrap();
    assert!(report.is_good(), "{report:?}");
}
