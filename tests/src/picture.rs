//! What is on a screen, and what a test can tell about it without knowing the design.

use std::ops::Range;

/// A picture of a whole screen.
#[derive(Clone, PartialEq)]
pub(crate) struct Picture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Red, green and blue, row by row from the top.
    pub(crate) pixels: Vec<[u8; 3]>,
}

/// A rectangle of a screen, in pixels.
#[derive(Clone)]
pub(crate) struct Area {
    pub(crate) x: Range<usize>,
    pub(crate) y: Range<usize>,
}

impl Picture {
    /// One row of pixels of an area.
    fn row(&self, area: &Area, y: usize) -> &[[u8; 3]] {
        &self.pixels[y * self.width + area.x.start..y * self.width + area.x.end]
    }

    /// Whether anything is drawn at all.
    pub(crate) fn is_blank(&self) -> bool {
        self.pixels.windows(2).all(|pair| pair[0] == pair[1])
    }

    /// Where lines of text (or anything else that stands out) are: runs of pixel rows that are at least 4 high
    /// and not of one colour.
    pub(crate) fn lines(&self, area: &Area) -> Vec<Range<usize>> {
        let mut lines: Vec<Range<usize>> = Vec::new();
        for y in area.y.clone() {
            let row = self.row(area, y);
            if row.iter().all(|pixel| *pixel == row[0]) {
                continue;
            }
            match lines.last_mut().filter(|line| line.end == y) {
                Some(line) => line.end = y + 1,
                None => lines.push(y..y + 1),
            }
        }
        lines.retain(|line| line.len() >= 4);
        lines
    }

    /// Pixel rows of an area that look different in two pictures.
    pub(crate) fn changed_rows(&self, other: &Self, area: &Area) -> Vec<usize> {
        area.y
            .clone()
            .filter(|y| !self.same_row(*y, other, *y, area))
            .collect()
    }

    /// Whether a row of pixels looks as another one in another picture. The window dithers its colours, so that
    /// the same text in another place differs by one step of 255.
    pub(crate) fn same_row(&self, y: usize, other: &Self, other_y: usize, area: &Area) -> bool {
        let ours = self.row(area, y).as_flattened();
        let theirs = other.row(area, other_y).as_flattened();
        ours.iter().zip(theirs).all(|(a, b)| a.abs_diff(*b) <= 2)
    }
}
