//! Files of drafts of transactions.

use std::io::{self, Write as _};
use std::path::Path;

use keyglass_store::draft::{Draft, file};
use keyglass_store::new_file::NewFile;

/// Bytes of a file that is read; a transaction is far smaller.
const MOST_BYTES: u64 = 64 << 20;

/// A draft could not be read from a file.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The system refused.
    #[error("it could not be read ({0})")]
    Read(#[from] io::Error),
    /// It is too large to be one.
    #[error("a file of more than 64 MB is no draft")]
    TooLarge,
    /// It is none.
    #[error(transparent)]
    Draft(#[from] file::DraftFileError),
}

/// Reads a draft.
///
/// # Errors
/// If the file cannot be read, or is none.
pub fn read(path: &Path) -> Result<Draft, LoadError> {
    if std::fs::metadata(path)?.len() > MOST_BYTES {
        return Err(LoadError::TooLarge);
    }
    Ok(file::parse(&std::fs::read_to_string(path)?)?)
}

/// Writes a draft; what stands there stays until all of it is written.
///
/// # Errors
/// If the system refuses.
pub fn write(path: &Path, draft: &Draft) -> io::Result<()> {
    let mut new = NewFile::create(path)?;
    new.write_all(file::print(draft).as_bytes())?;
    new.finish()
}
