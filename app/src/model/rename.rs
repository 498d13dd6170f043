//! Giving an entry another key, as one checked commit.

use keyglass_store::key::EncodedKey;
use keyglass_store::limits::Limits;
use keyglass_store::{AtomicOperation, Entry};

use super::key_draft::{KeyDraft, KeyError};

/// The place of the check of the new key among the checks of [`Rename::operation`].
pub const NEW_KEY_CHECK: usize = 1;

/// Why an entry cannot be given another key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenameError {
    /// What is written is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// It is the key that the entry has.
    #[error("The entry has this key already: {0}")]
    Same(EncodedKey),
    /// A save of its value runs, which would no longer find it.
    #[error("Its value is being saved; try again in a moment")]
    Saving,
}

/// A new key that is being written for an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Rename {
    /// The new key.
    pub key_draft: KeyDraft,
    /// What stands under the new key, if that stopped the last attempt.
    pub standing: Option<Box<Entry>>,
    /// The ticket of the commit that renames, while it runs.
    pub saving: Option<u64>,
}

impl Rename {
    /// Begins with the key that the entry has.
    #[must_use]
    pub fn of(key: &EncodedKey) -> Self {
        let mut key_draft = KeyDraft::of_stored(key);
        key_draft.edit_last();
        Self {
            key_draft,
            standing: None,
            saving: None,
        }
    }

    /// To be called after the new key was edited.
    pub fn key_changed(&mut self) {
        self.standing = None;
    }

    /// The commit: the entry must be as it is given, and under the new key must stand nothing, or with
    /// `overwrite` what was told last. The value's bytes stay as they are, and so does the expiry; one that nobody can see
    /// becomes `expires_at`. The key is one of a database of such limits.
    ///
    /// # Errors
    /// What is wrong with the new key.
    pub fn operation(
        &self,
        entry: &Entry,
        overwrite: bool,
        expires_at: Option<i64>,
        limits: &Limits,
    ) -> Result<AtomicOperation, RenameError> {
        let key = self.key_draft.key(limits)?;
        if key == entry.key {
            return Err(RenameError::Same(key));
        }
        let standing = self.standing.as_ref().filter(|_| overwrite);
        Ok(AtomicOperation::new()
            .check(entry.key.clone(), Some(entry.versionstamp))
            .check(key.clone(), standing.map(|standing| standing.versionstamp))
            .set_expiring(key, entry.value.clone(), entry.expires_at.or(expires_at))
            .delete(entry.key.clone()))
    }
}

#[cfg(test)]
mod tests {
    use keyglass_store::Versionstamp;

    use super::*;
    use crate::model::draft::{parse_key, parse_value};

    fn entry(key: &str, counter: u64) -> Entry {
        Entry {
            key: parse_key(key).unwrap(),
            value: parse_value("{a: 1}").unwrap(),
            versionstamp: Versionstamp::from_counter(counter),
            expires_at: Some(50),
        }
    }

    #[test]
    fn a_rename_moves_bytes_and_expiry_and_checks_both_keys() {
        let entry = entry(r#"["a"]"#, 3);
        let mut rename = Rename::of(&entry.key);
        assert!(
            rename
                .operation(&entry, false, None, &Limits::DENO)
                .unwrap_err()
                .to_string()
                .starts_with("The entry has this key already")
        );
        rename.key_draft.replace("['b']");
        let new = parse_key("['b']").unwrap();
        let operation = rename.operation(&entry, true, None, &Limits::DENO).unwrap();
        let expected = AtomicOperation::new()
            .check(entry.key.clone(), Some(entry.versionstamp))
            .check(new.clone(), None)
            .set_expiring(new.clone(), entry.value.clone(), Some(50))
            .delete(entry.key);
        assert_eq!(operation.checks, expected.checks);
        assert_eq!(operation.mutations, expected.mutations);
        assert_eq!(operation.checks[NEW_KEY_CHECK].key, new);
    }

    #[test]
    fn only_what_was_told_is_overwritten_and_only_when_asked() {
        let entry = entry(r#"["a"]"#, 3);
        let mut rename = Rename::of(&entry.key);
        rename.key_draft.replace("['b']");
        rename.standing = Some(Box::new(self::entry(r#"["b"]"#, 9)));
        let checked = |overwrite| {
            let operation = rename.operation(&entry, overwrite, None, &Limits::DENO).unwrap();
            operation.checks[NEW_KEY_CHECK].versionstamp
        };
        assert_eq!(checked(false), None);
        assert_eq!(checked(true), Some(Versionstamp::from_counter(9)));
        let mut rename = rename.clone();
        rename.key_changed();
        assert_eq!(rename.standing, None);
    }
}
