//! The menus of rows: by keyboard, and with the names of what they are about.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::harness::{Window, commit, key, look, set};

const SHIFT_F10: (Modifiers, Key) = (Modifiers::SHIFT, Key::F10);
const MENU: (Modifiers, Key) = (Modifiers::NONE, Key::Menu);

fn window() -> Window {
    Window::on_folder(&[(r#"["a", 1]"#, "1"), (r#"["a", 2]"#, "2"), (r#"["b"]"#, "3")])
}

/// The entries of the open menu.
fn entries(window: &Window) -> Vec<String> {
    let entries = window.harness.query_all_by_role(Role::MenuItem);
    entries
        .filter_map(|entry| entry.accesskit_node().label())
        .collect()
}

/// The name of what has the keyboard; of a list, that of its current row.
fn focused(window: &Window) -> Option<String> {
    let focused = window.harness.root().children_recursive().find(|node| {
        let node = node.accesskit_node();
        node.is_focused()
    });
    focused.and_then(|node| node.accesskit_node().label())
}

#[test]
fn the_menu_of_a_row_of_the_tree_is_opened_and_used_by_keyboard() {
    for (modifiers, menu_key) in [MENU, SHIFT_F10] {
        let mut window = window();
        window.press(Modifiers::NONE, Key::ArrowDown);
        assert_eq!(focused(&window).as_deref(), Some(r#""a""#));
        window.press(modifiers, menu_key);
        assert_eq!(focused(&window).as_deref(), Some("List from here"));
        assert!(
            window.shows(r#"Delete 2 entries below "a"…"#),
            "{:?}",
            entries(&window)
        );
        // Escape gives the keyboard back, and arrows go on from there.
        window.press(Modifiers::NONE, Key::Escape);
        assert_eq!(entries(&window), Vec::<String>::new());
        assert_eq!(focused(&window).as_deref(), Some(r#""a""#));
        window.press(Modifiers::NONE, Key::ArrowDown);
        let session = window.session();
        assert_eq!(session.models.tree.selected, Some(key(r#"["b"]"#)));
        // The second entry is chosen.
        window.press(modifiers, menu_key);
        window.press(Modifiers::NONE, Key::ArrowDown);
        assert_eq!(focused(&window).as_deref(), Some(r#"Watch ["b"]"#));
        window.press(Modifiers::NONE, Key::Enter);
        let session = window.session();
        assert_eq!(session.models.watch.watched().len(), 1);
        assert_eq!(entries(&window), Vec::<String>::new());
    }
}

#[test]
fn the_menu_of_a_row_of_the_table_is_opened_by_keyboard_and_gives_it_back_after_a_dialog() {
    let mut window = window();
    window.press(Modifiers::NONE, Key::F6);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.press(MENU.0, MENU.1);
    assert_eq!(focused(&window).as_deref(), Some("Copy key"));
    assert_eq!(
        entries(&window),
        [
            "Copy key",
            "Copy as",
            r#"Watch ["a", 1]"#,
            r#"Export ["a", 1]…"#,
            r#"Duplicate ["a", 1]"#,
            r#"Rename ["a", 1]…"#,
            r#"Delete ["a", 1]…"#,
            "Show in tree"
        ]
    );
    look(&mut window, "menu-of-row");
    // From the first entry upwards is the last one.
    window.press(Modifiers::NONE, Key::ArrowUp);
    window.press(Modifiers::NONE, Key::ArrowUp);
    assert_eq!(focused(&window).as_deref(), Some(r#"Delete ["a", 1]…"#));
    window.press(Modifiers::NONE, Key::Enter);
    window.click(Role::Button, "Cancel");
    assert_eq!(focused(&window).as_deref(), Some(r#"["a", 1]"#));
    window.press(Modifiers::NONE, Key::ArrowDown);
    let session = window.session();
    assert_eq!(session.models.panel.key(), Some(&key(r#"["a", 2]"#)));
    // What is typed goes to the next key that begins so.
    window.harness.event(egui::Event::Text("1".to_owned()));
    window.settle();
    let session = window.session();
    assert_eq!(session.models.panel.key(), Some(&key(r#"["a", 1]"#)));
    // With several rows it is about all of them.
    window.press(Modifiers::COMMAND, Key::A);
    window.press(SHIFT_F10.0, SHIFT_F10.1);
    assert!(
        window.shows("Delete 3 selected entries…"),
        "{:?}",
        entries(&window)
    );
}

#[test]
fn changes_and_messages_have_menus_by_keyboard() {
    let mut window = window();
    window.press(Modifiers::COMMAND, Key::Num2);
    window.click(Role::Link, "Watch all keys");
    commit(&*window.database(), set(r#"["new"]"#, "1"));
    window.until("the change", |app| {
        app.session().unwrap().models.watch.rows().len() == 1
    });
    window
        .harness
        .get_by_role_and_label(Role::Table, "Timeline")
        .focus();
    window.settle();
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.press(SHIFT_F10.0, SHIFT_F10.1);
    assert_eq!(focused(&window).as_deref(), Some(r#"Show ["new"]"#));
    assert_eq!(
        entries(&window),
        [
            r#"Show ["new"]"#,
            "Check this in the transaction",
            "Its inverse in the transaction",
            "The same in the transaction",
            "Copy key"
        ]
    );
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(focused(&window).as_deref(), Some(r#"["new"]"#));

    let mut window = Window::on_shop([1280.0, 800.0], egui::Theme::Dark);
    window.press(Modifiers::COMMAND, Key::Num3);
    window.harness.get_by_role_and_label(Role::Table, "Queue").focus();
    window.settle();
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.press(MENU.0, MENU.1);
    assert_eq!(focused(&window).as_deref(), Some("Copy message"));
    window.press(Modifiers::NONE, Key::Escape);
    assert!(focused(&window).unwrap().starts_with("Message "));
}
