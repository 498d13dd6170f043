//! How much of the time may go to looking what changed.

use std::time::{Duration, Instant};

/// Looking may take one part in this many of the time.
const DUTY: u32 = 20;
/// What is saved up at most while nothing changes, so that the first changes after a rest are told at once.
const SAVED: Duration = Duration::from_millis(100);
/// How long nothing is spent at most, so that what changes is told within a few seconds also where looking takes long.
const LONGEST_REST: Duration = Duration::from_secs(2);

/// Time that looking may take, saved up and spent.
pub(super) struct Budget {
    saved: Duration,
    /// What was spent beyond it.
    owed: Duration,
    at: Instant,
}

impl Budget {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            saved: SAVED,
            owed: Duration::ZERO,
            at: now,
        }
    }

    /// How long nothing may be spent now.
    pub(super) fn rest(&mut self, now: Instant) -> Duration {
        let earned = now.saturating_duration_since(self.at) / DUTY;
        self.at = now;
        self.saved = (self.saved + earned.saturating_sub(self.owed)).min(SAVED);
        self.owed = self.owed.saturating_sub(earned);
        self.owed * DUTY
    }

    /// Notes that looking took so long.
    pub(super) fn spend(&mut self, time: Duration) {
        self.owed = (self.owed + time.saturating_sub(self.saved)).min(LONGEST_REST / DUTY);
        self.saved = self.saved.saturating_sub(time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many looks of this length a time has when there is always something to see.
    fn looks(budget: &mut Budget, from: Instant, time: Duration, look: Duration) -> u32 {
        let mut now = from;
        let mut looks = 0;
        while now < from + time {
            let rest = budget.rest(now);
            if rest.is_zero() {
                budget.spend(look);
                now += look;
                looks += 1;
            } else {
                now += rest;
            }
        }
        looks
    }

    #[test]
    fn what_changes_all_the_time_gets_a_twentieth_of_it() {
        let begun = Instant::now();
        let mut budget = Budget::new(begun);
        let number = looks(
            &mut budget,
            begun,
            Duration::from_secs(20),
            Duration::from_millis(20),
        );
        assert!((50..=58).contains(&number), "{number} looks of 20 ms in 20 s");
    }

    #[test]
    fn the_first_looks_after_a_rest_come_at_once() {
        let begun = Instant::now();
        let mut budget = Budget::new(begun);
        looks(
            &mut budget,
            begun,
            Duration::from_secs(5),
            Duration::from_millis(20),
        );
        let later = begun + Duration::from_secs(10);
        let number = looks(
            &mut budget,
            later,
            Duration::from_millis(100),
            Duration::from_millis(20),
        );
        assert_eq!(number, 5);
    }

    #[test]
    fn a_look_that_took_long_puts_off_the_next_one_by_two_seconds_at_most() {
        let begun = Instant::now();
        let mut budget = Budget::new(begun);
        budget.spend(Duration::from_secs(60));
        assert_eq!(budget.rest(begun), LONGEST_REST);
        assert_eq!(budget.rest(begun + LONGEST_REST), Duration::ZERO);
    }

    #[test]
    fn no_more_is_saved_than_the_first_looks_need() {
        let begun = Instant::now();
        let mut budget = Budget::new(begun);
        assert_eq!(budget.rest(begun + Duration::from_secs(3600)), Duration::ZERO);
        budget.spend(SAVED + Duration::from_millis(10));
        let rest = budget.rest(begun + Duration::from_secs(3600));
        assert_eq!(rest, Duration::from_millis(200));
    }
}
