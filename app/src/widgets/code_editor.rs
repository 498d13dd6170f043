//! An editor of JavaScript literals: highlighted, with line numbers and errors marked where they are.

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use egui::TextBuffer;
use egui::text::{CCursor, LayoutJob};
use egui::{
    Frame, Galley, Id, Margin, Pos2, Rect, Response, RichText, ScrollArea, Stroke, StrokeKind, TextEdit, Ui,
    pos2, vec2,
};
use keyglass_store::value::literal::{LiteralError, Span, highlight};

use crate::theme::{self, Tokens, icons};
use crate::widgets::line_text;
use crate::widgets::preview_text::{SpanKind, span_color};

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
        let error = self.error;
        let message_height = if error.is_some() { 26.0 } else { 0.0 };
        let area = ui.available_rect_before_wrap();
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
            error_line(ui, tokens, error);
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
        let memory = id.with("highlighted");
        let mut layouter = |ui: &Ui, text: &dyn TextBuffer, width: f32| {
            highlighted(ui, memory, tokens, text.as_str(), plain, width)
        };
        let frame = Frame::NONE.inner_margin(Margin {
            left: gutter as i8,
            right: 8,
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

/// A laid out text and what it was made from.
#[derive(Clone)]
struct Highlighted {
    text: u64,
    width: u32,
    dark: bool,
    pixels_per_point: u32,
    /// How full the font atlas was. A smaller value later means that egui began a new one.
    atlas: f32,
    galley: Arc<Galley>,
}

static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// The galley of a text, made again only when text, width, theme or scale change: highlighting 64 KiB and
/// laying it out takes many frames' time.
fn highlighted(ui: &Ui, id: Id, tokens: &Tokens, text: &str, plain: bool, width: f32) -> Arc<Galley> {
    let atlas = ui.fonts(|fonts| fonts.font_atlas_fill_ratio());
    let hash = HASHER.hash_one(text);
    let known: Option<Highlighted> = ui.data(|data| data.get_temp(id));
    if let Some(known) = known
        && known.text == hash
        && known.width == width.to_bits()
        && known.dark == tokens.dark
        && known.pixels_per_point == ui.pixels_per_point().to_bits()
        && known.atlas <= atlas
    {
        return known.galley;
    }
    let spans = if plain { Vec::new() } else { highlight(text) };
    let mut job = highlight_job(tokens, text, &spans);
    job.wrap.max_width = width;
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let new = Highlighted {
        text: hash,
        width: width.to_bits(),
        dark: tokens.dark,
        pixels_per_point: ui.pixels_per_point().to_bits(),
        atlas: ui.fonts(|fonts| fonts.font_atlas_fill_ratio()),
        galley: Arc::clone(&galley),
    };
    ui.data_mut(|data| data.insert_temp(id, new));
    galley
}

/// The whole text with its coloured ranges.
#[must_use]
pub fn highlight_job(tokens: &Tokens, text: &str, spans: &[Span]) -> LayoutJob {
    let font = tokens.mono();
    let mut job = LayoutJob::default();
    let mut end = 0;
    let mut add = |range: Range<usize>, kind| {
        let piece = text.get(range).unwrap_or_default();
        line_text::append(&mut job, piece, &font, span_color(tokens, kind));
    };
    for Span { kind, range } in spans {
        if range.start < end || text.get(range.clone()).is_none() {
            continue;
        }
        if range.start > end {
            add(end..range.start, SpanKind::Plain);
        }
        add(range.clone(), *kind);
        end = range.end;
    }
    if end < text.len() {
        add(end..text.len(), SpanKind::Plain);
    }
    job
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

fn error_line(ui: &mut Ui, tokens: &Tokens, error: &CodeError) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.label(
            RichText::new(icons::ERROR)
                .font(tokens.icon())
                .color(tokens.color.bad),
        );
        let message = RichText::new(&error.message).color(tokens.color.bad);
        ui.add(egui::Label::new(message).truncate());
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_the_text_is_drawn_once_whatever_the_spans_are() {
        let tokens = Tokens::of(true);
        let text = "{a: \"ß\"} // x";
        let spans = [
            (SpanKind::Property, 1..2),
            (SpanKind::String, 4..8),
            (SpanKind::Error, 5..6),
            (SpanKind::Error, 90..91),
            (SpanKind::Comment, 10..14),
        ];
        let spans = spans.map(|(kind, range)| Span { range, kind });
        let job = highlight_job(tokens, text, &spans);
        assert_eq!(job.text, text);
        let colors: Vec<_> = job.sections.iter().map(|section| section.format.color).collect();
        let (plain, dim) = (tokens.color.text, tokens.color.dim);
        assert_eq!(
            colors,
            [
                plain,
                tokens.color.property,
                plain,
                tokens.color.string,
                plain,
                dim
            ]
        );
    }
}
