//! Entries read ahead, page by page, while another thread looks at those before.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use keyglass_store::database::{Database, ReadRange};
use keyglass_store::key::{EncodedKey, KeyRange};
use keyglass_store::{DatabaseError, Entry};

/// Entries of the first page, which shall come soon, and of the largest.
const FEWEST: usize = 16;
const MOST: usize = 1024;
/// Bytes that a page should have at most, unless it has [`FEWEST`] entries.
const PAGE_BYTES: u64 = 1 << 20;
/// How long one snapshot is held, since it keeps the engine from cleaning up.
const SNAPSHOT_AGE: Duration = Duration::from_secs(3);

/// Entries in key order, and which page it is, counted from 0.
pub(super) type Page = (u64, Result<Vec<Entry>, DatabaseError>);

/// Reads the pages of a range.
pub(super) struct PageReader<'a> {
    database: &'a dyn Database,
    is_over: &'a (dyn Fn() -> bool + Sync),
    /// Keys before this one need not be read any more.
    resume: Mutex<EncodedKey>,
}

impl<'a> PageReader<'a> {
    /// Reads until `is_over`.
    pub fn new(database: &'a dyn Database, is_over: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self {
            database,
            is_over,
            resume: Mutex::default(),
        }
    }

    /// Leaves out what is before a key, as far as it was not read yet.
    pub fn resume_at(&self, key: EncodedKey) {
        *self.resume.lock().unwrap_or_else(PoisonError::into_inner) = key;
    }

    /// Reads the range to its end, or until nobody takes the pages.
    pub fn read(&self, range: KeyRange, pages: &Sender<Page>) {
        let mut number = 0;
        if let Err(error) = self.read_pages(range, pages, &mut number) {
            // If nobody takes it, nobody waits for it.
            let _gone = pages.send((number, Err(error)));
        }
    }

    fn read_pages(
        &self,
        range: KeyRange,
        pages: &Sender<Page>,
        number: &mut u64,
    ) -> Result<(), DatabaseError> {
        let mut left = range;
        let mut limit = FEWEST;
        loop {
            let opened = Instant::now();
            let snapshot = self.database.snapshot()?;
            while opened.elapsed() < SNAPSHOT_AGE {
                if (self.is_over)() {
                    return Ok(());
                }
                let resume = self.resume.lock().unwrap_or_else(PoisonError::into_inner).clone();
                left.start = left.start.max(resume);
                let entries = snapshot.read(&ReadRange {
                    range: left.clone(),
                    limit,
                    reverse: false,
                })?;
                let Some(last) = entries.last() else {
                    return Ok(());
                };
                left = left.after(&last.key, false);
                let num_entries = entries.len();
                let bytes: u64 = entries.iter().map(Entry::size).sum();
                if pages.send((*number, Ok(entries))).is_err() || num_entries < limit {
                    return Ok(());
                }
                *number += 1;
                let fitting = PAGE_BYTES * num_entries as u64 / bytes.max(1);
                let fitting = usize::try_from(fitting).unwrap_or(MOST);
                limit = (limit * 2).min(fitting).clamp(FEWEST, MOST);
            }
        }
    }
}
