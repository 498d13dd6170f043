//! What a screen reader is told: every control has a name, and rows of the tree and the table say what they are.

use egui::Theme;
use egui::accesskit::{Action, Role};
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::harness::{Window, key};

/// Controls without a name, with their role and place.
fn nameless(window: &Window) -> Vec<String> {
    let nodes = window
        .harness
        .query_all(egui_kittest::kittest::by().recursive(true));
    nodes
        .filter_map(|node| {
            let node = node.accesskit_node();
            let is_control = matches!(
                node.role(),
                Role::Button
                    | Role::CheckBox
                    | Role::ComboBox
                    | Role::DisclosureTriangle
                    | Role::Link
                    | Role::ListBoxOption
                    | Role::MenuItem
                    | Role::MultilineTextInput
                    | Role::RadioButton
                    | Role::Row
                    | Role::Slider
                    | Role::SpinButton
                    | Role::Switch
                    | Role::Tab
                    | Role::TextInput
                    | Role::TreeItem
            ) || (node.data().supports_action(Action::Click)
                && node.role() != Role::ScrollBar);
            let is_named = node.label().is_some_and(|name| !name.trim().is_empty());
            (is_control && !is_named && !node.is_hidden()).then(|| {
                let place = node.bounding_box().map(|place| format!("{place:?}"));
                format!("{:?} at {}", node.role(), place.unwrap_or_default())
            })
        })
        .collect()
}

#[track_caller]
fn all_have_names(window: &mut Window, what: &str) {
    window.harness.run_ok();
    let nameless = nameless(window);
    assert!(nameless.is_empty(), "{what}: {nameless:#?}");
}

#[test]
fn every_control_of_an_open_database_has_a_name() {
    let mut window = Window::on_folder(&[
        (r#"["a"]"#, "{text: 'x', list: [1, 2n, true], when: new Date(0)}"),
        (r#"["bytes"]"#, "new Uint8Array([1, 2, 3])"),
        (r#"["deep", 1]"#, "new Map([['a', new Set([1])]])"),
    ]);
    all_have_names(&mut window, "the table");
    for row in [r#"["a"]"#, r#"["bytes"]"#, r#"["deep", 1]"#] {
        window.click(Role::Row, row);
        window.settle();
        for view in ["Tree", "Code", "Hex", "JSON"] {
            window.click(Role::RadioButton, view);
            all_have_names(&mut window, &format!("{row} as {view}"));
        }
    }
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    for kind in ["+ set", "+ delete", "+ sum", "+ min", "+ max", "+ check"] {
        window.click(Role::Link, kind);
    }
    all_have_names(&mut window, "the transaction");
    window.press(Modifiers::COMMAND, Key::N);
    all_have_names(&mut window, "a new entry");
    for tab in [Key::Num2, Key::Num3, Key::Num4, Key::H, Key::Num1, Key::F] {
        window.press(Modifiers::COMMAND, tab);
        all_have_names(&mut window, &format!("after Ctrl+{}", tab.name()));
    }
}

#[test]
fn every_control_of_dialogs_and_menus_has_a_name() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1"), (r#"["b", 1]"#, "2")]);
    window.click(Role::Row, r#"["a"]"#);
    window.settle();
    for (modifiers, key) in [
        (Modifiers::COMMAND, Key::P),
        (Modifiers::COMMAND, Key::G),
        (Modifiers::COMMAND, Key::E),
        (Modifiers::COMMAND, Key::R),
        (Modifiers::COMMAND, Key::Delete),
        (Modifiers::NONE, Key::F1),
    ] {
        window.press(modifiers, key);
        all_have_names(&mut window, &format!("the dialog of {}", key.name()));
        window.press(Modifiers::NONE, Key::Escape);
    }
    for menu in ["File", "Edit", "View", "Transaction", "Help"] {
        // The menu bar comes first.
        let mut buttons = window.harness.query_all_by_role_and_label(Role::Button, menu);
        buttons.next().unwrap().click();
        drop(buttons);
        all_have_names(&mut window, menu);
        window.press(Modifiers::NONE, Key::Escape);
    }
    for (role, name) in [(Role::TreeItem, r#""b""#), (Role::Row, r#"["a"]"#)] {
        window.harness.get_by_role_and_label(role, name).click_secondary();
        all_have_names(&mut window, &format!("the menu of {name}"));
        window.press(Modifiers::NONE, Key::Escape);
    }
    window.choose("File", "Open path…");
    window.settle();
    all_have_names(&mut window, "the path");
}

#[test]
fn every_control_of_the_welcome_page_has_a_name() {
    let mut window = crate::welcome::window();
    all_have_names(&mut window, "the welcome page");
}

#[test]
fn rows_of_the_tree_and_the_table_say_what_they_are() {
    let mut window = Window::on_shop([1280.0, 800.0], Theme::Dark);
    window.click(Role::DisclosureTriangle, r#"Expand "dead_letters""#);
    window.settle();
    let tree = window.harness.get_by_role(Role::Tree);
    let node = tree.get_by_role_and_label(Role::TreeItem, r#""dead_letters""#);
    assert_eq!(node.accesskit_node().data().is_expanded(), Some(true));
    let row = r#"["counters", "visits"]"#;
    window.session_mut().go_to(key(row));
    window.settle();
    let table = window.harness.get_by_role(Role::Table);
    let selected: Vec<_> = table
        .query_all_by_role(Role::Row)
        .filter(|row| row.accesskit_node().is_selected() == Some(true))
        .map(|row| row.accesskit_node().label())
        .collect();
    assert_eq!(selected.len(), 1, "{selected:?}");
}
