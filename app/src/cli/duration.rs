//! Durations as a person writes them: `90s`, `10m`, `1h30m`, `30d`.

const UNITS: [(&str, i64); 6] = [
    ("ms", 1),
    ("s", 1000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 604_800_000),
];

/// The duration in milliseconds.
///
/// # Errors
/// If the text is anything but whole numbers with units, with the reason as a clause.
pub(super) fn milliseconds(text: &str) -> Result<i64, String> {
    let wrong = || "expected numbers with the units ms, s, m, h, d or w, such as 90s or 1h30m".to_owned();
    let mut total: i64 = 0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|letter: char| !letter.is_ascii_digit())
            .ok_or_else(wrong)?;
        let (number, after) = rest.split_at_checked(digits).ok_or_else(wrong)?;
        let letters = after
            .find(|letter: char| !letter.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(letters).ok_or_else(wrong)?;
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        let number: i64 = number.parse().map_err(|_not_a_number| wrong())?;
        total = number
            .checked_mul(*factor)
            .and_then(|part| total.checked_add(part))
            .ok_or("it is too long")?;
        rest = after.trim_start();
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_sums_of_numbers_with_units() {
        assert_eq!(milliseconds("250ms"), Ok(250));
        assert_eq!(milliseconds("10m"), Ok(600_000));
        assert_eq!(milliseconds("1h30m"), Ok(5_400_000));
        assert_eq!(milliseconds(" 1w 2d "), Ok(777_600_000));
        assert_eq!(milliseconds("0s"), Ok(0));
    }

    #[test]
    fn other_texts_are_no_durations() {
        for text in [
            "",
            "10",
            "m",
            "10 m",
            "10x",
            "-1s",
            "1.5h",
            "10m5",
            "٣s",
            "99999999999999999999s",
        ] {
            assert!(milliseconds(text).is_err(), "{text}");
        }
        assert_eq!(
            milliseconds("9223372036854775807w"),
            Err("it is too long".to_owned())
        );
    }
}
