//! Writing data as a value.

use serde_core::ser::{self, Serialize};

use super::error::DataError;
use super::integer::integer;
use super::special::{DATE, KV_U64};
use crate::javascript::JsString;
use crate::javascript::date::time_clip;
use crate::value::collection::{KeyCollector, PropertyCollector, PropertyKey};
use crate::value::{Array, Node, Object, Value, ViewKind};

pub(super) fn value_of<T: Serialize + ?Sized>(data: &T) -> Result<Value, DataError> {
    let mut value = Value::default();
    let root = data.serialize(Serializer(&mut value))?;
    value.set_root(root);
    Ok(value)
}

/// Makes a node of the value that it adds to.
struct Serializer<'v>(&'v mut Value);

impl<'v> Serializer<'v> {
    fn object(self, object: Object) -> Node {
        Node::Object(self.0.add(object))
    }

    /// The elements of an array, or of the content of an enum's variant of that name.
    fn list(self, variant: Option<&'static str>) -> List<'v> {
        List {
            value: self.0,
            elements: Vec::new(),
            variant,
        }
    }

    /// The entries of a map or a struct, or of the content of an enum's variant of that name.
    fn entries(self, variant: Option<&'static str>) -> Entries<'v> {
        Entries {
            value: self.0,
            names: PropertyCollector::default(),
            others: None,
            key: None,
            variant,
        }
    }
}

/// The node of an enum's variant with content.
fn variant_of(value: &mut Value, variant: Option<&'static str>, content: Node) -> Node {
    match variant {
        Some(name) => Node::Object(value.add(Object::Plain(vec![(name.into(), content)]))),
        None => content,
    }
}

impl<'v> ser::Serializer for Serializer<'v> {
    type Ok = Node;
    type Error = DataError;
    type SerializeSeq = List<'v>;
    type SerializeTuple = List<'v>;
    type SerializeTupleStruct = List<'v>;
    type SerializeTupleVariant = List<'v>;
    type SerializeMap = Entries<'v>;
    type SerializeStruct = Entries<'v>;
    type SerializeStructVariant = Entries<'v>;

    fn serialize_bool(self, value: bool) -> Result<Node, DataError> {
        Ok(Node::Boolean(value))
    }

    fn serialize_i8(self, value: i8) -> Result<Node, DataError> {
        Ok(integer(value))
    }

    fn serialize_i16(self, value: i16) -> Result<Node, DataError> {
        Ok(integer(value))
    }

    fn serialize_i32(self, value: i32) -> Result<Node, DataError> {
        Ok(integer(value))
    }

    fn serialize_i64(self, value: i64) -> Result<Node, DataError> {
        Ok(integer(value))
    }

    fn serialize_i128(self, value: i128) -> Result<Node, DataError> {
        Ok(integer(value))
    }

    fn serialize_u8(self, value: u8) -> Result<Node, DataError> {
        Ok(integer(value))
    }

    fn serialize_u16(self, value: u16) -> Result<Node, DataError> {
        Ok(integer(value))
    }

    fn serialize_u32(self, value: u32) -> Result<Node, DataError> {
        Ok(integer(value))
    }

    fn serialize_u64(self, value: u64) -> Result<Node, DataError> {
        Ok(integer(value))
    }

    fn serialize_u128(self, value: u128) -> Result<Node, DataError> {
        Ok(integer(value))
    }

    fn serialize_f32(self, value: f32) -> Result<Node, DataError> {
        Ok(Node::Number(value.into()))
    }

    fn serialize_f64(self, value: f64) -> Result<Node, DataError> {
        Ok(Node::Number(value))
    }

    fn serialize_char(self, value: char) -> Result<Node, DataError> {
        Ok(Node::String(JsString::Unicode(value.into())))
    }

    fn serialize_str(self, value: &str) -> Result<Node, DataError> {
        Ok(Node::String(value.into()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Node, DataError> {
        Ok(Node::Object(
            self.0.add_bytes(ViewKind::Uint8Array, value.to_owned()),
        ))
    }

    fn serialize_none(self) -> Result<Node, DataError> {
        Ok(Node::Undefined)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Node, DataError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Node, DataError> {
        Ok(Node::Undefined)
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<Node, DataError> {
        Ok(Node::Undefined)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<Node, DataError> {
        Ok(Node::String(variant.into()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Node, DataError> {
        let inner = value.serialize(Serializer(&mut *self.0))?;
        Ok(match (name, inner) {
            (DATE, Node::Number(milliseconds)) => self.object(Object::Date(time_clip(milliseconds))),
            (KV_U64, Node::Number(number)) =>
            {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it was an integer of 64 bits without a sign"
                )]
                self.object(Object::KvU64(number as u64))
            }
            (KV_U64, Node::BigInt(number)) => {
                let number = u64::try_from(number).map_err(|_not_u64| {
                    DataError::Write("a Deno.KvU64 is an integer of 64 bits without a sign".to_owned())
                })?;
                self.object(Object::KvU64(number))
            }
            (_, inner) => inner,
        })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Node, DataError> {
        let content = value.serialize(Serializer(&mut *self.0))?;
        Ok(variant_of(self.0, Some(variant), content))
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<List<'v>, DataError> {
        Ok(self.list(None))
    }

    fn serialize_tuple(self, _length: usize) -> Result<List<'v>, DataError> {
        Ok(self.list(None))
    }

    fn serialize_tuple_struct(self, _name: &'static str, _length: usize) -> Result<List<'v>, DataError> {
        Ok(self.list(None))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<List<'v>, DataError> {
        Ok(self.list(Some(variant)))
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Entries<'v>, DataError> {
        Ok(self.entries(None))
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Entries<'v>, DataError> {
        Ok(self.entries(None))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Entries<'v>, DataError> {
        Ok(self.entries(Some(variant)))
    }
}

/// An array that is being written.
struct List<'v> {
    value: &'v mut Value,
    elements: Vec<(u32, Node)>,
    variant: Option<&'static str>,
}

impl List<'_> {
    fn push<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), DataError> {
        let index = u32::try_from(self.elements.len())
            .ok()
            .filter(|index| *index < u32::MAX)
            .ok_or_else(|| DataError::Write("an array has at most 4294967295 elements".to_owned()))?;
        let node = element.serialize(Serializer(&mut *self.value))?;
        self.elements.push((index, node));
        Ok(())
    }

    fn finish(self) -> Node {
        let array = self.value.add(Object::Array(Array {
            length: u32::try_from(self.elements.len()).unwrap_or(u32::MAX),
            elements: self.elements,
            properties: Vec::new(),
        }));
        variant_of(self.value, self.variant, Node::Object(array))
    }
}

/// A plain object or a map that is being written.
struct Entries<'v> {
    value: &'v mut Value,
    names: PropertyCollector,
    /// All entries, once a key has been no string.
    others: Option<KeyCollector<Node>>,
    key: Option<Node>,
    variant: Option<&'static str>,
}

impl Entries<'_> {
    fn push_name<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), DataError> {
        let node = value.serialize(Serializer(&mut *self.value))?;
        self.names.push(PropertyKey::from_string(name.into()), node);
        Ok(())
    }

    fn push(&mut self, key: Node, node: Node) {
        match (key, &mut self.others) {
            (Node::String(name), None) => self.names.push(PropertyKey::from_string(name), node),
            (key, others) => {
                let others = others.get_or_insert_with(|| {
                    let mut others = KeyCollector::default();
                    for (name, node) in std::mem::take(&mut self.names).into_pushed() {
                        others.set(Node::String(name), node);
                    }
                    others
                });
                others.set(key, node);
            }
        }
    }

    fn finish(mut self) -> Result<Node, DataError> {
        let object = match self.others {
            Some(entries) => Object::Map(entries.into_entries()),
            None => {
                self.names.keep_last();
                Object::Plain(
                    self.names
                        .into_properties()
                        .map_err(|key| DataError::Write(key.to_string()))?,
                )
            }
        };
        let object = self.value.add(object);
        Ok(variant_of(self.value, self.variant, Node::Object(object)))
    }
}

macro_rules! list {
    ($trait:ident, $method:ident) => {
        impl ser::$trait for List<'_> {
            type Ok = Node;
            type Error = DataError;

            fn $method<T: Serialize + ?Sized>(&mut self, element: &T) -> Result<(), DataError> {
                self.push(element)
            }

            fn end(self) -> Result<Node, DataError> {
                Ok(self.finish())
            }
        }
    };
}

list!(SerializeSeq, serialize_element);
list!(SerializeTuple, serialize_element);
list!(SerializeTupleStruct, serialize_field);
list!(SerializeTupleVariant, serialize_field);

macro_rules! fields {
    ($trait:ident) => {
        impl ser::$trait for Entries<'_> {
            type Ok = Node;
            type Error = DataError;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), DataError> {
                self.push_name(name, value)
            }

            fn end(self) -> Result<Node, DataError> {
                self.finish()
            }
        }
    };
}

fields!(SerializeStruct);
fields!(SerializeStructVariant);

impl ser::SerializeMap for Entries<'_> {
    type Ok = Node;
    type Error = DataError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), DataError> {
        self.key = Some(key.serialize(Serializer(&mut *self.value))?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), DataError> {
        let key = self
            .key
            .take()
            .ok_or_else(|| DataError::Write("a map gave a value before its key".to_owned()))?;
        let node = value.serialize(Serializer(&mut *self.value))?;
        self.push(key, node);
        Ok(())
    }

    fn end(self) -> Result<Node, DataError> {
        self.finish()
    }
}
