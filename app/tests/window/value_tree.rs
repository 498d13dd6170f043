//! Editing a value as a tree.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::harness::{Window, look};

const ITEM: &str = r#"["item"]"#;

/// A window that shows a value as a tree, which has the keyboard.
fn on_value(value: &str) -> Window {
    let mut window = Window::on_folder(&[(ITEM, value)]);
    window.click(Role::Row, ITEM);
    window.settle();
    window.harness.get_by_role_and_label(Role::Tree, "Value").focus();
    window.harness.run_ok();
    window
}

/// The value as it would be saved.
fn edited(window: &Window) -> String {
    let session = window.session();
    let draft = session.models.panel.current();
    draft.map_or_else(String::new, |draft| draft.value().unwrap().to_string())
}

fn press(window: &mut Window, keys: &[Key]) {
    for key in keys {
        window.press(Modifiers::NONE, *key);
    }
}

fn type_over(window: &mut Window, text: &str) {
    window.press(Modifiers::COMMAND, Key::A);
    window.harness.event(Event::Text(text.to_owned()));
    window.harness.run_ok();
}

/// The row that is selected.
fn selected(window: &Window) -> String {
    let mut rows = window.harness.query_all_by_role(Role::TreeItem);
    let is_value = |label: &Option<String>| label.as_ref().is_some_and(|label| label.contains(": "));
    rows.find_map(|row| {
        let is_selected = row.accesskit_node().is_selected() == Some(true);
        row.accesskit_node()
            .label()
            .filter(|label| is_selected && is_value(&Some(label.clone())))
    })
    .unwrap_or_default()
}

#[test]
fn f2_renames_a_property_and_enter_edits_its_value() {
    let mut window = on_value("{total: 9, items: [1, 2]}");
    press(&mut window, &[Key::ArrowDown, Key::ArrowDown, Key::F2]);
    look(&mut window, "value-rename");
    type_over(&mut window, "sum");
    press(&mut window, &[Key::Enter]);
    assert_eq!(edited(&window), "{sum: 9, items: [1, 2]}");
    // The renamed row is selected, and has the keyboard.
    press(&mut window, &[Key::Enter]);
    type_over(&mut window, "10n");
    press(&mut window, &[Key::Enter]);
    assert_eq!(edited(&window), "{sum: 10n, items: [1, 2]}");
    press(&mut window, &[Key::F2]);
    type_over(&mut window, "given up");
    press(&mut window, &[Key::Escape]);
    assert_eq!(edited(&window), "{sum: 10n, items: [1, 2]}");
    assert_eq!(selected(&window), "sum: 10n, new");
}

#[test]
fn f2_renames_the_key_of_a_map_s_entry_and_refuses_a_name_that_is_taken() {
    let mut window = on_value("{m: new Map([[1, 'one']]), n: 2}");
    press(
        &mut window,
        &[Key::ArrowDown, Key::ArrowDown, Key::ArrowDown, Key::F2],
    );
    type_over(&mut window, "1n");
    press(&mut window, &[Key::Enter]);
    assert_eq!(edited(&window), r#"{m: new Map([[1n, "one"]]), n: 2}"#);
    press(&mut window, &[Key::ArrowUp, Key::F2]);
    type_over(&mut window, "n");
    press(&mut window, &[Key::Enter]);
    assert_eq!(edited(&window), r#"{m: new Map([[1n, "one"]]), n: 2}"#);
    assert_eq!(window.notices(), ["There is already a part of this name: n"]);
}

#[test]
fn the_arrows_pass_the_rows_that_add_and_enter_adds_a_part_and_names_it() {
    let mut window = on_value("{items: [1], last: 2}");
    press(&mut window, &[Key::Home]);
    press(&mut window, &[Key::ArrowDown; 4]);
    assert_eq!(selected(&window), "last: 2");
    press(&mut window, &[Key::ArrowDown, Key::Enter]);
    look(&mut window, "value-added");
    type_over(&mut window, "note");
    press(&mut window, &[Key::Enter]);
    type_over(&mut window, "'hi'");
    press(&mut window, &[Key::Enter]);
    assert_eq!(edited(&window), r#"{items: [1], last: 2, note: "hi"}"#);
    // In an array there is no name to write first.
    press(&mut window, &[Key::Home]);
    press(&mut window, &[Key::ArrowDown; 3]);
    press(&mut window, &[Key::Enter]);
    type_over(&mut window, "7n");
    press(&mut window, &[Key::Enter]);
    assert_eq!(edited(&window), r#"{items: [1, 7n], last: 2, note: "hi"}"#);
    assert_eq!(selected(&window), "1: 7n, new");
}

#[test]
fn parts_are_moved_by_keys_and_by_dragging() {
    let mut window = on_value("{list: [1, 2, 3], last: 'x'}");
    press(&mut window, &[Key::ArrowDown, Key::ArrowDown, Key::ArrowDown]);
    window.press(Modifiers::ALT, Key::ArrowDown);
    assert_eq!(edited(&window), r#"{list: [2, 1, 3], last: "x"}"#);
    window.press(Modifiers::ALT, Key::ArrowDown);
    window.press(Modifiers::ALT, Key::ArrowDown);
    assert_eq!(edited(&window), r#"{list: [2, 3, 1], last: "x"}"#);
    let place = |window: &Window, name: &str| {
        let mut rows = window.harness.query_all_by_role(Role::TreeItem);
        let is_it = |label: Option<String>| label.is_some_and(|label| label.starts_with(name));
        rows.find(|row| is_it(row.accesskit_node().label()))
            .unwrap()
            .rect()
            .center()
    };
    let (from, to) = (place(&window, "last: "), place(&window, "0: "));
    window.harness.drag_at(from);
    window.harness.run_ok();
    window.harness.hover_at(to);
    window.harness.run_ok();
    look(&mut window, "value-dragged");
    window.harness.drop_at(to);
    window.harness.run_ok();
    assert_eq!(edited(&window), r#"{last: "x", list: [2, 3, 1]}"#);
}

#[test]
fn a_counter_is_edited_by_its_digits_and_other_objects_as_literals() {
    let mut window = on_value("new Deno.KvU64(118n)");
    press(&mut window, &[Key::ArrowDown, Key::Enter]);
    type_over(&mut window, "18446744073709551615");
    press(&mut window, &[Key::Enter]);
    assert_eq!(edited(&window), "new Deno.KvU64(18446744073709551615n)");
    let mut window = on_value("{re: /a/g, bytes: new Uint8Array([1])}");
    press(&mut window, &[Key::ArrowDown, Key::ArrowDown, Key::Enter]);
    type_over(&mut window, "/b+/i");
    press(&mut window, &[Key::Enter, Key::ArrowDown, Key::Enter]);
    type_over(&mut window, "new Uint8Array([1, 2])");
    press(&mut window, &[Key::Enter]);
    assert_eq!(edited(&window), "{re: /b+/i, bytes: new Uint8Array([1, 2])}");
}

#[test]
fn a_text_that_is_too_long_for_its_row_is_edited_as_code() {
    let mut window = on_value(&format!("{{long: '{}'}}", "words ".repeat(2000)));
    press(&mut window, &[Key::ArrowDown, Key::ArrowDown, Key::Enter]);
    window.settle();
    let code = window
        .harness
        .get_by_role_and_label(Role::MultilineTextInput, "Value as JavaScript");
    assert!(code.is_focused());
}

#[test]
fn a_part_is_changed_to_another_type_and_keeps_what_it_means() {
    let mut window = on_value("{id: '42'}");
    window.harness.get_by_label(r#"id: "42""#).click_secondary();
    window.harness.run_ok();
    look(&mut window, "value-menu");
    window.click(Role::MenuItem, "Change to");
    look(&mut window, "value-types");
    window.click(Role::MenuItem, "bigint");
    assert_eq!(edited(&window), "{id: 42n}");
    window
        .harness
        .get_by_label(r#"id: 42n, was "42""#)
        .click_secondary();
    window.harness.run_ok();
    window.click(Role::MenuItem, "Edit");
    type_over(&mut window, "43n");
    press(&mut window, &[Key::Enter]);
    assert_eq!(edited(&window), "{id: 43n}");
}

#[test]
fn json_tells_what_is_edited_and_the_versionstamp_when_it_was_saved() {
    let mut window = on_value("{total: 9}");
    press(&mut window, &[Key::ArrowDown, Key::ArrowDown, Key::Enter]);
    type_over(&mut window, "77n");
    press(&mut window, &[Key::Enter]);
    window.click(Role::RadioButton, "JSON");
    let json = window
        .harness
        .get_by_label("Value as interchange JSON")
        .value()
        .unwrap();
    assert!(json.contains(r#""value": "77""#), "{json}");
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the save", |app| !app.notices().log().is_empty());
    window.settle();
    window.pass(120_000);
    look(&mut window, "saved-ago");
    assert!(window.shows("2 min ago"));
}

#[test]
fn what_differs_is_marked_and_counted_however_it_was_edited() {
    let mut window = on_value("{total: 9, items: ['magnet'], paid: false, old: 1}");
    press(&mut window, &[Key::ArrowDown, Key::ArrowDown, Key::Enter]);
    type_over(&mut window, "9.75");
    press(&mut window, &[Key::Enter]);
    assert!(window.shows("1 change"));
    window.click(Role::RadioButton, "Code");
    let code = "{total: 9.75, items: ['magnet', 'rope'], paid: false, young: 1}";
    window.enter(Role::MultilineTextInput, "Value as JavaScript", code);
    assert!(window.shows("3 changes"));
    window.click(Role::RadioButton, "Tree");
    look(&mut window, "value-changes");
    assert!(window.shows("total: 9.75, was 9"));
    assert!(window.shows("1: \"rope\", new"));
    assert!(window.shows("young: 1, was named old"));
    // The same value written in another way is an edit, but changes nothing.
    window.click(Role::RadioButton, "Code");
    let code = "{ total: 9, items: ['magnet'], paid: false, old: 1 }";
    window.enter(Role::MultilineTextInput, "Value as JavaScript", code);
    assert!(window.shows("edited"));
}

#[test]
fn where_a_row_has_no_name_f2_leads_to_the_code_as_elsewhere() {
    let mut window = on_value("[1, 2]");
    press(&mut window, &[Key::ArrowDown, Key::ArrowDown, Key::F2]);
    assert!(
        window
            .harness
            .get_by_role_and_label(Role::MultilineTextInput, "Value as JavaScript")
            .is_focused()
    );
}
