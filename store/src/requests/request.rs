//! A request of a client, and what came of it.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;

use crate::entry::Entry;
use crate::key::{EncodedKey, KeyRange};
use crate::versionstamp::Versionstamp;

/// A request of a client, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedRequest {
    /// Numbers follow each other without a gap while anybody reads; where one is missing, the reader was too slow.
    pub number: u64,
    /// When it came, in milliseconds since the Unix epoch, by the database's clock.
    pub at: i64,
    /// Whose it is.
    pub client: LoggedClient,
    /// What was asked for.
    pub operation: LoggedOperation,
    /// The first of the keys and ranges that it is about, at most [`Self::PLACES`].
    pub places: Vec<LoggedPlace>,
    /// How many there are.
    pub num_places: usize,
    /// What came of it.
    pub outcome: LoggedOutcome,
    /// From the head of the request until the answer stood, or until the stream ended.
    pub duration: Duration,
    /// Bytes of the request's body.
    pub bytes_in: u64,
    /// Bytes of the answer's body.
    pub bytes_out: u64,
    /// The request's body.
    pub request: LoggedBody,
    /// The answer's body.
    pub answer: LoggedBody,
}

/// Who sent a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedClient {
    /// What it calls itself, such as `Deno/2.9.6`; empty if it does not say.
    pub name: String,
    /// The version of the protocol that it speaks, as it says.
    pub protocol: Option<u8>,
    /// Where it is.
    pub address: Option<SocketAddr>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LoggedOperation {
    /// Which versions are spoken, and where.
    Exchange,
    /// Ranges in one snapshot.
    Read,
    /// A commit.
    Write,
    /// A stream of states.
    Watch,
    /// A method of the extension.
    Extension(String),
    /// A path that is none of this server's.
    Unknown(String),
}

/// What a request does with a key or a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reads it.
    Read,
    /// Looks whether it is as it was.
    Check,
    /// Changes it.
    Write,
    /// Watches it.
    Watch,
}

/// A key or a range.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// One key.
    Key(EncodedKey),
    /// Keys from one to before another.
    Range(KeyRange),
}

impl Place {
    /// The key, or where the range begins.
    #[must_use]
    pub fn start(&self) -> &EncodedKey {
        match self {
            Self::Key(key) => key,
            Self::Range(range) => &range.start,
        }
    }
}

/// A key or a range that a request is about.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedPlace {
    /// What is done with it.
    pub access: Access,
    /// Which one.
    pub place: Place,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum LoggedOutcome {
    /// It was answered.
    Answered,
    /// It was answered with so many entries.
    Entries(usize),
    /// It is stored with this versionstamp.
    Committed(Versionstamp),
    /// Nothing is stored, because these checks failed.
    Conflict(Vec<FailedExpectation>),
    /// A stream has begun.
    Begun,
    /// A stream has ended, after so many states or other messages.
    Ended {
        /// States or other messages that were sent.
        states: u64,
    },
    /// It was refused.
    Refused {
        /// The status of HTTP.
        status: u16,
        /// Why.
        sentence: String,
    },
}

/// A check that failed.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedExpectation {
    /// Its place among the checks.
    pub index: usize,
    /// The key.
    pub key: EncodedKey,
    /// What it should have been; `None` if it should have been absent.
    pub expected: Option<Versionstamp>,
    /// What stood there; `None` if nothing did.
    pub found: Option<Entry>,
}

/// A body as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoggedBody {
    /// All of it.
    Kept(Bytes),
    /// It was not kept, because it is larger than [`LoggedRequest::BODY_BYTES`], or is a stream or a secret.
    NotKept,
}

impl LoggedBody {
    /// Its bytes, if they were kept.
    #[must_use]
    pub fn bytes(&self) -> Option<&Bytes> {
        match self {
            Self::Kept(bytes) => Some(bytes),
            Self::NotKept => None,
        }
    }

    fn len(&self) -> usize {
        self.bytes().map_or(0, Bytes::len)
    }
}

impl LoggedRequest {
    /// Bytes of a body that are kept.
    pub const BODY_BYTES: usize = 256 << 10;
    /// Keys and ranges that are named.
    pub const PLACES: usize = 100;

    /// Bytes that it takes in memory, about.
    #[must_use]
    pub fn size(&self) -> usize {
        let places = self.places.iter().map(|named| match &named.place {
            Place::Key(key) => key.as_bytes().len(),
            Place::Range(range) => range.start.as_bytes().len() + range.end.as_bytes().len(),
        });
        let outcome = match &self.outcome {
            LoggedOutcome::Conflict(failed) => failed.iter().map(FailedExpectation::size).sum(),
            LoggedOutcome::Refused { sentence, .. } => sentence.len(),
            _ => 0,
        };
        let places: usize = places.map(|bytes| bytes + size_of::<LoggedPlace>()).sum();
        size_of::<Self>() + self.client.name.len() + places + outcome + self.request.len() + self.answer.len()
    }
}

impl FailedExpectation {
    fn size(&self) -> usize {
        let found = self.found.as_ref();
        let found = found.map_or(0, |entry| entry.key.as_bytes().len() + entry.value.bytes.len());
        size_of::<Self>() + self.key.as_bytes().len() + found
    }
}
