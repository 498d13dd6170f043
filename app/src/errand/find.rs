//! What the finder is asked: entries with a text or an expression in their keys or values.

use std::ops::Range;

use keyglass_store::key::{EncodedKey, KeyRange};
use keyglass_store::value::literal::Preview;

use crate::search::{Excerpt, Pattern};

/// Entries that are kept; a search that has found as many ends.
pub const HIT_LIMIT: usize = 100_000;

/// Something to find, or not any more.
#[derive(Debug, Clone)]
pub enum Find {
    /// Searches keys and values; ends the search before.
    Begin(Box<Search>),
    /// Ends the search that runs.
    Stop {
        /// Greater than that search's number.
        search: u64,
    },
    /// What an earlier search found: so much that a frame does not free its memory, but a thread that nobody waits for.
    Forget(Vec<Hit>),
}

/// Where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Place {
    /// In keys and in values.
    #[default]
    Both,
    /// In keys alone.
    Keys,
    /// In values alone.
    Values,
}

impl Place {
    /// Whether keys are searched.
    #[must_use]
    pub fn has_keys(self) -> bool {
        self != Self::Values
    }

    /// Whether values are searched.
    #[must_use]
    pub fn has_values(self) -> bool {
        self != Self::Keys
    }
}

/// A search as the worker does it.
#[derive(Debug, Clone)]
pub struct Search {
    /// Its number; a greater one ends it.
    pub search: u64,
    /// What to look for.
    pub pattern: Pattern,
    /// Where to look.
    pub place: Place,
    /// Which keys.
    pub range: KeyRange,
    /// Entries, too, that have expired and were not swept.
    pub expired: bool,
}

/// An entry that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Its key.
    pub key: EncodedKey,
    /// Where the match is in the key's text, in bytes.
    pub in_key: Option<Range<usize>>,
    /// The match in the value.
    pub in_value: Option<Excerpt>,
    /// The value's beginning, if nothing matches in it.
    pub preview: Preview,
    /// The value's type.
    pub type_name: &'static str,
    /// Bytes of the value.
    pub size: u64,
    /// When the entry goes, in milliseconds since the Unix epoch.
    pub expires_at: Option<i64>,
}

/// How far a search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FindProgress {
    /// Entries that were looked at.
    pub looked_at: u64,
    /// Entries that were not looked at because they have expired.
    pub expired: u64,
    /// Whether it has ended.
    pub ended: bool,
}
