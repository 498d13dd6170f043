//! Properties given to an object after it was made: of arrays, of errors, and elements of typed arrays.

use super::{ConstructError, Made, list_elements, plain};
use crate::value::collection::{PropertyCollector, PropertyKey};
use crate::value::graph::{Node, Object, ObjectId, Properties, Value};
use crate::value::literal::elements::element_bytes;

/// `Object.defineProperties(array, Object.getOwnPropertyDescriptors({…}))`, which is how a property `__proto__`
/// of an array is written.
pub(super) fn define_properties(value: &mut Value, target: &Node, source: &Node) -> Made<Node> {
    let (Some((id, Object::Array(_))), Some((_, Object::Host(source)))) =
        (value.object_of(target), value.object_of(source))
    else {
        return Err(ConstructError::DefineArguments);
    };
    let source = source.clone();
    assign_properties(value, id, source)?;
    Ok(target.clone())
}

/// `Object.assign(target, source)`: properties of arrays and objects, the stack of errors, the elements of
/// typed arrays.
pub(super) fn assign(value: &mut Value, target: &Node, source: &Node) -> Made<Node> {
    let Some((id, object)) = value.object_of(target) else {
        return Err(ConstructError::AssignTarget);
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
                return Err(ConstructError::AssignElements);
            }
            if let Some(Object::ArrayBuffer { bytes: all, .. }) = value.object_mut(buffer) {
                let places = all.iter_mut().skip(start);
                places.zip(bytes).for_each(|(place, byte)| *place = byte);
            }
        }
        Object::Array(_) | Object::Plain(_) | Object::Error(_) => {
            let source = plain(value, source).ok_or(ConstructError::AssignSource)?.clone();
            assign_properties(value, id, source)?;
        }
        _ => return Err(ConstructError::AssignLost),
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
            let twice = |_| ConstructError::AssignLength;
            Object::Array(collector.into_array(array.length).map_err(twice)?)
        }
        Object::Error(mut error) => {
            for (name, node) in source {
                let text = match node {
                    Node::Undefined => None,
                    Node::String(text) => Some(text),
                    _ => return Err(ConstructError::ErrorText),
                };
                match name.as_str() {
                    Some("stack") => error.stack = text,
                    Some("message") => error.message = text,
                    _ => {
                        return Err(ConstructError::ErrorProperty(name.to_string()));
                    }
                }
            }
            Object::Error(error)
        }
        other => other,
    })
}
