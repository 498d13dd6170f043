//! CBOR, after RFC 8949.

use super::item::{DEPTH, Item, Rest};
use super::{Recognised, readable};

/// The tag that says "this is CBOR".
const MARK: [u8; 3] = [0xd9, 0xd9, 0xf7];
/// The byte that ends what has no length.
const BREAK: u8 = 0xff;

/// Reads bytes that are one item and nothing else.
pub(super) fn read(bytes: &[u8]) -> Option<Item> {
    let mut rest = Rest(bytes);
    let item = item(&mut rest, DEPTH)?;
    rest.0.is_empty().then_some(item)
}

/// CBOR that says it is.
pub(super) fn recognise_marked(bytes: &[u8]) -> Option<Recognised> {
    let item = read(bytes.strip_prefix(&MARK)?)?;
    Some(readable("CBOR", bytes.len(), &item))
}

fn item(rest: &mut Rest<'_>, depth: usize) -> Option<Item> {
    let depth = depth.checked_sub(1)?;
    let first = rest.byte()?;
    let information = first & 0x1f;
    if first >> 5 == 7 {
        return simple(rest, information);
    }
    let argument = match information {
        0..=23 => Some(u64::from(information)),
        24..=27 => Some(rest.number(1 << (information - 24))?),
        // No length: items follow until a break.
        31 if matches!(first >> 5, 2..=5) => None,
        _ => return None,
    };
    Some(match (first >> 5, argument) {
        (0, Some(number)) => Item::Integer(i128::from(number)),
        (1, Some(number)) => Item::Integer(-1 - i128::from(number)),
        (2, Some(length)) => Item::Bytes(rest.take(length)?.to_vec()),
        (3, Some(length)) => Item::Text(rest.text(length)?),
        (2, None) => Item::Bytes(
            pieces(rest, |rest| match item(rest, 1)? {
                Item::Bytes(bytes) => Some(bytes),
                _ => None,
            })?
            .concat(),
        ),
        (3, None) => Item::Text(
            pieces(rest, |rest| match item(rest, 1)? {
                Item::Text(text) => Some(text),
                _ => None,
            })?
            .concat(),
        ),
        (4, Some(length)) => Item::List((0..length).map(|_| item(rest, depth)).collect::<Option<_>>()?),
        (4, None) => Item::List(pieces(rest, |rest| item(rest, depth))?),
        (5, Some(length)) => Item::Map((0..length).map(|_| pair(rest, depth)).collect::<Option<_>>()?),
        (5, None) => Item::Map(pieces(rest, |rest| pair(rest, depth))?),
        (6, Some(tag)) => Item::Marked(format!("tag {tag}"), Some(Box::new(item(rest, depth)?))),
        _ => return None,
    })
}

fn pair(rest: &mut Rest<'_>, depth: usize) -> Option<(Item, Item)> {
    Some((item(rest, depth)?, item(rest, depth)?))
}

/// What follows until a break.
fn pieces<'b, T>(rest: &mut Rest<'b>, mut piece: impl FnMut(&mut Rest<'b>) -> Option<T>) -> Option<Vec<T>> {
    let mut pieces = Vec::new();
    while *rest.0.first()? != BREAK {
        pieces.push(piece(rest)?);
    }
    rest.byte()?;
    Some(pieces)
}

/// Floats, `false`, `true`, `null`, `undefined`, and values without a meaning yet.
fn simple(rest: &mut Rest<'_>, information: u8) -> Option<Item> {
    Some(match information {
        20 | 21 => Item::Boolean(information == 21),
        22 => Item::Null,
        23 => Item::Undefined,
        0..=19 => Item::Marked(format!("simple {information}"), None),
        24 => match rest.byte()? {
            number @ 32.. => Item::Marked(format!("simple {number}"), None),
            _ => return None,
        },
        25 => Item::Float(half(u16::try_from(rest.number(2)?).ok()?)),
        26 => Item::Float(f64::from(f32::from_bits(u32::try_from(rest.number(4)?).ok()?))),
        27 => Item::Float(f64::from_bits(rest.number(8)?)),
        _ => return None,
    })
}

/// A float of 16 bits: a sign, 5 bits of exponent, 10 of fraction.
fn half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3ff);
    let magnitude = match bits >> 10 & 0x1f {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (fraction / 1024.0 + 1.0) * 2_f64.powi(i32::from(exponent) - 15),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}
