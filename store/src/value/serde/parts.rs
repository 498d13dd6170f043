//! Parts of a value that are no node of its graph: property names, and elements of typed arrays.

use serde_core::de::value::BorrowedStrDeserializer;
use serde_core::de::{self, Deserializer as _, Visitor};

use super::deserialize::{number, string, whole_number};
use super::error::DataError;
use super::integer::forward_numbers;
use crate::javascript::JsString;
use crate::value::Node;

/// A name: a string, or what a type takes as the key of a map and JavaScript writes as a string.
#[derive(Clone, Copy)]
pub(super) struct Name<'v>(pub &'v JsString);

/// An element of a typed array: a number or a bigint.
pub(super) struct Element(pub Node);

impl<'v> Name<'v> {
    fn integer<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.0.as_str().and_then(|name| name.parse().ok()) {
            Some(number) => whole_number(number, visitor),
            None => self.deserialize_any(visitor),
        }
    }

    fn float<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.0.as_str().and_then(|name| name.parse().ok()) {
            Some(number) => visitor.visit_f64(number),
            None => self.deserialize_any(visitor),
        }
    }
}

impl<'v> de::Deserializer<'v> for Name<'v> {
    type Error = DataError;

    forward_numbers!();

    fn deserialize_any<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
        string(self.0, visitor)
    }

    fn deserialize_bool<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.0.as_str() {
            Some("true") => visitor.visit_bool(true),
            Some("false") => visitor.visit_bool(false),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'v>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DataError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'v>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DataError> {
        match self.0.as_str() {
            Some(name) => visitor.visit_enum(BorrowedStrDeserializer::new(name)),
            None => self.deserialize_any(visitor),
        }
    }

    serde_core::forward_to_deserialize_any! {
        <V: Visitor<'v>>
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl Element {
    fn integer<'v, V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.0 {
            Node::Number(-0.0) => visitor.visit_u64(0),
            other => Self(other).deserialize_any(visitor),
        }
    }

    fn float<'v, V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.0 {
            Node::Number(number) => visitor.visit_f64(number),
            other => Self(other).deserialize_any(visitor),
        }
    }
}

impl<'v> de::Deserializer<'v> for Element {
    type Error = DataError;

    forward_numbers!();

    fn deserialize_any<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
        match self.0 {
            Node::Number(element) => number(element, visitor),
            Node::BigInt(element) => super::deserialize::bigint(&element, visitor),
            _ => visitor.visit_unit(),
        }
    }

    fn deserialize_option<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'v>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, DataError> {
        visitor.visit_newtype_struct(self)
    }

    serde_core::forward_to_deserialize_any! {
        <V: Visitor<'v>>
        bool char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct enum identifier
        ignored_any
    }
}
