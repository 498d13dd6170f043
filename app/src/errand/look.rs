//! What the recogniser is asked: what the bytes in the entry panel hold, of which only the newest are on screen, and what
//! differs in the changes of the timeline that are.

use keyglass_store::Entry;

use crate::content::blob::BlobKey;
use crate::content::field_changes::{Bounds, Differences, IN_A_LINE, IN_FULL};

/// Something to look into.
#[derive(Debug, Clone)]
pub enum Look {
    /// Bytes of a value.
    Bytes {
        /// Names the bytes.
        identity: u64,
        /// What to look into.
        bytes: Vec<u8>,
    },
    /// A blob that is kept in parts, which is read first.
    Blob {
        /// Names what is shown.
        identity: u64,
        /// Which one.
        key: BlobKey,
    },
    /// What differs between two states of an entry.
    Difference {
        /// Comes back with the answer.
        ticket: u64,
        /// The states.
        compared: Box<Compared>,
    },
    /// What differs between states of entries, each pair for itself.
    Differences(Vec<Compared>),
}

/// Two states of an entry.
#[derive(Debug, Clone)]
pub struct Compared {
    /// What stood there, if an entry did.
    pub before: Option<Entry>,
    /// What stands there.
    pub after: Option<Entry>,
    /// Whether all that differs is to be told and not only as much as fits a line.
    pub is_whole: bool,
}

impl Compared {
    /// What differs.
    #[must_use]
    pub fn differences(&self) -> Differences {
        let bounds: Bounds = if self.is_whole { IN_FULL } else { IN_A_LINE };
        Differences::between(self.before.as_ref(), self.after.as_ref(), bounds)
    }
}
