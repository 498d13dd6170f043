//! A field in which a moment is typed, in a popup as wide as the date picker.

use egui::{Key, TextEdit, Ui, vec2};

use super::WIDTH;
use crate::theme;

/// What was done in the field.
#[derive(Debug, Clone, Copy)]
pub struct FieldOutput {
    /// The text is another one.
    pub changed: bool,
    /// Enter was pressed.
    pub entered: bool,
}

/// A field for the text of a moment. `name` is what a screen reader says; `hint` shows what can be typed.
pub fn moment_field(ui: &mut Ui, text: &mut String, name: &str, hint: &str) -> FieldOutput {
    let field = TextEdit::singleline(text)
        .font(theme::tokens(ui).mono())
        .hint_text(hint)
        .desired_width(WIDTH - 10.0);
    let response = ui
        .horizontal(|ui| {
            // A menu takes the padding from its widgets.
            ui.spacing_mut().button_padding = vec2(10.0, 4.0);
            ui.add(field)
        })
        .inner
        .accessible_name(name);
    FieldOutput {
        changed: response.changed(),
        entered: response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)),
    }
}
