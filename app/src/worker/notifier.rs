//! Wakes the window when there is something to show, at most as often as it can draw.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

/// How long a change made elsewhere waits for its frame, so that those that come together are drawn together.
pub const CHANGE_DELAY: Duration = Duration::from_millis(1);
/// Between two frames while changes do not cease: nobody reads a thousand of them a second, but each frame costs.
const FLOOD_DELAY: Duration = Duration::from_millis(500);
/// Frames that changes may have at once before they count as a flood; one more each [`FLOOD_DELAY`].
const PROMPT_FRAMES: u32 = 6;
/// How long facts wait that nobody waits for, such as the size of the file.
const FACT_DELAY: Duration = Duration::from_millis(400);

/// Asks for a frame after a delay; given by whoever owns the window.
pub type Wake = Arc<dyn Fn(Duration) + Send + Sync>;

/// Coalesces the wishes of all background threads: between two drains only the first one wakes the window.
#[derive(Clone)]
pub struct Notifier {
    wake: Wake,
    soon: Arc<AtomicBool>,
    later: Arc<AtomicBool>,
    sometime: Arc<AtomicBool>,
    flood: Arc<Mutex<Flood>>,
}

/// Frames that were asked for because of changes: a bucket of a few that fills again with time.
#[derive(Default)]
struct Flood {
    /// When the bucket would be full again.
    full_at: Option<Instant>,
}

impl Flood {
    /// How long the next frame waits that is asked for at this time.
    fn delay(&mut self, now: Instant) -> Duration {
        let full_at = self.full_at.map_or(now, |full_at| full_at.max(now));
        self.full_at = Some(full_at + FLOOD_DELAY);
        let missing = full_at.duration_since(now);
        let wait = missing.saturating_sub(FLOOD_DELAY * (PROMPT_FRAMES - 1));
        wait.clamp(CHANGE_DELAY, FLOOD_DELAY)
    }
}

struct ChangeWaker(Notifier);

impl std::task::Wake for ChangeWaker {
    fn wake(self: Arc<Self>) {
        self.0.change();
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
            sometime: Arc::default(),
            flood: Arc::default(),
        }
    }

    /// A waker for what changes elsewhere.
    #[must_use]
    pub fn waker(&self) -> Waker {
        Waker::from(Arc::new(ChangeWaker(self.clone())))
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
            let delay = flood.delay(Instant::now());
            drop(flood);
            (self.wake)(delay);
        }
    }

    /// A fact has come that nobody waits for.
    pub fn fact(&self) {
        let comes_anyway = self.soon.load(Ordering::Acquire) || self.later.load(Ordering::Acquire);
        if !comes_anyway && !self.sometime.swap(true, Ordering::AcqRel) {
            (self.wake)(FACT_DELAY);
        }
    }

    /// To be called before the replies are drained, so that one that comes during the drain wakes again.
    pub fn clear(&self) {
        self.soon.store(false, Ordering::Release);
        self.later.store(false, Ordering::Release);
        self.sometime.store(false, Ordering::Release);
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
    fn a_fact_nobody_waits_for_does_not_hold_up_a_change() {
        let delays = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&delays);
        let notifier = Notifier::new(Arc::new(move |delay| seen.lock().unwrap().push(delay)));
        notifier.fact();
        notifier.fact();
        notifier.change();
        notifier.fact();
        assert_eq!(*delays.lock().unwrap(), [FACT_DELAY, CHANGE_DELAY]);
    }

    #[test]
    fn changes_that_do_not_cease_get_two_frames_a_second_and_others_get_theirs_at_once() {
        let mut flood = Flood::default();
        let begun = Instant::now();
        let mut now = begun;
        let mut frames = 0;
        // A change every 10 ms for ten seconds; a frame is asked for as soon as the last one is drawn.
        while now < begun + Duration::from_secs(10) {
            let delay = flood.delay(now);
            now += delay.max(Duration::from_millis(10));
            frames += 1;
        }
        assert!((20..=27).contains(&frames), "{frames} frames");
        // Ten more seconds with a change a second: none of them waits.
        now += Duration::from_secs(3);
        for _ in 0..10 {
            now += Duration::from_secs(1);
            assert_eq!(flood.delay(now), CHANGE_DELAY);
        }
    }
}
