//! The field in which the name of a guarded database is typed.

use egui::{Id, RichText, TextEdit, Ui};

use crate::model::typed_name::TypedName;
use crate::theme;

/// Draws it, if a name has to be typed. It takes the keyboard as it comes up.
pub(super) fn show(ui: &mut Ui, typed: Option<&mut TypedName>) {
    let Some(typed) = typed else { return };
    let tokens = theme::tokens(ui);
    let asks = format!("It is guarded: type \u{201c}{}\u{201d} to go on", typed.name());
    ui.label(RichText::new(asks).color(tokens.color.text));
    let field = TextEdit::singleline(&mut typed.typed)
        .id(Id::unique("typed name"))
        .font(tokens.mono())
        .desired_width(f32::INFINITY);
    let field = ui.add(field).accessible_name("Name of the database");
    if typed.typed.is_empty() && ui.memory(|memory| memory.focused().is_none()) {
        field.request_focus();
    }
}
