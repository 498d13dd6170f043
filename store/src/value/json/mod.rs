//! Keys, values and entries as JSON.
//!
//! The typed form is the one that Deno KV's own tools share: every value is `{"type": "bigint", "value": "1"}`.
//! An entry is one line of NDJSON, `{"key": […], "value": …, "versionstamp": "…"}`. Two optional fields follow,
//! which other readers ignore: `expireAt`, in milliseconds since the Unix epoch, and `v8`, the stored bytes as
//! unpadded base64url, where the typed form cannot hold all of the value. With `v8`, reading is exact.
//!
//! The plain form is for people and scripts: ordinary JSON where that is exact, the typed form elsewhere.

mod entry;
mod plain;
mod read;
mod syntax;
mod write;

pub use entry::{EntryLine, ParsedEntry, entry_line, key_of_line, parse_entry_line};
pub use plain::{plain, plain_key};
pub use read::{key_from_json, value_from_json};
pub use syntax::parse_json;
pub use write::{key_to_json, value_to_json};

use super::ValueError;
use crate::key::{KeyDecodeError, KeyEncodeError};

/// What the typed form of a value leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Loss {
    /// A circular reference is written as null.
    #[error("a circular reference")]
    Circular,
    /// An object that occurs again is written again, or as null if that would be too long.
    #[error("a shared reference")]
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
    /// A host object is written as a plain object.
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
    /// The stored key cannot be read.
    #[error("The key cannot be read: {0}")]
    KeyDecode(#[from] KeyDecodeError),
    /// The key cannot be stored.
    #[error(transparent)]
    KeyEncode(#[from] KeyEncodeError),
    /// The value cannot be read or stored.
    #[error(transparent)]
    Value(#[from] ValueError),
}
