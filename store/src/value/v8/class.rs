//! The classes of views, and what a value is, without reading all of it.

use super::bytes::Bytes;
use super::tags;
use crate::value::ViewKind;

/// V8's byte for each kind of view.
const VIEW_TAGS: [(u8, ViewKind); 13] = [
    (b'b', ViewKind::Int8Array),
    (b'B', ViewKind::Uint8Array),
    (b'C', ViewKind::Uint8ClampedArray),
    (b'w', ViewKind::Int16Array),
    (b'W', ViewKind::Uint16Array),
    (b'd', ViewKind::Int32Array),
    (b'D', ViewKind::Uint32Array),
    (b'h', ViewKind::Float16Array),
    (b'f', ViewKind::Float32Array),
    (b'F', ViewKind::Float64Array),
    (b'q', ViewKind::BigInt64Array),
    (b'Q', ViewKind::BigUint64Array),
    (b'?', ViewKind::DataView),
];

pub(super) fn view_kind(tag: u8) -> Option<ViewKind> {
    VIEW_TAGS
        .iter()
        .find(|(known, _)| *known == tag)
        .map(|(_, kind)| *kind)
}

pub(super) fn view_tag(kind: ViewKind) -> u8 {
    VIEW_TAGS
        .iter()
        .find(|(_, known)| *known == kind)
        .map_or(b'?', |(tag, _)| *tag)
}

/// The kind of view by the number that Node gives it; 10 is a `Buffer`, which is a `Uint8Array`.
pub(super) fn node_view_kind(number: u32) -> Option<ViewKind> {
    Some(match number {
        0 => ViewKind::Int8Array,
        1 | 10 => ViewKind::Uint8Array,
        2 => ViewKind::Uint8ClampedArray,
        3 => ViewKind::Int16Array,
        4 => ViewKind::Uint16Array,
        5 => ViewKind::Int32Array,
        6 => ViewKind::Uint32Array,
        7 => ViewKind::Float32Array,
        8 => ViewKind::Float64Array,
        9 => ViewKind::DataView,
        11 => ViewKind::BigInt64Array,
        12 => ViewKind::BigUint64Array,
        13 => ViewKind::Float16Array,
        _ => return None,
    })
}

/// What the value is, from its first bytes: what `typeof` says of a primitive, the class of an object.
/// `None` if they are no value.
pub(in crate::value) fn class_name(bytes: &[u8]) -> Option<&'static str> {
    let mut bytes = Bytes::new(bytes);
    bytes.header().ok()?;
    let mut tag = bytes.tag("").ok()?;
    while tag == tags::OBJECT_COUNT {
        bytes.varint32("").ok()?;
        tag = bytes.tag("").ok()?;
    }
    Some(match tag {
        tags::UNDEFINED => "undefined",
        tags::NULL => "null",
        tags::TRUE | tags::FALSE => "boolean",
        tags::INT32 | tags::UINT32 | tags::DOUBLE => "number",
        tags::BIGINT => "bigint",
        tags::UTF8_STRING | tags::ONE_BYTE_STRING | tags::TWO_BYTE_STRING => "string",
        tags::OBJECT => "object",
        tags::SPARSE_ARRAY | tags::DENSE_ARRAY => "Array",
        tags::DATE => "Date",
        tags::TRUE_OBJECT
        | tags::FALSE_OBJECT
        | tags::NUMBER_OBJECT
        | tags::BIGINT_OBJECT
        | tags::STRING_OBJECT => "boxed",
        tags::REGEXP => "RegExp",
        tags::MAP => "Map",
        tags::SET => "Set",
        tags::ERROR => "Error",
        tags::ARRAY_BUFFER | tags::IMMUTABLE_ARRAY_BUFFER | tags::RESIZABLE_ARRAY_BUFFER => {
            let length = bytes.varint64("").ok()?;
            if tag == tags::RESIZABLE_ARRAY_BUFFER {
                bytes.varint64("").ok()?;
            }
            bytes.take_long(length, "").ok()?;
            if bytes.peek_tag() == Some(tags::VIEW) {
                bytes.tag("").ok()?;
                view_kind(bytes.varint8("").ok()?)?.class_name()
            } else {
                "ArrayBuffer"
            }
        }
        tags::HOST_OBJECT => match bytes.varint32("").ok()? {
            tags::DENO_HOST_OBJECT => "host",
            number => node_view_kind(number)?.class_name(),
        },
        _ => return None,
    })
}
