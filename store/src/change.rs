//! What a change feed tells.

use crate::entry::Entry;
use crate::key::EncodedKey;
use crate::versionstamp::Versionstamp;

/// What a change feed tells.
#[derive(Debug, Clone, PartialEq)]
pub enum FeedEvent {
    /// Keys of the ranges changed together: never none.
    Changes(Vec<Change>),
    /// Changes were missed, or the database cannot name them: read again what you show.
    Lagged {
        /// How many changes of keys it were, where that is known.
        missed: Option<u64>,
    },
    /// The database was deleted or moved away, or what is no database took its place, so what was read stands for nothing
    /// that is there now. Once there is one in its place the next event is [`Self::Lagged`].
    Gone,
}

/// One key's change.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The changed key.
    pub key: EncodedKey,
    /// The commit that changed it, also where it deleted it. Where changes are found by comparing
    /// ([`crate::Changes::Compared`]), a delete has the mark of the newest commit that was seen.
    pub versionstamp: Versionstamp,
    /// What stood there.
    pub before: Before,
    /// What stands there now; `None` after a delete or an expiry.
    pub after: Option<Entry>,
}

/// What stood under a key before a change.
#[derive(Debug, Clone, PartialEq)]
pub enum Before {
    /// The database cannot tell.
    Unknown,
    /// Nothing.
    Absent,
    /// This entry.
    Entry(Entry),
}
