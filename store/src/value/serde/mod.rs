//! Values as a Rust program's own types, through serde.
//!
//! | Rust | written as | read from |
//! | --- | --- | --- |
//! | `bool`, `char`, strings | boolean, string | the same, and their boxed forms; a string that is a `RegExp` or a `Date` as its text |
//! | integers | a number within ±(2⁵³ - 1), else a `bigint` | a whole number, a `bigint`, a `Deno.KvU64` |
//! | `f32`, `f64` | a number | the same; a `Date` as its milliseconds |
//! | `None`, `()` | `undefined` | `undefined`, `null`; for a field of type `Option`, its absence |
//! | sequences, tuples | an array | an array, whose holes are `undefined`; a `Set`; a typed array |
//! | bytes (as `serde_bytes` asks for them) | a `Uint8Array` | an `ArrayBuffer` or any view of one; an array of numbers |
//! | structs | a plain object | a plain object; a `Map` with strings as keys; an `Error` as its name, message, stack and cause |
//! | maps | a plain object if all keys are strings, else a `Map` | as structs |
//! | enums | `"Name"`, or a plain object `{Name: content}` | the same |
//! | [`Date`], [`KvU64`] | a `Date`, a `Deno.KvU64` | the same, and whole numbers |
//!
//! What a type borrows, such as `&str`, it borrows from the [`Value`].
//!
//! ```
//! use keyglass_store::StoredValue;
//! use keyglass_store::value::serde::{Date, from_value, to_value};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct User {
//!     name: String,
//!     email: Option<String>,
//!     visits: u64,
//!     joined: Date,
//! }
//!
//! let user = User { name: "Ada".to_owned(), email: None, visits: 1 << 60, joined: Date(0.0) };
//! let value = to_value(&user)?;
//! assert_eq!(
//!     value.to_string(),
//!     r#"{name: "Ada", email: undefined, visits: 1152921504606846976n, joined: new Date("1970-01-01T00:00:00.000Z")}"#
//! );
//! assert_eq!(from_value::<User>(&value)?, user);
//!
//! let stored = StoredValue::from_data(&user)?;
//! assert_eq!(stored.to_data::<User>()?, user);
//! # Ok::<(), keyglass_store::value::serde::DataError>(())
//! ```

mod access;
mod deserialize;
mod error;
mod integer;
mod parts;
mod serialize;
mod special;

use serde_core::de::{Deserialize, DeserializeOwned};
use serde_core::ser::Serialize;

pub use error::DataError;
pub use special::{Date, KvU64};

use super::{StoredValue, Value};

/// The value that the data is written as.
///
/// # Errors
/// If the data's own `Serialize` fails, or a sequence has more elements than an array can.
pub fn to_value<T: Serialize + ?Sized>(data: &T) -> Result<Value, DataError> {
    serialize::value_of(data)
}

/// The data that the value is read as.
///
/// # Errors
/// If the value does not fit the type, with the path to what does not; or if it contains itself.
pub fn from_value<'v, T: Deserialize<'v>>(value: &'v Value) -> Result<T, DataError> {
    deserialize::data_of(value)
}

impl StoredValue {
    /// The bytes of the value that the data is written as, by the rules of [`super::serde`].
    ///
    /// # Errors
    /// As [`to_value`], and if Deno could not store such a value.
    pub fn from_data<T: Serialize + ?Sized>(data: &T) -> Result<Self, DataError> {
        Ok(Self::from_value(&to_value(data)?)?)
    }

    /// The data that the value is read as, by the rules of [`super::serde`].
    ///
    /// # Errors
    /// As [`from_value`], and if the bytes are broken.
    pub fn to_data<T: DeserializeOwned>(&self) -> Result<T, DataError> {
        from_value(&self.decode()?)
    }
}
