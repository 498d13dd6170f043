//! Colouring JavaScript text while it is being typed.

use std::ops::Range;

use crate::javascript::lexer::{Lexer, Token, TokenKind};
use crate::value::graph::{ERROR_CLASSES, ViewKind};

/// A run of text of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Where, in bytes.
    pub range: Range<usize>,
    /// What it is.
    pub kind: SpanKind,
}

/// What a run of text is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpanKind {
    /// White space and what has no colour.
    Plain,
    /// Brackets, commas and the like.
    Punctuation,
    /// A string or a regular expression.
    String,
    /// A number, NaN and Infinity included.
    Number,
    /// A bigint.
    BigInt,
    /// `true` or `false`.
    Boolean,
    /// `null` or `undefined`.
    Null,
    /// The text of a date.
    Date,
    /// Bytes in hexadecimal.
    Bytes,
    /// A property's name.
    Property,
    /// The name of a class, and `new`.
    Class,
    /// A comment.
    Comment,
    /// What is only said about a value: marks of shared references, counts, what was left out.
    Dim,
    /// What is wrong.
    Error,
}

/// Colours a text. The spans cover all of it, in order; anything is accepted, also half a value.
#[must_use]
pub fn highlight(text: &str) -> Vec<Span> {
    let mut highlighter = Highlighter {
        lexer: Lexer::new(text),
        spans: Vec::new(),
        before: Vec::new(),
    };
    while highlighter.lexer.offset() < text.len() {
        let start = highlighter.lexer.offset();
        highlighter.next();
        if highlighter.lexer.offset() <= start {
            // Never happens, and would never end.
            highlighter.push(start..text.len(), SpanKind::Error);
            break;
        }
    }
    highlighter.spans
}

struct Highlighter<'t> {
    lexer: Lexer<'t>,
    spans: Vec<Span>,
    /// The last two tokens that meant something.
    before: Vec<TokenKind>,
}

impl Highlighter<'_> {
    fn push(&mut self, range: Range<usize>, kind: SpanKind) {
        if range.is_empty() {
            return;
        }
        match self.spans.last_mut() {
            Some(last) if last.kind == kind && last.range.end == range.start => last.range.end = range.end,
            _ => self.spans.push(Span { range, kind }),
        }
    }

    fn next(&mut self) {
        let start = self.lexer.offset();
        let token = match self.lexer.next_with_space() {
            Ok(token) => token,
            Err(_what_is_wrong) => {
                self.push(start..self.lexer.offset(), SpanKind::Error);
                self.remember(TokenKind::End);
                return;
            }
        };
        let kind = match &token.kind {
            TokenKind::Space => SpanKind::Plain,
            TokenKind::Comment => SpanKind::Comment,
            TokenKind::End => return,
            TokenKind::Name(name) if name == "u8" && self.opens_bytes() => return self.bytes(token),
            TokenKind::Name(_) | TokenKind::String(_) | TokenKind::Number(_) if self.colon_follows() => {
                SpanKind::Property
            }
            TokenKind::Name(name) => self.name(name),
            TokenKind::String(_) if self.after("Date", '(') => SpanKind::Date,
            TokenKind::String(_) => SpanKind::String,
            TokenKind::Number(_) if self.before_is(&['&', '*']) => SpanKind::Dim,
            TokenKind::Number(_) => SpanKind::Number,
            TokenKind::BigInt(_) => SpanKind::BigInt,
            TokenKind::Punctuator('/') if self.value_may_begin() => return self.regexp(token),
            TokenKind::Punctuator('&' | '*') => SpanKind::Dim,
            TokenKind::Punctuator('{' | '}' | '[' | ']' | '(' | ')' | ',' | ':' | '.' | '-' | '+') => {
                SpanKind::Punctuation
            }
            TokenKind::Punctuator(_) => SpanKind::Error,
        };
        self.push(token.start..token.end, kind);
        if !matches!(token.kind, TokenKind::Space | TokenKind::Comment) {
            let label = matches!(token.kind, TokenKind::Number(_)) && self.before_is(&['&']);
            // What a mark stands before is read as if the mark were not there.
            self.remember(if label {
                TokenKind::Punctuator('&')
            } else {
                token.kind
            });
        }
    }

    fn remember(&mut self, kind: TokenKind) {
        if self.before.len() == 2 {
            self.before.remove(0);
        }
        self.before.push(kind);
    }

    fn before_is(&self, punctuators: &[char]) -> bool {
        matches!(self.before.last(), Some(TokenKind::Punctuator(char)) if punctuators.contains(char))
    }

    fn after(&self, name: &str, punctuator: char) -> bool {
        matches!(self.before.as_slice(), [TokenKind::Name(before), TokenKind::Punctuator(char)]
            if before == name && *char == punctuator)
    }

    fn value_may_begin(&self) -> bool {
        match self.before.last() {
            None => true,
            Some(TokenKind::Punctuator(char)) => !matches!(char, ')' | ']' | '}'),
            Some(_) => false,
        }
    }

    /// The next token that means something, without taking it.
    fn peek(&self) -> Option<TokenKind> {
        self.lexer.clone().next().ok().map(|token| token.kind)
    }

    fn colon_follows(&self) -> bool {
        self.peek() == Some(TokenKind::Punctuator(':'))
    }

    fn opens_bytes(&self) -> bool {
        self.peek() == Some(TokenKind::Punctuator('['))
    }

    fn name(&self, name: &str) -> SpanKind {
        match name {
            "true" | "false" => SpanKind::Boolean,
            "null" | "undefined" => SpanKind::Null,
            "NaN" | "Infinity" => SpanKind::Number,
            _ if self.before_is(&['.']) || is_class(name) => SpanKind::Class,
            _ => SpanKind::Error,
        }
    }

    /// `u8[01 ff]`
    fn bytes(&mut self, token: Token) {
        self.push(token.start..token.end, SpanKind::Class);
        let inside = match self.lexer.next() {
            Ok(bracket) => bracket.end,
            Err(_) => self.lexer.offset(),
        };
        self.push(token.end..inside, SpanKind::Punctuation);
        let read = self.lexer.hex_bytes();
        let end = self.lexer.offset();
        if read.is_ok() {
            self.push(inside..end - 1, SpanKind::Bytes);
            self.push(end - 1..end, SpanKind::Punctuation);
        } else {
            self.push(inside..end, SpanKind::Error);
        }
        self.remember(TokenKind::Punctuator(']'));
    }

    fn regexp(&mut self, token: Token) {
        let kind = match self.lexer.regexp(token.start) {
            Ok(_) => SpanKind::String,
            Err(_) => SpanKind::Error,
        };
        self.push(token.start..self.lexer.offset(), kind);
        self.remember(TokenKind::Punctuator(']'));
    }
}

/// Names that stand for themselves where a value is expected.
fn is_class(name: &str) -> bool {
    const OTHERS: [&str; 17] = [
        "new",
        "Object",
        "Array",
        "Map",
        "Set",
        "Date",
        "RegExp",
        "ArrayBuffer",
        "Deno",
        "KvU64",
        "u8",
        "host",
        "BigInt",
        "Boolean",
        "Number",
        "String",
        "Uint8Array",
    ];
    OTHERS.contains(&name) || ERROR_CLASSES.contains(&name) || ViewKind::from_class_name(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(&str, SpanKind)> {
        highlight(text)
            .into_iter()
            .map(|span| (&text[span.range], span.kind))
            .collect()
    }

    #[test]
    fn every_part_of_a_value_has_its_colour() {
        use SpanKind as K;
        assert_eq!(
            kinds("{a: 1n, 'b': new Date(\"2026\")} // c"),
            [
                ("{", K::Punctuation),
                ("a", K::Property),
                (":", K::Punctuation),
                (" ", K::Plain),
                ("1n", K::BigInt),
                (",", K::Punctuation),
                (" ", K::Plain),
                ("'b'", K::Property),
                (":", K::Punctuation),
                (" ", K::Plain),
                ("new", K::Class),
                (" ", K::Plain),
                ("Date", K::Class),
                ("(", K::Punctuation),
                ("\"2026\"", K::Date),
                (")}", K::Punctuation),
                (" ", K::Plain),
                ("// c", K::Comment),
            ]
        );
        assert_eq!(
            kinds("[u8[01 ff], &1 *1, /a/g]"),
            [
                ("[", K::Punctuation),
                ("u8", K::Class),
                ("[", K::Punctuation),
                ("01 ff", K::Bytes),
                ("],", K::Punctuation),
                (" ", K::Plain),
                ("&1", K::Dim),
                (" ", K::Plain),
                ("*1", K::Dim),
                (",", K::Punctuation),
                (" ", K::Plain),
                ("/a/g", K::String),
                ("]", K::Punctuation),
            ]
        );
    }

    #[test]
    fn the_spans_of_any_garbage_cover_all_of_it() {
        for text in [
            "",
            "\"abc",
            "{a: 'x\n",
            "u8[0",
            "u8[0g]",
            "/abc",
            "@#é\u{0}",
            "1e",
            "/* x",
            "\\u{",
            "`${x}`",
            "&*",
            "😀",
        ] {
            let mut end = 0;
            for span in highlight(text) {
                assert_eq!(span.range.start, end, "{text}");
                assert!(
                    text.get(span.range.clone()).is_some_and(|part| !part.is_empty()),
                    "{text}"
                );
                end = span.range.end;
            }
            assert_eq!(end, text.len(), "{text}");
        }
    }
}
