//! Values from Rust values.

use num_bigint::BigInt;

use super::{Node, Object, Value};

impl Value {
    /// A `Deno.KvU64`: the number that sums, minima and maxima count with.
    #[must_use]
    pub fn u64(number: u64) -> Self {
        Self::of_object(Object::KvU64(number))
    }

    /// The number, if the value is a `Deno.KvU64`.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match self.object_of(self.root()) {
            Some((_, Object::KvU64(number))) => Some(*number),
            _ => None,
        }
    }

    /// The text, if the value is a string without lone surrogates.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self.root() {
            Node::String(text) => text.as_str(),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::primitive(Node::String(text.into()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::primitive(Node::String(text.into()))
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::primitive(Node::Number(number))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::primitive(Node::Boolean(value))
    }
}

impl From<BigInt> for Value {
    fn from(number: BigInt) -> Self {
        Self::primitive(Node::BigInt(number))
    }
}

impl From<&Self> for Value {
    fn from(value: &Self) -> Self {
        value.clone()
    }
}
