//! Looking around.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::harness::{Window, key};

const SIZE: [f32; 2] = [1280.0, 800.0];

#[test]
fn a_deno_file_shows_its_keys_entries_and_counts() {
    let mut window = Window::on_shop(SIZE, egui::Theme::Dark);
    window.until("the count of all keys", |app| {
        app.session()
            .is_some_and(|session| session.models.entries.num_rows() == 1946)
    });
    window.settle();
    assert!(window.shows("1,946 keys"));
    assert!(window.shows("shop · Deno file, read-only"));
    assert!(
        window
            .harness
            .query_by_role_and_label(Role::TreeItem, r#""orders""#)
            .is_some()
    );
}

#[test]
fn a_folder_unfolds_and_its_entries_are_listed() {
    let mut window = Window::on_shop(SIZE, egui::Theme::Dark);
    window.click(Role::DisclosureTriangle, r#"Expand "counters""#);
    window.settle();
    window.click(Role::TreeItem, r#""counters""#);
    window.settle();
    let session = window.session();
    assert_eq!(session.models.entries.num_rows(), 6);
    assert!(
        window
            .harness
            .query_by_role_and_label(Role::TreeItem, r#""visits""#)
            .is_some()
    );
    window.click(Role::TreeItem, r#""max""#);
    window.settle();
    let session = window.session();
    assert_eq!(
        session.models.panel.entry().unwrap().key,
        key(r#"["counters", "max"]"#)
    );
    assert_eq!(
        session.models.entries.selected,
        Some(key(r#"["counters", "max"]"#))
    );
}

#[test]
fn the_filter_leaves_only_what_matches() {
    let mut window = Window::on_shop(SIZE, egui::Theme::Dark);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::F);
    window
        .harness
        .get_by_role_and_label(Role::TextInput, "Filter")
        .type_text("orders_by");
    window.harness.run_ok();
    window.until("the end of the filter", |app| {
        let tree = &app.session().unwrap().models.tree;
        tree.filter_progress().is_some_and(|progress| progress.ended)
    });
    let items: Vec<String> = window
        .harness
        .query_all_by_role(Role::TreeItem)
        .filter_map(|item| item.accesskit_node().label())
        .collect();
    assert_eq!(items, [r#""orders_by_day""#, r#""orders_by_user""#]);
}

#[test]
fn arrows_walk_the_table_and_the_entry_follows() {
    let mut window = Window::on_shop(SIZE, egui::Theme::Dark);
    window.click(Role::TreeItem, r#""orders""#);
    window.settle();
    window.click(Role::Row, r#"["orders", 100000n]"#);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.settle();
    let shown = |window: &Window| window.models().panel.key().unwrap().to_string();
    assert_eq!(shown(&window), r#"["orders", 100002n]"#);
    window.press(Modifiers::NONE, Key::End);
    window.settle();
    window.press(Modifiers::NONE, Key::End);
    window.settle();
    assert_eq!(shown(&window), r#"["orders", 100249n]"#);
}

#[test]
fn a_key_that_is_typed_is_found_wherever_it_is() {
    let mut window = Window::on_shop(SIZE, egui::Theme::Dark);
    window.press(Modifiers::COMMAND, Key::G);
    window.enter(Role::TextInput, "Key", "['orders', 100007n");
    window.press(Modifiers::NONE, Key::Enter);
    assert!(window.models().panel.key().is_none());
    window.enter(Role::TextInput, "Key", "['orders', 100007n]");
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    let session = window.session();
    assert_eq!(
        session.models.panel.entry().unwrap().key,
        key(r#"["orders", 100007n]"#)
    );
    assert!(session.models.tree.is_expanded(&key(r#"["orders"]"#)));
}

#[test]
fn a_reversed_list_begins_with_the_last_key() {
    let mut window = Window::on_shop(SIZE, egui::Theme::Dark);
    window.click(Role::TreeItem, r#""orders""#);
    window.settle();
    window.click(Role::Button, "reverse");
    window.settle();
    let session = window.session();
    assert_eq!(
        session.models.entries.row(0).unwrap().key,
        key(r#"["orders", 100249n]"#)
    );
}

#[test]
fn a_read_only_file_refuses_writing_with_the_reason() {
    let mut window = Window::on_shop(SIZE, egui::Theme::Dark);
    window.click(Role::TreeItem, r#""overwritten""#);
    window.settle();
    window.press(Modifiers::COMMAND, Key::S);
    assert!(
        window
            .harness
            .get_by_role_and_label(Role::Button, "Save")
            .accesskit_node()
            .is_disabled()
    );
    assert!(
        !window.database().capabilities().expiry || window.database().commit(Default::default()).is_err()
    );
}
