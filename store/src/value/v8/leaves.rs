//! Reading what holds no other value: strings, bigints, dates, regular expressions, buffers and views.

use num_bigint::{BigInt, Sign};

use super::bytes::{Bytes, broken};
use super::class::{node_view_kind, view_kind};
use super::tags;
use crate::javascript::JsString;
use crate::javascript::regexp;
use crate::value::{Fault, Object, ValueError, View};

/// The string of a string tag that has just been read; `None` for another tag.
pub(super) fn string(tag: u8, bytes: &mut Bytes<'_>) -> Result<Option<JsString>, ValueError> {
    const WHAT: &str = "a string";
    let offset = bytes.offset();
    let string = match tag {
        tags::ONE_BYTE_STRING => {
            let length = bytes.varint32(WHAT)?;
            let latin1 = bytes.take_long(length.into(), WHAT)?;
            match std::str::from_utf8(latin1) {
                Ok(ascii) if latin1.is_ascii() => ascii.to_owned(),
                _ => latin1.iter().copied().map(char::from).collect(),
            }
            .into()
        }
        tags::TWO_BYTE_STRING => {
            let length = bytes.varint32(WHAT)?;
            if length % 2 != 0 {
                return Err(broken(offset, Fault::OddString));
            }
            let units = bytes.take_long(length.into(), WHAT)?;
            let units = units
                .as_chunks::<2>()
                .0
                .iter()
                .map(|unit| u16::from_le_bytes(*unit));
            JsString::from_utf16(units.collect())
        }
        tags::UTF8_STRING => {
            let length = bytes.varint32(WHAT)?;
            String::from_utf8_lossy(bytes.take_long(length.into(), WHAT)?)
                .into_owned()
                .into()
        }
        _ => return Ok(None),
    };
    Ok(Some(string))
}

/// A value that must be a string.
pub(super) fn expect_string(bytes: &mut Bytes<'_>, what: &'static str) -> Result<JsString, ValueError> {
    loop {
        let tag = bytes.tag(what)?;
        let offset = bytes.offset() - 1;
        if tag == tags::OBJECT_COUNT {
            bytes.varint32(what)?;
        } else {
            return string(tag, bytes)?.ok_or_else(|| broken(offset, Fault::ExpectedString(what)));
        }
    }
}

/// A bigint after its tag: its byte length and sign in one number, then its digits.
pub(super) fn bigint(bytes: &mut Bytes<'_>) -> Result<BigInt, ValueError> {
    let offset = bytes.offset();
    let bits = bytes.varint32("a bigint")?;
    let digits = bytes.take_long((bits >> 1).into(), "a bigint")?;
    let negative = bits & 1 == 1;
    if negative && digits.is_empty() {
        return Err(broken(offset, Fault::NegativeZero));
    }
    Ok(BigInt::from_bytes_le(
        if negative { Sign::Minus } else { Sign::Plus },
        digits,
    ))
}

/// A regular expression after its tag.
pub(super) fn regular_expression(bytes: &mut Bytes<'_>) -> Result<Object, ValueError> {
    let offset = bytes.offset();
    let pattern = expect_string(bytes, "a regular expression")?;
    let flags_offset = bytes.offset();
    let bits = bytes.varint32("a regular expression")?;
    let known = tags::REGEXP_FLAGS.iter().fold(0, |all, (bit, _)| all | bit);
    let flags: String = tags::REGEXP_FLAGS
        .iter()
        .filter(|(bit, _)| bits & bit != 0)
        .map(|(_, flag)| flag)
        .collect();
    if bits & !known != 0 || (flags.contains('u') && flags.contains('v')) {
        return Err(broken(flags_offset, Fault::RegExpFlags(bits)));
    }
    regexp::check_pattern(&pattern, &flags)
        .map_err(|error| broken(offset, Fault::RegExpPattern(error.to_string())))?;
    Ok(Object::RegExp {
        source: regexp::escaped_source(&pattern),
        flags,
    })
}

/// An `ArrayBuffer` after its tag.
pub(super) fn array_buffer(bytes: &mut Bytes<'_>, resizable: bool) -> Result<Object, ValueError> {
    const WHAT: &str = "an ArrayBuffer";
    let offset = bytes.offset();
    let length = bytes.varint64(WHAT)?;
    let max_byte_length = if resizable {
        Some(bytes.varint64(WHAT)?)
    } else {
        None
    };
    if max_byte_length.is_some_and(|maximum| maximum < length) {
        return Err(broken(offset, Fault::BufferMaximum));
    }
    // What JavaScript could not allocate, it does not read.
    if max_byte_length.is_some_and(|maximum| maximum > MAX_BUFFER) {
        return Err(broken(offset, Fault::BufferMaximum));
    }
    let bytes = bytes.take_long(length, WHAT)?.to_owned();
    Ok(Object::ArrayBuffer {
        bytes,
        max_byte_length,
    })
}

/// The longest `ArrayBuffer`, 2⁵³ - 1 bytes.
const MAX_BUFFER: u64 = (1 << 53) - 1;

/// A view after its tag, of the buffer before it.
pub(super) fn view(
    bytes: &mut Bytes<'_>,
    has_flags: bool,
    buffer: crate::value::ObjectId,
    buffer_object: &Object,
) -> Result<View, ValueError> {
    const WHAT: &str = "a view";
    let offset = bytes.offset();
    let refuse = |reason| Err(broken(offset, Fault::View(reason)));
    let Object::ArrayBuffer {
        bytes: contents,
        max_byte_length,
    } = buffer_object
    else {
        return refuse("has no buffer");
    };
    let (buffer_length, resizable) = (contents.len() as u64, max_byte_length.is_some());
    let tag = bytes.varint8(WHAT)?;
    let byte_offset = bytes.varint64(WHAT)?;
    let byte_length = bytes.varint64(WHAT)?;
    if byte_offset
        .checked_add(byte_length)
        .is_none_or(|end| end > buffer_length)
    {
        return refuse("reaches beyond its buffer");
    }
    let flags = if has_flags { bytes.varint32(WHAT)? } else { 0 };
    let Some(kind) = view_kind(tag) else {
        return refuse("is of an unknown class");
    };
    let size = kind.element_size();
    if byte_offset % size != 0 || byte_length % size != 0 {
        return refuse("begins or ends inside an element");
    }
    let length_tracking = flags & tags::VIEW_LENGTH_TRACKING != 0;
    if resizable != (flags & tags::VIEW_OF_RESIZABLE != 0) || (length_tracking && !resizable) {
        return refuse("has flags that do not fit its buffer");
    }
    let byte_length = if length_tracking {
        (buffer_length - byte_offset) / size * size
    } else {
        byte_length
    };
    Ok(View {
        kind,
        buffer,
        byte_offset,
        byte_length,
        length_tracking,
    })
}

/// A view as Node's `v8.serialize` writes it, after the number of its class: its bytes alone.
pub(super) fn node_view<'b>(
    bytes: &mut Bytes<'b>,
    number: u32,
) -> Result<(crate::value::ViewKind, &'b [u8]), ValueError> {
    let offset = bytes.offset();
    let Some(kind) = node_view_kind(number) else {
        return Err(broken(offset, Fault::Host("a host object of an unknown class")));
    };
    let length = bytes.varint32("a view")?;
    if u64::from(length) % kind.element_size() != 0 {
        return Err(broken(offset, Fault::View("ends inside an element")));
    }
    Ok((kind, bytes.take_long(length.into(), "a view")?))
}
