//! An editor of JavaScript literals: highlighted, with line numbers and errors marked where they are.

mod error_message;
mod hanging;
mod layout;

use std::ops::Range;
use std::sync::Arc;

use egui::TextBuffer;
use egui::text::CCursor;
use egui::{
    Frame, Galley, Id, Margin, Pos2, Rect, Response, ScrollArea, Stroke, StrokeKind, TextEdit, Ui, pos2, vec2,
};
use keyglass_store::value::literal::LiteralError;

use crate::theme::{self, Tokens};
use crate::widgets::line_text;
use error_message::ErrorMessage;
pub use layout::highlight_job;
use layout::{Progress, TextLayout};

/// Space between the text and the right edge, in points.
const RIGHT_MARGIN: f32 = 8.0;

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeError {
    /// Where, in bytes. May be empty.
    pub at: Range<usize>,
    /// What, as a sentence.
    pub message: String,
}

impl From<&LiteralError> for CodeError {
    fn from(error: &LiteralError) -> Self {
        Self {
            at: error.offset..error.offset.saturating_add(error.length),
            message: error.to_string(),
        }
    }
}

/// An editor of a literal.
#[must_use = "show it"]
pub struct CodeEditor<'a> {
    text: &'a mut dyn TextBuffer,
    name: &'a str,
    error: Option<&'a CodeError>,
    id: Option<Id>,
    plain: bool,
}

impl<'a> CodeEditor<'a> {
    /// An editor of `text`, or a viewer if it is a `&str`; `name` is what a screen reader says.
    pub fn new(text: &'a mut dyn TextBuffer, name: &'a str) -> Self {
        Self {
            text,
            name,
            error: None,
            id: None,
            plain: false,
        }
    }

    /// Marks what is wrong and says so below.
    pub fn error(mut self, error: Option<&'a CodeError>) -> Self {
        self.error = error;
        self
    }

    /// In one colour: the text is no code.
    pub fn plain(mut self) -> Self {
        self.plain = true;
        self
    }

    /// Its id, to request the focus from elsewhere.
    pub fn id(mut self, id: Id) -> Self {
        self.id = Some(id);
        self
    }

    /// Fills the available space. The response is changed when the text was.
    pub fn show(self, ui: &mut Ui) -> Response {
        let tokens = theme::tokens(ui);
        let id = self.id.unwrap_or_else(|| ui.make_persistent_id(self.name));
        let (error, name) = (self.error, self.name);
        let area = ui.available_rect_before_wrap();
        let message_height = error.map_or(0.0, |error| ErrorMessage::height(ui, tokens, error, area));
        let field = area.with_max_y((area.bottom() - message_height).max(area.top() + 40.0));
        ui.painter()
            .rect_filled(field, tokens.size.radius, tokens.color.field);
        let response = ui
            .scope_builder(egui::UiBuilder::new().max_rect(field), |ui| {
                ui.shrink_clip_rect(field.shrink(1.0));
                ScrollArea::vertical()
                    .id_salt(self.name)
                    .auto_shrink([false, false])
                    .show(ui, |ui| self.text_ui(ui, id, field.height()))
                    .inner
            })
            .inner;
        let stroke = if error.is_some() {
            Stroke::new(1.0, tokens.color.bad)
        } else if response.has_focus() {
            Stroke::new(1.0, tokens.color.accent)
        } else {
            Stroke::new(1.0, tokens.color.line)
        };
        ui.painter()
            .rect_stroke(field, tokens.size.radius, stroke, StrokeKind::Inside);
        if let Some(error) = error {
            let place = area.with_min_y(field.bottom());
            ErrorMessage::show(ui, tokens, error, name, place);
        }
        response
    }

    fn text_ui(self, ui: &mut Ui, id: Id, height: f32) -> Response {
        let tokens = theme::tokens(ui);
        let Self {
            text,
            name,
            error,
            plain,
            ..
        } = self;
        let font = tokens.mono();
        let char_width = ui.fonts_mut(|fonts| fonts.glyph_width(&font, '0'));
        let lines = text.as_str().bytes().filter(|byte| *byte == b'\n').count() + 1;
        let digits = lines.ilog10() as f32 + 1.0;
        let gutter = (digits.max(2.0) * char_width + 18.0).ceil();
        let layout = TextLayout::of(ui, id.with("layout"));
        let space = ui.available_width() - gutter - RIGHT_MARGIN;
        if let Progress::Partial(galley) = layout.prepare(ui, tokens, text.as_str(), plain, space) {
            return beginning(ui, tokens, &galley, gutter, name);
        }
        let mut layouter = |ui: &Ui, text: &dyn TextBuffer, width: f32| {
            layout.galley(ui, tokens, text.as_str(), plain, (space, width))
        };
        let frame = Frame::NONE.inner_margin(Margin {
            left: gutter as i8,
            right: RIGHT_MARGIN as i8,
            top: 6,
            bottom: 6,
        });
        let output = TextEdit::multiline(text)
            .id(id)
            .code_editor()
            .frame(frame)
            .desired_width(f32::INFINITY)
            .min_size(vec2(0.0, height - 2.0))
            .layouter(&mut layouter)
            .show(ui);
        let response = output.response.response.accessible_name(name);
        line_numbers(ui, tokens, &output.galley, output.galley_pos, gutter);
        if let Some(error) = error {
            underline(ui, tokens, &output.galley, output.galley_pos, &error.at);
        }
        response
    }
}

/// The beginning of a long text, for the few frames until all of it is laid out.
fn beginning(ui: &mut Ui, tokens: &Tokens, galley: &Arc<Galley>, gutter: f32, name: &str) -> Response {
    let size = vec2(ui.available_width(), galley.size().y + 12.0);
    let (rect, response) = ui.allocate_exact_size(size, egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Label, false, name));
    let at = rect.min + vec2(gutter, 6.0);
    ui.painter().galley(at, Arc::clone(galley), tokens.color.text);
    line_numbers(ui, tokens, galley, at, gutter);
    response
}

fn line_numbers(ui: &Ui, tokens: &Tokens, galley: &Galley, at: Pos2, gutter: f32) {
    let clip = ui.clip_rect();
    let mut number = 1;
    let mut begins_line = true;
    for row in &galley.rows {
        let rect = row.rect().translate(at.to_vec2());
        if begins_line && rect.bottom() > clip.top() && rect.top() < clip.bottom() {
            let job = line_text::job(&number.to_string(), tokens.mono(), tokens.color.faint);
            let text = line_text::layout(ui.painter(), job, f32::INFINITY);
            let gutter =
                Rect::from_min_max(pos2(at.x - gutter, rect.top()), pos2(at.x - 10.0, rect.bottom()));
            line_text::paint_right(ui.painter(), gutter, text);
        }
        begins_line = row.ends_with_newline;
        if begins_line {
            number += 1;
        }
    }
}

fn underline(ui: &Ui, tokens: &Tokens, galley: &Galley, at: Pos2, range: &Range<usize>) {
    let text = galley.text();
    let chars = |bytes: usize| {
        let end = (0..=bytes.min(text.len()))
            .rev()
            .find(|&end| text.is_char_boundary(end));
        text.get(..end.unwrap_or(0)).unwrap_or_default().chars().count()
    };
    let (start, end) = (chars(range.start), chars(range.end).max(chars(range.start) + 1));
    let first = galley
        .pos_from_cursor(CCursor::new(start))
        .translate(at.to_vec2());
    let last = galley.pos_from_cursor(CCursor::new(end)).translate(at.to_vec2());
    let stroke = Stroke::new(1.5, tokens.color.bad);
    let right = if (last.top() - first.top()).abs() < 1.0 {
        last.left().max(first.left() + 6.0)
    } else {
        galley.rect.right() + at.x
    };
    ui.painter()
        .hline(first.left()..=right, first.bottom() - 1.0, stroke);
}
