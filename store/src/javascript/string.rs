//! JavaScript strings and their literals.

use std::fmt;
use std::fmt::Write as _;

/// A JavaScript string. Well-formed text is always held as [`JsString::Unicode`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JsString {
    /// Text without lone surrogates.
    Unicode(String),
    /// UTF-16 code units with at least one lone surrogate.
    Surrogates(Vec<u16>),
}

/// Which characters of a string literal are written as escapes. Lone surrogates, control characters below
/// space, the quote and the backslash always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escapes {
    /// No others: the text of `JSON.stringify`.
    Json,
    /// Also what cannot be seen or turns the direction of the text around it, so that people see what is there.
    Visible,
}

impl JsString {
    /// The string of these UTF-16 code units.
    #[must_use]
    pub fn from_utf16(units: Vec<u16>) -> Self {
        match String::from_utf16(&units) {
            Ok(text) => Self::Unicode(text),
            Err(_lone_surrogate) => Self::Surrogates(units),
        }
    }

    /// The text, if there are no lone surrogates.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Unicode(text) => Some(text),
            Self::Surrogates(_) => None,
        }
    }

    /// The text with each lone surrogate as U+FFFD.
    #[must_use]
    pub fn to_string_lossy(&self) -> String {
        match self {
            Self::Unicode(text) => text.clone(),
            Self::Surrogates(units) => String::from_utf16_lossy(units),
        }
    }

    /// The text with each lone surrogate as U+FFFD.
    #[must_use]
    pub fn into_string_lossy(self) -> String {
        match self {
            Self::Unicode(text) => text,
            Self::Surrogates(units) => String::from_utf16_lossy(&units),
        }
    }

    /// The UTF-16 code units.
    #[must_use]
    pub fn to_utf16(&self) -> Vec<u16> {
        match self {
            Self::Unicode(text) => text.encode_utf16().collect(),
            Self::Surrogates(units) => units.clone(),
        }
    }

    /// Its characters; a lone surrogate is the error.
    pub(crate) fn chars(&self) -> impl Iterator<Item = Result<char, u16>> + '_ {
        let (text, units): (&str, &[u16]) = match self {
            Self::Unicode(text) => (text, &[]),
            Self::Surrogates(units) => ("", units),
        };
        let lone = char::decode_utf16(units.iter().copied())
            .map(|char| char.map_err(|error| error.unpaired_surrogate()));
        text.chars().map(Ok).chain(lone)
    }
}

impl From<&str> for JsString {
    fn from(text: &str) -> Self {
        Self::Unicode(text.to_owned())
    }
}

impl From<String> for JsString {
    fn from(text: String) -> Self {
        Self::Unicode(text)
    }
}

impl Default for JsString {
    fn default() -> Self {
        Self::Unicode(String::new())
    }
}

impl PartialEq<str> for JsString {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == Some(other)
    }
}

impl fmt::Display for JsString {
    /// The text itself, without quotes, lone surrogates as U+FFFD.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unicode(text) => f.write_str(text),
            Self::Surrogates(units) => f.write_str(&String::from_utf16_lossy(units)),
        }
    }
}

/// Appends a string literal in double quotes.
pub(crate) fn write_quoted(string: &JsString, escapes: Escapes, text: &mut String) {
    match string {
        JsString::Unicode(unicode) => write_quoted_str(unicode, escapes, text),
        JsString::Surrogates(_) => {
            text.push('"');
            for char in string.chars() {
                match char {
                    Ok(char) => write_escaped(char, escapes, text),
                    Err(unit) => write_unit(unit, text),
                }
            }
            text.push('"');
        }
    }
}

/// Appends a string literal in double quotes.
pub(crate) fn write_quoted_str(string: &str, escapes: Escapes, text: &mut String) {
    text.push('"');
    let plain = |byte: &u8| (0x20..0x7f).contains(byte) && !matches!(byte, b'"' | b'\\');
    if string.as_bytes().iter().all(plain) {
        text.push_str(string);
    } else {
        for char in string.chars() {
            write_escaped(char, escapes, text);
        }
    }
    text.push('"');
}

/// Appends one character of a string literal in double quotes.
pub(crate) fn write_escaped(char: char, escapes: Escapes, text: &mut String) {
    match char {
        '"' => text.push_str("\\\""),
        '\\' => text.push_str("\\\\"),
        '\n' => text.push_str("\\n"),
        '\r' => text.push_str("\\r"),
        '\t' => text.push_str("\\t"),
        '\u{8}' => text.push_str("\\b"),
        '\u{c}' => text.push_str("\\f"),
        '\0'..='\x1f' => write_unit(char as u16, text),
        _ if escapes == Escapes::Visible && is_unseen(char) => {
            let mut units = [0; 2];
            for unit in char.encode_utf16(&mut units) {
                write_unit(*unit, text);
            }
        }
        _ => text.push(char),
    }
}

fn write_unit(unit: u16, text: &mut String) {
    let _infallible = write!(text, "\\u{unit:04x}");
}

/// Control and formatting characters that have no look of their own: deletes, C1 controls, soft hyphens, zero
/// widths (but the joiner, which emoji are made with), line and paragraph separators, direction marks, tags.
pub(crate) fn is_unseen(char: char) -> bool {
    matches!(char,
        '\u{7f}'..='\u{a0}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200c}' | '\u{200e}'
        | '\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(string: &JsString, escapes: Escapes) -> String {
        let mut text = String::new();
        write_quoted(string, escapes, &mut text);
        text
    }

    #[test]
    fn literals_escape_what_cannot_be_seen() {
        let string = JsString::from("a\"\\\n\0\u{7f}\u{202e}é😀");
        assert_eq!(
            quoted(&string, Escapes::Json),
            "\"a\\\"\\\\\\n\\u0000\u{7f}\u{202e}é😀\""
        );
        assert_eq!(
            quoted(&string, Escapes::Visible),
            r#""a\"\\\n\u0000\u007f\u202eé😀""#
        );
        let lone = JsString::from_utf16(vec![0x78, 0xdc00, 0xd83d, 0xde00]);
        assert_eq!(quoted(&lone, Escapes::Json), "\"x\\udc00😀\"");
    }

    #[test]
    fn well_formed_text_is_never_held_as_code_units() {
        let pair = JsString::from_utf16(vec![0xd83d, 0xde00]);
        assert_eq!(pair, JsString::from("😀"));
        assert_eq!(JsString::from_utf16(vec![0xd83d]).as_str(), None);
        assert_eq!(JsString::from_utf16(vec![0xd83d]).to_string_lossy(), "\u{fffd}");
    }
}
