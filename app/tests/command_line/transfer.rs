//! Export, import and copy.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use crate::desk::{A, B, Desk, NONE, text};

#[test]
fn every_entry_of_a_deno_file_is_exported() {
    let desk = Desk::new();
    desk.shop();
    let ndjson = desk.stdout(&["export", "shop.sqlite3", "--format", "ndjson"]);
    assert_eq!(ndjson.lines().count(), 1946);
    for format in ["json", "js"] {
        let array = desk.stdout(&["export", "shop.sqlite3", "--format", format]);
        assert_eq!(array.lines().filter(|line| line.starts_with('{')).count(), 1946);
    }
    let users = desk.stdout(&["export", "shop.sqlite3", "--prefix", r#"["users"]"#]);
    assert!(users.lines().count() > 1);
    let below_users = r#"{"key":[{"type":"string","value":"users"}"#;
    assert!(users.lines().all(|line| line.starts_with(below_users)));

    let report = desk.stdout(&["export", "shop.sqlite3", "-o", "shop.ndjson"]);
    assert_eq!(report, "Exported 1946 entries to shop.ndjson\n");
    assert_eq!(fs::read_to_string(desk.path("shop.ndjson")).unwrap(), ndjson);
    let files = fs::read_dir(desk.path("")).unwrap();
    let mut names: Vec<_> = files.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["shop.ndjson", "shop.sqlite3"]);
}

#[test]
fn an_export_comes_back_by_an_import() {
    let desk = Desk::new();
    desk.shop();
    desk.stdout(&["export", "shop.sqlite3", "-o", "shop.ndjson"]);
    let import = |more: &[&str]| desk.run(&[&["import", "copy.kg", "shop.ndjson"], more].concat());
    let output = import(&[]);
    assert_eq!(text(&output.stderr), "Made a new database: copy.kg\n");
    assert_eq!(text(&output.stdout), "Imported 1946 entries\n62 of them expire\n");
    assert_eq!(
        desk.stdout(&["ls", "copy.kg"]),
        desk.stdout(&["ls", "shop.sqlite3"])
    );

    assert_eq!(
        text(&import(&[]).stdout),
        "Imported 0 entries\n1946 entries left out, because their keys exist\n"
    );
    // One key of the shop is as long as a key may be.
    let dry_run = import(&["--dry-run", "--prefix", r#"["backup"]"#]);
    let stdout = text(&dry_run.stdout);
    assert!(stdout.starts_with("Would import 1945 entries\n62 of them expire\nLine 5, [\"backup\", u8[61 "));
    assert!(
        stdout.ends_with("…: Key too large for write (max 2048 bytes)\n"),
        "{stdout}"
    );
    assert_eq!(
        text(&dry_run.stderr),
        "1 line could not be imported; the report on stdout tells why\n"
    );
    let report: Value = serde_json::from_slice(&import(&["--overwrite", "--json"]).stdout).unwrap();
    assert_eq!(report["stored"], 1946);
    assert_eq!(
        desk.stdout(&["ls", "copy.kg", "--keys", "--prefix", r#"["backup"]"#]),
        ""
    );
}

#[test]
fn an_import_goes_on_after_lines_that_are_no_entries_and_names_them() {
    let desk = Desk::new();
    let good = r#"{"key":[{"type":"string","value":"a"}],"value":{"type":"bigint","value":"100"}}"#;
    fs::write(desk.path("mixed.ndjson"), format!("{{}}\n\n{good}\r\nnonsense\n")).unwrap();
    let output = desk.run(&["import", "kv", "mixed.ndjson"]);
    assert_eq!(output.status.code(), Some(1));
    let stdout = text(&output.stdout);
    let lines: Vec<_> = stdout.lines().collect();
    assert_eq!(lines.len(), 3, "{stdout}");
    assert_eq!(lines[0], "Imported 1 entry");
    assert!(
        lines[1].starts_with("Line 1: ") && lines[2].starts_with("Line 4: "),
        "{stdout}"
    );
    let stderr = text(&output.stderr);
    assert!(stderr.ends_with("2 lines could not be imported; the report on stdout tells why\n"));
    assert_eq!(desk.stdout(&["ls", "kv"]), "[\"a\"]\t100n\n");
}

#[test]
fn entries_are_copied_from_one_database_to_another() {
    let desk = Desk::new();
    desk.shop();
    let output = desk.run(&["copy", "shop.sqlite3", "copy.kg"]);
    assert_eq!(text(&output.stderr), "Made a new database: copy.kg\n");
    assert_eq!(
        text(&output.stdout),
        "Copied 1946 entries\nCopied 4 queued messages\n"
    );
    assert_eq!(
        desk.stdout(&["ls", "copy.kg"]),
        desk.stdout(&["ls", "shop.sqlite3"])
    );
    desk.stdout(&["set", "other.kg", A, "1n"]);
    desk.stdout(&["set", "other.kg", B, "2n"]);
    desk.stdout(&["set", "copy.kg", A, "0n"]);
    assert_eq!(
        desk.stdout(&["copy", "other.kg", "copy.kg"]),
        "Copied 1 entry\n1 entry left out, because something else stands under their keys; --overwrite replaces it\n"
    );
    assert_eq!(desk.stdout(&["get", "copy.kg", A]), "0n\n");
    assert_eq!(
        desk.stdout(&["copy", "other.kg", "copy.kg", "--overwrite"]),
        "Copied 1 entry\n1 of them in the place of something else\n1 entry there already, exactly the same\n"
    );
    assert_eq!(desk.stdout(&["get", "copy.kg", A]), "1n\n");
    assert_eq!(
        desk.stdout(&["copy", "shop.sqlite3", "part.kg", "--prefix", NONE]),
        "Copied 0 entries\n"
    );
    assert_eq!(
        desk.failure(&["copy", "missing", "part.kg"]),
        "There is no database here, because the path does not exist: missing"
    );
}

#[test]
fn a_copy_is_verified_and_a_mirror_made_after_saying_what_it_means() {
    let desk = Desk::new();
    desk.shop();
    let verified = "Verified: 1946 entries, 563846 bytes, the same hashes below 54 first parts of keys\n";
    assert_eq!(
        desk.stdout(&["copy", "shop.sqlite3", "copy.kg", "--verify"]),
        format!("Copied 1946 entries\nCopied 4 queued messages\n{verified}")
    );
    assert_eq!(
        desk.stdout(&["diff", "shop.sqlite3", "copy.kg"]),
        "The same: 1946 entries\n"
    );
    desk.stdout(&["set", "copy.kg", A, "1n"]);
    desk.stdout(&["set", "copy.kg", r#"["users", "u1"]"#, "1n"]);
    let mirror = ["copy", "shop.sqlite3", "copy.kg", "--mirror"];
    assert_eq!(
        desk.failure(&mirror),
        "A mirror would mean 0 new, 0 replaced, 2 deleted, 1946 the same; repeat it with --yes to do so: copy.kg"
    );
    assert_eq!(desk.stdout(&["get", "copy.kg", A]), "1n\n");
    let report = desk.json(&[&mirror[..], &["--yes", "--verify", "--json"]].concat());
    assert_eq!(
        (&report["stored"], &report["deleted"], &report["same"]),
        (&0.into(), &2.into(), &1946.into())
    );
    assert_eq!(report["verified"]["same"], true);
    assert_eq!(report["messages"]["same"], 4);
    // With nothing to replace or delete there is nothing to ask.
    desk.stdout(&mirror);

    desk.stdout(&["set", "empty.kg", A, "1n"]);
    let mirror_of_empty = ["copy", "empty.kg", "copy.kg", "--mirror"];
    let output = desk.run(&mirror_of_empty);
    let told = text(&output.stderr);
    assert_eq!(
        told.matches("Only the target has: Message due ").count(),
        4,
        "{told}"
    );
    let plan = "A mirror would mean 1 new, 0 replaced, 1946 deleted, 0 the same, 4 queued messages removed; ";
    assert!(told.contains(plan), "{told}");
    let done = desk.stdout(&[&mirror_of_empty[..], &["--yes"]].concat());
    assert!(
        done.ends_with("1946 entries deleted, which only the target had\n4 queued messages removed, which only the target had\n"),
        "{done}"
    );
    desk.stdout(&[&mirror[..], &["--yes"]].concat());

    desk.stdout(&["set", "copy.kg", A, "1n"]);
    desk.stdout(&["set", "other.kg", A, "2n"]);
    let output = desk.run(&["copy", "other.kg", "copy.kg", "--verify"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stdout)
            .contains("Verified: not the same below 1 of 1 first part of keys\n[\"a\"]: 1 entry, ")
    );
    assert!(text(&output.stderr).starts_with("The copy is not the same below 1 "));
}

#[test]
fn there_and_back_again_a_deno_file_is_the_same() {
    let desk = Desk::new();
    desk.shop();
    for [from, to] in [["shop.sqlite3", "shop.kg"], ["shop.kg", "back.sqlite3"]] {
        let report = desk.json(&["copy", from, to, "--verify", "--json"]);
        assert_eq!(
            (
                &report["stored"],
                &report["messages"]["stored"],
                &report["verified"]["same"]
            ),
            (&1946.into(), &4.into(), &true.into())
        );
    }
    assert_eq!(
        desk.stdout(&["diff", "shop.sqlite3", "back.sqlite3"]),
        "The same: 1946 entries\n"
    );
    // Once there it is written only when that is said.
    let locked = desk.failure(&["copy", "shop.kg", "back.sqlite3", "--mirror", "--yes"]);
    assert!(locked.contains("--write"), "{locked}");
    let mirror = ["copy", "shop.kg", "back.sqlite3", "--mirror", "--yes", "--write"];
    assert_eq!(
        desk.stdout(&mirror),
        "Copied 0 entries\n1946 entries there already, exactly the same\n4 queued messages there already\n"
    );
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let desk = Desk::new();
    desk.shop();
    for arguments in [["export", "shop.sqlite3"], ["ls", "shop.sqlite3"]] {
        let mut command = desk.command(&arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut reader = BufReader::with_capacity(64, child.stdout.take().unwrap());
        reader.read_line(&mut line).unwrap();
        assert!(!line.is_empty());
        drop(reader);
        let output = child.wait_with_output().unwrap();
        assert_eq!(text(&output.stderr), "");
        assert!(output.status.success());
    }
}

#[test]
fn a_failed_export_leaves_what_was_there() {
    let desk = Desk::new();
    fs::write(desk.path("old.ndjson"), "old").unwrap();
    let missing = desk.failure(&["export", "missing.kg", "-o", "old.ndjson"]);
    assert_eq!(
        missing,
        "There is no database here, because the path does not exist: missing.kg"
    );
    desk.shop();
    let nowhere = desk.failure(&["export", "shop.sqlite3", "-o", "no such folder/x"]);
    assert!(
        nowhere.starts_with("The file could not be written (") && nowhere.ends_with("): no such folder/x")
    );
    assert_eq!(fs::read_to_string(desk.path("old.ndjson")).unwrap(), "old");
}

#[test]
fn a_dry_run_to_a_new_place_says_what_it_would_do_and_makes_nothing() {
    let desk = Desk::new();
    desk.shop();
    desk.stdout(&["export", "shop.sqlite3", "-o", "shop.ndjson"]);
    let told = desk.stdout(&["import", "new.kg", "shop.ndjson", "--dry-run"]);
    assert!(told.starts_with("Would import 1946 entries\n"), "{told}");
    assert!(!desk.path("new.kg").exists());
    let refused = desk.failure(&["import", "no/new.kg", "shop.ndjson", "--dry-run"]);
    assert!(refused.contains("does not exist"), "{refused}");
}
