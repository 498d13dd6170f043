//! Each entry of the source beside what stands under its key in the target.

use std::collections::HashMap;

use crate::database::{Database, DatabaseKind, ReadRange};
use crate::entry::Entry;
use crate::key::{EncodedKey, KeyRange};
use crate::transfer::TransferError;
use crate::transfer::compare::{Pair, Side};

/// Entries looked at together.
const PAGE: usize = 256;
/// The same on a server, and how many are read there at most between the first and the last of them: one request takes a
/// thousand entries of a range, but few keys.
const PAGE_ON_SERVER: usize = 500;
const READ_ON_SERVER: usize = 1000;

/// Each entry of the source with what stands under its key in the target.
pub(super) struct Lookups<'a> {
    source: Box<Side<'a>>,
    to: &'a dyn Database,
    is_on_server: bool,
    page: std::vec::IntoIter<Pair>,
}

impl<'a> Lookups<'a> {
    pub(super) fn new(source: Box<Side<'a>>, to: &'a dyn Database) -> Self {
        Self {
            source,
            to,
            is_on_server: to.capabilities().kind == DatabaseKind::Remote,
            page: Vec::new().into_iter(),
        }
    }

    fn turn(&mut self) -> Result<(), TransferError> {
        let page = if self.is_on_server { PAGE_ON_SERVER } else { PAGE };
        let entries: Vec<Entry> = self.source.by_ref().take(page).collect::<Result<_, _>>()?;
        if entries.is_empty() {
            return Ok(());
        }
        let there = match self.between(&entries)? {
            Some(mut found) => {
                let mut take = |entry: &Entry| found.remove(&entry.key);
                entries.iter().map(&mut take).collect()
            }
            None => {
                let keys: Vec<_> = entries.iter().map(|entry| entry.key.clone()).collect();
                self.to.get_many(&keys)?
            }
        };
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

    /// What the target has between the first and the last of these, if it is on a server and has not much there.
    fn between(&self, entries: &[Entry]) -> Result<Option<HashMap<EncodedKey, Entry>>, TransferError> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
            return Ok(None);
        };
        if !self.is_on_server || first.key > last.key {
            return Ok(None);
        }
        let range = KeyRange {
            start: first.key.clone(),
            end: KeyRange::only(&last.key).end,
        };
        let range = ReadRange {
            range,
            limit: READ_ON_SERVER,
            reverse: false,
        };
        let found = self.to.read(&[range])?.pop().unwrap_or_default();
        if found.len() >= READ_ON_SERVER {
            return Ok(None);
        }
        Ok(Some(
            found
                .into_iter()
                .map(|entry| (entry.key.clone(), entry))
                .collect(),
        ))
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
