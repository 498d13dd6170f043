//! What the worker and the change feed tell the table.

use std::hash::{DefaultHasher, Hash as _};

use keyglass_store::database::{Before, Database};
use keyglass_store::key::EncodedKey;

use super::{CARRIED_PAGES, EntriesModel, KEPT_PAGES};
use crate::content::key_set::KeySet;
use crate::content::row::EntryRow;
use crate::errand::{Answer, Errand, ObservedChange, ReadError};
use crate::model::panel::{PanelModel, Telling};
use crate::model::query::Query;
use crate::model::saved_filters::SavedFilter;
use crate::model::saved_session::{SavedSession, read_key};

impl EntriesModel {
    /// Takes a part of a scan.
    pub fn apply_scan(
        &mut self,
        listing: u64,
        segments: Result<Vec<(EncodedKey, u32)>, ReadError>,
        reached: Option<EncodedKey>,
    ) {
        if listing != self.listing {
            return;
        }
        let complete = reached.is_none();
        self.paging.take(complete || segments.is_err());
        let segments = match segments {
            Ok(segments) => segments,
            Err(error) => {
                // What is known stays.
                self.error = Some(error.to_string());
                self.retry.fail();
                self.building = None;
                return;
            }
        };
        if let Some(building) = &mut self.building {
            building.extend(segments, reached);
            let is_enough = complete || self.paging.is_enough(building.len());
            if is_enough && let Some(built) = self.building.take() {
                self.index = built;
                self.carry_pages();
            }
        } else {
            self.index.extend(segments, reached);
        }
        if complete {
            self.tail = None;
            self.error = None;
            for key in std::mem::take(&mut self.changed_while_scanning) {
                self.mark_dirty(&key);
            }
            if self.is_outdated {
                self.rebuild(true);
            }
        } else {
            self.go_on();
        }
    }

    /// Sorts the rows shown last into the segments of a new index, so that they stay on screen until they have been
    /// read again.
    fn carry_pages(&mut self) {
        let from = self.page_use.len().saturating_sub(CARRIED_PAGES);
        let starts = self.page_use.split_off(from);
        let mut pages = std::mem::take(&mut self.pages);
        let mut rows: Vec<EntryRow> = starts
            .iter()
            .filter_map(|start| pages.remove(start))
            .flatten()
            .collect();
        rows.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        for row in rows {
            let segment = self.index.segment_of(&row.key);
            if let Some(range) = segment.and_then(|segment| self.index.segment_range(segment)) {
                self.pages.entry(range.start).or_default().push(row);
            }
        }
        self.page_use = self.pages.keys().cloned().collect();
        self.stale = self.pages.keys().cloned().collect();
    }

    /// Takes the last rows.
    pub fn apply_tail(&mut self, listing: u64, rows: Result<Vec<EntryRow>, ReadError>) {
        if listing != self.listing || !self.shows_tail() {
            return;
        }
        match rows {
            Ok(rows) => self.tail = Some(rows),
            Err(error) => {
                self.error = Some(error.to_string());
                self.retry.fail();
            }
        }
    }

    /// Takes the rows of a segment, at this time in milliseconds since the Unix epoch.
    pub fn apply_segment(
        &mut self,
        listing: u64,
        start: EncodedKey,
        rows: Result<(u32, Option<Vec<EntryRow>>), ReadError>,
        now: i64,
    ) {
        if listing != self.listing {
            return;
        }
        let asked = self.asked.remove(&start);
        let (num_entries, rows) = match rows {
            Ok(found) => found,
            Err(error) => {
                self.error = Some(error.to_string());
                self.retry.fail();
                return;
            }
        };
        let Some(segment) = self.index.segment_at(&start) else {
            return;
        };
        // A new index may cut the rows elsewhere than the one that was shown when this was asked for.
        if asked.is_none() || asked != self.index.segment_range(segment) {
            return;
        }
        let fits = self.index.set_entries(segment, num_entries);
        if let Some(rows) = rows {
            self.mark_changed_rows(&start, &rows, now);
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
            self.catch_up();
        }
    }

    /// Marks rows that another commit wrote since they were read: perhaps nobody has named the change.
    fn mark_changed_rows(&mut self, start: &EncodedKey, rows: &[EntryRow], now: i64) {
        let Some(old) = self.pages.get(start) else {
            return;
        };
        let changed = rows.iter().filter(|row| {
            let before = old.binary_search_by(|old| old.key.cmp(&row.key));
            let before = before.ok().and_then(|at| old.get(at));
            before.is_some_and(|before| before.versionstamp != row.versionstamp)
        });
        for row in changed {
            self.flashes.mark(row.first_key(), now);
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
        self.between.outdate();
        if !self.is_complete() {
            // What is read by pages may never be complete.
            if !self.reads_by_pages() {
                self.changed_while_scanning.insert(change.key.clone());
            }
            let first = self.tail.as_ref().map(|rows| rows.first().map(|row| &row.key));
            if first.is_some_and(|first| first.is_none_or(|first| change.key >= *first)) {
                self.want_tail();
            }
        }
        if !self.is_complete() || !self.replace_row(change) {
            self.mark_dirty(&change.key);
        }
    }

    /// Puts an entry that was written again into its row, so that it is drawn at once and nothing has to be read.
    /// False if that does not make up for reading the segment again.
    fn replace_row(&mut self, change: &ObservedChange) -> bool {
        let (Some(after), Before::Entry(_) | Before::Unknown) = (&change.after, &change.before) else {
            return false;
        };
        if self.query.keys_of_row(&change.key) != KeySet::only(&change.key) {
            return false;
        }
        let segment = self.index.segment_of(&change.key);
        let Some(range) = segment.and_then(|segment| self.index.segment_range(segment)) else {
            return false;
        };
        // What is being read may be older than the change.
        if self.asked.contains_key(&range.start) {
            return false;
        }
        let Some(rows) = self.pages.get_mut(&range.start) else {
            // Nobody sees it, and there are as many entries as before, if there was one.
            return matches!(change.before, Before::Entry(_));
        };
        let place = rows.binary_search_by(|row| row.key.cmp(&change.key));
        let Some(row) = place.ok().and_then(|place| rows.get_mut(place)) else {
            return false;
        };
        if row.blob.is_some() {
            return false;
        }
        if row.versionstamp < after.versionstamp {
            *row = EntryRow::new(after);
        }
        true
    }
}

impl PanelModel for EntriesModel {
    fn of(database: &dyn Database) -> Self {
        Self::new(database.capabilities().reading)
    }

    fn take_wants(&mut self) -> Vec<Errand> {
        Self::take_wants(self)
    }

    fn take_answer(&mut self, answer: Answer, telling: &mut Telling<'_>) -> Option<Answer> {
        match answer {
            Answer::Scanned {
                listing,
                segments,
                reached,
            } => self.apply_scan(listing, segments, reached),
            Answer::Tail { listing, rows } => self.apply_tail(listing, rows),
            Answer::Segment { listing, start, rows } => self.apply_segment(listing, start, rows, telling.now),
            other => return Some(other),
        }
        None
    }

    fn take_change(&mut self, change: &ObservedChange) {
        self.apply_change(change);
    }

    fn catch_up(&mut self, _now: i64) {
        Self::catch_up(self);
    }

    fn refresh(&mut self) {
        Self::refresh(self);
    }

    fn wake(&mut self, now: i64) -> Option<i64> {
        self.recount();
        let flashes = self.flashes.expire(now);
        flashes
            .into_iter()
            .chain(self.try_again(now))
            .chain(self.selection.tally.next_want(now))
            .chain(self.between.next_want(now))
            .min()
    }

    fn keep(&self, saved: &mut SavedSession) {
        let query = &self.query;
        saved.listed = Some(query.prefix.to_string());
        saved.options =
            (*query != Query::prefix(query.prefix.clone())).then(|| SavedFilter::new(String::new(), query));
    }

    fn restore(&mut self, saved: &SavedSession) -> Vec<String> {
        let listed = saved.listed.as_deref().and_then(read_key).map(Query::prefix);
        let query = saved.options.as_ref().and_then(SavedFilter::query).or(listed);
        if let Some(query) = query {
            self.set_query(query);
        }
        Vec::new()
    }

    fn fingerprint(&self, hasher: &mut DefaultHasher) {
        self.query.hash(hasher);
    }
}
