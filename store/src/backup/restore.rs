//! Bringing a state of a backup back.

use std::ops::ControlFlow;

use super::BackupError;
use super::folder::Backup;
use super::manifest::State;
use crate::database::Database;
use crate::key::KeyRange;
use crate::transfer::{
    CopyOptions, CopyReport, Existing, Journal, Progress, TransferError, copy_messages, copy_side,
};

/// How to restore.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoreOptions {
    /// Which entries.
    pub range: KeyRange,
    /// Leaves what the state does not have and the database does; otherwise it is deleted.
    pub keep_others: bool,
    /// Brings back entries, too, that have expired since. They do not expire then, where they would be gone at once.
    pub expired: bool,
    /// Queues the messages of the newest state, too, those that are not queued yet.
    pub messages: bool,
    /// Only find out what would happen; nothing is stored.
    pub dry_run: bool,
}

impl Default for RestoreOptions {
    /// All of the entries, and nothing else.
    fn default() -> Self {
        Self {
            range: KeyRange::everything(),
            keep_others: false,
            expired: false,
            messages: false,
            dry_run: false,
        }
    }
}

impl Backup {
    /// Makes a database, or a range of it, what it was in a state, through commits that check that it is still as it was
    /// seen. A journal is told what each commit replaces. The report says what was done, also if it failed; the same call
    /// once more goes on.
    ///
    /// # Errors
    /// If the backup cannot be read, the database fails, or messages of another state than the newest are asked for.
    pub fn restore<'a>(
        &self,
        state: &State,
        to: &'a dyn Database,
        options: &RestoreOptions,
        journal: Option<&'a mut (dyn Journal + 'a)>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> (CopyReport, Result<(), BackupError>) {
        let mut report = CopyReport::default();
        let source = self.newest().and_then(|newest| {
            if options.messages && newest.state.number != state.number {
                return Err(BackupError::NoMessages(self.path.clone()));
            }
            self.side_of(state.number, &options.range)
        });
        let source = match source {
            Ok(source) => source,
            Err(error) => return (report, Err(error)),
        };
        let copy = CopyOptions {
            range: options.range.clone(),
            existing: Existing::Overwrite,
            expired: options.expired,
            mirror: !options.keep_others,
            verify: false,
            dry_run: options.dry_run,
        };
        let now = to.clock().now();
        let mut result;
        (report, result) = copy_side((source, state.expiry), to, &copy, now, journal, progress);
        if report.complete && options.messages && !options.dry_run {
            match copy_messages(&self.store, to, false) {
                Ok(messages) => report.messages = Some(messages),
                Err(error) => {
                    report.complete = false;
                    result = Err(error);
                }
            }
        }
        (report, result.map_err(error_of))
    }
}

fn error_of(error: TransferError) -> BackupError {
    match error {
        TransferError::Database(error) => BackupError::Database(error),
        error => BackupError::Transfer(error),
    }
}
