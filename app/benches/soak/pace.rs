//! When a window wants to be drawn.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use egui::Context;

/// Drawn at least so often.
const AT_LEAST: Duration = Duration::from_secs(1);

/// The next moment at which the window wants to be drawn.
pub struct Pace(Arc<Wanted>);

#[derive(Default)]
struct Wanted {
    at: Mutex<Option<Instant>>,
    told: Condvar,
}

impl Pace {
    /// Listens to what the window asks for.
    pub fn of(ctx: &Context) -> Self {
        let wanted = Arc::new(Wanted::default());
        let pace = Self(Arc::clone(&wanted));
        ctx.set_request_repaint_callback(move |asked| {
            let at = Instant::now() + asked.delay.min(AT_LEAST);
            let mut next = wanted.at.lock().unwrap_or_else(PoisonError::into_inner);
            *next = Some(next.map_or(at, |next| next.min(at)));
            wanted.told.notify_all();
        });
        pace
    }

    /// Waits until the window wants to be drawn, and so long after the last frame at least.
    pub fn wait(&self, drawn: Instant, at_least: Duration) {
        let Wanted { at, told } = &*self.0;
        let mut next = at.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let due = next.unwrap_or(drawn + AT_LEAST).max(drawn + at_least);
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                *next = None;
                return;
            }
            let waited = told.wait_timeout(next, left);
            next = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
