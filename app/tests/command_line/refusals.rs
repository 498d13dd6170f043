//! What is refused, and how.

use std::fs;

use crate::desk::{A, Desk, P, text};

#[test]
fn a_deno_file_is_written_only_when_that_is_said() {
    let desk = Desk::new();
    let shop = desk.shop();
    let before = fs::read(&shop).unwrap();
    desk.stdout(&["set", "other.kg", A, "1"]);
    fs::write(desk.path("entries.ndjson"), desk.stdout(&["export", "other.kg"])).unwrap();
    for arguments in [
        &["set", "shop.sqlite3", A, "1"][..],
        &["delete", "shop.sqlite3", "--yes", "--prefix", "[]"],
        &["import", "shop.sqlite3", "entries.ndjson"],
        &["copy", "other.kg", "shop.sqlite3"],
    ] {
        assert_eq!(
            desk.failure(arguments),
            "This is one of Deno's files, which are written only with --write; nothing was stored: shop.sqlite3"
        );
    }
    assert_eq!(fs::read(&shop).unwrap(), before);
}

#[test]
fn what_is_no_database_is_refused_in_one_sentence() {
    let desk = Desk::new();
    fs::create_dir(desk.path("folder")).unwrap();
    fs::write(desk.path("folder/file"), "text").unwrap();
    let sentence = desk.failure(&["ls", "folder"]);
    assert_eq!(
        sentence,
        "This folder is not a Keyglass database, so it was left untouched: folder"
    );
    let file = desk.failure(&["ls", "folder/file"]);
    assert!(file.contains("it is not a SQLite database"), "{file}");
    let remote = desk.failure(&["ls", "http://127.0.0.1:1"]);
    assert!(remote.contains("is on a server and needs a token"), "{remote}");
    let nowhere = desk.failure(&["set", "no/such/kv", A, "1"]);
    assert!(nowhere.contains("does not exist"), "{nowhere}");
}

#[test]
fn wrong_usage_ends_with_two() {
    let desk = Desk::new();
    for arguments in [
        &["get", "kv"][..],
        &["get", "kv", "users"],
        &["ls", "kv", "--limit", "0"],
        &["ls", "kv", "--keys", "--values"],
        &["set", "kv", A, "1", "--expire-in", "soon"],
        &["set", "kv", A, "1", "--if-version", "1"],
        &[
            "set",
            "kv",
            A,
            "1",
            "--if-version",
            "00000000000001710000",
            "--if-absent",
        ],
        &["delete", "kv"],
        &["delete", "kv", A, "--prefix", P],
        &["export", "kv", "--format", "xml"],
        &["--no-such-flag"],
    ] {
        let output = desk.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert_eq!(text(&output.stdout), "");
    }
    assert!(!desk.path("kv").exists());
}

#[test]
fn a_value_that_is_no_literal_is_refused_before_anything_is_made() {
    let desk = Desk::new();
    let sentence = desk.failure(&["set", "kv", A, "alert(1)"]);
    assert!(
        sentence.starts_with("The value is no JavaScript literal ("),
        "{sentence}"
    );
    assert!(!desk.path("kv").exists());
}

#[test]
fn a_misspelt_command_is_wrong_usage_and_opens_no_window() {
    let desk = Desk::new();
    let output = desk.command(&["exprt"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("'exprt'") && told.contains("'export'") && told.contains("Usage:"),
        "{told}"
    );
    // A location that is not there is asked for all the same.
    let output = desk
        .command(&["exprt.kg"])
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
}
