//! Blobs of kv-toolbox (<https://jsr.io/@kitsonk/kv-toolbox>): a value too long for one entry, kept in parts.
//!
//! A blob under a key is kept as parts of bytes under the key and `"__kv_toolbox_blob__"` and a number from 1 on,
//! and as facts about it (an object with `kind`, and where known `type`, `name`, `size`, `encrypted`) under the key
//! and `"__kv_toolbox_meta__"`.

use keyglass_store::key::{EncodedKey, Key, KeyPart, KeyRange};
use keyglass_store::value::{Node, Object, Value};

use super::format;
use super::key_set::KeySet;
use crate::recognise::Recognised;

const PARTS: &str = "__kv_toolbox_blob__";
const FACTS: &str = "__kv_toolbox_meta__";

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

/// What the facts about a blob say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlobFacts {
    /// `blob`, `file` or `buffer`.
    pub kind: Option<String>,
    /// Its MIME type.
    pub media_type: Option<String>,
    /// The name of the file that it was.
    pub name: Option<String>,
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
            encrypted: matches!(property("encrypted"), Some(Node::Boolean(true))),
        }
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
        words.extend(self.facts.media_type.clone());
        words.extend(self.facts.name.clone());
        if self.facts.encrypted {
            words.push("encrypted".to_owned());
        }
        words.join(", ")
    }

    /// A name for a file that it is exported to.
    #[must_use]
    pub fn file_name(&self) -> String {
        let named = self.facts.name.clone().or_else(|| {
            let Key(parts) = self.key.key.decode().ok()?;
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
        assert_eq!(blob.file_name(), "_a b_.png");
        blob.facts = BlobFacts::of(&parse("[1]").unwrap());
        assert_eq!(
            (blob.title().as_str(), blob.file_name().as_str()),
            ("1 part, 5 B", "x")
        );
    }
}
