//! The source beside what stands in the target.
//!
//! The target is written while it is read, so it is read in short looks, page by page, and whatever is written checks
//! what was seen there.

use crate::database::{Database, ReadRange};
use crate::entry::Entry;
use crate::key::KeyRange;
use crate::transfer::TransferError;
use crate::transfer::compare::{Entries, Pair};

/// Entries looked at together.
const PAGE: usize = 256;

/// The entries of a range, each page as it is when it is read.
pub(super) struct Pages<'a> {
    database: &'a dyn Database,
    rest: Option<ReadRange>,
    page: std::vec::IntoIter<Entry>,
}

impl<'a> Pages<'a> {
    pub(super) fn new(database: &'a dyn Database, range: KeyRange) -> Self {
        Self {
            database,
            rest: Some(ReadRange {
                range,
                limit: PAGE,
                reverse: false,
            }),
            page: Vec::new().into_iter(),
        }
    }

    fn turn(&mut self) -> Result<(), TransferError> {
        let Some(mut rest) = self.rest.take() else {
            return Ok(());
        };
        let page = self.database.snapshot()?.read(&rest)?;
        if let Some(last) = page.last() {
            rest.range = rest.range.after(&last.key, false);
            self.rest = Some(rest);
        }
        self.page = page.into_iter();
        Ok(())
    }
}

impl Iterator for Pages<'_> {
    type Item = Result<Entry, TransferError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(entry) = self.page.next() {
            return Some(Ok(entry));
        }
        match self.turn() {
            Ok(()) => self.page.next().map(Ok),
            Err(error) => Some(Err(error)),
        }
    }
}

/// Each entry of the source with what stands under its key in the target.
pub(super) struct Lookups<'a> {
    source: Box<Entries<'a>>,
    to: &'a dyn Database,
    page: std::vec::IntoIter<Pair>,
}

impl<'a> Lookups<'a> {
    pub(super) fn new(source: Box<Entries<'a>>, to: &'a dyn Database) -> Self {
        Self {
            source,
            to,
            page: Vec::new().into_iter(),
        }
    }

    fn turn(&mut self) -> Result<(), TransferError> {
        let entries: Vec<Entry> = self.source.by_ref().take(PAGE).collect::<Result<_, _>>()?;
        let keys: Vec<_> = entries.iter().map(|entry| entry.key.clone()).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let there = self.to.get_many(&keys)?;
        let pairs: Vec<_> = entries
            .into_iter()
            .zip(there)
            .map(|(entry, there)| match there {
                Some(there) => Pair::Both(entry, there),
                None => Pair::Left(entry),
            })
            .collect();
        self.page = pairs.into_iter();
        Ok(())
    }
}

impl Iterator for Lookups<'_> {
    type Item = Result<Pair, TransferError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(pair) = self.page.next() {
            return Some(Ok(pair));
        }
        match self.turn() {
            Ok(()) => self.page.next().map(Ok),
            Err(error) => Some(Err(error)),
        }
    }
}
