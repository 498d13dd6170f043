//! A set of keys that may be endless: ranges of keys, in order and apart from each other.
//!
//! A single key is the range of itself, so that ten million selected rows cost no more than one.

use keyglass_store::key::{EncodedKey, KeyRange};

/// A set of keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeySet {
    ranges: Vec<KeyRange>,
}

impl KeySet {
    /// One key.
    #[must_use]
    pub fn only(key: &EncodedKey) -> Self {
        Self::of(KeyRange::only(key))
    }

    /// All keys of a range.
    #[must_use]
    pub fn of(range: KeyRange) -> Self {
        let mut set = Self::default();
        set.insert(range);
        set
    }

    /// The ranges, in key order and disjoint.
    #[must_use]
    pub fn ranges(&self) -> &[KeyRange] {
        &self.ranges
    }

    /// Whether no key is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether it has no range of keys but single ones, each of them chosen by itself.
    #[must_use]
    pub fn has_single_keys_only(&self) -> bool {
        self.ranges
            .iter()
            .all(|range| *range == KeyRange::only(&range.start))
    }

    /// Whether the key is in it.
    #[must_use]
    pub fn contains(&self, key: &EncodedKey) -> bool {
        let after = self.ranges.partition_point(|range| range.start <= *key);
        let range = after.checked_sub(1).and_then(|at| self.ranges.get(at));
        range.is_some_and(|range| *key < range.end)
    }

    /// Adds all keys of a range.
    pub fn insert(&mut self, mut range: KeyRange) {
        if range.is_empty() {
            return;
        }
        // Those that overlap or touch it become one with it.
        let first = self.ranges.partition_point(|known| known.end < range.start);
        let last = self.ranges.partition_point(|known| known.start <= range.end);
        for known in self.ranges.drain(first..last.max(first)) {
            range.start = range.start.min(known.start);
            range.end = range.end.max(known.end);
        }
        self.ranges.insert(first, range);
    }

    /// Takes out all keys of a range.
    pub fn remove(&mut self, range: &KeyRange) {
        if range.is_empty() {
            return;
        }
        let left = self.ranges.drain(..).flat_map(|known| {
            let below = KeyRange {
                start: known.start.clone(),
                end: known.end.clone().min(range.start.clone()),
            };
            let above = KeyRange {
                start: known.start.max(range.end.clone()),
                end: known.end,
            };
            [below, above]
        });
        self.ranges = left.filter(|range| !range.is_empty()).collect();
    }

    /// Takes some keys out if they are in, and adds them otherwise.
    pub fn toggle(&mut self, keys: &Self) {
        let are_in = keys.ranges.iter().all(|range| self.contains(&range.start));
        for range in &keys.ranges {
            if are_in {
                self.remove(range);
            } else {
                self.insert(range.clone());
            }
        }
    }

    /// Everything from the first to the last of its keys and those of another set, whichever comes first.
    #[must_use]
    pub fn through(&self, other: &Self) -> Self {
        let sets = || [self, other].into_iter();
        let start = sets()
            .filter_map(|set| set.ranges.first())
            .map(|range| &range.start)
            .min();
        let end = sets()
            .filter_map(|set| set.ranges.last())
            .map(|range| &range.end)
            .max();
        match (start.cloned(), end.cloned()) {
            (Some(start), Some(end)) => Self::of(KeyRange { start, end }),
            _ => Self::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> EncodedKey {
        EncodedKey::from_bytes(text.as_bytes().to_vec())
    }

    fn range(start: &str, end: &str) -> KeyRange {
        KeyRange {
            start: key(start),
            end: key(end),
        }
    }

    #[test]
    fn ranges_that_overlap_or_touch_become_one() {
        let mut set = KeySet::of(range("d", "f"));
        set.insert(range("k", "m"));
        set.insert(range("a", "b"));
        assert_eq!(set.ranges().len(), 3);
        set.insert(range("f", "h"));
        assert_eq!(set.ranges(), [range("a", "b"), range("d", "h"), range("k", "m")]);
        set.insert(range("e", "l"));
        assert_eq!(set.ranges(), [range("a", "b"), range("d", "m")]);
        set.insert(range("x", "x"));
        assert_eq!(set.ranges().len(), 2);
    }

    #[test]
    fn a_key_taken_out_of_a_range_leaves_both_sides() {
        let mut set = KeySet::of(range("a", "z"));
        set.toggle(&KeySet::only(&key("m")));
        assert!(set.contains(&key("a")) && set.contains(&key("mm")) && set.contains(&key("l")));
        assert!(!set.contains(&key("m")) && !set.contains(&key("z")));
        set.toggle(&KeySet::only(&key("m")));
        assert_eq!(set, KeySet::of(range("a", "z")));
    }

    #[test]
    fn what_lies_between_two_keys_includes_both() {
        let only = |text: &str| KeySet::only(&key(text));
        let set = only("m").through(&only("c"));
        assert!(set.contains(&key("c")) && set.contains(&key("m")) && !set.contains(&key("ma")));
        assert_eq!(only("c").through(&only("c")), only("c"));
        let mut pair = only("c");
        pair.insert(range("h", "k"));
        assert_eq!(pair.through(&only("a")), KeySet::of(range("a", "k")));
        assert_eq!(pair.through(&KeySet::default()), KeySet::of(range("c", "k")));
    }

    #[test]
    fn keys_that_belong_together_are_taken_in_and_out_together() {
        let mut pair = KeySet::of(range("c", "e"));
        pair.insert(range("h", "k"));
        let mut set = KeySet::of(range("a", "d"));
        set.toggle(&pair);
        assert_eq!(set.ranges(), [range("a", "e"), range("h", "k")]);
        set.toggle(&pair);
        assert_eq!(set, KeySet::of(range("a", "c")));
    }

    #[test]
    fn sets_agree_with_listed_keys_whatever_is_done() {
        // Every single letter stands for a key; each step is compared with a plain list.
        let mut set = KeySet::default();
        let mut plain = std::collections::BTreeSet::new();
        let mut seed = 7_u32;
        for _ in 0..2000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (one, other) = ((seed >> 8) % 26, (seed >> 16) % 26);
            let letter = |number: u32| char::from(b'a' + u8::try_from(number).unwrap()).to_string();
            let (low, high) = (letter(one.min(other)), letter(one.max(other)));
            let touched: Vec<u32> = (one.min(other)..one.max(other)).collect();
            match seed >> 30 {
                0 => {
                    set.remove(&range(&low, &high));
                    touched.iter().for_each(|letter| {
                        plain.remove(letter);
                    });
                }
                1 => {
                    set.toggle(&KeySet::only(&key(&low)));
                    let known = plain.remove(&one.min(other));
                    if !known {
                        plain.insert(one.min(other));
                    }
                }
                _ => {
                    set.insert(range(&low, &high));
                    plain.extend(touched);
                }
            }
            for number in 0..26 {
                assert_eq!(set.contains(&key(&letter(number))), plain.contains(&number));
            }
            assert!(set.ranges().is_sorted_by(|one, other| one.end < other.start));
        }
    }
}
