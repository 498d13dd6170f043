//! Which rows of the table are selected, by key, so that it survives whatever happens to the rows.

use keyglass_store::key::{EncodedKey, KeyRange};

use super::key_set::{KeySet, between};
use super::tally::Tally;

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

/// Which rows are selected.
#[derive(Debug, Default)]
pub struct Selection {
    keys: KeySet,
    /// What was selected when the anchor was set.
    base: KeySet,
    /// Where a range begins.
    anchor: Option<EncodedKey>,
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

    /// Selects one row.
    pub fn set_only(&mut self, key: &EncodedKey) {
        self.keys = KeySet::only(key);
        self.base = KeySet::default();
        self.anchor = Some(key.clone());
        // One row needs no counting.
        self.tally.set(Vec::new());
    }

    /// Takes a row in or out.
    pub fn toggle(&mut self, key: &EncodedKey) {
        self.keys.toggle(key);
        self.base = self.keys.clone();
        self.anchor = Some(key.clone());
        self.count();
    }

    /// Takes in everything between the anchor and a row; with `keep` what was selected before stays so.
    pub fn extend(&mut self, to: &EncodedKey, keep: bool) {
        let anchor = self.anchor.get_or_insert_with(|| to.clone());
        let range = between(anchor, to);
        self.keys = if keep {
            self.base.clone()
        } else {
            KeySet::default()
        };
        self.keys.insert(range);
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

    fn selected(selection: &Selection) -> String {
        "abcdefg"
            .chars()
            .filter(|letter| selection.contains(&key(&letter.to_string())))
            .collect()
    }

    #[test]
    fn a_range_is_drawn_anew_from_its_anchor() {
        let mut selection = Selection::default();
        selection.set_only(&key("c"));
        selection.extend(&key("f"), false);
        assert_eq!(selected(&selection), "cdef");
        selection.extend(&key("a"), false);
        assert_eq!(selected(&selection), "abc");
    }

    #[test]
    fn toggled_rows_stay_beside_a_range_only_if_kept() {
        let mut selection = Selection::default();
        selection.set_only(&key("a"));
        selection.toggle(&key("c"));
        selection.toggle(&key("e"));
        selection.extend(&key("g"), true);
        assert_eq!(selected(&selection), "acefg");
        selection.extend(&key("f"), true);
        assert_eq!(selected(&selection), "acef");
        selection.extend(&key("f"), false);
        assert_eq!(selected(&selection), "ef");
        selection.toggle(&key("e"));
        assert_eq!(selected(&selection), "f");
    }
}
