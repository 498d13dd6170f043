//! A request on its way, which somebody looks at.

mod decoded;

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use hyper::header::{self, HeaderMap, HeaderName};

pub use decoded::DecodedRequest;

use super::peer::Peer;
use super::refusal::Refusal;
use super::service::{PROTOCOL_VERSION, Shared, TRANSACTION_DOMAIN_ID};
use crate::atomic::{AtomicOperation, Check, CommitOutcome};
use crate::database::ReadRange;
use crate::entry::Entry;
use crate::key::{EncodedKey, KeyRange};
use crate::requests::{
    Access, FailedExpectation, LoggedBody, LoggedClient, LoggedOperation, LoggedOutcome, LoggedPlace,
    LoggedRequest, Place, RequestLog,
};
use crate::value::StoredValue;

/// Characters of what a client says that are kept.
const TEXT: usize = 200;

/// A request that is being answered. It is told when it is finished.
pub(super) struct Recording {
    log: Arc<RequestLog>,
    begun: Instant,
    request: LoggedRequest,
    checks: Vec<Check>,
}

impl Recording {
    /// Begins one, if anybody looks.
    pub(super) fn begin(shared: &Shared, peer: &Peer, path: &str, headers: &HeaderMap) -> Option<Self> {
        if !shared.log.is_read() {
            return None;
        }
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let name = text(&header::USER_AGENT).unwrap_or_default();
        let protocol = match text(&PROTOCOL_VERSION) {
            None if headers.contains_key(&TRANSACTION_DOMAIN_ID) => Some(1),
            version => version.and_then(|version| version.parse().ok()),
        };
        Some(Self {
            log: Arc::clone(&shared.log),
            begun: Instant::now(),
            request: LoggedRequest {
                number: 0,
                at: shared.database.clock().now(),
                client: LoggedClient {
                    name: cut(name),
                    protocol,
                    address: peer.address,
                },
                operation: shared
                    .asked(path)
                    .map_or_else(|| LoggedOperation::Unknown(cut(path)), |asked| asked.logged()),
                places: Vec::new(),
                num_places: 0,
                outcome: LoggedOutcome::Answered,
                duration: std::time::Duration::ZERO,
                bytes_in: 0,
                bytes_out: 0,
                request: LoggedBody::NotKept,
                answer: LoggedBody::NotKept,
            },
            checks: Vec::new(),
        })
    }

    /// Its body has come.
    pub(super) fn body(&mut self, body: &[u8]) {
        self.request.bytes_in = body.len() as u64;
        self.request.request = kept_copy(body);
    }

    fn places<'a>(&mut self, places: impl Iterator<Item = (Access, &'a EncodedKey)>) {
        for (access, key) in places {
            self.place(access, || Place::Key(copied(key)));
        }
    }

    fn place(&mut self, access: Access, place: impl FnOnce() -> Place) {
        self.request.num_places += 1;
        if self.request.places.len() < LoggedRequest::PLACES {
            let place = place();
            self.request.places.push(LoggedPlace { access, place });
        }
    }

    /// It reads.
    pub(super) fn reads(&mut self, ranges: &[ReadRange]) {
        for read in ranges {
            self.place(Access::Read, || {
                let KeyRange { start, end } = &read.range;
                // As Deno asks for one key, and as @deno/kv does.
                match end.as_bytes().strip_prefix(start.as_bytes()) {
                    Some([0]) => Place::Key(copied(start)),
                    Some([0xff]) if read.limit == 1 => Place::Key(copied(start)),
                    _ => Place::Range(copied_range(&read.range)),
                }
            });
        }
    }

    /// It reads what stands under keys.
    pub(super) fn gets(&mut self, keys: &[EncodedKey]) {
        self.places(keys.iter().map(|key| (Access::Read, key)));
    }

    /// It counts or lists a range, or follows its changes.
    pub(super) fn range(&mut self, access: Access, range: &KeyRange) {
        self.place(access, || Place::Range(copied_range(range)));
    }

    /// It commits.
    pub(super) fn commits(&mut self, operation: &AtomicOperation) {
        self.checks.clone_from(&operation.checks);
        let checks = operation.checks.iter();
        let mutations = operation.mutations.iter();
        self.places(checks.map(|check| (Access::Check, &check.key)));
        self.places(mutations.map(|mutation| (Access::Write, &mutation.key)));
    }

    /// It watches.
    pub(super) fn watches(&mut self, keys: &[EncodedKey]) {
        self.places(keys.iter().map(|key| (Access::Watch, key)));
    }

    /// How a commit ended.
    pub(super) fn committed(&mut self, outcome: &CommitOutcome) {
        self.request.outcome = match outcome {
            CommitOutcome::Committed(versionstamp) => LoggedOutcome::Committed(*versionstamp),
            CommitOutcome::MessagesChanged(_) => LoggedOutcome::Conflict(Vec::new()),
            CommitOutcome::Conflict(failed) => {
                let failed = failed.iter().filter_map(|failed| {
                    let check = self.checks.get(failed.index)?;
                    Some(FailedExpectation {
                        index: failed.index,
                        key: copied(&check.key),
                        expected: check.versionstamp,
                        found: failed.current.as_ref().map(copied_entry),
                    })
                });
                LoggedOutcome::Conflict(failed.collect())
            }
        };
    }

    /// What came of it.
    pub(super) fn outcome(&mut self, outcome: LoggedOutcome) {
        self.request.outcome = outcome;
    }

    /// Its answer.
    pub(super) fn answer(&mut self, answer: &Bytes) {
        self.request.bytes_out = answer.len() as u64;
        if answer.len() <= LoggedRequest::BODY_BYTES {
            self.request.answer = LoggedBody::Kept(answer.clone());
        }
    }

    /// An answer that is not kept, of so many bytes.
    pub(super) fn answered_with(&mut self, bytes: usize) {
        self.request.bytes_out = bytes as u64;
    }

    /// The database refused it, or failed.
    pub(super) fn failed(&mut self, status: u16, sentence: String, bytes: usize) {
        self.request.bytes_out = bytes as u64;
        self.request.outcome = LoggedOutcome::Refused { status, sentence };
    }

    /// Tells that a stream has begun; its end is still to be told.
    pub(super) fn stream_begins(&mut self) {
        let mut begun = self.request.clone();
        begun.outcome = LoggedOutcome::Begun;
        begun.duration = self.begun.elapsed();
        self.log.tell(begun);
    }

    /// Tells that a stream has ended.
    pub(super) fn stream_ended(mut self, states: u64, bytes: u64) {
        self.request.outcome = LoggedOutcome::Ended { states };
        self.request.bytes_out = bytes;
        self.finish(None);
    }

    /// Tells it.
    pub(super) fn finish(mut self, refusal: Option<&Refusal>) {
        if let Some(refusal) = refusal {
            let sentence = refusal.to_string();
            self.request.bytes_out = sentence.len() as u64;
            self.request.outcome = LoggedOutcome::Refused {
                status: refusal.status().as_u16(),
                sentence,
            };
        }
        self.request.duration = self.begun.elapsed();
        self.log.tell(self.request);
    }
}

/// The beginning of a text.
fn cut(text: &str) -> String {
    let end = text.char_indices().nth(TEXT).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or_default().to_owned()
}

/// A copy of a body that is not too large: the bytes themselves are part of a larger buffer.
fn kept_copy(bytes: &[u8]) -> LoggedBody {
    match bytes.len() <= LoggedRequest::BODY_BYTES {
        true => LoggedBody::Kept(Bytes::copy_from_slice(bytes)),
        false => LoggedBody::NotKept,
    }
}

/// A key of its own: the one of a request is part of its body, which would stay with it.
fn copied(key: &EncodedKey) -> EncodedKey {
    EncodedKey::from_bytes(Bytes::copy_from_slice(key.as_bytes()))
}

fn copied_range(range: &KeyRange) -> KeyRange {
    KeyRange {
        start: copied(&range.start),
        end: copied(&range.end),
    }
}

fn copied_entry(entry: &Entry) -> Entry {
    Entry {
        key: copied(&entry.key),
        value: StoredValue {
            encoding: entry.value.encoding,
            bytes: Bytes::copy_from_slice(&entry.value.bytes),
        },
        ..entry.clone()
    }
}
