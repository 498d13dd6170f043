//! JavaScript tokens with their places in the text.

mod numbers;
mod strings;

use num_bigint::BigInt;

use super::string::JsString;

/// A token and the bytes of the text it takes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub kind: TokenKind,
    pub start: usize,
    pub end: usize,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TokenKind {
    /// White space and line breaks.
    Space,
    /// A comment of either form.
    Comment,
    /// An identifier or a keyword.
    Name(String),
    /// A string or a template without substitutions.
    String(JsString),
    /// A number without sign.
    Number(f64),
    /// A bigint without sign.
    BigInt(BigInt),
    /// One other character.
    Punctuator(char),
    /// The end of the text.
    End,
}

/// A text holds something that is no token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LexError {
    pub message: String,
    pub start: usize,
    pub end: usize,
}

/// Reads tokens one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// Where the next token is looked for, in bytes.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// Goes on reading from another place.
    pub fn move_to(&mut self, offset: usize) {
        self.at = offset;
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }

    fn eat(&mut self, char: char) -> bool {
        let found = self.peek() == Some(char);
        if found {
            self.at += char.len_utf8();
        }
        found
    }

    /// Takes characters as long as they belong.
    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let length = rest.find(|char| !belongs(char)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn error(&self, start: usize, message: impl Into<String>) -> LexError {
        LexError {
            message: message.into(),
            start,
            end: self.at.max(start),
        }
    }

    /// The next token that means something.
    pub fn next(&mut self) -> Result<Token, LexError> {
        loop {
            let token = self.next_with_space()?;
            if !matches!(token.kind, TokenKind::Space | TokenKind::Comment) {
                return Ok(token);
            }
        }
    }

    /// The next token, white space and comments included. After an error the lexer stands behind what is wrong.
    pub fn next_with_space(&mut self) -> Result<Token, LexError> {
        let start = self.at;
        let kind = match self.peek() {
            None => TokenKind::End,
            Some(char) if is_space(char) => {
                self.take_while(is_space);
                TokenKind::Space
            }
            Some('/') if self.rest().starts_with("//") => {
                self.take_while(|char| !is_line_end(char));
                TokenKind::Comment
            }
            Some('/') if self.rest().starts_with("/*") => self.block_comment()?,
            Some('"' | '\'' | '`') => self.string()?,
            Some('0'..='9') => self.number()?,
            Some('.')
                if self
                    .rest()
                    .chars()
                    .nth(1)
                    .is_some_and(|char| char.is_ascii_digit()) =>
            {
                self.number()?
            }
            Some(char) if is_name_start(char) || char == '\\' => TokenKind::Name(self.name()?),
            Some(char) => {
                self.at += char.len_utf8();
                TokenKind::Punctuator(char)
            }
        };
        Ok(Token {
            kind,
            start,
            end: self.at,
        })
    }

    fn block_comment(&mut self) -> Result<TokenKind, LexError> {
        let start = self.at;
        match self.rest().find("*/") {
            Some(length) => {
                self.at += length + 2;
                Ok(TokenKind::Comment)
            }
            None => {
                self.at = self.text.len();
                Err(self.error(start, "This comment has no end: expected `*/`"))
            }
        }
    }

    fn name(&mut self) -> Result<String, LexError> {
        let start = self.at;
        let mut name = String::new();
        loop {
            let escape = self.at;
            match self.peek() {
                Some('\\') => {
                    self.take();
                    let unit = if self.eat('u') {
                        self.unicode_escape()
                    } else {
                        None
                    };
                    let char = unit.and_then(char::from_u32);
                    let allowed = |char: &char| {
                        if name.is_empty() {
                            is_name_start(*char)
                        } else {
                            is_name_part(*char)
                        }
                    };
                    let char = char.filter(allowed);
                    name.push(
                        char.ok_or_else(|| self.error(escape, "This escape does not belong in a name"))?,
                    );
                }
                Some(char) if is_name_part(char) => {
                    self.take();
                    name.push(char);
                }
                _ if name.is_empty() => return Err(self.error(start, "Expected a name")),
                _ => return Ok(name),
            }
        }
    }

    /// The digits after `\u`: `XXXX` or `{X…}`.
    fn unicode_escape(&mut self) -> Option<u32> {
        if self.eat('{') {
            let digits = self.take_while(|char| char.is_ascii_hexdigit());
            let code = u32::from_str_radix(digits, 16)
                .ok()
                .filter(|code| *code <= 0x10_ffff)?;
            self.eat('}').then_some(code)
        } else {
            self.hex_digits(4)
        }
    }

    fn hex_digits(&mut self, count: usize) -> Option<u32> {
        let digits = self.rest().get(..count)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += count;
        u32::from_str_radix(digits, 16).ok()
    }

    /// The bytes of `u8[01 ff]`, from behind the opening to behind the closing bracket.
    pub fn hex_bytes(&mut self) -> Result<Vec<u8>, LexError> {
        let mut bytes = Vec::new();
        loop {
            self.take_while(|char| is_space(char) || char == ',');
            let start = self.at;
            if self.eat(']') {
                return Ok(bytes);
            }
            let digits = self.take_while(|char| char.is_ascii_alphanumeric());
            if digits.is_empty() {
                self.take();
                return Err(self.error(start, "Expected two hexadecimal digits or `]` in the bytes"));
            }
            let pairs = digits.as_bytes().chunks_exact(2);
            let whole = pairs.remainder().is_empty();
            for pair in pairs {
                let byte = std::str::from_utf8(pair)
                    .ok()
                    .and_then(|pair| u8::from_str_radix(pair, 16).ok())
                    .ok_or_else(|| self.error(start, "Bytes are written as two hexadecimal digits each"))?;
                bytes.push(byte);
            }
            if !whole {
                return Err(self.error(start, "Bytes are written as two hexadecimal digits each"));
            }
        }
    }

    /// Source and flags of a regular expression, from its first `/` at `start`.
    pub fn regexp(&mut self, start: usize) -> Result<(String, String), LexError> {
        self.at = start + 1;
        let source_start = self.at;
        let mut in_class = false;
        loop {
            let at = self.at;
            match self.take() {
                Some('\\') if self.peek().is_some_and(|char| !is_line_end(char)) => {
                    self.take();
                }
                Some('[') => in_class = true,
                Some(']') => in_class = false,
                Some('/') if !in_class => {
                    let source = self.text.get(source_start..at).unwrap_or_default().to_owned();
                    let flags = self.take_while(is_name_part).to_owned();
                    return Ok((source, flags));
                }
                Some(char) if !is_line_end(char) => {}
                _ => {
                    self.at = at;
                    return Err(self.error(start, "This regular expression has no end: expected `/`"));
                }
            }
        }
    }
}

fn is_space(char: char) -> bool {
    char.is_whitespace() || char == '\u{feff}'
}

fn is_line_end(char: char) -> bool {
    matches!(char, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

/// Whether an identifier may begin with this character.
pub(crate) fn is_name_start(char: char) -> bool {
    char.is_alphabetic() || matches!(char, '$' | '_')
}

/// Whether an identifier may hold this character.
pub(crate) fn is_name_part(char: char) -> bool {
    char.is_alphanumeric() || matches!(char, '$' | '_' | '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Result<TokenKind, LexError> {
        let mut lexer = Lexer::new(text);
        let token = lexer.next()?;
        assert_eq!(lexer.next()?.kind, TokenKind::End, "{text}");
        Ok(token.kind)
    }

    #[test]
    fn every_form_of_number_is_read() {
        for (text, number) in [
            ("0", 0.0),
            ("1_000", 1000.0),
            ("0xff", 255.0),
            ("0b101", 5.0),
            ("0O17", 15.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("1e3", 1000.0),
            ("1.5E-3", 0.0015),
            ("0x20000000000001", 9_007_199_254_740_992.0),
            ("0xbe_ef", 48879.0),
        ] {
            assert_eq!(only(text), Ok(TokenKind::Number(number)), "{text}");
        }
        assert_eq!(only("1_0n"), Ok(TokenKind::BigInt(10.into())));
        assert_eq!(only("0xffn"), Ok(TokenKind::BigInt(255.into())));
        for wrong in [
            "010", "3px", "1__0", "1_", "1.5n", "01n", "0x", "0b2", "1e", "1_.5", "1e1n", "0x_1",
        ] {
            assert!(only(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_form_of_string_is_read() {
        let string = |text: &str| Ok(TokenKind::String(JsString::from(text)));
        assert_eq!(
            only(
                r#""a\"b\u{1f600}\x41\
c""#
            ),
            string("a\"b😀Ac")
        );
        assert_eq!(only(r"'it\'s'"), string("it's"));
        assert_eq!(only("`two\nlines $5`"), string("two\nlines $5"));
        assert_eq!(only(r#""\ud83d\ude00""#), string("😀"));
        assert_eq!(
            only(r#""x\ud800""#),
            Ok(TokenKind::String(JsString::Surrogates(vec![0x78, 0xd800])))
        );
        for wrong in [
            "\"a",
            "'a\nb'",
            "`${1}`",
            r#""\x4""#,
            r#""\u12""#,
            r#""\01""#,
            r#""\u{110000}""#,
        ] {
            assert!(only(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn tokens_know_their_bytes_and_comments_are_skipped() {
        let mut lexer = Lexer::new("é /* x */ // y\n [");
        let name = lexer.next().unwrap();
        assert_eq!(
            (name.kind, name.start, name.end),
            (TokenKind::Name("é".to_owned()), 0, 2)
        );
        let bracket = lexer.next().unwrap();
        assert_eq!((bracket.kind, bracket.start), (TokenKind::Punctuator('['), 17));
    }

    #[test]
    fn a_regular_expression_ends_at_the_slash_outside_of_classes() {
        let mut lexer = Lexer::new(r"/a[/]\/b/gi,");
        assert_eq!(lexer.regexp(0), Ok((r"a[/]\/b".to_owned(), "gi".to_owned())));
        assert!(Lexer::new("/a\n/").regexp(0).is_err());
    }
}
