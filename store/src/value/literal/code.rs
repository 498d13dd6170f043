//! A value as JavaScript that any program runs: where it stands within itself, as code that builds it.

use std::collections::{HashMap, HashSet};

use super::print::{MAX_COMMAS, Printer};
use super::steps::{Step, array_literal, push_assignment, push_properties};
use crate::javascript::string::{Escapes, write_quoted};
use crate::value::graph::{Array, Node, Object, ObjectId, Value};
use crate::value::repetition::{Repetition, repeated_objects};

/// How code makes objects that stand in more than one place and not within themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SharedObjects {
    /// Each place gets an equal object of its own, as a person would write it, unless that would be too long.
    #[default]
    AtEachPlace,
    /// All places get the same object.
    Once,
}

/// A value as code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// An expression.
    pub text: String,
    /// Whether objects that are one become several equal ones.
    pub parts_shared: bool,
    /// Whether a `Symbol` stands for an object of Deno's own, such as a `Blob`, which no code makes. It is no value
    /// that Deno would store.
    pub has_placeholder: bool,
}

/// The value as an expression that JavaScript evaluates to an equal value: a literal, or where that cannot be, as in a
/// cycle, a function that is called at once. Lines are broken as [`super::print()`] does.
#[must_use]
pub fn code(value: &Value, width: usize, shared: SharedObjects) -> Code {
    let repetition = Repetition::of(value);
    let once = match shared {
        SharedObjects::AtEachPlace => repetition.clone().written_once(value),
        SharedObjects::Once => repeated_objects(value),
    };
    let order = in_order(value, |id| once.contains(&id));
    let parts_shared = in_order(value, |id| repetition.is_shared(id)).len()
        > order.iter().filter(|id| repetition.is_shared(**id)).count();
    let has_placeholder = !in_order(value, |id| matches!(value.object(id), Some(Object::Host(_)))).is_empty();
    let names = (0..).map(name);
    let constants: HashMap<ObjectId, String> = order.iter().copied().zip(names).collect();
    let printer = Printer::of_code(value, width, constants);
    let text = if order.is_empty() {
        printer.finish()
    } else {
        function(printer, &order)
    };
    Code {
        text,
        parts_shared,
        has_placeholder,
    }
}

/// `a` to `z`, then `a1` and so on.
fn name(number: u32) -> String {
    let letter = char::from_digit(number % 26 + 10, 36).unwrap_or('x');
    match number / 26 {
        0 => letter.to_string(),
        round => format!("{letter}{round}"),
    }
}

/// The objects that are wanted, in the order in which a text has them; buffers before their views.
fn in_order(value: &Value, is_wanted: impl Fn(ObjectId) -> bool) -> Vec<ObjectId> {
    let mut seen = HashSet::new();
    let mut order = Vec::new();
    let mut pending = vec![];
    if let Node::Object(root) = value.root() {
        pending.push(*root);
    }
    while let Some(id) = pending.pop() {
        if !seen.insert(id) {
            continue;
        }
        if let Some(Object::View(view)) = value.object(id)
            && seen.insert(view.buffer)
            && is_wanted(view.buffer)
        {
            order.push(view.buffer);
        }
        if is_wanted(id) {
            order.push(id);
        }
        let before = pending.len();
        if let Some(object) = value.object(id) {
            object.for_each_node(|node| {
                if let Node::Object(id) = node {
                    pending.push(*id);
                }
            });
        }
        if let Some(added) = pending.get_mut(before..) {
            added.reverse();
        }
    }
    order
}

/// `(() => { const a = {}; Object.assign(a, {self: a}); return a; })()`: every constant is made empty first, so that
/// each can hold each.
fn function(mut printer: Printer<'_>, order: &[ObjectId]) -> String {
    let value = printer.value;
    printer.write(vec![Step::Text("(() => {"), Step::Open]);
    for id in order {
        let Some(object) = value.object(*id) else { continue };
        printer.write(vec![Step::Text("const "), Step::Object(*id), Step::Text(" = ")]);
        match empty(object) {
            Some(text) => printer.write(vec![Step::Owned(text)]),
            None => {
                printer.object(object);
                printer.flush();
            }
        }
        printer.write(vec![Step::Text(";"), Step::NextItem]);
    }
    for id in order {
        let Some(object) = value.object(*id) else { continue };
        for statement in filled(*id, object) {
            printer.write(statement);
            printer.write(vec![Step::Text(";"), Step::NextItem]);
        }
    }
    printer.write(vec![
        Step::Text("return "),
        Step::Node(value.root()),
        Step::Text(";"),
        Step::Close,
        Step::Text("})()"),
    ]);
    printer.finish()
}

/// An object of the same class that holds nothing yet; `None` for one that cannot hold another.
fn empty(object: &Object) -> Option<String> {
    Some(match object {
        Object::Plain(_) => "{}".to_owned(),
        Object::Array(array) if array.elements.len() < array.length as usize => {
            format!("Array({})", array.length)
        }
        Object::Array(_) => "[]".to_owned(),
        Object::Map(_) => "new Map()".to_owned(),
        Object::Set(_) => "new Set()".to_owned(),
        Object::Error(error) => {
            let mut text = format!("new {}(", error.name);
            if let Some(message) = &error.message {
                write_quoted(message, Escapes::Visible, &mut text);
            }
            text.push(')');
            text
        }
        _ => return None,
    })
}

/// The statements that fill an empty object.
fn filled(id: ObjectId, object: &Object) -> Vec<Vec<Step<'_>>> {
    let this = || vec![Step::Object(id)];
    match object {
        Object::Plain(properties) if !properties.is_empty() => {
            let mut steps = Vec::new();
            push_assignment(
                properties,
                this(),
                |steps| push_properties(properties, steps),
                &mut steps,
            );
            vec![steps]
        }
        Object::Array(array) => filled_array(id, array),
        Object::Map(entries) => entries
            .iter()
            .map(|(key, node)| {
                vec![
                    Step::Object(id),
                    Step::Text(".set("),
                    Step::Node(key),
                    Step::Text(", "),
                    Step::Node(node),
                    Step::Text(")"),
                ]
            })
            .collect(),
        Object::Set(members) => members
            .iter()
            .map(|node| {
                vec![
                    Step::Object(id),
                    Step::Text(".add("),
                    Step::Node(node),
                    Step::Text(")"),
                ]
            })
            .collect(),
        Object::Error(error) => {
            let mut steps = vec![Step::Text("Object.assign("), Step::Object(id), Step::Text(", {")];
            if let Some(cause) = &error.cause {
                steps.extend([Step::Text("cause: "), Step::Node(cause), Step::Text(", ")]);
            }
            let mut stack = "stack: ".to_owned();
            match &error.stack {
                Some(text) => write_quoted(text, Escapes::Visible, &mut stack),
                None => stack.push_str("undefined"),
            }
            steps.extend([Step::Owned(stack), Step::Text("})")]);
            vec![steps]
        }
        _ => Vec::new(),
    }
}

fn filled_array(id: ObjectId, array: &Array) -> Vec<Vec<Step<'_>>> {
    let mut statements = Vec::new();
    let holes = array
        .length
        .saturating_sub(u32::try_from(array.elements.len()).unwrap_or(u32::MAX));
    if !array.elements.is_empty() {
        let mut steps = vec![Step::Text("Object.assign("), Step::Object(id), Step::Text(", ")];
        if holes <= MAX_COMMAS {
            steps.extend(array_literal(array));
        } else {
            steps.extend([Step::Text("{"), Step::Open]);
            for (number, (index, node)) in array.elements.iter().enumerate() {
                if number > 0 {
                    steps.extend([Step::Text(","), Step::NextItem]);
                }
                steps.extend([Step::Owned(format!("{index}: ")), Step::Node(node)]);
            }
            steps.extend([Step::Close, Step::Text("}")]);
        }
        steps.push(Step::Text(")"));
        statements.push(steps);
    }
    if !array.properties.is_empty() {
        let mut steps = Vec::new();
        push_assignment(
            &array.properties,
            vec![Step::Object(id)],
            |steps| push_properties(&array.properties, steps),
            &mut steps,
        );
        statements.push(steps);
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::literal::parse;

    fn code_of(text: &str) -> Code {
        code(&parse(text).unwrap(), usize::MAX, SharedObjects::AtEachPlace)
    }

    #[test]
    fn a_cycle_becomes_code_that_builds_it() {
        assert_eq!(code_of("{a: 1}").text, "{a: 1}");
        assert_eq!(
            code_of("[&1 {self: *1}]").text,
            "(() => {const a = {}; Object.assign(a, {self: a}); return [a];})()"
        );
        assert_eq!(
            code_of("&1 new Map([['m', *1], [&2 new Set([*2]), [, *2]]])").text,
            "(() => {const a = new Map(); const b = new Set(); a.set(\"m\", a); a.set(b, [, b]); b.add(b); return a;})()"
        );
        let lines = code(&parse("&1 {self: *1}").unwrap(), 20, SharedObjects::AtEachPlace);
        assert_eq!(
            lines.text,
            "(() => {\n  const a = {};\n  Object.assign(a, {\n    self: a\n  });\n  return a;\n})()"
        );
    }

    #[test]
    fn a_shared_object_is_written_at_each_place_or_once() {
        let value = parse("{a: &1 new Date(0), b: *1}").unwrap();
        let each = code(&value, usize::MAX, SharedObjects::AtEachPlace);
        assert!(each.parts_shared);
        assert_eq!(
            each.text,
            r#"{a: new Date("1970-01-01T00:00:00.000Z"), b: new Date("1970-01-01T00:00:00.000Z")}"#
        );
        let once = code(&value, usize::MAX, SharedObjects::Once);
        assert!(!once.parts_shared);
        assert_eq!(
            once.text,
            r#"(() => {const a = new Date("1970-01-01T00:00:00.000Z"); return {a: a, b: a};})()"#
        );
    }

    #[test]
    fn an_object_that_no_code_makes_is_a_placeholder_that_is_no_value() {
        let host = code_of("{file: host({type: 'Blob', size: 3})}");
        assert!(host.has_placeholder && !host.parts_shared);
        assert_eq!(
            host.text,
            r#"{file: Symbol("Blob: an object of Deno's own, which no code makes")}"#
        );
        let error = parse(&host.text).unwrap_err();
        assert!(error.message.contains("Symbol"), "{error}");
    }
}
