//! How many entries some ranges hold, counted in the background and kept current.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use keyglass_store::database::Counted;
use keyglass_store::key::KeyRange;

use crate::errand::{Errand, Gather, ReadError};

/// How long after a count a change may make it begin anew, in milliseconds; longer where counting took longer, so
/// that a database that changes all the time is not counted all the time.
const RECOUNT_DELAY: i64 = 500;

/// A count that runs.
#[derive(Debug)]
struct Running {
    ticket: u64,
    cancelled: Arc<AtomicBool>,
    begun_at: i64,
}

/// A count of ranges.
#[derive(Debug, Default)]
pub struct Tally {
    ranges: Vec<KeyRange>,
    counted: Counted,
    /// The count is of other ranges than these.
    is_foreign: bool,
    running: Option<Running>,
    /// When to count again, in milliseconds since the Unix epoch.
    due_at: Option<i64>,
    /// Before this moment it is not counted again because of a change.
    rests_until: i64,
    /// It is counted only when a person asks for it, because each read is paid for.
    is_held: bool,
    error: Option<String>,
}

impl Tally {
    /// Counts other ranges from now on. What was counted before stays shown until the first figure is there.
    pub fn set(&mut self, ranges: Vec<KeyRange>) {
        if self.ranges == ranges {
            return;
        }
        self.stop();
        self.is_foreign = true;
        self.due_at = (!ranges.is_empty()).then_some(i64::MIN);
        self.ranges = ranges;
    }

    /// Counts only when asked from now on ([`Self::ask`]), or as it comes.
    pub fn hold(&mut self, is_held: bool) {
        self.is_held = is_held;
    }

    /// Whether it waits for a person to ask for a count.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.is_held && self.due_at.is_some() && self.running.is_none()
    }

    /// Begins to count, because a person wants it; `ticket` is the number of the errand.
    pub fn ask(&mut self, now: i64, ticket: u64) -> Option<Errand> {
        let is_held = std::mem::take(&mut self.is_held);
        self.due_at = Some(i64::MIN);
        let errand = self.want(now, || ticket);
        self.is_held = is_held;
        errand
    }

    /// Takes over a count of the same ranges that is known already.
    pub fn take_from(&mut self, other: &Self) {
        if let Some(counted) = other.counted().filter(|counted| counted.complete)
            && self.is_foreign
            && self.ranges == other.ranges
        {
            self.stop();
            self.counted = counted;
            self.is_foreign = false;
            self.due_at = None;
        }
    }

    /// Something in the ranges has changed.
    pub fn outdate(&mut self) {
        if !self.ranges.is_empty() {
            self.due_at.get_or_insert(self.rests_until);
        }
    }

    /// The count to show: perhaps one of what was counted before, while the first figure is not there.
    #[must_use]
    pub fn shown(&self) -> Counted {
        self.counted
    }

    /// The count so far of just these ranges; `None` before the first figure.
    #[must_use]
    pub fn counted(&self) -> Option<Counted> {
        (!self.is_foreign).then_some(self.counted)
    }

    /// Why it could not be counted.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.error.as_deref()
    }

    /// What the worker shall do now, if anything; `ticket` gives the errand its number.
    pub fn want(&mut self, now: i64, ticket: impl FnOnce() -> u64) -> Option<Errand> {
        if self.is_held || self.running.is_some() || self.due_at? > now {
            return None;
        }
        self.due_at = None;
        let running = Running {
            ticket: ticket(),
            cancelled: Arc::default(),
            begun_at: now,
        };
        let errand = Gather::Tally {
            ticket: running.ticket,
            ranges: self.ranges.clone(),
            cancelled: Arc::clone(&running.cancelled),
        };
        self.running = Some(running);
        Some(errand.into())
    }

    /// Milliseconds until [`Self::want`] has something.
    #[must_use]
    pub fn next_want(&self, now: i64) -> Option<i64> {
        let due_at = self.due_at.filter(|_| self.running.is_none() && !self.is_held)?;
        Some(due_at.saturating_sub(now).max(0))
    }

    /// Takes a figure.
    pub fn apply(&mut self, ticket: u64, counted: &Result<Counted, ReadError>, now: i64) {
        let Some(running) = self.running.as_ref().filter(|running| running.ticket == ticket) else {
            return;
        };
        match counted {
            Ok(counted) => {
                // While it is counted again, the old number says more than the part counted so far.
                if counted.complete || self.is_foreign || !self.counted.complete {
                    self.counted = *counted;
                    self.is_foreign = false;
                }
                self.error = None;
                if !counted.complete {
                    return;
                }
            }
            Err(error) => self.error = Some(error.to_string()),
        }
        self.rests_until = now + RECOUNT_DELAY.max(10 * (now - running.begun_at));
        if let Some(due_at) = &mut self.due_at {
            *due_at = self.rests_until;
        }
        self.running = None;
    }

    fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.cancelled.store(true, Ordering::Release);
        }
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keyglass_store::key::EncodedKey;

    fn ranges(text: &str) -> Vec<KeyRange> {
        vec![KeyRange::only(&EncodedKey::from_bytes(text.as_bytes().to_vec()))]
    }

    fn counted(entries: u64, complete: bool) -> Result<Counted, ReadError> {
        Ok(Counted {
            expired: 0,
            entries,
            bytes: entries,
            complete,
        })
    }

    #[test]
    fn a_count_of_something_else_stops_the_one_that_runs() {
        let mut tally = Tally::default();
        tally.set(ranges("a"));
        let Some(Errand::Gather(Gather::Tally { cancelled, .. })) = tally.want(0, || 1) else {
            panic!("nothing is wanted")
        };
        assert!(tally.want(0, || 2).is_none());
        tally.set(ranges("b"));
        assert!(cancelled.load(Ordering::Acquire));
        assert!(tally.want(0, || 2).is_some());
        tally.apply(1, &counted(5, true), 0);
        assert_eq!(tally.counted(), None);
        tally.apply(2, &counted(6, false), 0);
        assert_eq!(tally.counted().map(|counted| counted.entries), Some(6));
    }

    #[test]
    fn a_count_that_is_known_is_not_counted_again() {
        let (mut known, mut other) = (Tally::default(), Tally::default());
        known.set(ranges("a"));
        other.set(ranges("a"));
        other.take_from(&known);
        assert!(known.want(0, || 1).is_some());
        known.apply(1, &counted(5, true), 0);
        other.take_from(&known);
        assert_eq!(other.counted().map(|counted| counted.entries), Some(5));
        assert!(other.want(0, || 2).is_none());
        other.set(ranges("b"));
        other.take_from(&known);
        assert_eq!(other.counted(), None);
    }

    #[test]
    fn a_change_counts_again_after_a_rest_that_grows_with_the_count() {
        let mut tally = Tally::default();
        tally.set(ranges("a"));
        assert!(tally.want(0, || 1).is_some());
        tally.outdate();
        tally.apply(1, &counted(5, true), 1000);
        assert_eq!(tally.next_want(1000), Some(10_000));
        assert!(tally.want(1500, || 2).is_none());
        assert!(tally.want(11_000, || 2).is_some());
        tally.apply(2, &counted(1, false), 11_001);
        assert_eq!(tally.shown().entries, 5);
        tally.apply(2, &counted(7, true), 11_002);
        assert_eq!(tally.shown().entries, 7);
        assert_eq!(tally.next_want(11_002), None);
    }
}
