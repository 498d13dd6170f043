//! Which prefixes are read, written and fought over most.

use std::collections::HashMap;

use keyglass_store::EncodedKey;
use keyglass_store::requests::{Access, LoggedOutcome, LoggedRequest, Place};

/// Parts of a key that make a prefix.
const PARTS: usize = 2;

/// What happened at and below a prefix.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heat {
    /// Keys and ranges that were read.
    pub reads: u64,
    /// Keys that were written.
    pub writes: u64,
    /// Checks that failed.
    pub conflicts: u64,
}

/// By what prefixes are sorted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HotBy {
    /// Most read first.
    #[default]
    Reads,
    /// Most written first.
    Writes,
    /// Most conflicts first.
    Conflicts,
}

/// Prefixes of the requests that are kept.
#[derive(Debug, Default)]
pub struct HotPrefixes {
    heats: HashMap<EncodedKey, Heat>,
    /// The order of [`Self::by`], while nothing has changed.
    sorted: Option<(HotBy, Vec<(EncodedKey, Heat)>)>,
}

impl HotPrefixes {
    pub(super) fn add(&mut self, request: &LoggedRequest) {
        self.change(request, |number| *number += 1);
    }

    pub(super) fn remove(&mut self, request: &LoggedRequest) {
        self.change(request, |number| *number = number.saturating_sub(1));
    }

    fn change(&mut self, request: &LoggedRequest, change: impl Fn(&mut u64)) {
        self.sorted = None;
        for place in &request.places {
            match place.access {
                Access::Read | Access::Watch => self.at(&place.place, |heat| change(&mut heat.reads)),
                Access::Write => self.at(&place.place, |heat| change(&mut heat.writes)),
                Access::Check => {}
            }
        }
        if let LoggedOutcome::Conflict(failed) = &request.outcome {
            for failed in failed {
                let place = Place::Key(failed.key.clone());
                self.at(&place, |heat| change(&mut heat.conflicts));
            }
        }
    }

    fn at(&mut self, place: &Place, change: impl FnOnce(&mut Heat)) {
        let prefix = prefix_of(place);
        let heat = self.heats.entry(prefix.clone()).or_default();
        change(heat);
        if *heat == Heat::default() {
            self.heats.remove(&prefix);
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The prefixes with any, most first.
    pub fn by(&mut self, by: HotBy) -> &[(EncodedKey, Heat)] {
        let number = |heat: &Heat| match by {
            HotBy::Reads => heat.reads,
            HotBy::Writes => heat.writes,
            HotBy::Conflicts => heat.conflicts,
        };
        if self.sorted.as_ref().is_none_or(|(other, _)| *other != by) {
            let heats = self.heats.iter();
            let mut all: Vec<_> = heats.map(|(prefix, heat)| (prefix.clone(), *heat)).collect();
            all.sort_by(|(one, heat), (other, other_heat)| {
                number(other_heat).cmp(&number(heat)).then_with(|| one.cmp(other))
            });
            self.sorted = Some((by, all));
        }
        self.sorted
            .as_ref()
            .map(|(_, all)| all.as_slice())
            .unwrap_or_default()
    }
}

/// The parts before the last one of a key, two at most, or the key itself if it has one; what the keys of a range share.
fn prefix_of(place: &Place) -> EncodedKey {
    let (shared, spared) = match place {
        Place::Key(key) => (key.clone(), 1),
        Place::Range(range) => {
            let (start, end) = (range.start.as_bytes(), range.end.as_bytes());
            let same = start
                .iter()
                .zip(end)
                .take_while(|(one, other)| one == other)
                .count();
            (range.start.truncated(same), 0)
        }
    };
    let ends = shared.part_ends();
    let most = ends
        .len()
        .saturating_sub(spared)
        .min(PARTS)
        .max(spared.min(ends.len()));
    let lengths = (0..=most).rev().map(|parts| match parts.checked_sub(1) {
        None => 0,
        Some(last) => ends.get(last).copied().unwrap_or_default(),
    });
    let mut prefixes = lengths.map(|length| shared.truncated(length));
    prefixes
        .find(|prefix| prefix.decode().is_ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::draft::parse_key;
    use keyglass_store::KeyRange;

    #[test]
    fn a_prefix_is_what_a_person_would_look_below() {
        let key = |text: &str| parse_key(text).unwrap();
        for (text, prefix) in [
            (r#"["users"]"#, r#"["users"]"#),
            (r#"["users", 1]"#, r#"["users"]"#),
            (r#"["users", 1, "name"]"#, r#"["users", 1]"#),
            (r#"["a", "b", "c", "d"]"#, r#"["a", "b"]"#),
        ] {
            assert_eq!(prefix_of(&Place::Key(key(text))), key(prefix), "{text}");
        }
        let below = |text: &str| Place::Range(KeyRange::below(&key(text)));
        assert_eq!(prefix_of(&below(r#"["users"]"#)), key(r#"["users"]"#));
        assert_eq!(
            prefix_of(&Place::Range(KeyRange::everything())),
            EncodedKey::default()
        );
        let between = KeyRange {
            start: key(r#"["a", "x1"]"#),
            end: key(r#"["a", "x2"]"#),
        };
        assert_eq!(prefix_of(&Place::Range(between)), key(r#"["a"]"#));
        assert_eq!(
            prefix_of(&Place::Key(EncodedKey::from_bytes(vec![7]))),
            EncodedKey::default()
        );
    }
}
