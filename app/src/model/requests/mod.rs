//! What programs do with a database that is served, or that another process has open, as they do it.

mod filter;
mod hot;
mod rates;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use keyglass_store::Database;
use keyglass_store::Versionstamp;
use keyglass_store::connect::Monitor;
use keyglass_store::requests::{LoggedOutcome, LoggedRequest, Requests};

use super::middle::Middle;
use super::panel::PanelModel;
use crate::content::request_text::RequestText;
use filter::ReadFilter;
pub use filter::{Ending, Kind, RequestFilter};
pub use hot::{Heat, HotBy, HotPrefixes};
pub use rates::{Rates, SECONDS, Second};

/// Requests that are kept.
pub const ROWS: usize = 10_000;
/// Bytes of requests that are kept.
const BYTES: usize = 64 << 20;

/// The requests of a database's clients. They are recorded from when somebody first looks at them, until that is paused.
#[derive(Debug, Default)]
pub struct RequestsModel {
    /// In the order in which they were answered.
    rows: VecDeque<Arc<LoggedRequest>>,
    /// How many came before the first one, since the list was emptied.
    num_gone: u64,
    bytes: usize,
    /// Places of those that are shown, counted from the first that ever came.
    shown: VecDeque<u64>,
    filter: RequestFilter,
    read_filter: ReadFilter,
    /// Counted in the same way.
    selected: Option<u64>,
    text: Option<RequestText>,
    /// Nothing is recorded, because a person wants it so.
    paused: bool,
    /// Somebody has looked.
    is_wanted: bool,
    /// Recording goes on, from these.
    requests: Option<(Source, Requests)>,
    /// The number of the next request, while recording goes on.
    expected: Option<u64>,
    /// Requests that came faster than they could be taken, or while it was paused.
    missed: u64,
    /// How much happens.
    pub rates: Rates,
    /// Where it happens.
    pub hot: HotPrefixes,
}

/// From where requests come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The server of this window.
    Server,
    /// The database, from all who use it through its owner.
    Database,
}

impl RequestsModel {
    /// How many are kept.
    #[must_use]
    pub fn num_kept(&self) -> usize {
        self.rows.len()
    }

    /// How many are shown.
    #[must_use]
    pub fn num_shown(&self) -> u64 {
        self.shown.len() as u64
    }

    /// How many are no longer kept.
    #[must_use]
    pub fn num_gone(&self) -> u64 {
        self.num_gone
    }

    /// How many were missed, because they came too fast.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// How many have come since the list was emptied.
    #[must_use]
    pub fn num_come(&self) -> u64 {
        self.num_gone + self.rows.len() as u64
    }

    /// One of those that are shown, newest first, with its place among all.
    #[must_use]
    pub fn newest(&self, row: u64) -> Option<(u64, &Arc<LoggedRequest>)> {
        let row = usize::try_from(row).ok()?;
        let place = *self.shown.get(self.shown.len().checked_sub(row + 1)?)?;
        Some((place, self.at(place)?))
    }

    /// All that are shown, oldest first.
    pub fn all_shown(&self) -> impl Iterator<Item = &Arc<LoggedRequest>> {
        self.shown.iter().filter_map(|place| self.at(*place))
    }

    fn at(&self, place: u64) -> Option<&Arc<LoggedRequest>> {
        self.rows
            .get(usize::try_from(place.checked_sub(self.num_gone)?).ok()?)
    }

    /// The request whose commit this was, among those that are kept.
    #[must_use]
    pub fn client_of(&self, versionstamp: Versionstamp) -> Option<&LoggedRequest> {
        let committed = LoggedOutcome::Committed(versionstamp);
        let request = self
            .rows
            .iter()
            .rev()
            .find(|request| request.outcome == committed);
        request.map(|request| &**request)
    }

    /// Which ones are shown.
    #[must_use]
    pub fn filter(&self) -> &RequestFilter {
        &self.filter
    }

    /// Why the filter shows none, if it is not to be read.
    #[must_use]
    pub fn filter_error(&self) -> Option<&'static str> {
        self.read_filter.error
    }

    /// Shows others.
    pub fn set_filter(&mut self, filter: RequestFilter) {
        self.read_filter = filter.read();
        self.filter = filter;
        let (gone, read) = (self.num_gone, &self.read_filter);
        let rows = self.rows.iter().enumerate();
        let shown = rows.filter(|(_, request)| read.shows(request));
        self.shown = shown.map(|(index, _)| gone + index as u64).collect();
    }

    /// The place of the one that is looked at.
    #[must_use]
    pub fn selected(&self) -> Option<u64> {
        self.selected
    }

    /// The one that is looked at, and its text.
    #[must_use]
    pub fn detail(&self) -> Option<(&LoggedRequest, &RequestText)> {
        Some((self.at(self.selected?)?, self.text.as_ref()?))
    }

    /// Looks at one.
    pub fn select(&mut self, place: Option<u64>) {
        self.selected = place.filter(|place| self.at(*place).is_some());
        let selected = self.selected.and_then(|place| self.at(place));
        self.text = selected.map(|request| RequestText::of(request));
    }

    /// The row of a place among those that are shown, newest first.
    #[must_use]
    pub fn row_of(&self, place: u64) -> Option<u64> {
        let index = self.shown.binary_search(&place).ok()?;
        Some((self.shown.len() - 1 - index) as u64)
    }

    /// Whether a person wants nothing to be recorded.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// Records nothing more, or goes on.
    pub fn pause(&mut self, paused: bool) {
        self.paused = paused;
        if paused {
            self.requests = None;
        }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.shown.clear();
        self.num_gone = 0;
        self.bytes = 0;
        self.missed = 0;
        self.select(None);
        self.rates.clear();
        self.hot.clear();
    }

    /// Begins to record where somebody looks: what the server of this window is asked, or else what the database hears
    /// of whoever else uses it. Ends where nothing can be heard any more.
    pub fn follow(&mut self, monitor: Option<&Monitor>, database: &dyn Database) {
        if !self.is_wanted || self.paused {
            return;
        }
        let source = match monitor {
            Some(_) => Source::Server,
            None => Source::Database,
        };
        if self
            .requests
            .as_ref()
            .is_some_and(|(followed, _)| *followed == source)
        {
            return;
        }
        let requests = match monitor {
            Some(monitor) => Some(monitor.requests()),
            None => database.requests(),
        };
        self.requests = requests.map(|requests| (source, requests));
        self.expected = None;
    }

    /// Whether requests are recorded now.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.requests.is_some()
    }

    /// Takes those that have come, and has the window woken at the next one.
    pub fn receive(&mut self, waker: &Waker) {
        let Some((_, requests)) = &self.requests else {
            return;
        };
        let come = requests.take_all();
        requests.wake(waker);
        for request in come {
            self.add(request);
        }
    }

    /// Takes one.
    pub fn add(&mut self, request: Arc<LoggedRequest>) {
        if let Some(expected) = self.expected {
            self.missed += request.number.saturating_sub(expected);
        }
        self.expected = Some(request.number + 1);
        self.rates.add(&request);
        self.hot.add(&request);
        self.bytes += request.size();
        if self.read_filter.shows(&request) {
            self.shown.push_back(self.num_come());
        }
        self.rows.push_back(request);
        while self.rows.len() > ROWS || (self.bytes > BYTES && self.rows.len() > 1) {
            let Some(oldest) = self.rows.pop_front() else {
                return;
            };
            self.hot.remove(&oldest);
            self.bytes -= oldest.size();
            if self.shown.front() == Some(&self.num_gone) {
                self.shown.pop_front();
            }
            self.num_gone += 1;
        }
    }
}

impl PanelModel for RequestsModel {
    fn of(_database: &dyn Database) -> Self {
        Self::default()
    }

    fn set_shown(&mut self, shown: Middle) {
        self.is_wanted |= shown == Middle::Requests;
    }
}

#[cfg(test)]
mod tests;
