//! Which entries of a database keep their earlier versions, and what such a version is.
//!
//! A database that can do it ([`Capabilities::past_versions`](crate::Capabilities::past_versions)) keeps, under prefixes that
//! somebody chose, what a commit replaces, deletes or lets expire: so many versions of each key, for so long, and within so many
//! bytes altogether. Unless rules say so it keeps nothing.

use crate::atomic::{AtomicOperation, Check, Mutation, MutationKind};
use crate::entry::Entry;
use crate::key::EncodedKey;
use crate::versionstamp::Versionstamp;

/// A day, in milliseconds.
pub const DAY: i64 = 24 * 60 * 60 * 1000;

/// What is kept. The default is nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRules {
    /// One for each prefix, in key order; for a key that of the longest prefix above it counts.
    pub rules: Vec<HistoryRule>,
    /// The most bytes of all versions together, their keys included. The oldest go first.
    pub total_bytes: u64,
}

/// What is kept of entries at a prefix and below it, the empty one being all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRule {
    /// The prefix.
    pub prefix: EncodedKey,
    /// The most earlier versions of a key; `None` for any number.
    pub versions: Option<u32>,
    /// How long a version is kept after it was replaced, in milliseconds; `None` for ever.
    pub milliseconds: Option<i64>,
}

/// Rules that no database takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HistoryRulesError {
    /// It would grow without an end of its own.
    #[error("A history keeps a number of versions, or those of a number of days, or both")]
    Unbounded,
    /// Of versions.
    #[error("A history keeps 1 to {MAX} versions of an entry", MAX = HistoryRules::MAX_VERSIONS)]
    Versions,
    /// Of time.
    #[error("A history keeps versions for longer than no time")]
    Age,
    /// Of bytes.
    #[error("A history takes at least {MIN} bytes", MIN = HistoryRules::MIN_BYTES)]
    Bytes,
    /// Of rules.
    #[error("A history is kept under at most {MAX} prefixes", MAX = HistoryRules::MAX_RULES)]
    Rules,
}

impl Default for HistoryRules {
    fn default() -> Self {
        Self {
            rules: Vec::new(),
            total_bytes: Self::DEFAULT_BYTES,
        }
    }
}

impl HistoryRules {
    /// The most versions of a key that can be asked for.
    pub const MAX_VERSIONS: u32 = 1000;
    /// The most rules.
    pub const MAX_RULES: usize = 100;
    /// The least bytes for all versions.
    pub const MIN_BYTES: u64 = 1 << 20;
    /// The bytes for all versions unless told otherwise: 256 MiB.
    pub const DEFAULT_BYTES: u64 = 256 << 20;

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.rules.is_empty()
    }

    /// The rule of a key.
    #[must_use]
    pub fn of(&self, key: &EncodedKey) -> Option<&HistoryRule> {
        let above = |rule: &&HistoryRule| key.is_at_or_below(&rule.prefix);
        self.rules
            .iter()
            .filter(above)
            .max_by_key(|rule| rule.prefix.as_bytes().len())
    }

    /// The same with a rule for its prefix, in the place of the one that was there.
    #[must_use]
    pub fn with(mut self, rule: HistoryRule) -> Self {
        self.rules.retain(|other| other.prefix != rule.prefix);
        self.rules.push(rule);
        self.rules.sort_by(|a, b| a.prefix.cmp(&b.prefix));
        self
    }

    /// The same without the rule for a prefix.
    #[must_use]
    pub fn without(mut self, prefix: &EncodedKey) -> Self {
        self.rules.retain(|rule| rule.prefix != *prefix);
        self
    }

    /// The same, as every database writes it: in key order, the last of those for one prefix.
    ///
    /// # Errors
    /// If a rule keeps nothing or has no bound, or there are too many.
    pub fn checked(self) -> Result<Self, HistoryRulesError> {
        let total_bytes = self.total_bytes;
        if total_bytes < Self::MIN_BYTES {
            return Err(HistoryRulesError::Bytes);
        }
        let empty = Self {
            rules: Vec::new(),
            total_bytes,
        };
        let rules = self.rules.into_iter().fold(empty, Self::with);
        if rules.rules.len() > Self::MAX_RULES {
            return Err(HistoryRulesError::Rules);
        }
        for rule in &rules.rules {
            match (rule.versions, rule.milliseconds) {
                (None, None) => return Err(HistoryRulesError::Unbounded),
                (Some(versions), _) if versions == 0 || versions > Self::MAX_VERSIONS => {
                    return Err(HistoryRulesError::Versions);
                }
                (_, Some(milliseconds)) if milliseconds <= 0 => return Err(HistoryRulesError::Age),
                _ => {}
            }
        }
        Ok(rules)
    }

    /// Whether versions that these rules keep may go once others are in their place.
    #[must_use]
    pub fn may_lose(&self, next: &Self) -> bool {
        let less = |before: Option<i64>, after: Option<i64>| match (before, after) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(before), Some(after)) => after < before,
        };
        // Below each prefix and above the next longer one, one rule counts before and one after.
        let prefixes = self.rules.iter().chain(&next.rules).map(|rule| &rule.prefix);
        let loses = |prefix: &EncodedKey| {
            self.of(prefix).is_some_and(|before| {
                next.of(prefix).is_none_or(|after| {
                    less(before.versions.map(i64::from), after.versions.map(i64::from))
                        || less(before.milliseconds, after.milliseconds)
                })
            })
        };
        !self.is_off() && next.total_bytes < self.total_bytes || prefixes.into_iter().any(loses)
    }

    /// The shortest age of a rule, in milliseconds.
    pub(crate) fn shortest_age(&self) -> Option<i64> {
        self.rules.iter().filter_map(|rule| rule.milliseconds).min()
    }
}

impl HistoryRule {
    /// Whether a version that was replaced at a time has been kept long enough.
    #[must_use]
    pub fn is_over(&self, replaced_at: i64, now: i64) -> bool {
        self.over_at(replaced_at).is_some_and(|over_at| over_at <= now)
    }

    /// When a version that was replaced at a time goes by its age.
    pub(crate) fn over_at(&self, replaced_at: i64) -> Option<i64> {
        Some(replaced_at.saturating_add(self.milliseconds?))
    }
}

/// What ended a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ended {
    /// A commit set the entry anew.
    Replaced,
    /// A commit deleted it.
    Deleted,
    /// Its time was over.
    Expired,
}

/// An entry as it stood until a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastVersion {
    /// The entry, with the versionstamp and the expiry that it had.
    pub entry: Entry,
    /// What ended it.
    pub ended: Ended,
    /// The commit that did.
    pub ended_by: Versionstamp,
    /// When, by the database's clock, in milliseconds since the Unix epoch.
    pub ended_at: i64,
}

impl PastVersion {
    /// Whether it would be gone at once if it came back as it was.
    #[must_use]
    pub fn has_expired(&self, now: i64) -> bool {
        self.entry.expires_at.is_some_and(|expires_at| expires_at <= now)
    }

    /// Brings it back, if what stands there is still what was seen. An expiry that has passed is left away.
    #[must_use]
    pub fn restore(&self, seen: Option<Versionstamp>, now: i64) -> AtomicOperation {
        let key = &self.entry.key;
        AtomicOperation {
            checks: vec![Check {
                key: key.clone(),
                versionstamp: seen,
            }],
            mutations: vec![Mutation {
                key: key.clone(),
                kind: MutationKind::Set {
                    value: self.entry.value.clone(),
                    expires_at: self.entry.expires_at.filter(|_| !self.has_expired(now)),
                },
            }],
            ..AtomicOperation::default()
        }
    }
}

/// Some of the entries that are gone, each as it stood last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeletedPage {
    /// In key order.
    pub deleted: Vec<PastVersion>,
    /// Behind which key there may be more; `None` where that was all.
    pub next: Option<EncodedKey>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(prefix: &[u8], versions: Option<u32>, milliseconds: Option<i64>) -> HistoryRule {
        HistoryRule {
            prefix: EncodedKey::from_bytes(prefix.to_vec()),
            versions,
            milliseconds,
        }
    }

    #[test]
    fn the_longest_prefix_above_a_key_counts() {
        let rules = HistoryRules::default()
            .with(rule(b"a\x01b", Some(2), None))
            .with(rule(b"", Some(1), None))
            .with(rule(b"a", Some(9), None))
            .with(rule(b"a", Some(3), None));
        let of = |key: &[u8]| {
            let key = EncodedKey::from_bytes(key.to_vec());
            rules.of(&key).and_then(|rule| rule.versions)
        };
        assert_eq!(of(b"a\x01b\x01c"), Some(2));
        assert_eq!(of(b"a\x01a"), Some(3));
        assert_eq!(of(b"b"), Some(1));
        let off = rules.without(&EncodedKey::from_bytes(&b""[..]));
        assert_eq!(off.of(&EncodedKey::from_bytes(&b"b"[..])), None);
    }

    #[test]
    fn rules_that_keep_less_anywhere_may_lose_versions() {
        let of = |rules: &[HistoryRule]| {
            rules
                .iter()
                .cloned()
                .fold(HistoryRules::default(), HistoryRules::with)
        };
        let before = of(&[rule(b"", Some(2), None), rule(b"a", Some(9), Some(DAY))]);
        let loses = |rules: &[HistoryRule]| before.may_lose(&of(rules));
        assert!(!before.may_lose(&before));
        assert!(!loses(&[rule(b"", Some(3), None), rule(b"a", Some(9), None)]));
        assert!(loses(&[rule(b"", Some(2), None), rule(b"a", Some(8), Some(DAY))]));
        assert!(loses(&[
            rule(b"", Some(2), Some(DAY)),
            rule(b"a", Some(9), Some(DAY))
        ]));
        // What was under the rule of the prefix is under the one above it.
        assert!(loses(&[rule(b"", Some(2), None)]));
        assert!(!loses(&[rule(b"", Some(9), None)]));
        // A rule further below counts there in place of it.
        let below = rule(b"a\x02b", Some(1), None);
        assert!(before.may_lose(&before.clone().with(below)));
        let small = HistoryRules {
            total_bytes: HistoryRules::MIN_BYTES,
            ..before.clone()
        };
        assert!(before.may_lose(&small) && !small.may_lose(&before));
        assert!(!HistoryRules::default().may_lose(&before));
    }

    #[test]
    fn rules_that_keep_nothing_or_everything_are_refused() {
        let checked = |rule| HistoryRules::default().with(rule).checked().map(|_| ());
        assert_eq!(checked(rule(b"a", None, None)), Err(HistoryRulesError::Unbounded));
        assert_eq!(
            checked(rule(b"a", Some(0), Some(1))),
            Err(HistoryRulesError::Versions)
        );
        assert_eq!(
            checked(rule(b"a", Some(1001), None)),
            Err(HistoryRulesError::Versions)
        );
        assert_eq!(checked(rule(b"a", None, Some(0))), Err(HistoryRulesError::Age));
        assert_eq!(checked(rule(b"a", Some(1), Some(1))), Ok(()));
        let small = HistoryRules {
            total_bytes: 1,
            ..HistoryRules::default()
        };
        assert_eq!(small.checked(), Err(HistoryRulesError::Bytes));
    }
}
