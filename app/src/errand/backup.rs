//! Backups of a database, and what is restored from them.

use std::path::PathBuf;

use keyglass_store::EncodedKey;
use keyglass_store::backup::{BackupError, BackupOptions, RestoreOptions, State};
use keyglass_store::key::KeyRange;
use keyglass_store::transfer::CopyReport;

use crate::undo_files::UndoFile;

/// What a backup shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupChoice {
    /// The folder, which is made if nothing is there.
    pub path: PathBuf,
    /// How long what was replaced is kept, in milliseconds; `None`: for ever.
    pub keep: Option<i64>,
}

impl BackupChoice {
    /// As the backup takes it.
    #[must_use]
    pub fn options(&self) -> BackupOptions {
        BackupOptions {
            keep: self.keep,
            ..BackupOptions::default()
        }
    }
}

/// What shall be restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreChoice {
    /// The folder of the backup.
    pub path: PathBuf,
    /// The number of the state; `None` is the newest.
    pub state: Option<u64>,
    /// Entries at and below this key alone.
    pub prefix: EncodedKey,
    /// Leaves what the database has and the state does not.
    pub keep_others: bool,
    /// Queues the messages of the newest state, too, those that are not queued yet.
    pub messages: bool,
}

impl RestoreChoice {
    /// As restoring takes it.
    #[must_use]
    pub fn options(&self, dry_run: bool) -> RestoreOptions {
        RestoreOptions {
            range: if self.prefix.as_bytes().is_empty() {
                KeyRange::everything()
            } else {
                KeyRange::at_and_below(&self.prefix)
            },
            keep_others: self.keep_others,
            messages: self.messages,
            dry_run,
            ..RestoreOptions::default()
        }
    }
}

/// What restoring would do.
#[derive(Debug, Clone, PartialEq)]
pub struct RestorePreview {
    /// The states of the backup, the newest first.
    pub states: Vec<State>,
    /// The one that was looked at.
    pub state: State,
    /// The counts.
    pub report: CopyReport,
}

/// What became of restoring.
#[derive(Debug)]
pub struct Restored {
    /// What was restored.
    pub state: State,
    /// What was done, also if it failed.
    pub report: CopyReport,
    /// What was replaced and deleted, if anything was done.
    pub undo_file: Option<UndoFile>,
    /// Why it ended early, if it failed.
    pub result: Result<(), BackupError>,
}
