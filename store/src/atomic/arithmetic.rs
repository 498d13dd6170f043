//! What sum, min and max make of two `KvU64`s, with Deno's rules and messages.

use bytes::Bytes;

use crate::error::DatabaseError;
use crate::value::{Encoding, StoredValue};

/// `sum`, `min` or `max` of `KvU64`s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Sum,
    Min,
    Max,
}

impl Arithmetic {
    fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Min => "min",
            Self::Max => "max",
        }
    }

    /// The value after the mutation. `stored` is what stands under the key, if anything.
    ///
    /// # Errors
    /// If one of the two is no `KvU64`.
    pub(super) fn apply(
        self,
        stored: Option<&StoredValue>,
        operand: &StoredValue,
    ) -> Result<StoredValue, DatabaseError> {
        let operand_number = as_u64(operand).ok_or_else(|| {
            DatabaseError::Type(format!(
                "Failed to perform '{}' mutation on a non-U64 operand",
                self.name()
            ))
        })?;
        let Some(stored) = stored else {
            return Ok(operand.clone());
        };
        let stored_number = as_u64(stored).ok_or_else(|| {
            DatabaseError::Type(format!(
                "Failed to perform '{}' mutation on a non-U64 value in the database",
                self.name()
            ))
        })?;
        let result = match self {
            Self::Sum => stored_number.wrapping_add(operand_number),
            Self::Min => stored_number.min(operand_number),
            Self::Max => stored_number.max(operand_number),
        };
        Ok(StoredValue {
            encoding: Encoding::Le64,
            bytes: Bytes::copy_from_slice(&result.to_le_bytes()),
        })
    }
}

fn as_u64(value: &StoredValue) -> Option<u64> {
    if value.encoding != Encoding::Le64 {
        return None;
    }
    value.bytes.as_ref().try_into().ok().map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: u64) -> StoredValue {
        StoredValue {
            encoding: Encoding::Le64,
            bytes: Bytes::copy_from_slice(&value.to_le_bytes()),
        }
    }

    fn apply(arithmetic: Arithmetic, stored: u64, operand: u64) -> StoredValue {
        let stored = number(stored);
        arithmetic.apply(Some(&stored), &number(operand)).unwrap()
    }

    #[test]
    fn sums_wrap_and_comparisons_are_unsigned() {
        assert_eq!(apply(Arithmetic::Sum, u64::MAX, 2), number(1));
        assert_eq!(apply(Arithmetic::Min, u64::MAX, 1), number(1));
        assert_eq!(apply(Arithmetic::Max, u64::MAX, 1), number(u64::MAX));
    }

    #[test]
    fn an_absent_key_takes_the_operand() {
        assert_eq!(Arithmetic::Min.apply(None, &number(7)).unwrap(), number(7));
    }

    #[test]
    fn other_types_are_refused_in_denos_words() {
        let text = StoredValue {
            encoding: Encoding::Bytes,
            bytes: Bytes::from_static(b"12345678"),
        };
        let stored = Arithmetic::Sum.apply(Some(&text), &number(1));
        assert_eq!(
            stored.unwrap_err().to_string(),
            "Failed to perform 'sum' mutation on a non-U64 value in the database"
        );
        let operand = Arithmetic::Max.apply(None, &text);
        assert_eq!(
            operand.unwrap_err().to_string(),
            "Failed to perform 'max' mutation on a non-U64 operand"
        );
        let short = StoredValue {
            encoding: Encoding::Le64,
            bytes: Bytes::from_static(b"1"),
        };
        assert!(Arithmetic::Min.apply(None, &short).is_err());
    }
}
