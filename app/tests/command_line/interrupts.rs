//! A signal ends a command in order: it says what it did, and leaves nothing behind.

use std::fs;
use std::io::{BufRead as _, Read as _, Write as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use keyglass_store::deno_file::DenoFile;
use keyglass_store::embedded::Store;
use keyglass_store::{Database as _, Encoding, Key, KeyPart, KeyRange, StoredValue};

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

/// A database of so many entries, of which 100,000 take seconds to export.
fn large(desk: &Desk, entries: u32) {
    let store = Store::create(desk.path("large.kg")).unwrap();
    let mut load = store.bulk_load();
    for number in 0..entries {
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
    large(&desk, 100_000);
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

#[test]
fn a_deletion_that_is_stopped_says_how_many_are_gone_and_keeps_them() {
    let desk = Desk::new();
    large(&desk, 10_000);
    let mut command = desk.command(&["delete", "large.kg", "--yes", "--prefix", "[]"]);
    let child = command
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // It has its name once it is whole, and then the deletion begins.
    let has_name = |file: &std::path::PathBuf| file.extension().is_some();
    while !desk.undo_files().iter().any(has_name) {
        std::thread::yield_now();
    }
    signal(&child, "-INT");
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    let left = desk.stdout(&["ls", "large.kg", "--keys"]).lines().count();
    let gone = 10_000 - left;
    assert!(left > 0);
    assert_eq!(
        stderr,
        format!("Stopped; {gone} entries were deleted; the rest was not: large.kg\n")
    );
    let [file] = &desk.undo_files()[..] else {
        panic!("{:?}", desk.undo_files())
    };
    let file = file.to_str().unwrap();
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        format!("Deleted {gone} entries\nkeyglass import puts back what is gone: {file}\n")
    );
    assert_eq!(
        desk.stdout(&["import", "large.kg", file]),
        format!("Imported {gone} entries\n{left} entries left out, because their keys exist\n")
    );
}

#[test]
fn an_import_that_waits_for_stdin_says_what_it_stored() {
    let desk = Desk::new();
    let mut command = desk.command(&["import", "new.kg", "-"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Open to the end, so that the import waits for more.
    let mut stdin = child.stdin.take().unwrap();
    for number in 0..5000 {
        writeln!(
            stdin,
            r#"{{"key":[{{"type":"number","value":{number}}}],"value":{{"type":"boolean","value":true}}}}"#
        )
        .unwrap();
    }
    write!(stdin, r#"{{"key":"#).unwrap();
    // From when it says so, it hears a signal.
    let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    stderr.read_line(&mut line).unwrap();
    assert_eq!(line, "Made a new database: new.kg\n");
    signal(&child, "-TERM");
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert_eq!(output.status.code(), Some(130), "{rest}");
    let stored = desk.stdout(&["ls", "new.kg"]).lines().count();
    let were = if stored == 1 { "entry was" } else { "entries were" };
    assert_eq!(
        rest,
        format!("Stopped; {stored} {were} imported, and they stay; the rest was not: stdin\n")
    );
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(stdout.starts_with(&format!("Imported {stored} ")), "{stdout}");
}

const ENTRIES: u32 = 20_000;

/// Whether a copy has stored anything yet, seen from beside it.
fn has_begun(target: &Path) -> bool {
    if target.extension().is_some_and(|it| it == "kg") {
        // Nobody else can open it now. It begins with less than a batch of entries.
        let files = fs::read_dir(target).into_iter().flatten().flatten();
        let sizes =
            files.filter_map(|file| std::os::unix::fs::MetadataExt::blocks(&file.metadata().ok()?).into());
        return sizes.sum::<u64>() * 512 > 200_000;
    }
    let file = DenoFile::open(target).ok();
    let counted = file.and_then(|file| {
        let everything = KeyRange::everything();
        file.count(&everything, &mut |_| ControlFlow::Break(())).ok()
    });
    counted.is_some_and(|counted| counted.entries > 0)
}

/// Stops a copy on its way by a signal; what it said, and how many entries it had stored.
fn stopped_copy(desk: &Desk, target: &str, signal_name: &str) -> (String, u32) {
    loop {
        let mut command = desk.command(&["copy", "large.kg", target]);
        let child = command
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        while !has_begun(&desk.path(target)) {
            std::thread::yield_now();
        }
        signal(&child, signal_name);
        let output = child.wait_with_output().unwrap();
        let stored = desk.stdout(&["ls", target, "--keys"]).lines().count() as u32;
        if stored < ENTRIES {
            assert!(!output.status.success());
            return (String::from_utf8(output.stderr).unwrap(), stored);
        }
        // The copy was faster than the signal: once more.
        let path = desk.path(target);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
    }
}

/// The same copy once more says what it went on from, and has made an equal database then.
fn goes_on(desk: &Desk, target: &str, stored: u32) {
    let arguments = ["copy", "large.kg", target, "--verify"];
    let written = if target.ends_with(".kg") {
        &[][..]
    } else {
        &["--write"]
    };
    let told = desk.stdout(&[&arguments[..], written].concat());
    let there = match stored {
        0 => String::new(),
        1 => "1 entry there already, exactly the same\n".to_owned(),
        _ => format!("{stored} entries there already, exactly the same\n"),
    };
    let expected = format!(
        "Copied {} entries\n{there}Verified: {ENTRIES} entries, ",
        ENTRIES - stored
    );
    assert!(told.starts_with(&expected), "{told}");
    assert_eq!(
        desk.stdout(&["diff", "large.kg", target]),
        format!("The same: {ENTRIES} entries\n")
    );
}

#[test]
fn a_copy_that_is_stopped_says_what_it_stored_and_goes_on_from_there() {
    let desk = Desk::new();
    large(&desk, ENTRIES);
    for target in ["copy.sqlite3", "copy.kg"] {
        let (said, stored) = stopped_copy(&desk, target, "-INT");
        let were = if stored == 1 { "entry was" } else { "entries were" };
        assert_eq!(
            said,
            format!(
                "Made a new database: {target}\nStopped; {stored} {were} copied, and they stay; the same command goes on \
                 from there: {target}\n"
            )
        );
        goes_on(&desk, target, stored);
    }
}

#[test]
fn a_copy_that_is_killed_goes_on_from_what_it_had_stored() {
    let desk = Desk::new();
    large(&desk, ENTRIES);
    for target in ["copy.sqlite3", "copy.kg"] {
        let (said, stored) = stopped_copy(&desk, target, "-KILL");
        assert_eq!(said, format!("Made a new database: {target}\n"));
        goes_on(&desk, target, stored);
    }
}
