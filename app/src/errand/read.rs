//! What the reader is asked: what is on screen, the newest first.

use keyglass_store::key::{EncodedKey, KeyRange};

use super::{QueueFilter, QueueStretch, ReadVersions};

/// Something to read.
#[derive(Debug, Clone)]
pub enum Read {
    /// A page of a level of the tree.
    Children {
        /// Comes back with the answer.
        ticket: u64,
        /// The level's parent.
        prefix: EncodedKey,
        /// The last child that is known.
        after: Option<EncodedKey>,
        /// The most children to return.
        limit: usize,
    },
    /// The next key that begins so.
    Seek {
        /// Comes back with the answer.
        ticket: u64,
        /// What is looked for.
        seek: Seek,
    },
    /// Under which of some keys entries stand.
    Present {
        /// Comes back with the answer.
        ticket: u64,
        /// The keys.
        keys: Vec<EncodedKey>,
    },
    /// The last rows of a range for the table, which takes longer to be indexed up to there.
    Tail {
        /// The listing that asks; rows for an older one are not read.
        listing: u64,
        /// What is listed at and below, as for [`ScanTable`](super::ScanTable).
        prefix: EncodedKey,
        /// Which keys.
        range: KeyRange,
    },
    /// The rows of one segment of the index.
    Segment {
        /// The listing that asks; rows for an older one are not read.
        listing: u64,
        /// What is listed at and below, as for [`ScanTable`](super::ScanTable).
        prefix: EncodedKey,
        /// The segment's keys.
        range: KeyRange,
        /// Whether the rows are wanted, or only how many there are.
        rows: bool,
        /// It was read before, and has changed since: nobody waits for it.
        is_repeat: bool,
    },
    /// One entry with its value decoded.
    Entry {
        /// Its key.
        key: EncodedKey,
    },
    /// What stands under the keys of a transaction.
    States {
        /// The keys.
        keys: Vec<EncodedKey>,
    },
    /// Earlier versions of a key.
    Versions(ReadVersions),
    /// Which earlier versions are kept.
    HistoryRules,
    /// Facts for the status line.
    Statistics,
    /// Messages in the queue.
    Queue(QueueStretch),
    /// How many messages are in which state.
    CountQueue,
    /// Messages of the queue that meet a filter.
    FindMessages(QueueFilter),
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seek {
    /// The keys that are listed.
    pub range: KeyRange,
    /// The prefix that is listed.
    pub prefix: EncodedKey,
    /// Whether the list goes from the last key to the first.
    pub reverse: bool,
    /// The key from which to look on; from the beginning of the list without one.
    pub from: Option<EncodedKey>,
    /// Whether that key may be the one.
    pub inclusive: bool,
    /// How the last part begins, in lower case.
    pub text: String,
}
