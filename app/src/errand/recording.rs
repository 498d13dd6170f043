//! A timeline that was read from a file.

use crate::content::change_line::ChangeLine;

/// A timeline that was read from a file.
#[derive(Debug)]
pub struct LoadedTimeline {
    /// The name of the file.
    pub name: String,
    /// The newest of what it tells, oldest first.
    pub lines: Vec<ChangeLine>,
    /// How many changes there were before those.
    pub older: u64,
    /// How many lines could not be read, and the number of the first with the reason.
    pub unread: u64,
    /// The first of them: its number from 1, and the reason.
    pub first_unread: Option<(u64, String)>,
}
