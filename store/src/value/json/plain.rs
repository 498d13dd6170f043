//! The plain form: ordinary JSON where it says all, the typed form elsewhere.

use super::write::{key_to_json, value_to_json};
use crate::javascript::JsString;
use crate::javascript::number::write_number;
use crate::javascript::string::{Escapes, write_quoted, write_quoted_str};
use crate::key::{Key, KeyPart};
use crate::value::graph::{Node, Object, Value};
use crate::value::repetition::Repetition;

/// The value as JSON text: as ordinary JSON if it holds nothing but null, booleans, finite numbers, strings,
/// arrays without holes and plain objects, none of which could be taken for the typed form; else all of it in
/// the typed form.
#[must_use]
pub fn plain(value: &Value) -> String {
    if !is_ordinary(value) {
        return value_to_json(value).0;
    }
    let mut text = String::new();
    let mut pending = vec![Step::Node(value.root())];
    while let Some(step) = pending.pop() {
        match step {
            Step::Text(piece) => text.push_str(piece),
            Step::Name(name) => {
                write_quoted(name, Escapes::Json, &mut text);
                text.push(':');
            }
            Step::Node(Node::Null) => text.push_str("null"),
            Step::Node(Node::Boolean(value)) => text.push_str(if *value { "true" } else { "false" }),
            Step::Node(Node::Number(number)) => write_number(*number, &mut text),
            Step::Node(Node::String(string)) => write_quoted(string, Escapes::Json, &mut text),
            Step::Node(node) => pending.extend(contents(value, node).into_iter().rev()),
        }
    }
    text
}

/// The key as a JSON array: strings, numbers and booleans as they are; in the typed form if it has other parts.
#[must_use]
pub fn plain_key(key: &Key) -> String {
    let ordinary = |part: &KeyPart| match part {
        KeyPart::String(_) | KeyPart::Boolean(_) => true,
        KeyPart::Number(number) => is_ordinary_number(*number),
        KeyPart::Bytes(_) | KeyPart::BigInt(_) => false,
    };
    if !key.0.iter().all(ordinary) {
        return key_to_json(key);
    }
    let mut text = "[".to_owned();
    for (index, part) in key.0.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        match part {
            KeyPart::String(string) => write_quoted_str(string, Escapes::Json, &mut text),
            KeyPart::Number(number) => write_number(*number, &mut text),
            KeyPart::Boolean(value) => text.push_str(if *value { "true" } else { "false" }),
            KeyPart::Bytes(_) | KeyPart::BigInt(_) => {}
        }
    }
    text.push(']');
    text
}

enum Step<'v> {
    Text(&'static str),
    Name(&'v JsString),
    Node(&'v Node),
}

fn contents<'v>(value: &'v Value, node: &'v Node) -> Vec<Step<'v>> {
    let mut steps = Vec::new();
    match value.object_of(node) {
        Some((_, Object::Array(array))) => {
            steps.push(Step::Text("["));
            for (index, node) in &array.elements {
                steps.extend((*index > 0).then_some(Step::Text(",")));
                steps.push(Step::Node(node));
            }
            steps.push(Step::Text("]"));
        }
        Some((_, Object::Plain(properties))) => {
            steps.push(Step::Text("{"));
            for (index, (name, node)) in properties.iter().enumerate() {
                steps.extend((index > 0).then_some(Step::Text(",")));
                steps.extend([Step::Name(name), Step::Node(node)]);
            }
            steps.push(Step::Text("}"));
        }
        _ => {}
    }
    steps
}

fn is_ordinary_number(number: f64) -> bool {
    number.is_finite() && !(number == 0.0 && number.is_sign_negative())
}

fn is_ordinary(value: &Value) -> bool {
    if !Repetition::of(value).written_once(value).is_empty() {
        return false;
    }
    let mut pending = vec![value.root()];
    while let Some(node) = pending.pop() {
        let ordinary = match node {
            Node::Undefined | Node::BigInt(_) => false,
            Node::Number(number) => is_ordinary_number(*number),
            Node::Null | Node::Boolean(_) | Node::String(_) => true,
            Node::Object(id) => match value.object(*id) {
                Some(Object::Plain(properties)) => !could_be_typed(properties),
                Some(Object::Array(array)) => {
                    array.elements.len() == array.length as usize && array.properties.is_empty()
                }
                _ => false,
            },
        };
        if !ordinary {
            return false;
        }
        if let Some((_, object)) = value.object_of(node) {
            object.for_each_node(|node| pending.push(node));
        }
    }
    true
}

/// Whether a reader could take the object for the typed form of something else.
fn could_be_typed(properties: &[(JsString, Node)]) -> bool {
    properties.len() <= 3
        && properties
            .iter()
            .any(|(name, node)| name == "type" && matches!(node, Node::String(_)))
        && properties
            .iter()
            .all(|(name, _)| name == "type" || name == "value" || name == "byteLength")
}
