//! What it means to unlock one of Deno's files, asked once before.

use egui::{Label, RichText, Ui};

use super::PanelContext;
use super::dialog::{buttons_if, heading};
use super::mark::Place;
use super::typed_name;
use crate::action::{AppAction, DatabaseAction, UnlockChoice};
use crate::dialog::UNLOCK;
use crate::model::typed_name::{TypedName, is_given};
use crate::theme;
use crate::widgets::dialog_frame::dialog;

/// What becomes possible, and what the program beside it makes of that.
const MEANING: [&str; 3] = [
    "Entries can then be changed from this window as in a Keyglass folder: every save is checked against what you saw, \
     and can be undone.",
    "A program that runs on this file sees a change at its next read. Its own watch does not notice it.",
    "Each commit holds the file for a moment. A commit with checks that the program makes in that very moment can fail \
     with \u{201c}database is locked\u{201d}, as it does beside a second Deno.",
];

/// Draws the dialog.
pub fn show(
    ui: &mut Ui,
    choice: &mut UnlockChoice,
    typed: &mut Option<TypedName>,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let modal = dialog(ui.ctx(), UNLOCK, 460.0, |ui| {
        let tokens = theme::tokens(ui);
        heading(ui, UNLOCK, place);
        for sentence in MEANING {
            ui.add(Label::new(RichText::new(sentence).color(tokens.color.dim)).wrap());
        }
        ui.add_space(4.0);
        ui.checkbox(&mut choice.copy_first, "Copy the file first")
            .on_hover_text("Beside it, under its name and this moment; a notice says where");
        if typed.is_none() {
            ui.checkbox(&mut choice.next_time, "Unlock this file next time, too")
                .on_hover_text("Until it is locked by hand");
        }
        typed_name::show(ui, typed.as_mut());
        if buttons_if(ui, "Unlock", is_given(typed.as_ref()), context) {
            context.ask(DatabaseAction::Unlock(*choice));
        }
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}
