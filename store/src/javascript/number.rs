//! Numbers as JavaScript writes them: ECMA-262, `Number::toString` with radix 10.

/// Appends a number as JavaScript prints it, but `-0` with its sign, which JavaScript's `String(-0)` drops.
pub(crate) fn write_number(number: f64, text: &mut String) {
    if number == 0.0 && number.is_sign_negative() {
        text.push('-');
    }
    text.push_str(ryu_js::Buffer::new().format(number));
}

/// The text of a number; see [`write_number`].
pub(crate) fn number_text(number: f64) -> String {
    let mut text = String::new();
    write_number(number, &mut text);
    text
}

#[cfg(test)]
mod tests {
    use super::number_text;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_number_is_read_back_from_its_text(bits: u64) {
            let number = f64::from_bits(bits);
            let read: f64 = number_text(number).parse().unwrap();
            prop_assert!(read.to_bits() == bits || number.is_nan());
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
            // Of two shortest texts that are equally close JavaScript takes the even one.
            (131_072.000_244_140_63, "131072.00024414062"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(number_text(number), text);
        }
    }
}
