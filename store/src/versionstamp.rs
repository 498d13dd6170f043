//! The mark of a commit.

use std::fmt;

/// Ten bytes that grow with every commit: a big-endian commit counter and two zero bytes in Deno's own files.
///
/// Shown as 20 lower-case hexadecimal digits, as Deno does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Versionstamp(pub [u8; 10]);

/// A text is not a versionstamp.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("A versionstamp is 20 hexadecimal digits, which this is not: {0}")]
pub struct VersionstampParseError(String);

impl Versionstamp {
    /// The stamp of commit number `counter`, as the SQLite and the embedded engine write it.
    #[must_use]
    pub fn from_counter(counter: u64) -> Self {
        let mut bytes = [0; 10];
        let (head, _) = bytes.split_at_mut(8);
        head.copy_from_slice(&counter.to_be_bytes());
        Self(bytes)
    }

    /// The leading eight bytes as a number: the commit counter where [`Self::from_counter`] made the stamp.
    #[must_use]
    pub fn counter(self) -> u64 {
        self.0
            .iter()
            .take(8)
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }
}

impl fmt::Display for Versionstamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::str::FromStr for Versionstamp {
    type Err = VersionstampParseError;

    /// Reads 20 hexadecimal digits, upper or lower case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || VersionstampParseError(text.to_owned());
        if text.len() != 20 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(wrong());
        }
        let mut bytes = [0; 10];
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_not_ascii| wrong())?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_not_hexadecimal| wrong())?;
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_reads_back_from_its_text_in_either_case() {
        let stamp = Versionstamp::from_counter(0x1a4);
        assert_eq!(stamp.to_string(), "00000000000001a40000");
        assert_eq!("00000000000001A40000".parse(), Ok(stamp));
        assert_eq!(stamp.counter(), 0x1a4);
    }

    #[test]
    fn a_text_of_another_form_is_refused() {
        for text in [
            "",
            "1a4",
            "00000000000001a4000g",
            "00000000000001a400000",
            "é0000000000001a4000",
        ] {
            assert!(text.parse::<Versionstamp>().is_err(), "{text}");
        }
    }
}
