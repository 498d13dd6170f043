//! Locks between windows: only one of them makes or writes a file at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind, Result};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long another window is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often to ask whether it is ready.
const POLL: Duration = Duration::from_millis(5);

/// Keeps other windows from what stands or shall stand at `path` until it is dropped, by a lock on a file beside it that
/// ends in `lock`. Makes the folder. On a medium without locks nobody is kept out.
///
/// # Errors
/// If another window is at it for a minute, or the system refuses.
pub fn wait_for(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path.with_extension("lock"))?;
    let begun = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => std::thread::sleep(POLL),
            Err(TryLockError::WouldBlock) => {
                return Err(Error::other("another window has been at it for a minute"));
            }
            // A medium without locks is no reason to do nothing.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}
