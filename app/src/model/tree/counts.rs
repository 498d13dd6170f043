//! How many entries lie below the nodes of the tree.

use std::collections::HashMap;

use keyglass_store::Entry;
use keyglass_store::database::{Before, Counted};
use keyglass_store::key::EncodedKey;

use crate::errand::{ObservedChange, Seen};

/// How long a number that may have changed is shown before it is counted again, in milliseconds.
pub(super) const RECOUNT_DELAY: i64 = 300;

/// How a number should be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Somebody waits for it.
    Awaited,
    /// It was counted before, and has changed since.
    Repeat,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct NodeCount {
    counted: Counted,
    /// Since when the number may be wrong, in milliseconds since the Unix epoch.
    stale_since: Option<i64>,
    /// A person asked for the number to be counted again, and waits for it.
    is_awaited: bool,
    asked: bool,
    seen: Seen,
}

/// The numbers by prefix.
#[derive(Debug, Default)]
pub(super) struct Counts {
    nodes: HashMap<EncodedKey, NodeCount>,
    /// When a number that was looked at shall be counted again, in milliseconds since the Unix epoch.
    next: Option<i64>,
}

impl Counts {
    /// A prefix's number as far as counted, and how it should be counted now, if it should.
    pub(super) fn look(&mut self, prefix: &EncodedKey, now: i64) -> (Option<Counted>, Option<Need>) {
        let Some(count) = self.nodes.get(prefix).copied() else {
            return (None, Some(Need::Awaited));
        };
        let due = count
            .stale_since
            .filter(|_| !count.asked)
            .map(|since| since + RECOUNT_DELAY);
        if let Some(due) = due.filter(|due| *due > now) {
            self.next = Some(self.next.map_or(due, |next| next.min(due)));
        }
        let told = self.known(prefix);
        let need = if count.is_awaited {
            Some(Need::Awaited)
        } else {
            due.filter(|due| *due <= now).map(|_| Need::Repeat)
        };
        (told, need)
    }

    /// A prefix's number as far as counted.
    pub(super) fn known(&self, prefix: &EncodedKey) -> Option<Counted> {
        let counted = self.nodes.get(prefix)?.counted;
        Some(counted).filter(|counted| counted.complete || counted.entries > 0)
    }

    /// Whether a prefix is counted or being counted.
    pub(super) fn is_asked(&self, prefix: &EncodedKey) -> bool {
        self.nodes.contains_key(prefix)
    }

    /// Forgets all numbers.
    pub(super) fn forget(&mut self) {
        self.nodes.clear();
    }

    /// When a number that was looked at since the last call shall be counted again.
    pub(super) fn take_next(&mut self) -> Option<i64> {
        self.next.take()
    }

    /// Notes that a count was asked for.
    pub(super) fn ask(&mut self, prefix: EncodedKey) {
        let count = self.nodes.entry(prefix).or_insert(NodeCount {
            counted: Counted::default(),
            stale_since: None,
            is_awaited: false,
            asked: true,
            seen: Seen::default(),
        });
        count.asked = true;
        count.is_awaited = false;
        count.stale_since = None;
    }

    /// Takes a count.
    pub(super) fn apply(&mut self, prefix: &EncodedKey, counted: Counted, seen: Seen) {
        if let Some(count) = self.nodes.get_mut(prefix) {
            // While a recount runs, the old number says more than the part counted so far.
            if counted.complete || !count.counted.complete {
                count.counted = counted;
            }
            count.asked &= !counted.complete;
            count.seen = seen;
        }
    }

    /// Makes all numbers be counted again at once as they come on screen, because a person wants it.
    pub(super) fn refresh(&mut self) {
        for count in self.nodes.values_mut() {
            count.is_awaited = true;
        }
    }

    /// Makes all numbers be counted again as they come on screen, when there is time.
    pub(super) fn distrust(&mut self, now: i64) {
        for count in self.nodes.values_mut() {
            count.stale_since.get_or_insert(now);
        }
    }

    /// Takes a change of a key at or below a prefix.
    pub(super) fn adjust(&mut self, prefix: &EncodedKey, change: &ObservedChange) {
        let Some(count) = self.nodes.get_mut(prefix) else {
            return;
        };
        let before = match &change.before {
            Before::Unknown => {
                count.stale_since.get_or_insert(change.noticed_at);
                return;
            }
            Before::Absent => None,
            Before::Entry(entry) => Some(entry),
        };
        if count.asked || !count.counted.complete {
            // The count that runs may have seen the change or not.
            count.stale_since.get_or_insert(change.noticed_at);
            return;
        }
        let versionstamp = change.after.as_ref().map(|entry| entry.versionstamp);
        if versionstamp.is_some() && versionstamp <= count.seen.all {
            return;
        }
        if versionstamp.is_some() && versionstamp <= count.seen.newest {
            count.stale_since.get_or_insert(change.noticed_at);
            return;
        }
        let after = change.after.as_ref();
        let adjust = |number: &mut u64, of: &dyn Fn(&Entry) -> u64| {
            *number = (*number + after.map_or(0, of)).saturating_sub(before.map_or(0, of));
        };
        let counted = &mut count.counted;
        adjust(&mut counted.entries, &|_| 1);
        adjust(&mut counted.bytes, &Entry::size);
        adjust(&mut counted.expired, &|entry| {
            u64::from(entry.has_expired(change.noticed_at))
        });
    }
}
