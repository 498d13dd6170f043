//! JavaScript values: every structured-clone type, with identity.
//!
//! A [`Value`] is a graph: its root [`Node`] and the objects that nodes refer to, so that cycles and shared
//! references are what they are in JavaScript, and depth costs no stack. [`StoredValue`] is what engines
//! keep: bytes and their encoding.

pub mod canonical;
mod collection;
mod conversion;
mod equality;
mod error;
mod graph;
pub mod json;
pub mod literal;
mod repetition;
#[cfg(feature = "serde")]
pub mod serde;
mod stored;
mod v8;

pub use crate::javascript::JsString;
pub use error::{Fault, Unwritable, ValueError};
pub use graph::{Array, ErrorObject, Node, Object, ObjectId, Properties, Value, View, ViewKind};
pub use repetition::{Repetition, is_written_with_marks};
pub use stored::{Encoding, StoredValue};
pub use v8::{MAX_DEPTH, MAX_WRITTEN_DEPTH};
