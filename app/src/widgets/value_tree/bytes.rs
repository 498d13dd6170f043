//! The bytes inside a value.

use keyglass_store::value::{Object, Value, ViewKind};

use super::path::ValuePath;

/// The bytes of the part at a path, if it is an `ArrayBuffer` or a view of single bytes.
#[must_use]
pub fn bytes_at<'v>(value: &'v Value, path: &ValuePath) -> Option<&'v [u8]> {
    let node = path.find(value)?;
    match value.object_of(&node)? {
        (_, Object::ArrayBuffer { bytes, .. }) => Some(bytes),
        (_, Object::View(view)) if is_of_bytes(view.kind) => Some(value.view_bytes(view)),
        _ => None,
    }
}

fn is_of_bytes(kind: ViewKind) -> bool {
    matches!(
        kind,
        ViewKind::Uint8Array | ViewKind::Uint8ClampedArray | ViewKind::Int8Array | ViewKind::DataView
    )
}

/// Where the bytes are that are meant: the whole value if it is bytes, or else the selected part.
#[must_use]
pub fn meant_bytes<'v>(value: &'v Value, selected: Option<&ValuePath>) -> Option<(ValuePath, &'v [u8])> {
    let at = |path: &ValuePath| Some((path.clone(), bytes_at(value, path)?));
    at(&ValuePath::default()).or_else(|| at(selected?))
}
