//! What the constructors and functions that may stand in a text make.

mod assign;
mod buffers;
mod callee;

use num_bigint::BigInt;

pub(super) use callee::Callee;

use self::assign::{assign, define_properties};
use self::buffers::{array_buffer, view, view_of};
use super::elements::u64_of;
use crate::javascript::date::{parse_date, time_clip};
use crate::javascript::regexp;
use crate::value::collection::KeyCollector;
use crate::value::graph::{Array, ErrorObject, Node, Object, Properties, Value};

/// Buffers and arrays that are longer are refused: no value of a Deno KV database could hold them.
const MAX_BYTES: f64 = 16_777_216.0;

type Made<T> = Result<T, String>;

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
        (Callee::KvU64, _) => return Err("A Deno.KvU64 takes one bigint, such as 1n".to_owned()),
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
            None => return Err("Object.getOwnPropertyDescriptors takes a plain object".to_owned()),
        },
        (Callee::Host, [properties]) => host(value, properties)?,
        _ => return Err("These arguments make no value that can be stored".to_owned()),
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
            return Err(
                "Object.getOwnPropertyDescriptors only has a meaning in Object.defineProperties".to_owned(),
            );
        }
    }
    if found {
        return Err("A Deno.KvU64 can only be stored as a whole value, not inside another".to_owned());
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
            .ok_or_else(|| {
                "This is no date; write it as \"2026-01-31\" or \"2026-01-31T12:00:00.000Z\"".to_owned()
            }),
        [] => Err("Nothing is evaluated here, so the time must be given".to_owned()),
        _ => Err("A Date takes one text or one number of milliseconds".to_owned()),
    }
}

/// The elements of an array in a list that is read and not kept; holes read as `undefined`.
fn list_elements(value: &Value, list: &Node, what: &str) -> Made<Vec<Node>> {
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
        _ => Err(format!("{what} takes an array")),
    }
}

fn map_entries(value: &Value, arguments: &[Node]) -> Made<Vec<(Node, Node)>> {
    let list = match arguments {
        [] | [Node::Undefined | Node::Null] => return Ok(Vec::new()),
        [list] => list,
        _ => return Err("A Map takes one array of pairs".to_owned()),
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
        _ => return Err("A Set takes one array".to_owned()),
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
        _ => return Err("A RegExp takes a pattern and flags".to_owned()),
    };
    let (pattern, own_flags) = match (pattern, value.object_of(pattern)) {
        (Node::String(pattern), _) => (pattern.clone(), String::new()),
        (_, Some((_, Object::RegExp { source, flags }))) => (source.clone(), flags.clone()),
        _ => return Err("A RegExp takes a pattern and flags".to_owned()),
    };
    let flags = regexp::sorted_flags(&flags.unwrap_or(own_flags))?;
    regexp::check_pattern(&pattern, &flags).map_err(|reason| format!("This pattern is invalid: {reason}"))?;
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
        _ => return Err(format!("{name} takes a text and options")),
    };
    let message = match message {
        None | Some(Node::Undefined) => None,
        Some(Node::String(message)) => Some(message.clone()),
        Some(_) => return Err(format!("The message of {name} must be a string")),
    };
    let cause = match options.map(|options| (options, value.object_of(options))) {
        None | Some((Node::Undefined, _)) => None,
        Some((_, Some((_, Object::Plain(properties))))) => match properties.as_slice() {
            [] => None,
            [(option, cause)] if option == "cause" => Some(cause.clone()),
            _ => return Err(format!("The only option of {name} is its cause")),
        },
        Some(_) => {
            return Err(format!(
                "The options of {name} must be an object, such as {{cause: …}}"
            ));
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
        Err("This is no length of an array".to_owned())
    }
}

fn array_of(elements: &[Node]) -> Made<Array> {
    let length =
        u32::try_from(elements.len()).map_err(|_too_long| "This is no length of an array".to_owned())?;
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
            number
                .map(Node::BigInt)
                .ok_or_else(|| "This is no bigint".to_owned())
        }
        Node::Number(number) if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "an exact integer")]
            Ok(Node::BigInt((*number as i64).into()))
        }
        _ => Err("A BigInt takes a whole number or its digits as text".to_owned()),
    }
}

fn plain<'v>(value: &'v Value, node: &Node) -> Option<&'v Properties> {
    match value.object_of(node) {
        Some((_, Object::Plain(properties))) => Some(properties),
        _ => None,
    }
}

fn host(value: &Value, properties: &Node) -> Made<Object> {
    let properties = plain(value, properties).ok_or("host takes an object")?;
    if properties
        .iter()
        .any(|(name, node)| name == "type" && matches!(node, Node::String(_)))
    {
        Ok(Object::Host(properties.clone()))
    } else {
        Err("A host object needs a property `type` that is a string".to_owned())
    }
}

fn has_type(properties: &Properties) -> bool {
    properties
        .iter()
        .any(|(name, node)| name == "type" && matches!(node, Node::String(_)))
}
