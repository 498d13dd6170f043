//! Values as JavaScript text, both ways, without ever evaluating anything.
//!
//! [`print()`] writes an expression that evaluates to an equal value in Deno, [`parse`] reads such expressions and
//! what people paste: literals, JSON, the constructors of every type that can be stored. An object that stands in
//! several places is written in each of them; [`print_marked`] keeps that it is one. Two things have no literal in
//! JavaScript and a notation of their own, in the place of which [`code()`] writes what JavaScript runs:
//!
//! - An object that stands within itself is marked where it first stands, `&1 {self: *1}`; `*1` is that same object
//!   again. So are all objects that occur again, where the text would otherwise be far longer than the value.
//! - An object of Deno's host (`Blob`, `CryptoKey` and others) is `host({type: "Blob", …})`.
//!
//! An error without a stack is `Object.assign(new Error("text"), {stack: undefined})`, because JavaScript would
//! give it one; `new Error("text")` reads as an error without a stack, too.

mod code;
mod construct;
pub(super) mod elements;
mod highlight;
mod layout;
mod leaf;
mod parse;
mod preview;
mod print;
mod steps;

pub use code::{Code, SharedObjects, code};
pub use highlight::{Span, SpanKind, highlight};
pub use parse::{LiteralError, parse};
pub use preview::{Preview, preview, preview_node};
pub use print::{print, print_marked};

use super::Value;

impl std::fmt::Display for Value {
    /// The value as a JavaScript expression on one line; see [`print()`].
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&print(self, usize::MAX))
    }
}
