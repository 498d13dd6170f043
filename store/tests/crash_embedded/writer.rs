//! The child: commits from several threads until it is killed.
//!
//! Commit number `n` of writer `w` sets `["last", w]` to `n` and `["row", w, n]` to a row, deletes row
//! `n - KEPT_ROWS`, and enqueues a message; all four, or none. Earlier versions of `["last", w]` are kept.

use std::io::Write as _;
use std::path::Path;

use keyglass_store::embedded::{Durability, OpenOptions, Store};
use keyglass_store::{
    AtomicOperation, CommitOutcome, Database, EncodedKey, Encoding, Enqueue, HistoryRule, HistoryRules, Key,
    KeyPart, StoredValue,
};

pub const WRITERS: u64 = 4;
pub const KEPT_ROWS: u64 = 40;
pub const KEPT_VERSIONS: u32 = 5;

/// Writes to the store at the first argument, with the durability in the second.
pub fn run(mut arguments: impl Iterator<Item = String>) {
    let path = arguments.next().unwrap();
    let durability = match arguments.next().as_deref() {
        Some("sync") => Durability::Sync,
        _ => Durability::Relaxed,
    };
    let store = open(Path::new(&path), durability);
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let store = &store;
            scope.spawn(move || write(store, writer));
        }
    });
}

pub fn open(path: &Path, durability: Durability) -> Store {
    let prefix = Key([KeyPart::String("last".to_owned())].into());
    let rules = HistoryRules::default().with(HistoryRule {
        prefix: prefix.encode().unwrap(),
        versions: Some(KEPT_VERSIONS),
        milliseconds: None,
    });
    OpenOptions::new()
        .history(rules)
        .durability(durability)
        .cache_bytes(16 << 20)
        .open_or_create(path)
        .unwrap()
}

fn write(store: &Store, writer: u64) {
    let last = store.get(&last_key(writer)).unwrap();
    let first = last.map_or(0, |entry| read_number(&entry.value) + 1);
    for number in first.. {
        let mut operation = AtomicOperation::new()
            .set(last_key(writer), stored_number(number))
            .set(row_key(writer, number), row(writer, number))
            .enqueue(Enqueue {
                payload: format!("{writer} {number}").into_bytes().into(),
                due_at: i64::MAX,
                keys_if_undelivered: Vec::new(),
                backoff_schedule: None,
            });
        if let Some(old) = number.checked_sub(KEPT_ROWS) {
            operation = operation.delete(row_key(writer, old));
        }
        let CommitOutcome::Committed(versionstamp) = store.commit(operation).unwrap() else {
            panic!("there was no check to fail");
        };
        let acknowledgement = format!("{writer} {number} {versionstamp}\n");
        // One write, so that lines of several threads stay whole.
        std::io::stdout()
            .lock()
            .write_all(acknowledgement.as_bytes())
            .unwrap();
    }
}

pub fn last_key(writer: u64) -> EncodedKey {
    encode([KeyPart::String("last".to_owned()), KeyPart::BigInt(writer.into())])
}

pub fn row_key(writer: u64, number: u64) -> EncodedKey {
    encode([
        KeyPart::String("row".to_owned()),
        KeyPart::BigInt(writer.into()),
        KeyPart::BigInt(number.into()),
    ])
}

fn encode<const N: usize>(parts: [KeyPart; N]) -> EncodedKey {
    Key(parts.into()).encode().unwrap()
}

/// Rows of sizes from nothing to larger than what the engine keeps in its tables.
pub fn row(writer: u64, number: u64) -> StoredValue {
    let length = usize::try_from(number * 7919 % 13_000).unwrap();
    let text = format!("{writer} {number} ");
    let bytes: Vec<u8> = text.bytes().cycle().take(length).collect();
    StoredValue {
        encoding: Encoding::Bytes,
        bytes: bytes.into(),
    }
}

fn stored_number(number: u64) -> StoredValue {
    StoredValue {
        encoding: Encoding::Le64,
        bytes: number.to_le_bytes().to_vec().into(),
    }
}

pub fn read_number(value: &StoredValue) -> u64 {
    u64::from_le_bytes(value.bytes.as_ref().try_into().unwrap())
}
