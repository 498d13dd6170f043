//! The dialog of a recovery: how far it is, then what is missing.

use egui::{Frame, Label, Margin, RichText, ScrollArea, Ui};

use super::PanelContext;
use super::dialog::heading;
use crate::action::AppAction;
use crate::dialog::recover::{RecoverDialog, RecoverStage};
use crate::format;
use crate::theme::{self, icons};
use crate::widgets::button::{link_button, plain_button, primary_button};
use crate::widgets::dialog_frame::{button_row, dialog};
use crate::widgets::line_text;

/// Points that the list of what is missing takes at most.
const LIST_HEIGHT: f32 = 220.0;

pub(super) fn show(ui: &mut Ui, shown: &RecoverDialog, context: &mut PanelContext<'_>) {
    let modal = dialog(ui.ctx(), "Recover", 560.0, |ui| match &shown.stage {
        RecoverStage::Running { entries, is_stopping } => running(ui, shown, *entries, *is_stopping, context),
        RecoverStage::Ended {
            summary,
            is_whole,
            missing,
        } => ended(ui, shown, (summary, *is_whole), missing, context),
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}

fn running(
    ui: &mut Ui,
    shown: &RecoverDialog,
    entries: u64,
    is_stopping: bool,
    context: &mut PanelContext<'_>,
) {
    let tokens = theme::tokens(ui);
    heading(ui, "Recovering…", None);
    for (word, path) in [("From", &shown.from), ("Into", &shown.to)] {
        let path = path.display().to_string();
        let job = line_text::job(&format!("{word} {path}"), tokens.body(), tokens.color.text);
        let line = line_text::layout(ui.painter(), job, ui.available_width());
        ui.label(line).on_hover_text(path);
    }
    ui.horizontal(|ui| {
        ui.add(egui::Spinner::new().size(14.0).color(tokens.color.dim));
        let read = format::counted(entries, "entry", "entries");
        ui.label(RichText::new(format!("{read} read")).color(tokens.color.dim));
    });
    ui.add(
        Label::new(
            RichText::new("The damaged file is only read. It goes on if this is closed.")
                .color(tokens.color.dim),
        )
        .wrap(),
    );
    ui.add_space(4.0);
    button_row(ui, |ui| {
        if ui.add(primary_button("Go on in the background")).clicked() {
            context.ask(AppAction::CloseDialog);
        }
        if ui.add_enabled(!is_stopping, plain_button("Cancel")).clicked() {
            context.ask(AppAction::StopRecovery(shown.to.clone()));
        }
    });
}

fn ended(
    ui: &mut Ui,
    shown: &RecoverDialog,
    (summary, is_whole): (&str, bool),
    missing: &[String],
    context: &mut PanelContext<'_>,
) {
    let tokens = theme::tokens(ui);
    let (icon, color) = if is_whole {
        (icons::CHECK_CIRCLE, tokens.color.good)
    } else {
        (icons::WARNING, tokens.color.warning)
    };
    heading(ui, "What was recovered", None);
    ui.horizontal_top(|ui| {
        ui.label(RichText::new(icon).font(tokens.icon()).color(color));
        ui.add(Label::new(RichText::new(summary).color(tokens.color.text)).wrap());
    });
    if !missing.is_empty() {
        Frame::NONE
            .fill(tokens.color.field)
            .corner_radius(tokens.size.radius)
            .inner_margin(Margin::symmetric(8, 6))
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.spacing_mut().item_spacing.y = 2.0;
                let height = tokens.size.value_row;
                ScrollArea::vertical().max_height(LIST_HEIGHT).show_rows(
                    ui,
                    height,
                    missing.len(),
                    |ui, rows| {
                        for line in missing.get(rows).unwrap_or_default() {
                            let text = RichText::new(line).font(tokens.mono());
                            ui.add(Label::new(text).truncate()).on_hover_text(line.trim());
                        }
                    },
                );
            });
    }
    let path = shown.from.display();
    let about = format!("The damaged file is as it was: {path}");
    ui.add(Label::new(RichText::new(about).color(tokens.color.dim)).wrap());
    ui.add_space(4.0);
    button_row(ui, |ui| {
        let close = ui.add(primary_button("Close"));
        if ui.memory(|memory| memory.focused().is_none()) {
            close.request_focus();
        }
        if close.clicked() {
            context.ask(AppAction::CloseDialog);
        }
        if ui.add(link_button("Copy report")).clicked() {
            let report: Vec<&str> = std::iter::once(summary)
                .chain(missing.iter().map(String::as_str))
                .collect();
            context.ask(AppAction::Copy(report.join("\n")));
        }
    });
}
