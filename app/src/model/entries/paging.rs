//! How far the table is indexed: all of it, or, where each read is paid for, as far as a person looks.

use keyglass_store::database::Reading;
use keyglass_store::key::KeyRange;

use super::EntriesModel;
use crate::errand::{Extent, Scan, ScanTable};
use crate::model::index::SEGMENT_ENTRIES;

/// So many rows beyond those on screen are asked for.
const AHEAD: u64 = SEGMENT_ENTRIES as u64 / 2;

/// How far the table is indexed.
#[derive(Debug)]
pub(super) struct Paging {
    reading: Reading,
    /// A person asked for all of what is listed.
    reads_all: bool,
    /// What was asked for last, if it is not all answered.
    scanning: Option<Extent>,
    /// The row behind the last one that was on screen.
    shown_to: u64,
}

impl Paging {
    pub(super) fn new(reading: Reading) -> Self {
        Self {
            reading,
            reads_all: false,
            scanning: None,
            shown_to: 0,
        }
    }

    /// Something else is listed.
    pub(super) fn begin(&mut self) {
        self.reads_all = false;
        self.shown_to = 0;
    }

    /// Whether each read is paid for, so that nothing is read that nobody asked to see.
    pub(super) fn is_metered(&self) -> bool {
        self.reading == Reading::Metered
    }

    fn extent(&self) -> Extent {
        if self.is_metered() && !self.reads_all {
            Extent::Page
        } else {
            Extent::Whole
        }
    }

    /// A scan was answered; completely, or with a part.
    pub(super) fn take(&mut self, complete: bool) {
        self.scanning = self
            .scanning
            .filter(|extent| !complete && *extent == Extent::Whole);
    }

    /// Whether an index that is built anew and knows so many rows can take the place of the old one.
    pub(super) fn is_enough(&self, rows: u64) -> bool {
        self.extent() == Extent::Page && rows >= self.shown_to
    }
}

impl EntriesModel {
    /// Whether further rows are read only as a person scrolls to them, or asks for all ([`Self::read_all`]).
    #[must_use]
    pub fn reads_by_pages(&self) -> bool {
        self.paging.extent() == Extent::Page && !self.is_complete()
    }

    /// Reads all of what is listed, because a person wants it.
    pub fn read_all(&mut self) {
        if self.reads_by_pages() {
            self.paging.reads_all = true;
            self.error = None;
            self.go_on();
        }
    }

    /// Asks for all that is left if a person wants it and the last page has come.
    pub(super) fn go_on(&mut self) {
        if self.paging.reads_all && self.paging.scanning.is_none() && !self.is_complete() {
            self.want_rest();
        }
    }

    /// Asks for an index of a range.
    pub(super) fn want_scan(&mut self, range: KeyRange, is_repeat: bool) {
        self.paging.scanning = Some(self.paging.extent());
        let scan = ScanTable {
            listing: self.listing,
            prefix: self.query.prefix.clone(),
            range,
            is_repeat,
            extent: self.paging.extent(),
        };
        self.wants.push(Scan::Table(scan).into());
    }

    /// Asks for further rows if those before this one are on screen and it is among the last ones that are known.
    pub(super) fn want_more(&mut self, shown_to: u64) {
        if self.query.reverse {
            self.paging.shown_to = 0;
            return;
        }
        self.paging.shown_to = shown_to;
        let index = self.building.as_ref().unwrap_or(&self.index);
        let is_near = shown_to + AHEAD > index.len();
        let is_listed = self.query.limit.is_none_or(|limit| limit > index.len());
        let is_idle = self.paging.scanning.is_none() && self.error.is_none();
        if is_idle && self.reads_by_pages() && is_near && is_listed {
            self.want_rest();
        }
    }

    /// Asks for what the index does not know.
    fn want_rest(&mut self) {
        let index = self.building.as_ref().unwrap_or(&self.index);
        let range = KeyRange {
            start: index.reached().clone(),
            end: index.range().end.clone(),
        };
        self.want_scan(range, false);
    }
}
