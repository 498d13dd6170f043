//! A match with what stands around it.

use std::ops::Range;

/// Characters before the match, of the match, and in all.
const BEFORE: usize = 24;
const MATCHED: usize = 120;
const LENGTH: usize = 200;

/// A piece of a text on one line, and where the match is in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Excerpt {
    /// The piece, with `…` where it was cut.
    pub text: String,
    /// The match in it, in bytes; its beginning only, if it is long.
    pub matched: Range<usize>,
}

impl Excerpt {
    /// The surroundings of a match, which lies on borders of characters.
    pub(super) fn of(text: &str, matched: Range<usize>) -> Self {
        let before = text.get(..matched.start).unwrap_or_default();
        let inside = text.get(matched.clone()).unwrap_or_default();
        let after = text.get(matched.end..).unwrap_or_default();
        let start = before
            .char_indices()
            .rev()
            .nth(BEFORE - 1)
            .map_or(0, |(start, _)| start);
        let mut piece = Piece::default();
        if start > 0 {
            piece.text.push('…');
        }
        piece.add(before.get(start..).unwrap_or_default(), BEFORE);
        let begin = piece.text.len();
        let is_whole = piece.add(inside, MATCHED);
        let end = piece.text.len();
        if !is_whole || !piece.add(after, LENGTH - piece.chars) {
            piece.text.push('…');
        }
        // Very many of them may be kept.
        piece.text.shrink_to_fit();
        Self {
            text: piece.text,
            matched: begin..end,
        }
    }
}

#[derive(Default)]
struct Piece {
    text: String,
    chars: usize,
}

impl Piece {
    /// Adds at most so many characters, those that would break the line as spaces. False if there were more.
    fn add(&mut self, text: &str, most: usize) -> bool {
        let mut chars = text.chars();
        for char in chars.by_ref().take(most) {
            self.text.push(if char.is_control() { ' ' } else { char });
            self.chars += 1;
        }
        chars.next().is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(text: &str, matched: Range<usize>) -> String {
        let excerpt = Excerpt::of(text, matched);
        let (start, end) = (excerpt.matched.start, excerpt.matched.end);
        format!(
            "{}[{}]{}",
            &excerpt.text[..start],
            &excerpt.text[start..end],
            &excerpt.text[end..]
        )
    }

    #[test]
    fn a_short_text_is_kept_whole_and_on_one_line() {
        assert_eq!(marked("a\nbc", 2..3), "a [b]c");
        assert_eq!(marked("é", 0..2), "[é]");
        assert_eq!(marked("", 0..0), "[]");
    }

    #[test]
    fn a_long_text_is_cut_on_both_sides() {
        let text = format!("{}NEEDLE{}", "ä".repeat(500), "ö".repeat(500));
        let cut = marked(&text, 1000..1006);
        assert_eq!(cut, format!("…{}[NEEDLE]{}…", "ä".repeat(24), "ö".repeat(170)));
        let cut = marked(&text, 0..text.len());
        assert_eq!(cut, format!("[{}]…", "ä".repeat(120)));
    }
}
