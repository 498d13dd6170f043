//! An expiry as a person types it: a span such as `90 min`, or a date.

use jiff::tz::TimeZone;

use super::draft::ExpiryDraft;
use crate::moment;

/// A text is no expiry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpiryError {
    /// It is neither a span nor a moment.
    #[error("A span such as 90 min, or a date such as 2027-01-31 14:30 in UTC")]
    Unknown,
    /// A number alone, which would be a year that has passed.
    #[error("A unit is missing, such as {0} min")]
    NoUnit(i64),
    /// The moment is not to come.
    #[error("This moment has passed")]
    Passed,
}

/// What something would do to expiries that nobody can see, because the database does not tell them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnseenExpiries {
    /// What is done: `Save`.
    pub verb: &'static str,
    /// The entries that do not expire any more; `None` where nobody has counted them.
    pub entries: Option<u64>,
    /// Whether another expiry can be set with it; a sum, min or max has none.
    pub can_set: bool,
}

/// What a choice comes to at `now`, both in milliseconds since the Unix epoch; one that nobody can see is not kept.
#[must_use]
pub fn chosen_moment(chosen: ExpiryDraft, now: i64) -> Option<i64> {
    match chosen {
        ExpiryDraft::Keep | ExpiryDraft::Never => None,
        ExpiryDraft::After(span) => Some(now.saturating_add(span)),
        ExpiryDraft::At(moment) => Some(moment),
    }
}

/// Reads a span from saving on, or a moment in UTC as [`moment::parse`] does.
///
/// # Errors
/// If it is neither, or the moment has passed.
pub fn parse(text: &str, now: i64) -> Result<ExpiryDraft, ExpiryError> {
    let text = text.trim();
    let until = moment::Span::parse(text).and_then(|span| span.after(now));
    if let Some(until) = until.filter(|until| *until > now) {
        return Ok(ExpiryDraft::After(until - now));
    }
    let moment = moment::parse(text.trim_end_matches(" UTC"), &TimeZone::UTC).ok_or(ExpiryError::Unknown)?;
    if moment <= now {
        return Err(text.parse().map_or(ExpiryError::Passed, ExpiryError::NoUnit));
    }
    Ok(ExpiryDraft::At(moment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_dates_are_read() {
        assert_eq!(parse("90 min", 0), Ok(ExpiryDraft::After(5_400_000)));
        assert_eq!(parse(" 2d ", 0), Ok(ExpiryDraft::After(172_800_000)));
        assert_eq!(parse("1h30m", 7), Ok(ExpiryDraft::After(5_400_000)));
        assert_eq!(parse("1 month", 0), Ok(ExpiryDraft::After(2_678_400_000)));
        assert_eq!(parse("1970-01-02", 0), Ok(ExpiryDraft::At(86_400_000)));
        assert_eq!(parse("1970-01-02 00:01", 0), Ok(ExpiryDraft::At(86_460_000)));
        assert_eq!(parse("1970-01-02T00:00:00Z", 0), Ok(ExpiryDraft::At(86_400_000)));
    }

    #[test]
    fn what_is_neither_or_has_passed_is_refused() {
        for text in [
            "",
            "0 s",
            "90 parsecs",
            "2026-13-01",
            "99999999999999999 d",
            "-5 min",
            "14:30:00",
        ] {
            assert!(parse(text, 0).is_err(), "{text}");
        }
        assert!(parse("1970-01-02", 86_400_000).is_err());
        assert_eq!(
            parse("90", 1000).unwrap_err().to_string(),
            "A unit is missing, such as 90 min"
        );
        assert_eq!(
            parse("1767604442120", 1000),
            Ok(ExpiryDraft::At(1_767_604_442_120))
        );
    }
}
