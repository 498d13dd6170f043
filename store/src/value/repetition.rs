//! Which objects of a value occur more than once.

use std::collections::HashSet;

use super::{Node, Object, ObjectId, Value};

/// The objects to which more than one node of the value refers.
pub(crate) fn repeated_objects(value: &Value) -> HashSet<ObjectId> {
    let mut seen = HashSet::new();
    let mut repeated = HashSet::new();
    let mut pending = Vec::new();
    if let Node::Object(root) = value.root() {
        pending.push(*root);
    }
    while let Some(id) = pending.pop() {
        if !seen.insert(id) {
            repeated.insert(id);
            continue;
        }
        match value.object(id) {
            Some(Object::View(view)) => pending.push(view.buffer),
            Some(object) => object.for_each_node(|node| {
                if let Node::Object(id) = node {
                    pending.push(*id);
                }
            }),
            None => {}
        }
    }
    repeated
}
