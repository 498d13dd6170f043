//! Listing entries, with Deno's batches and cursors.

use std::sync::Arc;

use super::{KvEntry, KvError};
use crate::database::{Database, Snapshot};
use crate::entries::Pager;
use crate::entry::Entry;
use crate::key::{Cursor, EncodedKey, Selector};
use crate::limits::{LimitError, READ_ENTRIES};

/// Entries that are read at once, unless told otherwise.
const BATCH: usize = 100;
/// The most entries that are read at once because of a limit alone.
const LIMITED_BATCH: usize = 500;

/// The entries of a selector, read in batches while they are asked for.
///
/// As in Deno, each batch is read from the newest state unless [`Self::consistent`] is asked for. An entry
/// that cannot be read is an error in its place, and the list goes on after it; after any other error it ends.
pub struct List<D: Database + ?Sized> {
    database: Arc<D>,
    selector: Selector,
    limit: Option<usize>,
    reverse: bool,
    cursor: Cursor,
    batch_size: Option<usize>,
    consistent: bool,
    progress: Progress,
}

/// How far a list is.
enum Progress {
    Unread,
    Reading(Reading),
    /// At its end, or after an error.
    Ended,
}

/// A list that has begun.
struct Reading {
    /// What no batch has covered.
    pager: Pager,
    batch: std::vec::IntoIter<Entry>,
    /// When it was read, in milliseconds since the Unix epoch.
    now: i64,
    /// How many entries may still come.
    num_left: usize,
    /// The key of the entry that came last.
    last: Option<EncodedKey>,
    /// Where all batches come from, if from one moment.
    snapshot: Option<Box<dyn Snapshot>>,
}

impl<D: Database + ?Sized> List<D> {
    pub(super) fn new(database: Arc<D>, selector: Selector) -> Self {
        Self {
            database,
            selector,
            limit: None,
            reverse: false,
            cursor: Cursor::default(),
            batch_size: None,
            consistent: false,
            progress: Progress::Unread,
        }
    }

    /// At most this many entries.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// From the last entry to the first.
    #[must_use]
    pub fn reverse(mut self) -> Self {
        self.reverse = true;
        self
    }

    /// Goes on where another list of the same selector stopped; the empty cursor begins from the start.
    #[must_use]
    pub fn after(mut self, cursor: Cursor) -> Self {
        self.cursor = cursor;
        self
    }

    /// Reads this many entries at once, at most 1000. Without it, as many as the limit but at most 500, and
    /// 100 without a limit.
    #[must_use]
    pub fn batch_size(mut self, entries: usize) -> Self {
        self.batch_size = Some(entries);
        self
    }

    /// All entries are those of one moment. Such a list should end within seconds, because it holds back the
    /// engine's clean-up.
    #[must_use]
    pub fn consistent(mut self) -> Self {
        self.consistent = true;
        self
    }

    /// Where the list is, to go on from there later ([`Self::after`]): after the last entry that came. Empty
    /// once the list has ended.
    ///
    /// # Errors
    /// Before the first entry was asked for.
    pub fn cursor(&self) -> Result<Cursor, KvError> {
        match &self.progress {
            Progress::Unread => Err(KvError::CursorBeforeFirst),
            Progress::Reading(Reading { last: Some(last), .. }) => Ok(Cursor::at(last, &self.selector)?),
            Progress::Reading(_) | Progress::Ended => Ok(Cursor::default()),
        }
    }

    fn begin(&self) -> Result<Reading, KvError> {
        if self.limit == Some(0) {
            return Err(KvError::Limit);
        }
        let batch_size = self
            .batch_size
            .unwrap_or_else(|| self.limit.unwrap_or(BATCH).min(LIMITED_BATCH));
        if batch_size == 0 {
            return Err(KvError::BatchSize);
        }
        if batch_size > READ_ENTRIES {
            return Err(LimitError::ReadEntries(READ_ENTRIES).into());
        }
        let range = self.selector.range()?;
        let range = self.cursor.resume(&self.selector, &range, self.reverse)?;
        Ok(Reading {
            pager: Pager::new([range]).reverse(self.reverse).pages_of(batch_size),
            batch: Vec::new().into_iter(),
            now: self.database.clock().now(),
            num_left: self.limit.unwrap_or(usize::MAX),
            last: None,
            snapshot: self.consistent.then(|| self.database.snapshot()).transpose()?,
        })
    }

    fn next_entry(&mut self) -> Result<Option<Entry>, KvError> {
        if matches!(self.progress, Progress::Unread) {
            self.progress = Progress::Reading(self.begin()?);
        }
        let Progress::Reading(reading) = &mut self.progress else {
            return Ok(None);
        };
        if reading.num_left == 0 {
            return Ok(None);
        }
        let entry = loop {
            if reading.batch.len() == 0 {
                let (database, snapshot) = (&self.database, &reading.snapshot);
                reading.now = database.clock().now();
                let batch = reading.pager.next_page(|request| match snapshot {
                    Some(snapshot) => snapshot.read(request),
                    None => {
                        let batches = database.read(std::slice::from_ref(request))?;
                        Ok(batches.into_iter().next().unwrap_or_default())
                    }
                })?;
                reading.batch = batch.unwrap_or_default().into_iter();
            }
            let Some(entry) = reading.batch.next() else {
                self.progress = Progress::Ended;
                return Ok(None);
            };
            if !entry.has_expired(reading.now) {
                break entry;
            }
        };
        reading.num_left -= 1;
        reading.last = Some(entry.key.clone());
        Ok(Some(entry))
    }
}

impl<D: Database + ?Sized> Iterator for List<D> {
    type Item = Result<KvEntry, KvError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.next_entry() {
            Ok(entry) => entry.map(KvEntry::from_stored),
            Err(error) => {
                self.progress = Progress::Ended;
                Some(Err(error))
            }
        }
    }
}
