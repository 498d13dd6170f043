//! Integers: numbers as long as those are exact, beyond that bigints.

use num_bigint::BigInt;

use crate::value::Node;

/// JavaScript's `Number.MAX_SAFE_INTEGER`, 2⁵³ - 1.
const MAX_SAFE: u64 = (1 << 53) - 1;

/// The node of an integer.
pub(super) fn integer<N: Copy + TryInto<i64> + Into<BigInt>>(number: N) -> Node {
    match number.try_into() {
        #[expect(clippy::cast_precision_loss, reason = "every such integer is exact")]
        Ok(small) if small.unsigned_abs() <= MAX_SAFE => Node::Number(small as f64),
        _ => Node::BigInt(number.into()),
    }
}

/// The integer that a number is.
pub(super) fn whole(number: f64) -> Option<i128> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a whole number below 2^96 is exact"
    )]
    (number.trunc() == number && number.abs() < 2_f64.powi(96)).then_some(number as i128)
}

/// The methods of a `Deserializer` that ask for a number, by the type's own `integer` and `float`.
macro_rules! forward_numbers {
    () => {
        forward_numbers! {
            integer:
            deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
            deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        }
        forward_numbers! { float: deserialize_f32 deserialize_f64 }
    };
    ($kind:ident: $($method:ident)*) => {
        $(fn $method<V: Visitor<'v>>(self, visitor: V) -> Result<V::Value, DataError> {
            self.$kind(visitor)
        })*
    };
}
pub(super) use forward_numbers;
