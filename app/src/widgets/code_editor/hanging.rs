//! Lines that are too long for the field go on below their own indentation, not at the left edge.

use std::sync::Arc;

use egui::epaint::text::PlacedRow;
use egui::text::LayoutJob;
use egui::{Galley, Ui, Vec2};

/// Columns that a line goes on further right than it begins.
const COLUMNS: usize = 2;
/// The part of the field's width that is indented at most.
const MOST: f32 = 0.4;

/// How far a line goes on further right, in points.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Hang(f32);

impl Hang {
    /// That of a line, given its beginning, the width of a column and that of the field.
    pub fn of(line: &str, column: f32, width: f32, pixels_per_point: f32) -> Self {
        let spaces = line.bytes().take_while(|byte| *byte == b' ').count();
        let wanted = (spaces + COLUMNS) as f32 * column;
        // Whole pixels, so that no letter is blurred by being moved.
        let pixels = (wanted.min(width * MOST) * pixels_per_point).round();
        Self((pixels / pixels_per_point).max(0.0))
    }

    /// For a hash.
    pub fn to_bits(self) -> u32 {
        self.0.to_bits()
    }

    /// Lays out a line, or what follows of it if it was cut.
    pub fn layout(self, ui: &Ui, mut job: LayoutJob, width: f32, begins_line: bool) -> Arc<Galley> {
        let hang = self.0;
        job.wrap.max_width = width - hang;
        // The first row begins so much further left, and everything is moved right after that.
        if begins_line && let Some(first) = job.sections.first_mut() {
            first.leading_space = -hang;
        }
        let mut galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
        let changed = Arc::make_mut(&mut galley);
        let mut is_first = begins_line;
        for row in &mut changed.rows {
            if std::mem::take(&mut is_first) {
                move_letters(row, hang);
            } else {
                row.pos.x += hang;
            }
            if row.ends_with_newline {
                // What follows is the empty row at the end of the text.
                break;
            }
        }
        galley
    }
}

/// Moves what a row shows within it, so that a selection covers all of it.
fn move_letters(placed: &mut PlacedRow, by: f32) {
    let row = Arc::make_mut(&mut placed.row);
    if row.glyphs.is_empty() {
        return;
    }
    for glyph in &mut row.glyphs {
        glyph.pos.x += by;
    }
    let by = Vec2::new(by, 0.0);
    row.visuals.mesh.translate(by);
    row.visuals.mesh_bounds = row.visuals.mesh_bounds.translate(by);
    row.size.x += by.x;
}
