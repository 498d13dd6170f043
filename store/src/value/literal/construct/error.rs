//! What can be wrong with a call in a text.

use crate::javascript::regexp::{FlagsError, PatternError};
use crate::value::collection::RepeatedKey;
use crate::value::literal::elements::ElementError;

/// A call makes no value that can be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in super::super) enum ConstructError {
    #[error("A Deno.KvU64 takes one bigint, such as 1n")]
    KvU64,
    #[error("Object.getOwnPropertyDescriptors takes a plain object")]
    Descriptors,
    #[error("These arguments make no value that can be stored")]
    Arguments,
    #[error("Object.getOwnPropertyDescriptors only has a meaning in Object.defineProperties")]
    LoneDescriptors,
    #[error("A Deno.KvU64 can only be stored as a whole value, not inside another")]
    NestedU64,
    #[error("This is no date; write it as \"2026-01-31\" or \"2026-01-31T12:00:00.000Z\"")]
    Date,
    #[error("Nothing is evaluated here, so the time must be given")]
    NoTime,
    #[error("A Date takes one text or one number of milliseconds")]
    DateArguments,
    #[error("A Map takes one array of pairs")]
    MapArguments,
    #[error("A Set takes one array")]
    SetArguments,
    #[error("A RegExp takes a pattern and flags")]
    RegExpArguments,
    #[error("This is no length of an array")]
    ArrayLength,
    #[error("This is no bigint")]
    BigInt,
    #[error("A BigInt takes a whole number or its digits as text")]
    BigIntArguments,
    #[error("A host object needs a property `type` that is a string")]
    HostType,
    #[error("This is longer than any value that can be stored")]
    Long,
    #[error("An ArrayBuffer takes its length in bytes")]
    BufferArguments,
    #[error("The only option of an ArrayBuffer is maxByteLength")]
    BufferOption,
    #[error("An ArrayBuffer may not be longer than its maxByteLength")]
    BufferMaximum,
    #[error("A DataView takes an ArrayBuffer")]
    DataViewArguments,
    #[error("A view takes an ArrayBuffer, an offset and a length")]
    ViewArguments,
    #[error("The view reaches beyond its buffer")]
    ViewEnd,
    #[error("Object.defineProperties takes an array and Object.getOwnPropertyDescriptors(…)")]
    DefineArguments,
    #[error("Object.assign takes an object first")]
    AssignTarget,
    #[error("There are more elements than the typed array has")]
    AssignElements,
    #[error("Object.assign to this object would be lost when it is stored")]
    AssignLost,
    #[error("Object.assign may not set the length of an array")]
    AssignLength,
    #[error("The stack and the message of an error are strings")]
    ErrorText,
    #[error("Object.assign takes a plain object second")]
    AssignSource,
    #[error("host takes an object")]
    HostArguments,
    #[error("{0} takes an array")]
    NoList(&'static str),
    #[error("{0} takes an array, a length or an ArrayBuffer")]
    NoElements(&'static str),
    #[error("{0} takes a text and options")]
    ErrorArguments(&'static str),
    #[error("The message of {0} must be a string")]
    ErrorMessage(&'static str),
    #[error("The only option of {0} is its cause")]
    ErrorOption(&'static str),
    #[error("The options of {0} must be an object, such as {{cause: …}}")]
    ErrorOptions(&'static str),
    #[error("The property {0} of an error would be lost when it is stored")]
    ErrorProperty(String),
    #[error("{0} must be a whole number that is not negative")]
    Count(&'static str),
    #[error("{0} is larger than JavaScript allows")]
    LargeCount(&'static str),
    #[error("The offset must be a multiple of {0}")]
    ViewOffset(u64),
    #[error("The length of the buffer must be a multiple of {0}")]
    BufferLength(u64),
    #[error("{0} is written with `new` before it")]
    WithoutNew(String),
    #[error("{0} is written without `new`")]
    WithNew(String),
    #[error("Nothing is evaluated here, and {0} is no value that can be stored")]
    Unknown(String),
    #[error(transparent)]
    Flags(#[from] FlagsError),
    #[error("This pattern is invalid: {0}")]
    Pattern(#[from] PatternError),
    #[error(transparent)]
    Element(#[from] ElementError),
    #[error(transparent)]
    Repeated(#[from] RepeatedKey),
}
