//! The rows of the timeline, newest first: what changed in each, rather than what stayed.

use egui::accesskit::Role;
use egui::text::LayoutJob;
use egui::{Color32, EventFilter, Key, Modifiers, Rect, Response, Sense, Ui, WidgetInfo, vec2};
use keyglass_store::{Before, EncodedKey};

use super::{PanelContext, place_menu};
use crate::action::DatabaseAction;
use crate::content::change_kind::ChangeKind;
use crate::content::field_changes::{Differences, FieldChange};
use crate::format;
use crate::model::watch::{TimelineRow, WatchEvent, WatchModel};
use crate::theme::{self, Tokens, icons};
use crate::widgets::panel_frame::column_titles;
use crate::widgets::row_scroller::{RowAlign, RowScroller, ScrollPosition, row_after_keys, tell_current_row};
use crate::widgets::{context_menu, key_text, line_text, preview_text};

/// Widths of the columns in points: time, kind, and growth; and of the keys as a share of the rest.
const TIME_WIDTH: f32 = 98.0;
const KIND_WIDTH: f32 = 66.0;
const SIZE_WIDTH: f32 = 64.0;
const KEY_SHARE: f32 = 0.34;
/// In less width there is no column for the growth.
const LEAST_FOR_SIZE: f32 = 640.0;

/// How far the rows are scrolled.
#[derive(Debug, Default)]
pub(super) struct RowsView {
    position: ScrollPosition,
    /// Rows that there were when it was drawn last, those included that are gone.
    seen: u64,
    /// The list takes the keyboard.
    wants_focus: bool,
}

impl RowsView {
    /// Brings a row to the top, counted from the newest.
    pub(super) fn go_to(&mut self, place: u64) {
        self.position.scroll_to_row(place, RowAlign::Top);
    }
}

pub(super) fn show(ui: &mut Ui, watch: &mut WatchModel, view: &mut RowsView, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    header(ui);
    let mut position = view.position;
    let num_added = watch.timeline().num_added();
    if view.seen != num_added {
        // The newest stands at the top; who has scrolled down stays where he is, also when the oldest ones go.
        let added = num_added.saturating_sub(view.seen);
        if position.first_row() > 0 && !watch.filter().is_active() {
            position.rows_inserted_above(added);
        } else if position.first_row() == 0 {
            position.scroll_to_row(0, RowAlign::Top);
        }
        view.seen = num_added;
    }
    let num_shown = watch.num_shown();
    let num_older = watch.num_older();
    let num_rows = num_shown + u64::from(num_older > 0);
    let opened = watch.opened_row();
    let mut clicked = None;
    let mut current_id = None;
    let drawn = &*watch;
    let output = RowScroller::new(&mut position, "Timeline", num_rows, tokens.size.table_row)
        .role(Role::Table)
        .show(ui, |ui, row, rect| {
            let Some((number, shown)) = drawn.newest(row) else {
                let older = format::counted(num_older, "older change", "older changes");
                let are = if num_older == 1 { "is" } else { "are" };
                remark_ui(ui, rect, None, &format!("{older} {are} no longer kept"));
                return;
            };
            let is_opened = opened == Some(number);
            let response = match shown {
                TimelineRow::Change(event) => {
                    let line = Line {
                        number,
                        event,
                        kind: drawn.kind(number, event),
                        growth: event.growth().filter(|_| drawn.filter().since.is_none()),
                        difference: drawn.difference(number),
                        is_opened,
                        is_striped: row % 2 == 1,
                        are_compared: drawn.are_compared,
                    };
                    event_ui(ui, rect, &line, context)
                }
                TimelineRow::Bookmark { noticed_at, name } => {
                    bookmark_ui(ui, rect, number, *noticed_at, name, is_opened)
                }
                TimelineRow::Missing { noticed_at, .. } => {
                    let text = shown.sentence().unwrap_or_default();
                    remark_ui(ui, rect, Some(*noticed_at), &text);
                    return;
                }
            };
            if is_opened {
                current_id = Some(response.id);
            }
            if response.double_clicked()
                && let Some(event) = shown.change()
            {
                context.ask(DatabaseAction::GoTo(event.key.clone()));
            } else if response.clicked() {
                clicked = Some(number);
            }
        });
    if let Some(number) = clicked {
        view.wants_focus = true;
        // What is told of it takes room below.
        position.scroll_to_row(watch.place_of(number), RowAlign::Nearest);
        context.ask(DatabaseAction::OpenChange(
            (opened != Some(number)).then_some(number),
        ));
    }
    if std::mem::take(&mut view.wants_focus) {
        output.response.request_focus();
    }
    let current = opened.map(|number| watch.place_of(number));
    if let Some(place) = row_after_keys(ui, &output.response, current, num_shown, output.page)
        && let Some(number) = openable(watch, current, place)
    {
        position.scroll_to_row(watch.place_of(number), RowAlign::Nearest);
        context.ask(DatabaseAction::OpenChange(Some(number)));
    }
    if output.response.has_focus() {
        let escape = opened.is_some();
        let filter = EventFilter {
            vertical_arrows: true,
            escape,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(output.response.id, filter));
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if escape && pressed(Key::Escape) {
            context.ask(DatabaseAction::OpenChange(None));
        }
        if let Some((_, event)) = watch.opened()
            && pressed(Key::Enter)
        {
            context.ask(DatabaseAction::GoTo(event.key.clone()));
        }
    }
    tell_current_row(ui, &output.response, current_id);
    context_menu::open_by_keyboard(ui, &output.response, current_id);
    view.position = position;
    watch.show(output.visible);
}

/// The row to open when the keyboard goes to a place: the next one that is a change or a bookmark, in the direction of the move.
fn openable(watch: &WatchModel, from: Option<u64>, place: u64) -> Option<u64> {
    let is_down = from.is_none_or(|from| place > from);
    let mut at = place;
    loop {
        let (number, row) = watch.newest(at)?;
        if !matches!(row, TimelineRow::Missing { .. }) {
            return Some(number);
        }
        at = if is_down { at + 1 } else { at.checked_sub(1)? };
    }
}

struct Columns {
    time: Rect,
    kind: Rect,
    key: Rect,
    change: Rect,
    size: Option<Rect>,
}

impl Columns {
    fn of(rect: Rect, padding: f32) -> Self {
        let inner = rect.shrink2(vec2(padding, 0.0));
        let time = inner.with_max_x(inner.left() + TIME_WIDTH);
        let kind = inner
            .with_min_x(time.right())
            .with_max_x(time.right() + KIND_WIDTH);
        let mut rest = inner.with_min_x(kind.right());
        let size = (rect.width() >= LEAST_FOR_SIZE).then(|| {
            let size = rest.with_min_x(rest.right() - SIZE_WIDTH);
            rest.max.x = size.left() - 8.0;
            size
        });
        let key = rest.with_max_x(rest.left() + rest.width() * KEY_SHARE);
        Self {
            time,
            kind,
            change: rest.with_min_x(key.right() + 8.0),
            key,
            size,
        }
    }
}

fn header(ui: &mut Ui) {
    let padding = theme::tokens(ui).size.padding;
    column_titles(ui, ["Time (UTC)", "Kind", "Key", "Change", "Size"], |rect| {
        let columns = Columns::of(rect, padding);
        let all = [columns.time, columns.kind, columns.key, columns.change];
        let size = columns.size.map(|size| size.with_min_x(size.right() - 24.0));
        all.into_iter().chain(size).collect()
    });
}

fn cell(ui: &Ui, rect: Rect, job: LayoutJob) {
    let line = line_text::layout(ui.painter(), job, rect.width());
    line_text::paint(ui.painter(), rect, line);
}

fn time_cell(ui: &Ui, rect: Rect, noticed_at: i64) {
    let tokens = theme::tokens(ui);
    let text = format::utc_time(noticed_at);
    cell(ui, rect, line_text::job(&text, tokens.mono(), tokens.color.dim));
}

/// A quiet row on changes that are not there.
fn remark_ui(ui: &Ui, rect: Rect, noticed_at: Option<i64>, text: &str) {
    let tokens = theme::tokens(ui);
    let id = ui.scope_id().with(("remark", rect.top() as i64));
    let response = ui.interact(rect, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, text));
    let columns = Columns::of(rect, tokens.size.padding);
    if let Some(noticed_at) = noticed_at {
        time_cell(ui, columns.time, noticed_at);
    }
    let right = columns.size.unwrap_or(columns.change).right();
    let job = line_text::job(text, tokens.body(), tokens.color.dim);
    cell(ui, columns.kind.with_max_x(right), job);
}

fn ground(ui: &Ui, rect: Rect, response: &Response, is_opened: bool, is_striped: bool) {
    let tokens = theme::tokens(ui);
    let fill = if is_opened {
        Some(tokens.color.selection)
    } else if response.hovered() {
        Some(tokens.hover())
    } else {
        is_striped.then(|| tokens.stripe())
    };
    if let Some(fill) = fill {
        ui.painter().rect_filled(rect, 0.0, fill);
    }
}

/// A moment that a person remembers by a name.
fn bookmark_ui(ui: &Ui, rect: Rect, number: u64, noticed_at: i64, name: &str, is_opened: bool) -> Response {
    let tokens = theme::tokens(ui);
    let response = ui.interact(rect, ui.scope_id().with(("bookmark", number)), Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, is_opened, format!("Bookmark {name}")));
    ground(ui, rect, &response, is_opened, false);
    let columns = Columns::of(rect, tokens.size.padding);
    let line = egui::Stroke::new(1.0, tokens.color.accent);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, line);
    time_cell(ui, columns.time, noticed_at);
    let right = columns.size.unwrap_or(columns.change).right();
    let mut job = line_text::job(icons::BOOKMARK, tokens.icon(), tokens.color.accent);
    line_text::append(
        &mut job,
        &format!("  {name}"),
        &tokens.body(),
        tokens.color.accent,
    );
    cell(ui, columns.kind.with_max_x(right), job);
    response.on_hover_text("Open it to name it, or to see everything that has changed since")
}

/// The colour of a kind.
pub(super) fn kind_color(tokens: &Tokens, kind: ChangeKind) -> Color32 {
    match kind {
        ChangeKind::Created => tokens.color.good,
        ChangeKind::Changed | ChangeKind::Set => tokens.color.set,
        ChangeKind::Restored => tokens.color.check,
        ChangeKind::Deleted => tokens.color.delete,
        ChangeKind::Expired => tokens.color.warning,
    }
}

/// What a row is drawn from.
struct Line<'a> {
    number: u64,
    event: &'a WatchEvent,
    kind: ChangeKind,
    growth: Option<i64>,
    difference: Option<&'a Differences>,
    is_opened: bool,
    is_striped: bool,
    are_compared: bool,
}

fn event_ui(ui: &Ui, rect: Rect, line: &Line<'_>, context: &mut PanelContext<'_>) -> Response {
    let tokens = theme::tokens(ui);
    let event = line.event;
    // Tab goes past all rows: the list has the keyboard.
    let response = ui.interact(rect, ui.scope_id().with(("event", line.number)), Sense::CLICK);
    response.widget_info(|| WidgetInfo::selected(Role::Row, true, line.is_opened, event.key.to_string()));
    let change = line
        .difference
        .map(|difference| change_job(tokens, event, difference));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        let text = change.as_ref().map_or("", |job| job.text.as_str());
        node.set_description(format!("{} {text}", line.kind.word()));
    });
    ground(ui, rect, &response, line.is_opened, line.is_striped);
    let columns = Columns::of(rect, tokens.size.padding);
    time_cell(ui, columns.time, event.noticed_at);
    let color = kind_color(tokens, line.kind);
    cell(
        ui,
        columns.kind,
        line_text::job(line.kind.word(), tokens.body(), color),
    );
    let key = line_text::layout_keeping_end(ui.painter(), key_job(tokens, &event.key), columns.key.width());
    line_text::paint(ui.painter(), columns.key, key);
    match change {
        Some(job) => cell(ui, columns.change, job),
        None => {
            let left = columns.change.left_center() - vec2(0.0, 3.0);
            let bar = Rect::from_min_size(left, vec2(columns.change.width().min(120.0), 6.0));
            ui.painter().rect_filled(bar, 3.0, tokens.color.field);
        }
    }
    if let (Some(size), Some(growth)) = (columns.size, line.growth) {
        let job = line_text::job(&growth_text(growth), tokens.small(), tokens.color.dim);
        let galley = line_text::layout(ui.painter(), job, size.width());
        line_text::paint_right(ui.painter(), size, galley);
    }
    context_menu::show(&response, |ui| {
        let place = place_menu::Place::Change {
            row: line.number,
            left: event.after.is_some().then_some(event.versionstamp),
            knows_before: event.before != Before::Unknown,
        };
        place_menu::show(ui, &event.key, place, context);
    });
    response.on_hover_text(tooltip(event, line.are_compared))
}

fn tooltip(event: &WatchEvent, are_compared: bool) -> String {
    let stamp = event.versionstamp;
    let mut text = match event.after {
        None if are_compared => format!("Deleted, no later than by versionstamp {stamp}"),
        None if event.kind == ChangeKind::Deleted => format!("Deleted by versionstamp {stamp}"),
        _ => format!("Versionstamp {stamp}"),
    };
    if event.changes > 1 {
        let changes = format::counted(event.changes, "change", "changes");
        text = format!("{text}\n{changes} of this key within a second");
    }
    if let Some((_, at)) = event.previous {
        let span = format::gap(event.noticed_at.saturating_sub(at));
        text = format!("{text}\n{span} after its change before");
    }
    text
}

/// `+120 B`, `−3 B`, nothing for none.
pub(super) fn growth_text(growth: i64) -> String {
    let bytes = format::bytes(growth.unsigned_abs());
    match growth {
        0 => String::new(),
        1.. => format!("+{bytes}"),
        _ => format!("−{bytes}"),
    }
}

pub(super) fn key_job(tokens: &Tokens, key: &EncodedKey) -> LayoutJob {
    match key.decode() {
        Ok(decoded) => key_text::key_job(tokens, &decoded),
        Err(_) => line_text::job(&key.to_string(), tokens.mono(), tokens.color.bad),
    }
}

/// `credit: 20 → 25, + tags: ["new"]`
fn change_job(tokens: &Tokens, event: &WatchEvent, difference: &Differences) -> LayoutJob {
    let mut job = LayoutJob::default();
    let dim = |job: &mut LayoutJob, text: &str| {
        line_text::append(job, text, &tokens.mono(), tokens.color.dim);
    };
    if event.changes > 1 {
        dim(&mut job, &format!("×{}  ", format::count(event.changes)));
    }
    if event.before == Before::Unknown {
        dim(&mut job, "? → ");
    }
    append_differences(tokens, &mut job, difference);
    job
}

/// What differs, field after field.
pub(super) fn append_differences(tokens: &Tokens, job: &mut LayoutJob, difference: &Differences) {
    let dim = |job: &mut LayoutJob, text: &str| {
        line_text::append(job, text, &tokens.mono(), tokens.color.dim);
    };
    if difference.fields.is_empty() {
        dim(job, "the same value");
    }
    for (index, field) in difference.fields.iter().enumerate() {
        if index > 0 {
            dim(job, ", ");
        }
        append_field(tokens, job, field);
    }
    if difference.left_out > 0 {
        dim(
            job,
            &format!(" and {} more", format::count(difference.left_out as u64)),
        );
    }
}

fn append_field(tokens: &Tokens, job: &mut LayoutJob, field: &FieldChange) {
    let font = tokens.mono();
    let dim = |job: &mut LayoutJob, text: &str| line_text::append(job, text, &font, tokens.color.dim);
    let is_whole = field.path == "value";
    match (&field.before, &field.after) {
        (Some(_), None) if field.renamed || is_whole => {}
        (None, Some(_)) if !is_whole => line_text::append(job, "+ ", &font, tokens.color.good),
        (Some(_), None) => line_text::append(job, "− ", &font, tokens.color.bad),
        _ => {}
    }
    if !is_whole {
        line_text::append(job, field.short_path(), &font, tokens.color.property);
        dim(job, if field.renamed { " was " } else { ": " });
    }
    let spans = |job: &mut LayoutJob, preview: &keyglass_store::value::literal::Preview| {
        for (kind, text) in &preview.spans {
            line_text::append(job, text, &font, preview_text::span_color(tokens, *kind));
        }
    };
    if let Some(before) = &field.before {
        spans(job, before);
    }
    if field.before.is_some() && field.after.is_some() {
        dim(job, " → ");
    }
    if let Some(after) = &field.after {
        spans(job, after);
    }
}
