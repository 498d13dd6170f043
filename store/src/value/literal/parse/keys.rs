//! The names of properties.

use super::{Parser, no_end, wrong};
use crate::javascript::lexer::{LexError, Token, TokenKind};
use crate::javascript::number::number_text;
use crate::value::collection::PropertyKey;

impl Parser<'_> {
    pub(super) fn key(&mut self, token: &Token, start: usize) -> Result<PropertyKey, LexError> {
        let prototype = |name: &str| name == "__proto__";
        let key = match &token.kind {
            TokenKind::Name(name) if !prototype(name) => PropertyKey::from_string(name.as_str().into()),
            TokenKind::String(name) if !name.as_str().is_some_and(prototype) => {
                PropertyKey::from_string(name.clone())
            }
            TokenKind::Name(_) | TokenKind::String(_) => {
                let message =
                    "This would set the prototype in JavaScript; write [\"__proto__\"] for a property";
                return Err(wrong(token, message));
            }
            TokenKind::Number(number) => PropertyKey::from_number(*number),
            TokenKind::BigInt(number) => PropertyKey::from_string(number.to_string().into()),
            TokenKind::Punctuator('[') => {
                let name = self.lexer.next()?;
                let name = self.computed_key(&name)?;
                let close = self.lexer.next()?;
                if close.kind != TokenKind::Punctuator(']') {
                    return Err(wrong(
                        &close,
                        "Expected `]`: a computed name is a single string or number here",
                    ));
                }
                name
            }
            TokenKind::End => return Err(no_end("object", '}', start)),
            TokenKind::Punctuator('.') => {
                return Err(wrong(
                    token,
                    "Nothing is evaluated here, so an object may not have `...`",
                ));
            }
            _ => return Err(wrong(token, "Expected a property's name or `}`")),
        };
        Ok(key)
    }

    fn computed_key(&mut self, token: &Token) -> Result<PropertyKey, LexError> {
        match &token.kind {
            TokenKind::String(name) => Ok(PropertyKey::from_string(name.clone())),
            TokenKind::Number(number) => Ok(PropertyKey::from_number(*number)),
            TokenKind::BigInt(number) => Ok(PropertyKey::from_string(number.to_string().into())),
            TokenKind::Punctuator('-') => match self.lexer.next()?.kind {
                TokenKind::Number(0.0) => Ok(PropertyKey::Index(0)),
                TokenKind::Number(number) => Ok(PropertyKey::from_string(
                    format!("-{}", number_text(number)).into(),
                )),
                _ => Err(wrong(token, "A computed name is a single string or number here")),
            },
            _ => Err(wrong(token, "A computed name is a single string or number here")),
        }
    }
}
