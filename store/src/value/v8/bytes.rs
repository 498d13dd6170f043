//! Reading the bytes of the format: tags, varints and runs of bytes.

use super::tags;
use crate::value::{Fault, ValueError};

/// The oldest and newest versions that Deno reads.
const VERSIONS: std::ops::RangeInclusive<u32> = 13..=16;

/// Bytes and a place in them.
#[derive(Debug, Clone)]
pub(super) struct Bytes<'b> {
    bytes: &'b [u8],
    at: usize,
}

/// The error of a fault at a place.
pub(super) fn broken(offset: usize, fault: Fault) -> ValueError {
    ValueError::Broken { offset, fault }
}

impl<'b> Bytes<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub fn offset(&self) -> usize {
        self.at
    }

    pub fn remaining(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    fn end(&self, what: &'static str) -> ValueError {
        broken(self.bytes.len(), Fault::End(what))
    }

    pub fn byte(&mut self, what: &'static str) -> Result<u8, ValueError> {
        let byte = *self.bytes.get(self.at).ok_or_else(|| self.end(what))?;
        self.at += 1;
        Ok(byte)
    }

    /// The version in the header.
    pub fn header(&mut self) -> Result<u32, ValueError> {
        if self.bytes.first() != Some(&tags::VERSION) {
            return Err(broken(0, Fault::Header));
        }
        self.at = 1;
        let version = self.varint32("the header")?;
        if VERSIONS.contains(&version) {
            Ok(version)
        } else {
            Err(broken(1, Fault::Version(version)))
        }
    }

    /// The next byte that is no padding, left where it is.
    pub fn peek_tag(&self) -> Option<u8> {
        let rest = self.bytes.get(self.at..)?;
        rest.iter().copied().find(|byte| *byte != tags::PADDING)
    }

    /// The next byte that is no padding.
    pub fn tag(&mut self, what: &'static str) -> Result<u8, ValueError> {
        loop {
            let byte = self.byte(what)?;
            if byte != tags::PADDING {
                return Ok(byte);
            }
        }
    }

    /// A varint of a number of `bits`. As in V8, bits beyond are dropped, and a varint that goes on behind them
    /// ends there, unread, if any byte follows.
    fn varint(&mut self, bits: u32, what: &'static str) -> Result<u64, ValueError> {
        let mut value = 0_u64;
        let mut shift = 0;
        loop {
            let byte = self.byte(what)?;
            if shift >= bits {
                self.at -= 1;
                return Ok(value);
            }
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return Ok(value);
            }
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "bits beyond 32 are dropped, as in V8"
    )]
    pub fn varint32(&mut self, what: &'static str) -> Result<u32, ValueError> {
        self.varint(32, what).map(|value| value as u32)
    }

    pub fn varint64(&mut self, what: &'static str) -> Result<u64, ValueError> {
        self.varint(64, what)
    }

    /// A tag that is written as a varint, and has no padding.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "bits beyond 8 are dropped, as in V8"
    )]
    pub fn varint8(&mut self, what: &'static str) -> Result<u8, ValueError> {
        self.varint(8, what).map(|value| value as u8)
    }

    pub fn zigzag32(&mut self, what: &'static str) -> Result<i32, ValueError> {
        let value = self.varint32(what)?;
        #[expect(clippy::cast_possible_wrap, reason = "zigzag: the lowest bit is the sign")]
        Ok((value >> 1) as i32 ^ -((value & 1) as i32))
    }

    pub fn double(&mut self, what: &'static str) -> Result<f64, ValueError> {
        let bytes = self.take(8, what)?;
        let bits = bytes
            .iter()
            .rev()
            .fold(0, |bits, byte| bits << 8 | u64::from(*byte));
        let number = f64::from_bits(bits);
        Ok(if number.is_nan() { f64::NAN } else { number })
    }

    pub fn take(&mut self, length: usize, what: &'static str) -> Result<&'b [u8], ValueError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (taken, _) = rest.split_at_checked(length).ok_or_else(|| self.end(what))?;
        self.at += length;
        Ok(taken)
    }

    pub fn take_long(&mut self, length: u64, what: &'static str) -> Result<&'b [u8], ValueError> {
        let length = usize::try_from(length).map_err(|_too_long| self.end(what))?;
        self.take(length, what)
    }
}
