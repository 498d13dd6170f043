//! Which of the neighbouring prefixes are indexes of some records.

use std::collections::HashMap;

use super::{Index, PartSource, ValueSource, key_of_list, own_part, part_of};
use crate::database::{Database, ReadRange};
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::{EncodedKey, KeyPart, KeyRange};
use crate::value::{Node, Object, Value, literal};

/// Neighbours that are looked at.
const NEIGHBOURS: usize = 200;
/// Entries of each that are compared.
const SAMPLE: usize = 24;
/// Fields of a record that are compared.
const FIELDS: usize = 64;
/// How deep they may lie, the fields of the record itself being the first level.
const DEPTH: usize = 6;
/// Of the entries that are compared, so many of ten must follow from records: an index of which much is broken is one, too.
const TENTHS: usize = 4;

/// Finds the indexes of the records whose keys have one part more than `records`, among the prefixes beside and below it.
/// Some entries of each are compared with the records that they name.
///
/// # Errors
/// If the database cannot be read.
pub fn find(database: &dyn Database, records: &EncodedKey) -> Result<Vec<Index>, DatabaseError> {
    let beside = match records.part_ends().as_slice() {
        [] => return Ok(Vec::new()),
        [_] => EncodedKey::default(),
        ends => {
            let before = ends.get(ends.len() - 2).copied().unwrap_or_default();
            records.truncated(before)
        }
    };
    let mut found = Vec::new();
    for parent in [&beside, records] {
        let page = database.children(parent, None, NEIGHBOURS)?;
        let folders = page.children.into_iter().filter(|child| child.has_children);
        for folder in folders.filter(|child| child.prefix != *records) {
            found.extend(look(database, records, &folder.prefix)?);
        }
    }
    Ok(found)
}

/// The index that a prefix is, if it is one.
fn look(
    database: &dyn Database,
    records: &EncodedKey,
    prefix: &EncodedKey,
) -> Result<Option<Index>, DatabaseError> {
    let sample = ReadRange {
        range: KeyRange::below(prefix),
        limit: SAMPLE,
        reverse: false,
    };
    let entries = database.read(&[sample])?.pop().unwrap_or_default();
    let mut candidates: Vec<(usize, EncodedKey)> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let named = names(records, prefix, entry);
        candidates.extend(named.into_iter().map(|key| (at, key)));
    }
    let keys: Vec<EncodedKey> = candidates.iter().map(|(_, key)| key.clone()).collect();
    let there = database.get_many(&keys)?;
    let mut votes: HashMap<Index, Vec<usize>> = HashMap::new();
    for ((at, _), record) in candidates.into_iter().zip(there) {
        if let (Some(entry), Some(record)) = (entries.get(at), record) {
            for index in explanations(records, prefix, entry, &record) {
                let voters = votes.entry(index).or_default();
                if voters.last() != Some(&at) {
                    voters.push(at);
                }
            }
        }
    }
    let mut votes: Vec<(Index, usize)> = votes
        .into_iter()
        .map(|(index, voters)| (index, voters.len()))
        .collect();
    // Of several explanations the simplest is taken, always the same one.
    votes.sort_by(|(one, votes), (other, others)| others.cmp(votes).then_with(|| one.cmp(other)));
    let best = votes.into_iter().next();
    Ok(best
        .filter(|(_, votes)| votes * 10 >= entries.len() * TENTHS)
        .map(|(index, _)| index))
}

/// Keys of records that an entry may name.
fn names(records: &EncodedKey, prefix: &EncodedKey, entry: &Entry) -> Vec<EncodedKey> {
    let mut parts: Vec<KeyPart> = rest(prefix, entry).unwrap_or_default();
    let mut keys = Vec::new();
    if let Ok(value) = entry.value.decode() {
        parts.extend(part_of(value.root()));
        keys.extend(key_of_list(&value).and_then(|key| key.encode().ok()));
    }
    let below = parts.into_iter().filter_map(|part| {
        let mut key = records.decode().ok()?;
        key.0.push(part);
        key.encode().ok()
    });
    keys.extend(below);
    keys.retain(|key| own_part(records, key).is_some() && *key != entry.key);
    keys
}

/// The parts of the key after the prefix.
fn rest(prefix: &EncodedKey, entry: &Entry) -> Option<Vec<KeyPart>> {
    let rest = entry.key.as_bytes().strip_prefix(prefix.as_bytes())?;
    Some(EncodedKey::from_bytes(rest.to_vec()).decode().ok()?.0)
}

/// The indexes of which an entry may be that of a record.
fn explanations(records: &EncodedKey, prefix: &EncodedKey, entry: &Entry, record: &Entry) -> Vec<Index> {
    let (Some(own), Some(parts), Ok(value)) = (
        own_part(records, &record.key),
        rest(prefix, entry),
        record.value.decode(),
    ) else {
        return Vec::new();
    };
    let fields = fields(&value);
    let mut combinations: Vec<Vec<PartSource>> = vec![Vec::new()];
    for part in &parts {
        let mut sources = Vec::new();
        if *part == own {
            sources.push(PartSource::Own);
        }
        sources.extend(
            fields
                .iter()
                .filter(|(_, field)| field == part)
                .map(|(path, _)| PartSource::Field(path.clone())),
        );
        combinations = combinations
            .into_iter()
            .flat_map(|begun| {
                sources.iter().map(move |source| {
                    let mut parts = begun.clone();
                    parts.push(source.clone());
                    parts
                })
            })
            .take(FIELDS)
            .collect();
    }
    let Ok(stored) = entry.value.decode() else {
        return Vec::new();
    };
    let names_own = part_of(stored.root()).is_some_and(|part| part == own);
    let names_key = key_of_list(&stored).and_then(|key| key.encode().ok()) == Some(record.key.clone());
    let mut indexes = Vec::new();
    for parts in combinations {
        let has_own = parts.contains(&PartSource::Own);
        // An index that is made of the record's own part alone is another table.
        if parts.is_empty() || parts.iter().all(|part| *part == PartSource::Own) {
            continue;
        }
        let value = if names_own {
            ValueSource::Own
        } else if names_key {
            ValueSource::Key
        } else if has_own && entry.value == record.value {
            ValueSource::Record
        } else if has_own && says_nothing(&stored) {
            ValueSource::Nothing(literal::print(&stored, usize::MAX))
        } else {
            continue;
        };
        indexes.push(Index {
            records: records.clone(),
            entries: prefix.clone(),
            parts,
            value,
        });
    }
    indexes
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
