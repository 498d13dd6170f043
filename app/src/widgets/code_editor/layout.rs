//! Laying out a long text again after each key, fast: a text is cut into pieces, and only pieces that have changed
//! are laid out. egui does the same by lines, but forgets them after a frame without a change, and takes long for a
//! long line.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash as _, Hasher as _, RandomState};
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use egui::text::{ByteIndex, LayoutJob};
use egui::{Galley, Id, Ui};
use keyglass_store::value::literal::{Span, highlight};

use super::hanging::Hang;
use crate::theme::Tokens;
use crate::widgets::line_text;
use crate::widgets::preview_text::{SpanKind, span_color};

/// Bytes after which a line is cut where words end.
const PIECE: usize = 512;
/// Bytes after which a line is cut wherever it may be.
const LONGEST_PIECE: usize = 2048;
/// What is laid out in one frame before a text is shown for the first time: so many bytes, but that a change of
/// colour takes as long as many bytes.
const BYTES_A_FRAME: usize = 48 * 1024;
/// Bytes that can be laid out while one change of colour is.
const COLOUR_BYTES: usize = 40;
/// A text of so many bytes is laid out at once.
const SHORT_TEXT: usize = 1024;

static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// What a laid out text depends on beside the text itself.
#[derive(Clone, Copy, PartialEq)]
struct Surroundings {
    width: f32,
    dark: bool,
    pixels_per_point: f32,
    plain: bool,
}

/// The pieces of a text and the whole.
#[derive(Default)]
struct Known {
    surroundings: Option<Surroundings>,
    /// How full the font atlas was. A smaller value later means that egui began a new one.
    atlas: f32,
    pieces: HashMap<u64, Arc<Galley>>,
    whole: Option<(u64, Arc<Galley>)>,
    /// The space that the field had, and the width that it then wrapped its text at.
    widths: Option<(f32, f32)>,
}

/// The layout of one text field, kept between frames.
#[derive(Clone, Default)]
pub(super) struct TextLayout(Arc<Mutex<Known>>);

/// What is laid out so far.
pub(super) enum Progress {
    /// Everything.
    Complete,
    /// A beginning.
    Partial(Arc<Galley>),
}

impl TextLayout {
    /// The layout that a field keeps under `id`.
    pub fn of(ui: &Ui, id: Id) -> Self {
        ui.data_mut(|data| data.get_temp_mut_or_default::<Self>(id).clone())
    }

    /// The galley of a text; pieces that are known are not laid out again.
    pub fn galley(
        &self,
        ui: &Ui,
        tokens: &Tokens,
        text: &str,
        plain: bool,
        (space, width): (f32, f32),
    ) -> Arc<Galley> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.widths = Some((space, width));
        known.settle(ui, tokens, plain, width);
        let hash = HASHER.hash_one(text);
        if let Some((of, galley)) = &known.whole
            && *of == hash
        {
            return Arc::clone(galley);
        }
        let (galley, _) = known.lay_out(ui, tokens, text, usize::MAX);
        known.whole = Some((hash, Arc::clone(&galley)));
        galley
    }

    /// Lays out so much of a text as a frame has time for.
    ///
    /// `space` is what the field has, in points.
    pub fn prepare(&self, ui: &Ui, tokens: &Tokens, text: &str, plain: bool, space: f32) -> Progress {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hash = HASHER.hash_one(text);
        // What was typed is laid out already.
        if text.len() <= SHORT_TEXT || known.whole.as_ref().is_some_and(|(of, _)| *of == hash) {
            return Progress::Complete;
        }
        let width = match known.widths {
            Some((of, width)) if of == space => width,
            _ => space,
        };
        known.settle(ui, tokens, plain, width);
        let (galley, is_complete) = known.lay_out(ui, tokens, text, BYTES_A_FRAME);
        if is_complete {
            known.whole = Some((hash, galley));
            Progress::Complete
        } else {
            ui.ctx().request_repaint();
            Progress::Partial(galley)
        }
    }
}

impl Known {
    /// Forgets what was laid out for other surroundings.
    fn settle(&mut self, ui: &Ui, tokens: &Tokens, plain: bool, width: f32) {
        let surroundings = Surroundings {
            width,
            dark: tokens.dark,
            pixels_per_point: ui.pixels_per_point(),
            plain,
        };
        let atlas = ui.fonts(|fonts| fonts.font_atlas_fill_ratio());
        if self.surroundings != Some(surroundings) || atlas < self.atlas {
            self.pieces.clear();
            self.whole = None;
            self.surroundings = Some(surroundings);
        }
        self.atlas = atlas;
    }

    /// Lays out pieces until as much was new as `budget` bytes. The galley, and whether it is all of the text.
    fn lay_out(&mut self, ui: &Ui, tokens: &Tokens, text: &str, budget: usize) -> (Arc<Galley>, bool) {
        let Some(Surroundings { plain, width, .. }) = self.surroundings else {
            return (
                ui.fonts_mut(|fonts| fonts.layout_job(LayoutJob::default())),
                false,
            );
        };
        if text.is_empty() {
            let job = highlight_job(tokens, text, &[]);
            return (ui.fonts_mut(|fonts| fonts.layout_job(job)), true);
        }
        let spans = if plain { Vec::new() } else { highlight(text) };
        let mut spans = SpansOfPieces::new(&spans);
        let mut used = HashMap::with_capacity(self.pieces.len());
        let mut galleys = Vec::new();
        let mut joints = Vec::new();
        let mut num_new = 0;
        let mut end = 0;
        let column = ui.fonts_mut(|fonts| fonts.glyph_width(&tokens.mono(), ' '));
        let mut hang = Hang::default();
        let mut begins_line = true;
        for piece in pieces(text) {
            if num_new >= budget {
                break;
            }
            let part = text.get(piece.range.clone()).unwrap_or_default();
            let spans = spans.within(&piece.range);
            if begins_line {
                hang = Hang::of(part, column, width, ui.pixels_per_point());
            }
            let hash = hash_of(part, &spans, (hang, begins_line));
            let galley = self.pieces.get(&hash).cloned().unwrap_or_else(|| {
                let job = highlight_job(tokens, part, &spans);
                num_new += part.len() + COLOUR_BYTES * job.sections.len();
                hang.layout(ui, job, width, begins_line)
            });
            begins_line = piece.ends_line;
            if !piece.ends_line {
                joints.push(galleys.len());
            }
            end = piece.range.end;
            used.insert(hash, Arc::clone(&galley));
            galleys.push(galley);
        }
        self.pieces = used;
        self.atlas = ui.fonts(|fonts| fonts.font_atlas_fill_ratio());
        let is_complete = end == text.len();
        let shown = text.get(..end).unwrap_or_default();
        let mut job = line_text::job(shown, tokens.mono(), tokens.color.text);
        job.wrap.max_width = width;
        let mut galley = Galley::concat(Arc::new(job), &galleys, ui.pixels_per_point());
        unbreak(&mut galley, &galleys, &joints);
        (Arc::new(galley), is_complete)
    }
}

/// Takes back the line ends that putting galleys together makes, where a line was only cut.
fn unbreak(galley: &mut Galley, galleys: &[Arc<Galley>], joints: &[usize]) {
    let mut joints = joints.iter().peekable();
    let mut last_row = 0;
    for (index, piece) in galleys.iter().enumerate() {
        last_row += piece.rows.len();
        if joints.next_if_eq(&&index).is_some()
            && let Some(row) = last_row.checked_sub(1).and_then(|row| galley.rows.get_mut(row))
        {
            row.ends_with_newline = false;
        }
    }
}

/// A part of a text that is laid out by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    /// Without a line end, but that the text's last one belongs to the last piece.
    range: Range<usize>,
    /// A line end follows, or the text ends.
    ends_line: bool,
}

/// Cuts a text at line ends, and long lines where a word ends. Where a line is cut depends on the letters there, so
/// that a key pressed before does not move all cuts.
fn pieces(text: &str) -> impl Iterator<Item = Piece> + '_ {
    let mut start = 0;
    let mut is_done = text.is_empty();
    std::iter::from_fn(move || {
        if is_done {
            return None;
        }
        let rest = text.get(start..).unwrap_or_default();
        let line = rest.find('\n').unwrap_or(rest.len());
        let length = cut(rest.get(..line).unwrap_or_default());
        if length < line {
            let range = start..start + length;
            start += length;
            return Some(Piece {
                range,
                ends_line: false,
            });
        }
        let mut end = start + line;
        // As egui does: a line end at the very end is part of the last piece, which then has an empty row.
        if end + 1 == text.len() {
            end += 1;
        }
        let range = start..end;
        start = end + 1;
        is_done = end >= text.len();
        Some(Piece {
            range,
            ends_line: true,
        })
    })
}

/// Bytes of a line that make its first piece.
fn cut(line: &str) -> usize {
    if line.len() <= LONGEST_PIECE {
        return line.len();
    }
    let bytes = line.as_bytes();
    let mut recent = 0_u32;
    for (offset, byte) in bytes.iter().enumerate().take(LONGEST_PIECE) {
        recent = recent << 4 ^ u32::from(*byte);
        // Of the places where a word ends, one in eight by its letters.
        let is_place =
            matches!(byte, b' ' | b',' | b';' | b'>') && recent.wrapping_mul(0x9e37_79b1) >> 29 == 0;
        if is_place && offset >= PIECE {
            return offset + 1;
        }
    }
    line.floor_char_boundary(LONGEST_PIECE)
}

/// The coloured ranges of one piece after the other.
struct SpansOfPieces<'s> {
    rest: &'s [Span],
}

impl<'s> SpansOfPieces<'s> {
    fn new(spans: &'s [Span]) -> Self {
        Self { rest: spans }
    }

    /// Those within a piece, counted from its start; the pieces must be asked for in order.
    fn within(&mut self, piece: &Range<usize>) -> Vec<Span> {
        while let Some((first, rest)) = self.rest.split_first()
            && first.range.end <= piece.start
        {
            self.rest = rest;
        }
        self.rest
            .iter()
            .take_while(|span| span.range.start < piece.end)
            .map(|span| Span {
                kind: span.kind,
                range: span.range.start.max(piece.start) - piece.start
                    ..span.range.end.clamp(piece.start, piece.end) - piece.start,
            })
            .collect()
    }
}

fn hash_of(text: &str, spans: &[Span], (hang, begins_line): (Hang, bool)) -> u64 {
    let mut hasher = HASHER.build_hasher();
    (text, hang.to_bits(), begins_line).hash(&mut hasher);
    for span in spans {
        (span.kind as u8, span.range.start, span.range.end).hash(&mut hasher);
    }
    hasher.finish()
}

/// The whole text with its coloured ranges. White space takes the colour of what is before it, because every range
/// of one colour takes time to lay out.
#[must_use]
pub fn highlight_job(tokens: &Tokens, text: &str, spans: &[Span]) -> LayoutJob {
    let font = tokens.mono();
    let mut job = LayoutJob::default();
    let mut end = 0;
    let mut add = |range: Range<usize>, kind| {
        let piece = text.get(range).unwrap_or_default();
        let color = span_color(tokens, kind);
        match job.sections.last_mut() {
            Some(last) if last.format.color == color || piece.trim_ascii().is_empty() => {
                job.text.push_str(piece);
                last.byte_range.end = ByteIndex(job.text.len());
            }
            _ => line_text::append(&mut job, piece, &font, color),
        }
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
    if end < text.len() || text.is_empty() {
        add(end..text.len(), SpanKind::Plain);
    }
    job
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

    /// The galley of a text that is laid out in pieces, and the one that egui makes of it at once.
    fn both(text: &str, width: f32) -> (Arc<Galley>, Arc<Galley>) {
        let ctx = egui::Context::default();
        crate::theme::install_fonts(&ctx);
        crate::theme::apply(&ctx, crate::theme::ThemeChoice::Dark, 1.0);
        let mut found = None;
        for _ in 0..2 {
            let mut drawn = ctx.run_ui(egui::RawInput::default(), |ui| {
                let tokens = Tokens::of(true);
                let pieces = TextLayout::default().galley(ui, tokens, text, false, (width, width));
                let mut job = highlight_job(tokens, text, &highlight(text));
                job.wrap.max_width = width;
                found = Some((pieces, ui.fonts_mut(|fonts| fonts.layout_job(job))));
            });
            drawn.textures_delta.clear();
        }
        found.unwrap()
    }

    fn rows(galley: &Galley) -> Vec<(String, bool, egui::Pos2)> {
        let rows = galley.rows.iter();
        rows.map(|row| (row.text(), row.ends_with_newline, row.pos))
            .collect()
    }

    #[test]
    fn short_lines_are_laid_out_in_pieces_as_at_once() {
        for text in [
            "",
            "\n",
            "a",
            "a\n",
            "a\n\n",
            "\n\na",
            "{\n  a: \"words\",\n  b: 2n,\n}",
            "`one\ntwo\n`",
        ] {
            let (pieces, whole) = both(text, 120.0);
            assert_eq!(rows(&pieces), rows(&whole), "{text:?}");
            assert_eq!(pieces.size(), whole.size(), "{text:?}");
            assert_eq!(pieces.text(), text);
        }
    }

    #[test]
    fn a_line_that_is_too_long_goes_on_below_its_own_indentation() {
        let text = "{\n    a: \"some words that are too long for one row\",\n  b: 2n,\n}\n";
        let (galley, _) = both(text, 160.0);
        let column = galley.rows[2].glyphs[0].pos.x + galley.rows[2].pos.x;
        let lefts: Vec<f32> = galley
            .rows
            .iter()
            .filter_map(|row| Some(row.pos.x + row.glyphs.first()?.pos.x))
            .collect();
        // The line with the words begins at the edge with its spaces, and goes on six columns further right.
        assert!(column > 30.0, "{lefts:?}");
        assert_eq!(
            lefts,
            [0.0, 0.0, column, column, column, 0.0, 0.0],
            "{:?}",
            rows(&galley)
        );
        assert!(
            galley.rows.iter().all(|row| row.rect().right() <= 161.0),
            "{:?}",
            rows(&galley)
        );
        assert_eq!(galley.rows.last().unwrap().pos.x, 0.0);
        // The cursor stands where the letters are.
        let cursor = egui::text::CCursor::new(text.find("too").unwrap());
        let at = galley.pos_from_cursor(cursor);
        assert!(at.left() >= column - 0.5, "{at:?}");
        assert_eq!(galley.cursor_from_pos(at.center().to_vec2()).index, cursor.index);
    }

    #[test]
    fn a_long_line_is_cut_without_losing_a_letter_or_gaining_a_line() {
        let words: Vec<String> = (0..3000).map(|number| format!("word{number}, ")).collect();
        for text in [words.concat(), "é".repeat(9000), "x".repeat(9000) + "\ny"] {
            let (galley, _) = both(&text, 300.0);
            let letters: usize = galley
                .rows
                .iter()
                .map(|row| row.char_count_including_newline().0)
                .sum();
            assert_eq!(letters, text.chars().count());
            let ends = galley.rows.iter().filter(|row| row.ends_with_newline).count();
            assert_eq!(ends, text.matches('\n').count());
        }
    }

    #[test]
    fn pieces_cover_a_text_and_a_key_moves_few_of_their_cuts() {
        let words: Vec<String> = (0..9000)
            .map(|number| format!("{} ", number * 7919 % 1000))
            .collect();
        let text = words.concat();
        let cuts = |text: &str| {
            let mut end = 0;
            let mut cuts = Vec::new();
            for piece in pieces(text) {
                assert_eq!(piece.range.start, end);
                end = piece.range.end;
                cuts.push(text.len() - end);
            }
            assert_eq!(end, text.len());
            cuts
        };
        let before = cuts(&text);
        let after = cuts(&format!("{}typed{}", &text[..100], &text[100..]));
        let kept = after.iter().filter(|cut| before.contains(cut)).count();
        assert!(
            after.len() - kept <= 6,
            "{kept} of {} cuts were kept",
            after.len()
        );
    }
}
