//! The dialog of an import: its options, what it would do, and its first entries.

use egui::{Align, Layout, RichText, ScrollArea, TextEdit, Ui};
use keyglass_store::transfer::Existing;

use super::PanelContext;
use super::dialog::{buttons_if, heading};
use super::mark::Place;
use super::typed_name;
use crate::action::{AppAction, DatabaseAction};
use crate::errand::{ImportPreview, PreviewedEntry};
use crate::format;
use crate::model::import::{ImportCheck, ImportDraft};
use crate::model::typed_name::is_given;
use crate::theme;
use crate::widgets::choice::segmented;
use crate::widgets::dialog_frame::{dialog, well};
use crate::widgets::{key_text, line_text, preview_text};

/// Points that the labels of the options take.
const LABEL_WIDTH: f32 = 110.0;
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
        let tokens = theme::tokens(ui);
        let name = draft.path.file_name().unwrap_or(draft.path.as_os_str());
        let name = format!("From {}", name.to_string_lossy());
        let job = line_text::job(&name, tokens.body(), tokens.color.dim);
        let line = line_text::layout(ui.painter(), job, ui.available_width());
        ui.label(line).on_hover_text(draft.path.display().to_string());
        options(ui, draft);
        let choice = draft.choice();
        if let Ok(choice) = &choice
            && check.choice() != Some(choice)
        {
            context.ask(DatabaseAction::CheckImport(choice.clone()));
        }
        let answer = choice.as_ref().ok().and_then(|choice| check.answer(choice));
        let height = OUTCOME_HEIGHT.min(ui.ctx().content_rect().height() - OTHER_HEIGHT);
        ui.allocate_ui_with_layout(
            egui::vec2(ui.available_width(), height),
            Layout::top_down(Align::Min),
            |ui| {
                ui.set_min_height(height);
                match (&choice, answer) {
                    (Err(reason), _) => {
                        ui.label(RichText::new(reason).color(tokens.color.bad));
                    }
                    (Ok(_), None) => reading(ui, check),
                    (Ok(_), Some(Err(error))) => {
                        ui.label(RichText::new(error.to_string()).color(tokens.color.bad));
                    }
                    (Ok(_), Some(Ok(preview))) => outcome(ui, preview, height),
                }
            },
        );
        let about = "You can undo this while Keyglass runs.";
        ui.label(RichText::new(about).color(tokens.color.dim));
        let stored = match answer {
            Some(Ok(preview)) => Some(preview.report.stored),
            _ => None,
        };
        typed_name::show(ui, draft.typed.as_mut());
        if buttons(ui, stored, is_given(draft.typed.as_ref()), context)
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
    let tokens = theme::tokens(ui);
    let label = |ui: &mut Ui, text: &str| {
        let size = egui::vec2(LABEL_WIDTH, tokens.size.control);
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(LABEL_WIDTH);
            ui.label(RichText::new(text).color(tokens.color.dim));
        });
    };
    ui.horizontal(|ui| {
        label(ui, "Existing entries");
        let choices = [(Existing::Skip, "Skip"), (Existing::Overwrite, "Overwrite")];
        segmented(ui, "Existing entries", &mut draft.existing, &choices);
    });
    ui.horizontal(|ui| {
        label(ui, "Put before keys");
        let field = TextEdit::singleline(&mut draft.prefix)
            .id(egui::Id::unique("import prefix"))
            .font(tokens.mono())
            .hint_text(RichText::new("Nothing, or a key such as [\"imported\"]").color(tokens.color.dim))
            .desired_width(f32::INFINITY);
        ui.add(field).accessible_name("Put before keys");
    });
}

/// How far the dry run is.
fn reading(ui: &mut Ui, check: &ImportCheck) {
    let tokens = theme::tokens(ui);
    let percent = check
        .fraction
        .map(|fraction| format!(" · {} %", (fraction * 100.0) as u32));
    let text = format!("Looking what would happen…{}", percent.unwrap_or_default());
    ui.label(RichText::new(text).color(tokens.color.dim));
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

/// The buttons; true if it shall be imported. `stored` is the number of entries, once it is known.
fn buttons(ui: &mut Ui, stored: Option<u64>, is_allowed: bool, context: &mut PanelContext<'_>) -> bool {
    let (text, can_import) = match stored {
        None => ("Import".to_owned(), false),
        Some(0) => ("Nothing to import".to_owned(), false),
        Some(number) => {
            let entries = format::counted(number, "entry", "entries");
            (format!("Import {entries}"), true)
        }
    };
    buttons_if(ui, &text, can_import && is_allowed, context)
}
