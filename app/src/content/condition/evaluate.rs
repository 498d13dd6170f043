//! Tells whether a condition holds.

use std::cmp::Ordering;

use keyglass_store::KeyPart;
use keyglass_store::value::{Node, Object, Properties, Value};

use super::{ConditionSubject, Operand, Operator, Place, Root, Step, Term};

/// What stands at a place.
enum Found<'v> {
    /// No object.
    Plain(Node),
    /// An object, and the value that it is in.
    Object(&'v Value, &'v Object),
    /// A list of parts of a key.
    Parts(Vec<KeyPart>),
}

pub(super) fn holds(term: &Term, subject: &ConditionSubject<'_>) -> bool {
    match term {
        Term::Not(term) => !holds(term, subject),
        Term::All(terms) => terms.iter().all(|term| holds(term, subject)),
        Term::Any(terms) => terms.iter().any(|term| holds(term, subject)),
        Term::Is(operand) => is_something(&find(operand, subject)),
        Term::Changed(place) => has_changed(place, subject),
        Term::Compare(left, operator, right) => {
            compare(&find(left, subject), *operator, &find(right, subject))
        }
    }
}

fn find<'v>(operand: &Operand, subject: &'v ConditionSubject<'_>) -> Found<'v> {
    let place = match operand {
        Operand::Literal(node) => return Found::Plain(node.clone()),
        Operand::Place(place) => place,
    };
    let text = |text: &str| Found::Plain(Node::String(text.into()));
    let root = match place.root {
        Root::Value => subject.after().map(root_of),
        Root::Before => subject.before().map(root_of),
        Root::Key => Some(Found::Parts(subject.key.decode_readable().0)),
        Root::Kind => Some(text(subject.kind.word())),
        Root::Size => subject.after.map(|value| {
            // Exact: no value has so many bytes.
            Found::Plain(Node::Number(value.bytes.len() as f64))
        }),
    };
    let found = place
        .steps
        .iter()
        .try_fold(root, |found, step| Some(Some(follow(&found?, step)?)));
    found.flatten().unwrap_or(Found::Plain(Node::Undefined))
}

fn root_of(value: &Value) -> Found<'_> {
    of_node(value, value.root())
}

fn of_node<'v>(value: &'v Value, node: &Node) -> Found<'v> {
    match value.object_of(node) {
        None => Found::Plain(node.clone()),
        Some((_, Object::Date(milliseconds))) => Found::Plain(Node::Number(*milliseconds)),
        Some((_, Object::KvU64(number))) => Found::Plain(Node::BigInt((*number).into())),
        Some((_, Object::BoxedBoolean(boolean))) => Found::Plain(Node::Boolean(*boolean)),
        Some((_, Object::BoxedNumber(number))) => Found::Plain(Node::Number(*number)),
        Some((_, Object::BoxedBigInt(number))) => Found::Plain(Node::BigInt(number.clone())),
        Some((_, Object::BoxedString(string))) => Found::Plain(Node::String(string.clone())),
        Some((_, object)) => Found::Object(value, object),
    }
}

fn of_part(part: &KeyPart) -> Node {
    match part {
        KeyPart::Bytes(bytes) => {
            let text: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            Node::String(text.as_str().into())
        }
        KeyPart::String(string) => Node::String(string.as_str().into()),
        KeyPart::Number(number) => Node::Number(*number),
        KeyPart::BigInt(number) => Node::BigInt(number.clone()),
        KeyPart::Boolean(boolean) => Node::Boolean(*boolean),
    }
}

fn follow<'v>(found: &Found<'v>, step: &Step) -> Option<Found<'v>> {
    // Exact: nothing in memory has so many parts.
    let length = |length: usize| Some(Found::Plain(Node::Number(length as f64)));
    let is_length = matches!(step, Step::Name(name) if name == "length" || name == "size");
    match found {
        Found::Plain(Node::String(string)) if is_length => length(string.to_utf16().len()),
        Found::Plain(_) => None,
        Found::Parts(parts) => match step {
            Step::Index(index) => Some(Found::Plain(of_part(parts.get(usize::try_from(*index).ok()?)?))),
            Step::Name(_) if is_length => length(parts.len()),
            Step::Name(_) => None,
        },
        Found::Object(value, object) => {
            let own = match (object, step) {
                (Object::Plain(properties) | Object::Host(properties), Step::Name(name)) => {
                    property(properties, name)
                }
                (Object::Plain(properties), Step::Index(index)) => property(properties, &index.to_string()),
                (Object::Array(array), Step::Name(name)) => property(&array.properties, name),
                (Object::Array(array), Step::Index(index)) => {
                    let at = array.elements.binary_search_by_key(index, |(other, _)| *other);
                    array.elements.get(at.ok()?).map(|(_, node)| node)
                }
                (Object::Map(entries), Step::Name(name)) => entries
                    .iter()
                    .find(|(key, _)| matches!(key, Node::String(key) if key.as_str() == Some(name)))
                    .map(|(_, node)| node),
                (Object::Map(entries), Step::Index(index)) => entries
                    .iter()
                    .find(|(key, _)| *key == Node::Number(f64::from(*index)))
                    .map(|(_, node)| node),
                (Object::Error(error), Step::Name(name)) if name == "message" => {
                    return Some(Found::Plain(Node::String(error.message.clone()?)));
                }
                _ => None,
            };
            if let Some(node) = own {
                return Some(of_node(value, node));
            }
            match object {
                Object::Array(array) if is_length => {
                    Some(Found::Plain(Node::Number(f64::from(array.length))))
                }
                Object::Map(entries) if is_length => length(entries.len()),
                Object::Set(members) if is_length => length(members.len()),
                Object::ArrayBuffer { bytes, .. } if is_length => length(bytes.len()),
                Object::View(view) if is_length => {
                    let bytes = value.view_bytes(view).len();
                    length(bytes / usize::try_from(view.kind.element_size()).unwrap_or(1).max(1))
                }
                _ => None,
            }
        }
    }
}

fn property<'v>(properties: &'v Properties, name: &str) -> Option<&'v Node> {
    let own = properties.iter().find(|(other, _)| other.as_str() == Some(name));
    own.map(|(_, node)| node)
}

/// Whether something is there, as JavaScript takes it.
fn is_something(found: &Found<'_>) -> bool {
    match found {
        Found::Plain(Node::Undefined | Node::Null) => false,
        Found::Plain(Node::Boolean(boolean)) => *boolean,
        Found::Plain(Node::Number(number)) => *number != 0.0 && !number.is_nan(),
        Found::Plain(Node::BigInt(number)) => *number != 0.into(),
        Found::Plain(Node::String(string)) => string.as_str() != Some(""),
        Found::Plain(Node::Object(_)) | Found::Object(..) | Found::Parts(_) => true,
    }
}

fn has_changed(place: &Place, subject: &ConditionSubject<'_>) -> bool {
    let at = |root: Root| {
        let place = Place {
            root,
            steps: place.steps.clone(),
        };
        find(&Operand::Place(place), subject)
    };
    match (at(Root::Before), at(Root::Value)) {
        (Found::Plain(before), Found::Plain(after)) => !is_same(&before, &after),
        (Found::Object(old, before), Found::Object(new, after)) => {
            let alone = |value: &Value, object: &Object| {
                let mut value = value.clone();
                let id = value.add(object.clone());
                value.set_root(Node::Object(id));
                value
            };
            alone(old, before) != alone(new, after)
        }
        _ => true,
    }
}

fn compare(left: &Found<'_>, operator: Operator, right: &Found<'_>) -> bool {
    if operator == Operator::Contains {
        return contains(left, right);
    }
    let (Found::Plain(left), Found::Plain(right)) = (left, right) else {
        return operator == Operator::Other;
    };
    let order = || order(left, right);
    match operator {
        Operator::Same => is_same(left, right),
        Operator::Other => !is_same(left, right),
        Operator::Less => order().is_some_and(Ordering::is_lt),
        Operator::AtMost => order().is_some_and(Ordering::is_le),
        Operator::More => order().is_some_and(Ordering::is_gt),
        Operator::AtLeast => order().is_some_and(Ordering::is_ge),
        Operator::Contains => false,
    }
}

fn contains(whole: &Found<'_>, part: &Found<'_>) -> bool {
    let Found::Plain(part) = part else {
        return false;
    };
    match whole {
        Found::Plain(Node::String(whole)) => match part {
            Node::String(part) => whole.to_string_lossy().contains(&part.to_string_lossy()),
            _ => false,
        },
        Found::Plain(_) => false,
        Found::Parts(parts) => parts.iter().any(|own| is_same(&of_part(own), part)),
        Found::Object(value, object) => {
            let is_part = |node: &Node| match of_node(value, node) {
                Found::Plain(node) => is_same(&node, part),
                Found::Object(..) | Found::Parts(_) => false,
            };
            match object {
                Object::Array(array) => array.elements.iter().any(|(_, node)| is_part(node)),
                Object::Set(members) => members.iter().any(is_part),
                Object::Map(entries) => entries.iter().any(|(key, _)| is_part(key)),
                Object::Plain(properties) => match part {
                    Node::String(name) => properties.iter().any(|(own, _)| own == name),
                    _ => false,
                },
                _ => false,
            }
        }
    }
}

fn is_same(left: &Node, right: &Node) -> bool {
    match (left, right) {
        (Node::Number(_), Node::BigInt(_)) | (Node::BigInt(_), Node::Number(_)) => {
            order(left, right) == Some(Ordering::Equal)
        }
        // As a person means it: 0 and -0 are one number.
        (Node::Number(left), Node::Number(right)) if !left.is_nan() => left == right,
        _ => left == right,
    }
}

/// Which comes first, where the two are in an order.
fn order(left: &Node, right: &Node) -> Option<Ordering> {
    match (left, right) {
        (Node::Number(left), Node::Number(right)) => left.partial_cmp(right),
        (Node::BigInt(left), Node::BigInt(right)) => Some(left.cmp(right)),
        (Node::String(left), Node::String(right)) => Some(left.to_utf16().cmp(&right.to_utf16())),
        (Node::BigInt(left), Node::Number(right)) => {
            if right.is_infinite() {
                return Some(0_f64.total_cmp(right));
            }
            let whole = format!("{:.0}", right.trunc()).parse().ok()?;
            Some(left.cmp(&whole).then(0_f64.partial_cmp(&right.fract())?))
        }
        (Node::Number(_), Node::BigInt(_)) => order(right, left).map(Ordering::reverse),
        _ => None,
    }
}
