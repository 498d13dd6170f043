//! Wakes the window when there is something to show, at most as often as it can draw.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a change made elsewhere may wait for its frame, so that a flood of commits costs few frames.
pub const CHANGE_DELAY: Duration = Duration::from_millis(100);

/// Asks for a frame after a delay; given by whoever owns the window.
pub type Wake = Arc<dyn Fn(Duration) + Send + Sync>;

/// Coalesces the wishes of all background threads: between two drains only the first one wakes the window.
#[derive(Clone)]
pub struct Notifier {
    wake: Wake,
    soon: Arc<AtomicBool>,
    later: Arc<AtomicBool>,
}

impl Notifier {
    /// A notifier that wakes through `wake`.
    #[must_use]
    pub fn new(wake: Wake) -> Self {
        Self {
            wake,
            soon: Arc::default(),
            later: Arc::default(),
        }
    }

    /// An answer to a person's action has come.
    pub fn answer(&self) {
        if !self.soon.swap(true, Ordering::AcqRel) {
            (self.wake)(Duration::ZERO);
        }
    }

    /// Something changed elsewhere, or a job went on.
    pub fn change(&self) {
        if !self.soon.load(Ordering::Acquire) && !self.later.swap(true, Ordering::AcqRel) {
            (self.wake)(CHANGE_DELAY);
        }
    }

    /// To be called before the replies are drained, so that one that comes during the drain wakes again.
    pub fn clear(&self) {
        self.soon.store(false, Ordering::Release);
        self.later.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_flood_wakes_the_window_once_until_it_drains() {
        let delays = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&delays);
        let notifier = Notifier::new(Arc::new(move |delay| seen.lock().unwrap().push(delay)));
        for _ in 0..1000 {
            notifier.change();
        }
        assert_eq!(*delays.lock().unwrap(), [CHANGE_DELAY]);
        notifier.answer();
        notifier.answer();
        notifier.change();
        assert_eq!(*delays.lock().unwrap(), [CHANGE_DELAY, Duration::ZERO]);
        notifier.clear();
        notifier.change();
        assert_eq!(delays.lock().unwrap().len(), 3);
    }
}
