//! Moments, and spans from a moment on, as a person writes them.

use jiff::civil::DateTime;
use jiff::fmt::friendly::SpanParser;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// The moments that a JavaScript `Date` can hold lie so many milliseconds about the Unix epoch.
pub const LAST_MILLISECOND: i64 = 8_640_000_000_000_000;

/// The day and time of a moment, if the calendar reaches so far (from the year -9999 to 9999).
#[must_use]
pub fn civil(moment: i64, zone: &TimeZone) -> Option<DateTime> {
    let moment = Timestamp::from_millisecond(moment).ok()?;
    Some(moment.to_zoned(zone.clone()).datetime())
}

/// `2026-01-05 11:00:00.000`, or the number of milliseconds where no calendar reaches.
#[must_use]
pub fn text(moment: i64, zone: &TimeZone) -> String {
    civil(moment, zone).map_or_else(
        || moment.to_string(),
        |civil| civil.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string(),
    )
}

/// The moment in another notation: with the zone's offset.
#[must_use]
pub fn text_with_offset(moment: i64, zone: &TimeZone) -> String {
    Timestamp::from_millisecond(moment).map_or_else(
        |_too_far| format!("{moment} ms since 1970"),
        |moment| {
            let zoned = moment.to_zoned(zone.clone());
            zoned.strftime("%Y-%m-%d %H:%M:%S%.3f %:z").to_string()
        },
    )
}

/// The moment in UTC, in `local` time and as a number, a line each, for a tooltip.
#[must_use]
pub fn told_in_full(moment: i64, local: &TimeZone) -> String {
    format!(
        "UTC {}\nLocal {}\n{moment} ms since 1970",
        text_with_offset(moment, &TimeZone::UTC),
        text_with_offset(moment, local)
    )
}

/// Reads a moment: milliseconds since 1970 as a whole number, an ISO 8601 time with its offset, or a date with or
/// without a time of the zone's clocks.
#[must_use]
pub fn parse(text: &str, zone: &TimeZone) -> Option<i64> {
    let text = text.trim();
    if let Ok(milliseconds) = text.parse::<i64>() {
        return (milliseconds.abs() <= LAST_MILLISECOND).then_some(milliseconds);
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment.as_millisecond());
    }
    let civil: DateTime = text.parse().ok()?;
    let zoned = civil.to_zoned(zone.clone()).ok()?;
    Some(zoned.timestamp().as_millisecond())
}

/// A span of time from some moment on, such as `90 min`, `1h30m`, `1.5 hours`, `2 days` or `1 month`.
#[derive(Debug, Clone, Copy)]
pub enum Span {
    /// Of hours and less, as many as there may be.
    Fixed(SignedDuration),
    /// Of days and more, as the calendar has them.
    Calendar(jiff::Span),
}

impl Span {
    /// Reads numbers with their units, the largest first; nothing that goes back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        // jiff takes `14:30:00` for a span, which a person means as the time of a day.
        if !text.contains(char::is_alphabetic) {
            return None;
        }
        let parser = SpanParser::new();
        if let Ok(duration) = parser.parse_duration(text) {
            return (!duration.is_negative()).then_some(Self::Fixed(duration));
        }
        let span = parser.parse_span(text).ok()?;
        (!span.is_negative()).then_some(Self::Calendar(span))
    }

    /// The moment that lies so long after another one, both in milliseconds since 1970; `None` where the calendar ends.
    #[must_use]
    pub fn after(self, moment: i64) -> Option<i64> {
        match self {
            Self::Fixed(duration) => Some(moment.saturating_add(i64::try_from(duration.as_millis()).ok()?)),
            Self::Calendar(span) => {
                let from = Timestamp::from_millisecond(moment).ok()?;
                let until = from.to_zoned(TimeZone::UTC).checked_add(span).ok()?;
                Some(until.timestamp().as_millisecond())
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub fn berlin() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
    }

    #[test]
    fn moments_are_read_back_to_the_millisecond_in_any_zone() {
        for zone in [TimeZone::UTC, berlin()] {
            for moment in [0, -1, 1_767_610_800_123, 253_402_207_200_000, i64::MAX] {
                let text = text(moment, &zone);
                let read = parse(&text, &zone);
                assert_eq!(read, (moment != i64::MAX).then_some(moment), "{text}");
            }
        }
        assert_eq!(text(0, &berlin()), "1970-01-01 01:00:00.000");
        assert_eq!(text_with_offset(0, &berlin()), "1970-01-01 01:00:00.000 +01:00");
        assert_eq!(parse("1970-01-01", &berlin()), Some(-3_600_000));
        assert_eq!(parse("1970-01-01T00:00:00Z", &berlin()), Some(0));
        assert_eq!(parse("-42", &TimeZone::UTC), Some(-42));
        for text in ["", "1970-13-01", "soon", "8640000000000001"] {
            assert_eq!(parse(text, &TimeZone::UTC), None, "{text}");
        }
    }

    fn after(text: &str, moment: i64) -> Option<i64> {
        Span::parse(text)?.after(moment)
    }

    #[test]
    fn spans_are_numbers_with_units() {
        for (text, milliseconds) in [
            ("250ms", 250),
            ("10m", 600_000),
            ("90 min", 5_400_000),
            ("1h30m", 5_400_000),
            ("1.5 hours", 5_400_000),
            ("1 hour, 30 minutes", 5_400_000),
            (" 1w 2d ", 777_600_000),
            ("2 days 1 h", 176_400_000),
            ("0s", 0),
            // As long as an entry can be told to stay.
            ("9223372036854775807ms", i64::MAX),
        ] {
            assert_eq!(after(text, 0), Some(milliseconds), "{text}");
        }
        // 29 February 2028.
        let moment = 1_835_395_200_000;
        assert_eq!(after("1 year", moment), Some(moment + 365 * 86_400_000));
        assert_eq!(after("1 month", moment), Some(moment + 29 * 86_400_000));
    }

    #[test]
    fn other_texts_are_no_spans() {
        for text in [
            "",
            "10",
            "m",
            "10x",
            "90 parsecs",
            "-1s",
            "-5 days",
            "5 min ago",
            "2 days ago",
            "14:30:00",
            "10m5",
            "\u{663}s",
            "99999999999999999999s",
            "99999999999999999 d",
        ] {
            assert!(Span::parse(text).is_none(), "{text}");
        }
        assert_eq!(after("9223372036854775808ms", 0), None);
        assert_eq!(after("19000 years", 0), None);
    }
}
