//! What can go wrong with a database, as sentences.

use std::path::PathBuf;

use crate::limits::LimitError;

/// A database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Nothing is there.
    #[error("There is no database here, because the path does not exist: {0}")]
    NotFound(PathBuf),
    /// A folder of something else.
    #[error("This folder is not a Keyglass database, so it was left untouched: {0}")]
    NotOurFolder(PathBuf),
    /// A file of something else.
    #[error("This file is not a Deno KV database ({reason}): {path}")]
    NotOurFile {
        /// How it was recognised.
        reason: String,
        /// The file.
        path: PathBuf,
    },
    /// Something already stands where a new database should be made.
    #[error("A new database needs an empty or new folder, and this one holds other files: {0}")]
    NotEmpty(PathBuf),
    /// Another process has it.
    #[error("Another process{owner} has this database open; close it there, then open it again: {path}")]
    Locked {
        /// ` (process 1234)` where the system tells, else nothing.
        owner: String,
        /// The folder.
        path: PathBuf,
    },
    /// Written by a newer Keyglass.
    #[error(
        "This database has format {found}, and this Keyglass reads up to format {supported}; update Keyglass to open it: {path}"
    )]
    NewerFormat {
        /// What the folder says.
        found: u32,
        /// The newest that this build reads.
        supported: u32,
        /// The folder.
        path: PathBuf,
    },
    /// Opening it would lose commits; see [`OpenOptions::accept_loss`](crate::embedded::OpenOptions::accept_loss).
    #[error(
        "The database was not opened, because {reason}; restore a backup, or copy the folder and accept the loss: {path}"
    )]
    Damaged {
        /// What would be lost.
        reason: String,
        /// The folder.
        path: PathBuf,
    },
    /// The engine found damage, or failed.
    #[error("The database could not be opened ({reason}): {path}")]
    Engine {
        /// The engine's words.
        reason: String,
        /// The folder or file.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("The database could not be opened ({source}): {path}")]
    Io {
        /// What the system said.
        source: std::io::Error,
        /// The folder or file.
        path: PathBuf,
    },
    /// A location of a kind that this build cannot open.
    #[error("Keyglass cannot open this kind of location: {0}")]
    Unsupported(String),
}

/// An operation on an open database failed. Nothing of it was stored.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// A limit of Deno KV; the message is Deno's.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// The operation does not fit the stored value's type; the message is Deno's.
    #[error("{0}")]
    Type(String),
    /// The database is read-only.
    #[error("The database is read-only: {0}")]
    ReadOnly(String),
    /// The database cannot do this.
    #[error("{0}")]
    Unsupported(String),
    /// The engine failed; further writes are refused where they could lose data.
    #[error(
        "The database failed while {doing} ({reason}); nothing of it was stored. Close and open the database again: {location}"
    )]
    Engine {
        /// What it was doing, such as `reading a range`.
        doing: &'static str,
        /// The engine's words.
        reason: String,
        /// Which database.
        location: String,
    },
}
