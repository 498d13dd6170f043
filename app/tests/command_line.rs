//! The real program, called from outside.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tempfile::TempDir;

/// A folder to work in.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Puts a copy of a database that real Deno wrote here.
    fn shop(&self) -> PathBuf {
        let path = self.path("shop.sqlite3");
        let original = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/shop.sqlite3");
        fs::copy(original, &path).unwrap();
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keyglass"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What a command that succeeds prints.
    fn stdout(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
        text(&output.stdout)
    }

    /// The JSON that a command that succeeds prints.
    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.stdout(arguments)).unwrap()
    }

    /// The sentence of a command that fails.
    fn failure(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
        let stderr = text(&output.stderr);
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        stderr.trim_end().to_owned()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

const ADA: &str = r#"["users", "ada"]"#;
const A: &str = r#"["a"]"#;
const B: &str = r#"["b"]"#;
const NONE: &str = r#"["none"]"#;
const P: &str = r#"["p"]"#;

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
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
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
    let deleted = desk.stdout(&["delete", "kv", "--yes", "--prefix", P]);
    assert_eq!(deleted, "Deleted 4 entries\n");
    assert_eq!(desk.stdout(&["ls", "kv", "--keys"]), "[\"q\"]\n");
}

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
    let files = fs::read_dir(desk.0.path()).unwrap();
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
    assert_eq!(text(&output.stdout), "Copied 1946 entries\n");
    assert_eq!(
        desk.stdout(&["ls", "copy.kg"]),
        desk.stdout(&["ls", "shop.sqlite3"])
    );
    desk.stdout(&["set", "other.kg", A, "1n"]);
    desk.stdout(&["set", "other.kg", B, "2n"]);
    desk.stdout(&["set", "copy.kg", A, "0n"]);
    assert_eq!(
        desk.stdout(&["copy", "other.kg", "copy.kg"]),
        "Copied 1 entry\n1 entry left out, because their keys exist\n"
    );
    assert_eq!(desk.stdout(&["get", "copy.kg", A]), "0n\n");
    assert_eq!(
        desk.stdout(&["copy", "other.kg", "copy.kg", "--overwrite"]),
        "Copied 2 entries\n"
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
fn a_deno_file_is_not_written() {
    let desk = Desk::new();
    let shop = desk.shop();
    let before = fs::read(&shop).unwrap();
    for arguments in [
        &["set", "shop.sqlite3", A, "1"][..],
        &["delete", "shop.sqlite3", "--yes", "--prefix", "[]"],
    ] {
        assert_eq!(desk.failure(arguments), "The database is read-only: shop.sqlite3");
    }
    assert_eq!(fs::read(&shop).unwrap(), before);
}

#[test]
fn facts_about_a_database_are_told() {
    let desk = Desk::new();
    desk.shop();
    let facts = desk.stdout(&["info", "shop.sqlite3"]);
    for fact in ["Deno file\n", " 1946\n", " 4\n", " 00000000000001710000\n"] {
        assert!(facts.contains(fact), "{facts}");
    }
    let json = desk.json(&["info", "--json", "shop.sqlite3"]);
    assert_eq!(json["kind"], "deno-file");
    assert_eq!(json["entries"], 1946);
    assert_eq!(json["versionstamp"], "00000000000001710000");
    assert_eq!(json["writing"], "impossible");
}

#[cfg(unix)]
#[test]
fn changes_are_printed_as_they_happen_until_it_is_interrupted() {
    let desk = Desk::new();
    let shop = desk.shop();
    let mut watch = desk
        .command(&["watch", "shop.sqlite3", r#"["live"]"#, "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (sender, lines) = std::sync::mpsc::channel();
    let stdout = BufReader::new(watch.stdout.take().unwrap());
    std::thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            let _ended = sender.send(line);
        }
    });
    // SQLite makes this file when the watch opens the database.
    while !desk.path("shop.sqlite3-wal").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let writer = rusqlite::Connection::open(&shop).unwrap();
    writer.busy_timeout(Duration::from_secs(5)).unwrap();
    let key = "x'026c6976650002746900'";
    // Nothing tells when the watch has begun, so the change is repeated until it is printed.
    let set = (1001..1100)
        .find_map(|version| {
            let sql =
                format!("INSERT OR REPLACE INTO kv (k, v, v_encoding, version) VALUES ({key}, x'07', 3, ?1)");
            writer.execute(&sql, [version]).unwrap();
            lines.recv_timeout(Duration::from_millis(300)).ok()
        })
        .unwrap();
    let set: Value = serde_json::from_str(&set).unwrap();
    assert_eq!(set["type"], "set");
    assert_eq!(set["key"][1]["value"], "ti");
    assert_eq!(set["value"]["type"], "Uint8Array");
    writer
        .execute(&format!("DELETE FROM kv WHERE k = {key}"), ())
        .unwrap();
    let deleted = std::iter::from_fn(|| lines.recv_timeout(Duration::from_secs(5)).ok())
        .map(|line| serde_json::from_str::<Value>(&line).unwrap())
        .find(|change| change["type"] == "delete")
        .unwrap();
    assert_eq!(deleted["key"], set["key"]);
    assert_eq!(deleted["before"]["value"], set["value"]);
    drop(writer);
    let interrupt = Command::new("kill")
        .args(["-INT", &watch.id().to_string()])
        .status();
    assert!(interrupt.unwrap().success());
    assert!(watch.wait().unwrap().success());
    assert_eq!(
        fs::read_dir(desk.0.path()).unwrap().count(),
        1,
        "files were left behind"
    );
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
    assert!(remote.contains("cannot open this kind of location"), "{remote}");
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
