//! Databases that a person has marked: what shows it, and what a guarded one asks for.

use std::path::PathBuf;

use egui::accesskit::{Role, Toggled};
use egui::{Event, Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::action::{Action, AppAction, DatabaseAction, DatabasePath, PathPurpose};
use keyglass::command::Command;
use keyglass::model::mark::{Mark, MarkColor, Opening};
use keyglass::model::target::Target;
use keyglass_store::{EncodedKey, Writing};

use crate::harness::{Window, commit, key, look, set};
use crate::pictures::snapshot;

const ADA: &str = r#"["users", "ada"]"#;
const BOB: &str = r#"["users", "bob"]"#;
const NAME: &str = "Name of the database";

fn on(window: &mut Window, action: DatabaseAction) {
    let id = window.session().id;
    let ctx = window.harness.ctx.clone();
    window.harness.state_mut().execute(Action::On(id, action), &ctx);
    window.settle();
}

fn production() -> Mark {
    Mark {
        name: "orders".to_owned(),
        label: "production".to_owned(),
        color: MarkColor::Red,
        opening: Opening::Guarded,
    }
}

/// A window on a guarded folder of two entries.
fn guarded() -> Window {
    let mut window = Window::on_folder(&[(ADA, "{name: 'Ada', credit: 20}"), (BOB, "1")]);
    on(&mut window, DatabaseAction::Mark(Some(production())));
    window
}

fn is_writable(window: &Window) -> bool {
    window.models().facts.is_writable()
}

fn is_enabled(window: &Window, button: &str) -> bool {
    let button = window.harness.get_by_role_and_label(Role::Button, button);
    !button.accesskit_node().is_disabled()
}

/// Types into whatever has the keyboard.
fn type_text(window: &mut Window, text: &str) {
    window.harness.event(Event::Text(text.to_owned()));
    window.settle();
}

fn unlock(window: &mut Window) {
    window.click(Role::Button, "Read-only");
    type_text(window, "orders");
    window.press(Modifiers::NONE, Key::Enter);
    window.until("that it is unlocked", |app| {
        app.session().unwrap().models.facts.is_writable()
    });
}

fn num_entries(window: &Window) -> usize {
    let prefix = EncodedKey::default();
    let range = keyglass_store::KeyRange::at_and_below(&prefix);
    let range = keyglass_store::ReadRange {
        range,
        limit: 10,
        reverse: false,
    };
    window.database().read(&[range]).unwrap()[0].len()
}

#[test]
fn a_database_is_marked_with_the_mouse_and_shows_it() {
    let mut window = Window::on_folder(&[(ADA, "1")]);
    window.choose("File", "Mark database…");
    window.enter(Role::TextInput, "Name", "orders");
    window.enter(Role::TextInput, "Label", "staging");
    window.click(Role::RadioButton, "Amber");
    look(&mut window, "mark");
    window.click(Role::Button, "Mark");
    window.harness.get_by_role_and_label(Role::Tab, "orders, staging");
    // As usual: a folder of one's own can be changed.
    assert!(is_writable(&window));
    // Dialogs say which database they are about, though no other is open.
    window.press(Modifiers::COMMAND, Key::G);
    assert!(window.shows("In orders"));
    window.press(Modifiers::NONE, Key::Escape);
    window.press(Modifiers::COMMAND, Key::T);
    // On the tab, in the status line and beside Commit.
    assert_eq!(window.harness.query_all_by_label("staging").count(), 2);
    window.choose("File", "Mark database…");
    window.click(Role::Button, "Remove the mark");
    window.harness.get_by_role_and_label(Role::Tab, "test");
    assert!(!window.shows("staging"));
}

#[test]
fn a_database_is_guarded_with_keys_alone_and_is_locked_at_once_and_after_a_restart() {
    let mut window = Window::on_folder(&[(ADA, "1")]);
    window.press(Modifiers::COMMAND, Key::P);
    type_text(&mut window, "mark database");
    window.press(Modifiers::NONE, Key::Enter);
    type_text(&mut window, "production");
    // Past the colours to the last way to open it.
    for key in [Key::Tab, Key::Tab, Key::End, Key::Space] {
        window.press(Modifiers::NONE, key);
    }
    window.press(Modifiers::NONE, Key::Enter);
    assert!(!is_writable(&window));
    window.settle();
    assert_eq!(window.database().capabilities().writing, Writing::Locked);
    window.pass(1500);
    let mut window = window.after_restart();
    window.until_loaded();
    window
        .harness
        .get_by_role_and_label(Role::Tab, "test, production");
    assert_eq!(window.database().capabilities().writing, Writing::Locked);
    assert!(!is_writable(&window));
}

/// The name of what has the keyboard.
fn focused(window: &Window) -> String {
    let root = window.harness.root();
    let focused = root.children_recursive().find(egui_kittest::Node::is_focused);
    focused.unwrap().accesskit_node().label().unwrap_or_default()
}

#[test]
fn tab_stops_once_at_a_choice_where_arrows_go_on_and_space_chooses() {
    let mut window = Window::on_folder(&[(ADA, "1")]);
    on(&mut window, DatabaseAction::AskMark);
    window.enter(Role::TextInput, "Label", "staging");
    for (key, expected) in [
        (Key::Tab, "Red"),
        (Key::ArrowRight, "Amber"),
        (Key::ArrowDown, "Green"),
        (Key::Home, "Red"),
        (Key::ArrowLeft, "Violet"),
        (Key::ArrowRight, "Red"),
        (Key::End, "Violet"),
        (Key::ArrowUp, "Blue"),
    ] {
        window.press(Modifiers::NONE, key);
        assert_eq!(focused(&window), expected, "{key:?}");
    }
    let is_chosen = |window: &Window, name: &str| {
        let choice = window.harness.get_by_role_and_label(Role::RadioButton, name);
        choice.accesskit_node().toggled() == Some(Toggled::True)
    };
    assert!(is_chosen(&window, "Red"), "arrows alone choose nothing");
    window.press(Modifiers::NONE, Key::Space);
    assert!(is_chosen(&window, "Blue") && !is_chosen(&window, "Red"));
    window.press(Modifiers::NONE, Key::Tab);
    let next = focused(&window);
    assert!(!MarkColor::ALL.iter().any(|(_, name)| *name == next), "{next}");
    window.press(Modifiers::SHIFT, Key::Tab);
    assert_eq!(focused(&window), "Blue", "what is chosen");
}

#[test]
fn a_guarded_database_is_unlocked_by_its_name_alone() {
    let mut window = guarded();
    window.click(Role::Button, "Read-only");
    assert!(window.shows("It is guarded: type \u{201c}orders\u{201d} to go on"));
    assert!(!is_enabled(&window, "Allow writing"));
    window.press(Modifiers::NONE, Key::Enter);
    assert!(!is_writable(&window));
    window.enter(Role::TextInput, NAME, "Orders");
    assert!(!is_enabled(&window, "Allow writing"));
    window.enter(Role::TextInput, NAME, "orders");
    window.click(Role::Button, "Allow writing");
    window.until("that it is unlocked", |app| {
        app.session().unwrap().models.facts.is_writable()
    });
    commit(&*window.database(), set(ADA, "2"));
}

#[test]
fn what_was_asked_for_earlier_unlocks_no_guarded_file() {
    let mut window = Window::on_shop([1280.0, 800.0], Theme::Dark);
    window.click(Role::Button, "Read-only");
    window.click(Role::CheckBox, "Unlock this file next time, too");
    window.click(Role::Button, "Unlock");
    window.until("that it is unlocked", |app| {
        app.session().unwrap().models.facts.is_writable()
    });
    on(&mut window, DatabaseAction::Mark(Some(production())));
    assert!(!is_writable(&window));
    window.pass(1500);
    let mut window = window.after_restart();
    window.until_loaded();
    assert_eq!(window.database().capabilities().writing, Writing::Locked);
    window.click(Role::Button, "Read-only");
    assert!(!window.shows("Unlock this file next time, too"));
    assert!(!is_enabled(&window, "Unlock"));
    type_text(&mut window, "orders");
    window.press(Modifiers::NONE, Key::Enter);
    window.until("that it is unlocked", |app| {
        app.session().unwrap().models.facts.is_writable()
    });
}

#[test]
fn entries_of_a_guarded_database_are_deleted_together_by_its_name_alone() {
    let mut window = guarded();
    unlock(&mut window);
    let ask = DatabaseAction::AskDeleteAll(Target::Below(EncodedKey::default()));
    on(&mut window, ask.clone());
    assert!(!is_enabled(&window, "Delete all"));
    window.press(Modifiers::NONE, Key::Enter);
    assert!(window.shows("Delete everything below?"));
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(num_entries(&window), 2);
    on(&mut window, ask);
    type_text(&mut window, "orders");
    window.press(Modifiers::NONE, Key::Enter);
    window.until("the end of the deletion", |app| app.notices().log().len() == 1);
    assert_eq!(num_entries(&window), 0);
}

fn use_path(window: &mut Window, purpose: DatabasePath, path: PathBuf) {
    let id = window.session().id;
    let ctx = window.harness.ctx.clone();
    let action = Action::App(AppAction::UsePath(PathPurpose::On(id, purpose), path));
    window.harness.state_mut().execute(action, &ctx);
    window.settle();
}

#[test]
fn a_guarded_database_is_imported_into_by_its_name_alone() {
    let mut window = guarded();
    unlock(&mut window);
    let file = window.folder.path().join("more.ndjson");
    let line = r#"{"key":[{"type":"string","value":"users"},{"type":"string","value":"cyd"}],"value":{"type":"bigint","value":"3"}}"#;
    std::fs::write(&file, format!("{line}\n")).unwrap();
    use_path(&mut window, DatabasePath::Import, file);
    window.until_shown("Import 1 entry");
    assert!(!is_enabled(&window, "Import 1 entry"));
    window.enter(Role::TextInput, NAME, "orders");
    window.click(Role::Button, "Import 1 entry");
    window.until("the end of the import", |app| app.notices().log().len() == 1);
    assert_eq!(num_entries(&window), 3);
}

#[test]
fn a_guarded_database_is_copied_into_by_its_name_alone_open_or_not() {
    let mut window = guarded();
    unlock(&mut window);
    let guarded_path = PathBuf::from(&window.models().facts.location);
    let guarded_id = window.session().id;
    let other = window.new_store("other.kg");
    commit(&other, set(r#"["new"]"#, "1"));
    let other = std::sync::Arc::new(other);
    window.harness.state_mut().show_database(other).unwrap();
    window.settle();
    use_path(&mut window, DatabasePath::CopyTo, guarded_path.clone());
    assert!(!is_enabled(&window, "Copy"));
    window.press(Modifiers::NONE, Key::Escape);
    let ctx = window.harness.ctx.clone();
    let close = Action::App(AppAction::Close(guarded_id));
    window.harness.state_mut().execute(close, &ctx);
    window.settle();
    use_path(&mut window, DatabasePath::CopyTo, guarded_path.clone());
    assert!(!is_enabled(&window, "Copy"));
    type_text(&mut window, "orders");
    window.click(Role::Button, "Copy");
    window.until("the end of the copy", |app| app.notices().log().len() == 1);
    assert_eq!(
        window.notices(),
        [format!("Copied 1 entry to {}", guarded_path.display())]
    );
}

#[test]
fn a_folder_that_was_moved_keeps_its_mark() {
    let mut window = guarded();
    window.pass(1500);
    window.press(Modifiers::COMMAND, Key::W);
    window.settle();
    let moved = window.folder.path().join("moved.kg");
    std::fs::rename(window.folder.path().join("test.kg"), &moved).unwrap();
    let ctx = window.harness.ctx.clone();
    let open = Action::App(AppAction::Open(moved.to_string_lossy().into_owned()));
    window.harness.state_mut().execute(open, &ctx);
    window.until_loaded();
    window
        .harness
        .get_by_role_and_label(Role::Tab, "orders, production");
    assert!(!is_writable(&window));
}

/// A window with a production mark and a transaction.
fn picture(theme: Theme) -> Window {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.kg");
    let store = crate::harness::new_store(&path);
    commit(&store, set(ADA, "{name: 'Ada', credit: 20}"));
    commit(&store, set(BOB, "{name: 'Bob', credit: 3.5}"));
    drop(store);
    let location = path.to_string_lossy().into_owned();
    let mut window = Window::sized([1100.0, 700.0], theme, Some(location), folder);
    window.until_loaded();
    window.click(Role::Row, ADA);
    on(&mut window, DatabaseAction::Command(Command::AddToTransaction));
    on(&mut window, DatabaseAction::Mark(Some(production())));
    window
}

/// The same, unlocked, with a question.
fn question(theme: Theme, name: &str) {
    let mut window = picture(theme);
    unlock(&mut window);
    on(
        &mut window,
        DatabaseAction::AskDeleteAll(Target::Below(key(r#"["users"]"#))),
    );
    type_text(&mut window, "ord");
    snapshot(&mut window, name);
}

#[test]
fn a_marked_window_and_its_question_look_as_kept() {
    question(Theme::Dark, "production-dark");
}

#[test]
fn a_marked_window_and_its_question_in_the_light_look_as_kept() {
    question(Theme::Light, "production-light");
}

fn dialog(theme: Theme, name: &str) {
    let mut window = picture(theme);
    window.harness.set_size([960.0, 620.0].into());
    on(&mut window, DatabaseAction::AskMark);
    snapshot(&mut window, name);
}

#[test]
fn the_dialog_of_a_mark_looks_as_kept() {
    dialog(Theme::Dark, "mark-dark");
}

#[test]
fn the_dialog_of_a_mark_in_the_light_looks_as_kept() {
    dialog(Theme::Light, "mark-light");
}
