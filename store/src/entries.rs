//! Reading entries page by page: the one way to go through more of them than fit in memory.
//!
//! [`Entries`] is what most want: an iterator over the entries of some ranges. [`Pager`] is what it goes by, for those
//! who read pages in a way of their own: it knows what is to be read next, and nothing of where it is read.
//!
//! Whoever has enough just stops, and nothing more is read; [`Entries::seen`] tells how far it is, and
//! [`Entries::is_complete`] whether anything is left.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::database::{Database, ReadRange, Snapshot};
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::{EncodedKey, KeyRange};

/// Entries of a page unless told otherwise: with values of the greatest length it takes 16 MiB.
const PAGE: usize = 256;

/// What of some ranges is left to read, one range after the other.
#[derive(Debug, Clone)]
pub struct Pager {
    left: VecDeque<KeyRange>,
    reverse: bool,
    size: PageSize,
    seen: Seen,
}

/// How many entries a page has.
#[derive(Debug, Clone, Copy)]
struct PageSize {
    next: usize,
    least: usize,
    most: usize,
    bytes: u64,
}

/// How much was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Entries, those among them that have expired, too.
    pub entries: u64,
    /// Bytes of their keys and values.
    pub bytes: u64,
}

impl Pager {
    /// Reads these ranges, in pages of 256 entries and in key order. Each should begin behind the one before, or what
    /// they share is read twice.
    pub fn new(ranges: impl IntoIterator<Item = KeyRange>) -> Self {
        Self {
            left: ranges.into_iter().collect(),
            reverse: false,
            size: PageSize {
                next: PAGE,
                least: PAGE,
                most: PAGE,
                bytes: u64::MAX,
            },
            seen: Seen::default(),
        }
    }

    /// Reads each range from its end towards its start.
    #[must_use]
    pub fn reverse(mut self, reverse: bool) -> Self {
        self.reverse = reverse;
        self
    }

    /// Pages of so many entries, at least one.
    #[must_use]
    pub fn pages_of(mut self, entries: usize) -> Self {
        let entries = entries.max(1);
        self.size = PageSize {
            next: entries,
            least: entries,
            most: entries,
            bytes: u64::MAX,
        };
        self
    }

    /// Pages that begin with `least` entries, so that the first one comes soon, and grow to `most`, as long as they
    /// have at most so many bytes.
    #[must_use]
    pub fn growing(mut self, least: usize, most: usize, bytes: u64) -> Self {
        let least = least.max(1);
        self.size = PageSize {
            next: least,
            least,
            most: most.max(least),
            bytes,
        };
        self
    }

    /// The next page, which is never empty; `None` at the end. `read` is asked for it, perhaps several times, because
    /// ranges may be empty. After an error the same page can be asked for again.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn next_page<E>(
        &mut self,
        mut read: impl FnMut(&ReadRange) -> Result<Vec<Entry>, E>,
    ) -> Result<Option<Vec<Entry>>, E> {
        while let Some(range) = self.left.front() {
            if range.is_empty() {
                self.left.pop_front();
                continue;
            }
            let limit = self.size.next;
            let wanted = ReadRange {
                range: range.clone(),
                limit,
                reverse: self.reverse,
            };
            let page = read(&wanted)?;
            self.left.pop_front();
            let Some(last) = page.last() else { continue };
            if page.len() >= limit {
                self.left.push_front(wanted.range.after(&last.key, self.reverse));
            }
            let bytes = page.iter().map(Entry::size).sum();
            self.seen.entries += page.len() as u64;
            self.seen.bytes += bytes;
            self.size.adapt(page.len() as u64, bytes);
            return Ok(Some(page));
        }
        Ok(None)
    }

    /// Begins anew with these ranges, in pages as before.
    pub fn rewind(&mut self, ranges: impl IntoIterator<Item = KeyRange>) {
        self.left = ranges.into_iter().collect();
        self.size.next = self.size.least;
        self.seen = Seen::default();
    }

    /// Leaves out what lies before a key in the direction of reading, as far as it was not read yet.
    pub fn skip_to(&mut self, key: &EncodedKey) {
        for range in &mut self.left {
            if self.reverse {
                let end = key.with_suffix(&[0]);
                if end < range.end {
                    range.end = end;
                }
            } else if range.start < *key {
                range.start = key.clone();
            }
        }
    }

    /// Whether all was read.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.left.iter().all(KeyRange::is_empty)
    }

    /// How much was read.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.seen
    }
}

impl PageSize {
    fn adapt(&mut self, entries: u64, bytes: u64) {
        let fitting = self.bytes.saturating_mul(entries) / bytes.max(1);
        let fitting = usize::try_from(fitting).unwrap_or(usize::MAX);
        self.next = self
            .next
            .saturating_mul(2)
            .min(fitting)
            .clamp(self.least, self.most);
    }
}

/// The entries of some ranges, one after the other; as an iterator, entry by entry. After an error it ends.
pub struct Entries<'a> {
    pager: Pager,
    source: Source<'a>,
    page: std::vec::IntoIter<Entry>,
    failed: bool,
}

/// Where pages are read.
enum Source<'a> {
    Snapshot(&'a dyn Snapshot),
    Own(Box<dyn Snapshot>),
    Renewed {
        database: &'a dyn Database,
        held: Option<(Instant, Box<dyn Snapshot>)>,
        longest: Duration,
    },
}

impl<'a> Entries<'a> {
    /// Reads as a snapshot has it.
    pub fn of_snapshot(snapshot: &'a dyn Snapshot, ranges: impl IntoIterator<Item = KeyRange>) -> Self {
        Self::new(Source::Snapshot(snapshot), ranges)
    }

    /// Reads as it is now, all of it in one snapshot, which is held until this is dropped and holds back the engine's
    /// clean-up as long.
    ///
    /// # Errors
    /// If there is no snapshot.
    pub fn of_now(
        database: &dyn Database,
        ranges: impl IntoIterator<Item = KeyRange>,
    ) -> Result<Self, DatabaseError> {
        Ok(Self::new(Source::Own(database.snapshot()?), ranges))
    }

    /// Reads each page as it is when it is asked for, so that nothing is held back, however long it takes.
    pub fn of(database: &'a dyn Database, ranges: impl IntoIterator<Item = KeyRange>) -> Self {
        Self::renewed(database, Duration::ZERO, ranges)
    }

    /// Reads pages that are asked for within so long in one snapshot, which saves making one for each.
    pub fn renewed(
        database: &'a dyn Database,
        longest: Duration,
        ranges: impl IntoIterator<Item = KeyRange>,
    ) -> Self {
        let source = Source::Renewed {
            database,
            held: None,
            longest,
        };
        Self::new(source, ranges)
    }

    fn new(source: Source<'a>, ranges: impl IntoIterator<Item = KeyRange>) -> Self {
        Self {
            pager: Pager::new(ranges),
            source,
            page: Vec::new().into_iter(),
            failed: false,
        }
    }

    /// See [`Pager::reverse`].
    #[must_use]
    pub fn reverse(mut self, reverse: bool) -> Self {
        self.pager = self.pager.reverse(reverse);
        self
    }

    /// See [`Pager::pages_of`].
    #[must_use]
    pub fn pages_of(mut self, entries: usize) -> Self {
        self.pager = self.pager.pages_of(entries);
        self
    }

    /// See [`Pager::growing`].
    #[must_use]
    pub fn growing(mut self, least: usize, most: usize, bytes: u64) -> Self {
        self.pager = self.pager.growing(least, most, bytes);
        self
    }

    /// What is left of the current page, or the next one; never empty, `None` at the end. After an error the same page
    /// can be asked for again.
    ///
    /// # Errors
    /// Those of [`Snapshot::read`] and [`Database::snapshot`].
    pub fn next_page(&mut self) -> Result<Option<Vec<Entry>>, DatabaseError> {
        if self.page.len() > 0 {
            return Ok(Some(
                std::mem::replace(&mut self.page, Vec::new().into_iter()).collect(),
            ));
        }
        let source = &mut self.source;
        self.pager.next_page(|wanted| source.read(wanted))
    }

    /// Begins anew with these ranges, in the snapshot that it had, if it has one.
    pub fn rewind(&mut self, ranges: impl IntoIterator<Item = KeyRange>) {
        self.pager.rewind(ranges);
        self.page = Vec::new().into_iter();
        self.failed = false;
    }

    /// See [`Pager::skip_to`]. What was read already still comes.
    pub fn skip_to(&mut self, key: &EncodedKey) {
        self.pager.skip_to(key);
    }

    /// How much was read.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.pager.seen()
    }

    /// Whether all was read and has come.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.failed && self.page.len() == 0 && self.pager.is_complete()
    }
}

impl Source<'_> {
    fn read(&mut self, wanted: &ReadRange) -> Result<Vec<Entry>, DatabaseError> {
        match self {
            Self::Snapshot(snapshot) => snapshot.read(wanted),
            Self::Own(snapshot) => snapshot.read(wanted),
            Self::Renewed {
                database,
                held,
                longest,
            } => {
                if longest.is_zero() {
                    return database.snapshot()?.read(wanted);
                }
                let current = held.take().filter(|(since, _)| since.elapsed() < *longest);
                let (since, snapshot) = match current {
                    Some(current) => current,
                    None => (Instant::now(), database.snapshot()?),
                };
                let page = snapshot.read(wanted);
                *held = Some((since, snapshot));
                page
            }
        }
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, DatabaseError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        if self.page.len() == 0 {
            match self.next_page() {
                Ok(Some(page)) => self.page = page.into_iter(),
                Ok(None) => return None,
                Err(error) => {
                    self.failed = true;
                    return Some(Err(error));
                }
            }
        }
        self.page.next().map(Ok)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atomic::AtomicOperation;
    use crate::embedded::Store;
    use crate::value::{Encoding, StoredValue};

    fn key(number: u8) -> EncodedKey {
        EncodedKey::from_bytes(vec![2, number, 0])
    }

    /// Keys 10 to 39.
    fn database() -> (tempfile::TempDir, Store) {
        let folder = tempfile::TempDir::new().unwrap();
        let store = Store::create(folder.path().join("store")).unwrap();
        let operation = (10..40).fold(AtomicOperation::new(), |operation, number| {
            operation.set(key(number), value(number.into()))
        });
        store.commit(operation).unwrap();
        (folder, store)
    }

    fn value(bytes: usize) -> StoredValue {
        StoredValue {
            encoding: Encoding::Bytes,
            bytes: vec![0; bytes].into(),
        }
    }

    fn range(from: u8, to: u8) -> KeyRange {
        KeyRange {
            start: key(from),
            end: key(to),
        }
    }

    fn numbers(entries: impl Iterator<Item = Result<Entry, DatabaseError>>) -> Vec<u8> {
        entries.map(|entry| entry.unwrap().key.as_bytes()[1]).collect()
    }

    #[test]
    fn every_entry_of_every_range_comes_once_whatever_the_pages() {
        let (_folder, store) = database();
        let ranges = || {
            [
                range(0, 13),
                range(13, 13),
                range(20, 25),
                range(50, 60),
                range(38, 99),
            ]
        };
        let expected = [10, 11, 12, 20, 21, 22, 23, 24, 38, 39];
        let snapshot = store.snapshot().unwrap();
        for size in [1, 2, 3, 5, 256] {
            let entries = Entries::of(&store, ranges()).pages_of(size);
            assert_eq!(numbers(entries), expected, "{size}");
            let mut entries = Entries::of_snapshot(&*snapshot, ranges()).pages_of(size);
            assert_eq!(numbers(entries.by_ref()), expected, "{size}");
            assert!(entries.is_complete());
            assert_eq!(entries.seen().entries, 10);
            assert_eq!(
                entries.seen().bytes,
                expected.iter().map(|number| 3 + u64::from(*number)).sum::<u64>()
            );
        }
        let entries = Entries::of_now(&store, [range(0, 99)])
            .unwrap()
            .reverse(true)
            .pages_of(7);
        assert_eq!(numbers(entries), (10..40).rev().collect::<Vec<_>>());
    }

    #[test]
    fn whoever_has_enough_stops_and_the_rest_of_a_page_comes_as_one() {
        let (_folder, store) = database();
        let mut entries = Entries::of(&store, [range(0, 99)]).pages_of(10);
        assert_eq!(numbers(entries.by_ref().take(3)), [10, 11, 12]);
        assert_eq!(entries.next_page().unwrap().unwrap().len(), 7);
        assert_eq!(entries.seen().entries, 10);
        assert!(!entries.is_complete());
        entries.skip_to(&key(38));
        assert_eq!(numbers(entries.by_ref()), [38, 39]);
        assert!(entries.is_complete());
        let mut entries = Entries::of(&store, [range(0, 99)]).reverse(true).pages_of(10);
        entries.skip_to(&key(11));
        assert_eq!(numbers(entries), [11, 10]);
    }

    #[test]
    fn pages_grow_as_far_as_their_bytes_go() {
        let (_folder, store) = database();
        let mut entries = Entries::of(&store, [range(0, 99)]).growing(2, 8, u64::MAX);
        let mut sizes = Vec::new();
        while let Some(page) = entries.next_page().unwrap() {
            sizes.push(page.len());
        }
        assert_eq!(sizes, [2, 4, 8, 8, 8]);
        // Entries of 13 to 42 bytes.
        let mut entries = Entries::of(&store, [range(0, 99)]).growing(1, 8, 60);
        let mut most = 0;
        while let Some(page) = entries.next_page().unwrap() {
            most = most.max(page.len());
        }
        assert_eq!(most, 4);
    }

    #[test]
    fn one_snapshot_is_one_moment_and_none_is_the_present() {
        let (_folder, store) = database();
        let mut now = Entries::of_now(&store, [range(0, 99)]).unwrap().pages_of(10);
        let mut current = Entries::of(&store, [range(0, 99)]).pages_of(10);
        let mut held = Entries::renewed(&store, Duration::MAX, [range(0, 99)]).pages_of(10);
        for entries in [&mut now, &mut current, &mut held] {
            entries.next_page().unwrap();
        }
        store.commit(AtomicOperation::new().delete(key(39))).unwrap();
        assert_eq!(now.count(), 20);
        assert_eq!(current.count(), 19);
        assert_eq!(held.count(), 20);
    }

    #[test]
    fn what_was_read_is_read_again_in_the_same_snapshot() {
        let (_folder, store) = database();
        let mut entries = Entries::of_now(&store, [range(0, 99)]).unwrap().pages_of(10);
        assert_eq!(entries.by_ref().take(15).count(), 15);
        store.commit(AtomicOperation::new().delete(key(39))).unwrap();
        entries.rewind([range(36, 99)]);
        assert!(!entries.is_complete());
        assert_eq!(numbers(entries.by_ref()), [36, 37, 38, 39]);
        assert_eq!((entries.seen().entries, entries.is_complete()), (4, true));
    }

    #[test]
    fn a_page_that_failed_can_be_asked_for_again() {
        let (_folder, store) = database();
        let snapshot = store.snapshot().unwrap();
        let mut pager = Pager::new([range(0, 99)]).pages_of(20);
        let failed: Result<_, ()> = pager.next_page(|_| Err(()));
        assert!(failed.is_err() && !pager.is_complete());
        let page = pager.next_page(|wanted| snapshot.read(wanted)).unwrap().unwrap();
        assert_eq!(page.len(), 20);
    }
}
