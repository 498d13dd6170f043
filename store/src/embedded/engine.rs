//! The fjall engine under a store: its handles, its errors as sentences, its panics contained.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use fjall::{Database, Keyspace};

use crate::error::DatabaseError;

/// The open engine.
#[derive(Clone)]
pub(super) struct Engine {
    pub(super) database: Database,
    pub(super) kv: Keyspace,
    pub(super) aux: Keyspace,
    /// The folder, as errors show it.
    pub(super) location: Arc<str>,
}

impl Engine {
    /// The error for something that went wrong while `doing`.
    pub(super) fn failed(&self, doing: &'static str, reason: impl Into<String>) -> DatabaseError {
        DatabaseError::Engine {
            doing,
            reason: reason.into(),
            location: (*self.location).to_owned(),
        }
    }

    /// The error for fjall's `error` while `doing`.
    pub(super) fn error(&self, doing: &'static str, error: &fjall::Error) -> DatabaseError {
        self.failed(doing, describe(error))
    }
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

/// Runs engine code that may panic on damaged files, and turns a panic into its message.
pub(super) fn contain<T>(work: impl FnOnce() -> fjall::Result<T>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(work)) {
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
        let failure = contain::<()>(|| panic!("cannot read journal")).unwrap_err();
        assert_eq!(
            failure.describe(),
            "the engine stopped on damaged data: cannot read journal"
        );
    }
}
