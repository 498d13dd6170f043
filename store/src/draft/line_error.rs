//! What can be wrong with a line of a draft file.

use super::file::FORMAT;
use crate::value::json::JsonError;
use crate::value::{Unwritable, ValueError};
use crate::versionstamp::VersionstampParseError;

/// What is wrong with a line of a draft file.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DraftLineError {
    /// It is no JSON, or none of keys and values.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A message's value that cannot be read.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// A value that has no stored form.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
    /// A versionstamp of another form.
    #[error(transparent)]
    Stamp(#[from] VersionstampParseError),
    /// It is JSON, and no object.
    #[error("A row of a draft is a JSON object")]
    Object,
    /// The name of the draft is none.
    #[error("The field `draft` is not a text")]
    Draft,
    /// The name of the draft stands further below.
    #[error("The name of a draft stands in the first line")]
    Name,
    /// A format of later.
    #[error("This draft is of format {0}, which a newer Keyglass wrote; this one reads format {FORMAT}")]
    Format(i64),
    /// A field that is true or false.
    #[error("The field `{0}` is neither true nor false")]
    Flag(&'static str),
    /// A field that is a span.
    #[error("The field `{0}` is no whole number of milliseconds")]
    Span(&'static str),
    /// A field that is a moment.
    #[error("The field `{0}` is neither milliseconds nor a date")]
    Moment(&'static str),
    /// A field that is a list.
    #[error("The field `{0}` is not a list")]
    List(&'static str),
    /// A row of nothing.
    #[error("A row has a field `operation`, such as \"set\"")]
    NoOperation,
    /// A row of something else.
    #[error("No operation of Deno KV has this name: {0}")]
    Operation(String),
    /// What was typed of a row that is not finished.
    #[error("The field `unfinished` is not an object")]
    Unfinished,
    /// A check of something else.
    #[error("The field `versionstamp` is neither 20 hexadecimal digits nor null")]
    Versionstamp,
    /// A check of nothing.
    #[error("A check has a `versionstamp`, or null where the key must be absent")]
    NoVersionstamp,
    /// More than one expiry.
    #[error("A row has only one of `expireIn`, `expireAt` and `keepExpiry`")]
    Expiries,
    /// More than one moment of a message.
    #[error("A row has only one of `delay` and `dueAt`")]
    Delays,
    /// The pauses between deliveries of a message.
    #[error("The field `backoffSchedule` is a list of milliseconds")]
    Intervals,
}
