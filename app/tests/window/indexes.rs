//! Records that are set with the entries of their indexes, and indexes that are checked and repaired.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use keyglass::action::Action;
use keyglass::command::Command;

use crate::harness::{Window, commit, key, set};
use crate::pictures::snapshot;

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
    window.click(Role::Button, "Repair as a draft");
    assert!(window.shows("Repair of indexes ▾"));
    assert!(value(&window, r#"["users_by_email", "gone@x"]"#).is_some());
    until_committed(&mut window);
    ask(&mut window, Command::CheckIndexes);
    window.until_shown("4 records and 4 index entries: all fit");
    window.click(Role::Button, "Close");
}

#[test]
fn what_a_check_of_indexes_found_looks_as_kept() {
    snapshot(&mut broken(Theme::Dark), "indexes-dark");
}

#[test]
fn what_a_check_of_indexes_found_looks_as_kept_in_the_light() {
    snapshot(&mut broken(Theme::Light), "indexes-light");
}
