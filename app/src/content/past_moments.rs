//! What happened to a key, as far as its database keeps earlier versions: the newest first.

use keyglass_store::{Ended, Entry, PastVersion, Versionstamp};

use super::change_kind::ChangeKind;
use super::field_changes::{Differences, IN_A_LINE};

/// Names a moment of a key: an expiry that nobody swept may end in the very commit that sets the entry anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MomentName {
    /// The commit.
    pub versionstamp: Versionstamp,
    /// An entry stood there after it.
    pub stands: bool,
}

/// Something that happened to a key.
#[derive(Debug, Clone, PartialEq)]
pub struct PastMoment {
    /// Which one it is.
    pub name: MomentName,
    /// What happened.
    pub kind: ChangeKind,
    /// When, in milliseconds since the Unix epoch, where the database knows.
    pub at: Option<i64>,
    /// What stood there before, where that is kept.
    pub before: Option<Entry>,
    /// What stood there after.
    pub after: Option<Entry>,
    /// What can be brought back, where that is not what stands there now.
    pub past: Option<PastVersion>,
    /// What differs between before and after, in a line.
    pub differences: Differences,
}

/// The moments of a key, from what stands there and its earlier versions, the newest first. Of versions more than `most` only
/// what they tell of the later ones is used.
#[must_use]
pub fn moments(now: Option<&Entry>, versions: &[PastVersion], most: usize) -> Vec<PastMoment> {
    let mut moments = Vec::new();
    if let Some(now) = now {
        moments.push(state(now, None, versions.first()));
    }
    for (place, past) in versions.iter().enumerate().take(most) {
        let kind = match past.ended {
            Ended::Replaced => None,
            Ended::Deleted => Some(ChangeKind::Deleted),
            Ended::Expired => Some(ChangeKind::Expired),
        };
        if let Some(kind) = kind {
            moments.push(PastMoment {
                name: MomentName {
                    versionstamp: past.ended_by,
                    stands: false,
                },
                kind,
                at: Some(past.ended_at),
                before: Some(past.entry.clone()),
                after: None,
                past: None,
                differences: Differences::between(Some(&past.entry), None, IN_A_LINE),
            });
        }
        moments.push(state(&past.entry, Some(past), versions.get(place + 1)));
    }
    moments
}

/// The moment in which an entry came to stand there; `earlier` is the version that is kept from before.
fn state(entry: &Entry, past: Option<&PastVersion>, earlier: Option<&PastVersion>) -> PastMoment {
    let replaced = earlier.filter(|earlier| earlier.ended_by == entry.versionstamp);
    let (kind, before) = match (replaced, earlier) {
        (Some(earlier), _) if earlier.ended == Ended::Replaced => {
            (ChangeKind::Changed, Some(earlier.entry.clone()))
        }
        (Some(_), _) => (ChangeKind::Created, None),
        (None, Some(earlier)) if earlier.ended != Ended::Replaced => (ChangeKind::Created, None),
        // The first one, or versions between were not kept.
        (None, _) => (ChangeKind::Set, None),
    };
    PastMoment {
        name: MomentName {
            versionstamp: entry.versionstamp,
            stands: true,
        },
        kind,
        at: replaced.map(|earlier| earlier.ended_at),
        differences: Differences::between(before.as_ref(), Some(entry), IN_A_LINE),
        before,
        after: Some(entry.clone()),
        past: past.cloned(),
    }
}

#[cfg(test)]
mod tests {
    use keyglass_store::value::literal::parse;
    use keyglass_store::{EncodedKey, StoredValue};

    use super::*;

    fn entry(counter: u64, value: &str) -> Entry {
        Entry {
            key: EncodedKey::default(),
            value: StoredValue::from_value(&parse(value).unwrap()).unwrap(),
            versionstamp: Versionstamp::from_counter(counter),
            expires_at: None,
        }
    }

    fn past(counter: u64, value: &str, ended: Ended, by: u64) -> PastVersion {
        PastVersion {
            entry: entry(counter, value),
            ended,
            ended_by: Versionstamp::from_counter(by),
            ended_at: by as i64 * 10,
        }
    }

    #[test]
    fn each_moment_is_told_with_what_changed_in_it_and_what_is_not_known_is_not_guessed() {
        let versions = [
            past(5, "{a: 2}", Ended::Replaced, 9),
            past(3, "{a: 1}", Ended::Deleted, 4),
            past(2, "{a: 0}", Ended::Replaced, 3),
            past(1, "{a: 7}", Ended::Replaced, 2),
        ];
        let told: Vec<_> = moments(Some(&entry(9, "{a: 3}")), &versions, 3)
            .iter()
            .map(|moment| {
                let fields: Vec<_> = moment
                    .differences
                    .fields
                    .iter()
                    .map(ToString::to_string)
                    .collect();
                format!("{} {:?} {}", moment.kind.word(), moment.at, fields.join(", "))
            })
            .collect();
        assert_eq!(
            told,
            [
                "changed Some(90) value.a: 2 → 3",
                "created None + value: {a: 2}",
                "deleted Some(40) - value: {a: 1}",
                "changed Some(30) value.a: 0 → 1",
                "changed Some(20) value.a: 7 → 0",
            ]
        );
        // One commit may find an entry expired and set it anew.
        let anew = moments(Some(&entry(2, "1")), &[past(1, "0", Ended::Expired, 2)], 9);
        let kinds: Vec<_> = anew.iter().map(|moment| moment.kind).collect();
        assert_eq!(kinds, [ChangeKind::Created, ChangeKind::Expired, ChangeKind::Set]);
        assert_ne!(anew[0].name, anew[1].name);
        // A version before which others went that nobody kept.
        let gap = moments(Some(&entry(9, "1")), &[past(1, "0", Ended::Replaced, 2)], 9);
        assert_eq!(gap[0].kind, ChangeKind::Set);
    }
}
