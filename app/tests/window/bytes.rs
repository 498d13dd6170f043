//! Editing bytes.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use crate::harness::{Window, key, look};

const RAW: &str = r#"["raw"]"#;
const USER: &str = r#"["user"]"#;

fn window() -> Window {
    Window::on_folder(&[
        (
            RAW,
            "new Uint8Array([104, 101, 108, 108, 111, 0, 1, 2, 250, 255])",
        ),
        (USER, "{name: 'Ada', avatar: new Uint8Array([1, 2, 3])}"),
    ])
}

fn type_text(window: &mut Window, text: &str) {
    for char in text.chars() {
        window.harness.event(Event::Text(char.to_string()));
        window.harness.run_ok();
    }
}

fn stored(window: &Window, key_text: &str) -> String {
    let entry = window.database().get(&key(key_text)).unwrap().unwrap();
    entry.value.decode().unwrap().to_string()
}

#[test]
fn bytes_are_edited_by_keys_saved_and_undone() {
    let mut window = window();
    window.click(Role::Row, RAW);
    window.settle();
    window.click(Role::RadioButton, "Hex");
    window.harness.get_by_label("Bytes of the value").focus();
    window.harness.run_ok();
    type_text(&mut window, "4A");
    window.press(Modifiers::NONE, Key::Tab);
    type_text(&mut window, "E");
    window.press(Modifiers::COMMAND, Key::End);
    type_text(&mut window, "!");
    window.press(Modifiers::SHIFT, Key::ArrowLeft);
    window.press(Modifiers::SHIFT, Key::ArrowLeft);
    look(&mut window, "hex-edited");
    // Ctrl+Z belongs to the bytes while they are edited, not to the last commit.
    window.press(Modifiers::COMMAND, Key::Z);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the save", |app| !app.notices().log().is_empty());
    assert_eq!(
        stored(&window, RAW),
        "new Uint8Array([74, 69, 108, 108, 111, 0, 1, 2, 250, 255, 33])"
    );
    window.settle();
    window.click(Role::Link, "Undo");
    window.until("the undo", |app| app.notices().log().len() == 2);
    assert_eq!(
        stored(&window, RAW),
        "new Uint8Array([104, 101, 108, 108, 111, 0, 1, 2, 250, 255])"
    );
}

#[test]
fn bytes_inside_a_value_are_edited_beside_its_stored_form() {
    let mut window = window();
    window.click(Role::Row, USER);
    window.settle();
    let row = window
        .harness
        .query_all_by_role(Role::TreeItem)
        .find(|row| {
            row.accesskit_node()
                .label()
                .is_some_and(|label| label.starts_with("avatar"))
        })
        .unwrap();
    row.click();
    window.harness.run_ok();
    window.click(Role::RadioButton, "Hex");
    assert!(window.shows("Bytes of value.avatar"));
    window.harness.get_by_label("Bytes of the value").focus();
    window.harness.run_ok();
    window.harness.event(Event::Paste("c0 fe d0 d1".to_owned()));
    window.harness.run_ok();
    look(&mut window, "hex-inside");
    window.harness.event(Event::Paste("no digits".to_owned()));
    window.harness.run_ok();
    assert!(window.notices().last().unwrap().starts_with("Not pasted"));
    window.press(Modifiers::COMMAND, Key::S);
    window.until("the save", |app| app.notices().log().len() == 2);
    assert_eq!(
        stored(&window, USER),
        r#"{name: "Ada", avatar: new Uint8Array([192, 254, 208, 209])}"#
    );
    window.settle();
    window.click(Role::RadioButton, "Stored form");
    assert!(window.shows("Stored in V8's structured-clone format, read-only"));
    look(&mut window, "hex-stored");
}
