//! What programs ask, and what came of it.

use std::time::Duration;

use bytes::Bytes;
use prost::{Message, Oneof};

use super::entries::{Entry, Range};
use super::{Malformed, key, size, stamp_bytes, versionstamp};
use crate::requests::{
    Access, FailedExpectation, LoggedBody, LoggedClient, LoggedOperation, LoggedOutcome, LoggedPlace,
    LoggedRequest, Place as LoggedWhere,
};

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Request {
    #[prost(uint64, tag = "1")]
    number: u64,
    /// By the database's clock, in milliseconds since the Unix epoch.
    #[prost(sint64, tag = "2")]
    at: i64,
    #[prost(message, optional, tag = "3")]
    client: Option<Client>,
    #[prost(int32, tag = "4")]
    operation: i32,
    /// The method of the extension, or the path.
    #[prost(string, tag = "5")]
    name: String,
    #[prost(message, repeated, tag = "6")]
    places: Vec<Place>,
    #[prost(uint64, tag = "7")]
    num_places: u64,
    #[prost(oneof = "Outcome", tags = "8, 9, 10, 11, 12, 13, 14")]
    outcome: Option<Outcome>,
    #[prost(uint64, tag = "15")]
    nanoseconds: u64,
    #[prost(uint64, tag = "16")]
    bytes_in: u64,
    #[prost(uint64, tag = "17")]
    bytes_out: u64,
    /// Nothing where it was not kept.
    #[prost(bytes = "bytes", optional, tag = "18")]
    request: Option<Bytes>,
    #[prost(bytes = "bytes", optional, tag = "19")]
    answer: Option<Bytes>,
}

#[derive(Clone, PartialEq, Message)]
struct Client {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(uint32, optional, tag = "2")]
    protocol: Option<u32>,
    #[prost(string, optional, tag = "3")]
    address: Option<String>,
}

/// A key, or a range if there is one.
#[derive(Clone, PartialEq, Message)]
struct Place {
    #[prost(int32, tag = "1")]
    access: i32,
    #[prost(bytes = "bytes", tag = "2")]
    key: Bytes,
    #[prost(message, optional, tag = "3")]
    range: Option<Range>,
}

/// What [`Request::operation`] says.
mod operation {
    pub(super) const EXCHANGE: i32 = 1;
    pub(super) const READ: i32 = 2;
    pub(super) const WRITE: i32 = 3;
    pub(super) const WATCH: i32 = 4;
    pub(super) const EXTENSION: i32 = 5;
    pub(super) const UNKNOWN: i32 = 6;
}

/// What [`Place::access`] says.
mod access {
    pub(super) const READ: i32 = 1;
    pub(super) const CHECK: i32 = 2;
    pub(super) const WRITE: i32 = 3;
    pub(super) const WATCH: i32 = 4;
}

#[derive(Clone, PartialEq, Oneof)]
enum Outcome {
    #[prost(message, tag = "8")]
    Answered(Nothing),
    #[prost(uint64, tag = "9")]
    Entries(u64),
    #[prost(bytes = "bytes", tag = "10")]
    Committed(Bytes),
    #[prost(message, tag = "11")]
    Conflict(Conflict),
    #[prost(message, tag = "12")]
    Begun(Nothing),
    #[prost(uint64, tag = "13")]
    Ended(u64),
    #[prost(message, tag = "14")]
    Refused(Refused),
}

#[derive(Clone, PartialEq, Message)]
struct Nothing {}

#[derive(Clone, PartialEq, Message)]
struct Conflict {
    #[prost(message, repeated, tag = "1")]
    failed: Vec<Failed>,
}

#[derive(Clone, PartialEq, Message)]
struct Failed {
    #[prost(uint64, tag = "1")]
    index: u64,
    #[prost(bytes = "bytes", tag = "2")]
    key: Bytes,
    /// Nothing where the key should have been absent.
    #[prost(bytes = "bytes", optional, tag = "3")]
    expected: Option<Bytes>,
    #[prost(message, optional, tag = "4")]
    found: Option<Entry>,
}

#[derive(Clone, PartialEq, Message)]
struct Refused {
    #[prost(uint32, tag = "1")]
    status: u32,
    #[prost(string, tag = "2")]
    sentence: String,
}

impl From<&LoggedRequest> for Request {
    fn from(request: &LoggedRequest) -> Self {
        let (operation, name) = match &request.operation {
            LoggedOperation::Exchange => (operation::EXCHANGE, ""),
            LoggedOperation::Read => (operation::READ, ""),
            LoggedOperation::Write => (operation::WRITE, ""),
            LoggedOperation::Watch => (operation::WATCH, ""),
            LoggedOperation::Extension(method) => (operation::EXTENSION, method.as_str()),
            LoggedOperation::Unknown(path) => (operation::UNKNOWN, path.as_str()),
        };
        Self {
            number: request.number,
            at: request.at,
            client: Some(Client {
                name: request.client.name.clone(),
                protocol: request.client.protocol.map(u32::from),
                address: request.client.address.map(|address| address.to_string()),
            }),
            operation,
            name: name.to_owned(),
            places: request.places.iter().map(Into::into).collect(),
            num_places: request.num_places as u64,
            outcome: Some((&request.outcome).into()),
            nanoseconds: u64::try_from(request.duration.as_nanos()).unwrap_or(u64::MAX),
            bytes_in: request.bytes_in,
            bytes_out: request.bytes_out,
            request: request.request.bytes().cloned(),
            answer: request.answer.bytes().cloned(),
        }
    }
}

impl TryFrom<Request> for LoggedRequest {
    type Error = Malformed;

    fn try_from(request: Request) -> Result<Self, Malformed> {
        let client = request.client.unwrap_or_default();
        let places = request.places.into_iter().map(TryInto::try_into);
        Ok(Self {
            number: request.number,
            at: request.at,
            client: LoggedClient {
                name: client.name,
                protocol: client.protocol.and_then(|version| version.try_into().ok()),
                address: client.address.and_then(|address| address.parse().ok()),
            },
            operation: match request.operation {
                operation::EXCHANGE => LoggedOperation::Exchange,
                operation::READ => LoggedOperation::Read,
                operation::WRITE => LoggedOperation::Write,
                operation::WATCH => LoggedOperation::Watch,
                operation::EXTENSION => LoggedOperation::Extension(request.name),
                operation::UNKNOWN => LoggedOperation::Unknown(request.name),
                number => {
                    return Err(Malformed::Unknown {
                        what: "operation",
                        number: number.into(),
                    });
                }
            },
            places: places.collect::<Result<_, Malformed>>()?,
            num_places: size(request.num_places),
            outcome: request.outcome.ok_or(Malformed::Missing("outcome"))?.try_into()?,
            duration: Duration::from_nanos(request.nanoseconds),
            bytes_in: request.bytes_in,
            bytes_out: request.bytes_out,
            request: body(request.request),
            answer: body(request.answer),
        })
    }
}

/// A body of its own, so that it does not hold the frame it came in.
fn body(bytes: Option<Bytes>) -> LoggedBody {
    bytes.map_or(LoggedBody::NotKept, |bytes| {
        LoggedBody::Kept(Bytes::copy_from_slice(&bytes))
    })
}

impl From<&LoggedPlace> for Place {
    fn from(place: &LoggedPlace) -> Self {
        let access = match place.access {
            Access::Read => access::READ,
            Access::Check => access::CHECK,
            Access::Write => access::WRITE,
            Access::Watch => access::WATCH,
        };
        let (key, range) = match &place.place {
            LoggedWhere::Key(key) => (key.to_shared(), None),
            LoggedWhere::Range(range) => (Bytes::new(), Some(range.into())),
        };
        Self { access, key, range }
    }
}

impl TryFrom<Place> for LoggedPlace {
    type Error = Malformed;

    fn try_from(place: Place) -> Result<Self, Malformed> {
        Ok(Self {
            access: match place.access {
                access::READ => Access::Read,
                access::CHECK => Access::Check,
                access::WRITE => Access::Write,
                access::WATCH => Access::Watch,
                number => {
                    return Err(Malformed::Unknown {
                        what: "access",
                        number: number.into(),
                    });
                }
            },
            place: match place.range {
                Some(range) => LoggedWhere::Range(range.try_into()?),
                None => LoggedWhere::Key(key(&place.key)?),
            },
        })
    }
}

impl From<&LoggedOutcome> for Outcome {
    fn from(outcome: &LoggedOutcome) -> Self {
        match outcome {
            LoggedOutcome::Answered => Self::Answered(Nothing {}),
            LoggedOutcome::Entries(entries) => Self::Entries(*entries as u64),
            LoggedOutcome::Committed(stamp) => Self::Committed(stamp_bytes(*stamp)),
            LoggedOutcome::Conflict(failed) => {
                let failed = failed.iter().map(|failed| Failed {
                    index: failed.index as u64,
                    key: failed.key.to_shared(),
                    expected: failed.expected.map(stamp_bytes),
                    found: failed.found.clone().map(Into::into),
                });
                Self::Conflict(Conflict {
                    failed: failed.collect(),
                })
            }
            LoggedOutcome::Begun => Self::Begun(Nothing {}),
            LoggedOutcome::Ended { states } => Self::Ended(*states),
            LoggedOutcome::Refused { status, sentence } => Self::Refused(Refused {
                status: u32::from(*status),
                sentence: sentence.clone(),
            }),
        }
    }
}

impl TryFrom<Outcome> for LoggedOutcome {
    type Error = Malformed;

    fn try_from(outcome: Outcome) -> Result<Self, Malformed> {
        let failed = |failed: Failed| {
            Ok(FailedExpectation {
                index: size(failed.index),
                key: key(&failed.key)?,
                expected: failed.expected.as_deref().map(versionstamp).transpose()?,
                found: failed.found.map(TryInto::try_into).transpose()?,
            })
        };
        Ok(match outcome {
            Outcome::Answered(Nothing {}) => Self::Answered,
            Outcome::Entries(entries) => Self::Entries(size(entries)),
            Outcome::Committed(stamp) => Self::Committed(versionstamp(&stamp)?),
            Outcome::Conflict(Conflict { failed: all }) => {
                Self::Conflict(all.into_iter().map(failed).collect::<Result<_, Malformed>>()?)
            }
            Outcome::Begun(Nothing {}) => Self::Begun,
            Outcome::Ended(states) => Self::Ended { states },
            Outcome::Refused(Refused { status, sentence }) => Self::Refused {
                status: u16::try_from(status).unwrap_or(u16::MAX),
                sentence,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{EncodedKey, KeyRange};
    use crate::value::{Encoding, StoredValue};
    use crate::versionstamp::Versionstamp;

    #[test]
    fn a_request_says_the_same_on_the_other_side() {
        let key = EncodedKey::from_bytes(&b"\x02a\0"[..]);
        let stamp = Versionstamp::from_counter(7);
        let failed = |found| FailedExpectation {
            index: 3,
            key: key.clone(),
            expected: Some(stamp),
            found,
        };
        let entry = crate::entry::Entry {
            key: key.clone(),
            value: StoredValue {
                encoding: Encoding::Bytes,
                bytes: vec![1, 2].into(),
            },
            versionstamp: stamp,
            expires_at: Some(9),
        };
        let operations = [
            LoggedOperation::Exchange,
            LoggedOperation::Read,
            LoggedOperation::Write,
            LoggedOperation::Watch,
            LoggedOperation::Extension("commit".to_owned()),
            LoggedOperation::Unknown("/elsewhere".to_owned()),
            LoggedOperation::Read,
        ];
        let outcomes = [
            LoggedOutcome::Answered,
            LoggedOutcome::Entries(0),
            LoggedOutcome::Committed(stamp),
            LoggedOutcome::Conflict(vec![failed(None), failed(Some(entry))]),
            LoggedOutcome::Begun,
            LoggedOutcome::Ended { states: 0 },
            LoggedOutcome::Refused {
                status: 422,
                sentence: "no".to_owned(),
            },
        ];
        for (operation, outcome) in operations.into_iter().zip(outcomes) {
            let request = LoggedRequest {
                number: 11,
                at: -5,
                client: LoggedClient {
                    name: "Deno/2.9.6".to_owned(),
                    protocol: Some(3),
                    address: Some(([127, 0, 0, 1], 4512).into()),
                },
                operation,
                places: [Access::Read, Access::Check, Access::Write, Access::Watch]
                    .map(|access| LoggedPlace {
                        access,
                        place: match access {
                            Access::Read => LoggedWhere::Range(KeyRange::below(&key)),
                            _ => LoggedWhere::Key(key.clone()),
                        },
                    })
                    .to_vec(),
                num_places: 150,
                outcome,
                duration: Duration::from_nanos(1_234_567),
                bytes_in: 1,
                bytes_out: 2,
                request: LoggedBody::Kept(Bytes::from_static(b"body")),
                answer: LoggedBody::NotKept,
            };
            let bytes = Request::from(&request).encode_to_vec();
            let read = Request::decode(bytes.as_slice()).unwrap();
            assert_eq!(LoggedRequest::try_from(read), Ok(request));
        }
        assert!(LoggedRequest::try_from(Request::default()).is_err());
    }
}
