//! Months.

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

use crate::moment::civil;

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

/// A day with the time of another moment.
#[must_use]
pub fn on_day(moment: i64, day: Date, zone: &TimeZone) -> Option<i64> {
    let time = civil(moment, zone).map_or_else(jiff::civil::Time::midnight, DateTime::time);
    let zoned = day.to_datetime(time).to_zoned(zone.clone()).ok()?;
    Some(zoned.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::tests::berlin;
    use crate::moment::{parse, text};

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
    fn another_day_keeps_the_time_of_day() {
        let moment = parse("2026-01-05 11:30:15.250", &berlin()).unwrap();
        let moved = on_day(moment, jiff::civil::date(2026, 7, 1), &berlin()).unwrap();
        assert_eq!(text(moved, &berlin()), "2026-07-01 11:30:15.250");
        assert_eq!(text(moved, &TimeZone::UTC), "2026-07-01 09:30:15.250");
    }
}
