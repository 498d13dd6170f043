//! Reading a value as data.

use std::cell::Cell;

use num_bigint::BigInt;
use serde_core::de::value::BorrowedStrDeserializer;
use serde_core::de::{self, Deserialize, Visitor};

use super::access::{Elements, Pairs, VariantOf};
use super::error::DataError;
use super::integer::{forward_numbers, whole};
use super::special::{DATE, KV_U64};
use crate::javascript::JsString;
use crate::javascript::date::write_date;
use crate::value::{Node, Object, Properties, Value, View, ViewKind};

/// How deep data may be nested: types that hold themselves cost stack for every level.
const MAX_DEPTH: usize = 128;

pub(super) fn data_of<'v, T: Deserialize<'v>>(value: &'v Value) -> Result<T, DataError> {
    let weight = value.objects().map(weight_of).fold(0, usize::saturating_add);
    let budget = Cell::new(weight.saturating_mul(16).saturating_add(1 << 16));
    T::deserialize(Deserializer {
        value,
        node: value.root(),
        budget: &budget,
        depth: 0,
    })
}

/// What it takes to read an object once, without the objects that it refers to.
fn weight_of(object: &Object) -> usize {
    let text = |text: &JsString| {
        let length = match text {
            JsString::Unicode(text) => text.len(),
            JsString::Surrogates(units) => units.len(),
        };
        1 + length / 8
    };
    let node = |node: &Node| match node {
        Node::String(string) => text(string),
        _ => 1,
    };
    let properties = |properties: &Properties| -> usize {
        properties
            .iter()
            .map(|(name, value)| text(name) + node(value))
            .sum()
    };
    1 + match object {
        Object::Array(array) => array.elements.iter().map(|(_, element)| node(element)).sum(),
        Object::Plain(fields) | Object::Host(fields) => properties(fields),
        Object::Map(entries) => entries.iter().map(|(key, value)| node(key) + node(value)).sum(),
        Object::Set(entries) => entries.iter().map(node).sum(),
        Object::Error(error) => error.message.iter().chain(&error.stack).map(text).sum(),
        Object::RegExp { source, .. } => text(source),
        Object::BoxedString(string) => text(string),
        Object::ArrayBuffer { bytes, .. } => bytes.len(),
        Object::View(view) => usize::try_from(view.byte_length).unwrap_or(usize::MAX),
        _ => 0,
    }
}

/// A node to be read.
#[derive(Clone, Copy)]
pub(super) struct Deserializer<'v, 'b> {
    pub value: &'v Value,
    pub node: &'v Node,
    /// How much may still be read. An object that occurs many times is read as often, so that a small value could
    /// otherwise become endless data.
    pub budget: &'b Cell<usize>,
    pub depth: usize,
}

impl<'v> Deserializer<'v, '_> {
    /// The same place of the value, with another node.
    pub(super) fn with(self, node: &'v Node) -> Self {
        Self { node, ..self }
    }

    /// A part of an object, one level deeper.
    pub(super) fn enter(self) -> Result<Self, DataError> {
        if self.depth >= MAX_DEPTH {
            return Err(DataError::shape(format!(
                "it is nested deeper than {MAX_DEPTH} levels, or contains itself"
            )));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }

    /// Takes what will be read from what may be.
    pub(super) fn charge(self, weight: usize) -> Result<(), DataError> {
        let left = self.budget.get().checked_sub(weight);
        let left = left.ok_or_else(|| {
            DataError::shape("it has too many holes, or objects that occur again and again")
        })?;
        self.budget.set(left);
        Ok(())
    }

    fn object(self) -> Option<&'v Object> {
        self.value.object_of(self.node).map(|(_, object)| object)
    }

    /// The object, to be read now.
    fn charged_object(self) -> Result<Option<&'v Object>, DataError> {
        let object = self.object();
        self.charge(object.map_or(0, weight_of))?;
        Ok(object)
    }

    fn view<V: Visitor<'v>>(self, view: &'v View, visitor: V) -> Result<V::Value, DataError> {
        if matches!(view.kind, ViewKind::Uint8Array | ViewKind::DataView) {
            return visitor.visit_borrowed_bytes(self.value.view_bytes(view));
        }
        visitor.visit_seq(Elements::of_view(self, view)?)
    }

    fn read_object<V: Visitor<'v>>(self, object: &'v Object, visitor: V) -> Result<V::Value, DataError> {
        match object {
            Object::Plain(properties) | Object::Host(properties) => {
                visitor.visit_map(Pairs::of_properties(self, properties)?)
            }
            Object::Array(array) => visitor.visit_seq(Elements::of_array(self, array)?),
            Object::Map(entries) => visitor.visit_map(Pairs::of_map(self, entries)?),
            Object::Set(entries) => visitor.visit_seq(Elements::of_set(self, entries)?),
            Object::Error(error) => visitor.visit_map(Pairs::of_error(self, error)?),
            Object::Date(milliseconds) => {
                let mut text = String::new();
                write_date(*milliseconds, &mut text);
                visitor.visit_string(text)
            }
            Object::RegExp { source, flags } => {
                visitor.visit_string(format!("/{}/{flags}", source.to_string_lossy()))
            }
            Object::BoxedBoolean(value) => visitor.visit_bool(*value),
            Object::BoxedNumber(value) => number(*value, visitor),
            Object::BoxedBigInt(number) => bigint(number, visitor),
            Object::BoxedString(text) => string(text, visitor),
            Object::ArrayBuffer { bytes, .. } => visitor.visit_borrowed_bytes(bytes),
            Object::View(view) => self.view(view, visitor),
            Object::KvU64(number) => visitor.visit_u64(*number),
        }
    }

    /// As an integer, which a date and -0 are, too.
    fn integer<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
        match (self.node, self.object()) {
            (Node::Number(number), _) | (_, Some(Object::Date(number) | Object::BoxedNumber(number))) => {
                match whole(*number) {
                    Some(number) => whole_number(number, visitor),
                    None => visitor.visit_f64(*number),
                }
            }
            _ => de::Deserializer::deserialize_any(self, visitor),
        }
    }

    /// As a number with a fraction.
    fn float<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
        match (self.node, self.object()) {
            (Node::Number(number), _) | (_, Some(Object::Date(number) | Object::BoxedNumber(number))) => {
                visitor.visit_f64(*number)
            }
            _ => de::Deserializer::deserialize_any(self, visitor),
        }
    }
}

pub(super) fn string<'v, V: Visitor<'v>>(string: &'v JsString, visitor: V) -> Result<V::Value, DataError> {
    match string.as_str() {
        Some(text) => visitor.visit_borrowed_str(text),
        None => Err(DataError::shape(
            "a string with a lone surrogate, which no text in Rust has",
        )),
    }
}

/// A number, as an integer if it is one that no other number is written like.
pub(super) fn number<'v, V: Visitor<'v>>(number: f64, visitor: V) -> Result<V::Value, DataError> {
    match whole(number).filter(|_| number != 0.0 || number.is_sign_positive()) {
        Some(number) => whole_number(number, visitor),
        None => visitor.visit_f64(number),
    }
}

/// An integer in the narrowest of serde's types, because visitors take the wide ones less often.
pub(super) fn whole_number<'v, V: Visitor<'v>>(number: i128, visitor: V) -> Result<V::Value, DataError> {
    if let Ok(number) = u64::try_from(number) {
        visitor.visit_u64(number)
    } else if let Ok(number) = i64::try_from(number) {
        visitor.visit_i64(number)
    } else {
        visitor.visit_i128(number)
    }
}

pub(super) fn bigint<'v, V: Visitor<'v>>(number: &BigInt, visitor: V) -> Result<V::Value, DataError> {
    if let Ok(number) = i128::try_from(number) {
        whole_number(number, visitor)
    } else if let Ok(number) = u128::try_from(number) {
        visitor.visit_u128(number)
    } else {
        Err(DataError::shape(format!(
            "a bigint of {} bits, and the widest integer has 128",
            number.bits()
        )))
    }
}

impl<'v> de::Deserializer<'v> for Deserializer<'v, '_> {
    type Error = DataError;

    forward_numbers!();

    fn deserialize_any<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.node {
            Node::Undefined | Node::Null => visitor.visit_unit(),
            Node::Boolean(value) => visitor.visit_bool(*value),
            Node::Number(value) => number(*value, visitor),
            Node::BigInt(number) => bigint(number, visitor),
            Node::String(text) => string(text, visitor),
            Node::Object(_) => match self.charged_object()? {
                Some(object) => self.read_object(object, visitor),
                None => visitor.visit_unit(),
            },
        }
    }

    fn deserialize_bytes<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.object() {
            Some(Object::View(view)) => {
                self.charged_object()?;
                visitor.visit_borrowed_bytes(self.value.view_bytes(view))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.node {
            Node::Undefined | Node::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'v>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DataError> {
        match (name, self.object()) {
            (DATE, Some(Object::Date(milliseconds))) => visitor.visit_f64(*milliseconds),
            (DATE | KV_U64, None) if matches!(self.node, Node::Number(_)) => {
                visitor.visit_newtype_struct(self)
            }
            (DATE, _) => Err(de::Error::invalid_type(
                de::Unexpected::Other("something else"),
                &visitor,
            )),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.object() {
            Some(Object::View(view)) => {
                self.charged_object()?;
                visitor.visit_seq(Elements::of_view(self, view)?)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'v>>(self, _length: usize, visitor: V) -> Result<V::Value, DataError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'v>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, DataError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'v>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DataError> {
        let single = match self.charged_object()? {
            Some(Object::Plain(properties)) => match properties.as_slice() {
                [(name, content)] => Some((name, content)),
                _ => None,
            },
            Some(Object::Map(entries)) => match entries.as_slice() {
                [(Node::String(name), content)] => Some((name, content)),
                _ => None,
            },
            _ => None,
        };
        if let Some((name, content)) = single {
            let content = self.enter()?.with(content);
            return visitor
                .visit_enum(VariantOf { name, content })
                .map_err(|error: DataError| error.under(name));
        }
        match self.node {
            Node::String(name) => match name.as_str() {
                Some(name) => visitor.visit_enum(BorrowedStrDeserializer::new(name)),
                None => string(name, visitor),
            },
            _ => Err(DataError::shape(
                "an enum is a string, or an object with one property that is the variant's name",
            )),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
        visitor.visit_unit()
    }

    serde_core::forward_to_deserialize_any! {
        <V: Visitor<'v>>
        bool char str string unit unit_struct map struct identifier
    }
}
