//! What the recogniser is asked: what the bytes in the entry panel hold, of which only the newest are on screen.

use crate::content::blob::BlobKey;

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
}
