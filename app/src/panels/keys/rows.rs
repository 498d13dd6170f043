//! The rows that are on screen, and where they are scrolled to.

use egui::Ui;
use egui::accesskit::Role;

use super::{DrawnKeys, keyboard, row};
use crate::model::tree::TreeRowKind;
use crate::panels::PanelContext;
use crate::panels::row_anchor::RowAnchor;
use crate::theme;
use crate::widgets::context_menu;
use crate::widgets::row_scroller::{RowAlign, RowScroller, ScrollPosition, tell_current_row};

pub(super) fn show(ui: &mut Ui, drawn: &mut DrawnKeys<'_>, num_rows: u64, context: &mut PanelContext<'_>) {
    let height = theme::tokens(ui).size.tree_row;
    let mut position = drawn.view.position;
    hold(drawn, &mut position);
    if std::mem::take(&mut drawn.tree.shows_selected)
        && let Some(row) = drawn.tree.selected_row()
    {
        position.scroll_to_row(row, RowAlign::Nearest);
    }
    let mut focus = false;
    let mut pointed_at = None;
    let mut selected_id = None;
    let mut marked_id = None;
    let marked = drawn.tree.selected_row();
    let output = RowScroller::new(&mut position, "Keys", num_rows, height)
        .role(Role::Tree)
        .show(ui, |ui, number, rect| {
            let Some(row) = drawn.tree.row(number) else {
                return;
            };
            focus |= row::show(ui, rect, &row, drawn, context);
            if ui.rect_contains_pointer(rect) {
                pointed_at = Some(number);
            }
            if marked == Some(number) {
                marked_id = Some(row::id(ui, &row.prefix));
            }
            if drawn.tree.selected.as_ref() == Some(&row.prefix) {
                selected_id = Some(row::id(ui, &row.prefix));
            }
        });
    tell_current_row(ui, &output.response, marked_id);
    context_menu::open_by_keyboard(ui, &output.response, selected_id);
    if focus || std::mem::take(&mut drawn.tree.wants_focus) {
        output.response.request_focus();
    }
    drawn.tree.has_focus = output.response.has_focus();
    if drawn.tree.has_focus && drawn.tree.selected.is_none() {
        // Nothing else shows where the arrow keys begin.
        let row = output
            .response
            .rect
            .with_max_y(output.response.rect.top() + height);
        let stroke = egui::Stroke::new(1.0, theme::tokens(ui).color.accent);
        ui.painter()
            .rect_stroke(row.shrink(1.0), 2.0, stroke, egui::StrokeKind::Inside);
    }
    // What follows below is loaded ahead.
    drawn
        .tree
        .show(output.visible.start..output.visible.end + output.page);
    if output.response.has_focus()
        && let Some(target) = keyboard::take(ui, drawn, &output, context)
    {
        position.scroll_to_row(target, RowAlign::Nearest);
    }
    anchor(drawn, position, pointed_at);
}

/// Notes what shall stay where it is.
fn anchor(drawn: &mut DrawnKeys<'_>, position: ScrollPosition, pointed_at: Option<u64>) {
    let tree = &drawn.tree;
    drawn.view.anchor = RowAnchor::new(position, pointed_at, |row| {
        let row = tree.row(row)?;
        (row.kind != TreeRowKind::More).then_some(row.prefix)
    });
    drawn.view.num_levels = tree.num_levels();
    drawn.view.position = position;
}

/// Keeps it there when rows came or went above it.
fn hold(drawn: &mut DrawnKeys<'_>, position: &mut ScrollPosition) {
    if let Some(anchor) = drawn.view.anchor.take() {
        // What is folded or unfolded by keys may be above the pointer, and it is what the person looks at.
        if !anchor.is_below_top() || drawn.view.num_levels == drawn.tree.num_levels() {
            anchor.hold(position, drawn.tree.row_of(&anchor.key));
        }
    }
}
