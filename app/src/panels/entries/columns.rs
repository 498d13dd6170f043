//! Where the table's columns are, and their titles.

use egui::accesskit::Role;
use egui::{
    CursorIcon, Popup, PopupCloseBehavior, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::super::PanelContext;
use super::DrawnEntries;
use crate::action::AppAction;
use crate::command::Command;
use crate::model::columns::{Column, Span, TableColumns};
use crate::theme::{self, icons};
use crate::widgets::line_text;
use crate::widgets::menu::{MenuEntry, menu_separator};

/// Where the columns of every row are.
pub(super) struct Columns {
    spans: Vec<Span>,
    padding: f32,
}

impl Columns {
    /// The columns in the width that is left.
    pub fn of(ui: &Ui, drawn: &DrawnEntries<'_>) -> Self {
        let tokens = theme::tokens(ui);
        let padding = tokens.size.padding;
        let width = ui.available_width() - 2.0 * padding;
        Self {
            spans: drawn
                .columns
                .layout(width, tokens.size.gap, drawn.view.widest_key),
            padding,
        }
    }

    /// The part of a row that a column has, if it is shown.
    pub fn rect(&self, row: Rect, column: Column) -> Option<Rect> {
        let span = self.spans.iter().find(|span| span.column == column)?;
        let left = row.left() + self.padding;
        Some(row.with_min_x(left + span.left).with_max_x(left + span.right))
    }
}

/// The titles. Borders between them are dragged; the key's title turns the order round.
pub(super) fn header(
    ui: &mut Ui,
    drawn: &DrawnEntries<'_>,
    columns: &Columns,
    context: &mut PanelContext<'_>,
) {
    let tokens = theme::tokens(ui);
    let size = vec2(ui.available_width(), tokens.size.table_header);
    let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK);
    let line = Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, line);
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, "Columns"));
    open_menu(&response, drawn.columns, context);
    for span in &columns.spans {
        let Some(place) = columns.rect(rect, span.column) else {
            continue;
        };
        if span.column == Column::Key {
            key_title(ui, place, drawn, context);
            continue;
        }
        let job = line_text::job(span.column.title(), tokens.small(), tokens.color.dim);
        let galley = line_text::layout(ui.painter(), job, place.width());
        if span.column.is_right() {
            line_text::paint_right(ui.painter(), place, galley);
        } else {
            line_text::paint(ui.painter(), place, galley);
        }
    }
    for pair in columns.spans.windows(2) {
        if let [left, right] = pair {
            let x = rect.left() + columns.padding + f32::midpoint(left.right, right.left);
            border(ui, rect, x, (*left, *right), columns, context);
        }
    }
}

/// The title of the keys, with the direction of the list.
fn key_title(ui: &Ui, place: Rect, drawn: &DrawnEntries<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let reverse = drawn.entries.query.reverse;
    let response = ui.interact(place, ui.scope_id().with("key title"), Sense::CLICK);
    let order = if reverse {
        "Key, from the last one"
    } else {
        "Key, from the first one"
    };
    response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, order));
    let color = if response.hovered() || reverse {
        tokens.color.text
    } else {
        tokens.color.dim
    };
    let job = line_text::job(Column::Key.title(), tokens.small(), color);
    let covered = line_text::paint(
        ui.painter(),
        place,
        line_text::layout(ui.painter(), job, place.width()),
    );
    let icon = if reverse {
        icons::ARROW_UP
    } else {
        icons::ARROW_DOWN
    };
    let font = egui::FontId::new(tokens.small().size - 1.0, theme::icon_family());
    let arrow = line_text::layout(ui.painter(), line_text::job(icon, font, color), f32::INFINITY);
    line_text::paint(ui.painter(), place.with_min_x(covered.right() + 4.0), arrow);
    let response = response.on_hover_text(if reverse {
        "List from the first key"
    } else {
        "List from the last key"
    });
    if response.clicked() {
        context.ask(Command::ReverseList);
    }
    open_menu(&response, drawn.columns, context);
}

/// A border that is dragged; a double click gives the column its usual width again.
fn border(
    ui: &Ui,
    rect: Rect,
    x: f32,
    (left, right): (Span, Span),
    columns: &Columns,
    context: &mut PanelContext<'_>,
) {
    // The value takes what the others leave; without it, the key does.
    let has_value = columns.spans.iter().any(|span| span.column == Column::Value);
    let (span, direction) = if left.column == Column::Key && has_value {
        (left, 1.0)
    } else {
        (right, -1.0)
    };
    let name = span.column.title();
    let edge = Rect::from_center_size(pos2(x, rect.center().y), vec2(8.0, rect.height()));
    let handle = ui.interact(
        edge,
        ui.scope_id().with(("width", name)),
        Sense::CLICK | Sense::DRAG,
    );
    handle.widget_info(|| {
        let name = format!("Width of the {} column", name.to_lowercase());
        WidgetInfo::labeled(Role::Splitter, true, name)
    });
    let handle = handle.on_hover_cursor(CursorIcon::ResizeHorizontal);
    let filler = if has_value { Column::Value } else { Column::Key };
    let room = columns.spans.iter().find(|span| span.column == filler);
    let room = room.map_or(0.0, |span| (span.width() - filler.narrowest()).max(0.0));
    if handle.dragged() && handle.drag_delta().x != 0.0 {
        let wanted = span.width() + direction * handle.drag_delta().x;
        let width = wanted.min(span.width() + room);
        context.ask(AppAction::SetColumnWidth(span.column, Some(width)));
    }
    if handle.double_clicked() {
        context.ask(AppAction::SetColumnWidth(span.column, None));
    }
    if handle.hovered() || handle.dragged() {
        let color = theme::tokens(ui).color.accent;
        ui.painter().vline(x, rect.y_range(), Stroke::new(1.0, color));
    }
}

/// The columns that can be shown and hidden, at a right click. Stays open for several of them.
fn open_menu(response: &Response, shown: &TableColumns, context: &mut PanelContext<'_>) {
    Popup::context_menu(response)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| menu(ui, shown, context));
}

fn menu(ui: &mut Ui, shown: &TableColumns, context: &mut PanelContext<'_>) {
    ui.set_min_width(190.0);
    ui.set_max_width(220.0);
    ui.spacing_mut().item_spacing.y = 0.0;
    for column in Column::ALL {
        let Some(command) = Command::of_column(column) else {
            continue;
        };
        let entry = MenuEntry::new(command.text()).checked(shown.is_shown(column));
        context.command(ui, command, entry);
    }
    menu_separator(ui);
    let command = Command::ResetColumns;
    let entry = MenuEntry::new(command.text()).icon(command.icon());
    if context.command(ui, command, entry).clicked() {
        ui.close();
    }
}
