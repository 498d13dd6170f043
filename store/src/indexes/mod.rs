//! Secondary indexes as programs keep them: beside each record `["users", 7]` an entry such as
//! `["users_by_email", "ada@example.com"]` that names it.
//!
//! Nothing in Deno KV says which entries belong together, so [`find`](find()) compares what stands under neighbouring
//! prefixes. A record may have several parts of its own, such as `["orgs", org, "users", id]`, and its index may stand beside
//! it, `["orgs", org, "users_by_email", email]`, or above, `["users_by_email", email]`. [`check`](check()) goes through records and index entries and tells where they do not fit; what it tells comes with
//! the operation that repairs it, which writes nothing by itself.

mod check;
mod explain;
mod find;
mod pattern;

pub use check::{IndexReport, Problem, check};
pub use find::find;
pub use pattern::{RecordPart, RecordPattern};

use pattern::Shape;

use crate::atomic::AtomicOperation;
use crate::entry::Entry;
use crate::key::{EncodedKey, Key, KeyPart};
use crate::value::{Array, JsString, Node, Object, StoredValue, Value};

/// How the entries of an index follow from the records that it is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Index {
    /// The keys of the records.
    pub records: RecordPattern,
    /// The parts of the keys of the index.
    pub entries: Vec<PartSource>,
    /// What is stored.
    pub value: ValueSource,
}

/// Where a part of an index key comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartSource {
    /// It is the same in all of them.
    Fixed(KeyPart),
    /// A field of the record's value: its name, or the names that lead to it from the outermost object on.
    Field(Vec<String>),
    /// One of the record's own parts of its key, counted from 0.
    Own(usize),
}

/// What an index stores under its keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueSource {
    /// One of the record's own parts of its key, counted from 0.
    Own(usize),
    /// All of the record's own parts, as a list.
    OwnParts,
    /// The whole key of the record, as a list.
    Key,
    /// The record's value once more.
    Record,
    /// `true`, `null` or whatever says nothing: the key names the record.
    Nothing(String),
}

impl Index {
    /// The entry of the index that belongs to a record; `None` where the record has no such field, or is none.
    #[must_use]
    pub fn entry_of(&self, record: &EncodedKey, stored: &StoredValue) -> Option<(EncodedKey, StoredValue)> {
        let own = self.records.own_parts(record)?;
        let value = stored.decode().ok()?;
        let parts = self.entries.iter().map(|source| match source {
            PartSource::Fixed(part) => Some(part.clone()),
            PartSource::Own(number) => own.get(*number).cloned(),
            PartSource::Field(path) => field(&value, path),
        });
        let key = Key(parts.collect::<Option<_>>()?).encode().ok()?;
        let stored = match &self.value {
            ValueSource::Own(number) => StoredValue::from_value(&value_of(own.get(*number)?)?).ok()?,
            ValueSource::OwnParts => StoredValue::from_value(&list_of(&Key(own))?).ok()?,
            ValueSource::Key => StoredValue::from_value(&list_of(&record.decode().ok()?)?).ok()?,
            ValueSource::Record => stored.clone(),
            ValueSource::Nothing(literal) => {
                StoredValue::from_value(&crate::value::literal::parse(literal).ok()?).ok()?
            }
        };
        Some((key, stored))
    }

    /// The key of the record that an entry of the index names; `None` where it names none. What its own key says counts
    /// before what is stored.
    #[must_use]
    pub fn record_of(&self, entry: &Entry) -> Option<EncodedKey> {
        let key = entry.key.decode().ok()?;
        if key.0.len() != self.entries.len() {
            return None;
        }
        let mut own: Vec<Option<KeyPart>> = vec![None; self.records.own_count()];
        for (source, part) in self.entries.iter().zip(key.0) {
            if let PartSource::Own(number) = source {
                *own.get_mut(*number)? = Some(part);
            }
        }
        if own.iter().any(Option::is_none) {
            let stored = entry.value.decode().ok()?;
            let named: Vec<Option<KeyPart>> = match &self.value {
                ValueSource::Own(number) => {
                    let mut named = vec![None; own.len()];
                    *named.get_mut(*number)? = Some(part_of(stored.root())?);
                    named
                }
                ValueSource::OwnParts => key_of_list(&stored)?.0.into_iter().map(Some).collect(),
                ValueSource::Key => {
                    let key = key_of_list(&stored)?.encode().ok()?;
                    self.records.own_parts(&key)?.into_iter().map(Some).collect()
                }
                ValueSource::Record | ValueSource::Nothing(_) => return None,
            };
            if named.len() != own.len() {
                return None;
            }
            for (part, named) in own.iter_mut().zip(named) {
                *part = part.take().or(named);
            }
        }
        self.records.key_of(&own.into_iter().collect::<Option<Vec<_>>>()?)
    }

    /// Whether a key is one of the index.
    #[must_use]
    pub fn has(&self, key: &EncodedKey) -> bool {
        self.shape().has(key)
    }

    /// What its keys look like.
    fn shape(&self) -> Shape {
        Shape::new(self.entries.iter().map(|source| match source {
            PartSource::Fixed(part) => Some(part),
            PartSource::Field(_) | PartSource::Own(_) => None,
        }))
    }
}

impl std::fmt::Display for Index {
    /// Where it stands, and by what: `["orgs", *, "users_by_email"] by email`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Own parts at the same place in the keys of the records lead to it.
        let leads = |(place, source): &(usize, &PartSource)| match source {
            PartSource::Fixed(_) => true,
            PartSource::Own(number) => self.records.own_at(*place) == Some(*number),
            PartSource::Field(_) => false,
        };
        let lead = self.entries.iter().enumerate().take_while(leads);
        let fixed = lead.filter(|(_, source)| matches!(source, PartSource::Fixed(_)));
        let (lead, by) = self
            .entries
            .split_at(fixed.last().map_or(0, |(place, _)| place + 1));
        let shape = Shape::new(lead.iter().map(|source| match source {
            PartSource::Fixed(part) => Some(part),
            PartSource::Field(_) | PartSource::Own(_) => None,
        }));
        write!(f, "{shape} by ")?;
        for (number, source) in by.iter().enumerate() {
            if number > 0 {
                f.write_str(" and ")?;
            }
            match source {
                PartSource::Fixed(part) => part.fmt(f)?,
                PartSource::Field(path) => f.write_str(&path.join("."))?,
                PartSource::Own(number) if number + 1 == self.records.own_count() => {
                    f.write_str("the last part of its key")?;
                }
                PartSource::Own(number) => {
                    let mut places = 0..self.records.0.len();
                    let place = places.find(|place| self.records.own_at(*place) == Some(*number));
                    write!(f, "part {} of its key", place.unwrap_or_default() + 1)?;
                }
            }
        }
        Ok(())
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
