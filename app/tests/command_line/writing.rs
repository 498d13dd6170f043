//! Deno's files, written from the command line.

use std::fs;

use crate::desk::{A, ADA, B, Desk, NONE, P};

#[test]
fn what_is_said_to_write_does_so() {
    let desk = Desk::new();
    let shop = desk.shop();
    let stamp = desk.stdout(&["set", "shop.sqlite3", A, "1", "--write"]);
    assert_eq!(stamp.trim_end().len(), 20, "{stamp}");
    assert_eq!(desk.stdout(&["get", "shop.sqlite3", A]), "1\n");
    let conflict = desk.failure(&["set", "shop.sqlite3", A, "2", "--write", "--if-absent"]);
    assert!(conflict.starts_with("Nothing was stored, because"), "{conflict}");
    desk.stdout(&["delete", "shop.sqlite3", ADA, "--write"]);
    assert!(!desk.run(&["get", "shop.sqlite3", ADA]).status.success());

    desk.stdout(&["set", "other.kg", B, "2n"]);
    fs::write(desk.path("entries.ndjson"), desk.stdout(&["export", "other.kg"])).unwrap();
    let arguments = ["import", "shop.sqlite3", "entries.ndjson"];
    assert_eq!(
        desk.stdout(&[&arguments[..], &["--dry-run"]].concat()),
        "Would import 1 entry\n",
        "looking needs no permission"
    );
    assert_eq!(
        desk.stdout(&[&arguments[..], &["--write"]].concat()),
        "Imported 1 entry\n"
    );
    assert_eq!(desk.stdout(&["get", "shop.sqlite3", B]), "2n\n");
    desk.stdout(&["set", "other.kg", B, "3n"]);
    assert_eq!(
        desk.stdout(&["copy", "other.kg", "shop.sqlite3", "--write", "--overwrite"]),
        "Copied 1 entry\n1 of them in the place of something else\n"
    );
    assert_eq!(
        fs::read_dir(desk.path(".")).unwrap().count(),
        3,
        "nothing is left beside {}",
        shop.display()
    );
}

#[test]
fn a_new_file_is_made_as_deno_makes_one() {
    let desk = Desk::new();
    desk.shop();
    assert_eq!(
        desk.stdout(&["copy", "shop.sqlite3", "new.sqlite3"]),
        "Copied 1946 entries\nCopied 4 queued messages\n"
    );
    assert_eq!(desk.json(&["info", "new.sqlite3", "--json"])["kind"], "deno-file");
    assert_eq!(
        desk.stdout(&["ls", "new.sqlite3", "--values"]),
        desk.stdout(&["ls", "shop.sqlite3", "--values"])
    );
    desk.stdout(&["set", "own.db", P, "1n"]);
    let locked = desk.failure(&["set", "own.db", P, "2n"]);
    assert!(locked.contains("--write"), "{locked}");
    assert_eq!(desk.stdout(&["ls", "own.db", "--prefix", NONE]), "");
}
