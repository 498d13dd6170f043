//! Reading JavaScript text as a value, with a stack of its own and no evaluation.

use std::collections::HashMap;

mod keys;
mod primary;

use super::construct::{self, Callee};
use crate::javascript::lexer::{LexError, Lexer, Token, TokenKind};
use crate::javascript::position::line_and_column;
use crate::value::collection::{PropertyCollector, PropertyKey};
use crate::value::{MAX_DEPTH, Node, Object, ObjectId, Value};

/// A text is not a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}, at line {line}, column {column}")]
pub struct LiteralError {
    /// What is wrong or was expected.
    pub message: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// Where what is wrong begins, in bytes.
    pub offset: usize,
    /// How long it is, in bytes.
    pub length: usize,
}

/// Reads a value; see the module for what is read.
///
/// # Errors
/// If the text is no value, with the place and what was expected.
pub fn parse(text: &str) -> Result<Value, LiteralError> {
    Parser::new(text).value().map_err(|error| {
        let (line, column) = line_and_column(text, error.start);
        LiteralError {
            message: error.message,
            line,
            column,
            offset: error.start,
            length: error.end.saturating_sub(error.start),
        }
    })
}

/// A level of a value is up to four of its text, such as `Object.assign(new Error("", {cause: …}))`.
const MAX_OPEN: usize = MAX_DEPTH * 4;

/// What is open and waits for a value.
enum Frame {
    Array {
        elements: PropertyCollector,
        length: u32,
        after_value: bool,
        start: usize,
    },
    Object {
        properties: PropertyCollector,
        key: Option<PropertyKey>,
        after_value: bool,
        start: usize,
    },
    Call {
        callee: Callee,
        arguments: Vec<Node>,
        after_value: bool,
        start: usize,
    },
    Parenthesis {
        start: usize,
    },
    /// `&1`, whose object takes the place that was kept for it.
    Label {
        place: ObjectId,
        start: usize,
    },
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    value: Value,
    open: Vec<Frame>,
    labels: HashMap<u32, ObjectId>,
}

fn wrong(token: &Token, message: impl Into<String>) -> LexError {
    LexError {
        message: message.into(),
        start: token.start,
        end: token.end,
    }
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            lexer: Lexer::new(text),
            value: Value::default(),
            open: Vec::new(),
            labels: HashMap::new(),
        }
    }

    fn value(mut self) -> Result<Value, LexError> {
        loop {
            // A value begins here, or the end of what is open comes in its place.
            let mut whole = match self.next_in_open()? {
                Some(node) => Some(node),
                None => self.begin()?,
            };
            while let Some(node) = whole {
                let node = self.members(node)?;
                if self.open.is_empty() {
                    let after = self.lexer.next()?;
                    if after.kind != TokenKind::End {
                        return Err(wrong(&after, "Expected nothing more after the value"));
                    }
                    self.value.set_root(node);
                    return construct::checked(self.value).map_err(|error| LexError {
                        message: error.to_string(),
                        start: 0,
                        end: 0,
                    });
                }
                whole = self.give(node)?;
            }
        }
    }

    fn open(&mut self, frame: Frame, token: &Token) -> Result<Option<Node>, LexError> {
        if self.open.len() >= MAX_OPEN {
            return Err(wrong(
                token,
                format!("The value is nested deeper than {MAX_DEPTH} levels"),
            ));
        }
        self.open.push(frame);
        Ok(None)
    }

    fn object_node(&mut self, object: Object) -> Node {
        Node::Object(self.value.add(object))
    }

    /// Gives a value to what is open. That is whole by it only if it is a parenthesis or a label.
    fn give(&mut self, node: Node) -> Result<Option<Node>, LexError> {
        match self.open.last_mut() {
            Some(Frame::Array {
                elements,
                length,
                after_value,
                ..
            }) => {
                elements.push(PropertyKey::Index(*length), node);
                *length += 1;
                *after_value = true;
                Ok(None)
            }
            Some(Frame::Object {
                properties,
                key,
                after_value,
                ..
            }) => {
                if let Some(key) = key.take() {
                    properties.push(key, node);
                }
                *after_value = true;
                Ok(None)
            }
            Some(Frame::Call {
                arguments,
                after_value,
                ..
            }) => {
                arguments.push(node);
                *after_value = true;
                Ok(None)
            }
            Some(Frame::Parenthesis { start }) => {
                let start = *start;
                let close = self.lexer.next()?;
                if close.kind != TokenKind::Punctuator(')') {
                    let message = match close.kind {
                        TokenKind::End => "This parenthesis has no end: expected `)`",
                        _ => return Err(wrong(&close, "Expected `)`")),
                    };
                    return Err(LexError {
                        message: message.to_owned(),
                        start,
                        end: start + 1,
                    });
                }
                self.open.pop();
                Ok(Some(node))
            }
            Some(Frame::Label { place, start }) => {
                let (place, start) = (*place, *start);
                self.open.pop();
                let moved = match node {
                    Node::Object(id) if id == place => None,
                    Node::Object(id) if self.labels.values().any(|labelled| *labelled == id) => None,
                    Node::Object(id) => self.value.object_mut(id).map(std::mem::take),
                    _ => None,
                };
                match (moved, self.value.object_mut(place)) {
                    (Some(object), Some(kept)) => *kept = object,
                    _ => {
                        let message = "A mark `&` stands before an object that has no other mark".to_owned();
                        return Err(LexError {
                            message,
                            start,
                            end: self.lexer.offset(),
                        });
                    }
                }
                Ok(Some(Node::Object(place)))
            }
            None => Ok(Some(node)),
        }
    }

    /// Reads on in what is open up to where a value begins (`None`), or to its end (the value it makes).
    fn next_in_open(&mut self) -> Result<Option<Node>, LexError> {
        match self.open.last() {
            Some(Frame::Array { .. }) => self.next_element(),
            Some(Frame::Object { .. }) => self.next_property(),
            Some(Frame::Call { .. }) => self.next_argument(),
            _ => Ok(None),
        }
    }

    fn next_element(&mut self) -> Result<Option<Node>, LexError> {
        loop {
            let before = self.lexer.offset();
            let token = self.lexer.next()?;
            let Some(Frame::Array {
                length,
                after_value,
                start,
                ..
            }) = self.open.last_mut()
            else {
                return Ok(None);
            };
            match token.kind {
                TokenKind::Punctuator(',') => {
                    if !*after_value {
                        *length += 1;
                    }
                    *after_value = false;
                }
                TokenKind::Punctuator(']') => {
                    let Some(Frame::Array { elements, length, .. }) = self.open.pop() else {
                        return Ok(None);
                    };
                    let array = elements
                        .into_array(length)
                        .map_err(|error| wrong(&token, error.to_string()))?;
                    return Ok(Some(self.object_node(Object::Array(array))));
                }
                TokenKind::End => return Err(no_end("array", ']', *start)),
                _ if *after_value => return Err(wrong(&token, "Expected `,` or `]` after an element")),
                _ => {
                    self.lexer.move_to(before);
                    return Ok(None);
                }
            }
        }
    }

    fn next_property(&mut self) -> Result<Option<Node>, LexError> {
        let mut token = self.lexer.next()?;
        let Some(Frame::Object {
            after_value, start, ..
        }) = self.open.last_mut()
        else {
            return Ok(None);
        };
        let start = *start;
        if *after_value {
            match token.kind {
                TokenKind::Punctuator(',') => token = self.lexer.next()?,
                TokenKind::Punctuator('}') => {}
                TokenKind::End => return Err(no_end("object", '}', start)),
                _ => return Err(wrong(&token, "Expected `,` or `}` after a property")),
            }
        }
        if token.kind == TokenKind::Punctuator('}') {
            let Some(Frame::Object { mut properties, .. }) = self.open.pop() else {
                return Ok(None);
            };
            properties.keep_last();
            let properties = properties
                .into_properties()
                .map_err(|error| wrong(&token, error.to_string()))?;
            return Ok(Some(self.object_node(Object::Plain(properties))));
        }
        let new_key = self.key(&token, start)?;
        let colon = self.lexer.next()?;
        if colon.kind != TokenKind::Punctuator(':') {
            return Err(wrong(&colon, "Expected `:` and a value after a property's name"));
        }
        if let Some(Frame::Object { key, after_value, .. }) = self.open.last_mut() {
            *key = Some(new_key);
            *after_value = false;
        }
        Ok(None)
    }

    fn next_argument(&mut self) -> Result<Option<Node>, LexError> {
        let before = self.lexer.offset();
        let token = self.lexer.next()?;
        let Some(Frame::Call {
            after_value, start, ..
        }) = self.open.last_mut()
        else {
            return Ok(None);
        };
        match token.kind {
            TokenKind::Punctuator(')') => {
                let Some(Frame::Call {
                    callee,
                    arguments,
                    start,
                    ..
                }) = self.open.pop()
                else {
                    return Ok(None);
                };
                self.call(callee, arguments, start).map(Some)
            }
            TokenKind::Punctuator(',') if *after_value => {
                *after_value = false;
                self.next_argument_value()
            }
            TokenKind::End => Err(no_end("call", ')', *start)),
            _ if *after_value => Err(wrong(&token, "Expected `,` or `)` after an argument")),
            _ => {
                self.lexer.move_to(before);
                Ok(None)
            }
        }
    }

    /// After a comma: another argument, or the end.
    fn next_argument_value(&mut self) -> Result<Option<Node>, LexError> {
        let before = self.lexer.offset();
        let token = self.lexer.next()?;
        match token.kind {
            TokenKind::Punctuator(',') => Err(wrong(&token, "Expected an argument")),
            TokenKind::Punctuator(')') => {
                self.lexer.move_to(before);
                self.next_argument()
            }
            _ => {
                self.lexer.move_to(before);
                Ok(None)
            }
        }
    }

    fn call(&mut self, callee: Callee, arguments: Vec<Node>, start: usize) -> Result<Node, LexError> {
        let end = self.lexer.offset();
        construct::call(&mut self.value, callee, arguments).map_err(|error| LexError {
            message: error.to_string(),
            start,
            end,
        })
    }

    /// `.buffer` behind a typed array.
    fn members(&mut self, mut node: Node) -> Result<Node, LexError> {
        loop {
            let before = self.lexer.offset();
            let dot = self.lexer.next();
            if !matches!(
                &dot,
                Ok(Token {
                    kind: TokenKind::Punctuator('.'),
                    ..
                })
            ) {
                self.lexer.move_to(before);
                return Ok(node);
            }
            let name = self.lexer.next()?;
            node = match (&name.kind, self.value.object_of(&node)) {
                (TokenKind::Name(member), Some((_, Object::View(view)))) if member == "buffer" => {
                    Node::Object(view.buffer)
                }
                _ => {
                    return Err(wrong(
                        &name,
                        "Nothing is evaluated here but `.buffer` of a typed array",
                    ));
                }
            };
        }
    }
}

fn no_end(what: &str, close: char, start: usize) -> LexError {
    LexError {
        message: format!("This {what} has no end: expected `{close}`"),
        start,
        end: start + 1,
    }
}
