//! Reading and changing entries.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use keyglass_store::embedded::Store;
use keyglass_store::{AtomicOperation, Clock, Database, Encoding, Key, StoredValue};

use crate::desk::{A, ADA, B, Desk, NONE, P, text};

#[test]
fn an_entry_is_set_read_and_deleted() {
    let desk = Desk::new();
    let value = r#"{name: "Ada", since: new Date("2026-01-01")}"#;
    let output = desk.run(&["set", "shop.kg", r#"["users","ada"]"#, value]);
    assert_eq!(text(&output.stderr), "Made a new database: shop.kg\n");
    assert!(output.status.success());
    let versionstamp = text(&output.stdout).trim_end().to_owned();
    assert_eq!(versionstamp.len(), 20);

    let value = desk.stdout(&["get", "shop.kg", ADA]);
    assert!(value.contains(r#"name: "Ada""#) && value.contains(r#"new Date("2026-01-01T00:00:00.000Z")"#));
    let json = desk.json(&["get", "--json", "shop.kg", ADA]);
    assert_eq!(json["versionstamp"], versionstamp);
    assert_eq!(json["value"]["value"]["name"]["value"], "Ada");

    assert_eq!(desk.stdout(&["delete", "shop.kg", ADA]), "Deleted 1 entry\n");
    let absent = desk.failure(&["get", "shop.kg", ADA]);
    assert_eq!(absent, format!("There is no entry under this key: {ADA}"));
}

#[test]
fn a_set_can_be_bound_to_what_is_there() {
    let desk = Desk::new();
    let set = |value: &str, more: &[&str]| desk.run(&[&["set", "kv", A, value], more].concat());
    let first = text(&set("1", &["--if-absent"]).stdout).trim_end().to_owned();
    assert_eq!(
        text(&set("2", &["--if-absent"]).stderr),
        format!("Nothing was stored, because there is an entry of version {first} under this key: {A}\n")
    );
    let second = text(&set("2", &["--if-version", &first]).stdout)
        .trim_end()
        .to_owned();
    assert!(second > first);
    assert_eq!(set("3", &["--if-version", &first]).status.code(), Some(1));
    desk.stdout(&["delete", "kv", A]);
    assert_eq!(
        text(&set("3", &["--if-version", &second]).stderr),
        format!("Nothing was stored, because there is no entry under this key any more: {A}\n")
    );
}

#[test]
fn a_value_may_begin_with_a_hyphen_or_come_from_stdin() {
    let desk = Desk::new();
    desk.stdout(&["set", "kv", A, "-5", "--expire-in", "1h"]);
    assert_eq!(desk.stdout(&["get", "kv", A]), "-5\n");
    let mut child = desk
        .command(&["set", "kv", A, "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"[1, 2n]\n").unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(desk.stdout(&["get", "kv", A]), "[1, 2n]\n");
}

#[test]
fn an_entry_can_be_told_to_expire() {
    let desk = Desk::new();
    desk.stdout(&["set", "kv", A, "1", "--expire-in", "1h"]);
    let now = Clock::system().now();
    let left = desk.json(&["ls", "kv", "--json"])["expireAt"].as_i64().unwrap() - now;
    assert!((3_500_000..=3_600_000).contains(&left), "{left}");
    desk.stdout(&["set", "kv", A, "1", "--expire-in", "0s"]);
    assert_eq!(desk.stdout(&["ls", "kv"]), "");
}

#[test]
fn a_list_can_be_narrowed_turned_and_continued() {
    let desk = Desk::new();
    for name in ["a", "b", "c", "d"] {
        desk.stdout(&["set", "kv", &format!(r#"["p", "{name}"]"#), &format!("{name:?}")]);
    }
    desk.stdout(&["set", "kv", r#"["q"]"#, "true"]);
    assert_eq!(
        desk.stdout(&["ls", "kv"]),
        "[\"p\", \"a\"]\t\"a\"\n[\"p\", \"b\"]\t\"b\"\n[\"p\", \"c\"]\t\"c\"\n[\"p\", \"d\"]\t\"d\"\n[\"q\"]\ttrue\n"
    );
    assert_eq!(
        desk.stdout(&["ls", "kv", "--keys", "--start", r#"["q"]"#]),
        "[\"q\"]\n"
    );
    let values = |more: &[&str]| {
        let lines = desk.stdout(&[&["ls", "kv", "--values"], more].concat());
        lines.replace(['"', '\n'], "")
    };
    let (b, c, d) = (r#"["p", "b"]"#, r#"["p", "c"]"#, r#"["p", "d"]"#);
    assert_eq!(values(&["--prefix", P]), "abcd");
    assert_eq!(values(&["--prefix", P, "--reverse"]), "dcba");
    assert_eq!(values(&["--prefix", P, "--start", c]), "cd");
    assert_eq!(values(&["--prefix", P, "--end", c]), "ab");
    assert_eq!(values(&["--start", b, "--end", d]), "bc");

    let page = desk.run(&["ls", "kv", "--values", "--prefix", P, "--limit", "2"]);
    assert_eq!(text(&page.stdout), "\"a\"\n\"b\"\n");
    let note = text(&page.stderr);
    let cursor = note.trim_end().strip_prefix("More follow: --cursor ").unwrap();
    assert_eq!(values(&["--prefix", P, "--cursor", cursor]), "cd");
    let last = desk.run(&["ls", "kv", "--prefix", P, "--limit", "4"]);
    assert_eq!(text(&last.stderr), "");
    assert_eq!(desk.failure(&["ls", "kv", "--cursor", "!"]), "invalid cursor");
}

#[test]
fn several_keys_are_read_at_once() {
    let desk = Desk::new();
    desk.stdout(&["set", "kv", A, "1"]);
    desk.stdout(&["set", "kv", B, "2"]);
    let output = desk.run(&["get", "kv", B, NONE, A]);
    assert_eq!(text(&output.stdout), "[\"b\"]\t2\n[\"a\"]\t1\n");
    assert_eq!(
        text(&output.stderr),
        format!("There is no entry under this key: {NONE}\n")
    );
    let absent = desk.failure(&["get", "--json", "kv", NONE, r#"["nor this"]"#]);
    assert_eq!(absent, "There is no entry under 2 of the 2 keys");
}

#[test]
fn more_than_one_entry_is_deleted_only_when_told_twice() {
    let desk = Desk::new();
    for n in 0..5 {
        desk.stdout(&["set", "kv", &format!(r#"["p", {n}]"#), "0"]);
    }
    desk.stdout(&["set", "kv", r#"["q"]"#, "0"]);
    let (first, second) = (r#"["p", 0]"#, r#"["p", 1]"#);
    assert_eq!(
        desk.failure(&["delete", "kv", "--prefix", P]),
        "This would delete 5 entries; repeat it with --yes to do so"
    );
    assert_eq!(
        desk.failure(&["delete", "kv", first, second, second]),
        "This would delete 2 entries; repeat it with --yes to do so"
    );
    assert_eq!(desk.json(&["delete", "kv", "--json", first, NONE])["deleted"], 1);
    assert_eq!(desk.undo_files(), Vec::<PathBuf>::new());
    let deleted = desk.stdout(&["delete", "kv", "--yes", "--prefix", P]);
    assert!(deleted.starts_with("Deleted 4 entries\n"), "{deleted}");
    assert_eq!(desk.stdout(&["ls", "kv", "--keys"]), "[\"q\"]\n");
}

#[test]
fn what_is_deleted_together_is_kept_in_a_file_that_an_import_reads() {
    let desk = Desk::new();
    let line = |n: u32| {
        format!(
            r#"{{"key":[{{"type":"string","value":"p"}},{{"type":"number","value":{n}}}],"value":{{"type":"boolean","value":true}}}}"#
        )
    };
    let lines: Vec<String> = (0..120).map(line).collect();
    std::fs::write(desk.path("lines.ndjson"), lines.join("\n")).unwrap();
    desk.stdout(&["import", "kv", "lines.ndjson"]);
    let before = desk.stdout(&["ls", "kv"]);
    let told = desk.stdout(&["delete", "kv", "--yes", "--prefix", P]);
    let [file] = &desk.undo_files()[..] else {
        panic!("{:?}", desk.undo_files())
    };
    let file = file.to_str().unwrap();
    assert_eq!(
        told,
        format!("Deleted 120 entries\nkeyglass import puts back what is gone: {file}\n")
    );
    assert_eq!(desk.stdout(&["ls", "kv"]), "");
    desk.stdout(&["import", "kv", file]);
    assert_eq!(desk.stdout(&["ls", "kv"]), before);
    // So are several that were named.
    let (first, second) = (r#"["p", 0]"#, r#"["p", 1]"#);
    let told = desk.json(&["delete", "kv", "--yes", "--json", first, second, first]);
    assert_eq!(told["deleted"], 2);
    let kept = std::fs::read_to_string(told["undoFile"].as_str().unwrap()).unwrap();
    assert_eq!(kept.lines().count(), 2);
    // Where nothing is deleted, nothing is kept.
    assert_eq!(
        desk.stdout(&["delete", "kv", "--yes", "--prefix", r#"["none"]"#]),
        "Deleted 0 entries\n"
    );
    assert_eq!(desk.undo_files().len(), 2);
}

/// `{createdAt: now, updatedAt: now}` as V8 writes it: one date that stands twice.
fn one_date_twice() -> StoredValue {
    let mut bytes = vec![0xff, 0x0f, b'o', b'"', 9];
    bytes.extend(b"createdAtD");
    bytes.extend(1_767_225_600_000_f64.to_le_bytes());
    bytes.extend([b'"', 9]);
    bytes.extend(b"updatedAt^");
    bytes.extend([1, b'{', 2]);
    StoredValue {
        encoding: Encoding::V8,
        bytes: bytes.into(),
    }
}

#[test]
fn an_object_that_stands_twice_is_printed_as_what_it_is_in_both_places() {
    let desk = Desk::new();
    let store = Store::create(desk.path("kv")).unwrap();
    let key: Key = A.parse().unwrap();
    let operation = AtomicOperation::new().set(key.encode().unwrap(), one_date_twice());
    store.commit(operation).unwrap();
    drop(store);
    let date = r#"new Date("2026-01-01T00:00:00.000Z")"#;
    let value = format!("{{createdAt: {date}, updatedAt: {date}}}");
    assert_eq!(desk.stdout(&["ls", "kv"]), format!("{A}\t{value}\n"));
    let got = desk.stdout(&["get", "kv", A]);
    let words: Vec<&str> = got.split_whitespace().collect();
    assert_eq!(words.join(" ").replace("{ ", "{").replace(", }", "}"), value);
    // What is printed is read, as two dates.
    desk.stdout(&["set", "kv", B, got.trim()]);
    assert_eq!(desk.stdout(&["get", "kv", B]), got);
}

#[test]
fn an_object_of_denos_own_is_shown_by_what_is_stored_of_it_with_a_word_of_what_it_is() {
    let desk = Desk::new();
    let file = r#"{file: host({type: "Blob", size: 3})}"#;
    desk.stdout(&["set", "kv", A, file]);
    desk.stdout(&["set", "kv", B, r#"{type: "Blob"}"#]);
    for command in [&["get", "kv", A][..], &["ls", "kv"]] {
        let output = desk.run(command);
        assert!(text(&output.stdout).contains(file), "{command:?}");
        assert!(text(&output.stderr).contains("host({…}) stands for an object of Deno's own"));
    }
    // A plain object is none, and neither are keys.
    for command in [
        &["get", "kv", B][..],
        &["ls", "--keys", "kv"],
        &["ls", "--json", "kv"],
    ] {
        assert_eq!(text(&desk.run(command).stderr), "", "{command:?}");
    }
}
