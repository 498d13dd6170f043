//! The order-preserving bytes of keys, as Deno KV and KV Connect define them.
//!
//! A key is its parts one after the other, each a tag and a body:
//!
//! | part | tag | body |
//! | --- | --- | --- |
//! | `Uint8Array` | `01` | the bytes, each `00` as `00 ff`, then `00` |
//! | string | `02` | UTF-8, escaped the same way, then `00` |
//! | bigint below 0 | `14 - n`, or `0b` and `n ^ ff` for n > 8 | n magnitude bytes, big-endian, inverted |
//! | bigint 0 | `14` | none |
//! | bigint above 0 | `14 + n`, or `1d` and `n` for n > 8 | n magnitude bytes, big-endian |
//! | number | `21` | 8 bytes, big-endian: inverted if negative, else with the sign bit flipped |
//! | `false`, `true` | `26`, `27` | none |
//!
//! Decoding is as lenient as Deno's: bigints with leading zeros and NaNs with a payload are accepted.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use bytes::Bytes;
use num_bigint::{BigInt, Sign};

use super::{Key, KeyPart};

const BYTES: u8 = 0x01;
const STRING: u8 = 0x02;
const BIGINT_NEGATIVE_LONG: u8 = 0x0b;
const BIGINT_ZERO: u8 = 0x14;
const BIGINT_POSITIVE_LONG: u8 = 0x1d;
const NUMBER: u8 = 0x21;
const FALSE: u8 = 0x26;
const TRUE: u8 = 0x27;
const SIGN_BIT: u64 = 1 << 63;

/// The bytes of a key, or of a bound of a range. Compares as keys do. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct EncodedKey(Bytes);

/// A key has no bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyEncodeError {
    /// Deno's limit for bigints in keys.
    #[error("A bigint in a key may have at most 255 bytes, and this one needs {0}")]
    BigIntTooLong(usize),
}

/// Bytes are no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyDecodeError {
    /// No part begins with this byte.
    #[error("invalid tag {tag:02x} at byte {offset} of the key")]
    InvalidTag {
        /// The byte found.
        tag: u8,
        /// Where it stands.
        offset: usize,
    },
    /// A part is cut short.
    #[error("unexpected end of the key, in the part that begins at byte {offset}")]
    UnexpectedEnd {
        /// Where the part begins.
        offset: usize,
    },
    /// A string is not UTF-8.
    #[error("invalid UTF-8 in the string that begins at byte {offset} of the key")]
    InvalidUtf8 {
        /// Where the part begins.
        offset: usize,
    },
}

/// Length in bytes of one encoded part, tag included.
pub type PartLength = usize;

impl EncodedKey {
    /// Takes bytes as they are; they need not be a valid key.
    #[must_use]
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        Self(bytes.into())
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, shared.
    #[must_use]
    pub fn to_shared(&self) -> Bytes {
        self.0.clone()
    }

    /// Reads the parts back.
    ///
    /// # Errors
    /// If the bytes are no key; see [`KeyDecodeError`].
    pub fn decode(&self) -> Result<Key, KeyDecodeError> {
        let mut parts = Vec::new();
        let mut rest: &[u8] = &self.0;
        while !rest.is_empty() {
            let offset = self.0.len() - rest.len();
            let (part, after) = decode_part(rest).map_err(|error| error.moved_by(offset))?;
            parts.push(part);
            rest = after;
        }
        Ok(Key(parts))
    }

    /// The parts as far as they can be read; bytes that are no key part follow as one last part of bytes.
    #[must_use]
    pub fn decode_readable(&self) -> Key {
        let mut parts = Vec::new();
        let mut rest: &[u8] = &self.0;
        while !rest.is_empty() {
            match decode_part(rest) {
                Ok((part, after)) => {
                    parts.push(part);
                    rest = after;
                }
                Err(_no_part) => {
                    parts.push(KeyPart::Bytes(rest.to_vec()));
                    break;
                }
            }
        }
        Key(parts)
    }

    /// Where each part ends, in bytes from the start. Bytes that are no key part count as one last part.
    #[must_use]
    pub fn part_ends(&self) -> Vec<usize> {
        let mut ends = Vec::new();
        let mut at = 0;
        while let Some(rest) = self.0.get(at..).filter(|rest| !rest.is_empty()) {
            at += first_part_length(rest).unwrap_or(rest.len());
            ends.push(at);
        }
        ends
    }

    /// The first `length` bytes as a key of their own; all of them if it is shorter.
    #[must_use]
    pub fn truncated(&self, length: usize) -> Self {
        Self(self.0.slice(..length.min(self.0.len())))
    }

    /// Whether this key is `prefix`, or has more parts after its parts.
    #[must_use]
    pub fn is_at_or_below(&self, prefix: &Self) -> bool {
        // A `00` ends a part, unless `ff` follows: that is how a zero within a part is written.
        let ends_with_zero = prefix.0.last() == Some(&0);
        self.0
            .strip_prefix(&*prefix.0)
            .is_some_and(|rest| !(ends_with_zero && rest.first() == Some(&0xff)))
    }

    /// The parts' bytes followed by some more.
    #[must_use]
    pub fn with_suffix(&self, suffix: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(self.0.len() + suffix.len());
        bytes.extend_from_slice(&self.0);
        bytes.extend_from_slice(suffix);
        Self(bytes.into())
    }
}

impl fmt::Debug for EncodedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for EncodedKey {
    /// The key's JavaScript text; bytes that are no key as `bytes [01 ff]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Ok(key) = self.decode() {
            return fmt::Display::fmt(&key, f);
        }
        f.write_str("bytes [")?;
        for (index, byte) in self.0.iter().enumerate() {
            write!(f, "{}{byte:02x}", if index == 0 { "" } else { " " })?;
        }
        f.write_str("]")
    }
}

impl KeyDecodeError {
    fn moved_by(self, by: usize) -> Self {
        match self {
            Self::InvalidTag { tag, offset } => Self::InvalidTag {
                tag,
                offset: offset + by,
            },
            Self::UnexpectedEnd { offset } => Self::UnexpectedEnd { offset: offset + by },
            Self::InvalidUtf8 { offset } => Self::InvalidUtf8 { offset: offset + by },
        }
    }
}

impl Key {
    /// The key's bytes.
    ///
    /// # Errors
    /// If a bigint is longer than 255 bytes.
    pub fn encode(&self) -> Result<EncodedKey, KeyEncodeError> {
        let mut bytes = Vec::new();
        for part in &self.0 {
            part.encode_into(&mut bytes)?;
        }
        Ok(EncodedKey(bytes.into()))
    }
}

impl KeyPart {
    /// Appends the part's bytes.
    ///
    /// # Errors
    /// If a bigint is longer than 255 bytes.
    pub fn encode_into(&self, bytes: &mut Vec<u8>) -> Result<(), KeyEncodeError> {
        match self {
            Self::Bytes(body) => encode_terminated(BYTES, body, bytes),
            Self::String(text) => encode_terminated(STRING, text.as_bytes(), bytes),
            Self::BigInt(number) => encode_bigint(number, bytes)?,
            Self::Number(number) => {
                bytes.push(NUMBER);
                bytes.extend_from_slice(&ordered_bits(*number).to_be_bytes());
            }
            Self::Boolean(value) => bytes.push(if *value { TRUE } else { FALSE }),
        }
        Ok(())
    }
}

/// Bits of a number that compare as keys do; every NaN of one sign is the same.
fn ordered_bits(number: f64) -> u64 {
    let canonical = if number.is_nan() {
        f64::from_bits(0x7ff8_0000_0000_0000).copysign(number)
    } else {
        number
    };
    let bits = canonical.to_bits();
    if bits & SIGN_BIT == 0 {
        bits ^ SIGN_BIT
    } else {
        !bits
    }
}

fn encode_terminated(tag: u8, body: &[u8], bytes: &mut Vec<u8>) {
    bytes.push(tag);
    for byte in body {
        bytes.push(*byte);
        if *byte == 0 {
            bytes.push(0xff);
        }
    }
    bytes.push(0);
}

fn encode_bigint(number: &BigInt, bytes: &mut Vec<u8>) -> Result<(), KeyEncodeError> {
    let (sign, magnitude) = number.to_bytes_be();
    if sign == Sign::NoSign {
        bytes.push(BIGINT_ZERO);
        return Ok(());
    }
    let negative = sign == Sign::Minus;
    let length =
        u8::try_from(magnitude.len()).map_err(|_too_long| KeyEncodeError::BigIntTooLong(magnitude.len()))?;
    match (length, negative) {
        (1..=8, true) => bytes.push(BIGINT_ZERO - length),
        (1..=8, false) => bytes.push(BIGINT_ZERO + length),
        (_, true) => bytes.extend_from_slice(&[BIGINT_NEGATIVE_LONG, !length]),
        (_, false) => bytes.extend_from_slice(&[BIGINT_POSITIVE_LONG, length]),
    }
    bytes.extend(magnitude.iter().map(|byte| if negative { !byte } else { *byte }));
    Ok(())
}

/// How many bytes the first part of `bytes` takes, without reading its body.
///
/// # Errors
/// If no part begins here or it is cut short. Text is not checked for UTF-8.
pub fn first_part_length(bytes: &[u8]) -> Result<PartLength, KeyDecodeError> {
    let cut_short = KeyDecodeError::UnexpectedEnd { offset: 0 };
    let (&tag, body) = bytes.split_first().ok_or(cut_short)?;
    let body_length = match tag {
        BYTES | STRING => terminated_length(body).ok_or(cut_short)?,
        BIGINT_NEGATIVE_LONG => 1 + usize::from(!body.first().ok_or(cut_short)?),
        BIGINT_POSITIVE_LONG => 1 + usize::from(*body.first().ok_or(cut_short)?),
        0x0c..=0x1c => usize::from(tag.abs_diff(BIGINT_ZERO)),
        NUMBER => 8,
        FALSE | TRUE => 0,
        _ => return Err(KeyDecodeError::InvalidTag { tag, offset: 0 }),
    };
    if body.len() < body_length {
        Err(cut_short)
    } else {
        Ok(1 + body_length)
    }
}

/// Length of an escaped body, its terminator included.
fn terminated_length(body: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += body.get(at..)?.iter().position(|byte| *byte == 0)?;
        if body.get(at + 1) != Some(&0xff) {
            return Some(at + 1);
        }
        at += 2;
    }
}

fn decode_part(bytes: &[u8]) -> Result<(KeyPart, &[u8]), KeyDecodeError> {
    let cut_short = KeyDecodeError::UnexpectedEnd { offset: 0 };
    let (part, rest) = bytes
        .split_at_checked(first_part_length(bytes)?)
        .ok_or(cut_short)?;
    let (&tag, body) = part.split_first().ok_or(cut_short)?;
    let part = match tag {
        BYTES => KeyPart::Bytes(unescape(body)),
        STRING => KeyPart::String(
            String::from_utf8(unescape(body)).map_err(|_utf8| KeyDecodeError::InvalidUtf8 { offset: 0 })?,
        ),
        NUMBER => {
            let bits = body.iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte));
            KeyPart::Number(f64::from_bits(if bits & SIGN_BIT == 0 {
                !bits
            } else {
                bits ^ SIGN_BIT
            }))
        }
        FALSE => KeyPart::Boolean(false),
        TRUE => KeyPart::Boolean(true),
        BIGINT_NEGATIVE_LONG => KeyPart::BigInt(negative(body.get(1..).ok_or(cut_short)?)),
        BIGINT_POSITIVE_LONG => {
            KeyPart::BigInt(BigInt::from_bytes_be(Sign::Plus, body.get(1..).ok_or(cut_short)?))
        }
        _ if tag < BIGINT_ZERO => KeyPart::BigInt(negative(body)),
        _ => KeyPart::BigInt(BigInt::from_bytes_be(Sign::Plus, body)),
    };
    Ok((part, rest))
}

fn negative(inverted: &[u8]) -> BigInt {
    let magnitude: Vec<u8> = inverted.iter().map(|byte| !byte).collect();
    BigInt::from_bytes_be(Sign::Minus, &magnitude)
}

/// The bytes of an escaped body without its terminator.
fn unescape(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len());
    let mut after_zero = false;
    for byte in body.split_last().map_or(body, |(_terminator, bytes)| bytes) {
        if !(after_zero && *byte == 0xff) {
            bytes.push(*byte);
        }
        after_zero = *byte == 0 && !after_zero;
    }
    bytes
}

impl PartialEq for KeyPart {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for KeyPart {}

impl PartialOrd for KeyPart {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for KeyPart {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bytes(a), Self::Bytes(b)) => a.cmp(b),
            (Self::String(a), Self::String(b)) => a.cmp(b),
            (Self::BigInt(a), Self::BigInt(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => ordered_bits(*a).cmp(&ordered_bits(*b)),
            (Self::Boolean(a), Self::Boolean(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl KeyPart {
    fn rank(&self) -> u8 {
        match self {
            Self::Bytes(_) => 0,
            Self::String(_) => 1,
            Self::BigInt(_) => 2,
            Self::Number(_) => 3,
            Self::Boolean(_) => 4,
        }
    }
}

impl Hash for KeyPart {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rank().hash(state);
        match self {
            Self::Bytes(bytes) => bytes.hash(state),
            Self::String(text) => text.hash(state),
            Self::BigInt(number) => number.hash(state),
            Self::Number(number) => ordered_bits(*number).hash(state),
            Self::Boolean(value) => value.hash(state),
        }
    }
}
