//! Keys from Rust values.

use super::{Key, KeyPart};

impl KeyPart {
    /// A `bigint` part.
    pub fn bigint(number: impl Into<num_bigint::BigInt>) -> Self {
        Self::BigInt(number.into())
    }
}

impl From<&str> for KeyPart {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for KeyPart {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<f64> for KeyPart {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for KeyPart {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<Vec<u8>> for KeyPart {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&[u8]> for KeyPart {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_owned())
    }
}

impl From<num_bigint::BigInt> for KeyPart {
    fn from(number: num_bigint::BigInt) -> Self {
        Self::BigInt(number)
    }
}

impl From<Vec<KeyPart>> for Key {
    fn from(parts: Vec<KeyPart>) -> Self {
        Self(parts)
    }
}

impl FromIterator<KeyPart> for Key {
    fn from_iter<I: IntoIterator<Item = KeyPart>>(parts: I) -> Self {
        Self(parts.into_iter().collect())
    }
}

impl<P: Into<KeyPart>, const N: usize> From<[P; N]> for Key {
    fn from(parts: [P; N]) -> Self {
        parts.into_iter().map(Into::into).collect()
    }
}

impl From<&Self> for Key {
    fn from(key: &Self) -> Self {
        key.clone()
    }
}

/// Keys of parts of different types, from tuples.
macro_rules! key_from_tuple {
    ($($part:ident: $type:ident),+) => {
        impl<$($type: Into<KeyPart>),+> From<($($type,)+)> for Key {
            fn from(($($part,)+): ($($type,)+)) -> Self {
                Self(vec![$($part.into()),+])
            }
        }
    };
}

key_from_tuple!(first: A, second: B);
key_from_tuple!(first: A, second: B, third: C);
key_from_tuple!(first: A, second: B, third: C, fourth: D);
key_from_tuple!(first: A, second: B, third: C, fourth: D, fifth: E);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_and_tuples_are_keys() {
        let text = |key: Key| key.to_string();
        assert_eq!(text(Key::from(["users", "ada"])), r#"["users", "ada"]"#);
        assert_eq!(text(Key::from(("seats", 12.0, true))), r#"["seats", 12, true]"#);
        assert_eq!(text(Key::from(("days", KeyPart::bigint(7)))), r#"["days", 7n]"#);
    }
}
