//! When objects without parts are the same.

use keyglass_store::value::{Node, Object, Value};

/// Whether two objects without parts are the same.
pub(super) fn is_same_leaf((before, old): (&Value, &Object), (after, new): (&Value, &Object)) -> bool {
    let number = |old: f64, new: f64| Node::Number(old) == Node::Number(new);
    match (old, new) {
        (Object::Date(old), Object::Date(new)) | (Object::BoxedNumber(old), Object::BoxedNumber(new)) => {
            number(*old, *new)
        }
        (
            Object::RegExp { source, flags },
            Object::RegExp {
                source: new_source,
                flags: new_flags,
            },
        ) => source == new_source && flags == new_flags,
        (Object::BoxedBoolean(old), Object::BoxedBoolean(new)) => old == new,
        (Object::BoxedBigInt(old), Object::BoxedBigInt(new)) => old == new,
        (Object::BoxedString(old), Object::BoxedString(new)) => old == new,
        (Object::KvU64(old), Object::KvU64(new)) => old == new,
        (Object::ArrayBuffer { bytes: old, .. }, Object::ArrayBuffer { bytes: new, .. }) => old == new,
        (Object::View(old), Object::View(new)) => {
            old.kind == new.kind && before.view_bytes(old) == after.view_bytes(new)
        }
        _ => false,
    }
}
