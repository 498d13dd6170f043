//! When a condition becomes true by a change.

use keyglass_store::{Before, Change};

use super::{Condition, ConditionSubject};
use crate::content::change_kind::ChangeKind;

/// What a change did to a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// Whether it holds after the change.
    pub holds: bool,
    /// Whether it became true by it.
    pub becomes_true: bool,
}

/// What a change that was noticed at a moment, in milliseconds since the Unix epoch, did to a condition. One on what stands
/// there becomes true where it did not hold before, and holds nowhere where nothing stands; `held` is whether it held, where
/// the change does not tell what stood there before. One on what a change did becomes true by each change that meets it.
#[must_use]
pub fn edge(condition: &Condition, change: &Change, noticed_at: i64, held: Option<bool>) -> Edge {
    let after = change.after.as_ref();
    let kind = ChangeKind::of(&change.before, after, noticed_at);
    let subject = ConditionSubject::new(&change.key, kind, &change.before, after);
    if condition.is_about_changes() {
        let holds = condition.holds(&subject);
        return Edge {
            holds,
            becomes_true: holds,
        };
    }
    let holds = after.is_some() && condition.holds(&subject);
    let held = || match &change.before {
        Before::Absent => false,
        Before::Unknown => held.unwrap_or(false),
        Before::Entry(before) => condition.holds(&ConditionSubject::new(
            &change.key,
            kind,
            &Before::Unknown,
            Some(before),
        )),
    };
    Edge {
        holds,
        becomes_true: holds && !held(),
    }
}

#[cfg(test)]
mod tests {
    use keyglass_store::value::literal;
    use keyglass_store::{EncodedKey, Entry, Key, StoredValue, Versionstamp};

    use super::*;

    fn key() -> EncodedKey {
        r#"["stock", "rope"]"#.parse::<Key>().unwrap().encode().unwrap()
    }

    fn entry(value: &str) -> Entry {
        Entry {
            key: key(),
            value: StoredValue::from_value(&literal::parse(value).unwrap()).unwrap(),
            versionstamp: Versionstamp::from_counter(1),
            expires_at: None,
        }
    }

    fn change(before: Before, after: Option<&str>) -> Change {
        Change {
            key: key(),
            versionstamp: Versionstamp::from_counter(2),
            before,
            after: after.map(entry),
        }
    }

    fn fires(condition: &str, before: Before, after: Option<&str>, held: Option<bool>) -> bool {
        let condition = Condition::parse(condition).unwrap();
        edge(&condition, &change(before, after), 0, held).becomes_true
    }

    #[test]
    fn a_condition_on_what_stands_there_becomes_true_once() {
        let low = "value.stock < 5";
        let was = |value: &str| Before::Entry(entry(value));
        assert!(fires(low, was("{stock: 7}"), Some("{stock: 4}"), None));
        assert!(!fires(low, was("{stock: 4}"), Some("{stock: 3}"), None));
        assert!(!fires(low, was("{stock: 4}"), Some("{stock: 7}"), None));
        assert!(fires(low, Before::Absent, Some("{stock: 4}"), None));
        assert!(!fires(low, was("{stock: 7}"), None, None));
    }

    #[test]
    fn nothing_meets_no_condition() {
        let open = "not value.paid";
        assert!(fires(open, Before::Absent, Some("{paid: false}"), None));
        assert!(!fires(open, Before::Entry(entry("{paid: true}")), None, None));
    }

    #[test]
    fn what_is_not_told_of_the_time_before_is_what_was_known_then() {
        let low = "value.stock < 5";
        assert!(fires(low, Before::Unknown, Some("{stock: 4}"), None));
        assert!(fires(low, Before::Unknown, Some("{stock: 4}"), Some(false)));
        assert!(!fires(low, Before::Unknown, Some("{stock: 4}"), Some(true)));
    }

    #[test]
    fn a_condition_on_what_a_change_did_becomes_true_by_each_that_meets_it() {
        let was = || Before::Entry(entry("{stock: 4}"));
        for condition in [
            "value.stock < before.stock",
            "value.stock changed",
            "kind = \"changed\"",
        ] {
            assert!(fires(condition, was(), Some("{stock: 3}"), None), "{condition}");
        }
        assert!(fires("kind = \"deleted\"", was(), None, None));
        assert!(!fires(
            "value.stock < before.stock",
            was(),
            Some("{stock: 5}"),
            None
        ));
    }
}
