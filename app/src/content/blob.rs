//! Blobs of kv-toolbox (<https://jsr.io/@kitsonk/kv-toolbox>): a value too long for one entry, kept in parts.
//!
//! A blob under a key is kept as parts of bytes under the key and `"__kv_toolbox_blob__"` and a number from 1 on,
//! and as facts about it (an object with `kind`, and where known `type`, `name`, `size`, `encrypted`) under the key
//! and `"__kv_toolbox_meta__"`.

use keyglass_store::key::{EncodedKey, Key, KeyPart, KeyRange};
use keyglass_store::value::{Node, Object, Value};

use super::key_set::KeySet;
use crate::format;
use crate::recognise::Recognised;

const PARTS: &str = "__kv_toolbox_blob__";
const FACTS: &str = "__kv_toolbox_meta__";
/// How the key of a part ends before its number, and how the key of the facts ends.
const PARTS_SUFFIX: &[u8] = b"\x02__kv_toolbox_blob__\0";
const FACTS_SUFFIX: &[u8] = b"\x02__kv_toolbox_meta__\0";
/// Bytes of a number in a key.
const NUMBER_BYTES: usize = 9;

/// Where the entries of a blob are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlobKey {
    /// The blob's own key.
    pub key: EncodedKey,
    parts: EncodedKey,
    facts: EncodedKey,
}

impl BlobKey {
    /// The blob that an entry is part of, and the number of the part; `None` for its facts.
    #[must_use]
    pub fn of_entry(key: &EncodedKey) -> Option<(Self, Option<u64>)> {
        // Most keys are none, and a list looks at millions.
        let bytes = key.as_bytes();
        let before_number = bytes
            .len()
            .checked_sub(NUMBER_BYTES)
            .and_then(|end| bytes.get(..end));
        if !bytes.ends_with(FACTS_SUFFIX) && !before_number.is_some_and(|key| key.ends_with(PARTS_SUFFIX)) {
            return None;
        }
        let Key(parts) = key.decode().ok()?;
        match parts.as_slice() {
            [rest @ .., KeyPart::String(name), KeyPart::Number(number)] if name == PARTS => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a whole number in the range of u32"
                )]
                let whole = (number.fract() == 0.0 && (1.0..=f64::from(u32::MAX)).contains(number))
                    .then_some(*number as u64)?;
                Some((Self::of_blob(rest)?, Some(whole)))
            }
            [rest @ .., KeyPart::String(name)] if name == FACTS => Some((Self::of_blob(rest)?, None)),
            _ => None,
        }
    }

    /// The blob that an entry belongs to, where a list of what is at and below `prefix` shows it as one row: a list
    /// of its parts shows each of them.
    #[must_use]
    pub fn listed(entry: &EncodedKey, prefix: &EncodedKey) -> Option<Self> {
        let (blob, _) = Self::of_entry(entry)?;
        blob.key.is_at_or_below(prefix).then_some(blob)
    }

    /// Whether the entry is one of its entries.
    #[must_use]
    pub fn covers(&self, entry: &EncodedKey) -> bool {
        *entry == self.facts || self.parts().contains(entry)
    }

    fn of_blob(parts: &[KeyPart]) -> Option<Self> {
        let with = |name: &str| {
            let last = std::iter::once(KeyPart::from(name));
            let key: Key = parts.iter().cloned().chain(last).collect();
            key.encode().ok()
        };
        Some(Self {
            key: Key(parts.to_vec()).encode().ok()?,
            parts: with(PARTS)?,
            facts: with(FACTS)?,
        })
    }

    /// The keys of its parts.
    #[must_use]
    pub fn parts(&self) -> KeyRange {
        KeyRange::below(&self.parts)
    }

    /// A name for a file that it is exported to.
    #[must_use]
    pub fn file_name(&self, facts: &BlobFacts) -> String {
        let named = facts.name.clone().or_else(|| {
            let Key(parts) = self.key.decode().ok()?;
            match parts.last()? {
                KeyPart::String(text) => Some(text.clone()),
                other => Some(other.to_string()),
            }
        });
        let name: String = named
            .unwrap_or_default()
            .chars()
            .map(|char| {
                if char.is_alphanumeric() || "-_. ".contains(char) {
                    char
                } else {
                    '_'
                }
            })
            .collect();
        let name = name.trim_matches(['.', ' ']);
        if name.is_empty() {
            "blob.bin".to_owned()
        } else {
            name.to_owned()
        }
    }

    /// What all its parts are below.
    #[must_use]
    pub fn parts_prefix(&self) -> &EncodedKey {
        &self.parts
    }

    /// The key of the facts about it.
    #[must_use]
    pub fn facts(&self) -> &EncodedKey {
        &self.facts
    }

    /// All its entries, and no others.
    #[must_use]
    pub fn entries(&self) -> KeySet {
        let mut keys = KeySet::of(self.parts());
        keys.insert(KeyRange::only(&self.facts));
        keys
    }
}

/// A blob as a row of the table: what is known without reading all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobRow {
    /// Where it is.
    pub key: BlobKey,
    /// The number of its last part.
    pub num_parts: u64,
    /// Bytes of its parts.
    pub bytes: u64,
    /// Whether nothing speaks for another number of bytes: all parts were looked at, or the facts say the same.
    pub is_exact: bool,
    /// What is known about it.
    pub facts: BlobFacts,
}

impl BlobRow {
    /// A row of the bytes of its first and its last part: all parts between are as long as the first one.
    #[must_use]
    pub fn new(key: BlobKey, num_parts: u64, first: u64, last: u64, facts: BlobFacts) -> Self {
        let bytes = match num_parts {
            0 => 0,
            more => first.saturating_mul(more - 1).saturating_add(last),
        };
        Self {
            is_exact: num_parts <= 2 || facts.size == Some(bytes),
            key,
            num_parts,
            bytes,
            facts,
        }
    }

    /// `3 parts, image/png, photo.png`
    #[must_use]
    pub fn title(&self) -> String {
        let mut words = vec![format::counted(self.num_parts, "part", "parts")];
        words.extend(self.facts.words());
        words.join(", ")
    }
}

/// What the facts about a blob say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlobFacts {
    /// `blob`, `file` or `buffer`.
    pub kind: Option<String>,
    /// Its MIME type.
    pub media_type: Option<String>,
    /// The name of the file that it was.
    pub name: Option<String>,
    /// Bytes of the whole, as its writer says.
    pub size: Option<u64>,
    /// It is encrypted, so what it holds cannot be shown.
    pub encrypted: bool,
}

impl BlobFacts {
    /// Reads the entry of the facts; what is missing or no text stays unknown.
    #[must_use]
    pub fn of(value: &Value) -> Self {
        let Some((_, Object::Plain(properties))) = value.object_of(value.root()) else {
            return Self::default();
        };
        let property = |name: &str| {
            let found = properties.iter().find(|(other, _)| other.as_str() == Some(name));
            found.map(|(_, node)| node)
        };
        let text = |name: &str| match property(name) {
            Some(Node::String(text)) => text.as_str().filter(|text| !text.is_empty()).map(str::to_owned),
            _ => None,
        };
        Self {
            kind: text("kind"),
            media_type: text("type"),
            name: text("name"),
            size: match property("size") {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a whole number in the range that a float has exactly"
                )]
                Some(Node::Number(size)) if size.fract() == 0.0 && (0.0..=9e15).contains(size) => {
                    Some(*size as u64)
                }
                _ => None,
            },
            encrypted: matches!(property("encrypted"), Some(Node::Boolean(true))),
        }
    }

    /// What a person wants to see of it.
    fn words(&self) -> impl Iterator<Item = String> {
        let encrypted = self.encrypted.then(|| "encrypted".to_owned());
        let words = [self.media_type.clone(), self.name.clone(), encrypted];
        words.into_iter().flatten()
    }
}

/// A blob as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Blob {
    /// Where it is.
    pub key: BlobKey,
    /// How many parts it has, from the first one on without a gap.
    pub num_parts: u64,
    /// Bytes of all these parts.
    pub bytes: u64,
    /// Parts after a gap, which belong to no blob that can be read.
    pub num_lost: u64,
    /// What is known about it.
    pub facts: BlobFacts,
    /// What it holds, if it looks like anything and is not too long.
    pub recognised: Option<Box<Recognised>>,
}

impl Blob {
    /// `3 parts, 187 KB, image/png, photo.png`
    #[must_use]
    pub fn title(&self) -> String {
        let mut words = vec![
            format::counted(self.num_parts, "part", "parts"),
            format::bytes(self.bytes),
        ];
        words.extend(self.facts.words());
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::draft::parse_key;
    use keyglass_store::value::literal::parse;

    #[test]
    fn parts_and_facts_lead_to_their_blob_and_other_keys_to_none() {
        let of = |text: &str| BlobKey::of_entry(&parse_key(text).unwrap());
        let (blob, part) = of(r#"["a", 1n, "__kv_toolbox_blob__", 2]"#).unwrap();
        assert_eq!((blob.key.to_string().as_str(), part), (r#"["a", 1n]"#, Some(2)));
        assert_eq!(
            of(r#"["a", 1n, "__kv_toolbox_meta__"]"#).unwrap(),
            (blob.clone(), None)
        );
        for other in [
            r#"["a"]"#,
            r#"["a", "__kv_toolbox_blob__"]"#,
            r#"["a", "__kv_toolbox_blob__", 0]"#,
            r#"["a", "__kv_toolbox_blob__", 1.5]"#,
            r#"["a", "__kv_toolbox_blob__", 1n]"#,
            r#"["a", "__kv_toolbox_meta__", 1]"#,
        ] {
            assert_eq!(of(other), None, "{other}");
        }
        let entries = blob.entries();
        for inside in [
            r#"["a", 1n, "__kv_toolbox_blob__", 1]"#,
            r#"["a", 1n, "__kv_toolbox_meta__"]"#,
        ] {
            assert!(entries.contains(&parse_key(inside).unwrap()), "{inside}");
        }
        for outside in [
            r#"["a", 1n]"#,
            r#"["a", 1n, "__kv_toolbox_blob__"]"#,
            r#"["a", 1n, "__kv_toolbox_meta__", 1]"#,
            r#"["a", 1n, "other"]"#,
        ] {
            assert!(!entries.contains(&parse_key(outside).unwrap()), "{outside}");
        }
    }

    #[test]
    fn facts_are_read_and_named() {
        let facts =
            BlobFacts::of(&parse("{kind: 'file', type: 'image/png', name: '../a b?.png', size: 5}").unwrap());
        let (key, _) = BlobKey::of_entry(&parse_key(r#"["x", "__kv_toolbox_meta__"]"#).unwrap()).unwrap();
        let mut blob = Blob {
            key,
            num_parts: 1,
            bytes: 5,
            num_lost: 0,
            facts,
            recognised: None,
        };
        assert_eq!(blob.title(), "1 part, 5 B, image/png, ../a b?.png");
        assert_eq!(blob.key.file_name(&blob.facts), "_a b_.png");
        blob.facts = BlobFacts::of(&parse("[1]").unwrap());
        assert_eq!(
            (blob.title().as_str(), blob.key.file_name(&blob.facts).as_str()),
            ("1 part, 5 B", "x")
        );
    }
}
