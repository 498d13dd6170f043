//! Entries that have expired and were not swept: the table shows them, and what is done with many entries leaves them
//! out unless a person takes them in.

use keyglass_store::database::Counted;

use super::EntriesModel;
use crate::content::key_set::KeySet;
use crate::model::target::Target;

impl EntriesModel {
    /// Whether entries that have expired and were not swept are exported, copied, found and deleted with others.
    #[must_use]
    pub fn includes_expired(&self) -> bool {
        self.includes_expired
    }

    /// Takes entries that have expired and were not swept in, or leaves them out.
    pub fn include_expired(&mut self, included: bool) {
        self.includes_expired = included;
    }

    /// Some entry expires at this moment, and stays to be read.
    pub fn expire(&mut self) {
        self.selection.tally.outdate();
        self.between.outdate();
    }

    /// Has counted what lies between the first and the last key, if any of `below`, which is what lies at and below
    /// the prefix, has expired.
    pub fn count_between(&mut self, below: Option<Counted>) {
        let has_any = below.is_some_and(|below| below.expired > 0);
        let ranges = if has_any && self.query.has_bounds() {
            vec![self.query.range()]
        } else {
            Vec::new()
        };
        self.between.set(ranges);
    }

    /// How many entries of what is listed have expired and were not swept, the limit aside; `below` is what lies at and
    /// below the prefix.
    #[must_use]
    pub fn num_expired(&self, below: Option<Counted>) -> u64 {
        let counted = if self.query.has_bounds() {
            self.between.counted()
        } else {
            below
        };
        counted.map_or(0, |counted| counted.expired)
    }

    /// Whether the expired entries of a target are exported, copied and deleted, too.
    #[must_use]
    pub fn takes_expired(&self, target: &Target) -> bool {
        match target {
            Target::Below(_) => self.includes_expired,
            Target::Selected(keys) => self.takes_expired_keys(keys),
        }
    }

    /// Whether the expired ones of these keys are taken in: if a person asked for all such entries, or has chosen each
    /// of these by itself.
    #[must_use]
    pub fn takes_expired_keys(&self, keys: &KeySet) -> bool {
        self.includes_expired
            || keys.has_single_keys_only()
            || self.selected_blob().is_some_and(|blob| blob.entries() == *keys)
    }
}
