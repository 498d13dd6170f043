//! A range as it was, beside what it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::recent::Page;
use crate::change::{Before, Change};
use crate::database::ReadRange;
use crate::entry::Entry;
use crate::key::{EncodedKey, KeyRange};
use crate::versionstamp::Versionstamp;

/// The most entries of a range that is compared whole.
pub(super) const ENTRIES: usize = 500;
/// Bytes of values that are remembered of one range.
const VALUE_BYTES: usize = 16 << 20;

/// A range as it was.
pub(super) struct Compared {
    pub(super) range: KeyRange,
    was: BTreeMap<EncodedKey, Entry>,
    /// The page that it is, where it is not whole: what somebody read.
    pub(super) page: Option<Arc<Page>>,
}

/// What a comparison found.
pub(super) enum Found {
    Changes(Vec<Change>),
    /// It holds more than is compared.
    TooMuch,
}

impl Compared {
    /// A range that is compared whole. It begins as an empty one.
    pub(super) fn whole(range: KeyRange) -> Self {
        Self {
            range,
            was: BTreeMap::new(),
            page: None,
        }
    }

    /// What somebody read, as far as it lies in a range.
    pub(super) fn page(page: &Arc<Page>, within: &KeyRange) -> Option<Self> {
        let range = KeyRange {
            start: page.range.start.clone().max(within.start.clone()),
            end: page.range.end.clone().min(within.end.clone()),
        };
        if range.is_empty() {
            return None;
        }
        let entries = page.entries.iter().filter(|entry| range.contains(&entry.key));
        Some(Self {
            was: entries.map(|entry| (entry.key.clone(), entry.clone())).collect(),
            range,
            page: Some(Arc::clone(page)),
        })
    }

    /// What to read to compare it.
    pub(super) fn wanted(&self) -> ReadRange {
        ReadRange {
            range: self.range.clone(),
            limit: match self.page {
                None => ENTRIES,
                // Some may have come between.
                Some(_) => self.was.len() + self.was.len() / 4 + 16,
            },
            reverse: false,
        }
    }

    /// Takes what was wanted. Nothing says which commit deleted what, so that deletes have the newest one's mark.
    pub(super) fn compare(&mut self, entries: Vec<Entry>, newest: Versionstamp) -> Found {
        let bytes: usize = entries.iter().map(|entry| entry.value.bytes.len()).sum();
        if entries.len() >= self.wanted().limit {
            match (&self.page, entries.last()) {
                // A page has become shorter: so many have come into it.
                (Some(_), Some(last)) => {
                    self.range.end = last.key.with_suffix(&[0]);
                    let (range, was) = (&self.range, &mut self.was);
                    was.retain(|key, _| range.contains(key));
                }
                _ => return Found::TooMuch,
            }
        }
        if self.page.is_none() && bytes > VALUE_BYTES {
            return Found::TooMuch;
        }
        let mut was = std::mem::take(&mut self.was);
        let mut changes = Vec::new();
        for entry in entries {
            let before = was.remove(&entry.key);
            let stamp = before.as_ref().map(|before| before.versionstamp);
            if stamp != Some(entry.versionstamp) {
                changes.push(Change {
                    key: entry.key.clone(),
                    versionstamp: entry.versionstamp,
                    before: before.map_or(Before::Absent, Before::Entry),
                    after: Some(entry.clone()),
                });
            }
            self.was.insert(entry.key.clone(), entry);
        }
        changes.extend(was.into_values().map(|entry| Change {
            key: entry.key.clone(),
            versionstamp: newest,
            before: Before::Entry(entry),
            after: None,
        }));
        Found::Changes(changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Encoding, StoredValue};

    fn key(number: u16) -> EncodedKey {
        EncodedKey::from_bytes(number.to_be_bytes().to_vec())
    }

    fn entry(number: u16, counter: u64) -> Entry {
        Entry {
            key: key(number),
            value: StoredValue {
                encoding: Encoding::Bytes,
                bytes: vec![1].into(),
            },
            versionstamp: Versionstamp::from_counter(counter),
            expires_at: None,
        }
    }

    fn range(from: u16, to: u16) -> KeyRange {
        KeyRange {
            start: key(from),
            end: key(to),
        }
    }

    fn changed(found: Found) -> Vec<(EncodedKey, bool)> {
        match found {
            Found::Changes(changes) => changes
                .into_iter()
                .map(|change| (change.key, change.after.is_some()))
                .collect(),
            Found::TooMuch => panic!("it is little"),
        }
    }

    #[test]
    fn what_came_went_and_is_another_is_named() {
        let newest = Versionstamp::from_counter(9);
        let mut compared = Compared::whole(range(0, 900));
        let first = compared.compare(vec![entry(1, 1), entry(2, 1), entry(3, 1)], newest);
        assert_eq!(changed(first).len(), 3);
        let Found::Changes(changes) = compared.compare(vec![entry(1, 1), entry(3, 5), entry(4, 5)], newest)
        else {
            panic!("it is little");
        };
        assert_eq!(changes[0].before, Before::Entry(entry(3, 1)));
        assert_eq!(changes[1].before, Before::Absent);
        assert_eq!((&changes[2].key, changes[2].versionstamp), (&key(2), newest));
        assert!(matches!(
            compared.compare((0..500).map(|number| entry(number, 1)).collect(), newest),
            Found::TooMuch
        ));
    }

    #[test]
    fn a_page_tells_only_what_is_in_it() {
        let newest = Versionstamp::from_counter(9);
        let page = Arc::new(Page {
            range: range(0, 100),
            entries: (0..40).map(|number| entry(number, 1)).collect(),
        });
        assert!(Compared::page(&page, &range(100, 200)).is_none());
        let mut compared = Compared::page(&page, &range(10, 200)).unwrap();
        assert_eq!(compared.range, range(10, 100));
        let now = |counter| (10..40).map(|number| entry(number, counter)).collect::<Vec<_>>();
        assert!(changed(compared.compare(now(1), newest)).is_empty());
        assert_eq!(changed(compared.compare(now(2), newest)).len(), 30);
        // Many have come between: what was pushed out has not gone.
        compared.range.end = key(60_000);
        compared.was.insert(key(30_000), entry(30_000, 1));
        let limit = u16::try_from(compared.wanted().limit).unwrap();
        let full: Vec<_> = (0..limit).map(|number| entry(1000 + number, 3)).collect();
        let found = changed(compared.compare(full, newest));
        assert!(!found.contains(&(key(30_000), false)));
    }
}
