//! Where operations wait for the commit thread, and their callers for its answer.
//!
//! Sixteen callers and the commit thread often share two cores, so nobody spins here: the callers of a group sleep
//! until its outcomes are there, which wakes all of them at once, and the commit thread until as many operations are
//! there as it wants.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::commit::Outcome;
use crate::atomic::AtomicOperation;

/// The most operations of one group.
const GROUP_OPERATIONS: usize = 256;
/// The most bytes of one group, but for its last operation.
const GROUP_BYTES: usize = 4 << 20;

/// Operations that wait for the commit thread.
#[derive(Default)]
pub(super) struct CommitQueue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

#[derive(Default)]
struct Waiting {
    groups: VecDeque<Group>,
    renews_journal: bool,
    stops: bool,
    /// There is no commit thread any more.
    is_closed: bool,
    /// The commit thread sleeps until so many operations are there.
    wanted: usize,
}

impl Waiting {
    /// How many operations the next group has.
    fn num_operations(&self) -> usize {
        self.groups.front().map_or(0, |group| group.operations.len())
    }

    fn is_idle(&mut self) -> bool {
        self.groups.is_empty() && !self.renews_journal && !self.stops
    }
}

/// Operations that are committed together.
#[derive(Default)]
struct Group {
    operations: Vec<AtomicOperation>,
    bytes: usize,
    answers: Answers,
}

/// What the commit thread does next.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) operations: Vec<AtomicOperation>,
    /// Where the outcomes go.
    pub(super) answers: Answers,
    /// Synced commits will be quicker with a new journal.
    pub(super) renews_journal: bool,
    /// The store closes.
    pub(super) stops: bool,
}

impl CommitQueue {
    /// Puts an operation behind those that wait.
    pub(super) fn join(&self, operation: AtomicOperation) -> Reply {
        let mut waiting = self.lock();
        if waiting.is_closed {
            return Reply::default();
        }
        let is_full =
            |group: &mut Group| group.operations.len() >= GROUP_OPERATIONS || group.bytes >= GROUP_BYTES;
        if waiting.groups.back_mut().is_none_or(is_full) {
            waiting.groups.push_back(Group::default());
        }
        let Some(group) = waiting.groups.back_mut() else {
            return Reply::default();
        };
        let reply = Reply {
            outcomes: Some(group.answers.0.clone()),
            index: group.operations.len(),
        };
        group.bytes = group.bytes.saturating_add(operation.size());
        group.operations.push(operation);
        let is_enough = waiting.num_operations() >= waiting.wanted;
        drop(waiting);
        if is_enough {
            self.arrived.notify_one();
        }
        reply
    }

    /// Has the commit thread renew the journal.
    pub(super) fn renew_journal(&self) {
        self.lock().renews_journal = true;
        self.arrived.notify_one();
    }

    /// Closes the queue when the commit thread, which holds what this returns, ends in whatever way: nobody shall wait
    /// for it then.
    pub(super) fn closed_at_the_end(&self) -> impl Drop {
        Closing(self)
    }

    /// Ends the commit thread once it has answered everything before.
    pub(super) fn stop(&self) {
        self.lock().stops = true;
        self.arrived.notify_one();
    }

    /// Waits until there is something to do, and then, if `expected` operations are not there yet, for as long as
    /// `patience` says.
    pub(super) fn gather(&self, expected: usize, patience: Duration) -> Gathered {
        let mut waiting = self.lock();
        if waiting.is_idle() {
            waiting.wanted = 1;
            let woken = self.arrived.wait_while(waiting, Waiting::is_idle);
            waiting = woken.unwrap_or_else(PoisonError::into_inner);
        }
        let expected = expected.min(GROUP_OPERATIONS);
        let is_short = |waiting: &mut Waiting| waiting.num_operations() < expected && !waiting.stops;
        if is_short(&mut waiting) {
            waiting.wanted = expected;
            let woken = self.arrived.wait_timeout_while(waiting, patience, is_short);
            waiting = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        // Nobody wakes a thread that is busy.
        waiting.wanted = usize::MAX;
        let group = waiting.groups.pop_front().unwrap_or_default();
        Gathered {
            operations: group.operations,
            answers: group.answers,
            renews_journal: std::mem::take(&mut waiting.renews_journal),
            stops: waiting.stops && waiting.groups.is_empty(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Closing<'a>(&'a CommitQueue);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        let mut waiting = self.0.lock();
        waiting.is_closed = true;
        waiting.groups.clear();
    }
}

/// The outcomes of a group, each to be taken by its caller.
type Outcomes = OnceLock<Vec<Mutex<Option<Outcome>>>>;

/// The commit thread's end of the replies to a group. Without an answer, callers get none, but wait no longer.
#[derive(Default)]
pub(super) struct Answers(Arc<Outcomes>);

impl Answers {
    /// Gives each caller its outcome, in the order of the operations.
    pub(super) fn send(self, outcomes: Vec<Outcome>) {
        let outcomes = outcomes.into_iter().map(|outcome| Mutex::new(Some(outcome)));
        let _answered_before = self.0.set(outcomes.collect());
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        let _answered = self.0.set(Vec::new());
    }
}

/// The caller's end of a reply.
#[derive(Default)]
pub(super) struct Reply {
    outcomes: Option<Arc<Outcomes>>,
    index: usize,
}

impl Reply {
    /// Waits for the outcome; `None` if none will come.
    pub(super) fn wait(self) -> Option<Outcome> {
        let outcome = self.outcomes.as_ref()?.wait().get(self.index)?;
        outcome.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atomic::CommitOutcome;
    use crate::versionstamp::Versionstamp;

    fn outcome(number: u64) -> Outcome {
        Ok(CommitOutcome::Committed(Versionstamp::from_counter(number)))
    }

    #[test]
    fn callers_get_the_outcome_of_their_own_operation() {
        let queue = CommitQueue::default();
        std::thread::scope(|scope| {
            let callers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| queue.join(AtomicOperation::new()).wait().unwrap().unwrap()))
                .collect();
            let gathered = queue.gather(8, Duration::from_secs(60));
            assert_eq!(gathered.operations.len(), 8);
            gathered.answers.send((0..8).map(outcome).collect());
            let mut outcomes: Vec<_> = callers
                .into_iter()
                .map(|caller| match caller.join().unwrap() {
                    CommitOutcome::Committed(versionstamp) => versionstamp,
                    other => panic!("nothing could fail: {other:?}"),
                })
                .collect();
            outcomes.sort_unstable();
            assert!(outcomes.into_iter().eq((0..8).map(Versionstamp::from_counter)));
        });
    }

    #[test]
    fn a_group_does_not_wait_for_callers_that_do_not_come() {
        let queue = CommitQueue::default();
        let _reply = queue.join(AtomicOperation::new());
        let gathered = queue.gather(16, Duration::from_millis(1));
        assert_eq!(gathered.operations.len(), 1);
    }

    #[test]
    fn what_waits_when_the_store_closes_is_still_answered() {
        let queue = CommitQueue::default();
        let num_operations = GROUP_OPERATIONS + 1;
        let replies: Vec<_> = (0..num_operations)
            .map(|_| queue.join(AtomicOperation::new()))
            .collect();
        queue.stop();
        let first = queue.gather(0, Duration::ZERO);
        assert!(!first.stops);
        let second = queue.gather(0, Duration::ZERO);
        assert!(second.stops);
        assert_eq!(first.operations.len() + second.operations.len(), num_operations);
        drop((first, second));
        assert!(replies.into_iter().all(|reply| reply.wait().is_none()));
    }

    #[test]
    fn nobody_waits_for_a_commit_thread_that_is_gone() {
        let queue = CommitQueue::default();
        let closing = queue.closed_at_the_end();
        let before = queue.join(AtomicOperation::new());
        drop(closing);
        assert!(before.wait().is_none());
        assert!(queue.join(AtomicOperation::new()).wait().is_none());
    }
}
