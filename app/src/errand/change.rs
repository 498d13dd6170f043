//! What the follower is asked and hears: changes, also those that other threads and processes make.

use keyglass_store::database::Before;
use keyglass_store::key::{EncodedKey, KeyRange};
use keyglass_store::{Entry, Versionstamp};

/// Tells of changes in these ranges as well, where the database is too large for all its changes to be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follow {
    /// Ranges apart from each other.
    pub ranges: Vec<KeyRange>,
}

/// A change and when it was noticed.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservedChange {
    /// Milliseconds since the Unix epoch.
    pub noticed_at: i64,
    /// The changed key.
    pub key: EncodedKey,
    /// The commit, also where it deleted; see [`keyglass_store::Change::versionstamp`].
    pub versionstamp: Versionstamp,
    /// What stood there.
    pub before: Before,
    /// What stands there now.
    pub after: Option<Entry>,
}

/// What changed since the last look.
#[derive(Debug, Default)]
pub struct Changes {
    /// In commit order.
    pub changes: Vec<ObservedChange>,
    /// Whether some are not among them, so that what is shown has to be read again.
    pub lagged: bool,
    /// Whether the database is there, if that has changed.
    pub there: Option<bool>,
    /// What nobody told, also not by a feed of its own, in the order of time.
    pub untold: Vec<Untold>,
    /// How many messages the queue has, if it has changed.
    pub messages: Option<u64>,
    /// Bytes of the keys and values of the changes.
    pub bytes: usize,
}

/// Changes that nobody told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// Where they were.
    pub range: KeyRange,
    /// How many changes of keys it were, where that is known.
    pub missed: Option<u64>,
    /// How many of [`Changes::changes`] came before them.
    pub after: usize,
}
