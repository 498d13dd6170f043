//! The watch list and its timeline.

use std::collections::VecDeque;

use keyglass_store::database::Before;
use keyglass_store::key::EncodedKey;
use keyglass_store::value::literal::{self, Preview};
use keyglass_store::{Entry, Versionstamp};

use crate::worker::ObservedChange;

/// Changes that the timeline keeps.
const TIMELINE_LIMIT: usize = 10_000;
/// Characters of a value shown in the timeline.
const PREVIEW_CHARS: usize = 160;

/// One line of the timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchEvent {
    /// When the change was noticed, in milliseconds since the Unix epoch.
    pub noticed_at: i64,
    /// The changed key.
    pub key: EncodedKey,
    /// What stood there.
    pub before: WatchValue,
    /// What stands there now.
    pub after: WatchValue,
    /// The commit, where something stands there now.
    pub versionstamp: Option<Versionstamp>,
}

/// A value in the timeline.
#[derive(Debug, Clone, PartialEq)]
pub enum WatchValue {
    /// The database cannot tell.
    Unknown,
    /// No entry.
    Absent,
    /// A value's beginning.
    Value(Preview),
}

impl WatchValue {
    fn of(entry: Option<&Entry>) -> Self {
        entry.map_or(Self::Absent, |entry| {
            Self::Value(literal::preview(&entry.value, PREVIEW_CHARS))
        })
    }
}

/// What is watched, and what happened.
#[derive(Debug, Default)]
pub struct WatchModel {
    /// Whether new changes are left out.
    pub paused: bool,
    /// Changes left out while paused.
    pub missed: u64,
    prefixes: Vec<EncodedKey>,
    events: VecDeque<WatchEvent>,
}

impl WatchModel {
    /// The watched keys and prefixes, in the order they were added.
    #[must_use]
    pub fn prefixes(&self) -> &[EncodedKey] {
        &self.prefixes
    }

    /// Watches a key and all that is below it.
    pub fn add(&mut self, prefix: EncodedKey) {
        if !self.prefixes.contains(&prefix) {
            self.prefixes.push(prefix);
        }
    }

    /// Stops watching; what happened stays in the timeline.
    pub fn remove(&mut self, prefix: &EncodedKey) {
        self.prefixes.retain(|watched| watched != prefix);
    }

    /// What happened, newest last.
    #[must_use]
    pub fn events(&self) -> &VecDeque<WatchEvent> {
        &self.events
    }

    /// Empties the timeline.
    pub fn clear(&mut self) {
        self.events.clear();
        self.missed = 0;
    }

    /// Takes a change made anywhere.
    pub fn apply_change(&mut self, change: &ObservedChange) {
        if !self
            .prefixes
            .iter()
            .any(|prefix| change.key.is_at_or_below(prefix))
        {
            return;
        }
        if self.paused {
            self.missed += 1;
            return;
        }
        if self.events.len() == TIMELINE_LIMIT {
            self.events.pop_front();
        }
        self.events.push_back(WatchEvent {
            noticed_at: change.noticed_at,
            key: EncodedKey::from_bytes(change.key.as_bytes().to_vec()),
            before: match &change.before {
                Before::Unknown => WatchValue::Unknown,
                Before::Absent => WatchValue::Absent,
                Before::Entry(entry) => WatchValue::of(Some(entry)),
            },
            after: WatchValue::of(change.after.as_ref()),
            versionstamp: change.after.as_ref().map(|entry| entry.versionstamp),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::draft::{parse_key, parse_value};

    fn change(key: &str) -> ObservedChange {
        let key = parse_key(key).unwrap();
        let after = Entry {
            key: key.clone(),
            value: parse_value("2").unwrap(),
            versionstamp: Versionstamp::from_counter(9),
            expires_at: None,
        };
        ObservedChange {
            noticed_at: 5,
            key,
            before: Before::Absent,
            after: Some(after),
        }
    }

    #[test]
    fn only_what_is_watched_is_noted() {
        let mut watch = WatchModel::default();
        watch.apply_change(&change(r#"["a", 1]"#));
        assert!(watch.events().is_empty());
        watch.add(parse_key(r#"["a"]"#).unwrap());
        watch.add(parse_key(r#"["a"]"#).unwrap());
        watch.apply_change(&change(r#"["a", 1]"#));
        watch.apply_change(&change(r#"["ab"]"#));
        assert_eq!(watch.prefixes().len(), 1);
        assert_eq!(watch.events().len(), 1);
        assert_eq!(
            watch.events()[0].versionstamp,
            Some(Versionstamp::from_counter(9))
        );
    }

    #[test]
    fn a_paused_timeline_counts_what_it_misses() {
        let mut watch = WatchModel::default();
        watch.add(EncodedKey::default());
        watch.paused = true;
        watch.apply_change(&change(r#"["a"]"#));
        assert!(watch.events().is_empty());
        assert_eq!(watch.missed, 1);
    }
}
