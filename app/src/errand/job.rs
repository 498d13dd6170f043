//! Long jobs, each on a thread of its own, with progress and cancel; and what they come to.

use std::path::PathBuf;
use std::sync::Arc;

use keyglass_store::key::{EncodedKey, KeyRange};
use keyglass_store::requests::LoggedRequest;
use keyglass_store::transfer::compare::Difference;
use keyglass_store::transfer::{
    Existing, ExportOptions, ImportOptions, ImportReport, Remarks, TransferError,
};

use super::backup::{BackupChoice, RestoreChoice};
use super::compare::CompareChoice;
use super::copy_to::{CopyChoice, OpenDatabase};
use crate::content::blob::BlobKey;
use crate::content::change_line::ChangeLine;
use crate::content::row::EntryRow;
use crate::undo_files::UndoFile;

/// A long job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Names it.
    pub id: u64,
    /// What it does.
    pub work: Work,
}

/// What a job does.
#[derive(Debug, Clone)]
pub enum Work {
    /// Writes entries to a file.
    Export {
        /// What to write.
        options: ExportOptions,
        /// Where to.
        path: PathBuf,
    },
    /// Writes requests of clients to a file.
    ExportRequests {
        /// Which ones.
        requests: Vec<Arc<LoggedRequest>>,
        /// Where to.
        path: PathBuf,
    },
    /// Writes a timeline to a file.
    ExportTimeline {
        /// Its rows, oldest first.
        lines: Vec<ChangeLine>,
        /// Where to.
        path: PathBuf,
    },
    /// Reads a timeline from a file.
    LoadTimeline {
        /// The file.
        path: PathBuf,
    },
    /// Writes a blob to a file.
    ExportBlob {
        /// Which one.
        key: BlobKey,
        /// Where to.
        path: PathBuf,
    },
    /// Copies the database to another place.
    CopyTo {
        /// The copy.
        choice: CopyChoice,
        /// What stands at its place, if that is open here.
        to: Option<OpenDatabase>,
    },
    /// Compares the database with another one.
    Compare {
        /// What is compared.
        choice: CompareChoice,
        /// The other one.
        other: OpenDatabase,
    },
    /// Writes what differs to a file.
    ExportDifferences {
        /// The lines.
        lines: Vec<DifferenceLine>,
        /// Where to.
        path: PathBuf,
    },
    /// Backs the database up.
    BackUp {
        /// The backup.
        choice: BackupChoice,
    },
    /// Finds out what restoring would do.
    PreviewRestore {
        /// What to restore.
        choice: RestoreChoice,
    },
    /// Makes the database what it was in a state of a backup.
    Restore {
        /// What to restore.
        choice: RestoreChoice,
        /// Where to write what is replaced and deleted, before it is; another name is taken if there is such a file.
        undo_file: PathBuf,
    },
    /// Finds out what an import would do.
    PreviewImport {
        /// The import.
        choice: ImportChoice,
    },
    /// Reads entries from a file.
    Import {
        /// The import.
        choice: ImportChoice,
        /// Where to write what is replaced, before it is; another name is taken if there is such a file.
        undo_file: PathBuf,
        /// The expiry of what takes the place of an entry and has none of its own, in milliseconds since the Unix epoch.
        expires_at: Option<i64>,
    },
    /// Takes an import back, where entries are still as it left them, or does that again.
    TakeBack {
        /// What is taken back.
        undo_file: PathBuf,
        /// Where to write what is replaced by that.
        redo_file: PathBuf,
        /// The expiry of entries that had none that anybody could see, in milliseconds since the Unix epoch.
        expires_at: Option<i64>,
    },
    /// Goes through records and the entries of their indexes.
    CheckIndexes {
        /// What the keys of the records begin with.
        records: EncodedKey,
    },
    /// Deletes ranges, after their entries were written to a file.
    Delete {
        /// What to delete.
        deletion: Deletion,
        /// Where to write it before.
        undo_file: PathBuf,
    },
    /// Puts back what was deleted together.
    PutBack {
        /// The deletion's undo file.
        path: PathBuf,
        /// The expiry of entries that had none that anybody could see, in milliseconds since the Unix epoch.
        expires_at: Option<i64>,
    },
    /// Deletes what a deletion's undo file holds, where it is still as it says; told by
    /// [`Answer::Deleted`](super::Answer::Deleted).
    DeleteAgain {
        /// The file.
        undo_file: PathBuf,
    },
}

/// A line of an export of differences.
#[derive(Debug, Clone)]
pub enum DifferenceLine {
    /// The counts, which come first.
    Counts(String),
    /// A difference.
    Difference(Arc<Difference>),
}

/// What is deleted together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// The keys.
    pub ranges: Vec<KeyRange>,
    /// Entries, too, that have expired and were not swept.
    pub expired: bool,
}

/// What an import shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportChoice {
    /// The file.
    pub path: PathBuf,
    /// Parts that are put before every key.
    pub prefix: EncodedKey,
    /// What happens to entries that exist.
    pub existing: Existing,
}

impl ImportChoice {
    /// As the import takes it.
    #[must_use]
    pub fn options(&self, dry_run: bool) -> ImportOptions {
        ImportOptions {
            default_expiry: None,
            existing: self.existing,
            dry_run,
            prefix: self.prefix.clone(),
            expired: false,
        }
    }
}

/// What an import would do.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportPreview {
    /// The counts.
    pub report: ImportReport,
    /// The first entries of the file.
    pub first: Vec<PreviewedEntry>,
}

impl ImportPreview {
    /// Entries that do not stand there yet.
    #[must_use]
    pub fn new_entries(&self) -> u64 {
        self.report.stored.saturating_sub(self.report.overwritten)
    }
}

/// One of the first entries of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviewedEntry {
    /// The entry, its key with the prefix.
    pub row: EntryRow,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of an entry of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is added.
    New,
    /// It takes the place of one that exists.
    Overwrites,
    /// It is skipped, because its key exists.
    Skipped,
    /// It is left out, because it has expired.
    Expired,
}

impl Fate {
    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Overwrites => "overwrites",
            Self::Skipped => "skipped",
            Self::Expired => "expired",
        }
    }
}

/// What became of an import.
#[derive(Debug)]
pub struct Imported {
    /// What was done, also if it failed.
    pub report: ImportReport,
    /// What was replaced, if anything was stored.
    pub undo_file: Option<UndoFile>,
    /// Why it ended early, if it failed.
    pub result: Result<(), TransferError>,
}

/// How taking something back went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TakenBack {
    /// Entries that have their earlier value again.
    pub restored: u64,
    /// Entries that were not there before, and are gone again.
    pub removed: u64,
    /// Entries that stay as they are, with the reason.
    pub kept: Remarks,
    /// The file that holds what was replaced by that.
    pub redo_file: Option<UndoFile>,
    /// Whether the end was reached; otherwise it was cancelled, and can be done again for the rest.
    pub complete: bool,
}

/// How a deletion went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeleteReport {
    /// Entries that are gone.
    pub deleted: u64,
    /// Entries that changed meanwhile and therefore stay.
    pub kept: u64,
    /// Entries that were left out because they have expired.
    pub expired: u64,
    /// Entries that stay because they could not be put back, with the reason.
    pub irrecoverable: Remarks,
    /// Entries that were gone already when they were to be deleted again.
    pub absent: u64,
    /// Entries of which it is not known whether they are gone, after a commit that failed; see
    /// [`CommitError::Unknown`](keyglass_store::CommitError::Unknown).
    pub unknown: u64,
    /// The file that holds what is gone, if it was written for this deletion.
    pub undo_file: Option<UndoFile>,
    /// Whether the end was reached; otherwise it was cancelled.
    pub complete: bool,
}

impl DeleteReport {
    /// Entries that were decided on.
    #[must_use]
    pub fn seen(&self) -> u64 {
        self.deleted + self.kept + self.expired + self.irrecoverable.count + self.absent + self.unknown
    }
}
