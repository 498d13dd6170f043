//! Writing the typed form.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Loss;
use crate::javascript::JsString;
use crate::javascript::date::write_date;
use crate::javascript::number::write_number;
use crate::javascript::string::{Escapes, write_quoted, write_quoted_str};
use crate::key::{Key, KeyPart};
use crate::value::graph::{Array, ErrorObject, Node, Object, ObjectId, Value, View, ViewKind};
use crate::value::literal::elements::single_from_half;

/// Shared references are written again only up to this length of the whole text.
const MAX_REPEATED: usize = 1 << 20;

/// The typed form of a key, as JSON text.
#[must_use]
pub fn key_to_json(key: &Key) -> String {
    let mut text = String::new();
    write_key(key, &mut text);
    text
}

/// The typed form of a value, as JSON text, and what it leaves out, each once.
#[must_use]
pub fn value_to_json(value: &Value) -> (String, Vec<Loss>) {
    let mut text = String::new();
    let losses = write_value(value, &mut text);
    (text, losses)
}

pub(crate) fn write_key(key: &Key, text: &mut String) {
    text.push('[');
    for (index, part) in key.0.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        match part {
            KeyPart::Bytes(bytes) => write_bytes("Uint8Array", bytes, text),
            KeyPart::String(string) => {
                text.push_str("{\"type\":\"string\",\"value\":");
                write_quoted_str(string, Escapes::Json, text);
                text.push('}');
            }
            KeyPart::BigInt(number) => {
                let _infallible = write!(text, "{{\"type\":\"bigint\",\"value\":\"{number}\"}}");
            }
            // 0 is another key, and JSON has both.
            KeyPart::Number(number) if *number == 0.0 && number.is_sign_negative() => {
                text.push_str("{\"type\":\"number\",\"value\":-0}");
            }
            KeyPart::Number(number) => write_typed_number(*number, text),
            KeyPart::Boolean(value) => write_boolean(*value, text),
        }
    }
    text.push(']');
}

/// Appends the value; what is left out comes back sorted, each once.
pub(crate) fn write_value(value: &Value, text: &mut String) -> Vec<Loss> {
    let mut writer = Writer {
        value,
        start: text.len(),
        text,
        losses: BTreeSet::new(),
        written: HashSet::new(),
        inside: HashSet::new(),
        pending: vec![Step::Node(value.root())],
    };
    while let Some(step) = writer.pending.pop() {
        match step {
            Step::Text(text) => writer.text.push_str(text),
            Step::Node(node) => writer.node(node),
            Step::Name(name) => {
                write_quoted(name, Escapes::Json, writer.text);
                writer.text.push(':');
            }
            Step::Leave(id) => {
                writer.inside.remove(&id);
            }
        }
    }
    writer.losses.into_iter().collect()
}

fn write_boolean(value: bool, text: &mut String) {
    let _infallible = write!(text, "{{\"type\":\"boolean\",\"value\":{value}}}");
}

fn write_typed_number(number: f64, text: &mut String) {
    text.push_str("{\"type\":\"number\",\"value\":");
    write_json_number(number, text);
    text.push('}');
}

/// JSON has no numbers that are not finite.
fn write_json_number(number: f64, text: &mut String) {
    let quote = if number.is_finite() { "" } else { "\"" };
    text.push_str(quote);
    write_number(number + 0.0, text);
    text.push_str(quote);
}

pub(crate) fn write_bytes(class: &str, bytes: &[u8], text: &mut String) {
    let _infallible = write!(text, "{{\"type\":\"{class}\",\"value\":\"");
    URL_SAFE_NO_PAD.encode_string(bytes, text);
    let _infallible = write!(text, "\",\"byteLength\":{}}}", bytes.len());
}

/// What is still to be written, the next one last.
enum Step<'v> {
    Text(&'static str),
    Node(&'v Node),
    Name(&'v JsString),
    Leave(ObjectId),
}

struct Writer<'v, 't> {
    value: &'v Value,
    text: &'t mut String,
    start: usize,
    losses: BTreeSet<Loss>,
    written: HashSet<ObjectId>,
    /// The objects that the current one stands in.
    inside: HashSet<ObjectId>,
    pending: Vec<Step<'v>>,
}

impl<'v> Writer<'v, '_> {
    fn number(&mut self, number: f64) {
        if number == 0.0 && number.is_sign_negative() {
            self.losses.insert(Loss::NegativeZero);
        }
        write_typed_number(number, self.text);
    }

    fn string(&mut self, string: &JsString) {
        self.text.push_str("{\"type\":\"string\",\"value\":");
        write_quoted(string, Escapes::Json, self.text);
        self.text.push('}');
    }

    fn node(&mut self, node: &'v Node) {
        match node {
            Node::Undefined => self.text.push_str("{\"type\":\"undefined\"}"),
            Node::Null => self.null(),
            Node::Boolean(value) => write_boolean(*value, self.text),
            Node::Number(number) => self.number(*number),
            Node::BigInt(number) => self.decimal("bigint", number),
            Node::String(string) => self.string(string),
            Node::Object(id) => {
                let circular = self.inside.contains(id);
                let repeated = !self.written.insert(*id);
                if circular {
                    self.losses.insert(Loss::Circular);
                } else if repeated {
                    self.losses.insert(Loss::Shared);
                }
                // Types of our own, so that nobody takes it for a null that is stored.
                if circular {
                    self.text.push_str("{\"type\":\"circular\"}");
                } else if repeated && self.text.len() - self.start > MAX_REPEATED {
                    self.text.push_str("{\"type\":\"repeated\"}");
                } else if let Some(object) = self.value.object(*id) {
                    self.object(*id, object);
                }
            }
        }
    }

    fn null(&mut self) {
        self.text.push_str("{\"type\":\"null\",\"value\":null}");
    }

    fn decimal(&mut self, class: &str, number: impl std::fmt::Display) {
        let _infallible = write!(self.text, "{{\"type\":\"{class}\",\"value\":\"{number}\"}}");
    }

    /// Puts what an object holds before all that is pending.
    fn enter(&mut self, id: ObjectId, steps: Vec<Step<'v>>) {
        self.inside.insert(id);
        self.pending.push(Step::Leave(id));
        self.pending.extend(steps.into_iter().rev());
    }

    fn object(&mut self, id: ObjectId, object: &'v Object) {
        match object {
            Object::Plain(properties) => self.properties("object", id, properties),
            Object::Host(properties) => {
                self.losses.insert(Loss::Host);
                self.properties("host", id, properties);
            }
            Object::Array(array) => self.array(id, array),
            Object::Map(entries) => {
                let mut steps = vec![Step::Text("{\"type\":\"Map\",\"value\":[")];
                for (index, (key, node)) in entries.iter().enumerate() {
                    steps.push(Step::Text(if index > 0 { ",[" } else { "[" }));
                    steps.extend([
                        Step::Node(key),
                        Step::Text(","),
                        Step::Node(node),
                        Step::Text("]"),
                    ]);
                }
                steps.push(Step::Text("]}"));
                self.enter(id, steps);
            }
            Object::Set(entries) => {
                let mut steps = vec![Step::Text("{\"type\":\"Set\",\"value\":[")];
                push_list(entries.iter(), &mut steps);
                self.enter(id, steps);
            }
            Object::Error(error) => self.error(id, error),
            Object::View(view) => self.view(view),
            leaf => self.leaf(leaf),
        }
    }

    fn properties(&mut self, class: &str, id: ObjectId, properties: &'v [(JsString, Node)]) {
        let _infallible = write!(self.text, "{{\"type\":\"{class}\",\"value\":{{");
        let mut steps = Vec::with_capacity(properties.len() * 3 + 1);
        for (index, (name, node)) in properties.iter().enumerate() {
            if index > 0 {
                steps.push(Step::Text(","));
            }
            steps.extend([Step::Name(name), Step::Node(node)]);
        }
        steps.push(Step::Text("}}"));
        self.enter(id, steps);
    }

    fn array(&mut self, id: ObjectId, array: &'v Array) {
        if !array.properties.is_empty() {
            self.losses.insert(Loss::ArrayProperty);
        }
        let mut steps = vec![Step::Text("{\"type\":\"Array\",\"value\":[")];
        let holes = array.elements.len() < array.length as usize;
        if holes {
            self.losses.insert(Loss::Hole);
            let mut elements = array.elements.iter().peekable();
            // A sparse array's length says nothing of its size.
            let length = array.length.min(MAX_HOLES.saturating_add(elements.len() as u32));
            let list = (0..length).map(|index| match elements.next_if(|(at, _)| *at == index) {
                Some((_, node)) => node,
                None => &Node::Undefined,
            });
            push_list(list, &mut steps);
        } else {
            push_list(array.elements.iter().map(|(_, node)| node), &mut steps);
        }
        self.enter(id, steps);
    }

    fn error(&mut self, id: ObjectId, error: &'v ErrorObject) {
        if error.message.is_none() {
            self.losses.insert(Loss::NoMessage);
        }
        let _infallible = write!(
            self.text,
            "{{\"type\":\"{}\",\"value\":{{\"message\":",
            error.name
        );
        let empty = JsString::default();
        write_quoted(error.message.as_ref().unwrap_or(&empty), Escapes::Json, self.text);
        if let Some(stack) = &error.stack {
            self.text.push_str(",\"stack\":");
            write_quoted(stack, Escapes::Json, self.text);
        }
        let mut steps = Vec::new();
        if let Some(cause) = &error.cause {
            steps.extend([Step::Text(",\"cause\":"), Step::Node(cause)]);
        }
        steps.push(Step::Text("}}"));
        self.enter(id, steps);
    }

    fn view(&mut self, view: &View) {
        if !self.value.is_whole(view) {
            self.losses.insert(Loss::PartOfBuffer);
        }
        if !self.written.insert(view.buffer) {
            self.losses.insert(Loss::Shared);
        }
        let bytes = self.value.view_bytes(view);
        if view.kind == ViewKind::Float16Array {
            self.losses.insert(Loss::Float16Array);
            let singles: Vec<u8> = bytes.chunks_exact(2).flat_map(single_from_half).collect();
            write_bytes("Float32Array", &singles, self.text);
        } else {
            write_bytes(view.kind.class_name(), bytes, self.text);
        }
    }

    fn leaf(&mut self, object: &Object) {
        if let Object::BoxedBoolean(_)
        | Object::BoxedNumber(_)
        | Object::BoxedBigInt(_)
        | Object::BoxedString(_) = object
        {
            self.losses.insert(Loss::Boxed);
        }
        match object {
            Object::Date(milliseconds) if milliseconds.is_nan() => {
                self.losses.insert(Loss::InvalidDate);
                self.text.push_str("{\"type\":\"Date\",\"value\":null}");
            }
            Object::Date(milliseconds) => {
                self.text.push_str("{\"type\":\"Date\",\"value\":\"");
                write_date(*milliseconds, self.text);
                self.text.push_str("\"}");
            }
            Object::RegExp { source, flags } => {
                self.text.push_str("{\"type\":\"RegExp\",\"value\":");
                let mut units = vec![u16::from(b'/')];
                units.extend(source.to_utf16());
                units.push(u16::from(b'/'));
                units.extend(flags.encode_utf16());
                write_quoted(&JsString::from_utf16(units), Escapes::Json, self.text);
                self.text.push('}');
            }
            Object::BoxedBoolean(value) => write_boolean(*value, self.text),
            Object::BoxedNumber(number) => self.number(*number),
            Object::BoxedBigInt(number) => self.decimal("bigint", number),
            Object::BoxedString(string) => self.string(string),
            Object::ArrayBuffer {
                bytes,
                max_byte_length,
            } => {
                if max_byte_length.is_some() {
                    self.losses.insert(Loss::Resizable);
                }
                write_bytes("ArrayBuffer", bytes, self.text);
            }
            Object::KvU64(number) => self.decimal("KvU64", number),
            _ => {}
        }
    }
}

/// Holes beyond these are left out.
const MAX_HOLES: u32 = 10_000;

fn push_list<'v>(nodes: impl Iterator<Item = &'v Node>, steps: &mut Vec<Step<'v>>) {
    for (index, node) in nodes.enumerate() {
        if index > 0 {
            steps.push(Step::Text(","));
        }
        steps.push(Step::Node(node));
    }
    steps.push(Step::Text("]}"));
}
