//! Bytes edited by keys and selected with the pointer.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, vec2};
use egui_kittest::kittest::Queryable as _;
use keyglass::widgets::hex_view::{HexView, HexViewState};

use super::{picture, press, sharing, type_text};

#[test]
fn bytes_are_typed_pasted_and_removed_by_keys() {
    let state = (HexViewState::default(), vec![0_u8, 1, 2, 3]);
    let (mut harness, state) = sharing([500.0, 130.0], state, |ui, (state, bytes)| {
        let output = HexView::new(state, "Bytes", bytes).editable(true).show(ui);
        if let Some(edit) = output.edit {
            edit.apply(bytes);
        }
    });
    let bytes = || state.borrow().1.clone();
    state.borrow_mut().0.select(1);
    harness.get_by_label("Bytes").focus();
    harness.run();
    press(&mut harness, Key::ArrowRight);
    type_text(&mut harness, "f");
    assert_eq!(bytes(), [0, 1, 0xf2, 3]);
    type_text(&mut harness, "E");
    assert_eq!(bytes(), [0, 1, 0xfe, 3]);
    assert_eq!(state.borrow().0.selected(), Some(3));
    press(&mut harness, Key::Insert);
    press(&mut harness, Key::Tab);
    type_text(&mut harness, "A");
    assert_eq!(bytes(), [0, 1, 0xfe, 0x41, 3]);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Tab);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Home);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
    harness.run();
    harness.event(Event::Paste("0xca, 0xfe".to_owned()));
    harness.run();
    assert_eq!(bytes(), [0xca, 0xfe, 0xfe, 0x41, 3]);
    press(&mut harness, Key::Backspace);
    press(&mut harness, Key::Delete);
    assert_eq!(bytes(), [0xca, 0x41, 3]);
    for _ in 0..3 {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
        harness.run();
    }
    assert_eq!(bytes(), [0, 1, 0xfe, 0x41, 3]);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    press(&mut harness, Key::Delete);
    assert!(bytes().is_empty());
    type_text(&mut harness, "7");
    assert_eq!(bytes(), [0x70]);
}

#[test]
fn bytes_are_selected_with_the_pointer() {
    let state = (HexViewState::default(), (0..40).collect::<Vec<u8>>());
    let (mut harness, state) = sharing([640.0, 160.0], state, |ui, (state, bytes)| {
        let output = HexView::new(state, "Bytes", bytes).editable(true).show(ui);
        if let Some(edit) = output.edit {
            edit.apply(bytes);
        }
    });
    harness.run();
    let rows: Vec<_> = harness
        .query_all_by_role(Role::Row)
        .map(|row| row.rect())
        .collect();
    let (first, second) = (rows[0], rows[1]);
    harness.drag_at(first.left_center() + vec2(60.0, 0.0));
    harness.run();
    harness.hover_at(second.left_center() + vec2(60.0, 0.0));
    harness.run();
    harness.drop_at(second.left_center() + vec2(60.0, 0.0));
    harness.run();
    picture(&mut harness, "hex-selected.png");
    press(&mut harness, Key::Delete);
    let left: Vec<u8> = (0..40).filter(|byte| !(0..=16).contains(byte)).collect();
    assert_eq!(state.borrow().1, left);
}
