//! Why a request is refused: a status of HTTP and a sentence.
//!
//! Where the official server has a sentence for it, it is that one, because programs look for it. No answer to what a
//! client sent is a 5xx, after which Deno would send the same again for ever.

use hyper::StatusCode;

use crate::error::{CommitError, DatabaseError};
use crate::limits::LimitError;

/// A request that is not done. Nothing of it is stored unless the sentence says that this is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("The Host of this request is not a name of this server: {0}")]
    Host(String),
    #[error("Requests of web pages are refused; they come with an Origin, as this one does.")]
    Origin,
    #[error("Malformed authorization header.")]
    MalformedAuthorization,
    #[error("Invalid access token.")]
    Token,
    #[error("Resource not found.")]
    NotFound,
    #[error("Only POST is answered here.")]
    Method,
    #[error("The body is larger than {0} bytes.")]
    BodyTooLarge(usize),
    #[error("The body did not come within {0} seconds.")]
    BodyTooSlow(u64),
    #[error("The body ended before its end ({0}).")]
    BodyBroken(String),
    #[error("The body of a metadata exchange is empty or a JSON object with supportedVersions ({0}).")]
    MetadataRequest(String),
    #[error(
        "The server could not negotiate a protocol version. The server requires protocol version 1, 2 or 3."
    )]
    Negotiation,
    #[error("Expected protocol version 2.")]
    ProtocolVersion,
    #[error("Invalid database id.")]
    DatabaseId,
    #[error("Request protobuf is invalid: {0}.")]
    Protobuf(String),
    #[error("A key exceeds the key size limit.")]
    KeySize,
    #[error("A value exceeds the value size limit.")]
    ValueSize,
    #[error("The total number of entries requested across read ranges in the read request is too large.")]
    ReadEntries,
    #[error("The total size of the atomic write is too large.")]
    WriteSize,
    #[error("Too many read ranges requested in one read request.")]
    Ranges,
    #[error("Too many keys watched in a single watch request.")]
    WatchedKeys,
    #[error("Too many watches at the same time.")]
    Watches,
    #[error("Too many views are held at the same time.")]
    Views,
    #[error("This view is not held any more.")]
    NoView,
    /// What is wrong with a message of the extension.
    #[error("{0}")]
    Extension(String),
    #[error("Too many checks included in atomic write.")]
    Checks,
    #[error("Too many mutations / enqueues included in atomic write.")]
    Mutations,
    #[error("Too many dead letter keys for a single queue message.")]
    UndeliveredKeys,
    #[error("Too many backoff intervals for a single queue message.")]
    BackoffIntervals,
    #[error("A backoff interval exceeds the maximum allowed backoff interval.")]
    BackoffInterval,
    #[error("The read range limit of the snapshot read request is invalid.")]
    ReadLimit,
    #[error("Invalid versionstamp.")]
    Versionstamp,
    #[error("Invalid mutation kind or arguments.")]
    MutationKind,
    #[error("Invalid mutation expire at.")]
    ExpireAt,
    #[error("Invalid mutation enqueue deadline.")]
    Deadline,
    #[error("Unknown value encoding: {0}.")]
    Encoding(i32),
    #[error("A KvU64 has 8 bytes, and this one has {0}.")]
    U64Length(usize),
    #[error("Cannot use min/max parameters with KvU64 operands")]
    U64Limits,
    #[error("This database is read only.")]
    ReadOnly,
    /// The database's own sentence about the operation.
    #[error("{0}")]
    Database(String),
    /// The database failed, which a repetition would not change; or it is not known what is stored, so that the
    /// operation must not be repeated of itself.
    #[error("{0}")]
    Failed(String),
    /// Asking again may go well, and nothing is stored.
    #[error("{0}")]
    Later(String),
}

impl Refusal {
    /// Of a server that ends.
    pub(crate) fn ending() -> Self {
        Self::Later("The server ends, and nothing of this was done.".to_owned())
    }

    /// The status that a client hears.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Host(_) | Self::Origin => StatusCode::FORBIDDEN,
            Self::MalformedAuthorization | Self::Token => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Watches | Self::Views => StatusCode::TOO_MANY_REQUESTS,
            Self::Failed(_) => StatusCode::CONFLICT,
            Self::Later(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl From<LimitError> for Refusal {
    fn from(error: LimitError) -> Self {
        match error {
            LimitError::KeyForWrite(_) | LimitError::KeyForRead(_) => Self::KeySize,
            LimitError::Value(_) | LimitError::Message(_) => Self::ValueSize,
            LimitError::Checks(_) => Self::Checks,
            LimitError::Mutations(_) => Self::Mutations,
            LimitError::CommitBytes(_) => Self::WriteSize,
            LimitError::Ranges(_) => Self::Ranges,
            LimitError::ReadEntries(_) => Self::ReadEntries,
            LimitError::WatchedKeys(_) => Self::WatchedKeys,
            other => Self::Database(other.to_string()),
        }
    }
}

impl From<DatabaseError> for Refusal {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Limit(limit) => limit.into(),
            DatabaseError::ReadOnly(_) => Self::ReadOnly,
            DatabaseError::Type(_) | DatabaseError::Unsupported(_) => Self::Database(error.to_string()),
            DatabaseError::Busy { .. } | DatabaseError::Gone(_) | DatabaseError::Unreachable { .. } => {
                Self::Later(error.to_string())
            }
            DatabaseError::Unauthorised { .. }
            | DatabaseError::DiskFull(_)
            | DatabaseError::Engine { .. }
            | DatabaseError::Damaged { .. } => Self::Failed(error.to_string()),
        }
    }
}

impl From<CommitError> for Refusal {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Refused(error)
            | CommitError::Failed(error)
            | CommitError::Unreachable(error)
            | CommitError::Unauthorised(error) => error.into(),
            CommitError::Unknown { .. } => Self::Failed(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_of_which_nothing_is_known_is_not_sent_again() {
        let unknown = CommitError::Unknown {
            reason: "no space left".to_owned(),
            location: "shop.kg".to_owned(),
        };
        let refusal = Refusal::from(unknown);
        assert!(refusal.status().is_client_error());
        assert!(refusal.to_string().contains("it is not known"));
        let busy = DatabaseError::Busy {
            owner: None,
            seconds: 5,
            location: "kv.sqlite3".to_owned(),
        };
        assert_eq!(Refusal::from(busy).status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
