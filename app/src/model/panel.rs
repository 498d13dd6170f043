//! What a panel's model does in the traffic of a database.

use std::hash::DefaultHasher;

use keyglass_store::Database;

use super::middle::Middle;
use super::notices::Notices;
use super::saved_session::SavedSession;
use crate::errand::{Answer, Errand, ObservedChange, Untold};

/// Where a model tells what a person has to know.
pub struct Telling<'a> {
    /// The notices.
    pub notices: &'a mut Notices,
    /// Milliseconds since the Unix epoch.
    pub now: i64,
}

/// The model of a panel. What it does not care for, it need not say.
pub trait PanelModel {
    /// The model for a database of which nothing was read yet.
    fn of(database: &dyn Database) -> Self
    where
        Self: Sized;

    /// What the worker shall do for it.
    fn take_wants(&mut self) -> Vec<Errand> {
        Vec::new()
    }

    /// Takes an answer that is for it; gives back every other one.
    fn take_answer(&mut self, answer: Answer, _telling: &mut Telling<'_>) -> Option<Answer> {
        Some(answer)
    }

    /// Something changed.
    fn take_change(&mut self, _change: &ObservedChange) {}

    /// Something changed, and nobody told what. `now` is in milliseconds since the Unix epoch.
    fn miss_changes(&mut self, _untold: &Untold, _now: i64) {}

    /// Something changed in the queue, which has so many messages now.
    fn take_queue(&mut self, _messages: u64) {}

    /// Reads again what is on screen, because something changed that nobody named; may be called all the time.
    fn catch_up(&mut self, _now: i64) {}

    /// Reads everything again, because a person wants it or the database is back.
    fn refresh(&mut self) {}

    /// The database was deleted or moved away, or is back.
    fn set_gone(&mut self, _is_gone: bool, _now: i64) {}

    /// The middle of the window shows this now.
    fn set_shown(&mut self, _shown: Middle) {}

    /// Does what is due. Milliseconds until it has to be drawn anew without any event.
    fn wake(&mut self, _now: i64) -> Option<i64> {
        None
    }

    /// Writes down what it keeps between runs.
    fn keep(&self, _saved: &mut SavedSession) {}

    /// Takes up what it kept. What became of edits of one entry that several windows made, a sentence each.
    fn restore(&mut self, _saved: &SavedSession) -> Vec<String> {
        Vec::new()
    }

    /// Changes whenever [`Self::keep`] would write something else. Cheap enough for every frame.
    fn fingerprint(&self, _hasher: &mut DefaultHasher) {}
}
