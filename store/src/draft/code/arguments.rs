//! What stands between the brackets of a call, an object or an array, part by part.

use std::ops::Range;

use super::Wrong;
use super::statements::tokens;
use crate::draft::Expiry;
use crate::javascript::lexer::{Token, TokenKind};
use crate::key::{EncodedKey, Key};
use crate::value::{Node, StoredValue, Value, literal};

/// An expression in a program.
#[derive(Debug, Clone)]
pub(super) struct Expression<'t> {
    text: &'t str,
    pub range: Range<usize>,
}

impl<'t> Expression<'t> {
    pub fn new(text: &'t str, range: Range<usize>) -> Self {
        Self { text, range }
    }

    pub fn slice(&self) -> &'t str {
        self.text.get(self.range.clone()).unwrap_or_default()
    }

    fn wrong(&self, offset: usize, reason: impl Into<String>) -> Wrong {
        Wrong::at(self.range.start + offset, reason)
    }

    fn tokens(&self) -> Result<Vec<Token>, Wrong> {
        tokens(self.text, self.range.clone()).map_err(|error| Wrong::at(error.start, error.message))
    }

    /// Its parts, between commas that stand in no bracket, without the casts of TypeScript: `1n as unknown` is `1n`.
    pub fn parts(&self) -> Result<Vec<Self>, Wrong> {
        let mut parts = Vec::new();
        let (mut depth, mut part, mut is_cast) = (0_usize, None::<Range<usize>>, false);
        for token in self.tokens()? {
            match &token.kind {
                TokenKind::Punctuator('(' | '[' | '{') => depth += 1,
                TokenKind::Punctuator(')' | ']' | '}') => depth = depth.saturating_sub(1),
                TokenKind::Punctuator(',') if depth == 0 => {
                    let range = part.take();
                    let range = range.ok_or_else(|| Wrong::at(token.start, "Expected an argument"))?;
                    parts.push(Self::new(self.text, range));
                    is_cast = false;
                    continue;
                }
                TokenKind::Name(name) if depth == 0 && part.is_some() => {
                    is_cast |= name == "as" || name == "satisfies";
                }
                _ => {}
            }
            if !is_cast {
                part.get_or_insert(token.start..token.end).end = token.end;
            }
        }
        parts.extend(part.map(|range| Self::new(self.text, range)));
        Ok(parts)
    }

    /// What stands between its brackets, if it is in such brackets.
    fn within(&self, open: char, close: char) -> Option<Self> {
        let slice = self.slice();
        let trimmed = slice.trim_end();
        (slice.starts_with(open) && trimmed.ends_with(close) && trimmed.len() > 1).then(|| {
            Self::new(
                self.text,
                self.range.start + 1..self.range.start + trimmed.len() - 1,
            )
        })
    }

    /// The properties of an object, by their names.
    pub fn properties(&self) -> Result<Vec<(String, Self)>, Wrong> {
        let within = self.within('{', '}');
        let within = within.ok_or_else(|| self.wrong(0, "Expected an object such as { key: […] }"))?;
        let property = |part: Self| {
            let tokens = part.tokens()?;
            let name = match tokens.first().map(|token| &token.kind) {
                Some(TokenKind::Name(name)) => Some(name.clone()),
                Some(TokenKind::String(name)) => name.as_str().map(str::to_owned),
                _ => None,
            };
            let colon = tokens
                .get(1)
                .filter(|token| token.kind == TokenKind::Punctuator(':'));
            match (name, colon, tokens.get(2), tokens.last()) {
                (Some(name), Some(_), Some(value), Some(last)) => {
                    Ok((name, Self::new(part.text, value.start..last.end)))
                }
                (Some(name), None, ..) => {
                    let reason = format!("`{name}` stands for a value that is not here, and nothing is run");
                    Err(part.wrong(0, reason))
                }
                _ => Err(part.wrong(0, "Expected a property such as key: […]")),
            }
        };
        within.parts()?.into_iter().map(property).collect()
    }

    /// The elements of an array.
    pub fn elements(&self) -> Result<Vec<Self>, Wrong> {
        let within = self.within('[', ']');
        let within = within.ok_or_else(|| self.wrong(0, "Expected an array"))?;
        within.parts()
    }

    pub fn value(&self) -> Result<Value, Wrong> {
        literal::parse(self.slice()).map_err(|error| self.wrong(error.offset, error.message))
    }

    pub fn stored(&self) -> Result<StoredValue, Wrong> {
        StoredValue::from_value(&self.value()?).map_err(|error| self.wrong(0, error.to_string()))
    }

    pub fn key(&self) -> Result<EncodedKey, Wrong> {
        let key: Key = self
            .slice()
            .parse()
            .map_err(|error: crate::key::KeyParseError| self.wrong(error.offset, error.message))?;
        key.encode().map_err(|error| self.wrong(0, error.to_string()))
    }

    /// A key, and whether it ends in `kv.commitVersionstamp()`, which is left out then.
    pub fn key_of_set(&self) -> Result<(EncodedKey, bool), Wrong> {
        let elements = self.elements()?;
        let is_stamp = elements.last().is_some_and(|last| {
            last.slice()
                .replace(char::is_whitespace, "")
                .ends_with(".commitVersionstamp()")
        });
        if !is_stamp {
            return Ok((self.key()?, false));
        }
        let parts = elements.len() - 1;
        let parts = elements.iter().take(parts).map(|part| {
            let part = Self::new(part.text, part.range.clone());
            let read: Result<crate::key::KeyPart, _> = part.slice().parse();
            read.map_err(|error| part.wrong(error.offset, error.message))
        });
        let key: Key = parts.collect::<Result<_, _>>()?;
        let key = key.encode().map_err(|error| self.wrong(0, error.to_string()))?;
        Ok((key, true))
    }

    /// Whole milliseconds: a number, or a product of numbers as in `60 * 60 * 1000`.
    pub fn milliseconds(&self) -> Result<i64, Wrong> {
        let wrong = || self.wrong(0, "Expected milliseconds, such as 60_000 or 60 * 1000");
        let mut product = 1.0;
        for (index, token) in self.tokens()?.iter().enumerate() {
            match (index % 2, &token.kind) {
                (0, TokenKind::Number(number)) => product *= number,
                (1, TokenKind::Punctuator('*')) => {}
                _ => return Err(wrong()),
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a bound")]
        let is_whole = (0.0..=i64::MAX as f64 / 2.0).contains(&product);
        #[expect(clippy::cast_possible_truncation, reason = "within the bound")]
        let whole = product.round() as i64;
        is_whole.then_some(whole).ok_or_else(wrong)
    }

    /// When an entry goes, as `expireIn` says it: milliseconds, or `Math.max(0, moment - Date.now())`.
    pub fn expire_in(&self) -> Result<Expiry, Wrong> {
        let plain: String = self
            .slice()
            .chars()
            .filter(|char| !char.is_whitespace())
            .collect();
        let moment = plain
            .strip_prefix("Math.max(0,")
            .and_then(|rest| rest.strip_suffix("-Date.now())"))
            .or_else(|| plain.strip_suffix("-Date.now()"));
        match moment.and_then(|moment| moment.replace('_', "").parse().ok()) {
            Some(moment) => Ok(Expiry::At(moment)),
            None => self.milliseconds().map(Expiry::After),
        }
    }

    /// A text, or `None` for null.
    pub fn text_or_null(&self) -> Result<Option<String>, Wrong> {
        let value = self.value()?;
        match value.root() {
            Node::Null => Ok(None),
            Node::String(text) => Ok(text.as_str().map(str::to_owned)),
            _ => Err(self.wrong(0, "Expected a text or null")),
        }
    }

    /// The bytes of a number or bigint as an operand of `sum`, `min` and `max`, which take a bigint for a `KvU64`.
    pub fn kv_u64(&self) -> Result<StoredValue, Wrong> {
        let value = self.value()?;
        match value.root() {
            Node::BigInt(number) => match u64::try_from(number) {
                Ok(number) => StoredValue::from_value(&Value::u64(number))
                    .map_err(|error| self.wrong(0, error.to_string())),
                Err(_outside) => Err(self.wrong(0, "Value must fit in a 64-bit unsigned integer")),
            },
            _ => Err(self.wrong(0, "Expected a bigint, such as 1n")),
        }
    }
}
