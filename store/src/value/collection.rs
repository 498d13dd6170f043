//! The rules by which JavaScript collects keys: property order, and the equality of `Map` and `Set`.

use std::collections::{BTreeMap, HashMap, HashSet};

use num_bigint::BigInt;

use super::graph::{Array, Node, ObjectId, Properties};
use crate::javascript::JsString;
use crate::javascript::number::number_text;

/// The largest array index, 2³² - 2.
const MAX_INDEX: u32 = u32::MAX - 1;

/// Below this, looking at every key is faster than hashing.
const FEW: usize = 8;

/// A property key: array indices stand apart, because they come first and in ascending order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PropertyKey {
    Index(u32),
    Name(JsString),
}

impl PropertyKey {
    pub fn from_string(name: JsString) -> Self {
        match name.as_str().and_then(array_index) {
            Some(index) => Self::Index(index),
            None => Self::Name(name),
        }
    }

    pub fn from_number(number: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "compared right after"
        )]
        let index = number as u32;
        if index <= MAX_INDEX && f64::from(index) == number {
            Self::Index(index)
        } else {
            Self::Name(JsString::Unicode(number_text(number)))
        }
    }
}

/// The index that a property name is, if it is written as JavaScript writes it.
pub(crate) fn array_index(name: &str) -> Option<u32> {
    let canonical = name == "0" || (name.len() <= 10 && name.starts_with(|first| matches!(first, '1'..='9')));
    if !canonical || !name.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    name.parse().ok().filter(|index| *index <= MAX_INDEX)
}

/// Collects own properties, to put them in JavaScript's order at the end.
#[derive(Debug, Default)]
pub(crate) struct PropertyCollector {
    indices: Vec<(u32, Node)>,
    names: Properties,
}

/// A key that stands twice where it can stand once, by its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct RepeatedKey(pub String);

impl PropertyCollector {
    /// With room for so many array elements.
    pub fn with_elements(count: usize) -> Self {
        Self {
            indices: Vec::with_capacity(count),
            names: Vec::new(),
        }
    }

    pub fn push(&mut self, key: PropertyKey, node: Node) {
        match key {
            PropertyKey::Index(index) => self.indices.push((index, node)),
            PropertyKey::Name(name) => self.names.push((name, node)),
        }
    }

    /// The properties as strings and nodes, array indices first.
    #[cfg(feature = "serde")]
    pub fn into_pushed(self) -> impl Iterator<Item = (JsString, Node)> {
        let index = |(index, node): (u32, Node)| (JsString::Unicode(index.to_string()), node);
        self.indices.into_iter().map(index).chain(self.names)
    }

    /// Keeps of keys that came again only the last node, in the place of the first.
    pub fn keep_last(&mut self) {
        if check_names(&self.names).is_err() {
            let mut places = HashMap::with_capacity(self.names.len());
            let mut names: Properties = Vec::with_capacity(self.names.len());
            for (name, node) in std::mem::take(&mut self.names) {
                match places.get(&name).and_then(|place| names.get_mut(*place)) {
                    Some((_, known)) => *known = node,
                    None => {
                        places.insert(name.clone(), names.len());
                        names.push((name, node));
                    }
                }
            }
            self.names = names;
        }
        if sort_elements(&mut self.indices).is_err() {
            let last: BTreeMap<u32, Node> = std::mem::take(&mut self.indices).into_iter().collect();
            self.indices = last.into_iter().collect();
        }
    }

    /// The properties of a plain object, or the first key that appears twice.
    pub fn into_properties(mut self) -> Result<Properties, RepeatedKey> {
        check_names(&self.names)?;
        if self.indices.is_empty() {
            return Ok(self.names);
        }
        sort_elements(&mut self.indices)?;
        let mut properties: Properties = self
            .indices
            .into_iter()
            .map(|(index, node)| (JsString::Unicode(index.to_string()), node))
            .collect();
        properties.append(&mut self.names);
        Ok(properties)
    }

    /// An array of at least `length`, or the first key that appears twice (an array always has `length`).
    pub fn into_array(mut self, length: u32) -> Result<Array, RepeatedKey> {
        check_names(&self.names)?;
        if self.names.iter().any(|(name, _)| name == "length") {
            return Err(RepeatedKey("length".to_owned()));
        }
        sort_elements(&mut self.indices)?;
        let last = self.indices.last().map_or(0, |(index, _)| index + 1);
        Ok(Array {
            length: length.max(last),
            elements: self.indices,
            properties: self.names,
        })
    }
}

fn check_names(names: &Properties) -> Result<(), RepeatedKey> {
    let twice = if names.len() <= FEW {
        names
            .iter()
            .enumerate()
            .find(|(at, (name, _))| names.iter().take(*at).any(|(known, _)| known == name))
    } else {
        let mut seen = HashSet::with_capacity(names.len());
        names.iter().enumerate().find(|(_, (name, _))| !seen.insert(name))
    };
    twice.map_or(Ok(()), |(_, (name, _))| Err(RepeatedKey(name.to_string_lossy())))
}

/// Puts elements in ascending order.
fn sort_elements(elements: &mut [(u32, Node)]) -> Result<(), RepeatedKey> {
    if elements.is_sorted_by(|(a, _), (b, _)| a < b) {
        return Ok(());
    }
    elements.sort_by_key(|(index, _)| *index);
    let twice = elements.windows(2).find_map(|pair| match pair {
        [(a, _), (b, _)] if a == b => Some(RepeatedKey(a.to_string())),
        _ => None,
    });
    twice.map_or(Ok(()), Err)
}

/// What makes two keys of a `Map` the same: SameValueZero.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Identity {
    Undefined,
    Null,
    Boolean(bool),
    Number(u64),
    BigInt(BigInt),
    String(JsString),
    Object(ObjectId),
}

impl Identity {
    fn of(node: &Node) -> Self {
        match node {
            Node::Undefined => Self::Undefined,
            Node::Null => Self::Null,
            Node::Boolean(value) => Self::Boolean(*value),
            Node::Number(number) if number.is_nan() => Self::Number(f64::NAN.to_bits()),
            Node::Number(number) => Self::Number((number + 0.0).to_bits()),
            Node::BigInt(number) => Self::BigInt(number.clone()),
            Node::String(string) => Self::String(string.clone()),
            Node::Object(id) => Self::Object(*id),
        }
    }
}

/// Collects what a `Map` or a `Set` holds: a key that comes again keeps its place.
#[derive(Debug)]
pub(crate) struct KeyCollector<V> {
    entries: Vec<(Node, V)>,
    places: HashMap<Identity, usize>,
}

impl<V> Default for KeyCollector<V> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            places: HashMap::new(),
        }
    }
}

impl<V> KeyCollector<V> {
    pub fn set(&mut self, key: Node, value: V) {
        // -0 becomes 0.
        let key = match key {
            Node::Number(number) => Node::Number(number + 0.0),
            other => other,
        };
        let place = if self.entries.len() < FEW {
            // Without -0, equal by `Object.is` is equal by SameValueZero.
            self.entries.iter().position(|(known, _)| *known == key)
        } else {
            if self.places.is_empty() {
                let known = self.entries.iter().enumerate();
                self.places = known
                    .map(|(place, (key, _))| (Identity::of(key), place))
                    .collect();
            }
            match self.places.entry(Identity::of(&key)) {
                std::collections::hash_map::Entry::Occupied(entry) => Some(*entry.get()),
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(self.entries.len());
                    None
                }
            }
        };
        match place.and_then(|place| self.entries.get_mut(place)) {
            Some((_, known)) => *known = value,
            None => self.entries.push((key, value)),
        }
    }

    pub fn into_entries(self) -> Vec<(Node, V)> {
        self.entries
    }
}
