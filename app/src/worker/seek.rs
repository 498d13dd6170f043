//! Finds the next key of a list that begins as was typed, without reading all keys between.

use std::time::{Duration, Instant};

use keyglass_store::database::{Database, ReadRange, Snapshot};
use keyglass_store::key::{EncodedKey, KeyRange};
use keyglass_store::{DatabaseError, Entries, Entry};

use crate::errand::Seek;
use crate::model::type_ahead::{begins_so, likely_ranges};

/// Entries that are read one after the other before likely places are looked at.
const NEAR: usize = 512;
/// Entries of a likely place that are looked at: longer keys may stand before the one that fits.
const TRIED: usize = 16;
/// How long entries are read one after the other in the end, in each direction.
const PATIENCE: Duration = Duration::from_millis(150);

/// The next key that fits, from the beginning of the list again after its end.
pub(super) fn seek(database: &dyn Database, seek: &Seek) -> Result<Option<EncodedKey>, DatabaseError> {
    let snapshot = database.snapshot()?;
    let fits = |entry: &Entry| begins_so(&entry.key, &seek.text);
    let Some(from) = &seek.from else {
        return part(&*snapshot, seek, seek.range.clone(), &fits);
    };
    let (mut ahead, mut behind) = (seek.range.clone(), seek.range.clone());
    let after = from.with_suffix(&[0]);
    match (seek.reverse, seek.inclusive) {
        (false, false) => ahead.start = after,
        (false, true) => ahead.start = from.clone(),
        (true, false) => ahead.end = from.clone(),
        (true, true) => ahead.end = after,
    }
    if seek.reverse {
        behind.start = ahead.end.clone();
    } else {
        behind.end = ahead.start.clone();
    }
    match part(&*snapshot, seek, ahead, &fits)? {
        Some(key) => Ok(Some(key)),
        None => part(&*snapshot, seek, behind, &fits),
    }
}

/// The first key of a part of the list that fits.
fn part(
    snapshot: &dyn Snapshot,
    seek: &Seek,
    range: KeyRange,
    fits: &dyn Fn(&Entry) -> bool,
) -> Result<Option<EncodedKey>, DatabaseError> {
    let read = |range: KeyRange, limit| {
        let read = ReadRange {
            range,
            limit,
            reverse: seek.reverse,
        };
        snapshot.read(&read)
    };
    let begun = Instant::now();
    let mut pages = Entries::of_snapshot(snapshot, [range.clone()])
        .reverse(seek.reverse)
        .pages_of(NEAR);
    let mut is_near = true;
    while let Some(page) = pages.next_page()? {
        if let Some(entry) = page.iter().find(|entry| fits(entry)) {
            return Ok(Some(entry.key.clone()));
        }
        if std::mem::take(&mut is_near) && !pages.is_complete() {
            let near = page.first().into_iter().chain(page.last());
            let mut prefixes: Vec<EncodedKey> = near.map(|entry| parent(&entry.key)).collect();
            prefixes.push(seek.prefix.clone());
            prefixes.sort();
            prefixes.dedup();
            let found = likely(&prefixes, seek, &range, &read, fits)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        if begun.elapsed() > PATIENCE {
            return Ok(None);
        }
    }
    Ok(None)
}

/// The nearest key of a range that begins so just below one of some prefixes.
fn likely(
    prefixes: &[EncodedKey],
    seek: &Seek,
    within: &KeyRange,
    read: &impl Fn(KeyRange, usize) -> Result<Vec<Entry>, DatabaseError>,
    fits: &dyn Fn(&Entry) -> bool,
) -> Result<Option<EncodedKey>, DatabaseError> {
    let mut found: Option<EncodedKey> = None;
    let ranges = prefixes
        .iter()
        .flat_map(|prefix| likely_ranges(prefix, &seek.text));
    for range in ranges {
        let range = KeyRange {
            start: range.start.max(within.start.clone()),
            end: range.end.min(within.end.clone()),
        };
        if range.is_empty() {
            continue;
        }
        let entries = read(range, TRIED)?;
        let fitting = entries.into_iter().find(fits);
        let is_nearer = |key: &EncodedKey, than: &EncodedKey| (key < than) != seek.reverse;
        if let Some(entry) = fitting
            && found.as_ref().is_none_or(|found| is_nearer(&entry.key, found))
        {
            found = Some(entry.key);
        }
    }
    Ok(found)
}

/// The key without its last part.
fn parent(key: &EncodedKey) -> EncodedKey {
    let ends = key.part_ends();
    key.truncated(ends.iter().rev().nth(1).copied().unwrap_or(0))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::draft::{parse_key, parse_value};
    use keyglass_store::AtomicOperation;
    use keyglass_store::embedded::Store;

    pub fn key(text: &str) -> EncodedKey {
        parse_key(text).unwrap()
    }

    /// A database of these keys, which goes with its folder.
    pub fn database(keys: &[String]) -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path().join("test.kg")).unwrap();
        for keys in keys.chunks(1000) {
            let operation = keys.iter().fold(AtomicOperation::new(), |operation, text| {
                operation.set(key(text), parse_value("1").unwrap())
            });
            store.commit(operation).unwrap();
        }
        (folder, store)
    }

    fn found(store: &Store, text: &str, from: Option<&str>, reverse: bool) -> Option<String> {
        let prefix = key(r#"["p"]"#);
        let seek_for = Seek {
            range: KeyRange::at_and_below(&prefix),
            prefix,
            reverse,
            from: from.map(key),
            inclusive: false,
            text: text.to_owned(),
        };
        seek(store, &seek_for).unwrap().map(|key| key.to_string())
    }

    #[test]
    fn a_key_far_away_is_found_and_the_search_goes_round() {
        let mut keys: Vec<String> = (1000..9000).map(|number| format!(r#"["p", {number}]"#)).collect();
        keys.push(r#"["p", "zebra"]"#.to_owned());
        keys.push(r#"["p", "Zoe", 1]"#.to_owned());
        keys.push(r#"["p", "Zoo"]"#.to_owned());
        let (_folder, store) = database(&keys);
        let text = |number: u32| Some(format!(r#"["p", {number}]"#));
        assert_eq!(found(&store, "7", None, false), text(7000));
        assert_eq!(found(&store, "7", Some(r#"["p", 7000]"#), false), text(7001));
        assert_eq!(found(&store, "7", Some(r#"["p", 8000]"#), false), text(7000));
        assert_eq!(found(&store, "7", None, true), text(7999));
        assert_eq!(found(&store, "1", Some(r#"["p", "Zoe", 1]"#), true), text(1999));
        assert_eq!(found(&store, "8999", None, false), text(8999));
        assert_eq!(
            found(&store, "zo", None, false),
            Some(r#"["p", "Zoo"]"#.to_owned())
        );
        assert_eq!(found(&store, "nothing", None, false), None);
    }

    #[test]
    fn siblings_of_the_row_are_found_far_away_in_a_list_of_everything() {
        let keys: Vec<String> = (1000..9000).map(|number| format!(r#"["p", {number}]"#)).collect();
        let (_folder, store) = database(&keys);
        let everything = Seek {
            range: KeyRange::everything(),
            prefix: EncodedKey::default(),
            reverse: false,
            from: Some(key(r#"["p", 1500]"#)),
            inclusive: false,
            text: "8".to_owned(),
        };
        let found = seek(&store, &everything).unwrap();
        assert_eq!(found, Some(key(r#"["p", 8000]"#)));
    }

    #[test]
    fn the_last_part_of_a_longer_key_is_found_near_by() {
        let keys: Vec<String> = (0..300)
            .map(|number| format!(r#"["p", {number}, "name{number}"]"#))
            .collect();
        let (_folder, store) = database(&keys);
        let expected = r#"["p", 250, "name250"]"#.to_owned();
        assert_eq!(
            found(&store, "name25", Some(r#"["p", 30]"#), false),
            Some(expected)
        );
    }

    #[test]
    fn the_key_itself_counts_if_it_shall() {
        let (_folder, store) = database(&[r#"["p", "ab"]"#.to_owned(), r#"["p", "ac"]"#.to_owned()]);
        let mut seek_for = Seek {
            range: KeyRange::everything(),
            prefix: EncodedKey::default(),
            reverse: false,
            from: Some(key(r#"["p", "ab"]"#)),
            inclusive: true,
            text: "a".to_owned(),
        };
        assert_eq!(seek(&store, &seek_for).unwrap(), Some(key(r#"["p", "ab"]"#)));
        seek_for.reverse = true;
        assert_eq!(seek(&store, &seek_for).unwrap(), Some(key(r#"["p", "ab"]"#)));
        seek_for.inclusive = false;
        assert_eq!(seek(&store, &seek_for).unwrap(), Some(key(r#"["p", "ac"]"#)));
    }
}
