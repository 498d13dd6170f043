//! The window by keyboard alone.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::harness::{Window, key};

#[test]
fn a_database_that_was_opened_answers_to_the_arrow_keys() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1"), (r#"["b", 1]"#, "2"), (r#"["b", 2]"#, "3")]);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.settle();
    let session = window.harness.state().session().unwrap();
    assert_eq!(session.tree.selected, Some(key(r#"["b"]"#)));
    // To the table, and back.
    window.press(Modifiers::NONE, Key::F6);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.settle();
    let session = window.harness.state().session().unwrap();
    assert_eq!(session.panel.key(), Some(&key(r#"["b", 1]"#)));
    window.press(Modifiers::NONE, Key::F6);
    window.press(Modifiers::NONE, Key::Home);
    window.settle();
    let session = window.harness.state().session().unwrap();
    assert_eq!(session.tree.selected, Some(key(r#"["a"]"#)));
}

#[test]
fn the_welcome_page_is_reached_by_an_arrow_key() {
    let mut window = crate::welcome::window();
    window.press(Modifiers::NONE, Key::ArrowDown);
    // The arrow goes on from the first button to what stands below it.
    let mut buttons = window.harness.query_all_by_role(Role::Button);
    let focused = buttons
        .find(|button| button.accesskit_node().is_focused())
        .unwrap();
    let name = focused.accesskit_node().label().unwrap();
    assert!(name.starts_with("Open "), "{name}");
}

#[test]
fn one_row_of_the_tree_is_marked_also_where_bytes_of_a_key_begin_alike() {
    let mut window = Window::on_folder(&[("[u8[], 1]", "1"), ("[u8[00 08], 1]", "2")]);
    window.click(Role::TreeItem, "u8[00 08]");
    window.settle();
    let marked: Vec<_> = window
        .harness
        .query_all_by_role(Role::TreeItem)
        .filter(|row| row.accesskit_node().is_selected() == Some(true))
        .filter_map(|row| row.accesskit_node().label())
        .collect();
    assert_eq!(marked, ["u8[00 08]"]);
}

#[test]
fn a_screen_reader_is_told_which_row_of_the_tree_the_arrows_have_reached() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1"), (r#"["b"]"#, "2")]);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.settle();
    let tree = window.harness.get_by_role_and_label(Role::Tree, "Keys");
    let tree = tree.accesskit_node();
    let row = window.harness.get_by_role_and_label(Role::TreeItem, r#""b""#);
    let row = row.accesskit_node();
    let told = tree.data().active_descendant();
    assert_eq!(told, Some(row.locate().0));
    assert_eq!(row.is_selected(), Some(true));
}
