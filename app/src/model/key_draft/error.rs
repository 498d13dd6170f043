//! Why what is written of a key is none.

use keyglass_store::key::{KeyEncodeError, KeyParseError};
use keyglass_store::limits::LimitError;

/// What is written is no key, or none that the database takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text is no literal of a key.
    #[error(transparent)]
    Text(#[from] KeyParseError),
    /// The key has no bytes.
    #[error(transparent)]
    Encode(#[from] KeyEncodeError),
    /// One of its parts is none.
    #[error("Part {number}: {source}")]
    Part {
        /// Which, from 1.
        number: usize,
        /// What is wrong with it.
        source: PartError,
    },
    /// It is longer than the database takes.
    #[error(transparent)]
    Limit(#[from] LimitError),
}

/// What is written of a part of a key is none of its type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PartError {
    /// Nothing is written, and the type has no empty one.
    #[error("A {0} is needed")]
    Missing(&'static str),
    /// The text is no bytes.
    #[error("Bytes are pairs of hexadecimal digits")]
    Bytes,
    /// The text is no part of a key. Where in it is not told, since it is short.
    #[error("{}", .0.message)]
    Text(KeyParseError),
    /// The text is a part of another type.
    #[error("This is a {found}, not a {wanted}")]
    OtherType {
        /// The name of that type.
        found: &'static str,
        /// The name of the type that was chosen.
        wanted: &'static str,
    },
    /// The part has no bytes.
    #[error(transparent)]
    Encode(#[from] KeyEncodeError),
}
