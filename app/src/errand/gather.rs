//! What is gathered from many entries, each time on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use keyglass_store::key::KeyRange;

use super::IndexedSet;
use crate::content::copy::CopyForm;

/// What becomes of each entry in a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForEntries {
    /// It must stay as it is.
    Check,
    /// Its value is set again, to be edited.
    Set,
    /// It is deleted.
    Delete,
    /// It is deleted, and its value queued as a message, such as one that was not delivered.
    Queue,
}

/// Something to gather.
#[derive(Debug, Clone)]
pub enum Gather {
    /// How many entries some ranges hold together.
    Tally {
        /// Comes back with the answers.
        ticket: u64,
        /// In key order and disjoint.
        ranges: Vec<KeyRange>,
        /// Set when nobody waits for the count any more.
        cancelled: Arc<AtomicBool>,
    },
    /// Some entries, of which rows of a transaction are made; not more than it takes.
    Entries {
        /// In key order and disjoint.
        ranges: Vec<KeyRange>,
        /// What they are for.
        each: ForEntries,
        /// Entries, too, that have expired and were not swept.
        expired: bool,
    },
    /// The rows that set a record with the entries of its indexes.
    IndexRows(IndexedSet),
    /// The text of some entries, to paste elsewhere.
    Copy {
        /// In key order and disjoint.
        ranges: Vec<KeyRange>,
        /// In which form.
        form: CopyForm,
        /// Entries, too, that have expired and were not swept.
        expired: bool,
    },
}
