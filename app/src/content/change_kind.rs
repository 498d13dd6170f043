//! What a change did to its key.

use keyglass_store::{Before, Entry};

/// What a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// Nothing stood there, and an entry does now.
    Created,
    /// Another entry stands there.
    Changed,
    /// An entry stands there, and nobody knows what did before.
    Set,
    /// What was deleted or had expired stands there again as it was.
    Restored,
    /// A program took the entry away.
    Deleted,
    /// The time of the entry had come.
    Expired,
}

impl ChangeKind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Created,
        Self::Changed,
        Self::Set,
        Self::Restored,
        Self::Deleted,
        Self::Expired,
    ];

    /// What a change did that was noticed at a moment, in milliseconds since the Unix epoch. That it restored something
    /// only those can tell who know what happened before.
    #[must_use]
    pub fn of(before: &Before, after: Option<&Entry>, noticed_at: i64) -> Self {
        match (before, after) {
            (Before::Absent, Some(_)) => Self::Created,
            (Before::Entry(_), Some(_)) => Self::Changed,
            (Before::Unknown, Some(_)) => Self::Set,
            (Before::Entry(entry), None) if entry.has_expired(noticed_at) => Self::Expired,
            (_, None) => Self::Deleted,
        }
    }

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Set => "set",
            Self::Restored => "restored",
            Self::Deleted => "deleted",
            Self::Expired => "expired",
        }
    }
}

#[cfg(test)]
mod tests {
    use keyglass_store::{EncodedKey, StoredValue, Value, Versionstamp};

    use super::*;

    #[test]
    fn an_entry_that_goes_when_its_time_has_come_has_expired() {
        let entry = |expires_at| Entry {
            key: EncodedKey::default(),
            value: StoredValue::from_value(&Value::from(true)).unwrap(),
            versionstamp: Versionstamp::from_counter(1),
            expires_at,
        };
        let gone = |expires_at| ChangeKind::of(&Before::Entry(entry(expires_at)), None, 100);
        assert_eq!(gone(Some(100)), ChangeKind::Expired);
        assert_eq!(gone(Some(101)), ChangeKind::Deleted);
        assert_eq!(gone(None), ChangeKind::Deleted);
        let there = entry(None);
        assert_eq!(ChangeKind::of(&Before::Unknown, Some(&there), 1), ChangeKind::Set);
        assert_eq!(
            ChangeKind::of(&Before::Absent, Some(&there), 1),
            ChangeKind::Created
        );
    }
}
