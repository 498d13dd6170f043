//! Entries that have expired and were not swept: when they begin to be shown as such.

use super::Session;

/// How long after a look at what has expired the next one comes at the earliest, in milliseconds.
const LOOK_AGAIN: i64 = 1000;

impl Session {
    /// Counts again once an entry has expired that stays to be read. Milliseconds until the next one does.
    pub(super) fn notice_expiries(&mut self, now: i64) -> Option<i64> {
        let due = self
            .models
            .facts
            .statistics
            .next_expiry?
            .max(self.look_at_expiries_from);
        if due > now {
            return Some(due - now);
        }
        // The answer brings the one after it.
        self.models.facts.statistics.next_expiry = None;
        self.models.facts.outdate();
        self.look_at_expiries_from = now.saturating_add(LOOK_AGAIN);
        self.models.tree.expire(now);
        self.models.entries.expire();
        self.asked.outdate();
        None
    }
}
