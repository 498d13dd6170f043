//! What the constructors and functions that may stand in a text make.

use num_bigint::BigInt;

use super::elements::{element_bytes, u64_of};
use crate::javascript::date::{parse_date, time_clip};
use crate::javascript::regexp;
use crate::value::collection::{KeyCollector, PropertyCollector, PropertyKey};
use crate::value::graph::{
    Array, ERROR_CLASSES, ErrorObject, Node, Object, ObjectId, Properties, Value, View, ViewKind,
};

/// Buffers and arrays that are longer are refused: no value of a Deno KV database could hold them.
const MAX_BYTES: f64 = 16_777_216.0;

/// A constructor or function by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Callee {
    Date,
    Map,
    Set,
    RegExp,
    Error(&'static str),
    ArrayBuffer,
    View(ViewKind),
    ViewOf(ViewKind),
    ViewFrom(ViewKind),
    KvU64,
    Array,
    ArrayOf,
    Boxed,
    BoxedBoolean,
    BoxedNumber,
    BoxedString,
    BigInt,
    ObjectAssign,
    DefineProperties,
    PropertyDescriptors,
    Host,
}

type Made<T> = Result<T, String>;

impl Callee {
    /// The one of that name, with or without `new` before it.
    pub fn named(name: &str, is_new: bool) -> Made<Self> {
        let only_new = |callee| {
            if is_new {
                Ok(callee)
            } else {
                Err(format!("{name} is written with `new` before it"))
            }
        };
        let never_new = |callee| {
            if is_new {
                Err(format!("{name} is written without `new`"))
            } else {
                Ok(callee)
            }
        };
        if let Some(class) = ERROR_CLASSES.iter().find(|class| **class == name) {
            return Ok(Self::Error(class));
        }
        if let Some(kind) = ViewKind::from_class_name(name) {
            return only_new(Self::View(kind));
        }
        if let Some((class, method)) = name.split_once('.') {
            match (ViewKind::from_class_name(class), method) {
                (Some(kind), "of") => return never_new(Self::ViewOf(kind)),
                (Some(kind), "from") => return never_new(Self::ViewFrom(kind)),
                _ => {}
            }
        }
        match name {
            "Date" => only_new(Self::Date),
            "Map" => only_new(Self::Map),
            "Set" => only_new(Self::Set),
            "RegExp" => Ok(Self::RegExp),
            "ArrayBuffer" => only_new(Self::ArrayBuffer),
            "Deno.KvU64" | "KvU64" => Ok(Self::KvU64),
            "Array" => Ok(Self::Array),
            "Array.of" => never_new(Self::ArrayOf),
            "Object" => Ok(Self::Boxed),
            "Boolean" => only_new(Self::BoxedBoolean),
            "Number" => only_new(Self::BoxedNumber),
            "String" => only_new(Self::BoxedString),
            "BigInt" => never_new(Self::BigInt),
            "Object.assign" => never_new(Self::ObjectAssign),
            "Object.defineProperties" => never_new(Self::DefineProperties),
            "Object.getOwnPropertyDescriptors" => never_new(Self::PropertyDescriptors),
            "host" => never_new(Self::Host),
            _ => Err(format!(
                "Nothing is evaluated here, and {name} is no value that can be stored"
            )),
        }
    }
}

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

/// A whole number of bytes or elements.
fn count(number: f64, what: &str) -> Made<u64> {
    if number < 0.0 || number.fract() != 0.0 || number.is_nan() {
        return Err(format!("{what} must be a whole number that is not negative"));
    }
    if number > 9_007_199_254_740_991.0 {
        return Err(format!("{what} is larger than JavaScript allows"));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked above"
    )]
    Ok(number as u64)
}

fn zeros(length: f64, element_size: u64) -> Made<Vec<u8>> {
    let length = count(length, "The length")?;
    let bytes = length.saturating_mul(element_size);
    #[expect(clippy::cast_precision_loss, reason = "compared with a small limit")]
    if bytes as f64 > MAX_BYTES {
        return Err("This is longer than any value that can be stored".to_owned());
    }
    Ok(vec![0; usize::try_from(bytes).unwrap_or(0)])
}

fn array_buffer(value: &Value, arguments: &[Node]) -> Made<Object> {
    let (length, options) = match arguments {
        [] => {
            return Ok(Object::ArrayBuffer {
                bytes: Vec::new(),
                max_byte_length: None,
            });
        }
        [Node::Number(length)] => (*length, None),
        [Node::Number(length), options] => (*length, Some(options)),
        _ => return Err("An ArrayBuffer takes its length in bytes".to_owned()),
    };
    let bytes = zeros(length, 1)?;
    let max_byte_length = match options.and_then(|options| value.object_of(options)) {
        None if options.is_none() => None,
        Some((_, Object::Plain(properties))) => match properties.as_slice() {
            [] => None,
            [(option, Node::Number(maximum))] if option == "maxByteLength" => {
                Some(count(*maximum, "maxByteLength")?)
            }
            _ => return Err("The only option of an ArrayBuffer is maxByteLength".to_owned()),
        },
        _ => return Err("The only option of an ArrayBuffer is maxByteLength".to_owned()),
    };
    if max_byte_length.is_some_and(|maximum| maximum < bytes.len() as u64) {
        return Err("An ArrayBuffer may not be longer than its maxByteLength".to_owned());
    }
    Ok(Object::ArrayBuffer {
        bytes,
        max_byte_length,
    })
}

fn view_of(value: &mut Value, kind: ViewKind, elements: &[Node]) -> Made<Node> {
    if kind == ViewKind::DataView {
        return Err("A DataView takes an ArrayBuffer".to_owned());
    }
    let mut bytes = Vec::with_capacity(elements.len());
    for element in elements {
        bytes.extend(element_bytes(kind, element)?);
    }
    Ok(Node::Object(value.add_bytes(kind, bytes)))
}

fn view(value: &mut Value, kind: ViewKind, arguments: &[Node]) -> Made<Node> {
    let data_view = kind == ViewKind::DataView;
    let (first, rest) = match arguments {
        [] if !data_view => return view_of(value, kind, &[]),
        [Node::Number(length)] if !data_view => {
            let bytes = zeros(*length, kind.element_size())?;
            return Ok(Node::Object(value.add_bytes(kind, bytes)));
        }
        [first, rest @ ..] => (first, rest),
        [] => return Err("A DataView takes an ArrayBuffer".to_owned()),
    };
    match value.object_of(first) {
        Some((
            id,
            Object::ArrayBuffer {
                bytes,
                max_byte_length,
            },
        )) => {
            let view = view_on(kind, id, bytes.len() as u64, max_byte_length.is_some(), rest)?;
            Ok(Node::Object(value.add(Object::View(view))))
        }
        Some((_, Object::View(source))) if rest.is_empty() && source.kind == kind && !data_view => {
            let bytes = value.view_bytes(source).to_owned();
            Ok(Node::Object(value.add_bytes(kind, bytes)))
        }
        Some(_) if rest.is_empty() && !data_view => {
            let elements = list_elements(value, first, kind.class_name())?;
            view_of(value, kind, &elements)
        }
        _ => Err(format!(
            "{} takes an array, a length or an ArrayBuffer",
            kind.class_name()
        )),
    }
}

/// A view of a buffer, from an offset in bytes and a length in elements.
fn view_on(kind: ViewKind, buffer: ObjectId, bytes: u64, resizable: bool, rest: &[Node]) -> Made<View> {
    let size = kind.element_size();
    let (offset, length) = match rest {
        [] => (0.0, None),
        [Node::Number(offset)] | [Node::Number(offset), Node::Undefined] => (*offset, None),
        [Node::Number(offset), Node::Number(length)] => (*offset, Some(*length)),
        _ => return Err("A view takes an ArrayBuffer, an offset and a length".to_owned()),
    };
    let byte_offset = count(offset, "The offset")?;
    let beyond = || "The view reaches beyond its buffer".to_owned();
    let left = bytes.checked_sub(byte_offset).ok_or_else(beyond)?;
    if byte_offset % size != 0 {
        return Err(format!("The offset must be a multiple of {size}"));
    }
    let byte_length = match length {
        Some(length) => {
            let byte_length = count(length, "The length")?.saturating_mul(size);
            if byte_length > left {
                Err(beyond())
            } else {
                Ok(byte_length)
            }?
        }
        None if resizable => left / size * size,
        None if left % size == 0 => left,
        None => return Err(format!("The length of the buffer must be a multiple of {size}")),
    };
    Ok(View {
        kind,
        buffer,
        byte_offset,
        byte_length,
        length_tracking: resizable && length.is_none(),
    })
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

/// `Object.defineProperties(array, Object.getOwnPropertyDescriptors({…}))`, which is how a property `__proto__`
/// of an array is written.
fn define_properties(value: &mut Value, target: &Node, source: &Node) -> Made<Node> {
    let (Some((id, Object::Array(_))), Some((_, Object::Host(source)))) =
        (value.object_of(target), value.object_of(source))
    else {
        return Err(
            "Object.defineProperties takes an array and Object.getOwnPropertyDescriptors(…)".to_owned(),
        );
    };
    let source = source.clone();
    assign_properties(value, id, source)?;
    Ok(target.clone())
}

/// `Object.assign(target, source)`: properties of arrays and objects, the stack of errors, the elements of
/// typed arrays.
fn assign(value: &mut Value, target: &Node, source: &Node) -> Made<Node> {
    let Some((id, object)) = value.object_of(target) else {
        return Err("Object.assign takes an object first".to_owned());
    };
    match object {
        Object::View(view) => {
            let (kind, buffer) = (view.kind, view.buffer);
            let start = usize::try_from(view.byte_offset).unwrap_or(usize::MAX);
            let length = value.view_bytes(view).len();
            let mut bytes = Vec::new();
            for element in list_elements(value, source, "Object.assign to a typed array")? {
                bytes.extend(element_bytes(kind, &element)?);
            }
            if bytes.len() > length {
                return Err("There are more elements than the typed array has".to_owned());
            }
            if let Some(Object::ArrayBuffer { bytes: all, .. }) = value.object_mut(buffer) {
                let places = all.iter_mut().skip(start);
                places.zip(bytes).for_each(|(place, byte)| *place = byte);
            }
        }
        Object::Array(_) | Object::Plain(_) | Object::Error(_) => {
            let source = plain(value, source)
                .ok_or("Object.assign takes a plain object second")?
                .clone();
            assign_properties(value, id, source)?;
        }
        _ => return Err("Object.assign to this object would be lost when it is stored".to_owned()),
    }
    Ok(target.clone())
}

fn assign_properties(value: &mut Value, id: ObjectId, source: Properties) -> Made<()> {
    let object = value.object_mut(id).map(std::mem::take).unwrap_or_default();
    let changed = assigned(object, source)?;
    if let Some(place) = value.object_mut(id) {
        *place = changed;
    }
    Ok(())
}

fn assigned(object: Object, source: Properties) -> Made<Object> {
    let collect = |properties: Properties, mut collector: PropertyCollector| {
        for (name, node) in properties {
            collector.push(PropertyKey::from_string(name), node);
        }
        collector.keep_last();
        collector
    };
    Ok(match object {
        Object::Plain(properties) => {
            let collector = collect(source, collect(properties, PropertyCollector::default()));
            Object::Plain(collector.into_properties()?)
        }
        Object::Array(array) => {
            let mut collector = PropertyCollector::default();
            for (index, node) in array.elements {
                collector.push(PropertyKey::Index(index), node);
            }
            let collector = collect(source, collect(array.properties, collector));
            let twice = |_| "Object.assign may not set the length of an array".to_owned();
            Object::Array(collector.into_array(array.length).map_err(twice)?)
        }
        Object::Error(mut error) => {
            for (name, node) in source {
                let text = match node {
                    Node::Undefined => None,
                    Node::String(text) => Some(text),
                    _ => return Err("The stack and the message of an error are strings".to_owned()),
                };
                match name.as_str() {
                    Some("stack") => error.stack = text,
                    Some("message") => error.message = text,
                    _ => {
                        return Err(format!(
                            "The property {name} of an error would be lost when it is stored"
                        ));
                    }
                }
            }
            Object::Error(error)
        }
        other => other,
    })
}
