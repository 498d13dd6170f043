//! `keyglass backup`, `verify` and `restore`.

use std::io::Read as _;
use std::process::Stdio;

use keyglass_store::embedded::Store;
use keyglass_store::{Encoding, Key, KeyPart, StoredValue};

use crate::desk::{A, B, Desk, P, text};

const SHOP: &str = "shop.kg";
const HOME: &str = "home.kg";

fn set(desk: &Desk, key: &str, value: &str) {
    desk.stdout(&["set", SHOP, key, value]);
}

fn back_up(desk: &Desk) -> serde_json::Value {
    desk.json(&["backup", SHOP, HOME, "--json"])
}

#[test]
fn a_backup_is_the_same_as_its_database_and_brings_back_what_it_was() {
    let desk = Desk::new();
    set(&desk, A, "1n");
    set(&desk, B, "{name: 'Ada'}");
    let told = desk.stdout(&["backup", SHOP, HOME]);
    assert!(told.starts_with("Backed up 2 entries, as of "), "{told}");
    assert!(
        told.contains("2 new, 0 replaced, 0 deleted, 0 the same"),
        "{told}"
    );
    assert_eq!(desk.stdout(&["diff", SHOP, HOME]), "The same: 2 entries\n");
    let before = desk.stdout(&["export", SHOP]);
    set(&desk, A, "2n");
    desk.stdout(&["delete", SHOP, B]);
    set(&desk, P, "'new'");
    let report = back_up(&desk);
    assert_eq!(report["state"]["number"], 2);
    for (member, number) in [("new", 1), ("replaced", 1), ("deleted", 1), ("keptStates", 1)] {
        assert_eq!(report[member], number, "{member}");
    }
    let verified = desk.json(&["verify", HOME, "--json"]);
    assert_eq!(
        (&verified["sound"], &verified["pastStates"]),
        (&true.into(), &1.into())
    );
    let states = desk.json(&["restore", HOME, "--json"]);
    let first = states[0]["moment"].to_string();
    assert_eq!(desk.stdout(&["restore", HOME]).lines().count(), 2);

    let planned = desk.stdout(&["restore", HOME, SHOP, "--at", &first, "--dry-run"]);
    assert!(
        planned.contains("1 new, 1 replaced, 1 deleted, 0 the same"),
        "{planned}"
    );
    let asked = desk.failure(&["restore", HOME, SHOP, "--at", &first]);
    assert!(asked.contains("repeat it with --yes"), "{asked}");
    assert_ne!(desk.stdout(&["export", SHOP]), before);
    let restored = desk.stdout(&["restore", HOME, SHOP, "--at", &first, "--yes"]);
    assert!(
        restored.contains("keyglass import --overwrite puts back"),
        "{restored}"
    );
    let values = |export: &str| -> Vec<String> {
        let entries = export
            .lines()
            .map(|line| line.split("\"versionstamp\"").next().unwrap().to_owned());
        entries.collect()
    };
    assert_eq!(values(&desk.stdout(&["export", SHOP])), values(&before));
    // What the restore took away can be had again.
    let kept = desk.undo_files();
    let kept = kept[0].to_str().unwrap();
    desk.stdout(&["import", SHOP, kept, "--overwrite"]);
    assert_eq!(desk.stdout(&["get", SHOP, A]), "2n\n");
    assert_eq!(desk.stdout(&["get", SHOP, P]), "\"new\"\n");
    // Into a new place nothing is asked.
    desk.stdout(&["restore", HOME, "other.kg", "--at", &first, "--prefix", "[]"]);
    assert_eq!(
        desk.stdout(&["diff", HOME, "other.kg", "--prefix", "['none']"]),
        "The same: 0 entries\n"
    );
    assert_eq!(desk.stdout(&["get", "other.kg", A]), "1n\n");
}

#[test]
fn what_is_wrong_is_told_in_a_sentence() {
    let desk = Desk::new();
    set(&desk, A, "1");
    set(&desk, B, "2");
    let none = desk.failure(&["verify", HOME]);
    assert!(none.starts_with("There is no backup here"), "{none}");
    back_up(&desk);
    desk.stdout(&["set", "other.kg", A, "3"]);
    let other = desk.failure(&["backup", "other.kg", HOME]);
    assert!(other.contains("the backup of another database"), "{other}");
    let own = desk.failure(&["backup", SHOP, "other.kg"]);
    assert!(own.contains("is a database and no backup"), "{own}");
    let into = desk.failure(&["restore", HOME, HOME]);
    assert!(into.contains("nothing is restored into"), "{into}");
    let old = desk.failure(&["restore", HOME, SHOP, "--at", "2001-01-01"]);
    assert!(old.contains("no state that is so old"), "{old}");
    let moment = desk.failure(&["restore", HOME, SHOP, "--at", "yesterday"]);
    assert!(moment.contains("No moment was recognised"), "{moment}");
    // Somebody writes to the backup.
    desk.stdout(&["set", HOME, A, "99"]);
    let output = desk.run(&["verify", HOME]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains(r#"below ["a"]"#));
    assert!(text(&output.stderr).starts_with("The backup is not as it was written"));
    let told = desk.stdout(&["backup", SHOP, HOME]);
    assert!(told.contains("Somebody had changed the folder"), "{told}");
    assert_eq!(desk.stdout(&["diff", SHOP, HOME]), "The same: 2 entries\n");
}

#[test]
fn help_says_with_what_the_commands_end() {
    let desk = Desk::new();
    for (command, codes) in [
        ("backup", &["0", "1", "3", "130"][..]),
        ("verify", &["0", "1", "130"]),
        ("restore", &["0", "1", "130"]),
    ] {
        let help = desk.stdout(&[command, "--help"]);
        for code in codes {
            assert!(help.contains(&format!("with {code}")), "{help}");
        }
    }
}

#[test]
fn a_backup_that_is_held_back_and_stopped_leaves_the_one_before() {
    let desk = Desk::new();
    set(&desk, A, "1");
    back_up(&desk);
    let store = Store::open(desk.path(SHOP)).unwrap();
    let mut load = store.bulk_load();
    for number in 0..2000 {
        let key = Key(vec![KeyPart::Number(number.into())]).encode().unwrap();
        let value = StoredValue {
            encoding: Encoding::Bytes,
            bytes: vec![7; 500].into(),
        };
        load.add(key, value, None).unwrap();
    }
    load.finish().unwrap();
    drop(store);
    let mut child = desk
        .command(&["backup", SHOP, HOME, "--limit", "1KB/s"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It holds a good deal of it back as soon as it has begun to read.
    while !desk.path("home.kg/backup/reading").exists() {
        assert_eq!(child.try_wait().unwrap(), None);
        std::thread::yield_now();
    }
    let sent = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
    assert!(said.contains("the backup before is as it was"), "{said}");
    let verified = desk.json(&["verify", HOME, "--json"]);
    assert_eq!(
        (&verified["sound"], &verified["entries"]),
        (&true.into(), &1.into())
    );
    let copied = desk.json(&["copy", SHOP, "copy.kg", "--limit", "1GB/s", "--json"]);
    assert_eq!(copied["stored"], 2001);
    let wrong = desk.run(&["copy", SHOP, "copy.kg", "--limit", "fast"]);
    assert_eq!(wrong.status.code(), Some(2));
}
