//! How keys and values are read from arguments and printed.

use keyglass_store::value::literal;
use keyglass_store::{Entry, Key, StoredValue};

use super::error::CommandError;

/// How wide a value may get before it is printed on several lines, in characters.
const WIDTH: usize = 100;

/// A key argument.
///
/// # Errors
/// If the text is no key, as clap reports it.
pub(super) fn key(text: &str) -> Result<Key, String> {
    text.parse::<Key>().map_err(|error| error.to_string())
}

/// Reads a value from its literal.
pub(super) fn stored_value(text: &str) -> Result<StoredValue, CommandError> {
    let value = literal::parse(text).map_err(|error| CommandError::Literal(error.to_string()))?;
    Ok(StoredValue::from_value(&value)?)
}

/// The value as a literal on one line; what cannot be read says why, in angle brackets.
pub(super) fn value_line(value: &StoredValue) -> String {
    value_text(value, usize::MAX)
}

/// The value as a literal, on several lines where it is long.
pub(super) fn value_lines(value: &StoredValue) -> String {
    value_text(value, WIDTH)
}

/// Key and value, with a tab between them.
pub(super) fn entry_line(entry: &Entry) -> String {
    format!("{}\t{}", entry.key, value_line(&entry.value))
}

fn value_text(value: &StoredValue, width: usize) -> String {
    match value.decode() {
        Ok(value) => literal::print(&value, width),
        Err(error) => format!("<{error}>"),
    }
}

/// A text without line breaks.
pub(super) fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
