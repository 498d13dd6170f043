//! Leaves others room between commits that follow each other.
//!
//! While somebody writes to a file, a Deno that has it waits with its reads, too, and SQLite looks only now and then
//! whether it can go on. So many commits in a row, as of an import, are held apart as long as another process has the
//! file: after each the file is left alone for twice the time that it was held.

use std::time::{Duration, Instant};

/// The shortest pause: half of SQLite's first four waits together, so that a Deno that had to wait finds the file free
/// within a few of its looks.
const SHORTEST: Duration = Duration::from_millis(5);
/// The longest one; a commit that took so long was slow for another reason, such as its disk.
const LONGEST: Duration = Duration::from_millis(50);

/// When the file was written last by us.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: Option<Last>,
}

#[derive(Debug)]
struct Last {
    ended: Instant,
    held: Duration,
    /// Whether another process had the file then.
    shared: bool,
}

impl Pace {
    /// How long to wait before the next commit.
    pub(super) fn pause(&self, now: Instant) -> Duration {
        match &self.last {
            Some(last) if last.shared => {
                let pause = (2 * last.held).clamp(SHORTEST, LONGEST);
                pause.saturating_sub(now.saturating_duration_since(last.ended))
            }
            _ => Duration::ZERO,
        }
    }

    /// Notes that the file was held so long, until now.
    pub(super) fn held(&mut self, held: Duration, ended: Instant, shared: bool) {
        self.last = Some(Last { ended, held, shared });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_in_a_row_leave_the_file_alone_for_twice_the_time_that_they_held_it() {
        let begun = Instant::now();
        let milliseconds = Duration::from_millis;
        let mut pace = Pace::default();
        assert_eq!(pace.pause(begun), Duration::ZERO);
        pace.held(milliseconds(8), begun, true);
        assert_eq!(pace.pause(begun), milliseconds(16));
        assert_eq!(pace.pause(begun + milliseconds(10)), milliseconds(6));
        assert_eq!(pace.pause(begun + milliseconds(20)), Duration::ZERO);
        pace.held(Duration::ZERO, begun, true);
        assert_eq!(pace.pause(begun), SHORTEST);
        pace.held(milliseconds(900), begun, true);
        assert_eq!(pace.pause(begun), LONGEST);
    }

    #[test]
    fn nobody_is_waited_for_where_nobody_else_has_the_file() {
        let begun = Instant::now();
        let mut pace = Pace::default();
        pace.held(Duration::from_millis(8), begun, false);
        assert_eq!(pace.pause(begun), Duration::ZERO);
    }
}
