//! When commits were made, as far as the window was there to notice.

use std::collections::VecDeque;

use keyglass_store::Versionstamp;

/// Commits that are remembered.
const LIMIT: usize = 10_000;

/// Commits by their versionstamps, in their order, and when they were noticed.
#[derive(Debug, Default)]
pub struct CommitTimes(VecDeque<(Versionstamp, i64)>);

impl CommitTimes {
    /// Remembers a commit. `at` is in milliseconds since the Unix epoch.
    pub fn note(&mut self, stamp: Versionstamp, at: i64) {
        if self.0.back().is_some_and(|(last, _)| *last >= stamp) {
            return;
        }
        if self.0.len() == LIMIT {
            self.0.pop_front();
        }
        self.0.push_back((stamp, at));
    }

    /// When a commit was noticed, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn of(&self, stamp: Versionstamp) -> Option<i64> {
        let place = self.0.binary_search_by_key(&stamp, |(other, _)| *other).ok()?;
        self.0.get(place).map(|(_, at)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_commits_are_remembered_once_each() {
        let mut times = CommitTimes::default();
        let stamp = |counter: u64| Versionstamp::from_counter(counter);
        for counter in 1..=LIMIT as u64 + 1 {
            times.note(stamp(counter), counter as i64);
            times.note(stamp(counter), -1);
        }
        assert_eq!(times.of(stamp(1)), None);
        assert_eq!(times.of(stamp(2)), Some(2));
        assert_eq!(times.of(stamp(LIMIT as u64 + 1)), Some(LIMIT as i64 + 1));
        assert_eq!(times.of(stamp(LIMIT as u64 + 2)), None);
    }
}
