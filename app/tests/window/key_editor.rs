//! Writing keys part by part.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use crate::harness::{Window, key, look};

const ADA: &str = r#"["users", "ada"]"#;

fn begun() -> Window {
    let mut window = Window::on_folder(&[(ADA, "1")]);
    window.press(Modifiers::COMMAND, Key::N);
    window
}

fn key_text(window: &Window) -> String {
    let session = window.session();
    session.models.panel.new_entry.as_ref().unwrap().key_text()
}

fn type_text(window: &mut Window, text: &str) {
    window.harness.event(Event::Text(text.to_owned()));
    window.harness.run_ok();
}

#[test]
fn a_key_is_typed_part_by_part_and_the_entry_created() {
    let mut window = begun();
    type_text(&mut window, "orders");
    window.press(Modifiers::NONE, Key::Enter);
    window.click(Role::Button, "Add a part");
    window.click(Role::Button, "Type of part 2: string");
    window.click(Role::MenuItemCheckBox, "bigint");
    type_text(&mut window, "42");
    look(&mut window, "key-editing");
    assert_eq!(key_text(&window), r#"["orders", 42n]"#);
    assert!(window.shows("10 of 2,048 bytes"));
    window.press(Modifiers::NONE, Key::Enter);
    window.enter(Role::MultilineTextInput, "Value as JavaScript", "true");
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the save", |app| !app.notices().log().is_empty());
    assert!(
        window
            .database()
            .get(&key(r#"["orders", 42n]"#))
            .unwrap()
            .is_some()
    );
}

#[test]
fn a_key_and_its_value_are_written_by_the_keyboard_alone() {
    let mut window = begun();
    type_text(&mut window, "users");
    window.press(Modifiers::NONE, Key::Enter);
    look(&mut window, "key-offered");
    // What is only offered is no part yet.
    assert_eq!(key_text(&window), r#"["users"]"#);
    type_text(&mut window, "x");
    window.press(Modifiers::NONE, Key::Backspace);
    window.press(Modifiers::NONE, Key::Backspace);
    assert_eq!(key_text(&window), r#"["users"]"#);
    // The cursor is in the part before.
    type_text(&mut window, "2");
    window.press(Modifiers::NONE, Key::Enter);
    type_text(&mut window, "ada, or eve");
    window.press(Modifiers::NONE, Key::Enter);
    window.press(Modifiers::NONE, Key::Enter);
    type_text(&mut window, "true");
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the save", |app| !app.notices().log().is_empty());
    let entry = window.database().get(&key(r#"["users2", "ada, or eve"]"#));
    assert!(entry.unwrap().is_some());
}

#[test]
fn an_offered_part_goes_when_the_keyboard_does_and_parts_are_inserted() {
    let mut window = begun();
    type_text(&mut window, "a");
    window.press(Modifiers::NONE, Key::Enter);
    window.click(Role::MultilineTextInput, "Value as JavaScript");
    assert!(!window.shows("Part 2 of the key"));
    window.click(Role::Button, "\"a\"");
    window.press(Modifiers::NONE, Key::Insert);
    type_text(&mut window, "c");
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(key_text(&window), r#"["a", ""]"#);
    window.click(Role::Button, "\"a\"");
    window.press(Modifiers::NONE, Key::Enter);
    type_text(&mut window, "c");
    window.press(Modifiers::NONE, Key::Enter);
    // The type of a part that is offered is chosen with the mouse.
    window.click(Role::Button, "Type of part 3: string");
    window.click(Role::MenuItemCheckBox, "bigint");
    type_text(&mut window, "7");
    assert_eq!(key_text(&window), r#"["a", "c", 7n]"#);
}

#[test]
fn escape_gives_up_the_edit_of_a_part_and_enter_keeps_it() {
    let mut window = begun();
    type_text(&mut window, "a");
    window.press(Modifiers::NONE, Key::Enter);
    window.click(Role::Button, "\"a\"");
    type_text(&mut window, "b");
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(key_text(&window), r#"["a"]"#);
    // The chip has the focus now, and Enter edits it again.
    window.press(Modifiers::NONE, Key::Enter);
    type_text(&mut window, "b");
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(key_text(&window), r#"["ab"]"#);
}

#[test]
fn a_literal_is_pasted_whole_and_parts_are_moved_by_keys_and_buttons() {
    let mut window = begun();
    let literal = r#"["a", NaN, -0, u8[01 ff], "\u202e"]"#;
    window.harness.event(Event::Paste(literal.to_owned()));
    window.harness.run_ok();
    assert_eq!(key_text(&window), literal);
    window.click(Role::Button, "NaN");
    window.click(Role::Button, "Move this part right");
    assert_eq!(key_text(&window), r#"["a", -0, NaN, u8[01 ff], "\u202e"]"#);
    window.press(Modifiers::NONE, Key::Escape);
    window.press(Modifiers::ALT, Key::ArrowRight);
    assert_eq!(key_text(&window), r#"["a", -0, u8[01 ff], NaN, "\u202e"]"#);
    window.press(Modifiers::NONE, Key::ArrowLeft);
    window.press(Modifiers::NONE, Key::Delete);
    assert_eq!(key_text(&window), r#"["a", -0, NaN, "\u202e"]"#);
    window
        .harness
        .get_by_role_and_label(Role::Button, "NaN")
        .click_secondary();
    window.harness.run_ok();
    look(&mut window, "key-menu");
    window.click(Role::MenuItemCheckBox, "string");
    assert_eq!(key_text(&window), r#"["a", -0, "NaN", "\u202e"]"#);
}

#[test]
fn a_part_is_dragged_to_another_place() {
    let mut window = begun();
    window.harness.event(Event::Paste("['a', 'b', 'c']".to_owned()));
    window.harness.run_ok();
    let place = |window: &Window, name: &str| window.harness.get_by_role_and_label(Role::Button, name).rect();
    let from = place(&window, "\"a\"").center();
    let to = place(&window, "\"c\"").right_center();
    window.harness.drag_at(from);
    window.harness.run_ok();
    window.harness.hover_at(to);
    window.harness.run_ok();
    look(&mut window, "key-drag");
    window.harness.drop_at(to);
    window.harness.run_ok();
    assert_eq!(key_text(&window), r#"["b", "c", "a"]"#);
}

#[test]
fn a_part_that_is_wrong_says_why_and_the_key_can_be_written_as_a_text() {
    let mut window = begun();
    window.click(Role::Button, "Type of part 1: string");
    window.click(Role::MenuItemCheckBox, "number");
    type_text(&mut window, "1n");
    assert!(window.shows("Part 1: This is a bigint, not a number"));
    window.click(Role::Link, "As text");
    window.enter(Role::TextInput, "Key", "['users', 7n");
    assert!(window.shows("Expected `,` or `]` after a key part, at line 1, column 13"));
    look(&mut window, "key-text");
    window.enter(Role::TextInput, "Key", "['users', 7n]");
    window.click(Role::Link, "As parts");
    assert!(window.shows("7n"));
    assert_eq!(key_text(&window), r#"["users", 7n]"#);
}

#[test]
fn a_copy_begins_with_the_key_and_value_of_the_entry() {
    let mut window = Window::on_folder(&[(ADA, "1")]);
    window.click(Role::Row, ADA);
    window.settle();
    window.press(Modifiers::COMMAND, Key::D);
    window.press(Modifiers::COMMAND, Key::A);
    type_text(&mut window, "bob");
    assert_eq!(key_text(&window), r#"["users", "bob"]"#);
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the save", |app| !app.notices().log().is_empty());
    assert!(
        window
            .database()
            .get(&key(r#"["users", "bob"]"#))
            .unwrap()
            .is_some()
    );
}

#[test]
fn a_whole_key_that_is_typed_into_a_part_is_taken_as_a_key() {
    let mut window = begun();
    type_text(&mut window, r#"["users", 5n]"#);
    look(&mut window, "key-typed-whole");
    assert!(window.shows("Enter: use as key"));
    window.click(Role::Button, "Use as key");
    assert_eq!(key_text(&window), r#"["users", 5n]"#);
    let session = window.session();
    assert_eq!(
        session
            .models
            .panel
            .new_entry
            .as_ref()
            .unwrap()
            .key_draft
            .parts()
            .len(),
        2
    );
    // Enter takes it, too, and goes on to the value.
    let mut window = begun();
    type_text(&mut window, "['a', 1]");
    window.press(Modifiers::NONE, Key::Enter);
    type_text(&mut window, "true");
    let session = window.session();
    // That Enter is no line of the value.
    assert_eq!(session.models.panel.new_entry.as_ref().unwrap().text, "true");
    assert_eq!(key_text(&window), r#"["a", 1]"#);
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the save", |app| !app.notices().log().is_empty());
    assert!(window.database().get(&key("['a', 1]")).unwrap().is_some());
    // Tab leaves it a string.
    let mut window = begun();
    type_text(&mut window, "['a', 1]");
    window.press(Modifiers::NONE, Key::Tab);
    assert_eq!(key_text(&window), r#"["['a', 1]"]"#);
}
