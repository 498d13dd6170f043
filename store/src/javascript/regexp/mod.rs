//! Regular expressions: whether JavaScript takes a pattern, and how it shows it.

mod class;
mod pattern;
mod properties;
mod scanner;
mod sets;

pub(crate) use pattern::{PatternError, check_pattern};

use super::string::JsString;

/// What is wrong with flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FlagsError {
    #[error("A regular expression has no flag {0}")]
    Unknown(char),
    #[error("A flag of a regular expression may stand only once")]
    Twice,
    #[error("A regular expression may not have both flags u and v")]
    Both,
}

/// The flags in JavaScript's order; the error says what is wrong with them.
pub(crate) fn sorted_flags(flags: &str) -> Result<String, FlagsError> {
    let mut sorted: Vec<char> = flags.chars().collect();
    sorted.sort_unstable();
    let twice = sorted.windows(2).any(|pair| matches!(pair, [a, b] if a == b));
    if let Some(unknown) = sorted.iter().find(|flag| !"dgimsuvy".contains(**flag)) {
        return Err(FlagsError::Unknown(*unknown));
    }
    if twice {
        return Err(FlagsError::Twice);
    }
    if sorted.contains(&'u') && sorted.contains(&'v') {
        return Err(FlagsError::Both);
    }
    Ok(sorted.into_iter().collect())
}

/// The pattern as the property `source` shows it: `(?:)` for nothing, `/` and line breaks escaped.
pub(crate) fn escaped_source(pattern: &JsString) -> JsString {
    let units = pattern.to_utf16();
    if units.is_empty() {
        return JsString::from("(?:)");
    }
    let mut escaped = Vec::with_capacity(units.len());
    let mut in_class = false;
    let mut after_backslash = false;
    for unit in units {
        let line_end = match unit {
            0x0a => Some("n"),
            0x0d => Some("r"),
            0x2028 => Some("u2028"),
            0x2029 => Some("u2029"),
            _ => None,
        };
        if let Some(escape) = line_end {
            if !after_backslash {
                escaped.push(u16::from(b'\\'));
            }
            escaped.extend(escape.encode_utf16());
            after_backslash = false;
            continue;
        }
        if after_backslash {
            after_backslash = false;
        } else {
            match u8::try_from(unit) {
                Ok(b'\\') => after_backslash = true,
                Ok(b'[') => in_class = true,
                Ok(b']') => in_class = false,
                Ok(b'/') if !in_class => escaped.push(u16::from(b'\\')),
                _ => {}
            }
        }
        escaped.push(unit);
    }
    JsString::from_utf16(escaped)
}
