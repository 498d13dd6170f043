//! What the clients of a database did in each of the last seconds, drawn as bars and lines.

use std::ops::RangeInclusive;

use egui::accesskit::Role;
use egui::{Color32, Rect, Response, Sense, Stroke, Ui, UiBuilder, WidgetInfo, vec2};
use egui_plot::{Bar, BarChart, Line, PlotUi, Points};

use crate::format;
use crate::model::requests::{Kind, Rates, SECONDS, Second};
use crate::theme::{self, Tokens};
use crate::widgets::line_text;
use crate::widgets::still_plot::still_plot;

/// Points of the plots' height, with their titles.
const HEIGHT: f32 = 78.0;
/// Points of a title.
const TITLE: f32 = 18.0;
/// Points between two plots.
const GAP: f32 = 18.0;

/// The colour of a kind, in the plots as in the table.
pub(super) fn color_of(tokens: &Tokens, kind: Kind) -> Color32 {
    match kind {
        Kind::Read => tokens.color.set,
        Kind::Write => tokens.color.arithmetic,
        Kind::Watch => tokens.color.enqueue,
        Kind::Exchange => tokens.color.dim,
        Kind::Extension => tokens.color.check,
        Kind::Other => tokens.color.delete,
    }
}

/// Three plots of the last minute: requests, bytes, durations.
pub(super) fn show(ui: &mut Ui, rates: &mut Rates, now: i64) {
    let tokens = theme::tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    let inner = rect.shrink2(vec2(tokens.size.padding, 6.0));
    let width = (inner.width() - 2.0 * GAP) / 3.0;
    let seconds: Vec<&Second> = rates.until(now).iter().collect();
    let [first, second, third] = [0.0, 1.0, 2.0].map(|index| {
        let left = inner.left() + index * (width + GAP);
        Rect::from_x_y_ranges(left..=left + width, inner.y_range())
    });
    let requests = seconds.iter().map(|second| second.requests);
    bars(
        ui,
        first,
        "Requests/s",
        &requests.collect::<Vec<_>>(),
        format::count,
    );
    let bytes = seconds.iter().map(|second| second.bytes);
    bars(ui, second, "Bytes/s", &bytes.collect::<Vec<_>>(), format::bytes);
    durations(ui, third, &seconds);
    ui.painter().hline(
        rect.x_range(),
        rect.bottom() - 0.5,
        Stroke::new(1.0, tokens.color.line),
    );
}

/// The title at the left, what it comes to at the right, and a line below; where the plot is.
fn frame(ui: &Ui, rect: Rect, title: &str, most: &str) -> Rect {
    let tokens = theme::tokens(ui);
    let head = rect.with_max_y(rect.top() + TITLE);
    let job = line_text::job(most, tokens.small(), tokens.color.dim);
    let galley = line_text::layout(ui.painter(), job, head.width());
    let most = line_text::paint_right(ui.painter(), head, galley);
    let job = line_text::job(title, tokens.small(), tokens.color.dim);
    let room = (most.left() - head.left() - 6.0).max(0.0);
    line_text::paint(ui.painter(), head, line_text::layout(ui.painter(), job, room));
    let plot = rect.with_min_y(head.bottom() + 2.0);
    ui.painter().hline(
        plot.x_range(),
        plot.bottom() - 0.5,
        Stroke::new(1.0, tokens.color.line),
    );
    plot
}

/// Draws a plot of some heights whose seconds stand below those of the others; the second that the pointer is on.
/// It does not move: what it shows is the last minute.
fn plot<'a>(
    ui: &mut Ui,
    rect: Rect,
    name: &str,
    heights: RangeInclusive<f64>,
    draw: impl FnOnce(&mut PlotUi<'a>) + 'a,
) -> (Response, Option<usize>) {
    let minute = ui.scope_id().with("minute");
    let plot =
        still_plot(ui, ("requests", name), rect.size(), Sense::hover()).link_cursor(minute, [true, false]);
    let mut inside = ui.new_child(UiBuilder::new().id_salt(name).max_rect(rect));
    let drawn = plot.show(&mut inside, move |plot| {
        plot.set_plot_bounds_x(0.0..=SECONDS as f64);
        plot.set_plot_bounds_y(heights);
        draw(plot);
    });
    let position = drawn.response.hover_pos();
    let second = position.map(|position| {
        let x = drawn.transform.value_from_position(position).x;
        (x.max(0.0) as usize).min(SECONDS - 1)
    });
    (drawn.response, second)
}

fn ago(second: usize) -> String {
    match SECONDS - 1 - second.min(SECONDS - 1) {
        0 => "this second".to_owned(),
        1 => "1 second ago".to_owned(),
        seconds => format!("{seconds} seconds ago"),
    }
}

fn bars(
    ui: &mut Ui,
    rect: Rect,
    title: &str,
    seconds: &[[u64; Kind::ALL.len()]],
    text: impl Fn(u64) -> String,
) {
    let tokens = theme::tokens(ui);
    let sums = seconds.iter().map(|second| second.iter().sum::<u64>());
    let most = sums.max().unwrap_or_default();
    let rect = frame(ui, rect, title, &format!("max {}", text(most)));
    // A point between two bars.
    let width = 1.0 - f64::from(SECONDS as f32 / rect.width().max(1.0)).min(0.5);
    let mut all = Vec::new();
    for (index, second) in seconds.iter().enumerate() {
        let mut below = 0.0;
        for (kind, number) in with_kinds(second) {
            let bar = Bar::new(index as f64 + width / 2.0, number as f64)
                .base_offset(below)
                .width(width)
                .fill(color_of(tokens, kind))
                .stroke(Stroke::NONE);
            all.push(bar);
            below += number as f64;
        }
    }
    let (response, second) = plot(ui, rect, title, 0.0..=most.max(1) as f64, |plot| {
        plot.bar_chart(BarChart::new(title, all).allow_hover(false));
    });
    let told = format!("{title}, at most {}", text(most));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &told));
    if let Some(second) = second
        && let Some(numbers) = seconds.get(second)
    {
        response.on_hover_ui_at_pointer(|ui| {
            ui.label(ago(second));
            for (kind, number) in with_kinds(numbers) {
                ui.colored_label(
                    color_of(tokens, kind),
                    format!("{} {}", text(number), kind.word()),
                );
            }
        });
    }
}

/// The kinds that there are any of.
fn with_kinds(numbers: &[u64; Kind::ALL.len()]) -> impl Iterator<Item = (Kind, u64)> {
    let kinds = Kind::ALL.into_iter().zip(*numbers);
    kinds.filter(|(_, number)| *number > 0)
}

fn durations(ui: &mut Ui, rect: Rect, seconds: &[&Second]) {
    let tokens = theme::tokens(ui);
    let known = seconds.iter().filter_map(|second| second.percentiles());
    let most = known.map(|(_, last)| last).fold(0.0, f32::max);
    let rect = frame(ui, rect, "50 % and 99 %", &format!("max {}", span(most)));
    let pick = [
        (tokens.color.warning, (|two| two.1) as fn((f32, f32)) -> f32),
        (tokens.color.accent, |two| two.0),
    ];
    let lines = pick.map(|(color, pick)| {
        let points = seconds.iter().enumerate().map(|(index, second)| {
            second
                .percentiles()
                .map(|two| [index as f64 + 0.5, f64::from(pick(two))])
        });
        let points: Vec<Option<[f64; 2]>> = points.collect();
        (color, points)
    });
    // With room for whole points at both ends.
    let height = f64::from(most.max(f32::MIN_POSITIVE));
    let (response, second) = plot(ui, rect, "durations", -0.06 * height..=1.06 * height, |plot| {
        for (color, points) in lines {
            // A second in which nothing was asked parts the line.
            for (number, line) in points.split(Option::is_none).enumerate() {
                let line: Vec<[f64; 2]> = line.iter().flatten().copied().collect();
                if line.is_empty() {
                    continue;
                }
                let name = format!("{color:?} {number}");
                plot.points(
                    Points::new(format!("{name} points"), line.clone())
                        .radius(1.5)
                        .color(color)
                        .allow_hover(false),
                );
                plot.line(Line::new(name, line).color(color).width(1.0).allow_hover(false));
            }
        }
    });
    let told = format!("Duration, at most {}", span(most));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &told));
    if let Some(second) = second
        && let Some((half, most)) = seconds.get(second).and_then(|second| second.percentiles())
    {
        response.on_hover_ui_at_pointer(|ui| {
            ui.label(ago(second));
            ui.colored_label(tokens.color.accent, format!("50 % within {}", span(half)));
            ui.colored_label(tokens.color.warning, format!("99 % within {}", span(most)));
        });
    }
}

/// A duration in seconds, as a person reads it.
pub(super) fn span(seconds: f32) -> String {
    let milliseconds = seconds * 1000.0;
    if milliseconds < 1.0 {
        format!("{:.0} µs", milliseconds * 1000.0)
    } else if milliseconds < 10.0 {
        format!("{milliseconds:.1} ms")
    } else if milliseconds < 1000.0 {
        format!("{milliseconds:.0} ms")
    } else if seconds < 100.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{:.0} min", seconds / 60.0)
    }
}
