//! A database that takes less in one commit than Deno does, as others may: what it takes is told, and nothing larger is
//! sent to it.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use keyglass_store::limits::Limits;

use crate::harness::{Window, key, look, set};

const LIMITS: Limits = Limits {
    checks: 3,
    mutations: 5,
    key_bytes: 40,
    value_bytes: 30,
    commit_bytes: 400,
    commit_key_bytes: 100,
    ..Limits::DENO
};
const ENTRIES: usize = 10;
const ENTRY: &str = "['entry', 0]";
const CODE: &str = "Value as JavaScript";

fn window() -> Window {
    let operations = (0..ENTRIES).map(|number| set(&format!("['entry', {number}]"), "1"));
    Window::on_troubled_after(operations, |trouble| trouble.limit(LIMITS)).0
}

fn values(window: &Window) -> Vec<Option<String>> {
    let database = window.database();
    let entries = (0..ENTRIES).map(|number| database.get(&key(&format!("['entry', {number}]"))).unwrap());
    let values = entries.map(|entry| entry.map(|entry| entry.value.decode().unwrap().to_string()));
    values.collect()
}

fn all(value: Option<&str>) -> Vec<Option<String>> {
    vec![value.map(str::to_owned); ENTRIES]
}

#[test]
fn the_meter_of_a_transaction_goes_by_them_and_what_is_too_large_is_refused_with_the_limit() {
    let mut window = window();
    window.click(Role::Row, &key(ENTRY).to_string());
    window.click(Role::RadioButton, "Code");
    window.enter(Role::MultilineTextInput, CODE, "2");
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    let told = [
        "checks 1 / 3",
        "mutations 1 / 5",
        "keys 16 B / 100 B",
        "52 B / 400 B",
    ];
    for text in told {
        assert!(window.shows(text), "{text}");
    }
    for number in 1..4 {
        let transaction = &mut window.session_mut().models.transaction;
        transaction.add_check(&key(&format!("['other', {number}]")), None);
    }
    window.settle();
    assert!(window.shows("checks 4 / 3"));
    look(&mut window, "small-limits");
    window.press(Modifiers::COMMAND, Key::Enter);
    let notices = window.notices();
    assert!(notices[0].ends_with("Too many checks (max 3)"), "{notices:?}");
    assert_eq!(values(&window), all(Some("1")));
}

#[test]
fn keys_and_values_that_are_being_written_are_held_against_them() {
    let mut window = window();
    window.press(Modifiers::COMMAND, Key::N);
    assert!(window.shows("of 30 B"));
    window.harness.event(Event::Text("a".repeat(50)));
    window.settle();
    assert!(window.shows("52 of 40 bytes"));
    assert!(window.shows("Key too large for write (max 40 bytes)"));
    window.enter(Role::MultilineTextInput, CODE, &format!("'{}'", "b".repeat(40)));
    assert!(window.shows("Value too large (max 30 bytes)"));
    // As a row of a transaction, too.
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::T);
    assert!(window.shows("Key too large for write (max 40 bytes)"));
}

#[test]
fn a_deletion_and_an_import_are_done_and_undone_in_parts_that_fit() {
    let mut window = window();
    window.click(Role::Row, &key(ENTRY).to_string());
    window.press(Modifiers::COMMAND, Key::A);
    window.press(Modifiers::COMMAND, Key::Delete);
    window.click(Role::Button, "Delete all");
    assert_eq!(values(&window), all(None), "{:?}", window.notices());
    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(values(&window), all(Some("1")), "{:?}", window.notices());
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(values(&window), all(None), "{:?}", window.notices());
    window.press(Modifiers::COMMAND, Key::Z);

    let line = |number: usize| {
        format!(
            r#"{{"key":[{{"type":"string","value":"entry"}},{{"type":"number","value":{number}}}],"value":{{"type":"string","value":"new"}}}}"#
        )
    };
    let file = (0..ENTRIES).map(line).collect::<Vec<_>>().join("\n");
    let path = window.folder.path().join("new.ndjson");
    std::fs::write(&path, file).unwrap();
    crate::import::ask(&mut window, path);
    window.click(Role::RadioButton, "Overwrite");
    crate::import::until_told(&mut window);
    window.click(Role::Button, "Import 10 entries");
    assert_eq!(values(&window), all(Some(r#""new""#)), "{:?}", window.notices());
    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(values(&window), all(Some("1")), "{:?}", window.notices());
}
