//! Requests with one answer.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message as _;

use super::super::body::AnswerBody;
use super::super::large::Place;
use super::super::peer::Peer;
use super::super::recording::Recording;
use super::super::refusal::Refusal;
use super::super::service::{self, Shared};
use super::wire::{
    Children, ChildrenAnswer, DeletedAnswer, Found, Get, GetAnswer, Operation, Outcome, Page, QueueAnswer,
    QueuePage, Read, ReadAnswer, Rules, Statistics, Taken, Versions, VersionsAnswer,
};
use super::{Answered, Unanswered, blocking, decode};
use crate::atomic::AtomicOperation;
use crate::database::{ReadRange, Snapshot};
use crate::entry::Entry;
use crate::history::HistoryRules;
use crate::key::{EncodedKey, KeyRange};
use crate::requests::{Access, LoggedOutcome};

/// Ranges of one read, and keys of one get.
pub(crate) const RANGES: usize = 1000;
/// Entries of one answer.
const ENTRIES: usize = 10_000;
/// Bytes of keys and values after which an answer ends.
const BYTES: u64 = 4 << 20;
/// Entries that are read at once, which may go beyond [`BYTES`].
const AT_ONCE: usize = 128;
/// Children of one answer.
const CHILDREN: usize = 1000;
/// Messages, or versions, of one answer.
const MESSAGES: usize = 128;
/// What is asked for less has no need to wait for a place.
const SMALL: usize = 100;

pub(super) async fn read(
    shared: Arc<Shared>,
    peer: &Peer,
    body: Bytes,
    recording: &mut Option<Recording>,
) -> Answered {
    let Read { ranges, snapshot } = decode(body)?;
    if ranges.len() > RANGES {
        return Err(Refusal::Ranges.into());
    }
    let ranges = ranges.into_iter().map(TryInto::try_into);
    let ranges = ranges.collect::<Result<Vec<ReadRange>, _>>()?;
    if let Some(recording) = recording {
        recording.reads(&ranges);
    }
    let entries = ranges
        .iter()
        .fold(0, |sum: usize, range| sum.saturating_add(range.limit));
    let place = large(&shared, peer, entries).await;
    let here = Arc::clone(&shared);
    let (bytes, found) = blocking(move || {
        let answer = here.held.read(snapshot, &*here.database, |view| {
            let mut left = Left::new();
            let pages = ranges.into_iter().map(|range| left.page(view, range));
            let pages = pages.collect::<Result<_, Unanswered>>()?;
            Ok::<_, Unanswered>(ReadAnswer { pages })
        })?;
        let found = answer.pages.iter().map(|page| page.entries.len()).sum();
        Ok((Bytes::from(answer.encode_to_vec()), found))
    })
    .await?;
    record(recording, LoggedOutcome::Entries(found), &bytes);
    Ok(service::protobuf(shared.large_answers.body(bytes, place)))
}

pub(super) async fn get(
    shared: Arc<Shared>,
    peer: &Peer,
    body: Bytes,
    recording: &mut Option<Recording>,
) -> Answered {
    let request: Get = decode(body)?;
    let snapshot = request.snapshot;
    let keys = request.keys()?;
    if keys.len() > RANGES {
        return Err(Refusal::Ranges.into());
    }
    if let Some(recording) = recording {
        recording.gets(&keys);
    }
    let place = large(&shared, peer, keys.len()).await;
    let here = Arc::clone(&shared);
    let (bytes, found) = blocking(move || {
        let answer = here.held.read(snapshot, &*here.database, |view| {
            let mut left = Left::new();
            let found = keys.iter().map_while(|key| left.found(view, key).transpose());
            let found = found.collect::<Result<_, Unanswered>>()?;
            Ok::<_, Unanswered>(GetAnswer { found })
        })?;
        let found = answer.found.iter().filter(|found| found.is_some()).count();
        Ok((Bytes::from(answer.encode_to_vec()), found))
    })
    .await?;
    record(recording, LoggedOutcome::Entries(found), &bytes);
    Ok(service::protobuf(shared.large_answers.body(bytes, place)))
}

/// One of few places, for an answer that may be large.
async fn large(shared: &Shared, peer: &Peer, entries: usize) -> Option<Place> {
    match entries > SMALL {
        true => shared.large_answers.place(&peer.large_answers).await,
        false => None,
    }
}

/// What an answer still has room for.
struct Left {
    entries: usize,
    bytes: u64,
}

impl Left {
    fn new() -> Self {
        Self {
            entries: ENTRIES,
            bytes: BYTES,
        }
    }

    fn is_none(&self) -> bool {
        self.entries == 0 || self.bytes == 0
    }

    fn take(&mut self, entries: &[Entry]) {
        let bytes: u64 = entries.iter().map(Entry::size).sum();
        self.bytes = self.bytes.saturating_sub(bytes);
        self.entries = self.entries.saturating_sub(entries.len());
    }

    /// Entries of a range while there is room, and at least some where there was any when it began.
    fn page(&mut self, view: &dyn Snapshot, mut left: ReadRange) -> Result<Page, Unanswered> {
        let mut page = Page::default();
        while left.limit > 0 && !left.range.is_empty() {
            if self.is_none() {
                page.more = true;
                break;
            }
            let limit = left.limit.min(AT_ONCE).min(self.entries);
            let entries = view.read(&ReadRange {
                limit,
                ..left.clone()
            })?;
            self.take(&entries);
            left.limit -= entries.len().min(left.limit);
            let is_end = entries.len() < limit;
            if let Some(last) = entries.last() {
                left.range = behind(left.range, &last.key, left.reverse);
            }
            page.entries.extend(entries.into_iter().map(Into::into));
            if is_end {
                break;
            }
        }
        Ok(page)
    }

    /// What stands under a key, while there is room.
    fn found(&mut self, view: &dyn Snapshot, key: &EncodedKey) -> Result<Option<Found>, Unanswered> {
        if self.is_none() {
            return Ok(None);
        }
        let entry = view.get(key)?;
        self.take(entry.as_slice());
        Ok(Some(entry.into()))
    }
}

/// What of a range is left behind an entry.
pub(crate) fn behind(range: KeyRange, last: &EncodedKey, reverse: bool) -> KeyRange {
    if reverse {
        KeyRange {
            end: last.clone(),
            ..range
        }
    } else {
        KeyRange {
            start: last.with_suffix(&[0]),
            ..range
        }
    }
}

pub(super) async fn commit(shared: Arc<Shared>, body: Bytes, recording: &mut Option<Recording>) -> Answered {
    let operation: AtomicOperation = decode::<Operation>(body)?.try_into()?;
    if let Some(recording) = recording {
        recording.commits(&operation);
    }
    let outcome = blocking(move || Ok(shared.database.commit(operation)?)).await?;
    if let Some(recording) = recording {
        recording.committed(&outcome);
    }
    let bytes = Bytes::from(Outcome::from(outcome).encode_to_vec());
    if let Some(recording) = recording {
        recording.answer(&bytes);
    }
    Ok(service::protobuf(AnswerBody::whole(bytes)))
}

pub(super) async fn children(
    shared: Arc<Shared>,
    body: Bytes,
    recording: &mut Option<Recording>,
) -> Answered {
    let level = decode::<Children>(body)?.level()?;
    if let Some(recording) = recording {
        recording.range(Access::Read, &KeyRange::below(&level.prefix));
    }
    let page = blocking(move || {
        let limit = level.limit.min(CHILDREN);
        Ok(shared
            .database
            .children(&level.prefix, level.after.as_ref(), limit)?)
    })
    .await?;
    Ok(message(&ChildrenAnswer::from(page), recording))
}

pub(super) async fn queue(
    shared: Arc<Shared>,
    peer: &Peer,
    body: Bytes,
    recording: &mut Option<Recording>,
) -> Answered {
    let (after, limit) = decode::<QueuePage>(body)?.wanted();
    let place = large(&shared, peer, limit).await;
    let database = Arc::clone(&shared.database);
    let bytes = blocking(move || {
        let messages = database.queue_page(after.as_ref(), limit.min(MESSAGES))?;
        let more = messages.len() == MESSAGES && limit > MESSAGES;
        Ok(Bytes::from(QueueAnswer::new(messages, more).encode_to_vec()))
    })
    .await?;
    record(recording, LoggedOutcome::Answered, &bytes);
    Ok(service::protobuf(shared.large_answers.body(bytes, place)))
}

pub(super) async fn history(shared: Arc<Shared>, recording: &mut Option<Recording>) -> Answered {
    let rules = blocking(move || Ok(shared.database.history()?)).await?;
    Ok(message(&Rules::from(rules), recording))
}

pub(super) async fn set_history(
    shared: Arc<Shared>,
    body: Bytes,
    recording: &mut Option<Recording>,
) -> Answered {
    let rules: HistoryRules = decode::<Rules>(body)?.try_into()?;
    blocking(move || Ok(shared.database.set_history(rules)?)).await?;
    Ok(message(&Taken {}, recording))
}

pub(super) async fn versions(
    shared: Arc<Shared>,
    peer: &Peer,
    body: Bytes,
    recording: &mut Option<Recording>,
) -> Answered {
    let wanted = decode::<Versions>(body)?.wanted()?;
    if let Some(recording) = recording {
        recording.gets(std::slice::from_ref(&wanted.key));
    }
    let place = large(&shared, peer, wanted.limit).await;
    let here = Arc::clone(&shared);
    let bytes = blocking(move || {
        let limit = wanted.limit.min(MESSAGES);
        let versions = here.database.versions(&wanted.key, wanted.before, limit)?;
        Ok(Bytes::from(VersionsAnswer::from(versions).encode_to_vec()))
    })
    .await?;
    record(recording, LoggedOutcome::Answered, &bytes);
    Ok(service::protobuf(shared.large_answers.body(bytes, place)))
}

pub(super) async fn deleted(
    shared: Arc<Shared>,
    peer: &Peer,
    body: Bytes,
    recording: &mut Option<Recording>,
) -> Answered {
    let level = decode::<Children>(body)?.level()?;
    if let Some(recording) = recording {
        recording.range(Access::Read, &KeyRange::at_and_below(&level.prefix));
    }
    let place = large(&shared, peer, level.limit).await;
    let here = Arc::clone(&shared);
    let bytes = blocking(move || {
        let limit = level.limit.min(MESSAGES);
        let page = here
            .database
            .deleted(&level.prefix, level.after.as_ref(), limit)?;
        Ok(Bytes::from(DeletedAnswer::from(page).encode_to_vec()))
    })
    .await?;
    record(recording, LoggedOutcome::Answered, &bytes);
    Ok(service::protobuf(shared.large_answers.body(bytes, place)))
}

pub(super) async fn statistics(shared: Arc<Shared>, recording: &mut Option<Recording>) -> Answered {
    let statistics = blocking(move || Ok(shared.database.statistics()?)).await?;
    Ok(message(&Statistics::from(statistics), recording))
}

fn record(recording: &mut Option<Recording>, outcome: LoggedOutcome, answer: &Bytes) {
    if let Some(recording) = recording {
        recording.outcome(outcome);
        recording.answer(answer);
    }
}

fn message(message: &impl prost::Message, recording: &mut Option<Recording>) -> hyper::Response<AnswerBody> {
    let bytes = Bytes::from(message.encode_to_vec());
    record(recording, LoggedOutcome::Answered, &bytes);
    service::protobuf(AnswerBody::whole(bytes))
}
