//! What programs do that use the database while it is served.

use egui::accesskit::Role;
use egui::text::LayoutJob;
use egui::{Align, Layout, Rect, Response, RichText, Sense, Ui, WidgetInfo, vec2};
use keyglass_store::EncodedKey;
use keyglass_store::connect::{LoggedOutcome, LoggedRequest, Place};

use super::request_prefixes::PrefixesView;
use super::{PanelContext, request_detail, request_prefixes, request_rates};
use crate::action::DatabaseAction;
use crate::command::Command;
use crate::content::request_line::operation_name;
use crate::format;
use crate::model::requests::{Ending, Kind, RequestFilter, RequestsModel};
use crate::model::serving::ServingModel;
use crate::theme::{self, Tokens};
use crate::widgets::button::{link_button, primary_button};
use crate::widgets::choice::segmented;
use crate::widgets::menu::{MenuEntry, fit_menu, menu_button};
use crate::widgets::panel_frame::bar;
use crate::widgets::row_scroller::{RowAlign, RowScroller, ScrollPosition, row_after_keys, tell_current_row};
use crate::widgets::search_field::SearchField;
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
/// Points that the details take at most, as a share of the panel.
const DETAIL_SHARE: f32 = 0.5;
/// Milliseconds between two frames while the last minute goes on.
const TICK: i64 = 1000;

/// What stands below the plots.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Below {
    #[default]
    Requests,
    Prefixes,
}

/// How the requests are looked at.
#[derive(Debug, Default)]
pub struct RequestsView {
    position: ScrollPosition,
    prefixes: PrefixesView,
    below: Below,
    /// Requests when they were drawn last.
    seen: u64,
}

/// What the requests are drawn from.
pub(super) struct DrawnRequests<'a> {
    pub requests: &'a mut RequestsModel,
    pub serving: &'a ServingModel,
    pub view: &'a mut RequestsView,
}

pub(super) fn show(ui: &mut Ui, drawn: &mut DrawnRequests<'_>, context: &mut PanelContext<'_>) {
    if !drawn.serving.is_on() && drawn.requests.num_kept() == 0 {
        not_served(ui, context);
        return;
    }
    let tokens = theme::tokens(ui);
    bar(ui, tokens.size.filter_bar, |ui| head(ui, drawn, context));
    if drawn.view.below == Below::Requests {
        bar(ui, tokens.size.filter_bar, |ui| filters(ui, drawn, context));
    }
    request_rates::show(ui, &mut drawn.requests.rates, context.now);
    if drawn.requests.rates.has_any() {
        super::repaint_after(ui, TICK);
    }
    match drawn.view.below {
        Below::Requests => table_and_detail(ui, drawn, context),
        Below::Prefixes => {
            let hot = &mut drawn.requests.hot;
            if request_prefixes::show(ui, hot, &mut drawn.view.prefixes, context) {
                drawn.view.below = Below::Requests;
            }
        }
    }
}

fn not_served(ui: &mut Ui, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    ui.vertical_centered(|ui| {
        ui.add_space(40.0);
        let text = "Serve the database, and what programs of Deno and Node do with it shows here.";
        ui.label(RichText::new(text).color(tokens.color.dim));
        ui.add_space(8.0);
        context.command(ui, Command::Serve, primary_button("Serve…"));
    });
}

fn head(ui: &mut Ui, drawn: &mut DrawnRequests<'_>, context: &mut PanelContext<'_>) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        let export = ui.add_enabled(drawn.requests.num_shown() > 0, link_button("Export…"));
        if export
            .on_hover_text("Write the requests that are shown to an NDJSON file")
            .clicked()
        {
            context.ask(DatabaseAction::AskExportRequests);
        }
        if ui
            .add(link_button("Clear"))
            .on_hover_text("Forget all requests")
            .clicked()
        {
            context.ask(DatabaseAction::ClearRequests);
        }
        let paused = drawn.requests.is_paused();
        let pause = ui.add(link_button(if paused { "Go on" } else { "Pause" }));
        let pause = pause
            .on_hover_text("Requests are recorded from when this panel is first looked at, until it pauses");
        if pause.clicked() {
            context.ask(DatabaseAction::PauseRequests(!paused));
        }
        let remark = match drawn.requests.missed() {
            0 => String::new(),
            missed => format!("{} missed", format::count(missed)),
        };
        if !remark.is_empty() {
            let color = theme::tokens(ui).color.warning;
            ui.label(RichText::new(remark).color(color))
                .on_hover_text("They came faster than they could be shown");
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let choices = [(Below::Requests, "Requests"), (Below::Prefixes, "Hot prefixes")];
            segmented(ui, "What is shown", &mut drawn.view.below, &choices);
        });
    });
}

fn filters(ui: &mut Ui, drawn: &DrawnRequests<'_>, context: &mut PanelContext<'_>) {
    let mut filter = drawn.requests.filter().clone();
    let kinds = [(None, "All operations".to_owned())].into_iter();
    let kinds = kinds.chain(Kind::ALL.map(|kind| (Some(kind), kind.word().to_owned())));
    choose(ui, &mut filter.kind, kinds.collect());
    let endings = [(None, "All outcomes".to_owned())].into_iter();
    let endings = endings.chain(Ending::ALL.map(|ending| (Some(ending), ending.word().to_owned())));
    choose(ui, &mut filter.ending, endings.collect());
    let width = ((ui.available_width() - 2.0 * ui.spacing().item_spacing.x) / 3.0).max(40.0);
    let field = |ui: &mut Ui, text: &mut String, hint: &str, tooltip: &str| {
        SearchField::new(text, hint)
            .width(width)
            .show(ui)
            .on_hover_text(tooltip);
    };
    field(
        ui,
        &mut filter.prefix,
        "Key prefix",
        "Requests about keys at and below this one, such as [\"users\"]",
    );
    field(
        ui,
        &mut filter.client,
        "Client",
        "Part of the client's name or address",
    );
    field(
        ui,
        &mut filter.at_least,
        "At least … ms",
        "Requests that took at least so many milliseconds",
    );
    if filter != *drawn.requests.filter() {
        context.ask(DatabaseAction::FilterRequests(filter));
    }
}

/// A menu of what may be shown.
fn choose<T: Copy + PartialEq>(ui: &mut Ui, chosen: &mut Option<T>, choices: Vec<(Option<T>, String)>) {
    let name = choices.iter().find(|(choice, _)| choice == chosen);
    let name = name.map(|(_, name)| name.clone()).unwrap_or_default();
    menu_button(ui, &name, |ui| {
        fit_menu(ui, 130.0, 220.0);
        for (choice, text) in &choices {
            if ui.add(MenuEntry::new(text).checked(choice == chosen)).clicked() {
                *chosen = *choice;
                ui.close();
            }
        }
    });
}

fn table_and_detail(ui: &mut Ui, drawn: &mut DrawnRequests<'_>, context: &mut PanelContext<'_>) {
    let whole = ui.available_rect_before_wrap();
    let detail_height = match drawn.requests.detail() {
        Some(_) => (whole.height() * DETAIL_SHARE).floor(),
        None => 0.0,
    };
    let table_rect = whole.with_max_y(whole.bottom() - detail_height);
    ui.scope_builder(egui::UiBuilder::new().max_rect(table_rect), |ui| {
        table(ui, drawn, context);
    });
    if let Some((request, text)) = drawn.requests.detail() {
        let rect = whole.with_min_y(table_rect.bottom());
        ui.scope_builder(egui::UiBuilder::new().max_rect(rect), |ui| {
            request_detail::show(ui, request, text, context);
        });
    }
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

fn table(ui: &mut Ui, drawn: &mut DrawnRequests<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    let num_shown = drawn.requests.num_shown();
    if num_shown == 0 {
        let text = match (drawn.requests.filter_error(), drawn.requests.num_kept()) {
            (Some(error), _) => error,
            (None, 0) if drawn.requests.is_paused() => "Nothing is recorded while this is paused",
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
    let mut position = drawn.view.position;
    let come = drawn.requests.num_come();
    if drawn.view.seen != come {
        // The newest stands at the top; who has scrolled down stays where he is.
        if position.first_row() > 0 && *drawn.requests.filter() == RequestFilter::default() {
            position.rows_inserted_above(come.saturating_sub(drawn.view.seen));
        } else if position.first_row() == 0 {
            position.scroll_to_row(0, RowAlign::Top);
        }
        drawn.view.seen = come;
    }
    let requests = &*drawn.requests;
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
    drawn.view.position = position;
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
    let (outcome, color) = outcome_text(tokens, &request.outcome);
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
    let operation = line_text::job(kind.word(), tokens.body(), request_rates::color_of(tokens, kind));
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
            Kind::Extension | Kind::Other => operation_name(&request.operation),
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
fn outcome_text(tokens: &Tokens, outcome: &LoggedOutcome) -> (String, egui::Color32) {
    match outcome {
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
            format!("ended after {}", format::counted(*states, "state", "states")),
            tokens.color.dim,
        ),
        LoggedOutcome::Refused { status, sentence } => (format!("{status} {sentence}"), tokens.color.bad),
    }
}
