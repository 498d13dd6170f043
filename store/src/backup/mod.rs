//! Backups: a folder that mirrors a database as it was at one moment, and keeps what was replaced since.
//!
//! A backup is a Keyglass folder like any other, whose room `backup/` tells what it is of and holds the way back to earlier
//! states. `BACKUP.md` beside this crate is its format, and the order in which it is written: whenever a backup is broken
//! off, the one before stays whole, and the same call once more goes on.

mod error;
mod folder;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod killing;
mod manifest;
mod past;
mod reading;
mod records;
mod restore;
mod sums;
mod take;
mod verify;

pub use error::BackupError;
pub use folder::{Backup, is_backup};
pub use manifest::{Manifest, Source, State};
#[cfg(fuzzing)]
pub use records::read_as_records;
pub use restore::RestoreOptions;
pub use sums::{Sum, Sums, TOLD_PREFIXES};
pub use take::{BackupOptions, BackupReport, PASSES, back_up};
pub use verify::VerifyReport;
