//! What is said of what went wrong.

use hyper::StatusCode;

use super::server::{Done, Unanswered};
use crate::error::{CommitError, ConnectError, DatabaseError};
use crate::http::Fault;

/// How sentences begin by which a server says that an operation does not fit the type of what is stored.
const OF_TYPE: [&str; 5] = [
    "Failed to perform '",
    "Cannot sum ",
    "Cannot use min/max parameters",
    "Min/max parameters have different types",
    "The result of a Sum operation",
];

/// That a request was not answered.
pub(super) fn unanswered(fault: Fault, location: &str) -> Unanswered {
    let url = location.to_owned();
    let done = match fault {
        Fault::Lost(_) | Fault::Large(_) => Done::Perhaps,
        Fault::Late(_) => Done::Still,
        _ => Done::No,
    };
    let error = match fault {
        Fault::Name(reason) => ConnectError::Name { reason, url },
        Fault::Connect(reason) => ConnectError::Connection { reason, url },
        Fault::Proxy(reason) => ConnectError::Proxy { reason, url },
        Fault::Tls(reason) => ConnectError::Security { reason, url },
        Fault::NotSent(reason) | Fault::Lost(reason) => ConnectError::Lost { reason, url },
        Fault::Late(seconds) => ConnectError::Late { seconds, url },
        Fault::Large(_) => ConnectError::Answer {
            reason: fault.to_string(),
            url,
        },
    };
    Unanswered { error, done }
}

/// That a request was answered by another status than 200.
pub(super) fn refused(
    status: StatusCode,
    retry_after: Option<&str>,
    sentence: &str,
    location: &str,
) -> Unanswered {
    let url = location.to_owned();
    let reason = match sentence.lines().next().unwrap_or_default().trim() {
        // A page for people says nothing in its first line.
        line if line.is_empty() || line.starts_with('<') => {
            status.canonical_reason().unwrap_or_default().to_owned()
        }
        line => line.chars().take(300).collect(),
    };
    let status = status.as_u16();
    let mut done = Done::No;
    let error = match status {
        401 => ConnectError::Unauthorised { reason, url },
        403 => ConnectError::Forbidden { reason, url },
        404 => ConnectError::NotFound { reason, url },
        429 => ConnectError::Throttled {
            seconds: retry_after.and_then(seconds_of),
            url,
        },
        500..=599 => {
            // A server in between may have given up one that is still at it.
            done = Done::Still;
            ConnectError::Server { status, reason, url }
        }
        // As a Keyglass says that it does not know.
        409 => {
            done = Done::Still;
            ConnectError::Refused { status, reason, url }
        }
        _ => ConnectError::Refused { status, reason, url },
    };
    Unanswered { error, done }
}

/// How long a server wants to be left alone: seconds; a date is not gone by, because whose clock would it be?
fn seconds_of(retry_after: &str) -> Option<u64> {
    retry_after.trim().parse().ok()
}

/// What a database says.
pub(super) fn database_error(error: ConnectError) -> DatabaseError {
    match error {
        ConnectError::Unauthorised { reason, url } | ConnectError::Forbidden { reason, url } => {
            DatabaseError::Unauthorised {
                reason,
                location: url,
            }
        }
        ConnectError::Refused { reason, url, .. } => {
            // Denokv's sentence, and that of this library's server.
            match reason.as_str() {
                "This database is read only." => DatabaseError::ReadOnly(url),
                // What a value that is there does not go with, in Deno's words.
                sentence if OF_TYPE.iter().any(|begins| sentence.starts_with(begins)) => {
                    DatabaseError::Type(reason)
                }
                _ => DatabaseError::Unsupported(format!("The server refuses this ({reason}): {url}")),
            }
        }
        error => {
            let (reason, url) = parts(&error);
            DatabaseError::Unreachable {
                reason,
                location: url,
            }
        }
    }
}

/// What a commit says that was not answered, and of which nothing else is known.
pub(super) fn commit_error(unanswered: Unanswered) -> CommitError {
    match unanswered.done {
        Done::No => database_error(unanswered.error).into(),
        Done::Perhaps | Done::Still => {
            let (reason, location) = parts(&unanswered.error);
            CommitError::Unknown { reason, location }
        }
    }
}

/// What went wrong without where, and where.
pub(super) fn parts(error: &ConnectError) -> (String, String) {
    let sentence = error.to_string();
    let (reason, url) = sentence.rsplit_once(": ").unwrap_or((&sentence, ""));
    let mut letters = reason.chars();
    let reason = letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect());
    (reason.unwrap_or_default(), url.to_owned())
}
