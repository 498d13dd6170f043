//! Which key stands in which row of the table, for any number of rows.
//!
//! Keys have no numbers. So the range is cut into segments of a few hundred entries, of which only the first
//! key and the number of entries are kept: 40 bytes for 256 rows. A row is then found by adding up segments,
//! and only segments on screen are read. A change inside a segment makes it count again, which keeps the
//! numbers exact whatever the order in which changes and scans arrive.

use keyglass_store::key::{EncodedKey, KeyRange};

/// Entries of a segment when it is scanned.
pub const SEGMENT_ENTRIES: usize = 256;
/// Entries that a segment may grow to before the range is scanned anew.
pub const SEGMENT_LIMIT: usize = 4 * SEGMENT_ENTRIES;

/// The segments of a range, in key order.
#[derive(Debug, Clone)]
pub struct EntryIndex {
    range: KeyRange,
    segments: Vec<Segment>,
    /// The first key that no segment covers; nothing is known from there on.
    reached: EncodedKey,
    complete: bool,
}

#[derive(Debug, Clone)]
struct Segment {
    start: EncodedKey,
    entries: u32,
    /// Entries of all segments before.
    before: u64,
}

/// Where a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The segment's number.
    pub segment: usize,
    /// The row's place in it.
    pub offset: usize,
}

impl EntryIndex {
    /// An index that knows nothing yet.
    #[must_use]
    pub fn new(range: KeyRange) -> Self {
        Self {
            reached: range.start.clone(),
            range,
            segments: Vec::new(),
            complete: false,
        }
    }

    /// The range that is indexed.
    #[must_use]
    pub fn range(&self) -> &KeyRange {
        &self.range
    }

    /// The first key that it knows nothing of.
    #[must_use]
    pub fn reached(&self) -> &EncodedKey {
        &self.reached
    }

    /// Rows that are known.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.segments
            .last()
            .map_or(0, |last| last.before + u64::from(last.entries))
    }

    /// Whether no row is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the end of the range is known.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Takes further segments of the scan, which cover all keys before `reached`; without it, the whole range.
    pub fn extend(&mut self, segments: Vec<(EncodedKey, u32)>, reached: Option<EncodedKey>) {
        let complete = reached.is_none();
        self.reached = reached.unwrap_or_else(|| self.range.end.clone());
        for (start, entries) in segments {
            // The first segment reaches down to the range's start, so that a new first key is in it.
            let start = if self.segments.is_empty() {
                self.range.start.clone()
            } else {
                start
            };
            let before = self.len();
            self.segments.push(Segment {
                start,
                entries,
                before,
            });
        }
        if complete && self.segments.is_empty() {
            let start = self.range.start.clone();
            self.segments.push(Segment {
                start,
                entries: 0,
                before: 0,
            });
        }
        self.complete |= complete;
    }

    /// The place of a row.
    #[must_use]
    pub fn place(&self, row: u64) -> Option<Place> {
        let segment = self
            .segments
            .partition_point(|segment| segment.before <= row)
            .checked_sub(1)?;
        // Empty segments share their beginning with the next one; the last one that begins here has the row.
        let found = self.segments.get(segment)?;
        let offset = row - found.before;
        (offset < u64::from(found.entries)).then(|| {
            usize::try_from(offset)
                .ok()
                .map(|offset| Place { segment, offset })
        })?
    }

    /// The first row of a segment.
    #[must_use]
    pub fn first_row(&self, segment: usize) -> Option<u64> {
        self.segments.get(segment).map(|segment| segment.before)
    }

    /// The segment that a key lies in, or would.
    #[must_use]
    pub fn segment_of(&self, key: &EncodedKey) -> Option<usize> {
        if *key < self.range.start || *key >= self.reached {
            return None;
        }
        self.segments
            .partition_point(|segment| segment.start <= *key)
            .checked_sub(1)
    }

    /// The segment that begins with this key.
    #[must_use]
    pub fn segment_at(&self, start: &EncodedKey) -> Option<usize> {
        self.segments
            .binary_search_by(|segment| segment.start.cmp(start))
            .ok()
    }

    /// The keys of a segment.
    #[must_use]
    pub fn segment_range(&self, segment: usize) -> Option<KeyRange> {
        let start = self.segments.get(segment)?.start.clone();
        let end = self
            .segments
            .get(segment + 1)
            .map_or(&self.reached, |next| &next.start)
            .clone();
        Some(KeyRange { start, end })
    }

    /// Corrects the number of entries of a segment. False if it has grown so much that the range should be
    /// scanned anew.
    pub fn set_entries(&mut self, segment: usize, entries: u32) -> bool {
        if let Some(found) = self.segments.get_mut(segment) {
            found.entries = entries;
        }
        let mut before = self.segments.get(segment).map_or(0, |found| found.before);
        for found in self.segments.iter_mut().skip(segment) {
            found.before = before;
            before += u64::from(found.entries);
        }
        entries < u32::try_from(SEGMENT_LIMIT).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> EncodedKey {
        EncodedKey::from_bytes(text.as_bytes().to_vec())
    }

    fn index() -> EntryIndex {
        let mut index = EntryIndex::new(KeyRange {
            start: key("a"),
            end: key("z"),
        });
        index.extend(vec![(key("c"), 2), (key("f"), 3)], Some(key("k")));
        index.extend(vec![(key("k"), 1)], None);
        index
    }

    #[test]
    fn what_is_not_scanned_yet_belongs_to_no_segment() {
        let mut index = EntryIndex::new(KeyRange {
            start: key("a"),
            end: key("z"),
        });
        index.extend(vec![(key("c"), 2)], Some(key("f")));
        assert_eq!(index.segment_range(0).unwrap().end, key("f"));
        assert_eq!(index.segment_of(&key("e")), Some(0));
        assert_eq!(index.segment_of(&key("f")), None);
        index.extend(Vec::new(), None);
        assert_eq!(index.segment_range(0).unwrap().end, key("z"));
        assert_eq!(index.segment_of(&key("f")), Some(0));
    }

    #[test]
    fn rows_are_found_across_segments() {
        let index = index();
        assert_eq!(index.len(), 6);
        assert_eq!(
            index.place(0),
            Some(Place {
                segment: 0,
                offset: 0
            })
        );
        assert_eq!(
            index.place(4),
            Some(Place {
                segment: 1,
                offset: 2
            })
        );
        assert_eq!(
            index.place(5),
            Some(Place {
                segment: 2,
                offset: 0
            })
        );
        assert_eq!(index.place(6), None);
    }

    #[test]
    fn a_key_before_the_first_one_belongs_to_the_first_segment() {
        let index = index();
        assert_eq!(index.segment_of(&key("b")), Some(0));
        assert_eq!(index.segment_of(&key("j")), Some(1));
        assert_eq!(index.segment_of(&key("zz")), None);
        assert_eq!(
            index.segment_range(1),
            Some(KeyRange {
                start: key("f"),
                end: key("k")
            })
        );
        assert_eq!(
            index.segment_range(2),
            Some(KeyRange {
                start: key("k"),
                end: key("z")
            })
        );
    }

    #[test]
    fn a_segment_that_empties_or_grows_moves_the_rows_behind_it() {
        let mut index = index();
        assert!(index.set_entries(1, 0));
        assert_eq!(index.len(), 3);
        assert_eq!(
            index.place(2),
            Some(Place {
                segment: 2,
                offset: 0
            })
        );
        assert!(!index.set_entries(0, u32::try_from(SEGMENT_LIMIT).unwrap()));
        assert_eq!(index.first_row(2), Some(SEGMENT_LIMIT as u64));
    }

    #[test]
    fn an_empty_range_has_one_segment_that_a_first_entry_can_join() {
        let mut index = EntryIndex::new(KeyRange {
            start: key("a"),
            end: key("z"),
        });
        index.extend(Vec::new(), None);
        assert!(index.is_empty() && index.is_complete());
        assert_eq!(index.segment_of(&key("m")), Some(0));
        index.set_entries(0, 1);
        assert_eq!(
            index.place(0),
            Some(Place {
                segment: 0,
                offset: 0
            })
        );
    }
}
