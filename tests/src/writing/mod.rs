//! What Keyglass writes to Deno's files, read by real Deno, and both writing the same file.

mod killed;
mod mutations;
mod new_file;
mod queue;
mod together;

use std::path::Path;

use keyglass_store::deno_file::DenoFile;
use keyglass_store::value::literal::parse;
use keyglass_store::{
    AtomicOperation, CommitOutcome, Database, EncodedKey, Key, KeyPart, StoredValue, Versionstamp,
};

use crate::data::Desk;
use crate::deno;

/// A file that may be written.
fn unlocked(file: &Path) -> DenoFile {
    let database = DenoFile::open(file).unwrap();
    database.set_writable(true).unwrap();
    database
}

/// A key of one string part.
fn key(name: &str) -> EncodedKey {
    Key(vec![KeyPart::from(name)]).encode().unwrap()
}

/// A value by its JavaScript literal.
fn value(literal: &str) -> StoredValue {
    StoredValue::from_value(&parse(literal).unwrap()).unwrap()
}

fn commit(database: &dyn Database, operation: AtomicOperation) -> Versionstamp {
    match database.commit(operation) {
        Ok(CommitOutcome::Committed(stamp)) => stamp,
        other => panic!("not committed: {other:?}"),
    }
}

/// An entry as Deno reads it.
#[derive(Debug, PartialEq)]
struct Read {
    key: String,
    text: String,
    stamp: String,
}

/// Every entry as Deno reads it.
fn read_by_deno(desk: &Desk, file: &Path) -> Vec<Read> {
    let printed = deno::read_all(desk, file);
    let lines = printed.lines().map(|line| {
        let (key, text, stamp) = serde_json::from_str(line).unwrap();
        Read { key, text, stamp }
    });
    lines.collect()
}

/// What SQLite finds wrong with a file.
fn integrity(file: &Path) -> String {
    let connection = rusqlite::Connection::open(file).unwrap();
    connection
        .query_row("PRAGMA integrity_check", (), |row| row.get(0))
        .unwrap()
}
