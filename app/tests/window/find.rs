//! Find in keys and values.

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use keyglass::model::find::FindState;
use keyglass::model::panel::PanelModel as _;

use crate::harness::{Window, commit, key, set};

const SIZE: [f32; 2] = [1280.0, 800.0];

fn state(window: &Window) -> FindState {
    window.models().find.state()
}

/// Types into the field and waits until everything was looked at.
fn find(window: &mut Window, text: &str) {
    window.press(Modifiers::COMMAND, Key::F);
    window.press(Modifiers::NONE, Key::Backspace);
    window
        .harness
        .get_by_role_and_label(Role::TextInput, "Find in keys and values")
        .type_text(text);
    window.harness.run_ok();
    window.until("the end of the search", |app| {
        app.session().unwrap().models.find.state() == FindState::Complete
    });
}

fn found(window: &Window) -> Vec<String> {
    let rows = window.harness.query_all_by_role(Role::Row);
    rows.filter_map(|row| row.accesskit_node().label()).collect()
}

fn shown(window: &Window) -> String {
    let session = window.session();
    session.models.panel.key().unwrap().to_string()
}

fn library() -> Window {
    Window::on_folder(&[
        (r#"["books", 1]"#, "{title: 'The Art of Computing', pages: 650}"),
        (
            r#"["books", 2]"#,
            "{title: 'Structure', pages: 855, author: 'Ada'}",
        ),
        (r#"["people", "ada"]"#, "new Map([['born', 1815n]])"),
        (r#"["people", "grace"]"#, "'computing pioneer'"),
    ])
}

#[test]
fn a_text_is_found_in_keys_and_values_and_opens_the_entry() {
    let mut window = library();
    find(&mut window, "ADA");
    assert_eq!(found(&window), [r#"["books", 2]"#, r#"["people", "ada"]"#]);
    assert!(window.shows("2 entries found · all 4 looked at"));
    window.click(Role::Row, r#"["people", "ada"]"#);
    window.settle();
    assert_eq!(shown(&window), r#"["people", "ada"]"#);
    // What is typed next replaces what is there.
    find(&mut window, "computing");
    assert_eq!(found(&window), [r#"["books", 1]"#, r#"["people", "grace"]"#]);
}

#[test]
fn the_keyboard_goes_through_what_was_found() {
    let mut window = library();
    find(&mut window, "pages");
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    assert_eq!(shown(&window), r#"["books", 1]"#);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.settle();
    assert_eq!(shown(&window), r#"["books", 2]"#);
    window.press(Modifiers::NONE, Key::F3);
    window.settle();
    assert_eq!(shown(&window), r#"["books", 1]"#);
    window.press(Modifiers::SHIFT, Key::F3);
    window.settle();
    assert_eq!(shown(&window), r#"["books", 2]"#);
    // Also while something else is shown in the middle.
    window.press(Modifiers::COMMAND, Key::Num1);
    window.press(Modifiers::NONE, Key::F3);
    window.settle();
    assert_eq!(shown(&window), r#"["books", 1]"#);
}

#[test]
fn escape_and_the_arrow_above_the_first_row_go_back_to_the_field() {
    let mut window = library();
    let has_focus = |window: &Window| {
        let field = window
            .harness
            .get_by_role_and_label(Role::TextInput, "Find in keys and values");
        field.accesskit_node().is_focused()
    };
    find(&mut window, "pages");
    for back in [Key::Escape, Key::ArrowUp] {
        window.press(Modifiers::NONE, Key::ArrowDown);
        window.settle();
        assert_eq!(shown(&window), r#"["books", 1]"#);
        assert!(!has_focus(&window));
        window.press(Modifiers::NONE, back);
        window.settle();
        assert!(has_focus(&window), "{back:?}");
    }
    assert_eq!(found(&window).len(), 2, "the text is still there");
}

#[test]
fn a_search_that_was_narrowed_and_found_nothing_offers_to_look_everywhere() {
    let mut window = library();
    window.click(Role::TreeItem, r#""books""#);
    window.settle();
    find(&mut window, "GRACE");
    window.click(Role::Button, r#"in ["books"]"#);
    window.click(Role::Button, "match case");
    window.click(Role::RadioButton, "Values");
    window.until("the end of the search", |app| {
        app.session().unwrap().models.find.state() == FindState::Complete
    });
    assert!(window.shows("Nothing found with these options"));
    window.click(Role::Link, "Look everywhere, whatever the case");
    window.settle();
    assert_eq!(found(&window), [r#"["people", "grace"]"#]);
    find(&mut window, "nowhere");
    assert!(window.shows("Nothing found"));
}

#[test]
fn a_regular_expression_that_is_wrong_says_so_below_the_field() {
    let mut window = library();
    find(&mut window, "(ada|65");
    assert!(window.shows("Nothing found"));
    window.click(Role::Button, "regex");
    assert!(window.shows("No regular expression: unclosed group"));
    window.click(Role::Link, "Find it as a text");
    window.settle();
    assert!(window.shows("Nothing found"));
    window.click(Role::Button, "regex");
    window.enter(Role::TextInput, "Regular expression", r"(ada\b|65\d)");
    window.until("the end of the search", |app| {
        app.session().unwrap().models.find.state() == FindState::Complete
    });
    assert_eq!(
        found(&window),
        [r#"["books", 1]"#, r#"["books", 2]"#, r#"["people", "ada"]"#]
    );
    window.click(Role::Button, "match case");
    window.settle();
    assert_eq!(found(&window), [r#"["books", 1]"#, r#"["people", "ada"]"#]);
}

#[test]
fn a_search_is_kept_to_keys_values_or_the_prefix_that_is_listed() {
    let mut window = library();
    window.click(Role::TreeItem, r#""people""#);
    window.settle();
    find(&mut window, "ada");
    window.click(Role::RadioButton, "Values");
    window.settle();
    assert_eq!(found(&window), [r#"["books", 2]"#]);
    window.click(Role::RadioButton, "Keys");
    window.settle();
    assert_eq!(found(&window), [r#"["people", "ada"]"#]);
    window.click(Role::RadioButton, "Both");
    window.click(Role::Button, r#"in ["people"]"#);
    window.settle();
    assert_eq!(found(&window), [r#"["people", "ada"]"#]);
    assert!(window.shows("1 entry found · all 2 looked at"));
}

#[test]
fn a_search_that_was_stopped_can_be_begun_again() {
    let mut window = library();
    find(&mut window, "pages");
    let session = window.session_mut();
    session.models.find.refresh();
    session.models.find.stop();
    window.settle();
    assert!(window.shows("Nothing found before the search was stopped"));
    window.click(Role::Link, "Find again");
    window.until("the end of the search", |app| {
        app.session().unwrap().models.find.state() == FindState::Complete
    });
    assert_eq!(found(&window).len(), 2);
}

#[test]
fn a_refresh_searches_again() {
    let mut window = library();
    find(&mut window, "anvil");
    assert!(found(&window).is_empty());
    commit(&*window.database(), set(r#"["stock", "anvil"]"#, "3"));
    window.press(Modifiers::NONE, Key::F5);
    window.until("the new entry", |app| {
        app.session().unwrap().models.find.hits().len() == 1
    });
    assert_eq!(state(&window), FindState::Complete);
}

#[test]
fn a_file_of_deno_is_searched_too() {
    let mut window = Window::on_shop(SIZE, egui::Theme::Dark);
    find(&mut window, "lamp");
    let session = window.session();
    assert!(!session.models.find.hits().is_empty());
    assert_eq!(session.models.find.progress().looked_at, 1946);
    let first = session.models.find.hits()[0].key.clone();
    window.press(Modifiers::NONE, Key::F3);
    window.settle();
    assert_eq!(window.models().panel.key(), Some(&first));
    assert_ne!(first, key("[0]"));
}
