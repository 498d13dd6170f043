//! MessagePack, after its specification at <https://github.com/msgpack/msgpack/blob/master/spec.md>.

use super::item::{DEPTH, Item, Rest};

/// The extension type of a timestamp.
const TIMESTAMP: i8 = -1;

/// Reads bytes that are one item and nothing else.
pub(super) fn read(bytes: &[u8]) -> Option<Item> {
    let mut rest = Rest(bytes);
    let item = item(&mut rest, DEPTH)?;
    rest.0.is_empty().then_some(item)
}

fn item(rest: &mut Rest<'_>, depth: usize) -> Option<Item> {
    let depth = depth.checked_sub(1)?;
    let first = rest.byte()?;
    Some(match first {
        0x00..=0x7f => Item::Integer(i128::from(first)),
        0x80..=0x8f => map(rest, u64::from(first & 0x0f), depth)?,
        0x90..=0x9f => list(rest, u64::from(first & 0x0f), depth)?,
        0xa0..=0xbf => Item::Text(rest.text(u64::from(first & 0x1f))?),
        0xc0 => Item::Null,
        0xc1 => return None,
        0xc2 | 0xc3 => Item::Boolean(first == 0xc3),
        0xc4..=0xc6 => {
            let length = rest.number(1 << (first - 0xc4))?;
            Item::Bytes(rest.take(length)?.to_vec())
        }
        0xc7..=0xc9 => {
            let length = rest.number(1 << (first - 0xc7))?;
            extension(rest, length)?
        }
        0xca => Item::Float(f64::from(f32::from_bits(u32::try_from(rest.number(4)?).ok()?))),
        0xcb => Item::Float(f64::from_bits(rest.number(8)?)),
        0xcc..=0xcf => Item::Integer(i128::from(rest.number(1 << (first - 0xcc))?)),
        0xd0..=0xd3 => {
            let length = 1_u32 << (first - 0xd0);
            let number = rest.number(u64::from(length))?;
            // The sign is in the highest of the bits that are there.
            let shift = 64 - 8 * length;
            Item::Integer(i128::from((number << shift).cast_signed() >> shift))
        }
        0xd4..=0xd8 => extension(rest, 1 << (first - 0xd4))?,
        0xd9..=0xdb => {
            let length = rest.number(1 << (first - 0xd9))?;
            Item::Text(rest.text(length)?)
        }
        0xdc | 0xdd => {
            let length = rest.number(if first == 0xdc { 2 } else { 4 })?;
            list(rest, length, depth)?
        }
        0xde | 0xdf => {
            let length = rest.number(if first == 0xde { 2 } else { 4 })?;
            map(rest, length, depth)?
        }
        0xe0..=0xff => Item::Integer(i128::from(first.cast_signed())),
    })
}

// Nothing is reserved for the lengths that bytes claim: each item takes a byte at least, or the bytes end.

fn list(rest: &mut Rest<'_>, length: u64, depth: usize) -> Option<Item> {
    (0..length)
        .map(|_| item(rest, depth))
        .collect::<Option<_>>()
        .map(Item::List)
}

fn map(rest: &mut Rest<'_>, length: u64, depth: usize) -> Option<Item> {
    (0..length)
        .map(|_| Some((item(rest, depth)?, item(rest, depth)?)))
        .collect::<Option<_>>()
        .map(Item::Map)
}

fn extension(rest: &mut Rest<'_>, length: u64) -> Option<Item> {
    let kind = rest.byte()?.cast_signed();
    let bytes = rest.take(length)?;
    if kind == TIMESTAMP
        && let Some(moment) = timestamp(bytes)
    {
        return Some(Item::Marked(format!("timestamp {moment}"), None));
    }
    let bytes = Item::Bytes(bytes.to_vec());
    Some(Item::Marked(format!("extension {kind}"), Some(Box::new(bytes))))
}

/// Seconds in 4 bytes; nanoseconds in 30 and seconds in 34 bits; or nanoseconds in 4 and seconds in 8 bytes.
fn timestamp(bytes: &[u8]) -> Option<jiff::Timestamp> {
    let mut rest = Rest(bytes);
    let (seconds, nanoseconds) = match bytes.len() {
        4 => (rest.number(4)?.cast_signed(), 0),
        8 => {
            let both = rest.number(8)?;
            ((both & ((1 << 34) - 1)).cast_signed(), both >> 34)
        }
        12 => {
            let nanoseconds = rest.number(4)?;
            (rest.number(8)?.cast_signed(), nanoseconds)
        }
        _ => return None,
    };
    jiff::Timestamp::new(seconds, i32::try_from(nanoseconds).ok()?).ok()
}
