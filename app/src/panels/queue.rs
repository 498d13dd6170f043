//! Messages of the queue.

use egui::accesskit::Role;
use egui::{Rect, RichText, Sense, Ui, WidgetInfo, vec2};
use keyglass_store::database::QueueMessage;
use keyglass_store::value::{Encoding, StoredValue, literal};

use super::{PanelContext, repaint_after};
use crate::action::AppAction;
use crate::format;
use crate::model::queue::QueueModel;
use crate::theme::{self, icons};
use crate::widgets::button::focus_ring;
use crate::widgets::menu::MenuEntry;
use crate::widgets::panel_frame::column_titles;
use crate::widgets::row_scroller::{RowScroller, ScrollPosition};
use crate::widgets::{context_menu, line_text, preview_text};

/// Widths of the columns in points: state, due time, attempts left.
const WIDTHS: [f32; 3] = [70.0, 100.0, 64.0];

/// How the queue is looked at.
#[derive(Debug, Default)]
pub struct QueueView {
    position: ScrollPosition,
}

pub(super) fn show(
    ui: &mut Ui,
    queue: &mut QueueModel,
    view: &mut QueueView,
    context: &mut PanelContext<'_>,
) {
    let tokens = theme::tokens(ui);
    if let Some(error) = &queue.error {
        ui.label(RichText::new(error).color(tokens.color.bad));
        return;
    }
    let num_rows = queue.num_rows();
    if num_rows == 0 {
        queue.show(0..1);
        ui.vertical_centered(|ui| {
            ui.add_space(40.0);
            ui.label(RichText::new("No messages are waiting").color(tokens.color.dim));
        });
        return;
    }
    column_titles(ui, ["State", "Due", "Retries", "Message"], |rect| {
        columns(rect, tokens.size.padding)
    });
    let output = RowScroller::new(&mut view.position, "Queue", num_rows, tokens.size.table_row)
        .role(Role::Table)
        .show(ui, |ui, row, rect| match queue.message(row) {
            Some(message) => message_ui(ui, rect, row, message, context),
            None => placeholder(ui, rect),
        });
    queue.show(output.visible);
}

/// The row of a message that is still to be read.
fn placeholder(ui: &Ui, rect: Rect) {
    let tokens = theme::tokens(ui);
    if let Some(column) = columns(rect, tokens.size.padding).pop() {
        let bar = Rect::from_min_size(column.left_center() - vec2(0.0, 3.0), vec2(160.0, 6.0));
        ui.painter().rect_filled(bar, 3.0, tokens.color.field);
    }
}

fn columns(rect: Rect, padding: f32) -> Vec<Rect> {
    let mut rest = rect.shrink2(vec2(padding, 0.0));
    let mut columns = Vec::with_capacity(WIDTHS.len() + 1);
    for width in WIDTHS {
        columns.push(rest.with_max_x(rest.left() + width - 8.0));
        rest = rest.with_min_x(rest.left() + width);
    }
    columns.push(rest);
    columns
}

fn message_ui(ui: &mut Ui, rect: Rect, row: u64, message: &QueueMessage, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let response = ui.interact(rect, ui.scope_id().with(("message", &message.id)), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, format!("Message {}", message.id)));
    focus_ring(ui, &response, 0.0);
    if row % 2 == 1 {
        ui.painter().rect_filled(rect, 0.0, tokens.stripe());
    }
    let wait = message.due_at - context.now;
    let (state, color) = if message.running {
        ("running", tokens.color.accent)
    } else if wait > 0 {
        ("delayed", tokens.color.warning)
    } else {
        ("ready", tokens.color.good)
    };
    let (due, next_tick) = if wait > 0 {
        let due = format!("in {}", format::span(wait));
        (due, format::span_changes_in(wait))
    } else {
        let due = format::ago(message.due_at, context.now);
        (due, format::ago_changes_in(message.due_at, context.now))
    };
    repaint_after(ui, next_tick);
    let payload = StoredValue {
        encoding: Encoding::V8,
        bytes: message.payload.clone(),
    };
    let jobs = [
        line_text::job(state, tokens.body(), color),
        line_text::job(&due, tokens.body(), tokens.color.dim),
        line_text::job(
            &message.backoff_schedule.len().to_string(),
            tokens.mono(),
            tokens.color.dim,
        ),
        preview_text::preview_job(tokens, &literal::preview(&payload, 200).spans),
    ];
    for (column, job) in columns(rect, tokens.size.padding).into_iter().zip(jobs) {
        line_text::paint(
            ui.painter(),
            column,
            line_text::layout(ui.painter(), job, column.width()),
        );
    }
    let undelivered: Vec<String> = message
        .keys_if_undelivered
        .iter()
        .map(ToString::to_string)
        .collect();
    let mut tooltip = format!("Due {}\nId {}", format::utc(message.due_at), message.id);
    if !undelivered.is_empty() {
        tooltip = format!("{tooltip}\nIf undelivered: {}", undelivered.join(", "));
    }
    let response = response.on_hover_text(tooltip);
    context_menu::show(&response, |ui| {
        ui.set_min_width(190.0);
        let entry = MenuEntry::new("Copy message").icon(icons::COPY);
        if ui.add(entry).clicked() {
            let spans = literal::preview(&payload, 4000).spans;
            context.ask(AppAction::Copy(spans.into_iter().map(|(_, text)| text).collect()));
            ui.close();
        }
    });
}
