//! String literals and templates without substitutions.

use super::{LexError, Lexer, TokenKind};
use crate::javascript::string::JsString;

impl Lexer<'_> {
    pub(super) fn string(&mut self) -> Result<TokenKind, LexError> {
        let start = self.at;
        let quote = self.take().unwrap_or('"');
        let template = quote == '`';
        let plain = |char: char| char != quote && char != '\\' && !(template && matches!(char, '$' | '\r'));
        let mut string = StringBuilder::default();
        loop {
            let plain_start = self.at;
            let text = self.take_while(|char| plain(char) && (template || !matches!(char, '\n' | '\r')));
            string.push_str(text);
            let at = self.at;
            match self.take() {
                Some('\\') => self.string_escape(template, &mut string)?,
                Some(char) if char == quote => return Ok(TokenKind::String(string.finish())),
                Some('$') if self.peek() == Some('{') => {
                    self.at = self.end_of_string(quote);
                    return Err(self.error(
                        start,
                        "Nothing is evaluated here, so a template may not have `${…}`",
                    ));
                }
                Some('$') => string.push('$'),
                Some('\r') if template => {
                    self.eat('\n');
                    string.push('\n');
                }
                _ => {
                    self.at = at.max(plain_start);
                    let message =
                        format!("This string has no end: expected {quote} before the end of the line");
                    return Err(self.error(start, message));
                }
            }
        }
    }

    /// Where a string that cannot be read ends: after its closing quote, or at the end of the text.
    fn end_of_string(&self, quote: char) -> usize {
        self.rest()
            .find(quote)
            .map_or(self.text.len(), |length| self.at + length + 1)
    }

    fn string_escape(&mut self, template: bool, string: &mut StringBuilder) -> Result<(), LexError> {
        let start = self.at - 1;
        match self.take() {
            Some('n') => string.push('\n'),
            Some('t') => string.push('\t'),
            Some('r') => string.push('\r'),
            Some('b') => string.push('\u{8}'),
            Some('f') => string.push('\u{c}'),
            Some('v') => string.push('\u{b}'),
            Some('0') if !self.peek().is_some_and(|char| char.is_ascii_digit()) => string.push('\0'),
            Some('0'..='9') => {
                let form = if template { "a template" } else { "strict code" };
                return Err(self.error(
                    start,
                    format!("Octal escapes are not allowed in {form}: write \\xXX"),
                ));
            }
            Some('x') => match self.hex_digits(2) {
                Some(code) => string.push_unit_or_char(code),
                None => return Err(self.error(start, "Expected two hexadecimal digits after `\\x`")),
            },
            Some('u') => match self.unicode_escape() {
                Some(code) => string.push_unit_or_char(code),
                None => {
                    return Err(self.error(start, "Expected four hexadecimal digits or `{…}` after `\\u`"));
                }
            },
            Some('\r') => {
                self.eat('\n');
            }
            Some('\n' | '\u{2028}' | '\u{2029}') => {}
            Some(char) => string.push(char),
            None => return Err(self.error(start, "This string has no end")),
        }
        Ok(())
    }
}

/// Collects a string that may hold lone surrogates.
#[derive(Default)]
struct StringBuilder {
    text: String,
    /// In use once a surrogate has been seen; then `text` is not.
    units: Option<Vec<u16>>,
}

impl StringBuilder {
    fn push_str(&mut self, text: &str) {
        match &mut self.units {
            Some(units) => units.extend(text.encode_utf16()),
            None => self.text.push_str(text),
        }
    }

    fn push(&mut self, char: char) {
        self.push_str(char.encode_utf8(&mut [0; 4]));
    }

    fn push_unit_or_char(&mut self, code: u32) {
        match (char::from_u32(code), u16::try_from(code)) {
            (Some(char), _) => self.push(char),
            (None, Ok(surrogate)) => {
                let text = std::mem::take(&mut self.text);
                self.units
                    .get_or_insert_with(|| text.encode_utf16().collect())
                    .push(surrogate);
            }
            (None, Err(_beyond)) => self.push('\u{fffd}'),
        }
    }

    fn finish(self) -> JsString {
        match self.units {
            Some(units) => JsString::from_utf16(units),
            None => JsString::Unicode(self.text),
        }
    }
}
