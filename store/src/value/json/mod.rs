//! Keys, values and entries as JSON.
//!
//! The typed form is the one that Deno KV's own tools share: every value is `{"type": "bigint", "value": "1"}`.
//! An entry is one line of NDJSON, `{"key": […], "value": …, "versionstamp": "…"}`. Optional fields follow, which
//! other readers ignore. With them an entry of any bytes is read exactly as it was stored; each is left out where
//! the readable form says the same. Bytes are unpadded base64url, and an integer beyond 2^53 is a typed bigint.
//!
//! | field | holds | beside it |
//! | --- | --- | --- |
//! | `expireAt` | when the entry goes, in milliseconds since the Unix epoch | |
//! | `v8` | the value's bytes in V8's format, which can be read | the readable value, as far as the typed form goes |
//! | `keyBytes` | the key's bytes, which are no key, or one in another form than Deno's | the parts that can be read, then the rest as a `Uint8Array` |
//! | `valueBytes`, `valueEncoding` | the bytes of a value that cannot be read, and the number of their encoding | the bytes as a `Uint8Array` |
//!
//! `keyBytes` and `valueBytes` are the raw form: what they hold is taken as it is, while `v8` must be readable. Only
//! the version in the header of V8's format may become another one where all the rest is the same.
//!
//! Three types say where the typed form ends: `circular` for an object within itself, `repeated` for one that would be
//! written too often, and `host`, with the properties, for an object of Deno's own such as a `Blob`. With `v8` beside
//! them the value is exact; without it the first two are read as null, the last as a plain object.
//!
//! The plain form is for people and scripts: ordinary JSON where that is exact, the typed form elsewhere.

mod entry;
mod plain;
mod read;
mod syntax;
mod write;

pub use entry::{EntryLine, ParsedEntry, entry_line, key_fields, key_of_line, parse_entry_line};
pub use plain::{plain, plain_key};
pub use read::{key_from_json, value_from_json};
pub use syntax::parse_json;
pub use write::{key_to_json, value_to_json};

use super::ValueError;
use crate::key::KeyEncodeError;

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
