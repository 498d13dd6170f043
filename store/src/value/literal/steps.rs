//! What is written of an object and its elements, in steps.

use super::elements::write_element;
use crate::javascript::JsString;
use crate::value::graph::{Array, Node, ObjectId, Properties, ViewKind};

/// What is still to be printed, the next one last.
pub(super) enum Step<'v> {
    Text(&'static str),
    Owned(String),
    Node(&'v Node),
    Object(ObjectId),
    Key(&'v JsString),
    Open,
    Close,
    NextItem,
    Fill,
}

/// `{a: 1}`
pub(super) fn push_object<'v>(properties: &'v Properties, steps: &mut Vec<Step<'v>>) {
    if properties.is_empty() {
        steps.push(Step::Text("{}"));
        return;
    }
    steps.extend([Step::Text("{"), Step::Open]);
    push_properties(properties, steps);
    steps.extend([Step::Close, Step::Text("}")]);
}

pub(super) fn push_properties<'v>(properties: &'v Properties, steps: &mut Vec<Step<'v>>) {
    for (index, (name, node)) in properties.iter().enumerate() {
        if index > 0 {
            steps.extend([Step::Text(","), Step::NextItem]);
        }
        steps.extend([Step::Key(name), Step::Text(": "), Step::Node(node)]);
    }
}

/// `Object.assign(base, {…})`, or a form that also defines a property `__proto__`, which assignment would not.
pub(super) fn push_assignment<'v>(
    names: &Properties,
    base: Vec<Step<'v>>,
    properties: impl FnOnce(&mut Vec<Step<'v>>),
    steps: &mut Vec<Step<'v>>,
) {
    let (open, middle, close) = if names.iter().any(|(name, _)| name == "__proto__") {
        (
            "Object.defineProperties(",
            ", Object.getOwnPropertyDescriptors({",
            "}))",
        )
    } else {
        ("Object.assign(", ", {", "})")
    };
    steps.push(Step::Text(open));
    steps.extend(base);
    steps.extend([Step::Text(middle), Step::Open]);
    properties(steps);
    steps.extend([Step::Close, Step::Text(close)]);
}

/// `[1, , 3]`: every hole is a comma of its own, also the last one.
pub(super) fn array_literal(array: &Array) -> Vec<Step<'_>> {
    if array.length == 0 {
        return vec![Step::Text("[]")];
    }
    let numbers = array
        .elements
        .iter()
        .all(|(_, node)| matches!(node, Node::Number(_) | Node::BigInt(_)));
    let item = || if numbers { Step::Fill } else { Step::NextItem };
    let mut steps = vec![Step::Text("["), Step::Open];
    let mut next = 0;
    let mut separate = false;
    for (index, node) in &array.elements {
        for _hole in next..*index {
            if separate {
                steps.push(item());
            }
            steps.push(Step::Text(","));
            separate = true;
        }
        if separate {
            steps.push(item());
        }
        steps.push(Step::Node(node));
        next = index.saturating_add(1);
        if next < array.length {
            steps.push(Step::Text(","));
        }
        separate = true;
    }
    for _hole in next..array.length {
        if separate {
            steps.push(item());
        }
        steps.push(Step::Text(","));
        separate = true;
    }
    steps.extend([Step::Close, Step::Text("]")]);
    steps
}

/// `[1, 2]`, or nothing if an element's text would not bring back the same bytes.
pub(super) fn push_elements(kind: ViewKind, bytes: &[u8], steps: &mut Vec<Step<'_>>) -> bool {
    let size = usize::try_from(kind.element_size()).unwrap_or(1);
    steps.extend([Step::Text("["), Step::Open]);
    let mut chunks = bytes.chunks_exact(size).peekable();
    while let Some(element) = chunks.next() {
        let mut text = String::new();
        if !write_element(kind, element, &mut text) {
            return false;
        }
        if chunks.peek().is_some() {
            text.push(',');
            steps.extend([Step::Owned(text), Step::Fill]);
        } else {
            steps.push(Step::Owned(text));
        }
    }
    steps.extend([Step::Close, Step::Text("]")]);
    true
}
