//! Whose changes a person wants to see: what is watched, and what is listed.

use keyglass_store::key::KeyRange;

use super::Session;
use crate::errand::Follow;
use crate::model::watch::Watched;

impl Session {
    /// Has the worker follow what is watched and listed, where it cannot follow everything.
    pub(super) fn follow(&mut self) {
        let watched = self.models.watch.watched().iter().flat_map(Watched::ranges);
        let ranges = apart(watched.chain([self.models.entries.query.range()]));
        if ranges != self.followed {
            self.followed.clone_from(&ranges);
            self.worker.send(Follow { ranges }.into());
        }
    }
}

/// The ranges without those that overlap earlier ones: no change shall be told twice.
fn apart(ranges: impl Iterator<Item = KeyRange>) -> Vec<KeyRange> {
    let mut apart: Vec<KeyRange> = Vec::new();
    for range in ranges {
        if !apart
            .iter()
            .any(|other| range.start < other.end && other.start < range.end)
        {
            apart.push(range);
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::draft::parse_key;

    #[test]
    fn ranges_that_overlap_earlier_ones_are_left_out() {
        let range = |text: &str| KeyRange::at_and_below(&parse_key(text).unwrap());
        let of = |texts: &[&str]| apart(texts.iter().map(|text| range(text)));
        assert_eq!(of(&["['a', 1]", "['b']"]), [range("['a', 1]"), range("['b']")]);
        assert_eq!(of(&["['a']", "['a', 1]", "['a']"]), [range("['a']")]);
        assert_eq!(of(&["['a', 1]", "['a']"]), [range("['a', 1]")]);
        let all = KeyRange::everything();
        assert_eq!(apart([all.clone(), range("['b']")].into_iter()), [all]);
    }
}
