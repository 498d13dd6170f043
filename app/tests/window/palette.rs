//! The command palette.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::harness::{Window, look};

fn type_text(window: &mut Window, text: &str) {
    window.press(Modifiers::COMMAND, Key::P);
    let name = r#"Command, or a key such as ["users", 42n]"#;
    let field = window.harness.get_by_role_and_label(Role::TextInput, name);
    field.type_text(text);
    window.harness.run_ok();
}

/// The rows on screen, and which of them is chosen.
fn rows(window: &Window) -> Vec<(String, bool)> {
    let rows = window.harness.query_all_by_role(Role::ListBoxOption);
    let rows = rows.map(|row| {
        let row = row.accesskit_node();
        (row.label().unwrap(), row.is_selected() == Some(true))
    });
    rows.collect()
}

#[test]
fn arrows_lead_to_every_command() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1")]);
    window.press(Modifiers::COMMAND, Key::P);
    window.settle();
    assert_eq!(rows(&window)[0], ("Open file…".to_owned(), true));
    for _ in 0..100 {
        window.harness.key_press(Key::ArrowDown);
    }
    window.settle();
    let rows = rows(&window);
    assert!(rows.last().unwrap().1, "{rows:?}");
    look(&mut window, "palette-end");
}

#[test]
fn a_command_that_cannot_be_done_is_found_with_the_reason() {
    let mut window = Window::on_shop([1100.0, 700.0], Theme::Dark);
    type_text(&mut window, "delete selection");
    look(&mut window, "palette-refused");
    let row = window
        .harness
        .get_by_role_and_label(Role::ListBoxOption, "Delete selection…");
    let row = row.accesskit_node();
    assert!(row.is_disabled());
    assert_eq!(row.data().description(), Some("The database is read-only"));
    window.press(Modifiers::NONE, Key::Enter);
    assert!(!rows(&window).is_empty());
    assert_eq!(window.notices(), Vec::<String>::new());
}

#[test]
fn other_databases_and_saved_filters_are_a_few_letters_away() {
    let mut window = Window::on_folder(&[(r#"["a"]"#, "1"), (r#"["b"]"#, "1")]);
    window.press(Modifiers::COMMAND, Key::P);
    window.press(Modifiers::NONE, Key::Escape);
    let session = window.session_mut();
    let listed = session.models.entries.query.clone();
    session
        .models
        .filters
        .save(
            "turned round",
            &keyglass::model::query::Query {
                reverse: true,
                ..listed
            },
        )
        .unwrap();
    type_text(&mut window, "turned");
    assert_eq!(rows(&window), [("List turned round".to_owned(), true)]);
    window.press(Modifiers::NONE, Key::Enter);
    assert!(window.models().entries.query.reverse);
    drop(window.new_store("bakery.kg"));
    crate::databases::open(&mut window, "bakery.kg");
    type_text(&mut window, "show test");
    assert_eq!(rows(&window)[0], ("Show test".to_owned(), true));
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(window.models().facts.title, "test");
    window.click(Role::Button, "Close bakery");
    type_text(&mut window, "bakery");
    window.press(Modifiers::NONE, Key::Enter);
    window.until("the database", |app| {
        app.session().unwrap().models.facts.title == "bakery"
    });
}
