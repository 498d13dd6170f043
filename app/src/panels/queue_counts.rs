//! How many messages were in which state, drawn as lines over time.

use egui::accesskit::Role;
use egui::{
    Color32, EventFilter, Key, Modifiers, Rect, Response, Sense, Stroke, Ui, UiBuilder, WidgetInfo, vec2,
};
use egui_plot::{Line, Points, VLine};

use super::repaint_after;
use crate::errand::MessageState;
use crate::format;
use crate::model::queue_counts::{QueueCountsModel, QueueSample, SAMPLES_SPAN};
use crate::theme::{self, Tokens};
use crate::widgets::line_text;
use crate::widgets::still_plot::still_plot;

/// Points of the plot's height, with its lines of text above and below.
const HEIGHT: f32 = 104.0;
/// Points of a line of text.
const LINE: f32 = 18.0;
/// Points of the numbers at the left.
const NUMBERS: f32 = 52.0;
/// Points of height without which the messages themselves need the room.
const ROOM: f32 = 260.0;
/// What is left free below and above the lines, as a share of the highest, so that they are drawn whole.
const MARGIN: f64 = 0.05;
/// The same at their sides, as a share of the time.
const SIDES: f64 = 0.01;
/// Milliseconds that are shown at least.
const SHORTEST: i64 = 60_000;
/// Parts of what is shown after each of which it is drawn anew.
const STEPS: i64 = 60;

/// The moment that somebody looks at, in milliseconds since the Unix epoch; without one it is now.
#[derive(Debug, Default)]
pub(super) struct CountsView {
    moment: Option<i64>,
}

/// The colour of a state, in the plot as in the table.
pub(super) fn color_of(tokens: &Tokens, state: MessageState) -> Color32 {
    match state {
        MessageState::Running => tokens.color.accent,
        MessageState::Delayed => tokens.color.warning,
        MessageState::Ready => tokens.color.good,
    }
}

/// Draws the plot, if there ever was a message and there is room.
pub(super) fn show(ui: &mut Ui, counts: &QueueCountsModel, view: &mut CountsView, now: i64) {
    let (Some(first), Some(last)) = (counts.samples().front(), counts.samples().back()) else {
        return;
    };
    if ui.available_height() < ROOM {
        return;
    }
    let tokens = theme::tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    ui.painter().hline(
        rect.x_range(),
        rect.bottom() - 0.5,
        Stroke::new(1.0, tokens.color.line),
    );
    let inner = rect.shrink2(vec2(tokens.size.padding, 4.0));
    let head = inner.with_max_y(inner.top() + LINE);
    let foot = inner.with_min_y(inner.bottom() - LINE);
    let area = Rect::from_x_y_ranges(
        inner.left() + NUMBERS..=inner.right(),
        head.bottom() + 2.0..=foot.top(),
    );
    // At most the last hour, and at least a minute. The clock may have been set back.
    let now = now.max(last.at);
    let from = first.at.max(now.saturating_sub(SAMPLES_SPAN));
    let until = now.max(from.saturating_add(SHORTEST));
    repaint_after(ui, until.saturating_sub(from) / STEPS);
    let span = Span { from, now, until };
    view.moment = view.moment.filter(|moment| *moment >= from && *moment <= now);
    let most = counts.most().max(1);
    let (response, hovered) = plot(ui, area, counts, span, most, view.moment);
    let response = look(ui, response, counts, view, hovered.map(|at| at.clamp(from, now)));
    let Some(sample) = counts.at(view.moment.unwrap_or(now)) else {
        return;
    };
    legend(ui, head, sample, view.moment);
    let small = |text: &str| line_text::job(text, tokens.small(), tokens.color.dim);
    let paint = |rect: Rect, text: &str, is_right: bool| {
        let galley = line_text::layout(ui.painter(), small(text), rect.width());
        if is_right {
            line_text::paint_right(ui.painter(), rect, galley);
        } else {
            line_text::paint(ui.painter(), rect, galley);
        }
    };
    let margin = area.height() * (MARGIN / (1.0 + 2.0 * MARGIN)) as f32;
    for (y, number) in [(area.top() + margin, most), (area.bottom() - margin, 0)] {
        let y_range = y - LINE / 2.0..=y + LINE / 2.0;
        let beside = Rect::from_x_y_ranges(inner.left()..=area.left() - 6.0, y_range);
        paint(beside, &format::count(number), true);
    }
    let foot = foot.with_min_x(area.left());
    paint(foot, &format!("{} UTC", format::utc_clock(from)), false);
    paint(foot, &format!("{} UTC", format::utc_clock(until)), true);
    let told = format!("Messages over time: {}", sentence(sample));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &told));
}

/// The time that is shown, in milliseconds since the Unix epoch. Nothing is known of what is later than now.
#[derive(Clone, Copy)]
struct Span {
    from: i64,
    now: i64,
    until: i64,
}

/// `3 ready, 12 delayed, 1 running`.
fn sentence(sample: &QueueSample) -> String {
    let counts = MessageState::ALL.into_iter().zip(sample.messages);
    let counts: Vec<String> = counts
        .map(|(state, messages)| number(sample, state, messages))
        .collect();
    counts.join(", ")
}

fn number(sample: &QueueSample, state: MessageState, messages: u64) -> String {
    let least = match (sample.is_least, state) {
        (true, MessageState::Ready | MessageState::Running) => "≥ ",
        (true, MessageState::Delayed) => "≤ ",
        (false, _) => "",
    };
    format!("{least}{} {}", format::count(messages), state.word())
}

/// What each line is, with its number, and of which moment.
fn legend(ui: &Ui, rect: Rect, sample: &QueueSample, moment: Option<i64>) {
    let tokens = theme::tokens(ui);
    let moment = match moment {
        Some(moment) => format!("{} UTC; Escape leads back to now", format::utc_clock(moment)),
        None => "Messages now".to_owned(),
    };
    let job = line_text::job(&moment, tokens.small(), tokens.color.dim);
    let galley = line_text::layout(ui.painter(), job, rect.width() / 2.0);
    let moment = line_text::paint_right(ui.painter(), rect, galley);
    let mut left = rect.left();
    for (state, messages) in MessageState::ALL.into_iter().zip(sample.messages) {
        let color = color_of(tokens, state);
        let at = egui::pos2(left + 4.0, rect.center().y);
        ui.painter().circle_filled(at, 3.5, color);
        let job = line_text::job(
            &number(sample, state, messages),
            tokens.small(),
            tokens.color.text,
        );
        let room = (moment.left() - left - 18.0).max(0.0);
        let galley = line_text::layout(ui.painter(), job, room);
        let width = galley.size().x;
        line_text::paint(ui.painter(), rect.with_min_x(left + 12.0), galley);
        left += 12.0 + width + 16.0;
    }
}

/// Draws the lines; the moment that the pointer is on.
fn plot(
    ui: &mut Ui,
    rect: Rect,
    counts: &QueueCountsModel,
    span: Span,
    most: u64,
    moment: Option<i64>,
) -> (Response, Option<i64>) {
    let tokens = theme::tokens(ui);
    ui.painter().hline(
        rect.x_range(),
        rect.bottom() - 0.5,
        Stroke::new(1.0, tokens.color.line),
    );
    let seconds = |at: i64| at.saturating_sub(span.from) as f64 / 1000.0;
    let lines = [MessageState::Delayed, MessageState::Ready, MessageState::Running].map(|state| {
        let place = MessageState::ALL.iter().position(|other| *other == state);
        let mut points: Vec<[f64; 2]> = Vec::new();
        for sample in counts.samples() {
            let messages = place.and_then(|place| sample.messages.get(place)).copied();
            let height = messages.unwrap_or_default() as f64;
            // It was as before until it changed.
            if let Some(before) = points.last().map(|before| before[1]) {
                points.push([seconds(sample.at), before]);
            }
            points.push([seconds(sample.at), height]);
        }
        if let Some(last) = points.last().map(|last| last[1]) {
            points.push([seconds(span.now), last]);
        }
        (state, points)
    });
    let plot = still_plot(ui, "messages over time", rect.size(), Sense::click_and_drag());
    let mut inside = ui.new_child(UiBuilder::new().id_salt("messages over time").max_rect(rect));
    let drawn = plot.show(&mut inside, |plot| {
        let whole = seconds(span.until);
        plot.set_plot_bounds_x(-SIDES * whole..=(1.0 + SIDES) * whole);
        let most = most as f64;
        plot.set_plot_bounds_y(-MARGIN * most..=(1.0 + MARGIN) * most);
        for (state, points) in lines {
            let color = color_of(tokens, state);
            // Where it has come to now, which is all there is to see at first.
            if let Some(last) = points.last().copied() {
                let name = format!("{} now", state.word());
                let points = Points::new(name, vec![last]).radius(2.5);
                plot.points(points.color(color).allow_hover(false));
            }
            // Steps, which would be filled between where they are taken for a band.
            let line = Line::new(state.word(), points).allow_band(false);
            plot.line(line.color(color).width(1.5).allow_hover(false));
        }
        if let Some(moment) = moment {
            let line = VLine::new("moment", seconds(moment)).color(tokens.color.text);
            plot.vline(line.width(1.0).allow_hover(false));
        }
    });
    let position = drawn
        .response
        .hover_pos()
        .or(drawn.response.interact_pointer_pos());
    let hovered = position.map(|position| {
        let x = drawn.transform.value_from_position(position).x;
        span.from.saturating_add((x * 1000.0) as i64)
    });
    (drawn.response, hovered)
}

/// Takes the moment that the pointer or the keys say, and tells of the one below the pointer.
fn look(
    ui: &Ui,
    response: Response,
    counts: &QueueCountsModel,
    view: &mut CountsView,
    hovered: Option<i64>,
) -> Response {
    if response.clicked() || response.is_pointer_button_down_on() {
        view.moment = hovered;
        response.request_focus();
    }
    if response.has_focus() {
        let filter = EventFilter {
            horizontal_arrows: true,
            escape: view.moment.is_some(),
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let shown = view.moment.unwrap_or(i64::MAX);
        let samples = counts.samples();
        if pressed(Key::ArrowLeft) {
            let current = samples.partition_point(|sample| sample.at <= shown);
            view.moment = samples.get(current.saturating_sub(2)).map(|sample| sample.at);
        }
        if pressed(Key::ArrowRight) {
            let later = samples.partition_point(|sample| sample.at <= shown);
            view.moment = samples.get(later).map(|sample| sample.at);
        }
        if view.moment.is_some() && pressed(Key::Escape) {
            view.moment = None;
        }
    }
    match hovered.and_then(|at| Some((at, counts.at(at)?))) {
        Some((at, sample)) => {
            response.on_hover_text_at_pointer(format!("{} UTC: {}", format::utc_clock(at), sentence(sample)))
        }
        None => response,
    }
}
