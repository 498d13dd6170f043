//! Changing entries.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use keyglass::model::draft::parse_value;
use keyglass_store::AtomicOperation;

use crate::harness::{Window, commit, key, set};

const ADA: &str = r#"["users", "ada"]"#;
const CODE: &str = "Value as JavaScript";

fn window() -> Window {
    let mut window = Window::on_folder(&[(ADA, "{name: 'Ada', credit: 20}"), (r#"["users", "bob"]"#, "1")]);
    window.click(Role::Row, ADA);
    window.settle();
    window.click(Role::RadioButton, "Code");
    window
}

fn stored(window: &Window, key_text: &str) -> Option<String> {
    window
        .database()
        .get(&key(key_text))
        .unwrap()
        .map(|entry| entry.value.decode().unwrap().to_string())
}

#[test]
fn an_edit_is_saved_and_can_be_undone() {
    let mut window = window();
    window.enter(Role::MultilineTextInput, CODE, "{name: 'Ada', credit: 21n}");
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the save", |app| !app.notices().log().is_empty());
    assert_eq!(stored(&window, ADA).unwrap(), r#"{name: "Ada", credit: 21n}"#);
    window.settle();
    window.click(Role::Link, "Undo");
    window.until("the undo", |app| app.notices().log().len() == 2);
    assert_eq!(stored(&window, ADA).unwrap(), r#"{name: "Ada", credit: 20}"#);
}

#[test]
fn a_text_that_is_no_value_is_kept_and_not_saved() {
    let mut window = window();
    window.enter(Role::MultilineTextInput, CODE, "{name: }");
    window.press(Modifiers::COMMAND, Key::S);
    window.settle();
    assert!(
        window.notices().last().unwrap().starts_with("Not saved: "),
        "{:?}",
        window.notices()
    );
    assert_eq!(stored(&window, ADA).unwrap(), r#"{name: "Ada", credit: 20}"#);
    let session = window.session();
    assert_eq!(session.models.panel.current().unwrap().text, "{name: }");
}

#[test]
fn a_conflict_keeps_the_text_and_offers_the_ways_on() {
    let mut window = window();
    window.enter(Role::MultilineTextInput, CODE, "'mine'");
    // Another part of the program is faster.
    let database = window.database();
    commit(&*database, set(ADA, "'theirs'"));
    window.until("the change", |app| {
        app.session()
            .unwrap()
            .models
            .panel
            .current()
            .is_some_and(|draft| draft.outside.is_some())
    });
    window.settle();
    assert!(window.shows("Changed outside while you edit"));
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the conflict", |app| !app.notices().log().is_empty());
    window.settle();
    assert!(window.shows("Not saved: the entry changed since you began"));
    assert_eq!(stored(&window, ADA).unwrap(), r#""theirs""#);
    assert_eq!(window.models().panel.current().unwrap().text, "'mine'");
    window.click(Role::Button, "Save mine");
    window.until("the save", |app| app.notices().log().len() == 2);
    assert_eq!(stored(&window, ADA).unwrap(), r#""mine""#);
}

#[test]
fn their_value_can_be_taken_instead() {
    let mut window = window();
    window.enter(Role::MultilineTextInput, CODE, "'mine'");
    commit(&*window.database(), set(ADA, "'theirs'"));
    window.until("the change", |app| {
        app.session()
            .unwrap()
            .models
            .panel
            .current()
            .is_some_and(|draft| draft.outside.is_some())
    });
    window.settle();
    window.click(Role::Button, "Take theirs");
    window.settle();
    let session = window.session();
    assert!(session.models.panel.current().is_none());
    assert_eq!(
        session.models.panel.entry().unwrap().value,
        parse_value("'theirs'").unwrap()
    );
}

#[test]
fn an_edit_keeps_the_expiry() {
    let mut window = window();
    let expiring =
        AtomicOperation::new().set_expiring(key(ADA), parse_value("1").unwrap(), Some(i64::MAX / 4));
    commit(&*window.database(), expiring);
    window.until("the change", |app| {
        app.session()
            .unwrap()
            .models
            .panel
            .entry()
            .is_some_and(|entry| entry.expires_at.is_some())
    });
    window.settle();
    window.enter(Role::MultilineTextInput, CODE, "2");
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the save", |app| !app.notices().log().is_empty());
    let entry = window.database().get(&key(ADA)).unwrap().unwrap();
    assert_eq!(entry.expires_at, Some(i64::MAX / 4));
    assert_eq!(entry.value, parse_value("2").unwrap());
}

#[test]
fn an_edit_survives_looking_at_another_entry() {
    let mut window = window();
    window.enter(Role::MultilineTextInput, CODE, "'half done'");
    window.click(Role::Row, r#"["users", "bob"]"#);
    window.settle();
    assert!(window.models().panel.current().is_none());
    window.click(Role::Row, ADA);
    window.settle();
    assert_eq!(window.models().panel.current().unwrap().text, "'half done'");
}

#[test]
fn a_new_entry_that_is_half_written_survives_looking_at_another_one() {
    let mut window = window();
    window.press(Modifiers::COMMAND, Key::N);
    window.enter(Role::MultilineTextInput, CODE, "'half done'");
    window.click(Role::Row, r#"["users", "bob"]"#);
    window.settle();
    let session = window.session();
    assert!(session.models.panel.new_entry.is_none() && session.models.panel.entry().is_some());
    window.press(Modifiers::COMMAND, Key::N);
    let session = window.session();
    assert_eq!(
        session.models.panel.new_entry.as_ref().unwrap().text,
        "'half done'"
    );
}

#[test]
fn a_new_entry_is_created_and_never_overwrites() {
    let mut window = window();
    window.press(Modifiers::COMMAND, Key::N);
    window.enter_key(r#"["users", "eve"]"#);
    window.enter(Role::MultilineTextInput, CODE, "new Date(0)");
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the save", |app| !app.notices().log().is_empty());
    assert_eq!(
        stored(&window, r#"["users", "eve"]"#).unwrap(),
        r#"new Date("1970-01-01T00:00:00.000Z")"#
    );
    window.settle();
    window.press(Modifiers::COMMAND, Key::N);
    window.enter_key(ADA);
    window.enter(Role::MultilineTextInput, CODE, "0");
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the refusal", |app| app.notices().log().len() == 2);
    assert!(window.shows("Not created: an entry stands under this key already"));
    assert_eq!(
        window.notices()[1],
        "Not created: an entry stands under this key already. Your text is kept"
    );
    assert_eq!(stored(&window, ADA).unwrap(), r#"{name: "Ada", credit: 20}"#);
    assert_eq!(window.models().panel.new_entry.as_ref().unwrap().text, "0");
}

#[test]
fn a_delete_asks_first_and_can_be_undone() {
    let mut window = window();
    window.press(Modifiers::COMMAND, Key::Delete);
    assert!(window.shows("Delete this entry?"));
    window.click(Role::Button, "Delete");
    window.until("the delete", |app| !app.notices().log().is_empty());
    assert_eq!(stored(&window, ADA), None);
    window.settle();
    assert!(window.shows(&format!("No entry under {ADA}")));
    window.press(Modifiers::COMMAND, Key::Z);
    window.until("the undo", |app| app.notices().log().len() == 2);
    assert_eq!(stored(&window, ADA).unwrap(), r#"{name: "Ada", credit: 20}"#);
}

#[test]
fn an_undo_is_refused_where_the_entry_moved_on() {
    let mut window = window();
    window.enter(Role::MultilineTextInput, CODE, "1");
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the save", |app| !app.notices().log().is_empty());
    commit(&*window.database(), set(ADA, "2"));
    window.settle();
    window.choose("Edit", "Undo last commit");
    window.until("the refusal", |app| app.notices().log().len() == 2);
    assert_eq!(
        window.notices()[1],
        "Not undone: the entry changed since the commit"
    );
    assert_eq!(stored(&window, ADA).unwrap(), "2");
}

#[test]
fn keys_of_a_text_field_and_of_a_command_that_cannot_be_done_do_nothing_else() {
    let mut window = Window::on_folder(&[(ADA, "1")]);
    // Without an entry this would be Add to transaction; it must not toggle the panel as Ctrl+T does.
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    assert!(!window.shows("+ check"));
    window.click(Role::Row, ADA);
    window.settle();
    window.click(Role::RadioButton, "Code");
    window.enter(Role::MultilineTextInput, CODE, "2");
    window.press(Modifiers::COMMAND, Key::Delete);
    assert!(!window.shows("Delete this entry?"));
}

#[test]
fn nothing_repaints_when_nothing_happens() {
    let mut window = window();
    window.pass(5000);
    window.settle();
    window.harness.step();
    let delay = window
        .harness
        .output()
        .viewport_output
        .values()
        .map(|viewport| viewport.repaint_delay)
        .min()
        .unwrap();
    assert!(
        delay > std::time::Duration::from_secs(3600),
        "a frame was asked for after {delay:?}"
    );
}

#[test]
fn a_save_leaves_the_tree_folded_and_who_went_on_where_they_are() {
    let mut window = window();
    let bob = r#"["users", "bob"]"#;
    window.enter(Role::MultilineTextInput, CODE, "'saved'");
    let users = key(r#"["users"]"#);
    let session = window.session_mut();
    session.models.tree.set_expanded(&users, false);
    // Both before the commit can have come back.
    session.save(0).unwrap();
    session.select(key(bob));
    window.until("the save", |app| !app.notices().log().is_empty());
    window.settle();
    let session = window.session();
    assert_eq!(session.models.panel.key(), Some(&key(bob)));
    assert!(!session.models.tree.is_expanded(&users));
    assert_eq!(session.models.panel.num_changed(), 0);
}
