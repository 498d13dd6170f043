//! How many changes the timeline has over its time, as bars to scrub by.

use egui::accesskit::Role;
use egui::{Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::format;
use crate::model::watch::{ChangeRates, WatchModel};
use crate::theme;
use crate::widgets::line_text;

/// Points of the plot's height.
const HEIGHT: f32 = 40.0;
/// Points of the words beside it.
const WORDS: f32 = 110.0;
/// Points of a bar at most.
const WIDEST_BAR: f32 = 12.0;

/// The bars as they were counted last.
#[derive(Debug, Default)]
pub(super) struct RatesView {
    rates: ChangeRates,
    /// Of which edition of which timeline.
    counted: Option<(bool, u64)>,
}

/// Draws the plot. The number of the row to scroll to, if the pointer scrubs.
pub(super) fn show(ui: &mut Ui, watch: &WatchModel, view: &mut RatesView) -> Option<u64> {
    let tokens = theme::tokens(ui);
    let edition = (watch.recording().is_some(), watch.timeline().revision());
    if view.counted != Some(edition) {
        view.rates = ChangeRates::of(watch.timeline());
        view.counted = Some(edition);
    }
    let rates = &view.rates;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    ui.painter().hline(
        rect.x_range(),
        rect.bottom() - 0.5,
        Stroke::new(1.0, tokens.color.line),
    );
    let inner = rect.shrink2(vec2(tokens.size.padding, 5.0));
    let words = inner.with_max_x(inner.left() + WORDS);
    let plot = inner.with_min_x(words.right());
    let most = rates.most();
    let stretch = match rates.step {
        ..=1000 => "a second".to_owned(),
        step => format!("in {}", format::short_span(step)),
    };
    for (text, half) in [
        ("Changes, at most".to_owned(), words.with_max_y(words.center().y)),
        (
            format!("{} {stretch}", format::count(most)),
            words.with_min_y(words.center().y),
        ),
    ] {
        let job = line_text::job(&text, tokens.small(), tokens.color.dim);
        let galley = line_text::layout(ui.painter(), job, half.width() - 6.0);
        line_text::paint(ui.painter(), half, galley);
    }
    let step = (plot.width() / rates.bars.len().max(1) as f32).min(WIDEST_BAR);
    let shapes = rates
        .bars
        .iter()
        .enumerate()
        .filter(|(_, (changes, _))| *changes > 0);
    let shapes: Vec<Shape> = shapes
        .map(|(index, (changes, _))| {
            let left = plot.left() + index as f32 * step;
            let height = (*changes as f32 / most.max(1) as f32 * plot.height()).max(1.0);
            let bar = Rect::from_min_max(
                pos2(left, plot.bottom() - height),
                pos2(left + (step - 1.0).max(1.0), plot.bottom()),
            );
            Shape::rect_filled(bar, 0.0, tokens.color.set)
        })
        .collect();
    ui.painter().extend(shapes);
    let response = ui.interact(
        plot,
        ui.scope_id().with("changes over time"),
        Sense::CLICK | Sense::DRAG,
    );
    let told = format!("Changes over time, at most {} {stretch}", format::count(most));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &told));
    let position = response.hover_pos().or(response.interact_pointer_pos())?;
    let bar = ((position.x - plot.left()) / step.max(1.0)).max(0.0) as usize;
    let bar = bar.min(rates.bars.len().saturating_sub(1));
    let (changes, row) = rates.bars.get(bar).copied()?;
    let left = plot.left() + (bar as f32 + 0.5) * step;
    ui.painter()
        .vline(left, plot.y_range(), Stroke::new(1.0, tokens.color.accent));
    // The next bar that has rows.
    let target = row.or_else(|| rates.bars.get(bar..)?.iter().find_map(|(_, row)| *row));
    let is_scrubbing = response.clicked() || response.is_pointer_button_down_on();
    let at = format::utc_time(
        rates
            .begins_at
            .saturating_add(rates.step.saturating_mul(bar as i64)),
    );
    response.on_hover_text_at_pointer(format!(
        "{at} UTC: {}",
        format::counted(changes, "change", "changes")
    ));
    target.filter(|_| is_scrubbing)
}
