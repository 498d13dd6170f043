//! Which keys changed a moment ago.

use std::collections::HashMap;

use keyglass_store::key::EncodedKey;

/// How long a change stays marked, in milliseconds.
pub const FLASH_MILLISECONDS: i64 = 1500;
/// Marks go together, at most this long after their time, in milliseconds: each that went alone would cost a frame.
const TOGETHER_MILLISECONDS: i64 = 500;

/// Keys that changed lately and until when they are marked.
#[derive(Debug, Default)]
pub struct Flashes(HashMap<EncodedKey, i64>);

impl Flashes {
    /// Marks a key from `now` (milliseconds since the Unix epoch) on.
    pub fn mark(&mut self, key: EncodedKey, now: i64) {
        let until = now + FLASH_MILLISECONDS;
        let over = until.rem_euclid(TOGETHER_MILLISECONDS);
        let until = if over == 0 {
            until
        } else {
            until - over + TOGETHER_MILLISECONDS
        };
        self.0.insert(key, until);
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
    fn marks_of_changes_that_do_not_cease_go_together() {
        let mut flashes = Flashes::default();
        for at in 0..100 {
            flashes.mark(EncodedKey::from_bytes(vec![at]), 1000 + 10 * i64::from(at));
        }
        let mut now = 2000;
        let mut frames = 0;
        while let Some(rest) = flashes.expire(now) {
            now += rest;
            frames += 1;
        }
        assert_eq!((frames, now), (3, 3500));
    }

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
