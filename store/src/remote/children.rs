//! The children of a prefix, found by seeking past each: ten seeks a request, because a request costs more than what it
//! reads.
//!
//! What is not known yet are gaps between keys. A request reads a few entries from the beginning of each of the first ten;
//! where children are small, the few are many children, and where they are large, gaps are cut in pieces at places that
//! lie evenly between their ends, so that ten seeks find up to ten of them.

use std::collections::{BTreeMap, VecDeque};

use crate::database::{Child, ChildrenPage, ReadRange};
use crate::entry::Entry;
use crate::key::{EncodedKey, KeyRange, end_of_child, end_of_level, first_part_length};
use crate::limits::{RANGES, READ_KEY_BYTES};

/// Entries that a seek reads at first, among large children, and among small ones.
const AT_FIRST: usize = 16;
const AMONG_LARGE: usize = 2;
const AMONG_SMALL: usize = 100;

/// What is known of one level, and what is to be read next.
pub(super) struct Scan<'a> {
    prefix: &'a EncodedKey,
    after: Option<&'a EncodedKey>,
    limit: usize,
    found: BTreeMap<EncodedKey, Child>,
    /// In key order.
    gaps: VecDeque<KeyRange>,
    /// Entries that a seek reads.
    steps: usize,
    /// Whether the last child was sought.
    knows_end: bool,
}

impl<'a> Scan<'a> {
    pub(super) fn new(prefix: &'a EncodedKey, after: Option<&'a EncodedKey>, limit: usize) -> Self {
        let start = match after {
            Some(child) => end_of_child(prefix, child).map(EncodedKey::from_bytes),
            None => Some(prefix.with_suffix(&[0])),
        };
        // Everything is below the root, also what is no key.
        let end = end_of_level(prefix).unwrap_or_else(|| vec![0xff; READ_KEY_BYTES]);
        let gap = start.map(|start| KeyRange {
            start,
            end: EncodedKey::from_bytes(end),
        });
        Self {
            prefix,
            after,
            limit,
            found: BTreeMap::new(),
            gaps: gap.into_iter().filter(|gap| !gap.is_empty()).collect(),
            steps: AT_FIRST,
            knows_end: false,
        }
    }

    /// What to read next; nothing, if the page is known.
    pub(super) fn wanted(&mut self) -> Vec<ReadRange> {
        if self.gaps.is_empty() || self.settled() > self.limit {
            return Vec::new();
        }
        let mut wanted = Vec::new();
        if self.steps == AMONG_LARGE {
            if self.knows_end {
                self.cut();
            } else if let (Some(first), Some(last)) = (self.gaps.front(), self.gaps.back()) {
                wanted.push(ReadRange {
                    range: KeyRange {
                        start: first.start.clone(),
                        end: last.end.clone(),
                    },
                    limit: 1,
                    reverse: true,
                });
            }
        }
        let room = RANGES - wanted.len();
        wanted.extend(self.gaps.iter().take(room).map(|gap| ReadRange {
            range: gap.clone(),
            limit: self.steps,
            reverse: false,
        }));
        wanted
    }

    /// Takes what was read of what was wanted.
    pub(super) fn take(&mut self, wanted: &[ReadRange], pages: &[Vec<Entry>]) {
        let (mut children, mut entries) = (0, 0);
        let mut is_full = false;
        let mut left = VecDeque::new();
        // Where the newest child ends, which may reach into the gaps behind.
        let mut reached: Option<EncodedKey> = None;
        let mut last = None;
        for (range, page) in wanted.iter().zip(pages) {
            let before = self.found.len();
            for entry in page {
                self.observe(&entry.key);
            }
            if range.reverse {
                self.knows_end = true;
                last = page.first().map(|entry| self.child_of(&entry.key).0);
                continue;
            }
            let gap = self.gaps.pop_front();
            children += self.found.len() - before;
            entries += page.len();
            if page.len() >= range.limit
                && let (Some(gap), Some(entry)) = (gap, page.last())
            {
                is_full = true;
                let (child, is_whole) = self.child_of(&entry.key);
                let behind = match is_whole {
                    // Longer keys may follow, or what is no key ends here.
                    true => Some(entry.key.with_suffix(&[0])),
                    false => end_of_child(self.prefix, &child).map(EncodedKey::from_bytes),
                };
                if let Some(start) = behind {
                    reached = reached.max(Some(start.clone()));
                    left.push_back(KeyRange { start, end: gap.end });
                }
            }
        }
        left.append(&mut self.gaps);
        for mut gap in left {
            if let Some(reached) = &reached
                && self.is_in_reach(&gap, reached)
            {
                gap.start = gap.start.max(reached.clone());
            }
            if let Some(last) = &last {
                gap.end = gap.end.min(last.with_suffix(&[0]));
            }
            if !gap.is_empty() {
                self.gaps.push_back(gap);
            }
        }
        if is_full {
            self.steps = match () {
                () if children * 4 <= entries => AMONG_LARGE,
                () if children * 2 > entries => (self.steps * 4).min(AMONG_SMALL),
                () => self.steps,
            };
        }
    }

    /// Whether a gap begins within the child that ends where something was reached.
    fn is_in_reach(&self, gap: &KeyRange, reached: &EncodedKey) -> bool {
        let owner = self.found.range(..=gap.start.clone()).next_back();
        owner.is_some_and(|(child, _)| {
            let end = end_of_child(self.prefix, child).map(EncodedKey::from_bytes);
            end.as_ref() == Some(reached)
        })
    }

    /// The page, once nothing is wanted any more.
    pub(super) fn page(self) -> ChildrenPage {
        let settled = self.settled();
        let mut children: Vec<Child> = self.found.into_values().take(settled).collect();
        let more = children.len() > self.limit;
        children.truncate(self.limit);
        ChildrenPage { children, more }
    }

    /// How many children are known before the first gap.
    fn settled(&self) -> usize {
        match self.gaps.front() {
            None => self.found.len(),
            Some(gap) => {
                let settled = self.found.range(..gap.start.clone());
                // The gap may begin within the last of them.
                let is_open = |child: &EncodedKey| {
                    let end = end_of_child(self.prefix, child);
                    end.is_some_and(|end| end.as_slice() > gap.start.as_bytes())
                };
                settled.filter(|(child, _)| !is_open(child)).count()
            }
        }
    }

    /// The child that a key belongs to, and whether the key is no more than that.
    fn child_of(&self, key: &EncodedKey) -> (EncodedKey, bool) {
        let rest = key
            .as_bytes()
            .get(self.prefix.as_bytes().len()..)
            .unwrap_or_default();
        let length = first_part_length(rest).unwrap_or(rest.len());
        let child = self.prefix.with_suffix(rest.get(..length).unwrap_or(rest));
        (child, rest.len() == length)
    }

    fn observe(&mut self, key: &EncodedKey) {
        let (child, is_whole) = self.child_of(key);
        if self.after == Some(&child) {
            return;
        }
        let known = self.found.entry(child.clone()).or_insert(Child {
            prefix: child,
            is_entry: false,
            has_children: false,
        });
        known.is_entry |= is_whole;
        known.has_children |= !is_whole;
    }

    /// Cuts the first gaps into as many pieces as a request has seeks.
    fn cut(&mut self) {
        let gaps = self.gaps.len();
        let pieces = RANGES / gaps.max(1);
        if pieces < 2 {
            return;
        }
        let mut cut = VecDeque::with_capacity(RANGES);
        for gap in self.gaps.drain(..) {
            let mut start = gap.start.clone();
            for place in places(gap.start.as_bytes(), gap.end.as_bytes(), pieces) {
                let place = EncodedKey::from_bytes(place);
                if place > start && place < gap.end {
                    let end = place.clone();
                    cut.push_back(KeyRange { start, end });
                    start = place;
                }
            }
            cut.push_back(KeyRange { start, end: gap.end });
        }
        self.gaps = cut;
    }
}

/// Places that part what lies between two keys into so many pieces, evenly as their next bytes go.
fn places(start: &[u8], end: &[u8], pieces: usize) -> Vec<Vec<u8>> {
    let same = start
        .iter()
        .zip(end)
        .take_while(|(one, other)| one == other)
        .count();
    let (common, _) = start.split_at(same.min(start.len()));
    let number = |bytes: &[u8]| {
        let behind = bytes.iter().skip(same).chain(std::iter::repeat(&0)).take(8);
        behind.fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
    };
    let (low, high) = (number(start), number(end));
    let piece = high.saturating_sub(low) / (pieces as u64).max(1);
    (1..pieces as u64)
        .map(|place| {
            let bytes = low.saturating_add(piece * place).to_be_bytes();
            let length = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
            [common, bytes.get(..length).unwrap_or_default()].concat()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::key::{Key, KeyPart};
    use crate::value::{Encoding, StoredValue};
    use crate::versionstamp::Versionstamp;

    fn read(keys: &BTreeSet<EncodedKey>, range: &ReadRange) -> Vec<Entry> {
        if range.range.is_empty() {
            return Vec::new();
        }
        let keys = keys.range(range.range.start.clone()..range.range.end.clone());
        let entry = |key: &EncodedKey| Entry {
            key: key.clone(),
            value: StoredValue {
                encoding: Encoding::Bytes,
                bytes: bytes::Bytes::new(),
            },
            versionstamp: Versionstamp::default(),
            expires_at: None,
        };
        match range.reverse {
            true => keys.rev().take(range.limit).map(entry).collect(),
            false => keys.take(range.limit).map(entry).collect(),
        }
    }

    /// All pages of a level, and how many requests they took.
    fn scan(keys: &BTreeSet<EncodedKey>, prefix: &EncodedKey, limit: usize) -> (Vec<Child>, usize) {
        let (mut all, mut requests): (Vec<Child>, _) = (Vec::new(), 0);
        loop {
            let after = all.last().map(|child| child.prefix.clone());
            let mut scan = Scan::new(prefix, after.as_ref(), limit);
            loop {
                let wanted = scan.wanted();
                if wanted.is_empty() {
                    break;
                }
                assert!(wanted.len() <= RANGES);
                assert!(wanted.iter().map(|range| range.limit).sum::<usize>() <= 1000);
                requests += 1;
                assert!(requests < 10_000, "it does not end");
                let pages: Vec<_> = wanted.iter().map(|range| read(keys, range)).collect();
                scan.take(&wanted, &pages);
            }
            let mut page = scan.page();
            all.append(&mut page.children);
            if !page.more {
                return (all, requests);
            }
        }
    }

    /// The same by looking at every key.
    fn looked_at(keys: &BTreeSet<EncodedKey>, prefix: &EncodedKey) -> Vec<Child> {
        let mut found: BTreeMap<EncodedKey, Child> = BTreeMap::new();
        for key in keys {
            let rest = key.as_bytes().strip_prefix(prefix.as_bytes());
            let Some(rest) = rest.filter(|rest| !rest.is_empty() && rest[0] != 0xff) else {
                continue;
            };
            let length = first_part_length(rest).unwrap();
            let child = prefix.with_suffix(&rest[..length]);
            let known = found.entry(child.clone()).or_insert(Child {
                prefix: child,
                is_entry: false,
                has_children: false,
            });
            known.is_entry |= rest.len() == length;
            known.has_children |= rest.len() > length;
        }
        found.into_values().collect()
    }

    fn key(parts: impl IntoIterator<Item = KeyPart>) -> EncodedKey {
        Key::from_iter(parts).encode().unwrap()
    }

    #[test]
    fn fifty_large_children_take_a_few_requests() {
        let group = |group: u32| KeyPart::from(format!("group {group:02}"));
        let keys = (0..50).flat_map(|number| {
            (0..100).map(move |each| key([group(number), KeyPart::from(f64::from(each))]))
        });
        let (children, requests) = scan(&keys.collect(), &EncodedKey::default(), 1000);
        assert_eq!(children.len(), 50);
        assert!(children.iter().all(|child| child.has_children && !child.is_entry));
        assert!(requests <= 16, "{requests}");
    }

    #[test]
    fn a_thousand_small_children_take_as_many_requests_as_entries_need() {
        let keys = (0..1000).map(|number| key([KeyPart::from(f64::from(number))]));
        let (children, requests) = scan(&keys.collect(), &EncodedKey::default(), 2000);
        assert_eq!(children.len(), 1000);
        assert!(requests <= 14, "{requests}");
    }

    fn part() -> impl Strategy<Value = KeyPart> {
        prop_oneof![
            prop::collection::vec(prop_oneof![Just(b'a'), Just(b'b'), Just(0), Just(0xff)], 0..3)
                .prop_map(KeyPart::Bytes),
            "[abc]{0,3}".prop_map(KeyPart::String),
            (-3..300_i32).prop_map(|number| KeyPart::from(f64::from(number))),
            any::<bool>().prop_map(KeyPart::from),
        ]
    }

    proptest! {
        #[test]
        fn a_scan_finds_what_looking_at_every_key_finds(
            keys in prop::collection::vec(prop::collection::vec(part(), 1..4), 0..400),
            deep in prop::collection::vec(part(), 0..2),
            limit in 1..50_usize,
        ) {
            let keys: BTreeSet<EncodedKey> = keys.into_iter().map(key).collect();
            let prefix = key(deep);
            let (found, _) = scan(&keys, &prefix, limit);
            prop_assert_eq!(found, looked_at(&keys, &prefix));
        }
    }
}
