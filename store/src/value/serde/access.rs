//! The parts of an object, one after the other.

use serde_core::de::Deserializer as _;
use serde_core::de::value::BorrowedStrDeserializer;
use serde_core::de::{DeserializeSeed, EnumAccess, Error as _, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::deserialize::Deserializer;
use super::error::DataError;
use super::parts::{Element, Name};
use crate::javascript::JsString;
use crate::value::literal::elements::element_node;
use crate::value::{Array, ErrorObject, Node, Properties, View, ViewKind};

/// What a missing element is.
static UNDEFINED: Node = Node::Undefined;

/// Elements of an array, a set or a view.
pub(super) struct Elements<'v, 'b> {
    parent: Deserializer<'v, 'b>,
    next: usize,
    length: usize,
    source: Source<'v>,
}

enum Source<'v> {
    /// The elements of an array that are still to come; what is between them are holes.
    Array(std::slice::Iter<'v, (u32, Node)>, Option<&'v (u32, Node)>),
    Set(std::slice::Iter<'v, Node>),
    View(ViewKind, std::slice::ChunksExact<'v, u8>),
}

impl<'v, 'b> Elements<'v, 'b> {
    pub(super) fn of_array(parent: Deserializer<'v, 'b>, array: &'v Array) -> Result<Self, DataError> {
        let length = array.length as usize;
        let mut elements = array.elements.iter();
        let first = elements.next();
        parent.charge(length)?;
        Ok(Self {
            parent: parent.enter()?,
            next: 0,
            length,
            source: Source::Array(elements, first),
        })
    }

    pub(super) fn of_set(parent: Deserializer<'v, 'b>, entries: &'v [Node]) -> Result<Self, DataError> {
        Ok(Self {
            parent: parent.enter()?,
            next: 0,
            length: entries.len(),
            source: Source::Set(entries.iter()),
        })
    }

    pub(super) fn of_view(parent: Deserializer<'v, 'b>, view: &'v View) -> Result<Self, DataError> {
        let size = usize::try_from(view.kind.element_size()).unwrap_or(1);
        let elements = parent.value.view_bytes(view).chunks_exact(size);
        Ok(Self {
            parent: parent.enter()?,
            next: 0,
            length: elements.len(),
            source: Source::View(view.kind, elements),
        })
    }
}

impl<'v> SeqAccess<'v> for Elements<'v, '_> {
    type Error = DataError;

    fn next_element_seed<S: DeserializeSeed<'v>>(&mut self, seed: S) -> Result<Option<S::Value>, DataError> {
        let index = self.next;
        if index >= self.length {
            return Ok(None);
        }
        self.next += 1;
        let node = match &mut self.source {
            Source::Array(elements, next) => match next {
                Some((at, node)) if *at as usize == index => {
                    *next = elements.next();
                    node
                }
                _ => &UNDEFINED,
            },
            Source::Set(nodes) => nodes.next().unwrap_or(&UNDEFINED),
            Source::View(kind, elements) => {
                let element = element_node(*kind, elements.next().unwrap_or_default());
                let element = seed.deserialize(Element(element)).map(Some);
                return element.map_err(|error| error.at(index));
            }
        };
        let element = seed.deserialize(self.parent.with(node));
        element.map(Some).map_err(|error| error.at(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.length - self.next)
    }
}

/// Properties of an object, entries of a map, or the parts of an error.
pub(super) struct Pairs<'v, 'b> {
    parent: Deserializer<'v, 'b>,
    left: usize,
    pairs: PairSource<'v>,
    /// The value whose key has been read.
    pending: Option<(Key<'v>, Part<'v>)>,
}

enum PairSource<'v> {
    Properties(std::slice::Iter<'v, (JsString, Node)>),
    Map(std::slice::Iter<'v, (Node, Node)>),
    Error(std::vec::IntoIter<(&'static str, Part<'v>)>),
}

#[derive(Clone, Copy)]
enum Key<'v> {
    Name(&'v JsString),
    Node(&'v Node),
    Field(&'static str),
}

#[derive(Clone, Copy)]
enum Part<'v> {
    Node(&'v Node),
    Text(&'v JsString),
    Name(&'static str),
}

impl<'v, 'b> Pairs<'v, 'b> {
    pub(super) fn of_properties(
        parent: Deserializer<'v, 'b>,
        properties: &'v Properties,
    ) -> Result<Self, DataError> {
        Self::new(
            parent,
            properties.len(),
            PairSource::Properties(properties.iter()),
        )
    }

    pub(super) fn of_map(
        parent: Deserializer<'v, 'b>,
        entries: &'v [(Node, Node)],
    ) -> Result<Self, DataError> {
        Self::new(parent, entries.len(), PairSource::Map(entries.iter()))
    }

    pub(super) fn of_error(parent: Deserializer<'v, 'b>, error: &'v ErrorObject) -> Result<Self, DataError> {
        let mut parts = vec![("name", Part::Name(error.name))];
        let texts = [("message", &error.message), ("stack", &error.stack)];
        parts.extend(
            texts
                .into_iter()
                .filter_map(|(name, text)| Some((name, Part::Text(text.as_ref()?)))),
        );
        parts.extend(error.cause.iter().map(|cause| ("cause", Part::Node(cause))));
        Self::new(parent, parts.len(), PairSource::Error(parts.into_iter()))
    }

    fn new(parent: Deserializer<'v, 'b>, left: usize, pairs: PairSource<'v>) -> Result<Self, DataError> {
        Ok(Self {
            parent: parent.enter()?,
            left,
            pairs,
            pending: None,
        })
    }

    fn next(&mut self) -> Option<(Key<'v>, Part<'v>)> {
        match &mut self.pairs {
            PairSource::Properties(pairs) => {
                pairs.next().map(|(key, node)| (Key::Name(key), Part::Node(node)))
            }
            PairSource::Map(pairs) => pairs.next().map(|(key, node)| (Key::Node(key), Part::Node(node))),
            PairSource::Error(parts) => parts.next().map(|(name, part)| (Key::Field(name), part)),
        }
    }
}

impl<'v> MapAccess<'v> for Pairs<'v, '_> {
    type Error = DataError;

    fn next_key_seed<S: DeserializeSeed<'v>>(&mut self, seed: S) -> Result<Option<S::Value>, DataError> {
        self.pending = self.next();
        self.left = self.left.saturating_sub(1);
        match self.pending {
            None => Ok(None),
            Some((Key::Name(name), _)) => seed.deserialize(Name(name)).map(Some),
            Some((Key::Node(key), _)) => seed.deserialize(self.parent.with(key)).map(Some),
            Some((Key::Field(name), _)) => seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some),
        }
    }

    fn next_value_seed<S: DeserializeSeed<'v>>(&mut self, seed: S) -> Result<S::Value, DataError> {
        let Some((key, part)) = self.pending.take() else {
            return Err(DataError::custom("a value was asked for before its key"));
        };
        let value = match part {
            Part::Node(node) => seed.deserialize(self.parent.with(node)),
            Part::Text(text) => seed.deserialize(Name(text)),
            Part::Name(name) => seed.deserialize(BorrowedStrDeserializer::new(name)),
        };
        value.map_err(|error| match key {
            Key::Name(name) => error.under(name),
            Key::Node(Node::String(name)) => error.under(name),
            Key::Node(_) => error.below(".get(…)"),
            Key::Field(name) => error.under(&name.into()),
        })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// The variant of an enum that an object with one property is.
pub(super) struct VariantOf<'v, 'b> {
    pub name: &'v JsString,
    pub content: Deserializer<'v, 'b>,
}

impl<'v, 'b> EnumAccess<'v> for VariantOf<'v, 'b> {
    type Error = DataError;
    type Variant = Deserializer<'v, 'b>;

    fn variant_seed<S: DeserializeSeed<'v>>(self, seed: S) -> Result<(S::Value, Self::Variant), DataError> {
        Ok((seed.deserialize(Name(self.name))?, self.content))
    }
}

impl<'v> VariantAccess<'v> for Deserializer<'v, '_> {
    type Error = DataError;

    fn unit_variant(self) -> Result<(), DataError> {
        match self.node {
            Node::Undefined | Node::Null => Ok(()),
            _ => Err(DataError::custom("a variant without content has some")),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'v>>(self, seed: S) -> Result<S::Value, DataError> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'v>>(self, _length: usize, visitor: V) -> Result<V::Value, DataError> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'v>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DataError> {
        self.deserialize_any(visitor)
    }
}
