//! One part of a key as typed.

use keyglass_store::key::{EncodedKey, KeyDecodeError, KeyPart};

use super::error::PartError;

/// The types of key parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// Text.
    String,
    /// A 64-bit float.
    Number,
    /// An integer of any size.
    BigInt,
    /// `true` or `false`.
    Boolean,
    /// A `Uint8Array`.
    Bytes,
}

impl PartKind {
    /// All of them, in the order offered.
    pub const ALL: [Self; 5] = [
        Self::String,
        Self::Number,
        Self::BigInt,
        Self::Boolean,
        Self::Bytes,
    ];

    /// The type of a part.
    #[must_use]
    pub fn of(part: &KeyPart) -> Self {
        match part {
            KeyPart::String(_) => Self::String,
            KeyPart::Number(_) => Self::Number,
            KeyPart::BigInt(_) => Self::BigInt,
            KeyPart::Boolean(_) => Self::Boolean,
            KeyPart::Bytes(_) => Self::Bytes,
        }
    }

    /// `string`, `number`, …
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Number => "number",
            Self::BigInt => "bigint",
            Self::Boolean => "boolean",
            Self::Bytes => "bytes",
        }
    }

    /// What a part of this type looks like, for an empty field.
    #[must_use]
    pub fn example(self) -> &'static str {
        match self {
            Self::String => "text",
            Self::Number => "3.5, -0, NaN",
            Self::BigInt => "42",
            Self::Boolean => "false",
            Self::Bytes => "01 ff",
        }
    }
}

/// One part as typed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PartDraft {
    /// What it shall be.
    pub kind: PartKind,
    /// A string without its quotes, a number, a bigint with or without `n`, `true`, or hexadecimal digits.
    pub text: String,
    stored: Option<Stored>,
}

/// Bytes of a part that its text does not tell, such as those of a NaN with a payload.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Stored {
    bytes: Vec<u8>,
    /// The text that stands for them, as long as it is not touched.
    text: String,
}

impl PartDraft {
    /// An empty string.
    #[must_use]
    pub fn empty() -> Self {
        Self::new(PartKind::String, String::new())
    }

    fn new(kind: PartKind, text: String) -> Self {
        Self {
            kind,
            text,
            stored: None,
        }
    }

    /// A part as it would have been typed.
    #[must_use]
    pub fn of(part: &KeyPart) -> Self {
        let literal = part.to_string();
        let between = |open: &str, close: char| {
            let inner = literal
                .strip_prefix(open)
                .and_then(|rest| rest.strip_suffix(close));
            inner.unwrap_or(&literal).to_owned()
        };
        let kind = PartKind::of(part);
        let text = match kind {
            PartKind::String => between("\"", '"'),
            PartKind::Bytes => between("u8[", ']'),
            PartKind::BigInt => between("", 'n'),
            PartKind::Number | PartKind::Boolean => literal,
        };
        Self::new(kind, text)
    }

    /// A part as it would have been typed, which keeps the bytes that it has.
    ///
    /// # Errors
    /// If they are no part.
    pub fn of_stored(bytes: &[u8]) -> Result<Self, KeyDecodeError> {
        let key = EncodedKey::from_bytes(bytes.to_vec()).decode()?;
        let mut draft = key.0.first().map_or_else(Self::empty, Self::of);
        let is_told = key.encode().is_ok_and(|encoded| encoded.as_bytes() == bytes);
        draft.stored = (!is_told).then(|| Stored {
            bytes: bytes.to_vec(),
            text: draft.text.clone(),
        });
        Ok(draft)
    }

    /// Appends the part's bytes: those that it had, if it was not touched.
    ///
    /// # Errors
    /// Why there are none.
    pub fn encode_into(&self, bytes: &mut Vec<u8>) -> Result<(), PartError> {
        match &self.stored {
            Some(stored) if stored.text == self.text => {
                bytes.extend_from_slice(&stored.bytes);
                Ok(())
            }
            _ => Ok(self.part()?.encode_into(bytes)?),
        }
    }

    /// The text as it stands in a key's literal, whether it is right or not.
    #[must_use]
    pub fn literal(&self) -> String {
        let text = self.text.trim();
        match self.kind {
            PartKind::String => quoted(&self.text),
            PartKind::BigInt if !text.ends_with('n') => format!("{text}n"),
            PartKind::Bytes if text.chars().all(|char| char.is_ascii_hexdigit() || char == ' ') => {
                format!("u8[{text}]")
            }
            _ => text.to_owned(),
        }
    }

    /// The part.
    ///
    /// # Errors
    /// Why the text is none of this type.
    pub fn part(&self) -> Result<KeyPart, PartError> {
        let needs_text = matches!(self.kind, PartKind::Number | PartKind::BigInt | PartKind::Boolean);
        if needs_text && self.text.trim().is_empty() {
            return Err(PartError::Missing(self.kind.name()));
        }
        let part: KeyPart = self.literal().parse().map_err(|error| match self.kind {
            PartKind::Bytes => PartError::Bytes,
            _ => PartError::Text(error),
        })?;
        let found = PartKind::of(&part);
        if found == self.kind {
            Ok(part)
        } else {
            Err(PartError::OtherType {
                found: found.name(),
                wanted: self.kind.name(),
            })
        }
    }

    /// Makes it another type, with the same text where that means something.
    pub fn convert(&mut self, kind: PartKind) {
        if kind == self.kind {
            return;
        }
        let plain = match self.part() {
            Ok(KeyPart::String(text)) => text,
            Ok(KeyPart::Bytes(bytes)) if kind == PartKind::String => {
                String::from_utf8(bytes).unwrap_or_else(|_binary| self.text.clone())
            }
            Ok(KeyPart::Number(number)) if kind == PartKind::BigInt && number.fract() == 0.0 => {
                // Whole numbers are printed with an exponent from 1e21 on.
                format!("{number:.0}")
            }
            _ => self.text.clone(),
        };
        let converted = match kind {
            PartKind::String => Self::of(&KeyPart::String(plain)).text,
            PartKind::Bytes if self.kind == PartKind::String => {
                Self::of(&KeyPart::Bytes(plain.into_bytes())).text
            }
            PartKind::Boolean => (plain == "true").to_string(),
            _ => plain,
        };
        *self = Self::new(kind, converted);
    }
}

/// Puts quotes around what was typed: escapes mean what they mean in JavaScript, a bare quote is itself.
fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    let mut escaped = false;
    for char in text.chars() {
        match char {
            '"' if !escaped => literal.push_str("\\\""),
            '\n' if !escaped => literal.push_str("\\n"),
            '\r' if !escaped => literal.push_str("\\r"),
            other => literal.push(other),
        }
        escaped = char == '\\' && !escaped;
    }
    literal.push('"');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(kind: PartKind, text: &str) -> Result<String, String> {
        let part = PartDraft::new(kind, text.to_owned()).part();
        part.map(|part| part.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn each_type_reads_its_own_text_and_refuses_others() {
        use PartKind::{BigInt, Boolean, Bytes, Number, String};
        assert_eq!(part(String, "42n").unwrap(), r#""42n""#);
        assert_eq!(part(String, r#"say "hi" \u0041"#).unwrap(), r#""say \"hi\" A""#);
        assert_eq!(
            part(String, r#"\"#).unwrap_err(),
            "This string has no end: expected \" before the end of the line"
        );
        assert_eq!(part(Number, "-0").unwrap(), "-0");
        assert_eq!(part(Number, " 0xff ").unwrap(), "255");
        assert_eq!(part(Number, "1n").unwrap_err(), "This is a bigint, not a number");
        assert_eq!(part(Number, "").unwrap_err(), "A number is needed");
        assert_eq!(part(BigInt, "42").unwrap(), "42n");
        assert_eq!(part(BigInt, "42n").unwrap(), "42n");
        assert!(part(BigInt, "4.2").is_err());
        assert_eq!(part(Boolean, "true").unwrap(), "true");
        assert!(part(Boolean, "yes").is_err());
        assert_eq!(part(Bytes, "01FF").unwrap(), "u8[01 ff]");
        assert_eq!(part(Bytes, "").unwrap(), "u8[]");
        assert_eq!(part(Bytes, "new Uint8Array([7])").unwrap(), "u8[07]");
        assert_eq!(
            part(Bytes, "0").unwrap_err(),
            "Bytes are pairs of hexadecimal digits"
        );
    }

    #[test]
    fn a_change_of_type_keeps_what_the_text_means() {
        let converted = |kind, text: &str, to| {
            let mut part = PartDraft::new(kind, text.to_owned());
            part.convert(to);
            part.text
        };
        assert_eq!(converted(PartKind::String, "42", PartKind::Number), "42");
        assert_eq!(
            converted(PartKind::Number, "1e21", PartKind::BigInt),
            "1000000000000000000000"
        );
        assert_eq!(converted(PartKind::BigInt, "42", PartKind::String), "42");
        assert_eq!(converted(PartKind::String, "é", PartKind::Bytes), "c3 a9");
        assert_eq!(converted(PartKind::Bytes, "c3a9", PartKind::String), "é");
        assert_eq!(converted(PartKind::Bytes, "ff", PartKind::String), "ff");
        assert_eq!(converted(PartKind::String, "true", PartKind::Boolean), "true");
    }
}
