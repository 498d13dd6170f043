//! The table of entries under a prefix.

use std::collections::{HashMap, HashSet};

use keyglass_store::key::{EncodedKey, KeyRange};

use super::blob::BlobKey;
use super::flash::Flashes;
use super::index::EntryIndex;
use super::key_set::KeySet;
use super::query::Query;
use super::row::EntryRow;
use super::selection::{Reach, Selection};
use crate::worker::{ObservedChange, Request};

/// Segments whose rows are kept; more than any window shows.
const KEPT_PAGES: usize = 48;
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
    view: u64,
    index: EntryIndex,
    /// The next scan's index, while the table still shows the old one.
    building: Option<EntryIndex>,
    /// The last rows, in key order: what a reversed list begins with, as long as the index does not reach so far.
    tail: Option<Vec<EntryRow>>,
    pages: HashMap<EncodedKey, Vec<EntryRow>>,
    page_use: Vec<EncodedKey>,
    requested: HashSet<EncodedKey>,
    dirty: HashSet<EncodedKey>,
    changed_while_scanning: HashSet<EncodedKey>,
    reach: Option<(u64, Reach)>,
    wants: Vec<Request>,
}

impl EntriesModel {
    /// A table of everything.
    #[must_use]
    pub fn new() -> Self {
        let mut model = Self {
            query: Query::default(),
            selected: None,
            selection: Selection::default(),
            flashes: Flashes::default(),
            error: None,
            view: 0,
            index: EntryIndex::new(Query::default().range()),
            building: None,
            tail: None,
            pages: HashMap::new(),
            page_use: Vec::new(),
            requested: HashSet::new(),
            dirty: HashSet::new(),
            changed_while_scanning: HashSet::new(),
            reach: None,
            wants: Vec::new(),
        };
        model.scan();
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
            self.scan();
        } else {
            self.query = query;
            self.want_tail();
        }
    }

    /// Reads everything again; what is shown stays until the new rows are there.
    pub fn refresh(&mut self) {
        self.building = Some(EntryIndex::new(self.query.range()));
        self.selection.tally.outdate();
        self.scan();
    }

    fn scan(&mut self) {
        self.view += 1;
        self.error = None;
        self.requested.clear();
        self.dirty.clear();
        self.changed_while_scanning.clear();
        self.wants.push(Request::Scan {
            view: self.view,
            prefix: self.query.prefix.clone(),
            range: self.query.range(),
        });
        self.want_tail();
    }

    /// Asks for the last rows if they are what is shown first and not known yet.
    fn want_tail(&mut self) {
        if self.shows_tail() {
            self.wants.push(Request::Tail {
                view: self.view,
                prefix: self.query.prefix.clone(),
                range: self.query.range(),
            });
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
    pub fn take_wants(&mut self) -> Vec<Request> {
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
        let stale = self.dirty.contains(&range.start);
        if (stale || !self.pages.contains_key(&range.start)) && self.requested.insert(range.start.clone()) {
            self.dirty.remove(&range.start);
            self.wants.push(Request::Segment {
                view: self.view,
                prefix: self.query.prefix.clone(),
                range,
                rows: true,
            });
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
        if self.dirty.len() > DIRTY_LIMIT {
            self.refresh();
            return;
        }
        for start in std::mem::take(&mut self.dirty) {
            if self.requested.contains(&start) {
                // It is being read already, perhaps from before the change: again when the answer is there.
                self.dirty.insert(start);
                continue;
            }
            let range = self
                .index
                .segment_at(&start)
                .and_then(|segment| self.index.segment_range(segment));
            if let Some(range) = range {
                self.requested.insert(start);
                let rows = self.pages.contains_key(&range.start);
                self.wants.push(Request::Segment {
                    view: self.view,
                    prefix: self.query.prefix.clone(),
                    range,
                    rows,
                });
            }
        }
    }

    /// Takes a part of a scan.
    pub fn apply_scan(
        &mut self,
        view: u64,
        segments: Result<Vec<(EncodedKey, u32)>, String>,
        reached: Option<EncodedKey>,
    ) {
        if view != self.view {
            return;
        }
        let complete = reached.is_none();
        let segments = segments.unwrap_or_else(|error| {
            self.error = Some(error);
            Vec::new()
        });
        if let Some(building) = &mut self.building {
            building.extend(segments, reached);
            if complete && let Some(built) = self.building.take() {
                self.index = built;
                // Pages stay on screen as they are until they have been read again.
                let kept: HashSet<_> = self.pages.keys().cloned().collect();
                self.pages
                    .retain(|start, _| self.index.segment_at(start).is_some());
                self.dirty
                    .extend(kept.into_iter().filter(|start| self.pages.contains_key(start)));
            }
        } else {
            self.index.extend(segments, reached);
        }
        if complete {
            self.tail = None;
            for key in std::mem::take(&mut self.changed_while_scanning) {
                self.mark_dirty(&key);
            }
        }
    }

    /// Takes the last rows.
    pub fn apply_tail(&mut self, view: u64, rows: Result<Vec<EntryRow>, String>) {
        if view != self.view || !self.shows_tail() {
            return;
        }
        match rows {
            Ok(rows) => self.tail = Some(rows),
            Err(error) => self.error = Some(error),
        }
    }

    /// Takes the rows of a segment.
    pub fn apply_segment(
        &mut self,
        view: u64,
        start: EncodedKey,
        rows: Result<(u32, Option<Vec<EntryRow>>), String>,
    ) {
        if view != self.view {
            return;
        }
        self.requested.remove(&start);
        let (num_entries, rows) = match rows {
            Ok(found) => found,
            Err(error) => {
                self.error = Some(error);
                return;
            }
        };
        let Some(segment) = self.index.segment_at(&start) else {
            return;
        };
        let fits = self.index.set_entries(segment, num_entries);
        if let Some(rows) = rows {
            self.pages.insert(start.clone(), rows);
            if !self.page_use.contains(&start) {
                self.page_use.push(start);
            }
            while self.page_use.len() > KEPT_PAGES {
                let oldest = self.page_use.remove(0);
                self.pages.remove(&oldest);
            }
        }
        if !fits {
            self.refresh();
        }
    }

    /// Takes a change made anywhere.
    pub fn apply_change(&mut self, change: &ObservedChange) {
        if !self.query.range().contains(&change.key) {
            return;
        }
        let row = self.query.keys_of_row(&change.key);
        if let Some(first) = row.ranges().first() {
            self.flashes.mark(first.start.clone(), change.noticed_at);
        }
        self.selection.apply_change(&change.key);
        if !self.is_complete() {
            self.changed_while_scanning.insert(change.key.clone());
            let first = self.tail.as_ref().map(|rows| rows.first().map(|row| &row.key));
            if first.is_some_and(|first| first.is_none_or(|first| change.key >= *first)) {
                self.want_tail();
            }
        }
        self.mark_dirty(&change.key);
    }

    /// Whether a row changed a moment ago.
    #[must_use]
    pub fn is_changed(&self, row: &EntryRow) -> bool {
        match &row.blob {
            Some(blob) => self.flashes.is_marked(&blob.key.parts().start),
            None => self.flashes.is_marked(&row.key),
        }
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

impl Default for EntriesModel {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
