//! gzip and zlib: unpacked within a limit, and looked into.

use std::io::Read;

use flate2::read::{MultiGzDecoder, ZlibDecoder};

use super::{Content, Recognised, UNPACKED_BYTES, recognise_to, titled};
use crate::format;

pub(super) fn recognise(bytes: &[u8], depth: usize) -> Option<Recognised> {
    let depth = depth.checked_sub(1)?;
    if bytes.starts_with(&[0x1f, 0x8b, 8]) {
        let unpacked = unpack(MultiGzDecoder::new(bytes));
        return Some(look_into("gzip", bytes.len(), unpacked, depth));
    }
    if !begins_like_zlib(bytes) {
        return None;
    }
    // The two bytes of a header are little evidence, so the rest must be whole.
    let unpacked = unpack(ZlibDecoder::new(bytes));
    let is_believed = unpacked.end != End::Broken && !unpacked.bytes.is_empty();
    is_believed.then(|| look_into("zlib", bytes.len(), unpacked, depth))
}

/// RFC 1950: deflate with a window, and a check of both bytes.
fn begins_like_zlib(bytes: &[u8]) -> bool {
    let [first, second, ..] = bytes else { return false };
    let (first, second) = (u16::from(*first), u16::from(*second));
    first & 0x0f == 8 && first >> 4 <= 7 && (first << 8 | second).is_multiple_of(31) && second & 0x20 == 0
}

/// How unpacking ended.
#[derive(PartialEq, Eq)]
enum End {
    Whole,
    TooLong,
    Broken,
}

struct Unpacked {
    bytes: Vec<u8>,
    end: End,
}

fn unpack(decoder: impl Read) -> Unpacked {
    let mut bytes = Vec::new();
    // One byte more tells whether the limit cut something off.
    let result = decoder.take(UNPACKED_BYTES as u64 + 1).read_to_end(&mut bytes);
    let end = match result {
        Err(_) => End::Broken,
        Ok(_) if bytes.len() > UNPACKED_BYTES => End::TooLong,
        Ok(_) => End::Whole,
    };
    bytes.truncate(UNPACKED_BYTES);
    Unpacked { bytes, end }
}

fn look_into(name: &str, size: usize, unpacked: Unpacked, depth: usize) -> Recognised {
    let Unpacked { bytes, end } = unpacked;
    let outer = titled(name, size);
    let length = format::bytes(bytes.len() as u64);
    let note = match end {
        End::Whole => None,
        End::TooLong => Some(format!("Only the first {length} are unpacked")),
        End::Broken => Some(format!("It is damaged after {length} of its contents")),
    };
    let inner = match recognise_to(&bytes, depth) {
        Some(inner) => inner,
        None if bytes.is_empty() => Recognised {
            title: "nothing".to_owned(),
            content: Content::Nothing,
            note: None,
        },
        None => Recognised {
            title: titled("bytes", bytes.len()),
            content: Content::Bytes(bytes),
            note: None,
        },
    };
    Recognised {
        title: format!("{outer} → {}", inner.title),
        content: inner.content,
        note: note.or(inner.note),
    }
}
