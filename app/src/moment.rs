//! Moments as a person writes them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

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
}
