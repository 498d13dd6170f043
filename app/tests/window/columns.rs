//! The table's columns.

use egui::accesskit::Role;
use egui::{Key, Modifiers, vec2};
use egui_kittest::kittest::Queryable as _;

use crate::harness::{Window, key};

const ROW: &str = r#"["a", 1]"#;

fn window() -> Window {
    Window::on_folder(&[
        (ROW, "{total: 12.5}"),
        (r#"["a", 2]"#, "2"),
        (r#"["b"]"#, "'text'"),
    ])
}

/// Where the border is that changes a column's width.
fn border(window: &Window, column: &str) -> f32 {
    let name = format!("Width of the {column} column");
    let handle = window.harness.get_by_role_and_label(Role::Splitter, &name);
    handle.rect().center().x
}

fn drag(window: &mut Window, column: &str, by: f32) {
    let name = format!("Width of the {column} column");
    let from = window
        .harness
        .get_by_role_and_label(Role::Splitter, &name)
        .rect()
        .center();
    window.harness.hover_at(from);
    window.harness.run_ok();
    window.harness.drag_at(from);
    window.harness.run_ok();
    window.harness.hover_at(from + vec2(by, 0.0));
    window.harness.run_ok();
    window.harness.drop_at(from + vec2(by, 0.0));
    window.harness.run_ok();
}

#[test]
fn the_title_of_the_keys_turns_the_list_round() {
    let mut window = window();
    let first = |window: &Window| {
        let session = window.session();
        session.models.entries.row(0).unwrap().key.clone()
    };
    window.click(Role::ColumnHeader, "Key, from the first one");
    window.settle();
    assert_eq!(first(&window), key(r#"["b"]"#));
    assert!(window.shows("Remove reverse"));
    window.click(Role::ColumnHeader, "Key, from the last one");
    window.settle();
    assert_eq!(first(&window), key(ROW));
}

#[test]
fn every_border_is_dragged_and_a_double_click_puts_it_back() {
    let mut window = window();
    for (column, by) in [("key", 60.0), ("type", -30.0), ("size", -20.0), ("expires", 10.0)] {
        let before = border(&window, column);
        drag(&mut window, column, by);
        let moved = border(&window, column) - before;
        assert!((moved - by).abs() < 1.0, "{column} moved by {moved}");
    }
    drag(&mut window, "key", 5000.0);
    assert!(border(&window, "key") < border(&window, "type") - 40.0);
}

#[test]
fn columns_are_hidden_in_the_menu_of_their_titles_and_stay_so() {
    let mut window = window();
    window.click(Role::Row, ROW);
    window
        .harness
        .get_by_role_and_label(Role::Row, "Columns")
        .click_secondary();
    window.harness.run_ok();
    window.click(Role::MenuItemCheckBox, "Type column");
    window.click(Role::MenuItemCheckBox, "Version column");
    window.press(Modifiers::NONE, Key::Escape);
    drag(&mut window, "size", -20.0);
    let at = border(&window, "version");
    window.pass(1500);
    window.settle();
    let mut window = window.after_crash();
    let has = |window: &Window, column: &str| {
        let name = format!("Width of the {column} column");
        window
            .harness
            .query_by_role_and_label(Role::Splitter, &name)
            .is_some()
    };
    assert!(!has(&window, "type") && has(&window, "size"));
    assert!((border(&window, "version") - at).abs() < 1.0);
    window.click(Role::Button, "View");
    window.click(Role::MenuItem, "Columns");
    window.click(Role::MenuItem, "Usual columns");
    window.settle();
    assert!(has(&window, "type") && !has(&window, "version"));
}
