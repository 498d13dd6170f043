//! List options, expiries, keys of the keyboard, and what is copied.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};

use crate::harness::{NOW, Window, key};

const ADA: &str = r#"["users", "ada"]"#;

fn window() -> Window {
    Window::on_folder(&[
        (ADA, "{credit: 20}"),
        (r#"["users", "bob"]"#, "1"),
        (r#"["users", "cyd"]"#, "2"),
        (r#"["zoo"]"#, "3"),
    ])
}

fn option(window: &mut Window, name: &str, text: &str) {
    window.click(Role::Button, name);
    window.enter(Role::TextInput, &format!("List option {name}"), text);
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
}

fn num_rows(window: &Window) -> u64 {
    window.models().entries.num_rows()
}

#[test]
fn start_end_and_limit_are_typed_into_their_chips() {
    let mut window = window();
    option(&mut window, "start", r#"["users", "bob"]"#);
    assert_eq!(num_rows(&window), 3);
    option(&mut window, "end", r#"["zoo"]"#);
    assert_eq!(num_rows(&window), 2);
    option(&mut window, "limit", "1");
    assert_eq!(num_rows(&window), 1);
    window.click(Role::Button, "Remove start");
    window.click(Role::Button, "Remove limit");
    window.settle();
    assert_eq!(num_rows(&window), 3);
}

#[test]
fn a_list_option_that_is_wrong_is_not_taken() {
    let mut window = window();
    option(&mut window, "limit", "none");
    assert_eq!(num_rows(&window), 4);
    assert!(window.shows("A number of entries is needed"));
}

#[test]
fn any_span_or_date_can_be_an_expiry() {
    let mut window = window();
    window.click(Role::Row, ADA);
    window.settle();
    for (text, expected) in [
        ("90 min", NOW + 5_400_000),
        ("2027-01-31 14:30", 1_801_405_800_000),
    ] {
        window.click(Role::Link, "change");
        window.enter(Role::TextInput, "Other expiry", text);
        window.press(Modifiers::NONE, Key::Enter);
        window.settle();
        let saved = window.notices().len();
        window.press(Modifiers::COMMAND, Key::S);
        window.until("the save", |app| app.notices().log().len() > saved);
        window.settle();
        let entry = window.database().get(&key(ADA)).unwrap().unwrap();
        assert_eq!(entry.expires_at, Some(expected));
    }
}

#[test]
fn enter_edits_and_escape_goes_back_to_the_table() {
    let mut window = window();
    window.click(Role::Row, ADA);
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    window.press(Modifiers::COMMAND, Key::A);
    window.harness.event(Event::Text("77".to_owned()));
    window.harness.run_ok();
    let text = |window: &Window| {
        let session = window.session();
        session.models.panel.current().map(|draft| draft.text.clone())
    };
    assert_eq!(text(&window).as_deref(), Some("77"));
    window.press(Modifiers::NONE, Key::Escape);
    window.press(Modifiers::NONE, Key::ArrowDown);
    window.settle();
    let session = window.session();
    assert_eq!(session.models.panel.key(), Some(&key(r#"["users", "bob"]"#)));
}

#[test]
fn letters_find_a_key_in_the_tree() {
    let mut window = window();
    window.click(Role::TreeItem, r#""users""#);
    window.settle();
    window.harness.event(Event::Text("z".to_owned()));
    window.settle();
    let session = window.session();
    assert_eq!(session.models.tree.selected, Some(key(r#"["zoo"]"#)));
}

#[test]
fn a_list_option_is_chosen_by_the_mouse_and_typed_over() {
    let mut window = window();
    window.click(Role::Row, r#"["users", "bob"]"#);
    window.settle();
    window.click(Role::Button, "start");
    window.click(Role::Link, "Selected entry");
    window.click(Role::Button, "List");
    window.settle();
    assert_eq!(num_rows(&window), 3);
    // What stands in the field is replaced by what is typed.
    window.click(Role::Button, "limit");
    window.harness.event(Event::Text("2".to_owned()));
    window.harness.run_ok();
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    assert_eq!(num_rows(&window), 2);
    // In a key the cursor stands where its next part belongs.
    window.click(Role::TreeItem, r#""users""#);
    window.settle();
    window.click(Role::Button, "start");
    window.harness.event(Event::Text(r#", "cyd""#.to_owned()));
    window.harness.run_ok();
    window.press(Modifiers::NONE, Key::Enter);
    window.settle();
    assert_eq!(num_rows(&window), 1);
}

#[test]
fn what_to_find_is_typed_as_soon_as_its_view_is_chosen() {
    let mut window = window();
    window.click(Role::Tab, "Find");
    window.settle();
    window.harness.event(Event::Text("credit".to_owned()));
    window.until("what is found", |app| {
        app.session().unwrap().models.find.hits().len() == 1
    });
}
