//! Cursors: where a list stopped, in the bytes that Deno hands out.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;

use super::{EncodedKey, KeyEncodeError, KeyRange, Selector};

/// Padded base64url of the last key's bytes without what all keys of the selector share. Empty before the
/// first and after the last entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cursor(pub String);

/// A cursor does not fit. The messages are Deno's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CursorError {
    /// Not padded base64url.
    #[error("invalid cursor")]
    Invalid,
    /// It names a key that the selector does not select.
    #[error("cursor out of bounds")]
    OutOfBounds,
    /// The selector's keys have no bytes.
    #[error(transparent)]
    Key(#[from] KeyEncodeError),
}

impl Cursor {
    /// The cursor of a list of `selector` that has just returned `key`.
    ///
    /// # Errors
    /// If the key is not one of the selector's.
    pub fn at(key: &EncodedKey, selector: &Selector) -> Result<Self, CursorError> {
        let shared = selector.common_prefix()?;
        let rest = key
            .as_bytes()
            .strip_prefix(shared.as_bytes())
            .ok_or(CursorError::OutOfBounds)?;
        Ok(Self(URL_SAFE.encode(rest)))
    }

    /// What is left of `range` (the selector's) after the cursor. The empty cursor leaves all of it.
    ///
    /// # Errors
    /// If it is no cursor, or lies outside the range.
    pub fn resume(
        &self,
        selector: &Selector,
        range: &KeyRange,
        reverse: bool,
    ) -> Result<KeyRange, CursorError> {
        if self.0.is_empty() {
            return Ok(range.clone());
        }
        let rest = URL_SAFE
            .decode(&self.0)
            .map_err(|_not_base64| CursorError::Invalid)?;
        let key = selector.common_prefix()?.with_suffix(&rest);
        let left = range.after(&key, reverse);
        if left.start < range.start || left.end > range.end || left.start > left.end {
            return Err(CursorError::OutOfBounds);
        }
        Ok(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Key, KeyPart};

    fn text(part: &str) -> KeyPart {
        KeyPart::String(part.to_owned())
    }

    #[test]
    fn cursors_are_denos_own_bytes() {
        let below_p = Selector::prefix(Key(vec![text("p")]));
        let at = |part: KeyPart| {
            let key = Key(vec![text("p"), part]).encode().unwrap();
            Cursor::at(&key, &below_p).unwrap().0
        };
        assert_eq!(at(text("a")), "AmEA");
        assert_eq!(at(KeyPart::BigInt(7.into())), "FQc=");
        assert_eq!(at(KeyPart::Bytes(vec![0xfb, 0xff, 0xfe])), "Afv__gA=");
        let range = Selector::Range {
            start: Key(vec![text("p"), text("a")]),
            end: Key(vec![text("p"), text("z")]),
        };
        let key = Key(vec![text("p"), text("a")]).encode().unwrap();
        assert_eq!(Cursor::at(&key, &range).unwrap().0, "YQA=");
    }

    #[test]
    fn a_cursor_that_does_not_fit_is_refused() {
        let selector = Selector::prefix(Key(vec![text("p")]));
        let range = selector.range().unwrap();
        let resume = |cursor: &str| Cursor(cursor.to_owned()).resume(&selector, &range, false);
        assert_eq!(resume("FQc"), Err(CursorError::Invalid));
        assert_eq!(resume("!"), Err(CursorError::Invalid));
        assert_eq!(resume("_w=="), Err(CursorError::OutOfBounds));
        assert_eq!(resume("").unwrap(), range);
        assert!(resume("AmEA").unwrap().start > range.start);
    }
}
