//! Entries of a Deno file that have expired and were not swept.

use crate::desk::{Desk, text};
use keyglass_store::{Key, KeyRange};

/// What every command says of them.
const NOTE: &str = "17 expired entries left out, not swept yet; --expired takes them in\n";

/// A desk with a copy of the shop of which the first 17 sessions have expired, and the first one's key.
fn desk() -> (Desk, String) {
    let desk = Desk::new();
    let file = rusqlite::Connection::open(desk.shop()).unwrap();
    let sessions = r#"["sessions"]"#.parse::<Key>().unwrap().encode().unwrap();
    let sessions = KeyRange::below(&sessions);
    file.execute(
        "UPDATE kv SET expiration_ms = 1000 WHERE k IN \
         (SELECT k FROM kv WHERE k >= ?1 AND k < ?2 ORDER BY k LIMIT 17)",
        (sessions.start.as_bytes(), sessions.end.as_bytes()),
    )
    .unwrap();
    drop(file);
    let all = desk.stdout(&["ls", "shop.sqlite3", "--expired", "--keys", "--prefix", SESSIONS]);
    let first = all.lines().next().unwrap().to_owned();
    (desk, first)
}

const SESSIONS: &str = r#"["sessions"]"#;

#[test]
fn a_list_leaves_them_out_says_so_and_takes_them_in_when_asked() {
    let (desk, first) = desk();
    let output = desk.run(&["ls", "shop.sqlite3", "--keys", "--prefix", SESSIONS]);
    assert_eq!(text(&output.stdout).lines().count(), 43);
    assert!(!text(&output.stdout).contains(&first));
    assert_eq!(text(&output.stderr), NOTE);
    let output = desk.run(&["ls", "shop.sqlite3", "--expired", "--prefix", SESSIONS]);
    assert_eq!(text(&output.stdout).lines().count(), 60);
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn a_limit_counts_what_is_listed_and_its_cursor_goes_on_behind_that() {
    let (desk, _) = desk();
    let all = desk.stdout(&["ls", "shop.sqlite3", "--keys", "--prefix", SESSIONS]);
    let output = desk.run(&[
        "ls",
        "shop.sqlite3",
        "--keys",
        "--prefix",
        SESSIONS,
        "--limit",
        "3",
    ]);
    let (page, notes) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(page.lines().count(), 3);
    let cursor = notes
        .lines()
        .last()
        .unwrap()
        .strip_prefix("More follow: --cursor ");
    let cursor = cursor.unwrap_or_else(|| panic!("{notes}"));
    let arguments = [
        "ls",
        "shop.sqlite3",
        "--keys",
        "--prefix",
        SESSIONS,
        "--cursor",
        cursor,
    ];
    assert_eq!(page + &desk.stdout(&arguments), all);
    // Nothing but what has expired follows at the end.
    let arguments = [
        "ls",
        "shop.sqlite3",
        "--keys",
        "--prefix",
        SESSIONS,
        "--reverse",
        "--limit",
        "43",
    ];
    let output = desk.run(&arguments);
    assert_eq!(text(&output.stdout).lines().count(), 43);
    assert_eq!(text(&output.stderr), NOTE);
}

#[test]
fn one_that_is_got_by_its_key_is_printed_and_told_to_have_expired() {
    let (desk, first) = desk();
    let output = desk.run(&["get", "shop.sqlite3", &first]);
    assert!(output.status.success() && !output.stdout.is_empty());
    assert_eq!(
        text(&output.stderr),
        format!("This entry expired at 1970-01-01 00:00:01 UTC and was not swept: {first}\n")
    );
}

#[test]
fn exports_and_copies_leave_them_out_and_say_so() {
    let (desk, _) = desk();
    let output = desk.run(&["export", "shop.sqlite3"]);
    assert_eq!(text(&output.stdout).lines().count(), 1929);
    assert_eq!(text(&output.stderr), NOTE);
    let report = desk.stdout(&["export", "shop.sqlite3", "-o", "shop.ndjson"]);
    assert_eq!(report, format!("Exported 1929 entries to shop.ndjson\n{NOTE}"));
    let report = desk.stdout(&["export", "shop.sqlite3", "--expired", "-o", "shop.ndjson"]);
    assert_eq!(report, "Exported 1946 entries to shop.ndjson\n");
    let report = desk.stdout(&["copy", "shop.sqlite3", "living.kg"]);
    let messages = "Copied 4 queued messages\n";
    assert_eq!(report, format!("Copied 1929 entries\n{NOTE}{messages}"));
    let report = desk.stdout(&["copy", "shop.sqlite3", "all.kg", "--expired"]);
    let kept = "17 entries had expired, and will not expire in the copy\n";
    assert_eq!(report, format!("Copied 1946 entries\n{kept}{messages}"));
    assert_eq!(desk.json(&["info", "all.kg", "--json"])["entries"], 1946);
}

#[test]
fn facts_count_them_apart() {
    let (desk, _) = desk();
    let info = desk.json(&["info", "shop.sqlite3", "--json"]);
    assert_eq!(
        (&info["entries"], &info["expiredEntries"]),
        (&1929.into(), &17.into())
    );
    let info = desk.stdout(&["info", "shop.sqlite3"]);
    let fact = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name));
        line.map(|line| line.trim_start_matches(name).trim().to_owned())
    };
    assert_eq!(fact("Entries:"), Some("1929".to_owned()));
    assert_eq!(fact("Expired, not swept:"), Some("17".to_owned()));
}
