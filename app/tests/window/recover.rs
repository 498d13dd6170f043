//! A damaged Deno file: what is left of it is read into a new database from the window.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable as _;
use keyglass::dialog::Dialog;
use keyglass::dialog::recover::RecoverStage;
use tempfile::TempDir;

use crate::harness::{Window, data, key, look};
use crate::pictures::snapshot;

const RECOVER: &str = "Recover into a new file…";
const PAGE: usize = 4096;
/// What SQLite finds the tables by.
const BEGINNING: usize = 1;
/// Two leaves of the table of entries.
const LEAVES: [usize; 2] = [30, 31];

/// A folder with a copy of the shop of which some pages, counted from 1, are nothing but zeros, and the bytes of it.
fn damaged(pages: &[usize]) -> (TempDir, PathBuf, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.sqlite3");
    let mut bytes = fs::read(data("shop.sqlite3")).unwrap();
    for page in pages {
        bytes[(page - 1) * PAGE..page * PAGE].fill(0);
    }
    fs::write(&path, &bytes).unwrap();
    (folder, path, bytes)
}

fn window_on(folder: TempDir, path: &Path) -> Window {
    let location = path.to_string_lossy().into_owned();
    Window::sized([1100.0, 700.0], Theme::Dark, Some(location), folder)
}

/// What became of the recovery: the sentence, whether nothing is missing, and what is.
fn outcome(window: &Window) -> Option<(String, bool, Vec<String>)> {
    match window.harness.state().dialog() {
        Some(Dialog::Recover(dialog)) => match &dialog.stage {
            RecoverStage::Ended {
                summary,
                is_whole,
                missing,
            } => Some((summary.clone(), *is_whole, missing.clone())),
            RecoverStage::Running { .. } => None,
        },
        _ => None,
    }
}

/// Waits until what was recovered is open, and fails if the damaged file is not as it was, or something lies beside it.
fn until_recovered(window: &mut Window, damaged: &Path, bytes: &[u8]) -> (String, bool, Vec<String>) {
    let new = window.folder.path().join("shop-recovered.sqlite3");
    let location = new.to_string_lossy().into_owned();
    window.until("what was recovered", |app| {
        app.session().is_some_and(|session| {
            session.models.facts.location == location && session.models.entries.is_complete()
        })
    });
    assert!(fs::read(damaged).unwrap() == bytes);
    let names = fs::read_dir(window.folder.path()).unwrap();
    let names = names.map(|file| file.unwrap().file_name().into_string().unwrap());
    let beside = names.filter(|name| name.starts_with("shop.sqlite3")).count();
    assert_eq!(beside, 1);
    outcome(window).unwrap()
}

#[test]
fn a_damaged_file_that_cannot_be_opened_is_recovered_from_the_welcome_page_and_opened() {
    let (folder, path, bytes) = damaged(&[BEGINNING, LEAVES[0], LEAVES[1]]);
    let mut window = window_on(folder, &path);
    window.until("the failure", |app| !app.notices().log().is_empty());
    let told = window.notices().pop().unwrap();
    assert!(told.starts_with("This file is damaged ("), "{told}");
    assert!(window.shows(&told) && !told.contains("keyglass recover"));
    look(&mut window, "damaged");

    window.click(Role::Button, RECOVER);
    let (summary, is_whole, missing) = until_recovered(&mut window, &path, &bytes);
    assert!(
        !is_whole && summary.contains(" and 4 queued messages, but not everything: "),
        "{summary}"
    );
    let keys: Vec<_> = missing
        .iter()
        .filter_map(|line| line.strip_prefix("    "))
        .collect();
    let session = window.session();
    assert_eq!(session.models.entries.num_rows() + keys.len() as u64, 1946);
    assert!(
        missing[0].starts_with("Missing: ") && missing[0].contains(" between ["),
        "{}",
        missing[0]
    );
    // Those that are named are not there.
    let database = window.database();
    assert!(
        !keys.is_empty()
            && keys
                .iter()
                .all(|text| database.get(&key(text)).unwrap().is_none())
    );
    // It stays to be read in the log.
    let log = window.harness.state().notices().log();
    assert_eq!(log.back().unwrap().details, missing);
    window.click(Role::Button, "Close");
    assert!(window.harness.state().dialog().is_none());
}

#[test]
fn damage_that_shows_while_a_file_is_read_is_told_once_and_its_notice_leads_to_a_recovery() {
    let (folder, path, bytes) = damaged(&LEAVES);
    let mut window = window_on(folder, &path);
    window.until("the notice", |app| !app.notices().log().is_empty());
    window.settle();
    let told = window.notices();
    let damage = |told: &&String| told.starts_with("This file is damaged, which showed while ");
    assert_eq!(told.iter().filter(damage).count(), 1, "{told:?}");
    let links = |window: &Window| {
        window
            .harness
            .query_all_by_role_and_label(Role::Link, "Recover…")
            .count()
    };
    assert_eq!(links(&window), 1);
    // The log has it, too, and takes the place of its toast.
    window.press(Modifiers::COMMAND, Key::Num4);
    assert_eq!(links(&window), 1);
    window.click(Role::Link, "Recover…");
    let (_, is_whole, missing) = until_recovered(&mut window, &path, &bytes);
    assert!(!is_whole && !missing.is_empty());
    // The damaged one stays open beside it.
    assert_eq!(window.harness.state().sessions().len(), 2);
    if let Some(Dialog::Recover(dialog)) = window.harness.state_mut().dialog_mut()
        && let RecoverStage::Ended { summary, .. } = &mut dialog.stage
    {
        // The folder of a test has another name each time.
        let folder = path.parent().unwrap().to_string_lossy();
        *summary = summary.replace(&*folder, "/projects");
        dialog.from = PathBuf::from("/projects/shop.sqlite3");
    }
    // So has the last of the commits that were made side by side.
    let session = window.session_mut();
    session.models.facts.statistics.versionstamp = None;
    snapshot(&mut window, "recovered-dark");
    window.harness.ctx.set_theme(Theme::Light);
    snapshot(&mut window, "recovered-light");
}

#[test]
fn a_recovery_never_writes_over_a_file() {
    let (folder, path, bytes) = damaged(&[BEGINNING]);
    fs::write(folder.path().join("shop-recovered.sqlite3"), "mine").unwrap();
    let mut window = window_on(folder, &path);
    window.until("the failure", |app| !app.notices().log().is_empty());
    window.click(Role::Button, RECOVER);
    window.until("the refusal", |app| app.notices().log().len() == 2);
    let told = window.notices().pop().unwrap();
    assert!(told.starts_with("Not recovered: "), "{told}");
    assert!(window.harness.state().dialog().is_none());
    assert!(fs::read(&path).unwrap() == bytes);
    let other = fs::read(window.folder.path().join("shop-recovered.sqlite3")).unwrap();
    assert_eq!(other, b"mine");
}

#[test]
fn a_recovery_is_cancelled_and_says_what_stays() {
    let (folder, path, bytes) = damaged(&[BEGINNING]);
    let mut window = window_on(folder, &path);
    window.until("the failure", |app| !app.notices().log().is_empty());
    // The log beside the file is read first, and comes only when somebody writes it.
    let log = window.folder.path().join("shop.sqlite3-wal");
    assert!(Command::new("mkfifo").arg(&log).status().unwrap().success());
    window
        .harness
        .get_by_role_and_label(Role::Button, RECOVER)
        .click();
    while !window.shows("0 entries read") {
        window.harness.step();
    }
    window
        .harness
        .get_by_role_and_label(Role::Button, "Cancel")
        .click();
    window.harness.run_ok();
    drop(fs::OpenOptions::new().write(true).open(&log).unwrap());
    fs::remove_file(log).unwrap();
    window.settle();
    let (summary, is_whole, _) = outcome(&window).unwrap();
    assert!(
        summary.starts_with("Recovery cancelled; 0 entries were recovered before that"),
        "{summary}"
    );
    assert!(!is_whole && window.harness.state().session().is_none());
    assert!(fs::read(&path).unwrap() == bytes);
}
