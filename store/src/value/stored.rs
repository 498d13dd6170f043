//! Values as stored: bytes and their encoding.

use bytes::Bytes;

use super::Value;

/// How a stored value's bytes are to be read; the numbers are those of Deno's files and of KV Connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// V8's structured-clone format.
    V8 = 1,
    /// A `Deno.KvU64`: 8 bytes, little-endian.
    Le64 = 2,
    /// A `Uint8Array`: the bytes as they are.
    Bytes = 3,
}

/// A value's bytes. Cloning is cheap.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StoredValue {
    /// How to read them.
    pub encoding: Encoding,
    /// The bytes.
    pub bytes: Bytes,
}

/// A stored value cannot be read, or a value cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ValueError(pub String);

impl StoredValue {
    /// Reads the value.
    ///
    /// # Errors
    /// If the bytes are broken or of an unknown format.
    pub fn decode(&self) -> Result<Value, ValueError> {
        Err(ValueError("placeholder".to_owned()))
    }
}
