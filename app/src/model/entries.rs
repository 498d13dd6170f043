//! The table of entries under a prefix.

use std::collections::{HashMap, HashSet};

use keyglass_store::database::Reading;
use keyglass_store::key::{EncodedKey, KeyRange};

use self::paging::Paging;
use self::retry::Retry;
use super::flash::Flashes;
use super::index::EntryIndex;
use super::query::Query;
use super::selection::{Reach, Selection};
use super::tally::Tally;
use super::type_ahead::TypeAhead;
use crate::content::blob::BlobKey;
use crate::content::key_set::KeySet;
use crate::content::row::EntryRow;
use crate::errand::{Errand, Read};

/// Segments whose rows are kept; more than any window shows.
const KEPT_PAGES: usize = 48;
/// Pages that stay on screen when the index was built anew: more than a window shows.
const CARRIED_PAGES: usize = 8;
/// Changed segments that are read one by one; beyond that the range is scanned anew.
const DIRTY_LIMIT: usize = 64;

/// The table's state. Rows are loaded by segments as they come on screen.
#[derive(Debug)]
pub struct EntriesModel {
    /// What is listed.
    pub query: Query,
    /// The key that is shown and that arrows move from; kept through refreshes.
    pub selected: Option<EncodedKey>,
    /// All selected keys; kept through refreshes.
    pub selection: Selection,
    /// First keys of the rows that changed a moment ago.
    pub flashes: Flashes,
    /// Why the table is incomplete.
    pub error: Option<String>,
    /// How much lies between the first and the last key, where what is listed has some.
    pub between: Tally,
    /// What was typed to find a row.
    pub type_ahead: TypeAhead,
    /// It shall get the keyboard's focus.
    pub wants_focus: bool,
    /// The selected row shall come on screen as soon as it is loaded.
    pub shows_selected: bool,
    /// Entries that have expired and were not swept are exported, copied, found and deleted with others.
    includes_expired: bool,
    listing: u64,
    index: EntryIndex,
    /// The next scan's index, while the table still shows the old one.
    building: Option<EntryIndex>,
    /// The last rows, in key order: what a reversed list begins with, as long as the index does not reach so far.
    tail: Option<Vec<EntryRow>>,
    pages: HashMap<EncodedKey, Vec<EntryRow>>,
    page_use: Vec<EncodedKey>,
    asked: HashMap<EncodedKey, KeyRange>,
    /// Segments of which a key changed, to be counted again.
    dirty: HashSet<EncodedKey>,
    /// Segments whose rows are from before something that nobody named, to be read again when they are shown.
    stale: HashSet<EncodedKey>,
    /// Whether something that nobody named changed while the index was built.
    is_outdated: bool,
    changed_while_scanning: HashSet<EncodedKey>,
    reach: Option<(u64, Reach)>,
    paging: Paging,
    retry: Retry,
    wants: Vec<Errand>,
}

impl EntriesModel {
    /// A table of everything.
    #[must_use]
    pub fn new(reading: Reading) -> Self {
        let mut model = Self {
            query: Query::default(),
            selected: None,
            selection: Selection::default(),
            flashes: Flashes::default(),
            error: None,
            between: Tally::default(),
            includes_expired: false,
            type_ahead: TypeAhead::default(),
            wants_focus: false,
            shows_selected: false,
            listing: 0,
            index: EntryIndex::new(Query::default().range()),
            building: None,
            tail: None,
            pages: HashMap::new(),
            page_use: Vec::new(),
            asked: HashMap::new(),
            dirty: HashSet::new(),
            stale: HashSet::new(),
            is_outdated: false,
            changed_while_scanning: HashSet::new(),
            reach: None,
            paging: Paging::new(reading),
            retry: Retry::default(),
            wants: Vec::new(),
        };
        model.scan(false);
        model
    }

    /// Lists something else. Rows that are perhaps not listed any more are not selected any more.
    pub fn set_query(&mut self, query: Query) {
        self.reach = None;
        if query.range() != self.query.range() || query.limit != self.query.limit {
            match &self.selected {
                Some(key) => self.selection.set_only(query.keys_of_row(key)),
                None => self.selection.clear(),
            }
        }
        if query.range() != self.query.range() {
            self.query = query;
            self.index = EntryIndex::new(self.query.range());
            self.building = None;
            self.tail = None;
            self.pages.clear();
            self.page_use.clear();
            self.paging.begin();
            self.scan(false);
        } else {
            self.query = query;
            self.want_tail();
        }
    }

    /// Reads everything again, because a person wants it; what is shown stays until the new rows are there.
    pub fn refresh(&mut self) {
        self.rebuild(false);
    }

    /// Reads again what is on screen, and builds the index anew when there is time, because something changed that
    /// nobody named. May be called all the time: an index that is being built is finished first.
    pub fn catch_up(&mut self) {
        let is_metered = self.paging.is_metered();
        if !is_metered && (self.is_complete() || self.error.is_some()) {
            self.rebuild(true);
        } else {
            self.is_outdated = !is_metered;
            self.retry = Retry::default();
            self.selection.tally.outdate();
            self.between.outdate();
            self.dirty.clear();
            self.stale.extend(self.pages.keys().cloned());
            self.want_tail();
        }
    }

    /// Reads again what could not be read, if it is time; what went wrong is told until it went well.
    fn try_again(&mut self, now: i64) -> Option<i64> {
        if !self.paging.is_metered() && self.retry.is_due(now) {
            let (error, retry) = (self.error.take(), std::mem::take(&mut self.retry));
            self.rebuild(true);
            (self.error, self.retry) = (error, retry);
        }
        self.retry.next()
    }

    fn rebuild(&mut self, is_repeat: bool) {
        self.building = Some(EntryIndex::new(self.query.range()));
        self.selection.tally.outdate();
        self.between.outdate();
        self.scan(is_repeat);
    }

    fn scan(&mut self, is_repeat: bool) {
        self.listing += 1;
        self.error = None;
        self.retry = Retry::default();
        self.is_outdated = false;
        self.asked.clear();
        self.dirty.clear();
        self.stale = self.pages.keys().cloned().collect();
        self.changed_while_scanning.clear();
        self.want_scan(self.query.range(), is_repeat);
        self.want_tail();
    }

    /// Asks for the last rows if they are what is shown first and not known yet.
    fn want_tail(&mut self) {
        if self.shows_tail() {
            let tail = Read::Tail {
                listing: self.listing,
                prefix: self.query.prefix.clone(),
                range: self.query.range(),
            };
            self.wants.push(tail.into());
        }
    }

    fn shows_tail(&self) -> bool {
        self.query.reverse && !self.index.is_complete()
    }

    /// How many rows can be shown.
    fn num_known(&self) -> u64 {
        if self.shows_tail() {
            self.tail.as_ref().map_or(0, Vec::len) as u64
        } else {
            self.index.len()
        }
    }

    /// Rows of the table now.
    #[must_use]
    pub fn num_rows(&self) -> u64 {
        self.query
            .limit
            .map_or(self.num_known(), |limit| limit.min(self.num_known()))
    }

    /// Whether all rows are known.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.index.is_complete() && self.building.is_none()
    }

    /// What the worker shall do.
    pub fn take_wants(&mut self) -> Vec<Errand> {
        std::mem::take(&mut self.wants)
    }

    /// The row as the index counts it, which is from the first key on.
    fn index_row(&self, row: u64) -> Option<u64> {
        if self.query.reverse {
            self.index.len().checked_sub(row + 1)
        } else {
            Some(row)
        }
    }

    /// A row, if it is loaded.
    #[must_use]
    pub fn row(&self, row: u64) -> Option<&EntryRow> {
        if self.shows_tail() {
            return self.tail.as_ref()?.iter().nth_back(usize::try_from(row).ok()?);
        }
        let place = self.index.place(self.index_row(row)?)?;
        self.pages
            .get(&self.index.segment_range(place.segment)?.start)?
            .get(place.offset)
    }

    /// The row of a key, if it is loaded.
    #[must_use]
    pub fn row_of(&self, key: &EncodedKey) -> Option<u64> {
        let keys = self.query.keys_of_row(key);
        if self.shows_tail() {
            let mut rows = self.tail.as_ref()?.iter().rev();
            return rows.position(|row| keys.contains(&row.key)).map(|row| row as u64);
        }
        let segment = self.index.segment_of(key)?;
        let page = self.pages.get(&self.index.segment_range(segment)?.start)?;
        let first = keys.ranges().first().map(|range| &range.start)?;
        let offset = page.partition_point(|row| row.key < *first);
        page.get(offset).filter(|row| keys.contains(&row.key))?;
        let offset = offset as u64;
        let row = self.index.first_row(segment)? + offset;
        if self.query.reverse {
            self.index.len().checked_sub(row + 1)
        } else {
            Some(row)
        }
    }

    /// Asks for the rows that are on screen.
    pub fn show(&mut self, rows: std::ops::Range<u64>) {
        self.want_more(rows.end);
        if self.shows_tail() {
            return;
        }
        let mut row = rows.start;
        while row < rows.end.min(self.num_rows()) {
            let Some(place) = self.index_row(row).and_then(|row| self.index.place(row)) else {
                return;
            };
            let Some(range) = self.index.segment_range(place.segment) else {
                return;
            };
            self.show_page(range);
            // On to the first row of the next segment in the direction shown.
            let Some(first) = self.index.first_row(place.segment) else {
                return;
            };
            row = if self.query.reverse {
                self.index.len() - first
            } else {
                match self.index.first_row(place.segment + 1) {
                    Some(next) if next > row => next,
                    _ => return,
                }
            };
        }
    }

    /// Asks for the rows of a segment, or keeps them.
    fn show_page(&mut self, range: KeyRange) {
        self.page_use.retain(|start| *start != range.start);
        self.page_use.push(range.start.clone());
        let is_old = self.dirty.contains(&range.start) || self.stale.contains(&range.start);
        let is_wanted = is_old || !self.pages.contains_key(&range.start);
        if is_wanted && !self.asked.contains_key(&range.start) {
            self.asked.insert(range.start.clone(), range.clone());
            self.dirty.remove(&range.start);
            self.stale.remove(&range.start);
            let is_repeat = self.pages.contains_key(&range.start);
            let segment = Read::Segment {
                listing: self.listing,
                prefix: self.query.prefix.clone(),
                range,
                rows: true,
                is_repeat,
            };
            self.wants.push(segment.into());
        }
    }

    /// Asks for the row of a key, wherever it is.
    pub fn show_key(&mut self, key: &EncodedKey) {
        let segment = self.index.segment_of(key);
        if let Some(range) = segment.and_then(|segment| self.index.segment_range(segment)) {
            self.show_page(range);
        }
    }

    /// Asks for a row, to do something with it as soon as it is loaded.
    pub fn reach(&mut self, row: u64, then: Reach) {
        self.reach = Some((row, then));
    }

    /// The row that was asked for and is not loaded yet.
    #[must_use]
    pub fn reaching(&self) -> Option<u64> {
        self.reach.map(|(row, _)| row)
    }

    /// Whether something else than just the row that is shown is selected.
    #[must_use]
    pub fn many_selected(&self) -> bool {
        let keys = self.selection.keys();
        !keys.is_empty()
            && self
                .selected
                .as_ref()
                .map(|key| self.query.keys_of_row(key))
                .as_ref()
                != Some(keys)
    }

    /// The blob that is selected as one row.
    #[must_use]
    pub fn selected_blob(&self) -> Option<BlobKey> {
        let blob = self.query.blob_of(self.selected.as_ref()?)?;
        (*self.selection.keys() == blob.entries()).then_some(blob)
    }

    /// The row that was asked for, if it is loaded by now.
    pub fn take_reached(&mut self) -> Option<(EncodedKey, Reach)> {
        let (row, then) = self.reach?;
        if row >= self.num_rows() {
            self.reach = None;
            return None;
        }
        let Some(key) = self.row(row).map(|row| row.key.clone()) else {
            self.show(row..row + 1);
            return None;
        };
        self.reach = None;
        Some((key, then))
    }

    /// Nothing is selected any more.
    pub fn deselect(&mut self) {
        self.reach = None;
        self.selected = None;
        self.selection.clear();
    }

    /// Selects all rows that are listed.
    pub fn select_all(&mut self) {
        match self.query.limit {
            // Where the last row is not loaded, its key is not known yet.
            Some(limit) if limit < self.index.len() => self.reach(limit.saturating_sub(1), Reach::FromFirst),
            _ => self.selection.set_range(self.query.range()),
        }
    }

    /// Selects all rows from the first one up to this key.
    pub fn select_from_first(&mut self, last: &EncodedKey) {
        let mut range = self.query.range();
        let row = self.query.keys_of_row(last).through(&KeySet::default());
        let Some(last) = row.ranges().first() else {
            return;
        };
        if self.query.reverse {
            range.start = last.start.clone();
        } else {
            range.end = last.end.clone();
        }
        self.selection.set_range(range);
    }

    /// Asks for the counts of changed segments that are not on screen. To be called once a frame, after
    /// [`Self::show`].
    pub fn recount(&mut self) {
        if self.paging.is_metered() {
            // They are counted when they come on screen.
            return;
        }
        if self.dirty.len() > DIRTY_LIMIT {
            self.catch_up();
            return;
        }
        for start in std::mem::take(&mut self.dirty) {
            if self.asked.contains_key(&start) {
                // It is being read already, perhaps from before the change: again when the answer is there.
                self.dirty.insert(start);
                continue;
            }
            let range = self
                .index
                .segment_at(&start)
                .and_then(|segment| self.index.segment_range(segment));
            if let Some(range) = range {
                self.asked.insert(start, range.clone());
                let rows = self.pages.contains_key(&range.start);
                let segment = Read::Segment {
                    listing: self.listing,
                    prefix: self.query.prefix.clone(),
                    range,
                    rows,
                    is_repeat: true,
                };
                self.wants.push(segment.into());
            }
        }
    }

    /// Whether a row changed a moment ago.
    #[must_use]
    pub fn is_changed(&self, row: &EntryRow) -> bool {
        self.flashes.is_marked(&row.first_key())
    }

    fn mark_dirty(&mut self, key: &EncodedKey) {
        let range = self
            .index
            .segment_of(key)
            .and_then(|segment| self.index.segment_range(segment));
        if let Some(range) = range {
            self.dirty.insert(range.start);
        }
    }
}

mod answers;
mod expired;
mod paging;
mod retry;
#[cfg(test)]
mod tests;
