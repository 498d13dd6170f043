//! Keys and values as JSON.
//!
//! The typed form is the one that Deno KV's own tools share: every value is `{"type": "bigint", "value": "1"}`.
//! Integers beyond 2^53 are typed bigints, and bytes are unpadded base64url. How an entry is written as a line is told in
//! [`crate::entry::json`].
//!
//! Three types say where the typed form ends: `circular` for an object within itself, `repeated` for one that would be
//! written too often, and `host`, with the properties, for an object of Deno's own such as a `Blob`. Where an entry has
//! its bytes beside them the value is exact; without those the first two are read as null, the last as a plain object.
//!
//! The plain form is for people and scripts: ordinary JSON where that is exact, the typed form elsewhere.

mod plain;
pub(crate) mod read;
pub(crate) mod syntax;
pub(crate) mod write;

pub use plain::{plain, plain_key};
pub use read::{key_from_json, value_from_json};
pub use syntax::parse_json;
pub use write::{key_to_json, value_to_json};

use super::ValueError;
use crate::key::KeyEncodeError;
use crate::value::collection::RepeatedKey;

/// What the typed form of a value leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Loss {
    /// A circular reference is written as `{"type": "circular"}`, which is read as null where no bytes stand beside it.
    #[error("a circular reference")]
    Circular,
    /// An object that stands in several places is written in each of them, or as `{"type": "repeated"}`, which is
    /// read as null, if that would be too long.
    #[error("an object in several places, which become several objects")]
    Shared,
    /// A hole in an array is written as undefined.
    #[error("a hole in an array")]
    Hole,
    /// Properties of an array that are no elements.
    #[error("a property of an array")]
    ArrayProperty,
    /// -0 is written as 0.
    #[error("-0")]
    NegativeZero,
    /// A boxed primitive is written as the primitive.
    #[error("a boxed primitive")]
    Boxed,
    /// An invalid date is written as null.
    #[error("an invalid Date")]
    InvalidDate,
    /// An error without a message is written with an empty one.
    #[error("an error without a message")]
    NoMessage,
    /// A view is written without what it does not show of its buffer.
    #[error("a view of a part of its buffer")]
    PartOfBuffer,
    /// That a buffer can be resized.
    #[error("a resizable ArrayBuffer")]
    Resizable,
    /// A `Float16Array` is written as a `Float32Array`.
    #[error("a Float16Array")]
    Float16Array,
    /// A host object is written as `{"type": "host", "value": {…}}`, which is read as a plain object where no
    /// bytes stand beside it.
    #[error("a host object of Deno's")]
    Host,
}

/// A text is not what it should be, or an entry has no JSON.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum JsonError {
    /// Not JSON.
    #[error("This is not JSON at byte {offset}: {message}")]
    Syntax {
        /// What was expected.
        message: &'static str,
        /// Where, in bytes from the start of the line.
        offset: usize,
    },
    /// JSON of another shape.
    #[error("{0}")]
    Shape(String),
    /// The key cannot be stored.
    #[error(transparent)]
    KeyEncode(#[from] KeyEncodeError),
    /// The value cannot be read or stored.
    #[error(transparent)]
    Value(#[from] ValueError),
}

impl From<RepeatedKey> for JsonError {
    fn from(key: RepeatedKey) -> Self {
        Self::Shape(key.0)
    }
}
