//! The fjall engine under a store: its handles, its errors as sentences, its panics contained.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use fjall::{AbstractTree as _, Database, Keyspace};

use super::layout::MEMTABLE_BYTES;
use super::picture::Picture;
use crate::error::DatabaseError;

/// The open engine.
#[derive(Clone)]
pub(super) struct Engine {
    pub(super) database: Database,
    pub(super) kv: Keyspace,
    pub(super) aux: Keyspace,
    /// Earlier versions, once anybody wanted them kept.
    pub(super) history: Arc<OnceLock<Keyspace>>,
    /// The folder, as errors show it.
    pub(super) location: Arc<str>,
    /// What it has open instead of the folder, where that is open for reading. The last field, because it goes last.
    pub(super) picture: Option<Arc<Picture>>,
}

impl Engine {
    /// The highest sequence number of a commit in tables; 0 before the first flush.
    pub(super) fn persisted_sequence_number(&self) -> u64 {
        let keyspaces = self.keyspaces();
        let numbers = keyspaces.map(|keyspace| keyspace.tree.get_highest_persisted_seqno());
        numbers.flatten().max().unwrap_or(0)
    }

    /// All that there are.
    pub(super) fn keyspaces(&self) -> impl Iterator<Item = &Keyspace> {
        [&self.kv, &self.aux].into_iter().chain(self.history.get())
    }

    /// The error for something that went wrong while `doing`.
    pub(super) fn failed(&self, doing: &'static str, reason: impl Into<String>) -> DatabaseError {
        DatabaseError::Engine {
            doing,
            reason: reason.into(),
            location: (*self.location).to_owned(),
        }
    }

    /// Why the engine takes no more writes after one of its threads failed: it does not tell itself, but a disk
    /// without room for what it writes at once explains it.
    pub(super) fn background_failure(&self) -> String {
        match free_bytes(Path::new(&*self.location)) {
            Some(free) if free < 2 * MEMTABLE_BYTES => format!(
                "No space left on device for what the engine writes in the background; {} MB are free",
                free / 1_000_000
            ),
            _ => "an earlier write of the engine in the background failed".to_owned(),
        }
    }

    /// The error for fjall's `error` while `doing`.
    pub(super) fn error(&self, doing: &'static str, error: &fjall::Error) -> DatabaseError {
        self.failed(doing, describe(error))
    }
}

/// How many bytes a program may still write to the disk of `folder`, if the system tells.
#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

#[cfg(not(unix))]
fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

/// An engine error in words.
pub(super) fn describe(error: &fjall::Error) -> String {
    match error {
        fjall::Error::Io(error) | fjall::Error::Storage(fjall::LsmError::Io(error)) => error.to_string(),
        fjall::Error::Storage(fjall::LsmError::ChecksumMismatch { .. }) => {
            "a data block is damaged: its checksum does not match".to_owned()
        }
        fjall::Error::Storage(fjall::LsmError::Unrecoverable) | fjall::Error::Unrecoverable => {
            "its files do not belong together or are damaged".to_owned()
        }
        fjall::Error::Storage(
            fjall::LsmError::InvalidHeader(_)
            | fjall::LsmError::InvalidTag(_)
            | fjall::LsmError::InvalidTrailer
            | fjall::LsmError::Decompress(_)
            | fjall::LsmError::Utf8(_),
        )
        | fjall::Error::Decompress(_)
        | fjall::Error::InvalidTag(_)
        | fjall::Error::InvalidTrailer => "a file of the engine is damaged".to_owned(),
        fjall::Error::InvalidVersion(_) | fjall::Error::Storage(fjall::LsmError::InvalidVersion(_)) => {
            "the engine's files are of another version".to_owned()
        }
        fjall::Error::JournalRecovery(_) => "the journal of recent commits is damaged".to_owned(),
        fjall::Error::Poisoned => "an earlier write failed".to_owned(),
        other => other.to_string(),
    }
}

thread_local! {
    static CONTAINS_PANICS: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread would become an error of the store right now, as those of an engine that meets
/// damaged files do. A program's panic hook may ask this in order to say nothing of them.
#[must_use]
pub fn contains_panics() -> bool {
    CONTAINS_PANICS.get()
}

/// Runs engine code that may panic on damaged files, and turns a panic into its message.
pub(super) fn contain<T>(work: impl FnOnce() -> fjall::Result<T>) -> Result<T, Failure> {
    let contained_before = CONTAINS_PANICS.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    CONTAINS_PANICS.set(contained_before);
    match result {
        Ok(result) => result.map_err(Failure::Engine),
        Err(panic) => {
            let message = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied());
            Err(Failure::Panic(
                message.unwrap_or("the engine gave no reason").to_owned(),
            ))
        }
    }
}

/// Why contained engine code did not finish.
#[derive(Debug)]
pub(super) enum Failure {
    Engine(fjall::Error),
    Panic(String),
}

impl Failure {
    /// In words.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Engine(error) => describe(error),
            Self::Panic(message) => format!("the engine stopped on damaged data: {message}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_the_engine_becomes_its_message() {
        let failure = contain::<()>(|| {
            assert!(contains_panics());
            panic!("cannot read journal")
        })
        .unwrap_err();
        assert!(!contains_panics());
        assert_eq!(
            failure.describe(),
            "the engine stopped on damaged data: cannot read journal"
        );
    }
}
