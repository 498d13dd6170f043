//! JSON text as a value, strictly by its grammar, but with lone surrogates, at any depth that a value may have.

use super::JsonError;
use crate::javascript::JsString;
use crate::value::collection::{PropertyCollector, PropertyKey};
use crate::value::graph::{Node, Object, Value};

/// The typed form nests several levels for one of the value's.
const MAX_DEPTH: usize = crate::value::MAX_DEPTH * 4;

/// Reads JSON as what it is: plain objects, arrays and primitives. Of a name that comes again the last one counts.
///
/// # Errors
/// If the text is not JSON.
pub fn parse_json(text: &str) -> Result<Value, JsonError> {
    let mut parser = Parser {
        text,
        at: 0,
        value: Value::default(),
        open: Vec::new(),
    };
    let root = parser.root()?;
    parser.value.set_root(root);
    Ok(parser.value)
}

enum Frame {
    Array(PropertyCollector, u32),
    Object(PropertyCollector, JsString),
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    value: Value,
    open: Vec<Frame>,
}

impl Parser<'_> {
    fn wrong<T>(&self, message: &'static str) -> Result<T, JsonError> {
        Err(JsonError::Syntax {
            message,
            offset: self.at,
        })
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn root(&mut self) -> Result<Node, JsonError> {
        loop {
            self.space();
            let mut whole = self.begin()?;
            while let Some(node) = whole {
                self.space();
                if self.open.is_empty() {
                    if self.at < self.text.len() {
                        return self.wrong("expected nothing more");
                    }
                    return Ok(node);
                }
                whole = self.give(node)?;
            }
        }
    }

    /// Begins a value: a whole one, or `None` if something was opened that waits for one.
    fn begin(&mut self) -> Result<Option<Node>, JsonError> {
        let node = match self.peek() {
            Some(b'"') => Node::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Node::Number(self.number()?),
            Some(b'{') => {
                self.at += 1;
                self.space();
                if self.eat(b'}') {
                    Node::Object(self.value.add(Object::default()))
                } else {
                    let name = self.name()?;
                    return self.open(Frame::Object(PropertyCollector::default(), name));
                }
            }
            Some(b'[') => {
                self.at += 1;
                self.space();
                if self.eat(b']') {
                    Node::Object(self.value.add(Object::Array(Default::default())))
                } else {
                    return self.open(Frame::Array(PropertyCollector::default(), 0));
                }
            }
            _ if self.word("true") => Node::Boolean(true),
            _ if self.word("false") => Node::Boolean(false),
            _ if self.word("null") => Node::Null,
            _ => return self.wrong("expected a value"),
        };
        Ok(Some(node))
    }

    fn open(&mut self, frame: Frame) -> Result<Option<Node>, JsonError> {
        if self.open.len() >= MAX_DEPTH {
            return self.wrong("it is nested too deep");
        }
        self.open.push(frame);
        Ok(None)
    }

    /// Gives a value to what is open, and goes on to the next value or the end of what is open.
    fn give(&mut self, node: Node) -> Result<Option<Node>, JsonError> {
        match self.open.pop() {
            Some(Frame::Array(mut elements, length)) => {
                elements.push(PropertyKey::Index(length), node);
                if self.eat(b',') {
                    self.open.push(Frame::Array(elements, length.saturating_add(1)));
                    return Ok(None);
                }
                if !self.eat(b']') {
                    return self.wrong("expected `,` or `]`");
                }
                let array = elements.into_array(0).map_err(JsonError::from)?;
                Ok(Some(Node::Object(self.value.add(Object::Array(array)))))
            }
            Some(Frame::Object(mut properties, name)) => {
                properties.push(PropertyKey::from_string(name), node);
                if self.eat(b',') {
                    self.space();
                    let name = self.name()?;
                    self.open.push(Frame::Object(properties, name));
                    return Ok(None);
                }
                if !self.eat(b'}') {
                    return self.wrong("expected `,` or `}`");
                }
                properties.keep_last();
                let properties = properties.into_properties().map_err(JsonError::from)?;
                Ok(Some(Node::Object(self.value.add(Object::Plain(properties)))))
            }
            None => Ok(Some(node)),
        }
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self
            .text
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(word));
        self.at += if found { word.len() } else { 0 };
        found
    }

    fn name(&mut self) -> Result<JsString, JsonError> {
        if self.peek() != Some(b'"') {
            return self.wrong("expected a name in double quotes");
        }
        let name = self.string()?;
        self.space();
        if self.eat(b':') {
            Ok(name)
        } else {
            self.wrong("expected `:`")
        }
    }

    fn digits(&mut self) -> bool {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at > start
    }

    fn number(&mut self) -> Result<f64, JsonError> {
        let start = self.at;
        self.eat(b'-');
        let mut fits = self.eat(b'0') || self.digits();
        if self.eat(b'.') {
            fits &= self.digits();
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _sign = self.eat(b'-') || self.eat(b'+');
            fits &= self.digits();
        }
        let number = self
            .text
            .get(start..self.at)
            .and_then(|digits| digits.parse().ok());
        match number.filter(|_| fits) {
            Some(number) => Ok(number),
            None => self.wrong("expected a number"),
        }
    }

    fn string(&mut self) -> Result<JsString, JsonError> {
        self.at += 1;
        let mut units: Option<Vec<u16>> = None;
        let mut string = String::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain = rest
                .bytes()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            let Some((text, _)) = plain.and_then(|plain| rest.split_at_checked(plain)) else {
                return self.wrong("this string has no end");
            };
            match &mut units {
                Some(units) => units.extend(text.encode_utf16()),
                None => string.push_str(text),
            }
            self.at += text.len();
            if self.eat(b'"') {
                return Ok(units.map_or(JsString::Unicode(string), JsString::from_utf16));
            }
            if !self.eat(b'\\') {
                return self.wrong("expected an escape in place of a control character");
            }
            let unit = self.escape()?;
            match (&mut units, char::from_u32(unit.into())) {
                (None, Some(char)) => string.push(char),
                (Some(units), _) => units.push(unit),
                (none, None) => none.insert(string.encode_utf16().collect()).push(unit),
            }
        }
    }

    fn escape(&mut self) -> Result<u16, JsonError> {
        let escaped = self.peek();
        self.at += 1;
        Ok(match escaped {
            Some(b'"' | b'\\' | b'/') => escaped.unwrap_or_default().into(),
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => 10,
            Some(b'r') => 13,
            Some(b't') => 9,
            Some(b'u') => {
                let digits = self.text.get(self.at..self.at + 4);
                let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
                let Some(unit) = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok()) else {
                    return self.wrong("expected four hexadecimal digits");
                };
                self.at += 4;
                unit
            }
            _ => {
                self.at -= 1;
                return self.wrong("there is no such escape");
            }
        })
    }
}
