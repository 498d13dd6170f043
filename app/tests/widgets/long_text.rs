//! Long texts in the code editor.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use keyglass::widgets::code_editor::CodeEditor;

use super::sharing;

#[test]
fn a_long_text_is_laid_out_over_some_frames_and_then_edited() {
    let line = |number| format!("  {{id: {number}, name: \"user {number}\"}},\n");
    let text: String = (0..700).map(line).collect();
    let shown = (text.clone(), 0);
    let (mut harness, state) = sharing([400.0, 300.0], shown, |ui, (text, num_partial)| {
        let response = CodeEditor::new(text, "Value").show(ui);
        *num_partial += usize::from(!response.sense.senses_click());
    });
    harness.run_steps(30);
    harness
        .get_by_role_and_label(Role::MultilineTextInput, "Value")
        .focus();
    harness.run();
    harness.key_press_modifiers(Modifiers::CTRL | Modifiers::COMMAND, Key::End);
    harness.event(Event::Text("x".to_owned()));
    harness.run();
    harness.key_press_modifiers(Modifiers::CTRL | Modifiers::COMMAND, Key::Home);
    harness.event(Event::Text("[".to_owned()));
    harness.run();
    let (edited, num_partial) = &*state.borrow();
    let place = |letter| (edited.find(letter), edited.len());
    assert_eq!(
        (place('['), place('x')),
        ((Some(0), text.len() + 2), (Some(text.len() + 1), text.len() + 2))
    );
    assert!(
        (1..20).contains(num_partial),
        "{num_partial} frames showed a beginning"
    );
}
