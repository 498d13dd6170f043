//! Every kind of key part and of value, by name.

use super::SampleError;
use super::collector::{Collector, quoted};

/// A name and a JavaScript literal a line.
const VALUES: &str = include_str!("../../assets/sample-values.txt");

/// Key parts by name, in key order.
const KEY_PARTS: [(&str, &str); 34] = [
    ("no bytes", "new Uint8Array([])"),
    ("a zero byte", "new Uint8Array([0])"),
    ("bytes", "new Uint8Array([1, 255])"),
    (
        "an address as bytes",
        "new Uint8Array([32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])",
    ),
    ("the empty string", r#""""#),
    ("spaces at both ends", r#"" between ""#),
    ("a string that looks like a number", r#""42""#),
    ("a path", r#""a/b/c""#),
    ("a zero character", r#""a\0b""#),
    ("two lines", r#""first\nsecond""#),
    ("quotation marks", r#""say \"hello\"""#),
    ("an accent", r#""café""#),
    ("Japanese", r#""日本語""#),
    ("an emoji", r#""📚""#),
    ("a bigint below 64 bits", "-18446744073709551616n"),
    ("a negative bigint", "-1000n"),
    ("bigint zero", "0n"),
    ("a bigint", "42n"),
    ("a bigint of two bytes", "256n"),
    (
        "a bigint above 64 bits",
        "340282366920938463463374607431768211455n",
    ),
    ("minus infinity", "-Infinity"),
    ("a negative number", "-1.5"),
    ("minus zero", "-0"),
    ("zero", "0"),
    ("the smallest number", "5e-324"),
    ("a fraction", "0.1"),
    ("a number", "42"),
    ("a time in milliseconds", "1767600000000"),
    ("the largest exact integer", "9007199254740991"),
    ("the largest number", "1.7976931348623157e308"),
    ("infinity", "Infinity"),
    ("not a number", "NaN"),
    ("false", "false"),
    ("true", "true"),
];

pub(super) fn put_key_parts(sample: &mut Collector) -> Result<(), SampleError> {
    for (name, part) in KEY_PARTS {
        sample.put(&format!(r#"["types", "key", {part}]"#), &quoted(name))?;
    }
    sample.put(
        r#"["types", "key", "all together", new Uint8Array([1, 2]), "text", 1n, 1, false, true]"#,
        &quoted("one part of every type"),
    )
}

pub(super) fn put_values(sample: &mut Collector) -> Result<(), SampleError> {
    for line in VALUES.lines() {
        if let Some((name, literal)) = line.split_once(": ").filter(|_| !line.starts_with('#')) {
            sample.put(&format!(r#"["types", "value", {}]"#, quoted(name)), literal)?;
        }
    }
    Ok(())
}
