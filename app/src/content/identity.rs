//! Which parts of an edited value are one object: those that were one before the edit, as long as they are equal.
//!
//! A text shows an object that stands in several places in each of them. So what is one object afterwards follows from
//! what was one before, by the places of the parts.

use std::collections::{HashMap, HashSet};

use keyglass_store::value::canonical::canonical;
use keyglass_store::value::{Node, Object, ObjectId, Repetition, Value};

use super::value_path::{Step, ValuePath};

/// Parts that were one object and are not equal any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parted {
    /// The places of each object that the one has become; in each list they are still one.
    pub objects: Vec<Vec<ValuePath>>,
}

/// An object that stands in several places and not within itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedObject {
    /// Its places, in order.
    pub places: Vec<ValuePath>,
}

/// The edited value, in which parts are one object that were one in `before` and are still equal, and those that are
/// not equal any more, the outermost ones only.
#[must_use]
pub fn with_identity_of(mut edited: Value, before: &Value) -> (Value, Vec<Parted>) {
    let repetition = Repetition::of(before);
    if !repetition.has_shared() {
        return (edited, Vec::new());
    }
    let groups = parts_of_shared(&edited, before, &repetition);
    let classes = classes_of_equal(&edited);
    let mut one: HashMap<ObjectId, Node> = HashMap::new();
    let mut parted: Vec<Parted> = Vec::new();
    for group in groups {
        let mut objects: Vec<(usize, ObjectId, Vec<ValuePath>)> = Vec::new();
        for (id, path) in group {
            let Some(class) = classes.get(&id) else { continue };
            match objects.iter_mut().find(|(other, ..)| other == class) {
                Some((_, first, paths)) => {
                    if *first != id {
                        one.insert(id, Node::Object(*first));
                    }
                    paths.push(path);
                }
                None => objects.push((*class, id, vec![path])),
            }
        }
        if objects.len() > 1 {
            let objects = objects.into_iter().map(|(_, _, paths)| paths).collect();
            parted.push(Parted { objects });
        }
    }
    // An object that is given to another may itself have been given one.
    let resolved: HashMap<ObjectId, Node> = one
        .keys()
        .map(|id| (*id, Node::Object(last(&one, *id))))
        .collect();
    let apart = edited.clone();
    edited.redirect(&resolved);
    // No set and no map holds a key twice.
    let edited = if has_key_twice(&edited) { apart } else { edited };
    (edited.compacted(), outermost(parted))
}

fn last(one: &HashMap<ObjectId, Node>, mut id: ObjectId) -> ObjectId {
    let mut steps = 0;
    while let Some(Node::Object(next)) = one.get(&id)
        && steps <= one.len()
    {
        id = *next;
        steps += 1;
    }
    id
}

/// Leaves out what stands within other parted objects.
fn outermost(parted: Vec<Parted>) -> Vec<Parted> {
    let places: HashSet<ValuePath> = parted
        .iter()
        .flat_map(|parted| parted.objects.iter().flatten().cloned())
        .collect();
    let is_within = |path: &ValuePath| {
        let mut above = path.parent();
        while let Some(path) = above {
            if places.contains(&path) {
                return true;
            }
            above = path.parent();
        }
        false
    };
    parted
        .into_iter()
        .filter(|parted| !parted.objects.iter().flatten().any(is_within))
        .collect()
}

/// For each object that is shared in `before`, what stands in its places now.
fn parts_of_shared(
    edited: &Value,
    before: &Value,
    repetition: &Repetition,
) -> Vec<Vec<(ObjectId, ValuePath)>> {
    let mut order: Vec<ObjectId> = Vec::new();
    let mut groups: HashMap<ObjectId, Vec<(ObjectId, ValuePath)>> = HashMap::new();
    let mut visited: HashSet<(ObjectId, ObjectId)> = HashSet::new();
    let mut pending = Vec::new();
    if let (Node::Object(old), Node::Object(new)) = (before.root(), edited.root()) {
        pending.push((*old, *new, ValuePath::default()));
    }
    while let Some((old, new, path)) = pending.pop() {
        if repetition.is_shared(old) {
            let group = groups.entry(old).or_insert_with(|| {
                order.push(old);
                Vec::new()
            });
            group.push((new, path.clone()));
        }
        if !visited.insert((old, new)) {
            continue;
        }
        let (Some(old), Some(new)) = (before.object(old), edited.object(new)) else {
            continue;
        };
        if let (Object::View(old), Object::View(new)) = (old, new) {
            pending.push((old.buffer, new.buffer, path));
            continue;
        }
        let now: HashMap<Step, ObjectId> = parts(new).into_iter().collect();
        let same_places = parts(old).into_iter().rev();
        pending.extend(same_places.filter_map(|(step, old)| {
            let new = *now.get(&step)?;
            Some((old, new, path.with(step)))
        }));
    }
    order.iter().filter_map(|id| groups.remove(id)).collect()
}

/// The objects in an object, with the step to each.
fn parts(object: &Object) -> Vec<(Step, ObjectId)> {
    let of = |(step, node): (Step, &Node)| match node {
        Node::Object(id) => Some((step, *id)),
        _ => None,
    };
    match object {
        Object::Plain(properties) | Object::Host(properties) => properties
            .iter()
            .filter_map(|(name, node)| of((Step::Property(name.clone()), node)))
            .collect(),
        Object::Array(array) => {
            let elements = array
                .elements
                .iter()
                .map(|(index, node)| (Step::Index(*index), node));
            let properties = array.properties.iter();
            let properties = properties.map(|(name, node)| (Step::Property(name.clone()), node));
            elements.chain(properties).filter_map(of).collect()
        }
        Object::Map(entries) => entries
            .iter()
            .enumerate()
            .flat_map(|(place, (key, node))| [(Step::MapKey(place), key), (Step::MapValue(place), node)])
            .filter_map(of)
            .collect(),
        Object::Set(members) => members
            .iter()
            .enumerate()
            .filter_map(|(place, node)| of((Step::Member(place), node)))
            .collect(),
        Object::Error(error) => error
            .cause
            .iter()
            .filter_map(|node| of((Step::Property("cause".into()), node)))
            .collect(),
        _ => Vec::new(),
    }
}

/// A number for each object, the same for those of equal contents. One on a cycle is equal to none.
fn classes_of_equal(value: &Value) -> HashMap<ObjectId, usize> {
    let repetition = Repetition::of(value);
    let mut classes: HashMap<ObjectId, usize> = HashMap::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut pending = Vec::new();
    if let Node::Object(root) = value.root() {
        pending.push((*root, false));
    }
    let mut entered: HashSet<ObjectId> = HashSet::new();
    while let Some((id, has_parts)) = pending.pop() {
        let Some(object) = value.object(id) else { continue };
        if !has_parts {
            if !entered.insert(id) {
                continue;
            }
            pending.push((id, true));
            if let Object::View(view) = object {
                pending.push((view.buffer, false));
            }
            pending.extend(parts(object).into_iter().map(|(_, part)| (part, false)));
            continue;
        }
        let next = known.len();
        let text = if repetition.is_on_cycle(id) {
            format!("cycle {next}")
        } else {
            contents(value, object, &classes)
        };
        let class = *known.entry(text).or_insert(next);
        classes.insert(id, class);
    }
    classes
}

/// The text of an object in which the objects in it are their classes, with the places of these, so that no string is
/// taken for one.
fn contents(value: &Value, object: &Object, classes: &HashMap<ObjectId, usize>) -> String {
    if let Object::View(view) = object {
        let mut alone = Value::default();
        let buffer = alone.add(value.object(view.buffer).cloned().unwrap_or_default());
        let mut view = view.clone();
        view.buffer = buffer;
        let root = alone.add(Object::View(view));
        alone.set_root(Node::Object(root));
        return canonical(&alone);
    }
    let inner = parts(object);
    let class = |id: &ObjectId| classes.get(id).copied().unwrap_or(usize::MAX);
    let stand_for = inner
        .iter()
        .map(|(_, id)| (*id, Node::String(class(id).to_string().as_str().into())))
        .collect();
    let places: Vec<&Step> = inner.iter().map(|(step, _)| step).collect();
    let mut alone = Value::of_object(object.clone());
    let root = alone.root().clone();
    alone.redirect(&stand_for);
    alone.set_root(root);
    format!("{places:?} {}", canonical(&alone))
}

/// Whether a set or a map holds an object twice.
fn has_key_twice(value: &Value) -> bool {
    value.objects().any(|object| {
        let mut seen = HashSet::new();
        let mut is_twice = |node: &Node| matches!(node, Node::Object(id) if !seen.insert(*id));
        match object {
            Object::Set(members) => members.iter().any(is_twice),
            Object::Map(entries) => entries.iter().any(|(key, _)| is_twice(key)),
            _ => false,
        }
    })
}

/// The objects that stand in several places of a value, each with its places. Where such an object holds another one,
/// the places of that within the first of them count.
#[must_use]
pub fn shared_objects(value: &Value) -> Vec<SharedObject> {
    let repetition = Repetition::of(value);
    if !repetition.has_shared() {
        return Vec::new();
    }
    parts_of_shared(value, value, &repetition)
        .into_iter()
        .map(|group| SharedObject {
            places: group.into_iter().map(|(_, path)| path).collect(),
        })
        .collect()
}

/// The value with an object of its own wherever a path leads through one that stands elsewhere, too, so that a change
/// there is seen there only.
#[must_use]
pub fn parted_at(value: &Value, path: &ValuePath) -> Value {
    let mut value = value.clone();
    for length in 1..=path.0.len() {
        // An object of its own shares what it holds with the one from which it was parted.
        let repetition = Repetition::of(&value);
        let at = ValuePath(path.0.get(..length).unwrap_or_default().to_vec());
        let Some(Node::Object(id)) = at.find(&value) else {
            break;
        };
        if !repetition.is_shared(id) {
            continue;
        }
        let Some(mut own) = value.object(id).cloned() else {
            break;
        };
        if let Object::View(view) = &mut own
            && let Some(buffer) = value.object(view.buffer).cloned()
        {
            view.buffer = value.add(buffer);
        }
        let own = Node::Object(value.add(own));
        if at.replace(&mut value, own).is_none() {
            break;
        }
    }
    value.compacted()
}

/// The value in which all places of parted objects hold what stands in one of them.
#[must_use]
pub fn joined(value: &Value, parted: &Parted, keep: &ValuePath) -> Option<Value> {
    let kept = keep.find(value)?;
    let mut joined = value.clone();
    for path in parted.objects.iter().flatten() {
        path.replace(&mut joined, kept.clone())?;
    }
    Some(joined)
}

#[cfg(test)]
mod tests {
    use keyglass_store::value::literal::{parse, print, print_marked};

    use super::*;

    /// The value after it was seen and its text was changed, and what was parted.
    fn edited(seen: &str, change: impl Fn(&str) -> String) -> (String, Vec<Vec<Vec<String>>>) {
        let seen = parse(seen).unwrap();
        let text = change(&print(&seen, usize::MAX));
        let (value, parted) = with_identity_of(parse(&text).unwrap(), &seen);
        let lists = |parted: &Parted| {
            let list = |paths: &Vec<ValuePath>| paths.iter().map(ToString::to_string).collect();
            parted.objects.iter().map(list).collect()
        };
        (
            print_marked(&value, usize::MAX),
            parted.iter().map(lists).collect(),
        )
    }

    #[test]
    fn what_was_one_object_stays_one_while_it_is_equal_everywhere() {
        let seen = "{a: &1 {n: 1}, b: *1, c: 0}";
        assert_eq!(
            edited(seen, |text| text.replace("c: 0", "c: 1")).0,
            "{a: &1 {n: 1}, b: *1, c: 1}"
        );
        let (both, parted) = edited(seen, |text| text.replace("n: 1", "n: 2"));
        assert_eq!((both.as_str(), parted), ("{a: &1 {n: 2}, b: *1, c: 0}", vec![]));
        let (one, parted) = edited(seen, |text| text.replacen("n: 1", "n: 2", 1));
        assert_eq!(one, "{a: {n: 2}, b: {n: 1}, c: 0}");
        assert_eq!(parted, [[["value.a"], ["value.b"]]]);
    }

    #[test]
    fn of_three_places_two_stay_one_and_only_the_outermost_parting_is_told() {
        let seen = "[&1 {x: &2 new Date(0), y: 1}, *1, *1, *2]";
        let (text, parted) = edited(seen, |text| text.replacen("y: 1", "y: 2", 1));
        assert_eq!(
            text,
            "[{x: &1 new Date(\"1970-01-01T00:00:00.000Z\"), y: 2}, &2 {x: *1, y: 1}, *2, *1]"
        );
        assert_eq!(parted.len(), 1);
        assert_eq!(parted[0], [vec!["value[0]"], vec!["value[1]", "value[2]"]]);
        let (_, parted) = edited(seen, |text| text.replacen("1970", "1971", 1));
        assert_eq!(parted.len(), 1, "{parted:?}");
    }

    #[test]
    fn strings_that_look_like_marks_and_sets_keep_apart_what_differs() {
        let (text, _) = edited("{a: &1 [[]], b: *1}", |text| text.replacen("[[]]", "['0']", 1));
        assert_eq!(text, "{a: [\"0\"], b: [[]]}");
        let seen = "{s: new Set([&1 {}]), o: *1}";
        let (text, _) = edited(seen, |text| text.replace("[{}]", "[{}, {}]"));
        assert_eq!(text, "{s: new Set([&1 {}, {}]), o: *1}");
        // A cycle has marks of its own.
        let cycle = "&1 {self: *1, a: &2 [], b: *2}";
        assert_eq!(edited(cycle, str::to_owned).0, cycle);
    }

    #[test]
    fn places_are_listed_parted_and_joined() {
        let value = parse("{a: &1 {n: &2 new Uint8Array([1])}, b: *1}").unwrap();
        let shared = shared_objects(&value);
        assert_eq!(shared.len(), 1);
        let places: Vec<String> = shared[0].places.iter().map(ToString::to_string).collect();
        assert_eq!(places, ["value.a", "value.b"]);
        let n = shared[0].places[1].with(Step::Property("n".into()));
        let apart = parted_at(&value, &n);
        assert!(!Repetition::of(&apart).has_shared(), "{apart}");
        let (_, parted) = with_identity_of(parse("{a: {n: 1}, b: {n: 2}}").unwrap(), &value);
        let now = parse("{a: {n: 1}, b: {n: 2}}").unwrap();
        let joined = joined(&now, &parted[0], &shared[0].places[1]).unwrap();
        assert_eq!(print_marked(&joined, usize::MAX), "{a: &1 {n: 2}, b: *1}");
    }
}
