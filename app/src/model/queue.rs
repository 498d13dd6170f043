//! Messages of the queue, read by pages as they come on screen.
//!
//! A queue has no numbers to read by, only places ([`QueuePlace`]). So it is divided into pages that each begin behind a
//! place, of which only those on screen are held; of the others only their places and how many messages they had. What
//! lies further than anybody has scrolled is known by its number alone.

use std::ops::Range;

use keyglass_store::database::{Database, QueueMessage, QueuePlace};

use super::middle::Middle;
use super::panel::{PanelModel, Telling};
use crate::errand::{
    Answer, Errand, QUEUE_PAGE, QueueFilter, QueueFilterError, QueueFound, QueueRead, QueueStretch, Read,
    ReadQueueFilter,
};

/// Messages that are passed over at most before a read answers.
const LONGEST_SKIP: u64 = 5000;

/// The messages as they were read last.
#[derive(Debug, Default)]
pub struct QueueModel {
    /// Why they cannot be read.
    pub error: Option<String>,
    /// How many there are, as the database told.
    told: Option<u64>,
    /// In the order of their times, from the first message on.
    pages: Vec<QueuePage>,
    /// Whether no message follows the last page.
    is_at_end: bool,
    /// Rows that are on screen, and some around them.
    rows: Range<u64>,
    /// Whether an answer is waited for.
    is_asked: bool,
    /// Something has changed since it was asked for, so that it may be older.
    is_answer_old: bool,
    /// Whether the last read failed, which is tried again when something has changed.
    has_failed: bool,
    /// Whether the database has a queue that can be read.
    is_known: bool,
    is_shown: bool,
    filter: QueueFilter,
    /// Why the filter cannot be read, if so.
    filter_error: Option<QueueFilterError>,
    /// What the filter has found, as it was last.
    found: QueueFound,
    /// Whether that is so now, and whether an answer to it is waited for.
    is_found: bool,
    is_looked_for: bool,
}

/// Messages that follow each other.
#[derive(Debug)]
struct QueuePage {
    /// The place behind which it begins, if it is not the first one. It ends where the next one begins.
    after: Option<QueuePlace>,
    /// How many messages it had when it was read last.
    len: u64,
    /// The messages, while they are on screen.
    messages: Vec<QueueMessage>,
    /// Whether they are held as they are now.
    is_current: bool,
}

impl QueueModel {
    /// For a database whose queue can be read or not.
    fn new(is_known: bool) -> Self {
        Self {
            is_known,
            rows: 0..QUEUE_PAGE as u64,
            ..Self::default()
        }
    }

    /// How many messages there are, if that is known.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        self.told.or(self.is_at_end.then(|| self.num_reached()))
    }

    /// Which messages are shown.
    #[must_use]
    pub fn filter(&self) -> &QueueFilter {
        &self.filter
    }

    /// Why the filter cannot be read, if so.
    #[must_use]
    pub fn filter_error(&self) -> Option<&QueueFilterError> {
        self.filter_error.as_ref()
    }

    /// What the filter has found; nothing while none is set or it is still looked for the first time.
    #[must_use]
    pub fn found(&self) -> Option<&QueueFound> {
        (self.filter.is_active() && (self.is_found || self.found.looked_at > 0)).then_some(&self.found)
    }

    /// Shows other messages.
    pub fn set_filter(&mut self, filter: QueueFilter) {
        self.filter_error = ReadQueueFilter::of(&filter).err();
        self.filter = filter;
        self.found = QueueFound::default();
        self.is_found = false;
    }

    /// How many rows there are to scroll through.
    #[must_use]
    pub fn num_rows(&self) -> u64 {
        if self.filter.is_active() {
            return self.found.messages.len() as u64;
        }
        let reached = self.num_reached();
        match self.told {
            _ if self.is_at_end => reached,
            Some(told) => told.max(reached),
            // One that stands for all that may follow.
            None => reached + 1,
        }
    }

    /// The message of a row, if it is held.
    #[must_use]
    pub fn message(&self, row: u64) -> Option<&QueueMessage> {
        if self.filter.is_active() {
            return self.found.messages.get(usize::try_from(row).ok()?);
        }
        let mut first = 0;
        for page in &self.pages {
            if let Some(at) = row.checked_sub(first).filter(|at| *at < page.len) {
                return page.messages.get(usize::try_from(at).ok()?);
            }
            first += page.len;
        }
        None
    }

    /// Has these rows read, and lets go of what is far from them.
    pub fn show(&mut self, rows: Range<u64>) {
        let margin = QUEUE_PAGE as u64;
        let kept = rows.start.saturating_sub(margin)..rows.end.saturating_add(margin);
        let mut first = 0;
        for page in &mut self.pages {
            if !overlaps(&(first..first + page.len), &kept) {
                page.messages = Vec::new();
                page.is_current = false;
            }
            first += page.len;
        }
        self.rows = rows;
    }

    /// How many messages the pages have.
    fn num_reached(&self) -> u64 {
        self.pages.iter().map(|page| page.len).sum()
    }

    /// Reads again what is on screen.
    fn outdate(&mut self) {
        self.pages.iter_mut().for_each(|page| page.is_current = false);
        self.is_at_end = false;
        self.is_found = false;
        self.has_failed = false;
        self.is_answer_old = self.is_asked;
    }

    /// What has to be read next for the rows on screen.
    fn next_stretch(&self) -> Option<QueueStretch> {
        let rows = self.rows.start..self.rows.end.min(self.num_rows());
        let mut first = 0;
        for (at, page) in self.pages.iter().enumerate() {
            if !page.is_current && overlaps(&(first..first + page.len), &rows) {
                return Some(QueueStretch {
                    after: page.after.clone(),
                    until: self.pages.get(at + 1).and_then(|next| next.after.clone()),
                    skip: 0,
                });
            }
            first += page.len;
        }
        if self.is_at_end || rows.end <= first {
            return None;
        }
        let page = QUEUE_PAGE as u64;
        let mut stretch = QueueStretch::default();
        let mut skip = rows.start.saturating_sub(first);
        if let Some(last) = self.pages.last() {
            stretch.after.clone_from(&last.after);
            skip = rows.start.saturating_sub(first - last.len);
            if last.is_current && last.len >= page {
                skip = skip.max(page);
            }
        }
        let skip = skip / page * page;
        stretch.skip = usize::try_from(skip.min(LONGEST_SKIP)).unwrap_or_default();
        Some(stretch)
    }

    /// Takes the pages of a stretch in place of those that were known there.
    fn take_pages(&mut self, stretch: &QueueStretch, read: QueueRead) {
        let begins = |after: &Option<QueuePlace>| self.pages.iter().position(|page| page.after == *after);
        let from = begins(&stretch.after).unwrap_or(self.pages.len());
        let until = stretch.until.as_ref().and_then(|_| begins(&stretch.until));
        let until = until.unwrap_or(self.pages.len()).max(from);
        let reached = read.messages.last().map(QueueMessage::place);
        let mut messages = Some(read.messages);
        let num_pages = read.pages.len();
        let mut pages: Vec<QueuePage> = read
            .pages
            .into_iter()
            .enumerate()
            .map(|(at, (after, len))| {
                let own = messages.take_if(|_| at + 1 == num_pages);
                QueuePage {
                    after,
                    len: len as u64,
                    is_current: own.is_some(),
                    messages: own.unwrap_or_default(),
                }
            })
            .collect();
        if stretch.until.is_none() {
            self.is_at_end = read.is_end;
        } else if !read.is_end {
            // More messages stand here than there were; how many is seen when they come on screen.
            pages.push(QueuePage {
                after: reached,
                len: 1,
                messages: Vec::new(),
                is_current: false,
            });
        }
        if pages.is_empty()
            && let Some(next) = self.pages.get_mut(until)
        {
            // Whatever comes to stand here again is found by the next one.
            next.after.clone_from(&stretch.after);
        }
        self.pages.splice(from..until, pages);
    }
}

fn overlaps(one: &Range<u64>, other: &Range<u64>) -> bool {
    one.start < other.end && other.start < one.end
}

impl PanelModel for QueueModel {
    fn of(database: &dyn Database) -> Self {
        Self::new(database.capabilities().queue)
    }

    fn take_wants(&mut self) -> Vec<Errand> {
        if !self.is_known || !self.is_shown || self.has_failed {
            return Vec::new();
        }
        if self.filter.is_active() {
            if self.is_found || self.is_looked_for || self.filter_error.is_some() {
                return Vec::new();
            }
            self.is_looked_for = true;
            // What changes from now on is looked for after that.
            self.is_found = true;
            return vec![Read::FindMessages(self.filter.clone()).into()];
        }
        if self.is_asked {
            return Vec::new();
        }
        let stretch = self.next_stretch();
        self.is_asked = stretch.is_some();
        stretch
            .map(|stretch| Read::Queue(stretch).into())
            .into_iter()
            .collect()
    }

    fn take_answer(&mut self, answer: Answer, _telling: &mut Telling<'_>) -> Option<Answer> {
        match answer {
            Answer::Queue { stretch, read } => {
                self.is_asked = false;
                match read {
                    Ok(read) => {
                        self.take_pages(&stretch, read);
                        self.error = None;
                        if std::mem::take(&mut self.is_answer_old) {
                            self.outdate();
                        }
                    }
                    Err(error) => {
                        self.error = Some(error.to_string());
                        self.has_failed = !std::mem::take(&mut self.is_answer_old);
                    }
                }
            }
            Answer::MessagesFound { filter, found } => {
                self.is_looked_for = false;
                match found {
                    // Of another filter nothing is shown.
                    _ if filter != self.filter => self.is_found = false,
                    Ok(found) => {
                        self.found = found;
                        self.error = None;
                    }
                    Err(error) => {
                        self.error = Some(error.to_string());
                        self.has_failed = true;
                    }
                }
            }
            other => return Some(other),
        }
        None
    }

    fn take_queue(&mut self, messages: u64) {
        self.told = Some(messages);
        self.outdate();
    }

    fn catch_up(&mut self, _now: i64) {
        self.outdate();
    }

    fn refresh(&mut self) {
        self.outdate();
    }

    fn set_shown(&mut self, shown: Middle) {
        self.is_shown = shown == Middle::Queue;
        self.has_failed = false;
    }
}

#[cfg(test)]
mod tests;
