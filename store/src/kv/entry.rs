//! Entries with their key and value read.

use super::KvError;
use crate::entry::Entry;
use crate::key::Key;
use crate::value::Value;
use crate::versionstamp::Versionstamp;

/// An entry: what a key holds.
#[derive(Debug, Clone, PartialEq)]
pub struct KvEntry {
    /// The key.
    pub key: Key,
    /// The value.
    pub value: Value,
    /// The commit that wrote the value.
    pub versionstamp: Versionstamp,
    /// When the entry goes, in milliseconds since the Unix epoch. `None`: never, or the database cannot tell.
    pub expires_at: Option<i64>,
}

impl KvEntry {
    /// Reads key and value of a stored entry.
    ///
    /// # Errors
    /// If one of them cannot be read.
    pub fn from_stored(entry: Entry) -> Result<Self, KvError> {
        let key = entry.key.decode().map_err(KvError::StoredKey)?;
        let value = match entry.value.decode() {
            Ok(value) => value,
            Err(reason) => return Err(KvError::StoredValue { reason, key }),
        };
        Ok(Self {
            key,
            value,
            versionstamp: entry.versionstamp,
            expires_at: entry.expires_at,
        })
    }

    /// The value as a type of one's own.
    ///
    /// # Errors
    /// If the value does not fit the type, with the path to what does not.
    #[cfg(feature = "serde")]
    pub fn data<'v, T: serde_core::Deserialize<'v>>(&'v self) -> Result<T, crate::value::serde::DataError> {
        crate::value::serde::from_value(&self.value)
    }
}
