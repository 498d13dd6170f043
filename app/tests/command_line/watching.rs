//! Facts, and changes as they happen.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::desk::Desk;

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
    assert_eq!(json["writing"], "locked");
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
    #[expect(clippy::disallowed_methods, reason = "a program prints a few lines")]
    let (sender, lines) = std::sync::mpsc::channel();
    let stdout = BufReader::new(watch.stdout.take().unwrap());
    #[expect(clippy::disallowed_methods, reason = "it ends with the program")]
    std::thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            let _ended = sender.send(line);
        }
    });
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
        fs::read_dir(desk.path("")).unwrap().count(),
        1,
        "files were left behind"
    );
}
