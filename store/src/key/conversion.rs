//! Keys from Rust values.

use super::{Key, KeyPart};

impl KeyPart {
    /// A `bigint` part.
    pub fn bigint(number: impl Into<num_bigint::BigInt>) -> Self {
        Self::BigInt(number.into())
    }
}

impl From<&str> for KeyPart {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for KeyPart {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<f64> for KeyPart {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for KeyPart {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<Vec<u8>> for KeyPart {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&[u8]> for KeyPart {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_owned())
    }
}

impl From<num_bigint::BigInt> for KeyPart {
    fn from(number: num_bigint::BigInt) -> Self {
        Self::BigInt(number)
    }
}

impl From<Vec<KeyPart>> for Key {
    fn from(parts: Vec<KeyPart>) -> Self {
        Self(parts)
    }
}

impl FromIterator<KeyPart> for Key {
    fn from_iter<I: IntoIterator<Item = KeyPart>>(parts: I) -> Self {
        Self(parts.into_iter().collect())
    }
}
