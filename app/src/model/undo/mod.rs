//! Undo and redo of what was committed from this window.
//!
//! Each commit keeps what stood under its keys before and what it did to them. Undoing writes the former, redoing
//! does the latter again; both are guarded by checks of the versionstamps that the last step left, so neither
//! overwrites what somebody else wrote meanwhile. A large deletion and an import keep a file instead.

mod message;
mod step;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use keyglass_store::atomic::{AtomicOperation, MutationKind};
use keyglass_store::key::EncodedKey;
use keyglass_store::limits::Limits;
use keyglass_store::{Database, FailedCheck, Versionstamp};

use crate::content::row::EntryRow;
use crate::errand::States;
use crate::format;
use crate::model::panel::PanelModel;
use crate::undo_files::UndoFile;
use message::MessageStep;
pub use message::messages_changed;
use step::{Change, KeyChange};
pub use step::{Direction, Plan, Step, Wanted};

/// Steps that are kept at most; the oldest go first.
pub const STEPS: usize = 200;
/// Bytes of keys and values that the steps keep together; the newest one is kept whatever its size.
pub const BYTES: usize = 32 << 20;

/// Numbers are of the whole program, because a notice names a step and not its database.
static NEXT_ID: AtomicU64 = AtomicU64::new(0);

/// What was committed from this window, oldest first.
#[derive(Debug, Default)]
pub struct UndoList {
    /// The step that is being undone or redone.
    pub stepping: Option<u64>,
    steps: Vec<Step>,
    next_undone: u64,
    /// What the database takes.
    limits: Limits,
}

impl UndoList {
    /// Notes a commit, given what stood under its keys; its number.
    ///
    /// # Errors
    /// Why it cannot be undone, as a clause. `None` if it changed nothing.
    pub fn committed(
        &mut self,
        operation: AtomicOperation,
        before: Option<&States>,
        versionstamp: Versionstamp,
        at: i64,
    ) -> Result<u64, Option<&'static str>> {
        // What the commit left under each key: its own versionstamp, or nothing.
        let mut left = BTreeMap::new();
        for mutation in &operation.mutations {
            let stamp = match mutation.kind {
                MutationKind::Delete => None,
                MutationKind::SetSuffixVersionstampedKey { .. } => {
                    return Err(Some("the database chose a key"));
                }
                _ => Some(versionstamp),
            };
            left.insert(mutation.key.clone(), stamp);
        }
        let messages = MessageStep::of(&operation);
        // With fewer checks it could overwrite what others wrote, and in several commits it could end half undone, where a
        // later one is refused; what was committed as a whole is undone as a whole.
        if left.len() > self.limits.checks {
            return Err(Some("it changed more keys than one commit can check"));
        }
        let keys: Option<Vec<KeyChange>> = left
            .into_iter()
            .map(|(key, left)| {
                let (_, before) = before?.iter().find(|(known, _)| *known == key)?;
                Some(KeyChange {
                    key,
                    before: before.clone(),
                    left,
                })
            })
            .collect();
        let mut keys = keys.ok_or(Some(
            "others changed the same keys too often to tell what stood there",
        ))?;
        keys.retain(|change| change.before.is_some() || change.left.is_some());
        if keys.is_empty() && messages.is_empty() {
            return Err(None);
        }
        let sentence = step::sentence(&keys, &operation.mutations, &messages);
        let change = Change::Commit {
            keys,
            mutations: operation.mutations,
            messages,
        };
        Ok(self.push(sentence, at, Some(versionstamp), change))
    }

    /// Notes that entries were deleted together after they were written to a file; its number.
    pub fn deleted(&mut self, sentence: String, undo_file: UndoFile, at: i64) -> u64 {
        self.push(sentence, at, None, Change::Deletion { undo_file })
    }

    /// Notes an import that wrote what it replaced to a file; its number.
    pub fn imported(&mut self, sentence: String, held: UndoFile, replaced: bool, at: i64) -> u64 {
        let undo_file = held.path().to_owned();
        let stem = undo_file.file_stem().unwrap_or_default().to_string_lossy();
        let redo_file = undo_file.with_file_name(format!("{stem}-undone.ndjson"));
        let change = Change::Import {
            undo_file,
            redo_file,
            replaced,
            held,
        };
        self.push(sentence, at, None, change)
    }

    /// An import was undone or redone, and what that replaced was written to a file.
    pub fn taken_back(&mut self, id: u64, file: UndoFile, at: i64) {
        self.succeeded(id, None, at);
        let step = self.steps.iter_mut().find(|step| step.id == id);
        if let Some(Step {
            change: Change::Import { held, .. },
            ..
        }) = step
        {
            *held = file;
        }
    }

    fn push(&mut self, sentence: String, at: i64, versionstamp: Option<Versionstamp>, change: Change) -> u64 {
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        let step = Step::new(id, sentence, at, change);
        self.steps.push(Step { versionstamp, ..step });
        let mut bytes: usize = self.steps.iter().map(Step::bytes).sum();
        let mut too_many = 0;
        for step in self.steps.iter().take(self.steps.len() - 1) {
            if self.steps.len() - too_many <= STEPS && bytes <= BYTES {
                break;
            }
            bytes -= step.bytes();
            too_many += 1;
        }
        self.steps.drain(..too_many);
        id
    }

    /// All steps, oldest first.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// A step by its number.
    #[must_use]
    pub fn step(&self, id: u64) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }

    /// The step that comes next: the newest one that is done, or the one that was undone last. One that was refused
    /// is passed over.
    #[must_use]
    pub fn next(&self, direction: Direction) -> Option<&Step> {
        let steps = self
            .steps
            .iter()
            .filter(|step| step.direction() == direction && step.refused.is_empty());
        match direction {
            Direction::Undo => steps.max_by_key(|step| step.id),
            Direction::Redo => steps.max_by_key(|step| step.undone_number),
        }
    }

    /// A step was undone or redone by a commit.
    ///
    /// What stands under its keys now is what stood there once, but under a new versionstamp. So the other steps that
    /// expect it there expect the new one from now on: several commits on one key can be undone one after the other.
    pub fn succeeded(&mut self, id: u64, versionstamp: Option<Versionstamp>, at: i64) {
        let Some(step) = self.steps.iter().find(|step| step.id == id) else {
            return;
        };
        let direction = step.direction();
        let next = match direction {
            Direction::Undo => Direction::Redo,
            Direction::Redo => Direction::Undo,
        };
        let stands: Vec<(EncodedKey, Versionstamp)> = match &step.change {
            Change::Commit { keys, .. } => keys
                .iter()
                .filter_map(|change| Some((change.key.clone(), change.stamp(next)?)))
                .collect(),
            Change::Deletion { .. } | Change::Import { .. } => Vec::new(),
        };
        if let Some(now) = versionstamp {
            for (key, stood) in stands {
                self.stands_again(&key, stood, now);
            }
        }
        self.next_undone += 1;
        if let Some(step) = self.steps.iter_mut().find(|step| step.id == id) {
            step.undone_at = (direction == Direction::Undo).then_some(at);
            step.undone_number = self.next_undone;
            step.refused.clear();
        }
    }

    fn stands_again(&mut self, key: &EncodedKey, stood: Versionstamp, now: Versionstamp) {
        for step in &mut self.steps {
            let Change::Commit { keys, .. } = &mut step.change else {
                continue;
            };
            for change in keys.iter_mut().filter(|change| change.key == *key) {
                let before = change.before.as_mut().map(|entry| &mut entry.versionstamp);
                for stamp in before.into_iter().chain(change.left.as_mut()) {
                    if *stamp == stood {
                        *stamp = now;
                        // It may be possible now.
                        step.refused.clear();
                    }
                }
            }
        }
    }

    /// A step cannot be undone or redone now, for these reasons.
    pub fn refuse(&mut self, id: u64, reasons: Vec<String>) {
        if let Some(step) = self.steps.iter_mut().find(|step| step.id == id) {
            step.refused = reasons;
        }
    }
}

impl PanelModel for UndoList {
    fn of(database: &dyn Database) -> Self {
        Self {
            limits: database.capabilities().limits,
            ..Self::default()
        }
    }
}

/// What stands under the keys of failed checks now, a line for each.
#[must_use]
pub fn what_stands_there(operation: &AtomicOperation, failed: &[FailedCheck]) -> Vec<String> {
    let lines = failed.iter().filter_map(|check| {
        let key = &operation.checks.get(check.index)?.key;
        Some(match &check.current {
            Some(entry) => {
                let row = EntryRow::new(entry);
                let value: String = row.preview.spans.into_iter().map(|(_, text)| text).collect();
                let stamp = format::short_versionstamp(entry.versionstamp);
                format!("{key} is {value} now, version {stamp}")
            }
            None => format!("{key} is absent now"),
        })
    });
    lines.collect()
}
