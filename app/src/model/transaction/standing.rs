//! What stands under the keys of a transaction, and what follows from it for its rows.

use keyglass_store::Entry;
use keyglass_store::key::EncodedKey;

use super::{
    FailedRow, OperationKind, OperationRow, Outlook, RowChoices, RowError, RowOutlook, TransactionDraft,
};
use crate::errand::Read;

/// Whether a check would hold now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckState {
    /// Not known yet.
    Unknown,
    /// It would.
    Passes,
    /// It would not.
    Fails,
}

impl TransactionDraft {
    /// Asks what stands under the keys now.
    pub fn look(&mut self) {
        let mut keys: Vec<EncodedKey> = self.rows.iter().filter_map(|row| row.key().cloned()).collect();
        keys.sort();
        keys.dedup();
        if !keys.is_empty() {
            self.wants.push(Read::States { keys }.into());
        }
    }

    /// Takes what stands under the keys.
    pub fn apply_states(&mut self, states: Vec<(EncodedKey, Option<Entry>)>) {
        self.states = states.into_iter().collect();
        self.looked += 1;
        for row in self.rows.iter().filter(|row| row.kind == OperationKind::Check) {
            let expected = row.choices.versionstamp;
            if let Some(state) = row.key().and_then(|key| self.states.get(key))
                && state.as_ref().map(|entry| entry.versionstamp) == expected
            {
                self.seen.insert(row.id, (expected, state.clone()));
            }
        }
        let rows = &self.rows;
        self.seen.retain(|id, _| rows.iter().any(|row| row.id == *id));
    }

    /// Whether a change of this key matters to the transaction.
    pub(super) fn concerns(&self, key: &EncodedKey) -> bool {
        self.rows.iter().any(|row| row.key() == Some(key))
    }

    /// What stands under a row's key; `None` if that is not known.
    #[must_use]
    pub fn state(&self, row: &OperationRow) -> Option<Option<&Entry>> {
        self.states.get(row.key()?).map(Option::as_ref)
    }

    /// Whether a check row would hold now.
    #[must_use]
    pub fn check_state(&self, row: &OperationRow) -> CheckState {
        match self.state(row) {
            None => CheckState::Unknown,
            Some(entry) if entry.map(|entry| entry.versionstamp) == row.choices.versionstamp => {
                CheckState::Passes
            }
            Some(_) => CheckState::Fails,
        }
    }

    /// Has a check expect what stands under its key now.
    pub fn check_anew(&mut self, id: u64) {
        let Some(row) = self.row(id) else { return };
        if let Some(state) = self.state(row) {
            let versionstamp = state.map(|entry| entry.versionstamp);
            let choices = RowChoices {
                versionstamp,
                ..row.choices
            };
            self.failed.retain(|failed| *failed != id);
            self.choose(id, choices);
        }
    }

    /// What it would do now, at a moment in milliseconds since the Unix epoch; worked out once for each change.
    pub fn outlook(&mut self, now: i64) -> &Outlook {
        let of = (self.revision, self.looked);
        let known = self.outlook.take().filter(|(known, _)| *known == of);
        let (_, outlook) = self
            .outlook
            .insert(known.unwrap_or_else(|| (of, Outlook::of(&self.rows, &self.states, now))));
        outlook
    }

    /// The checks that do not hold now, with what was seen, what stands there, and what the transaction puts there.
    #[must_use]
    pub fn failed_rows(&self) -> Vec<FailedRow> {
        let checks = self
            .rows
            .iter()
            .filter(|row| row.kind == OperationKind::Check && !row.choices.is_off);
        let failed = checks.filter(|row| self.check_state(row) == CheckState::Fails);
        let failed = failed.filter_map(|row| {
            let key = row.key()?.clone();
            let expected = row.choices.versionstamp;
            let sets = self.rows.iter().rev();
            let mut sets = sets.filter(|set| set.kind == OperationKind::Set && set.key() == Some(&key));
            let seen = self.seen.get(&row.id).filter(|(stamp, _)| *stamp == expected);
            Some(FailedRow {
                row: row.id,
                expected,
                // That a key was absent says all there was.
                seen: match expected {
                    None => Some(None),
                    Some(_) => seen.map(|(_, entry)| entry.clone()),
                },
                now: self.state(row).flatten().cloned(),
                by: None,
                mine: sets
                    .find(|set| !set.choices.is_off)
                    .and_then(|set| set.value().cloned()),
                key,
            })
        });
        failed.collect()
    }

    /// Makes checks expect what was shown of them to stand there now.
    pub fn rebase(&mut self, shown: &[FailedRow]) {
        for failed in shown {
            let Some(row) = self.rows.iter_mut().find(|row| row.id == failed.row) else {
                continue;
            };
            if row.kind == OperationKind::Check && row.key() == Some(&failed.key) {
                row.choices.versionstamp = failed.now.as_ref().map(|entry| entry.versionstamp);
                row.parse(&self.limits);
                self.seen
                    .insert(row.id, (row.choices.versionstamp, failed.now.clone()));
            }
        }
        self.failed.clear();
        self.edited();
    }

    /// What is wrong with each row: its texts, or a type that does not fit what stands under its key, or what the
    /// rows before it leave there. Of keys whose state is not known yet only the former is told.
    #[must_use]
    pub fn problems(&self) -> Vec<Option<RowError>> {
        let outlook = Outlook::of(&self.rows, &self.states, 0);
        let rows = self.rows.iter().map(|row| match outlook.of_row(row.id) {
            RowOutlook::Problem(problem) => Some(problem.clone()),
            _ => None,
        });
        rows.collect()
    }

    /// Whether it is known what stands under every key that is set, which says what expiry stays or, where expiries are not
    /// told, whether one may end.
    #[must_use]
    pub fn is_known(&self) -> bool {
        let ends = |kind: OperationKind| match kind {
            OperationKind::Set => true,
            OperationKind::Sum | OperationKind::Min | OperationKind::Max => self.hides_expiry,
            OperationKind::Check | OperationKind::Delete | OperationKind::Enqueue => false,
        };
        let sets = self
            .rows
            .iter()
            .filter(|row| ends(row.kind) && !row.choices.is_off);
        sets.filter(|row| row.key().is_some())
            .all(|row| self.state(row).is_some())
    }
}
