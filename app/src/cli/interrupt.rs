//! Ctrl+C and SIGTERM while a command is at work: it stops in order and says what it did.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the person or the system has asked the program to end.
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from now on. Where there is no such signal, or it cannot be heard, the program ends as any other.
    pub(super) fn listen() -> Self {
        let asked = Arc::new(AtomicBool::new(false));
        let heard = Arc::clone(&asked);
        let _handled = ctrlc::set_handler(move || heard.store(true, Ordering::Release));
        Self(asked)
    }

    /// Never asks: for input that may not come for a long time, where the signal had better end the program at once.
    pub(super) fn never() -> Self {
        Self(Arc::new(AtomicBool::new(false)))
    }

    /// Breaks once the program was asked to end.
    pub(super) fn flow(&self) -> ControlFlow<()> {
        if self.0.load(Ordering::Acquire) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}
