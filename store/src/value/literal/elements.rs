//! The elements of typed arrays, between bytes and JavaScript numbers.

use num_bigint::BigInt;

use crate::javascript::number::write_number;
use crate::value::{Node, ViewKind};

/// Appends an element as JavaScript prints it, or says that its text would not bring back the same bytes: a NaN
/// with a payload.
pub(super) fn write_element(kind: ViewKind, bytes: &[u8], text: &mut String) -> bool {
    let bits = bytes
        .iter()
        .rev()
        .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let signed = sign_extended(bits, bytes.len());
    match kind {
        ViewKind::Int8Array | ViewKind::Int16Array | ViewKind::Int32Array => {
            text.push_str(&signed.to_string());
        }
        ViewKind::BigInt64Array => text.push_str(&format!("{signed}n")),
        ViewKind::BigUint64Array => text.push_str(&format!("{bits}n")),
        ViewKind::Float16Array | ViewKind::Float32Array | ViewKind::Float64Array => {
            let number = match kind {
                ViewKind::Float16Array => number_of_half(bits),
                #[expect(clippy::cast_possible_truncation, reason = "4 bytes")]
                ViewKind::Float32Array => f64::from(f32::from_bits(bits as u32)),
                _ => f64::from_bits(bits),
            };
            let exact = if number.is_nan() {
                bytes_of_number(kind, f64::NAN).is_some_and(|canonical| canonical == bytes)
            } else {
                true
            };
            if !exact {
                return false;
            }
            if kind == ViewKind::Float32Array {
                write_single(number, text);
            } else {
                write_number(number, text);
            }
        }
        _ => text.push_str(&bits.to_string()),
    }
    true
}

/// An element as JavaScript reads it.
#[cfg(feature = "serde")]
pub(in crate::value) fn element_node(kind: ViewKind, bytes: &[u8]) -> Node {
    let bits = bytes
        .iter()
        .rev()
        .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let signed = sign_extended(bits, bytes.len());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "no element that is a number and no double has more than 4 bytes"
    )]
    Node::Number(match kind {
        ViewKind::BigInt64Array => return Node::BigInt(BigInt::from(signed)),
        ViewKind::BigUint64Array => return Node::BigInt(BigInt::from(bits)),
        ViewKind::Int8Array | ViewKind::Int16Array | ViewKind::Int32Array => signed as f64,
        ViewKind::Float16Array => number_of_half(bits),
        ViewKind::Float32Array => f64::from(f32::from_bits(bits as u32)),
        ViewKind::Float64Array => f64::from_bits(bits),
        _ => bits as f64,
    })
}

/// Appends the shortest digits that become the same single-precision number.
fn write_single(number: f64, text: &mut String) {
    #[expect(clippy::cast_possible_truncation, reason = "it was a single-precision number")]
    let single = number as f32;
    let shorter: Option<f64> = single.to_string().parse().ok();
    #[expect(clippy::cast_possible_truncation, reason = "to see whether it rounds back")]
    let same = |shorter: &f64| (*shorter as f32).to_bits() == single.to_bits();
    write_number(shorter.filter(same).unwrap_or(number), text);
}

fn sign_extended(bits: u64, bytes: usize) -> i64 {
    let unused = 64_usize.saturating_sub(bytes * 8);
    (bits << unused).cast_signed() >> unused
}

/// The number of a half-precision float's bits.
fn number_of_half(bits: u64) -> f64 {
    let sign = if bits >> 15 & 1 == 1 { -1.0 } else { 1.0 };
    let exponent = i32::try_from(bits >> 10 & 0x1f).unwrap_or(0);
    let fraction = u16::try_from(bits & 0x3ff).unwrap_or(0);
    let magnitude = match exponent {
        0x1f if fraction == 0 => f64::INFINITY,
        0x1f => f64::NAN,
        0 => f64::from(fraction) * 2_f64.powi(-24),
        _ => f64::from(fraction | 0x400) * 2_f64.powi(exponent - 25),
    };
    sign * magnitude
}

/// The bytes of the same number in single precision.
pub(in crate::value) fn single_from_half(half: &[u8]) -> [u8; 4] {
    let bits = half
        .iter()
        .rev()
        .fold(0, |bits, byte| bits << 8 | u64::from(*byte));
    #[expect(
        clippy::cast_possible_truncation,
        reason = "every half-precision number is exact in single precision"
    )]
    (number_of_half(bits) as f32).to_le_bytes()
}

/// The nearest half-precision float's bits, ties to even.
fn half_of_number(number: f64) -> u16 {
    let sign = if number.is_sign_negative() { 0x8000 } else { 0 };
    let magnitude = number.abs();
    if magnitude.is_nan() {
        return 0x7e00;
    }
    if magnitude >= 65_520.0 {
        return sign | 0x7c00;
    }
    // Below 2^-14 steps are 2^-24, above they grow with the exponent.
    let bits = magnitude.to_bits();
    let exponent = i32::try_from(bits >> 52).unwrap_or(0) - 1023;
    let (base, step) = if exponent < -14 {
        (0, -24)
    } else {
        (exponent + 14, exponent - 10)
    };
    let steps = (magnitude / 2_f64.powi(step)).round_ties_even();
    #[expect(clippy::cast_possible_truncation, reason = "at most 2048 steps")]
    let steps = steps as i32;
    // With the hidden bit counted as a step of the exponent, a carry moves on by itself.
    sign | u16::try_from((base << 10) + steps).unwrap_or(0x7c00)
}

/// The bytes of a number as an element of a float array.
fn bytes_of_number(kind: ViewKind, number: f64) -> Option<Vec<u8>> {
    #[expect(clippy::cast_possible_truncation, reason = "JavaScript rounds, too")]
    Some(match kind {
        ViewKind::Float16Array => half_of_number(number).to_le_bytes().to_vec(),
        ViewKind::Float32Array => (number as f32).to_le_bytes().to_vec(),
        ViewKind::Float64Array => number.to_le_bytes().to_vec(),
        _ => return None,
    })
}

/// What is no element of a typed array, or no number of a `Deno.KvU64`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ElementError {
    #[error("The elements of a {0} are bigints, such as 1n")]
    BigInts(&'static str),
    #[error("The elements of a {0} are numbers")]
    Numbers(&'static str),
    #[error("{number} does not fit into an element of a {name}")]
    Large { number: String, name: &'static str },
    #[error("{0}n does not fit into a Deno.KvU64, which holds 0n to 18446744073709551615n")]
    LargeU64(BigInt),
}

/// The bytes of a node as an element; the error says what would fit.
pub(super) fn element_bytes(kind: ViewKind, node: &Node) -> Result<Vec<u8>, ElementError> {
    let name = kind.class_name();
    match (kind, node) {
        (ViewKind::BigInt64Array, Node::BigInt(number)) => i64::try_from(number)
            .map(|number| number.to_le_bytes().to_vec())
            .map_err(|_too_large| does_not_fit(number, name)),
        (ViewKind::BigUint64Array, Node::BigInt(number)) => u64::try_from(number)
            .map(|number| number.to_le_bytes().to_vec())
            .map_err(|_too_large| does_not_fit(number, name)),
        (ViewKind::BigInt64Array | ViewKind::BigUint64Array, _) => Err(ElementError::BigInts(name)),
        (_, Node::Number(number)) => {
            if let Some(bytes) = bytes_of_number(kind, *number) {
                return Ok(bytes);
            }
            let size = usize::try_from(kind.element_size()).unwrap_or(1);
            let signed = matches!(
                kind,
                ViewKind::Int8Array | ViewKind::Int16Array | ViewKind::Int32Array
            );
            let range = 1_i64 << (8 * size);
            let (lowest, highest) = if signed {
                (-range / 2, range / 2 - 1)
            } else {
                (0, range - 1)
            };
            #[expect(clippy::cast_possible_truncation, reason = "compared right after")]
            let integer = *number as i64;
            #[expect(clippy::cast_precision_loss, reason = "compared with the number it came from")]
            let whole = integer as f64 == *number;
            if !whole || integer < lowest || integer > highest {
                return Err(does_not_fit(number, name));
            }
            Ok(integer.to_le_bytes().into_iter().take(size).collect())
        }
        _ => Err(ElementError::Numbers(name)),
    }
}

fn does_not_fit(number: impl std::fmt::Display, name: &'static str) -> ElementError {
    ElementError::Large {
        number: number.to_string(),
        name,
    }
}

/// A bigint as the number of a `Deno.KvU64`.
pub(super) fn u64_of(number: &BigInt) -> Result<u64, ElementError> {
    u64::try_from(number).map_err(|_too_large| ElementError::LargeU64(number.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_precision_number_survives_its_text() {
        for bits in 0..=u16::MAX {
            let number = number_of_half(bits.into());
            if number.is_nan() {
                continue;
            }
            assert_eq!(half_of_number(number), bits, "{number}");
        }
        assert_eq!(half_of_number(65_519.9), 0x7bff);
        assert_eq!(half_of_number(65_520.0), 0x7c00);
        assert_eq!(half_of_number(2_f64.powi(-25)), 0, "a tie goes to even");
        assert_eq!(half_of_number(1.5 * 2_f64.powi(-24)), 2);
    }

    #[test]
    fn single_precision_numbers_print_short() {
        let text = |number: f32| {
            let mut text = String::new();
            assert!(write_element(
                ViewKind::Float32Array,
                &number.to_le_bytes(),
                &mut text
            ));
            text
        };
        assert_eq!(text(0.1), "0.1");
        assert_eq!(text(-0.0), "-0");
        assert_eq!(text(f32::NAN), "NaN");
        assert_eq!(text(3.4e38), "3.4e+38");
        assert!(!write_element(
            ViewKind::Float32Array,
            &0x7fc0_0001_u32.to_le_bytes(),
            &mut String::new()
        ));
    }

    #[test]
    fn numbers_that_do_not_fit_are_refused() {
        assert_eq!(
            element_bytes(ViewKind::Int8Array, &Node::Number(-128.0)),
            Ok(vec![0x80])
        );
        assert!(element_bytes(ViewKind::Int8Array, &Node::Number(128.0)).is_err());
        assert!(element_bytes(ViewKind::Uint8Array, &Node::Number(1.5)).is_err());
        assert!(element_bytes(ViewKind::BigInt64Array, &Node::Number(1.0)).is_err());
        assert_eq!(
            element_bytes(ViewKind::Uint32Array, &Node::Number(4_294_967_295.0)),
            Ok(vec![0xff; 4])
        );
    }
}
