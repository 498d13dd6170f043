//! The dialog of a backup: where to, and how long what was replaced is kept.

use egui::{RichText, Ui};

use super::PanelContext;
use super::dialog::{buttons, heading};
use super::mark::Place;
use crate::action::{AppAction, DatabaseAction};
use crate::model::backup::{BackupDraft, Keep};
use crate::theme;
use crate::widgets::choice::segmented;
use crate::widgets::dialog_frame::{dialog, field_label};
use crate::widgets::line_text;

/// Points that the labels of the options take.
const LABEL_WIDTH: f32 = 150.0;

/// `is_consistent` tells whether the database shows a view of one moment.
pub(super) fn show(
    ui: &mut Ui,
    draft: &mut BackupDraft,
    is_consistent: bool,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let modal = dialog(ui.ctx(), "Back up", 520.0, |ui| {
        heading(ui, "Back up", place);
        let tokens = theme::tokens(ui);
        let dim = |text: &str| RichText::new(text).color(tokens.color.dim);
        let name = format!("To {}", draft.path.display());
        let job = line_text::job(&name, tokens.body(), tokens.color.text);
        let line = line_text::layout(ui.painter(), job, ui.available_width());
        ui.label(line).on_hover_text(draft.path.display().to_string());
        ui.label(dim(if draft.is_there {
            "The backup in this folder is brought up to date: all is read, and only what changed is written."
        } else {
            "A new folder, which is a database of its own and holds this one as it is now."
        }));
        ui.horizontal(|ui| {
            field_label(ui, "Keep what is replaced", LABEL_WIDTH);
            let choices = [
                (Keep::Month, "30 days"),
                (Keep::Year, "A year"),
                (Keep::Forever, "For ever"),
            ];
            segmented(ui, "Keep what is replaced", &mut draft.keep, &choices);
        });
        if !is_consistent {
            ui.label(
                RichText::new("This database shows no view of one moment: it is read again until nothing has changed meanwhile, four times at most.")
                    .color(tokens.color.warning),
            );
        }
        ui.label(dim(if draft.is_there {
            "Until it is whole, the one before stays. A cancelled one goes on when it is made again."
        } else {
            "A cancelled one goes on when it is made again."
        }));
        if buttons(ui, "Back up", context) {
            context.ask(DatabaseAction::StartBackup(draft.choice()));
        }
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}
