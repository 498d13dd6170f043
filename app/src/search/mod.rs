//! Finds a text or a regular expression in keys and values.
//!
//! A key is searched in its JavaScript text, a value in its JavaScript literal on one line and in the strings inside
//! it, so that a person finds what is seen. Most values that cannot match are told by their stored bytes, and only
//! the others are decoded, once each.

mod excerpt;
mod pattern;
mod prefilter;
mod runs;

pub use excerpt::Excerpt;
pub use pattern::{Pattern, PatternError};

#[cfg(test)]
mod tests;
