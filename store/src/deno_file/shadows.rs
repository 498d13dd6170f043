//! What is remembered of a file for all who subscribed to ranges of it.
//!
//! A range that lies within another's needs no shadow of its own, so that each key is remembered and compared once,
//! however many subscribers there are. (Ranges that overlap without one holding the other are remembered apart.)

use std::collections::BTreeMap;

use super::read::FileSnapshot;
use super::shadow::{Difference, Shadow};
use crate::database::{Change, FeedEvent, Snapshot as _};
use crate::error::DatabaseError;
use crate::key::KeyRange;
use crate::subscription::{FeedSender, Wakes};
use crate::versionstamp::Versionstamp;

/// Subscribers to ranges, and what they were told of.
#[derive(Default)]
pub(super) struct Shadows {
    subscribers: Vec<RangeSubscriber>,
    /// What is remembered; no range lies within another's.
    shadows: Vec<Shadow>,
    /// Ranges that are too large for a shadow, each with the newest commit that its subscribers know of.
    too_large: Vec<(KeyRange, Option<Versionstamp>)>,
    /// Whether what was remembered says nothing about what the file is now.
    forgotten: bool,
}

/// Somebody who wants to hear of changes in some ranges.
pub(super) struct RangeSubscriber {
    /// In key order; none overlaps another.
    pub(super) ranges: Vec<KeyRange>,
    pub(super) sender: FeedSender,
}

/// What became of a range.
enum Outcome {
    Changes(Vec<Change>),
    /// It cannot be named; how many changes, where that is known.
    Nameless(Option<u64>),
}

impl Shadows {
    pub(super) fn is_empty(&self) -> bool {
        self.subscribers.is_empty()
    }

    /// Takes up a subscriber, who knows the file as it is in the snapshot.
    pub(super) fn add(
        &mut self,
        subscriber: RangeSubscriber,
        snapshot: &FileSnapshot,
    ) -> Result<(), DatabaseError> {
        self.subscribers.push(subscriber);
        // Where everything is to be read anew, so is this.
        if self.forgotten {
            return Ok(());
        }
        let arranged = self.arrange(snapshot);
        if arranged.is_err() {
            self.subscribers.pop();
            self.shrink();
        }
        arranged
    }

    /// Forgets those who have gone, and what was remembered for them alone.
    pub(super) fn dismiss(&mut self) {
        let before = self.subscribers.len();
        self.subscribers
            .retain(|subscriber| subscriber.sender.has_reader());
        if self.subscribers.len() < before {
            self.shrink();
        }
    }

    /// Forgets what cannot be compared with what comes next.
    pub(super) fn forget(&mut self) {
        self.shadows.clear();
        self.too_large.clear();
        self.forgotten = true;
    }

    /// Tells all the same.
    pub(super) fn tell(&self, event: &FeedEvent, wakes: &mut Wakes) {
        for subscriber in &self.subscribers {
            subscriber.sender.send(event.clone(), wakes);
        }
    }

    /// Tells everybody what has changed. After an error it has to be called again.
    pub(super) fn update(&mut self, snapshot: &FileSnapshot, wakes: &mut Wakes) -> Result<(), DatabaseError> {
        if self.forgotten {
            self.shadows.clear();
            self.too_large.clear();
            self.arrange(snapshot)?;
            self.forgotten = false;
            self.tell(&FeedEvent::Lagged { missed: None }, wakes);
            return Ok(());
        }
        let newest = snapshot.versionstamp();
        let mut nameless = Vec::new();
        for (range, known) in &mut self.too_large {
            if newest.is_none() || *known != newest {
                nameless.push(range.clone());
                *known = newest;
            }
        }
        let mut outcomes = Vec::new();
        let mut outgrown = Vec::new();
        let mut result = Ok(());
        for shadow in std::mem::take(&mut self.shadows) {
            let range = shadow.range().clone();
            let outcome = match shadow.compare(snapshot) {
                Ok(Difference::Changes(shadow, changes)) => {
                    self.shadows.push(shadow);
                    Outcome::Changes(changes)
                }
                Ok(Difference::TooMany(shadow, number)) => {
                    self.shadows.push(shadow);
                    Outcome::Nameless(Some(number))
                }
                Ok(Difference::OutOfReach) => {
                    outgrown.push((range.clone(), newest));
                    Outcome::Nameless(None)
                }
                Err(error) => {
                    // What it was compared with is lost, so that nobody can tell what has changed in it.
                    result = Err(error);
                    Outcome::Nameless(None)
                }
            };
            outcomes.push((range, outcome));
        }
        for subscriber in &self.subscribers {
            subscriber.tell(&self.too_large, &nameless, &outcomes, wakes);
        }
        self.too_large.append(&mut outgrown);
        let result = result.and_then(|()| self.arrange(snapshot));
        if result.is_err() {
            self.forget();
        }
        result
    }

    /// Sees to it that something is remembered of every range that is not too large, as the snapshot has it.
    fn arrange(&mut self, snapshot: &FileSnapshot) -> Result<(), DatabaseError> {
        let mut wanted: Vec<KeyRange> = self.wanted().cloned().collect();
        // Those that hold others come before them.
        wanted.sort_by(|a, b| a.start.cmp(&b.start).then_with(|| b.end.cmp(&a.end)));
        wanted.dedup();
        for range in wanted {
            let is_known = self.too_large.iter().any(|(large, _)| *large == range)
                || self.shadows.iter().any(|shadow| shadow.range().covers(&range));
            if is_known {
                continue;
            }
            match Shadow::new(range.clone(), snapshot)? {
                Some(shadow) => {
                    self.shadows.retain(|other| !range.covers(other.range()));
                    self.shadows.push(shadow);
                }
                None => self.too_large.push((range, snapshot.versionstamp())),
            }
        }
        Ok(())
    }

    /// Forgets what nobody cares about any more.
    fn shrink(&mut self) {
        let wanted: Vec<KeyRange> = self.wanted().cloned().collect();
        self.too_large.retain(|(range, _)| wanted.contains(range));
        for shadow in std::mem::take(&mut self.shadows) {
            if wanted.contains(shadow.range()) {
                self.shadows.push(shadow);
                continue;
            }
            let within = wanted.iter().filter(|range| shadow.range().covers(range));
            let mut parts: Vec<&KeyRange> = Vec::new();
            for range in within {
                if !parts.iter().any(|part| part.covers(range)) {
                    parts.retain(|part| !range.covers(part));
                    parts.push(range);
                }
            }
            self.shadows
                .extend(parts.into_iter().map(|part| shadow.part(part)));
        }
    }

    fn wanted(&self) -> impl Iterator<Item = &KeyRange> {
        self.subscribers.iter().flat_map(|subscriber| &subscriber.ranges)
    }

    /// How many keys are remembered.
    #[cfg(test)]
    pub(super) fn num_keys(&self) -> usize {
        self.shadows.iter().map(Shadow::num_keys).sum()
    }
}

impl RangeSubscriber {
    /// Tells what became of this subscriber's ranges: of those that are too large, the `nameless` have changed.
    fn tell(
        &self,
        too_large: &[(KeyRange, Option<Versionstamp>)],
        nameless: &[KeyRange],
        outcomes: &[(KeyRange, Outcome)],
        wakes: &mut Wakes,
    ) {
        let mut changes = Vec::new();
        // Whether any are missed; inside, how many, where that is known.
        let mut missed: Option<Option<u64>> = None;
        let mut miss = |number: Option<u64>| {
            missed = Some(match missed {
                None => number,
                Some(before) => before.zip(number).map(|(before, number)| before + number),
            });
        };
        for range in &self.ranges {
            if too_large.iter().any(|(large, _)| large == range) {
                if nameless.contains(range) {
                    miss(None);
                }
                continue;
            }
            match outcomes.iter().find(|(of, _)| of.covers(range)) {
                None => {}
                Some((_, Outcome::Changes(all))) => {
                    changes.extend(all.iter().filter(|change| range.contains(&change.key)).cloned());
                }
                Some((of, Outcome::Nameless(number))) => miss(number.filter(|_| of == range)),
            }
        }
        if let Some(number) = missed {
            let missed = number.map(|number| number + changes.len() as u64);
            self.sender.send(FeedEvent::Lagged { missed }, wakes);
            return;
        }
        for group in grouped(changes) {
            self.sender.send(FeedEvent::Changes(group), wakes);
        }
    }
}

/// Changes by the commit that made them, in order; deletes come last, because nothing says when they happened.
fn grouped(changes: Vec<Change>) -> impl Iterator<Item = Vec<Change>> {
    let mut commits: BTreeMap<_, Vec<Change>> = BTreeMap::new();
    let mut deletes = Vec::new();
    for change in changes {
        match &change.after {
            Some(after) => commits.entry(after.versionstamp).or_default().push(change),
            None => deletes.push(change),
        }
    }
    commits
        .into_values()
        .chain((!deletes.is_empty()).then_some(deletes))
}
