//! What is asked about secondary indexes, and what comes of it.

use keyglass_store::indexes::{Index, IndexReport};
use keyglass_store::{EncodedKey, StoredValue};

/// A record that is to be set with the entries of its indexes.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexedSet {
    /// Its key.
    pub key: EncodedKey,
    /// Its value.
    pub value: StoredValue,
    /// When it goes, in milliseconds since the Unix epoch.
    pub expires_at: Option<i64>,
}

/// What a check of indexes found.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedIndexes {
    /// The indexes of the records.
    pub indexes: Vec<Index>,
    /// Where they do not fit.
    pub report: IndexReport,
}
