//! Which rows of the timeline are shown.

use std::collections::{HashMap, VecDeque};

use keyglass_store::key::EncodedKey;

use super::row::{TimelineRow, WatchEvent};
use super::timeline::Timeline;
use crate::content::change_kind::ChangeKind;
use crate::content::condition::{Condition, ConditionSubject};
use crate::model::draft::parse_key;
use crate::search::Pattern;

/// Bytes of keys and values that are looked through at once: what a frame has time for.
const BYTES_AT_ONCE: usize = 1 << 20;
/// Rows that are looked at at once.
const ROWS_AT_ONCE: usize = 4000;

/// Which rows are shown: those that meet all that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WatchFilter {
    /// Changes of this kind.
    pub kind: Option<ChangeKind>,
    /// At and below this key, or of keys whose text has this, as it is typed.
    pub key: String,
    /// With this text in the key or in a value.
    pub text: String,
    /// That meet this condition, as it is typed.
    pub condition: String,
    /// Everything that has changed since the bookmark with this number, a row for each key.
    pub since: Option<u64>,
}

impl WatchFilter {
    /// Whether it leaves anything out.
    #[must_use]
    pub fn is_active(&self) -> bool {
        *self != Self::default()
    }
}

/// A filter that was read once.
#[derive(Debug, Default)]
struct ReadFilter {
    kind: Option<ChangeKind>,
    key: Option<EncodedKey>,
    key_text: String,
    text: Option<Pattern>,
    condition: Option<Condition>,
    error: Option<String>,
}

impl ReadFilter {
    fn of(filter: &WatchFilter) -> Self {
        let mut read = Self {
            kind: filter.kind,
            ..Self::default()
        };
        let key = filter.key.trim();
        if key.starts_with('[') {
            read.key = parse_key(key).ok();
        }
        if read.key.is_none() {
            read.key_text = key.to_lowercase();
        }
        if !filter.text.is_empty() {
            match Pattern::text(&filter.text, false) {
                Ok(pattern) => read.text = Some(pattern),
                Err(error) => read.error = Some(error.to_string()),
            }
        }
        if !filter.condition.trim().is_empty() {
            match Condition::parse(&filter.condition) {
                Ok(condition) => read.condition = Some(condition),
                Err(error) => read.error = Some(error.to_string()),
            }
        }
        read
    }

    fn shows(&self, event: &WatchEvent) -> bool {
        self.error.is_none()
            && self.kind.is_none_or(|kind| kind == event.kind)
            && self.key.as_ref().is_none_or(|key| event.key.is_at_or_below(key))
            && (self.key_text.is_empty() || event.key.to_string().to_lowercase().contains(&self.key_text))
            && self.text.as_ref().is_none_or(|text| has_text(text, event))
            && self.condition.as_ref().is_none_or(|condition| {
                let subject =
                    ConditionSubject::new(&event.key, event.kind, &event.before, event.after.as_ref());
                condition.holds(&subject)
            })
    }
}

fn has_text(text: &Pattern, event: &WatchEvent) -> bool {
    let in_value = |value| text.find_in_value(value).is_some();
    text.find_in_key(&event.key).is_some()
        || event.after.as_ref().is_some_and(|entry| in_value(&entry.value))
        || event.before_entry().is_some_and(|entry| in_value(&entry.value))
}

/// The rows that a filter shows, found a few at a time.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    filter: WatchFilter,
    read: ReadFilter,
    /// Rows before this one were looked at.
    checked: u64,
    shown: VecDeque<u64>,
    /// The first row of each key since the bookmark, and the one that is shown.
    since: HashMap<EncodedKey, (u64, u64)>,
    /// Changes that were ever looked at, for who wants to know that none is looked at in vain.
    #[cfg(test)]
    evaluations: u64,
}

impl Sieve {
    pub(super) fn new(filter: WatchFilter) -> Self {
        Self {
            read: ReadFilter::of(&filter),
            filter,
            ..Self::default()
        }
    }

    pub(super) fn filter(&self) -> &WatchFilter {
        &self.filter
    }

    pub(super) fn error(&self) -> Option<&str> {
        self.read.error.as_deref()
    }

    /// The rows that are shown, by their numbers.
    pub(super) fn shown(&self) -> &VecDeque<u64> {
        &self.shown
    }

    /// Changes that were ever looked at.
    #[cfg(test)]
    pub(super) fn evaluations(&self) -> u64 {
        self.evaluations
    }

    /// The row with what stood there at the bookmark, for a row that is shown since.
    pub(super) fn base(&self, event: &WatchEvent, number: u64) -> u64 {
        self.since.get(&event.key).map_or(number, |(first, _)| *first)
    }

    /// Looks again from a row on, which has changed.
    pub(super) fn outdate(&mut self, number: u64) {
        if number < self.checked {
            self.checked = number;
            self.shown.retain(|shown| *shown < number);
        }
    }

    /// Looks at some more rows. Whether more are to be looked at.
    pub(super) fn sift(&mut self, timeline: &Timeline) -> bool {
        let (first, end) = (timeline.first(), timeline.num_added());
        while self.shown.front().is_some_and(|number| *number < first) {
            self.shown.pop_front();
        }
        self.checked = self.checked.max(first);
        let (mut bytes, mut rows) = (0, 0);
        while self.checked < end && bytes < BYTES_AT_ONCE && rows < ROWS_AT_ONCE {
            let number = self.checked;
            self.checked += 1;
            rows += 1;
            let Some(row) = timeline.row(number) else { continue };
            match (row, self.filter.since) {
                (_, Some(bookmark)) if number <= bookmark => {}
                (TimelineRow::Change(event), bookmark) => {
                    bytes += event.bytes;
                    #[cfg(test)]
                    {
                        self.evaluations += 1;
                    }
                    if self.read.shows(event) {
                        if bookmark.is_some() {
                            self.show_instead(event, number);
                        }
                        self.shown.push_back(number);
                    }
                }
                (TimelineRow::Missing { .. }, _) | (TimelineRow::Bookmark { .. }, None) => {
                    self.shown.push_back(number);
                }
                (TimelineRow::Bookmark { .. }, Some(_)) => {}
            }
        }
        self.checked < end
    }

    /// Shows a row in place of the earlier one of the same key.
    fn show_instead(&mut self, event: &WatchEvent, number: u64) {
        let (_, shown) = self.since.entry(event.key.clone()).or_insert((number, number));
        let earlier = std::mem::replace(shown, number);
        if earlier != number
            && let Ok(at) = self.shown.binary_search(&earlier)
        {
            self.shown.remove(at);
        }
    }
}
