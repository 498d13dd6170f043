//! A file on a disk that is full.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use keyglass_store::deno_file::DenoFile;
use keyglass_store::{AtomicOperation, CommitError, Database, DatabaseError};
use rusqlite::Connection;

use crate::fixture::{Writer, key};
use crate::small_disk::SmallDisk;
use crate::writing::{bytes, committed, rows, set};

/// Leaves no room on a disk.
fn fill(disk: &SmallDisk) -> PathBuf {
    let path = disk.path().join("filling");
    let mut file = fs::File::create(&path).unwrap();
    for size in [1 << 16, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
    path
}

#[test]
fn a_commit_for_which_there_is_no_room_is_refused_in_a_sentence_and_the_file_stays_as_it_was() {
    let Some(disk) = SmallDisk::mount(4) else {
        return;
    };
    let path = disk.path().join("kv.sqlite3");
    let database = DenoFile::create(&path).unwrap();
    committed(database.commit(set(&["a"], "1")));
    let large = || {
        let many = (0..9).map(|number| key(&["large", &number.to_string()]));
        let value = bytes(&"x".repeat(60_000));
        many.fold(set(&["a"], "2"), |operation, key| {
            operation.set(key, value.clone())
        })
    };
    // Nobody else has the file, and then somebody has.
    for deno in [None, Some(Writer::open(&path))] {
        let before = rows(&path);
        let filling = fill(&disk);
        let refused = database.commit(large()).unwrap_err();
        assert!(
            matches!(refused, CommitError::Failed(DatabaseError::DiskFull(_))),
            "{refused:?}"
        );
        assert_eq!(
            refused.to_string(),
            format!(
                "Nothing was stored: The disk is full; make room and try it again: {}",
                path.display()
            )
        );
        fs::remove_file(filling).unwrap();
        assert_eq!(rows(&path), before);
        committed(database.commit(AtomicOperation::new().set(key(&["b"]), bytes("1"))));
        let integrity: String = Connection::open(&path)
            .unwrap()
            .query_row("PRAGMA integrity_check", (), |row| row.get(0))
            .unwrap();
        assert_eq!(integrity, "ok");
        drop(deno);
    }
    committed(database.commit(large()));
    assert_eq!(rows(&path).len(), 11);
}
