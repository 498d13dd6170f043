//! Rows of a timeline.

use keyglass_store::key::EncodedKey;
use keyglass_store::{Before, Entry, Versionstamp};

use crate::content::change_kind::ChangeKind;
use crate::format;

/// One row of the timeline.
#[derive(Debug, Clone, PartialEq)]
pub enum TimelineRow {
    /// A change, or several of one key that came within a second.
    Change(Box<WatchEvent>),
    /// A moment that a person remembers by a name.
    Bookmark {
        /// When, in milliseconds since the Unix epoch.
        noticed_at: i64,
        /// What it is called.
        name: String,
    },
    /// Changes that are missing between those around this row.
    Missing {
        /// When this was noticed first, in milliseconds since the Unix epoch.
        noticed_at: i64,
        /// How many they are, as far as they were counted.
        counted: u64,
        /// Whether other keys of the same range may be among those that were counted.
        of_others: bool,
        /// Whether there may be more, which nobody counted.
        uncounted: bool,
    },
}

/// A change in the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchEvent {
    /// When the change was noticed, in milliseconds since the Unix epoch; the first of several.
    pub noticed_at: i64,
    /// The changed key.
    pub key: EncodedKey,
    /// What it did; the last of several.
    pub kind: ChangeKind,
    /// What stood there, before the first of several.
    pub before: Before,
    /// What stands there now, after the last of several.
    pub after: Option<Entry>,
    /// The commit, also where it deleted.
    pub versionstamp: Versionstamp,
    /// How many changes the row stands for.
    pub changes: u64,
    /// The number of the row with the change of the same key before, and when that was noticed, in milliseconds since the
    /// Unix epoch.
    pub previous: Option<(u64, i64)>,
    /// Bytes that it takes in memory.
    pub(super) bytes: usize,
}

impl WatchEvent {
    /// The entry that stood there before, if it is known.
    #[must_use]
    pub fn before_entry(&self) -> Option<&Entry> {
        match &self.before {
            Before::Entry(entry) => Some(entry),
            Before::Unknown | Before::Absent => None,
        }
    }

    /// By how many bytes the value has become larger; `None` where that is not known.
    #[must_use]
    pub fn growth(&self) -> Option<i64> {
        let size = |entry: &Entry| i64::try_from(entry.value.bytes.len()).unwrap_or(i64::MAX);
        let before = match &self.before {
            Before::Unknown => return None,
            Before::Absent => 0,
            Before::Entry(entry) => size(entry),
        };
        Some(self.after.as_ref().map_or(0, size) - before)
    }
}

impl TimelineRow {
    /// The change, if it is one.
    #[must_use]
    pub fn change(&self) -> Option<&WatchEvent> {
        match self {
            Self::Change(event) => Some(event),
            Self::Missing { .. } | Self::Bookmark { .. } => None,
        }
    }

    /// When it was noticed, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn noticed_at(&self) -> i64 {
        match self {
            Self::Change(event) => event.noticed_at,
            Self::Missing { noticed_at, .. } | Self::Bookmark { noticed_at, .. } => *noticed_at,
        }
    }

    /// How many changes it stands for, as far as they were counted.
    #[must_use]
    pub fn changes(&self) -> u64 {
        match self {
            Self::Change(event) => event.changes,
            Self::Missing { counted, .. } => *counted,
            Self::Bookmark { .. } => 0,
        }
    }

    /// What is said of changes that are missing.
    #[must_use]
    pub fn sentence(&self) -> Option<String> {
        match self {
            Self::Change(_) | Self::Bookmark { .. } => None,
            Self::Missing { counted: 0, .. } => {
                Some("Changes came faster than they could be told, so some may be missing here".to_owned())
            }
            Self::Missing {
                counted,
                of_others,
                uncounted,
                ..
            } => {
                let were = if *counted == 1 { "was" } else { "were" };
                let others = match of_others {
                    true => ", perhaps also of keys that are not watched",
                    false => "",
                };
                let more = if *uncounted { ", and there may be more" } else { "" };
                let changes = format::counted(*counted, "change", "changes");
                Some(format!("{changes} {were} missed here{others}{more}"))
            }
        }
    }
}
