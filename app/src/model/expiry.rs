//! An expiry as a person types it: a span such as `90 min`, or a date.

use jiff::tz::TimeZone;

use super::draft::ExpiryDraft;
use crate::moment;

/// Names of units, and their milliseconds.
const UNITS: [(&[&str], i64); 6] = [
    (&["ms"], 1),
    (&["s", "sec", "second", "seconds"], 1000),
    (&["m", "min", "minute", "minutes"], 60_000),
    (&["h", "hour", "hours"], 3_600_000),
    (&["d", "day", "days"], 86_400_000),
    (&["w", "week", "weeks"], 604_800_000),
];

/// Reads a span from saving on, or a moment in UTC as [`moment::parse`] does.
///
/// # Errors
/// A sentence that says what was expected, or that the moment has passed.
pub fn parse(text: &str, now: i64) -> Result<ExpiryDraft, String> {
    let text = text.trim();
    if let Some(milliseconds) = span(text) {
        return Ok(ExpiryDraft::After(milliseconds));
    }
    let moment = moment::parse(text.trim_end_matches(" UTC"), &TimeZone::UTC)
        .ok_or("A span such as 90 min, or a date such as 2027-01-31 14:30 in UTC")?;
    if moment <= now {
        if text.parse::<i64>().is_ok() {
            return Err(format!("A unit is missing, such as {text} min"));
        }
        return Err("This moment has passed".to_owned());
    }
    Ok(ExpiryDraft::At(moment))
}

fn span(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.find(|letter: char| !letter.is_ascii_digit())?)?;
    let unit = unit.trim();
    let (_, milliseconds) = UNITS.iter().find(|(names, _)| names.contains(&unit))?;
    let milliseconds = number.parse::<i64>().ok()?.checked_mul(*milliseconds)?;
    (milliseconds > 0).then_some(milliseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_dates_are_read() {
        assert_eq!(parse("90 min", 0), Ok(ExpiryDraft::After(5_400_000)));
        assert_eq!(parse(" 2d ", 0), Ok(ExpiryDraft::After(172_800_000)));
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
        ] {
            assert!(parse(text, 0).is_err(), "{text}");
        }
        assert!(parse("1970-01-02", 86_400_000).is_err());
        assert_eq!(
            parse("90", 1000),
            Err("A unit is missing, such as 90 min".to_owned())
        );
        assert_eq!(
            parse("1767604442120", 1000),
            Ok(ExpiryDraft::At(1_767_604_442_120))
        );
    }
}
