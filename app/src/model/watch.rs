//! The watch list and its timeline.

mod differences;
mod filter;
mod notifications;
mod rates;
mod replay;
mod row;
mod timeline;
mod watched;

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _};
use std::sync::Arc;

use keyglass_store::database::{Before, Changes, Database};
use keyglass_store::key::EncodedKey;
use keyglass_store::{Change, Entry};

use super::notification::NotificationChoice;
use super::panel::{PanelModel, Telling};
use super::saved_session::{SavedNotification, SavedSession, read_key};
use super::target::Target;
use crate::content::change_line::ChangeLine;
use crate::content::field_changes::Differences;
use crate::errand::{Answer, Errand, LoadedTimeline, ObservedChange, Untold};
use differences::{Edition, Opened, States};
use filter::Sieve;
pub use filter::WatchFilter;
pub use notifications::{Notifications, Told, WatchNotification};
pub use rates::{BARS, ChangeRates};
pub use replay::{Replay, ReplayError};
pub use row::{TimelineRow, WatchEvent};
pub use timeline::{TIMELINE_BYTES, TIMELINE_ROWS, Timeline, line_of};
pub use watched::Watched;

/// Changes that are held while the timeline is paused.
pub const HELD_CHANGES: usize = 10_000;
/// Bytes of their keys and values.
pub const HELD_BYTES: usize = 32 << 20;
/// What waits while the timeline is paused.
#[derive(Debug)]
enum Held {
    Change(Box<Change>, i64),
    Missed(Option<u64>, bool, i64),
}

/// A timeline that was written down before.
#[derive(Debug)]
pub struct Recording {
    /// The file.
    pub name: String,
    timeline: Timeline,
}

/// What is watched, and what happened.
#[derive(Debug, Default)]
pub struct WatchModel {
    /// Whether changes are found by comparing, so that a delete was committed no later than its versionstamp says.
    pub are_compared: bool,
    /// What watches do when something changes.
    pub notifications: Notifications,
    /// Why the system shows no notifications, if it was asked for one.
    pub no_system_notifications: Option<String>,
    location: String,
    paused: bool,
    held: VecDeque<Held>,
    held_bytes: usize,
    /// Changes that came while it was paused, and of those the ones for which there was no room.
    num_held: u64,
    missed: u64,
    watched: Vec<Watched>,
    live: Timeline,
    recording: Option<Box<Recording>>,
    sieve: Sieve,
    opened: Option<Opened>,
    /// What differs, and in which edition of the row.
    known: HashMap<States, (Edition, Arc<Differences>)>,
    /// The rows on screen.
    on_screen: Vec<(States, Edition)>,
    asked: Vec<(States, Edition)>,
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
        self.notifications.set(target, String::new(), None);
    }

    /// What a watch does when something changes; it is watched from now on.
    pub fn notify(&mut self, target: Target, entries: Option<u64>, choice: Option<NotificationChoice>) {
        self.add_all(target.clone(), entries);
        let watched = self.watched.iter().find(|watched| watched.target == target);
        let name = watched.map(Watched::name).unwrap_or_default();
        self.notifications.set(&target, name, choice);
    }

    /// What is looked at: what happens, or a recording.
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        self.recording
            .as_ref()
            .map_or(&self.live, |recording| &recording.timeline)
    }

    /// The recording that is looked at.
    #[must_use]
    pub fn recording(&self) -> Option<&Recording> {
        self.recording.as_deref()
    }

    /// What happened, newest last.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &WatchEvent> {
        self.rows().iter().filter_map(TimelineRow::change)
    }

    /// What happened and what is missing of it, newest last.
    #[must_use]
    pub fn rows(&self) -> &VecDeque<TimelineRow> {
        self.timeline().rows()
    }

    /// Changes before the oldest one, which are no longer kept.
    #[must_use]
    pub fn num_older(&self) -> u64 {
        self.timeline().num_older()
    }

    /// Whether new changes wait.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// How many changes came while it was paused, and how many of them found no room to wait.
    #[must_use]
    pub fn waiting(&self) -> (u64, u64) {
        (self.num_held, self.missed)
    }

    /// Lets new changes wait, or goes on with those that have waited.
    pub fn pause(&mut self, paused: bool) {
        self.paused = paused;
        if paused {
            return;
        }
        self.held_bytes = 0;
        self.num_held = 0;
        self.missed = 0;
        for held in std::mem::take(&mut self.held) {
            match held {
                Held::Change(change, at) => self.take(&change, at),
                Held::Missed(missed, are_others, at) => self.live.miss(missed, are_others, at),
            }
        }
    }

    /// Empties the timeline, and forgets what waits.
    pub fn clear(&mut self) {
        self.live.clear();
        self.held.clear();
        self.held_bytes = 0;
        self.num_held = 0;
        self.missed = 0;
        self.look_anew();
    }

    /// Sets a bookmark at this moment, in milliseconds since the Unix epoch, and looks at the bookmark.
    pub fn bookmark(&mut self, now: i64) {
        let number = self.live.num_added();
        let name = format!("Bookmark {}", self.bookmarks().count() + 1);
        self.live.bookmark(name, now);
        self.open(Some(number));
    }

    /// Gives a bookmark another name.
    pub fn name_bookmark(&mut self, row: u64, name: String) {
        match &mut self.recording {
            Some(recording) => recording.timeline.name_bookmark(row, name),
            None => self.live.name_bookmark(row, name),
        }
    }

    /// The bookmarks that are kept, by the numbers of their rows, oldest first.
    pub fn bookmarks(&self) -> impl DoubleEndedIterator<Item = (u64, &str, i64)> {
        let timeline = self.timeline();
        let rows = (timeline.first()..).zip(timeline.rows());
        // Only to go through them from both ends.
        let bookmarks: Vec<_> = rows
            .filter_map(|(number, row)| match row {
                TimelineRow::Bookmark { noticed_at, name } => Some((number, name.as_str(), *noticed_at)),
                TimelineRow::Change(_) | TimelineRow::Missing { .. } => None,
            })
            .collect();
        bookmarks.into_iter()
    }

    /// Looks at a recording, or at what happens.
    fn show_recording(&mut self, recording: Option<Recording>) {
        self.recording = recording.map(Box::new);
        self.look_anew();
    }

    /// Ends to look at a recording.
    pub fn close_recording(&mut self) {
        self.show_recording(None);
    }

    fn look_anew(&mut self) {
        self.opened = None;
        self.known.clear();
        self.on_screen.clear();
        let mut filter = self.sieve.filter().clone();
        // The bookmark is one of another timeline.
        filter.since = None;
        self.sieve = Sieve::new(filter);
    }

    /// Which rows are shown.
    #[must_use]
    pub fn filter(&self) -> &WatchFilter {
        self.sieve.filter()
    }

    /// Why the filter cannot be read, if so.
    #[must_use]
    pub fn filter_error(&self) -> Option<&str> {
        self.sieve.error()
    }

    /// Shows other rows.
    pub fn set_filter(&mut self, filter: WatchFilter) {
        self.sieve = Sieve::new(filter);
        self.sift();
    }

    /// Looks which further rows the filter shows. Whether there are more to look at.
    pub fn sift(&mut self) -> bool {
        if !self.filter().is_active() {
            return false;
        }
        let timeline = match &self.recording {
            Some(recording) => &recording.timeline,
            None => &self.live,
        };
        self.sieve.sift(timeline)
    }

    /// How many rows are shown.
    #[must_use]
    pub fn num_shown(&self) -> u64 {
        if self.filter().is_active() {
            self.sieve.shown().len() as u64
        } else {
            self.rows().len() as u64
        }
    }

    /// One of the rows that are shown, newest first, with its number.
    #[must_use]
    pub fn newest(&self, row: u64) -> Option<(u64, &TimelineRow)> {
        let from_end = usize::try_from(row.checked_add(1)?).ok()?;
        let number = if self.filter().is_active() {
            let shown = self.sieve.shown();
            *shown.get(shown.len().checked_sub(from_end)?)?
        } else {
            let timeline = self.timeline();
            timeline.first() + timeline.rows().len().checked_sub(from_end)? as u64
        };
        Some((number, self.timeline().row(number)?))
    }

    /// Where a row stands among those that are shown, newest first; the next older one if it is not shown.
    #[must_use]
    pub fn place_of(&self, number: u64) -> u64 {
        let newer = if self.filter().is_active() {
            let shown = self.sieve.shown();
            shown.len() - shown.partition_point(|shown| *shown <= number)
        } else {
            usize::try_from(self.timeline().num_added().saturating_sub(number + 1)).unwrap_or(0)
        };
        newer as u64
    }

    /// The newest entry of a key, as it is known here; `None` inside if it is gone.
    #[must_use]
    pub fn newest_of(&self, key: &EncodedKey) -> Option<Option<&Entry>> {
        let mut events = self.live.rows().iter().rev().filter_map(TimelineRow::change);
        let event = events.find(|event| event.key == *key)?;
        Some(event.after.as_ref())
    }

    /// What is shown as lines to be written down, oldest first.
    #[must_use]
    pub fn shown_lines(&self) -> Vec<ChangeLine> {
        let rows = (0..self.num_shown()).rev().filter_map(|row| self.newest(row));
        rows.map(|(_, row)| line_of(row)).collect()
    }

    /// Notes that changes in a range are missing.
    pub fn miss_in(&mut self, untold: &Untold, noticed_at: i64) {
        let range = &untold.range;
        self.notifications.miss(|target| {
            let mut ranges = target.ranges().into_iter();
            ranges.any(|told| told.start < range.end && range.start < told.end)
        });
        let watched = || self.watched.iter().flat_map(Watched::ranges);
        if watched().any(|watched| watched.start < range.end && range.start < watched.end) {
            let are_all = watched().any(|watched| watched.start <= range.start && range.end <= watched.end);
            if self.paused {
                self.hold_missed(untold.missed, !are_all, noticed_at);
            } else {
                self.live.miss(untold.missed, !are_all, noticed_at);
            }
        }
    }

    fn hold_missed(&mut self, missed: Option<u64>, are_others: bool, noticed_at: i64) {
        if let Some(Held::Missed(held, held_others, _)) = self.held.back_mut()
            && held.is_some() == missed.is_some()
        {
            *held = held.zip(missed).map(|(held, missed)| held.saturating_add(missed));
            *held_others |= are_others;
        } else {
            self.held.push_back(Held::Missed(missed, are_others, noticed_at));
        }
    }

    /// Takes a change made anywhere.
    pub fn apply_change(&mut self, change: &ObservedChange) {
        if !self.watched.iter().any(|watched| watched.holds(&change.key)) {
            return;
        }
        let told = Change {
            key: change.key.clone(),
            versionstamp: change.versionstamp,
            before: change.before.clone(),
            after: change.after.clone(),
        };
        self.notifications.take_change(&told, change.noticed_at);
        if !self.paused {
            self.take(&told, change.noticed_at);
            return;
        }
        self.num_held += 1;
        let value = |entry: &Entry| entry.value.bytes.len();
        let before = match &told.before {
            Before::Entry(entry) => value(entry),
            Before::Unknown | Before::Absent => 0,
        };
        let bytes = told.key.as_bytes().len() + before + told.after.as_ref().map_or(0, value);
        if self.missed > 0 || self.held.len() >= HELD_CHANGES || self.held_bytes + bytes > HELD_BYTES {
            self.missed += 1;
            self.hold_missed(Some(1), false, change.noticed_at);
        } else {
            self.held_bytes += bytes;
            self.held
                .push_back(Held::Change(Box::new(told), change.noticed_at));
        }
    }

    fn take(&mut self, change: &Change, noticed_at: i64) {
        let number = self.live.add(change, noticed_at);
        if self.recording.is_none() {
            self.sieve.outdate(number);
        }
    }

    /// Takes a timeline that was read from a file.
    pub fn take_recording(&mut self, loaded: LoadedTimeline) {
        let mut timeline = Timeline::default();
        timeline.forget(loaded.older);
        for line in loaded.lines {
            timeline.take(line);
        }
        self.show_recording(Some(Recording {
            name: loaded.name,
            timeline,
        }));
    }
}

impl PanelModel for WatchModel {
    fn of(database: &dyn Database) -> Self {
        Self {
            are_compared: database.capabilities().changes == Changes::Compared,
            location: database.location(),
            ..Self::default()
        }
    }

    fn take_wants(&mut self) -> Vec<Errand> {
        let mut wants = self.notifications.take_wants();
        wants.extend(self.wanted_differences());
        wants
    }

    fn take_answer(&mut self, answer: Answer, telling: &mut Telling<'_>) -> Option<Answer> {
        match answer {
            Answer::Judged(verdicts) => self.notifications.take_verdicts(&verdicts, telling.now),
            Answer::CommandRan { watch, ran } => self.notifications.take_ran(watch, ran),
            Answer::Differences(differences) => self.take_differences(differences),
            other => return Some(other),
        }
        None
    }

    fn take_change(&mut self, change: &ObservedChange) {
        self.apply_change(change);
    }

    fn miss_changes(&mut self, untold: &Untold, now: i64) {
        self.miss_in(untold, now);
    }

    fn wake(&mut self, now: i64) -> Option<i64> {
        self.notifications.wake(&self.location, now)
    }

    fn keep(&self, saved: &mut SavedSession) {
        let kept = self.notifications.iter().filter_map(|known| {
            let Target::Below(prefix) = &known.target else {
                return None;
            };
            Some(SavedNotification {
                watched: prefix.to_string(),
                choice: known.choice.clone(),
            })
        });
        saved.notifications = kept.collect();
        saved.watched = self.prefixes().map(ToString::to_string).collect();
    }

    fn restore(&mut self, saved: &SavedSession) -> Vec<String> {
        saved
            .watched
            .iter()
            .filter_map(|text| read_key(text))
            .for_each(|prefix| self.add(prefix));
        for kept in &saved.notifications {
            if let Some(prefix) = read_key(&kept.watched) {
                self.notify(Target::Below(prefix), None, Some(kept.choice.clone()));
            }
        }
        Vec::new()
    }

    fn fingerprint(&self, hasher: &mut DefaultHasher) {
        self.prefixes().for_each(|prefix| prefix.hash(hasher));
        self.notifications.fingerprint(hasher);
    }
}

#[cfg(test)]
mod filter_tests;
#[cfg(test)]
mod tests;
