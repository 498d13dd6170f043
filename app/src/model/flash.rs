//! Which keys changed a moment ago.

use std::collections::HashMap;

use keyglass_store::key::EncodedKey;

/// How long a change stays marked, in milliseconds.
pub const FLASH_MILLISECONDS: i64 = 1500;

/// Keys that changed lately and until when they are marked.
#[derive(Debug, Default)]
pub struct Flashes(HashMap<EncodedKey, i64>);

impl Flashes {
    /// Marks a key from `now` (milliseconds since the Unix epoch) on.
    pub fn mark(&mut self, key: EncodedKey, now: i64) {
        self.0.insert(key, now + FLASH_MILLISECONDS);
    }

    /// Whether the key is marked.
    #[must_use]
    pub fn is_marked(&self, key: &EncodedKey) -> bool {
        self.0.contains_key(key)
    }

    /// Forgets marks that are over; how many milliseconds the next one still has.
    pub fn expire(&mut self, now: i64) -> Option<i64> {
        self.0.retain(|_, until| *until > now);
        self.0.values().min().map(|until| until - now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_goes_after_its_time_and_says_when() {
        let mut flashes = Flashes::default();
        let key = EncodedKey::from_bytes(&b"a"[..]);
        flashes.mark(key.clone(), 1000);
        assert_eq!(flashes.expire(1100), Some(FLASH_MILLISECONDS - 100));
        assert!(flashes.is_marked(&key));
        assert_eq!(flashes.expire(1000 + FLASH_MILLISECONDS), None);
        assert!(!flashes.is_marked(&key));
    }
}
