//! A whole story in a real window, by keyboard and mouse: open, filter, edit, save, undo, export.
//!
//! What the window did is read from what it leaves on the disk, so nothing here depends on its colours: the
//! settings say within a second what is open, shown and edited; exports and the closed database say the rest.

use std::path::{Path, PathBuf};
use std::time::Duration;

use keyglass_store::atomic::AtomicOperation;
use keyglass_store::database::Database as _;
use keyglass_store::embedded::Store;
use keyglass_store::entry::json::parse_entry_line;
use keyglass_store::key::EncodedKey;
use keyglass_store::value::literal;
use keyglass_store::{Key, StoredValue};
use serde_json::Value;

use crate::data::Desk;
use crate::hands::Hands;
use crate::program::{Running, keyglass, stdout_of, wait_for};
use crate::screen::Screen;
use crate::window::TREE;

const PATIENCE: Duration = Duration::from_secs(60);
const FRUIT: [&str; 10] = [
    "apple", "banana", "cherry", "fig", "grape", "kiwi", "lemon", "mango", "peach", "plum",
];
/// In the year 2100.
const EXPIRES_AT: i64 = 4_102_444_800_000;

fn key(name: &str) -> EncodedKey {
    format!("[\"{name}\"]").parse::<Key>().unwrap().encode().unwrap()
}

fn value(text: &str) -> StoredValue {
    StoredValue::from_value(&literal::parse(text).unwrap()).unwrap()
}

/// A database with an entry for each fruit.
fn make_database(path: &Path) {
    let store = Store::create(path).unwrap();
    let operation = FRUIT.iter().fold(AtomicOperation::new(), |operation, name| {
        operation.set_expiring(key(name), value("7n"), (*name == "plum").then_some(EXPIRES_AT))
    });
    store.commit(operation).unwrap();
}

/// What the window keeps between runs.
pub(crate) struct Settings(PathBuf);

impl Settings {
    /// As of somebody who has used Keyglass before, so that it does not begin with its sample.
    pub(crate) fn of_somebody(desk: &Desk) -> Self {
        let folder = desk.path("home").join("xdg_config_home").join("keyglass");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("state.json");
        let recent = r#"{"recent": [{"location": "gone.kg", "kind": "Keyglass folder", "opened_at": 0}]}"#;
        std::fs::write(&path, recent).unwrap();
        Self(path)
    }

    /// Has the database unlocked as soon as it is opened.
    pub(crate) fn unlock(&self, database: &Path) {
        let text = std::fs::read_to_string(&self.0).unwrap();
        let mut state: Value = serde_json::from_str(&text).unwrap();
        state["sessions"][&*database.to_string_lossy()] = serde_json::json!({"unlocked": true});
        std::fs::write(&self.0, state.to_string()).unwrap();
    }

    /// Something of what is kept of the database.
    pub(crate) fn of<T>(&self, database: &str, what: impl Fn(&Value) -> T) -> T {
        let text = std::fs::read_to_string(&self.0).unwrap();
        let state: Value = serde_json::from_str(&text).unwrap();
        what(&state["sessions"][database])
    }

    /// Waits until what is kept of the database satisfies `holds`.
    pub(crate) fn until(&self, what: &str, database: &Path, holds: impl Fn(&Value) -> bool) {
        wait_for(what, PATIENCE, || {
            let text = std::fs::read_to_string(&self.0).unwrap();
            let state: Value = serde_json::from_str(&text).unwrap();
            holds(&state["sessions"][&*database.to_string_lossy()]).then_some(())
        });
    }
}

/// Exports everything to a new file by the window, and returns the value under a key there.
fn exported(hands: &Hands<'_>, file: &Path, name: &str) -> StoredValue {
    hands.press_and_see("ctrl+e");
    // The format is chosen; then the file is.
    hands.press_and_see("Return");
    hands.replace_text(&file.to_string_lossy());
    hands.press("Return");
    let text = wait_for("the export", PATIENCE, || std::fs::read_to_string(file).ok());
    let entries: Vec<_> = text.lines().map(|line| parse_entry_line(line).unwrap()).collect();
    assert_eq!(entries.len(), FRUIT.len());
    let entry = entries.into_iter().find(|entry| entry.key == key(name)).unwrap();
    assert_eq!(entry.expires_at, Some(EXPIRES_AT));
    entry.value
}

#[test]
fn an_entry_is_found_edited_saved_undone_and_exported_by_keyboard_and_mouse() {
    let desk = Desk::new();
    let database = desk.path("fruit.kg");
    make_database(&database);
    let settings = Settings::of_somebody(&desk);
    let screen = Screen::start(&desk);
    let mut window = Running::start(keyglass(&desk).env("DISPLAY", &screen.display));
    let hands = Hands::on(&screen);

    // Open.
    hands.press_and_see("ctrl+shift+o");
    hands.replace_text(&database.to_string_lossy());
    hands.press("Return");
    settings.until("the database to be open", &database, |kept| {
        kept["listed"].is_string()
    });
    wait_for("a row for each key", PATIENCE, || {
        (screen.picture().lines(&TREE).len() == FRUIT.len()).then_some(())
    });

    // Filter by the keyboard, choose by the mouse.
    hands.press("ctrl+shift+f");
    hands.type_text("plu");
    let row = wait_for("the one row that is left", PATIENCE, || {
        // Above it stands how many keys match.
        match screen.picture().lines(&TREE).as_slice() {
            [_num_matches, row] => Some(row.clone()),
            _ => None,
        }
    });
    hands.click(TREE.x.start + 10, row.start.midpoint(row.end));
    settings.until("the entry to be shown", &database, |kept| {
        kept["shown"] == r#"["plum"]"#
    });

    // Edit and save.
    hands.press_and_see("F2");
    hands.replace_text("42n");
    settings.until("the edit to be kept", &database, |kept| {
        kept["drafts"][0]["text"] == "42n"
    });
    hands.press("ctrl+s");
    settings.until("the edit to be saved", &database, |kept| {
        kept["drafts"].as_array().is_some_and(Vec::is_empty)
    });
    assert_eq!(exported(&hands, &desk.path("saved.ndjson"), "plum"), value("42n"));

    // Undo, outside of the text.
    hands.click(TREE.x.start + 10, row.start.midpoint(row.end));
    hands.press("ctrl+z");
    let mut number = 0;
    wait_for("the undo", PATIENCE, || {
        number += 1;
        let file = desk.path(&format!("undone-{number}.ndjson"));
        (exported(&hands, &file, "plum") == value("7n")).then_some(())
    });

    // Close, and look by other means.
    hands.press("ctrl+q");
    wait_for("the window to close", PATIENCE, || {
        window.has_ended().then_some(())
    });
    let got = stdout_of(keyglass(&desk).arg("get").arg(&database).arg(r#"["plum"]"#));
    assert_eq!(got.trim(), "7n");
    let store = Store::open(&database).unwrap();
    let entry = store.get(&key("plum")).unwrap().unwrap();
    assert_eq!((entry.value, entry.expires_at), (value("7n"), Some(EXPIRES_AT)));
}
