//! Numbers as JavaScript writes them: ECMA-262, `Number::toString` with radix 10.

use std::fmt::Write as _;

/// Appends a number as JavaScript prints it, but `-0` with its sign, which JavaScript's `String(-0)` drops.
pub(crate) fn write_number(number: f64, text: &mut String) {
    if number.is_nan() {
        text.push_str("NaN");
        return;
    }
    if number.is_sign_negative() {
        text.push('-');
    }
    let magnitude = number.abs();
    if magnitude.is_infinite() {
        text.push_str("Infinity");
    } else if let Some(integer) = small_integer(magnitude) {
        let _infallible = write!(text, "{integer}");
    } else {
        write_magnitude(magnitude, text);
    }
}

/// The text of a number; see [`write_number`].
pub(crate) fn number_text(number: f64) -> String {
    let mut text = String::new();
    write_number(number, &mut text);
    text
}

/// The number as an integer, if it is one that needs no exponent and is exact.
fn small_integer(magnitude: f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is a positive integer below 2^53"
    )]
    (magnitude < EXACT && magnitude.fract() == 0.0).then_some(magnitude as u64)
}

/// Shortest digits that read back as the same number, placed as JavaScript places the point.
fn write_magnitude(magnitude: f64, text: &mut String) {
    let scientific = even_on_tie(magnitude, format!("{magnitude:e}"));
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (first, rest) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = i32::try_from(first.len() + rest.len()).unwrap_or(i32::MAX);
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
    let point = exponent + 1;
    if (digits..=21).contains(&point) {
        text.push_str(first);
        text.push_str(rest);
        text.push_str(&zeros(point - digits));
    } else if (1..=21).contains(&point) {
        let (whole, fraction) = rest
            .split_at_checked(usize::try_from(point - 1).unwrap_or(0))
            .unwrap_or((rest, ""));
        text.push_str(first);
        text.push_str(whole);
        text.push('.');
        text.push_str(fraction);
    } else if (-5..=0).contains(&point) {
        text.push_str("0.");
        text.push_str(&zeros(-point));
        text.push_str(first);
        text.push_str(rest);
    } else {
        text.push_str(mantissa);
        let sign = if exponent < 0 { '-' } else { '+' };
        let _infallible = write!(text, "e{sign}{}", exponent.unsigned_abs());
    }
}

/// Of two shortest texts that are equally close JavaScript takes the even one, where Rust takes the larger one.
fn even_on_tie(magnitude: f64, scientific: String) -> String {
    match scientific.split_once('e') {
        // A tie has one digit more, and texts of so few digits all stand for different normal numbers.
        Some((mantissa, _)) if magnitude.is_normal() && mantissa.len() <= DISTINCT_DIGITS => scientific,
        Some((mantissa, exponent)) => even_of_tie(magnitude, mantissa, exponent).unwrap_or(scientific),
        None => scientific,
    }
}

/// The even text, if there is another one as close.
fn even_of_tie(magnitude: f64, mantissa: &str, exponent: &str) -> Option<String> {
    let Some(odd @ ('1' | '3' | '5' | '7' | '9')) = mantissa.chars().last() else {
        return None;
    };
    let kept = mantissa.len() - 1;
    let even = char::from_digit(odd.to_digit(10).unwrap_or(1) - 1, 10).unwrap_or('0');
    let smaller = format!("{}{even}", mantissa.get(..kept).unwrap_or_default());
    // Exactly between the two: the smaller one, then a 5 and nothing more.
    let between = |digits: usize| {
        let exact = format!("{magnitude:.digits$e}");
        let exact = exact
            .split_once('e')
            .map_or("", |(mantissa, _)| mantissa)
            .to_owned();
        let rest = exact
            .strip_prefix(smaller.as_str())
            .and_then(|rest| rest.strip_prefix('5'));
        rest.is_some_and(|rest| rest.bytes().all(|digit| digit == b'0'))
    };
    let smaller_text = format!("{smaller}e{exponent}");
    let tie = between(kept + 2) && between(MOST_DIGITS) && smaller_text.parse() == Ok(magnitude);
    tie.then_some(smaller_text)
}

/// Normal numbers keep any decimal of as many digits; a mantissa has the point instead of one of them.
const DISTINCT_DIGITS: usize = 15;

/// No number has more significant digits.
const MOST_DIGITS: usize = 800;

#[cfg(test)]
mod tests {
    use super::{even_of_tie, number_text};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_of_few_digits_have_no_other_text_as_close(digits in 1_u64..100_000_000_000_000, exponent in -300..290) {
            let number: f64 = format!("{digits}e{exponent}").parse().unwrap();
            let scientific = format!("{number:e}");
            let (mantissa, exponent) = scientific.split_once('e').unwrap();
            prop_assert_eq!(even_of_tie(number, mantissa, exponent), None);
        }
    }

    #[test]
    fn numbers_print_as_in_javascript() {
        for (number, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-42.5, "-42.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e21, "1e+21"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (1.5e-7, "1.5e-7"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (9_007_199_254_740_992.0, "9007199254740992"),
            (123.456, "123.456"),
            (131_072.000_244_140_63, "131072.00024414062"),
            (5e-324, "5e-324"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(number_text(number), text);
        }
    }
}
