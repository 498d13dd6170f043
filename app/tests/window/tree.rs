//! The tree while it is filtered and while others change what it shows.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::app::App;
use keyglass::model::tree::{TreeRow, TreeRowKind};

use crate::harness::{Window, commit, key, set};

#[test]
fn rows_stay_where_they_are_when_keys_come_and_go_above_them() {
    let entries: Vec<(String, &str)> = (100..200).map(|number| (format!("[{number}]"), "1")).collect();
    let entries: Vec<(&str, &str)> = entries.iter().map(|(key, value)| (&key[..], *value)).collect();
    let mut window = Window::on_folder(&entries);
    let session = window.session_mut();
    session.go_to(key("[180]"));
    window.settle();
    let top = |window: &Window| {
        let app = window.harness.state();
        let row = app.views().unwrap().keys.position.first_row();
        (app.session().unwrap().models.tree.row(row).unwrap().prefix, row)
    };
    let (first, before) = top(&window);
    assert!(before > 0);
    commit(
        &*window.database(),
        set("[1]", "1").set(key("[2]"), keyglass::model::draft::parse_value("2").unwrap()),
    );
    window.until("the new keys", |app| {
        app.session().unwrap().models.entries.num_rows() == 102
    });
    window.settle();
    assert_eq!(top(&window), (first.clone(), before + 2));
    commit(
        &*window.database(),
        keyglass_store::AtomicOperation::new().delete(key("[1]")),
    );
    window.until("the delete", |app| {
        app.session().unwrap().models.entries.num_rows() == 101
    });
    window.settle();
    assert_eq!(top(&window), (first, before + 1));
    assert!(window.models().tree.selected == Some(key("[180]")));
    window.click(Role::TreeItem, "180");
}

#[test]
fn the_row_under_the_pointer_stays_there_when_keys_come_above_it() {
    let entries: Vec<(String, &str)> = (100..200).map(|number| (format!("[{number}]"), "1")).collect();
    let entries: Vec<(&str, &str)> = entries.iter().map(|(key, value)| (&key[..], *value)).collect();
    let mut window = Window::on_folder(&entries);
    let place = |window: &Window| {
        let row = window.harness.get_by_role_and_label(Role::TreeItem, "110");
        row.rect().center()
    };
    let pointer = place(&window);
    window.harness.hover_at(pointer);
    window.harness.run_ok();
    commit(&*window.database(), set("[1]", "1"));
    commit(&*window.database(), set("[105.5]", "1"));
    window.until("the new keys", |app| {
        app.session().unwrap().models.tree.num_rows() == 102
    });
    window.settle();
    assert_eq!(place(&window), pointer);
    // What the person unfolds is shown, wherever the pointer rests.
    window.press(Modifiers::NONE, Key::Home);
    window.settle();
    let views = window.harness.state().views().unwrap();
    assert_eq!(views.keys.position.first_row(), 0);
}

#[test]
fn a_tree_that_cannot_be_read_on_keeps_its_rows_and_says_why() {
    let mut window = Window::on_folder(&[("[1]", "1"), ("[2]", "1")]);
    let session = window.session_mut();
    session.models.tree.error = Some("The disk is gone".to_owned());
    window.harness.run_ok();
    assert!(window.shows("The disk is gone"));
    assert_eq!(nodes(&window), ["1", "2"]);
    window.click(Role::Link, "Try again");
    window.until("the rows", |app| {
        app.session().unwrap().models.tree.error.is_none()
    });
    assert!(!window.shows("The disk is gone"));
}

/// The names of the tree's rows.
fn nodes(window: &Window) -> Vec<String> {
    let items = window.harness.query_all_by_role(Role::TreeItem);
    items.filter_map(|item| item.accesskit_node().label()).collect()
}

fn filter(window: &mut Window, text: &str) {
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    window.enter(Role::TextInput, "Filter", text);
    window.until("the end of the filter", |app| {
        let tree = &app.session().unwrap().models.tree;
        tree.filter_progress().is_some_and(|progress| progress.ended)
    });
}

#[test]
fn a_filter_finds_what_was_never_unfolded() {
    let mut window = Window::on_shop([1280.0, 800.0], egui::Theme::Dark);
    filter(&mut window, "100007n");
    let found = nodes(&window);
    assert_eq!(found[..2], [r#""orders""#, "100007n"]);
    assert_eq!(window.models().tree.filter_progress().unwrap().looked_at, 1946);
    window
        .harness
        .query_all_by_label("100007n")
        .next()
        .unwrap()
        .click();
    window.settle();
    let shown = window.models().panel.key().cloned();
    assert_eq!(shown, Some(key(r#"["orders", 100007n]"#)));
    // The key that was chosen is still in sight when the filter is gone.
    window.enter(Role::TextInput, "Filter", "");
    window.press(Modifiers::NONE, Key::Backspace);
    window.settle();
    assert!(window.models().tree.is_expanded(&key(r#"["orders"]"#)));
}

#[test]
fn a_filtered_tree_follows_changes() {
    let mut window = Window::on_folder(&[(r#"["a", "lamp"]"#, "1"), (r#"["b", "rope"]"#, "1")]);
    filter(&mut window, "lam");
    assert_eq!(nodes(&window), [r#""a""#, r#""lamp""#]);
    assert!(window.shows("1 match"));
    commit(&*window.database(), set(r#"["c", "lamb"]"#, "1"));
    window.until("the new key", |app| {
        app.session().unwrap().models.tree.num_rows() == 4
    });
    assert_eq!(nodes(&window), [r#""a""#, r#""lamp""#, r#""c""#, r#""lamb""#]);
    commit(
        &*window.database(),
        keyglass_store::AtomicOperation::new().delete(key(r#"["a", "lamp"]"#)),
    );
    window.until("the delete", |app| {
        app.session().unwrap().models.tree.num_rows() == 2
    });
    filter(&mut window, "nothing");
    assert!(window.shows("No key part contains this text"));
}

#[test]
fn a_folder_that_comes_into_a_filtered_tree_shows_that_it_is_an_entry_too() {
    let mut window = Window::on_folder(&[(r#"["a", "lamp"]"#, "1"), (r#"["b"]"#, "1")]);
    filter(&mut window, "lam");
    commit(&*window.database(), set(r#"["b", "lamb"]"#, "1"));
    commit(&*window.database(), set(r#"["c", "lamb"]"#, "1"));
    let is_entry = |app: &App, row: u64| match app.session().unwrap().models.tree.row(row) {
        Some(TreeRow {
            kind: TreeRowKind::Node { is_entry, .. },
            ..
        }) => is_entry,
        _ => false,
    };
    window.until("the dot", |app| {
        app.session().unwrap().models.tree.num_rows() == 6 && is_entry(app, 2)
    });
    window.settle();
    let dots: Vec<bool> = (0..6).map(|row| is_entry(window.harness.state(), row)).collect();
    assert_eq!(dots, [false, true, true, true, false, true]);
}
