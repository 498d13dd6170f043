//! Two texts compared line by line, beside each other or one above the other.

use egui::accesskit::Role;
use egui::{Color32, Rect, Sense, Ui, WidgetInfo, vec2};
use similar::{ChangeTag, TextDiff};

use crate::theme::{self, Tokens};
use crate::widgets::line_text;
use crate::widgets::row_scroller::{RowScroller, ScrollPosition};

/// What a line of a comparison is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiffKind {
    /// In both texts.
    Same,
    /// In the old text only.
    Removed,
    /// In the new text only.
    Added,
}

/// A line of one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffLine {
    /// What it is.
    pub kind: DiffKind,
    /// Its number in its text, from 1; for a line of both, in the new one.
    pub number: usize,
    /// Its text, without a line break.
    pub text: String,
}

/// The comparison of two texts. Make it once, not every frame.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// The lines in order, removed ones before what replaced them.
    pub lines: Vec<DiffLine>,
    /// Pairs of what stands beside each other.
    pairs: Vec<(Option<DiffLine>, Option<DiffLine>)>,
}

/// How a comparison is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DiffLayout {
    /// Old left, new right.
    #[default]
    Beside,
    /// One column.
    Inline,
}

impl Diff {
    /// Compares two texts.
    #[must_use]
    pub fn between(old: &str, new: &str) -> Self {
        let diff = TextDiff::from_lines(old, new);
        let mut result = Self::default();
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        for change in diff.iter_all_changes() {
            let (kind, number) = match change.tag() {
                ChangeTag::Equal => (DiffKind::Same, change.new_index()),
                ChangeTag::Delete => (DiffKind::Removed, change.old_index()),
                ChangeTag::Insert => (DiffKind::Added, change.new_index()),
            };
            let line = DiffLine {
                kind,
                number: number.unwrap_or(0) + 1,
                text: change.value().trim_end_matches(['\n', '\r']).to_owned(),
            };
            result.lines.push(line.clone());
            match kind {
                DiffKind::Removed => removed.push(line),
                DiffKind::Added => added.push(line),
                DiffKind::Same => {
                    result.pair(&mut removed, &mut added);
                    let old = DiffLine {
                        number: change.old_index().unwrap_or(0) + 1,
                        ..line.clone()
                    };
                    result.pairs.push((Some(old), Some(line)));
                }
            }
        }
        result.pair(&mut removed, &mut added);
        result
    }

    /// Whether the texts are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.kind == DiffKind::Same)
    }

    /// How many rows a layout needs.
    #[must_use]
    pub fn rows(&self, layout: DiffLayout) -> usize {
        match layout {
            DiffLayout::Beside => self.pairs.len(),
            DiffLayout::Inline => self.lines.len(),
        }
    }

    fn pair(&mut self, removed: &mut Vec<DiffLine>, added: &mut Vec<DiffLine>) {
        let (mut old, mut new) = (removed.drain(..), added.drain(..));
        loop {
            let pair = (old.next(), new.next());
            if pair == (None, None) {
                return;
            }
            self.pairs.push(pair);
        }
    }
}

/// Shows a comparison in the available space; `name` is what a screen reader says.
pub fn show_diff(ui: &mut Ui, position: &mut ScrollPosition, name: &str, diff: &Diff, layout: DiffLayout) {
    let tokens = theme::tokens(ui);
    let rows = diff.rows(layout) as u64;
    let scroller = RowScroller::new(position, name, rows, tokens.size.value_row - 2.0);
    scroller.show(ui, |ui, row, rect| match layout {
        DiffLayout::Inline => {
            if let Some(line) = diff.lines.get(row as usize) {
                draw_line(ui, tokens, rect, line);
            }
        }
        DiffLayout::Beside => {
            let (left, right) = rect.split_left_right_at_fraction(0.5);
            if let Some((old, new)) = diff.pairs.get(row as usize) {
                for (line, rect) in [(old, left), (new, right)] {
                    match line {
                        Some(line) => draw_line(ui, tokens, rect, line),
                        None => {
                            ui.painter().rect_filled(rect, 0.0, tokens.color.window);
                        }
                    }
                }
            }
            ui.painter()
                .vline(left.right(), rect.y_range(), (1.0, tokens.color.line));
        }
    });
}

fn draw_line(ui: &Ui, tokens: &Tokens, rect: Rect, line: &DiffLine) {
    let (sign, color) = match line.kind {
        DiffKind::Same => (" ", None),
        DiffKind::Removed => ("−", Some(tokens.color.bad)),
        DiffKind::Added => ("+", Some(tokens.color.good)),
    };
    if let Some(color) = color {
        ui.painter().rect_filled(rect, 0.0, tokens.tag(color));
    }
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let draw = |rect: Rect, text: &str, color: Color32, right: bool| {
        let job = line_text::job(text, tokens.mono(), color);
        let galley = line_text::layout(&painter, job, rect.width());
        let cut = galley.elided;
        if right {
            line_text::paint_right(&painter, rect, galley);
        } else {
            line_text::paint(&painter, rect, galley);
        }
        cut
    };
    let number = rect.with_max_x(rect.left() + 34.0);
    // On a coloured ground dim text would be too faint to read.
    let of_number = color.map_or(tokens.color.dim, |_| tokens.color.text);
    draw(number, &line.number.to_string(), of_number, true);
    let mark = rect.with_min_x(number.right() + 8.0);
    draw(
        mark.with_max_x(mark.left() + 12.0),
        sign,
        color.unwrap_or(tokens.color.dim),
        false,
    );
    let text = rect.with_min_x(mark.left() + 14.0).with_max_x(rect.right() - 6.0);
    let cut = draw(text, &line.text, tokens.color.text, false);
    let id = ui
        .scope_id()
        .with((line.kind as u8, line.number, rect.left() as i64));
    let response = ui.interact(rect, id, Sense::hover());
    response.widget_info(|| {
        let spoken = match line.kind {
            DiffKind::Same => line.text.clone(),
            DiffKind::Removed => format!("Removed: {}", line.text),
            DiffKind::Added => format!("Added: {}", line.text),
        };
        WidgetInfo::labeled(Role::ListItem, true, spoken)
    });
    if cut {
        response.on_hover_ui(|ui| {
            ui.set_max_width(480.0);
            ui.label(egui::RichText::new(&line.text).font(tokens.mono()));
        });
    }
}

/// A line of `− 3  + 5`: how much differs.
pub fn diff_summary(ui: &mut Ui, diff: &Diff) {
    let tokens = theme::tokens(ui);
    let count = |kind| diff.lines.iter().filter(|line| line.kind == kind).count();
    ui.spacing_mut().item_spacing = vec2(8.0, 0.0);
    ui.colored_label(tokens.color.bad, format!("− {}", count(DiffKind::Removed)));
    ui.colored_label(tokens.color.good, format!("+ {}", count(DiffKind::Added)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_line_stands_beside_what_replaced_it() {
        let diff = Diff::between("{\n  a: 1,\n  b: 2\n}\n", "{\n  a: 1,\n  b: 3,\n  c: 4\n}\n");
        let side = |line: &Option<DiffLine>| line.as_ref().map(|line| (line.number, line.text.clone()));
        let pairs: Vec<_> = diff
            .pairs
            .iter()
            .map(|(old, new)| (side(old), side(new)))
            .collect();
        let line = |number, text: &str| Some((number, text.to_owned()));
        assert_eq!(
            pairs,
            [
                (line(1, "{"), line(1, "{")),
                (line(2, "  a: 1,"), line(2, "  a: 1,")),
                (line(3, "  b: 2"), line(3, "  b: 3,")),
                (None, line(4, "  c: 4")),
                (line(4, "}"), line(5, "}")),
            ]
        );
        assert_eq!(diff.rows(DiffLayout::Inline), 6);
        assert!(!diff.is_empty());
        assert!(Diff::between("same", "same").is_empty());
    }
}
