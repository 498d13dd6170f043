//! All that a database does, done by the owner.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use prost::Message as _;
use tokio::sync::oneshot;

use super::Attached;
use super::connection::{Connection, Fault};
use super::counts::Counts;
use super::link::Shared;
use super::pages;
use super::snapshot::HeldSnapshot;
use super::streams::FeedListener;
use crate::atomic::{AtomicOperation, CommitOutcome};
use crate::clock::Clock;
use crate::connect::extension::FEED_RANGES;
use crate::connect::extension::wire::{
    Children, ChildrenAnswer, Count, CountFrame, DeletedAnswer, NumMessages, Operation, Outcome, QueueAnswer,
    QueuePage, Rules, States, Statistics as StatisticsAnswer, Subscribe, Taken, Versions, VersionsAnswer,
    WatchKeys, method,
};
use crate::database::{
    Capabilities, ChildrenPage, Counted, Database, LastingId, Metered, QueueMessage, QueuePlace, ReadRange,
    Snapshot, Statistics, WatchedState, Writing, keeps_none,
};
use crate::entry::Entry;
use crate::error::{CommitError, DatabaseError, LockOwner};
use crate::history::{DeletedPage, HistoryRules, PastVersion};
use crate::key::{EncodedKey, KeyRange};
use crate::limits::LimitError;
use crate::requests::Requests;
use crate::subscription::{self, Feed, Subscription};
use crate::versionstamp::Versionstamp;

impl Database for Attached {
    fn capabilities(&self) -> Capabilities {
        self.asking.shared.capabilities()
    }

    fn location(&self) -> String {
        self.asking.shared.location.clone()
    }

    fn id(&self) -> Option<LastingId> {
        self.asking.shared.known().id.clone()
    }

    fn owner(&self) -> Option<LockOwner> {
        let shared = &self.asking.shared;
        (!shared.place.is_remote()).then(|| shared.known().owner.clone())
    }

    fn clock(&self) -> Clock {
        self.clock.clone()
    }

    fn snapshot(&self) -> Result<Box<dyn Snapshot>, DatabaseError> {
        Ok(Box::new(HeldSnapshot::take(&self.asking)?))
    }

    fn read(&self, ranges: &[ReadRange]) -> Result<Vec<Vec<Entry>>, DatabaseError> {
        let (shared, wanted) = (Arc::clone(&self.asking.shared), ranges.to_vec());
        let read = self.asking.wait(async move {
            let connection = shared.connection()?;
            pages::read_at_once(&connection, &wanted).await
        })?;
        match read {
            Some(entries) => Ok(entries),
            None => HeldSnapshot::take(&self.asking)?.read_all(ranges),
        }
    }

    fn get_many(&self, keys: &[EncodedKey]) -> Result<Vec<Option<Entry>>, DatabaseError> {
        let (shared, wanted) = (Arc::clone(&self.asking.shared), keys.to_vec());
        let found = self.asking.wait(async move {
            let connection = shared.connection()?;
            pages::get_at_once(&connection, &wanted).await
        })?;
        match found {
            Some(entries) => Ok(entries),
            None => HeldSnapshot::take(&self.asking)?.get_all(keys),
        }
    }

    fn commit(&self, operation: AtomicOperation) -> Result<CommitOutcome, CommitError> {
        // What no owner takes need not be sent.
        operation.validate(&self.asking.shared.known().capabilities.limits)?;
        self.asking.check_lock()?;
        let outcome = self
            .asking
            .ask::<Outcome, _>(method::COMMIT, &Operation::from(operation))
            .map_err(|fault| self.asking.shared.commit_error(fault))?;
        if let (Some(counts), CommitOutcome::Committed(_)) = (self.asking.shared.place.counts(), &outcome) {
            counts.committed();
        }
        Ok(outcome)
    }

    fn watch(&self, keys: Vec<EncodedKey>) -> Result<Subscription<WatchedState>, DatabaseError> {
        self.asking
            .follow_states(method::WATCH, &WatchKeys::new(&keys), |state: States| {
                state.try_into()
            })
    }

    fn changes(&self, ranges: Vec<KeyRange>) -> Result<Feed, DatabaseError> {
        let ranges = KeyRange::merged(ranges);
        if ranges.len() > FEED_RANGES {
            return Err(LimitError::Ranges(FEED_RANGES).into());
        }
        let (open, dropped) = oneshot::channel();
        let (sender, feed) = subscription::feed(move || drop::<oneshot::Sender<()>>(open));
        self.asking.follow(
            method::CHANGES,
            &Subscribe::new(&ranges),
            FeedListener(sender),
            dropped,
        )?;
        Ok(feed)
    }

    fn children(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
    ) -> Result<ChildrenPage, DatabaseError> {
        let mut all = ChildrenPage::default();
        loop {
            let after = all.children.last().map(|child| &child.prefix).or(after);
            let wanted = Children::new(prefix, after, limit - all.children.len());
            let asked = self.asking.ask::<ChildrenAnswer, _>(method::CHILDREN, &wanted);
            let mut page: ChildrenPage = asked.map_err(|fault| self.asking.shared.error(fault))?;
            let is_end = page.children.is_empty() || !page.more;
            page.children.truncate(limit - all.children.len());
            all.children.append(&mut page.children);
            all.more = page.more;
            if is_end || all.children.len() == limit {
                return Ok(all);
            }
        }
    }

    fn count(
        &self,
        range: &KeyRange,
        progress: &mut dyn FnMut(Counted) -> ControlFlow<()>,
    ) -> Result<Counted, DatabaseError> {
        let (shared, request) = (
            Arc::clone(&self.asking.shared),
            Bytes::from(Count::new(range).encode_to_vec()),
        );
        let (told, counts) = crossbeam_channel::bounded(1);
        self.asking.runtime.spawn(async move {
            let ended = pass_counts(&shared, request, &told).await;
            if let Err(fault) = ended {
                let _somebody_counts = told.send(Err(fault));
            }
        });
        // That it ends when `counts` is dropped shows at the next count.
        for frame in counts {
            let frame = frame.map_err(|fault| self.asking.shared.error(fault))?;
            let counted = frame.counted();
            if frame.is_last {
                return Ok(counted);
            }
            if progress(counted).is_break() {
                return Ok(Counted {
                    complete: false,
                    ..counted
                });
            }
        }
        Err(self.asking.shared.error(Fault::Lost(String::new())))
    }

    fn watch_queue(&self) -> Result<Subscription<u64>, DatabaseError> {
        self.asking.follow_states(
            method::WATCH_QUEUE,
            &(),
            |message: NumMessages| Ok(message.number),
        )
    }

    fn queue_page(
        &self,
        after: Option<&QueuePlace>,
        limit: usize,
    ) -> Result<Vec<QueueMessage>, DatabaseError> {
        let mut all: Vec<QueueMessage> = Vec::new();
        let mut after = after.cloned();
        loop {
            let wanted = QueuePage::new(after.as_ref(), limit.saturating_sub(all.len()));
            let asked = self.asking.ask::<QueueAnswer, _>(method::QUEUE, &wanted);
            let (mut messages, more): (Vec<_>, bool) =
                asked.map_err(|fault| self.asking.shared.error(fault))?;
            after = messages.last().map(QueueMessage::place);
            let is_end = messages.is_empty() || !more;
            all.append(&mut messages);
            if is_end {
                all.truncate(limit);
                return Ok(all);
            }
        }
    }

    fn history(&self) -> Result<HistoryRules, DatabaseError> {
        self.check_past_versions()?;
        self.asking
            .ask::<Rules, _>(method::HISTORY, &())
            .map_err(|fault| self.asking.shared.error(fault))
    }

    fn set_history(&self, rules: HistoryRules) -> Result<(), DatabaseError> {
        self.check_past_versions()?;
        self.asking.check_lock()?;
        self.asking
            .ask::<Taken, ()>(method::SET_HISTORY, &Rules::from(rules))
            .map_err(|fault| self.asking.shared.error(fault))
    }

    fn versions(
        &self,
        key: &EncodedKey,
        before: Option<Versionstamp>,
        limit: usize,
    ) -> Result<Vec<PastVersion>, DatabaseError> {
        self.check_past_versions()?;
        self.asking
            .ask::<VersionsAnswer, _>(method::VERSIONS, &Versions::new(key, before, limit))
            .map_err(|fault| self.asking.shared.error(fault))
    }

    fn deleted(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
    ) -> Result<DeletedPage, DatabaseError> {
        self.check_past_versions()?;
        self.asking
            .ask::<DeletedAnswer, _>(method::DELETED, &Children::new(prefix, after, limit))
            .map_err(|fault| self.asking.shared.error(fault))
    }

    fn statistics(&self) -> Result<Statistics, DatabaseError> {
        self.asking
            .ask::<StatisticsAnswer, _>(method::STATISTICS, &())
            .map_err(|fault| self.asking.shared.error(fault))
    }

    /// Nobody is billed for it, but a person may want to know what a way that takes its time carries.
    fn metered(&self) -> Option<Metered> {
        self.asking.shared.place.counts().map(Counts::read)
    }

    fn requests(&self) -> Option<Requests> {
        Some(self.asking.requests())
    }

    /// Of this side alone: what the owner does with its database is left to it.
    fn set_writable(&self, writable: bool) -> Result<(), DatabaseError> {
        let shared = &self.asking.shared;
        if writable && let Writing::Impossible(reason) = shared.capabilities().writing {
            return Err(DatabaseError::Unsupported(reason));
        }
        shared.is_locked.store(!writable, Ordering::Release);
        Ok(())
    }
}

impl Attached {
    /// An owner of an earlier version does not know the question.
    fn check_past_versions(&self) -> Result<(), DatabaseError> {
        match self.asking.shared.known().capabilities.past_versions {
            true => Ok(()),
            false => Err(keeps_none(&self.location())),
        }
    }
}

/// Passes on counts until the last, or until nobody counts any more.
async fn pass_counts(
    shared: &Shared,
    request: Bytes,
    told: &crossbeam_channel::Sender<Result<CountFrame, Fault>>,
) -> Result<(), Fault> {
    let connection: Arc<Connection> = shared.connection()?;
    let mut stream = connection.stream::<CountFrame>(method::COUNT, request).await?;
    while let Some(mut frame) = stream.next().await? {
        if let Some(failure) = frame.failure.take() {
            return Err(Fault::Failure(failure));
        }
        let is_last = frame.is_last;
        // The one who counts is only a moment behind, and the thread is not to wait for it.
        match told.try_send(Ok(frame)) {
            Ok(()) => {}
            Err(crossbeam_channel::TrySendError::Full(frame)) if is_last => {
                let told = told.clone();
                let _sent = tokio::task::spawn_blocking(move || drop(told.send(frame))).await;
            }
            Err(crossbeam_channel::TrySendError::Full(_)) => {}
            Err(crossbeam_channel::TrySendError::Disconnected(_)) => return Ok(()),
        }
        if is_last {
            return Ok(());
        }
    }
    Err(Fault::Lost("it ended before its end".to_owned()))
}
