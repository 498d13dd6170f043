//! Printing a value as a JavaScript expression.

use std::collections::{HashMap, HashSet};

use super::layout::Document;
use super::leaf::{host_placeholder, write_key, write_leaf};
use super::steps::{Step, array_literal, push_assignment, push_elements, push_object, push_properties};
use crate::javascript::number::write_number;
use crate::javascript::string::{Escapes, write_quoted};
use crate::value::graph::{Array, ErrorObject, Node, Object, ObjectId, Value, View, ViewKind};
use crate::value::repetition::{Repetition, repeated_objects};

/// More holes than this are not written as commas.
pub(super) const MAX_COMMAS: u32 = 16;

/// From this length on, an array of zeros is written by its length.
const MANY_ZEROS: u64 = 16;

/// The value as a JavaScript expression, with line breaks and two spaces of indent where it would be wider than
/// `width` characters; `usize::MAX` prints one line. An object that stands in several places is written in each of
/// them; see the module for the notation of cycles, and of a value that would get too long.
#[must_use]
pub fn print(value: &Value, width: usize) -> String {
    Printer::new(value, width, Repetition::of(value).written_once(value)).finish()
}

/// As [`print()`], but every object that occurs again is marked, so that [`super::parse`] reads the very same value.
#[must_use]
pub fn print_marked(value: &Value, width: usize) -> String {
    Printer::new(value, width, repeated_objects(value)).finish()
}

pub(super) struct Printer<'v> {
    pub value: &'v Value,
    document: Document,
    /// The objects that are written once, and their numbers as soon as they have one.
    once: HashSet<ObjectId>,
    labels: HashMap<ObjectId, usize>,
    /// In code these objects are constants, which are made before; `None` in the notation of the module.
    constants: Option<HashMap<ObjectId, String>>,
    pending: Vec<Step<'v>>,
}

impl<'v> Printer<'v> {
    pub fn new(value: &'v Value, width: usize, once: HashSet<ObjectId>) -> Self {
        Self {
            value,
            document: Document::new(width),
            once,
            labels: HashMap::new(),
            constants: None,
            pending: vec![Step::Node(value.root())],
        }
    }

    /// One that writes code, in which these objects have names.
    pub fn of_code(value: &'v Value, width: usize, constants: HashMap<ObjectId, String>) -> Self {
        Self {
            constants: Some(constants),
            ..Self::new(value, width, HashSet::new())
        }
    }

    /// The whole text.
    pub fn finish(mut self) -> String {
        self.flush();
        self.document.lines()
    }

    /// Writes all that is pending.
    pub fn flush(&mut self) {
        while let Some(step) = self.pending.pop() {
            self.step(step);
        }
    }

    /// Writes these steps and nothing else.
    pub fn write(&mut self, steps: Vec<Step<'v>>) {
        self.pending.clear();
        self.then(steps);
        self.flush();
    }

    fn step(&mut self, step: Step<'v>) {
        match step {
            Step::Text(text) => self.document.text(text),
            Step::Owned(text) => self.document.text(&text),
            Step::Node(node) => self.node(node),
            Step::Object(id) => self.reference(id),
            Step::Key(name) => self.document.with(|text| write_key(name, text)),
            Step::Open => self.document.open(),
            Step::Close => self.document.close(),
            Step::NextItem => self.document.next_item(),
            Step::Fill => self.document.fill(),
        }
    }

    fn node(&mut self, node: &'v Node) {
        match node {
            Node::Undefined => self.document.text("undefined"),
            Node::Null => self.document.text("null"),
            Node::Boolean(value) => self.document.text(if *value { "true" } else { "false" }),
            Node::Number(number) => self.document.with(|text| write_number(*number, text)),
            Node::BigInt(number) => self.document.text(&format!("{number}n")),
            Node::String(string) => {
                self.document
                    .with(|text| write_quoted(string, Escapes::Visible, text));
            }
            Node::Object(id) => self.reference(*id),
        }
    }

    fn reference(&mut self, id: ObjectId) {
        if let Some(name) = self.constants.as_ref().and_then(|names| names.get(&id)) {
            let name = name.clone();
            self.document.text(&name);
            return;
        }
        if let Some(label) = self.labels.get(&id) {
            let text = format!("*{label}");
            self.document.text(&text);
            return;
        }
        if self.once.contains(&id) {
            let label = self.labels.len() + 1;
            self.labels.insert(id, label);
            self.document.text(&format!("&{label} "));
        }
        match self.value.object(id) {
            Some(object) => self.object(object),
            None => self.document.text("undefined"),
        }
    }

    /// Puts steps before all that are pending, in their order.
    fn then(&mut self, steps: Vec<Step<'v>>) {
        self.pending.extend(steps.into_iter().rev());
    }

    /// Writes an object without looking whether it is written once.
    pub fn object(&mut self, object: &'v Object) {
        match object {
            Object::Plain(properties) => {
                let mut steps = Vec::with_capacity(properties.len() * 4 + 4);
                push_object(properties, &mut steps);
                self.then(steps);
            }
            Object::Host(properties) if self.constants.is_some() => {
                let text = host_placeholder(properties);
                self.document.text(&text);
            }
            Object::Host(properties) => {
                let mut steps = vec![Step::Text("host(")];
                push_object(properties, &mut steps);
                steps.push(Step::Text(")"));
                self.then(steps);
            }
            Object::Array(array) => self.array(array),
            Object::Map(entries) => {
                let pairs = entries.iter().map(|(key, node)| {
                    vec![
                        Step::Text("["),
                        Step::Node(key),
                        Step::Text(", "),
                        Step::Node(node),
                        Step::Text("]"),
                    ]
                });
                self.collection("new Map(", pairs);
            }
            Object::Set(entries) => {
                self.collection("new Set(", entries.iter().map(|node| vec![Step::Node(node)]));
            }
            Object::Error(error) => self.error(error),
            Object::View(view) => self.view(view),
            Object::ArrayBuffer {
                bytes,
                max_byte_length,
            } => self.array_buffer(bytes, *max_byte_length),
            leaf => self.document.with(|text| write_leaf(leaf, text)),
        }
    }

    fn collection(&mut self, open: &'static str, items: impl ExactSizeIterator<Item = Vec<Step<'v>>>) {
        let mut steps = vec![Step::Text(open)];
        if items.len() > 0 {
            steps.extend([Step::Text("["), Step::Open]);
            for (index, item) in items.enumerate() {
                if index > 0 {
                    steps.extend([Step::Text(","), Step::NextItem]);
                }
                steps.extend(item);
            }
            steps.extend([Step::Close, Step::Text("]")]);
        }
        steps.push(Step::Text(")"));
        self.then(steps);
    }

    fn array(&mut self, array: &'v Array) {
        let holes = array
            .length
            .saturating_sub(u32::try_from(array.elements.len()).unwrap_or(u32::MAX));
        let mut steps = Vec::new();
        if holes > MAX_COMMAS {
            let base = format!("Array({})", array.length);
            if array.elements.is_empty() && array.properties.is_empty() {
                self.document.text(&base);
                return;
            }
            let properties = |steps: &mut Vec<Step<'v>>| {
                for (index, node) in &array.elements {
                    steps.extend([
                        Step::Owned(format!("{index}: ")),
                        Step::Node(node),
                        Step::Text(","),
                    ]);
                    steps.push(Step::NextItem);
                }
                push_properties(&array.properties, steps);
                if array.properties.is_empty() {
                    // The comma and the space after the last element.
                    steps.truncate(steps.len().saturating_sub(2));
                }
            };
            push_assignment(&array.properties, vec![Step::Owned(base)], properties, &mut steps);
        } else {
            let literal = array_literal(array);
            if array.properties.is_empty() {
                steps = literal;
            } else {
                let properties = |steps: &mut Vec<Step<'v>>| push_properties(&array.properties, steps);
                push_assignment(&array.properties, literal, properties, &mut steps);
            }
        }
        self.then(steps);
    }

    fn error(&mut self, error: &'v ErrorObject) {
        let mut text = format!("Object.assign(new {}(", error.name);
        match (&error.message, &error.cause) {
            (Some(message), _) => write_quoted(message, Escapes::Visible, &mut text),
            (None, Some(_)) => text.push_str("undefined"),
            (None, None) => {}
        }
        let mut steps = vec![Step::Owned(text)];
        if let Some(cause) = &error.cause {
            steps.extend([
                Step::Text(", {"),
                Step::Open,
                Step::Text("cause: "),
                Step::Node(cause),
            ]);
            steps.extend([Step::Close, Step::Text("}")]);
        }
        let mut stack = "), {stack: ".to_owned();
        match &error.stack {
            Some(text) => write_quoted(text, Escapes::Visible, &mut stack),
            None => stack.push_str("undefined"),
        }
        stack.push_str("})");
        steps.push(Step::Owned(stack));
        self.then(steps);
    }

    fn array_buffer(&mut self, bytes: &[u8], max_byte_length: Option<u64>) {
        let zeros = bytes.iter().all(|byte| *byte == 0);
        let mut steps = Vec::new();
        let length = bytes.len();
        let empty = match max_byte_length {
            Some(maximum) => format!("new ArrayBuffer({length}, {{maxByteLength: {maximum}}})"),
            None => format!("new ArrayBuffer({length})"),
        };
        match (zeros, max_byte_length) {
            (true, _) => steps.push(Step::Owned(empty)),
            (false, None) => {
                steps.push(Step::Text("new Uint8Array("));
                push_elements(ViewKind::Uint8Array, bytes, &mut steps);
                steps.push(Step::Text(").buffer"));
            }
            (false, Some(_)) => {
                steps.push(Step::Owned(format!("Object.assign(new Uint8Array({empty}), ")));
                push_elements(ViewKind::Uint8Array, bytes, &mut steps);
                steps.push(Step::Text(").buffer"));
            }
        }
        self.then(steps);
    }

    fn view(&mut self, view: &'v View) {
        let name = view.kind.class_name();
        let whole = self.value.is_whole(view);
        let mut steps = vec![Step::Owned(format!("new {name}("))];
        let shared = self.once.contains(&view.buffer)
            || self
                .constants
                .as_ref()
                .is_some_and(|names| names.contains_key(&view.buffer));
        let bytes = self.value.view_bytes(view);
        let length = view.byte_length / view.kind.element_size();
        if whole && !shared && view.kind != ViewKind::DataView {
            if bytes.is_empty() {
                steps.push(Step::Text(")"));
                return self.then(steps);
            }
            if length >= MANY_ZEROS && bytes.iter().all(|byte| *byte == 0) {
                steps.push(Step::Owned(format!("{length})")));
                return self.then(steps);
            }
            let before = steps.len();
            if push_elements(view.kind, bytes, &mut steps) {
                steps.push(Step::Text(")"));
                return self.then(steps);
            }
            steps.truncate(before);
        }
        steps.push(Step::Object(view.buffer));
        if view.length_tracking {
            if view.byte_offset > 0 {
                steps.push(Step::Owned(format!(", {}", view.byte_offset)));
            }
        } else if !whole {
            steps.push(Step::Owned(format!(", {}, {length}", view.byte_offset)));
        }
        steps.push(Step::Text(")"));
        self.then(steps);
    }
}
