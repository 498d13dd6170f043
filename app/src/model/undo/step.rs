//! One commit, large deletion or import, and how it is undone and redone.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use keyglass_store::atomic::{AtomicOperation, Mutation, MutationKind};
use keyglass_store::key::EncodedKey;
use keyglass_store::value::StoredValue;
use keyglass_store::value::literal::{self, Preview};
use keyglass_store::{Entry, Versionstamp};

use super::message::{self, MessageStep};
use crate::format;
use crate::model::expiry::UnseenExpiries;
use crate::undo_files::UndoFile;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Back to what stood there before.
    Undo,
    /// Forth again.
    Redo,
}

/// A step that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// This one.
    Step(u64, Direction),
    /// The one that comes next.
    Next(Direction),
}

/// One commit, large deletion or import.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Names it.
    pub id: u64,
    /// What it did, such as `Changed ["users", "ada"]`.
    pub sentence: String,
    /// The value before, if it changed one key that had one.
    pub before: Option<Preview>,
    /// The value that it stored, if it changed one key by storing one.
    pub after: Option<Preview>,
    /// When it was done first, in milliseconds since the Unix epoch.
    pub at: i64,
    /// The commit's versionstamp; a large deletion and an import have many.
    pub versionstamp: Option<Versionstamp>,
    /// When it was undone, if it is, in milliseconds since the Unix epoch.
    pub undone_at: Option<i64>,
    /// Why the last try to undo or redo it was refused, a line for each key; empty if it was not.
    pub refused: Vec<String>,
    /// Orders the steps that are undone.
    pub(super) undone_number: u64,
    pub(super) change: Change,
}

/// What a step changed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    Commit {
        keys: Vec<KeyChange>,
        mutations: Vec<Mutation>,
        messages: Vec<MessageStep>,
    },
    /// Entries that were deleted together are in a file.
    Deletion { undo_file: UndoFile },
    /// What an import replaced is in a file, and once it was undone, what that replaced is in another one.
    Import {
        undo_file: PathBuf,
        redo_file: PathBuf,
        /// Whether entries stood there that were replaced or deleted.
        replaced: bool,
        /// The one of them that is needed next.
        held: UndoFile,
    },
}

/// One key of a commit.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KeyChange {
    pub key: EncodedKey,
    /// With the versionstamp under which it stands there when the step is undone.
    pub before: Option<Entry>,
    /// The versionstamp under the key when the step is done; `None` after a delete.
    pub left: Option<Versionstamp>,
}

/// How to undo or redo a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// By this guarded commit.
    Commit(AtomicOperation),
    /// By importing this file; keys that exist again stay as they are.
    PutBack(PathBuf),
    /// By deleting what is in this file, where it is still as the file says.
    DeleteAgain(PathBuf),
    /// By taking back what the first file tells, where it is still as it was left; the second one is to tell of that.
    TakeBack(PathBuf, PathBuf),
}

/// Characters of a value in the list.
const PREVIEW_CHARS: usize = 60;

impl Step {
    pub(super) fn new(id: u64, sentence: String, at: i64, change: Change) -> Self {
        let mut step = Self {
            id,
            sentence,
            before: None,
            after: None,
            at,
            versionstamp: None,
            undone_at: None,
            refused: Vec::new(),
            undone_number: 0,
            change,
        };
        if let Change::Commit { keys, mutations, .. } = &step.change
            && let [only] = keys.as_slice()
        {
            let preview = |value| literal::preview(value, PREVIEW_CHARS);
            step.before = only.before.as_ref().map(|entry| preview(&entry.value));
            if let [
                Mutation {
                    kind: MutationKind::Set { value, .. },
                    ..
                },
            ] = mutations.as_slice()
            {
                step.after = Some(preview(value));
            }
        }
        step
    }

    /// What can be done with it now.
    #[must_use]
    pub fn direction(&self) -> Direction {
        if self.undone_at.is_some() {
            Direction::Redo
        } else {
            Direction::Undo
        }
    }

    /// The only key that it changed, if it is one.
    #[must_use]
    pub fn key(&self) -> Option<&EncodedKey> {
        match &self.change {
            Change::Commit { keys, .. } => match keys.as_slice() {
                [only] => Some(&only.key),
                _ => None,
            },
            Change::Deletion { .. } | Change::Import { .. } => None,
        }
    }

    /// The file that holds what was deleted or replaced, for a large deletion or an import.
    #[must_use]
    pub fn undo_file(&self) -> Option<&Path> {
        match &self.change {
            Change::Deletion { undo_file } => Some(undo_file.path()),
            Change::Import { held, .. } => Some(held.path()),
            Change::Commit { .. } => None,
        }
    }

    /// Whether it is one commit, so that its inverse is rows of a transaction.
    #[must_use]
    pub fn is_one_commit(&self) -> bool {
        matches!(self.change, Change::Commit { .. })
    }

    /// What doing what [`Self::direction`] says would do to expiries that nobody can see; `None` if nothing.
    #[must_use]
    pub fn unseen_expiries(&self) -> Option<UnseenExpiries> {
        let direction = self.direction();
        let verb = match direction {
            Direction::Undo => "Undo",
            Direction::Redo => "Redo",
        };
        let (entries, can_set) = match (&self.change, direction) {
            (Change::Deletion { .. }, Direction::Undo) | (Change::Import { replaced: true, .. }, _) => {
                (None, true)
            }
            (Change::Deletion { .. }, Direction::Redo) | (Change::Import { .. }, _) => return None,
            (Change::Commit { keys, .. }, Direction::Undo) => {
                let unseen = keys.iter().filter_map(|change| change.before.as_ref());
                let unseen = unseen.filter(|before| before.expires_at.is_none()).count();
                (Some(unseen as u64), true)
            }
            (Change::Commit { keys, mutations, .. }, Direction::Redo) => {
                let stood = |key: &EncodedKey| {
                    let mut keys = keys.iter();
                    keys.any(|change| change.key == *key && change.before.is_some())
                };
                let ending = mutations.iter().filter(|mutation| mutation.kind.ends_expiry());
                let ending: Vec<&Mutation> = ending.filter(|mutation| stood(&mutation.key)).collect();
                let keys: HashSet<&EncodedKey> = ending.iter().map(|mutation| &mutation.key).collect();
                let is_set = |mutation: &&Mutation| matches!(mutation.kind, MutationKind::Set { .. });
                (Some(keys.len() as u64), ending.iter().any(is_set))
            }
        };
        (entries != Some(0)).then_some(UnseenExpiries {
            verb,
            entries,
            can_set,
        })
    }

    /// How to do what [`Self::direction`] says. Where an entry stood whose expiry nobody could see, what stands there
    /// then gets `expires_at`.
    #[must_use]
    pub fn plan(&self, expires_at: Option<i64>) -> Plan {
        let direction = self.direction();
        match &self.change {
            Change::Deletion { undo_file } => match direction {
                Direction::Undo => Plan::PutBack(undo_file.path().to_owned()),
                Direction::Redo => Plan::DeleteAgain(undo_file.path().to_owned()),
            },
            Change::Import {
                undo_file, redo_file, ..
            } => match direction {
                Direction::Undo => Plan::TakeBack(undo_file.clone(), redo_file.clone()),
                Direction::Redo => Plan::TakeBack(redo_file.clone(), undo_file.clone()),
            },
            Change::Commit {
                keys,
                mutations,
                messages,
            } => {
                let guarded = keys.iter().fold(AtomicOperation::new(), |operation, change| {
                    operation.check(change.key.clone(), change.stamp(direction))
                });
                let guarded = messages
                    .iter()
                    .fold(guarded, |operation, message| message.add_to(operation, direction));
                Plan::Commit(match direction {
                    Direction::Redo => AtomicOperation {
                        mutations: expiring(mutations, keys, expires_at),
                        ..guarded
                    },
                    Direction::Undo => keys
                        .iter()
                        .fold(guarded, |operation, change| match &change.before {
                            Some(entry) => operation.set_expiring(
                                change.key.clone(),
                                entry.value.clone(),
                                entry.expires_at.or(expires_at),
                            ),
                            None => operation.delete(change.key.clone()),
                        }),
                })
            }
        }
    }

    /// Bytes of keys and values that it keeps.
    pub(super) fn bytes(&self) -> usize {
        match &self.change {
            Change::Deletion { .. } | Change::Import { .. } => 0,
            Change::Commit {
                keys,
                mutations,
                messages,
            } => {
                let before = keys.iter().map(|change| {
                    let value = change.before.as_ref().map_or(0, |entry| entry.value.bytes.len());
                    change.key.as_bytes().len() + value
                });
                let after = mutations.iter().map(|mutation| {
                    mutation.key.as_bytes().len() + value(mutation).map_or(0, |value| value.bytes.len())
                });
                let messages = messages.iter().map(MessageStep::bytes);
                before.chain(after).chain(messages).sum()
            }
        }
    }
}

impl KeyChange {
    /// The versionstamp that stands under the key while `direction` is what can be done.
    pub(super) fn stamp(&self, direction: Direction) -> Option<Versionstamp> {
        match direction {
            Direction::Undo => self.left,
            Direction::Redo => self.before.as_ref().map(|entry| entry.versionstamp),
        }
    }
}

/// Mutations whose sets over what stood there have an expiry, if one is given.
fn expiring(mutations: &[Mutation], keys: &[KeyChange], expiry: Option<i64>) -> Vec<Mutation> {
    let mut mutations = mutations.to_vec();
    let stood = |key: &EncodedKey| {
        let mut keys = keys.iter();
        keys.any(|change| change.key == *key && change.before.is_some())
    };
    for mutation in &mut mutations {
        if let MutationKind::Set { expires_at, .. } = &mut mutation.kind
            && stood(&mutation.key)
        {
            *expires_at = expires_at.or(expiry);
        }
    }
    mutations
}

/// What a mutation stores or takes.
fn value(mutation: &Mutation) -> Option<&StoredValue> {
    match &mutation.kind {
        MutationKind::Set { value, .. }
        | MutationKind::SetSuffixVersionstampedKey { value, .. }
        | MutationKind::Min(value)
        | MutationKind::Max(value)
        | MutationKind::Sum { operand: value, .. } => Some(value),
        MutationKind::Delete => None,
    }
}

/// What a commit did.
pub(super) fn sentence(keys: &[KeyChange], mutations: &[Mutation], messages: &[MessageStep]) -> String {
    let of_messages = message::sentence(messages);
    match (keys, of_messages) {
        ([], Some(sentence)) => return sentence,
        (
            [
                KeyChange {
                    key,
                    before: Some(before),
                    left: None,
                },
            ],
            Some(_),
        ) if message::are_copies(messages, &before.value) => return format!("Queued {key} again"),
        (_, Some(of_messages)) => {
            let mut told = transaction(keys);
            told.push(lower(&of_messages));
            return format!("Transaction: {}", told.join(", "));
        }
        (_, None) => {}
    }
    match keys {
        [only] => {
            let verb = match (&only.before, only.left) {
                (None, _) => "Created",
                (Some(_), None) => "Deleted",
                (Some(_), Some(_)) => "Changed",
            };
            return format!("{verb} {}", only.key);
        }
        [one, other] => {
            let (from, to) = if one.left.is_none() {
                (one, other)
            } else {
                (other, one)
            };
            let moved = mutations
                .iter()
                .find(|mutation| mutation.key == to.key)
                .and_then(value);
            let stood = from.before.as_ref().map(|entry| &entry.value);
            if from.left.is_none() && to.before.is_none() && moved == stood {
                return format!("Renamed {} to {}", from.key, to.key);
            }
        }
        _ => {}
    }
    format!("Transaction: {}", transaction(keys).join(", "))
}

/// A sentence as a part of another one.
fn lower(sentence: &str) -> String {
    let mut letters = sentence.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// What became of how many entries.
fn transaction(keys: &[KeyChange]) -> Vec<String> {
    let count = |created: bool, left: bool| {
        keys.iter()
            .filter(|change| change.before.is_none() == created && change.left.is_some() == left)
            .count() as u64
    };
    let parts = [
        ("changed", count(false, true)),
        ("created", count(true, true)),
        ("deleted", count(false, false)),
    ];
    let parts = parts
        .into_iter()
        .filter(|(_, number)| *number > 0)
        .map(|(verb, number)| format!("{verb} {}", format::counted(number, "entry", "entries")));
    parts.collect()
}
