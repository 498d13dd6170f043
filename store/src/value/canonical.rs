//! One exact text for each value, to compare what different programs understand by the same bytes.
//!
//! | value | text |
//! | --- | --- |
//! | primitives | `undefined` `null` `true` `1.5` `-0` `12n` `"text"` |
//! | objects, arrays | `{"key": 1}` `[1, <hole>, <hole x 3>, 2 \| "extra": 3]` |
//! | collections | `Map{"a" => 1}` `Set{1, 2}` |
//! | dates, patterns | `Date(5)` `Date(NaN)` `RegExp("a", "gi")` |
//! | boxed primitives | `Boolean(true)` `Number(1)` `BigInt(1n)` `String("a")` |
//! | errors | `Error(TypeError){message: "a", stack: "b", cause: 1}`, absent parts left out |
//! | buffers | `ArrayBuffer(01ff)` `ArrayBuffer(01ff, max=8)` |
//! | views | `Int16Array(offset=0, length=1, buffer=…)`, the length in elements, `auto(1)` if it can grow |
//! | Deno's own | `KvU64(1)` `Host{"type": "Blob"}` |
//! | identity | `&1` before the first occurrence of an object that comes again, then `*1` |

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use super::{Array, ErrorObject, Node, Object, ObjectId, Properties, Value, View};
use crate::javascript::JsString;
use crate::javascript::number::write_number;
use crate::javascript::string::{Escapes, write_quoted};
use crate::value::repetition::repeated_objects;

/// The canonical text of a value.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut printer = Printer {
        value,
        text: String::new(),
        repeated: repeated_objects(value),
        pending: vec![Step::Node(value.root())],
        labels: HashMap::new(),
    };
    while let Some(step) = printer.pending.pop() {
        match step {
            Step::Text(text) => printer.text.push_str(text),
            Step::Owned(text) => printer.text.push_str(&text),
            Step::Node(node) => printer.node(node),
            Step::Object(id) => printer.reference(id),
            Step::Property(name) => {
                write_quoted(name, Escapes::Json, &mut printer.text);
                printer.text.push_str(": ");
            }
        }
    }
    printer.text
}

/// What is still to be printed, the next one last.
enum Step<'v> {
    Text(&'static str),
    Owned(String),
    Node(&'v Node),
    Object(ObjectId),
    Property(&'v JsString),
}

struct Printer<'v> {
    value: &'v Value,
    text: String,
    repeated: HashSet<ObjectId>,
    pending: Vec<Step<'v>>,
    labels: HashMap<ObjectId, usize>,
}

impl<'v> Printer<'v> {
    fn node(&mut self, node: &'v Node) {
        match node {
            Node::Undefined => self.text.push_str("undefined"),
            Node::Null => self.text.push_str("null"),
            Node::Boolean(value) => self.text.push_str(if *value { "true" } else { "false" }),
            Node::Number(number) => write_number(*number, &mut self.text),
            Node::BigInt(number) => self.put(format_args!("{number}n")),
            Node::String(string) => write_quoted(string, Escapes::Json, &mut self.text),
            Node::Object(id) => self.reference(*id),
        }
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        let _infallible = self.text.write_fmt(text);
    }

    fn reference(&mut self, id: ObjectId) {
        if let Some(label) = self.labels.get(&id) {
            let label = *label;
            self.put(format_args!("*{label}"));
            return;
        }
        if self.repeated.contains(&id) {
            let label = self.labels.len() + 1;
            self.labels.insert(id, label);
            self.put(format_args!("&{label} "));
        }
        if let Some(object) = self.value.object(id) {
            self.object(object);
        }
    }

    /// Puts steps before all that are pending, in their order.
    fn then(&mut self, steps: Vec<Step<'v>>) {
        self.pending.extend(steps.into_iter().rev());
    }

    fn object(&mut self, object: &'v Object) {
        match object {
            Object::Plain(properties) => self.properties("{", properties),
            Object::Host(properties) => match deno_exception_stack(properties) {
                Some(stack) => {
                    self.text.push_str("Error(Error){");
                    if let Node::String(_) = stack {
                        self.then(vec![Step::Text("stack: "), Step::Node(stack), Step::Text("}")]);
                    } else {
                        self.text.push('}');
                    }
                }
                None => self.properties("Host{", properties),
            },
            Object::Array(array) => self.array(array),
            Object::Map(entries) => {
                let mut steps = vec![Step::Text("Map{")];
                for (index, (key, node)) in entries.iter().enumerate() {
                    steps.extend((index > 0).then_some(Step::Text(", ")));
                    steps.extend([Step::Node(key), Step::Text(" => "), Step::Node(node)]);
                }
                steps.push(Step::Text("}"));
                self.then(steps);
            }
            Object::Set(entries) => {
                let mut steps = vec![Step::Text("Set{")];
                for (index, node) in entries.iter().enumerate() {
                    steps.extend((index > 0).then_some(Step::Text(", ")));
                    steps.push(Step::Node(node));
                }
                steps.push(Step::Text("}"));
                self.then(steps);
            }
            Object::Date(milliseconds) => {
                self.text.push_str("Date(");
                write_number(*milliseconds, &mut self.text);
                self.text.push(')');
            }
            Object::RegExp { source, flags } => {
                self.text.push_str("RegExp(");
                write_quoted(source, Escapes::Json, &mut self.text);
                self.put(format_args!(", \"{flags}\")"));
            }
            Object::BoxedBoolean(value) => self.put(format_args!("Boolean({value})")),
            Object::BoxedNumber(number) => {
                self.text.push_str("Number(");
                write_number(*number, &mut self.text);
                self.text.push(')');
            }
            Object::BoxedBigInt(number) => self.put(format_args!("BigInt({number}n)")),
            Object::BoxedString(string) => {
                self.text.push_str("String(");
                write_quoted(string, Escapes::Json, &mut self.text);
                self.text.push(')');
            }
            Object::Error(error) => self.error(error),
            Object::ArrayBuffer {
                bytes,
                max_byte_length,
            } => {
                self.text.push_str("ArrayBuffer(");
                for byte in bytes {
                    self.put(format_args!("{byte:02x}"));
                }
                if let Some(maximum) = max_byte_length {
                    self.put(format_args!(", max={maximum}"));
                }
                self.text.push(')');
            }
            Object::View(view) => self.view(view),
            Object::KvU64(number) => self.put(format_args!("KvU64({number})")),
        }
    }

    fn properties(&mut self, open: &'static str, properties: &'v Properties) {
        let mut steps = vec![Step::Text(open)];
        push_properties(properties, &mut steps);
        steps.push(Step::Text("}"));
        self.then(steps);
    }

    fn array(&mut self, array: &'v Array) {
        let mut steps = vec![Step::Text("[")];
        let mut next = 0;
        let mut separate = false;
        let holes = |count: u32, steps: &mut Vec<Step<'v>>, separate: &mut bool| {
            if count > 0 {
                steps.extend(separate.then_some(Step::Text(", ")));
                steps.push(match count {
                    1 => Step::Text("<hole>"),
                    _ => Step::Owned(format!("<hole x {count}>")),
                });
                *separate = true;
            }
        };
        for (index, node) in &array.elements {
            holes(index.saturating_sub(next), &mut steps, &mut separate);
            steps.extend(separate.then_some(Step::Text(", ")));
            steps.push(Step::Node(node));
            separate = true;
            next = index.saturating_add(1);
        }
        holes(array.length.saturating_sub(next), &mut steps, &mut separate);
        if !array.properties.is_empty() {
            steps.push(Step::Text(" | "));
            push_properties(&array.properties, &mut steps);
        }
        steps.push(Step::Text("]"));
        self.then(steps);
    }

    fn error(&mut self, error: &'v ErrorObject) {
        self.put(format_args!("Error({}){{", error.name));
        let mut separator = "";
        for (name, part) in [("message", &error.message), ("stack", &error.stack)] {
            if let Some(part) = part {
                self.put(format_args!("{separator}{name}: "));
                write_quoted(part, Escapes::Json, &mut self.text);
                separator = ", ";
            }
        }
        match &error.cause {
            Some(cause) => {
                self.put(format_args!("{separator}cause: "));
                self.then(vec![Step::Node(cause), Step::Text("}")]);
            }
            None => self.text.push('}'),
        }
    }

    fn view(&mut self, view: &'v View) {
        let size = view.kind.element_size();
        let length = view.byte_length / size;
        self.put(format_args!(
            "{}(offset={}, length=",
            view.kind.class_name(),
            view.byte_offset
        ));
        let grows = match self.value.object(view.buffer) {
            Some(Object::ArrayBuffer {
                max_byte_length: Some(maximum),
                ..
            }) => view.length_tracking && maximum.saturating_sub(view.byte_offset) / size != length,
            _ => false,
        };
        if grows {
            self.put(format_args!("auto({length})"));
        } else {
            self.put(format_args!("{length}"));
        }
        self.text.push_str(", buffer=");
        self.then(vec![Step::Object(view.buffer), Step::Text(")")]);
    }
}

fn push_properties<'v>(properties: &'v Properties, steps: &mut Vec<Step<'v>>) {
    for (index, (name, node)) in properties.iter().enumerate() {
        steps.extend((index > 0).then_some(Step::Text(", ")));
        steps.extend([Step::Property(name), Step::Node(node)]);
    }
}

/// The stack of Deno's `DOMException`, which JavaScript sees as an error whose only own part it is.
fn deno_exception_stack(properties: &Properties) -> Option<&Node> {
    let property = |wanted: &str| {
        properties
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, node)| node)
    };
    let exception = Node::String(JsString::from("DOMException"));
    property("stack").filter(|_| property("type") == Some(&exception))
}
