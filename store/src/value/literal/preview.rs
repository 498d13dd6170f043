//! A value on one short line, for lists.

use super::SpanKind;
use super::elements::write_element;
use super::leaf::{write_key, write_regexp};
use crate::javascript::JsString;
use crate::javascript::date::write_date;
use crate::javascript::number::number_text;
use crate::javascript::string::{Escapes, write_escaped};
use crate::value::graph::{Array, Node, Object, ObjectId, Properties, Value, View, ViewKind};
use crate::value::{Encoding, StoredValue};

/// Deeper objects are shown as `…`.
const MAX_DEPTH: usize = 6;

/// Primitives and objects that are read of a value in any case. One of fewer bytes is thus read whole.
const READ_AT_LEAST: usize = 1000;

/// A value on one line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Preview {
    /// The text in runs of one kind.
    pub spans: Vec<(SpanKind, String)>,
    /// Whether something was left out at the end.
    pub truncated: bool,
}

/// The value on one line of at most `max_chars` characters, the last of which is `…` if there was more. It is
/// meant to be looked at and is no expression: dates stand as their text, collections with their size, bytes in
/// hexadecimal, and a value that is broken as the reason.
///
/// Only the start of a large value is read: a fault behind what can be shown goes unseen, and so does the size of a
/// `Map` or a `Set` that goes on there.
#[must_use]
pub fn preview(stored: &StoredValue, max_chars: usize) -> Preview {
    let mut writer = Writer {
        preview: Preview::default(),
        left: max_chars,
        value: &Value::default(),
        unfinished: &[],
        path: Vec::new(),
    };
    if stored.encoding == Encoding::Bytes {
        writer.bytes("Uint8Array", &stored.bytes);
        return writer.preview;
    }
    // Each value takes a character at least. Some are not shown: what is nested too deep, or an error's stack.
    match stored.decode_start(max_chars.saturating_mul(4).saturating_add(READ_AT_LEAST)) {
        Ok(start) => {
            let mut writer = Writer {
                value: &start.value,
                unfinished: &start.unfinished,
                ..writer
            };
            writer.node(start.value.root());
            writer.preview
        }
        Err(error) => {
            writer.put(SpanKind::Error, &error.to_string());
            writer.preview
        }
    }
}

/// As [`preview`], of a part of a value.
#[must_use]
pub fn preview_node(value: &Value, node: &Node, max_chars: usize) -> Preview {
    let mut writer = Writer {
        preview: Preview::default(),
        left: max_chars,
        value,
        unfinished: &[],
        path: Vec::new(),
    };
    writer.node(node);
    writer.preview
}

struct Writer<'v> {
    preview: Preview,
    /// How many characters may still follow.
    left: usize,
    value: &'v Value,
    /// The objects of which only the start is known.
    unfinished: &'v [ObjectId],
    /// The objects that the current one stands in.
    path: Vec<ObjectId>,
}

impl<'v> Writer<'v> {
    fn full(&self) -> bool {
        self.preview.truncated
    }

    fn put(&mut self, kind: SpanKind, text: &str) {
        if self.full() || text.is_empty() {
            return;
        }
        let fitting = text.char_indices().nth(self.left).map(|(end, _)| end);
        match fitting {
            None => {
                self.left = self.left.saturating_sub(text.chars().count());
                self.append(kind, text);
            }
            Some(end) => {
                self.preview.truncated = true;
                self.append(kind, text.get(..end).unwrap_or_default());
                self.end_with_ellipsis();
            }
        }
    }

    fn append(&mut self, kind: SpanKind, text: &str) {
        match self.preview.spans.last_mut() {
            Some((last, run)) if *last == kind => run.push_str(text),
            _ if text.is_empty() => {}
            _ => self.preview.spans.push((kind, text.to_owned())),
        }
    }

    /// Puts `…` in the place of the last character.
    fn end_with_ellipsis(&mut self) {
        if let Some((_, run)) = self.preview.spans.last_mut() {
            run.pop();
            if run.is_empty() {
                self.preview.spans.pop();
            }
            self.append(SpanKind::Dim, "…");
        }
    }

    fn punctuation(&mut self, text: &str) {
        self.put(SpanKind::Punctuation, text);
    }

    fn string(&mut self, string: &JsString) {
        // A few characters more than fit, to know that there are more.
        let mut text = String::from("\"");
        let mut chars = string.chars();
        for char in chars.by_ref().take(self.left.saturating_add(1)) {
            match char {
                Ok(char) => write_escaped(char, Escapes::Visible, &mut text),
                Err(unit) => text.push_str(&format!("\\u{unit:04x}")),
            }
        }
        text.push('"');
        self.put(SpanKind::String, &text);
    }

    fn node(&mut self, node: &'v Node) {
        match node {
            Node::Undefined => self.put(SpanKind::Null, "undefined"),
            Node::Null => self.put(SpanKind::Null, "null"),
            Node::Boolean(value) => self.put(SpanKind::Boolean, if *value { "true" } else { "false" }),
            Node::Number(number) => self.put(SpanKind::Number, &number_text(*number)),
            Node::BigInt(number) => self.bigint(number),
            Node::String(string) => self.string(string),
            Node::Object(id) if self.path.contains(id) => self.put(SpanKind::Dim, "[circular]"),
            Node::Object(_) if self.path.len() >= MAX_DEPTH => self.put(SpanKind::Dim, "…"),
            Node::Object(id) => {
                self.path.push(*id);
                if let Some(object) = self.value.object(*id) {
                    self.object(object);
                }
                self.path.pop();
            }
        }
    }

    fn bigint(&mut self, number: &num_bigint::BigInt) {
        // Printing a bigint takes time with the square of its length.
        let digits_limit = 4096;
        if number.bits() > digits_limit {
            self.put(SpanKind::BigInt, &format!("bigint of {} bits", number.bits()));
        } else {
            self.put(SpanKind::BigInt, &format!("{number}n"));
        }
    }

    fn object(&mut self, object: &'v Object) {
        match object {
            Object::Plain(properties) => self.properties(properties),
            Object::Host(properties) => {
                let class = properties.iter().find_map(|(name, node)| match node {
                    Node::String(class) if name == "type" => class.as_str(),
                    _ => None,
                });
                self.put(SpanKind::Class, class.unwrap_or("host"));
                self.put(SpanKind::Dim, " of Deno's own ");
                self.properties(properties);
            }
            Object::Array(array) => self.array(array),
            Object::Map(entries) => {
                self.open_collection("Map", entries.len());
                for (index, (key, node)) in entries.iter().enumerate() {
                    if self.full() {
                        return;
                    }
                    self.separate(index);
                    self.node(key);
                    self.punctuation(" → ");
                    self.node(node);
                }
                self.close("}", entries.len());
            }
            Object::Set(entries) => {
                self.open_collection("Set", entries.len());
                for (index, node) in entries.iter().enumerate() {
                    if self.full() {
                        return;
                    }
                    self.separate(index);
                    self.node(node);
                }
                self.close("}", entries.len());
            }
            Object::Date(milliseconds) => {
                let mut text = String::new();
                write_date(*milliseconds, &mut text);
                self.put(SpanKind::Date, &text);
            }
            Object::RegExp { source, flags } => {
                let mut text = String::new();
                write_regexp(source, flags, &mut text);
                self.put(SpanKind::String, &text);
            }
            Object::BoxedBoolean(value) => self.boxed(SpanKind::Boolean, &value.to_string()),
            Object::BoxedNumber(number) => self.boxed(SpanKind::Number, &number_text(*number)),
            Object::BoxedBigInt(number) => self.boxed(SpanKind::BigInt, &format!("{number}n")),
            Object::BoxedString(string) => {
                self.put(SpanKind::Class, "Object");
                self.punctuation("(");
                self.string(string);
                self.punctuation(")");
            }
            Object::Error(error) => {
                self.put(SpanKind::Class, error.name);
                if let Some(message) = &error.message {
                    self.punctuation(": ");
                    self.string(message);
                }
                if let Some(cause) = &error.cause {
                    self.punctuation(" ← ");
                    self.node(cause);
                }
            }
            Object::ArrayBuffer { bytes, .. } => self.bytes("ArrayBuffer", bytes),
            Object::View(view) => self.view(view),
            Object::KvU64(number) => {
                self.put(SpanKind::Number, &number.to_string());
                self.put(SpanKind::Dim, " KvU64");
            }
        }
    }

    /// Ends an object after so many parts: with its bracket, or if it goes on, the whole preview.
    fn close(&mut self, bracket: &str, parts: usize) {
        if self.is_unfinished() {
            self.separate(parts);
            self.put(SpanKind::Dim, "…");
            self.preview.truncated = true;
        } else {
            self.punctuation(bracket);
        }
    }

    /// Whether the current object goes on after what is known of it.
    fn is_unfinished(&self) -> bool {
        self.path.last().is_some_and(|id| self.unfinished.contains(id))
    }

    /// `Map(3) {`
    fn open_collection(&mut self, class: &str, size: usize) {
        if self.is_unfinished() {
            self.put(SpanKind::Class, class);
        } else {
            self.put(SpanKind::Class, &format!("{class}({size})"));
        }
        self.punctuation(" {");
    }

    fn separate(&mut self, index: usize) {
        if index > 0 {
            self.punctuation(", ");
        }
    }

    fn boxed(&mut self, kind: SpanKind, text: &str) {
        self.put(SpanKind::Class, "Object");
        self.punctuation("(");
        self.put(kind, text);
        self.punctuation(")");
    }

    fn properties(&mut self, properties: &'v Properties) {
        self.punctuation("{");
        self.fields(properties, 0);
        self.close("}", properties.len());
    }

    fn fields(&mut self, properties: &'v Properties, before: usize) {
        for (index, (name, node)) in properties.iter().enumerate() {
            if self.full() {
                return;
            }
            self.separate(before + index);
            let mut key = String::new();
            write_key(name, &mut key);
            self.put(SpanKind::Property, &key);
            self.punctuation(": ");
            self.node(node);
        }
    }

    fn array(&mut self, array: &'v Array) {
        self.punctuation("[");
        let mut next = 0;
        let mut written = 0;
        for (index, node) in &array.elements {
            if self.full() {
                return;
            }
            self.holes(index.saturating_sub(next), &mut written);
            self.separate(written);
            self.node(node);
            written += 1;
            next = index.saturating_add(1);
        }
        if !self.is_unfinished() {
            self.holes(array.length.saturating_sub(next), &mut written);
        }
        self.fields(&array.properties, written);
        self.close("]", written + array.properties.len());
    }

    fn holes(&mut self, count: u32, written: &mut usize) {
        if count > 0 {
            self.separate(*written);
            *written += 1;
            self.put(
                SpanKind::Dim,
                &if count == 1 {
                    "1 hole".to_owned()
                } else {
                    format!("{count} holes")
                },
            );
        }
    }

    fn bytes(&mut self, class: &str, bytes: &[u8]) {
        self.put(SpanKind::Class, &format!("{class}({})", bytes.len()));
        for byte in bytes {
            if self.full() {
                return;
            }
            self.put(SpanKind::Plain, " ");
            self.put(SpanKind::Bytes, &format!("{byte:02x}"));
        }
    }

    fn view(&mut self, view: &View) {
        let bytes = self.value.view_bytes(view);
        if matches!(view.kind, ViewKind::Uint8Array | ViewKind::DataView) {
            return self.bytes(view.kind.class_name(), bytes);
        }
        let size = usize::try_from(view.kind.element_size()).unwrap_or(1);
        self.put(
            SpanKind::Class,
            &format!("{}({})", view.kind.class_name(), bytes.len() / size),
        );
        self.punctuation(" [");
        for (index, element) in bytes.chunks_exact(size).enumerate() {
            if self.full() {
                return;
            }
            self.separate(index);
            let mut text = String::new();
            if !write_element(view.kind, element, &mut text) {
                text = "NaN".to_owned();
            }
            self.put(SpanKind::Number, &text);
        }
        self.punctuation("]");
    }
}
