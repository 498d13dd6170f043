//! The JavaScript text of keys, both ways.
//!
//! A key is printed in one form, `["users", 42n, u8[01 ff], 3.5, -0, NaN, true]`; all of it but the bytes is
//! JavaScript. Read are, beside that form, the ways in which people write keys in programs.

use std::fmt;
use std::str::FromStr;

use super::{Key, KeyPart};
use crate::javascript::lexer::{LexError, Lexer, Token, TokenKind};
use crate::javascript::number::number_text;
use crate::javascript::position::line_and_column;
use crate::javascript::string::{Escapes, write_quoted_str};

/// A text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}, at line {line}, column {column}")]
pub struct KeyParseError {
    /// What is wrong or was expected.
    pub message: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// In bytes, from 0.
    pub offset: usize,
}

impl fmt::Display for Key {
    /// `["users", 42n]`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (index, part) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            fmt::Display::fmt(part, f)?;
        }
        f.write_str("]")
    }
}

impl fmt::Display for KeyPart {
    /// `"users"`, `42n`, `u8[01 ff]`, `3.5`, `true`. A NaN with its sign bit set is `-NaN`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => {
                f.write_str("u8[")?;
                for (index, byte) in bytes.iter().enumerate() {
                    let space = if index > 0 { " " } else { "" };
                    write!(f, "{space}{byte:02x}")?;
                }
                f.write_str("]")
            }
            Self::String(text) => {
                let mut quoted = String::with_capacity(text.len() + 2);
                write_quoted_str(text, Escapes::Visible, &mut quoted);
                f.write_str(&quoted)
            }
            Self::BigInt(number) => write!(f, "{number}n"),
            Self::Number(number) if number.is_nan() && number.is_sign_negative() => f.write_str("-NaN"),
            Self::Number(number) => f.write_str(&number_text(*number)),
            Self::Boolean(value) => write!(f, "{value}"),
        }
    }
}

impl FromStr for Key {
    type Err = KeyParseError;

    /// Reads an array literal of key parts.
    fn from_str(text: &str) -> Result<Self, KeyParseError> {
        read(text, |reader| reader.key())
    }
}

impl FromStr for KeyPart {
    type Err = KeyParseError;

    /// Reads a single part, as it stands in a key.
    fn from_str(text: &str) -> Result<Self, KeyParseError> {
        read(text, |reader| {
            let token = reader.lexer.next()?;
            reader.part(token)
        })
    }
}

fn read<T>(
    text: &str,
    what: impl FnOnce(&mut Reader<'_>) -> Result<T, LexError>,
) -> Result<T, KeyParseError> {
    let mut reader = Reader {
        lexer: Lexer::new(text),
    };
    let result = what(&mut reader).and_then(|value| {
        let token = reader.lexer.next()?;
        match token.kind {
            TokenKind::End => Ok(value),
            _ => Err(wrong(&token, "Expected nothing more after the key")),
        }
    });
    result.map_err(|error| {
        let (line, column) = line_and_column(text, error.start);
        KeyParseError {
            message: error.message,
            line,
            column,
            offset: error.start,
        }
    })
}

fn wrong(token: &Token, message: impl Into<String>) -> LexError {
    LexError {
        message: message.into(),
        start: token.start,
        end: token.end,
    }
}

struct Reader<'t> {
    lexer: Lexer<'t>,
}

impl Reader<'_> {
    fn key(&mut self) -> Result<Key, LexError> {
        let open = self.lexer.next()?;
        if open.kind != TokenKind::Punctuator('[') {
            return Err(wrong(&open, "A key is written as an array: expected `[`"));
        }
        let mut parts = Vec::new();
        loop {
            let token = self.lexer.next()?;
            match token.kind {
                TokenKind::Punctuator(']') => return Ok(Key(parts)),
                TokenKind::Punctuator(',') => return Err(wrong(&token, "Expected a key part before `,`")),
                TokenKind::End => return Err(wrong(&token, "The key has no end: expected `]`")),
                _ => parts.push(self.part(token)?),
            }
            let after = self.lexer.next()?;
            match after.kind {
                TokenKind::Punctuator(',') => {}
                TokenKind::Punctuator(']') => return Ok(Key(parts)),
                _ => return Err(wrong(&after, "Expected `,` or `]` after a key part")),
            }
        }
    }

    fn part(&mut self, token: Token) -> Result<KeyPart, LexError> {
        match token.kind {
            TokenKind::String(text) => Ok(KeyPart::String(text.into_string_lossy())),
            TokenKind::Number(number) => Ok(KeyPart::Number(number)),
            TokenKind::BigInt(number) => Ok(KeyPart::BigInt(number)),
            TokenKind::Punctuator('-') => {
                let magnitude = self.lexer.next()?;
                match &magnitude.kind {
                    TokenKind::Number(number) => Ok(KeyPart::Number(-number)),
                    TokenKind::BigInt(number) => Ok(KeyPart::BigInt(-number)),
                    TokenKind::Name(name) if name == "Infinity" => Ok(KeyPart::Number(f64::NEG_INFINITY)),
                    TokenKind::Name(name) if name == "NaN" => Ok(KeyPart::Number(-f64::NAN)),
                    _ => Err(wrong(&magnitude, "Expected a number or a bigint after `-`")),
                }
            }
            TokenKind::Name(ref name) => match name.as_str() {
                "true" => Ok(KeyPart::Boolean(true)),
                "false" => Ok(KeyPart::Boolean(false)),
                "NaN" => Ok(KeyPart::Number(f64::NAN)),
                "Infinity" => Ok(KeyPart::Number(f64::INFINITY)),
                "u8" => {
                    self.expect('[')?;
                    self.lexer.hex_bytes().map(KeyPart::Bytes)
                }
                "new" => self.new_uint8_array().map(KeyPart::Bytes),
                "Uint8Array" => self.uint8_array_of().map(KeyPart::Bytes),
                other => Err(wrong(&token, not_a_part(other))),
            },
            TokenKind::Punctuator('[') => Err(wrong(&token, not_a_part("an array"))),
            TokenKind::Punctuator('{') => Err(wrong(&token, not_a_part("an object"))),
            TokenKind::End => Err(wrong(&token, "Expected a key part")),
            _ => Err(wrong(
                &token,
                "A key part is a string, number, bigint, boolean or Uint8Array",
            )),
        }
    }

    fn expect(&mut self, punctuator: char) -> Result<(), LexError> {
        let token = self.lexer.next()?;
        if token.kind == TokenKind::Punctuator(punctuator) {
            Ok(())
        } else {
            Err(wrong(&token, format!("Expected `{punctuator}`")))
        }
    }

    /// `Uint8Array([1, 255])` or `Uint8Array()`, after `new`.
    fn new_uint8_array(&mut self) -> Result<Vec<u8>, LexError> {
        let class = self.lexer.next()?;
        if class.kind != TokenKind::Name("Uint8Array".to_owned()) {
            return Err(wrong(
                &class,
                "The only object that a key may hold is a Uint8Array",
            ));
        }
        self.expect('(')?;
        let argument = self.lexer.next()?;
        let bytes = match argument.kind {
            TokenKind::Punctuator(')') => return Ok(Vec::new()),
            TokenKind::Punctuator('[') => self.byte_list(']')?,
            _ => {
                return Err(wrong(
                    &argument,
                    "Expected the bytes as an array: `new Uint8Array([1, 255])`",
                ));
            }
        };
        self.expect(')')?;
        Ok(bytes)
    }

    /// `.of(1, 255)` or `.from([1, 255])`, after `Uint8Array`.
    fn uint8_array_of(&mut self) -> Result<Vec<u8>, LexError> {
        self.expect('.')?;
        let method = self.lexer.next()?;
        self.expect('(')?;
        match method.kind {
            TokenKind::Name(name) if name == "of" => self.byte_list(')'),
            TokenKind::Name(name) if name == "from" => {
                self.expect('[')?;
                let bytes = self.byte_list(']')?;
                self.expect(')')?;
                Ok(bytes)
            }
            _ => Err(wrong(&method, "Expected `of` or `from` after `Uint8Array.`")),
        }
    }

    /// Numbers from 0 to 255 up to the closing punctuator.
    fn byte_list(&mut self, close: char) -> Result<Vec<u8>, LexError> {
        let mut bytes = Vec::new();
        loop {
            let token = self.lexer.next()?;
            match token.kind {
                TokenKind::Punctuator(char) if char == close => return Ok(bytes),
                TokenKind::Number(number) if (0.0..=255.0).contains(&number) && number.fract() == 0.0 => {
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "an integer of 0 to 255"
                    )]
                    bytes.push(number as u8);
                }
                _ => return Err(wrong(&token, "A byte is a whole number from 0 to 255")),
            }
            let after = self.lexer.next()?;
            match after.kind {
                TokenKind::Punctuator(',') => {}
                TokenKind::Punctuator(char) if char == close => return Ok(bytes),
                _ => return Err(wrong(&after, format!("Expected `,` or `{close}` after a byte"))),
            }
        }
    }
}

fn not_a_part(what: &str) -> String {
    format!("A key part is a string, number, bigint, boolean or Uint8Array, and {what} is none of them")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn the_printed_form_reads_back_as_the_same_key() {
        let text = r#"["users", 42n, u8[01 ff], u8[], 3.5, -0, 0, NaN, -NaN, -Infinity, true, false, "\u202e", -7n]"#;
        assert_eq!(key(text).to_string(), text);
        assert_eq!(key("[]").to_string(), "[]");
    }

    #[test]
    fn keys_are_read_as_people_write_them_in_programs() {
        let forms =
            "[ 'a', `b`, new Uint8Array([1, 255,]), Uint8Array.of(2), Uint8Array.from([3]), 0xff, 1_000, // c
            /* d */ 1_0n, new Uint8Array(), ]";
        assert_eq!(
            key(forms).to_string(),
            r#"["a", "b", u8[01 ff], u8[02], u8[03], 255, 1000, 10n, u8[]]"#
        );
        assert_eq!(
            key(r#"["\ud800"]"#).to_string(),
            "[\"\u{fffd}\"]",
            "as Deno turns it"
        );
        assert_eq!("u8[0aFF]".parse::<KeyPart>().unwrap().to_string(), "u8[0a ff]");
    }

    #[test]
    fn what_is_no_key_is_refused_with_its_place() {
        let error = |text: &str| text.parse::<Key>().unwrap_err();
        let null = error("[\"a\",\n  null]");
        assert_eq!((null.line, null.column, null.offset), (2, 3, 8));
        assert_eq!(
            null.to_string(),
            "A key part is a string, number, bigint, boolean or Uint8Array, and null is none of them, at line 2, column 3"
        );
        for wrong in [
            "",
            "1",
            "[",
            "[1",
            "[1 2]",
            "[,]",
            "[1,,2]",
            "[[1]]",
            "[{}]",
            "[1] 2",
            "[--1]",
            "[-true]",
            "[u8[1]]",
            "[u8[0g]]",
            "[new Uint8Array([256])]",
            "[new Date()]",
            "[new Uint8Array([1.5])]",
            "[\"a]",
            "[undefined]",
            "[- -1n]",
            "[u8[",
            "[Uint8Array.x(1)]",
        ] {
            assert!(wrong.parse::<Key>().is_err(), "{wrong}");
        }
    }
}
