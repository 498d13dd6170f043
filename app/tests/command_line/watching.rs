//! Facts, and changes as they happen.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::desk::{Desk, text};

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
    assert!(set["at"].as_i64().unwrap() > 0);
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
    assert_eq!(deleted["kind"], "deleted");
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

#[test]
fn a_watch_ends_once_what_is_there_or_comes_meets_a_condition() {
    let desk = Desk::new();
    desk.stdout(&["set", "shop.kg", "[\"stock\", \"rope\"]", "{stock: 7}"]);
    desk.stdout(&["set", "shop.kg", "[\"stock\", \"bow\"]", "{stock: 3}"]);
    let watch = |arguments: &[&str]| {
        let all = [&["watch", "shop.kg", "--present"], arguments].concat();
        desk.run(&all)
    };
    let low = watch(&["--until", "value.stock < 5"]);
    assert_eq!(low.status.code(), Some(0));
    assert_eq!(text(&low.stdout), "set\t[\"stock\", \"bow\"]\t{stock: 3}\n");
    let high = watch(&["--where", "value.stock > 5", "--count", "1", "--json"]);
    let line: Value = serde_json::from_str(&text(&high.stdout)).unwrap();
    assert_eq!(
        (&line["kind"], &line["key"][1]["value"]),
        (&"set".into(), &"rope".into())
    );
    // Neither is an error, nor for ever.
    let none = watch(&["--until", "value.stock < 0", "--timeout", "50ms"]);
    assert_eq!(none.status.code(), Some(124), "{}", text(&none.stderr));
    assert_eq!(text(&none.stdout).lines().count(), 2);
    assert_eq!(watch(&["--timeout", "0s"]).status.code(), Some(0));
    let wrong = watch(&["--until", "stock < 0"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(
        text(&wrong.stderr).contains("begins with value"),
        "{}",
        text(&wrong.stderr)
    );
}

#[test]
fn what_differs_is_printed_field_by_field() {
    let desk = Desk::new();
    desk.shop();
    let set = |credit: u32| {
        let value = format!("{{name: \"Ada\", credit: {credit}}}");
        desk.stdout(&["set", "shop.sqlite3", "[\"a\"]", &value, "--write"]);
    };
    let mut number = 0;
    set(number);
    let mut watch = desk
        .command(&[
            "watch",
            "shop.sqlite3",
            "--diff",
            "--until",
            "value.credit > 0 and before.credit > 0",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Nothing tells when the watch has begun, so the entry is changed until it has ended.
    while watch.try_wait().unwrap().is_none() {
        number += 1;
        set(number);
    }
    let printed = text(&watch.wait_with_output().unwrap().stdout);
    let last = printed.lines().last().unwrap();
    assert!(
        last.starts_with("    value.credit: ") && last.contains(" → "),
        "{printed}"
    );
    assert!(!printed.contains("value.name"), "{printed}");
}

#[cfg(unix)]
#[test]
fn a_command_line_is_run_for_each_change_that_is_told() {
    let desk = Desk::new();
    desk.stdout(&["set", "own.kg", r#"["users", "ada"]"#, "20"]);
    let exec = r#"echo "$KEYGLASS_KEY $KEYGLASS_KIND"; cat; exit 3"#;
    let key = r#"["users", "ada"]"#;
    let output = desk.run(&[
        "watch",
        "own.kg",
        key,
        "--present",
        "--count",
        "1",
        "--exec",
        exec,
    ]);
    let stdout = text(&output.stdout);
    let lines: Vec<&str> = stdout.lines().collect();
    assert!(lines[0].starts_with("set\t"), "{stdout}");
    assert_eq!(lines[1], format!("{key} set"));
    let json: Value = serde_json::from_str(lines[2]).unwrap();
    assert_eq!(json["key"][1]["value"], "ada");
    let told = text(&output.stderr);
    assert!(
        told.contains(&format!("The command ended with exit status: 3: {key}")),
        "{told}"
    );
    assert!(output.status.success());
}
