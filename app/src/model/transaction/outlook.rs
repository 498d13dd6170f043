//! What a transaction would do now, row by row: by the evaluation of a commit, over what stands under its keys.

use std::collections::HashMap;

use keyglass_store::draft::Step;
use keyglass_store::value::literal::{self, Preview, preview_node};
use keyglass_store::{AtomicOperation, EncodedKey, Entry, Rehearsal, Standing, StoredValue, Versionstamp};

use super::RowError;
use super::row::OperationRow;
use crate::content::value_changes::{PartChange, ValueChanges};

/// Characters of a value before and after.
const PREVIEW_CHARS: usize = 120;
/// Characters of a field that changed.
const FIELD_CHARS: usize = 40;
/// Fields that are named; more are counted.
const FIELDS: usize = 4;
/// Values that are compared field by field have at most so many bytes together.
const COMPARED_BYTES: usize = 256 << 10;

/// What one row would do now.
#[derive(Debug, Clone, PartialEq)]
pub enum RowOutlook {
    /// It is switched off.
    Off,
    /// What is wrong with it.
    Problem(RowError),
    /// What stands under its key is not known yet.
    Unknown,
    /// A check holds.
    Passes,
    /// A check does not hold: this stands there, or nothing.
    Fails(Option<Versionstamp>),
    /// A mutation changes what stands there.
    Effect(Box<RowEffect>),
    /// A message is queued.
    Message,
}

/// What a mutation changes.
#[derive(Debug, Clone, PartialEq)]
pub struct RowEffect {
    /// The value before; `None` where that is not known, and inside where there is none.
    pub before: Option<Option<Preview>>,
    /// The value after; `None` inside where there is none.
    pub after: Option<Option<Preview>>,
    /// The fields that differ, such as `credit: 20 → 25`, where both are objects or lists.
    pub fields: Vec<String>,
    /// How many fields differ.
    pub num_fields: usize,
    /// When the entry before goes, in milliseconds since the Unix epoch.
    pub expired_before: Option<i64>,
    /// When the entry after goes, in milliseconds since the Unix epoch.
    pub expires_at: Option<i64>,
    /// Which of the mutations of its key it is, from 1, and how many there are.
    pub turn: (usize, usize),
}

/// What a transaction would do now.
#[derive(Debug, Clone, Default)]
pub struct Outlook {
    rows: HashMap<u64, RowOutlook>,
    /// What would be committed.
    pub operation: AtomicOperation,
}

impl Outlook {
    /// Works out what rows would do to what stands under their keys, at a moment in milliseconds since the Unix epoch.
    pub(super) fn of(rows: &[OperationRow], standing: &Standing, now: i64) -> Self {
        let mut outlook = Self::default();
        let mut operation = AtomicOperation::new();
        let (mut checks, mut mutations) = (Vec::new(), Vec::new());
        for row in rows {
            if row.choices.is_off {
                outlook.rows.insert(row.id, RowOutlook::Off);
                continue;
            }
            let step = match row.step() {
                Ok(step) => step,
                Err(problem) => {
                    outlook.rows.insert(row.id, RowOutlook::Problem(problem.clone()));
                    continue;
                }
            };
            let stands = step.key().and_then(|key| standing.get(key)?.as_ref());
            operation = step.add_to(operation, now, stands);
            match step {
                Step::Check { key, versionstamp } => checks.push((row.id, key, *versionstamp)),
                Step::Enqueue { .. } => {
                    outlook.rows.insert(row.id, RowOutlook::Message);
                }
                _ => mutations.push(row.id),
            }
        }
        let rehearsal = Rehearsal::of(&operation, standing);
        for (id, key, expected) in checks {
            let state = match standing.get(key) {
                None => RowOutlook::Unknown,
                Some(entry) => match entry.as_ref().map(|entry| entry.versionstamp) {
                    stamp if stamp == expected => RowOutlook::Passes,
                    stamp => RowOutlook::Fails(stamp),
                },
            };
            outlook.rows.insert(id, state);
        }
        let mut turns: HashMap<&EncodedKey, usize> = HashMap::new();
        for mutation in &operation.mutations {
            *turns.entry(&mutation.key).or_default() += 1;
        }
        let mut turn: HashMap<&EncodedKey, usize> = HashMap::new();
        let effects = operation.mutations.iter().zip(rehearsal.effects);
        for (id, (mutation, effect)) in mutations.into_iter().zip(effects) {
            let place = turn.entry(&mutation.key).or_default();
            *place += 1;
            let turn = (*place, turns.get(&mutation.key).copied().unwrap_or(1));
            let told = match effect.after {
                Err(reason) => RowOutlook::Problem(RowError::Mutation(reason.to_string())),
                Ok(None) => RowOutlook::Unknown,
                Ok(Some(after)) => RowOutlook::Effect(Box::new(row_effect(effect.before, after, turn))),
            };
            outlook.rows.insert(id, told);
        }
        outlook.operation = operation;
        outlook
    }

    /// What a row would do.
    #[must_use]
    pub fn of_row(&self, id: u64) -> &RowOutlook {
        self.rows.get(&id).unwrap_or(&RowOutlook::Unknown)
    }
}

fn row_effect(before: Option<Option<Entry>>, after: Option<Entry>, turn: (usize, usize)) -> RowEffect {
    let preview = |entry: &Entry| literal::preview(&entry.value, PREVIEW_CHARS);
    let (mut fields, mut num_fields) = (Vec::new(), 0);
    if let (Some(Some(before)), Some(after)) = (&before, &after) {
        (fields, num_fields) = changed_fields(&before.value, &after.value);
    }
    RowEffect {
        fields,
        num_fields,
        expired_before: before
            .as_ref()
            .and_then(Option::as_ref)
            .and_then(|entry| entry.expires_at),
        expires_at: after.as_ref().and_then(|entry| entry.expires_at),
        before: before.map(|entry| entry.as_ref().map(preview)),
        after: Some(after.as_ref().map(preview)),
        turn,
    }
}

/// The fields of a value that differ: `credit: 20 → 25`.
fn changed_fields(before: &StoredValue, after: &StoredValue) -> (Vec<String>, usize) {
    if before == after || before.bytes.len() + after.bytes.len() > COMPARED_BYTES {
        return (Vec::new(), 0);
    }
    let (Ok(before), Ok(after)) = (before.decode(), after.decode()) else {
        return (Vec::new(), 0);
    };
    let changes = ValueChanges::between(&before, &after);
    let parts = changes.parts();
    if parts.iter().any(|(path, _)| path.0.is_empty()) {
        // The whole is another one, as both values show.
        return (Vec::new(), 0);
    }
    let told = parts.iter().take(FIELDS).map(|(path, change)| {
        let name = path.to_string();
        let name = name
            .strip_prefix("value")
            .unwrap_or(&name)
            .trim_start_matches('.')
            .to_owned();
        let now = path.find(&after).map(|node| -> String {
            let preview = preview_node(&after, &node, FIELD_CHARS);
            preview.spans.into_iter().map(|(_, text)| text).collect()
        });
        match (change, now) {
            (PartChange::Was(before), Some(now)) => format!("{name}: {before} → {now}"),
            (PartChange::Added, Some(now)) => format!("{name}: new {now}"),
            (other, _) => format!("{name}: {other}"),
        }
    });
    (told.collect(), changes.count())
}
