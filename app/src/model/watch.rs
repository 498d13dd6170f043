//! The watch list and its timeline.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _};

use keyglass_store::database::{Before, Changes, Database};
use keyglass_store::key::{EncodedKey, KeyRange};
use keyglass_store::value::literal::{self, Preview};
use keyglass_store::{Entry, Versionstamp};

use super::panel::PanelModel;
use super::saved_session::{SavedSession, read_key};
use super::target::Target;
use crate::errand::{ObservedChange, Untold};
use crate::format;

/// Rows that the timeline keeps.
const TIMELINE_LIMIT: usize = 10_000;
/// Characters of a value shown in the timeline.
const PREVIEW_CHARS: usize = 160;
/// Ranges of one selection that are followed one by one.
const RANGES_LIMIT: usize = 10;

/// One row of the timeline.
#[derive(Debug, Clone, PartialEq)]
pub enum TimelineRow {
    /// A change.
    Change(WatchEvent),
    /// Changes that are missing between those around this row.
    Missing {
        /// When this was noticed first, in milliseconds since the Unix epoch.
        noticed_at: i64,
        /// How many they are, as far as they were counted.
        counted: u64,
        /// Whether other keys of the same range may be among those that were counted.
        of_others: bool,
        /// Whether there may be more, which nobody counted.
        uncounted: bool,
    },
}

impl TimelineRow {
    /// The change, if it is one.
    #[must_use]
    pub fn change(&self) -> Option<&WatchEvent> {
        match self {
            Self::Change(event) => Some(event),
            Self::Missing { .. } => None,
        }
    }

    /// What is said of changes that are missing.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        match self {
            Self::Change(_) => None,
            Self::Missing { counted: 0, .. } => {
                Some("Changes came faster than they could be told, so some may be missing here".to_owned())
            }
            Self::Missing {
                counted,
                of_others,
                uncounted,
                ..
            } => {
                let were = if *counted == 1 { "was" } else { "were" };
                let others = match of_others {
                    true => ", perhaps also of keys that are not watched",
                    false => "",
                };
                let more = if *uncounted { ", and there may be more" } else { "" };
                let changes = format::counted(*counted, "change", "changes");
                Some(format!("{changes} {were} missed here{others}{more}"))
            }
        }
    }
}

/// A change in the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchEvent {
    /// When the change was noticed, in milliseconds since the Unix epoch.
    pub noticed_at: i64,
    /// The changed key.
    pub key: EncodedKey,
    /// What stood there.
    pub before: WatchValue,
    /// What stands there now.
    pub after: WatchValue,
    /// The commit, also where it deleted.
    pub versionstamp: Versionstamp,
}

/// A value in the timeline.
#[derive(Debug, Clone, PartialEq)]
pub enum WatchValue {
    /// The database cannot tell.
    Unknown,
    /// No entry.
    Absent,
    /// A value's beginning.
    Value(Preview),
}

impl WatchValue {
    fn of(entry: Option<&Entry>) -> Self {
        entry.map_or(Self::Absent, |entry| {
            Self::Value(literal::preview(&entry.value, PREVIEW_CHARS))
        })
    }
}

/// Something that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Which keys.
    pub target: Target,
    /// How many entries there were when it was chosen, of several that were selected.
    pub entries: Option<u64>,
}

impl Watched {
    fn holds(&self, key: &EncodedKey) -> bool {
        match &self.target {
            Target::Below(prefix) => key.is_at_or_below(prefix),
            Target::Selected(keys) => keys.contains(key),
        }
    }

    /// Ranges of keys that hold all of it, and few enough to be followed one by one.
    #[must_use]
    pub fn ranges(&self) -> Vec<KeyRange> {
        // Asked for in every frame, so that millions of ranges must not be copied.
        match &self.target {
            Target::Selected(keys) if keys.ranges().len() > RANGES_LIMIT => {
                keys.through(keys).ranges().to_vec()
            }
            target => target.ranges(),
        }
    }

    /// What it is called: a key or prefix, or how many entries.
    #[must_use]
    pub fn name(&self) -> String {
        match (&self.target, self.entries) {
            (Target::Below(prefix), _) if prefix.as_bytes().is_empty() => "all keys".to_owned(),
            (Target::Below(prefix), _) => prefix.to_string(),
            (Target::Selected(_), Some(entries)) => format::counted(entries, "entry", "entries"),
            (Target::Selected(_), None) => "selected entries".to_owned(),
        }
    }
}

/// What is watched, and what happened.
#[derive(Debug, Default)]
pub struct WatchModel {
    /// Whether new changes are left out.
    pub paused: bool,
    /// Changes left out while paused.
    pub missed: u64,
    /// Whether changes are found by comparing, so that a delete was committed no later than its versionstamp says.
    pub are_compared: bool,
    watched: Vec<Watched>,
    rows: VecDeque<TimelineRow>,
    /// Rows that were ever added.
    num_added: u64,
    /// Changes that were let go because newer ones needed their room.
    num_older: u64,
}

impl WatchModel {
    /// What is watched, in the order it was added.
    #[must_use]
    pub fn watched(&self) -> &[Watched] {
        &self.watched
    }

    /// The keys and prefixes among it; not the selections, which may be of millions.
    pub fn prefixes(&self) -> impl Iterator<Item = &EncodedKey> {
        self.watched.iter().filter_map(|watched| match &watched.target {
            Target::Below(prefix) => Some(prefix),
            Target::Selected(_) => None,
        })
    }

    /// Watches a key and all that is below it.
    pub fn add(&mut self, prefix: EncodedKey) {
        self.add_all(Target::Below(prefix), None);
    }

    /// Watches many keys as one; tells how many entries there are, if that is known.
    pub fn add_all(&mut self, target: Target, entries: Option<u64>) {
        if !self.watched.iter().any(|watched| watched.target == target) {
            self.watched.push(Watched { target, entries });
        }
    }

    /// Stops watching; what happened stays in the timeline.
    pub fn remove(&mut self, target: &Target) {
        self.watched.retain(|watched| watched.target != *target);
    }

    /// What happened, newest last.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &WatchEvent> {
        self.rows.iter().filter_map(TimelineRow::change)
    }

    /// What happened and what is missing of it, newest last.
    #[must_use]
    pub fn rows(&self) -> &VecDeque<TimelineRow> {
        &self.rows
    }

    /// Rows that were ever added, those included that are no longer kept.
    #[must_use]
    pub fn num_added(&self) -> u64 {
        self.num_added
    }

    /// Changes before the oldest one, which are no longer kept.
    #[must_use]
    pub fn num_older(&self) -> u64 {
        self.num_older
    }

    /// Empties the timeline.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.num_older = 0;
        self.missed = 0;
    }

    /// Notes that changes in a range are missing.
    pub fn miss_in(&mut self, untold: &Untold, noticed_at: i64) {
        let range = &untold.range;
        let watched = || self.watched.iter().flat_map(Watched::ranges);
        if watched().any(|watched| watched.start < range.end && range.start < watched.end) {
            let are_all = watched().any(|watched| watched.start <= range.start && range.end <= watched.end);
            self.miss(untold.missed, !are_all, noticed_at);
        }
    }

    /// Notes that changes are missing, of which so many were counted; `None` if nobody knows how many.
    fn miss(&mut self, missed: Option<u64>, are_others: bool, noticed_at: i64) {
        let are_others = are_others && missed.is_some();
        if let Some(TimelineRow::Missing {
            counted,
            of_others,
            uncounted,
            ..
        }) = self.rows.back_mut()
        {
            *counted = counted.saturating_add(missed.unwrap_or(0));
            *of_others |= are_others;
            *uncounted |= missed.is_none();
            return;
        }
        self.push(TimelineRow::Missing {
            noticed_at,
            counted: missed.unwrap_or(0),
            of_others: are_others,
            uncounted: missed.is_none(),
        });
    }

    fn push(&mut self, row: TimelineRow) {
        if self.rows.len() == TIMELINE_LIMIT {
            self.num_older += match self.rows.pop_front() {
                Some(TimelineRow::Change(_)) => 1,
                Some(TimelineRow::Missing { counted, .. }) => counted,
                None => 0,
            };
        }
        self.rows.push_back(row);
        self.num_added += 1;
    }

    /// Takes a change made anywhere.
    pub fn apply_change(&mut self, change: &ObservedChange) {
        if !self.watched.iter().any(|watched| watched.holds(&change.key)) {
            return;
        }
        if self.paused {
            self.missed += 1;
            self.miss(Some(1), false, change.noticed_at);
            return;
        }
        self.push(TimelineRow::Change(WatchEvent {
            noticed_at: change.noticed_at,
            key: EncodedKey::from_bytes(change.key.as_bytes().to_vec()),
            before: match &change.before {
                Before::Unknown => WatchValue::Unknown,
                Before::Absent => WatchValue::Absent,
                Before::Entry(entry) => WatchValue::of(Some(entry)),
            },
            after: WatchValue::of(change.after.as_ref()),
            versionstamp: change.versionstamp,
        }));
    }
}

impl PanelModel for WatchModel {
    fn of(database: &dyn Database) -> Self {
        Self {
            are_compared: database.capabilities().changes == Changes::Compared,
            ..Self::default()
        }
    }

    fn take_change(&mut self, change: &ObservedChange) {
        self.apply_change(change);
    }

    fn miss_changes(&mut self, untold: &Untold, now: i64) {
        self.miss_in(untold, now);
    }

    fn keep(&self, saved: &mut SavedSession) {
        saved.watched = self.prefixes().map(ToString::to_string).collect();
    }

    fn restore(&mut self, saved: &SavedSession) -> Vec<String> {
        saved
            .watched
            .iter()
            .filter_map(|text| read_key(text))
            .for_each(|prefix| self.add(prefix));
        Vec::new()
    }

    fn fingerprint(&self, hasher: &mut DefaultHasher) {
        self.prefixes().for_each(|prefix| prefix.hash(hasher));
    }
}

#[cfg(test)]
mod tests;
