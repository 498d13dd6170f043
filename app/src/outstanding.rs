//! What was asked of background threads and is not answered yet.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts what is under way.
#[derive(Debug, Clone, Default)]
pub struct Outstanding(Arc<AtomicUsize>);

/// Something that is under way until this is dropped, which is after its answer was sent.
#[derive(Debug)]
#[must_use]
pub struct UnderWay(Arc<AtomicUsize>);

impl Outstanding {
    /// Counts one thing more.
    pub fn begin(&self) -> UnderWay {
        self.0.fetch_add(1, Ordering::Relaxed);
        UnderWay(Arc::clone(&self.0))
    }

    /// Whether nothing is under way. All answers have been sent then.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.load(Ordering::Acquire) == 0
    }
}

impl Clone for UnderWay {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(&self.0))
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
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
