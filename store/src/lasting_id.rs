//! A database's id.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

/// The id of a database, which stays the same however often it is opened: a UUID as text, in small letters, as servers
/// of KV Connect name their databases.
///
/// That of a Keyglass folder is made with it and lies in it, so that it stays when the folder is moved; a copy of the
/// folder has the same one. That of a Deno file, in which there is no room for one, is derived from its path without
/// links: it stays when another file takes the file's place, and is another one after a move.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LastingId(String);

impl LastingId {
    /// One that no other database has: random, version 4.
    pub(crate) fn random() -> Self {
        // Their keys are the system's random numbers.
        let random = || RandomState::new().hash_one(std::process::id());
        Self::of_bits(u128::from(random()) << 64 | u128::from(random()), 4)
    }

    /// That of a text, which is always the same: version 8.
    #[must_use]
    pub fn derived(text: &[u8]) -> Self {
        Self::of_bits(xxhash_rust::xxh3::xxh3_128(text), 8)
    }

    /// An id as it was written; `None` if it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_well = text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            });
        is_well.then(|| Self(text.to_ascii_lowercase()))
    }

    fn of_bits(bits: u128, version: u128) -> Self {
        // The places of version and variant in a UUID (RFC 9562).
        let bits = bits & !(0xf << 76) | version << 76;
        let bits = bits & !(0b11 << 62) | 0b10 << 62;
        let text = format!("{bits:032x}");
        let part = |from, to| text.get(from..to).unwrap_or_default();
        Self(format!(
            "{}-{}-{}-{}-{}",
            part(0, 8),
            part(8, 12),
            part(12, 16),
            part(16, 20),
            part(20, 32)
        ))
    }
}

impl fmt::Display for LastingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_uuid_and_no_two_that_are_made_are_the_same() {
        let [a, b] = [(); 2].map(|()| LastingId::random());
        assert_ne!(a, b);
        let text = a.to_string();
        assert_eq!((text.len(), &text[14..15]), (36, "4"));
        assert!("89ab".contains(&text[19..20]), "{text}");
        assert_eq!(LastingId::parse(&text.to_uppercase()), Some(a));
        assert_eq!(LastingId::parse("2b1c"), None);
        assert_eq!(LastingId::parse(&"0".repeat(36)), None);
    }

    #[cfg(feature = "deno-file")]
    #[test]
    fn a_derived_id_is_always_the_same() {
        let of_empty = LastingId::derived(b"");
        assert_eq!(of_empty, LastingId::derived(b""));
        assert_ne!(of_empty, LastingId::derived(b"x"));
        assert_eq!(&of_empty.to_string()[14..15], "8");
    }
}
