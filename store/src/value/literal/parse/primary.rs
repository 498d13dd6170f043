//! How a value begins: primitives, brackets, marks, patterns and names.

use super::construct::Callee;
use super::{Frame, Parser, wrong};
use crate::javascript::lexer::{LexError, Token, TokenKind};
use crate::javascript::{JsString, regexp};
use crate::value::collection::PropertyCollector;
use crate::value::{Node, Object};

impl Parser<'_> {
    /// Begins a value: a whole one, or `None` if something was opened that waits for others.
    pub(super) fn begin(&mut self) -> Result<Option<Node>, LexError> {
        let token = self.lexer.next()?;
        let start = token.start;
        let node = match token.kind {
            TokenKind::String(string) => Node::String(string),
            TokenKind::Number(number) => Node::Number(number),
            TokenKind::BigInt(number) => Node::BigInt(number),
            TokenKind::Punctuator('-') => self.signed(true)?,
            TokenKind::Punctuator('+') => self.signed(false)?,
            TokenKind::Punctuator('(') => return self.open(Frame::Parenthesis { start }, &token),
            TokenKind::Punctuator('[') => {
                let elements = PropertyCollector::default();
                return self.open(
                    Frame::Array {
                        elements,
                        length: 0,
                        after_value: false,
                        start,
                    },
                    &token,
                );
            }
            TokenKind::Punctuator('{') => {
                let properties = PropertyCollector::default();
                return self.open(
                    Frame::Object {
                        properties,
                        key: None,
                        after_value: false,
                        start,
                    },
                    &token,
                );
            }
            TokenKind::Punctuator('/') => self.regexp(start)?,
            TokenKind::Punctuator('&') => return self.label(&token),
            TokenKind::Punctuator('*') => {
                let (label, number) = self.label_number()?;
                let known = self.labels.get(&number).copied();
                Node::Object(
                    known.ok_or_else(|| wrong(&label, format!("No object before is marked &{number}")))?,
                )
            }
            TokenKind::Name(ref name) => match name.as_str() {
                "undefined" => Node::Undefined,
                "null" => Node::Null,
                "true" => Node::Boolean(true),
                "false" => Node::Boolean(false),
                "NaN" => Node::Number(f64::NAN),
                "Infinity" => Node::Number(f64::INFINITY),
                _ => return self.named(&token),
            },
            TokenKind::End => return Err(wrong(&token, "Expected a value")),
            TokenKind::Punctuator('.') => {
                return Err(wrong(
                    &token,
                    "Nothing is evaluated here, so `...` has no meaning",
                ));
            }
            _ => return Err(wrong(&token, "Expected a value")),
        };
        Ok(Some(node))
    }

    fn signed(&mut self, negative: bool) -> Result<Node, LexError> {
        let token = self.lexer.next()?;
        let number = match &token.kind {
            TokenKind::Number(number) => *number,
            TokenKind::Name(name) if name == "Infinity" => f64::INFINITY,
            TokenKind::Name(name) if name == "NaN" => f64::NAN,
            TokenKind::BigInt(number) if negative => return Ok(Node::BigInt(-number)),
            _ => return Err(wrong(&token, "Expected a number after the sign")),
        };
        Ok(Node::Number(if negative { -number } else { number }))
    }

    fn regexp(&mut self, start: usize) -> Result<Node, LexError> {
        let (source, flags) = self.lexer.regexp(start)?;
        let end = self.lexer.offset();
        let wrong = |message: String| LexError { message, start, end };
        if source.is_empty() {
            return Err(wrong(
                "`//` begins a comment; write /(?:)/ for an empty regular expression".to_owned(),
            ));
        }
        let flags = regexp::sorted_flags(&flags).map_err(|error| wrong(error.to_string()))?;
        let source = JsString::from(source);
        regexp::check_pattern(&source, &flags)
            .map_err(|reason| wrong(format!("This pattern is invalid: {reason}")))?;
        Ok(self.object_node(Object::RegExp {
            source: regexp::escaped_source(&source),
            flags,
        }))
    }

    fn label(&mut self, token: &Token) -> Result<Option<Node>, LexError> {
        let (label, number) = self.label_number()?;
        let place = self.value.add(Object::default());
        if self.labels.insert(number, place).is_some() {
            return Err(wrong(&label, format!("Two objects are marked &{number}")));
        }
        self.open(
            Frame::Label {
                place,
                start: token.start,
            },
            token,
        )
    }

    fn label_number(&mut self) -> Result<(Token, u32), LexError> {
        let token = self.lexer.next()?;
        match token.kind {
            TokenKind::Number(number) if (0.0..=1e9).contains(&number) && number.fract() == 0.0 =>
            {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a small integer"
                )]
                Ok((token, number as u32))
            }
            _ => Err(wrong(
                &token,
                "Expected the number of a mark, such as in &1 and *1",
            )),
        }
    }

    /// A constructor or a function that makes values.
    fn named(&mut self, first: &Token) -> Result<Option<Node>, LexError> {
        let mut path = String::new();
        let is_new = first.kind == TokenKind::Name("new".to_owned());
        let mut name = if is_new { self.lexer.next()? } else { first.clone() };
        loop {
            match &name.kind {
                TokenKind::Name(part) => path.push_str(part),
                _ => return Err(wrong(&name, "Expected the name of a class")),
            }
            let before = self.lexer.offset();
            if self.lexer.next()?.kind != TokenKind::Punctuator('.') {
                self.lexer.move_to(before);
                break;
            }
            path.push('.');
            name = self.lexer.next()?;
        }
        let end = self.lexer.offset();
        let whole = Token {
            kind: TokenKind::End,
            start: first.start,
            end,
        };
        let before = self.lexer.offset();
        let open = self.lexer.next()?;
        if path == "u8" && open.kind == TokenKind::Punctuator('[') {
            let bytes = self.lexer.hex_bytes()?;
            return Ok(Some(Node::Object(
                self.value.add_bytes(crate::value::ViewKind::Uint8Array, bytes),
            )));
        }
        let callee = Callee::named(&path, is_new).map_err(|error| wrong(&whole, error.to_string()))?;
        if open.kind == TokenKind::Punctuator('(') {
            let frame = Frame::Call {
                callee,
                arguments: Vec::new(),
                after_value: false,
                start: first.start,
            };
            return self.open(frame, first);
        }
        if is_new {
            self.lexer.move_to(before);
            return self.call(callee, Vec::new(), first.start).map(Some);
        }
        Err(wrong(&open, format!("Expected `(` after {path}")))
    }
}
