//! What of a value differs from what it was, part by part.

mod same;

use std::collections::{HashMap, HashSet};
use std::fmt;

use keyglass_store::value::literal::preview_node;
use keyglass_store::value::{Array, JsString, Node, Object, ObjectId, Properties, Value};

use same::is_same_leaf;

use super::value_path::{Step, ValuePath, property_name};

/// Characters of what stood there before.
pub const WAS_CHARS: usize = 60;
/// Nodes that are compared at most; two values that take more are told to differ as a whole.
const MOST_NODES: usize = 200_000;
/// Levels that are looked into; what lies deeper is taken to be as it was.
const MOST_LEVELS: usize = 150;

/// How one part differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartChange {
    /// It was this.
    Was(String),
    /// It had this name.
    Renamed(String),
    /// It was not there.
    Added,
    /// So many of its own parts are gone.
    Lost(usize),
}

impl fmt::Display for PartChange {
    /// `was 9`, `new`, `2 removed`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Was(before) => write!(f, "was {before}"),
            Self::Renamed(before) => write!(f, "was named {before}"),
            Self::Added => f.write_str("new"),
            Self::Lost(number) => write!(f, "{number} removed"),
        }
    }
}

/// How a value differs from what it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValueChanges {
    parts: HashMap<ValuePath, PartChange>,
    count: usize,
}

impl ValueChanges {
    /// Compares two values.
    #[must_use]
    pub fn between(before: &Value, after: &Value) -> Self {
        let mut comparison = Comparison {
            before,
            after,
            changes: Self::default(),
            path: Vec::new(),
            visited: HashSet::new(),
            num_nodes: 0,
        };
        comparison.node(before.root(), after.root());
        if comparison.num_nodes > MOST_NODES {
            let was = PartChange::Was(comparison.text(before.root()));
            return Self {
                parts: HashMap::from([(ValuePath::default(), was)]),
                count: 1,
            };
        }
        comparison.changes
    }

    /// How the part at a path differs, if it does.
    #[must_use]
    pub fn at(&self, path: &ValuePath) -> Option<&PartChange> {
        self.parts.get(path)
    }

    /// All parts that differ, in the order of their places.
    #[must_use]
    pub fn parts(&self) -> Vec<(&ValuePath, &PartChange)> {
        let mut parts: Vec<_> = self.parts.iter().collect();
        parts.sort_by_key(|(path, _)| *path);
        parts
    }

    /// How many parts were changed, added, removed or renamed.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }
}

struct Comparison<'v> {
    before: &'v Value,
    after: &'v Value,
    changes: ValueChanges,
    path: Vec<Step>,
    /// Objects that the current part stands in, and which are being compared.
    visited: HashSet<(ObjectId, ObjectId)>,
    num_nodes: usize,
}

impl<'v> Comparison<'v> {
    fn text(&self, node: &Node) -> String {
        let preview = preview_node(self.before, node, WAS_CHARS);
        preview.spans.into_iter().map(|(_, text)| text).collect()
    }

    fn tell(&mut self, change: PartChange) {
        self.changes.count += match &change {
            PartChange::Lost(number) => *number,
            PartChange::Was(_) | PartChange::Renamed(_) | PartChange::Added => 1,
        };
        self.changes.parts.insert(ValuePath(self.path.clone()), change);
    }

    fn tell_of(&mut self, step: Step, change: PartChange) {
        self.path.push(step);
        self.tell(change);
        self.path.pop();
    }

    fn part(&mut self, step: Step, old: &'v Node, new: &'v Node) {
        self.path.push(step);
        self.node(old, new);
        self.path.pop();
    }

    fn is_exhausted(&mut self, level: usize) -> bool {
        self.num_nodes += 1;
        self.num_nodes > MOST_NODES || level > MOST_LEVELS
    }

    fn node(&mut self, old: &'v Node, new: &'v Node) {
        if self.is_exhausted(self.path.len()) {
            return;
        }
        let same = match (self.before.object_of(old), self.after.object_of(new)) {
            (None, None) => old == new,
            (Some((old_id, old)), Some((new_id, new))) => {
                // Only what stands within itself is met again here; other objects are compared in each of their places.
                if !self.visited.insert((old_id, new_id)) {
                    return;
                }
                let has_parts = self.objects(old, new);
                self.visited.remove(&(old_id, new_id));
                if has_parts {
                    return;
                }
                is_same_leaf((self.before, old), (self.after, new))
            }
            _ => false,
        };
        if !same {
            self.tell(PartChange::Was(self.text(old)));
        }
    }

    /// Compares the parts of two objects. False if these are of different classes, or have no parts.
    fn objects(&mut self, old: &'v Object, new: &'v Object) -> bool {
        let lost = match (old, new) {
            (Object::Plain(old), Object::Plain(new)) | (Object::Host(old), Object::Host(new)) => {
                self.properties(old, new)
            }
            (Object::Array(old), Object::Array(new)) => {
                self.elements(old, new) + self.properties(&old.properties, &new.properties)
            }
            (Object::Map(old), Object::Map(new)) => self.entries(old, new),
            (Object::Set(old), Object::Set(new)) => {
                let nodes = |members: &'v [Node]| members.iter().collect::<Vec<_>>();
                self.list(&nodes(old), &nodes(new), Step::Member)
            }
            (Object::Error(old), Object::Error(new)) if old.name == new.name => {
                let texts = [
                    ("message", &old.message, &new.message),
                    ("stack", &old.stack, &new.stack),
                ];
                let mut lost = 0;
                for (name, old, new) in texts {
                    if old == new {
                        continue;
                    }
                    let step = Step::Property(name.into());
                    match (old.as_ref().map(|text| Node::String(text.clone())), new) {
                        (Some(old), Some(_)) => self.tell_of(step, PartChange::Was(self.text(&old))),
                        (None, _) => self.tell_of(step, PartChange::Added),
                        (Some(_), None) => lost += 1,
                    }
                }
                let step = Step::Property("cause".into());
                match (&old.cause, &new.cause) {
                    (Some(old), Some(new)) => self.part(step, old, new),
                    (None, Some(_)) => self.tell_of(step, PartChange::Added),
                    (Some(_), None) => lost += 1,
                    (None, None) => {}
                }
                lost
            }
            _ => return false,
        };
        if lost > 0 {
            self.tell(PartChange::Lost(lost));
        }
        true
    }

    /// Compares properties by name; the number of those that are gone.
    fn properties(&mut self, old: &'v Properties, new: &'v Properties) -> usize {
        let places: HashMap<&JsString, &Node> = old.iter().map(|(name, node)| (name, node)).collect();
        let names: HashSet<&JsString> = new.iter().map(|(name, _)| name).collect();
        let mut gone = old.iter().filter(|(name, _)| !names.contains(name)).peekable();
        let mut lost = gone.clone().count();
        for (name, node) in new {
            let step = Step::Property(name.clone());
            if let Some(old) = places.get(name) {
                self.part(step, old, node);
                continue;
            }
            // One that is gone and one that is new are the same under another name, if their values are.
            let change = match gone.peek().copied() {
                Some((old_name, old)) if self.is_same(old, node) => {
                    gone.next();
                    lost -= 1;
                    PartChange::Renamed(property_name(old_name))
                }
                _ => PartChange::Added,
            };
            self.tell_of(step, change);
        }
        lost
    }

    fn elements(&mut self, old: &'v Array, new: &'v Array) -> usize {
        let is_dense = |array: &Array| array.elements.len() == array.length as usize;
        if is_dense(old) && is_dense(new) {
            let nodes = |array: &'v Array| array.elements.iter().map(|(_, node)| node).collect::<Vec<_>>();
            return self.list(&nodes(old), &nodes(new), |index| {
                Step::Index(u32::try_from(index).unwrap_or(u32::MAX))
            });
        }
        let mut num_found = 0;
        for (index, node) in &new.elements {
            let step = Step::Index(*index);
            let place = old.elements.binary_search_by_key(index, |(other, _)| *other);
            match place.ok().and_then(|place| old.elements.get(place)) {
                Some((_, old)) => {
                    num_found += 1;
                    self.part(step, old, node);
                }
                None => self.tell_of(step, PartChange::Added),
            }
        }
        old.elements.len() - num_found
    }

    /// Compares lists of parts; the number of those that are gone.
    fn list(&mut self, old: &[&'v Node], new: &[&'v Node], step: impl Fn(usize) -> Step) -> usize {
        let (head, tail) = common_ends(old, new, |old, new| self.is_same(old, new));
        let (old, new) = (middle(old, head, tail), middle(new, head, tail));
        for (index, node) in new.iter().enumerate() {
            match old.get(index) {
                Some(old) => self.part(step(head + index), old, node),
                None => self.tell_of(step(head + index), PartChange::Added),
            }
        }
        old.len().saturating_sub(new.len())
    }

    /// Compares a map's entries; the number of those that are gone.
    fn entries(&mut self, old: &'v [(Node, Node)], new: &'v [(Node, Node)]) -> usize {
        let (head, tail) = common_ends(old, new, |(old, _), (new, _)| self.is_same(old, new));
        let tail_start = new.len() - tail;
        let num_gone = old.len().saturating_sub(new.len());
        for (index, (key, node)) in new.iter().enumerate() {
            let place = if index < tail_start {
                Some(index).filter(|index| *index < old.len() - tail)
            } else {
                Some(index + old.len() - new.len())
            };
            let step = Step::MapValue(index);
            let Some((old_key, old_node)) = place.and_then(|place| old.get(place)) else {
                self.tell_of(step, PartChange::Added);
                continue;
            };
            self.part(step.clone(), old_node, node);
            let has_same_key = index < head || index >= tail_start;
            if has_same_key {
                continue;
            }
            if matches!(key, Node::Object(_)) {
                self.part(Step::MapKey(index), old_key, key);
            } else if !self.is_same(old_key, key) {
                self.tell_of(step, PartChange::Renamed(self.text(old_key)));
            }
        }
        num_gone
    }

    /// Whether two parts hold the same.
    fn is_same(&mut self, old: &'v Node, new: &'v Node) -> bool {
        let mut probe = Comparison {
            before: self.before,
            after: self.after,
            changes: ValueChanges::default(),
            path: Vec::new(),
            visited: HashSet::new(),
            num_nodes: self.num_nodes,
        };
        let same = probe.is_same_node(old, new, self.path.len());
        self.num_nodes = probe.num_nodes;
        same
    }

    fn is_same_node(&mut self, old: &'v Node, new: &'v Node, level: usize) -> bool {
        if self.is_exhausted(level) {
            return true;
        }
        let (old, new) = match (self.before.object_of(old), self.after.object_of(new)) {
            (None, None) => return old == new,
            (Some((old_id, old)), Some((new_id, new))) if self.visited.insert((old_id, new_id)) => (old, new),
            (Some(_), Some(_)) => return true,
            _ => return false,
        };
        let level = level + 1;
        let mut node = |(old, new): (&'v Node, &'v Node)| self.is_same_node(old, new, level);
        let mut properties = |old: &'v Properties, new: &'v Properties| {
            old.len() == new.len()
                && old
                    .iter()
                    .zip(new)
                    .all(|((old_name, old), (name, new))| old_name == name && node((old, new)))
        };
        match (old, new) {
            (Object::Plain(old), Object::Plain(new)) | (Object::Host(old), Object::Host(new)) => {
                properties(old, new)
            }
            (Object::Array(old), Object::Array(new)) => {
                let elements = |array: &'v Array| array.elements.iter();
                old.length == new.length
                    && old.elements.len() == new.elements.len()
                    && properties(&old.properties, &new.properties)
                    && elements(old)
                        .zip(elements(new))
                        .all(|((old_index, old), (index, new))| old_index == index && node((old, new)))
            }
            (Object::Map(old), Object::Map(new)) => {
                let mut pairs = old.iter().zip(new);
                old.len() == new.len()
                    && pairs.all(|((old_key, old), (key, new))| node((old_key, key)) && node((old, new)))
            }
            (Object::Set(old), Object::Set(new)) => old.len() == new.len() && old.iter().zip(new).all(node),
            (Object::Error(old), Object::Error(new)) => {
                (old.name, &old.message, &old.stack) == (new.name, &new.message, &new.stack)
                    && match (&old.cause, &new.cause) {
                        (Some(old), Some(new)) => node((old, new)),
                        (None, None) => true,
                        _ => false,
                    }
            }
            (old, new) => is_same_leaf((self.before, old), (self.after, new)),
        }
    }
}

/// How many items two lists have in common at their beginnings, and at their ends after that.
fn common_ends<'l, T>(
    old: &'l [T],
    new: &'l [T],
    mut same: impl FnMut(&'l T, &'l T) -> bool,
) -> (usize, usize) {
    let pairs = old.iter().zip(new);
    let head = pairs.take_while(|(old, new)| same(old, new)).count();
    let (old, new) = (middle(old, head, 0), middle(new, head, 0));
    let pairs = old.iter().rev().zip(new.iter().rev());
    (head, pairs.take_while(|(old, new)| same(old, new)).count())
}

fn middle<T>(list: &[T], head: usize, tail: usize) -> &[T] {
    list.get(head..list.len().saturating_sub(tail))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use keyglass_store::value::literal::parse;

    use super::*;

    /// What differs, a line each, and how much that is.
    fn changes(before: &str, after: &str) -> (Vec<String>, usize) {
        let (before, after) = (parse(before).unwrap(), parse(after).unwrap());
        let changes = ValueChanges::between(&before, &after);
        let mut lines: Vec<String> = changes
            .parts
            .iter()
            .map(|(path, change)| format!("{path}: {change}"))
            .collect();
        lines.sort();
        (lines, changes.count())
    }

    #[test]
    fn what_was_changed_added_removed_and_renamed_is_told() {
        assert_eq!(changes("{a: 1}", "{a: 1}"), (vec![], 0));
        let (lines, count) = changes(
            "{total: 9, items: ['magnet'], paid: false, old: {x: 1}}",
            "{total: 9.75, items: ['magnet', 'rope'], paid: false, young: {x: 1}, more: null}",
        );
        assert_eq!(
            lines,
            [
                "value.items[1]: new",
                "value.more: new",
                "value.total: was 9",
                "value.young: was named old"
            ]
        );
        assert_eq!(count, 4);
        assert_eq!(
            changes("{a: 1, b: 2}", "{b: 2}"),
            (vec!["value: 1 removed".to_owned()], 1)
        );
        assert_eq!(changes("1", "{a: 1}"), (vec!["value: was 1".to_owned()], 1));
    }

    #[test]
    fn what_moves_up_in_a_list_is_no_change() {
        let (lines, _) = changes("[1, [2], 3, 4]", "[1, 3, 4]");
        assert_eq!(lines, ["value: 1 removed"]);
        let (lines, _) = changes("['a', 'b']", "['new', 'a', 'b']");
        assert_eq!(lines, ["value[0]: new"]);
        let (lines, _) = changes("[1, , 3]", "[1, 2, 3]");
        assert_eq!(lines, ["value[1]: new"]);
        let (lines, _) = changes("new Set([1, 2, 3])", "new Set([1, 5, 3])");
        assert_eq!(lines, ["value.members[1]: was 2"]);
    }

    #[test]
    fn keys_of_maps_and_parts_of_errors_are_compared() {
        let (lines, count) = changes(
            "new Map([['a', 1], ['b', 2], [{id: 1}, 3]])",
            "new Map([['a', 1], ['c', 2], [{id: 2}, 4]])",
        );
        assert_eq!(
            lines,
            [
                "value.keys[2].id: was 1",
                "value.values[1]: was named \"b\"",
                "value.values[2]: was 3"
            ]
        );
        assert_eq!(count, 3);
        let (lines, _) = changes("new Error('a', {cause: 1})", "new Error('b')");
        assert_eq!(lines, ["value.message: was \"a\"", "value: 1 removed"]);
    }

    #[test]
    fn dates_bytes_and_cycles_are_compared() {
        let (lines, _) = changes(
            "{d: new Date(0), b: new Uint8Array([1]), n: NaN, z: 0}",
            "{d: new Date(1), b: new Uint8Array([2]), n: NaN, z: -0}",
        );
        assert_eq!(lines.len(), 3, "{lines:?}");
        let (lines, _) = changes("&1 {self: *1, n: 1}", "&1 {self: *1, n: 2}");
        assert_eq!(lines, ["value.n: was 1"]);
        let (lines, _) = changes("{a: &1 {n: 1}, b: *1}", "{a: &1 {n: 2}, b: *1}");
        assert_eq!(lines, ["value.a.n: was 1", "value.b.n: was 1"]);
    }

    #[test]
    fn what_is_too_deep_or_too_large_to_be_compared_ends() {
        let deep = |inner: &str| format!("{}{inner}{}", "[".repeat(900), "]".repeat(900));
        assert_eq!(changes(&deep("1"), &deep("2")).1, 0);
        let wide = |last: u32| {
            let mut node = Value::default();
            let elements = (0..MOST_NODES as u32).map(|index| (index, Node::Number(f64::from(index))));
            let mut elements: Vec<_> = elements.collect();
            elements.push((MOST_NODES as u32, Node::Number(f64::from(last))));
            let length = elements.len() as u32;
            let array = node.add(Object::Array(Array {
                length,
                elements,
                properties: Vec::new(),
            }));
            node.set_root(Node::Object(array));
            node
        };
        assert_eq!(ValueChanges::between(&wide(1), &wide(2)).count(), 1);
    }
}
