//! What is one object in several places of a value: said, and changed everywhere or only where a person wants it.

use egui::Theme;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use keyglass::content::copy::CopyForm;
use keyglass::content::key_set::KeySet;
use keyglass::model::target::Target;
use keyglass_store::{AtomicOperation, Encoding, StoredValue};

use crate::harness::{Window, commit, key, look};

const ITEM: &str = r#"["item"]"#;

/// `{a: o, b: o}` with `o` being `{n: 1}`, as V8 writes it.
fn one_object_twice() -> StoredValue {
    let bytes = *b"\xff\x0fo\"\x01ao\"\x01nI\x02{\x01\"\x01b^\x01{\x02";
    StoredValue {
        encoding: Encoding::V8,
        bytes: bytes.to_vec().into(),
    }
}

/// A window that shows it as a tree, with the part at `b.n` selected and the keyboard in the tree.
fn window(theme: Theme) -> Window {
    let mut window = Window::on_folder(&[(r#"["other"]"#, "1")]);
    commit(
        &*window.database(),
        AtomicOperation::new().set(key(ITEM), one_object_twice()),
    );
    window.harness.ctx.set_theme(theme);
    window.harness.set_size([1100.0, 700.0].into());
    window.until("the entry", |app| {
        app.session().unwrap().models.entries.num_rows() == 2
    });
    window.click(Role::Row, ITEM);
    window.harness.get_by_role_and_label(Role::Tree, "Value").focus();
    window.harness.run_ok();
    // Past the value, `a` with its part, and the row that adds another one.
    for _ in 0..6 {
        window.press(Modifiers::NONE, Key::ArrowDown);
    }
    window
}

/// Types another number where the selected one stands.
fn edit(window: &mut Window, text: &str) {
    window.press(Modifiers::NONE, Key::Enter);
    window.press(Modifiers::COMMAND, Key::A);
    window.harness.event(Event::Text(text.to_owned()));
    window.harness.run_ok();
    window.press(Modifiers::NONE, Key::Enter);
}

fn edited(window: &Window) -> String {
    let session = window.session();
    session
        .models
        .panel
        .current()
        .unwrap()
        .value()
        .unwrap()
        .to_string()
}

#[test]
fn an_edit_of_it_changes_it_everywhere() {
    let mut window = window(Theme::Dark);
    assert!(window.shows("value.b is the same object as value.a"));
    edit(&mut window, "2");
    assert_eq!(edited(&window), "{a: {n: 2}, b: {n: 2}}");
    // And it stays one when it is saved.
    window.press(Modifiers::COMMAND, Key::S);
    let entry = window.database().get(&key(ITEM)).unwrap().unwrap();
    let mut expected = one_object_twice().bytes.to_vec();
    let number = expected.iter().position(|byte| *byte == b'I').unwrap() + 1;
    expected[number] = 4;
    assert_eq!(entry.value.bytes, expected);
}

#[test]
fn an_edit_only_here_parts_it_which_is_said_and_taken_back_by_joining() {
    for theme in [Theme::Dark, Theme::Light] {
        let mut window = window(theme);
        look(
            &mut window,
            if theme == Theme::Dark {
                "shared-dark"
            } else {
                "shared-light"
            },
        );
        window.click(Role::RadioButton, "Change it only here");
        window.harness.get_by_role_and_label(Role::Tree, "Value").focus();
        window.harness.run_ok();
        edit(&mut window, "2");
        assert_eq!(edited(&window), "{a: {n: 1}, b: {n: 2}}");
        assert!(window.shows("value.a and value.b were one object, they are two now"));
        look(
            &mut window,
            if theme == Theme::Dark {
                "parted-dark"
            } else {
                "parted-light"
            },
        );
        window.click(Role::Button, "All as value.b");
        assert_eq!(edited(&window), "{a: {n: 2}, b: {n: 2}}");
        assert!(!window.shows("value.a and value.b were one object, they are two now"));
    }
}

#[test]
fn the_code_tells_of_it_above() {
    let mut window = window(Theme::Dark);
    window.click(Role::RadioButton, "Code");
    assert!(window.shows("value.a and value.b are one object, as long as they are equal"));
    look(&mut window, "shared-code");
}

#[test]
fn a_copy_that_parts_it_says_so() {
    let mut window = window(Theme::Dark);
    let session = window.session_mut();
    session.copy_all(&Target::Selected(KeySet::only(&key(ITEM))), CopyForm::ValueJson);
    window.until("the notice", |app| !app.notices().log().is_empty());
    assert_eq!(
        window.notices(),
        ["Copied 1 value as JSON; what is one object in several places became several equal ones"]
    );
}
