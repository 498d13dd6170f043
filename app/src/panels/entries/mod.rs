//! The table of entries below a prefix.

mod columns;
mod footer;
mod keys;
mod row;

use egui::accesskit::Role;
use egui::{Rect, Ui, vec2};

use super::row_anchor::RowAnchor;
use super::{PanelContext, filter_bar, repaint_after};
use crate::action::DatabaseAction;
use crate::command::Command;
use crate::model::columns::{Column, TableColumns};
use crate::model::entries::EntriesModel;
use crate::model::query::Query;
use crate::model::saved_filters::SavedFilters;
use crate::theme;
use crate::widgets::button::link_button;
use crate::widgets::context_menu;
use crate::widgets::row_scroller::{RowAlign, RowScroller, ScrollPosition, tell_current_row};
use columns::Columns;

/// How the table is looked at.
#[derive(Debug, Default)]
pub struct EntriesView {
    /// Where it is scrolled to.
    pub position: ScrollPosition,
    /// What stays where it is when rows come and go.
    anchor: Option<RowAnchor>,
    /// The row of the selected entry when it was there last.
    row: Option<u64>,
    /// Width of the widest key seen, in points.
    widest_key: f32,
    /// What it listed when it was drawn last.
    listed: Query,
}

impl EntriesView {
    /// Looks at another list from its beginning.
    fn follow(&mut self, query: &Query) {
        if self.listed == *query {
            return;
        }
        if self.listed.prefix != query.prefix {
            self.widest_key = 0.0;
            self.position = ScrollPosition::default();
        }
        self.anchor = None;
        self.listed = query.clone();
    }
}

/// What the table is drawn from.
pub(super) struct DrawnEntries<'a> {
    pub entries: &'a mut EntriesModel,
    pub view: &'a mut EntriesView,
    pub filters: &'a SavedFilters,
    pub columns: &'a TableColumns,
    /// How many entries of what is listed have expired and were not swept.
    pub num_expired: u64,
    /// No entry stands any more under the selected key.
    pub is_selected_absent: bool,
    /// The database does not tell when entries expire.
    pub hides_expiry: bool,
    /// The database is gone, so that this is as it was last.
    pub is_gone: bool,
}

pub(super) fn show(ui: &mut Ui, drawn: &mut DrawnEntries<'_>, context: &mut PanelContext<'_>) {
    drawn.view.follow(&drawn.entries.query);
    filter_bar::show(ui, drawn, context);
    let tokens = theme::tokens(ui);
    let columns = Columns::of(ui, drawn);
    columns::header(ui, drawn, &columns, context);
    let num_rows = drawn.entries.num_rows();
    let footer = tokens.size.header;
    let table = ui.available_rect_before_wrap();
    let table = table.with_max_y(table.bottom() - footer);
    ui.scope_builder(egui::UiBuilder::new().max_rect(table), |ui| {
        // Without rows, too: what is not drawn loses the keyboard's focus, and a new list has no rows at first.
        rows(ui, drawn, num_rows, &columns, context);
        if num_rows == 0 {
            let mut note = ui.new_child(egui::UiBuilder::new().max_rect(table));
            empty(&mut note, drawn, context);
        }
    });
    ui.scope_builder(
        egui::UiBuilder::new().max_rect(
            table
                .with_min_y(table.bottom())
                .with_max_y(table.bottom() + footer),
        ),
        |ui| footer::show(ui, drawn, context),
    );
}

/// Says why nothing is listed, and what can be done about that.
fn empty(ui: &mut Ui, drawn: &DrawnEntries<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let query = &drawn.entries.query;
    let text = match &drawn.entries.error {
        Some(error) => error.as_str(),
        None if !drawn.entries.is_complete() => "",
        None if query.is_narrowed() => "No entries between these keys",
        None if query.prefix.as_bytes().is_empty() => "This database has no entries",
        None => "No entries here",
    };
    if text.is_empty() {
        return;
    }
    ui.vertical_centered(|ui| {
        ui.add_space(40.0);
        ui.label(egui::RichText::new(text).color(tokens.color.dim));
        ui.add_space(tokens.size.gap);
        if drawn.entries.error.is_some() {
            context.command(ui, Command::Refresh, link_button("Read again"));
        } else if query.is_narrowed() {
            let button = ui.add(link_button("List without start, end and limit"));
            if button.clicked() {
                context.ask(DatabaseAction::List(Query {
                    reverse: query.reverse,
                    ..Query::prefix(query.prefix.clone())
                }));
            }
        } else {
            context.command(ui, Command::NewEntry, link_button("New entry"));
        }
    });
}

fn rows(
    ui: &mut Ui,
    drawn: &mut DrawnEntries<'_>,
    num_rows: u64,
    columns: &Columns,
    context: &mut PanelContext<'_>,
) {
    let tokens = theme::tokens(ui);
    let mut position = drawn.view.position;
    if num_rows > 0
        && let Some(anchor) = drawn.view.anchor.take()
    {
        anchor.hold(&mut position, drawn.entries.row_of(&anchor.key));
    }
    let skip = drawn.entries.query.prefix.part_ends().len();
    let selected_row = drawn
        .entries
        .selected
        .clone()
        .and_then(|key| drawn.entries.row_of(&key));
    if drawn.entries.shows_selected {
        match (selected_row, drawn.entries.selected.clone()) {
            (Some(row), _) => {
                position.scroll_to_row(row, RowAlign::Nearest);
                drawn.entries.shows_selected = false;
            }
            (None, Some(key)) => drawn.entries.show_key(&key),
            (None, None) => drawn.entries.shows_selected = false,
        }
    }
    let mut focus = false;
    let mut pointed_at = None;
    let mut current_id = None;
    let mut next_tick: Option<i64> = None;
    let mut widest = drawn.view.widest_key;
    let output = RowScroller::new(&mut position, "Entries", num_rows, tokens.size.table_row)
        .role(Role::Table)
        .show(ui, |ui, index, rect| {
            let Some(row) = drawn.entries.row(index) else {
                placeholder(ui, rect, columns);
                return;
            };
            let drawn = row::show(ui, rect, index, row, skip, columns, drawn, context);
            focus |= drawn.clicked;
            current_id = drawn.is_current.then_some(drawn.id).or(current_id);
            if ui.rect_contains_pointer(rect) {
                pointed_at = Some(index);
            }
            widest = widest.max(drawn.key_width);
            next_tick = drawn.next_tick.into_iter().chain(next_tick).min();
        });
    drawn.view.widest_key = widest;
    tell_current_row(ui, &output.response, current_id);
    context_menu::open_by_keyboard(ui, &output.response, current_id);
    if let Some(milliseconds) = next_tick {
        repaint_after(ui, milliseconds);
    }
    if focus || std::mem::take(&mut drawn.entries.wants_focus) {
        output.response.request_focus();
    }
    // What lies a page above and below is loaded ahead.
    let ahead = output.page;
    drawn
        .entries
        .show(output.visible.start.saturating_sub(ahead)..output.visible.end + ahead);
    if let Some(target) = keys::take(ui, &output.response, drawn, output.page, context) {
        position.scroll_to_row(target, RowAlign::Nearest);
    }
    keys::follow(drawn, context);
    if num_rows > 0 {
        let entries = &drawn.entries;
        drawn.view.anchor = RowAnchor::new(position, pointed_at, |row| {
            entries.row(row).map(|row| row.key.clone())
        });
        drawn.view.position = position;
    }
}

fn placeholder(ui: &Ui, row: Rect, columns: &Columns) {
    let tokens = theme::tokens(ui);
    let places = [Column::Key, Column::Value].map(|column| columns.rect(row, column));
    for column in places.into_iter().flatten() {
        let width = (column.width() * 0.6).min(160.0);
        let bar = Rect::from_center_size(column.center(), vec2(width, 6.0));
        let bar = bar.translate(vec2(column.left() - bar.left(), 0.0));
        ui.painter().rect_filled(bar, 3.0, tokens.color.field);
    }
}
