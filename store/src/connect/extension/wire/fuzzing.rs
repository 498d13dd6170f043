//! Any bytes as each message, for the fuzzer.

use prost::Message;

use super::{
    Children, ChildrenAnswer, Count, CountFrame, DeletedAnswer, Description, Event, Failure, Frames, Get,
    GetAnswer, Held, Known, Malformed, Operation, Outcome, Page, QueueAnswer, QueuePage, Read, ReadAnswer,
    Request, Rules, States, Statistics, Subscribe, Versions, VersionsAnswer, WatchKeys,
};
use crate::atomic::{AtomicOperation, CommitOutcome};
use crate::database;
use crate::entry::Entry;
use crate::error::CommitError;
use crate::history::{DeletedPage, HistoryRules, PastVersion};
use crate::limits::Limits;
use crate::requests::LoggedRequest;

/// Reads bytes as each message, and what it says if it is one.
pub(crate) fn read_as_anything(bytes: &[u8]) {
    fn read<M: Message + Default, T>(bytes: &[u8], read: impl FnOnce(M) -> T) {
        let _what_it_says = M::decode(bytes).map(read);
    }
    let mut frames = Frames::default();
    frames.push(bytes);
    while let Ok(Some(event)) = frames.next::<Event>() {
        let _event: Result<database::FeedEvent, _> = event.try_into();
    }
    read(bytes, |read: Read| {
        let ranges = read.ranges.into_iter().map(TryInto::try_into);
        ranges.collect::<Result<Vec<database::ReadRange>, _>>()
    });
    read(bytes, Get::keys);
    read(bytes, WatchKeys::keys);
    read(bytes, Subscribe::ranges);
    read(bytes, Children::level);
    read(bytes, |rules: Rules| {
        let rules = HistoryRules::try_from(rules)?;
        let _checked = rules.clone().checked();
        Ok::<_, Malformed>(Rules::from(rules))
    });
    read(bytes, Versions::wanted);
    read(bytes, Vec::<PastVersion>::try_from as fn(VersionsAnswer) -> _);
    read(bytes, DeletedPage::try_from as fn(DeletedAnswer) -> _);
    read(bytes, Count::range);
    read(bytes, QueuePage::wanted);
    read(bytes, |operation: Operation| {
        let operation: AtomicOperation = operation.try_into()?;
        let _limits = operation.validate(&Limits::DENO);
        Ok::<_, Malformed>(Operation::from(operation))
    });
    read(bytes, CommitOutcome::try_from as fn(Outcome) -> _);
    read(bytes, CommitError::try_from as fn(Failure) -> _);
    read(bytes, Known::try_from as fn(Description) -> _);
    read(bytes, database::ChildrenPage::try_from as fn(ChildrenAnswer) -> _);
    read(bytes, database::WatchedState::try_from as fn(States) -> _);
    read(bytes, database::Statistics::try_from as fn(Statistics) -> _);
    read(
        bytes,
        <(Vec<database::QueueMessage>, bool)>::try_from as fn(QueueAnswer) -> _,
    );
    read(bytes, |answer: ReadAnswer| {
        let pages = answer.pages.into_iter().map(Page::entries);
        pages.collect::<Result<Vec<_>, _>>()
    });
    read(bytes, |answer: GetAnswer| {
        let found = answer.found.into_iter().map(TryInto::try_into);
        found.collect::<Result<Vec<Option<Entry>>, _>>()
    });
    read(bytes, |held: Held| held.newest());
    read(bytes, |request: Request| {
        let request = LoggedRequest::try_from(request)?;
        let _what_it_says = (request.decode(), request.entries());
        Ok::<_, Malformed>(Request::from(&request))
    });
    read(bytes, |frame: CountFrame| frame.counted());
}
