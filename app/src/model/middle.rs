//! The panels of a database that share the middle of the window.

/// What the middle of the window shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Middle {
    /// The table.
    #[default]
    Entries,
    /// The watch list and its timeline.
    Watch,
    /// Messages of the queue.
    Queue,
    /// What programs do that use it while it is served.
    Requests,
    /// What differs between it and another database.
    Comparison,
    /// Find in keys and values.
    Find,
}
