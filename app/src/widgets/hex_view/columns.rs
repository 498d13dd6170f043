//! Where offsets, digits and characters stand, and how a row of them is drawn.

use std::ops::Range;

use egui::accesskit::Role;
use egui::text::LayoutJob;
use egui::{Color32, Pos2, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::cursor::HexColumn;
use crate::theme::{self, Tokens};
use crate::widgets::line_text;

/// The cursor as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub at: usize,
    pub selection: Range<usize>,
    pub column: HexColumn,
    pub second_digit: bool,
    pub inserting: bool,
    /// The view has the keyboard's focus and can be edited.
    pub is_active: bool,
}

/// Where everything stands, counted in characters.
pub(super) struct Columns {
    pub per_row: usize,
    /// Digits of the offset.
    digits: usize,
    /// Width of one character, in points.
    char_width: f32,
    padding: f32,
}

impl Columns {
    pub fn fit(ui: &Ui, tokens: &Tokens, length: usize) -> Self {
        let font = tokens.mono();
        let char_width = ui.fonts_mut(|fonts| fonts.glyph_width(&font, '0')).max(1.0);
        let digits = if length > 0x1_0000 { 8 } else { 4 };
        let columns = |per_row| Self {
            per_row,
            digits,
            char_width,
            padding: tokens.size.padding,
        };
        let available = ui.available_width();
        let fits = |columns: &Self| columns.width() <= available;
        [16, 8]
            .into_iter()
            .map(columns)
            .find(fits)
            .unwrap_or_else(|| columns(4))
    }

    /// The character at which a byte's two digits begin.
    fn byte_at(&self, column: usize) -> usize {
        self.digits + 2 + column * 3 + column / 8
    }

    /// The character that shows a byte as text.
    fn text_at(&self, column: usize) -> usize {
        self.byte_at(self.per_row) + 1 + column
    }

    fn width(&self) -> f32 {
        self.text_at(self.per_row) as f32 * self.char_width + 2.0 * self.padding
    }

    fn chars(&self, row: Rect, first: usize, count: usize) -> Rect {
        let left = row.left() + self.padding + first as f32 * self.char_width;
        Rect::from_min_size(
            pos2(left, row.top()),
            vec2(count as f32 * self.char_width, row.height()),
        )
    }

    /// The place in a row that is nearest to the pointer, and in which column that is.
    pub fn place(&self, row: Rect, pointer: Pos2) -> (usize, HexColumn) {
        let text_left = self.chars(row, self.text_at(0), 1).left() - self.char_width;
        let column = if pointer.x >= text_left {
            HexColumn::Text
        } else {
            HexColumn::Digits
        };
        let right = |place: usize| match column {
            HexColumn::Text => self.chars(row, self.text_at(place), 1).right(),
            HexColumn::Digits => self.chars(row, self.byte_at(place), 3).right(),
        };
        let last = self.per_row.saturating_sub(1);
        let place = (0..last).find(|&place| pointer.x < right(place)).unwrap_or(last);
        (place, column)
    }

    /// Draws a row, which can be clicked and dragged over.
    pub fn draw_row(
        &self,
        ui: &Ui,
        tokens: &Tokens,
        rect: Rect,
        start: usize,
        bytes: &[u8],
        mark: Option<&Mark>,
    ) -> Response {
        let font = tokens.mono();
        let mut job = LayoutJob::default();
        let digits = self.digits;
        line_text::append(&mut job, &format!("{start:0digits$x}  "), &font, tokens.color.dim);
        let mut text = LayoutJob::default();
        for (place, byte) in bytes.iter().enumerate() {
            if place > 0 && place % 8 == 0 {
                line_text::append(&mut job, " ", &font, tokens.color.dim);
            }
            let color = byte_color(tokens, *byte);
            line_text::append(&mut job, &format!("{byte:02x} "), &font, color);
            let shown = if is_printable(*byte) {
                char::from(*byte)
            } else {
                '.'
            };
            line_text::append(&mut text, shown.encode_utf8(&mut [0; 4]), &font, color);
        }
        let response = ui.interact(rect, ui.scope_id().with(start), Sense::CLICK | Sense::DRAG);
        response.widget_info(|| {
            let spoken = job.text.trim_end().to_owned() + "  " + &text.text;
            WidgetInfo::labeled(Role::Row, ui.is_enabled(), spoken)
        });
        if let Some(mark) = mark {
            self.draw_mark(ui, tokens, rect, start, mark);
        }
        let galley = line_text::layout(ui.painter(), job, f32::INFINITY);
        line_text::paint(ui.painter(), self.chars(rect, 0, 1), galley);
        let galley = line_text::layout(ui.painter(), text, f32::INFINITY);
        line_text::paint(ui.painter(), self.chars(rect, self.text_at(0), 1), galley);
        response
    }

    /// The selection, and a frame about what the next key changes.
    fn draw_mark(&self, ui: &Ui, tokens: &Tokens, row: Rect, start: usize, mark: &Mark) {
        let radius = tokens.size.radius_small - 1.0;
        let end = start + self.per_row;
        let first = mark.selection.start.max(start);
        let last = mark.selection.end.min(end);
        if first < last {
            let (first, last) = (first - start, last - start - 1);
            for (from, to) in [
                (
                    self.chars(row, self.byte_at(first), 2),
                    self.chars(row, self.byte_at(last), 2),
                ),
                (
                    self.chars(row, self.text_at(first), 1),
                    self.chars(row, self.text_at(last), 1),
                ),
            ] {
                let rect = from.union(to).expand2(vec2(2.0, -2.0));
                ui.painter().rect_filled(rect, radius, tokens.color.selection);
            }
        }
        if !mark.is_active || !(start..end).contains(&mark.at) {
            return;
        }
        let place = mark.at - start;
        let rect = match (mark.column, mark.second_digit) {
            (HexColumn::Text, _) => self.chars(row, self.text_at(place), 1),
            (HexColumn::Digits, false) => self.chars(row, self.byte_at(place), 2),
            (HexColumn::Digits, true) => self.chars(row, self.byte_at(place) + 1, 1),
        };
        let rect = rect.expand2(vec2(1.5, -2.0));
        let stroke = Stroke::new(1.5, tokens.color.accent);
        if mark.inserting && !mark.second_digit {
            ui.painter().vline(rect.left(), rect.y_range(), stroke);
        } else {
            ui.painter().rect_stroke(rect, radius, stroke, StrokeKind::Inside);
        }
    }
}

fn is_printable(byte: u8) -> bool {
    byte.is_ascii_graphic() || byte == b' '
}

fn byte_color(tokens: &Tokens, byte: u8) -> Color32 {
    match byte {
        0 => tokens.color.faint,
        _ if is_printable(byte) => tokens.color.text,
        _ => tokens.color.bytes,
    }
}

/// What is under the cursor and how typing works, below the bytes. True if the mode shall change.
pub(super) fn status_line(ui: &mut Ui, mark: &Mark, length: usize) -> bool {
    let tokens = theme::tokens(ui);
    let dim = |text: String| {
        egui::RichText::new(text)
            .font(tokens.small())
            .color(tokens.color.dim)
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        let mode = if mark.inserting { "Insert" } else { "Overwrite" };
        let button = ui
            .add(crate::widgets::button::link_button(mode).small())
            .on_hover_text("Whether typing makes room or overwrites (Insert)");
        let selected = mark.selection.len();
        let what = if selected > 1 {
            format!("{selected} of {length} bytes selected")
        } else if mark.at >= length {
            format!("at the end of {length} bytes")
        } else {
            format!("byte {} (0x{:x}) of {length}", mark.at, mark.at)
        };
        ui.label(dim(what));
        button.clicked()
    })
    .inner
}
