//! Values as stored: bytes and their encoding.

use bytes::Bytes;

use super::{Fault, Object, Value, ValueError, ViewKind, v8};

/// How a stored value's bytes are to be read; the numbers are those of Deno's files and of KV Connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// V8's structured-clone format: number 1.
    V8,
    /// A `Deno.KvU64`, 8 bytes, little-endian: number 2.
    Le64,
    /// A `Uint8Array`, the bytes as they are: number 3.
    Bytes,
    /// A number that Keyglass does not know: such a value cannot be read, but it is listed, and moved as it is.
    Unknown(i64),
}

impl Encoding {
    /// The encoding that a number stands for.
    #[must_use]
    pub fn from_number(number: i64) -> Self {
        match number {
            1 => Self::V8,
            2 => Self::Le64,
            3 => Self::Bytes,
            unknown => Self::Unknown(unknown),
        }
    }

    /// Its number.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::V8 => 1,
            Self::Le64 => 2,
            Self::Bytes => 3,
            Self::Unknown(number) => number,
        }
    }

    /// Its number as a Keyglass folder keeps it, in a byte; `None` where it does not fit.
    #[must_use]
    pub fn to_byte(self) -> Option<u8> {
        u8::try_from(self.number()).ok()
    }
}

/// A value's bytes. Cloning is cheap.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StoredValue {
    /// How to read them.
    pub encoding: Encoding,
    /// The bytes.
    pub bytes: Bytes,
}

impl StoredValue {
    /// Reads the value.
    ///
    /// # Errors
    /// If the bytes are broken or of an unknown format.
    pub fn decode(&self) -> Result<Value, ValueError> {
        match self.encoding {
            Encoding::V8 => v8::read(&self.bytes),
            Encoding::Le64 => self.u64().map(|number| Value::of_object(Object::KvU64(number))),
            Encoding::Bytes => Ok(Value::bytes(self.bytes.to_vec())),
            Encoding::Unknown(number) => Err(ValueError::Broken {
                offset: 0,
                fault: Fault::Encoding(number),
            }),
        }
    }

    /// Reads the value, or of a large one only its start: at most so many values, those inside others counted.
    pub(super) fn decode_start(&self, most: usize) -> Result<v8::Start, ValueError> {
        match self.encoding {
            Encoding::V8 => v8::read_start(&self.bytes, most),
            _ => self.decode().map(|value| v8::Start {
                value,
                unfinished: Vec::new(),
            }),
        }
    }

    /// The bytes that Deno would store for the value: a `Deno.KvU64` and a `Uint8Array` have encodings of their
    /// own, everything else is V8's format in version 15, which all of Deno 2 and Node 18 to 26 read.
    ///
    /// # Errors
    /// If JavaScript could not store or read back such a value.
    pub fn from_value(value: &Value) -> Result<Self, ValueError> {
        let stored = |encoding, bytes: Vec<u8>| Self {
            encoding,
            bytes: bytes.into(),
        };
        match value.object_of(value.root()) {
            Some((_, Object::KvU64(number))) => Ok(stored(Encoding::Le64, number.to_le_bytes().to_vec())),
            Some((_, Object::View(view))) if view.kind == ViewKind::Uint8Array => {
                Ok(stored(Encoding::Bytes, value.view_bytes(view).to_vec()))
            }
            _ => Ok(stored(Encoding::V8, v8::write(value)?)),
        }
    }

    /// The value in V8's format even if it has an encoding of its own, as messages of the queue are stored.
    ///
    /// # Errors
    /// If JavaScript could not store or read back such a value.
    pub fn v8(value: &Value) -> Result<Self, ValueError> {
        Ok(Self {
            encoding: Encoding::V8,
            bytes: v8::write(value)?.into(),
        })
    }

    /// What the value is, from its first bytes: `undefined`, `null`, `boolean`, `number`, `bigint`, `string`,
    /// `object`, `Array`, `Map`, `Set`, `Date`, `RegExp`, `Error`, `bytes` (a whole value that is a
    /// `Uint8Array`), `u64` (a `Deno.KvU64`), `ArrayBuffer` or the class of a view, `boxed`, `host`; `broken` if
    /// they are no value. That the bytes begin well does not say that they can be decoded.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self.encoding {
            Encoding::V8 => v8::class_name(&self.bytes).unwrap_or("broken"),
            Encoding::Le64 if self.bytes.len() == 8 => "u64",
            Encoding::Le64 => "broken",
            Encoding::Bytes => "bytes",
            Encoding::Unknown(_) => "broken",
        }
    }

    fn u64(&self) -> Result<u64, ValueError> {
        let bytes: &[u8] = &self.bytes;
        let wrong_length = |_| ValueError::Broken {
            offset: 0,
            fault: Fault::U64Length(self.bytes.len()),
        };
        bytes.try_into().map(u64::from_le_bytes).map_err(wrong_length)
    }
}

impl TryFrom<&Value> for StoredValue {
    type Error = ValueError;

    fn try_from(value: &Value) -> Result<Self, ValueError> {
        Self::from_value(value)
    }
}
