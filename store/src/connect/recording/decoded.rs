//! The bodies of a request and its answer, read again.

use prost::Message as _;

use super::super::extension::wire::{self, method};
use super::super::{messages, request};
use crate::atomic::AtomicOperation;
use crate::database::ReadRange;
use crate::entry::Entry;
use crate::key::{EncodedKey, KeyRange};
use crate::requests::{LoggedOperation, LoggedRequest};
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
            LoggedOperation::Extension(ref method) => return of_extension(method, body),
            LoggedOperation::Unknown(_) => return None,
        })
    }

    /// The entries of each range or key that a read was answered with, if that was kept. Those of KV Connect come
    /// without their expiry, which is not told to clients.
    #[must_use]
    pub fn entries(&self) -> Option<Vec<Vec<Entry>>> {
        let body = self.answer.bytes()?.clone();
        match &self.operation {
            LoggedOperation::Read => {
                let answer = messages::SnapshotReadOutput::decode(body).ok()?;
                let ranges = answer.ranges.into_iter();
                ranges
                    .map(|range| range.values.into_iter().map(entry).collect())
                    .collect()
            }
            LoggedOperation::Extension(method) if method == method::READ => {
                let answer = wire::ReadAnswer::decode(body).ok()?;
                let pages = answer.pages.into_iter().map(wire::Page::entries);
                pages.collect::<Result<_, _>>().ok()
            }
            LoggedOperation::Extension(method) if method == method::GET => {
                let answer = wire::GetAnswer::decode(body).ok()?;
                let found = answer.found.into_iter().map(|found| {
                    let entry: Option<Entry> = found.try_into().ok()?;
                    Some(entry.into_iter().collect())
                });
                found.collect()
            }
            _ => None,
        }
    }
}

/// What a request of the extension says, where KV Connect has one like it.
fn of_extension(method: &str, body: bytes::Bytes) -> Option<DecodedRequest> {
    Some(match method {
        method::READ => {
            let ranges = wire::Read::decode(body).ok()?.ranges.into_iter();
            let ranges = ranges.map(TryInto::try_into).collect::<Result<_, _>>();
            DecodedRequest::Read(ranges.ok()?)
        }
        method::GET => {
            let keys = wire::Get::decode(body).ok()?.keys().ok()?;
            let range = |key: &EncodedKey| ReadRange {
                range: KeyRange::only(key),
                limit: 1,
                reverse: false,
            };
            DecodedRequest::Read(keys.iter().map(range).collect())
        }
        method::COMMIT => DecodedRequest::Write(wire::Operation::decode(body).ok()?.try_into().ok()?),
        method::WATCH => DecodedRequest::Watch(wire::WatchKeys::decode(body).ok()?.keys().ok()?),
        _ => return None,
    })
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
