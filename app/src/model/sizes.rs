//! How large the window and its panels are, as a person left them.

use serde::{Deserialize, Serialize};

/// The smallest window in which every panel can be used, in points.
pub const SMALLEST_WINDOW: [f32; 2] = [720.0, 480.0];
/// No screen is larger, in points.
const LARGEST_WINDOW: f32 = 16_384.0;

/// Sizes in points, kept between runs. What a panel cannot have, because its range is another one, it does not get.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sizes {
    /// Width and height of the window at the normal text size, when it is not maximized.
    window: [f32; 2],
    /// Whether the window fills the screen.
    pub maximized: bool,
    /// Width of the tree.
    pub keys: f32,
    /// Width of the entry panel.
    pub entry: f32,
    /// Height of the transaction.
    pub transaction: f32,
    /// Height of the undo list.
    #[serde(rename = "history")]
    pub undo_list: f32,
    /// Height of the log of notices.
    pub notices: f32,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            window: [1280.0, 800.0],
            maximized: false,
            keys: 250.0,
            entry: 370.0,
            transaction: 190.0,
            undo_list: 200.0,
            notices: 180.0,
        }
    }
}

impl Sizes {
    /// Width and height that the window shall have.
    #[must_use]
    pub fn window(&self) -> [f32; 2] {
        let [width, height] = self.window;
        let [narrowest, lowest] = SMALLEST_WINDOW;
        [
            width.clamp(narrowest, LARGEST_WINDOW),
            height.clamp(lowest, LARGEST_WINDOW),
        ]
    }

    /// Keeps the size of the window. One that is minimized has none.
    pub fn keep_window(&mut self, [width, height]: [f32; 2]) {
        if width >= 1.0 && height >= 1.0 {
            self.window = [width.round(), height.round()];
        }
    }
}

/// Keeps the size of a panel; less than a point is not worth writing.
pub fn keep(kept: &mut f32, size: f32) {
    if size.is_finite() && (size - *kept).abs() >= 1.0 {
        *kept = size.round();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_neither_too_small_to_be_used_nor_larger_than_any_screen() {
        let mut sizes = Sizes::default();
        sizes.keep_window([1100.4, 700.0]);
        assert_eq!(sizes.window(), [1100.0, 700.0]);
        sizes.keep_window([0.0, 0.0]);
        sizes.keep_window([f32::NAN, 700.0]);
        assert_eq!(sizes.window(), [1100.0, 700.0]);
        sizes.keep_window([10.0, 1e9]);
        assert_eq!(sizes.window(), [720.0, LARGEST_WINDOW]);
    }

    #[test]
    fn less_than_a_point_is_not_kept() {
        let mut kept = 250.0;
        keep(&mut kept, 250.6);
        assert_eq!(kept, 250.0);
        keep(&mut kept, 300.2);
        assert_eq!(kept, 300.0);
        keep(&mut kept, f32::NAN);
        assert_eq!(kept, 300.0);
    }
}
