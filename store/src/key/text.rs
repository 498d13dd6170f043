//! The JavaScript text of keys.
use super::Key;
/// A text is not a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyParseError(pub String);
impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
impl std::str::FromStr for Key {
    type Err = KeyParseError;
    fn from_str(_text: &str) -> Result<Self, KeyParseError> {
        Err(KeyParseError("placeholder".into()))
    }
}
