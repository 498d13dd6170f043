//! Secondary indexes as programs keep them: beside each record `["users", 7]` an entry such as
//! `["users_by_email", "ada@example.com"]` that names it.
//!
//! Nothing in Deno KV says which entries belong together, so [`find`](find()) compares what stands under neighbouring
//! prefixes. [`check`](check()) goes through records and index entries and tells where they do not fit; what it tells comes with
//! the operation that repairs it, which writes nothing by itself.

mod check;
mod find;

pub use check::{IndexReport, Problem, check};
pub use find::find;

use crate::atomic::AtomicOperation;
use crate::entry::Entry;
use crate::key::{EncodedKey, Key, KeyPart};
use crate::value::{Array, JsString, Node, Object, StoredValue, Value};

/// How the entries of an index follow from the records that it is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Index {
    /// What the keys of records begin with; one part follows, which is the record's own.
    pub records: EncodedKey,
    /// What the keys of the index begin with.
    pub entries: EncodedKey,
    /// The parts that follow.
    pub parts: Vec<PartSource>,
    /// What is stored.
    pub value: ValueSource,
}

/// Where a part of an index key comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartSource {
    /// A field of the record's value: its name, or the names that lead to it from the outermost object on.
    Field(Vec<String>),
    /// The record's own part of its key.
    Own,
}

/// What an index stores under its keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueSource {
    /// The record's own part of its key.
    Own,
    /// The whole key of the record, as a list.
    Key,
    /// The record's value once more.
    Record,
    /// `true`, `null` or whatever says nothing: the key names the record.
    Nothing(String),
}

impl std::fmt::Display for PartSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Field(path) => f.write_str(&path.join(".")),
            Self::Own => f.write_str("the last part of its key"),
        }
    }
}

impl Index {
    /// The entry of the index that belongs to a record; `None` where the record has no such field, or is none.
    #[must_use]
    pub fn entry_of(&self, record: &EncodedKey, stored: &StoredValue) -> Option<(EncodedKey, StoredValue)> {
        let own = own_part(&self.records, record)?;
        let value = stored.decode().ok()?;
        let parts = self.parts.iter().map(|source| match source {
            PartSource::Own => Some(own.clone()),
            PartSource::Field(path) => field(&value, path),
        });
        let parts: Vec<KeyPart> = parts.collect::<Option<_>>()?;
        let mut key = self.entries.decode().ok()?;
        key.0.extend(parts);
        let stored = match &self.value {
            ValueSource::Own => StoredValue::from_value(&value_of(&own)?).ok()?,
            ValueSource::Key => StoredValue::from_value(&list_of(&record.decode().ok()?)?).ok()?,
            ValueSource::Record => stored.clone(),
            ValueSource::Nothing(literal) => {
                StoredValue::from_value(&crate::value::literal::parse(literal).ok()?).ok()?
            }
        };
        Some((key.encode().ok()?, stored))
    }

    /// The key of the record that an entry of the index names; `None` where it names none.
    #[must_use]
    pub fn record_of(&self, entry: &Entry) -> Option<EncodedKey> {
        let own = match self.parts.iter().position(|source| *source == PartSource::Own) {
            Some(place) => {
                let key = entry.key.decode().ok()?;
                let parts = self.entries.decode().ok()?.0.len();
                key.0.get(parts + place)?.clone()
            }
            None => {
                let value = entry.value.decode().ok()?;
                match &self.value {
                    ValueSource::Own => part_of(value.root())?,
                    ValueSource::Key => {
                        let key = key_of_list(&value)?.encode().ok()?;
                        return own_part(&self.records, &key).map(|_| key);
                    }
                    ValueSource::Record | ValueSource::Nothing(_) => return None,
                }
            }
        };
        let mut key = self.records.decode().ok()?;
        key.0.push(own);
        key.encode().ok()
    }

    /// How many parts the keys of the index have.
    fn length(&self) -> usize {
        self.entries.part_ends().len() + self.parts.len()
    }

    /// Whether a key is one of the index.
    #[must_use]
    pub fn has(&self, key: &EncodedKey) -> bool {
        key.as_bytes().starts_with(self.entries.as_bytes()) && key.part_ends().len() == self.length()
    }
}

/// The prefix of the records among which a key stands: all but its last part.
#[must_use]
pub fn records_of(key: &EncodedKey) -> Option<EncodedKey> {
    let ends = key.part_ends();
    let before = ends.len().checked_sub(2)?;
    ends.get(before).map(|end| key.truncated(*end))
}

/// Stores a record together with its index entries, in place of what stands there: an index key that another field brings
/// takes the place of the old one. Everything is checked to be as it was seen; `standing` tells what stands under a key.
#[must_use]
pub fn set_with_indexes(
    indexes: &[Index],
    key: &EncodedKey,
    value: &StoredValue,
    expires_at: Option<i64>,
    standing: impl Fn(&EncodedKey) -> Option<Entry>,
) -> AtomicOperation {
    let before = standing(key);
    let stamp = before.as_ref().map(|entry| entry.versionstamp);
    let mut operation =
        AtomicOperation::new()
            .check(key.clone(), stamp)
            .set_expiring(key.clone(), value.clone(), expires_at);
    for index in indexes {
        let old = before
            .as_ref()
            .and_then(|entry| index.entry_of(key, &entry.value));
        let new = index.entry_of(key, value);
        let old = old.map(|(key, _)| key);
        if let Some(gone) = old.filter(|old| new.as_ref().is_none_or(|(new, _)| new != old))
            && let Some(entry) = standing(&gone)
            && index.record_of(&entry).is_none_or(|record| record == *key)
        {
            operation = operation
                .check(gone.clone(), Some(entry.versionstamp))
                .delete(gone);
        }
        if let Some((new, stored)) = new {
            let stands = standing(&new).map(|entry| entry.versionstamp);
            operation = operation
                .check(new.clone(), stands)
                .set_expiring(new, stored, expires_at);
        }
    }
    operation
}

/// The one part that follows the prefix of the records.
fn own_part(records: &EncodedKey, key: &EncodedKey) -> Option<KeyPart> {
    let rest = key.as_bytes().strip_prefix(records.as_bytes())?;
    let mut rest = EncodedKey::from_bytes(rest.to_vec()).decode().ok()?;
    let part = rest.0.pop()?;
    rest.0.is_empty().then_some(part)
}

/// A field of a value as a key part.
fn field(value: &Value, path: &[String]) -> Option<KeyPart> {
    let mut node = value.root();
    for name in path {
        let Some((_, Object::Plain(properties))) = value.object_of(node) else {
            return None;
        };
        node = properties
            .iter()
            .find(|(other, _)| other == name.as_str())
            .map(|(_, node)| node)?;
    }
    part_of(node)
}

/// The key part that is equal to a primitive.
fn part_of(node: &Node) -> Option<KeyPart> {
    Some(match node {
        Node::String(text) => KeyPart::String(text.as_str()?.to_owned()),
        Node::Number(number) => KeyPart::Number(*number),
        Node::BigInt(number) => KeyPart::BigInt(number.clone()),
        Node::Boolean(boolean) => KeyPart::Boolean(*boolean),
        _ => return None,
    })
}

fn node_of(part: &KeyPart) -> Option<Node> {
    Some(match part {
        KeyPart::String(text) => Node::String(JsString::from(text.as_str())),
        KeyPart::Number(number) => Node::Number(*number),
        KeyPart::BigInt(number) => Node::BigInt(number.clone()),
        KeyPart::Boolean(boolean) => Node::Boolean(*boolean),
        KeyPart::Bytes(_) => return None,
    })
}

fn value_of(part: &KeyPart) -> Option<Value> {
    node_of(part).map(Value::primitive)
}

fn list_of(key: &Key) -> Option<Value> {
    let nodes: Vec<Node> = key.0.iter().map(node_of).collect::<Option<_>>()?;
    let length = u32::try_from(nodes.len()).ok()?;
    Some(Value::of_object(Object::Array(Array {
        length,
        elements: (0..length).zip(nodes).collect(),
        ..Array::default()
    })))
}

fn key_of_list(value: &Value) -> Option<Key> {
    let (_, Object::Array(array)) = value.object_of(value.root())? else {
        return None;
    };
    array.elements.iter().map(|(_, node)| part_of(node)).collect()
}
