//! The dialog in which a person chooses which earlier versions are kept below a key.

use egui::{Key, Label, Modifiers, RichText, ScrollArea, TextEdit, Ui};

use super::PanelContext;
use super::mark::Place;
use super::mark_dialog::row;
use crate::action::{AppAction, HistoryAction};
use crate::errand::SetRules;
use crate::format;
use crate::model::history_rule::{HistoryRuleDraft, KnownRules};
use crate::theme;
use crate::widgets::button::{plain_button, primary_button};
use crate::widgets::dialog_frame::{button_row, dialog, well};

/// Points of a field for a number.
const NUMBER_WIDTH: f32 = 64.0;
/// Points of the list of rules before it scrolls.
const LIST_HEIGHT: f32 = 120.0;

pub(super) fn show(
    ui: &mut Ui,
    draft: &mut HistoryRuleDraft,
    known: &KnownRules,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let modal = dialog(ui.ctx(), "Keep history", 520.0, |ui| {
        super::dialog::heading(ui, "Keep history", place);
        let tokens = theme::tokens(ui);
        let dim = |text: &str| RichText::new(text).color(tokens.color.dim);
        row(ui, "Below", |ui| {
            let name = match draft.prefix.as_bytes() {
                [] => "the whole database".to_owned(),
                _ => draft.prefix.to_string(),
            };
            ui.add(Label::new(RichText::new(name).font(tokens.mono())).truncate());
        });
        match known.read() {
            None => {
                ui.label(dim("Reading what is kept…"));
            }
            Some(Err(reason)) => {
                ui.add(Label::new(RichText::new(reason).color(tokens.color.bad)).wrap());
            }
            Some(Ok(rules)) => {
                draft.begin(rules);
                let versions = number(ui, "Versions", &mut draft.versions, "of each entry, at most 1000");
                if ui.memory(|memory| memory.focused().is_none()) {
                    versions.request_focus();
                }
                number(ui, "Days", &mut draft.days, "for each, from when it was replaced");
                let all = "MB for all versions of this database; the oldest go first";
                number(ui, "Together", &mut draft.megabytes, all);
                let cost = "Whatever a commit replaces or deletes there is written once more, so that the folder grows up to these bounds.";
                ui.add(Label::new(dim(cost)).wrap());
                if !rules.is_off() {
                    ui.label(dim("Kept now"));
                    well(ui, |ui| {
                        ScrollArea::vertical().max_height(LIST_HEIGHT).show(ui, |ui| {
                            for rule in &rules.rules {
                                let text = format!("{}  {}", rule.prefix, format::kept(rule));
                                ui.add(Label::new(RichText::new(text).font(tokens.mono())).truncate());
                            }
                        });
                    });
                }
            }
        }
        let chosen = draft.chosen();
        if let (Err(reason), Some(Ok(_))) = (&chosen, known.read()) {
            ui.add(Label::new(RichText::new(reason).color(tokens.color.warning)).wrap());
        }
        ui.add_space(4.0);
        buttons(ui, draft, chosen.ok(), context);
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}

fn buttons(ui: &mut Ui, draft: &HistoryRuleDraft, chosen: Option<SetRules>, context: &mut PanelContext<'_>) {
    let writable = context.environment.writable;
    button_row(ui, |ui| {
        let keep = ui
            .add_enabled(writable && chosen.is_some(), primary_button("Keep"))
            .on_disabled_hover_text(match writable {
                true => "Choose what is kept first",
                false => "The database is read-only",
            });
        if ui.add(plain_button("Cancel")).clicked() {
            context.ask(AppAction::CloseDialog);
        }
        if let Some(removed) = draft.removed()
            && ui
                .add_enabled(writable, plain_button("Keep no more"))
                .on_disabled_hover_text("The database is read-only")
                .clicked()
        {
            context.ask(HistoryAction::SetRules(Box::new(removed)));
            return;
        }
        let enter = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        if let Some(chosen) = chosen
            && writable
            && (keep.clicked() || enter)
        {
            context.ask(HistoryAction::SetRules(Box::new(chosen)));
        }
    });
}

/// A field for a number, and what it is the number of.
fn number(ui: &mut Ui, name: &str, text: &mut String, about: &str) -> egui::Response {
    let dim = theme::tokens(ui).color.dim;
    row(ui, name, |ui| {
        let field = TextEdit::singleline(text).desired_width(NUMBER_WIDTH);
        let response = ui.add(field).accessible_name(name);
        ui.label(RichText::new(about).color(dim));
        response
    })
}
