//! Each entry of the source beside what stands under its key in the target.

use crate::database::Database;
use crate::entry::Entry;
use crate::transfer::TransferError;
use crate::transfer::compare::{Pair, Side};

/// Entries looked at together.
const PAGE: usize = 256;

/// Each entry of the source with what stands under its key in the target.
pub(super) struct Lookups<'a> {
    source: Box<Side<'a>>,
    to: &'a dyn Database,
    page: std::vec::IntoIter<Pair>,
}

impl<'a> Lookups<'a> {
    pub(super) fn new(source: Box<Side<'a>>, to: &'a dyn Database) -> Self {
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
