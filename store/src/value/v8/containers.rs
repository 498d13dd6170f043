//! The objects that are being read: each waits for the values that it holds.

use super::bytes::{Bytes, broken};
use super::tags;
use crate::value::collection::{KeyCollector, PropertyCollector, PropertyKey, RepeatedKey};
use crate::value::{Fault, Node, Object, ObjectId, ValueError};

/// An object that has begun and not yet ended.
#[derive(Debug)]
pub(super) struct Frame {
    /// The object in the graph.
    pub object: ObjectId,
    /// Where it begins.
    pub offset: usize,
    pub content: Content,
}

/// What has been read of it.
#[derive(Debug)]
pub(super) enum Content {
    Object(Fields),
    /// The first `in_order` elements of a dense array come without their index, a sparse one has none such.
    Array {
        fields: Fields,
        length: u32,
        next_element: u32,
        in_order: u32,
        dense: bool,
    },
    Map {
        entries: KeyCollector<Node>,
        key: Option<Node>,
        count: u32,
    },
    Set {
        entries: KeyCollector<()>,
        count: u32,
    },
    /// An error, whose cause comes.
    Error,
    /// A host object of Deno's, whose plain form comes. Its number among the objects is given already.
    Host {
        number: usize,
    },
}

/// The most elements that room is made for before they are read.
const MOST_RESERVED: usize = 4_096;

/// Properties, read as key and value in turn.
#[derive(Debug, Default)]
pub(super) struct Fields {
    collector: PropertyCollector,
    key: Option<PropertyKey>,
    count: u32,
}

impl Fields {
    /// Room for the elements of a dense array, of which a short text can claim many.
    pub fn with_elements(count: usize) -> Self {
        Self {
            collector: PropertyCollector::with_elements(count.min(MOST_RESERVED)),
            ..Self::default()
        }
    }

    fn take(&mut self, node: Node, offset: usize) -> Result<(), ValueError> {
        match (self.key.take(), node) {
            (Some(key), node) => {
                self.collector.push(key, node);
                self.count += 1;
            }
            (None, Node::String(name)) => self.key = Some(PropertyKey::from_string(name)),
            (None, Node::Number(number)) => self.key = Some(PropertyKey::from_number(number)),
            (None, _) => return Err(broken(offset, Fault::Key)),
        }
        Ok(())
    }
}

impl Frame {
    /// Takes the next value of the object; `offset` is where that value begins.
    pub fn take(&mut self, node: Node, offset: usize) -> Result<(), ValueError> {
        match &mut self.content {
            Content::Object(fields) => fields.take(node, offset)?,
            Content::Array {
                fields,
                in_order,
                next_element,
                ..
            } => {
                if *next_element < *in_order {
                    fields.collector.push(PropertyKey::Index(*next_element), node);
                    *next_element += 1;
                } else {
                    fields.take(node, offset)?;
                }
            }
            Content::Map { entries, key, count } => match key.take() {
                Some(key) => {
                    entries.set(key, node);
                    *count += 2;
                }
                None => *key = Some(node),
            },
            Content::Set { entries, count } => {
                entries.set(node, ());
                *count += 1;
            }
            // The reader itself sees to these.
            Content::Error | Content::Host { .. } => {}
        }
        Ok(())
    }

    /// Steps over holes, and says whether the object ends here: its end tag comes, and it may end.
    pub fn ends(&mut self, bytes: &mut Bytes<'_>) -> Result<bool, ValueError> {
        let end = match &mut self.content {
            Content::Object(fields) if fields.key.is_none() => tags::OBJECT_END,
            Content::Array {
                fields,
                in_order,
                next_element,
                dense,
                ..
            } if fields.key.is_none() => {
                while *next_element < *in_order && bytes.peek_tag() == Some(tags::HOLE) {
                    bytes.tag("an array")?;
                    *next_element += 1;
                }
                if *next_element < *in_order {
                    return Ok(false);
                }
                if *dense {
                    tags::DENSE_ARRAY_END
                } else {
                    tags::SPARSE_ARRAY_END
                }
            }
            Content::Map { key: None, .. } => tags::MAP_END,
            Content::Set { .. } => tags::SET_END,
            _ => return Ok(false),
        };
        let ends = bytes.peek_tag() == Some(end);
        if ends {
            bytes.tag("")?;
        }
        Ok(ends)
    }

    /// What has been read of the object.
    pub fn cut(self) -> Object {
        match self.content {
            Content::Object(mut fields) => {
                fields.collector.keep_last();
                Object::Plain(fields.collector.into_properties().unwrap_or_default())
            }
            Content::Array {
                mut fields, length, ..
            } => {
                fields.collector.keep_last();
                Object::Array(fields.collector.into_array(length).unwrap_or_default())
            }
            Content::Map { entries, .. } => Object::Map(entries.into_entries()),
            Content::Set { entries, .. } => Object::Set(set_of(entries)),
            Content::Error | Content::Host { .. } => Object::default(),
        }
    }

    /// The whole object, after its end tag.
    pub fn finish(self, bytes: &mut Bytes<'_>) -> Result<Object, ValueError> {
        let at = bytes.offset();
        let duplicate = |key: RepeatedKey| broken(self.offset, Fault::DuplicateKey(format!("\"{key}\"")));
        let count = |what: &'static str, counted: u32, stored: u32| {
            if counted == stored {
                Ok(())
            } else {
                Err(broken(
                    at,
                    Fault::Count {
                        what,
                        stored,
                        counted,
                    },
                ))
            }
        };
        match self.content {
            Content::Object(fields) => {
                count("an object", fields.count, bytes.varint32("an object")?)?;
                fields
                    .collector
                    .into_properties()
                    .map(Object::Plain)
                    .map_err(duplicate)
            }
            Content::Array { fields, length, .. } => {
                count("an array", fields.count, bytes.varint32("an array")?)?;
                let end = bytes.varint32("an array")?;
                if length != end {
                    return Err(broken(at, Fault::Length { start: length, end }));
                }
                fields
                    .collector
                    .into_array(length)
                    .map(Object::Array)
                    .map_err(duplicate)
            }
            Content::Map {
                entries,
                count: counted,
                ..
            } => {
                count("a Map", counted, bytes.varint32("a Map")?)?;
                Ok(Object::Map(entries.into_entries()))
            }
            Content::Set {
                entries,
                count: counted,
            } => {
                count("a Set", counted, bytes.varint32("a Set")?)?;
                Ok(Object::Set(set_of(entries)))
            }
            Content::Error | Content::Host { .. } => {
                Err(broken(at, Fault::Host("a host object ends too early")))
            }
        }
    }
}

fn set_of(entries: KeyCollector<()>) -> Vec<Node> {
    entries
        .into_entries()
        .into_iter()
        .map(|(node, ())| node)
        .collect()
}
