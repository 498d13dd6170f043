//! What the reader is asked of the queue, which is read in pages.

use keyglass_store::database::{QueueMessage, QueuePlace};

/// Messages of a page.
pub const QUEUE_PAGE: usize = 100;

/// A stretch of the queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueStretch {
    /// The place behind which it begins; without one it begins with the queue.
    pub after: Option<QueuePlace>,
    /// The place with which it ends; without one it goes to the end of the queue.
    pub until: Option<QueuePlace>,
    /// Messages that are only passed over. The page behind them is the last one that is read.
    pub skip: usize,
}

/// What stands in a stretch of the queue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueueRead {
    /// The pages: the place behind which each begins, and how many messages it has.
    pub pages: Vec<(Option<QueuePlace>, usize)>,
    /// The messages of the last page.
    pub messages: Vec<QueueMessage>,
    /// Whether no more follow in the stretch.
    pub is_end: bool,
}
