//! Which objects of a value occur more than once, and which of these a text has to write only once.

use std::collections::{HashMap, HashSet};

use super::{MAX_DEPTH, Node, Object, ObjectId, Value};

/// Objects that occur again are written again as long as that makes a text by about so many bytes longer at most. A
/// value of 64 KB could otherwise stand for more than any memory holds: each of its objects may hold the next one
/// twice.
const MOST_WRITTEN_AGAIN: u64 = 256 << 10;

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
        pending.extend(parts(value, id));
    }
    repeated
}

/// How objects recur in a value.
#[derive(Debug, Clone, Default)]
pub struct Repetition {
    repeated: HashSet<ObjectId>,
    on_cycles: HashSet<ObjectId>,
}

impl Repetition {
    /// Looks at all of a value.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        let repeated = repeated_objects(value);
        // Each cycle is entered from outside, so one of its objects occurs more than once.
        let on_cycles = if repeated.is_empty() {
            HashSet::new()
        } else {
            objects_on_cycles(value)
        };
        Self { repeated, on_cycles }
    }

    /// Whether any object occurs more than once.
    #[must_use]
    pub fn has_repeated(&self) -> bool {
        !self.repeated.is_empty()
    }

    /// Whether the object stands in more than one place and nowhere within itself, so that it could as well be
    /// several equal ones.
    #[must_use]
    pub fn is_shared(&self, id: ObjectId) -> bool {
        self.repeated.contains(&id) && !self.on_cycles.contains(&id)
    }

    /// Whether the object stands within itself.
    #[must_use]
    pub fn is_on_cycle(&self, id: ObjectId) -> bool {
        self.on_cycles.contains(&id)
    }

    /// Whether any object stands within itself.
    #[must_use]
    pub fn has_cycle(&self) -> bool {
        !self.on_cycles.is_empty()
    }

    /// Whether any object [is shared](Self::is_shared).
    #[must_use]
    pub fn has_shared(&self) -> bool {
        self.repeated.iter().any(|id| !self.on_cycles.contains(id))
    }

    /// The objects that a text writes once and refers to from then on: of those that occur again the ones on cycles,
    /// which no text can write out, or all, where writing the others again would make the text too long.
    pub(crate) fn written_once(self, value: &Value) -> HashSet<ObjectId> {
        if !self.has_repeated() {
            return self.repeated;
        }
        let on_cycles: HashSet<ObjectId> = self.repeated.intersection(&self.on_cycles).copied().collect();
        if is_too_much(value, &on_cycles) {
            self.repeated
        } else {
            on_cycles
        }
    }
}

/// Whether the value is so large, with all written again that occurs again, that it is written with marks instead.
#[must_use]
pub fn is_written_with_marks(value: &Value) -> bool {
    let repetition = Repetition::of(value);
    repetition.has_shared()
        && repetition
            .clone()
            .written_once(value)
            .iter()
            .any(|id| repetition.is_shared(*id))
}

/// The objects that an object refers to, in the order in which they are written.
fn parts(value: &Value, id: ObjectId) -> Vec<ObjectId> {
    let mut parts = Vec::new();
    match value.object(id) {
        Some(Object::View(view)) => parts.push(view.buffer),
        Some(object) => object.for_each_node(|node| {
            if let Node::Object(id) = node {
                parts.push(*id);
            }
        }),
        None => {}
    }
    parts
}

/// An object whose parts are being looked at.
struct Open {
    id: ObjectId,
    parts: std::vec::IntoIter<ObjectId>,
    /// Its number in the order of visits, and the lowest that is reached from it (Tarjan's algorithm).
    number: usize,
    lowest: usize,
}

fn objects_on_cycles(value: &Value) -> HashSet<ObjectId> {
    let mut on_cycles = HashSet::new();
    // The number of each visited object while it may still turn out to be on a cycle.
    let mut numbers: HashMap<ObjectId, Option<usize>> = HashMap::new();
    let mut waiting: Vec<ObjectId> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let Node::Object(root) = value.root() else {
        return on_cycles;
    };
    let mut next = Some(*root);
    loop {
        if let Some(id) = next.take() {
            let number = numbers.len();
            numbers.insert(id, Some(number));
            waiting.push(id);
            open.push(Open {
                id,
                parts: parts(value, id).into_iter(),
                number,
                lowest: number,
            });
        }
        let Some(current) = open.last_mut() else {
            return on_cycles;
        };
        if let Some(part) = current.parts.next() {
            match numbers.get(&part) {
                None => next = Some(part),
                Some(Some(number)) => {
                    current.lowest = current.lowest.min(*number);
                    if part == current.id {
                        on_cycles.insert(part);
                    }
                }
                Some(None) => {}
            }
            continue;
        }
        let Some(done) = open.pop() else {
            return on_cycles;
        };
        if let Some(above) = open.last_mut() {
            above.lowest = above.lowest.min(done.lowest);
        }
        if done.lowest == done.number {
            let begin = waiting.iter().rposition(|id| *id == done.id).unwrap_or(0);
            let component = waiting.split_off(begin);
            if component.len() > 1 {
                on_cycles.extend(&component);
            }
            for id in component {
                numbers.insert(id, None);
            }
        }
    }
}

/// About how long the text of an object is, with what stands in it, and how deep it is.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    bytes: u64,
    depth: usize,
}

/// Whether the text gets too long or too deep to be read if everything but `once` is written at each place.
fn is_too_much(value: &Value, once: &HashSet<ObjectId>) -> bool {
    let Node::Object(root) = value.root() else {
        return false;
    };
    let mut extents: HashMap<ObjectId, Extent> = HashMap::new();
    let mut beginnings: Vec<ObjectId> = once.iter().copied().collect();
    beginnings.push(*root);
    let (mut own, mut written) = (0_u64, 0_u64);
    let mut depth = 0_usize;
    for beginning in beginnings {
        let mut pending = vec![(beginning, false)];
        while let Some((id, has_parts)) = pending.pop() {
            if extents.contains_key(&id) {
                continue;
            }
            let parts = parts(value, id);
            let inner = parts.iter().filter(|part| !once.contains(part));
            if !has_parts {
                pending.push((id, true));
                pending.extend(inner.map(|part| (*part, false)));
                continue;
            }
            let bytes = value.object(id).map_or(0, own_bytes);
            own = own.saturating_add(bytes);
            let mut extent = Extent { bytes, depth: 1 };
            for part in inner {
                let part = extents.get(part).copied().unwrap_or_default();
                extent.bytes = extent.bytes.saturating_add(part.bytes);
                extent.depth = extent.depth.max(part.depth.saturating_add(1));
            }
            extents.insert(id, extent);
        }
        let extent = extents.get(&beginning).copied().unwrap_or_default();
        written = written.saturating_add(extent.bytes);
        depth = depth.saturating_add(extent.depth);
    }
    written.saturating_sub(own) > MOST_WRITTEN_AGAIN || depth > MAX_DEPTH
}

/// About how long the text of an object is without the objects in it.
fn own_bytes(object: &Object) -> u64 {
    let mut bytes = 16_u64;
    object.for_each_node(|node| {
        bytes += match node {
            Node::String(text) => text.to_utf16().len() as u64 + 4,
            Node::BigInt(number) => number.bits() / 3 + 4,
            _ => 8,
        };
    });
    bytes
        + match object {
            Object::Plain(properties) | Object::Host(properties) => properties
                .iter()
                .map(|(name, _)| name.to_utf16().len() as u64)
                .sum(),
            Object::Error(error) => [&error.message, &error.stack]
                .into_iter()
                .flatten()
                .map(|text| text.to_utf16().len() as u64)
                .sum(),
            Object::ArrayBuffer { bytes, .. } => bytes.len() as u64 * 5,
            Object::RegExp { source, .. } | Object::BoxedString(source) => source.to_utf16().len() as u64,
            Object::BoxedBigInt(number) => number.bits() / 3,
            Object::Date(_) => 26,
            _ => 8,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::literal::parse;

    /// Which properties of an object hold shared objects, and which hold objects on cycles.
    fn found(text: &str) -> (Vec<String>, Vec<String>) {
        let value = parse(text).unwrap();
        let repetition = Repetition::of(&value);
        let Some((_, Object::Plain(properties))) = value.object_of(value.root()) else {
            panic!("an object is expected");
        };
        let names = |is: &dyn Fn(ObjectId) -> bool| {
            properties
                .iter()
                .filter(|(_, node)| matches!(node, Node::Object(id) if is(*id)))
                .map(|(name, _)| name.to_string_lossy())
                .collect()
        };
        (
            names(&|id| repetition.is_shared(id)),
            names(&|id| repetition.is_on_cycle(id)),
        )
    }

    #[test]
    fn what_stands_in_two_places_is_told_from_what_stands_in_itself() {
        let names = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(found("{a: {}, b: {}}"), (vec![], vec![]));
        assert_eq!(found("{a: &1 {}, b: *1}"), (names(&["a", "b"]), vec![]));
        assert_eq!(found("{a: &1 [*1], b: [*1]}"), (vec![], names(&["a"])));
        // A list of two, each of which knows the other, held at both ends.
        let list = "{first: &1 {next: &2 {before: *1}}, last: *2, at: &3 new Date(0), on: *3}";
        assert_eq!(found(list), (names(&["at", "on"]), names(&["first", "last"])));
        assert_eq!(found("&1 {self: *1, a: {}}"), (vec![], names(&["self"])));
    }
}
