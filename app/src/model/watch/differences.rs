//! What differs in the changes that are on screen, and in the one that is looked at. A thread finds it, once for each.

use std::ops::Range;
use std::sync::Arc;

use keyglass_store::Versionstamp;

use super::WatchModel;
use super::row::{TimelineRow, WatchEvent};
use crate::content::change_kind::ChangeKind;
use crate::content::field_changes::Differences;
use crate::errand::{Compared, Errand, Look};

/// Rows whose differences are known at once.
const KNOWN_DIFFERENCES: usize = 1000;
/// Differences that are asked for together.
const ASKED_DIFFERENCES: usize = 80;
/// Earlier moments of a key that are offered to be compared with.
const MOMENTS: usize = 20;

/// Two states of a key: what stood there before the change of a row or after that of another one, and what stands there
/// after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct States {
    base: Base,
    row: u64,
    /// Whether all of it is to be told and not only as much as fits a line.
    is_whole: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Base {
    Before(u64),
    After(u64),
}

/// Tells a row from what it was before further changes joined it.
pub(super) type Edition = (Versionstamp, u64);

/// The change that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opened {
    pub(super) row: u64,
    /// The row of an earlier change after which the state is compared with.
    base: Option<u64>,
}

impl WatchModel {
    /// The change that is looked at, with the number of its row.
    #[must_use]
    pub fn opened(&self) -> Option<(u64, &WatchEvent)> {
        let row = self.opened?.row;
        Some((row, self.timeline().row(row)?.change()?))
    }

    /// The row that is looked at, a change or a bookmark, while it is kept.
    #[must_use]
    pub fn opened_row(&self) -> Option<u64> {
        self.opened
            .map(|opened| opened.row)
            .filter(|row| self.timeline().row(*row).is_some())
    }

    /// The bookmark that is looked at, with the number of its row.
    #[must_use]
    pub fn opened_bookmark(&self) -> Option<(u64, &str)> {
        let row = self.opened?.row;
        match self.timeline().row(row)? {
            TimelineRow::Bookmark { name, .. } => Some((row, name)),
            TimelineRow::Change(_) | TimelineRow::Missing { .. } => None,
        }
    }

    /// Looks at a change or a bookmark by the number of its row, or at none.
    pub fn open(&mut self, row: Option<u64>) {
        self.opened = row.map(|row| Opened { row, base: None });
    }

    /// Compares the change that is looked at with what stood there after an earlier one, or with what stood there before it.
    pub fn compare_with(&mut self, base: Option<u64>) {
        if let Some(opened) = &mut self.opened {
            opened.base = base;
        }
    }

    /// The row of the change after which the state is compared with, if another was chosen than the one before.
    #[must_use]
    pub fn base(&self) -> Option<u64> {
        self.opened?.base
    }

    /// Earlier changes of the key that is looked at, newest first, with the numbers of their rows.
    #[must_use]
    pub fn moments(&self) -> Vec<(u64, &WatchEvent)> {
        let mut previous = self.opened().and_then(|(_, event)| event.previous);
        let mut moments = Vec::new();
        while let Some((number, _)) = previous
            && let Some(event) = self.timeline().row(number).and_then(TimelineRow::change)
            && moments.len() < MOMENTS
        {
            moments.push((number, event));
            previous = event.previous;
        }
        moments
    }

    fn states(&self, row: u64, event: &WatchEvent, is_whole: bool) -> States {
        let chosen = self.opened.filter(|opened| is_whole && opened.row == row);
        let base = match chosen.and_then(|opened| opened.base) {
            Some(base) => Base::After(base),
            None if self.filter().since.is_some() => {
                let first = self.sieve.base(event, row);
                Base::Before(first.max(self.timeline().first()))
            }
            None => Base::Before(row),
        };
        States { base, row, is_whole }
    }

    /// What a row that is shown did: since the bookmark, if it stands for all that has happened since.
    #[must_use]
    pub fn kind(&self, row: u64, event: &WatchEvent) -> ChangeKind {
        let Base::Before(first) = self.states(row, event, false).base else {
            return event.kind;
        };
        let base = self.timeline().row(first).and_then(TimelineRow::change);
        match (base, &event.after) {
            (Some(base), Some(after)) if first != row => {
                ChangeKind::of(&base.before, Some(after), event.noticed_at)
            }
            _ => event.kind,
        }
    }

    /// What differs in a row, as much as fits a line, if that is known yet.
    #[must_use]
    pub fn difference(&self, row: u64) -> Option<&Differences> {
        let event = self.timeline().row(row)?.change()?;
        let (_, known) = self.known.get(&self.states(row, event, false))?;
        Some(known)
    }

    /// All that differs in the change that is looked at, if that is known yet.
    #[must_use]
    pub fn opened_difference(&self) -> Option<&Arc<Differences>> {
        let (row, event) = self.opened()?;
        let (_, known) = self.known.get(&self.states(row, event, true))?;
        Some(known)
    }

    /// Notes which of the shown rows are on screen, newest first.
    pub fn show(&mut self, rows: Range<u64>) {
        let states = rows.filter_map(|place| {
            let (row, shown) = self.newest(place)?;
            let event = shown.change()?;
            Some((self.states(row, event, false), edition(event)))
        });
        self.on_screen = states.collect();
    }

    /// What stands in an entry in two states.
    fn compared(&self, states: &States) -> Option<Compared> {
        let event = |row| self.timeline().row(row).and_then(TimelineRow::change);
        let before = match states.base {
            Base::Before(row) => event(row)?.before_entry(),
            Base::After(row) => event(row)?.after.as_ref(),
        };
        Some(Compared {
            before: before.cloned(),
            after: event(states.row)?.after.clone(),
            is_whole: states.is_whole,
        })
    }

    pub(super) fn take_differences(&mut self, differences: Vec<Differences>) {
        if self.known.len() > KNOWN_DIFFERENCES {
            let on_screen = &self.on_screen;
            let opened = self.opened.map(|opened| opened.row);
            self.known.retain(|states, _| match states.is_whole {
                true => Some(states.row) == opened,
                false => on_screen.iter().any(|(shown, _)| shown == states),
            });
        }
        for ((states, edition), differences) in std::mem::take(&mut self.asked).into_iter().zip(differences) {
            self.known.insert(states, (edition, Arc::new(differences)));
        }
    }

    /// Asks for what differs in the rows on screen and in the one that is looked at, if it is not known.
    pub(super) fn wanted_differences(&mut self) -> Option<Errand> {
        if !self.asked.is_empty() {
            return None;
        }
        let opened = self.opened();
        let opened = opened.map(|(row, event)| (self.states(row, event, true), edition(event)));
        let wanted = opened.iter().chain(&self.on_screen);
        let unknown = wanted.filter(|(states, edition)| {
            let known = self.known.get(states);
            known.is_none_or(|(known, _)| known != edition)
        });
        let pairs = unknown.filter_map(|wanted| Some((*wanted, self.compared(&wanted.0)?)));
        let (asked, compared): (Vec<_>, Vec<_>) = pairs.take(ASKED_DIFFERENCES).unzip();
        if asked.is_empty() {
            return None;
        }
        self.asked = asked;
        Some(Look::Differences(compared).into())
    }
}

fn edition(event: &WatchEvent) -> Edition {
    (event.versionstamp, event.changes)
}
