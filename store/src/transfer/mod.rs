//! Moving entries between databases and files.
//!
//! An export reads one snapshot page by page and writes as it reads; an import reads line by line and commits in
//! batches. Neither holds more than a page in memory, both tell their progress and can be stopped, and both
//! report every entry that did not go through as it was.

pub mod compare;
mod copy;
mod export;
mod format;
mod import;
mod journal;
mod load;
#[cfg(feature = "deno-file")]
mod recover;

use std::path::PathBuf;

use crate::error::{CommitError, DatabaseError, with_stored};
use crate::key::EncodedKey;

pub use copy::{CopyOptions, CopyReport, LeftMessage, MessageReport, PrefixSums, Sums, VerifyReport, copy};
pub(crate) use copy::{copy_messages, copy_side};
pub use export::{ExportOptions, ExportReport, export, export_to_file};
pub use format::Format;
pub use import::{DefaultExpiry, ImportOptions, ImportReport, import, import_journaled};
pub use journal::{Journal, Replaced};
pub use load::{Existing, refusal};
#[cfg(feature = "deno-file")]
pub use recover::{RecoverReport, recover};

/// The most entries that a report names one by one; the rest is only counted.
pub const NAMED: usize = 1000;

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Entries done.
    pub entries: u64,
    /// Bytes written by an export, read by an import, or copied.
    pub bytes: u64,
}

/// An entry that did not go through as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The line of an imported file, beginning with 1.
    pub line: Option<u64>,
    /// The entry, where its key is known.
    pub key: Option<EncodedKey>,
    /// What happened to it, as a clause.
    pub reason: String,
}

/// Remarks: all counted, the first [`NAMED`] of them named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remarks {
    /// How many there are.
    pub count: u64,
    /// The first ones.
    pub named: Vec<Remark>,
}

/// A transfer failed. What it had committed before stays.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// A database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A commit failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The transfer failed on its way: some entries are stored.
    #[error("{}", with_stored(*stored, *unknown, source.cause()))]
    OnTheWay {
        /// Entries that are stored.
        stored: u64,
        /// Entries of which it is not known; see [`CommitError::Unknown`].
        unknown: u64,
        /// What failed.
        source: Box<Self>,
    },
    /// The output could not be written. `BrokenPipe` means that the reader has gone.
    #[error("The export could not be written ({0})")]
    Write(std::io::Error),
    /// A file could not be written. Nothing was left under its name that was not there before.
    #[error("The file could not be written ({source}): {path}")]
    WriteFile {
        /// What the system said.
        source: std::io::Error,
        /// The file.
        path: PathBuf,
    },
    /// The input could not be read.
    #[error("The import could not be read ({0})")]
    Read(std::io::Error),
    /// What is copied, and is no database, could not be read.
    #[error("{0}")]
    Source(String),
    /// An export that is compared could not be read.
    #[error("The export could not be read ({source}): {name}")]
    ReadExport {
        /// What the system said.
        source: std::io::Error,
        /// The export.
        name: String,
    },
    /// A line of an export that is compared is no entry.
    #[error("Line {line} of the export is no entry that could be compared ({reason}): {name}")]
    Line {
        /// The line, beginning with 1.
        line: u64,
        /// Why.
        reason: String,
        /// The export.
        name: String,
    },
    /// An export that is compared is not in key order.
    #[error(
        "The export is not in key order, line {line} comes too late; save it to a file, which is sorted first: {name}"
    )]
    Unordered {
        /// The first line that is out of order, beginning with 1.
        line: u64,
        /// The export.
        name: String,
    },
    /// The system refused temporary files.
    #[error("There is no room for temporary files ({0})")]
    Temporary(std::io::Error),
    /// What was to be replaced could not be noted.
    #[error("What the import replaces could not be kept ({0})")]
    Journal(std::io::Error),
    /// Others wrote the same keys again and again.
    #[error("Others write the same keys all the time, so what stands there could not be kept")]
    Contended,
    /// A key was there, and [`Existing::Fail`] was asked for.
    #[error("The transfer stopped after {imported} entries, because this key exists already: {key}")]
    Exists {
        /// Entries that were stored before.
        imported: u64,
        /// The key.
        key: EncodedKey,
    },
}

impl TransferError {
    /// What failed, without the word that nothing was stored.
    fn cause(&self) -> &dyn std::fmt::Display {
        match self {
            Self::Commit(error) => error.cause(),
            _ => self,
        }
    }

    /// The error with what a transfer had stored by then; of a transfer that stored nothing it says enough.
    fn after(self, loaded: load::Loaded) -> Self {
        self.after_storing(loaded.stored, loaded.unknown)
    }

    fn after_storing(self, stored: u64, unknown: u64) -> Self {
        match self {
            Self::Exists { .. } | Self::OnTheWay { .. } => self,
            _ if stored == 0 && unknown == 0 => self,
            _ => Self::OnTheWay {
                stored,
                unknown,
                source: Box::new(self),
            },
        }
    }
}

impl Remarks {
    /// Counts a remark, and names it if it is among the first.
    pub fn add(&mut self, remark: Remark) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(remark);
        }
    }
}

/// Does the same with each batch, and with all of them at once, so that a database may sync what they write together.
fn each_at_once<Batch: Send, Done: Send>(
    batches: Vec<Batch>,
    work: impl Fn(Batch) -> Done + Sync,
) -> Vec<Done> {
    if batches.len() < 2 {
        return batches.into_iter().map(work).collect();
    }
    let work = &work;
    std::thread::scope(|scope| {
        let threads: Vec<_> = batches
            .into_iter()
            .map(|batch| scope.spawn(move || work(batch)))
            .collect();
        threads
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    })
}
