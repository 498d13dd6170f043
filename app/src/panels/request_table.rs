//! The table of requests, newest first.

use egui::accesskit::Role;
use egui::text::LayoutJob;
use egui::{Rect, Response, RichText, Sense, Ui, WidgetInfo, vec2};
use keyglass_store::EncodedKey;
use keyglass_store::requests::{LoggedOperation, LoggedOutcome, LoggedRequest, Place};

use super::{PanelContext, request_rates};
use crate::action::DatabaseAction;
use crate::content::request_line::operation_name;
use crate::format;
use crate::model::requests::{Kind, RequestFilter, RequestsModel};
use crate::theme::{self, Tokens};
use crate::widgets::row_scroller::{RowAlign, RowScroller, ScrollPosition, row_after_keys, tell_current_row};
use crate::widgets::{key_text, line_text};

/// Widths of the columns in points: time, client, operation, outcome, duration, bytes. The keys get the rest.
const TIME_WIDTH: f32 = 98.0;
const CLIENT_WIDTH: f32 = 92.0;
const OPERATION_WIDTH: f32 = 66.0;
const OUTCOME_WIDTH: f32 = 150.0;
const NARROW_OUTCOME_WIDTH: f32 = 116.0;
const DURATION_WIDTH: f32 = 60.0;
const BYTES_WIDTH: f32 = 64.0;
/// In less width there are no columns for the client and the bytes.
const LEAST_FOR_ALL: f32 = 700.0;
/// How far the table is scrolled.
#[derive(Debug, Default)]
pub(super) struct TableView {
    position: ScrollPosition,
    /// Requests when they were drawn last.
    seen: u64,
}

/// Where the columns of a row are.
struct Columns {
    time: Rect,
    client: Option<Rect>,
    operation: Rect,
    keys: Rect,
    outcome: Rect,
    duration: Rect,
    bytes: Option<Rect>,
}

impl Columns {
    fn of(rect: Rect, padding: f32) -> Self {
        let mut rest = rect.shrink2(vec2(padding, 0.0));
        let has_all = rect.width() >= LEAST_FOR_ALL;
        let mut left = |width: f32| {
            let column = rest.with_max_x(rest.left() + width - 8.0);
            rest.min.x += width;
            column
        };
        let time = left(TIME_WIDTH);
        let client = has_all.then(|| left(CLIENT_WIDTH));
        let operation = left(OPERATION_WIDTH);
        let mut right = |width: f32| {
            let column = rest.with_min_x(rest.right() - width + 8.0);
            rest.max.x -= width;
            column
        };
        let bytes = has_all.then(|| right(BYTES_WIDTH));
        let duration = right(DURATION_WIDTH);
        let outcome = right(if has_all {
            OUTCOME_WIDTH
        } else {
            NARROW_OUTCOME_WIDTH
        });
        Self {
            time,
            client,
            operation,
            keys: rest.with_max_x(rest.right().max(rest.left())),
            outcome,
            duration,
            bytes,
        }
    }
}

pub(super) fn show(
    ui: &mut Ui,
    requests: &RequestsModel,
    view: &mut TableView,
    context: &mut PanelContext<'_>,
) {
    let tokens = theme::tokens(ui);
    let num_shown = requests.num_shown();
    if num_shown == 0 {
        let text = match (requests.filter_error(), requests.num_kept()) {
            (Some(error), _) => error,
            (None, 0) if requests.is_paused() => "Nothing is recorded while this is paused",
            (None, 0) => "No request yet. Each one shows here as it is answered.",
            (None, _) => "No request meets the filter",
        };
        ui.vertical_centered(|ui| {
            ui.add_space(32.0);
            ui.label(RichText::new(text).color(tokens.color.dim));
        });
        return;
    }
    header(ui);
    let mut position = view.position;
    let come = requests.num_come();
    if view.seen != come {
        // The newest stands at the top; who has scrolled down stays where he is.
        if position.first_row() > 0 && *requests.filter() == RequestFilter::default() {
            position.rows_inserted_above(come.saturating_sub(view.seen));
        } else if position.first_row() == 0 {
            position.scroll_to_row(0, RowAlign::Top);
        }
        view.seen = come;
    }
    let (selected, num_gone) = (requests.selected(), requests.num_gone());
    let num_rows = num_shown + u64::from(num_gone > 0);
    let mut is_clicked = false;
    let mut current_id = None;
    let output = RowScroller::new(&mut position, "Requests", num_rows, tokens.size.table_row)
        .role(Role::Table)
        .show(ui, |ui, row, rect| match requests.newest(row) {
            Some((place, request)) => {
                let is_selected = selected == Some(place);
                let response = request_ui(ui, rect, row, request, is_selected);
                if is_selected {
                    current_id = Some(response.id);
                }
                if response.clicked() {
                    is_clicked = true;
                    context.ask(DatabaseAction::SelectRequest((!is_selected).then_some(place)));
                }
            }
            None => {
                let older = format::counted(num_gone, "older request", "older requests");
                let are = if num_gone == 1 { "is" } else { "are" };
                let job = line_text::job(
                    &format!("{older} {are} no longer kept"),
                    tokens.body(),
                    tokens.color.dim,
                );
                cell(ui, rect.shrink2(vec2(tokens.size.padding, 0.0)), job);
            }
        });
    let current = selected.and_then(|place| requests.row_of(place));
    if let Some(row) = row_after_keys(ui, &output.response, current, num_shown, output.page)
        && let Some((place, _)) = requests.newest(row)
    {
        position.scroll_to_row(row, RowAlign::Nearest);
        context.ask(DatabaseAction::SelectRequest(Some(place)));
    }
    tell_current_row(ui, &output.response, current_id);
    if is_clicked || output.response.clicked() {
        output.response.request_focus();
    }
    view.position = position;
}

fn header(ui: &mut Ui) {
    let tokens = theme::tokens(ui);
    let rect = header_rect(ui);
    let columns = Columns::of(rect, tokens.size.padding);
    let texts = [
        (Some(columns.time), "Time (UTC)"),
        (columns.client, "Client"),
        (Some(columns.operation), "Operation"),
        (Some(columns.keys), "Keys"),
        (Some(columns.outcome), "Outcome"),
    ];
    for (column, text) in texts {
        if let Some(column) = column {
            cell(ui, column, line_text::job(text, tokens.small(), tokens.color.dim));
        }
    }
    for (column, text) in [(Some(columns.duration), "Duration"), (columns.bytes, "Bytes")] {
        if let Some(column) = column {
            cell_right(ui, column, line_text::job(text, tokens.small(), tokens.color.dim));
        }
    }
}

pub(super) fn header_rect(ui: &mut Ui) -> Rect {
    let tokens = theme::tokens(ui);
    let size = vec2(ui.available_width(), tokens.size.table_header);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    let line = egui::Stroke::new(1.0, tokens.color.line);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, line);
    rect
}

pub(super) fn cell(ui: &Ui, rect: Rect, job: LayoutJob) {
    let line = line_text::layout(ui.painter(), job, rect.width());
    line_text::paint(ui.painter(), rect, line);
}

pub(super) fn cell_right(ui: &Ui, rect: Rect, job: LayoutJob) {
    let line = line_text::layout(ui.painter(), job, rect.width());
    line_text::paint_right(ui.painter(), rect, line);
}

fn request_ui(ui: &mut Ui, rect: Rect, row: u64, request: &LoggedRequest, is_selected: bool) -> Response {
    let tokens = theme::tokens(ui);
    let id = ui.scope_id().with(("request", request.number));
    let response = ui.interact(rect, id, Sense::click());
    let kind = Kind::of(&request.operation);
    let (outcome, color) = outcome_text(tokens, request);
    response.widget_info(|| {
        let about = request
            .places
            .first()
            .map(|place| place.place.start().to_string());
        let about = about.map_or_else(String::new, |about| format!(" {about}"));
        WidgetInfo::selected(
            Role::Row,
            true,
            is_selected,
            format!("{}{about}, {outcome}", operation_name(&request.operation)),
        )
    });
    if is_selected {
        ui.painter().rect_filled(rect, 0.0, tokens.color.selection);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, tokens.hover());
    } else if row % 2 == 1 {
        ui.painter().rect_filled(rect, 0.0, tokens.stripe());
    }
    let columns = Columns::of(rect, tokens.size.padding);
    let dim = |text: &str| line_text::job(text, tokens.body(), tokens.color.dim);
    let time = format::utc_time(request.at);
    cell(
        ui,
        columns.time,
        line_text::job(&time, tokens.mono(), tokens.color.dim),
    );
    if let Some(column) = columns.client {
        cell(ui, column, dim(client_name(request)));
    }
    let word = match &request.operation {
        LoggedOperation::Extension(method) => method.replace('_', " "),
        _ => kind.word().to_owned(),
    };
    let operation = line_text::job(&word, tokens.body(), request_rates::color_of(tokens, kind));
    cell(ui, columns.operation, operation);
    cell(ui, columns.keys, places_job(tokens, request));
    cell(
        ui,
        columns.outcome,
        line_text::job(&outcome, tokens.body(), color),
    );
    let duration = request_rates::span(request.duration.as_secs_f32());
    cell_right(
        ui,
        columns.duration,
        line_text::job(&duration, tokens.body(), tokens.color.text),
    );
    if let Some(column) = columns.bytes {
        cell_right(
            ui,
            column,
            dim(&format::bytes(request.bytes_in + request.bytes_out)),
        );
    }
    response
}

/// What a client calls itself.
pub(super) fn client_name(request: &LoggedRequest) -> &str {
    match request.client.name.as_str() {
        "" => "unnamed",
        name => name,
    }
}

/// The first key or range, and how many more there are.
fn places_job(tokens: &Tokens, request: &LoggedRequest) -> LayoutJob {
    let Some(first) = request.places.first() else {
        let name = match Kind::of(&request.operation) {
            Kind::Other => operation_name(&request.operation),
            _ => String::new(),
        };
        return line_text::job(&name, tokens.body(), tokens.color.dim);
    };
    let mut job = match &first.place {
        Place::Key(key) => key_job(tokens, key),
        Place::Range(range) => {
            let bytes = range.start.as_bytes().len().saturating_sub(1);
            let prefix = range.start.truncated(bytes);
            if keyglass_store::KeyRange::below(&prefix) == *range {
                let mut job = key_job(tokens, &prefix);
                line_text::append(&mut job, " …", &tokens.body(), tokens.color.dim);
                job
            } else {
                let mut job = key_job(tokens, &range.start);
                line_text::append(&mut job, " to ", &tokens.body(), tokens.color.dim);
                line_text::append(&mut job, &range.end.to_string(), &tokens.mono(), tokens.color.dim);
                job
            }
        }
    };
    if request.num_places > 1 {
        let more = format!("  +{}", format::count(request.num_places as u64 - 1));
        line_text::append(&mut job, &more, &tokens.body(), tokens.color.dim);
    }
    job
}

pub(super) fn key_job(tokens: &Tokens, key: &EncodedKey) -> LayoutJob {
    match key.decode() {
        Ok(key) => key_text::key_job(tokens, &key),
        Err(_) => line_text::job(&key.to_string(), tokens.mono(), tokens.color.bad),
    }
}

/// An outcome in a few words, and their colour.
fn outcome_text(tokens: &Tokens, request: &LoggedRequest) -> (String, egui::Color32) {
    match &request.outcome {
        LoggedOutcome::Answered => ("ok".to_owned(), tokens.color.good),
        LoggedOutcome::Entries(entries) => (
            format::counted(*entries as u64, "entry", "entries"),
            tokens.color.good,
        ),
        LoggedOutcome::Committed(stamp) => (
            format!("ok {}", format::short_versionstamp(*stamp)),
            tokens.color.good,
        ),
        LoggedOutcome::Conflict(failed) => (
            format!(
                "conflict: {}",
                format::counted(failed.len() as u64, "check", "checks")
            ),
            tokens.color.warning,
        ),
        LoggedOutcome::Begun => ("begun".to_owned(), tokens.color.dim),
        LoggedOutcome::Ended { states } => (
            match request.operation {
                LoggedOperation::Extension(_) => {
                    format!("ended after {}", format::counted(*states, "message", "messages"))
                }
                _ => format!("ended after {}", format::counted(*states, "state", "states")),
            },
            tokens.color.dim,
        ),
        LoggedOutcome::Refused { status, sentence } => (format!("{status} {sentence}"), tokens.color.bad),
    }
}
