//! What can go wrong with a backup.

use std::path::{Path, PathBuf};

use crate::error::{DatabaseError, OpenError};
use crate::transfer::TransferError;

/// A backup could not be made, read or restored. What was whole before still is.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The folder cannot be opened or made.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Storing what is restored failed.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// A database that is somebody's own.
    #[error("This folder is a database and no backup, so it was left untouched: {0}")]
    NotABackup(PathBuf),
    /// Nothing is there, or something else.
    #[error("There is no backup here: {0}")]
    NotFound(PathBuf),
    /// The first backup was broken off.
    #[error("No backup in this folder is whole yet; back up once more to finish it: {0}")]
    NoneWhole(PathBuf),
    /// A backup that is whole was not put in its place, and the folder cannot be written.
    #[error(
        "The newest backup was not put in its place, which needs a folder that can be written; verify it once where it can: {0}"
    )]
    NotInPlace(PathBuf),
    /// The folder is a backup of another database.
    #[error("This folder is the backup of another database, {of}, so it was left untouched: {path}")]
    AnotherSource {
        /// Which database that is.
        of: String,
        /// The folder.
        path: PathBuf,
    },
    /// No state is so old.
    #[error("The backup holds no state that is so old: {path}")]
    TooOld {
        /// The moment of its oldest state, in milliseconds since the Unix epoch.
        oldest: i64,
        /// The folder.
        path: PathBuf,
    },
    /// A file of the backup is damaged.
    #[error("A file of the backup is damaged, {reason}: {path}")]
    Damaged {
        /// How it shows, as a clause.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// The backup was written by a newer Keyglass.
    #[error("This backup is of a newer format; update Keyglass to use it: {0}")]
    NewerFormat(PathBuf),
    /// A file of the backup could not be read or written.
    #[error("A file of the backup could not be read or written ({source}): {path}")]
    Io {
        /// What the system said.
        source: std::io::Error,
        /// The file.
        path: PathBuf,
    },
    /// Messages of past states are not kept.
    #[error("A backup keeps the queue of its newest state alone, so its messages go with that one only: {0}")]
    NoMessages(PathBuf),
}

impl BackupError {
    pub(super) fn io(source: std::io::Error, path: &Path) -> Self {
        Self::Io {
            source,
            path: path.to_owned(),
        }
    }
}
