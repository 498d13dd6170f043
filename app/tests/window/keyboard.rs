//! The window by keyboard alone.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass_store::AtomicOperation;

use crate::harness::{Window, commit, key, set};

/// Goes to a key by the keyboard.
fn go_to(window: &mut Window, key: &str) {
    window.press(Modifiers::COMMAND, Key::G);
    window
        .harness
        .get_by_role_and_label(Role::TextInput, "Key")
        .type_text(key);
    window.press(Modifiers::NONE, Key::Enter);
}

#[test]
fn a_database_that_was_opened_answers_to_the_arrow_keys() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1"), (r#"["b", 1]"#, "2"), (r#"["b", 2]"#, "3")]);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.settle();
    let session = window.session();
    assert_eq!(session.models.tree.selected, Some(key(r#"["b"]"#)));
    // To the table, and back.
    window.press(Modifiers::NONE, Key::F6);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.settle();
    let session = window.session();
    assert_eq!(session.models.panel.key(), Some(&key(r#"["b", 1]"#)));
    window.press(Modifiers::NONE, Key::F6);
    window.press(Modifiers::NONE, Key::Home);
    window.settle();
    let session = window.session();
    assert_eq!(session.models.tree.selected, Some(key(r#"["a"]"#)));
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

fn selected(window: &Window) -> Option<keyglass_store::EncodedKey> {
    window.models().tree.selected.clone()
}

#[test]
fn an_arrow_leads_from_the_filter_to_the_first_row_that_it_marks() {
    let mut window = Window::on_folder(&[(r#"["a", "pear"]"#, "1"), (r#"["b", "fig"]"#, "2")]);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    window
        .harness
        .get_by_role_and_label(Role::TextInput, "Filter")
        .type_text("fi");
    window.until("the matches", |app| {
        let progress = app.session().unwrap().models.tree.filter_progress();
        progress.is_some_and(|progress| progress.ended)
    });
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.settle();
    assert_eq!(selected(&window), Some(key(r#"["b", "fig"]"#)));
    // The tree has the keyboard now.
    window.press(Modifiers::NONE, Key::ArrowUp);
    window.settle();
    assert_eq!(selected(&window), Some(key(r#"["b"]"#)));
}

#[test]
fn after_going_to_a_key_the_arrow_keys_go_on_from_there_in_the_table() {
    let mut window = Window::on_folder(&[(r#"["a", 1]"#, "1"), (r#"["a", 2]"#, "2")]);
    go_to(&mut window, r#"["a", 1]"#);
    window.settle();
    // In the tree this would lead to the folder and back.
    for key in [Key::ArrowUp, Key::ArrowDown] {
        window.press(Modifiers::NONE, key);
        window.settle();
    }
    let session = window.session();
    assert_eq!(session.models.panel.key(), Some(&key(r#"["a", 2]"#)));
}

#[test]
fn open_databases_are_gone_through_by_keys() {
    let mut window = Window::on_folder(&[("[1]", "1")]);
    let store = window.new_store("other.kg");
    window
        .harness
        .state_mut()
        .show_database(std::sync::Arc::new(store))
        .unwrap();
    window.settle();
    let title = |window: &Window| window.models().facts.title.clone();
    assert_eq!(title(&window), "other");
    window.press(Modifiers::COMMAND, Key::Tab);
    assert_eq!(title(&window), "test");
    window.press(Modifiers::COMMAND, Key::PageDown);
    assert_eq!(title(&window), "other");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Tab);
    assert_eq!(title(&window), "test");
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.settle();
    assert_eq!(selected(&window), Some(key("[1]")));
}

#[test]
fn arrow_keys_go_on_from_where_the_deleted_entry_was() {
    let mut window = Window::on_folder(&[
        ("[1]", "1"),
        ("[2]", "2"),
        ("[3]", "3"),
        ("[4]", "4"),
        ("[5]", "5"),
    ]);
    window.press(Modifiers::NONE, Key::F6);
    let shown = |window: &Window| {
        let session = window.session();
        session.models.panel.key().cloned().unwrap()
    };
    for _ in 0..3 {
        window.press(Modifiers::NONE, Key::ArrowDown);
        window.settle();
    }
    assert_eq!(shown(&window), key("[3]"));
    let delete = |window: &mut Window| {
        window.press(Modifiers::NONE, Key::Delete);
        window.click(Role::Button, "Delete");
        window.settle();
    };
    delete(&mut window);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.settle();
    assert_eq!(shown(&window), key("[4]"));
    delete(&mut window);
    window.press(Modifiers::NONE, Key::ArrowUp);
    window.settle();
    assert_eq!(shown(&window), key("[2]"));
    // In the tree, too.
    window.press(Modifiers::NONE, Key::F6);
    window.press(Modifiers::COMMAND, Key::Delete);
    window.click(Role::Button, "Delete");
    window.settle();
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.settle();
    assert_eq!(shown(&window), key("[5]"));
}

#[test]
fn a_prefix_that_is_gone_to_is_listed() {
    let mut window = Window::on_folder(&[(r#"["a", 1]"#, "1"), (r#"["b", 1]"#, "2"), (r#"["b", 2]"#, "3")]);
    go_to(&mut window, r#"["b"]"#);
    window.until("the list", |app| {
        app.session().unwrap().models.entries.num_rows() == 2
    });
    window.settle();
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.settle();
    let session = window.session();
    assert_eq!(session.models.panel.key(), Some(&key(r#"["b", 1]"#)));
}

#[test]
fn an_empty_table_keeps_the_keyboard_until_rows_come() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1")]);
    window.press(Modifiers::NONE, Key::F6);
    let database = window.database();
    commit(&*database, AtomicOperation::new().delete(key(r#"["a"]"#)));
    window.until("no rows", |app| {
        app.session().unwrap().models.entries.num_rows() == 0
    });
    commit(&*database, set(r#"["b"]"#, "2"));
    window.until("a row", |app| {
        app.session().unwrap().models.entries.num_rows() == 1
    });
    window.press(Modifiers::NONE, Key::ArrowDown);
    let session = window.session();
    assert_eq!(session.models.panel.key(), Some(&key(r#"["b"]"#)));
}

#[test]
fn the_table_keeps_the_keyboard_while_a_list_is_read() {
    let (mut window, trouble) =
        Window::on_troubled(&[(r#"["a", 1]"#, "1"), (r#"["b", 1]"#, "2"), (r#"["b", 2]"#, "3")]);
    trouble.hold("scanner");
    window.press(Modifiers::COMMAND, Key::G);
    let field = window.harness.get_by_role_and_label(Role::TextInput, "Key");
    field.type_text(r#"["b"]"#);
    window.settle();
    window.harness.key_press(Key::Enter);
    let is_listing = |window: &Window| {
        let session = window.session();
        session.models.entries.query.prefix == key(r#"["b"]"#) && session.models.entries.num_rows() == 0
    };
    while !is_listing(&window) {
        window.harness.step();
    }
    // So slow is the disk.
    for _ in 0..20 {
        window.harness.step();
    }
    assert!(is_listing(&window));
    trouble.let_go();
    window.until("the list", |app| {
        app.session().unwrap().models.entries.num_rows() == 2
    });
    window.press(Modifiers::NONE, Key::ArrowDown);
    let session = window.session();
    assert_eq!(session.models.panel.key(), Some(&key(r#"["b", 1]"#)));
}

#[test]
fn tab_leaves_a_list_at_once_and_stops_at_nothing_that_only_a_mouse_uses() {
    let mut window = Window::on_shop([1100.0, 700.0], egui::Theme::Dark);
    window.press(Modifiers::NONE, Key::ArrowDown);
    let mut stops = Vec::new();
    for _ in 0..40 {
        window.press(Modifiers::NONE, Key::Tab);
        let root = window.harness.root();
        let focused = root.children_recursive().find(egui_kittest::Node::is_focused);
        let focused = focused.unwrap_or_else(|| panic!("no focus after {stops:?}"));
        let node = focused.accesskit_node();
        stops.push((node.role(), node.label().unwrap_or_default()));
    }
    let wrong = stops
        .iter()
        .find(|(role, _)| matches!(role, Role::Row | Role::DisclosureTriangle | Role::Splitter));
    assert_eq!(wrong, None, "{stops:?}");
    // The tree is told by the row that it has come to, and is left at the next Tab.
    let rows = |role: Role| stops.iter().filter(|stop| stop.0 == role).count();
    assert_eq!((rows(Role::TreeItem), rows(Role::Table)), (1, 1), "{stops:?}");
    // Back the same way.
    let before = stops.len() - 2;
    window.press(Modifiers::SHIFT, Key::Tab);
    let root = window.harness.root();
    let focused = root
        .children_recursive()
        .find(egui_kittest::Node::is_focused)
        .unwrap();
    assert_eq!(focused.accesskit_node().label(), Some(stops[before].1.clone()));
}

#[test]
fn no_tooltip_stays_over_a_dialog() {
    let mut window = Window::on_shop([1100.0, 700.0], egui::Theme::Dark);
    let rows = window.harness.query_all_by_role(Role::Row);
    let mut rows = rows.filter_map(|row| Some((row.accesskit_node().label()?, row)));
    // One of which the key is cut.
    let (name, row) = rows.find(|(name, _)| name.starts_with("[\"audit\"")).unwrap();
    row.hover();
    drop(rows);
    let tooltips = |window: &Window| {
        let labels = window.harness.query_all_by_role(Role::Label);
        labels
            .filter(|label| label.accesskit_node().value() == Some(name.clone()))
            .count()
    };
    let wait = |window: &mut Window| {
        for _ in 0..400 {
            window.harness.step();
        }
    };
    wait(&mut window);
    assert_eq!(tooltips(&window), 1);
    window.press(Modifiers::COMMAND, Key::P);
    wait(&mut window);
    assert_eq!(tooltips(&window), 0);
}

#[test]
fn arrows_in_the_tree_go_on_from_the_folder_that_hides_what_is_selected() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1"), (r#"["b", 1]"#, "2"), (r#"["c"]"#, "3")]);
    window.click(Role::Row, r#"["b", 1]"#);
    window.press(Modifiers::NONE, Key::F6);
    window.press(Modifiers::NONE, Key::ArrowDown);
    let selected = |window: &Window| {
        let session = window.session();
        session.models.tree.selected.clone()
    };
    assert_eq!(selected(&window), Some(key(r#"["c"]"#)));
    // And into it.
    window.click(Role::Row, r#"["c"]"#);
    window.press(Modifiers::NONE, Key::F6);
    window.press(Modifiers::NONE, Key::ArrowUp);
    assert_eq!(selected(&window), Some(key(r#"["b"]"#)));
}

#[test]
fn the_keyboard_goes_to_the_table_when_a_new_entry_was_created() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1"), (r#"["c"]"#, "3")]);
    window.press(Modifiers::COMMAND, Key::N);
    window.enter_key(r#"["b"]"#);
    window.enter(Role::MultilineTextInput, "Value as JavaScript", "2");
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the new entry", |app| !app.notices().log().is_empty());
    window.press(Modifiers::NONE, Key::ArrowDown);
    let session = window.session();
    assert_eq!(session.models.panel.key(), Some(&key(r#"["c"]"#)));
}
