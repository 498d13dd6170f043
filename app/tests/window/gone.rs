//! A Deno file that is deleted under the window, and made again.

use std::fs;
use std::path::PathBuf;

use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::model::transaction::CheckState;
use keyglass_store::EncodedKey;
use rusqlite::Connection;

use crate::harness::{Window, key, look};

/// A window on the shop whose file is deleted; its place, and the key that was selected.
fn gone() -> (Window, PathBuf, EncodedKey) {
    let mut window = Window::on_shop([1280.0, 800.0], egui::Theme::Dark);
    let session = window.session();
    let selected = session.models.entries.row(0).unwrap().key.clone();
    window.click(Role::Row, &selected.to_string());
    window.until("the entry", |app| {
        app.session().unwrap().models.panel.entry().is_some()
    });
    let session = window.session_mut();
    let seen = session.models.panel.entry().map(|entry| entry.versionstamp);
    session.models.transaction.add_check(&selected, seen);
    window.until("the state of the check", |app| {
        check_state(app) == Some(CheckState::Passes)
    });
    let path = window.folder.path().join("shop.sqlite3");
    for suffix in ["", "-wal", "-shm"] {
        let file = format!("{}{suffix}", path.display());
        assert!(fs::remove_file(file).is_ok() || !suffix.is_empty());
    }
    window.until("the loss", |app| app.session().unwrap().models.facts.is_gone);
    (window, path, selected)
}

fn check_state(app: &keyglass::app::App) -> Option<CheckState> {
    let transaction = &app.session()?.models.transaction;
    transaction.rows.first().map(|row| transaction.check_state(row))
}

/// Makes a file as Deno does that opens one: the tables in one commit, and nothing in them.
fn make(path: &PathBuf) -> Connection {
    let connection = Connection::open(path).unwrap();
    let tables = include_str!("../../../tests/data/deno_tables.sql");
    let batch = format!("PRAGMA journal_mode = wal; BEGIN IMMEDIATE; {tables} COMMIT;");
    connection.execute_batch(&batch).unwrap();
    connection
}

fn insert(connection: &Connection, key: &EncodedKey, version: i64) {
    let sql = "INSERT INTO kv (k, v, v_encoding, version) VALUES (?1, x'ff0f4954', 1, ?2)";
    connection.execute(sql, (key.as_bytes(), version)).unwrap();
    let sql = "UPDATE data_version SET version = ?1";
    connection.execute(sql, [version]).unwrap();
}

#[test]
fn a_file_that_is_deleted_is_told_as_gone_and_what_is_shown_as_it_was_last() {
    let (mut window, path, selected) = gone();
    assert!(window.shows("File is gone"));
    assert!(!window.shows("Live"));
    let told = format!(
        "The database was deleted, moved away or replaced by something else; what is shown is as it was last, until it \
         is back: {}",
        path.display()
    );
    assert_eq!(window.notices(), [told]);
    let session = window.session();
    assert_eq!(session.models.entries.num_rows(), 1946);
    assert_eq!(session.models.panel.entry().unwrap().key, selected);
    let name = selected.to_string();
    let row = window.harness.get_by_role_and_label(Role::Row, &name);
    let described = row.accesskit_node().description().unwrap();
    assert!(described.contains(", as it was last, "), "{described}");
    let node = window
        .harness
        .get_by_role_and_label(Role::TreeItem, r#""counters""#);
    assert_eq!(
        node.accesskit_node().description().as_deref(),
        Some("as it was last")
    );
    look(&mut window, "gone");
}

#[test]
fn a_file_that_is_made_again_is_read_anew() {
    let (mut window, path, selected) = gone();
    let deno = make(&path);
    window.until("the empty database", |app| {
        let session = app.session().unwrap();
        !session.models.facts.is_gone
            && session.models.entries.is_complete()
            && session.models.entries.num_rows() == 0
            && session.models.tree.is_loaded()
            && session.models.tree.num_rows() == 0
            && session.models.panel.entry().is_none()
    });
    assert!(window.shows("Live"));
    assert!(!window.shows("File is gone"));
    let told = format!("The database is back and was read anew: {}", path.display());
    assert_eq!(window.notices().last(), Some(&told));
    assert_eq!(window.notices().len(), 2);
    // What was asked for before is answered from the new file.
    window.until("the state of the check", |app| {
        check_state(app) == Some(CheckState::Fails)
    });
    insert(&deno, &selected, 7);
    insert(&deno, &key(r#"["new", 1]"#), 8);
    window.until("what was written into it", |app| {
        let session = app.session().unwrap();
        let statistics = session.models.facts.statistics.versionstamp;
        session.models.entries.is_complete()
            && session.models.entries.num_rows() == 2
            && session.models.entries.row(0).is_some()
            && session.models.tree.num_rows() == 2
            && statistics.is_some_and(|stamp| stamp.counter() == 8)
            && session
                .models
                .panel
                .entry()
                .is_some_and(|entry| entry.versionstamp.counter() == 7)
    });
    window.until_shown("2 keys");
}

#[test]
fn a_file_whose_place_something_else_takes_is_told_as_gone_until_it_is_back() {
    let mut window = Window::on_shop([1280.0, 800.0], egui::Theme::Dark);
    let path = window.folder.path().join("shop.sqlite3");
    let kept = fs::read(&path).unwrap();
    // The same file with something else in it, and another one.
    let other = window.folder.path().join("notes.txt");
    fs::write(
        &other,
        "not a database, and longer than the header of one would be".repeat(100),
    )
    .unwrap();
    for round in 0..2_usize {
        if round == 0 {
            fs::copy(&other, &path).unwrap();
        } else {
            fs::rename(&other, &path).unwrap();
        }
        window.until("the loss", |app| app.session().unwrap().models.facts.is_gone);
        assert!(window.shows("File is gone") && !window.shows("Live"));
        let session = window.session();
        assert_eq!(session.models.entries.num_rows(), 1946);
        assert_eq!(window.notices().len(), 2 * round + 1);
        look(&mut window, "displaced");
        fs::write(&path, &kept).unwrap();
        window.until("the return", |app| !app.session().unwrap().models.facts.is_gone);
        window.until_shown("1,946 keys");
        assert!(window.shows("Live"));
    }
}

/// Puts a file that another Deno made into the place of the one that a window shows, without a moment in which there is
/// none; its one key.
fn replace(window: &Window) -> EncodedKey {
    let path = window.folder.path().join("shop.sqlite3");
    let other = window.folder.path().join("other.sqlite3");
    let name = key(r#"["other", 1]"#);
    let connection = make(&other);
    insert(&connection, &name, 3);
    // The last one to close puts the -wal into the file.
    drop(connection);
    fs::rename(&other, &path).unwrap();
    name
}

fn shows_only(app: &keyglass::app::App, name: &EncodedKey) -> bool {
    let session = app.session().unwrap();
    let row = session.models.entries.row(0);
    session.models.entries.is_complete()
        && session.models.entries.num_rows() == 1
        && row.is_some_and(|row| row.key == *name)
        && session.models.tree.num_rows() == 1
}

#[test]
fn a_file_whose_place_another_one_takes_at_once_is_read_anew() {
    let mut window = Window::on_shop([1280.0, 800.0], egui::Theme::Dark);
    let name = replace(&window);
    window.until("the other file", |app| shows_only(app, &name));
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_takes_the_place_of_one_with_a_wal_is_shown_without_that() {
    let mut window = Window::on_shop([1280.0, 800.0], egui::Theme::Dark);
    let path = window.folder.path().join("shop.sqlite3");
    let deno = Connection::open(&path).unwrap();
    insert(&deno, &key(r#"["a", "new"]"#), 10_000);
    window.until("what is in the -wal", |app| {
        app.session().unwrap().models.entries.num_rows() == 1947
    });
    let wal = window.folder.path().join("shop.sqlite3-wal");
    let left = fs::read(&wal).unwrap();
    let name = replace(&window);
    window.until("the other file", |app| shows_only(app, &name));
    assert_eq!(fs::read(&wal).unwrap(), left);
}
