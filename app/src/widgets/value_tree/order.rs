//! The order of parts among their siblings.

use keyglass_store::value::{Object, Value};

use super::path::{Step, ValuePath, container, position};

/// Where a part stands among its siblings, and how many there are; `None` if they have no order that can be changed.
pub(super) fn place_of(value: &Value, path: &ValuePath) -> Option<(usize, usize)> {
    let step = path.0.last()?;
    let (_, object) = value.object_of(&path.parent()?.find(value)?)?;
    match (object, step) {
        (Object::Plain(properties), Step::Property(name)) => {
            Some((position(properties, name)?, properties.len()))
        }
        (Object::Array(array), Step::Property(name)) => {
            Some((position(&array.properties, name)?, array.properties.len()))
        }
        (Object::Array(array), Step::Index(index)) => Some((*index as usize, array.length as usize)),
        (Object::Map(entries), Step::MapKey(place) | Step::MapValue(place)) => Some((*place, entries.len())),
        (Object::Set(members), Step::Member(place)) => Some((*place, members.len())),
        _ => None,
    }
}

/// Puts a part where the one with number `to` stands, and returns the step to it.
pub(super) fn move_to(value: &mut Value, path: &ValuePath, to: usize) -> Option<Step> {
    let (from, number) = place_of(value, path)?;
    if to >= number {
        return None;
    }
    let (object, step) = container(value, path)?;
    Some(match (object, step) {
        (Object::Plain(properties), step) => {
            shift(properties, from, to);
            step
        }
        (Object::Array(array), Step::Index(_)) => {
            let (from, to) = (u32::try_from(from).ok()?, u32::try_from(to).ok()?);
            for (index, _) in &mut array.elements {
                *index = match *index {
                    index if index == from => to,
                    index if from < index && index <= to => index - 1,
                    index if to <= index && index < from => index + 1,
                    index => index,
                };
            }
            array.elements.sort_by_key(|(index, _)| *index);
            Step::Index(to)
        }
        (Object::Array(array), step) => {
            shift(&mut array.properties, from, to);
            step
        }
        (Object::Map(entries), step) => {
            shift(entries, from, to);
            match step {
                Step::MapKey(_) => Step::MapKey(to),
                _ => Step::MapValue(to),
            }
        }
        (Object::Set(members), _) => {
            shift(members, from, to);
            Step::Member(to)
        }
        _ => return None,
    })
}

fn shift<T>(list: &mut [T], from: usize, to: usize) {
    let moved = match list.get_mut(from.min(to)..=from.max(to)) {
        Some(moved) => moved,
        None => return,
    };
    if from < to {
        moved.rotate_left(1);
    } else {
        moved.rotate_right(1);
    }
}

#[cfg(test)]
mod tests {
    use keyglass_store::value::literal::parse;

    use super::super::{ValueTreeEvent, apply};
    use super::*;

    #[test]
    fn parts_are_moved_among_their_siblings() {
        let moved = |text: &str, steps: &[Step], to| {
            let event = ValueTreeEvent::Move(ValuePath(steps.to_vec()), to);
            let edited = apply(&parse(text).unwrap(), &event).unwrap();
            (edited.value.to_string(), edited.path.to_string())
        };
        let (text, at) = moved("{a: 1, b: 2, c: 3}", &[Step::Property("a".into())], 2);
        assert_eq!((text.as_str(), at.as_str()), ("{b: 2, c: 3, a: 1}", "value.a"));
        let (text, at) = moved("[1, , 3, 4]", &[Step::Index(3)], 0);
        assert_eq!((text.as_str(), at.as_str()), ("[4, 1, , 3]", "value[0]"));
        assert_eq!(moved("[1, , 3]", &[Step::Index(0)], 1).0, "[, 1, 3]");
        let map = "new Map([[1, 'a'], [2, 'b']])";
        let (text, at) = moved(map, &[Step::MapValue(1)], 0);
        assert_eq!(
            (text.as_str(), at.as_str()),
            ("new Map([[2, \"b\"], [1, \"a\"]])", "value.values[0]")
        );
        assert_eq!(
            moved("new Set([1, 2])", &[Step::Member(0)], 1).0,
            "new Set([2, 1])"
        );
        for (text, steps, to) in [("[1]", vec![Step::Index(0)], 1), ("1", vec![], 0)] {
            let event = ValueTreeEvent::Move(ValuePath(steps), to);
            assert!(apply(&parse(text).unwrap(), &event).is_err());
        }
    }
}
