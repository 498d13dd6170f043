//! Drafts that are committed, or only rehearsed.

use std::fs;

use crate::desk::{A, Desk, text};

const SET: &str = r#"{"operation":"set","key":[{"type":"string","value":"a"}],"value":{"type":"number","value":2},"expireIn":60000}"#;
const ABSENT: &str = r#"{"operation":"check","key":[{"type":"string","value":"a"}],"versionstamp":null}"#;
const SUM: &str =
    r#"{"operation":"sum","key":[{"type":"string","value":"n"}],"value":{"type":"bigint","value":"5"}}"#;

fn desk(rows: &[&str]) -> Desk {
    let desk = Desk::new();
    desk.stdout(&["set", "shop.kg", r#"["n"]"#, "7n"]);
    fs::write(desk.path("draft.ndjson"), rows.join("\n")).unwrap();
    desk
}

#[test]
fn a_dry_run_says_what_a_commit_does_and_stores_nothing() {
    let desk = desk(&[ABSENT, SET, SUM]);
    let dry = ["commit", "shop.kg", "draft.ndjson", "--dry-run"];
    let told = desk.stdout(&dry);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], r#"Row 1: check ["a"] passes"#);
    assert!(
        lines[1].starts_with(r#"Row 2: set ["a"]: absent → 2 until "#),
        "{told}"
    );
    assert_eq!(lines[2], r#"Row 3: sum ["n"]: 7n → 12n"#);
    let json = desk.json(&[&dry[..], &["--json"]].concat());
    assert_eq!(json["ok"], true);
    assert_eq!(json["mutations"][1]["before"]["value"]["value"], "7");
    assert_eq!(json["mutations"][1]["after"]["value"]["value"], "12");
    assert_eq!(desk.stdout(&["get", "shop.kg", r#"["n"]"#]), "7n\n");
    let stamp = desk.stdout(&["commit", "shop.kg", "draft.ndjson"]);
    assert_eq!(stamp.trim_end().len(), 20, "{stamp}");
    assert_eq!(desk.stdout(&["get", "shop.kg", r#"["n"]"#]), "12n\n");
    assert_eq!(desk.stdout(&["get", "shop.kg", A]), "2\n");
}

#[test]
fn a_check_that_does_not_hold_ends_with_three_and_names_what_stands_there() {
    let desk = desk(&[ABSENT, SUM]);
    let stamp = desk.stdout(&["set", "shop.kg", A, "1"]);
    for dry in [&[][..], &["--dry-run"]] {
        let output = desk.run(&[&["commit", "shop.kg", "draft.ndjson"], dry].concat());
        assert_eq!(output.status.code(), Some(3));
        let first = format!("Row 1: check [\"a\"] fails: it is {}", stamp.trim_end());
        assert!(
            text(&output.stdout).starts_with(&first),
            "{}",
            text(&output.stdout)
        );
        let error = text(&output.stderr);
        assert!(
            error.starts_with("Nothing was stored, because 1 check does not hold"),
            "{error}"
        );
    }
    let output = desk.run(&["commit", "shop.kg", "draft.ndjson", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["ok"], false);
    assert_eq!(json["failed"][0]["found"], stamp.trim_end());
    assert_eq!(desk.stdout(&["get", "shop.kg", r#"["n"]"#]), "7n\n");
}

#[test]
fn what_is_no_draft_or_would_be_refused_is_said() {
    let desk = desk(&[
        r#"{"operation":"sum","key":[{"type":"string","value":"n"}],"value":{"type":"number","value":1}}"#,
    ]);
    let refused = desk.failure(&["commit", "shop.kg", "draft.ndjson", "--dry-run"]);
    assert_eq!(
        refused,
        "This would be refused, because of row 1 (Cannot sum BigInt with Number)"
    );
    fs::write(desk.path("draft.ndjson"), "\nnothing").unwrap();
    let none = desk.failure(&["commit", "shop.kg", "draft.ndjson"]);
    assert!(
        none.starts_with("Line 2: ") && none.ends_with("nothing was stored: draft.ndjson"),
        "{none}"
    );
    let unfinished = r#"{"operation":"set","unfinished":{"key":"[","value":""}}"#;
    fs::write(desk.path("draft.ndjson"), unfinished).unwrap();
    let told = desk.failure(&["commit", "shop.kg", "draft.ndjson"]);
    assert!(told.starts_with("Row 1 is not finished"), "{told}");
}

#[test]
fn a_deno_file_is_rehearsed_without_permission_and_committed_only_with_it() {
    let desk = desk(&[ABSENT, SET]);
    desk.shop();
    desk.stdout(&["commit", "shop.sqlite3", "draft.ndjson", "--dry-run"]);
    let locked = desk.failure(&["commit", "shop.sqlite3", "draft.ndjson"]);
    assert!(locked.contains("--write"), "{locked}");
    desk.stdout(&["commit", "shop.sqlite3", "draft.ndjson", "--write"]);
    assert_eq!(desk.stdout(&["get", "shop.sqlite3", A]), "2\n");
}

#[test]
fn a_draft_is_read_from_stdin() {
    let desk = desk(&[]);
    let mut command = desk.command(&["commit", "shop.kg", "-"]);
    let mut child = command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), SUM.as_bytes()).unwrap();
    assert!(child.wait_with_output().unwrap().status.success());
    assert_eq!(desk.stdout(&["get", "shop.kg", r#"["n"]"#]), "12n\n");
}
