//! Sums of JavaScript bigints and numbers, with Deno's rules and messages.

use bytes::Bytes;
use num_bigint::BigInt;

use crate::error::DatabaseError;
use crate::limits::{LimitError, VALUE_BYTES};
use crate::value::{Encoding, Node, Object, StoredValue, Value};

/// Limits of a sum's result, as V8 bytes of the operand's type. They say nothing about a key that is absent.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limits<'a> {
    pub(super) min: Option<&'a Bytes>,
    pub(super) max: Option<&'a Bytes>,
    /// Clip a result outside the limits instead of failing.
    pub(super) clamp: bool,
}

/// Something that can be summed.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
enum Summand {
    BigInt(BigInt),
    Number(f64),
    U64(u64),
}

impl Summand {
    fn read(value: &StoredValue) -> Option<Self> {
        let value = value.decode().ok()?;
        match (value.root(), value.object_of(value.root())) {
            (Node::BigInt(number), _) => Some(Self::BigInt(number.clone())),
            (Node::Number(number), _) => Some(Self::Number(*number)),
            (_, Some((_, Object::KvU64(number)))) => Some(Self::U64(*number)),
            _ => None,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::BigInt(_) => "BigInt",
            Self::Number(_) => "Number",
            Self::U64(_) => "KvU64",
        }
    }

    fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    fn into_stored(self) -> Result<StoredValue, DatabaseError> {
        let value = match self {
            Self::BigInt(number) => Value::primitive(Node::BigInt(number)),
            Self::Number(number) => Value::primitive(Node::Number(number)),
            Self::U64(number) => Value::of_object(Object::KvU64(number)),
        };
        let stored = StoredValue::from_value(&value).map_err(|error| type_error(error.to_string()))?;
        if stored.bytes.len() > VALUE_BYTES {
            return Err(LimitError::Value(VALUE_BYTES).into());
        }
        Ok(stored)
    }
}

/// The sum of what stands under a key and an operand that is no `KvU64`.
///
/// # Errors
/// If one of them, or a limit, is of a type that does not fit the others, or the result is outside the
/// limits and not to be clipped.
pub(super) fn sum(
    stored: Option<StoredValue>,
    operand: &StoredValue,
    limits: Limits<'_>,
) -> Result<StoredValue, DatabaseError> {
    let operand_number = Summand::read(operand).ok_or_else(invalid_parameters)?;
    let (min, max) = (read_limit(limits.min)?, read_limit(limits.max)?);
    if [&min, &max]
        .into_iter()
        .flatten()
        .any(|limit| !limit.is_like(&operand_number))
    {
        return Err(type_error(
            "Min/max parameters have different types than the operand",
        ));
    }
    let Some(stored) = stored else {
        return Ok(operand.clone());
    };
    let stored = Summand::read(&stored).ok_or_else(|| type_error("unsupported value type"))?;
    let is_unlimited = min.is_none() && max.is_none() && !limits.clamp;
    let sum = match (stored, operand_number) {
        (Summand::BigInt(stored), Summand::BigInt(operand)) => Summand::BigInt(stored + operand),
        (Summand::Number(stored), Summand::Number(operand)) => Summand::Number(stored + operand),
        (Summand::U64(stored), Summand::BigInt(operand)) if is_unlimited => {
            let operand = u64::try_from(&operand).map_err(|_outside| cannot_sum("KvU64", "BigInt"))?;
            Summand::U64(stored.wrapping_add(operand))
        }
        (stored, operand) => return Err(cannot_sum(stored.name(), operand.name())),
    };
    clip(sum, min, max, limits.clamp)?.into_stored()
}

fn read_limit(limit: Option<&Bytes>) -> Result<Option<Summand>, DatabaseError> {
    // On the wire an absent limit is an empty one.
    let Some(bytes) = limit.filter(|bytes| !bytes.is_empty()) else {
        return Ok(None);
    };
    let value = StoredValue {
        encoding: Encoding::V8,
        bytes: bytes.clone(),
    };
    Summand::read(&value).map(Some).ok_or_else(invalid_parameters)
}

fn clip(
    mut sum: Summand,
    min: Option<Summand>,
    max: Option<Summand>,
    clamp: bool,
) -> Result<Summand, DatabaseError> {
    let out_of_range = || type_error("The result of a Sum operation would exceed its range limit");
    if let Some(min) = min.filter(|min| sum < *min) {
        sum = clamp.then_some(min).ok_or_else(out_of_range)?;
    }
    if let Some(max) = max.filter(|max| sum > *max) {
        sum = clamp.then_some(max).ok_or_else(out_of_range)?;
    }
    Ok(sum)
}

fn type_error(message: impl Into<String>) -> DatabaseError {
    DatabaseError::Type(message.into())
}

fn invalid_parameters() -> DatabaseError {
    type_error("Some of the parameters are not valid V8 values")
}

fn cannot_sum(stored: &str, operand: &str) -> DatabaseError {
    type_error(format!("Cannot sum {stored} with {operand}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(node: Node) -> StoredValue {
        StoredValue::from_value(&Value::primitive(node)).unwrap()
    }

    fn bigint(number: i128) -> StoredValue {
        stored(Node::BigInt(number.into()))
    }

    fn number(number: f64) -> StoredValue {
        stored(Node::Number(number))
    }

    fn u64(number: u64) -> StoredValue {
        StoredValue::from_value(&Value::of_object(Object::KvU64(number))).unwrap()
    }

    fn message(result: Result<StoredValue, DatabaseError>) -> String {
        result.unwrap_err().to_string()
    }

    fn plain(left: StoredValue, right: &StoredValue) -> Result<StoredValue, DatabaseError> {
        sum(Some(left), right, Limits::default())
    }

    #[test]
    fn bigints_of_any_size_and_numbers_add_up() {
        let large = i128::from(u64::MAX) * 1000;
        assert_eq!(plain(bigint(large), &bigint(-1)).unwrap(), bigint(large - 1));
        assert_eq!(plain(number(0.5), &number(2.0)).unwrap(), number(2.5));
        assert_eq!(sum(None, &bigint(7), Limits::default()).unwrap(), bigint(7));
    }

    #[test]
    fn a_kvu64_takes_a_bigint_that_fits() {
        assert_eq!(plain(u64(u64::MAX), &bigint(2)).unwrap(), u64(1));
        assert_eq!(
            message(plain(u64(1), &bigint(-1))),
            "Cannot sum KvU64 with BigInt"
        );
        assert_eq!(
            message(plain(u64(1), &number(1.0))),
            "Cannot sum KvU64 with Number"
        );
    }

    #[test]
    fn types_that_do_not_fit_are_refused_in_denos_words() {
        assert_eq!(
            message(plain(bigint(1), &number(1.0))),
            "Cannot sum BigInt with Number"
        );
        assert_eq!(
            message(plain(stored(Node::Null), &number(1.0))),
            "unsupported value type"
        );
        assert_eq!(
            message(plain(bigint(1), &stored(Node::Boolean(true)))),
            "Some of the parameters are not valid V8 values"
        );
        let limits = Limits {
            min: Some(&bigint(1).bytes),
            ..Limits::default()
        };
        assert_eq!(
            message(sum(None, &number(1.0), limits)),
            "Min/max parameters have different types than the operand"
        );
    }

    #[test]
    fn a_result_outside_its_limits_is_clipped_or_refused() {
        let (min, max) = (bigint(-5).bytes, bigint(5).bytes);
        let limits = |clamp| Limits {
            min: Some(&min),
            max: Some(&max),
            clamp,
        };
        let add = |operand, clamp| sum(Some(bigint(0)), &bigint(operand), limits(clamp));
        assert_eq!(add(6, true).unwrap(), bigint(5));
        assert_eq!(add(-6, true).unwrap(), bigint(-5));
        assert_eq!(add(5, false).unwrap(), bigint(5));
        assert_eq!(
            message(add(6, false)),
            "The result of a Sum operation would exceed its range limit"
        );
        assert_eq!(sum(None, &bigint(9), limits(false)).unwrap(), bigint(9));
    }
}
