//! Breaking text into lines at a width.

/// Text and the places where it may be broken.
#[derive(Debug)]
pub(super) struct Document {
    width: usize,
    text: String,
    /// Not noted for what stands on one line.
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, Copy)]
enum Piece {
    /// The next so many bytes of the text, and how many characters that is.
    Text {
        bytes: usize,
        width: usize,
    },
    /// Begins what is either all on one line, or broken at each of its own breaks.
    Open,
    Close,
    /// A line break one level deeper than where the group began, or a space, or nothing.
    Break {
        space: bool,
    },
    /// A line break only where the line is full, else a space.
    Fill,
    /// A line break back at the level where the group began, or nothing.
    BreakOut,
}

/// Bytes that a text has room for at first, so that most need no more.
const USUAL_BYTES: usize = 256;

/// Deeper levels are not indented further, so that text stays a few times as long as the value.
const MAX_INDENT: usize = 40;

impl Document {
    /// An empty one, for lines of at most `width` characters where that is possible, or for one line if that is the
    /// greatest number.
    pub fn new(width: usize) -> Self {
        Self {
            width,
            text: String::with_capacity(USUAL_BYTES),
            pieces: Vec::new(),
        }
    }

    fn is_one_line(&self) -> bool {
        self.width == usize::MAX
    }

    pub fn text(&mut self, text: &str) {
        self.with(|all| all.push_str(text));
    }

    fn piece(&mut self, piece: Piece) {
        if !self.is_one_line() {
            self.pieces.push(piece);
        } else if matches!(piece, Piece::Break { space: true } | Piece::Fill) {
            self.text.push(' ');
        }
    }

    /// Appends what `write` does to the text.
    pub fn with(&mut self, write: impl FnOnce(&mut String)) {
        let before = self.text.len();
        write(&mut self.text);
        if self.is_one_line() {
            return;
        }
        let added = self.text.get(before..).unwrap_or_default();
        self.pieces.push(Piece::Text {
            bytes: added.len(),
            width: added.chars().count(),
        });
    }

    pub fn open(&mut self) {
        self.piece(Piece::Open);
        self.piece(Piece::Break { space: false });
    }

    /// Ends a group, on a line of its own if it is broken.
    pub fn close(&mut self) {
        self.piece(Piece::BreakOut);
        self.piece(Piece::Close);
    }

    pub fn next_item(&mut self) {
        self.piece(Piece::Break { space: true });
    }

    pub fn fill(&mut self) {
        self.piece(Piece::Fill);
    }

    /// The text with its line breaks.
    pub fn lines(self) -> String {
        if self.is_one_line() {
            return self.text;
        }
        let width = self.width;
        let measures = self.measure();
        let mut lines = String::with_capacity(self.text.len() * 2);
        let mut rest = self.text.as_str();
        let mut column = 0;
        // Whether each group that is open is broken.
        let mut broken: Vec<bool> = Vec::new();
        let mut level = 0_usize;
        let new_line = |level: usize, lines: &mut String| {
            let indent = level.min(MAX_INDENT) * 2;
            lines.push('\n');
            lines.extend(std::iter::repeat_n(' ', indent));
            indent
        };
        for (at, piece) in self.pieces.iter().enumerate() {
            let is_broken = broken.last().copied().unwrap_or(false);
            match piece {
                Piece::Text { bytes, width } => {
                    let (text, after) = rest.split_at_checked(*bytes).unwrap_or((rest, ""));
                    lines.push_str(text);
                    rest = after;
                    column += width;
                }
                Piece::Open => {
                    let needed = measures.get(at).map_or(0, |measure| measure.group);
                    let may_break = broken.last().copied().unwrap_or(true);
                    let breaks = may_break && column.saturating_add(needed) > width;
                    broken.push(breaks);
                    level += usize::from(breaks);
                }
                Piece::Close => {
                    broken.pop();
                    level -= usize::from(is_broken);
                }
                Piece::Break { .. } if is_broken => column = new_line(level, &mut lines),
                Piece::BreakOut if is_broken => column = new_line(level.saturating_sub(1), &mut lines),
                Piece::Fill if is_broken => {
                    let item = measures.get(at + 1).map_or(0, |measure| measure.until_break);
                    if column.saturating_add(1 + item) > width {
                        column = new_line(level, &mut lines);
                    } else {
                        lines.push(' ');
                        column += 1;
                    }
                }
                Piece::Break { space: true } | Piece::Fill => {
                    lines.push(' ');
                    column += 1;
                }
                Piece::Break { space: false } | Piece::BreakOut => {}
            }
        }
        lines
    }

    /// For every piece the characters up to the next possible break, and for the start of a group those up to
    /// the first possible break behind it, if all of it stands on one line.
    fn measure(&self) -> Vec<Measure> {
        let mut measures = vec![Measure::default(); self.pieces.len()];
        let mut until_break = 0_usize;
        // Characters from here to the end of the text, all on one line.
        let mut from_here = 0_usize;
        // For each group that is open (seen from behind): where its last break is, counted as `from_here`.
        let mut closes: Vec<usize> = Vec::new();
        for (piece, measure) in self.pieces.iter().zip(&mut measures).rev() {
            match piece {
                Piece::Text { width, .. } => {
                    until_break += width;
                    from_here += width;
                }
                Piece::Close => closes.push(from_here.saturating_sub(until_break)),
                Piece::Open => {
                    measure.group = from_here.saturating_sub(closes.pop().unwrap_or(0));
                }
                Piece::Break { space } => {
                    until_break = 0;
                    from_here += usize::from(*space);
                }
                Piece::Fill => {
                    until_break = 0;
                    from_here += 1;
                }
                Piece::BreakOut => until_break = 0,
            }
            measure.until_break = until_break;
        }
        measures
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Measure {
    until_break: usize,
    group: usize,
}
