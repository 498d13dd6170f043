//! The dialog in which a database is marked.

use egui::{Key, Label, Modifiers, RichText, TextEdit, Ui};

use super::PanelContext;
use super::mark::{Place, color_of};
use crate::action::{AppAction, DatabaseAction};
use crate::model::mark::{LABEL_LIMIT, Mark, MarkColor, MarkDraft, NAME_LIMIT, Opening};
use crate::theme;
use crate::widgets::button::{plain_button, primary_button};
use crate::widgets::choice::{segmented, swatches};
use crate::widgets::dialog_frame::{button_row, dialog, field_label};

/// Points that the labels of the fields take.
const LABEL_WIDTH: f32 = 88.0;

pub(super) fn show(
    ui: &mut Ui,
    draft: &mut MarkDraft,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let modal = dialog(ui.ctx(), "Mark database", 480.0, |ui| {
        super::dialog::heading(ui, "Mark database", place);
        let tokens = theme::tokens(ui);
        let dim = |text: &str| RichText::new(text).color(tokens.color.dim);
        let first = fields(ui, &mut draft.mark, &draft.own_name);
        if ui.memory(|memory| memory.focused().is_none()) {
            first.request_focus();
        }
        row(ui, "When opened", |ui| {
            let openings = [
                (Opening::Usual, "As usual"),
                (Opening::ReadOnly, "Read-only"),
                (Opening::Guarded, "Guarded"),
            ];
            segmented(ui, "When opened", &mut draft.mark.opening, &openings);
        });
        ui.add(Label::new(dim(meaning(draft.mark.opening))).wrap());
        ui.add_space(4.0);
        button_row(ui, |ui| {
            let marks = ui.add(primary_button("Mark")).clicked();
            if ui.add(plain_button("Cancel")).clicked() {
                context.ask(AppAction::CloseDialog);
            }
            if draft.has_mark && ui.add(plain_button("Remove the mark")).clicked() {
                context.ask(DatabaseAction::Mark(None));
            }
            if marks || ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)) {
                context.ask(DatabaseAction::Mark(Some(draft.chosen())));
            }
        });
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}

/// Name, label and colour. The field of the label, which is what most marks are about.
pub(super) fn fields(ui: &mut Ui, mark: &mut Mark, own_name: &str) -> egui::Response {
    let tokens = theme::tokens(ui);
    let hint = |text: &str| RichText::new(text).color(tokens.color.dim);
    row(ui, "Name", |ui| {
        let field = TextEdit::singleline(&mut mark.name)
            .char_limit(NAME_LIMIT)
            .hint_text(hint(own_name))
            .desired_width(f32::INFINITY);
        ui.add(field).accessible_name("Name");
    });
    let label = row(ui, "Label", |ui| {
        let field = TextEdit::singleline(&mut mark.label)
            .char_limit(LABEL_LIMIT)
            .hint_text(hint("production, staging, …"))
            .desired_width(f32::INFINITY);
        ui.add(field).accessible_name("Label")
    });
    row(ui, "Colour", |ui| {
        let colors = MarkColor::ALL.map(|(color, name)| (color, name, color_of(tokens, color)));
        swatches(ui, "Colour", &mut mark.color, &colors);
    });
    label
}

/// What it means for whoever opens the database.
fn meaning(opening: Opening) -> &'static str {
    match opening {
        Opening::Usual => {
            "A folder of your own can be changed at once. A file of Deno's, or a server, is unlocked first."
        }
        Opening::ReadOnly => {
            "It is locked now and whenever it is opened. The lock asks before anything can be changed."
        }
        Opening::Guarded => {
            "It is locked now and whenever it is opened. Its name has to be typed to unlock it, and before entries are deleted together, imported or copied into it."
        }
    }
}

/// A line of the dialog: what is asked, and the field for it.
pub(super) fn row<R>(ui: &mut Ui, text: &str, field: impl FnOnce(&mut Ui) -> R) -> R {
    ui.horizontal(|ui| {
        field_label(ui, text, LABEL_WIDTH);
        field(ui)
    })
    .inner
}
