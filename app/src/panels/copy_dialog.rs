//! The dialog of a copy to another place.

use egui::{RichText, Ui};
use keyglass_store::database::{Counted, DatabaseKind};
use keyglass_store::transfer::Existing;

use super::PanelContext;
use super::dialog::{buttons_if, heading};
use super::mark::Place;
use super::typed_name;
use crate::action::{AppAction, DatabaseAction};
use crate::model::copy_to::{CopyDraft, NewKind};
use crate::model::typed_name::is_given;
use crate::theme;
use crate::widgets::choice::segmented;
use crate::widgets::dialog_frame::{dialog, field_label};
use crate::widgets::line_text;

/// Points that the labels of the options take.
const LABEL_WIDTH: f32 = 110.0;

pub(super) fn show(
    ui: &mut Ui,
    draft: &mut CopyDraft,
    counted: Option<Counted>,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let modal = dialog(ui.ctx(), "Copy", 520.0, |ui| {
        heading(ui, "Copy", place);
        let tokens = theme::tokens(ui);
        let dim = |text: &str| RichText::new(text).color(tokens.color.dim);
        let name = format!("To {}", draft.choice.path.display());
        let job = line_text::job(&name, tokens.body(), tokens.color.text);
        let line = line_text::layout(ui.painter(), job, ui.available_width());
        ui.label(line)
            .on_hover_text(draft.choice.path.display().to_string());
        match draft.there {
            None => {
                ui.horizontal(|ui| {
                    label(ui, "Make a new");
                    let mut kind = draft.new_kind();
                    let kinds = [(NewKind::Folder, "Keyglass folder"), (NewKind::File, "Deno file")];
                    segmented(ui, "Make a new", &mut kind, &kinds);
                    draft.make(kind);
                });
                ui.label(dim(match draft.new_kind() {
                    NewKind::Folder => "Keyglass and programs with its library open it.",
                    NewKind::File => "A SQLite file exactly as Deno makes one: Deno.openKv opens it.",
                }));
            }
            Some(kind) => {
                ui.horizontal(|ui| {
                    label(ui, "Other values");
                    let choices = [(Existing::Skip, "Keep"), (Existing::Overwrite, "Replace")];
                    segmented(
                        ui,
                        "Other values that stand under the same keys",
                        &mut draft.choice.existing,
                        &choices,
                    );
                });
                ui.label(dim(match kind {
                    DatabaseKind::DenoFile => {
                        "This file of Deno's is written. A running program sees it at its next read; its watches do not hear."
                    }
                    _ => "What stands there already, exactly the same, is left alone.",
                }));
            }
        }
        let expired = counted.map_or(0, |counted| counted.expired);
        if expired > 0 || draft.choice.expired {
            let text = format!("With the {} expired", crate::format::count(expired));
            ui.checkbox(&mut draft.choice.expired, text)
                .on_hover_text("They do not expire in the copy, where they would be gone at once");
        }
        ui.checkbox(&mut draft.choice.verify, "Read both again afterwards and compare")
            .on_hover_text("Numbers, bytes and hashes below each first part of the keys");
        ui.label(dim(
            "Keys, values, expiries and queued messages, byte for byte. A copy that is cancelled goes on when it is made again.",
        ));
        typed_name::show(ui, draft.typed.as_mut());
        if buttons_if(ui, "Copy", is_given(draft.typed.as_ref()), context) {
            context.ask(DatabaseAction::StartCopyTo(draft.choice.clone()));
        }
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}

fn label(ui: &mut Ui, text: &str) {
    field_label(ui, text, LABEL_WIDTH);
}
