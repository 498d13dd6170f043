//! Starting threads: for good, for one errand after the other, and for as long as a search goes on.

use std::thread::{Builder, Scope};

use crossbeam_channel::Receiver;

use super::Asked;
use crate::errand::NoThread;

/// Starts a named thread.
pub(super) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), NoThread> {
    let started = named(name).spawn(work);
    started.map(drop).map_err(NoThread)
}

/// Starts a thread that does one errand after the other.
pub(super) fn spawn_lane<E: Send + 'static>(
    name: &str,
    asked: Receiver<Asked<E>>,
    work: impl Fn(E) + Send + 'static,
) -> Result<(), NoThread> {
    spawn(name, move || {
        for Asked { errand, under_way } in asked {
            work(errand);
            drop(under_way);
        }
    })
}

/// Starts a named thread that ends with its scope.
pub(super) fn spawn_scoped<'scope>(
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
