//! A signal ends a command in order: it says what it did, and leaves nothing behind.

use std::fs;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};

use keyglass_store::embedded::Store;
use keyglass_store::{Encoding, Key, KeyPart, StoredValue};

use crate::desk::Desk;

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

/// What a command says that was stopped.
fn sentence(mut child: Child) -> String {
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    stderr
}

fn names(desk: &Desk) -> Vec<String> {
    let files = fs::read_dir(desk.path("")).unwrap();
    let mut names: Vec<_> = files
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A database that takes seconds to export.
fn large(desk: &Desk) {
    let store = Store::create(desk.path("large.kg")).unwrap();
    let mut load = store.bulk_load();
    for number in 0..100_000_u32 {
        let key = Key(vec![KeyPart::Number(number.into())]).encode().unwrap();
        let value = StoredValue {
            encoding: Encoding::Bytes,
            bytes: vec![7; 500].into(),
        };
        load.add(key, value, None).unwrap();
    }
    load.finish().unwrap();
}

#[test]
fn an_export_that_is_stopped_leaves_no_file_behind() {
    let desk = Desk::new();
    large(&desk);
    let mut names_of_signals = vec!["-TERM", "-INT"];
    while let Some(name) = names_of_signals.pop() {
        let mut command = desk.command(&["export", "large.kg", "-o", "large.ndjson"]);
        let child = command
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while names(&desk).len() < 2 {
            std::thread::yield_now();
        }
        signal(&child, name);
        if desk.path("large.ndjson").exists() {
            // The export was faster than the signal: once more.
            child.wait_with_output().unwrap();
            fs::remove_file(desk.path("large.ndjson")).unwrap();
            names_of_signals.push(name);
            continue;
        }
        assert_eq!(
            sentence(child),
            "Stopped; no file was written, and what stood there before still does: large.ndjson\n"
        );
        assert_eq!(names(&desk), ["large.kg"]);
    }
}

#[test]
fn an_import_that_is_stopped_says_what_it_stored() {
    let desk = Desk::new();
    let made = Command::new("mkfifo").arg(desk.path("pipe")).status();
    assert!(made.unwrap().success());
    let mut command = desk.command(&["import", "new.kg", "pipe"]);
    let child = command
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = fs::File::options().write(true).open(desk.path("pipe")).unwrap();
    let mut number = 0;
    let mut write = || {
        number += 1;
        let line = format!(
            r#"{{"key":[{{"type":"number","value":{number}}}],"value":{{"type":"boolean","value":true}}}}"#
        );
        writeln!(pipe, "{line}")
    };
    // More than is gathered before the first commit.
    for _ in 0..5000 {
        write().unwrap();
    }
    signal(&child, "-INT");
    // It hears of it between two lines, and then the pipe has no reader any more.
    while write().is_ok() {}
    let mut child = child;
    let mut stdout = String::new();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{stderr}");
    let stored = desk.stdout(&["ls", "new.kg"]).lines().count();
    assert!(stored > 0);
    assert_eq!(stdout, format!("Imported {stored} entries\n"));
    assert_eq!(
        stderr,
        format!(
            "Made a new database: new.kg\nStopped; {stored} entries were imported, and they stay; the rest was not: pipe\n"
        )
    );
}
