//! Reading the typed form, also as older tools wrote it.
//!
//! kv-toolbox 0.20 to 0.22 wrote `json_array`, `json_map`, `json_object` and `json_set`. Before, `Array`, `Map`,
//! `object` and `Set` held ordinary JSON; it is taken for that where it has no known `type`.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use num_bigint::BigInt;

use super::JsonError;
use super::syntax::parse_json;
use crate::javascript::date::{parse_date, time_clip};
use crate::javascript::{JsString, regexp};
use crate::key::{Key, KeyPart};
use crate::value::collection::{KeyCollector, PropertyCollector, PropertyKey};
use crate::value::graph::{Array, ERROR_CLASSES, ErrorObject, Node, Object, Properties, Value, ViewKind};

/// Padded or not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads the typed form of a key.
///
/// # Errors
/// If the text is not JSON or not of that form.
pub fn key_from_json(text: &str) -> Result<Key, JsonError> {
    let json = parse_json(text)?;
    key(&json, json.root())
}

/// Reads the typed form of a value.
///
/// # Errors
/// If the text is not JSON or not of that form.
pub fn value_from_json(text: &str) -> Result<Value, JsonError> {
    let json = parse_json(text)?;
    value(&json, json.root())
}

fn shape<T>(message: impl Into<String>) -> Result<T, JsonError> {
    Err(JsonError::Shape(message.into()))
}

pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

pub(crate) fn plain<'j>(json: &'j Value, node: &Node) -> Option<&'j Properties> {
    match json.object_of(node) {
        Some((_, Object::Plain(properties))) => Some(properties),
        _ => None,
    }
}

pub(crate) fn property<'j>(properties: &'j Properties, name: &str) -> Option<&'j Node> {
    properties
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, node)| node)
}

fn list<'j>(json: &'j Value, node: &Node) -> Option<&'j Array> {
    match json.object_of(node) {
        Some((_, Object::Array(array))) => Some(array),
        _ => None,
    }
}

/// Type and value of a typed node.
fn typed<'j>(json: &'j Value, node: &Node) -> Option<(&'j str, Option<&'j Node>)> {
    let properties = plain(json, node)?;
    match property(properties, "type")? {
        Node::String(class) => Some((class.as_str()?, property(properties, "value"))),
        _ => None,
    }
}

pub(crate) fn key(json: &Value, node: &Node) -> Result<Key, JsonError> {
    let Some(parts) = list(json, node) else {
        return shape("A key is an array of parts");
    };
    parts
        .elements
        .iter()
        .map(|(_, part)| key_part(json, part))
        .collect()
}

fn key_part(json: &Value, node: &Node) -> Result<KeyPart, JsonError> {
    let Some((class, value)) = typed(json, node) else {
        return shape("A key part has no `type`");
    };
    match leaf(class, value)? {
        Some(Leaf::Node(Node::String(text))) => Ok(KeyPart::String(text.into_string_lossy())),
        Some(Leaf::Node(Node::Number(number))) => Ok(KeyPart::Number(number)),
        Some(Leaf::Node(Node::BigInt(number))) => Ok(KeyPart::BigInt(number)),
        Some(Leaf::Node(Node::Boolean(value))) => Ok(KeyPart::Boolean(value)),
        Some(Leaf::View(ViewKind::Uint8Array, bytes)) => Ok(KeyPart::Bytes(bytes)),
        _ => shape(format!("A key part cannot be of type {class}")),
    }
}

/// A value that holds no other.
enum Leaf {
    Node(Node),
    Object(Object),
    View(ViewKind, Vec<u8>),
}

/// The value of a type that holds no other; `None` for other types.
fn leaf(class: &str, value: Option<&Node>) -> Result<Option<Leaf>, JsonError> {
    let wrong = || JsonError::Shape(format!("This is no `value` of type {class}"));
    let string = match value {
        Some(Node::String(string)) => string.as_str(),
        _ => None,
    };
    let decimal = || {
        string
            .and_then(|digits| digits.parse::<BigInt>().ok())
            .ok_or_else(wrong)
    };
    let leaf = match (class, value) {
        ("undefined", _) => Leaf::Node(Node::Undefined),
        ("null", None | Some(Node::Null)) => Leaf::Node(Node::Null),
        // What our exports write where the form ends: the bytes beside it say what stood there.
        ("circular" | "repeated", None) => Leaf::Node(Node::Null),
        ("string", Some(Node::String(string))) => Leaf::Node(Node::String(string.clone())),
        ("boolean", Some(Node::Boolean(value))) => Leaf::Node(Node::Boolean(*value)),
        ("number", Some(Node::Number(number))) => Leaf::Node(Node::Number(*number)),
        ("number", _) => Leaf::Node(Node::Number(match string {
            Some("Infinity") => f64::INFINITY,
            Some("-Infinity") => f64::NEG_INFINITY,
            Some("NaN") => f64::NAN,
            _ => return Err(wrong()),
        })),
        ("bigint", _) => Leaf::Node(Node::BigInt(decimal()?)),
        ("KvU64", _) => Leaf::Object(Object::KvU64(
            u64::try_from(decimal()?).map_err(|_too_large| wrong())?,
        )),
        ("Date", Some(Node::Null)) => Leaf::Object(Object::Date(f64::NAN)),
        ("Date", Some(Node::Number(milliseconds))) => Leaf::Object(Object::Date(time_clip(*milliseconds))),
        ("Date", _) => Leaf::Object(Object::Date(string.and_then(parse_date).ok_or_else(wrong)?)),
        ("RegExp", Some(Node::String(text))) => Leaf::Object(regular_expression(text).ok_or_else(wrong)?),
        ("ArrayBuffer", _) => {
            let bytes = string.and_then(bytes).ok_or_else(wrong)?;
            Leaf::Object(Object::ArrayBuffer {
                bytes,
                max_byte_length: None,
            })
        }
        _ => match ViewKind::from_class_name(class) {
            Some(kind) => {
                let bytes = string.and_then(bytes).ok_or_else(wrong)?;
                let size = usize::try_from(kind.element_size()).unwrap_or(1);
                if bytes.len() % size != 0 {
                    return Err(wrong());
                }
                Leaf::View(kind, bytes)
            }
            None if matches!(class, "null" | "string" | "boolean" | "RegExp") => return Err(wrong()),
            None => return Ok(None),
        },
    };
    Ok(Some(leaf))
}

/// `/source/flags`
fn regular_expression(text: &JsString) -> Option<Object> {
    let units = text.to_utf16();
    let slash = u16::from(b'/');
    let last = units
        .iter()
        .rposition(|unit| *unit == slash)
        .filter(|last| *last > 0)?;
    let source = units.get(1..last).filter(|_| units.first() == Some(&slash))?;
    let flags = String::from_utf16(units.get(last + 1..)?).ok()?;
    let flags = regexp::sorted_flags(&flags).ok()?;
    let source = JsString::from_utf16(source.to_vec());
    regexp::check_pattern(&source, &flags).ok()?;
    Some(Object::RegExp {
        source: regexp::escaped_source(&source),
        flags,
    })
}

/// An object whose contents are being read.
struct Frame<'j> {
    kind: Kind<'j>,
    /// What it holds, in order, and how much of that is read.
    contents: Vec<&'j Node>,
    read: Vec<Node>,
    /// Whether ordinary JSON may stand in it: it is ordinary JSON itself, or an old collection.
    ordinary: bool,
}

enum Kind<'j> {
    Array,
    Set,
    Map,
    Plain(Vec<&'j JsString>),
    Error(ErrorObject),
}

/// Reads a typed node.
pub(crate) fn value(json: &Value, node: &Node) -> Result<Value, JsonError> {
    let mut value = Value::default();
    let mut open: Vec<Frame<'_>> = Vec::new();
    let mut whole = begin(json, node, false, &mut value, &mut open)?;
    loop {
        let Some(frame) = open.last_mut() else {
            value.set_root(whole.unwrap_or(Node::Undefined));
            return Ok(value);
        };
        frame.read.extend(whole.take());
        whole = match frame.contents.get(frame.read.len()) {
            Some(next) => {
                let (next, ordinary) = (*next, frame.ordinary);
                begin(json, next, ordinary, &mut value, &mut open)?
            }
            None => match open.pop() {
                Some(frame) => Some(Node::Object(value.add(frame.finish()?))),
                None => None,
            },
        };
    }
}

/// Begins to read a node: a whole one, or `None` if it was opened.
fn begin<'j>(
    json: &'j Value,
    node: &'j Node,
    ordinary: bool,
    value: &mut Value,
    open: &mut Vec<Frame<'j>>,
) -> Result<Option<Node>, JsonError> {
    let Some((class, content)) = typed(json, node) else {
        return if ordinary {
            begin_ordinary(json, node, open)
        } else {
            shape("A value has no `type`")
        };
    };
    let wrong = || JsonError::Shape(format!("This is no `value` of type {class}"));
    match leaf(class, content) {
        Ok(Some(Leaf::Node(node))) => return Ok(Some(node)),
        Ok(Some(Leaf::Object(object))) => return Ok(Some(Node::Object(value.add(object)))),
        Ok(Some(Leaf::View(kind, bytes))) => return Ok(Some(Node::Object(value.add_bytes(kind, bytes)))),
        Ok(None) => {}
        Err(_not_of_that_type) if ordinary => return begin_ordinary(json, node, open),
        Err(error) => return Err(error),
    }
    let elements = || {
        let array = content.and_then(|content| list(json, content));
        array.map(|array| array.elements.iter().map(|(_, node)| node).collect::<Vec<_>>())
    };
    let (kind, contents) = match class {
        "Array" | "json_array" => (Kind::Array, elements().ok_or_else(wrong)?),
        "Set" | "json_set" => (Kind::Set, elements().ok_or_else(wrong)?),
        "Map" | "json_map" => {
            let mut contents = Vec::new();
            for pair in elements().ok_or_else(wrong)? {
                let pair = list(json, pair)
                    .filter(|pair| pair.elements.len() == 2)
                    .ok_or_else(wrong)?;
                contents.extend(pair.elements.iter().map(|(_, node)| node));
            }
            (Kind::Map, contents)
        }
        "object" | "json_object" | "host" => {
            let properties = content
                .and_then(|content| plain(json, content))
                .ok_or_else(wrong)?;
            (
                Kind::Plain(properties.iter().map(|(name, _)| name).collect()),
                properties.iter().map(|(_, node)| node).collect(),
            )
        }
        _ => match ERROR_CLASSES.iter().find(|name| **name == class) {
            Some(name) => {
                let properties = content
                    .and_then(|content| plain(json, content))
                    .ok_or_else(wrong)?;
                let text = |name: &str| match property(properties, name) {
                    Some(Node::String(text)) => Some(text.clone()),
                    _ => None,
                };
                let error = ErrorObject {
                    name,
                    message: text("message"),
                    stack: text("stack"),
                    cause: None,
                };
                (
                    Kind::Error(error),
                    property(properties, "cause").into_iter().collect(),
                )
            }
            None if ordinary => return begin_ordinary(json, node, open),
            None => return shape(format!("There is no type {class}")),
        },
    };
    // Older tools left the contents of these as they are.
    let ordinary = matches!(class, "Array" | "Set" | "Map" | "object") || ordinary;
    open.push(Frame {
        kind,
        read: Vec::with_capacity(contents.len()),
        contents,
        ordinary,
    });
    Ok(None)
}

/// Ordinary JSON within an old collection.
fn begin_ordinary<'j>(
    json: &'j Value,
    node: &'j Node,
    open: &mut Vec<Frame<'j>>,
) -> Result<Option<Node>, JsonError> {
    let (kind, contents) = match json.object_of(node) {
        None => return Ok(Some(node.clone())),
        Some((_, Object::Array(array))) => {
            (Kind::Array, array.elements.iter().map(|(_, node)| node).collect())
        }
        Some((_, Object::Plain(properties))) => {
            let names = properties.iter().map(|(name, _)| name).collect();
            (
                Kind::Plain(names),
                properties.iter().map(|(_, node)| node).collect(),
            )
        }
        Some(_) => return shape("This is no JSON"),
    };
    let contents: Vec<&Node> = contents;
    open.push(Frame {
        kind,
        read: Vec::with_capacity(contents.len()),
        contents,
        ordinary: true,
    });
    Ok(None)
}

impl Frame<'_> {
    fn finish(self) -> Result<Object, JsonError> {
        let mut read = self.read.into_iter();
        Ok(match self.kind {
            Kind::Array => {
                let elements: Vec<(u32, Node)> = (0..).zip(read).collect();
                let length = u32::try_from(elements.len()).unwrap_or(u32::MAX);
                Object::Array(Array {
                    length,
                    elements,
                    properties: Vec::new(),
                })
            }
            Kind::Set => {
                let mut entries = KeyCollector::default();
                read.for_each(|node| entries.set(node, ()));
                Object::Set(
                    entries
                        .into_entries()
                        .into_iter()
                        .map(|(node, ())| node)
                        .collect(),
                )
            }
            Kind::Map => {
                let mut entries = KeyCollector::default();
                while let (Some(key), Some(node)) = (read.next(), read.next()) {
                    entries.set(key, node);
                }
                Object::Map(entries.into_entries())
            }
            Kind::Plain(names) => {
                let mut properties = PropertyCollector::default();
                for (name, node) in names.into_iter().zip(read) {
                    properties.push(PropertyKey::from_string(name.clone()), node);
                }
                Object::Plain(properties.into_properties().map_err(JsonError::from)?)
            }
            Kind::Error(error) => Object::Error(ErrorObject {
                cause: read.next(),
                ..error
            }),
        })
    }
}
