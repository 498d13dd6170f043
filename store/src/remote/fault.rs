//! What is said of what went wrong.

use hyper::StatusCode;
use hyper::header::{self, HeaderMap, HeaderName};

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
        Fault::Proxy(error) => ConnectError::Proxy { error, url },
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
    seconds: Option<u64>,
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
        429 => ConnectError::Throttled { seconds, url },
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

/// How long a server wants to be left alone, in seconds: as many as it says, or until a date, by its own clock if it tells
/// that, and otherwise by `now`, in milliseconds since the Unix epoch.
pub(super) fn seconds_to_wait(headers: &HeaderMap, now: i64) -> Option<u64> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let wanted = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = wanted.parse() {
        return Some(seconds);
    }
    let until = moment(wanted)?;
    let now = text(header::DATE).and_then(moment).unwrap_or(now);
    u64::try_from(until.saturating_sub(now))
        .ok()
        .map(|span| span.div_ceil(1000))
        .or(Some(0))
}

/// A date of HTTP, in milliseconds since the Unix epoch.
fn moment(date: &str) -> Option<i64> {
    let since = httpdate::parse_http_date(date).ok()?;
    let since = since.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(retry_after: &str, date: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, retry_after.parse().unwrap());
        if let Some(date) = date {
            headers.insert(header::DATE, date.parse().unwrap());
        }
        // 1994-11-06T08:49:00Z.
        seconds_to_wait(&headers, 784_111_740_000)
    }

    #[test]
    fn a_server_is_left_alone_for_seconds_or_until_a_date() {
        assert_eq!(waits("7", None), Some(7));
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(waits(date, None), Some(37));
        assert_eq!(waits("Sunday, 06-Nov-94 08:49:37 GMT", None), Some(37));
        // Its own clock, which may be another one, knows better what it means.
        assert_eq!(waits(date, Some("Sun, 06 Nov 1994 08:49:35 GMT")), Some(2));
        assert_eq!(waits(date, Some("Sun, 06 Nov 1994 09:00:00 GMT")), Some(0));
        assert_eq!(waits(date, Some("some day")), Some(37));
        assert_eq!(waits("soon", None), None);
    }
}
