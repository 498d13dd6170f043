//! What is asked for where a watch notifies of changes.

use std::io;

use keyglass_store::Change;

use crate::content::condition::Condition;
use crate::exec::{Occasion, Ran};
use crate::threads::NoThread;

/// Something to do for watches that notify.
#[derive(Debug, Clone)]
pub enum Notify {
    /// Looks which of these changes, in their order, make the condition of their watch true.
    Judge(Vec<Judged>),
    /// Runs a command line, on a thread of its own.
    Run {
        /// Whose it is.
        watch: u64,
        /// As it was typed.
        line: String,
        /// What for.
        occasion: Box<Occasion>,
    },
}

/// A change of what a watch is about.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Which watch.
    pub watch: u64,
    /// What it waits for; any change if nothing.
    pub condition: Option<Condition>,
    /// The change.
    pub change: Change,
    /// When it was noticed, in milliseconds since the Unix epoch.
    pub at: i64,
}

/// What a watch notifies of.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Which watch.
    pub watch: u64,
    /// How many of the changes made its condition true.
    pub changes: u64,
    /// The last of those.
    pub last: Change,
    /// When that was noticed, in milliseconds since the Unix epoch.
    pub at: i64,
    /// What that changed, in a line.
    pub differences: String,
}

/// What became of a command, or why it did not begin.
pub type CommandRan = Result<Ran, CommandError>;

/// A command did not begin.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There was no thread to wait for it.
    #[error(transparent)]
    Thread(#[from] NoThread),
    /// The system refused it.
    #[error(transparent)]
    Refused(#[from] io::Error),
}
