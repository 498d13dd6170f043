//! Backups: a second store with everything that this one holds at one moment, while both reads and commits
//! go on.

use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use fjall::{Keyspace, Readable as _};

use super::Store;
use super::engine::{Engine, contain};
use super::open::OpenOptions;
use super::read::View;
use crate::error::OpenError;

/// Rows between two reports of progress.
const REPORTED_EVERY: u64 = 4096;

/// A backup could not be made. What there was of it has been removed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There can be no new store.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Reading this store or writing the other failed.
    #[error("The backup failed while copying ({reason}): {path}")]
    Copy {
        /// The engine's words.
        reason: String,
        /// Where the backup was to be.
        path: PathBuf,
    },
    /// `progress` broke it off.
    #[error("The backup was cancelled")]
    Cancelled,
}

impl Store {
    /// Copies everything, versionstamps, expiries, the queue and the history included, as of now, into a new store in a
    /// folder that is empty or does not exist. `progress` hears the rows copied so far and may break off. The
    /// folder appears under its name only when the backup is whole.
    ///
    /// # Errors
    /// If something is there already, or copying fails or is broken off.
    pub fn backup(
        &self,
        to: impl AsRef<Path>,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<(), BackupError> {
        let to = to.as_ref();
        let failed = |reason: String| BackupError::Copy {
            reason,
            path: to.to_owned(),
        };
        let view = self.shared().map_err(|error| failed(error.to_string()))?.view();
        let is_empty = std::fs::read_dir(to).map(|mut files| files.next().is_none());
        match is_empty {
            Ok(false) => return Err(OpenError::NotEmpty(to.to_owned()).into()),
            Ok(true) => std::fs::remove_dir(to).map_err(|error| failed(error.to_string()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error.to_string())),
        }
        let unfinished = unfinished_name(to);
        let copied = copy(&view, &unfinished, to, progress)
            .and_then(|()| std::fs::rename(&unfinished, to).map_err(|error| failed(error.to_string())));
        if copied.is_err() && !matches!(copied, Err(BackupError::Open(_))) {
            let _as_far_as_possible = std::fs::remove_dir_all(&unfinished);
        }
        copied
    }
}

fn unfinished_name(to: &Path) -> PathBuf {
    let mut name = to.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".unfinished");
    to.with_file_name(name)
}

fn copy(
    view: &View,
    unfinished: &Path,
    to: &Path,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<(), BackupError> {
    let failed = |reason: String| BackupError::Copy {
        reason,
        path: to.to_owned(),
    };
    let store = OpenOptions::new().create(unfinished)?;
    let target = store.shared().map_err(|error| failed(error.to_string()))?;
    let Engine { kv, aux, .. } = &target.engine;
    let mut num_rows = 0;
    let mut keyspaces = vec![(&view.engine.kv, kv), (&view.engine.aux, aux)];
    if let Some(from) = view.engine.history.get() {
        contain(|| target.engine.make_history()).map_err(|failure| failed(failure.describe()))?;
        keyspaces.extend(target.engine.history.get().map(|into| (from, into)));
    }
    for (from, into) in keyspaces {
        let copied = contain(|| copy_keyspace(view, from, into, &mut num_rows, progress));
        let is_whole = copied.map_err(|failure| failed(failure.describe()))?;
        if !is_whole {
            return Err(BackupError::Cancelled);
        }
    }
    target
        .adopt_versions(view.version)
        .map_err(|error| failed(error.to_string()))
}

/// Copies rows as they are, in their order; `false` if it was broken off.
fn copy_keyspace(
    view: &View,
    from: &Keyspace,
    into: &Keyspace,
    num_rows: &mut u64,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> fjall::Result<bool> {
    let mut ingestion = into.start_ingestion()?;
    for guard in view.snapshot.iter(from) {
        let (key, value) = guard.into_inner()?;
        ingestion.write(key, value)?;
        *num_rows += 1;
        if num_rows.is_multiple_of(REPORTED_EVERY) && progress(*num_rows).is_break() {
            return Ok(false);
        }
    }
    ingestion.finish()?;
    Ok(true)
}
