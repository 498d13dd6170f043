//! Wakes the window when there is something to show, at most as often as it can draw.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a change made elsewhere may wait for its frame, so that a flood of commits costs few frames.
pub const CHANGE_DELAY: Duration = Duration::from_millis(100);
/// How long it waits while changes do not cease: nobody reads a thousand of them a second, but each frame costs.
const FLOOD_DELAY: Duration = Duration::from_millis(500);
/// Frames for changes, each soon after the one before, that make a flood.
const FLOOD_FRAMES: u32 = 6;
/// How long no change comes once a flood has ended.
const CALM: Duration = Duration::from_secs(1);

/// Asks for a frame after a delay; given by whoever owns the window.
pub type Wake = Arc<dyn Fn(Duration) + Send + Sync>;

/// Coalesces the wishes of all background threads: between two drains only the first one wakes the window.
#[derive(Clone)]
pub struct Notifier {
    wake: Wake,
    soon: Arc<AtomicBool>,
    later: Arc<AtomicBool>,
    flood: Arc<Mutex<Flood>>,
}

/// Frames that were asked for because of changes.
#[derive(Default)]
struct Flood {
    last: Option<Instant>,
    num_frames: u32,
}

impl Flood {
    /// How long the next one waits.
    fn delay(&mut self) -> Duration {
        let now = Instant::now();
        let goes_on = self.last.is_some_and(|last| now.duration_since(last) < CALM);
        self.num_frames = if goes_on {
            self.num_frames.saturating_add(1)
        } else {
            1
        };
        self.last = Some(now);
        if self.num_frames > FLOOD_FRAMES {
            FLOOD_DELAY
        } else {
            CHANGE_DELAY
        }
    }
}

impl Notifier {
    /// A notifier that wakes through `wake`.
    #[must_use]
    pub fn new(wake: Wake) -> Self {
        Self {
            wake,
            soon: Arc::default(),
            later: Arc::default(),
            flood: Arc::default(),
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
            let mut flood = self.flood.lock().unwrap_or_else(PoisonError::into_inner);
            (self.wake)(flood.delay());
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

    #[test]
    fn changes_that_do_not_cease_get_fewer_frames() {
        let delays = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&delays);
        let notifier = Notifier::new(Arc::new(move |delay| seen.lock().unwrap().push(delay)));
        for _ in 0..10 {
            notifier.change();
            notifier.clear();
        }
        let delays = delays.lock().unwrap();
        assert_eq!(delays[..6], [CHANGE_DELAY; 6]);
        assert_eq!(delays[6..], [FLOOD_DELAY; 4]);
    }
}
