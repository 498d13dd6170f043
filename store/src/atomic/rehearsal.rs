//! What an atomic operation would do, worked out as a commit does it, with nothing written.

use std::collections::HashMap;

use super::evaluate::{Records, mutate};
use super::{AtomicOperation, Enqueue, FailedCheck, MessageChange, Mutation, MutationKind};
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::EncodedKey;
use crate::value::StoredValue;
use crate::versionstamp::Versionstamp;

/// What stands under the keys of an operation; a key that is missing here is one of which nothing is known.
pub type Standing = HashMap<EncodedKey, Option<Entry>>;

/// What an operation would do.
#[derive(Debug, Default)]
pub struct Rehearsal {
    /// Checks that do not hold. A commit writes nothing where there is one; the effects tell what it would write otherwise.
    pub failed: Vec<FailedCheck>,
    /// What each of [`AtomicOperation::mutations`] would do, in their order: each sees what those before it did.
    pub effects: Vec<Effect>,
}

/// What one mutation would do to its key.
#[derive(Debug)]
pub struct Effect {
    /// What stands there before it; `None` where that is not known, and inside where the key is absent.
    pub before: Option<Option<Entry>>,
    /// What stands there after it; `None` where that is not known, and inside where the key is absent. The versionstamp
    /// is that of the commit, which nobody knows yet: all bits are set. `Err` is why a commit would refuse all of the
    /// operation, in Deno's words.
    pub after: Result<Option<Option<Entry>>, DatabaseError>,
}

impl Rehearsal {
    /// The stamp of what a commit would write. All its bits are set; no commit has it.
    pub const VERSIONSTAMP: Versionstamp = Versionstamp([0xff; 10]);

    /// Works out what an operation would do to what stands under its keys. Whether a database takes so much of it,
    /// [`AtomicOperation::validate`] says.
    #[must_use]
    pub fn of(operation: &AtomicOperation, standing: &Standing) -> Self {
        let failed = operation.checks.iter().enumerate().filter_map(|(index, check)| {
            let current = standing.get(&check.key)?;
            let stamp = current.as_ref().map(|entry| entry.versionstamp);
            (stamp != check.versionstamp).then(|| FailedCheck {
                index,
                current: current.clone(),
            })
        });
        let mut records = Rehearsed {
            standing,
            written: HashMap::new(),
        };
        Self {
            failed: failed.collect(),
            effects: operation
                .mutations
                .iter()
                .map(|mutation| records.effect(mutation))
                .collect(),
        }
    }

    /// Whether a commit would store all of it, as far as is known.
    #[must_use]
    pub fn commits(&self) -> bool {
        self.failed.is_empty() && self.effects.iter().all(|effect| effect.after.is_ok())
    }

    /// The first reason why a commit would refuse all of it, with the index of its mutation.
    #[must_use]
    pub fn refusal(&self) -> Option<(usize, &DatabaseError)> {
        let mut effects = self.effects.iter().enumerate();
        effects.find_map(|(index, effect)| Some((index, effect.after.as_ref().err()?)))
    }
}

/// Entries that were read, and what was written over them.
struct Rehearsed<'a> {
    standing: &'a Standing,
    written: HashMap<EncodedKey, Option<Entry>>,
}

impl Rehearsed<'_> {
    fn known(&self, key: &EncodedKey) -> Option<Option<Entry>> {
        self.written.get(key).or_else(|| self.standing.get(key)).cloned()
    }

    fn effect(&mut self, mutation: &Mutation) -> Effect {
        let before = match mutation.kind {
            // The stamp is a new one, and nothing stands under a key that ends in it.
            MutationKind::SetSuffixVersionstampedKey { .. } => Some(None),
            _ => self.known(&mutation.key),
        };
        let needs_before = matches!(
            mutation.kind,
            MutationKind::Sum { .. } | MutationKind::Min(_) | MutationKind::Max(_)
        );
        if needs_before && before.is_none() {
            return Effect {
                before,
                after: Ok(None),
            };
        }
        let done = mutate(mutation, Rehearsal::VERSIONSTAMP, self);
        let after = match &mutation.kind {
            MutationKind::SetSuffixVersionstampedKey { value, expires_at } => Some(Some(Entry {
                key: mutation.key.clone(),
                value: value.clone(),
                versionstamp: Rehearsal::VERSIONSTAMP,
                expires_at: *expires_at,
            })),
            _ => self.known(&mutation.key),
        };
        Effect {
            before,
            after: done.map(|()| after),
        }
    }
}

impl Records for Rehearsed<'_> {
    fn versionstamp(&mut self, key: &EncodedKey) -> Result<Option<Versionstamp>, DatabaseError> {
        Ok(self.entry(key)?.map(|entry| entry.versionstamp))
    }

    fn entry(&mut self, key: &EncodedKey) -> Result<Option<Entry>, DatabaseError> {
        Ok(self.known(key).flatten())
    }

    fn change_message(&mut self, _change: &MessageChange) -> Result<bool, DatabaseError> {
        Ok(true)
    }

    fn begin(&mut self) -> Result<Versionstamp, DatabaseError> {
        Ok(Rehearsal::VERSIONSTAMP)
    }

    fn set(
        &mut self,
        key: &EncodedKey,
        value: &StoredValue,
        expires_at: Option<i64>,
    ) -> Result<(), DatabaseError> {
        let entry = Entry {
            key: key.clone(),
            value: value.clone(),
            versionstamp: Rehearsal::VERSIONSTAMP,
            expires_at,
        };
        self.written.insert(key.clone(), Some(entry));
        Ok(())
    }

    fn delete(&mut self, key: &EncodedKey) -> Result<(), DatabaseError> {
        self.written.insert(key.clone(), None);
        Ok(())
    }

    fn enqueue(&mut self, _message: &Enqueue) -> Result<(), DatabaseError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Key;
    use crate::value::literal;

    fn key(text: &str) -> EncodedKey {
        text.parse::<Key>().unwrap().encode().unwrap()
    }

    fn value(text: &str) -> StoredValue {
        StoredValue::from_value(&literal::parse(text).unwrap()).unwrap()
    }

    fn sum(text: &str) -> MutationKind {
        MutationKind::Sum {
            operand: value(text),
            min: None,
            max: None,
            clamp: false,
        }
    }

    fn standing(entries: &[(&str, Option<&str>)]) -> Standing {
        let entry = |name: &str, text: &str| Entry {
            key: key(name),
            value: value(text),
            versionstamp: Versionstamp::from_counter(5),
            expires_at: Some(99),
        };
        entries
            .iter()
            .map(|(name, text)| (key(name), text.map(|text| entry(name, text))))
            .collect()
    }

    fn shown(entry: &Option<Option<Entry>>) -> String {
        match entry {
            None => "?".to_owned(),
            Some(None) => "absent".to_owned(),
            Some(Some(entry)) => format!("{} {:?}", entry.value.decode().unwrap(), entry.expires_at),
        }
    }

    #[test]
    fn each_mutation_sees_what_those_before_it_did() {
        let operation = AtomicOperation::new()
            .check(key("['a']"), Some(Versionstamp::from_counter(5)))
            .mutate(key("['a']"), sum("2n"))
            .mutate(key("['a']"), sum("3n"))
            .delete(key("['a']"))
            .mutate(key("['a']"), sum("1n"))
            .set(key("['unknown']"), value("1"))
            .mutate(key("['never read']"), sum("1n"));
        let rehearsal = Rehearsal::of(&operation, &standing(&[("['a']", Some("5n"))]));
        let told: Vec<_> = rehearsal
            .effects
            .iter()
            .map(|effect| (shown(&effect.before), shown(effect.after.as_ref().unwrap())))
            .collect();
        let expected = [
            ("5n Some(99)", "7n None"),
            ("7n None", "10n None"),
            ("10n None", "absent"),
            ("absent", "1n None"),
            ("?", "1 None"),
            ("?", "?"),
        ];
        assert_eq!(told, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert!(rehearsal.commits());
    }

    #[test]
    fn failed_checks_and_refusals_are_all_told_and_leave_what_stands_there() {
        let operation = AtomicOperation::new()
            .check(key("['a']"), None)
            .check(key("['b']"), Some(Versionstamp::from_counter(1)))
            .mutate(key("['a']"), sum("2"))
            .mutate(key("['a']"), sum("2n"));
        let standing = standing(&[("['a']", Some("5n")), ("['b']", None)]);
        let rehearsal = Rehearsal::of(&operation, &standing);
        let failed: Vec<_> = rehearsal.failed.iter().map(|check| check.index).collect();
        assert_eq!(failed, [0, 1]);
        let (index, reason) = rehearsal.refusal().unwrap();
        assert_eq!(
            (index, reason.to_string().as_str()),
            (0, "Cannot sum BigInt with Number")
        );
        assert_eq!(shown(rehearsal.effects[1].after.as_ref().unwrap()), "7n None");
        assert!(!rehearsal.commits());
    }

    #[test]
    fn a_key_that_ends_in_the_versionstamp_is_always_new() {
        let operation = AtomicOperation::new().mutate(
            key("['log']"),
            MutationKind::SetSuffixVersionstampedKey {
                value: value("1"),
                expires_at: Some(7),
            },
        );
        let rehearsal = Rehearsal::of(&operation, &standing(&[("['log']", Some("9"))]));
        let effect = &rehearsal.effects[0];
        assert_eq!(shown(&effect.before), "absent");
        assert_eq!(shown(effect.after.as_ref().unwrap()), "1 Some(7)");
    }
}
