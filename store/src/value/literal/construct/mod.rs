//! What the constructors and functions that may stand in a text make.

mod assign;
mod buffers;
mod callee;
mod error;

use num_bigint::BigInt;

pub(super) use callee::Callee;
pub(super) use error::ConstructError;

use self::assign::{assign, define_properties};
use self::buffers::{array_buffer, view, view_of};
use super::elements::u64_of;
use crate::javascript::date::{parse_date, time_clip};
use crate::javascript::regexp;
use crate::value::collection::KeyCollector;
use crate::value::graph::{Array, ErrorObject, Node, Object, Properties, Value};

/// Buffers and arrays that are longer are refused: no value of a Deno KV database could hold them.
const MAX_BYTES: f64 = 16_777_216.0;

type Made<T> = Result<T, ConstructError>;

/// What a call makes of its arguments.
pub(super) fn call(value: &mut Value, callee: Callee, arguments: Vec<Node>) -> Made<Node> {
    let arguments = arguments.as_slice();
    let object = match (callee, arguments) {
        (Callee::Date, arguments) => date(arguments)?,
        (Callee::Map, arguments) => Object::Map(map_entries(value, arguments)?),
        (Callee::Set, arguments) => Object::Set(set_entries(value, arguments)?),
        (Callee::RegExp, arguments) => regular_expression(value, arguments)?,
        (Callee::Error(name), arguments) => error(value, name, arguments)?,
        (Callee::ArrayBuffer, arguments) => array_buffer(value, arguments)?,
        (Callee::View(kind), arguments) => return view(value, kind, arguments),
        (Callee::ViewOf(kind), elements) => return view_of(value, kind, elements),
        (Callee::ViewFrom(kind), [list]) => {
            let elements = list_elements(value, list, kind.class_name())?;
            return view_of(value, kind, &elements);
        }
        (Callee::KvU64, [Node::BigInt(number)]) => Object::KvU64(u64_of(number)?),
        (Callee::KvU64, _) => return Err(ConstructError::KvU64),
        (Callee::Array, [Node::Number(length)]) => Object::Array(Array {
            length: array_length(*length)?,
            ..Array::default()
        }),
        (Callee::Array | Callee::ArrayOf, elements) => Object::Array(array_of(elements)?),
        (Callee::Boxed, [primitive]) => return boxed(value, primitive),
        (Callee::Boxed, []) => Object::Plain(Vec::new()),
        (Callee::BoxedBoolean, [Node::Boolean(boolean)]) => Object::BoxedBoolean(*boolean),
        (Callee::BoxedNumber, [Node::Number(number)]) => Object::BoxedNumber(*number),
        (Callee::BoxedString, [Node::String(string)]) => Object::BoxedString(string.clone()),
        (Callee::BigInt, [argument]) => return bigint(argument),
        (Callee::ObjectAssign, [target, source]) => return assign(value, target, source),
        (Callee::DefineProperties, [target, source]) => return define_properties(value, target, source),
        (Callee::PropertyDescriptors, [object]) => match plain(value, object) {
            // Kept apart from plain objects by a class that cannot be written, and gone when it is used.
            Some(properties) => Object::Host(properties.clone()),
            None => return Err(ConstructError::Descriptors),
        },
        (Callee::Host, [properties]) => host(value, properties)?,
        _ => return Err(ConstructError::Arguments),
    };
    Ok(Node::Object(value.add(object)))
}

/// The finished value, if nothing in it can only stand alone.
pub(super) fn checked(value: Value) -> Made<Value> {
    let value = value.compacted();
    let nested = |node: &Node| matches!(value.object_of(node), Some((_, Object::KvU64(_))));
    let mut found = false;
    for object in value.objects() {
        object.for_each_node(|node| found |= nested(node));
        if matches!(object, Object::Host(properties) if !has_type(properties)) {
            return Err(ConstructError::LoneDescriptors);
        }
    }
    if found {
        return Err(ConstructError::NestedU64);
    }
    Ok(value)
}

fn date(arguments: &[Node]) -> Made<Object> {
    match arguments {
        [Node::Number(milliseconds)] => Ok(Object::Date(time_clip(*milliseconds))),
        [Node::String(text)] => text
            .as_str()
            .and_then(parse_date)
            .map(Object::Date)
            .ok_or(ConstructError::Date),
        [] => Err(ConstructError::NoTime),
        _ => Err(ConstructError::DateArguments),
    }
}

/// The elements of an array in a list that is read and not kept; holes read as `undefined`.
fn list_elements(value: &Value, list: &Node, what: &'static str) -> Made<Vec<Node>> {
    match value.object_of(list) {
        Some((_, Object::Array(array))) if f64::from(array.length) <= MAX_BYTES => {
            let mut elements = vec![Node::Undefined; array.length as usize];
            for (index, node) in &array.elements {
                if let Some(place) = elements.get_mut(*index as usize) {
                    *place = node.clone();
                }
            }
            Ok(elements)
        }
        Some((_, Object::Set(entries))) => Ok(entries.clone()),
        _ => Err(ConstructError::NoList(what)),
    }
}

fn map_entries(value: &Value, arguments: &[Node]) -> Made<Vec<(Node, Node)>> {
    let list = match arguments {
        [] | [Node::Undefined | Node::Null] => return Ok(Vec::new()),
        [list] => list,
        _ => return Err(ConstructError::MapArguments),
    };
    if let Some((_, Object::Map(entries))) = value.object_of(list) {
        return Ok(entries.clone());
    }
    let mut entries = KeyCollector::default();
    for pair in list_elements(value, list, "A Map")? {
        let pair = list_elements(value, &pair, "Each entry of a Map")?;
        let mut pair = pair.into_iter();
        entries.set(
            pair.next().unwrap_or(Node::Undefined),
            pair.next().unwrap_or(Node::Undefined),
        );
    }
    Ok(entries.into_entries())
}

fn set_entries(value: &Value, arguments: &[Node]) -> Made<Vec<Node>> {
    let list = match arguments {
        [] | [Node::Undefined | Node::Null] => return Ok(Vec::new()),
        [list] => list,
        _ => return Err(ConstructError::SetArguments),
    };
    let mut entries = KeyCollector::default();
    for node in list_elements(value, list, "A Set")? {
        entries.set(node, ());
    }
    Ok(entries
        .into_entries()
        .into_iter()
        .map(|(node, ())| node)
        .collect())
}

fn regular_expression(value: &Value, arguments: &[Node]) -> Made<Object> {
    let (pattern, flags) = match arguments {
        [pattern] => (pattern, None),
        [pattern, Node::String(flags)] => (pattern, Some(flags.to_string_lossy())),
        _ => return Err(ConstructError::RegExpArguments),
    };
    let (pattern, own_flags) = match (pattern, value.object_of(pattern)) {
        (Node::String(pattern), _) => (pattern.clone(), String::new()),
        (_, Some((_, Object::RegExp { source, flags }))) => (source.clone(), flags.clone()),
        _ => return Err(ConstructError::RegExpArguments),
    };
    let flags = regexp::sorted_flags(&flags.unwrap_or(own_flags))?;
    regexp::check_pattern(&pattern, &flags)?;
    Ok(Object::RegExp {
        source: regexp::escaped_source(&pattern),
        flags,
    })
}

fn error(value: &Value, name: &'static str, arguments: &[Node]) -> Made<Object> {
    let (message, options) = match arguments {
        [] => (None, None),
        [message] => (Some(message), None),
        [message, options] => (Some(message), Some(options)),
        _ => return Err(ConstructError::ErrorArguments(name)),
    };
    let message = match message {
        None | Some(Node::Undefined) => None,
        Some(Node::String(message)) => Some(message.clone()),
        Some(_) => return Err(ConstructError::ErrorMessage(name)),
    };
    let cause = match options.map(|options| (options, value.object_of(options))) {
        None | Some((Node::Undefined, _)) => None,
        Some((_, Some((_, Object::Plain(properties))))) => match properties.as_slice() {
            [] => None,
            [(option, cause)] if option == "cause" => Some(cause.clone()),
            _ => return Err(ConstructError::ErrorOption(name)),
        },
        Some(_) => {
            return Err(ConstructError::ErrorOptions(name));
        }
    };
    Ok(Object::Error(ErrorObject {
        name,
        message,
        stack: None,
        cause,
    }))
}

fn array_length(number: f64) -> Made<u32> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "compared right after"
    )]
    let length = number as u32;
    if f64::from(length) == number {
        Ok(length)
    } else {
        Err(ConstructError::ArrayLength)
    }
}

fn array_of(elements: &[Node]) -> Made<Array> {
    let length = u32::try_from(elements.len()).map_err(|_too_long| ConstructError::ArrayLength)?;
    Ok(Array {
        length,
        elements: (0..length).zip(elements.iter().cloned()).collect(),
        properties: Vec::new(),
    })
}

fn boxed(value: &mut Value, primitive: &Node) -> Made<Node> {
    let object = match primitive {
        Node::Boolean(boolean) => Object::BoxedBoolean(*boolean),
        Node::Number(number) => Object::BoxedNumber(*number),
        Node::BigInt(number) => Object::BoxedBigInt(number.clone()),
        Node::String(string) => Object::BoxedString(string.clone()),
        Node::Undefined | Node::Null => Object::Plain(Vec::new()),
        Node::Object(_) => return Ok(primitive.clone()),
    };
    Ok(Node::Object(value.add(object)))
}

fn bigint(argument: &Node) -> Made<Node> {
    match argument {
        Node::BigInt(_) => Ok(argument.clone()),
        Node::String(text) => {
            let number = text.as_str().and_then(|text| text.trim().parse::<BigInt>().ok());
            number.map(Node::BigInt).ok_or(ConstructError::BigInt)
        }
        Node::Number(number) if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "an exact integer")]
            Ok(Node::BigInt((*number as i64).into()))
        }
        _ => Err(ConstructError::BigIntArguments),
    }
}

fn plain<'v>(value: &'v Value, node: &Node) -> Option<&'v Properties> {
    match value.object_of(node) {
        Some((_, Object::Plain(properties))) => Some(properties),
        _ => None,
    }
}

fn host(value: &Value, properties: &Node) -> Made<Object> {
    let properties = plain(value, properties).ok_or(ConstructError::HostArguments)?;
    if properties
        .iter()
        .any(|(name, node)| name == "type" && matches!(node, Node::String(_)))
    {
        Ok(Object::Host(properties.clone()))
    } else {
        Err(ConstructError::HostType)
    }
}

fn has_type(properties: &Properties) -> bool {
    properties
        .iter()
        .any(|(name, node)| name == "type" && matches!(node, Node::String(_)))
}
