//! Months, and moments as a person writes them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

/// The moments that a JavaScript `Date` can hold lie so many milliseconds about the Unix epoch.
const LAST_MILLISECOND: i64 = 8_640_000_000_000_000;

/// A month of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    first: Date,
}

impl Month {
    /// The month of a day.
    #[must_use]
    pub fn of(day: Date) -> Self {
        Self {
            first: day.first_of_month(),
        }
    }

    /// So many months later, or earlier; the last one that there is if that is too far.
    #[must_use]
    pub fn shifted(self, months: i32) -> Self {
        let span = jiff::Span::new().try_months(months);
        let first = span.and_then(|span| self.first.checked_add(span));
        first.map_or(self, Self::of)
    }

    /// `January 2026`
    #[must_use]
    pub fn title(self) -> String {
        self.first.strftime("%B %Y").to_string()
    }

    /// Its weeks from Monday on, with nothing for days of other months.
    #[must_use]
    pub fn weeks(self) -> Vec<[Option<Date>; 7]> {
        let mut weeks = Vec::new();
        let mut week = [None; 7];
        let mut day = Some(self.first);
        while let Some(date) = day.filter(|date| date.month() == self.first.month()) {
            let place = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
            if let Some(slot) = week.get_mut(place) {
                *slot = Some(date);
            }
            if date.weekday() == Weekday::Sunday {
                weeks.push(std::mem::take(&mut week));
            }
            day = date.tomorrow().ok();
        }
        if week.iter().any(Option::is_some) {
            weeks.push(week);
        }
        weeks
    }
}

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

/// A day with the time of another moment.
#[must_use]
pub fn on_day(moment: i64, day: Date, zone: &TimeZone) -> Option<i64> {
    let time = civil(moment, zone).map_or_else(jiff::civil::Time::midnight, DateTime::time);
    let zoned = day.to_datetime(time).to_zoned(zone.clone()).ok()?;
    Some(zoned.timestamp().as_millisecond())
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
mod tests {
    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
    }

    #[test]
    fn a_month_has_its_days_in_weeks_from_monday() {
        let weeks = Month::of(jiff::civil::date(2026, 2, 14)).weeks();
        assert_eq!(weeks.len(), 5);
        let numbers = |week: &[Option<Date>; 7]| week.map(|day| day.map_or(0, Date::day));
        assert_eq!(numbers(&weeks[0]), [0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(numbers(&weeks[4]), [23, 24, 25, 26, 27, 28, 0]);
        let month = Month::of(jiff::civil::date(2026, 1, 31));
        assert_eq!(month.shifted(1).title(), "February 2026");
        assert_eq!(month.shifted(-13).title(), "December 2024");
        assert_eq!(Month::of(Date::MAX).shifted(1).title(), "December 9999");
        assert!(!Month::of(Date::MAX).weeks().is_empty() && !Month::of(Date::MIN).weeks().is_empty());
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

    #[test]
    fn another_day_keeps_the_time_of_day() {
        let moment = parse("2026-01-05 11:30:15.250", &berlin()).unwrap();
        let moved = on_day(moment, jiff::civil::date(2026, 7, 1), &berlin()).unwrap();
        assert_eq!(text(moved, &berlin()), "2026-07-01 11:30:15.250");
        assert_eq!(text(moved, &TimeZone::UTC), "2026-07-01 09:30:15.250");
    }
}
