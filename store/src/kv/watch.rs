//! The states of watched keys.

use std::time::Duration;

use super::{KvEntry, KvError, alive};
use crate::clock::Clock;
use crate::database::WatchedState;
use crate::subscription::Subscription;
use crate::versionstamp::Versionstamp;

/// The states of some keys, each as one entry per key in the order asked for; `None` for an absent one.
///
/// As an iterator it waits for the next state and ends when the database closes. It is a state, not a log: a
/// slow reader gets the newest one. A state equal to the one before is left out, as in Deno. Where a database sweeps late
/// what has expired, that is absent in the next state, and its sweep is none by itself.
pub struct Watch {
    states: Subscription<WatchedState>,
    clock: Clock,
    seen: Option<Vec<Option<Versionstamp>>>,
}

/// One state of a watch.
type State = Result<Vec<Option<KvEntry>>, KvError>;

impl Watch {
    pub(super) fn new(states: Subscription<WatchedState>, clock: Clock) -> Self {
        Self {
            states,
            clock,
            seen: None,
        }
    }

    /// The next state, or nothing if there is none within `timeout`.
    pub fn next_within(&mut self, timeout: Duration) -> Option<State> {
        let deadline = std::time::Instant::now() + timeout;
        self.next_of(|states| states.recv_deadline(deadline).ok())
    }

    fn next_of(
        &mut self,
        receive: impl Fn(&Subscription<WatchedState>) -> Option<WatchedState>,
    ) -> Option<State> {
        loop {
            let state = receive(&self.states)?;
            let now = self.clock.now();
            let state: WatchedState = state.into_iter().map(|entry| alive(entry, now)).collect();
            let versionstamps = state
                .iter()
                .map(|entry| entry.as_ref().map(|entry| entry.versionstamp))
                .collect();
            if self.seen.as_ref() == Some(&versionstamps) {
                continue;
            }
            self.seen = Some(versionstamps);
            let entries = state.into_iter();
            return Some(
                entries
                    .map(|entry| entry.map(KvEntry::from_stored).transpose())
                    .collect(),
            );
        }
    }
}

impl Iterator for Watch {
    type Item = State;

    fn next(&mut self) -> Option<State> {
        self.next_of(|states| states.recv().ok())
    }
}
