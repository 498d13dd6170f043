//! The table of entries below a prefix.

mod columns;
mod footer;
mod keys;
mod row;

use egui::accesskit::Role;
use egui::{Rect, Ui, vec2};

use super::{PanelContext, filter_bar, repaint_after};
use crate::action::DatabaseAction;
use crate::command::Command;
use crate::model::columns::{Column, TableColumns};
use crate::model::query::Query;
use crate::session::Session;
use crate::theme;
use crate::widgets::button::link_button;
use crate::widgets::context_menu;
use crate::widgets::row_scroller::{RowAlign, RowScroller, tell_current_row};
use columns::Columns;

pub(super) fn show(ui: &mut Ui, session: &mut Session, shown: &TableColumns, context: &mut PanelContext<'_>) {
    let counted = session.tree.counted(&session.entries.query.prefix, context.now);
    let expired = counted.map_or(0, |counted| counted.expired);
    filter_bar::show(ui, session, expired, context);
    let tokens = theme::tokens(ui);
    let columns = Columns::of(ui, session, shown);
    columns::header(ui, session, &columns, shown, context);
    let num_rows = session.entries.num_rows();
    let footer = tokens.size.header;
    let table = ui.available_rect_before_wrap();
    let table = table.with_max_y(table.bottom() - footer);
    ui.scope_builder(egui::UiBuilder::new().max_rect(table), |ui| {
        // Without rows, too: what is not drawn loses the keyboard's focus, and a new list has no rows at first.
        rows(ui, session, num_rows, &columns, context);
        if num_rows == 0 {
            let mut note = ui.new_child(egui::UiBuilder::new().max_rect(table));
            empty(&mut note, session, context);
        }
    });
    ui.scope_builder(
        egui::UiBuilder::new().max_rect(
            table
                .with_min_y(table.bottom())
                .with_max_y(table.bottom() + footer),
        ),
        |ui| footer::show(ui, session, expired, context),
    );
}

/// Says why nothing is listed, and what can be done about that.
fn empty(ui: &mut Ui, session: &Session, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let query = &session.entries.query;
    let text = match &session.entries.error {
        Some(error) => error.as_str(),
        None if !session.entries.is_complete() => "",
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
        if session.entries.error.is_some() {
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
    session: &mut Session,
    num_rows: u64,
    columns: &Columns,
    context: &mut PanelContext<'_>,
) {
    let tokens = theme::tokens(ui);
    let mut position = session.view.table;
    if num_rows > 0 {
        session.hold_table(&mut position);
    }
    let skip = session.entries.query.prefix.part_ends().len();
    let selected_row = session
        .entries
        .selected
        .clone()
        .and_then(|key| session.entries.row_of(&key));
    if session.scroll_to_selected {
        match (selected_row, session.entries.selected.clone()) {
            (Some(row), _) => {
                position.scroll_to_row(row, RowAlign::Nearest);
                session.scroll_to_selected = false;
            }
            (None, Some(key)) => session.entries.show_key(&key),
            (None, None) => session.scroll_to_selected = false,
        }
    }
    let mut focus = false;
    let mut pointed_at = None;
    let mut current_id = None;
    let mut next_tick: Option<i64> = None;
    let mut widest = session.view.widest_key;
    let output = RowScroller::new(&mut position, "Entries", num_rows, tokens.size.table_row)
        .role(Role::Table)
        .show(ui, |ui, index, rect| {
            let Some(row) = session.entries.row(index) else {
                placeholder(ui, rect, columns);
                return;
            };
            let drawn = row::show(ui, rect, index, row, skip, columns, session, context);
            focus |= drawn.clicked;
            current_id = drawn.is_current.then_some(drawn.id).or(current_id);
            if ui.rect_contains_pointer(rect) {
                pointed_at = Some(index);
            }
            widest = widest.max(drawn.key_width);
            next_tick = drawn.next_tick.into_iter().chain(next_tick).min();
        });
    session.view.widest_key = widest;
    tell_current_row(ui, &output.response, current_id);
    context_menu::open_by_keyboard(ui, &output.response, current_id);
    if let Some(milliseconds) = next_tick {
        repaint_after(ui, milliseconds);
    }
    if focus || std::mem::take(&mut session.view.focus_table) {
        output.response.request_focus();
    }
    // What lies a page above and below is loaded ahead.
    let ahead = output.page;
    session
        .entries
        .show(output.visible.start.saturating_sub(ahead)..output.visible.end + ahead);
    if let Some(target) = keys::take(ui, &output.response, session, output.page, context) {
        position.scroll_to_row(target, RowAlign::Nearest);
    }
    keys::follow(session, context);
    if num_rows > 0 {
        session.anchor_table(position, pointed_at);
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
