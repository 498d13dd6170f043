//! Whether the file may be written: not before somebody has allowed it, and only the very file that he saw.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::signal::Identity;

/// The lock of an open file. A file that takes its place is locked again.
#[derive(Debug, Default)]
pub(super) struct Lock(Mutex<Option<Identity>>);

/// What the lock says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permission {
    /// It may be written.
    Given,
    /// It may not.
    Missing,
    /// Another file was allowed to be written, which stood in this place.
    OfAnotherFile,
}

impl Lock {
    /// Allows writing to this file.
    pub(super) fn allow(&self, file: Identity) {
        *self.guard() = Some(file);
    }

    /// Forbids it. What is being committed at this instant is finished before this returns, and nothing after it.
    pub(super) fn forbid(&self) {
        *self.guard() = None;
    }

    /// What it says of the file that is there now.
    pub(super) fn permission(&self, file: Option<Identity>) -> Permission {
        permission(*self.guard(), file)
    }

    /// Does something if the file may be written. Nobody can forbid it meanwhile, so it is to take no time.
    pub(super) fn while_allowed<T>(
        &self,
        file: Option<Identity>,
        act: impl FnOnce() -> T,
    ) -> Result<T, Permission> {
        let allowed = self.guard();
        match permission(*allowed, file) {
            Permission::Given => Ok(act()),
            missing => Err(missing),
        }
    }

    fn guard(&self) -> MutexGuard<'_, Option<Identity>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn permission(allowed: Option<Identity>, file: Option<Identity>) -> Permission {
    match allowed {
        None => Permission::Missing,
        Some(_) if allowed == file => Permission::Given,
        Some(_) => Permission::OfAnotherFile,
    }
}
