//! What an action concerns: a prefix, or what is selected in the table.

use keyglass_store::key::{EncodedKey, Key, KeyRange};

use super::key_draft::KeyError;
use crate::content::key_set::KeySet;

/// Ranges of a selection that are named one by one.
const NAMED_RANGES: usize = 12;

/// The prefix that a text names, such as `["users"]`; nothing is the whole database.
///
/// # Errors
/// Why it is no key.
pub fn typed_prefix(text: &str) -> Result<EncodedKey, KeyError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(EncodedKey::default());
    }
    Ok(text.parse::<Key>()?.encode()?)
}

/// Which entries an action concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The key, and everything below it; the empty one is the whole database.
    Below(EncodedKey),
    /// Selected rows.
    Selected(KeySet),
}

impl Target {
    /// Their keys.
    #[must_use]
    pub fn ranges(&self) -> Vec<KeyRange> {
        match self {
            Self::Below(prefix) => vec![KeyRange::at_and_below(prefix)],
            Self::Selected(keys) => keys.ranges().to_vec(),
        }
    }

    /// Whether a key is among them.
    #[must_use]
    pub fn holds(&self, key: &EncodedKey) -> bool {
        match self {
            Self::Below(prefix) => key.is_at_or_below(prefix),
            Self::Selected(keys) => keys.contains(key),
        }
    }

    /// The prefix, if it is everything at and below one.
    #[must_use]
    pub fn prefix(&self) -> Option<EncodedKey> {
        match self {
            Self::Below(prefix) => Some(prefix.clone()),
            Self::Selected(keys) => match keys.ranges() {
                [range] if KeyRange::at_and_below(&range.start) == *range => Some(range.start.clone()),
                _ => None,
            },
        }
    }

    /// The keys, one line for each or for each range of them, for a person to read.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let ranges = self.ranges();
        let mut lines: Vec<String> = ranges.iter().take(NAMED_RANGES).map(line).collect();
        if ranges.len() > NAMED_RANGES {
            lines.push(format!("… and {} more", ranges.len() - NAMED_RANGES));
        }
        lines
    }
}

fn line(range: &KeyRange) -> String {
    let start = &range.start;
    if *range == KeyRange::at_and_below(&EncodedKey::default()) {
        return "all keys".to_owned();
    }
    if *range == KeyRange::at_and_below(start) {
        return format!("{start} and below");
    }
    if *range == KeyRange::only(start) {
        return start.to_string();
    }
    let last = range.end.as_bytes().strip_suffix(&[0]);
    match last.map(|last| EncodedKey::from_bytes(last.to_vec())) {
        Some(last) if last.decode().is_ok() => format!("{start} … {last}"),
        _ => format!("{start} …"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::draft::parse_key;

    #[test]
    fn keys_ranges_and_prefixes_are_named() {
        let key = |text: &str| parse_key(text).unwrap();
        let mut keys = KeySet::only(&key(r#"["a", 1]"#)).through(&KeySet::only(&key(r#"["a", 5]"#)));
        keys.insert(KeyRange::only(&key(r#"["b"]"#)));
        keys.insert(KeyRange::at_and_below(&key(r#"["c"]"#)));
        let target = Target::Selected(keys);
        assert_eq!(
            target.lines(),
            [r#"["a", 1] … ["a", 5]"#, r#"["b"]"#, r#"["c"] and below"#]
        );
        assert_eq!(target.prefix(), None);
        let all = Target::Below(EncodedKey::default());
        assert_eq!(all.lines(), ["all keys"]);
        assert_eq!(
            Target::Selected(KeySet::of(KeyRange::at_and_below(&key(r#"["c"]"#)))).prefix(),
            Some(key(r#"["c"]"#))
        );
    }

    #[test]
    fn of_many_ranges_only_some_are_named() {
        let mut keys = KeySet::default();
        for number in 0..30 {
            keys.insert(KeyRange::only(&parse_key(&format!("[{number}]")).unwrap()));
        }
        let lines = Target::Selected(keys).lines();
        assert_eq!(lines.len(), NAMED_RANGES + 1);
        assert_eq!(lines.last().unwrap(), "… and 18 more");
    }
}
