//! V8's structured-clone wire format, as `ValueSerializer` writes and `ValueDeserializer` reads it.
//!
//! A value is a tag byte and what belongs to it; integers are base-128 varints, everything is little-endian.
//! The numbers of objects, to which later references refer, are given in order of first appearance. The rules
//! are those of V8's `src/objects/value-serializer.cc`, checked against real Deno's verdicts on good, odd and
//! broken payloads.

mod bytes;
mod class;
mod containers;
mod leaves;
mod reader;
mod tags;
mod writer;

pub(super) use class::class_name;
pub(super) use reader::{Start, read, read_start};
pub(super) use writer::write;

/// How deep a value may be nested to be read. JavaScript's own limit is its stack: Deno 2.9 reads objects down to
/// 2,700 levels and arrays to 6,500.
pub const MAX_DEPTH: usize = 8_000;

/// How deep a value may be nested to be written, which is less than Deno reads.
pub const MAX_WRITTEN_DEPTH: usize = 2_000;
