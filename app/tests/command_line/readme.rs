//! The command lines that the README shows, run one after the other as a person would.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::desk::{Desk, text};

/// A line in a shell that finds the program.
fn shell(desk: &Desk, line: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_keyglass"));
    let path = std::env::var("PATH").unwrap();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("exec {line}")])
        .current_dir(desk.path(""))
        .env("PATH", format!("{}:{path}", program.parent().unwrap().display()))
        .env("HOME", desk.path("home"))
        .env("XDG_DATA_HOME", desk.path("home"))
        .stdin(Stdio::null());
    shell
}

fn end(mut program: Child) {
    let id = program.id().to_string();
    let ended = Command::new("kill").args(["-TERM", &id]).status().unwrap();
    assert!(ended.success());
    let mut said = String::new();
    program.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(program.wait().unwrap().success(), "{said}");
}

/// Starts what goes on until it is ended, waits until it has printed a line, and ends it. `meanwhile` is done until then.
fn goes_on(desk: &Desk, line: &str, mut meanwhile: impl FnMut()) {
    let mut program = shell(desk, line);
    let mut program = program
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(program.stdout.take().unwrap());
    std::thread::scope(|scope| {
        let first = scope.spawn(move || {
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            // Kept open, so that the program can print on.
            (line, stdout)
        });
        while !first.is_finished() {
            meanwhile();
        }
        let (first, _stdout) = first.join().unwrap();
        assert!(!first.is_empty(), "{line} printed nothing");
        end(program);
    });
}

#[test]
fn every_command_line_of_the_readme_runs() {
    let desk = Desk::new();
    let shop = desk.shop();
    fs::copy(&shop, desk.path("damaged.sqlite3")).unwrap();
    let page = include_str!("../../../README.md");
    let lines = page.lines().filter(|line| line.starts_with("keyglass "));
    let mut num_run = 0;
    for line in lines {
        num_run += 1;
        if line.starts_with("keyglass serve ") {
            goes_on(
                &desk,
                &format!("{line} --listen 127.0.0.1:0"),
                std::thread::yield_now,
            );
        } else if line.starts_with("keyglass watch ") && !line.contains("--until") {
            let mut number = 0;
            goes_on(&desk, line, || {
                number += 1;
                let set = format!("keyglass set shop.sqlite3 '[\"watched\"]' {number} --write");
                assert!(shell(&desk, &set).output().unwrap().status.success());
            });
        } else {
            let output = shell(&desk, line).output().unwrap();
            assert!(output.status.success(), "{line}: {}", text(&output.stderr));
        }
    }
    assert!(num_run > 8, "only {num_run} lines were found");
}
