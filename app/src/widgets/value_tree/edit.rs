//! What the events of a value tree do to a value.

use std::collections::HashMap;

use keyglass_store::value::literal::{LiteralError, parse};
use keyglass_store::value::{JsString, Node, Object, ObjectId, Properties, Repetition, Value};

use super::ValueTreeEvent;
use super::order::move_to;
use super::path::{Step, ValuePath, container, position};
use crate::content::identity::parted_at;

/// A changed value.
#[derive(Debug, Clone)]
pub struct Edited {
    /// The whole value.
    pub value: Value,
    /// What to select now: the changed or added part, or what a part was removed from.
    pub path: ValuePath,
}

/// An edit that cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The text is no literal.
    #[error(transparent)]
    Literal(#[from] LiteralError),
    /// Another part has that name.
    #[error("There is already a part of this name: {0}")]
    Taken(String),
    /// Another part of the value sees the same bytes.
    #[error("These bytes are shared with another part of the value, so their number cannot change: {0}")]
    Shared(ValuePath),
    /// The value has changed meanwhile, or does not hold such parts.
    #[error("This part cannot be changed in this way: {0}")]
    Impossible(ValuePath),
}

/// Does to `value` what an event asks for. An object that stands in several places is changed in all of them. Objects that the value no longer refers to are left out when it is
/// printed or stored. [`ValueTreeEvent::Copy`] and [`ValueTreeEvent::EditCode`] change nothing.
///
/// # Errors
/// If a text is no literal, a name is taken, or the part is not there.
pub fn apply(value: &Value, event: &ValueTreeEvent) -> Result<Edited, EditError> {
    let mut value = value.clone();
    let path = match event {
        ValueTreeEvent::Copy(_) | ValueTreeEvent::EditCode => ValuePath::default(),
        ValueTreeEvent::Edit(path, text) => {
            let node = graft(&mut value, &parse(text)?);
            let is_shared = |id| Repetition::of(&value).is_shared(id);
            match path.find(&value) {
                // It is one object in each of its places, and stays one.
                Some(Node::Object(id)) if is_shared(id) => value.redirect(&HashMap::from([(id, node)])),
                _ => path
                    .replace(&mut value, node)
                    .ok_or_else(|| EditError::Impossible(path.clone()))?,
            }
            path.clone()
        }
        ValueTreeEvent::Add(path) => {
            let step = add(&mut value, path).ok_or_else(|| EditError::Impossible(path.clone()))?;
            path.with(step)
        }
        ValueTreeEvent::Remove(path) => {
            remove(&mut value, path).ok_or_else(|| EditError::Impossible(path.clone()))?;
            path.parent().unwrap_or_default()
        }
        ValueTreeEvent::Move(path, to) => {
            let step = move_to(&mut value, path, *to).ok_or_else(|| EditError::Impossible(path.clone()))?;
            path.parent().unwrap_or_default().with(step)
        }
        ValueTreeEvent::Rename(path, name) => {
            let step = rename(&mut value, path, name)?;
            path.parent().unwrap_or_default().with(step)
        }
    };
    Ok(Edited { value, path })
}

/// As [`apply`], but where the part stands in an object that stands elsewhere, too, only in this place: the object
/// becomes one of its own.
///
/// # Errors
/// As [`apply`].
pub fn apply_here(value: &Value, event: &ValueTreeEvent) -> Result<Edited, EditError> {
    let path = match event {
        ValueTreeEvent::Copy(_) | ValueTreeEvent::EditCode => return apply(value, event),
        ValueTreeEvent::Edit(path, _) | ValueTreeEvent::Add(path) => path.clone(),
        ValueTreeEvent::Remove(path) | ValueTreeEvent::Move(path, _) | ValueTreeEvent::Rename(path, _) => {
            path.parent().unwrap_or_default()
        }
    };
    apply(&parted_at(value, &path), event)
}

/// Copies all that `part` refers to into `value` and returns the node that stands for it there.
fn graft(value: &mut Value, part: &Value) -> Node {
    let mut moved = Moved::default();
    let root = moved.node(value, part.root());
    while let Some((old, new)) = moved.pending.pop() {
        let Some(mut object) = part.object(old).cloned() else {
            continue;
        };
        moved.object(value, &mut object);
        if let Some(place) = value.object_mut(new) {
            *place = object;
        }
    }
    root
}

/// Where the objects of a part are in the value that it is copied into.
#[derive(Default)]
struct Moved {
    ids: HashMap<ObjectId, ObjectId>,
    pending: Vec<(ObjectId, ObjectId)>,
}

impl Moved {
    fn id(&mut self, value: &mut Value, old: ObjectId) -> ObjectId {
        *self.ids.entry(old).or_insert_with(|| {
            // Filled when its turn comes.
            let new = value.add(Object::Set(Vec::new()));
            self.pending.push((old, new));
            new
        })
    }

    fn node(&mut self, value: &mut Value, node: &Node) -> Node {
        match node {
            Node::Object(old) => Node::Object(self.id(value, *old)),
            primitive => primitive.clone(),
        }
    }

    fn object(&mut self, value: &mut Value, object: &mut Object) {
        let mut nodes: Vec<&mut Node> = match object {
            Object::Plain(properties) | Object::Host(properties) => values_of(properties).collect(),
            Object::Array(array) => {
                let elements = array.elements.iter_mut().map(|(_, node)| node);
                elements.chain(values_of(&mut array.properties)).collect()
            }
            Object::Map(entries) => entries.iter_mut().flat_map(|(key, node)| [key, node]).collect(),
            Object::Set(members) => members.iter_mut().collect(),
            Object::Error(error) => error.cause.iter_mut().collect(),
            Object::View(view) => {
                view.buffer = self.id(value, view.buffer);
                Vec::new()
            }
            _ => Vec::new(),
        };
        for node in &mut nodes {
            **node = self.node(value, node);
        }
    }
}

fn values_of(properties: &mut Properties) -> impl Iterator<Item = &mut Node> {
    properties.iter_mut().map(|(_, node)| node)
}

/// A name that `is_taken` does not know: `name`, `name2`, `name3`, …
fn free_name(name: &str, is_taken: impl Fn(&JsString) -> bool) -> JsString {
    let numbered = (2_u64..).map(|number| format!("{name}{number}"));
    std::iter::once(name.to_owned())
        .chain(numbered)
        .map(|name| JsString::from(name.as_str()))
        .find(|name| !is_taken(name))
        .unwrap_or_else(|| JsString::from(name))
}

fn is_text(node: &Node, text: &JsString) -> bool {
    matches!(node, Node::String(other) if other == text)
}

/// Adds a part to the object at `path` and returns the step to it.
fn add(value: &mut Value, path: &ValuePath) -> Option<Step> {
    let Node::Object(id) = path.find(value)? else {
        return None;
    };
    match value.object_mut(id)? {
        Object::Plain(properties) => {
            let name = free_name("property", |name| position(properties, name).is_some());
            properties.push((name.clone(), Node::Null));
            Some(Step::Property(name))
        }
        Object::Array(array) => {
            let index = array.length;
            array.length = index.checked_add(1)?;
            array.elements.push((index, Node::Null));
            Some(Step::Index(index))
        }
        Object::Map(entries) => {
            let key = free_name("key", |name| entries.iter().any(|(key, _)| is_text(key, name)));
            entries.push((Node::String(key), Node::Null));
            Some(Step::MapValue(entries.len() - 1))
        }
        Object::Set(members) => {
            let member = free_name("member", |name| members.iter().any(|node| is_text(node, name)));
            members.push(Node::String(member));
            Some(Step::Member(members.len() - 1))
        }
        _ => None,
    }
}

fn remove(value: &mut Value, path: &ValuePath) -> Option<()> {
    match container(value, path)? {
        (Object::Plain(properties), Step::Property(name)) => {
            properties.remove(position(properties, &name)?);
        }
        (Object::Array(array), Step::Property(name)) => {
            array.properties.remove(position(&array.properties, &name)?);
        }
        (Object::Array(array), Step::Index(index)) if index < array.length => {
            array.elements.retain(|(other, _)| *other != index);
            for (other, _) in &mut array.elements {
                if *other > index {
                    *other -= 1;
                }
            }
            array.length -= 1;
        }
        (Object::Map(entries), Step::MapKey(position) | Step::MapValue(position))
            if position < entries.len() =>
        {
            entries.remove(position);
        }
        (Object::Set(members), Step::Member(position)) if position < members.len() => {
            members.remove(position);
        }
        (Object::Error(error), Step::Property(JsString::Unicode(name))) => match name.as_str() {
            "message" => error.message = None,
            "stack" => error.stack = None,
            _ => error.cause = None,
        },
        _ => return None,
    }
    Some(())
}

/// A property's new name is a plain text; a map's new key is a literal.
fn rename(value: &mut Value, path: &ValuePath, name: &str) -> Result<Step, EditError> {
    let impossible = || EditError::Impossible(path.clone());
    if let Some(Step::MapValue(position)) = path.0.last() {
        let position = *position;
        let key = graft(value, &parse(name)?);
        let key_path = path.parent().unwrap_or_default().with(Step::MapKey(position));
        key_path.replace(value, key).ok_or_else(impossible)?;
        return Ok(Step::MapValue(position));
    }
    let new = JsString::from(name);
    let (properties, old) = match container(value, path) {
        Some((Object::Plain(properties), Step::Property(old))) => (properties, old),
        Some((Object::Array(array), Step::Property(old))) => (&mut array.properties, old),
        _ => return Err(impossible()),
    };
    if new != old && position(properties, &new).is_some() {
        return Err(EditError::Taken(name.to_owned()));
    }
    let position = position(properties, &old).ok_or_else(impossible)?;
    if let Some((place, _)) = properties.get_mut(position) {
        *place = new.clone();
    }
    Ok(Step::Property(new))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(steps: &[Step]) -> ValuePath {
        ValuePath(steps.to_vec())
    }

    fn property(name: &str) -> Step {
        Step::Property(name.into())
    }

    /// The value after an event, and where it leads.
    fn after(text: &str, event: ValueTreeEvent) -> (String, String) {
        let edited = apply(&parse(text).unwrap(), &event).unwrap();
        (edited.value.to_string(), edited.path.to_string())
    }

    #[test]
    fn any_part_is_replaced_by_what_a_literal_says() {
        let edit = |text: &str, steps: &[Step], new: &str| {
            after(text, ValueTreeEvent::Edit(path(steps), new.to_owned())).0
        };
        assert_eq!(
            edit("1", &[], "{a: new Uint8Array([1])}"),
            "{a: new Uint8Array([1])}"
        );
        assert_eq!(
            edit("{a: [1, 2]}", &[property("a"), Step::Index(1)], "[[3n]]"),
            "{a: [1, [[3n]]]}"
        );
        let map = "new Map([[{}, 1]])";
        assert_eq!(edit(map, &[Step::MapKey(0)], "'k'"), "new Map([[\"k\", 1]])");
        assert_eq!(edit(map, &[Step::MapValue(0)], "2"), "new Map([[{}, 2]])");
        assert_eq!(edit("new Set([1])", &[Step::Member(0)], "2"), "new Set([2])");
    }

    #[test]
    fn every_collection_grows_and_says_where() {
        let add = |text: &str| after(text, ValueTreeEvent::Add(ValuePath::default()));
        let pair = |value: &str, path: &str| (value.to_owned(), path.to_owned());
        assert_eq!(
            add("{property: 1}"),
            pair("{property: 1, property2: null}", "value.property2")
        );
        assert_eq!(add("[1]"), pair("[1, null]", "value[1]"));
        assert_eq!(
            add("new Map()"),
            pair("new Map([[\"key\", null]])", "value.values[0]")
        );
        assert_eq!(
            add("new Set()"),
            pair("new Set([\"member\"])", "value.members[0]")
        );
    }

    #[test]
    fn a_removed_element_leaves_no_hole() {
        let remove = |text: &str, steps: &[Step]| after(text, ValueTreeEvent::Remove(path(steps)));
        assert_eq!(remove("[1, , 3]", &[Step::Index(0)]).0, "[, 3]");
        assert_eq!(remove("[1, , 3]", &[Step::Index(1)]).0, "[1, 3]");
        assert_eq!(
            remove("{a: {b: 1}}", &[property("a"), property("b")]),
            ("{a: {}}".into(), "value.a".into())
        );
    }

    #[test]
    fn a_name_is_changed_in_place_unless_it_is_taken() {
        let value = parse("{a: 1, b: 2}").unwrap();
        let rename = |name: &str| {
            apply(
                &value,
                &ValueTreeEvent::Rename(path(&[property("a")]), name.to_owned()),
            )
        };
        assert_eq!(rename("c d").unwrap().value.to_string(), "{\"c d\": 1, b: 2}");
        assert_eq!(rename("b").unwrap_err(), EditError::Taken("b".to_owned()));
        let key = ValueTreeEvent::Rename(path(&[Step::MapValue(0)]), "2n".to_owned());
        assert_eq!(after("new Map([[1, true]])", key).0, "new Map([[2n, true]])");
    }

    #[test]
    fn a_shared_object_stays_shared_and_a_missing_part_is_told() {
        let value = parse("{a: 1}").unwrap();
        let gone = path(&[property("x"), Step::Index(0)]);
        let error = apply(&value, &ValueTreeEvent::Remove(gone.clone())).unwrap_err();
        assert_eq!(error, EditError::Impossible(gone));
        let broken = apply(
            &value,
            &ValueTreeEvent::Edit(ValuePath::default(), "{".to_owned()),
        );
        assert!(matches!(broken, Err(EditError::Literal(_))));

        let mut part = Value::default();
        let id = part.add(Object::Array(Default::default()));
        let pair = part.add(Object::Set(vec![Node::Object(id), Node::Object(id)]));
        part.set_root(Node::Object(pair));
        let mut value = value;
        let Node::Object(new) = graft(&mut value, &part) else {
            panic!("an object stays one");
        };
        let Some(Object::Set(members)) = value.object(new) else {
            panic!("a set stays one");
        };
        assert!(matches!(members.as_slice(), [Node::Object(one), Node::Object(two)] if one == two));
    }
}
