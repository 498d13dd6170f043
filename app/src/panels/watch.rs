//! The watch list and its timeline.

use egui::accesskit::Role;
use egui::scroll_area::ScrollBarVisibility;
use egui::text::LayoutJob;
use egui::{Rect, RichText, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::{PanelContext, place_menu};
use crate::action::DatabaseAction;
use crate::format;
use crate::model::target::Target;
use crate::model::watch::{TimelineRow, WatchEvent, WatchModel, WatchValue};
use crate::theme::{self, icons};
use crate::widgets::button::{focus_ring, link_button};
use crate::widgets::chip::FilterChip;
use crate::widgets::panel_frame::{bar, column_titles};
use crate::widgets::row_scroller::{RowAlign, RowScroller, ScrollPosition};
use crate::widgets::{context_menu, key_text, line_text, preview_text};

/// Widths of the columns in points: time, and key as a share of the rest.
const TIME_WIDTH: f32 = 98.0;
const KEY_SHARE: f32 = 0.37;
/// Of what is watched, in points.
const WIDEST_CHIP: f32 = 260.0;

/// How the timeline is looked at.
#[derive(Debug, Default)]
pub struct WatchView {
    position: ScrollPosition,
    /// Events when it was drawn last.
    seen_events: u64,
}

/// What the watch list is drawn from.
pub(super) struct DrawnWatch<'a> {
    pub watch: &'a WatchModel,
    pub view: &'a mut WatchView,
}

pub(super) fn show(ui: &mut Ui, drawn: &mut DrawnWatch<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    bar(ui, tokens.size.filter_bar, |ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 10.0;
            if drawn.watch.rows().is_empty() && drawn.watch.watched().is_empty() {
                if ui.add(link_button("Watch all keys").icon(icons::EYE)).clicked() {
                    context.ask(DatabaseAction::Watch(keyglass_store::EncodedKey::default()));
                }
                return;
            }
            if ui
                .add(link_button("Clear"))
                .on_hover_text("Empty the timeline")
                .clicked()
            {
                context.ask(DatabaseAction::ClearWatch);
            }
            let paused = drawn.watch.paused;
            let text = match (paused, drawn.watch.missed) {
                (false, _) => "Pause".to_owned(),
                (true, 0) => "Go on".to_owned(),
                (true, missed) => format!("Go on · {} missed", format::count(missed)),
            };
            if ui.add(link_button(&text)).clicked() {
                context.ask(DatabaseAction::PauseWatch(!paused));
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                // Chips for which there is no room are scrolled to.
                ui.style_mut().always_scroll_the_only_direction = true;
                ScrollArea::horizontal()
                    .scroll_bar_visibility(ScrollBarVisibility::AlwaysHidden)
                    .show(ui, |ui| chips(ui, drawn, context));
            });
        });
    });
    let num_kept = drawn.watch.rows().len() as u64;
    if num_kept == 0 {
        let text = if drawn.watch.watched().is_empty() {
            "Nothing is watched. Choose Watch on a key or a prefix to see every change below it here."
        } else {
            "No change yet. Changes made by other processes show here, too."
        };
        ui.vertical_centered(|ui| {
            ui.add_space(40.0);
            ui.label(RichText::new(text).color(tokens.color.dim));
        });
        return;
    }
    header(ui);
    let mut position = drawn.view.position;
    let num_added = drawn.watch.num_added();
    if drawn.view.seen_events != num_added && !drawn.watch.paused {
        // The newest stands at the top; who has scrolled down stays where he is, also when the oldest ones go.
        let added = num_added.saturating_sub(drawn.view.seen_events);
        if position.first_row() > 0 {
            position.rows_inserted_above(added);
        } else {
            position.scroll_to_row(0, RowAlign::Top);
        }
    }
    drawn.view.seen_events = num_added;
    let (rows, num_older) = (drawn.watch.rows(), drawn.watch.num_older());
    let are_compared = drawn.watch.are_compared;
    let num_rows = num_kept + u64::from(num_older > 0);
    RowScroller::new(&mut position, "Timeline", num_rows, tokens.size.table_row)
        .role(Role::Table)
        .show(ui, |ui, row, rect| {
            let newest_first = num_kept
                .checked_sub(row + 1)
                .and_then(|at| usize::try_from(at).ok());
            match newest_first.and_then(|at| rows.get(at)) {
                Some(TimelineRow::Change(event)) => event_ui(ui, rect, row, event, are_compared, context),
                Some(missing) => {
                    let (TimelineRow::Missing { noticed_at, .. }, Some(text)) = (missing, missing.sentence())
                    else {
                        return;
                    };
                    remark_ui(ui, rect, Some(*noticed_at), &text);
                }
                None => {
                    let older = format::counted(num_older, "older change", "older changes");
                    let are = if num_older == 1 { "is" } else { "are" };
                    remark_ui(ui, rect, None, &format!("{older} {are} no longer kept"));
                }
            }
        });
    drawn.view.position = position;
}

/// What is watched.
fn chips(ui: &mut Ui, drawn: &DrawnWatch<'_>, context: &mut PanelContext<'_>) {
    let tokens = theme::tokens(ui);
    ui.spacing_mut().item_spacing.x = 6.0;
    for watched in drawn.watch.watched() {
        let name = watched.name();
        let job = match &watched.target {
            Target::Below(prefix) => match prefix.decode() {
                Ok(key) if key.0.is_empty() => line_text::job(&name, tokens.body(), tokens.color.text),
                Ok(key) => key_text::key_job(tokens, &key),
                Err(_) => line_text::job(&name, tokens.mono(), tokens.color.bad),
            },
            Target::Selected(_) => line_text::job(&name, tokens.body(), tokens.color.text),
        };
        let chip = FilterChip::new("").value(job).max_width(WIDEST_CHIP).show(ui);
        chip.response.on_hover_ui(|ui| {
            for line in watched.target.lines() {
                ui.label(line);
            }
        });
        if chip.closed {
            context.ask(DatabaseAction::Unwatch(watched.target.clone()));
        }
    }
}

fn columns(rect: Rect, padding: f32) -> [Rect; 3] {
    let inner = rect.shrink2(vec2(padding, 0.0));
    let time = inner.with_max_x(inner.left() + TIME_WIDTH);
    let rest = inner.with_min_x(time.right());
    let key = rest.with_max_x(rest.left() + rest.width() * KEY_SHARE);
    [time, key, rest.with_min_x(key.right() + 8.0)]
}

fn header(ui: &mut Ui) {
    let padding = theme::tokens(ui).size.padding;
    column_titles(ui, ["Time (UTC)", "Key", "Before → after"], |rect| {
        columns(rect, padding).to_vec()
    });
}

/// Writes into a column; where the text ends.
fn cell(ui: &Ui, rect: Rect, job: LayoutJob) -> f32 {
    let line = line_text::layout(ui.painter(), job, rect.width());
    line_text::paint(ui.painter(), rect, line).right()
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
    let [time, key, values] = columns(rect, tokens.size.padding);
    if let Some(noticed_at) = noticed_at {
        time_cell(ui, time, noticed_at);
    }
    let job = line_text::job(text, tokens.body(), tokens.color.dim);
    cell(ui, key.with_max_x(values.right()), job);
}

fn event_ui(
    ui: &mut Ui,
    rect: Rect,
    row: u64,
    event: &WatchEvent,
    are_compared: bool,
    context: &mut PanelContext<'_>,
) {
    let tokens = theme::tokens(ui);
    let id = ui.scope_id().with(("event", row));
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, event.key.to_string()));
    focus_ring(ui, &response, 0.0);
    if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, tokens.hover());
    } else if row % 2 == 1 {
        ui.painter().rect_filled(rect, 0.0, tokens.stripe());
    }
    let [time, key, values] = columns(rect, tokens.size.padding);
    time_cell(ui, time, event.noticed_at);
    let key_job = match event.key.decode() {
        Ok(decoded) => key_text::key_job(tokens, &decoded),
        Err(_) => line_text::job(&event.key.to_string(), tokens.mono(), tokens.color.bad),
    };
    cell(ui, key, key_job);
    let mut left = values.left();
    if event.before != WatchValue::Unknown {
        // The old value gets at most half, so that the new one can be read.
        let half = values.with_max_x(values.left() + values.width() / 2.0);
        left = cell(ui, half, value_job(tokens, &event.before)) + 6.0;
    }
    let arrow = values.with_min_x(left);
    left = cell(ui, arrow, line_text::job("→", tokens.mono(), tokens.color.dim)) + 6.0;
    cell(ui, values.with_min_x(left), value_job(tokens, &event.after));
    let stamp = event.versionstamp;
    let tooltip = match event.after {
        WatchValue::Absent if are_compared => format!("Deleted, no later than by versionstamp {stamp}"),
        WatchValue::Absent => format!("Deleted by versionstamp {stamp}"),
        WatchValue::Unknown | WatchValue::Value(_) => format!("Versionstamp {stamp}"),
    };
    context_menu::show(&response, |ui| {
        let left = (event.after != WatchValue::Absent).then_some(stamp);
        place_menu::show(ui, &event.key, place_menu::Place::Change(left), context);
    });
    if response.on_hover_text(tooltip).clicked() {
        context.ask(DatabaseAction::GoTo(event.key.clone()));
    }
}

fn value_job(tokens: &theme::Tokens, value: &WatchValue) -> LayoutJob {
    match value {
        WatchValue::Unknown => line_text::job("?", tokens.mono(), tokens.color.dim),
        WatchValue::Absent => line_text::job("absent", tokens.mono(), tokens.color.dim),
        WatchValue::Value(preview) => preview_text::preview_job(tokens, &preview.spans),
    }
}
