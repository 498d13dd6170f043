//! Two sides are compared: the counts first, then what differs, and the exit code says it, too.

use std::fs;
use std::process::Stdio;

use serde_json::Value;

use crate::desk::{A, ADA, B, Desk, text};

/// What a comparison prints, and its exit code.
fn diff(desk: &Desk, arguments: &[&str]) -> (String, i32) {
    let output = desk.run(&[&["diff"], arguments].concat());
    assert_eq!(text(&output.stderr), "", "{arguments:?}");
    (text(&output.stdout), output.status.code().unwrap())
}

fn desk() -> Desk {
    let desk = Desk::new();
    for (database, age) in [("old.kg", "41"), ("new.kg", "42")] {
        let ada = format!("{{name: 'Ada', age: {age}, tags: ['a', 'b']}}");
        desk.stdout(&["set", database, ADA, &ada]);
    }
    desk.stdout(&["set", "old.kg", A, "1n"]);
    desk.stdout(&["set", "new.kg", B, "'b'"]);
    desk
}

#[test]
fn counts_come_first_then_the_keys_and_what_differs_in_them_on_request() {
    let desk = desk();
    let counted = "1 added, 1 removed, 1 changed (1 in value), 0 the same\n";
    let (told, code) = diff(&desk, &["old.kg", "new.kg"]);
    assert_eq!(
        told,
        format!("{counted}- [\"a\"]\n+ [\"b\"]\n~ [\"users\", \"ada\"]\tvalue\n")
    );
    assert_eq!(code, 1);
    let (told, _) = diff(&desk, &["old.kg", "new.kg", "--full"]);
    assert_eq!(
        told,
        format!(
            "{counted}- [\"a\"]\t1n\n+ [\"b\"]\t\"b\"\n~ [\"users\", \"ada\"]\tvalue\n    value.age: 41 → 42\n"
        )
    );
    let (told, code) = diff(&desk, &["old.kg", "old.kg"]);
    assert_eq!((told.as_str(), code), ("The same: 2 entries\n", 0));
    let (told, code) = diff(&desk, &["old.kg", "new.kg", "--prefix", r#"["none"]"#]);
    assert_eq!((told.as_str(), code), ("The same: 0 entries\n", 0));
    let (told, code) = diff(&desk, &["old.kg", "new.kg", "--full", "--json"]);
    assert_eq!(code, 1);
    let lines: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 4);
    assert_eq!(
        (&lines[0]["type"], &lines[0]["added"], &lines[0]["changedValue"]),
        (&"counts".into(), &1.into(), &1.into())
    );
    assert_eq!(lines[1]["value"]["value"], "1");
    assert_eq!(lines[3]["differs"], serde_json::json!(["value"]));
    assert_eq!(
        lines[3]["fields"],
        serde_json::json!([{"path": "value.age", "before": "41", "after": "42"}])
    );
    assert_eq!(lines[3]["before"]["key"], lines[3]["key"]);
}

#[test]
fn a_deno_file_is_the_same_as_its_export_in_any_order_and_from_stdin() {
    let desk = Desk::new();
    desk.shop();
    let export = desk.stdout(&["export", "shop.sqlite3"]);
    fs::write(desk.path("shop.ndjson"), &export).unwrap();
    let same = ("The same: 1946 entries\n".to_owned(), 0);
    assert_eq!(diff(&desk, &["shop.sqlite3", "shop.ndjson"]), same);
    assert_eq!(diff(&desk, &["shop.ndjson", "shop.ndjson"]), same);

    let mut lines: Vec<_> = export.lines().collect();
    lines.swap(7, 1000);
    let mixed = lines.join("\n");
    fs::write(desk.path("mixed.ndjson"), &mixed).unwrap();
    let output = desk.run(&["diff", "shop.sqlite3", "mixed.ndjson"]);
    assert_eq!(text(&output.stdout), same.0);
    assert_eq!(
        text(&output.stderr),
        "The export is not in key order, so it is sorted first: mixed.ndjson\n"
    );
    let stdin = |file: &str| {
        let mut command = desk.command(&["diff", "shop.sqlite3", "-"]);
        let file = fs::File::open(desk.path(file)).unwrap();
        command.stdin(Stdio::from(file)).output().unwrap()
    };
    assert_eq!(text(&stdin("shop.ndjson").stdout), same.0);
    let output = stdin("mixed.ndjson");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stdout), "");
    assert!(text(&output.stderr).contains("save it to a file, which is sorted first: -\n"));
}

#[test]
fn a_comparison_that_fails_ends_with_2_and_a_sentence() {
    let desk = desk();
    fs::write(desk.path("bad.ndjson"), "nonsense\n").unwrap();
    for (other, sentence) in [
        (
            "missing.kg",
            "There is no database here, because the path does not exist: missing.kg\n",
        ),
        (
            "bad.ndjson",
            "Line 1 of the export is no entry that could be compared (",
        ),
    ] {
        let output = desk.run(&["diff", "old.kg", other]);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(text(&output.stdout), "");
        assert!(
            text(&output.stderr).starts_with(sentence),
            "{}",
            text(&output.stderr)
        );
    }
}
