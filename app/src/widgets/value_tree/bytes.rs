//! The bytes inside a value.

use keyglass_store::value::{Node, Object, ObjectId, Value, View, ViewKind};

use super::edit::EditError;
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

/// The value with other bytes at a path. Bytes that another part of the value sees, too, keep their number.
///
/// # Errors
/// If there are no bytes, or their number cannot change.
pub fn with_bytes_at(value: &Value, path: &ValuePath, bytes: &[u8]) -> Result<Value, EditError> {
    let impossible = || EditError::Impossible(path.clone());
    let shared = || EditError::Shared(path.clone());
    let node = path.find(value).ok_or_else(impossible)?;
    let mut changed = value.clone();
    match value.object_of(&node).ok_or_else(impossible)? {
        (
            id,
            Object::ArrayBuffer {
                bytes: old,
                max_byte_length,
            },
        ) => {
            let is_too_long = max_byte_length.is_some_and(|most| bytes.len() as u64 > most);
            let is_seen = value
                .objects()
                .any(|object| matches!(object, Object::View(view) if view.buffer == id));
            if bytes.len() != old.len() && (is_seen || is_too_long) {
                return Err(shared());
            }
            let place = buffer_mut(&mut changed, id).ok_or_else(impossible)?;
            *place = bytes.to_vec();
        }
        (id, Object::View(view)) if is_of_bytes(view.kind) => {
            let old = value.view_bytes(view).len();
            if bytes.len() != old && !(value.is_whole(view) && is_alone(value, id, view)) {
                return Err(shared());
            }
            let start = usize::try_from(view.byte_offset).map_err(|_too_far| impossible())?;
            let place = buffer_mut(&mut changed, view.buffer).ok_or_else(impossible)?;
            let end = start
                .checked_add(old)
                .filter(|end| *end <= place.len())
                .ok_or_else(impossible)?;
            place.splice(start..end, bytes.iter().copied());
            if let Some(Object::View(view)) = changed.object_mut(id) {
                view.byte_length = bytes.len() as u64;
            }
        }
        _ => return Err(impossible()),
    }
    Ok(changed)
}

fn buffer_mut(value: &mut Value, id: ObjectId) -> Option<&mut Vec<u8>> {
    match value.object_mut(id)? {
        Object::ArrayBuffer { bytes, .. } => Some(bytes),
        _ => None,
    }
}

/// Whether no other object refers to the buffer of a view.
fn is_alone(value: &Value, id: ObjectId, view: &View) -> bool {
    let buffer = Node::Object(view.buffer);
    let refers = |object: &Object| match object {
        Object::View(other) => other.buffer == view.buffer,
        Object::Plain(properties) | Object::Host(properties) => {
            properties.iter().any(|(_, node)| *node == buffer)
        }
        Object::Array(array) => {
            array.elements.iter().any(|(_, node)| *node == buffer)
                || array.properties.iter().any(|(_, node)| *node == buffer)
        }
        Object::Map(entries) => entries
            .iter()
            .any(|(key, node)| *key == buffer || *node == buffer),
        Object::Set(members) => members.contains(&buffer),
        Object::Error(error) => error.cause.as_ref() == Some(&buffer),
        _ => false,
    };
    let num_refers = value.objects().filter(|object| refers(object)).count();
    // The one is the view itself.
    value.object(id).is_some() && num_refers == 1
}

#[cfg(test)]
mod tests {
    use keyglass_store::value::literal::parse;

    use super::super::path::Step;
    use super::*;

    fn at(name: &str) -> ValuePath {
        ValuePath(vec![Step::Property(name.into())])
    }

    #[test]
    fn bytes_are_found_and_replaced_by_any_number_of_others() {
        let value = parse("{a: new Uint8Array([1, 2]), n: 1}").unwrap();
        assert_eq!(bytes_at(&value, &at("a")), Some(&[1, 2][..]));
        assert_eq!(bytes_at(&value, &at("n")), None);
        assert_eq!(meant_bytes(&value, None), None);
        assert_eq!(meant_bytes(&value, Some(&at("a"))).unwrap().0, at("a"));
        let longer = with_bytes_at(&value, &at("a"), &[9, 8, 7]).unwrap();
        assert_eq!(longer.to_string(), "{a: new Uint8Array([9, 8, 7]), n: 1}");
        let empty = with_bytes_at(&value, &at("a"), &[]).unwrap();
        assert_eq!(bytes_at(&empty, &at("a")), Some(&[][..]));
        assert!(with_bytes_at(&value, &at("n"), &[]).is_err());
        let whole = with_bytes_at(&Value::bytes(vec![1]), &ValuePath::default(), &[2, 3]).unwrap();
        assert_eq!(whole.to_string(), "new Uint8Array([2, 3])");
    }

    #[test]
    fn bytes_that_are_shared_keep_their_number() {
        let mut value = Value::default();
        let buffer = value.add(Object::ArrayBuffer {
            bytes: vec![1, 2, 3, 4],
            max_byte_length: None,
        });
        let view = |byte_offset, byte_length| {
            Object::View(View {
                kind: ViewKind::Uint8Array,
                buffer,
                byte_offset,
                byte_length,
                length_tracking: false,
            })
        };
        let (all, part) = (value.add(view(0, 4)), value.add(view(1, 2)));
        let root = value.add(Object::Plain(vec![
            ("all".into(), Node::Object(all)),
            ("part".into(), Node::Object(part)),
            ("buffer".into(), Node::Object(buffer)),
        ]));
        value.set_root(Node::Object(root));
        for name in ["all", "part", "buffer"] {
            let error = with_bytes_at(&value, &at(name), &[0]).unwrap_err();
            assert_eq!(error, EditError::Shared(at(name)));
        }
        let changed = with_bytes_at(&value, &at("part"), &[8, 9]).unwrap();
        assert_eq!(bytes_at(&changed, &at("all")), Some(&[1, 8, 9, 4][..]));
    }
}
