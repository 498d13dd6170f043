//! A line of text in which something that was found is marked.

use std::ops::Range;

use egui::text::LayoutJob;

use crate::theme::Tokens;
use crate::widgets::line_text;

/// Marks a range of bytes of a line. Where the mark would lie beyond the first `most` characters, the beginning is
/// left out.
#[must_use]
pub fn marked_job(tokens: &Tokens, job: &LayoutJob, marked: &Range<usize>, most: usize) -> LayoutJob {
    let start = visible_start(&job.text, marked, most);
    let mut result = LayoutJob::default();
    if start > 0 {
        line_text::append(&mut result, "…", &tokens.mono(), tokens.color.dim);
    }
    for section in &job.sections {
        let whole = section.byte_range.start.0.max(start)..section.byte_range.end.0;
        let inside = whole.start.max(marked.start)..whole.end.min(marked.end);
        let pieces = if inside.is_empty() {
            [whole, 0..0, 0..0]
        } else {
            [whole.start..inside.start, inside.clone(), inside.end..whole.end]
        };
        for (piece, is_marked) in pieces.into_iter().zip([false, true, false]) {
            let text = job.text.get(piece).unwrap_or_default();
            if !text.is_empty() {
                let mut format = section.format.clone();
                if is_marked {
                    format.background = tokens.color.flash;
                    format.color = tokens.color.warning;
                }
                result.append(text, 0.0, format);
            }
        }
    }
    result
}

/// From which byte on a text is shown so that its marked part, or the beginning of it, is among the first `most`
/// characters, with some of what follows it.
fn visible_start(text: &str, marked: &Range<usize>, most: usize) -> usize {
    let before = text.get(..marked.start).unwrap_or_default();
    let inside = text.get(marked.clone()).unwrap_or_default();
    let after = text.get(marked.end..).unwrap_or_default();
    let (num_before, num_inside) = (before.chars().count(), inside.chars().count());
    let num_after = after.chars().take(most / 3).count();
    // One place is for the sign that something was cut before, one for what was cut behind.
    let room = most.saturating_sub(num_inside.min(most / 2) + num_after + 2);
    if num_before + num_inside + num_after < most || num_before <= room {
        return 0;
    }
    let start = before.char_indices().nth(num_before - room.min(num_before));
    start.map_or(before.len(), |(start, _)| start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, marked: Range<usize>, most: usize) -> &str {
        &text[visible_start(text, &marked, most)..]
    }

    #[test]
    fn the_beginning_goes_only_where_it_hides_the_mark() {
        let text = "0123456789ABCDEFGHIJ";
        assert_eq!(shown(text, 0..1, 5), text);
        assert_eq!(shown(text, 18..20, 30), text);
        assert_eq!(shown(text, 15..17, 10), "CDEFGHIJ");
        assert_eq!(shown(text, 5..20, 10), "23456789ABCDEFGHIJ");
        assert_eq!(shown("ééééé", 8..10, 3), "é");
        assert_eq!(shown("", 0..0, 0), "");
    }
}
