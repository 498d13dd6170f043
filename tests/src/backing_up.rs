//! Backups of a file that real Deno wrote, made by a program that is killed at every stage.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use crate::data::Desk;
use crate::program::{keyglass, stdout_of};

/// The lines of an export, without their versionstamps, which a restore gives anew.
fn entries(desk: &Desk, location: &Path) -> Vec<String> {
    const MEMBER: &str = "\"versionstamp\":\"";
    let export = stdout_of(keyglass(desk).arg("export").arg(location));
    let lines = export.lines().map(|line| {
        let at = line.find(MEMBER).unwrap() + MEMBER.len();
        format!("{}{}", &line[..at], &line[at + 20..])
    });
    lines.collect()
}

#[test]
fn a_backup_that_is_killed_at_every_stage_stays_whole_and_every_state_comes_back() {
    let desk = Desk::new();
    let shop = desk.shop();
    let home = desk.path("home.kg");
    let backup = || {
        let mut command = keyglass(&desk);
        command.arg("backup").arg(&shop).arg(&home).arg("--json");
        command
    };
    let states = || -> Vec<u64> {
        let states = stdout_of(keyglass(&desk).arg("restore").arg(&home).arg("--json"));
        let states: Value = serde_json::from_str(&states).unwrap();
        let states = states.as_array().unwrap().iter();
        states.map(|state| state["number"].as_u64().unwrap()).collect()
    };
    let mut by_moment = BTreeMap::new();
    let mut last = 0;
    for (round, stage) in ["reading", "read", "past", "next.json", "manifest.json"]
        .iter()
        .cycle()
        .take(10)
        .enumerate()
    {
        let set = |key: &str, value: &str| {
            let mut command = keyglass(&desk);
            stdout_of(command.arg("set").arg(&shop).args([key, value, "--write"]));
        };
        set(r#"["round"]"#, &round.to_string());
        set(&format!(r#"["rounds", {}]"#, round % 3), &format!("{round}n"));
        // Killed as soon as it has come so far, or it was done before that was seen.
        let mut killed = backup().stdout(std::process::Stdio::null()).spawn().unwrap();
        while killed.try_wait().unwrap().is_none() && !home.join("backup").join(stage).exists() {
            std::thread::yield_now();
        }
        let _ended_already = killed.kill();
        killed.wait().unwrap();
        if home.join("backup/manifest.json").exists() || home.join("backup/next.json").exists() {
            stdout_of(keyglass(&desk).arg("verify").arg(&home));
            let newest = *states().last().unwrap();
            assert!(
                newest == last || newest == last + 1,
                "state {newest} after {last}"
            );
        }
        let report: Value = serde_json::from_str(&stdout_of(&mut backup())).unwrap();
        assert_eq!(report["complete"], true);
        last += 1;
        assert_eq!(report["state"]["number"], last);
        let moment = report["state"]["moment"].as_i64().unwrap();
        let same = stdout_of(keyglass(&desk).arg("diff").args([&shop, &home]));
        assert!(same.starts_with("The same: "), "{same}");
        by_moment.insert(moment, entries(&desk, &shop));
    }
    assert_eq!(states(), (1..=10).collect::<Vec<_>>());
    stdout_of(keyglass(&desk).arg("verify").arg(&home));
    // There and back again: into the file itself, and every other state into one of its own.
    for (number, (moment, expected)) in by_moment.iter().enumerate().rev() {
        let target = match number {
            0 => shop.clone(),
            _ => desk.path("restored.sqlite3"),
        };
        let mut restore = keyglass(&desk);
        restore.arg("restore").args([&home, &target]);
        let moment = moment.to_string();
        stdout_of(restore.args(["--at", &moment, "--yes", "--write", "--json"]));
        assert!(entries(&desk, &target) == *expected, "state {number}");
    }
}
