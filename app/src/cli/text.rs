//! How keys and values are read from arguments and printed.

use std::io::Read as _;

use keyglass_store::entry::json;
use keyglass_store::transfer::Remark;
use keyglass_store::value::literal::{self, SharedObjects};
use keyglass_store::{EncodedKey, Entry, Key, StoredValue};

use super::error::CommandError;
use crate::moment::Span;

/// How much of a key a report shows, in characters.
const KEY_CHARACTERS: usize = 120;
/// How wide a value may get before it is printed on several lines, in characters.
const WIDTH: usize = 100;

/// A key argument.
///
/// # Errors
/// If the text is no key, as clap reports it.
pub(super) fn key(text: &str) -> Result<Key, String> {
    text.parse::<Key>().map_err(|error| error.to_string())
}

/// A span of time from now on.
///
/// # Errors
/// If the text is no span, as clap reports it.
pub(super) fn span(text: &str) -> Result<Span, String> {
    Span::parse(text).ok_or_else(|| "expected numbers with units, such as 90s, 1h30m or 2 days".to_owned())
}

/// Reads a value from its literal.
pub(super) fn stored_value(text: &str) -> Result<StoredValue, CommandError> {
    let value = literal::parse(text).map_err(|error| CommandError::Literal(error.to_string()))?;
    Ok(StoredValue::from_value(&value)?)
}

/// What follows a comparison of two sides, of which so many do not tell when entries expire.
pub(super) fn unknown_expiry(hiding: usize) -> &'static str {
    match hiding {
        0 => "",
        1 => "; expiry unknown on one side",
        _ => "; expiry unknown on both sides",
    }
}

/// All of stdin.
pub(super) fn read_stdin() -> Result<String, CommandError> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|source| CommandError::Input {
            source,
            name: "stdin".to_owned(),
        })?;
    Ok(text)
}

/// The value as a literal on one line; what cannot be read says why, in angle brackets.
pub(super) fn value_line(value: &StoredValue) -> String {
    value_text(value, usize::MAX)
}

/// The value as a literal, on several lines where it is long.
pub(super) fn value_lines(value: &StoredValue) -> String {
    value_text(value, WIDTH)
}

/// What is said once where [`shows_host`].
pub(super) const HOST_NOTE: &str = "host({…}) stands for an object of Deno's own, such as a Blob or a CryptoKey: \
                                    what Deno stored of it is within";

/// Whether the text of a value has `host({…})` in it, which only `keyglass` reads.
pub(super) fn shows_host(value: &StoredValue) -> bool {
    // As V8 writes the name of the property that each of them has.
    let may_have_one = value.bytes.windows(6).any(|bytes| bytes == b"\"\x04type");
    may_have_one
        && value
            .decode()
            .is_ok_and(|value| literal::code(&value, usize::MAX, SharedObjects::Once).has_placeholder)
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

/// An entry in the interchange format.
pub(super) fn entry_json(entry: &Entry) -> String {
    json::entry_line(entry).text
}

/// What a report says about an entry.
pub(super) fn remark(remark: &Remark) -> String {
    let line = remark.line.map(|line| format!("Line {line}"));
    let key = remark.key.as_ref().map(short_key);
    let place: Vec<_> = line.into_iter().chain(key).collect();
    format!("{}: {}", place.join(", "), remark.reason)
}

/// A key, cut off where it is very long.
fn short_key(key: &EncodedKey) -> String {
    let text = key.to_string();
    match text.char_indices().nth(KEY_CHARACTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// `1 entry`, `2 entries`
pub(super) fn entries(number: u64) -> String {
    counted(number, "entry", "entries")
}

/// How many entries are left out because they have expired, and what to do about it.
pub(super) fn left_out(expired: u64) -> String {
    let entries = counted(expired, "expired entry", "expired entries");
    format!("{entries} left out, not swept yet; --expired takes them in")
}

/// A number with the noun that fits it.
pub(super) fn entries_were(number: u64) -> String {
    format!("{} {}", entries(number), if number == 1 { "was" } else { "were" })
}

/// So many of something.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A text without line breaks.
pub(super) fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}
