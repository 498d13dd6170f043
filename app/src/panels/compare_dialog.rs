//! The dialog in which another database is chosen to compare with.

use egui::{Key, Label, Modifiers, RichText, ScrollArea, TextEdit, Ui};

use super::PanelContext;
use super::dialog::{buttons_if, heading};
use super::mark::Place;
use super::mark_dialog::row;
use crate::action::{AppAction, DatabaseAction};
use crate::model::comparison::CompareDraft;
use crate::theme;
use crate::widgets::button::link_button;
use crate::widgets::dialog_frame::{dialog, well};

/// Height of the databases to choose from, in points.
const KNOWN_HEIGHT: f32 = 140.0;

pub(super) fn show(
    ui: &mut Ui,
    draft: &mut CompareDraft,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let modal = dialog(ui.ctx(), "Compare with", 560.0, |ui| {
        heading(ui, "Compare with", place);
        let tokens = theme::tokens(ui);
        let dim = |text: &str| RichText::new(text).color(tokens.color.dim);
        let about = "Keys, values and expiries of both are compared; versionstamps are not, because every commit gives its own. Nothing is written.";
        ui.add(Label::new(dim(about)).wrap());
        fields(ui, draft);
        known(ui, draft);
        if let Some(error) = &draft.error {
            ui.add(Label::new(RichText::new(error).color(tokens.color.bad)).wrap());
        }
        if buttons_if(ui, "Compare", !draft.location.trim().is_empty(), context) {
            match draft.plan() {
                Ok(plan) => context.ask(DatabaseAction::Compare(plan)),
                Err(reason) => draft.error = Some(reason),
            }
        }
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}

fn fields(ui: &mut Ui, draft: &mut CompareDraft) {
    let tokens = theme::tokens(ui);
    let hint = |text: &str| RichText::new(text).font(tokens.mono()).color(tokens.color.dim);
    let mut edited = false;
    row(ui, "With", |ui| {
        let field = TextEdit::singleline(&mut draft.location)
            .font(tokens.mono())
            .hint_text(hint("a folder, a file, or the URL of a server"))
            .desired_width(f32::INFINITY);
        let field = ui.add(field).accessible_name("Path or URL");
        edited |= field.changed();
        if draft.location.is_empty() && ui.memory(|memory| memory.focused().is_none()) {
            field.request_focus();
        }
    });
    row(ui, "Below", |ui| {
        let field = TextEdit::singleline(&mut draft.prefix)
            .font(tokens.mono())
            .hint_text(hint("everything, or a key such as [\"users\"]"))
            .desired_width(f32::INFINITY);
        edited |= ui.add(field).accessible_name("Below the key").changed();
    });
    if edited {
        draft.error = None;
    }
}

/// The databases that are open or were, one of which is taken by a click.
fn known(ui: &mut Ui, draft: &mut CompareDraft) {
    if draft.known.is_empty() {
        return;
    }
    let tokens = theme::tokens(ui);
    ui.label(RichText::new("Open and recent ones").color(tokens.color.dim));
    well(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ScrollArea::vertical().max_height(KNOWN_HEIGHT).show(ui, |ui| {
            for known in draft.known.clone() {
                ui.horizontal(|ui| {
                    if ui
                        .add(link_button(&known.name))
                        .on_hover_text(&known.location)
                        .clicked()
                    {
                        draft.location.clone_from(&known.location);
                        draft.error = None;
                        // Enter goes on with it, and does not choose it once more.
                        ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
                    }
                    let at = match known.open {
                        Some(_) => format!("open · {}", known.location),
                        None => known.location.clone(),
                    };
                    let at = RichText::new(at).font(tokens.small()).color(tokens.color.dim);
                    ui.add(Label::new(at).truncate());
                });
            }
        });
    });
}
