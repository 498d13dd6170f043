//! Buffers, typed arrays and views.

use super::{ConstructError, MAX_BYTES, Made, list_elements};
use crate::value::graph::{Node, Object, ObjectId, Value, View, ViewKind};
use crate::value::literal::elements::element_bytes;

/// A whole number of bytes or elements.
fn count(number: f64, what: &'static str) -> Made<u64> {
    if number < 0.0 || number.fract() != 0.0 || number.is_nan() {
        return Err(ConstructError::Count(what));
    }
    if number > 9_007_199_254_740_991.0 {
        return Err(ConstructError::LargeCount(what));
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
        return Err(ConstructError::Long);
    }
    Ok(vec![0; usize::try_from(bytes).unwrap_or(0)])
}

pub(super) fn array_buffer(value: &Value, arguments: &[Node]) -> Made<Object> {
    let (length, options) = match arguments {
        [] => {
            return Ok(Object::ArrayBuffer {
                bytes: Vec::new(),
                max_byte_length: None,
            });
        }
        [Node::Number(length)] => (*length, None),
        [Node::Number(length), options] => (*length, Some(options)),
        _ => return Err(ConstructError::BufferArguments),
    };
    let bytes = zeros(length, 1)?;
    let max_byte_length = match options.and_then(|options| value.object_of(options)) {
        None if options.is_none() => None,
        Some((_, Object::Plain(properties))) => match properties.as_slice() {
            [] => None,
            [(option, Node::Number(maximum))] if option == "maxByteLength" => {
                Some(count(*maximum, "maxByteLength")?)
            }
            _ => return Err(ConstructError::BufferOption),
        },
        _ => return Err(ConstructError::BufferOption),
    };
    if max_byte_length.is_some_and(|maximum| maximum < bytes.len() as u64) {
        return Err(ConstructError::BufferMaximum);
    }
    Ok(Object::ArrayBuffer {
        bytes,
        max_byte_length,
    })
}

pub(super) fn view_of(value: &mut Value, kind: ViewKind, elements: &[Node]) -> Made<Node> {
    if kind == ViewKind::DataView {
        return Err(ConstructError::DataViewArguments);
    }
    let mut bytes = Vec::with_capacity(elements.len());
    for element in elements {
        bytes.extend(element_bytes(kind, element)?);
    }
    Ok(Node::Object(value.add_bytes(kind, bytes)))
}

pub(super) fn view(value: &mut Value, kind: ViewKind, arguments: &[Node]) -> Made<Node> {
    let data_view = kind == ViewKind::DataView;
    let (first, rest) = match arguments {
        [] if !data_view => return view_of(value, kind, &[]),
        [Node::Number(length)] if !data_view => {
            let bytes = zeros(*length, kind.element_size())?;
            return Ok(Node::Object(value.add_bytes(kind, bytes)));
        }
        [first, rest @ ..] => (first, rest),
        [] => return Err(ConstructError::DataViewArguments),
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
        _ => Err(ConstructError::NoElements(kind.class_name())),
    }
}

/// A view of a buffer, from an offset in bytes and a length in elements.
fn view_on(kind: ViewKind, buffer: ObjectId, bytes: u64, resizable: bool, rest: &[Node]) -> Made<View> {
    let size = kind.element_size();
    let (offset, length) = match rest {
        [] => (0.0, None),
        [Node::Number(offset)] | [Node::Number(offset), Node::Undefined] => (*offset, None),
        [Node::Number(offset), Node::Number(length)] => (*offset, Some(*length)),
        _ => return Err(ConstructError::ViewArguments),
    };
    let byte_offset = count(offset, "The offset")?;
    let beyond = || ConstructError::ViewEnd;
    let left = bytes.checked_sub(byte_offset).ok_or_else(beyond)?;
    if byte_offset % size != 0 {
        return Err(ConstructError::ViewOffset(size));
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
        None => return Err(ConstructError::BufferLength(size)),
    };
    Ok(View {
        kind,
        buffer,
        byte_offset,
        byte_length,
        length_tracking: resizable && length.is_none(),
    })
}
