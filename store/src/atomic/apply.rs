//! What one mutation makes of what stands under its key.

use super::MutationKind;
use super::arithmetic::Arithmetic;
use super::sum::{Limits, sum};
use crate::error::DatabaseError;
use crate::value::{Encoding, StoredValue};

impl MutationKind {
    /// The value after the mutation; `None` if the key is absent then. `stored` is what stands under the key before.
    ///
    /// # Errors
    /// If the operand or the stored value is of a type that the mutation does not take, in Deno's words.
    pub fn apply(&self, stored: Option<StoredValue>) -> Result<Option<StoredValue>, DatabaseError> {
        let stored = stored.as_ref();
        match self {
            Self::Set { value, .. } | Self::SetSuffixVersionstampedKey { value, .. } => Ok(value.clone()),
            Self::Delete => return Ok(None),
            Self::Sum { operand, .. } if operand.encoding == Encoding::Le64 => {
                Arithmetic::Sum.apply(stored, operand)
            }
            Self::Sum {
                operand,
                min,
                max,
                clamp,
            } => {
                let limits = Limits {
                    min: min.as_ref(),
                    max: max.as_ref(),
                    clamp: *clamp,
                };
                sum(stored.cloned(), operand, limits)
            }
            Self::Min(operand) => Arithmetic::Min.apply(stored, operand),
            Self::Max(operand) => Arithmetic::Max.apply(stored, operand),
        }
        .map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Node, Object, Value};

    fn number(number: f64) -> StoredValue {
        StoredValue::from_value(&Value::primitive(Node::Number(number))).unwrap()
    }

    fn kv_u64(number: u64) -> StoredValue {
        StoredValue::from_value(&Value::of_object(Object::KvU64(number))).unwrap()
    }

    fn sum_of(operand: StoredValue) -> MutationKind {
        MutationKind::Sum {
            operand,
            min: None,
            max: None,
            clamp: false,
        }
    }

    #[test]
    fn each_mutation_tells_what_stands_there_after_it() {
        let set = MutationKind::Set {
            value: number(1.0),
            expires_at: None,
        };
        let after = |kind: MutationKind, stored| kind.apply(stored).unwrap();
        let seven = || Some(kv_u64(7));
        assert_eq!(after(set, seven()), Some(number(1.0)));
        assert_eq!(after(MutationKind::Delete, seven()), None);
        assert_eq!(after(sum_of(kv_u64(2)), seven()), Some(kv_u64(9)));
        assert_eq!(after(sum_of(number(0.5)), None), Some(number(0.5)));
        assert_eq!(after(MutationKind::Min(kv_u64(2)), seven()), Some(kv_u64(2)));
        assert_eq!(after(MutationKind::Max(kv_u64(2)), seven()), seven());
    }

    #[test]
    fn a_type_that_does_not_fit_is_told_in_the_words_of_deno() {
        let told = |kind: MutationKind, stored| kind.apply(Some(stored)).unwrap_err().to_string();
        assert_eq!(
            told(sum_of(number(1.0)), kv_u64(7)),
            "Cannot sum KvU64 with Number"
        );
        assert_eq!(
            told(MutationKind::Max(kv_u64(1)), number(7.0)),
            "Failed to perform 'max' mutation on a non-U64 value in the database"
        );
    }
}
