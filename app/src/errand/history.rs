//! What the reader is asked of the earlier versions of a key.

use keyglass_store::{EncodedKey, HistoryRule, Versionstamp};

use crate::content::past_moments::PastMoment;

/// Which versions to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadVersions {
    /// Of which key.
    pub key: EncodedKey,
    /// The most of them, the newest first.
    pub most: usize,
}

/// What was read.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VersionsRead {
    /// What is kept of the key; none where nothing is.
    pub rule: Option<HistoryRule>,
    /// What stands there now.
    pub now: Option<Versionstamp>,
    /// What happened to it, the newest first.
    pub moments: Vec<PastMoment>,
    /// There are more versions than were asked for.
    pub has_more: bool,
}
