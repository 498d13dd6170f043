//! What an entry may be as an entry of an index, given the record that it seems to name.

use super::find::Neighbour;
use super::{Index, PartSource, RecordPattern, ValueSource, key_of_list, part_of};
use crate::entry::Entry;
use crate::key::{EncodedKey, KeyPart};
use crate::value::{Node, Object, Value, literal};

/// Fields of a record that are compared.
const FIELDS: usize = 64;
/// How deep they may lie, the fields of the record itself being the first level.
const DEPTH: usize = 6;
/// Parts of an entry that may be own parts of a record.
const POOL: usize = 6;
/// Keys of records that an entry may name.
const NAMES: usize = 48;

/// Keys of records that an entry may name.
pub(super) fn names(records: &RecordPattern, neighbour: &Neighbour, entry: &Entry) -> Vec<EncodedKey> {
    let Some(rest) = neighbour.rest(entry) else {
        return Vec::new();
    };
    let mut keys = Vec::new();
    let mut pool: Vec<KeyPart> = rest;
    if let Ok(value) = entry.value.decode() {
        pool.extend(part_of(value.root()));
        if let Some(list) = key_of_list(&value) {
            keys.extend(list.encode());
            keys.extend(records.key_of(&list.0));
        }
    }
    // The last ones are the likeliest.
    pool.reverse();
    pool.truncate(POOL);
    let lead: Vec<KeyPart> = neighbour.own_parts(records).cloned().collect();
    let mut begun: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in lead.len()..records.own_count() {
        let longer = begun.iter().flat_map(|chosen| {
            let free = (0..pool.len()).filter(|at| !chosen.contains(at));
            free.map(|at| chosen.iter().copied().chain([at]).collect())
        });
        begun = longer.collect();
    }
    keys.extend(begun.into_iter().take(NAMES).filter_map(|chosen| {
        let parts = chosen.iter().filter_map(|at| pool.get(*at));
        let own: Vec<KeyPart> = lead.iter().chain(parts).cloned().collect();
        records.key_of(&own)
    }));
    keys.retain(|key| records.own_parts(key).is_some() && *key != entry.key);
    keys
}

/// The indexes of which an entry may be that of a record.
pub(super) fn explanations(
    records: &RecordPattern,
    neighbour: &Neighbour,
    entry: &Entry,
    record: &Entry,
) -> Vec<Index> {
    let (Some(own), Some(rest), Ok(value), Some(mut lead)) = (
        records.own_parts(&record.key),
        neighbour.rest(entry),
        record.value.decode(),
        neighbour.lead(records),
    ) else {
        return Vec::new();
    };
    let leads = |(part, known): (&KeyPart, &KeyPart)| part == known;
    if !neighbour.own_parts(records).zip(&own).all(leads) {
        return Vec::new();
    }
    lead.push(PartSource::Fixed(neighbour.name().clone()));
    let length = lead.len();
    let fields = fields(&value);
    let mut combinations: Vec<Vec<PartSource>> = vec![lead];
    for part in &rest {
        let of_key = own.iter().enumerate().filter(|(_, own)| *own == part);
        let mut sources: Vec<PartSource> = of_key.map(|(number, _)| PartSource::Own(number)).collect();
        let of_value = fields.iter().filter(|(_, field)| field == part);
        sources.extend(of_value.map(|(path, _)| PartSource::Field(path.clone())));
        let longer = combinations.into_iter().flat_map(|begun| {
            sources.iter().map(move |source| {
                let mut parts = begun.clone();
                parts.push(source.clone());
                parts
            })
        });
        combinations = longer.take(FIELDS).collect();
    }
    let Ok(stored) = entry.value.decode() else {
        return Vec::new();
    };
    let mut indexes = Vec::new();
    for parts in combinations {
        // An index that is made of the record's own parts alone is another table.
        let is_own = |part: &PartSource| matches!(part, PartSource::Own(_));
        if parts.iter().skip(length).all(is_own) {
            continue;
        }
        let missing: Vec<usize> = (0..own.len())
            .filter(|number| !parts.contains(&PartSource::Own(*number)))
            .collect();
        for value in values(&missing, &own, (entry, &stored), record) {
            indexes.push(Index {
                records: records.clone(),
                entries: parts.clone(),
                value,
            });
        }
    }
    indexes
}

/// What the value of an entry may be, if some own parts of its record are missing in its key.
fn values(
    missing: &[usize],
    own: &[KeyPart],
    (entry, stored): (&Entry, &Value),
    record: &Entry,
) -> Vec<ValueSource> {
    let mut values = Vec::new();
    if let Some(part) = part_of(stored.root()) {
        let places = own.iter().enumerate().filter(|(_, own)| **own == part);
        let tell_all = |number: usize| missing.iter().all(|missing| *missing == number);
        values.extend(
            places
                .filter(|(number, _)| tell_all(*number))
                .map(|(number, _)| ValueSource::Own(number)),
        );
    }
    let list = key_of_list(stored);
    if list.as_ref().is_some_and(|list| list.0 == own) {
        values.push(ValueSource::OwnParts);
    }
    if list.and_then(|key| key.encode().ok()).as_ref() == Some(&record.key) {
        values.push(ValueSource::Key);
    }
    if values.is_empty() && missing.is_empty() {
        if entry.value == record.value {
            values.push(ValueSource::Record);
        } else if says_nothing(stored) {
            values.push(ValueSource::Nothing(literal::print(stored, usize::MAX)));
        }
    }
    values
}

fn says_nothing(value: &Value) -> bool {
    match value.root() {
        Node::Null | Node::Undefined | Node::Boolean(_) | Node::Number(_) => true,
        Node::String(text) => text.as_str() == Some(""),
        _ => false,
    }
}

/// The fields of a record that may be in a key, and those of its objects: those that lie less deep first.
fn fields(value: &Value) -> Vec<(Vec<String>, KeyPart)> {
    let mut fields = Vec::new();
    let mut level: Vec<(Vec<String>, &Node)> = vec![(Vec::new(), value.root())];
    for _ in 0..DEPTH {
        let mut next = Vec::new();
        for (path, node) in level {
            let Some((_, Object::Plain(properties))) = value.object_of(node) else {
                continue;
            };
            for (name, node) in properties.iter().take(FIELDS) {
                let Some(name) = name.as_str() else { continue };
                let mut path = path.clone();
                path.push(name.to_owned());
                match part_of(node) {
                    Some(part) if fields.len() < FIELDS => fields.push((path, part)),
                    Some(_) => return fields,
                    None if next.len() < FIELDS => next.push((path, node)),
                    None => {}
                }
            }
        }
        level = next;
    }
    fields
}
