//! The table of entries below a prefix.

use egui::accesskit::Role;
use egui::{Rect, Sense, Ui, WidgetInfo, pos2, vec2};
use keyglass_store::key::{EncodedKey, Key};

use super::{PanelContext, filter_bar, repaint_after};
use crate::command::Command;
use crate::execute::Action;
use crate::model::format;
use crate::model::row::EntryRow;
use crate::session::Session;
use crate::theme::{self, icons};
use crate::widgets::badge::paint_badge;
use crate::widgets::button::link_button;
use crate::widgets::menu::{MenuEntry, menu_separator};
use crate::widgets::row_scroller::{RowAlign, RowScroller, row_after_keys};
use crate::widgets::{key_text, line_text, preview_text};

/// Narrowest and widest key column, in points; the widest also as a share of what keys and values have together.
const KEY_WIDTHS: (f32, f32, f32) = (84.0, 420.0, 0.55);
/// Widths of the columns for type, size and expiry, in points.
const TYPE_WIDTH: f32 = 84.0;
const SIZE_WIDTH: f32 = 58.0;
const EXPIRY_WIDTH: f32 = 52.0;
/// Entries that expire sooner are marked, in milliseconds.
const SOON: i64 = 3_600_000;

/// Where the columns of a row are.
struct Columns {
    key: Rect,
    value: Rect,
    kind: Rect,
    size: Rect,
    expiry: Rect,
}

impl Columns {
    fn of(rect: Rect, key_width: f32, padding: f32, gap: f32) -> Self {
        let inner = rect.shrink2(vec2(padding, 0.0));
        let expiry = inner.with_min_x(inner.right() - EXPIRY_WIDTH);
        let size = inner.with_max_x(expiry.left() - gap);
        let size = size.with_min_x(size.right() - SIZE_WIDTH);
        let kind = inner.with_max_x(size.left() - gap);
        let kind = kind.with_min_x(kind.right() - TYPE_WIDTH);
        let key = inner.with_max_x(inner.left() + key_width);
        let value = Rect::from_min_max(
            pos2(key.right() + gap, inner.top()),
            pos2((kind.left() - gap).max(key.right() + gap), inner.bottom()),
        );
        Self {
            key,
            value,
            kind,
            size,
            expiry,
        }
    }
}

pub(super) fn show(ui: &mut Ui, session: &mut Session, context: &mut PanelContext<'_>) {
    filter_bar::show(ui, session, context);
    let tokens = theme::tokens(ui);
    let width = ui.available_width();
    let gaps = 4.0 * tokens.size.gap + 2.0 * tokens.size.padding;
    let fixed = TYPE_WIDTH + SIZE_WIDTH + EXPIRY_WIDTH + gaps;
    let fitting = (session.view.widest_key + 2.0).clamp(KEY_WIDTHS.0, KEY_WIDTHS.1);
    let key_width = session
        .view
        .key_width
        .unwrap_or(fitting)
        .min((width - fixed) * KEY_WIDTHS.2)
        .max(KEY_WIDTHS.0);
    header(ui, session, key_width);
    let num_rows = session.entries.num_rows();
    let footer = tokens.size.header;
    let table = ui.available_rect_before_wrap();
    let table = table.with_max_y(table.bottom() - footer);
    ui.scope_builder(egui::UiBuilder::new().max_rect(table), |ui| {
        if num_rows == 0 {
            empty(ui, session);
        } else {
            rows(ui, session, num_rows, key_width, context);
        }
    });
    ui.scope_builder(
        egui::UiBuilder::new().max_rect(
            table
                .with_min_y(table.bottom())
                .with_max_y(table.bottom() + footer),
        ),
        |ui| {
            footer_ui(ui, session, context);
        },
    );
}

fn header(ui: &mut Ui, session: &mut Session, key_width: f32) {
    let tokens = theme::tokens(ui);
    let size = vec2(ui.available_width(), tokens.size.table_header);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let line = egui::Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, line);
    let columns = Columns::of(rect, key_width, tokens.size.padding, tokens.size.gap);
    let title = |rect: Rect, text: &str, right: bool| {
        let job = line_text::job(text, tokens.small(), tokens.color.dim);
        let galley = line_text::layout(ui.painter(), job, rect.width());
        if right {
            line_text::paint_right(ui.painter(), rect, galley);
        } else {
            line_text::paint(ui.painter(), rect, galley);
        }
    };
    title(columns.key, "Key", false);
    title(columns.value, "Value", false);
    title(columns.kind, "Type", false);
    title(columns.size, "Size", true);
    title(columns.expiry, "Expires", true);
    // The border between key and value can be dragged; a double click lets the width fit the keys again.
    let edge = Rect::from_center_size(
        pos2(columns.key.right() + tokens.size.gap / 2.0, rect.center().y),
        vec2(8.0, rect.height()),
    );
    let handle = ui.interact(edge, ui.scope_id().with("key width"), Sense::click_and_drag());
    handle.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, "Width of the key column"));
    let handle = handle.on_hover_cursor(egui::CursorIcon::ResizeHorizontal);
    if handle.dragged() {
        session.view.key_width = Some((key_width + handle.drag_delta().x).max(KEY_WIDTHS.0));
    }
    if handle.double_clicked() {
        session.view.key_width = None;
    }
    if handle.hovered() || handle.dragged() {
        ui.painter().vline(
            edge.center().x,
            rect.y_range(),
            egui::Stroke::new(1.0, tokens.color.accent),
        );
    }
}

fn empty(ui: &mut Ui, session: &Session) {
    let tokens = theme::tokens(ui);
    let text = match &session.entries.error {
        Some(error) => error.as_str(),
        None if !session.entries.is_complete() => "",
        None if session.entries.query.prefix.as_bytes().is_empty() => "This database has no entries",
        None => "No entries here",
    };
    ui.vertical_centered(|ui| {
        ui.add_space(40.0);
        ui.label(egui::RichText::new(text).color(tokens.color.dim));
    });
}

fn rows(ui: &mut Ui, session: &mut Session, num_rows: u64, key_width: f32, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let mut position = session.view.table;
    let skip = session.entries.query.prefix.part_ends().len();
    let selected_row = session
        .entries
        .selected
        .clone()
        .and_then(|key| session.entries.row_of(&key));
    if session.scroll_to_selected
        && let Some(row) = selected_row
    {
        position.scroll_to_row(row, RowAlign::Nearest);
        session.scroll_to_selected = false;
    }
    let mut focus = false;
    let mut next_tick: Option<i64> = None;
    let mut widest = session.view.widest_key;
    let output = RowScroller::new(&mut position, "Entries", num_rows, tokens.size.table_row)
        .role(Role::Table)
        .show(ui, |ui, index, rect| {
            let columns = Columns::of(rect, key_width, tokens.size.padding, tokens.size.gap);
            let Some(row) = session.entries.row(index) else {
                placeholder(ui, &columns);
                return;
            };
            let drawn = row_ui(ui, rect, index, row, skip, &columns, session, context);
            focus |= drawn.clicked;
            widest = widest.max(drawn.key_width);
            next_tick = drawn.next_tick.into_iter().chain(next_tick).min();
        });
    session.view.widest_key = widest;
    if let Some(milliseconds) = next_tick {
        repaint_after(ui, milliseconds);
    }
    if focus || std::mem::take(&mut session.view.focus_table) {
        output.response.request_focus();
    }
    if output.response.has_focus()
        && context.environment.selection
        && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Enter))
    {
        context.ask(Action::Command(Command::EditValue));
    }
    // What lies a page above and below is loaded ahead.
    let ahead = output.page;
    session
        .entries
        .show(output.visible.start.saturating_sub(ahead)..output.visible.end + ahead);
    if let Some(target) = row_after_keys(ui, &output.response, selected_row, num_rows, output.page) {
        position.scroll_to_row(target, RowAlign::Nearest);
        if let Some(row) = session.entries.row(target) {
            context.ask(Action::SelectEntry(row.key.clone()));
        }
    }
    session.view.table = position;
}

fn placeholder(ui: &Ui, columns: &Columns) {
    let tokens = theme::tokens(ui);
    for column in [columns.key, columns.value] {
        let width = (column.width() * 0.6).min(160.0);
        let bar = Rect::from_center_size(column.center(), vec2(width, 6.0));
        let bar = bar.translate(vec2(column.left() - bar.left(), 0.0));
        ui.painter().rect_filled(bar, 3.0, tokens.color.field);
    }
}

struct DrawnRow {
    clicked: bool,
    key_width: f32,
    /// Milliseconds until a text of the row changes.
    next_tick: Option<i64>,
}

#[expect(clippy::too_many_arguments, reason = "all that a row is drawn from")]
fn row_ui(
    ui: &mut Ui,
    rect: Rect,
    index: u64,
    row: &EntryRow,
    skip: usize,
    columns: &Columns,
    session: &Session,
    context: &mut PanelContext<'_>,
) -> DrawnRow {
    let tokens = theme::tokens(ui);
    let id = ui.scope_id().with(("entry", row.key.as_bytes()));
    let response = ui.interact(rect, id, Sense::click());
    let is_selected = session.entries.selected.as_ref() == Some(&row.key);
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, is_selected, row.key.to_string()));
    let is_changed = session.entries.flashes.is_marked(&row.key);
    let fill = if is_changed {
        Some(tokens.color.flash)
    } else if is_selected {
        Some(tokens.color.selection)
    } else if response.hovered() {
        Some(tokens.hover())
    } else {
        (index % 2 == 1).then(|| tokens.stripe())
    };
    if let Some(fill) = fill {
        ui.painter().rect_filled(rect, 0.0, fill);
    }
    if is_changed && is_selected {
        ui.painter()
            .rect_filled(rect.with_max_x(rect.left() + 2.0), 0.0, tokens.color.accent);
    }

    let job = match row.key.decode() {
        Ok(key) => rest_of(tokens, &key, skip),
        Err(_) => line_text::job(&row.key.to_string(), tokens.mono(), tokens.color.bad),
    };
    let full = line_text::layout(ui.painter(), job.clone(), f32::INFINITY)
        .size()
        .x;
    let key = line_text::layout(ui.painter(), job, columns.key.width());
    let is_cut = key.elided;
    line_text::paint(ui.painter(), columns.key, key);

    let mut job = preview_text::preview_job(tokens, &row.preview.spans);
    if row.preview.truncated {
        line_text::append(&mut job, " …", &tokens.mono(), tokens.color.dim);
    }
    let value = line_text::layout(ui.painter(), job, columns.value.width());
    line_text::paint(ui.painter(), columns.value, value);
    paint_badge(ui, columns.kind, row.type_name);
    let right = |text: &str, rect: Rect, color| {
        let job = line_text::job(text, tokens.mono(), color);
        line_text::paint_right(
            ui.painter(),
            rect,
            line_text::layout(ui.painter(), job, rect.width()),
        );
    };
    right(&format::bytes(row.size as u64), columns.size, tokens.color.dim);
    let mut next_tick = None;
    match row.expires_at.map(|at| at - context.now) {
        None => right("–", columns.expiry, tokens.color.dim),
        Some(left) => {
            let color = if left < SOON {
                tokens.color.warning
            } else {
                tokens.color.dim
            };
            let text = if left <= 0 {
                "past".to_owned()
            } else {
                format::short_span(left)
            };
            right(&text, columns.expiry, color);
            next_tick = (left > 0).then(|| format::span_changes_in(left));
        }
    }
    let response = if is_cut {
        response.on_hover_text(row.key.to_string())
    } else {
        response
    };
    let clicked = response.clicked();
    if clicked {
        context.ask(Action::SelectEntry(row.key.clone()));
    }
    let key_of_menu = row.key.clone();
    response.context_menu(|ui| row_menu(ui, &key_of_menu, context));
    DrawnRow {
        clicked,
        key_width: full,
        next_tick,
    }
}

/// A key below the prefix shown; the prefix itself in full.
fn rest_of(tokens: &theme::Tokens, key: &Key, skip: usize) -> egui::text::LayoutJob {
    if key.0.len() <= skip {
        key_text::key_job(tokens, key)
    } else {
        key_text::rest_job(tokens, key, skip)
    }
}

fn row_menu(ui: &mut Ui, key: &EncodedKey, context: &mut PanelContext<'_>) {
    ui.set_min_width(190.0);
    ui.spacing_mut().item_spacing.y = 0.0;
    let mut entry = |ui: &mut Ui, text: &str, icon: &str, action: Action| {
        if ui.add(MenuEntry::new(text).icon(icon)).clicked() {
            context.ask(action);
            ui.close();
        }
    };
    entry(ui, "Watch", icons::EYE, Action::Watch(key.clone()));
    entry(ui, "Copy key", icons::COPY, Action::Copy(key.to_string()));
    entry(ui, "Show in tree", icons::TREE, Action::GoTo(key.clone()));
    menu_separator(ui);
    entry(ui, "Export…", icons::EXPORT, Action::Export(key.clone()));
    let delete = MenuEntry::new("Delete entry…").icon(icons::TRASH).danger();
    let response = ui
        .add_enabled(context.environment.writable, delete)
        .on_disabled_hover_text("The database is read-only");
    if response.clicked() {
        context.ask(Action::SelectEntry(key.clone()));
        context.ask(Action::DeleteEntry(key.clone()));
        ui.close();
    }
}

fn footer_ui(ui: &mut Ui, session: &Session, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let rect = ui.available_rect_before_wrap();
    let line = egui::Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(rect.x_range(), rect.top() + 0.5, line);
    let inner = rect.shrink2(vec2(tokens.size.padding, 1.0));
    ui.scope_builder(
        egui::UiBuilder::new()
            .max_rect(inner)
            .layout(egui::Layout::left_to_right(egui::Align::Center)),
        |ui| {
            let about = if session.entries.is_complete() { "" } else { "≥ " };
            let rows = session.entries.num_rows();
            let entries = format::counted(rows, "entry", "entries");
            let text = match session
                .entries
                .selected
                .as_ref()
                .and_then(|key| session.entries.row_of(key))
            {
                Some(row) => format!(
                    "Entry {} of {about}{}",
                    format::count(row + 1),
                    format::count(rows)
                ),
                None => format!("{about}{entries}"),
            };
            ui.label(egui::RichText::new(text).color(tokens.color.dim));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 10.0;
                context.command(ui, Command::DeleteEntry, link_button("Delete…"));
                context.command(ui, Command::WatchSelection, link_button("Watch"));
                let prefix = session.entries.query.prefix.clone();
                if ui
                    .add(link_button("Export…"))
                    .on_hover_text("Export what is listed to a file")
                    .clicked()
                {
                    context.ask(Action::Export(prefix));
                }
            });
        },
    );
}
