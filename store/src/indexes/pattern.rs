//! What the keys of records look like, and the way through all keys that do.

use std::cmp::Ordering;
use std::fmt;

use crate::database::Snapshot;
use crate::entries::Pager;
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::{EncodedKey, Key, KeyPart, KeyRange, end_of_level};

/// A part of the keys of records.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordPart {
    /// The same in all of them.
    Fixed(KeyPart),
    /// The record's own, by which it is told from others.
    Own,
}

/// The keys of records: `["orgs", *, "users", *]`, where each `*` is a part of the record's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordPattern(pub Vec<RecordPart>);

impl RecordPattern {
    /// Records whose keys have one part more than a prefix. What of the prefix is no part of a key is left out.
    #[must_use]
    pub fn below(prefix: &EncodedKey) -> Self {
        let fixed = prefix.decode_readable().0.into_iter().map(RecordPart::Fixed);
        Self(fixed.chain([RecordPart::Own]).collect())
    }

    /// The record's own parts of a key; `None` where it is no key of such a record.
    #[must_use]
    pub fn own_parts(&self, key: &EncodedKey) -> Option<Vec<KeyPart>> {
        let parts = key.decode().ok()?.0;
        if parts.len() != self.0.len() {
            return None;
        }
        let mut own = Vec::new();
        for (part, expected) in parts.into_iter().zip(&self.0) {
            match expected {
                RecordPart::Own => own.push(part),
                RecordPart::Fixed(fixed) if *fixed == part => {}
                RecordPart::Fixed(_) => return None,
            }
        }
        Some(own)
    }

    /// The key of the record that has these own parts; `None` if they are not as many, or make no key.
    #[must_use]
    pub fn key_of(&self, own: &[KeyPart]) -> Option<EncodedKey> {
        let mut own = own.iter();
        let parts = self.0.iter().map(|part| match part {
            RecordPart::Fixed(fixed) => Some(fixed.clone()),
            RecordPart::Own => own.next().cloned(),
        });
        let key = Key(parts.collect::<Option<_>>()?).encode().ok()?;
        own.next().is_none().then_some(key)
    }

    /// How many own parts a record has.
    #[must_use]
    pub fn own_count(&self) -> usize {
        self.0.iter().filter(|part| **part == RecordPart::Own).count()
    }

    /// Which of the own parts the one at a place of the key is; `None` where a fixed part is.
    pub(super) fn own_at(&self, place: usize) -> Option<usize> {
        let before = self.0.get(..place)?;
        let is_own = *self.0.get(place)? == RecordPart::Own;
        is_own.then(|| before.iter().filter(|part| **part == RecordPart::Own).count())
    }

    pub(super) fn shape(&self) -> Shape {
        Shape::new(self.0.iter().map(|part| match part {
            RecordPart::Fixed(fixed) => Some(fixed),
            RecordPart::Own => None,
        }))
    }
}

impl fmt::Display for RecordPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shape().fmt(f)
    }
}

/// Keys of so many parts, of which some are given as their bytes.
#[derive(Debug, Clone)]
pub(super) struct Shape(Vec<Option<EncodedKey>>);

impl Shape {
    pub(super) fn new<'a>(parts: impl IntoIterator<Item = Option<&'a KeyPart>>) -> Self {
        let bytes = |part: &KeyPart| Key(vec![part.clone()]).encode().unwrap_or_default();
        Self(parts.into_iter().map(|part| part.map(bytes)).collect())
    }

    /// What all keys of the shape begin with.
    pub(super) fn lead(&self) -> EncodedKey {
        let given = self.0.iter().map_while(Option::as_ref);
        given.fold(EncodedKey::default(), |lead, part| {
            lead.with_suffix(part.as_bytes())
        })
    }

    pub(super) fn has(&self, key: &EncodedKey) -> bool {
        let mut begin = 0;
        let ends = key.part_ends();
        ends.len() == self.0.len()
            && ends.iter().zip(&self.0).all(|(end, given)| {
                let part = key.as_bytes().get(begin..*end);
                begin = *end;
                given.as_ref().is_none_or(|given| part == Some(given.as_bytes()))
            })
    }

    /// The first key behind `key` at which one of the shape may stand.
    fn next(&self, key: &EncodedKey) -> Next {
        let behind = |prefix: &EncodedKey| match end_of_level(prefix) {
            Some(end) if !prefix.as_bytes().is_empty() => Next::At(EncodedKey::from_bytes(end)),
            _ => Next::Nowhere,
        };
        let ends = key.part_ends();
        let mut begin = 0;
        for (end, given) in ends.iter().zip(&self.0) {
            let part = key.as_bytes().get(begin..*end).unwrap_or_default();
            if let Some(given) = given {
                let before = key.truncated(begin);
                match part.cmp(given.as_bytes()) {
                    Ordering::Less => return Next::At(before.with_suffix(given.as_bytes())),
                    Ordering::Greater => return behind(&before),
                    Ordering::Equal => {}
                }
            }
            begin = *end;
        }
        if ends.len() > self.0.len() {
            return behind(&key.truncated(begin));
        }
        Next::Anywhere
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (place, part) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(", ")?;
            }
            match part.as_ref().map(|part| part.decode_readable().0) {
                Some(parts) => parts.iter().try_for_each(|part| part.fmt(f))?,
                None => f.write_str("*")?,
            }
        }
        f.write_str("]")
    }
}

enum Next {
    /// What comes at once may be one.
    Anywhere,
    At(EncodedKey),
    Nowhere,
}

/// The entries of some ranges whose keys have a shape, in key order. What lies between them is read at most a page at a
/// time, and then left out.
pub(super) struct Matching<'a> {
    snapshot: &'a dyn Snapshot,
    shape: Shape,
    pager: Pager,
    page: std::vec::IntoIter<Entry>,
    /// Pages that may be read still.
    pages: usize,
}

impl<'a> Matching<'a> {
    pub(super) fn new(
        snapshot: &'a dyn Snapshot,
        shape: Shape,
        ranges: impl IntoIterator<Item = KeyRange>,
    ) -> Self {
        Self {
            snapshot,
            shape,
            pager: Pager::new(ranges),
            page: Vec::new().into_iter(),
            pages: usize::MAX,
        }
    }

    /// All entries of a shape.
    pub(super) fn all(snapshot: &'a dyn Snapshot, shape: Shape) -> Self {
        let range = KeyRange::below(&shape.lead());
        Self::new(snapshot, shape, [range])
    }

    /// Reads pages of so many entries, and at most so many of them.
    pub(super) fn at_most(mut self, pages: usize, of: usize) -> Self {
        self.pager = self.pager.pages_of(of);
        self.pages = pages;
        self
    }

    fn next_page(&mut self) -> Result<bool, DatabaseError> {
        if self.pages == 0 {
            return Ok(false);
        }
        self.pages -= 1;
        let Some(page) = self.pager.next_page(|range| self.snapshot.read(range))? else {
            return Ok(false);
        };
        if let Some(last) = page.last() {
            match self.shape.next(&last.key) {
                Next::Anywhere => {}
                Next::At(key) => self.pager.skip_to(&key),
                Next::Nowhere => self.pages = 0,
            }
        }
        self.page = page.into_iter();
        Ok(true)
    }
}

impl Iterator for Matching<'_> {
    type Item = Result<Entry, DatabaseError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(entry) = self.page.find(|entry| self.shape.has(&entry.key)) {
                return Some(Ok(entry));
            }
            match self.next_page() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    self.pages = 0;
                    return Some(Err(error));
                }
            }
        }
    }
}
