//! Text and JSON.

use serde::de::IgnoredAny;

use super::{Content, Recognised, shortened, titled};

/// What one level of JSON is indented by.
const INDENT: &str = "  ";
/// Lists and objects without others inside stay on a line of at most so many bytes.
const LINE_BYTES: usize = 40;

pub(super) fn recognise(bytes: &[u8]) -> Option<Recognised> {
    let text = std::str::from_utf8(bytes).ok()?;
    let is_readable =
        |char: char| !char.is_control() || matches!(char, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1b}');
    let begins = text.trim_start().chars().next();
    let is_json = matches!(begins, Some('{' | '[')) && serde_json::from_str::<IgnoredAny>(text).is_ok();
    if !is_json && !text.chars().all(is_readable) {
        return None;
    }
    let (name, (text, note)) = if is_json {
        ("JSON", shortened(pretty(text)))
    } else {
        ("UTF-8 text", shortened(text.to_owned()))
    };
    let content = if is_json { Content::Code } else { Content::Text };
    Some(Recognised {
        title: titled(name, bytes.len()),
        content: content(text),
        note,
    })
}

/// JSON with a line for each part. Numbers and strings stay as they are written, digit for digit.
fn pretty(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut rest = json;
    while let Some(char) = rest.chars().next() {
        let mut length = char.len_utf8();
        match char {
            '"' => {
                length = string_length(rest);
                text.push_str(rest.get(..length).unwrap_or_default());
            }
            '{' | '[' => {
                if let Some(short) = short(rest) {
                    length = short;
                    let line = rest.get(..length).unwrap_or_default();
                    push_on_a_line(&mut text, line);
                } else {
                    text.push(char);
                    depth += 1;
                    new_line(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut text, depth);
                text.push(char);
            }
            ',' => {
                text.push(char);
                new_line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            ' ' | '\t' | '\n' | '\r' => {}
            other => text.push(other),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    text
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    for _ in 0..depth {
        text.push_str(INDENT);
    }
}

/// Bytes of the string literal that a text begins with.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (offset, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !escaped => return offset + 1,
            _ => escaped = byte == b'\\' && !escaped,
        }
    }
    text.len()
}

/// Bytes of the list or object that a text begins with, if it is short and has no others inside.
fn short(text: &str) -> Option<usize> {
    let mut offset = 1;
    while offset <= LINE_BYTES {
        let rest = text.get(offset..)?;
        match rest.as_bytes().first()? {
            b'"' => offset += string_length(rest),
            b'{' | b'[' => return None,
            b'}' | b']' => return (offset < LINE_BYTES).then_some(offset + 1),
            _ => offset += rest.chars().next()?.len_utf8(),
        }
    }
    None
}

/// A short list or object with one space where it has any.
fn push_on_a_line(text: &mut String, json: &str) {
    let mut rest = json;
    while let Some(char) = rest.chars().next() {
        let mut length = char.len_utf8();
        match char {
            '"' => {
                length = string_length(rest);
                text.push_str(rest.get(..length).unwrap_or_default());
            }
            ',' => text.push_str(", "),
            ':' => text.push_str(": "),
            ' ' | '\t' | '\n' | '\r' => {}
            other => text.push(other),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_laid_out_without_touching_numbers_and_strings() {
        let json = r#"{"a":1.50,"big":123456789012345678901234567890,"list":[ 1, 2 ,3],"o":{"n":{}, "s":"x, {y}: \"z\" \\"},"e":[]}"#;
        assert_eq!(
            pretty(json),
            r#"{
  "a": 1.50,
  "big": 123456789012345678901234567890,
  "list": [1, 2, 3],
  "o": {
    "n": {},
    "s": "x, {y}: \"z\" \\"
  },
  "e": []
}"#
        );
        assert_eq!(pretty(&pretty(json)), pretty(json));
    }
}
