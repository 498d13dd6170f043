//! The dialog in which a server is chosen to copy to.

use egui::{Key, Label, Modifiers, RichText, ScrollArea, TextEdit, Ui};

use super::PanelContext;
use super::mark::Place;
use super::mark_dialog::row;
use crate::action::{AppAction, DatabaseAction};
use crate::model::copy_to::CopyServerDraft;
use crate::theme;
use crate::widgets::button::{link_button, plain_button, primary_button};
use crate::widgets::dialog_frame::{button_row, dialog, well};
use crate::widgets::waiting::waiting;

/// Height of the remembered connections, in points.
const KNOWN_HEIGHT: f32 = 110.0;

pub(super) fn show(
    ui: &mut Ui,
    draft: &mut CopyServerDraft,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let modal = dialog(ui.ctx(), "Copy to a server", 560.0, |ui| {
        super::dialog::heading(ui, "Copy to a server", place);
        let tokens = theme::tokens(ui);
        let dim = |text: &str| RichText::new(text).color(tokens.color.dim);
        ui.add(
            Label::new(dim(
                "Into a database of Deno Deploy, denokv, or another Keyglass. What is copied is chosen once it is connected to.",
            ))
            .wrap(),
        );
        fields(ui, draft);
        known(ui, draft);
        if let Some(error) = &draft.error {
            ui.add(Label::new(RichText::new(error).color(tokens.color.bad)).wrap());
        }
        ui.add_space(4.0);
        button_row(ui, |ui| {
            let can_do = !draft.url.trim().is_empty() && !draft.is_connecting;
            let goes_on = ui.add_enabled(can_do, primary_button("Connect")).clicked();
            if ui.add(plain_button("Cancel")).clicked() {
                context.ask(AppAction::CloseDialog);
            }
            if draft.is_connecting {
                waiting(ui, "Connecting…");
            }
            if goes_on || can_do && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter)) {
                context.ask(DatabaseAction::ConnectToCopy);
            }
        });
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}

fn fields(ui: &mut Ui, draft: &mut CopyServerDraft) {
    let tokens = theme::tokens(ui);
    let hint = |text: &str| RichText::new(text).font(tokens.mono()).color(tokens.color.dim);
    let mut edited = false;
    row(ui, "URL", |ui| {
        let field = TextEdit::singleline(&mut draft.url)
            .font(tokens.mono())
            .hint_text(hint("https://api.deno.com/v2/databases/ID/connect"))
            .desired_width(f32::INFINITY);
        let field = ui.add(field).accessible_name("URL");
        edited |= field.changed();
        if draft.url.is_empty() && ui.memory(|memory| memory.focused().is_none()) {
            field.request_focus();
        }
    });
    row(ui, "Token", |ui| {
        let field = TextEdit::singleline(&mut draft.token.0)
            .password(true)
            .font(tokens.mono())
            .hint_text(hint("the one that is known already, if none is typed"))
            .desired_width(f32::INFINITY);
        edited |= ui.add(field).accessible_name("Token").changed();
    });
    if edited {
        draft.error = None;
    }
}

/// The connections that are remembered, one of which is taken by a click.
fn known(ui: &mut Ui, draft: &mut CopyServerDraft) {
    if draft.known.is_empty() {
        return;
    }
    let tokens = theme::tokens(ui);
    ui.label(RichText::new("Connections that are remembered").color(tokens.color.dim));
    well(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ScrollArea::vertical().max_height(KNOWN_HEIGHT).show(ui, |ui| {
            for known in draft.known.clone() {
                ui.horizontal(|ui| {
                    let text = if known.name.is_empty() {
                        &known.url
                    } else {
                        &known.name
                    };
                    if ui.add(link_button(text)).on_hover_text(&known.url).clicked() {
                        draft.url.clone_from(&known.url);
                        draft.error = None;
                    }
                    if !known.name.is_empty() {
                        let url = RichText::new(&known.url)
                            .font(tokens.small())
                            .color(tokens.color.dim);
                        ui.add(Label::new(url).truncate());
                    }
                });
            }
        });
    });
}
