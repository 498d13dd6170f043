//! What was asked of background threads and is not answered yet.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Counts what is under way.
#[derive(Debug, Clone, Default)]
pub struct Outstanding(Arc<Count>);

#[derive(Debug, Default)]
struct Count {
    number: Mutex<usize>,
    is_none: Condvar,
}

impl Count {
    fn change(&self, change: impl FnOnce(usize) -> usize) {
        let mut number = self.number.lock().unwrap_or_else(PoisonError::into_inner);
        *number = change(*number);
        if *number == 0 {
            self.is_none.notify_all();
        }
    }
}

/// Something that is under way until this is dropped, which is after its answer was sent.
#[derive(Debug)]
#[must_use]
pub struct UnderWay(Arc<Count>);

impl Outstanding {
    /// Counts one thing more.
    pub fn begin(&self) -> UnderWay {
        self.0.change(|number| number + 1);
        UnderWay(Arc::clone(&self.0))
    }

    /// Whether nothing is under way. All answers have been sent then.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self.0.number.lock().unwrap_or_else(PoisonError::into_inner) == 0
    }

    /// Waits until nothing is under way, at most so long.
    pub fn wait(&self, at_most: Duration) {
        let number = self.0.number.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .0
            .is_none
            .wait_timeout_while(number, at_most, |number| *number > 0);
        drop(waited);
    }
}

impl Clone for UnderWay {
    fn clone(&self) -> Self {
        self.0.change(|number| number + 1);
        Self(Arc::clone(&self.0))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.change(|number| number.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_under_way_until_all_who_work_on_it_are_done() {
        let outstanding = Outstanding::default();
        assert!(outstanding.is_none());
        let one = outstanding.begin();
        let other = one.clone();
        drop(one);
        assert!(!outstanding.is_none());
        drop(other);
        assert!(outstanding.is_none());
    }
}
