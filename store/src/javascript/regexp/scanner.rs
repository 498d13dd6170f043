//! The characters of a pattern, and the escapes that stand for characters.

use crate::javascript::lexer::{is_name_part, is_name_start};
use crate::javascript::string::JsString;

/// Why a pattern is invalid.
pub(super) type Refused = &'static str;

/// A place in a pattern.
pub(super) struct Scanner {
    /// Code points with the flag u or v, else UTF-16 code units.
    chars: Vec<u32>,
    at: usize,
    /// Flag u or v: nothing but the grammar itself is taken.
    pub unicode: bool,
    /// Flag v.
    pub sets: bool,
    /// Whether the pattern names a group, after which `\k` is a reference.
    pub named_groups: bool,
}

/// Characters that an escape makes plain with the flag u or v.
const SYNTAX: &str = "^$\\.*+?()[]{}|/";

impl Scanner {
    pub fn new(pattern: &JsString, flags: &str) -> Self {
        let unicode = flags.contains(['u', 'v']);
        let chars = if unicode {
            pattern
                .chars()
                .map(|char| char.map_or_else(u32::from, u32::from))
                .collect()
        } else {
            pattern.to_utf16().into_iter().map(u32::from).collect()
        };
        let mut scanner = Self {
            chars,
            at: 0,
            unicode,
            sets: flags.contains('v'),
            named_groups: false,
        };
        scanner.named_groups = unicode || scanner.names_a_group();
        scanner
    }

    /// Whether `(?<name>` stands anywhere outside of classes.
    fn names_a_group(&self) -> bool {
        self.groups().any(|named| named)
    }

    /// How many groups capture something.
    pub fn capturing_groups(&self) -> usize {
        self.groups().count()
    }

    /// The capturing groups, and whether each has a name.
    fn groups(&self) -> impl Iterator<Item = bool> + '_ {
        let mut at = 0;
        let mut in_class = false;
        std::iter::from_fn(move || {
            loop {
                let char = char::from_u32(*self.chars.get(at)?);
                let ahead = |distance: usize| self.chars.get(at + distance).copied().and_then(char::from_u32);
                let next = [ahead(1), ahead(2), ahead(3)];
                at += if char == Some('\\') { 2 } else { 1 };
                match char {
                    Some('[') => in_class = true,
                    Some(']') => in_class = false,
                    Some('(') if !in_class => match next {
                        [Some('?'), Some('<'), Some('=' | '!')] => {}
                        [Some('?'), Some('<'), _] => return Some(true),
                        [Some('?'), ..] => {}
                        _ => return Some(false),
                    },
                    _ => {}
                }
            }
        })
    }

    pub fn peek(&self) -> Option<char> {
        self.peek_ahead(0)
    }

    /// A character further on; a surrogate is shown as U+FFFD, which no rule names.
    pub fn peek_ahead(&self, distance: usize) -> Option<char> {
        self.chars
            .get(self.at + distance)
            .map(|code| char::from_u32(*code).unwrap_or('\u{fffd}'))
    }

    pub fn at_end(&self) -> bool {
        self.at >= self.chars.len()
    }

    /// The code of the next character.
    pub fn take(&mut self) -> Option<u32> {
        let code = self.chars.get(self.at).copied()?;
        self.at += 1;
        Some(code)
    }

    pub fn skip(&mut self, count: usize) {
        self.at += count;
    }

    pub fn eat(&mut self, char: char) -> bool {
        let found = self.peek() == Some(char);
        self.at += usize::from(found);
        found
    }

    pub fn eat_all(&mut self, text: &str) -> bool {
        let found = text
            .chars()
            .enumerate()
            .all(|(distance, char)| self.peek_ahead(distance) == Some(char));
        self.at += if found { text.chars().count() } else { 0 };
        found
    }

    pub fn position(&self) -> usize {
        self.at
    }

    pub fn return_to(&mut self, position: usize) {
        self.at = position;
    }

    /// Decimal digits as a number, the largest one for too many.
    pub fn decimal(&mut self) -> Option<u64> {
        let mut number: Option<u64> = None;
        while let Some(digit) = self.peek().and_then(|char| char.to_digit(10)) {
            self.at += 1;
            number = Some(
                number
                    .unwrap_or(0)
                    .saturating_mul(10)
                    .saturating_add(digit.into()),
            );
        }
        number
    }

    fn hex(&mut self, count: usize) -> Option<u32> {
        let mut code = 0;
        for distance in 0..count {
            code = code * 16 + self.peek_ahead(distance)?.to_digit(16)?;
        }
        self.at += count;
        Some(code)
    }

    /// `{X…}` or `XXXX` after `\u`, with the pairs of surrogates that are one character with the flag u.
    fn unicode_escape(&mut self, braces: bool) -> Option<u32> {
        let start = self.at;
        if braces && self.eat('{') {
            let mut code: Option<u32> = None;
            while let Some(digit) = self.peek().and_then(|char| char.to_digit(16)) {
                self.at += 1;
                code = Some(code.unwrap_or(0).saturating_mul(16).saturating_add(digit));
            }
            let code = code.filter(|code| *code <= 0x10_ffff && self.peek() == Some('}'));
            self.at = if code.is_some() { self.at + 1 } else { start };
            return code;
        }
        let lead = self.hex(4)?;
        let after = self.at;
        if braces && (0xd800..0xdc00).contains(&lead) && self.eat_all("\\u") {
            if let Some(trail) = self.hex(4).filter(|trail| (0xdc00..0xe000).contains(trail)) {
                return Some(0x1_0000 + ((lead - 0xd800) << 10) + (trail - 0xdc00));
            }
            self.at = after;
        }
        Some(lead)
    }

    /// The character that an escape stands for, after its backslash.
    pub fn character_escape(&mut self, in_class: bool) -> Result<u32, Refused> {
        let start = self.at;
        let code = self.take().ok_or("it ends with a backslash")?;
        match char::from_u32(code) {
            Some('f') => Ok(0x0c),
            Some('n') => Ok(0x0a),
            Some('r') => Ok(0x0d),
            Some('t') => Ok(0x09),
            Some('v') => Ok(0x0b),
            Some('c') => match self.peek() {
                Some(letter) if letter.is_ascii_alphabetic() => {
                    self.at += 1;
                    Ok(u32::from(letter) & 0x1f)
                }
                _ if self.unicode => Err("the escape \\c needs a letter"),
                Some(other) if in_class && (other.is_ascii_digit() || other == '_') => {
                    self.at += 1;
                    Ok(u32::from(other) & 0x1f)
                }
                _ => {
                    // The backslash stands for itself.
                    self.at = start;
                    Ok(u32::from('\\'))
                }
            },
            Some('0') if !self.peek().is_some_and(|char| char.is_ascii_digit()) => Ok(0),
            Some('0'..='9') if self.unicode => Err("an escape with digits is no reference to a group"),
            Some(digit @ '0'..='7') => Ok(self.octal(digit)),
            Some('x') => match self.hex(2) {
                Some(code) => Ok(code),
                None if self.unicode => Err("the escape \\x needs two hexadecimal digits"),
                None => Ok(code),
            },
            Some('u') => match self.unicode_escape(self.unicode) {
                Some(code) => Ok(code),
                None if self.unicode => Err("the escape \\u needs hexadecimal digits"),
                None => Ok(code),
            },
            Some('k') if self.named_groups => Err("the escape \\k needs the name of a group"),
            Some(char) if self.unicode => {
                if SYNTAX.contains(char) || (char == '-' && in_class) {
                    Ok(code)
                } else {
                    Err("there is no such escape with the flag u or v")
                }
            }
            None if self.unicode => Err("there is no such escape with the flag u or v"),
            _ => Ok(code),
        }
    }

    /// Up to three octal digits, at most 255.
    fn octal(&mut self, first: char) -> u32 {
        let mut code = first.to_digit(8).unwrap_or(0);
        for _more in 0..2 {
            match self.peek().and_then(|char| char.to_digit(8)) {
                Some(digit) if code * 8 + digit <= 255 => {
                    code = code * 8 + digit;
                    self.at += 1;
                }
                _ => break,
            }
        }
        code
    }

    /// The name of a group after `<`, with its `>`.
    pub fn group_name(&mut self) -> Result<String, Refused> {
        const INVALID: Refused = "the name of a group is invalid";
        let mut name = String::new();
        loop {
            let mut code = self.take().ok_or(INVALID)?;
            if code == u32::from('>') && !name.is_empty() {
                return Ok(name);
            }
            if code == u32::from('\\') {
                if !self.eat('u') {
                    return Err(INVALID);
                }
                code = self.unicode_escape(true).ok_or(INVALID)?;
            } else if (0xd800..0xdc00).contains(&code) {
                // Without the flag u the pattern is read in code units, but names never are.
                let trail = self
                    .take()
                    .filter(|trail| (0xdc00..0xe000).contains(trail))
                    .ok_or(INVALID)?;
                code = 0x1_0000 + ((code - 0xd800) << 10) + (trail - 0xdc00);
            }
            let char = char::from_u32(code).ok_or(INVALID)?;
            if !(if name.is_empty() {
                is_name_start(char)
            } else {
                is_name_part(char)
            }) {
                return Err(INVALID);
            }
            name.push(char);
        }
    }

    /// The text up to `}`, after `{`.
    pub fn braced(&mut self) -> Option<String> {
        let mut text = String::new();
        loop {
            match self.peek()? {
                '}' => {
                    self.at += 1;
                    return Some(text);
                }
                char if char.is_ascii_alphanumeric() || matches!(char, '_' | '=') => {
                    self.at += 1;
                    text.push(char);
                }
                _ => return None,
            }
        }
    }
}
