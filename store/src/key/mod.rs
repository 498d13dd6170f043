//! Keys: tuples of typed parts, their order-preserving bytes and their JavaScript text.
//!
//! [`Key`] is what a person sees and types, [`EncodedKey`] is what engines store, compare and serve.
//! The byte order of encoded keys is the order of keys (Deno KV's: `Uint8Array < string < bigint < number
//! < false < true`). Decoding may fail for bytes that no Deno program wrote; such keys are shown as bytes.

mod conversion;
mod cursor;
mod encoding;
mod level;
mod range;
mod text;

use num_bigint::BigInt;

pub use cursor::{Cursor, CursorError};
pub use encoding::{EncodedKey, KeyDecodeError, KeyEncodeError, PartLength, first_part_length};
pub(crate) use level::{end_of_child, end_of_level};
pub use range::{KeyRange, Selector, SelectorError};
pub use text::KeyParseError;

/// One part of a key. The variants stand in key order.
#[derive(Debug, Clone)]
pub enum KeyPart {
    /// A `Uint8Array`.
    Bytes(Vec<u8>),
    /// A string. Deno turns lone surrogates into U+FFFD before they reach a key, so UTF-8 holds every one.
    String(String),
    /// A `bigint` of at most 255 magnitude bytes.
    BigInt(BigInt),
    /// A number; `-0` and `0` are different keys, and NaN sorts by its sign at either end.
    Number(f64),
    /// `false` or `true`.
    Boolean(bool),
}

/// A key: a tuple of parts. The empty tuple is a valid prefix but not a valid key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Key(pub Vec<KeyPart>);
