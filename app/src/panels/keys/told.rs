//! What is told above the tree and in its place: how far the filter is, and why there is nothing to see.

use egui::accesskit::Role;
use egui::{Sense, Ui, WidgetInfo, vec2};

use super::DrawnKeys;
use crate::command::Command;
use crate::format;
use crate::model::tree::FilterProgress;
use crate::panels::PanelContext;
use crate::theme;
use crate::widgets::button::link_button;
use crate::widgets::line_text;
use crate::widgets::waiting::waiting;

/// Why there is nothing to see.
pub(super) fn no_rows(ui: &mut Ui, drawn: &DrawnKeys<'_>) {
    if let Some(progress) = drawn.tree.filter_progress() {
        if progress.ended {
            note(ui, "No key part contains this text");
        }
    } else if drawn.tree.is_loaded() {
        note(ui, "This database is empty. New writes its first entry");
    } else {
        egui::Frame::NONE
            .inner_margin(theme::tokens(ui).size.padding)
            .show(ui, |ui| waiting(ui, "Reading keys…"));
    }
}

/// How far the filter is.
pub(super) fn filter_line(ui: &mut Ui, progress: FilterProgress) {
    let tokens = theme::tokens(ui);
    let found = format::counted(progress.found as u64, "match", "matches");
    let looked_at = format::counted(progress.looked_at, "key", "keys");
    let text = if !progress.ended && progress.found == 0 {
        format!("Still looking · {looked_at} so far")
    } else if !progress.ended {
        format!("Still looking · {found} so far")
    } else if progress.full {
        format!("The first {found} · type more")
    } else if progress.found == 0 {
        return;
    } else {
        found
    };
    let size = vec2(ui.available_width(), tokens.size.table_header);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &text));
    let job = line_text::job(&text, tokens.small(), tokens.color.dim);
    let inner = rect.shrink2(vec2(tokens.size.padding, 0.0));
    let galley = line_text::layout(ui.painter(), job, inner.width());
    line_text::paint(ui.painter(), inner, galley);
    response.on_hover_text(format!("Looked at {looked_at}"));
}

fn note(ui: &mut Ui, text: &str) {
    let tokens = theme::tokens(ui);
    egui::Frame::NONE
        .inner_margin(tokens.size.padding)
        .show(ui, |ui| {
            ui.label(egui::RichText::new(text).color(tokens.color.dim));
        });
}

/// Why the tree is not complete, above what there is of it.
pub(super) fn error_line(ui: &mut Ui, error: &str, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    egui::Frame::NONE
        .inner_margin(tokens.size.padding)
        .show(ui, |ui| {
            ui.label(egui::RichText::new(error).color(tokens.color.bad));
            context.command(ui, Command::Refresh, link_button("Try again"));
        });
}
