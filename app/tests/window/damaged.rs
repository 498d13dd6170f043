//! A database whose journal lost a page.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use keyglass_store::database::Database as _;
use keyglass_store::embedded::{Durability, OpenOptions};
use keyglass_store::value::{Node, StoredValue, Value};
use keyglass_store::{AtomicOperation, Clock};

use crate::harness::{NOW, Window, key};

const NUM_ENTRIES: usize = 500;

/// A folder as a power cut may leave it: with commits behind a page of zeros.
pub fn damaged_database(folder: &Path) -> PathBuf {
    let (whole, damaged) = (folder.join("whole"), folder.join("damaged"));
    let options = OpenOptions::new()
        .durability(Durability::Relaxed)
        .clock(Clock::from_fn(|| NOW));
    let store = options.create(&whole).unwrap();
    for number in 0..NUM_ENTRIES {
        let value = StoredValue::from_value(&Value::primitive(Node::Number(1.0))).unwrap();
        let operation = AtomicOperation::new().set(key(&format!("[{number}]")), value);
        store.commit(operation).unwrap();
    }
    copy(&whole, &damaged);
    let journal = damaged.join("0.jnl");
    let mut bytes = std::fs::read(&journal).unwrap();
    bytes[8192..12_288].fill(0);
    std::fs::write(journal, bytes).unwrap();
    damaged
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for file in std::fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let target = to.join(file.file_name());
        if file.file_type().unwrap().is_dir() {
            copy(&file.path(), &target);
        } else {
            std::fs::copy(file.path(), target).unwrap();
        }
    }
}

#[test]
fn what_is_left_of_a_damaged_database_is_opened_after_a_question() {
    let folder = tempfile::tempdir().unwrap();
    let location = damaged_database(folder.path()).to_string_lossy().into_owned();
    let mut window = Window::sized([1280.0, 800.0], egui::Theme::Dark, Some(location), folder);
    let begun = Instant::now();
    while !window.shows("Open what is left?") {
        assert!(begun.elapsed() < Duration::from_secs(30), "nothing was asked");
        window.settle();
    }
    assert!(window.harness.state().session().is_none());
    window.click(Role::Button, "Accept the loss and open");
    window.until("the database", |app| {
        app.session()
            .is_some_and(|session| session.models.entries.num_rows() > 0)
    });
    let num_rows = window.models().entries.num_rows();
    assert!(num_rows < NUM_ENTRIES as u64, "{num_rows}");
}

#[test]
fn what_is_left_of_a_damaged_database_is_exported_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let location = damaged_database(folder.path());
    let export = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_keyglass"));
        command.arg("export").arg(&location).args(more).output().unwrap()
    };
    let refused = export(&[]);
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(
        !refused.status.success() && error.contains("would be lost"),
        "{error}"
    );
    let accepted = export(&["--accept-loss"]);
    let num_lines = String::from_utf8(accepted.stdout).unwrap().lines().count();
    assert!(accepted.status.success() && num_lines > 0 && num_lines < NUM_ENTRIES);
}
