//! The transaction that is being composed: a docked list, alive with what stands in the database now.

mod effect;
mod footer;
mod header;
mod rebase;
mod row;

use egui::{RichText, Ui};

use super::PanelContext;
use crate::action::TransactionAction;
use crate::model::mark::Mark;
use crate::model::transaction::TransactionDraft;
use crate::theme;

pub(super) use rebase::show as show_rebase;

pub(super) fn show(
    ui: &mut Ui,
    draft: &mut TransactionDraft,
    mark: Option<&Mark>,
    context: &mut PanelContext<'_>,
) {
    ui.spacing_mut().item_spacing.y = 0.0;
    header::show(ui, draft, mark, context);
    let tokens = theme::tokens(ui);
    let area = ui.available_rect_before_wrap();
    let (rows, below) = area.split_top_bottom_at_y(area.bottom() - tokens.size.operation_row);
    ui.scope_builder(egui::UiBuilder::new().max_rect(rows).id_salt("rows"), |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(rows));
        if draft.rows.is_empty() {
            ui.add_space(6.0);
            ui.horizontal(|ui| {
                ui.add_space(tokens.size.padding);
                let text = "Checks, sets, deletes and messages that are committed as one. Add rows here, with + Transaction under an entry, or from code and files in the menu of the draft.";
                ui.add(egui::Label::new(RichText::new(text).color(tokens.color.dim)).wrap());
            });
        } else {
            list(ui, draft, context);
        }
    });
    ui.scope_builder(egui::UiBuilder::new().max_rect(below).id_salt("below"), |ui| {
        footer::show(ui, draft, context);
    });
}

/// The rows, of which only those are drawn that are on screen.
fn list(ui: &mut Ui, draft: &mut TransactionDraft, context: &mut PanelContext<'_>) {
    let height = theme::tokens(ui).size.operation_row;
    let committed = draft.committed().is_some();
    let outlook = draft.outlook(context.now).clone();
    let mut typed = None;
    let mut scroll = egui::ScrollArea::vertical().auto_shrink(false);
    let focused = draft.row_to_focus();
    if let Some(at) = focused {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a draft has some thousand rows at most"
        )]
        let top = at as f32 * height;
        if ui.available_height() > height {
            scroll = scroll.vertical_scroll_offset((top - ui.available_height() / 2.0).max(0.0));
        }
    }
    scroll.show_rows(ui, height, draft.rows.len(), |ui, range| {
        let top = ui.max_rect().top();
        let first = range.start;
        for index in range {
            let Some(row) = draft.rows.get(index) else {
                continue;
            };
            let id = row.id;
            let takes_focus = draft.takes_focus(id);
            let Some(row) = draft.rows.get(index) else {
                continue;
            };
            let drawn = row::DrawnRow {
                row,
                index,
                num_rows: draft.rows.len(),
                outlook: outlook.of_row(id),
                is_committed: committed && !row.choices.is_off,
                has_failed: draft.failed.contains(&id),
                is_open: draft.opened.as_ref().is_some_and(|opened| opened.id == id),
                takes_focus,
                hides_expiry: draft.hides_expiry(),
            };
            let texts = row::show(ui, &drawn, context);
            if let Some(texts) = texts {
                typed = Some((id, texts));
            }
        }
        drop_dragged(ui, draft, (top, first, height), context);
    });
    if let Some((id, texts)) = typed {
        draft.type_in(id, texts);
    }
}

/// Marks where a row would go that is dragged, and puts it there when it is let go.
fn drop_dragged(
    ui: &Ui,
    draft: &TransactionDraft,
    (top, first, height): (f32, usize, f32),
    context: &mut PanelContext<'_>,
) {
    let Some(dragged) = row::dragged(ui) else { return };
    let Some(pointer) = ui.input(|input| input.pointer.latest_pos()) else {
        return;
    };
    let Some(from) = draft.rows.iter().position(|row| row.id == dragged.id) else {
        return;
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is not negative, and a draft has some thousand rows at most"
    )]
    let over = first + ((pointer.y - top) / height).max(0.0) as usize;
    let to = over.min(draft.rows.len().saturating_sub(1));
    if dragged.is_dropped {
        if to != from {
            context.ask(TransactionAction::Move(dragged.id, to));
        }
        return;
    }
    ui.ctx().set_cursor_icon(egui::CursorIcon::Grabbing);
    if to != from && to >= first {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a draft has some thousand rows at most"
        )]
        let row = (to - first) as f32;
        let y = top + height * (row + if to > from { 1.0 } else { 0.0 });
        let stroke = egui::Stroke::new(2.0, theme::tokens(ui).color.accent);
        ui.painter().hline(ui.max_rect().x_range(), y, stroke);
    }
}
