//! Starting threads: the one place of the window where the system is asked for one.

use std::io;
use std::thread::{Builder, JoinHandle, Scope};

use crate::outstanding::Outstanding;

/// The system has no thread left.
#[derive(Debug, thiserror::Error)]
#[error("The system refused to start a background thread ({0})")]
pub struct NoThread(#[source] pub io::Error);

/// Starts a thread that is named `keyglass` and its own name.
///
/// # Errors
/// If the system refuses a thread.
#[expect(clippy::disallowed_methods, reason = "this is where threads come from")]
pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, NoThread> {
    named(name).spawn(work).map_err(NoThread)
}

/// Starts a thread that counts as under way until it has ended and let go of all that it held.
///
/// # Errors
/// If the system refuses a thread.
pub fn spawn_counted(
    name: &str,
    count: &Outstanding,
    work: impl FnOnce() + Send + 'static,
) -> Result<(), NoThread> {
    let running = count.begin();
    let started = spawn(name, move || {
        // What it holds is dropped as it returns.
        work();
        drop(running);
    });
    started.map(drop)
}

/// Starts a named thread that ends with its scope.
///
/// # Errors
/// If the system refuses a thread.
#[expect(clippy::disallowed_methods, reason = "this is where threads come from")]
pub fn spawn_scoped<'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    work: impl FnOnce() + Send + 'scope,
) -> Result<(), NoThread> {
    let started = named(name).spawn_scoped(scope, work);
    started.map(drop).map_err(NoThread)
}

fn named(name: &str) -> Builder {
    Builder::new().name(format!("keyglass {name}"))
}
