//! Choosing a moment: a calendar, and its exact text in local time or UTC.

mod calendar;
mod field;

use egui::accesskit::Role;
use egui::{Align, Layout, Rect, RichText, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::moment::{civil, parse, text, text_with_offset};
use crate::theme::{self, icons};
use crate::widgets::button::{IconButton, focus_ring, plain_button, primary_button};
use crate::widgets::choice::segmented;
use crate::widgets::line_text;
use crate::widgets::local_zone;
use calendar::Month;
pub use field::moment_field;

/// Width of the picker, in points.
pub const WIDTH: f32 = 252.0;
/// Width and height of a day, in points.
const DAY: [f32; 2] = [36.0, 24.0];
const WEEKDAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/// A moment that is being chosen. The caller keeps it.
#[derive(Debug, Clone)]
pub struct DatePickerState {
    moment: i64,
    /// Its text, which may be none for a while.
    text: String,
    month: Month,
    /// The text and the calendar are of local time.
    is_local: bool,
    local: TimeZone,
}

impl DatePickerState {
    /// Begins with a moment, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn new(moment: i64) -> Self {
        let mut state = Self {
            moment,
            text: String::new(),
            month: Month::of(Date::constant(1970, 1, 1)),
            is_local: false,
            local: TimeZone::UTC,
        };
        state.set(moment);
        state
    }

    fn zone(&self) -> TimeZone {
        if self.is_local {
            self.local.clone()
        } else {
            TimeZone::UTC
        }
    }

    fn set(&mut self, moment: i64) {
        self.moment = moment;
        self.text = text(moment, &self.zone());
        self.turn_to_moment();
    }

    fn turn_to_moment(&mut self) {
        if let Some(civil) = civil(self.moment, &self.zone()) {
            self.month = Month::of(civil.date());
        }
    }
}

/// Shows the picker. Returns the moment when it was chosen. `now` is in milliseconds since the Unix epoch; `verb`
/// is what choosing is called.
pub fn date_picker(ui: &mut Ui, state: &mut DatePickerState, now: i64, verb: &str) -> Option<i64> {
    state.local = local_zone::of(ui.ctx());
    ui.set_width(WIDTH);
    ui.spacing_mut().item_spacing = vec2(0.0, 4.0);
    month_line(ui, state);
    days(ui, state, now);
    ui.add_space(2.0);
    let entered = exact(ui, state);
    both_zones(ui, state);
    let is_moment = parse(&state.text, &state.zone()).is_some();
    let clicked = ui
        .with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let chosen = ui.add_enabled(is_moment, primary_button(verb).small()).clicked();
            if ui.add(plain_button("Now").small()).clicked() {
                state.set(now);
            }
            chosen
        })
        .inner;
    ((clicked || entered) && is_moment).then_some(state.moment)
}

fn month_line(ui: &mut Ui, state: &mut DatePickerState) {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        for (icon, name, months) in [
            (icons::CHEVRON_LEFT, "Month before", -1),
            (icons::CHEVRON_RIGHT, "Month after", 1),
        ] {
            if ui.add(IconButton::new(icon, name)).clicked() {
                state.month = state.month.shifted(months);
            }
        }
        ui.add_space(6.0);
        ui.label(
            RichText::new(state.month.title())
                .font(tokens.strong())
                .color(tokens.color.text),
        );
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let mut is_local = state.is_local;
            let zones = [(false, "UTC"), (true, "Local")];
            if segmented(ui, "Time zone", &mut is_local, &zones).changed() {
                state.is_local = is_local;
                let moment = state.moment;
                state.set(moment);
            }
        });
    });
}

fn days(ui: &mut Ui, state: &mut DatePickerState, now: i64) {
    let tokens = theme::tokens(ui);
    let zone = state.zone();
    let day_of = |moment| civil(moment, &zone).map(jiff::civil::DateTime::date);
    let (chosen, today) = (day_of(state.moment), day_of(now));
    ui.horizontal(|ui| {
        for name in WEEKDAYS {
            let (rect, _) = ui.allocate_exact_size(vec2(DAY[0], 18.0), Sense::hover());
            let job = line_text::job(name, tokens.small(), tokens.color.dim);
            line_text::paint_centered(ui.painter(), rect, line_text::layout(ui.painter(), job, DAY[0]));
        }
    });
    let mut picked = None;
    let weeks = state.month.weeks();
    // Every month is as high as the highest, so that nothing below moves.
    for row in 0..6 {
        ui.horizontal(|ui| {
            for day in weeks.get(row).copied().unwrap_or_default() {
                let (rect, _) = ui.allocate_exact_size(DAY.into(), Sense::hover());
                if let Some(day) = day
                    && day_cell(ui, rect, day, chosen == Some(day), today == Some(day))
                {
                    picked = Some(day);
                }
            }
        });
    }
    if let Some(moment) = picked.and_then(|day| calendar::on_day(state.moment, day, &zone)) {
        state.set(moment);
    }
}

fn day_cell(ui: &Ui, rect: Rect, day: Date, is_chosen: bool, is_today: bool) -> bool {
    let tokens = theme::tokens(ui);
    let response = ui.interact(rect, ui.scope_id().with(day.day()), Sense::click());
    response.widget_info(|| {
        let name = day.strftime("%-d %B %Y").to_string();
        WidgetInfo::selected(Role::Button, ui.is_enabled(), is_chosen, name)
    });
    let inner = rect.shrink2(vec2(2.0, 1.0));
    let (fill, color) = if is_chosen {
        (tokens.color.accent, tokens.color.on_accent)
    } else if response.hovered() {
        (tokens.color.raised, tokens.color.text)
    } else {
        (egui::Color32::TRANSPARENT, tokens.color.text)
    };
    ui.painter().rect_filled(inner, tokens.size.radius_small, fill);
    if is_today && !is_chosen {
        let stroke = Stroke::new(1.0, tokens.color.accent);
        ui.painter()
            .rect_stroke(inner, tokens.size.radius_small, stroke, StrokeKind::Inside);
    }
    let job = line_text::job(&day.day().to_string(), tokens.body(), color);
    line_text::paint_centered(
        ui.painter(),
        inner,
        line_text::layout(ui.painter(), job, inner.width()),
    );
    focus_ring(ui, &response, tokens.size.radius_small);
    response.clicked()
}

/// The exact text. True if Enter was pressed in it.
fn exact(ui: &mut Ui, state: &mut DatePickerState) -> bool {
    let hint = "2026-01-31 14:30, or milliseconds";
    let field = moment_field(ui, &mut state.text, "Date and time", hint);
    if field.changed
        && let Some(moment) = parse(&state.text, &state.zone())
    {
        state.moment = moment;
        state.turn_to_moment();
    }
    field.entered
}

/// The moment in UTC and in local time, or why there is none.
fn both_zones(ui: &mut Ui, state: &DatePickerState) {
    let tokens = theme::tokens(ui);
    if parse(&state.text, &state.zone()).is_none() {
        let text = "This is no date. Such as 2026-01-31 14:30:00.250, or milliseconds since 1970";
        ui.label(
            RichText::new(text)
                .font(tokens.small())
                .color(tokens.color.warning),
        );
        return;
    }
    let lines = [
        ("UTC", text_with_offset(state.moment, &TimeZone::UTC)),
        ("Local", text_with_offset(state.moment, &state.local)),
        ("Number", state.moment.to_string()),
    ];
    ui.spacing_mut().interact_size.y = 15.0;
    for (name, text) in lines {
        ui.horizontal(|ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(50.0, 15.0), Sense::hover());
            let job = line_text::job(name, tokens.small(), tokens.color.dim);
            line_text::paint(ui.painter(), rect, line_text::layout(ui.painter(), job, 50.0));
            ui.label(
                RichText::new(text)
                    .font(tokens.mono_small())
                    .color(tokens.color.text),
            );
        });
    }
}
