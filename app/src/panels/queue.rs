//! Messages of the queue.

use std::ops::Range;

use egui::accesskit::Role;
use egui::{EventFilter, Key, Modifiers, Rect, Response, RichText, Sense, Ui, UiBuilder, WidgetInfo, vec2};
use keyglass_store::database::{QueueMessage, QueuePlace};
use keyglass_store::value::{Encoding, StoredValue, literal};

use super::keys_menu::MENU_WIDTH;
use super::queue_counts::{self, CountsView};
use super::queue_detail::{self, MessageView};
use super::{PanelContext, repaint_after};
use crate::action::{AppAction, DatabaseAction};
use crate::command::Command;
use crate::errand::{MessageState, QueueFound};
use crate::format;
use crate::model::messages::MessagesModel;
use crate::model::queue::QueueModel;
use crate::model::queue_counts::QueueCountsModel;
use crate::model::subject::Subject;
use crate::theme::{self, icons};
use crate::widgets::button::link_button;
use crate::widgets::menu::{MenuEntry, fit_menu, menu_button, menu_separator};
use crate::widgets::panel_frame::{bar, column_titles};
use crate::widgets::row_fill::row_fill;
use crate::widgets::row_scroller::{
    RowAlign, RowScroller, ScrollPosition, modifiers_of_moves, row_after_keys, tell_current_row,
};
use crate::widgets::search_field::SearchField;
use crate::widgets::{context_menu, line_text, preview_text};

/// Keys for an undelivered message that its menu shows.
const NAMED_KEYS: usize = 4;
/// Widths of the columns in points: state, due time, attempts left.
const WIDTHS: [f32; 3] = [70.0, 100.0, 64.0];
/// Points that the selected message takes, as a share of the panel.
const DETAIL_SHARE: f32 = 0.45;

/// How the queue is looked at.
#[derive(Debug, Default)]
pub struct QueueView {
    position: ScrollPosition,
    /// The row that arrows go on from.
    row: Option<u64>,
    /// The message that stood there when it was drawn last.
    current: Option<String>,
    /// The row from which Shift selects.
    anchor: Option<u64>,
    /// The selected message.
    message: MessageView,
    /// The plot of how many there were.
    counts: CountsView,
    /// Where keys led, and whether they select all up to there; until that message is read.
    reached: Option<(u64, bool)>,
}

/// What the queue is drawn from.
pub(super) struct DrawnQueue<'a> {
    pub queue: &'a mut QueueModel,
    pub counts: &'a QueueCountsModel,
    pub messages: &'a mut MessagesModel,
    pub view: &'a mut QueueView,
}

pub(super) fn show(ui: &mut Ui, drawn: &mut DrawnQueue<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    if let Some(error) = &drawn.queue.error {
        ui.label(RichText::new(error).color(tokens.color.bad));
        return;
    }
    queue_counts::show(ui, drawn.counts, &mut drawn.view.counts, context.now);
    let num_rows = drawn.queue.num_rows();
    let is_filtered = drawn.queue.filter().is_active();
    if num_rows > 0 || is_filtered {
        bar(ui, tokens.size.filter_bar, |ui| filters(ui, drawn.queue, context));
    }
    if num_rows == 0 && is_filtered {
        drawn.messages.deselect();
        let text = match (drawn.queue.filter_error(), drawn.queue.found()) {
            (Some(error), _) => error.to_string(),
            (None, None) => "Looking through the queue …".to_owned(),
            (None, Some(found)) => {
                not_whole(found).unwrap_or_else(|| "No message meets the filter".to_owned())
            }
        };
        ui.vertical_centered(|ui| {
            ui.add_space(40.0);
            ui.label(RichText::new(text).color(tokens.color.dim));
        });
        return;
    }
    if let Some(text) = drawn.queue.found().and_then(not_whole) {
        bar(ui, tokens.size.filter_bar, |ui| {
            ui.label(RichText::new(text).color(tokens.color.warning));
        });
    }
    if num_rows == 0 {
        drawn.queue.show(0..1);
        drawn.messages.deselect();
        ui.vertical_centered(|ui| {
            ui.add_space(40.0);
            ui.label(RichText::new("No messages are waiting").color(tokens.color.dim));
            ui.add_space(tokens.size.gap);
            context.command(ui, Command::NewMessage, link_button("New message"));
        });
        return;
    }
    let whole = ui.available_rect_before_wrap();
    let detail_height = match drawn.messages.selected() {
        [_] => (whole.height() * DETAIL_SHARE).floor(),
        _ => 0.0,
    };
    let table = whole.with_max_y(whole.bottom() - detail_height);
    ui.scope_builder(UiBuilder::new().max_rect(table), |ui| {
        messages(ui, drawn, num_rows, context);
    });
    if let [message] = drawn.messages.selected() {
        let rect = whole.with_min_y(table.bottom());
        ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
            queue_detail::show(ui, message, &mut drawn.view.message, context);
        });
    }
}

/// What is said where only a part of the queue was looked through.
fn not_whole(found: &QueueFound) -> Option<String> {
    (!found.is_whole).then(|| {
        let looked_at = format::counted(found.looked_at, "message was", "messages were");
        format!("Only the first {looked_at} looked through")
    })
}

/// Which messages are shown.
fn filters(ui: &mut Ui, queue: &QueueModel, context: &mut PanelContext<'_>) {
    let mut filter = queue.filter().clone();
    let states = [(None, "All states")].into_iter();
    let states = states.chain(MessageState::ALL.map(|state| (Some(state), state.word())));
    menu_button(ui, filter.state.map_or("All states", MessageState::word), |ui| {
        fit_menu(ui, 130.0, 220.0);
        for (state, text) in states {
            if ui
                .add(MenuEntry::new(text).checked(state == filter.state))
                .clicked()
            {
                filter.state = state;
                ui.close();
            }
        }
    });
    let width = ((ui.available_width() - ui.spacing().item_spacing.x) / 2.0).max(40.0);
    for (text, hint, tooltip) in [
        (
            &mut filter.text,
            "Find in payloads",
            "Messages with this text in the payload or in a key for undelivered ones",
        ),
        (
            &mut filter.condition,
            "Condition",
            "Such as value.to = \"ada@example.com\" or value.tries > 2; the payload is the value",
        ),
    ] {
        SearchField::new(text, hint)
            .width(width)
            .show(ui)
            .on_hover_text(tooltip);
    }
    if filter != *queue.filter() {
        context.ask(DatabaseAction::FilterQueue(filter));
    }
}

/// The table of messages.
fn messages(ui: &mut Ui, drawn: &mut DrawnQueue<'_>, num_rows: u64, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    column_titles(ui, ["State", "Due", "Retries", "Message"], |rect| {
        columns(rect, tokens.size.padding)
    });
    let mut position = drawn.view.position;
    let mut clicked = None;
    let mut current_id = None;
    let mut current_row = None;
    let output = RowScroller::new(&mut position, "Queue", num_rows, tokens.size.table_row)
        .role(Role::Table)
        .show(ui, |ui, row, rect| {
            let Some(message) = drawn.queue.message(row) else {
                placeholder(ui, rect);
                return;
            };
            let is_selected = drawn.messages.is_selected(message);
            let response = message_ui(ui, rect, row, message, is_selected, context);
            if drawn.view.current.as_ref() == Some(&message.id) {
                current_id = Some(response.id);
                current_row = Some(row);
            }
            if response.clicked() {
                clicked = Some((row, ui.input(|input| input.modifiers)));
            } else if response.secondary_clicked() && !is_selected {
                clicked = Some((row, Modifiers::NONE));
            }
        });
    drawn.view.row = current_row.or(drawn.view.row);
    tell_current_row(ui, &output.response, current_id);
    context_menu::open_by_keyboard(ui, &output.response, current_id);
    see(drawn, output.visible.clone(), num_rows);
    if let Some((row, modifiers)) = clicked {
        output.response.request_focus();
        // What is told of it takes room below.
        position.scroll_to_row(row, RowAlign::Nearest);
        choose(drawn, row, modifiers);
    }
    if let Some(row) = keys(ui, &output.response, drawn, num_rows, output.page, context) {
        position.scroll_to_row(row, RowAlign::Nearest);
    }
    drawn.view.position = position;
    drawn.queue.show(output.visible);
}

/// Tells the selection which messages are on screen.
fn see(drawn: &mut DrawnQueue<'_>, rows: Range<u64>, num_rows: u64) {
    let shown: Option<Vec<&QueueMessage>> = rows.clone().map(|row| drawn.queue.message(row)).collect();
    let Some(shown) = shown else { return };
    let (Some(first), Some(last)) = (shown.first(), shown.last()) else {
        return;
    };
    let place = |due_at| QueuePlace {
        due_at,
        id: String::new(),
    };
    let from = match rows.start {
        0 => place(i64::MIN),
        _ => first.place(),
    };
    let to = match rows.end {
        end if end == num_rows => place(i64::MAX),
        _ => last.place(),
    };
    drawn.messages.see(&shown, &(from..=to));
}

/// Selects what was clicked.
fn choose(drawn: &mut DrawnQueue<'_>, row: u64, modifiers: Modifiers) {
    let Some(message) = drawn.queue.message(row).cloned() else {
        return;
    };
    drawn.view.current = Some(message.id.clone());
    drawn.view.row = Some(row);
    if modifiers.shift {
        let anchor = drawn.view.anchor.unwrap_or(row);
        let rows = anchor.min(row)..=anchor.max(row);
        let queue = &*drawn.queue;
        let between: Vec<QueueMessage> = rows.filter_map(|row| queue.message(row).cloned()).collect();
        if !modifiers.command {
            drawn.messages.deselect();
        }
        drawn.messages.select_too(between);
        return;
    }
    drawn.view.anchor = Some(row);
    if modifiers.command {
        drawn.messages.toggle(message);
    } else {
        drawn.messages.select(message);
    }
}

/// Does what the keys say while the table has the keyboard's focus. The row to bring into view.
fn keys(
    ui: &Ui,
    table: &Response,
    drawn: &mut DrawnQueue<'_>,
    num_rows: u64,
    page: u64,
    context: &mut PanelContext<'_>,
) -> Option<u64> {
    if let Some((row, extends)) = drawn.view.reached
        && drawn.queue.message(row).is_some()
    {
        drawn.view.reached = None;
        let modifiers = if extends {
            Modifiers::SHIFT
        } else {
            Modifiers::NONE
        };
        choose(drawn, row, modifiers);
    }
    if !table.has_focus() {
        return None;
    }
    let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
    let is_many = drawn.messages.selected().len() > 1;
    let current = drawn.view.row;
    if Command::EditMessage.enabled(context.environment).is_ok() && pressed(Modifiers::NONE, Key::Enter) {
        context.ask(Command::EditMessage);
    }
    if pressed(Modifiers::NONE, Key::Delete) {
        context.ask(Command::CancelMessages);
    }
    if let Some(row) = current {
        if is_many && pressed(Modifiers::NONE, Key::Escape) {
            choose(drawn, row, Modifiers::NONE);
        }
        if pressed(Modifiers::CTRL, Key::Space) {
            choose(drawn, row, Modifiers::COMMAND);
        }
    }
    let (extends, _) = modifiers_of_moves(ui);
    let target = row_after_keys(ui, table, current, num_rows, page);
    let filter = EventFilter {
        vertical_arrows: true,
        horizontal_arrows: true,
        escape: is_many,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(table.id, filter));
    if let Some(target) = target {
        drawn.view.reached = Some((target, extends));
        drawn.view.row = Some(target);
        ui.ctx().request_repaint();
    }
    target
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

fn message_ui(
    ui: &mut Ui,
    rect: Rect,
    row: u64,
    message: &QueueMessage,
    is_selected: bool,
    context: &mut PanelContext<'_>,
) -> Response {
    let tokens = theme::tokens(ui);
    // Tab goes past all rows: the list has the keyboard.
    let response = ui.interact(rect, ui.scope_id().with(("message", &message.id)), Sense::CLICK);
    response.widget_info(|| {
        WidgetInfo::selected(Role::Row, true, is_selected, format!("Message {}", message.id))
    });
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_selected(is_selected));
    row_fill(ui, rect, row % 2 == 1, is_selected, &response);
    let wait = message.due_at - context.now;
    let state = MessageState::of(message, context.now);
    let color = queue_counts::color_of(tokens, state);
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
        line_text::job(state.word(), tokens.body(), color),
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
    context_menu::show(&response, |ui| menu(ui, message, &payload, context));
    response
}

/// What can be done with a message, or with all selected ones.
fn menu(ui: &mut Ui, message: &QueueMessage, payload: &StoredValue, context: &mut PanelContext<'_>) {
    fit_menu(ui, 190.0, MENU_WIDTH);
    let command = |ui: &mut Ui, context: &mut PanelContext<'_>, command: Command| {
        let text = command.text_now(context.environment);
        let mut entry = MenuEntry::new(&text).icon(command.icon());
        if command.destroys() {
            entry = entry.danger();
        }
        if context.command(ui, command, entry).clicked() {
            ui.close();
        }
    };
    let entry = MenuEntry::new("Copy message").icon(icons::COPY);
    if ui.add(entry).clicked() {
        let spans = literal::preview(payload, 4000).spans;
        context.ask(AppAction::Copy(spans.into_iter().map(|(_, text)| text).collect()));
        ui.close();
    }
    // Where it is stored once every delivery has failed.
    for key in message.keys_if_undelivered.iter().take(NAMED_KEYS) {
        let text = format!("Show {}", Subject::Entry(key.clone()).name());
        if ui.add(MenuEntry::new(&text).icon(icons::TABLE)).clicked() {
            context.ask(DatabaseAction::GoTo(key.clone()));
            ui.close();
        }
    }
    menu_separator(ui);
    command(ui, context, Command::DeliverMessages);
    command(ui, context, Command::PutOffMessages);
    command(ui, context, Command::EditMessage);
    command(ui, context, Command::NewMessage);
    menu_separator(ui);
    command(ui, context, Command::CancelMessages);
}
