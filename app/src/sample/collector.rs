//! Gathers the entries of the sample.

use keyglass_store::value::literal;
use keyglass_store::{EncodedKey, Encoding, Key, StoredValue};

use super::random::Random;
use super::{Sample, SampleEntry, SampleError};

/// Takes entries as JavaScript text and keeps them as they will be stored.
pub(super) struct Collector {
    /// The one source of chance.
    pub(super) random: Random,
    now: i64,
    sample: Sample,
}

impl Collector {
    /// `now` is in milliseconds since the Unix epoch.
    pub(super) fn new(now: i64) -> Self {
        Self {
            random: Random::new(2026),
            now,
            sample: Sample {
                entries: Vec::new(),
                versionstamped: Vec::new(),
            },
        }
    }

    pub(super) fn finish(self) -> Sample {
        self.sample
    }

    /// An entry whose key and value are JavaScript literals.
    pub(super) fn put(&mut self, key: &str, value: &str) -> Result<(), SampleError> {
        self.store(key, read_value(value)?, None)
    }

    /// The same, for a number of milliseconds from now.
    pub(super) fn put_for(&mut self, milliseconds: u64, key: &str, value: &str) -> Result<(), SampleError> {
        let expires_at = self.now.saturating_add_unsigned(milliseconds);
        self.store(key, read_value(value)?, Some(expires_at))
    }

    /// A `Deno.KvU64`.
    pub(super) fn put_counter(&mut self, key: &str, count: u64) -> Result<(), SampleError> {
        self.put(key, &format!("new Deno.KvU64({count}n)"))
    }

    /// A `Uint8Array`.
    pub(super) fn put_bytes(&mut self, key: &str, bytes: Vec<u8>) -> Result<(), SampleError> {
        let value = StoredValue {
            encoding: Encoding::Bytes,
            bytes: bytes.into(),
        };
        self.store(key, value, None)
    }

    /// An entry under `prefix` and the versionstamp of its own commit.
    pub(super) fn put_versionstamped(&mut self, prefix: &str, value: &str) -> Result<(), SampleError> {
        self.sample.versionstamped.push(SampleEntry {
            key: read_key(prefix)?,
            value: read_value(value)?,
            expires_at: None,
        });
        Ok(())
    }

    fn store(&mut self, key: &str, value: StoredValue, expires_at: Option<i64>) -> Result<(), SampleError> {
        self.sample.entries.push(SampleEntry {
            key: read_key(key)?,
            value,
            expires_at,
        });
        Ok(())
    }
}

/// A text as a JavaScript string literal.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn read_key(text: &str) -> Result<EncodedKey, SampleError> {
    let key: Key = text.parse().map_err(|error| unreadable(text, error))?;
    key.encode().map_err(|error| unreadable(text, error))
}

fn read_value(text: &str) -> Result<StoredValue, SampleError> {
    let value = literal::parse(text).map_err(|error| unreadable(text, error))?;
    StoredValue::from_value(&value).map_err(|error| unreadable(text, error))
}

fn unreadable(text: &str, error: impl std::fmt::Display) -> SampleError {
    SampleError::Unreadable {
        reason: error.to_string(),
        text: text.to_owned(),
    }
}
