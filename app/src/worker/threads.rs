//! Starting threads: for good, for one request after the other, and for as long as a search goes on.

use std::io::Error;
use std::thread::{Builder, Scope};

use crossbeam_channel::Receiver;

use super::{Asked, Replies, Reply, Request};

/// Starts a named thread.
pub(super) fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), String> {
    let started = named(name).spawn(work);
    started.map(drop).map_err(|error| refused(&error))
}

/// Starts a thread that does one request after the other; what `work` fails with is the answer.
pub(super) fn spawn_lane(
    name: &str,
    requests: Receiver<Asked>,
    replies: Replies,
    work: impl Fn(Request, &Replies) -> Result<(), Box<Reply>> + Send + 'static,
) -> Result<(), String> {
    spawn(name, move || {
        for Asked { request, under_way } in requests {
            if let Err(failed) = work(request, &replies) {
                replies.answer(*failed);
            }
            drop(under_way);
        }
    })
}

/// Starts a named thread that ends with its scope.
pub(super) fn spawn_scoped<'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    work: impl FnOnce() + Send + 'scope,
) -> Result<(), String> {
    let started = named(name).spawn_scoped(scope, work);
    started.map(drop).map_err(|error| refused(&error))
}

fn named(name: &str) -> Builder {
    Builder::new().name(format!("keyglass {name}"))
}

fn refused(error: &Error) -> String {
    format!("The system refused to start a background thread ({error})")
}
