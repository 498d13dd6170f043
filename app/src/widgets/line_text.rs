//! Text on one line: laid out, cut to a width with `…`, and painted centred on a row.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Color32, FontId, Galley, Painter, Pos2, Rect};

/// Characters that a line holds at least that shows the end of a longer text, too.
const LEAST_WITH_END: usize = 16;

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

/// Lays out one line of equally wide characters; one that is wider than `max_width` points loses its middle, because the
/// ends of keys tell them apart.
#[must_use]
pub fn layout_keeping_end(painter: &Painter, job: LayoutJob, max_width: f32) -> Arc<Galley> {
    let full = layout(painter, job.clone(), f32::INFINITY).size().x;
    if full <= max_width {
        return layout(painter, job, max_width);
    }
    let characters = job.text.chars().count();
    let fitting = (characters as f32 * max_width / full).floor() as usize;
    if fitting < LEAST_WITH_END {
        return layout(painter, job, max_width);
    }
    let end = fitting / 3;
    layout(painter, without_middle(&job, fitting - end - 1, end), max_width)
}

/// The first and the last characters of a text, with `…` between.
fn without_middle(job: &LayoutJob, first: usize, last: usize) -> LayoutJob {
    let place = |character: usize| {
        let mut places = job.text.char_indices().map(|(at, _)| at);
        places.nth(character).unwrap_or(job.text.len())
    };
    let skipped = place(first)..place(job.text.chars().count().saturating_sub(last));
    let mut shortened = LayoutJob::default();
    for section in &job.sections {
        let bytes = section.byte_range.start.0..section.byte_range.end.0;
        let before = bytes.start..bytes.end.min(skipped.start);
        let behind = bytes.start.max(skipped.end)..bytes.end;
        let mut text = job.text.get(before).unwrap_or_default().to_owned();
        if bytes.contains(&skipped.start) {
            text.push('…');
        }
        text.push_str(job.text.get(behind).unwrap_or_default());
        if !text.is_empty() {
            shortened.append(&text, 0.0, section.format.clone());
        }
    }
    shortened
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_its_middle_keeps_the_colours_of_its_ends() {
        let font = FontId::monospace(12.0);
        let mut two = job("\"audit\" ", font.clone(), Color32::RED);
        append(&mut two, "\"00é000100000\"", &font, Color32::GREEN);
        let cut = without_middle(&two, 11, 4);
        assert_eq!(cut.text, "\"audit\" \"00…000\"");
        let colors: Vec<_> = cut.sections.iter().map(|section| section.format.color).collect();
        assert_eq!(colors, [Color32::RED, Color32::GREEN]);
        assert_eq!(without_middle(&two, 3, 2).text, "\"au…0\"");
        assert_eq!(without_middle(&two, 12, 3).text, "\"audit\" \"00é…00\"");
    }
}
