//! Entries read ahead, page by page, while another thread looks at those before.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::Sender;
use keyglass_store::key::{EncodedKey, KeyRange};
use keyglass_store::{Database, DatabaseError, Entries, Entry};

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
        let mut entries =
            Entries::renewed(self.database, SNAPSHOT_AGE, [range]).growing(FEWEST, MOST, PAGE_BYTES);
        while !(self.is_over)() {
            entries.skip_to(&self.resume.lock().unwrap_or_else(PoisonError::into_inner));
            let Some(page) = entries.next_page()? else {
                break;
            };
            if pages.send((*number, Ok(page))).is_err() {
                break;
            }
            *number += 1;
        }
        Ok(())
    }
}
