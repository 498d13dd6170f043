//! Where a part of a value is.

use std::fmt;

use keyglass_store::KeyPart;
use keyglass_store::value::{JsString, Node, Object, Properties, Value};

/// One step from an object into it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// An own property. An error's `message`, `stack` and `cause` count as such.
    Property(JsString),
    /// An element of an array, or a hole of it.
    Index(u32),
    /// The key of a map's entry, by position.
    MapKey(usize),
    /// The value of a map's entry, by position.
    MapValue(usize),
    /// A member of a set, by position.
    Member(usize),
}

/// The steps from a value to a part of it; no step is the value itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct ValuePath(pub Vec<Step>);

impl ValuePath {
    /// The path one step further.
    #[must_use]
    pub fn with(&self, step: Step) -> Self {
        let mut steps = Vec::with_capacity(self.0.len() + 1);
        steps.extend_from_slice(&self.0);
        steps.push(step);
        Self(steps)
    }

    /// The path without its last step; `None` for the value itself.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, steps) = self.0.split_last()?;
        Some(Self(steps.to_vec()))
    }

    /// The part of `value` at this path, if it is there.
    #[must_use]
    pub fn find(&self, value: &Value) -> Option<Node> {
        self.0.iter().try_fold(value.root().clone(), |node, step| {
            let (_, object) = value.object_of(&node)?;
            step.follow(object)
        })
    }
}

/// The object that a path's last step leads into, and that step.
#[must_use]
pub fn container<'v>(value: &'v mut Value, path: &ValuePath) -> Option<(&'v mut Object, Step)> {
    let step = path.0.last()?.clone();
    let Node::Object(id) = path.parent()?.find(value)? else {
        return None;
    };
    Some((value.object_mut(id)?, step))
}

/// Where a property stands among its siblings.
#[must_use]
pub fn position(properties: &Properties, name: &JsString) -> Option<usize> {
    properties.iter().position(|(other, _)| other == name)
}

impl ValuePath {
    /// Puts another node at this path; `None` if nothing is there, or no such node can be.
    #[must_use]
    pub fn replace(&self, value: &mut Value, node: Node) -> Option<()> {
        if self.0.is_empty() {
            value.set_root(node);
            return Some(());
        }
        let place = match container(value, self)? {
            (Object::Plain(properties), Step::Property(name)) => {
                let position = position(properties, &name)?;
                properties.get_mut(position).map(|(_, place)| place)?
            }
            (Object::Array(array), Step::Property(name)) => {
                let position = position(&array.properties, &name)?;
                array.properties.get_mut(position).map(|(_, place)| place)?
            }
            (Object::Array(array), Step::Index(index)) => {
                let position = array.elements.binary_search_by_key(&index, |(other, _)| *other);
                array.elements.get_mut(position.ok()?).map(|(_, place)| place)?
            }
            (Object::Map(entries), Step::MapKey(position)) => {
                entries.get_mut(position).map(|(key, _)| key)?
            }
            (Object::Map(entries), Step::MapValue(position)) => {
                entries.get_mut(position).map(|(_, place)| place)?
            }
            (Object::Set(members), Step::Member(position)) => members.get_mut(position)?,
            (Object::Error(error), Step::Property(name)) if name.as_str() == Some("cause") => {
                error.cause.as_mut()?
            }
            (Object::Error(error), Step::Property(name)) => {
                let Node::String(text) = node else {
                    return None;
                };
                let is_message = name.as_str() == Some("message");
                let place = if is_message {
                    &mut error.message
                } else {
                    &mut error.stack
                };
                *place = Some(text);
                return Some(());
            }
            _ => return None,
        };
        *place = node;
        Some(())
    }
}

impl Step {
    /// What this step leads to in an object.
    fn follow(&self, object: &Object) -> Option<Node> {
        let property = |properties: &[(JsString, Node)], name: &JsString| {
            let found = properties.iter().find(|(other, _)| other == name);
            found.map(|(_, node)| node.clone())
        };
        match (self, object) {
            (Self::Property(name), Object::Plain(properties) | Object::Host(properties)) => {
                property(properties, name)
            }
            (Self::Property(name), Object::Array(array)) => property(&array.properties, name),
            (Self::Property(JsString::Unicode(name)), Object::Error(error)) => match name.as_str() {
                "message" => error.message.clone().map(Node::String),
                "stack" => error.stack.clone().map(Node::String),
                "cause" => error.cause.clone(),
                _ => None,
            },
            (Self::Index(index), Object::Array(array)) => {
                let position = array
                    .elements
                    .binary_search_by_key(index, |(other, _)| *other)
                    .ok()?;
                array.elements.get(position).map(|(_, node)| node.clone())
            }
            (Self::MapKey(position), Object::Map(entries)) => {
                entries.get(*position).map(|(key, _)| key.clone())
            }
            (Self::MapValue(position), Object::Map(entries)) => {
                entries.get(*position).map(|(_, node)| node.clone())
            }
            (Self::Member(position), Object::Set(members)) => members.get(*position).cloned(),
            _ => None,
        }
    }
}

impl fmt::Display for ValuePath {
    /// As JavaScript reads it where there is such a form: `.items[0]["a b"]`; `value` itself is `value`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("value")?;
        for step in &self.0 {
            match step {
                Step::Property(name) => match name {
                    JsString::Unicode(name) if is_identifier(name) => write!(f, ".{name}")?,
                    _ => write!(f, "[{}]", quoted(name))?,
                },
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::MapKey(position) => write!(f, ".keys[{position}]")?,
                Step::MapValue(position) => write!(f, ".values[{position}]")?,
                Step::Member(position) => write!(f, ".members[{position}]")?,
            }
        }
        Ok(())
    }
}

/// A property's name as it stands before a colon.
pub fn property_name(name: &JsString) -> String {
    match name {
        JsString::Unicode(name) if is_identifier(name) => name.clone(),
        _ => quoted(name),
    }
}

fn quoted(name: &JsString) -> String {
    match name {
        JsString::Unicode(name) => KeyPart::String(name.clone()).to_string(),
        JsString::Surrogates(units) => KeyPart::String(String::from_utf16_lossy(units)).to_string(),
    }
}

fn is_identifier(name: &str) -> bool {
    let begins = |char: char| char == '_' || char == '$' || char.is_alphabetic();
    name.chars().next().is_some_and(begins) && name.chars().all(|char| begins(char) || char.is_numeric())
}
