//! Why an errand was not done.

use std::io;
use std::path::PathBuf;

use keyglass_store::backup::BackupError;
use keyglass_store::deno_file::RecoveryError;
use keyglass_store::transfer::TransferError;
use keyglass_store::value::json::JsonError;
use keyglass_store::{CommitError, DatabaseError, OpenError};

use crate::content::copy::TooLarge;
use crate::threads::NoThread;

/// Something could not be read, counted or found.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// There was no thread for it.
    #[error(transparent)]
    NoThread(#[from] NoThread),
}

/// The text of entries could not be had.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// It is more than is sensibly pasted.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// There was no thread for it.
    #[error(transparent)]
    NoThread(#[from] NoThread),
}

/// Entries for a transaction could not be had.
#[derive(Debug, thiserror::Error)]
pub enum EntriesError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// There are more than a transaction takes.
    #[error("More than {0} entries are selected, which is more than a transaction takes")]
    TooMany(usize),
    /// There was no thread for it.
    #[error(transparent)]
    NoThread(#[from] NoThread),
}

/// A job failed. What it had done before stays.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A database to copy to could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A damaged file could not even be looked at.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// A backup could not be made or read.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// A commit failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// An export or an import failed.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// There was no thread for it.
    #[error(transparent)]
    NoThread(#[from] NoThread),
    /// A commit was refused, but no check of it.
    #[error("The database refused to delete without saying why")]
    Unexplained,
    /// A file was to be imported, and is none.
    #[error("This is a folder, not a file with one entry a line: {0}")]
    Folder(PathBuf),
    /// A file could not be read, written or held.
    #[error("{what} ({source}): {path}")]
    File {
        /// What failed.
        what: FileTrouble,
        /// What the system said.
        source: io::Error,
        /// The file.
        path: PathBuf,
    },
    /// An undo file holds something else than was written.
    #[error("The undo file is damaged ({source}): {path}")]
    DamagedUndoFile {
        /// What is wrong with a line.
        source: JsonError,
        /// The file.
        path: PathBuf,
    },
}

/// What could not be done with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileTrouble {
    /// A file that a person named.
    #[error("The file could not be read")]
    Read,
    /// A file that a person named.
    #[error("The file could not be written")]
    Write,
    /// It is made before anything is deleted or replaced.
    #[error("The undo file could not be made")]
    MakeUndo,
    /// No window removes it while it is held.
    #[error("The undo file could not be held")]
    HoldUndo,
    /// It is read to undo.
    #[error("The undo file could not be read")]
    ReadUndo,
    /// It is written as something is undone.
    #[error("The undo file could not be written")]
    WriteUndo,
}

impl FileTrouble {
    /// The error for a file.
    pub fn at(self, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> JobError {
        let path = path.into();
        move |source| JobError::File {
            what: self,
            source,
            path,
        }
    }
}
