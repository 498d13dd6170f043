//! Records that are set with the entries of their indexes, and indexes that are checked and repaired.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::action::{Action, DatabaseAction};
use keyglass::command::Command;
use keyglass::model::mark::{Mark, MarkColor, Opening};
use keyglass_store::{Entries, KeyRange};

use crate::harness::{Window, commit, key, set};
use crate::pictures::snapshot;

const NAME: &str = "Name of the database";
const REPAIR: &str = "Repair as a draft";
const REPAIRING: &str = "Repair of indexes ▾";
const ADA: &str = r#"["users", 1]"#;
const ADA_BY_EMAIL: &str = r#"["users_by_email", "ada@x"]"#;

/// Users, and the addresses by which they are found.
fn users() -> Window {
    Window::on_folder(&[
        (ADA, "{name: 'Ada', email: 'ada@x'}"),
        (r#"["users", 2]"#, "{name: 'Bob', email: 'bob@x'}"),
        (r#"["users", 3]"#, "{name: 'Eve', email: 'eve@x'}"),
        (ADA_BY_EMAIL, "1"),
        (r#"["users_by_email", "bob@x"]"#, "2"),
        (r#"["users_by_email", "eve@x"]"#, "3"),
    ])
}

fn ask(window: &mut Window, command: Command) {
    let database = window.session().id;
    let ctx = window.harness.ctx.clone();
    let action = Action::command(command, Some(database));
    window.harness.state_mut().execute(action, &ctx);
    window.settle();
}

fn value(window: &Window, at: &str) -> Option<String> {
    let entry = window.database().get(&key(at)).unwrap()?;
    Some(entry.value.decode().unwrap().to_string())
}

fn until_committed(window: &mut Window) {
    window.press(Modifiers::COMMAND, Key::Enter);
    window.until("the commit", |app| {
        app.session().unwrap().models.transaction.committed().is_some()
    });
    window.settle();
}

#[test]
fn a_record_is_set_with_its_index_and_nothing_is_written_before_the_commit() {
    let mut window = users();
    window.click(Role::Row, ADA);
    window.settle();
    window.click(Role::RadioButton, "Code");
    window.enter(
        Role::MultilineTextInput,
        "Value as JavaScript",
        "{name: 'Ada', email: 'new@x'}",
    );
    ask(&mut window, Command::SetWithIndexes);
    window.until("the rows", |app| {
        app.session().unwrap().models.transaction.rows.len() == 6
    });
    window.settle();
    assert!(window.shows("email: \"ada@x\" → \"new@x\""));
    assert_eq!(value(&window, ADA_BY_EMAIL).as_deref(), Some("1"));
    until_committed(&mut window);
    assert_eq!(value(&window, ADA_BY_EMAIL), None);
    assert_eq!(
        value(&window, r#"["users_by_email", "new@x"]"#).as_deref(),
        Some("1")
    );
    // All of it is undone in one step.
    window.click(Role::Row, ADA);
    window.press(Modifiers::COMMAND, Key::Z);
    window.settle();
    assert_eq!(value(&window, ADA_BY_EMAIL).as_deref(), Some("1"));
    assert_eq!(value(&window, r#"["users_by_email", "new@x"]"#), None);
}

/// A database in which an index does not fit, and what a check of it says.
fn broken(theme: Theme) -> Window {
    let mut window = users();
    window.harness.ctx.set_theme(theme);
    let database = window.database();
    commit(
        &*database,
        set(r#"["users", 4]"#, "{name: 'Kim', email: 'kim@x'}"),
    );
    commit(
        &*database,
        set(r#"["users", 2]"#, "{name: 'Bob', email: 'rob@x'}"),
    );
    commit(&*database, set(r#"["users_by_email", "gone@x"]"#, "9"));
    window.settle();
    window.click(Role::Row, ADA);
    window.settle();
    ask(&mut window, Command::CheckIndexes);
    window.until_shown("4 records and 4 index entries: 4 do not fit");
    window.settle();
    window
}

#[test]
fn an_index_that_does_not_fit_is_told_and_repaired_by_a_draft() {
    let mut window = broken(Theme::Dark);
    assert!(window.shows(r#"["users", 4] has no index entry ["users_by_email", "kim@x"]"#));
    assert!(window.shows(r#"["users_by_email", "gone@x"] names ["users", 9], which is not there"#));
    let left = r#"["users_by_email", "bob@x"] is left over: ["users", 2] belongs under another key"#;
    assert!(window.shows(left));
    window.click(Role::Button, REPAIR);
    assert!(window.shows(REPAIRING));
    assert!(value(&window, r#"["users_by_email", "gone@x"]"#).is_some());
    until_committed(&mut window);
    ask(&mut window, Command::CheckIndexes);
    window.until_shown("4 records and 4 index entries: all fit");
    window.click(Role::Button, "Close");
}

#[test]
fn records_of_several_own_parts_are_set_and_checked_with_the_index_above_them() {
    let mut window = Window::on_folder(&[
        (r#"["orgs", "a", "users", 1]"#, "{email: 'ada@x'}"),
        (r#"["orgs", "b", "users", 1]"#, "{email: 'bob@x'}"),
        (r#"["orgs", "b", "users", 2]"#, "{email: 'eve@x'}"),
        (r#"["users_by_email", "ada@x"]"#, r#"["orgs", "a", "users", 1]"#),
        (r#"["users_by_email", "bob@x"]"#, r#"["orgs", "b", "users", 1]"#),
    ]);
    window.click(Role::Row, r#"["orgs", "b", "users", 2]"#);
    window.settle();
    ask(&mut window, Command::CheckIndexes);
    window.until_shown("3 records and 2 index entries: one does not fit");
    assert!(window.shows(r#"["users_by_email"] by email, of ["orgs", *, "users", *]"#));
    assert!(window.shows(r#"["orgs", "b", "users", 2] has no index entry ["users_by_email", "eve@x"]"#));
    window.click(Role::Button, REPAIR);
    until_committed(&mut window);
    assert_eq!(
        value(&window, r#"["users_by_email", "eve@x"]"#).as_deref(),
        Some(r#"["orgs", "b", "users", 2]"#)
    );
}

/// All that the database holds, as a text.
fn state(window: &Window) -> String {
    let database = window.database();
    let entries = Entries::of(&*database, [KeyRange::everything()]);
    let entries: Vec<_> = entries.collect::<Result<_, _>>().unwrap();
    format!("{entries:?}")
}

/// Marks the database as one to be guarded, which locks it.
fn guard(window: &mut Window) {
    let mark = Mark {
        name: "orders".to_owned(),
        label: "production".to_owned(),
        color: MarkColor::Red,
        opening: Opening::Guarded,
    };
    let database = window.session().id;
    let ctx = window.harness.ctx.clone();
    let action = Action::On(database, DatabaseAction::Mark(Some(mark)));
    window.harness.state_mut().execute(action, &ctx);
    window.settle();
}

fn is_enabled(window: &Window, button: &str) -> bool {
    let node = window.harness.get_by_role_and_label(Role::Button, button);
    !node.accesskit_node().is_disabled()
}

#[test]
fn the_indexes_of_a_locked_database_are_checked_and_not_repaired() {
    for guarded in [true, false] {
        let mut window = broken(Theme::Dark);
        window.click(Role::Button, "Cancel");
        if guarded {
            guard(&mut window);
        } else {
            let database = window.session().id;
            let ctx = window.harness.ctx.clone();
            let lock = Action::On(database, DatabaseAction::ToggleWritable);
            window.harness.state_mut().execute(lock, &ctx);
            window.settle();
        }
        assert!(!window.models().facts.is_writable());
        let before = state(&window);
        ask(&mut window, Command::CheckIndexes);
        window.until_shown("4 records and 4 index entries: 4 do not fit");
        assert!(!is_enabled(&window, REPAIR));
        window.click(Role::Button, REPAIR);
        assert!(!window.shows(REPAIRING));
        window.press(Modifiers::NONE, Key::Enter);
        window.press(Modifiers::COMMAND, Key::Enter);
        window.settle();
        assert!(window.models().transaction.rows.is_empty());
        assert_eq!(state(&window), before, "guarded: {guarded}");
    }
}

#[test]
fn the_indexes_of_a_guarded_database_are_repaired_by_its_name_alone() {
    let mut window = broken(Theme::Dark);
    window.click(Role::Button, "Cancel");
    guard(&mut window);
    window.click(Role::Button, "Read-only");
    window.enter(Role::TextInput, NAME, "orders");
    window.press(Modifiers::NONE, Key::Enter);
    window.until("that it is unlocked", |app| {
        app.session().unwrap().models.facts.is_writable()
    });
    let before = state(&window);
    ask(&mut window, Command::CheckIndexes);
    window.until_shown("4 records and 4 index entries: 4 do not fit");
    window.click(Role::Button, REPAIR);
    assert!(window.shows("Repair indexes?"));
    // Neither a key alone makes the draft, nor another name.
    window.press(Modifiers::NONE, Key::Enter);
    window.enter(Role::TextInput, NAME, "order");
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    assert!(!is_enabled(&window, "Make the draft"));
    assert!(window.models().transaction.rows.is_empty());
    // Who does not want it after all has the findings again.
    window.press(Modifiers::NONE, Key::Escape);
    window.settle();
    assert!(window.shows("4 records and 4 index entries: 4 do not fit"));
    window.click(Role::Button, REPAIR);
    window.enter(Role::TextInput, NAME, "orders");
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    assert!(window.shows(REPAIRING));
    assert_eq!(state(&window), before);
    until_committed(&mut window);
    assert_ne!(state(&window), before);
    ask(&mut window, Command::CheckIndexes);
    window.until_shown("4 records and 4 index entries: all fit");
}

#[test]
fn what_a_check_of_indexes_found_looks_as_kept() {
    snapshot(&mut broken(Theme::Dark), "indexes-dark");
}

#[test]
fn what_a_check_of_indexes_found_looks_as_kept_in_the_light() {
    snapshot(&mut broken(Theme::Light), "indexes-light");
}
