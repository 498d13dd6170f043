//! When two values are the same: equal by `Object.is` in every primitive, and of the same shape in identity.

use std::collections::HashMap;

use super::graph::{Node, Object, ObjectId, Properties, Value};

impl PartialEq for Node {
    /// `Object.is` for primitives; two references are equal if they name the same object of one graph.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Undefined, Self::Undefined) | (Self::Null, Self::Null) => true,
            (Self::Boolean(a), Self::Boolean(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => same_number(*a, *b),
            (Self::BigInt(a), Self::BigInt(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Object(a), Self::Object(b)) => a == b,
            _ => false,
        }
    }
}

fn same_number(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

impl PartialEq for Value {
    /// Whether no program could tell the two apart: the same types and contents in the same order, and the
    /// same references shared.
    fn eq(&self, other: &Self) -> bool {
        let mut comparison = Comparison::default();
        if !comparison.nodes(self.root(), other.root()) {
            return false;
        }
        while let Some((left, right)) = comparison.pending.pop() {
            let same = match (self.object(left), other.object(right)) {
                (Some(left), Some(right)) => comparison.objects(left, right),
                (left, right) => left.is_none() && right.is_none(),
            };
            if !same {
                return false;
            }
        }
        true
    }
}

/// Two graphs walked side by side.
#[derive(Default)]
struct Comparison {
    /// Which object of the right one each of the left one must be, and the other way round.
    rights: HashMap<ObjectId, ObjectId>,
    lefts: HashMap<ObjectId, ObjectId>,
    pending: Vec<(ObjectId, ObjectId)>,
}

impl Comparison {
    fn nodes(&mut self, left: &Node, right: &Node) -> bool {
        match (left, right) {
            (Node::Object(left), Node::Object(right)) => self.references(*left, *right),
            _ => left == right,
        }
    }

    fn references(&mut self, left: ObjectId, right: ObjectId) -> bool {
        match (self.rights.get(&left), self.lefts.get(&right)) {
            (None, None) => {
                self.rights.insert(left, right);
                self.lefts.insert(right, left);
                self.pending.push((left, right));
                true
            }
            (known_right, known_left) => known_right == Some(&right) && known_left == Some(&left),
        }
    }

    fn properties(&mut self, left: &Properties, right: &Properties) -> bool {
        left.len() == right.len()
            && left
                .iter()
                .zip(right)
                .all(|((left_key, left), (right_key, right))| {
                    left_key == right_key && self.nodes(left, right)
                })
    }

    fn objects(&mut self, left: &Object, right: &Object) -> bool {
        use Object as O;
        match (left, right) {
            (O::Plain(a), O::Plain(b)) | (O::Host(a), O::Host(b)) => self.properties(a, b),
            (O::Array(a), O::Array(b)) => {
                a.length == b.length
                    && a.elements.len() == b.elements.len()
                    && a.elements
                        .iter()
                        .zip(&b.elements)
                        .all(|(a, b)| a.0 == b.0 && self.nodes(&a.1, &b.1))
                    && self.properties(&a.properties, &b.properties)
            }
            (O::Map(a), O::Map(b)) => {
                let same =
                    |(a, b): (&(Node, Node), &(Node, Node))| self.nodes(&a.0, &b.0) && self.nodes(&a.1, &b.1);
                a.len() == b.len() && a.iter().zip(b).all(same)
            }
            (O::Set(a), O::Set(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.nodes(a, b)),
            (O::Date(a), O::Date(b)) | (O::BoxedNumber(a), O::BoxedNumber(b)) => same_number(*a, *b),
            (
                O::RegExp { source, flags },
                O::RegExp {
                    source: other,
                    flags: other_flags,
                },
            ) => source == other && flags == other_flags,
            (O::BoxedBoolean(a), O::BoxedBoolean(b)) => a == b,
            (O::BoxedBigInt(a), O::BoxedBigInt(b)) => a == b,
            (O::BoxedString(a), O::BoxedString(b)) => a == b,
            (O::Error(a), O::Error(b)) => {
                let same_cause = match (&a.cause, &b.cause) {
                    (Some(a), Some(b)) => self.nodes(a, b),
                    (a, b) => a.is_none() && b.is_none(),
                };
                a.name == b.name && a.message == b.message && a.stack == b.stack && same_cause
            }
            (
                O::ArrayBuffer {
                    bytes,
                    max_byte_length,
                },
                O::ArrayBuffer {
                    bytes: other,
                    max_byte_length: other_max,
                },
            ) => bytes == other && max_byte_length == other_max,
            (O::View(a), O::View(b)) => {
                a.kind == b.kind
                    && a.byte_offset == b.byte_offset
                    && a.byte_length == b.byte_length
                    && a.length_tracking == b.length_tracking
                    && self.references(a.buffer, b.buffer)
            }
            (O::KvU64(a), O::KvU64(b)) => a == b,
            _ => false,
        }
    }
}
