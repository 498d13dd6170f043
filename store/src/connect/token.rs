//! The secret that a client must know.

use std::fmt;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::new_file::NewFile;

/// Bytes of a random token: 128 bits.
const RANDOM_BYTES: usize = 16;
/// The shortest and the longest token, in characters.
const LENGTH: std::ops::RangeInclusive<usize> = 16..=1024;
/// The same of tokens that others make.
const FOREIGN: std::ops::RangeInclusive<usize> = 1..=8192;

/// What a client must send to be answered. It is never shown but by [`Self::reveal`], and compared in a time that does
/// not tell how much of a guess is right.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// A token cannot be used, read or made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Too short or long, or with characters that cannot stand in a header.
    #[error("A token has {} to {} characters, all of them visible ones of ASCII, and this one does not", LENGTH.start(), LENGTH.end())]
    Form,
    /// Nothing, too long, or with characters that cannot stand in a header.
    #[error("A token has at most {} characters, all of them visible ones of ASCII, and this is none", FOREIGN.end())]
    Foreign,
    /// The system has no random numbers.
    #[error("The system gives no random numbers for a token ({0})")]
    Random(String),
    /// Others could read the file.
    #[error("Others than its owner can read this file with a token; forbid it, as with chmod 600: {}", .0.display())]
    Readable(PathBuf),
    /// The file holds no token.
    #[error("{source}: {}", path.display())]
    FileForm {
        /// What a token must be.
        source: Box<Self>,
        /// The file.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("The file with the token cannot be used ({source}): {}", path.display())]
    File {
        /// What the system said.
        source: io::Error,
        /// The file.
        path: PathBuf,
    },
}

impl Token {
    /// A token that somebody chose.
    ///
    /// # Errors
    /// [`TokenError::Form`].
    pub fn new(text: impl Into<String>) -> Result<Self, TokenError> {
        let text = text.into();
        if LENGTH.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text))
        } else {
            Err(TokenError::Form)
        }
    }

    /// A token that a server of somebody else gave, of whatever length; what stands around it is not part of it.
    ///
    /// # Errors
    /// [`TokenError::Foreign`].
    pub fn of_server(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        match FOREIGN.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            true => Ok(Self(text.to_owned())),
            false => Err(TokenError::Foreign),
        }
    }

    /// Reads a token that a server of somebody else gave, as [`Self::read`] does.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_of_server(path: &Path) -> Result<Self, TokenError> {
        Self::read_as(path, Self::of_server)
    }

    /// 128 random bits, as hexadecimal digits.
    ///
    /// # Errors
    /// [`TokenError::Random`].
    pub fn random() -> Result<Self, TokenError> {
        let mut bytes = [0; RANDOM_BYTES];
        getrandom::fill(&mut bytes).map_err(|error| TokenError::Random(error.to_string()))?;
        Ok(Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    /// Reads the token of a file: its text without the white space around it.
    ///
    /// # Errors
    /// If the file cannot be read, others than its owner could read it, or it holds no token.
    pub fn read(path: &Path) -> Result<Self, TokenError> {
        Self::read_as(path, |text| Self::new(text))
    }

    fn read_as(path: &Path, form: impl FnOnce(&str) -> Result<Self, TokenError>) -> Result<Self, TokenError> {
        let failed = |source| TokenError::File {
            source,
            path: path.to_owned(),
        };
        let mut file = File::open(path).map_err(failed)?;
        if is_readable_by_others(&file.metadata().map_err(failed)?) {
            return Err(TokenError::Readable(path.to_owned()));
        }
        let mut text = String::new();
        let longest = *FOREIGN.end() as u64 + 64;
        io::Read::read_to_string(&mut io::Read::take(&mut file, longest), &mut text).map_err(failed)?;
        form(text.trim()).map_err(|source| TokenError::FileForm {
            source: Box::new(source),
            path: path.to_owned(),
        })
    }

    /// Reads the token of a file, or makes the file, readable by its owner alone, with a random token. The flag says
    /// whether it was made.
    ///
    /// # Errors
    /// As [`Self::read`] and [`Self::random`].
    pub fn read_or_make(path: &Path) -> Result<(Self, bool), TokenError> {
        let failed = |source| TokenError::File {
            source,
            path: path.to_owned(),
        };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let there = |error: &io::Error| error.kind() == io::ErrorKind::AlreadyExists;
        let mut file = match NewFile::create_new(path, for_owner()) {
            Err(error) if there(&error) => return Self::read(path).map(|token| (token, false)),
            file => file.map_err(failed)?,
        };
        let token = Self::random()?;
        match writeln!(file, "{}", token.0).and_then(|()| file.finish()) {
            Ok(()) => Ok((token, true)),
            // Another server was faster.
            Err(error) if there(&error) => Self::read(path).map(|token| (token, false)),
            Err(error) => Err(failed(error)),
        }
    }

    /// The secret itself, to give it to a client.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether a guess is right. The time that this takes depends on the length of the guess alone.
    pub(super) fn is(&self, guess: &[u8]) -> bool {
        let secret = self.0.bytes().chain(std::iter::repeat(0));
        let difference = guess
            .iter()
            .zip(secret)
            .fold(0, |sum, (guess, secret)| black_box(sum | (guess ^ secret)));
        (guess.len() == self.0.len()) & (black_box(difference) == 0)
    }
}

/// Without the secret, so that none stands in a log.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Permissions of a file that only its owner may read and write.
#[cfg(unix)]
fn for_owner() -> Option<fs::Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(fs::Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn for_owner() -> Option<fs::Permissions> {
    None
}

#[cfg(unix)]
fn is_readable_by_others(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0
}

/// A person's own folder is closed to others there.
#[cfg(not(unix))]
fn is_readable_by_others(_metadata: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_is_right() {
        let token = Token::new("0123456789abcdef").unwrap();
        assert!(token.is(b"0123456789abcdef"));
        for guess in [
            &b""[..],
            b"0",
            b"0123456789abcde",
            b"0123456789abcdeg",
            b"0123456789abcdef\0",
        ] {
            assert!(!token.is(guess));
        }
        assert_eq!(format!("{token:?}"), "Token(…)");
    }

    #[test]
    fn a_token_is_long_enough_and_fits_into_a_header() {
        for text in ["", "short", "0123456789 abcdef", "0123456789abcdé"] {
            assert!(matches!(Token::new(text), Err(TokenError::Form)), "{text}");
        }
        let (first, second) = (Token::random().unwrap(), Token::random().unwrap());
        assert_eq!(first.reveal().len(), 32);
        assert_ne!(first, second);
    }

    #[test]
    fn the_file_of_a_token_is_made_once_and_is_its_owners() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("tokens/shop");
        let (made, is_new) = Token::read_or_make(&path).unwrap();
        assert!(is_new);
        let (read, is_new) = Token::read_or_make(&path).unwrap();
        assert!(!is_new);
        assert_eq!(made, read);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            assert!(matches!(Token::read(&path), Err(TokenError::Readable(_))));
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
        fs::write(&path, "short\n").unwrap();
        assert!(matches!(Token::read(&path), Err(TokenError::FileForm { .. })));
        assert!(matches!(
            Token::read(&folder.path().join("none")),
            Err(TokenError::File { .. })
        ));
    }
}
