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
    let session = window.harness.state().session().unwrap();
    let draft = session.panel.current();
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
