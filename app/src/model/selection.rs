//! Which rows of the table are selected, by key, so that it survives whatever happens to the rows.

use keyglass_store::key::{EncodedKey, KeyRange};

use super::tally::Tally;
use crate::content::key_set::KeySet;

/// A change of what is selected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SelectRows {
    /// Takes a row in or out; it becomes the one that is shown.
    Toggle(EncodedKey),
    /// Takes in all rows from the last one that was clicked up to this one.
    Extend {
        /// Where to.
        to: EncodedKey,
        /// Whether what was selected before stays so.
        keep: bool,
    },
    /// All rows that are listed.
    All,
    /// All rows from the first one that is listed up to this one.
    FromFirst(EncodedKey),
    /// Only the one that is shown.
    One,
}

/// What to do with a row once it is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Select it.
    Select,
    /// Select everything up to it, with what is selected already or without.
    Extend {
        /// With it.
        keep: bool,
    },
    /// Select everything up to it from the beginning of the list.
    FromFirst,
}

/// Which rows are selected.
#[derive(Debug, Default)]
pub struct Selection {
    keys: KeySet,
    /// What was selected when the anchor was set.
    base: KeySet,
    /// The keys of the row where a range begins.
    anchor: Option<KeySet>,
    /// How many entries and bytes are selected.
    pub tally: Tally,
}

impl Selection {
    /// The selected keys.
    #[must_use]
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// Whether the row is selected.
    #[must_use]
    pub fn contains(&self, key: &EncodedKey) -> bool {
        self.keys.contains(key)
    }

    /// Selects one row, which may stand for several keys.
    pub fn set_only(&mut self, row: KeySet) {
        self.anchor = Some(row.clone());
        self.keys = row;
        self.base = KeySet::default();
        // One row needs no counting.
        self.tally.set(Vec::new());
    }

    /// Takes a row in or out.
    pub fn toggle(&mut self, row: KeySet) {
        self.keys.toggle(&row);
        self.base = self.keys.clone();
        self.anchor = Some(row);
        self.count();
    }

    /// Takes in everything between the anchor and a row; with `keep` what was selected before stays so.
    pub fn extend(&mut self, to: &KeySet, keep: bool) {
        let between = self.anchor.get_or_insert_with(|| to.clone()).through(to);
        self.keys = if keep {
            self.base.clone()
        } else {
            KeySet::default()
        };
        between
            .ranges()
            .iter()
            .for_each(|range| self.keys.insert(range.clone()));
        self.count();
    }

    /// Selects a range; the anchor stays.
    pub fn set_range(&mut self, range: KeyRange) {
        self.keys = KeySet::of(range);
        self.base = self.keys.clone();
        self.count();
    }

    /// Nothing is selected.
    pub fn clear(&mut self) {
        self.keys = KeySet::default();
        self.base = KeySet::default();
        self.anchor = None;
        self.tally.set(Vec::new());
    }

    /// A key has changed.
    pub fn apply_change(&mut self, key: &EncodedKey) {
        if self.keys.contains(key) {
            self.tally.outdate();
        }
    }

    fn count(&mut self) {
        self.tally.set(self.keys.ranges().to_vec());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> EncodedKey {
        EncodedKey::from_bytes(text.as_bytes().to_vec())
    }

    fn row(text: &str) -> KeySet {
        KeySet::only(&key(text))
    }

    fn selected(selection: &Selection) -> String {
        "abcdefg"
            .chars()
            .filter(|letter| selection.contains(&key(&letter.to_string())))
            .collect()
    }

    #[test]
    fn a_range_is_drawn_anew_from_its_anchor() {
        let mut selection = Selection::default();
        selection.set_only(row("c"));
        selection.extend(&row("f"), false);
        assert_eq!(selected(&selection), "cdef");
        selection.extend(&row("a"), false);
        assert_eq!(selected(&selection), "abc");
    }

    #[test]
    fn toggled_rows_stay_beside_a_range_only_if_kept() {
        let mut selection = Selection::default();
        selection.set_only(row("a"));
        selection.toggle(row("c"));
        selection.toggle(row("e"));
        selection.extend(&row("g"), true);
        assert_eq!(selected(&selection), "acefg");
        selection.extend(&row("f"), true);
        assert_eq!(selected(&selection), "acef");
        selection.extend(&row("f"), false);
        assert_eq!(selected(&selection), "ef");
        selection.toggle(row("e"));
        assert_eq!(selected(&selection), "f");
    }
}
