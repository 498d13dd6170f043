//! Which prefixes the clients of a database read, write and fight over most.

use egui::accesskit::Role;
use egui::{Rect, RichText, Sense, Ui, WidgetInfo, vec2};
use keyglass_store::EncodedKey;

use super::PanelContext;
use super::request_table::{cell, cell_right, header_rect, key_job};
use crate::action::DatabaseAction;
use crate::format;
use crate::model::requests::{Heat, HotBy, HotPrefixes, RequestFilter};
use crate::theme;
use crate::widgets::line_text;
use crate::widgets::row_scroller::{RowScroller, ScrollPosition};

/// Of a number, in points.
const NUMBER_WIDTH: f32 = 84.0;

/// How the prefixes are looked at.
#[derive(Debug, Default)]
pub(super) struct PrefixesView {
    position: ScrollPosition,
    by: HotBy,
}

/// Draws where most happens; whether a prefix was chosen, whose requests are wanted.
pub(super) fn show(
    ui: &mut Ui,
    hot: &mut HotPrefixes,
    view: &mut PrefixesView,
    context: &mut PanelContext<'_>,
) -> bool {
    let tokens = theme::tokens(ui);
    let rect = header_rect(ui);
    let padding = tokens.size.padding;
    let [prefix, numbers @ ..] = prefix_columns(rect, padding);
    cell(
        ui,
        prefix,
        line_text::job("Prefix", tokens.small(), tokens.color.dim),
    );
    let sorts = [
        (HotBy::Reads, "Reads"),
        (HotBy::Writes, "Writes"),
        (HotBy::Conflicts, "Conflicts"),
    ];
    for (column, (by, text)) in numbers.into_iter().zip(sorts) {
        let response = ui.interact(column, ui.scope_id().with(("sort", text)), Sense::click());
        let is_chosen = view.by == by;
        let name = format!("Sort by {}", text.to_lowercase());
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_chosen, &name));
        let (shown, color) = match is_chosen {
            true => (format!("{text} ↓"), tokens.color.text),
            false => (text.to_owned(), tokens.color.dim),
        };
        cell_right(ui, column, line_text::job(&shown, tokens.small(), color));
        if response.on_hover_text(name.clone()).clicked() {
            view.by = by;
        }
    }
    let hot = hot.by(view.by);
    if hot.is_empty() {
        ui.vertical_centered(|ui| {
            ui.add_space(32.0);
            ui.label(RichText::new("No request yet").color(tokens.color.dim));
        });
        return false;
    }
    let mut is_chosen = false;
    let height = tokens.size.table_row;
    RowScroller::new(&mut view.position, "Hot prefixes", hot.len() as u64, height)
        .role(Role::Table)
        .show(ui, |ui, row, rect| {
            let at = usize::try_from(row).ok().and_then(|row| hot.get(row));
            if let Some((prefix, heat)) = at
                && prefix_ui(ui, rect, row, prefix, *heat)
            {
                let filter = RequestFilter {
                    prefix: prefix.to_string(),
                    ..RequestFilter::default()
                };
                context.ask(DatabaseAction::FilterRequests(filter));
                is_chosen = true;
            }
        });
    is_chosen
}

fn prefix_columns(rect: Rect, padding: f32) -> [Rect; 4] {
    let mut rest = rect.shrink2(vec2(padding, 0.0));
    let mut right = || {
        let column = rest.with_min_x(rest.right() - NUMBER_WIDTH + 8.0);
        rest.max.x -= NUMBER_WIDTH;
        column
    };
    let (conflicts, writes, reads) = (right(), right(), right());
    [rest, reads, writes, conflicts]
}

/// Draws a row; whether it was clicked.
fn prefix_ui(ui: &mut Ui, rect: Rect, row: u64, prefix: &EncodedKey, heat: Heat) -> bool {
    let tokens = theme::tokens(ui);
    let response = ui.interact(rect, ui.scope_id().with(("prefix", prefix)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, prefix.to_string()));
    if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, tokens.hover());
    } else if row % 2 == 1 {
        ui.painter().rect_filled(rect, 0.0, tokens.stripe());
    }
    let [name, numbers @ ..] = prefix_columns(rect, tokens.size.padding);
    cell(ui, name, key_job(tokens, prefix));
    for (column, number) in numbers.into_iter().zip([heat.reads, heat.writes, heat.conflicts]) {
        let color = if number > 0 {
            tokens.color.text
        } else {
            tokens.color.faint
        };
        cell_right(
            ui,
            column,
            line_text::job(&format::count(number), tokens.mono(), color),
        );
    }
    response
        .on_hover_text("Show the requests about keys at and below")
        .clicked()
}
