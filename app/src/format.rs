//! Numbers, sizes and times as a person reads them.

use keyglass_store::HistoryRule;
use keyglass_store::database::Counted;
use keyglass_store::history::DAY;

/// `1,946`
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1,946 keys`, `1 key`
#[must_use]
pub fn counted(number: u64, singular: &str, plural: &str) -> String {
    format!(
        "{} {}",
        count(number),
        if number == 1 { singular } else { plural }
    )
}

/// `20 versions, each for 30 days`
#[must_use]
pub fn kept(rule: &HistoryRule) -> String {
    let versions = rule
        .versions
        .map(|versions| counted(u64::from(versions), "version", "versions"));
    let age = rule.milliseconds.map(|milliseconds| match milliseconds % DAY {
        0 => counted((milliseconds / DAY).unsigned_abs(), "day", "days"),
        _ => span(milliseconds),
    });
    match (versions, age) {
        (Some(versions), Some(age)) => format!("{versions}, each for {age}"),
        (Some(versions), None) => versions,
        (None, Some(age)) => format!("each version for {age}"),
        (None, None) => String::new(),
    }
}

/// `1,946 keys, 17 expired`: those that have expired and were not swept are counted apart.
#[must_use]
pub fn apart(counted: &Counted, singular: &str, plural: &str) -> String {
    let about = if counted.complete { "" } else { "≥ " };
    let alive = self::counted(counted.alive(), singular, plural);
    format!("{about}{alive}{}", expired(counted.expired))
}

/// `, 17 expired`, or nothing.
#[must_use]
pub fn expired(number: u64) -> String {
    if number == 0 {
        return String::new();
    }
    format!(", {} expired", count(number))
}

/// ` (17 expired left out)`, or nothing.
#[must_use]
pub fn left_out(expired: u64) -> String {
    if expired == 0 {
        return String::new();
    }
    format!(" ({} expired left out)", count(expired))
}

/// How long an entry stands there that has expired and was not swept: `expired 11 months ago, not swept`.
#[must_use]
pub fn not_swept(expired_at: i64, now: i64) -> String {
    format!("expired {}, not swept", ago(expired_at, now))
}

/// `1,946 entries, 12 KB`, or `at least` so many while they are being counted.
#[must_use]
pub fn tally(counted: &Counted) -> String {
    let about = if counted.complete { "" } else { "at least " };
    let entries = self::counted(counted.alive(), "entry", "entries");
    let expired = expired(counted.expired);
    format!("{about}{entries}{expired}, {}", bytes(counted.bytes))
}

/// `240 B`, `1.1 KB`, `12 MB`: decimal points only below ten, units of 1,024.
#[must_use]
pub fn bytes(number: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let mut size = number as f64;
    if number < 1024 {
        return format!("{number} B");
    }
    let mut unit = "B";
    for next in ["KB", "MB", "GB", "TB"] {
        if size < 1023.5 {
            break;
        }
        size /= 1024.0;
        unit = next;
    }
    if size < 9.95 {
        format!("{size:.1} {unit}")
    } else {
        format!("{size:.0} {unit}")
    }
}

/// The largest unit that a span is told in, in seconds.
fn unit(seconds: i64) -> i64 {
    match seconds {
        ..60 => 1,
        60..3600 => 60,
        3600..172_800 => 3600,
        172_800..63_072_000 => 86_400,
        _ => 31_536_000,
    }
}

/// A span of milliseconds in its largest unit: `12 s`, `4 min`, `3 h`, `2 days`.
#[must_use]
pub fn span(milliseconds: i64) -> String {
    told(milliseconds, ["s", "min", "h", "days", "years"])
}

/// The same in at most four characters, for a narrow column: `12 s`, `4 m`, `3 h`, `2 d`, `5 y`.
#[must_use]
pub fn short_span(milliseconds: i64) -> String {
    told(milliseconds, ["s", "m", "h", "d", "y"])
}

fn told(milliseconds: i64, [second, minute, hour, day, year]: [&str; 5]) -> String {
    let seconds = milliseconds.max(0) / 1000;
    let unit = unit(seconds);
    let name = match unit {
        1 => second,
        60 => minute,
        3600 => hour,
        86_400 => day,
        _ => year,
    };
    format!("{} {name}", seconds / unit)
}

/// The time between two moments, with milliseconds where they count: `40 ms`, `1.2 s`, `3 m`.
#[must_use]
pub fn gap(milliseconds: i64) -> String {
    match milliseconds.max(0) {
        short @ ..1000 => format!("{short} ms"),
        whole @ ..60_000 if whole % 1000 == 0 => format!("{} s", whole / 1000),
        long @ ..60_000 => format!("{}.{} s", long / 1000, long % 1000 / 100),
        long => short_span(long),
    }
}

/// Milliseconds until the text of [`span`] or [`short_span`] changes, of a span that gets shorter.
#[must_use]
pub fn span_changes_in(milliseconds: i64) -> i64 {
    let step = 1000 * unit(milliseconds.max(0) / 1000);
    milliseconds.max(0) % step + 1
}

/// `2 s ago`, or `now`. Seconds are only counted at first, then told by tens, so that a text that is looked at
/// by nobody changes seldom: see [`ago_changes_in`].
#[must_use]
pub fn ago(then: i64, now: i64) -> String {
    let age = now - then;
    let now = if (10_000..60_000).contains(&age) {
        now - age % 10_000
    } else {
        now
    };
    if now - then < 1000 {
        "now".to_owned()
    } else if TOLD_IN_MONTHS.contains(&age) {
        format!("{} months ago", age / MONTH)
    } else {
        format!("{} ago", span(now - then))
    }
}

/// A twelfth of a year, in milliseconds.
const MONTH: i64 = 2_628_000_000;
/// Ages that are told in months, in milliseconds: with less, days say more.
const TOLD_IN_MONTHS: std::ops::Range<i64> = 2 * MONTH..24 * MONTH;

/// Milliseconds until the text of [`ago`] changes.
#[must_use]
pub fn ago_changes_in(then: i64, now: i64) -> i64 {
    let age = now - then;
    let step = match age {
        10_000..60_000 => 10_000,
        age if TOLD_IN_MONTHS.contains(&age) => MONTH,
        age => 1000 * unit(age / 1000),
    };
    let left = step - age.rem_euclid(step);
    // Months begin within a day.
    let until_months = TOLD_IN_MONTHS.start - age;
    if until_months > 0 {
        left.min(until_months)
    } else {
        left
    }
}

/// A moment as UTC text: `2026-01-05 09:14:02 UTC`.
#[must_use]
pub fn utc(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds)
        .map(|moment| moment.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
        .unwrap_or_else(|_out_of_range| format!("{milliseconds} ms since 1970"))
}

/// A moment that is seen from another one: `09:14:02 UTC today`, or with its date.
#[must_use]
pub fn utc_near(milliseconds: i64, now: i64) -> String {
    let day = |moment: i64| moment.div_euclid(86_400_000);
    if day(milliseconds) == day(now) {
        format!("{} UTC today", utc_clock(milliseconds))
    } else {
        utc(milliseconds)
    }
}

/// A moment's time of day as UTC text: `09:14:02.120`.
#[must_use]
pub fn utc_time(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds)
        .map(|moment| moment.strftime("%H:%M:%S%.3f").to_string())
        .unwrap_or_default()
}

/// The same to the second: `09:14:02`.
#[must_use]
pub fn utc_clock(milliseconds: i64) -> String {
    jiff::Timestamp::from_millisecond(milliseconds)
        .map(|moment| moment.strftime("%H:%M:%S").to_string())
        .unwrap_or_default()
}

/// A versionstamp without its leading zeros and its two closing zero bytes: `1a4`.
#[must_use]
pub fn short_versionstamp(stamp: keyglass_store::Versionstamp) -> String {
    let text = stamp.to_string();
    let text = text.strip_suffix("0000").unwrap_or(&text).trim_start_matches('0');
    if text.is_empty() {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_separators() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1946), "1,946");
        assert_eq!(count(10_000_000), "10,000,000");
        assert_eq!(counted(1, "key", "keys"), "1 key");
    }

    #[test]
    fn sizes_have_two_digits_or_more() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1126), "1.1 KB");
        assert_eq!(bytes(65_536), "64 KB");
        assert_eq!(bytes(1_048_570), "1.0 MB");
        assert_eq!(bytes(12_000_000), "11 MB");
    }

    #[test]
    fn spans_take_their_largest_unit() {
        assert_eq!(span(1999), "1 s");
        assert_eq!(span(240_000), "4 min");
        assert_eq!(span(90_000_000), "25 h");
        assert_eq!(short_span(200_000_000), "2 d");
        assert_eq!(ago(0, 500), "now");
        assert_eq!(ago(0, 2000), "2 s ago");
        assert_eq!(ago(0, 47_123), "40 s ago");
        assert_eq!(ago(0, 59 * 86_400_000), "59 days ago");
        assert_eq!(ago(0, 335 * 86_400_000), "11 months ago");
        assert_eq!(ago(0, 730 * 86_400_000), "2 years ago");
        assert_eq!(ago_changes_in(0, 2300), 700);
        assert_eq!(ago_changes_in(0, 47_000), 3000);
        assert_eq!(ago_changes_in(0, 61_000), 59_000);
    }

    #[test]
    fn a_span_that_gets_shorter_changes_its_text_when_it_says_so_and_not_before() {
        let year = 31_536_000_000;
        for left in [
            1,
            999,
            12_345,
            59_999,
            60_000,
            61_500,
            3_599_999,
            3_600_000,
            7_000_000,
            172_800_000,
            200_000_000,
            63_072_000_000,
            29 * year + 12_345,
        ] {
            let change = span_changes_in(left);
            assert_eq!(span(left - (change - 1)), span(left), "{left}");
            assert!(left < change || span(left - change) != span(left), "{left}");
        }
        assert!(span_changes_in(29 * year + year / 2) > year / 3);
        // The same of an age that grows.
        for age in [
            5,
            12_345,
            61_000,
            7_000_000,
            200_000_000,
            5_255_999_999,
            year,
            29 * year,
        ] {
            let change = ago_changes_in(0, age);
            assert_eq!(ago(0, age + change - 1), ago(0, age), "{age}");
            assert_ne!(ago(0, age + change), ago(0, age), "{age}");
        }
    }

    #[test]
    fn moments_are_shown_in_utc_and_none_is_too_far() {
        assert_eq!(utc_near(1000, 86_399_999), "00:00:01 UTC today");
        assert_eq!(utc_near(86_400_000, 86_399_999), "1970-01-02 00:00:00 UTC");
        assert_eq!(utc(1_767_604_442_000), "2026-01-05 09:14:02 UTC");
        assert_eq!(utc(i64::MAX), "9223372036854775807 ms since 1970");
    }
}
