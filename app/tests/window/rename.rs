//! Giving entries other keys.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use keyglass::model::draft::parse_value;
use keyglass_store::{AtomicOperation, EncodedKey};

use crate::harness::{Window, commit, key, look, set};

const ADA: &str = r#"["users", "ada"]"#;
const BOB: &str = r#"["users", "bob"]"#;
const EVE: &str = r#"["users", "eve"]"#;

/// A window that shows an expiring entry, of which the rename has begun.
fn begun() -> Window {
    let mut window = Window::on_folder(&[(ADA, "1"), (BOB, "{name: 'Bob'}")]);
    let expiring =
        AtomicOperation::new().set_expiring(key(ADA), parse_value("[1]").unwrap(), Some(i64::MAX / 4));
    commit(&*window.database(), expiring);
    window.settle();
    window.click(Role::Row, ADA);
    window.settle();
    window.press(Modifiers::COMMAND, Key::R);
    window
}

fn type_name(window: &mut Window, name: &str) {
    window.press(Modifiers::COMMAND, Key::A);
    window.harness.event(Event::Text(name.to_owned()));
    window.harness.run_ok();
}

fn stored(window: &Window, key_text: &str) -> Option<(String, Option<i64>)> {
    let entry = window.database().get(&key(key_text)).unwrap()?;
    Some((entry.value.decode().unwrap().to_string(), entry.expires_at))
}

#[test]
fn an_entry_is_renamed_with_its_expiry_and_the_undo_puts_it_back() {
    let mut window = begun();
    look(&mut window, "rename");
    type_name(&mut window, "eve");
    window.click(Role::Button, "Rename");
    window.until("the rename", |app| !app.notices().log().is_empty());
    let moved = Some(("[1]".to_owned(), Some(i64::MAX / 4)));
    assert_eq!(
        (stored(&window, ADA), stored(&window, EVE)),
        (None, moved.clone())
    );
    assert_eq!(window.notices(), [format!("Renamed {ADA} to {EVE}")]);
    window.settle();
    let shown = window.models().panel.key().cloned();
    assert_eq!(shown, Some(key(EVE)));
    window.press(Modifiers::COMMAND, Key::Z);
    window.until("the undo", |app| app.notices().log().len() == 2);
    assert_eq!((stored(&window, ADA), stored(&window, EVE)), (moved, None));
    window.settle();
    let shown = window.models().panel.key().cloned();
    assert_eq!(shown, Some(key(ADA)));
}

#[test]
fn enter_in_the_last_part_renames_and_bytes_that_no_text_tells_stay() {
    let mut window = begun();
    // A NaN with a payload, before a string.
    let odd =
        |name: &[u8]| EncodedKey::from_bytes([&b"\x21\xff\xf8\0\0\0\0\0\x07\x02"[..], name, b"\0"].concat());
    let operation = AtomicOperation::new().set(odd(b"a"), parse_value("1").unwrap());
    commit(&*window.database(), operation);
    window.settle();
    window.click(Role::Row, r#"[NaN, "a"]"#);
    window.settle();
    window.press(Modifiers::COMMAND, Key::R);
    look(&mut window, "rename-hint");
    type_name(&mut window, "b");
    window.press(Modifiers::NONE, Key::Enter);
    window.until("the rename", |app| !app.notices().log().is_empty());
    let database = window.database();
    assert!(database.get(&odd(b"a")).unwrap().is_none());
    assert!(database.get(&odd(b"b")).unwrap().is_some());
}

#[test]
fn what_stands_under_the_new_key_is_told_and_overwritten_only_when_asked() {
    let mut window = begun();
    type_name(&mut window, "bob");
    window.click(Role::Button, "Rename");
    window.until("the refusal", |app| !app.notices().log().is_empty());
    window.settle();
    assert_eq!(
        window.notices(),
        ["Not renamed: another entry stands under the new key"]
    );
    look(&mut window, "rename-conflict");
    assert_eq!(stored(&window, BOB).unwrap().0, r#"{name: "Bob"}"#);
    // What stands there changes again, so not even overwriting is done blindly.
    commit(&*window.database(), set(BOB, "'newer'"));
    window.click(Role::Button, "Overwrite it");
    window.until("the second refusal", |app| app.notices().log().len() == 2);
    assert_eq!(stored(&window, BOB).unwrap().0, r#""newer""#);
    window.settle();
    window.click(Role::Button, "Overwrite it");
    window.until("the rename", |app| app.notices().log().len() == 3);
    assert_eq!(
        (stored(&window, ADA), stored(&window, BOB).unwrap().0),
        (None, "[1]".to_owned())
    );
    window.settle();
    window.press(Modifiers::COMMAND, Key::Z);
    window.until("the undo", |app| app.notices().log().len() == 4);
    assert_eq!(stored(&window, BOB).unwrap().0, r#""newer""#);
    assert_eq!(stored(&window, ADA).unwrap().1, Some(i64::MAX / 4));
}

#[test]
fn an_edit_of_the_value_goes_with_the_entry() {
    let mut window = begun();
    window.click(Role::RadioButton, "Code");
    window.enter(Role::MultilineTextInput, "Value as JavaScript", "[2]");
    window.click(Role::TextInput, "Part 2 of the key");
    type_name(&mut window, "eve");
    window.click(Role::Button, "Rename");
    window.until("the rename", |app| !app.notices().log().is_empty());
    window.settle();
    assert_eq!(stored(&window, EVE).unwrap().0, "[1]");
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the save", |app| app.notices().log().len() == 2);
    assert_eq!(
        stored(&window, EVE).unwrap(),
        ("[2]".to_owned(), Some(i64::MAX / 4))
    );
}

#[test]
fn a_rename_waits_while_another_entry_is_looked_at_and_can_be_given_up() {
    let mut window = begun();
    type_name(&mut window, "eve");
    window.click(Role::Row, BOB);
    window.settle();
    assert!(!window.shows("Rename to"));
    window.click(Role::Row, ADA);
    window.settle();
    assert!(window.shows("\"eve\"") || window.shows("Part 2 of the key"));
    window.click(Role::Button, "Keep the key");
    assert!(!window.shows("Rename to"));
    assert!(stored(&window, ADA).is_some());
}

#[test]
fn a_rename_survives_a_crash() {
    let mut window = begun();
    type_name(&mut window, "eve");
    window.pass(2000);
    let mut window = window.after_crash();
    window.settle();
    window.click(Role::Button, "Rename");
    window.until("the rename", |app| {
        app.notices()
            .log()
            .iter()
            .any(|notice| notice.summary.starts_with("Renamed"))
    });
    assert!(stored(&window, EVE).is_some());
}
