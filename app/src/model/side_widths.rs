//! How wide the panels beside the table are, in windows that may be narrow.

use std::ops::RangeInclusive;

use super::sizes::{self, Sizes};

/// Widths that the tree's panel can have, in points.
pub const KEYS: RangeInclusive<f32> = 160.0..=520.0;
/// Widths that the entry panel can have, in points.
pub const ENTRY: RangeInclusive<f32> = 280.0..=760.0;
/// What the table between them keeps, in points, as long as they are wider than the least.
const MIDDLE: f32 = 280.0;

/// The widths that the panels at the sides have, in points; 0 for one that is hidden.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "each is named as its panel")]
pub struct SideWidths {
    pub keys: f32,
    pub entry: f32,
}

impl SideWidths {
    /// The widths in a window that is `window` points wide, of the panels that are shown: those that are kept, or
    /// less, so that the table stays usable.
    #[must_use]
    pub fn fitting(kept: &Sizes, window: f32, shows_keys: bool, shows_entry: bool) -> Self {
        let wanted = |shown: bool, size: f32, range: &RangeInclusive<f32>| {
            if shown {
                size.clamp(*range.start(), *range.end())
            } else {
                0.0
            }
        };
        let mut keys = wanted(shows_keys, kept.keys, &KEYS);
        let mut entry = wanted(shows_entry, kept.entry, &ENTRY);
        let spare = |size: f32, range: &RangeInclusive<f32>| (size - range.start()).max(0.0);
        let (spare_keys, spare_entry) = (spare(keys, &KEYS), spare(entry, &ENTRY));
        let missing = (keys + entry + MIDDLE - window).clamp(0.0, spare_keys + spare_entry);
        if missing > 0.0 {
            let share = missing / (spare_keys + spare_entry);
            keys -= share * spare_keys;
            entry -= share * spare_entry;
        }
        Self {
            keys: keys.round(),
            entry: entry.round(),
        }
    }

    /// Keeps the widths, because a person has dragged one. From then on both are wanted as they are.
    pub fn keep(&self, kept: &mut Sizes) {
        if self.keys > 0.0 {
            sizes::keep(&mut kept.keys, self.keys);
        }
        if self.entry > 0.0 {
            sizes::keep(&mut kept.entry, self.entry);
        }
    }

    /// The widths that the tree's panel can be dragged to.
    #[must_use]
    pub fn keys_range(&self, window: f32) -> RangeInclusive<f32> {
        up_to(&KEYS, window - self.entry - MIDDLE)
    }

    /// The widths that the entry panel can be dragged to.
    #[must_use]
    pub fn entry_range(&self, window: f32) -> RangeInclusive<f32> {
        up_to(&ENTRY, window - self.keys - MIDDLE)
    }
}

fn up_to(range: &RangeInclusive<f32>, most: f32) -> RangeInclusive<f32> {
    *range.start()..=most.clamp(*range.start(), *range.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_give_way_in_a_narrow_window_and_get_their_widths_back() {
        let sizes = Sizes::default();
        let wide = SideWidths::fitting(&sizes, 1280.0, true, true);
        assert_eq!((wide.keys, wide.entry), (250.0, 370.0));
        let narrow = SideWidths::fitting(&sizes, 720.0, true, true);
        assert_eq!((narrow.keys, narrow.entry), (160.0, 280.0));
        let between = SideWidths::fitting(&sizes, 810.0, true, true);
        assert_eq!(between.keys + between.entry + MIDDLE, 810.0);
        assert!(between.keys > narrow.keys && between.entry > narrow.entry);
    }

    #[test]
    fn a_hidden_panel_takes_nothing() {
        let sizes = Sizes::default();
        let only_entry = SideWidths::fitting(&sizes, 720.0, false, true);
        assert_eq!((only_entry.keys, only_entry.entry), (0.0, 370.0));
        assert_eq!(only_entry.entry_range(720.0), 280.0..=440.0);
    }

    #[test]
    fn no_panel_is_dragged_over_the_table() {
        let widths = SideWidths::fitting(&Sizes::default(), 1280.0, true, true);
        assert_eq!(widths.keys_range(1280.0), 160.0..=520.0);
        assert_eq!(widths.keys_range(1000.0), 160.0..=350.0);
        assert_eq!(widths.keys_range(300.0), 160.0..=160.0);
    }
}
