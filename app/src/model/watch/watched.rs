//! What is watched.

use keyglass_store::key::{EncodedKey, KeyRange};

use crate::format;
use crate::model::target::Target;

/// Ranges of one selection that are followed one by one.
const RANGES_LIMIT: usize = 10;

/// Something that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Which keys.
    pub target: Target,
    /// How many entries there were when it was chosen, of several that were selected.
    pub entries: Option<u64>,
}

impl Watched {
    pub(super) fn holds(&self, key: &EncodedKey) -> bool {
        self.target.holds(key)
    }

    /// Ranges of keys that hold all of it, and few enough to be followed one by one.
    #[must_use]
    pub fn ranges(&self) -> Vec<KeyRange> {
        // Asked for in every frame, so that millions of ranges must not be copied.
        match &self.target {
            Target::Selected(keys) if keys.ranges().len() > RANGES_LIMIT => {
                keys.through(keys).ranges().to_vec()
            }
            target => target.ranges(),
        }
    }

    /// What it is called: a key or prefix, or how many entries.
    #[must_use]
    pub fn name(&self) -> String {
        match (&self.target, self.entries) {
            (Target::Below(prefix), _) if prefix.as_bytes().is_empty() => "all keys".to_owned(),
            (Target::Below(prefix), _) => prefix.to_string(),
            (Target::Selected(_), Some(entries)) => format::counted(entries, "entry", "entries"),
            (Target::Selected(_), None) => "selected entries".to_owned(),
        }
    }
}
