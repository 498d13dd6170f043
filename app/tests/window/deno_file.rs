//! One of Deno's files in the window: locked, unlocked, and then edited as a folder is.

use std::fmt::Write as _;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use keyglass::action::{Action, AppAction, DatabaseAction, DatabasePath, PathPurpose};
use keyglass::command::Command;
use keyglass::model::query::Query;
use keyglass::model::target::Target;
use keyglass_store::deno_file::DenoFile;
use keyglass_store::{Database, EncodedKey, KeyRange};

use crate::harness::{Window, commit, key, look, set};

pub const ADA: &str = r#"["users", "ada"]"#;
const CODE: &str = "Value as JavaScript";
const QUESTION: &str = "Unlock this file?";

fn locked() -> Window {
    let mut window = Window::on_shop([1280.0, 800.0], egui::Theme::Dark);
    write_elsewhere(&window, ADA, "20");
    window.until("the entry of another program", |app| {
        app.session().unwrap().models.facts.changed_at.is_some()
    });
    window.settle();
    window
}

pub fn unlock(window: &mut Window) {
    window.click(Role::Button, "Read-only");
    window.click(Role::Button, "Unlock");
    until_writable(window);
}

fn until_writable(window: &mut Window) {
    window.until("that it is unlocked", |app| {
        app.session().unwrap().models.facts.is_writable()
    });
    window.settle();
}

/// A window on an unlocked file that shows an entry.
pub fn unlocked() -> Window {
    let mut window = locked();
    unlock(&mut window);
    go_to(&mut window);
    window.until("the entry", |app| {
        app.session().unwrap().models.panel.entry().is_some()
    });
    window.settle();
    window.click(Role::RadioButton, "Code");
    window
}

pub fn ask(window: &mut Window, action: DatabaseAction) {
    let id = window.session().id;
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().execute(Action::On(id, action), &ctx);
}

fn go_to(window: &mut Window) {
    ask(window, DatabaseAction::GoTo(key(ADA)));
}

pub fn file(window: &Window) -> PathBuf {
    window.folder.path().join("shop.sqlite3")
}

/// What is in the file, read as another program reads it.
pub fn stored(window: &Window, key_text: &str) -> Option<String> {
    let entry = DenoFile::open(&file(window))
        .unwrap()
        .get(&key(key_text))
        .unwrap();
    entry.map(|entry| entry.value.decode().unwrap().to_string())
}

/// Writes as another program does.
fn write_elsewhere(window: &Window, key_text: &str, value: &str) {
    let other = DenoFile::open(&file(window)).unwrap();
    other.set_writable(true).unwrap();
    commit(&other, set(key_text, value));
}

pub fn until_notices(window: &mut Window, number: usize) {
    window.until("a notice", |app| app.notices().log().len() >= number);
    window.settle();
}

fn save(window: &mut Window, value: &str) {
    let before = window.notices().len();
    window.enter(Role::MultilineTextInput, CODE, value);
    window.press(Modifiers::COMMAND, Key::S);
    until_notices(window, before + 1);
    window.press(Modifiers::NONE, Key::Escape);
}

/// The files of databases in a folder.
fn databases(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("sqlite3"))
        .collect();
    names.sort();
    names
}

#[test]
fn looking_at_a_file_changes_nothing_of_it_and_leaves_nothing_beside_it() {
    let mut window = locked();
    let before = fs::read(file(&window)).unwrap();
    go_to(&mut window);
    window.until("the entry", |app| {
        app.session().unwrap().models.panel.entry().is_some()
    });
    window.click(Role::RadioButton, "Code");
    for key in [Key::B, Key::H, Key::F] {
        window.press(Modifiers::COMMAND, key);
        window.settle();
    }
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    window.harness.event(Event::Text("ada".to_owned()));
    window.settle();
    window.click(Role::Button, "Read-only");
    window.click(Role::Button, "Cancel");
    window.press(Modifiers::COMMAND, Key::Delete);
    window.settle();

    // Browses to the end and back, lists a part, filters the tree, and watches.
    for command in [Command::ShowEntries, Command::SelectAll, Command::ReverseList] {
        ask(&mut window, DatabaseAction::Command(command));
        window.settle();
    }
    for key in [Key::End, Key::PageUp, Key::Home] {
        window.press(Modifiers::NONE, key);
    }
    let prefix = key(r#"["users"]"#);
    ask(&mut window, DatabaseAction::Watch(prefix.clone()));
    ask(&mut window, DatabaseAction::SetExpanded(prefix.clone(), true));
    ask(
        &mut window,
        DatabaseAction::List(Query {
            prefix,
            ..Query::default()
        }),
    );
    ask(&mut window, DatabaseAction::IncludeExpired(true));
    ask(&mut window, DatabaseAction::Command(Command::FilterTree));
    window.settle();
    window.harness.event(Event::Text("user".to_owned()));
    window.settle();
    // Looks at each panel, finds, and reads all again.
    for command in [
        Command::ShowWatch,
        Command::ShowQueue,
        Command::Find,
        Command::Refresh,
    ] {
        ask(&mut window, DatabaseAction::Command(command));
        window.settle();
    }
    let edited = key(r#"["never saved"]"#);
    ask(&mut window, DatabaseAction::NewEntryBelow(edited));
    // Exports, and copies to another place.
    let id = window.session().id;
    let ctx = window.harness.ctx.clone();
    ask(&mut window, DatabaseAction::ExportListed);
    window.settle();
    window.click(Role::Button, "Export…");
    until_notices(&mut window, 1);
    let purpose = PathPurpose::On(id, DatabasePath::CopyTo);
    let copy = AppAction::UsePath(purpose, window.folder.path().join("copy.kg"));
    window.harness.state_mut().execute(Action::App(copy), &ctx);
    window.settle();
    window.click(Role::Button, "Copy");
    until_notices(&mut window, 2);

    assert!(fs::read(file(&window)).unwrap() == before);
    let folder = window.folder;
    drop(window.harness);
    assert!(fs::read(folder.path().join("shop.sqlite3")).unwrap() == before);
    assert_eq!(databases(folder.path()), ["shop.sqlite3"]);
}

#[test]
fn what_unlocking_means_is_asked_once_and_it_is_locked_again_at_once() {
    let mut window = locked();
    window.choose("Edit", "Unlock…");
    assert!(window.shows(QUESTION));
    look(&mut window, "unlock");
    window.click(Role::Button, "Unlock");
    until_writable(&mut window);
    window.click(Role::Button, "Writable");
    // Without waiting for any thread.
    assert!(!window.models().facts.is_writable());
    let refused = window.database().commit(set(ADA, "1")).unwrap_err();
    assert!(refused.to_string().starts_with("The database is read-only"));
}

#[test]
fn a_file_is_copied_first_where_that_is_wanted() {
    let mut window = locked();
    window.click(Role::Button, "Read-only");
    window.click(Role::CheckBox, "Copy the file first");
    window.click(Role::Button, "Unlock");
    until_writable(&mut window);
    let copy = window.folder.path().join("shop.2026-11-23T12-00-00Z.sqlite3");
    let told = window.notices();
    let text = format!("Copied and unlocked; the copy is {}", copy.display());
    assert!(told.contains(&text), "{told:?}");
    commit(&*window.database(), set(ADA, "1"));
    let copied = DenoFile::open(&copy).unwrap().get(&key(ADA)).unwrap().unwrap();
    assert_ne!(copied.value.decode().unwrap().to_string(), "1");
}

#[test]
fn a_file_is_unlocked_next_time_too_where_that_is_wanted_until_it_is_locked() {
    let mut window = locked();
    window.click(Role::Button, "Read-only");
    window.click(Role::CheckBox, "Unlock this file next time, too");
    window.click(Role::Button, "Unlock");
    until_writable(&mut window);
    let mut window = window.after_restart();
    window.until("the file", |app| app.session().is_some());
    until_writable(&mut window);
    window.click(Role::Button, "Writable");
    let mut window = window.after_restart();
    window.until("the file", |app| app.session().is_some());
    window.settle();
    assert!(!window.models().facts.is_writable());
}

#[test]
fn an_edit_is_saved_undone_and_redone() {
    let mut window = unlocked();
    let before = stored(&window, ADA).unwrap();
    save(&mut window, "21");
    assert_eq!(stored(&window, ADA).unwrap(), "21");
    window.press(Modifiers::COMMAND, Key::Z);
    until_notices(&mut window, 2);
    assert_eq!(stored(&window, ADA).unwrap(), before);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    until_notices(&mut window, 3);
    assert_eq!(stored(&window, ADA).unwrap(), "21");
    assert_eq!(databases(window.folder.path()), ["shop.sqlite3"]);
}

#[test]
fn who_was_faster_is_shown_and_what_was_typed_stays() {
    let mut window = unlocked();
    window.enter(Role::MultilineTextInput, CODE, "21");
    write_elsewhere(&window, ADA, "'faster'");
    window.until("the change", |app| {
        let draft = app.session().unwrap().models.panel.current();
        draft.is_some_and(|draft| draft.outside.is_some())
    });
    window.settle();
    window.press(Modifiers::COMMAND, Key::S);
    until_notices(&mut window, 1);
    assert!(window.shows("Not saved: the entry changed since you began"));
    assert_eq!(stored(&window, ADA).unwrap(), r#""faster""#);
    window.click(Role::Button, "Save mine");
    until_notices(&mut window, 2);
    assert_eq!(stored(&window, ADA).unwrap(), "21");
}

#[test]
fn an_entry_is_renamed() {
    let mut window = unlocked();
    let before = stored(&window, ADA);
    window.press(Modifiers::COMMAND, Key::R);
    window.press(Modifiers::COMMAND, Key::A);
    window.harness.event(Event::Text("eve".to_owned()));
    window.harness.run_ok();
    window.click(Role::Button, "Rename");
    until_notices(&mut window, 1);
    assert_eq!(
        (stored(&window, ADA), stored(&window, r#"["users", "eve"]"#)),
        (None, before)
    );
}

#[test]
fn many_entries_are_deleted_and_come_back() {
    let mut window = unlocked();
    let entries = |window: &Window| {
        let database = DenoFile::open(&file(window)).unwrap();
        let range = KeyRange::at_and_below(&key(r#"["users"]"#));
        let counted = database.count(&range, &mut |_| ControlFlow::Continue(()));
        counted.unwrap().entries
    };
    let before = entries(&window);
    assert!(before > 1);
    let users = Target::Below(key(r#"["users"]"#));
    ask(&mut window, DatabaseAction::DeleteAll(users));
    until_notices(&mut window, 1);
    assert_eq!(entries(&window), 0);
    window.press(Modifiers::COMMAND, Key::Z);
    until_notices(&mut window, 2);
    assert_eq!(entries(&window), before);
}

/// Begins an import of so many new entries.
pub fn import(window: &mut Window, number: u32) {
    let lines = (0..number).fold(String::new(), |mut lines, n| {
        let part = format!("{{\"type\":\"string\",\"value\":\"~new {n}\"}}");
        writeln!(
            lines,
            "{{\"key\":[{part}],\"value\":{{\"type\":\"bigint\",\"value\":\"{n}\"}}}}"
        )
        .unwrap();
        lines
    });
    let path = window.folder.path().join("more.ndjson");
    fs::write(&path, lines).unwrap();
    let database = window.session().id;
    let purpose = PathPurpose::On(database, DatabasePath::Import);
    let ctx = window.harness.ctx.clone();
    let action = Action::App(AppAction::UsePath(purpose, path));
    window.harness.state_mut().execute(action, &ctx);
    window.harness.run_ok();
    window.until("the dry run", |app| {
        let check = &app.session().unwrap().models.import_check;
        check.choice().is_some() && check.running().is_none()
    });
}

pub fn imported(window: &Window) -> u64 {
    let database = DenoFile::open(&file(window)).unwrap();
    let range = KeyRange {
        start: EncodedKey::from_bytes(&b"\x02~new "[..]),
        end: EncodedKey::from_bytes(&b"\x02~new\xff"[..]),
    };
    let counted = database.count(&range, &mut |_| ControlFlow::Continue(()));
    counted.unwrap().entries
}

#[test]
fn an_import_is_stored_and_taken_back() {
    let mut window = unlocked();
    import(&mut window, 3);
    window.click(Role::Button, "Import 3 entries");
    until_notices(&mut window, 1);
    assert_eq!(imported(&window), 3);
    window.press(Modifiers::COMMAND, Key::Z);
    until_notices(&mut window, 2);
    assert_eq!(imported(&window), 0);
}

#[test]
fn a_transaction_is_committed() {
    let mut window = unlocked();
    window.enter(Role::MultilineTextInput, CODE, "22");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    window.settle();
    window.press(Modifiers::COMMAND, Key::Enter);
    window.until("the commit", |app| {
        app.session().unwrap().models.transaction.committed().is_some()
    });
    assert_eq!(stored(&window, ADA).unwrap(), "22");
}

#[test]
fn another_file_in_its_place_is_locked_and_the_edit_stays() {
    let mut window = unlocked();
    window.enter(Role::MultilineTextInput, CODE, "23");
    let other = window.folder.path().join("other");
    fs::copy(crate::harness::data("shop.sqlite3"), &other).unwrap();
    fs::rename(&other, file(&window)).unwrap();
    window.press(Modifiers::COMMAND, Key::S);
    until_notices(&mut window, 1);
    let told = window.notices().concat();
    assert!(told.contains("another file took the place"), "{told}");
    assert!(!window.models().facts.is_writable());
    assert_eq!(stored(&window, ADA), None);
    let session = window.session();
    assert_eq!(session.models.panel.current().unwrap().text, "23");
}

#[test]
fn a_newer_deno_that_migrates_the_file_is_told_and_the_file_locked() {
    let mut window = unlocked();
    window.enter(Role::MultilineTextInput, CODE, "24");
    rusqlite::Connection::open(file(&window))
        .unwrap()
        .execute("UPDATE migration_state SET version = 4", ())
        .unwrap();
    until_notices(&mut window, 1);
    let told = window.notices().concat();
    let sentence = "A newer Deno has brought this file to schema version 4, and this Keyglass writes up to 3; update \
                    Keyglass to change it: ";
    assert!(told.starts_with(sentence), "{told}");
    let session = window.session();
    assert!(!session.models.facts.is_writable());
    assert_eq!(session.models.panel.current().unwrap().text, "24");
    look(&mut window, "newer-deno");
}
