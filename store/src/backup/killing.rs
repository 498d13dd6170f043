//! Ends a backup at a given step, as if the process had been killed there.

use std::cell::Cell;
use std::path::Path;

use super::BackupError;

thread_local! {
    /// Steps until the end; none is ended while it is `None`.
    static STEPS: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Has this thread's next backup end after so many steps.
pub(super) fn kill_after(steps: Option<u32>) {
    STEPS.set(steps);
}

/// One step.
pub(super) fn may_be_killed() -> Result<(), BackupError> {
    match STEPS.get() {
        Some(0) => Err(BackupError::io(
            std::io::Error::other("killed"),
            Path::new("test"),
        )),
        Some(steps) => {
            STEPS.set(Some(steps - 1));
            Ok(())
        }
        None => Ok(()),
    }
}
