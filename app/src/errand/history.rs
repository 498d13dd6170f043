//! What the reader is asked of the earlier versions of a key.

use keyglass_store::{DatabaseError, EncodedKey, HistoryRule, HistoryRules, Versionstamp};

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

/// Has other versions kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetRules {
    /// Below which key something else is kept.
    pub prefix: EncodedKey,
    /// The rules that a person saw.
    pub seen: HistoryRules,
    /// The rules from now on.
    pub chosen: HistoryRules,
}

impl SetRules {
    /// What is kept below the prefix from now on; none if nothing is by a rule of its own.
    #[must_use]
    pub fn rule(&self) -> Option<&HistoryRule> {
        self.chosen.rules.iter().find(|rule| rule.prefix == self.prefix)
    }
}

/// Why nothing else is kept.
#[derive(Debug, thiserror::Error)]
pub enum SetRulesError {
    /// Somebody else has set other rules meanwhile.
    #[error("somebody else changed what is kept meanwhile; look at it again")]
    Changed,
    /// The database refused.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}
