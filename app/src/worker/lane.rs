//! The way of errands to a thread that does one kind of them.

use crossbeam_channel::{Receiver, Sender, unbounded};

use super::Answers;
use crate::outstanding::UnderWay;
use crate::threads::NoThread;

/// An errand on its way to the thread that does it, and until that thread has answered.
pub(super) struct Asked<E> {
    pub errand: E,
    pub under_way: UnderWay,
}

/// The way to a thread that does one kind of errands.
pub(super) struct Lane<E>(Sender<Asked<E>>);

impl<E> Lane<E> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the window never waits for a thread to take an errand; wants are bounded by what is on screen"
    )]
    pub(super) fn new() -> (Self, Receiver<Asked<E>>) {
        let (sender, receiver) = unbounded();
        (Self(sender), receiver)
    }

    pub(super) fn send(&self, errand: E, under_way: UnderWay) {
        // A lane is closed only while the worker is being dropped.
        let _closed = self.0.send(Asked { errand, under_way });
    }
}

/// Starts a thread that does one errand after the other.
pub(super) fn spawn_lane<E: Send + 'static>(
    answers: &Answers,
    name: &str,
    asked: Receiver<Asked<E>>,
    mut work: impl FnMut(E) + Send + 'static,
) -> Result<(), NoThread> {
    answers.spawn(name, move || {
        for Asked { errand, under_way } in asked {
            work(errand);
            drop(under_way);
        }
    })
}
