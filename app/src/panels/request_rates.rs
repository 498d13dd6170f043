//! What the clients of a database did in each of the last seconds, drawn as bars and lines.

use egui::accesskit::Role;
use egui::{Color32, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::format;
use crate::model::requests::{Kind, Rates, SECONDS, Second};
use crate::theme::{self, Tokens};
use crate::widgets::line_text;

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

/// The second that the pointer is on, and how long ago it is.
fn pointed(ui: &Ui, plot: Rect, name: &str) -> (egui::Response, Option<usize>) {
    let response = ui.interact(plot, ui.scope_id().with(("plot", name)), Sense::hover());
    let position = response.hover_pos();
    let second = position.map(|position| {
        let share = (position.x - plot.left()) / plot.width().max(1.0);
        ((share * SECONDS as f32) as usize).min(SECONDS - 1)
    });
    (response, second)
}

fn ago(second: usize) -> String {
    match SECONDS - 1 - second.min(SECONDS - 1) {
        0 => "this second".to_owned(),
        1 => "1 second ago".to_owned(),
        seconds => format!("{seconds} seconds ago"),
    }
}

fn bars(ui: &Ui, rect: Rect, title: &str, seconds: &[[u64; Kind::ALL.len()]], text: impl Fn(u64) -> String) {
    let tokens = theme::tokens(ui);
    let sums = seconds.iter().map(|second| second.iter().sum::<u64>());
    let most = sums.max().unwrap_or_default();
    let plot = frame(ui, rect, title, &format!("max {}", text(most)));
    let step = plot.width() / SECONDS as f32;
    let mut shapes = Vec::new();
    for (index, second) in seconds.iter().enumerate() {
        let left = plot.left() + index as f32 * step;
        let mut bottom = plot.bottom();
        for (kind, number) in Kind::ALL
            .into_iter()
            .zip(second)
            .filter(|(_, number)| **number > 0)
        {
            let height = *number as f32 / most.max(1) as f32 * plot.height();
            let bar = Rect::from_min_max(
                pos2(left, bottom - height),
                pos2(left + (step - 1.0).max(1.0), bottom),
            );
            shapes.push(Shape::rect_filled(bar, 0.0, color_of(tokens, kind)));
            bottom -= height;
        }
    }
    ui.painter().extend(shapes);
    let (response, second) = pointed(ui, plot, title);
    let told = format!("{title}, at most {}", text(most));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &told));
    if let Some(second) = second
        && let Some(numbers) = seconds.get(second)
    {
        response.on_hover_ui_at_pointer(|ui| {
            ui.label(ago(second));
            for (kind, number) in Kind::ALL
                .into_iter()
                .zip(numbers)
                .filter(|(_, number)| **number > 0)
            {
                ui.colored_label(
                    color_of(tokens, kind),
                    format!("{} {}", text(*number), kind.word()),
                );
            }
        });
    }
}

fn durations(ui: &Ui, rect: Rect, seconds: &[&Second]) {
    let tokens = theme::tokens(ui);
    let known = seconds.iter().filter_map(|second| second.percentiles());
    let most = known.map(|(_, last)| last).fold(0.0, f32::max);
    let plot = frame(ui, rect, "50 % and 99 %", &format!("max {}", span(most)));
    let step = plot.width() / SECONDS as f32;
    for (color, pick) in [
        (
            tokens.color.warning,
            (|two: (f32, f32)| two.1) as fn((f32, f32)) -> f32,
        ),
        (tokens.color.accent, |two| two.0),
    ] {
        let mut line: Vec<Pos2> = Vec::new();
        for (index, second) in seconds.iter().enumerate() {
            if let Some(two) = second.percentiles() {
                let share = pick(two) / most.max(f32::MIN_POSITIVE);
                let x = plot.left() + (index as f32 + 0.5) * step;
                let at = pos2(x, plot.bottom() - 1.0 - share * (plot.height() - 2.0));
                line.push(at);
                ui.painter().circle_filled(at, 1.5, color);
            } else {
                ui.painter()
                    .line(std::mem::take(&mut line), Stroke::new(1.0, color));
            }
        }
        ui.painter().line(line, Stroke::new(1.0, color));
    }
    let (response, second) = pointed(ui, plot, "durations");
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
