//! Entries that have expired and were not swept: when they begin to be shown as such, and what takes them in.

use super::Session;
use crate::content::key_set::KeySet;
use crate::model::target::Target;

/// How long after a look at what has expired the next one comes at the earliest, in milliseconds.
const LOOK_AGAIN: i64 = 1000;

impl Session {
    /// Whether the expired entries of a target are exported and copied, too.
    #[must_use]
    pub fn takes_expired(&self, target: &Target) -> bool {
        match target {
            Target::Below(_) => self.includes_expired,
            Target::Selected(keys) => self.takes_expired_keys(keys),
        }
    }

    /// Whether the expired ones of these keys are taken in: if a person asked for all such entries, or has chosen each
    /// of these by itself.
    #[must_use]
    pub fn takes_expired_keys(&self, keys: &KeySet) -> bool {
        self.includes_expired
            || keys.has_single_keys_only()
            || self
                .entries
                .selected_blob()
                .is_some_and(|blob| blob.entries() == *keys)
    }

    /// Counts again once an entry has expired that stays to be read. Milliseconds until the next one does.
    pub(super) fn notice_expiries(&mut self, now: i64) -> Option<i64> {
        let due = self.statistics.next_expiry?.max(self.look_at_expiries_from);
        if due > now {
            return Some(due - now);
        }
        // The answer brings the one after it.
        self.statistics.next_expiry = None;
        self.statistics_outdated = true;
        self.look_at_expiries_from = now.saturating_add(LOOK_AGAIN);
        self.tree.expire(now);
        self.entries.selection.tally.outdate();
        self.asked.outdate();
        None
    }
}
