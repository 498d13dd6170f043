//! What a database holds under a key.

pub mod json;

use crate::key::EncodedKey;
use crate::value::StoredValue;
use crate::versionstamp::Versionstamp;

/// One entry as stored: nothing is decoded until a person or a format asks for it.
///
/// Cloning is cheap: key and value share their bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key's bytes.
    pub key: EncodedKey,
    /// The value's bytes and their encoding.
    pub value: StoredValue,
    /// The commit that wrote the value.
    pub versionstamp: Versionstamp,
    /// When the entry goes, in milliseconds since the Unix epoch. `None`: never, or the database cannot
    /// tell (see [`crate::Capabilities::expiry`]).
    pub expires_at: Option<i64>,
}

impl Entry {
    /// Whether its expiry has passed, at a moment in milliseconds since the Unix epoch: from its very millisecond on, as
    /// Deno's sweep takes it. A Keyglass folder hides such an entry at once; a file of Deno's holds it until it is swept,
    /// and it is read.
    #[must_use]
    pub fn has_expired(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }

    /// Bytes of key and value together.
    #[must_use]
    pub fn size(&self) -> u64 {
        (self.key.as_bytes().len() + self.value.bytes.len()) as u64
    }
}
