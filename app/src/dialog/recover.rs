//! What is left of a damaged file, while it is read and afterwards.

use std::path::PathBuf;

/// A recovery that runs, or what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoverDialog {
    /// The damaged file.
    pub from: PathBuf,
    /// The new database.
    pub to: PathBuf,
    /// How far it is.
    pub stage: RecoverStage,
}

/// How far a recovery is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecoverStage {
    /// It reads.
    Running {
        /// Entries read so far.
        entries: u64,
        /// It was asked to stop.
        is_stopping: bool,
    },
    /// It has ended.
    Ended {
        /// What became of it, in a sentence.
        summary: String,
        /// Nothing is missing.
        is_whole: bool,
        /// What is missing, line by line.
        missing: Vec<String>,
    },
}
