//! What is selected, which every command, menu and tooltip is about: where a person acted last.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use keyglass::dialog::Dialog;
use keyglass::model::subject::Subject;
use keyglass::model::target::Target;

use crate::harness::{Window, key, look};

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers {
    shift: true,
    ..Modifiers::COMMAND
};
const ODD: &str = r#"[u8[], "first-part"]"#;

/// A window in whose entry panel an entry stands, with the folder "counters" and "both", which is an entry as well.
fn window() -> Window {
    let mut window = Window::on_folder(&[
        (ODD, "1"),
        (r#"["both"]"#, "2"),
        (r#"["both", "below"]"#, "3"),
        (r#"["counters", "a"]"#, "4"),
        (r#"["counters", "b"]"#, "5"),
    ]);
    window.click(Role::Row, ODD);
    window.until("the entry", |app| {
        app.session().unwrap().models.panel.entry().is_some()
    });
    window
}

/// Selects the folder by the mouse.
fn by_mouse() -> Window {
    let mut window = window();
    window.click(Role::TreeItem, r#""counters""#);
    window.settle();
    window
}

/// Selects the folder by the keyboard.
fn by_keyboard() -> Window {
    let mut window = window();
    window.press(Modifiers::NONE, Key::F6);
    window.press(Modifiers::NONE, Key::End);
    window.settle();
    window
}

fn each(check: impl Fn(Window)) {
    check(by_mouse());
    check(by_keyboard());
}

fn subject(window: &Window) -> Subject {
    window.session().subject()
}

fn counters() -> Target {
    Target::Below(key(r#"["counters"]"#))
}

/// The first target that is watched.
fn watched(window: &Window) -> Target {
    let session = window.session();
    session.models.watch.watched()[0].target.clone()
}

/// What a command of the menu Edit copies.
fn copied(window: &mut Window, command: &str) -> String {
    window.click(Role::Button, "Edit");
    window
        .harness
        .get_by_role_and_label(Role::MenuItem, command)
        .click();
    crate::copy::copied(window)
}

/// What the dialog that is open asks how to export.
fn asked_to_export(window: &Window) -> Target {
    match window.harness.state().dialog() {
        Some(Dialog::Export(_, choice)) => choice.target.clone(),
        _ => panic!("an export is asked about"),
    }
}

#[test]
fn a_folder_that_is_selected_is_what_is_watched() {
    each(|mut window| {
        window.press(CTRL, Key::B);
        assert_eq!(watched(&window), counters());
    });
}

#[test]
fn a_folder_that_is_selected_is_what_is_deleted() {
    for modifiers in [CTRL, CTRL_SHIFT] {
        each(|mut window| {
            window.press(modifiers, Key::Delete);
            assert!(window.shows("Delete everything below?"));
            assert!(window.shows(r#"["counters"] and below"#) && !window.shows(ODD));
            window.click(Role::Button, "Delete all");
            window.until("the deletion", |app| !app.notices().log().is_empty());
            assert_eq!(window.notices(), ["Deleted 2 entries"]);
        });
    }
}

#[test]
fn a_folder_that_is_selected_is_what_is_exported_and_copied() {
    each(|mut window| {
        assert_eq!(copied(&mut window, "Copy key"), r#"["counters"]"#);
        assert_eq!(copied(&mut window, "Copy value"), "[\n  4,\n  5,\n]");
        window.press(CTRL_SHIFT, Key::E);
        assert_eq!(asked_to_export(&window), counters());
    });
}

#[test]
fn what_needs_an_entry_is_refused_for_a_folder() {
    each(|mut window| {
        for (modifiers, pressed) in [
            (CTRL, Key::R),
            (CTRL, Key::D),
            (CTRL_SHIFT, Key::T),
            (Modifiers::NONE, Key::F2),
        ] {
            window.press(modifiers, pressed);
        }
        let session = window.session();
        assert_eq!(session.models.panel.num_changed(), 0);
        assert!(session.models.panel.new_entry.is_none() && session.models.panel.rename().is_none());
        assert!(session.models.transaction.rows.is_empty());
    });
}

#[test]
fn menus_name_what_they_are_about() {
    let mut window = by_mouse();
    window.click(Role::Button, "Edit");
    look(&mut window, "subject-menu");
    assert!(window.shows(r#"Delete 2 entries below "counters"…"#));
    assert!(!window.shows("Delete prefix…"));
    window.press(Modifiers::NONE, Key::Escape);
    window.click(Role::Button, "View");
    window.click(Role::MenuItem, r#"Watch ["counters"]"#);
    assert_eq!(watched(&window), counters());
    window.click(Role::Button, "File");
    assert!(window.shows(r#"Export 2 entries below "counters"…"#));
    window.press(Modifiers::NONE, Key::Escape);

    window.press(CTRL, Key::Num1);
    window.click(Role::TreeItem, r#""both""#);
    window.settle();
    window.click(Role::Button, "Edit");
    assert!(window.shows(r#"Delete ["both"]…"#) && window.shows(r#"Delete ["both"] and below…"#));
    window.click(Role::MenuItem, r#"Rename ["both"]…"#);
    assert!(window.models().panel.rename().is_some());
}

#[test]
fn a_folder_has_a_page_with_what_can_be_done() {
    let mut window = by_mouse();
    look(&mut window, "subject-folder");
    assert!(window.shows("2 entries below, none under this key itself"));
    assert!(!window.shows("Versionstamp"));
    window.click(Role::Button, "New entry here");
    let session = window.session();
    let begun = session.models.panel.new_entry.as_ref().unwrap();
    assert!(
        begun.key_text().starts_with(r#"["counters""#),
        "{}",
        begun.key_text()
    );
    window.click(Role::Button, "Discard");
    window.click(Role::Button, "Watch");
    assert_eq!(watched(&window), counters());
    window.click(Role::Button, "List");
    window.click(Role::Button, "Delete all…");
    assert!(window.shows("Delete everything below?"));
}

#[test]
fn an_entry_that_is_selected_after_a_folder_is_what_counts() {
    let mut window = by_mouse();
    window.click(Role::Row, r#"["counters", "b"]"#);
    window.settle();
    assert_eq!(subject(&window), Subject::Entry(key(r#"["counters", "b"]"#)));
    window.press(CTRL, Key::B);
    assert_eq!(watched(&window), Target::Below(key(r#"["counters", "b"]"#)));
    window.press(CTRL, Key::Delete);
    assert!(window.shows("Delete this entry?") && window.shows(r#"["counters", "b"]"#));
}

#[test]
fn a_folder_that_is_an_entry_as_well_is_selected_as_the_entry() {
    let mut window = window();
    window.click(Role::TreeItem, r#""both""#);
    window.settle();
    assert_eq!(subject(&window), Subject::Entry(key(r#"["both"]"#)));
    // Also where the arrow key leads to it from what is below.
    window.click(Role::TreeItem, r#""counters""#);
    window.press(Modifiers::NONE, Key::ArrowUp);
    window.press(Modifiers::NONE, Key::ArrowRight);
    window.settle();
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.settle();
    assert_eq!(subject(&window), Subject::Entry(key(r#"["both", "below"]"#)));
    window.press(Modifiers::NONE, Key::ArrowLeft);
    window.settle();
    assert_eq!(subject(&window), Subject::Entry(key(r#"["both"]"#)));
    window.press(CTRL, Key::Delete);
    assert!(window.shows("Delete this entry?"));
}

#[test]
fn several_rows_are_the_subject_until_a_folder_is_selected() {
    let mut window = by_mouse();
    window.press(CTRL, Key::A);
    window.settle();
    window.until("the count", |app| {
        matches!(
            app.session().unwrap().subject(),
            Subject::Rows { entries: Some(2), .. }
        )
    });
    window.press(CTRL, Key::Delete);
    assert!(window.shows("Delete the selected entries?"));
    window.click(Role::Button, "Cancel");
    window.click(Role::Button, "Edit");
    assert!(window.shows("Delete 2 selected entries…"));
    window.press(Modifiers::NONE, Key::Escape);
    window.click(Role::TreeItem, r#""counters""#);
    window.settle();
    assert!(matches!(subject(&window), Subject::Folder { .. }));
}

#[test]
fn an_edit_waits_while_a_folder_is_shown_and_is_gone_back_to() {
    let mut window = window();
    window.click(Role::RadioButton, "Code");
    window.enter(Role::MultilineTextInput, "Value as JavaScript", "12345");
    window.click(Role::TreeItem, r#""counters""#);
    window.settle();
    look(&mut window, "subject-edit");
    assert!(window.shows("1 edit waits to be saved"));
    // Save is about nothing that is not shown.
    window.press(CTRL, Key::S);
    window.settle();
    assert_eq!(window.notices(), Vec::<String>::new());
    window.click(Role::Link, ODD);
    window.settle();
    let session = window.session();
    assert_eq!(session.models.panel.current().unwrap().text, "12345");
    assert_eq!(session.models.panel.key(), Some(&key(ODD)));
}

#[test]
fn a_prefix_that_is_gone_to_is_selected_as_a_folder() {
    let mut window = window();
    window.press(CTRL, Key::G);
    let field = window.harness.get_by_role_and_label(Role::TextInput, "Key");
    field.type_text(r#"["counters"]"#);
    window.press(Modifiers::NONE, Key::Enter);
    window.until("the folder", |app| {
        matches!(app.session().unwrap().subject(), Subject::Folder { .. })
    });
    window.press(CTRL, Key::B);
    assert_eq!(watched(&window), counters());
}

#[test]
fn a_folder_is_selected_again_after_a_restart() {
    let mut window = by_mouse();
    window.pass(5000);
    let mut window = window.after_restart();
    window.until("the folder", |app| {
        app.session()
            .is_some_and(|session| matches!(session.subject(), Subject::Folder { .. }))
    });
    window.press(CTRL, Key::B);
    assert_eq!(watched(&window), counters());
}
