//! What a database consists of, found out by going through all of it once: numbers and bytes by key and by type, the
//! largest entries, and what expires when.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::ControlFlow;
use std::time::Duration;

use crate::database::Database;
use crate::entries::Entries;
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::{EncodedKey, KeyRange, first_part_length};

/// How long one snapshot is held, since it keeps the engine from cleaning up.
const SNAPSHOT_AGE: Duration = Duration::from_secs(3);
/// Entries of a page, and bytes that it should have at most.
const PAGE: usize = 1024;
const PAGE_BYTES: u64 = 4 << 20;

/// What to survey, and how much of it to name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyOptions {
    /// The key below which to look, and whose own entry counts, too; the empty key is everything.
    pub prefix: EncodedKey,
    /// How many children of the prefix are named: those with the most bytes.
    pub children: usize,
    /// How many of the largest entries are named.
    pub largest: usize,
}

/// Some entries taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// Entries, expired ones among them.
    pub entries: u64,
    /// Bytes of their keys.
    pub key_bytes: u64,
    /// Bytes of their values.
    pub value_bytes: u64,
}

/// What was found. While it goes on, what was found so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Survey {
    /// Everything.
    pub all: Sum,
    /// By the next part of the key, in key order: those with the most bytes.
    pub children: Vec<(EncodedKey, Sum)>,
    /// How many children there are.
    pub num_children: u64,
    /// By what the value is; see [`crate::StoredValue::type_name`].
    pub types: BTreeMap<&'static str, Sum>,
    /// The largest entries, the largest first, with their bytes of key and value.
    pub largest: Vec<(EncodedKey, u64)>,
    /// What expires, and has expired.
    pub expiring: Expiring,
    /// Whether all of it was seen.
    pub complete: bool,
}

/// Entries that have an expiry; each is counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expiring {
    /// Those whose time has passed and that were not swept yet.
    pub expired: u64,
    /// Those that go within the hour.
    pub within_hour: u64,
    /// Later, within the day of 24 hours.
    pub within_day: u64,
    /// Later, within thirty days.
    pub within_month: u64,
    /// Later still.
    pub later: u64,
    /// The next moment at which one goes, in milliseconds since the Unix epoch.
    pub next: Option<i64>,
}

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const MONTH: i64 = 30 * DAY;

impl Sum {
    /// Bytes of keys and values.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.key_bytes + self.value_bytes
    }

    fn add(&mut self, entry: &Entry) {
        self.entries += 1;
        self.key_bytes += entry.key.as_bytes().len() as u64;
        self.value_bytes += entry.value.bytes.len() as u64;
    }
}

/// Surveys what stands at and below a prefix. `progress` hears what was found so far after every page, and may break,
/// which ends the survey with [`Survey::complete`] false. Reads every value, but decodes none; where others write
/// meanwhile, what is told is of several moments.
///
/// # Errors
/// If the database fails.
pub fn survey(
    database: &dyn Database,
    options: &SurveyOptions,
    progress: &mut dyn FnMut(&Survey) -> ControlFlow<()>,
) -> Result<Survey, DatabaseError> {
    let now = database.clock().now();
    let range = KeyRange::at_and_below(&options.prefix);
    let mut entries = Entries::renewed(database, SNAPSHOT_AGE, [range]).growing(64, PAGE, PAGE_BYTES);
    let mut surveyor = Surveyor {
        options,
        now,
        found: Survey::default(),
        child: None,
        children: Greatest::new(options.children),
        largest: Greatest::new(options.largest),
    };
    while let Some(page) = entries.next_page()? {
        page.iter().for_each(|entry| surveyor.add(entry));
        surveyor.settle();
        if progress(&surveyor.found).is_break() {
            return Ok(surveyor.found);
        }
    }
    surveyor.found.complete = true;
    Ok(surveyor.found)
}

struct Surveyor<'a> {
    options: &'a SurveyOptions,
    now: i64,
    found: Survey,
    /// The child that is being gone through: keys come in order, so those of a child come together.
    child: Option<(EncodedKey, Sum)>,
    children: Greatest<(EncodedKey, Sum)>,
    largest: Greatest<EncodedKey>,
}

impl Surveyor<'_> {
    fn add(&mut self, entry: &Entry) {
        self.found.all.add(entry);
        let type_sum = self.found.types.entry(entry.value.type_name()).or_default();
        type_sum.add(entry);
        self.largest.offer(entry.size(), || entry.key.clone());
        if let Some(expires_at) = entry.expires_at {
            self.found.expiring.add(expires_at, self.now);
        }
        let key = entry.key.as_bytes();
        let Some(below) = key.get(self.options.prefix.as_bytes().len()..) else {
            return;
        };
        if below.is_empty() {
            return;
        }
        // Bytes that are no key part are one child.
        let length = key.len() - below.len() + first_part_length(below).unwrap_or(below.len());
        let own = key.get(..length).unwrap_or(key);
        match &mut self.child {
            Some((child, sum)) if child.as_bytes() == own => sum.add(entry),
            _ => {
                self.close_child();
                let mut sum = Sum::default();
                sum.add(entry);
                self.child = Some((entry.key.truncated(length), sum));
                self.found.num_children += 1;
            }
        }
    }

    fn close_child(&mut self) {
        if let Some((child, sum)) = self.child.take() {
            self.children.offer(sum.bytes(), || (child, sum));
        }
    }

    /// Puts down what is known so far.
    fn settle(&mut self) {
        let current = self
            .child
            .iter()
            .map(|(child, sum)| (sum.bytes(), (child.clone(), *sum)));
        let mut children: Vec<_> = self.children.iter().chain(current).collect();
        children.sort_by_key(|(bytes, _)| Reverse(*bytes));
        children.truncate(self.options.children);
        self.found.children = children.into_iter().map(|(_, child)| child).collect();
        self.found.children.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut largest: Vec<_> = self.largest.iter().collect();
        largest.sort_by(|(a, a_key), (b, b_key)| b.cmp(a).then_with(|| a_key.cmp(b_key)));
        self.found.largest = largest.into_iter().map(|(bytes, key)| (key, bytes)).collect();
    }
}

impl Expiring {
    fn add(&mut self, expires_at: i64, now: i64) {
        let left = expires_at.saturating_sub(now);
        let count = match left {
            _ if left <= 0 => &mut self.expired,
            _ if left <= HOUR => &mut self.within_hour,
            _ if left <= DAY => &mut self.within_day,
            _ if left <= MONTH => &mut self.within_month,
            _ => &mut self.later,
        };
        *count += 1;
        if left > 0 {
            self.next = Some(self.next.map_or(expires_at, |next| next.min(expires_at)));
        }
    }
}

/// The greatest of many things, at most so many.
struct Greatest<T> {
    most: usize,
    /// How great each is and its place in `things`, the least on top.
    ranks: BinaryHeap<Reverse<(u64, usize)>>,
    things: Vec<T>,
}

impl<T: Clone> Greatest<T> {
    fn new(most: usize) -> Self {
        Self {
            most,
            ranks: BinaryHeap::new(),
            things: Vec::new(),
        }
    }

    fn offer(&mut self, size: u64, thing: impl FnOnce() -> T) {
        if self.things.len() < self.most {
            self.ranks.push(Reverse((size, self.things.len())));
            self.things.push(thing());
            return;
        }
        let Some(Reverse((least, place))) = self.ranks.peek().copied() else {
            return;
        };
        if size > least
            && let Some(there) = self.things.get_mut(place)
        {
            *there = thing();
            self.ranks.pop();
            self.ranks.push(Reverse((size, place)));
        }
    }

    fn iter(&self) -> impl Iterator<Item = (u64, T)> {
        self.ranks
            .iter()
            .filter_map(|Reverse((size, place))| Some((*size, self.things.get(*place)?.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atomic::AtomicOperation;
    use crate::clock::Clock;
    use crate::embedded::{OpenOptions, Store};
    use crate::value::{Encoding, StoredValue};

    const NOW: i64 = 1_000_000;

    fn key(parts: &[&str]) -> EncodedKey {
        let mut bytes = Vec::new();
        for part in parts {
            bytes.push(2);
            bytes.extend_from_slice(part.as_bytes());
            bytes.push(0);
        }
        EncodedKey::from_bytes(bytes)
    }

    fn bytes(length: usize) -> StoredValue {
        StoredValue {
            encoding: Encoding::Bytes,
            bytes: vec![0; length].into(),
        }
    }

    fn database() -> (tempfile::TempDir, Store) {
        let folder = tempfile::TempDir::new().unwrap();
        let store = OpenOptions::new()
            .clock(Clock::from_fn(|| NOW))
            .create(folder.path().join("store"))
            .unwrap();
        let number = StoredValue {
            encoding: Encoding::Le64,
            bytes: vec![0; 8].into(),
        };
        let operation = AtomicOperation::new()
            .set(key(&["a"]), bytes(1))
            .set(key(&["a", "x"]), bytes(100))
            .set_expiring(key(&["b", "x"]), bytes(300), Some(NOW + HOUR))
            .set_expiring(key(&["b", "y"]), bytes(200), Some(NOW + HOUR + 1))
            .set(key(&["c"]), number);
        store.commit(operation).unwrap();
        (folder, store)
    }

    fn options(children: usize, largest: usize) -> SurveyOptions {
        SurveyOptions {
            prefix: EncodedKey::default(),
            children,
            largest,
        }
    }

    fn sum(entries: u64, key_bytes: u64, value_bytes: u64) -> Sum {
        Sum {
            entries,
            key_bytes,
            value_bytes,
        }
    }

    #[test]
    fn one_pass_tells_numbers_and_bytes_by_key_and_type_the_largest_and_what_expires() {
        let (_folder, store) = database();
        let found = survey(&store, &options(10, 2), &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(found.all, sum(5, 24, 609));
        assert_eq!(
            found.children,
            [
                (key(&["a"]), sum(2, 9, 101)),
                (key(&["b"]), sum(2, 12, 500)),
                (key(&["c"]), sum(1, 3, 8)),
            ]
        );
        assert_eq!(found.num_children, 3);
        assert_eq!(found.types["bytes"], sum(4, 21, 601));
        assert_eq!(found.types["u64"], sum(1, 3, 8));
        assert_eq!(found.largest, [(key(&["b", "x"]), 306), (key(&["b", "y"]), 206)]);
        let expiring = Expiring {
            within_hour: 1,
            within_day: 1,
            next: Some(NOW + HOUR),
            ..Expiring::default()
        };
        assert_eq!(found.expiring, expiring);
        assert!(found.complete);
        // Its own entry counts, but is no child of itself.
        let below = SurveyOptions {
            prefix: key(&["a"]),
            ..options(10, 0)
        };
        let found = survey(&store, &below, &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(found.all, sum(2, 9, 101));
        assert_eq!(found.children, [(key(&["a", "x"]), sum(1, 6, 100))]);
        assert!(found.largest.is_empty());
    }

    #[test]
    fn of_many_children_those_with_the_most_bytes_are_named() {
        let (_folder, store) = database();
        let found = survey(&store, &options(2, 0), &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(found.num_children, 3);
        let named: Vec<_> = found.children.into_iter().map(|(child, _)| child).collect();
        assert_eq!(named, [key(&["a"]), key(&["b"])]);
    }

    #[test]
    fn a_survey_that_is_broken_off_tells_what_it_saw() {
        let (_folder, store) = database();
        let operation = (0..200).fold(AtomicOperation::new(), |operation, number| {
            operation.set(key(&["n", &number.to_string()]), bytes(1))
        });
        store.commit(operation).unwrap();
        let mut heard = 0;
        let found = survey(&store, &options(2, 2), &mut |so_far| {
            heard = so_far.all.entries;
            ControlFlow::Break(())
        })
        .unwrap();
        assert!(!found.complete);
        assert_eq!((heard, found.all.entries), (64, 64));
    }
}
