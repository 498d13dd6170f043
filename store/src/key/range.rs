//! Ranges of keys, and the selectors that Deno's `list` takes.

use super::{EncodedKey, Key, KeyEncodeError};
use crate::limits::{LimitError, READ_KEY_BYTES};

/// Keys from `start` (included) to `end` (excluded), as raw bytes; empty where start is not below end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyRange {
    /// The first key that may be in it.
    pub start: EncodedKey,
    /// The first key that is beyond it.
    pub end: EncodedKey,
}

/// What to list, as in Deno's `Deno.KvListSelector`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// Every key below a prefix, without the prefix itself; from `start` (included) to `end` (excluded), of
    /// which Deno allows one. The empty prefix is everything.
    Prefix {
        /// The parts that every key begins with.
        prefix: Key,
        /// The first key wanted.
        start: Option<Key>,
        /// The first key not wanted any more.
        end: Option<Key>,
    },
    /// Every key from `start` (included) to `end` (excluded).
    Range {
        /// The first key wanted.
        start: Key,
        /// The first key not wanted any more.
        end: Key,
    },
}

/// A selector selects nothing sensible. The messages are Deno's, but for the bigint's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectorError {
    /// Both bounds beside a prefix.
    #[error("Selector can not specify both 'start' and 'end' key when specifying 'prefix'")]
    BothBounds,
    /// The start lies outside the prefix.
    #[error("Start key is not in the keyspace defined by prefix")]
    StartOutsidePrefix,
    /// The end lies outside the prefix.
    #[error("End key is not in the keyspace defined by prefix")]
    EndOutsidePrefix,
    /// The bounds are the wrong way round.
    #[error("Start key is greater than end key")]
    StartAfterEnd,
    /// A bound is too long.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// A bound has no bytes.
    #[error(transparent)]
    Key(#[from] KeyEncodeError),
}

impl KeyRange {
    /// Every key.
    #[must_use]
    pub fn everything() -> Self {
        Self::below(&EncodedKey::default())
    }

    /// Every key that is longer than `prefix` and begins with it.
    #[must_use]
    pub fn below(prefix: &EncodedKey) -> Self {
        Self {
            start: prefix.with_suffix(&[0]),
            end: prefix.with_suffix(&[0xff]),
        }
    }

    /// The one key.
    #[must_use]
    pub fn only(key: &EncodedKey) -> Self {
        Self {
            start: key.clone(),
            end: key.with_suffix(&[0]),
        }
    }

    /// The key `prefix` itself and every key below it.
    #[must_use]
    pub fn at_and_below(prefix: &EncodedKey) -> Self {
        Self {
            start: prefix.clone(),
            end: prefix.with_suffix(&[0xff]),
        }
    }

    /// Whether the key lies in it.
    #[must_use]
    pub fn contains(&self, key: &EncodedKey) -> bool {
        *key >= self.start && *key < self.end
    }

    /// Whether no key can lie in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }

    /// Whether every key of the other range lies in this one, too.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Ranges that hold the same keys, in key order, without empty ones and without any that overlap.
    #[must_use]
    pub fn merged(mut ranges: Vec<Self>) -> Vec<Self> {
        ranges.retain(|range| !range.is_empty());
        ranges.sort_by(|a, b| a.start.cmp(&b.start));
        let mut merged: Vec<Self> = Vec::new();
        for range in ranges {
            match merged.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.clone().max(range.end),
                _ => merged.push(range),
            }
        }
        merged
    }

    /// What is left after `key` when reading on in the direction given.
    #[must_use]
    pub fn after(&self, key: &EncodedKey, reverse: bool) -> Self {
        if reverse {
            Self {
                start: self.start.clone(),
                end: key.clone(),
            }
        } else {
            Self {
                start: key.with_suffix(&[0]),
                end: self.end.clone(),
            }
        }
    }
}

impl Selector {
    /// Everything below a prefix.
    #[must_use]
    pub fn prefix(prefix: Key) -> Self {
        Self::Prefix {
            prefix,
            start: None,
            end: None,
        }
    }

    /// The range of bytes that Deno reads for this selector.
    ///
    /// # Errors
    /// Deno's, for bounds that contradict each other or are too long.
    pub fn range(&self) -> Result<KeyRange, SelectorError> {
        let range = match self {
            Self::Prefix {
                start: Some(_),
                end: Some(_),
                ..
            } => return Err(SelectorError::BothBounds),
            Self::Prefix { prefix, start, end } => {
                let mut range = KeyRange::below(&prefix.encode()?);
                if let Some(start) = start {
                    let start = start.encode()?;
                    if !range.contains(&start) {
                        return Err(SelectorError::StartOutsidePrefix);
                    }
                    range.start = start;
                }
                if let Some(end) = end {
                    let end = end.encode()?;
                    if !range.contains(&end) {
                        return Err(SelectorError::EndOutsidePrefix);
                    }
                    range.end = end;
                }
                range
            }
            Self::Range { start, end } => {
                let range = KeyRange {
                    start: start.encode()?,
                    end: end.encode()?,
                };
                if range.start > range.end {
                    return Err(SelectorError::StartAfterEnd);
                }
                range
            }
        };
        if [&range.start, &range.end]
            .iter()
            .any(|bound| bound.as_bytes().len() > READ_KEY_BYTES)
        {
            return Err(LimitError::KeyForRead(READ_KEY_BYTES).into());
        }
        Ok(range)
    }

    /// The bytes that all selected keys share and that a cursor leaves out: the prefix, or what both bounds
    /// have in common.
    ///
    /// # Errors
    /// If a key has no bytes.
    pub fn common_prefix(&self) -> Result<EncodedKey, KeyEncodeError> {
        match self {
            Self::Prefix { prefix, .. } => prefix.encode(),
            Self::Range { start, end } => {
                let (start, end) = (start.encode()?, end.encode()?);
                let shared = start
                    .as_bytes()
                    .iter()
                    .zip(end.as_bytes())
                    .take_while(|(a, b)| a == b)
                    .count();
                Ok(start.truncated(shared))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::KeyPart;

    fn key(parts: &[&str]) -> Key {
        Key(parts
            .iter()
            .map(|part| KeyPart::String((*part).to_owned()))
            .collect())
    }

    #[test]
    fn a_key_is_below_a_prefix_only_where_a_part_ends() {
        let key = |text: &str| text.parse::<Key>().unwrap().encode().unwrap();
        let keys = [
            EncodedKey::default(),
            key(r#"["a"]"#),
            key(r#"["a", 1]"#),
            // A zero within a part is written as the end of a part and one more byte.
            key(r#"["a\u0000b"]"#),
            key("[u8[]]"),
            key("[u8[00 08]]"),
            key(r#"["b"]"#),
        ];
        let mut below = 0;
        for prefix in &keys {
            let range = KeyRange::at_and_below(prefix);
            for key in &keys {
                assert_eq!(key.is_at_or_below(prefix), range.contains(key), "{key} {prefix}");
                below += u32::from(key.is_at_or_below(prefix));
            }
        }
        assert_eq!(below, 7 + 6 + 1);
    }

    #[test]
    fn a_prefix_selects_what_is_below_it_and_not_itself() {
        let range = Selector::prefix(key(&["a"])).range().unwrap();
        assert!(range.contains(&key(&["a", ""]).encode().unwrap()));
        assert!(!range.contains(&key(&["a"]).encode().unwrap()));
        assert!(!range.contains(&key(&["ab"]).encode().unwrap()));
    }

    #[test]
    fn bounds_that_contradict_each_other_are_refused_in_denos_words() {
        let prefix = |start: Option<Key>, end: Option<Key>| {
            Selector::Prefix {
                prefix: key(&["a"]),
                start,
                end,
            }
            .range()
            .map_err(|error| error.to_string())
        };
        let message = |text: &str| Err(text.to_owned());
        assert_eq!(
            prefix(Some(key(&["a", "b"])), Some(key(&["a", "c"]))),
            message("Selector can not specify both 'start' and 'end' key when specifying 'prefix'")
        );
        assert_eq!(
            prefix(Some(key(&["a"])), None),
            message("Start key is not in the keyspace defined by prefix")
        );
        assert_eq!(
            prefix(None, Some(key(&["b", "c"]))),
            message("End key is not in the keyspace defined by prefix")
        );
        let reversed = Selector::Range {
            start: key(&["b"]),
            end: key(&["a"]),
        }
        .range();
        assert_eq!(
            reversed.map_err(|error| error.to_string()),
            message("Start key is greater than end key")
        );
        let long = Selector::prefix(key(&[&"x".repeat(2047)])).range();
        assert_eq!(
            long.map_err(|error| error.to_string()),
            message("Key too large for read (max 2049 bytes)")
        );
    }

    #[test]
    fn equal_bounds_are_an_empty_range() {
        let range = Selector::Range {
            start: key(&["a"]),
            end: key(&["a"]),
        }
        .range()
        .unwrap();
        assert!(range.is_empty());
    }
}
