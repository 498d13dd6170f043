//! Earlier versions of entries: what is kept, shown and brought back.

use serde_json::Value;

use crate::desk::{A, B, Desk, NONE, text};

#[test]
fn versions_are_kept_shown_and_restored_from_the_command_line() {
    let desk = Desk::new();
    desk.stdout(&["set", "shop.kg", A, "1"]);
    let rules = desk.stdout(&["history", "shop.kg"]);
    assert!(rules.starts_with("No earlier versions are kept"), "{rules}");
    let none = desk.run(&["history", "shop.kg", A]);
    assert!(none.status.success() && none.stdout.is_empty());
    assert!(text(&none.stderr).contains("--keep and --days"));
    let rules = desk.stdout(&[
        "history", "shop.kg", "--keep", "20", "--days", "30", "--prefix", A,
    ]);
    assert_eq!(
        rules,
        "[\"a\"]\t20 versions, each for 30 days\nAll together at most 256 MB\n"
    );
    let first = desk.stdout(&["ls", "shop.kg", "--json"]);
    let first: Value = serde_json::from_str(first.lines().next().unwrap()).unwrap();
    let first = first["versionstamp"].as_str().unwrap().to_owned();
    let second = desk.stdout(&["set", "shop.kg", A, "{two: 2}"]);
    desk.stdout(&["set", "shop.kg", B, "1"]);
    desk.stdout(&["delete", "shop.kg", A]);
    desk.stdout(&["delete", "shop.kg", B]);
    let versions = desk.stdout(&["history", "shop.kg", A]);
    let lines: Vec<Vec<&str>> = versions.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(
        lines.iter().map(|line| line[0]).collect::<Vec<_>>(),
        [second.trim_end(), &first]
    );
    assert!(lines[0][1].starts_with("deleted ") && lines[1][1].starts_with("replaced "));
    assert_eq!((lines[0][2], lines[1][2]), ("{two: 2}", "1"));
    let json = desk.stdout(&["history", "shop.kg", A, "--json"]);
    let newest: Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!(newest["ended"], "deleted");
    assert!(newest["endedAt"].as_i64() > Some(0));
    let gone = desk.stdout(&["history", "shop.kg", "--deleted"]);
    assert_eq!(gone.lines().count(), 1);
    assert!(gone.starts_with("[\"a\"]\t"), "{gone}");
    desk.stdout(&["history", "shop.kg", A, "--restore", &first]);
    assert_eq!(desk.stdout(&["get", "shop.kg", A]), "1\n");
    assert_eq!(desk.stdout(&["history", "shop.kg", "--deleted"]), "");
    let unknown = desk.failure(&["history", "shop.kg", A, "--restore", "00000000000000ff0000"]);
    assert!(unknown.starts_with("No version "), "{unknown}");
}

#[test]
fn turning_it_off_is_asked_for_and_drops_what_is_kept() {
    let desk = Desk::new();
    desk.stdout(&["set", "shop.kg", A, "1"]);
    desk.stdout(&["history", "shop.kg", "--keep", "5"]);
    desk.stdout(&["set", "shop.kg", A, "2"]);
    assert_eq!(desk.stdout(&["history", "shop.kg", A]).lines().count(), 1);
    desk.stdout(&["set", "shop.kg", A, "3"]);
    // Less than before is asked about, more is not.
    desk.stdout(&["history", "shop.kg", "--keep", "6"]);
    for fewer in [
        &["--keep", "1"][..],
        &["--keep", "6", "--days", "1"],
        &["--megabytes", "1"],
    ] {
        let failure = desk.failure(&[&["history", "shop.kg"], fewer].concat());
        assert!(failure.contains("--yes"), "{failure}");
    }
    assert_eq!(desk.stdout(&["history", "shop.kg", A]).lines().count(), 2);
    desk.stdout(&["history", "shop.kg", "--keep", "1", "--yes"]);
    assert_eq!(desk.stdout(&["history", "shop.kg", A]).lines().count(), 1);
    let failure = desk.failure(&["history", "shop.kg", "--off"]);
    assert!(failure.contains("--yes"), "{failure}");
    let failure = desk.failure(&["history", "shop.kg", "--off", "--prefix", NONE, "--yes"]);
    assert!(failure.contains("no rule"), "{failure}");
    desk.stdout(&["history", "shop.kg", "--off", "--yes"]);
    assert_eq!(desk.stdout(&["history", "shop.kg", A]), "");
    let failure = desk.failure(&["history", "shop.kg", "--keep", "1001"]);
    assert!(failure.contains("1 to 1000"), "{failure}");
}

#[test]
fn a_file_of_denos_says_that_it_keeps_none() {
    let desk = Desk::new();
    desk.shop();
    for arguments in [
        &["history", "shop.sqlite3"][..],
        &["history", "shop.sqlite3", A],
        &["history", "shop.sqlite3", "--keep", "5"],
    ] {
        let failure = desk.failure(arguments);
        assert!(failure.contains("keeps no earlier versions"), "{failure}");
    }
}
