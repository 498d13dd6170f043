//! What the table lists.

use keyglass_store::key::{EncodedKey, KeyRange};

use crate::content::blob::BlobKey;
use crate::content::key_set::KeySet;

/// What is listed: Deno's list options.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Query {
    /// Everything at and below this prefix.
    pub prefix: EncodedKey,
    /// Begin here instead.
    pub start: Option<EncodedKey>,
    /// End before this key.
    pub end: Option<EncodedKey>,
    /// At most so many.
    pub limit: Option<u64>,
    /// From the last key to the first.
    pub reverse: bool,
}

impl Query {
    /// Everything at and below a prefix.
    #[must_use]
    pub fn prefix(prefix: EncodedKey) -> Self {
        Self {
            prefix,
            ..Self::default()
        }
    }

    /// Whether not everything at and below the prefix is listed.
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        self.has_bounds() || self.limit.is_some()
    }

    /// Whether a first or a last key narrows what is listed.
    #[must_use]
    pub fn has_bounds(&self) -> bool {
        self.start.is_some() || self.end.is_some()
    }

    /// The keys that are listed, but for the limit.
    #[must_use]
    pub fn range(&self) -> KeyRange {
        let all = KeyRange::at_and_below(&self.prefix);
        KeyRange {
            start: self
                .start
                .clone()
                .filter(|start| *start > all.start)
                .unwrap_or(all.start),
            end: self.end.clone().filter(|end| *end < all.end).unwrap_or(all.end),
        }
    }

    /// The blob that stands as one row for all its entries, of which this is one. A list of its parts shows each.
    #[must_use]
    pub fn blob_of(&self, key: &EncodedKey) -> Option<BlobKey> {
        BlobKey::listed(key, &self.prefix)
    }

    /// All keys of the row that stands for this one: its own, or those of a blob.
    #[must_use]
    pub fn keys_of_row(&self, key: &EncodedKey) -> KeySet {
        self.blob_of(key)
            .map_or_else(|| KeySet::only(key), |blob| blob.entries())
    }
}
