//! What a check of secondary indexes found, before anything is written.

use egui::{RichText, Ui};

use super::PanelContext;
use super::dialog::heading;
use super::mark::Place;
use crate::action::{AppAction, TransactionAction};
use crate::format;
use crate::model::transaction::{IndexReview, describe_index, index_sentence};
use crate::theme;
use crate::widgets::button::{plain_button, primary_button};
use crate::widgets::dialog_frame::{button_row, dialog, well};

/// Problems that are listed; further ones are counted.
const LISTED: usize = 200;
/// Height of the list, in points.
const HEIGHT: f32 = 260.0;

pub(super) fn show(
    ui: &mut Ui,
    review: &IndexReview,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let finding = &review.finding;
    let title = format!("Indexes of {}", finding.records);
    let modal = dialog(ui.ctx(), "Indexes", 640.0, |ui| {
        let tokens = theme::tokens(ui);
        heading(ui, &title, place);
        let dim = |ui: &mut Ui, text: String| {
            ui.label(RichText::new(text).color(tokens.color.dim));
        };
        if finding.indexes.is_empty() {
            dim(
                ui,
                "No prefix beside these records holds entries that follow from their fields.".to_owned(),
            );
        }
        for index in &finding.indexes {
            dim(ui, describe_index(index, &finding.records));
        }
        let problems = &finding.report.problems;
        if !finding.indexes.is_empty() {
            ui.label(finding.summary());
        }
        if !problems.is_empty() {
            well(ui, |ui| {
                egui::ScrollArea::vertical()
                    .max_height(HEIGHT)
                    .auto_shrink([false, true])
                    .show(ui, |ui| {
                        ui.spacing_mut().item_spacing.y = 3.0;
                        for problem in problems.iter().take(LISTED) {
                            let text = index_sentence(problem);
                            let label = RichText::new(&text).font(tokens.mono()).color(tokens.color.text);
                            ui.add(egui::Label::new(label).truncate()).on_hover_text(text);
                        }
                        let more = problems.len().saturating_sub(LISTED) as u64 + finding.report.more;
                        if more > 0 {
                            dim(ui, format!("and {} more", format::count(more)));
                        }
                    });
            });
            dim(
                ui,
                "The repair becomes a draft of its own, as much of it as one commit takes; nothing is written before you commit it."
                    .to_owned(),
            );
        }
        ui.add_space(4.0);
        button_row(ui, |ui| {
            if problems.is_empty() {
                if ui.add(primary_button("Close")).clicked() {
                    context.ask(AppAction::CloseDialog);
                }
                return;
            }
            let writable = context.environment.writable;
            let repair = ui.add_enabled(writable, primary_button("Repair as a draft"));
            let repair = repair.on_disabled_hover_text("The database is read-only");
            if ui.add(plain_button("Cancel")).clicked() {
                context.ask(AppAction::CloseDialog);
            }
            if repair.clicked() {
                context.ask(TransactionAction::RepairIndexes(Box::new(finding.clone())));
            }
        });
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}
