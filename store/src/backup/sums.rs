//! What a state comes to: numbers, bytes and a hash, in all and below each first part of a key.
//!
//! The hash is the sum of those of the entries, so that it follows a state back through what was replaced without the
//! state being read.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::Xxh3;

use crate::entry::Entry;
use crate::key::EncodedKey;

/// First parts of keys whose sums are told one by one; of a state with more of them only what they come to together is.
pub const TOLD_PREFIXES: usize = 1000;

/// The hash of an entry: the 128 bits of XXH3 of its key, encoding, value and expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct EntryHash(pub(super) u128);

impl EntryHash {
    pub(super) fn of(entry: &Entry) -> Self {
        let (key, value) = (entry.key.as_bytes(), entry.value.bytes.as_ref());
        let mut hasher = Xxh3::new();
        hasher.update(&(key.len() as u64).to_be_bytes());
        hasher.update(key);
        hasher.update(&entry.value.encoding.number().to_be_bytes());
        hasher.update(&[u8::from(entry.expires_at.is_some())]);
        hasher.update(&entry.expires_at.unwrap_or_default().to_be_bytes());
        hasher.update(value);
        Self(hasher.digest128())
    }
}

/// What some entries come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// Entries.
    pub entries: u64,
    /// Bytes of keys and values.
    pub bytes: u64,
    /// The sum of the entries' hashes, modulo 2^128.
    pub hash: u128,
}

impl Sum {
    fn add(&mut self, size: u64, hash: EntryHash) {
        self.entries = self.entries.wrapping_add(1);
        self.bytes = self.bytes.wrapping_add(size);
        self.hash = self.hash.wrapping_add(hash.0);
    }
}

/// What a state comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sums {
    /// All of it.
    pub all: Sum,
    /// Below each first part of a key; `None` if there are more than [`TOLD_PREFIXES`].
    pub prefixes: Option<BTreeMap<EncodedKey, Sum>>,
}

impl Sums {
    /// Of nothing.
    pub(super) fn new() -> Self {
        Self {
            all: Sum::default(),
            prefixes: Some(BTreeMap::new()),
        }
    }

    pub(super) fn add(&mut self, entry: &Entry) {
        let hash = EntryHash::of(entry);
        self.all.add(entry.size(), hash);
        let Some(prefixes) = &mut self.prefixes else {
            return;
        };
        let prefix = first_part(&entry.key);
        if prefixes.len() >= TOLD_PREFIXES && !prefixes.contains_key(&prefix) {
            self.prefixes = None;
            return;
        }
        prefixes.entry(prefix).or_default().add(entry.size(), hash);
    }
}

/// The hashes of a state, which go back to earlier ones.
pub(super) struct Hashes {
    all: u128,
    prefixes: Option<BTreeMap<EncodedKey, u128>>,
}

impl Hashes {
    pub(super) fn of(sums: &Sums) -> Self {
        let hashes = sums.prefixes.as_ref().map(|prefixes| {
            let hashes = prefixes.iter().map(|(prefix, sum)| (prefix.clone(), sum.hash));
            hashes.collect()
        });
        Self {
            all: sums.all.hash,
            prefixes: hashes,
        }
    }

    /// Takes what stands under a key for something else.
    pub(super) fn replace(&mut self, key: &EncodedKey, gone: Option<EntryHash>, comes: Option<&Entry>) {
        let gone = gone.map_or(0, |hash| hash.0);
        let comes = comes.map_or(0, |entry| EntryHash::of(entry).0);
        let step = comes.wrapping_sub(gone);
        self.all = self.all.wrapping_add(step);
        if let Some(prefixes) = &mut self.prefixes {
            let hash = prefixes.entry(first_part(key)).or_default();
            *hash = hash.wrapping_add(step);
        }
    }

    /// Below which first parts of keys a state has something else; all of it is told by the empty key.
    pub(super) fn differing(&self, from: &Sums) -> Vec<EncodedKey> {
        let mut differing = Vec::new();
        if let (Some(own), Some(other)) = (&self.prefixes, &from.prefixes) {
            let hash = |prefix| other.get(prefix).map_or(0, |sum| sum.hash);
            let of_own = own.iter().filter(|(prefix, own)| hash(*prefix) != **own);
            differing.extend(of_own.map(|(prefix, _)| prefix.clone()));
            let missing = other.keys().filter(|prefix| !own.contains_key(*prefix));
            differing.extend(missing.cloned());
        }
        if differing.is_empty() && self.all != from.all.hash {
            differing.push(EncodedKey::default());
        }
        differing
    }
}

/// The first part of a key; the whole key where it has none.
pub(super) fn first_part(key: &EncodedKey) -> EncodedKey {
    key.part_ends()
        .first()
        .map_or_else(|| key.clone(), |end| key.truncated(*end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Key, KeyPart};
    use crate::value::{Encoding, StoredValue};
    use crate::versionstamp::Versionstamp;

    fn entry(first: &str, second: &str, value: &str) -> Entry {
        let parts = [first, second].map(|part| KeyPart::String(part.to_owned()));
        Entry {
            key: Key(parts.to_vec()).encode().unwrap(),
            value: StoredValue {
                encoding: Encoding::Bytes,
                bytes: value.as_bytes().to_vec().into(),
            },
            versionstamp: Versionstamp::default(),
            expires_at: None,
        }
    }

    #[test]
    fn hashes_follow_a_state_back_through_what_was_replaced() {
        let [a, b, changed, other] = [
            entry("a", "1", "one"),
            entry("b", "1", "two"),
            entry("a", "1", "three"),
            entry("c", "1", "four"),
        ];
        let sums = |entries: &[&Entry]| {
            let mut sums = Sums::new();
            entries.iter().for_each(|entry| sums.add(entry));
            sums
        };
        let before = sums(&[&a, &b]);
        let after = sums(&[&changed, &b, &other]);
        let mut hashes = Hashes::of(&after);
        assert_eq!(hashes.differing(&after), []);
        assert_eq!(
            hashes.differing(&before),
            [first_part(&a.key), first_part(&other.key)]
        );
        hashes.replace(&a.key, Some(EntryHash::of(&changed)), Some(&a));
        hashes.replace(&other.key, Some(EntryHash::of(&other)), None);
        assert_eq!(hashes.differing(&before), []);
    }

    #[test]
    fn a_state_of_very_many_first_parts_is_told_as_a_whole() {
        let mut sums = Sums::new();
        for number in 0..=TOLD_PREFIXES {
            sums.add(&entry(&number.to_string(), "", ""));
        }
        assert_eq!(sums.all.entries, TOLD_PREFIXES as u64 + 1);
        assert_eq!(sums.prefixes, None);
        let hashes = Hashes::of(&sums);
        assert_eq!(hashes.differing(&sums), []);
        assert_eq!(hashes.differing(&Sums::new()), [EncodedKey::default()]);
    }
}
