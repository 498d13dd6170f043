//! Which of the neighbouring prefixes are indexes of some records.

use std::collections::{BTreeSet, HashMap};

use super::explain::{explanations, names};
use super::pattern::{Matching, Shape};
use super::{Index, PartSource, RecordPart, RecordPattern};
use crate::database::{Database, ReadRange};
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::{EncodedKey, Key, KeyPart, KeyRange, end_of_level};

/// Neighbours that are looked at on a level, and on all of them together.
const NEIGHBOURS: usize = 200;
const ALL_NEIGHBOURS: usize = 500;
/// Entries of each that are compared.
const SAMPLE: usize = 24;
/// Records that are looked up for them, all in all: when they are used up, only one own part is looked for.
const LOOKED_UP: usize = 20_000;
/// Of the entries that are compared, so many of ten must follow from records: an index of which much is broken is one, too.
const TENTHS: usize = 4;
/// Own parts that are looked for before the last one.
const FURTHER_OWN: usize = 2;
/// The last parts of a prefix among which they are.
const PLACES: usize = 6;
/// Pages of a few entries that are read to see whether an index is elsewhere, too.
const ELSEWHERE: usize = 64;

/// Finds the indexes of the records whose keys have one part more than `records`, among the prefixes beside, below and above
/// it. Some entries of each are compared with the records that they name. Which parts of `records` are the same for all
/// records and which are their own follows from these: as many are held to be the same as still explain the entries.
///
/// Where no index stands beside `records`, a neighbour of the same form is asked for its: the first record of a new
/// organisation belongs into an index of its own, as those of the others.
///
/// # Errors
/// If the database cannot be read.
pub fn find(database: &dyn Database, records: &EncodedKey) -> Result<Vec<Index>, DatabaseError> {
    let Ok(Key(prefix)) = records.decode() else {
        return Ok(Vec::new());
    };
    let mut found = find_at(database, &prefix)?;
    let stands_beside = |index: &Index| {
        let places = prefix.len().saturating_sub(1);
        index.entries.len() > places
            && index
                .entries
                .iter()
                .take(places)
                .eq(lead_of(&index.records, places).iter())
    };
    if prefix.len() > 1
        && !found.iter().any(stands_beside)
        && let Some(other) = neighbour_of_form(database, &prefix)?
    {
        let one = RecordPattern::below(records);
        let ours = find_at(database, &other)?.into_iter().filter(|index| {
            let covers =
                |(wide, narrow): (&RecordPart, &RecordPart)| *wide == RecordPart::Own || wide == narrow;
            index.records.0.len() == one.0.len() && index.records.0.iter().zip(&one.0).all(covers)
        });
        for index in ours {
            if !found.iter().any(|known| known.entries == index.entries) {
                found.push(index);
            }
        }
    }
    Ok(found)
}

/// A prefix that differs from one in a single part, and below which records stand as they do below that.
fn neighbour_of_form(
    database: &dyn Database,
    prefix: &[KeyPart],
) -> Result<Option<Vec<KeyPart>>, DatabaseError> {
    let snapshot = database.snapshot()?;
    // The last part tells what the records are.
    for place in (0..prefix.len().saturating_sub(1)).rev().take(PLACES) {
        let parts = prefix.iter().enumerate();
        let parts = parts
            .map(|(at, part)| (at != place).then_some(part))
            .chain([None]);
        let ranges = beside(prefix, place);
        let mut there = Matching::new(&*snapshot, Shape::new(parts), ranges).at_most(ELSEWHERE, SAMPLE);
        if let Some(record) = there.next().transpose()? {
            let mut parts = record.key.decode_readable().0;
            parts.pop();
            return Ok(Some(parts));
        }
    }
    Ok(None)
}

/// All that has the parts before a place, and another one there.
fn beside(prefix: &[KeyPart], place: usize) -> Vec<KeyRange> {
    let key = |length: usize| {
        Key(prefix.iter().take(length).cloned().collect())
            .encode()
            .unwrap_or_default()
    };
    let (parent, child) = (KeyRange::below(&key(place)), key(place + 1));
    let end = end_of_level(&child).map(EncodedKey::from_bytes);
    let before = KeyRange {
        start: parent.start,
        end: child,
    };
    let behind = end.map(|start| KeyRange {
        start,
        end: parent.end,
    });
    [before].into_iter().chain(behind).collect()
}

/// What keys that begin as those of records do come from.
fn lead_of(records: &RecordPattern, places: usize) -> Vec<PartSource> {
    let mut own = 0..;
    let parts = records.0.iter().take(places).map(|part| match part {
        RecordPart::Fixed(fixed) => Some(PartSource::Fixed(fixed.clone())),
        RecordPart::Own => own.next().map(PartSource::Own),
    });
    parts.flatten().collect()
}

/// A prefix that may be that of an index: a few parts of that of the records, and a name.
pub(super) struct Neighbour {
    parts: Vec<KeyPart>,
    name: KeyPart,
    prefix: EncodedKey,
}

impl Neighbour {
    /// The parts of a key after the prefix.
    pub(super) fn rest(&self, entry: &Entry) -> Option<Vec<KeyPart>> {
        let parts = entry.key.decode().ok()?.0;
        parts.get(self.parts.len() + 1..).map(<[KeyPart]>::to_vec)
    }

    /// Own parts of all records that are named below the prefix.
    pub(super) fn own_parts<'a>(&'a self, records: &'a RecordPattern) -> impl Iterator<Item = &'a KeyPart> {
        let own = |(part, of): (&'a KeyPart, &RecordPart)| (*of == RecordPart::Own).then_some(part);
        self.parts.iter().zip(&records.0).filter_map(own)
    }

    /// What the parts before the name come from; `None` where these do not lead to the records.
    pub(super) fn lead(&self, records: &RecordPattern) -> Option<Vec<PartSource>> {
        let fits = self.parts.iter().zip(&records.0).all(|(part, of)| match of {
            RecordPart::Fixed(fixed) => fixed == part,
            RecordPart::Own => true,
        });
        fits.then(|| lead_of(records, self.parts.len()))
    }

    pub(super) fn name(&self) -> &KeyPart {
        &self.name
    }
}

fn find_at(database: &dyn Database, prefix: &[KeyPart]) -> Result<Vec<Index>, DatabaseError> {
    if prefix.is_empty() {
        return Ok(Vec::new());
    }
    let patterns = patterns(prefix);
    let mut left = LOOKED_UP;
    let mut found: Vec<Index> = Vec::new();
    for neighbour in neighbours(database, prefix)? {
        if let Some(index) = look(database, &patterns, &neighbour, &mut left)? {
            let index = widened(database, prefix, &neighbour, index)?;
            if !found.contains(&index) {
                found.push(index);
            }
        }
    }
    Ok(found)
}

/// What the keys of the records below a prefix may look like: those with the fewest own parts first.
fn patterns(prefix: &[KeyPart]) -> Vec<RecordPattern> {
    let first = prefix.len().saturating_sub(PLACES);
    let mut own: BTreeSet<(usize, Vec<usize>)> = BTreeSet::from([(0, Vec::new())]);
    for _ in 0..FURTHER_OWN {
        let more: Vec<_> = own
            .iter()
            .flat_map(|(_, chosen)| {
                let places = chosen.last().map_or(first, |last| last + 1)..prefix.len();
                places.map(|place| chosen.iter().copied().chain([place]).collect::<Vec<_>>())
            })
            .collect();
        own.extend(more.into_iter().map(|chosen| (chosen.len(), chosen)));
    }
    let pattern = |own: &[usize]| {
        let parts = prefix
            .iter()
            .enumerate()
            .map(|(place, part)| match own.contains(&place) {
                true => RecordPart::Own,
                false => RecordPart::Fixed(part.clone()),
            });
        RecordPattern(parts.chain([RecordPart::Own]).collect())
    };
    // Something must tell the records from all others.
    let told = own.into_iter().filter(|(number, _)| *number < prefix.len());
    told.map(|(_, own)| pattern(&own)).collect()
}

/// The prefixes beside, below and above that of the records, the nearest first.
fn neighbours(database: &dyn Database, prefix: &[KeyPart]) -> Result<Vec<Neighbour>, DatabaseError> {
    let mut neighbours = Vec::new();
    let length = prefix.len();
    let further = (0..length.saturating_sub(1)).rev().take(PLACES);
    for level in [length - 1, length].into_iter().chain(further) {
        let parts: Vec<KeyPart> = prefix.iter().take(level).cloned().collect();
        let Ok(parent) = Key(parts.clone()).encode() else {
            continue;
        };
        let page = database.children(&parent, None, NEIGHBOURS)?;
        for child in page.children.into_iter().filter(|child| child.has_children) {
            let name = child.prefix.decode().ok().and_then(|key| key.0.last().cloned());
            if let Some(name) = name.filter(|name| prefix.get(level) != Some(name)) {
                neighbours.push(Neighbour {
                    parts: parts.clone(),
                    name,
                    prefix: child.prefix,
                });
            }
        }
    }
    neighbours.truncate(ALL_NEIGHBOURS);
    Ok(neighbours)
}

/// The index that a prefix is, if it is one.
fn look(
    database: &dyn Database,
    patterns: &[RecordPattern],
    neighbour: &Neighbour,
    left: &mut usize,
) -> Result<Option<Index>, DatabaseError> {
    let sample = ReadRange {
        range: KeyRange::below(&neighbour.prefix),
        limit: SAMPLE,
        reverse: false,
    };
    let entries = database.read(&[sample])?.pop().unwrap_or_default();
    let mut votes: HashMap<Index, Vec<usize>> = HashMap::new();
    for (number, records) in patterns.iter().enumerate() {
        if number > 0 && *left == 0 {
            break;
        }
        let mut candidates: Vec<(usize, EncodedKey)> = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            let mut named = names(records, neighbour, entry);
            named.sort_unstable();
            named.dedup();
            candidates.extend(named.into_iter().map(|key| (at, key)));
        }
        *left = left.saturating_sub(candidates.len());
        let keys: Vec<EncodedKey> = candidates.iter().map(|(_, key)| key.clone()).collect();
        let there = database.get_many(&keys)?;
        for ((at, _), record) in candidates.into_iter().zip(there) {
            if let (Some(entry), Some(record)) = (entries.get(at), record) {
                for index in explanations(records, neighbour, entry, &record) {
                    let voters = votes.entry(index).or_default();
                    if voters.last() != Some(&at) {
                        voters.push(at);
                    }
                }
            }
        }
    }
    let mut votes: Vec<(Index, usize)> = votes
        .into_iter()
        .map(|(index, voters)| (index, voters.len()))
        .collect();
    // Of several explanations the simplest is taken, always the same one.
    let simple = |index: &Index| index.records.own_count();
    votes.sort_by(|(one, votes), (other, others)| {
        let by_simplicity = simple(one).cmp(&simple(other)).then_with(|| one.cmp(other));
        others.cmp(votes).then(by_simplicity)
    });
    let best = votes.into_iter().next();
    Ok(best
        .filter(|(_, votes)| is_enough(*votes, entries.len()))
        .map(|(index, _)| index))
}

fn is_enough(votes: usize, of: usize) -> bool {
    votes > 0 && votes * 10 >= of * TENTHS
}

/// The same index for all records of its form: a part that leads to both the records and the index is one of the records'
/// own where entries with another one follow from records in the same way.
fn widened(
    database: &dyn Database,
    prefix: &[KeyPart],
    neighbour: &Neighbour,
    mut index: Index,
) -> Result<Index, DatabaseError> {
    let snapshot = database.snapshot()?;
    for place in (0..neighbour.parts.len().min(prefix.len())).rev().take(PLACES) {
        let Some(wider) = with_own(&index, place) else {
            continue;
        };
        let ranges = beside(prefix, place);
        let there = Matching::new(&*snapshot, wider.shape(), ranges).at_most(ELSEWHERE, SAMPLE);
        let (mut seen, mut fitting) = (0, 0);
        for entry in there.take(SAMPLE) {
            let entry = entry?;
            seen += 1;
            let record = match wider.record_of(&entry) {
                Some(key) => snapshot.get(&key)?,
                None => None,
            };
            let expected = record.and_then(|record| wider.entry_of(&record.key, &record.value));
            fitting += usize::from(expected == Some((entry.key, entry.value)));
        }
        if is_enough(fitting, seen) {
            index = wider;
        }
    }
    Ok(index)
}

/// The index with a part of the records' keys, which is the same in all of them, as one of their own.
fn with_own(index: &Index, place: usize) -> Option<Index> {
    let mut wider = index.clone();
    let part = wider.records.0.get_mut(place)?;
    if *part == RecordPart::Own {
        return None;
    }
    *part = RecordPart::Own;
    // One of the parts must go on telling the records from all others.
    if wider.records.0.iter().all(|part| *part == RecordPart::Own) {
        return None;
    }
    let new = wider.records.own_at(place)?;
    for source in &mut wider.entries {
        if let PartSource::Own(number) = source
            && *number >= new
        {
            *number += 1;
        }
    }
    if let super::ValueSource::Own(number) = &mut wider.value
        && *number >= new
    {
        *number += 1;
    }
    *wider.entries.get_mut(place)? = PartSource::Own(new);
    Some(wider)
}
