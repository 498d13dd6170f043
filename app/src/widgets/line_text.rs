//! Text on one line: laid out, cut to a width with `…`, and painted centred on a row.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Color32, FontId, Galley, Painter, Pos2, Rect};

/// Adds a piece of text in one font and colour.
pub fn append(job: &mut LayoutJob, text: &str, font: &FontId, color: Color32) {
    job.append(text, 0.0, TextFormat::simple(font.clone(), color));
}

/// One piece of text.
#[must_use]
pub fn job(text: &str, font: FontId, color: Color32) -> LayoutJob {
    let mut job = LayoutJob::default();
    append(&mut job, text, &font, color);
    job
}

/// The same text in one colour, as what does not count any more is shown.
#[must_use]
pub fn recoloured(mut job: LayoutJob, color: Color32) -> LayoutJob {
    for section in &mut job.sections {
        section.format.color = color;
    }
    job
}

/// Lays out one line, cut with `…` where it is wider than `max_width` points.
#[must_use]
pub fn layout(painter: &Painter, mut job: LayoutJob, max_width: f32) -> Arc<Galley> {
    job.wrap = TextWrapping {
        max_width: max_width.max(0.0),
        max_rows: 1,
        break_anywhere: true,
        overflow_character: Some('…'),
    };
    job.break_on_newline = false;
    painter.layout_job(job)
}

/// Paints a line at the left of `rect`, centred in its height. Returns what it covers.
pub fn paint(painter: &Painter, rect: Rect, galley: Arc<Galley>) -> Rect {
    paint_at(painter, rect.left(), rect.center().y, galley)
}

/// Paints a line so that it ends at the right of `rect`. Returns what it covers.
pub fn paint_right(painter: &Painter, rect: Rect, galley: Arc<Galley>) -> Rect {
    paint_at(painter, rect.right() - galley.size().x, rect.center().y, galley)
}

/// Paints a line in the middle of `rect`. Returns what it covers.
pub fn paint_centered(painter: &Painter, rect: Rect, galley: Arc<Galley>) -> Rect {
    paint_at(
        painter,
        rect.center().x - galley.size().x / 2.0,
        rect.center().y,
        galley,
    )
}

fn paint_at(painter: &Painter, left: f32, middle: f32, galley: Arc<Galley>) -> Rect {
    let pixel = |value: f32| (value * painter.pixels_per_point()).round() / painter.pixels_per_point();
    let position = Pos2::new(pixel(left), pixel(middle - galley.size().y / 2.0));
    let covered = Rect::from_min_size(position, galley.size());
    // Every section has its own colour.
    painter.galley(position, galley, Color32::PLACEHOLDER);
    covered
}
