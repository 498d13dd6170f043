//! The dialog of an import: its options, what it would do, and its first entries.

use egui::{Align, Layout, RichText, ScrollArea, Ui};
use keyglass_store::transfer::Existing;

use super::PanelContext;
use super::dialog::heading;
use super::dry_run;
use super::mark::Place;
use crate::action::{AppAction, DatabaseAction};
use crate::errand::{ImportPreview, PreviewedEntry};
use crate::format;
use crate::model::import::{ImportCheck, ImportDraft};
use crate::theme;
use crate::widgets::choice::segmented;
use crate::widgets::dialog_frame::{dialog, field_label, well};
use crate::widgets::{key_text, line_text, preview_text};

/// Lines that cannot be imported and are named.
const NAMED_LINES: usize = 3;
/// Height of what would happen, in points, so that the dialog stays where it is while that is found out.
const OUTCOME_HEIGHT: f32 = 276.0;
/// What else the dialog needs of the window's height, in points.
const OTHER_HEIGHT: f32 = 230.0;

pub(super) fn show(
    ui: &mut Ui,
    draft: &mut ImportDraft,
    check: &ImportCheck,
    place: Option<Place<'_>>,
    context: &mut PanelContext<'_>,
) {
    let modal = dialog(ui.ctx(), "Import", 560.0, |ui| {
        heading(ui, "Import", place);
        dry_run::source(ui, &draft.path);
        options(ui, draft);
        let choice = draft.choice();
        if let Ok(choice) = &choice
            && check.choice() != Some(choice)
        {
            context.ask(DatabaseAction::CheckImport(choice.clone()));
        }
        let height = OUTCOME_HEIGHT.min(ui.ctx().content_rect().height() - OTHER_HEIGHT);
        dry_run::outcome(ui, height, &choice, check, |ui, preview| {
            outcome(ui, preview, height);
        });
        let answer = choice.as_ref().ok().and_then(|choice| check.answer(choice));
        let stored = answer.and_then(|answer| Some(answer.ok()?.report.stored));
        if dry_run::confirmed(ui, "Import", (stored, false), &mut draft.typed, context)
            && let Ok(choice) = choice
        {
            context.ask(DatabaseAction::StartImport(choice));
        }
    });
    if modal.should_close() {
        context.ask(AppAction::CloseDialog);
    }
}

fn options(ui: &mut Ui, draft: &mut ImportDraft) {
    ui.horizontal(|ui| {
        field_label(ui, "Existing entries", dry_run::LABEL_WIDTH);
        let choices = [(Existing::Skip, "Skip"), (Existing::Overwrite, "Overwrite")];
        segmented(ui, "Existing entries", &mut draft.existing, &choices);
    });
    let hint = "Nothing, or a key such as [\"imported\"]";
    dry_run::prefix_field(ui, "Put before keys", hint, &mut draft.prefix);
}

/// What would happen, in numbers, and the first entries.
fn outcome(ui: &mut Ui, preview: &ImportPreview, height: f32) {
    let tokens = theme::tokens(ui);
    let report = &preview.report;
    let counted = |number: u64, what: &str, fate: &str| {
        let entries = format::counted(number, &format!("{what} entry"), &format!("{what} entries"));
        format!("{entries}{fate}")
    };
    let (text, dim) = (tokens.color.text, tokens.color.dim);
    let mut lines = vec![(counted(preview.new_entries(), "new", ""), text)];
    for (number, what, fate, color) in [
        (
            report.overwritten,
            "existing",
            " overwritten",
            tokens.color.warning,
        ),
        (report.skipped, "existing", " skipped", text),
        (report.expired, "expired", " left out", text),
    ] {
        if number > 0 {
            lines.push((counted(number, what, fate), color));
        }
    }
    if report.expiring > 0 {
        let expiring = format!("{} of those stored will expire", format::count(report.expiring));
        lines.push((expiring, dim));
    }
    if report.errors.count > 0 {
        let number = format::counted(report.errors.count, "line", "lines");
        lines.push((format!("{number} cannot be imported"), tokens.color.bad));
    }
    ScrollArea::vertical().max_height(height).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        for (text, color) in lines {
            ui.label(RichText::new(text).color(color));
        }
        for remark in report.errors.named.iter().take(NAMED_LINES) {
            let line = remark
                .line
                .map_or_else(String::new, |line| format!("Line {}: ", format::count(line)));
            let text = format!("{line}{}", remark.reason);
            let text = RichText::new(text).font(tokens.small()).color(tokens.color.dim);
            ui.indent("remark", |ui| ui.add(egui::Label::new(text).wrap()));
        }
        if !preview.first.is_empty() {
            ui.add_space(6.0);
            ui.label(RichText::new("First entries").color(tokens.color.dim));
            well(ui, |ui| preview.first.iter().for_each(|entry| first(ui, entry)));
        }
    });
}

fn first(ui: &mut Ui, entry: &PreviewedEntry) {
    let tokens = theme::tokens(ui);
    let size = egui::vec2(ui.available_width(), tokens.size.table_row);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let fate = RichText::new(entry.fate.word()).color(tokens.color.dim);
        ui.label(fate);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let mut job = match entry.row.key.decode() {
                Ok(key) => key_text::key_job(tokens, &key),
                Err(_) => line_text::job(&entry.row.key.to_string(), tokens.mono(), tokens.color.text),
            };
            line_text::append(&mut job, "  ", &tokens.mono(), tokens.color.text);
            for (kind, text) in &entry.row.preview.spans {
                let color = preview_text::span_color(tokens, *kind);
                line_text::append(&mut job, text, &tokens.mono(), color);
            }
            let line = line_text::layout(ui.painter(), job, ui.available_width());
            ui.label(line);
        });
    });
}
