//! Bytes as hexadecimal and ASCII, any number of them, with one selected byte that can be overwritten.

use egui::accesskit::Role;
use egui::text::LayoutJob;
use egui::{Color32, Event, Key, Modifiers, Rect, Response, Sense, Ui, pos2, vec2};

use crate::theme::{self, Tokens};
use crate::widgets::line_text;
use crate::widgets::row_scroller::{RowAlign, RowScroller, ScrollPosition, row_after_keys};

/// What a person did to a hexadecimal view. The caller keeps it.
#[derive(Debug, Clone, Default)]
pub struct HexViewState {
    selected: Option<usize>,
    /// Whether the selected byte must be brought into view.
    reveal: bool,
    scroll: ScrollPosition,
    /// The first digit of a byte being overwritten.
    digit: Option<u8>,
}

/// Shows bytes.
#[must_use = "show it"]
pub struct HexView<'a> {
    state: &'a mut HexViewState,
    name: &'a str,
    bytes: &'a [u8],
    editable: bool,
}

/// What a hexadecimal view did.
pub struct HexViewOutput {
    /// The area.
    pub response: Response,
    /// A byte to overwrite: where, and with what.
    pub edited: Option<(usize, u8)>,
}

impl<'a> HexView<'a> {
    /// Shows `bytes`; `name` is what a screen reader says.
    pub fn new(state: &'a mut HexViewState, name: &'a str, bytes: &'a [u8]) -> Self {
        Self {
            state,
            name,
            bytes,
            editable: false,
        }
    }

    /// Whether typed hexadecimal digits overwrite the selected byte.
    pub fn editable(mut self, editable: bool) -> Self {
        self.editable = editable;
        self
    }

    /// Fills the available space.
    pub fn show(self, ui: &mut Ui) -> HexViewOutput {
        let tokens = theme::tokens(ui);
        let columns = Columns::fit(ui, tokens, self.bytes.len());
        let rows = self.bytes.len().div_ceil(columns.per_row) as u64;
        let selected = self.state.selected.filter(|&offset| offset < self.bytes.len());
        let mut clicked = None;
        if let Some(offset) = selected.filter(|_| std::mem::take(&mut self.state.reveal)) {
            let row = (offset / columns.per_row) as u64;
            self.state.scroll.scroll_to_row(row, RowAlign::Nearest);
        }
        let scroller =
            RowScroller::new(&mut self.state.scroll, self.name, rows, tokens.size.value_row).role(Role::Grid);
        let output = scroller.show(ui, |ui, row, rect| {
            let start = row as usize * columns.per_row;
            let rest = self.bytes.get(start..).unwrap_or_default();
            let bytes = rest.get(..columns.per_row.min(rest.len())).unwrap_or_default();
            if let Some(column) = columns.draw_row(ui, tokens, rect, start, bytes, selected) {
                clicked = Some(start + column);
            }
        });
        if let Some(offset) = clicked {
            self.state.select(offset);
            output.response.request_focus();
        }
        let step = columns.per_row as u64;
        let row = selected.map(|offset| offset as u64 / step);
        let mut target = None;
        if output.response.has_focus() && !self.bytes.is_empty() {
            let side = ui.input_mut(|input| {
                input.count_and_consume_key(Modifiers::NONE, Key::ArrowRight) as i64
                    - input.count_and_consume_key(Modifiers::NONE, Key::ArrowLeft) as i64
            });
            if side != 0 {
                let offset = selected.unwrap_or(0) as i64 + side;
                target = Some(offset.clamp(0, self.bytes.len() as i64 - 1) as usize);
            }
        }
        if let Some(next) = row_after_keys(ui, &output.response, row, rows, output.page) {
            let column = selected.unwrap_or(0) % columns.per_row;
            target = Some((next as usize * columns.per_row + column).min(self.bytes.len() - 1));
        }
        if let Some(offset) = target {
            self.state.selected = Some(offset);
            self.state.digit = None;
            self.state
                .scroll
                .scroll_to_row(offset as u64 / step, RowAlign::Nearest);
        }
        let edited = match selected {
            Some(offset) if self.editable && output.response.has_focus() => {
                self.state.typed(ui, offset, self.bytes.len())
            }
            _ => None,
        };
        HexViewOutput {
            response: output.response,
            edited,
        }
    }
}

impl HexViewState {
    /// The selected byte.
    #[must_use]
    pub fn selected(&self) -> Option<usize> {
        self.selected
    }

    /// Selects a byte and brings it into view.
    pub fn select(&mut self, offset: usize) {
        self.selected = Some(offset);
        self.digit = None;
        self.reveal = true;
    }

    /// Two digits make a byte; then the next byte is selected.
    fn typed(&mut self, ui: &Ui, offset: usize, length: usize) -> Option<(usize, u8)> {
        let text: String = ui.input(|input| {
            let typed = input.events.iter().filter_map(|event| match event {
                Event::Text(text) => Some(text.as_str()),
                _ => None,
            });
            typed.collect()
        });
        let digit = text.chars().find_map(|char| char.to_digit(16))? as u8;
        match self.digit.take() {
            None => {
                self.digit = Some(digit);
                None
            }
            Some(high) => {
                self.select((offset + 1).min(length - 1));
                Some((offset, high * 16 + digit))
            }
        }
    }
}

/// Where everything stands, counted in characters.
struct Columns {
    per_row: usize,
    /// Digits of the offset.
    digits: usize,
    /// Width of one character, in points.
    char_width: f32,
    padding: f32,
}

impl Columns {
    fn fit(ui: &Ui, tokens: &Tokens, length: usize) -> Self {
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

    /// Draws a row. Returns the column that was clicked.
    fn draw_row(
        &self,
        ui: &Ui,
        tokens: &Tokens,
        rect: Rect,
        start: usize,
        bytes: &[u8],
        selected: Option<usize>,
    ) -> Option<usize> {
        let font = tokens.mono();
        let mut job = LayoutJob::default();
        let digits = self.digits;
        line_text::append(&mut job, &format!("{start:0digits$x}  "), &font, tokens.color.dim);
        let mut text = LayoutJob::default();
        for column in 0..self.per_row {
            if column > 0 && column % 8 == 0 {
                line_text::append(&mut job, " ", &font, tokens.color.dim);
            }
            let Some(byte) = bytes.get(column) else {
                line_text::append(&mut job, "   ", &font, tokens.color.dim);
                continue;
            };
            let color = byte_color(tokens, *byte);
            line_text::append(&mut job, &format!("{byte:02x} "), &font, color);
            let shown = if is_printable(*byte) {
                char::from(*byte)
            } else {
                '.'
            };
            line_text::append(&mut text, shown.encode_utf8(&mut [0; 4]), &font, color);
        }
        let response = ui.interact(rect, ui.scope_id().with(start), Sense::click());
        response.widget_info(|| {
            let spoken = job.text.trim_end().to_owned() + "  " + &text.text;
            egui::WidgetInfo::labeled(Role::Row, ui.is_enabled(), spoken)
        });
        if let Some(column) = selected.and_then(|offset| offset.checked_sub(start))
            && column < bytes.len()
        {
            for rect in [
                self.chars(rect, self.byte_at(column), 2).expand2(vec2(2.0, -2.0)),
                self.chars(rect, self.text_at(column), 1).expand2(vec2(1.0, -2.0)),
            ] {
                ui.painter()
                    .rect_filled(rect, tokens.size.radius_small - 1.0, tokens.color.selection);
            }
        }
        let galley = line_text::layout(ui.painter(), job, f32::INFINITY);
        line_text::paint(ui.painter(), self.chars(rect, 0, 1), galley);
        let galley = line_text::layout(ui.painter(), text, f32::INFINITY);
        line_text::paint(ui.painter(), self.chars(rect, self.text_at(0), 1), galley);
        if !response.clicked() {
            return None;
        }
        let pointer = response.interact_pointer_pos()?;
        (0..bytes.len()).find(|&column| {
            let byte = self.chars(rect, self.byte_at(column), 3);
            let text = self.chars(rect, self.text_at(column), 1);
            byte.x_range().contains(pointer.x) || text.x_range().contains(pointer.x)
        })
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
