//! The bodies of a request and its answer, read again.

use prost::Message as _;

use super::super::{messages, request};
use super::request::{LoggedOperation, LoggedRequest};
use crate::atomic::AtomicOperation;
use crate::database::ReadRange;
use crate::entry::Entry;
use crate::key::EncodedKey;
use crate::value::{Encoding, StoredValue};
use crate::versionstamp::Versionstamp;

/// What a request says.
#[derive(Debug, Clone, PartialEq)]
pub enum DecodedRequest {
    /// The JSON of a metadata exchange.
    Exchange(String),
    /// Ranges to read.
    Read(Vec<ReadRange>),
    /// What to commit.
    Write(AtomicOperation),
    /// Keys to watch.
    Watch(Vec<EncodedKey>),
}

impl LoggedRequest {
    /// What it says, if its body was kept and is a request.
    #[must_use]
    pub fn decode(&self) -> Option<DecodedRequest> {
        let body = self.request.bytes()?.clone();
        Some(match self.operation {
            LoggedOperation::Exchange => {
                DecodedRequest::Exchange(String::from_utf8_lossy(&body).into_owned())
            }
            LoggedOperation::Read => {
                let message = messages::SnapshotRead::decode(body).ok()?;
                DecodedRequest::Read(request::read_ranges(message).ok()?)
            }
            LoggedOperation::Write => {
                let message = messages::AtomicWrite::decode(body).ok()?;
                DecodedRequest::Write(request::operation(message).ok()?)
            }
            LoggedOperation::Watch => {
                let message = messages::Watch::decode(body).ok()?;
                DecodedRequest::Watch(request::watched_keys(message).ok()?)
            }
            LoggedOperation::Extension(_) | LoggedOperation::Unknown(_) => return None,
        })
    }

    /// The entries of each range that a read was answered with, if that was kept. They come without their expiry, which
    /// is not told to clients.
    #[must_use]
    pub fn entries(&self) -> Option<Vec<Vec<Entry>>> {
        if self.operation != LoggedOperation::Read {
            return None;
        }
        let body = self.answer.bytes()?.clone();
        let answer = messages::SnapshotReadOutput::decode(body).ok()?;
        let ranges = answer.ranges.into_iter();
        ranges
            .map(|range| range.values.into_iter().map(entry).collect())
            .collect()
    }
}

fn entry(entry: messages::KvEntry) -> Option<Entry> {
    Some(Entry {
        key: EncodedKey::from_bytes(entry.key),
        value: StoredValue {
            encoding: Encoding::from_number(entry.encoding.into()),
            bytes: entry.value,
        },
        versionstamp: Versionstamp(entry.versionstamp.as_ref().try_into().ok()?),
        expires_at: None,
    })
}
