//! A copy of a file, made while a program uses it.

use std::fs;

use crate::fixture::{Writer, key};
use keyglass_store::Database as _;
use keyglass_store::deno_file::DenoFile;
use tempfile::TempDir;

#[test]
fn a_copy_holds_what_is_in_the_file_and_what_waits_beside_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv.sqlite3");
    let database = DenoFile::create(&path).unwrap();
    let mut deno = Writer::open(&path);
    deno.set(&[(key(&["a"]), b"1")]);
    let copy = folder.path().join("copy.sqlite3");
    database.back_up(&copy).unwrap();
    deno.set(&[(key(&["a"]), b"2")]);
    let copied = DenoFile::open(&copy).unwrap();
    assert_eq!(copied.get(&key(&["a"])).unwrap().unwrap().value.bytes, b"1"[..]);
    assert!(copied.statistics().unwrap().versionstamp < database.statistics().unwrap().versionstamp);
    assert_eq!(&fs::read(&copy).unwrap()[18..20], [2, 2], "it is in WAL mode");
    let again = database.back_up(&copy).unwrap_err().to_string();
    assert!(again.starts_with("The copy could not be made"), "{again}");
    drop((deno, copied));
    let names = fs::read_dir(folder.path()).unwrap();
    assert_eq!(names.count(), 2, "nothing is left beside the two");
}
