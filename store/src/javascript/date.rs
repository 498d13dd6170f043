//! The date-time text of ECMA-262, in the proleptic Gregorian calendar and UTC.

use std::fmt::Write as _;

const DAY: i64 = 86_400_000;
/// The last time a `Date` can hold, in milliseconds either side of the epoch.
const TIME_LIMIT: f64 = 8.64e15;

/// What the `Date` constructor makes of a number: whole milliseconds within the range, else NaN.
pub(crate) fn time_clip(milliseconds: f64) -> f64 {
    if milliseconds.is_finite() && milliseconds.abs() <= TIME_LIMIT {
        milliseconds.trunc() + 0.0
    } else {
        f64::NAN
    }
}

/// Appends `2026-01-05T09:12:00.000Z`, or `Invalid Date` for NaN.
pub(crate) fn write_date(milliseconds: f64, text: &mut String) {
    let clipped = time_clip(milliseconds);
    if clipped.is_nan() {
        text.push_str("Invalid Date");
        return;
    }
    #[expect(clippy::cast_possible_truncation, reason = "clipped to 8.64e15")]
    let time = clipped as i64;
    let (year, month, day) = civil_from_days(time.div_euclid(DAY));
    let within = time.rem_euclid(DAY);
    let _infallible = match year {
        0..=9999 => write!(text, "{year:04}"),
        _ => write!(text, "{year:+07}"),
    };
    let _infallible = write!(
        text,
        "-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:03}Z",
        within / 3_600_000,
        within / 60_000 % 60,
        within / 1_000 % 60,
        within % 1_000
    );
}

/// Year, month and day of a day counted from 1970-01-01, by counting in eras of 400 years from March.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// The day counted from 1970-01-01.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Reads the date-time text of ECMA-262: `YYYY[-MM[-DD]]`, `±YYYYYY…`, `THH:mm[:ss[.sss]]`, then `Z` or an
/// offset. `None` for any other text, and for a time without `Z` or an offset: that would be local time, which
/// means another moment on another machine.
pub(crate) fn parse_date(text: &str) -> Option<f64> {
    let mut rest = Rest(text);
    let year = match rest.sign() {
        Some(-1) => match rest.digits(6)? {
            0 => return None,
            year => -year,
        },
        Some(_) => rest.digits(6)?,
        None => rest.digits(4)?,
    };
    let month = if rest.eat('-') { rest.digits(2)? } else { 1 };
    let day = if rest.eat('-') { rest.digits(2)? } else { 1 };
    if !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
        return None;
    }
    let mut time = days_from_civil(year, month, day) * DAY;
    if rest.eat('T') || rest.eat('t') || rest.eat(' ') {
        time += rest.time_of_day()?;
        if !(rest.eat('Z') || rest.eat('z')) {
            let sign = rest.sign()?;
            let hours = rest.digits(2)?;
            rest.eat(':');
            let minutes = rest.digits(2)?;
            if hours > 23 || minutes > 59 {
                return None;
            }
            time -= sign * (hours * 60 + minutes) * 60_000;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "dates are below 2^53 milliseconds")]
    let clipped = time_clip(time as f64);
    (rest.0.is_empty() && !clipped.is_nan()).then_some(clipped)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let (next_year, next_month) = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    days_from_civil(next_year, next_month, 1) - days_from_civil(year, month, 1)
}

/// What is still to be read.
struct Rest<'t>(&'t str);

impl Rest<'_> {
    fn eat(&mut self, char: char) -> bool {
        let rest = self.0.strip_prefix(char);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn sign(&mut self) -> Option<i64> {
        if self.eat('+') {
            Some(1)
        } else if self.eat('-') || self.eat('\u{2212}') {
            Some(-1)
        } else {
            None
        }
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.0 = rest;
        digits.parse().ok()
    }

    /// Milliseconds since midnight; `24:00` is the end of the day.
    fn time_of_day(&mut self) -> Option<i64> {
        let hours = self.digits(2)?;
        let minutes = self.eat(':').then(|| self.digits(2))??;
        let seconds = if self.eat(':') { self.digits(2)? } else { 0 };
        let mut milliseconds = 0;
        if self.eat('.') {
            let digits = self.0.bytes().take_while(u8::is_ascii_digit).count();
            let (fraction, rest) = self.0.split_at_checked(digits)?;
            let first_three: String = fraction.chars().chain("000".chars()).take(3).collect();
            milliseconds = first_three.parse().ok().filter(|_| digits > 0)?;
            self.0 = rest;
        }
        let time = ((hours * 60 + minutes) * 60 + seconds) * 1_000 + milliseconds;
        (minutes < 60 && seconds < 60 && time <= DAY && (hours < 24 || time == DAY)).then_some(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(milliseconds: f64) -> String {
        let mut text = String::new();
        write_date(milliseconds, &mut text);
        text
    }

    #[test]
    fn dates_print_as_in_javascript_and_read_back() {
        for (milliseconds, expected) in [
            (0.0, "1970-01-01T00:00:00.000Z"),
            (-1.0, "1969-12-31T23:59:59.999Z"),
            (1_767_225_600_123.0, "2026-01-01T00:00:00.123Z"),
            (8.64e15, "+275760-09-13T00:00:00.000Z"),
            (-8.64e15, "-271821-04-20T00:00:00.000Z"),
            (-62_167_219_200_000.0, "0000-01-01T00:00:00.000Z"),
            (327_403_216_724_992.0, "+012344-12-30T01:58:44.992Z"),
        ] {
            assert_eq!(text(milliseconds), expected);
            assert_eq!(parse_date(expected), Some(milliseconds));
        }
        assert_eq!(text(f64::NAN), "Invalid Date");
    }

    #[test]
    fn only_unambiguous_date_texts_are_read() {
        assert_eq!(parse_date("2026"), Some(1_767_225_600_000.0));
        assert_eq!(parse_date("2026-01-01"), Some(1_767_225_600_000.0));
        assert_eq!(parse_date("2026-01-01T02:00+02:00"), Some(1_767_225_600_000.0));
        assert_eq!(parse_date("2025-12-31T24:00Z"), Some(1_767_225_600_000.0));
        for wrong in [
            "",
            "2026-13-01",
            "2026-02-29",
            "2026-01-01T00:00",
            "-000000-01-01",
            "2026-01-01T25:00Z",
            "Jan 1",
            "2026-01-01T00:00Zx",
            "2026-01-01T00:00:00.Z",
        ] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }
}
