//! A copy of a file, made while a program uses it.

use std::fs;
use std::path::Path;

use crate::fixture::{Writer, key};
use keyglass_store::Database as _;
use keyglass_store::deno_file::DenoFile;
use rusqlite::Connection;
use tempfile::TempDir;

#[test]
fn a_copy_holds_what_is_in_the_file_and_what_waits_beside_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("kv.sqlite3");
    let database = DenoFile::create(&path).unwrap();
    let mut deno = Writer::open(&path);
    let large = [0; 60_000];
    deno.set(&[(key(&["a"]), b"1"), (key(&["large"]), &large)]);
    deno.0.execute("DELETE FROM kv WHERE length(v) > 1", ()).unwrap();
    let copy = folder.path().join("copy.sqlite3");
    database.back_up(&copy).unwrap();
    deno.set(&[(key(&["a"]), b"2")]);
    let copied = DenoFile::open(&copy).unwrap();
    assert_eq!(copied.get(&key(&["a"])).unwrap().unwrap().value.bytes, b"1"[..]);
    assert!(copied.statistics().unwrap().versionstamp < database.statistics().unwrap().versionstamp);
    assert_eq!(&fs::read(&copy).unwrap()[18..20], [2, 2], "it is in WAL mode");
    let facts = |path: &Path| {
        let connection = Connection::open(path).unwrap();
        let number = |sql: &str| connection.query_row(sql, (), |row| row.get::<_, i64>(0)).unwrap();
        let mut schema = connection.prepare("SELECT sql FROM sqlite_schema").unwrap();
        let schema = schema.query_map((), |row| row.get(0)).unwrap();
        let schema: Vec<Option<String>> = schema.map(Result::unwrap).collect();
        let unused = number("PRAGMA freelist_count");
        (schema, number("PRAGMA page_count"), unused)
    };
    let (of_copy, of_file) = (facts(&copy), facts(&path));
    assert_eq!(of_copy, of_file);
    assert!(of_copy.2 > 0, "pages that are not used are copied, too");
    let again = database.back_up(&copy).unwrap_err().to_string();
    assert!(again.starts_with("The copy could not be made"), "{again}");
    drop((deno, copied));
    let names = fs::read_dir(folder.path()).unwrap();
    assert_eq!(names.count(), 2, "nothing is left beside the two");
}
