//! What a path is asked for.

use std::path::PathBuf;

use keyglass_store::transfer::Format;

use super::TransactionPath;
use crate::content::blob::BlobKey;
use crate::model::database_id::DatabaseId;
use crate::model::target::Target;

/// What a path is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum PathPurpose {
    /// A database file to open.
    OpenFile,
    /// A database folder to open.
    OpenFolder,
    /// Where to make a new database.
    Create,
    /// Where to make a new database of what is left of this damaged file.
    Recover(PathBuf),
    /// Something of one database.
    On(DatabaseId, DatabasePath),
}

/// What a path is asked for that belongs to a database.
#[derive(Debug, Clone, PartialEq)]
pub enum DatabasePath {
    /// An NDJSON file to import.
    Import,
    /// Where to write the differences that are shown.
    ExportComparison,
    /// Where to copy the database to.
    CopyTo,
    /// Where to back the database up.
    BackUp,
    /// A backup to restore from.
    Restore,
    /// Where to write a blob that is kept in parts.
    ExportBlob(BlobKey),
    /// Where to write the requests that are shown.
    ExportRequests,
    /// A draft of a transaction.
    Transaction(TransactionPath),
    /// Where to write the rows of the timeline.
    ExportTimeline,
    /// A timeline to look at.
    LoadTimeline,
    /// Where to write an export.
    Export(ExportChoice),
}

/// What an export shall be.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportChoice {
    /// What to export.
    pub target: Target,
    /// The file's format.
    pub format: Format,
    /// With the entries that have expired and were not swept.
    pub expired: bool,
}

/// How a database is unlocked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnlockChoice {
    /// As soon as it is opened again, too.
    pub next_time: bool,
    /// After it was copied.
    pub copy_first: bool,
}

impl PathPurpose {
    /// The database that it is about.
    #[must_use]
    pub fn database(&self) -> Option<DatabaseId> {
        match self {
            Self::OpenFile | Self::OpenFolder | Self::Create | Self::Recover(_) => None,
            Self::On(database, _) => Some(*database),
        }
    }
}
