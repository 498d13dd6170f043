//! A file that Keyglass makes is one that Deno could have made.

use std::path::Path;

use keyglass_store::deno_file::DenoFile;
use keyglass_store::{AtomicOperation, Database as _};
use rusqlite::Connection;
use rusqlite::types::Value;

use super::{commit, key, read_by_deno, value};
use crate::data::{Desk, folder_of};
use crate::program::{keyglass, stdout_of};

/// Everything that tells how a file was made: its tables, their rows but for entries, and its settings.
fn dump(file: &Path) -> Vec<Vec<Value>> {
    let connection = Connection::open(file).unwrap();
    let mut rows = Vec::new();
    for sql in [
        "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid",
        "SELECT k, version FROM migration_state",
        "SELECT k, seq FROM data_version",
        "PRAGMA page_size",
        "PRAGMA journal_mode",
        "PRAGMA encoding",
        "PRAGMA auto_vacuum",
        "PRAGMA user_version",
        "PRAGMA application_id",
    ] {
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let found = statement.query_map((), |row| (0..columns).map(|at| row.get(at)).collect());
        rows.extend(found.unwrap().map(Result::unwrap));
    }
    rows
}

#[test]
fn deno_opens_a_new_file_as_one_of_its_own() {
    let desk = Desk::new();
    let folder = desk.path("files");
    std::fs::create_dir(&folder).unwrap();
    let (theirs, ours) = (folder.join("theirs.sqlite3"), folder.join("ours.sqlite3"));
    assert_eq!(read_by_deno(&desk, &theirs), []);
    let database = DenoFile::create(&ours).unwrap();
    assert_eq!(dump(&ours), dump(&theirs));
    commit(&database, AtomicOperation::new().set(key("a"), value("1")));
    assert_eq!(database.queue(1).unwrap(), []);
    drop(database);
    let before = folder_of(&ours);
    assert_eq!(before.len(), 2, "nothing lies beside it");
    let read = read_by_deno(&desk, &ours);
    assert_eq!((read.len(), read[0].text.as_str()), (1, "1"));
    assert!(folder_of(&ours) == before, "Deno had something to change in it");
}

#[test]
fn what_the_command_line_sets_is_printed_by_deno() {
    let desk = Desk::new();
    let file = desk.shop();
    stdout_of(
        keyglass(&desk)
            .arg("set")
            .arg(&file)
            .args(["[\"~a\"]", "1", "--write"]),
    );
    let read = read_by_deno(&desk, &file);
    let new = read.iter().find(|read| read.key == "~a").unwrap();
    assert_eq!(new.text, "1");
}
