//! The transaction that is being composed.

mod code;
mod committing;
#[cfg(test)]
mod draft_tests;
mod history;
mod indexes;
mod kept;
mod meter;
mod outlook;
mod rebase;
mod row;
#[cfg(test)]
mod tests;

use std::hash::{DefaultHasher, Hash as _};

use keyglass_store::atomic::AtomicOperation;
use keyglass_store::draft::{Draft, DraftRow, Step};
use keyglass_store::key::EncodedKey;
use keyglass_store::limits::Limits;
use keyglass_store::{Database, Entry, Standing, Versionstamp};

pub use code::CodeDraft;
use committing::{Committed, Committing};
use history::DraftHistory;
pub use indexes::{IndexFinding, IndexReview, describe as describe_index, sentence as index_sentence};
pub use kept::{SavedOperation, SavedTransaction};
pub use meter::Meter;
pub use outlook::{Outlook, RowEffect, RowOutlook};
pub use rebase::{Compared, FailedRow, RebaseReview};
pub use row::{OperationKind, OperationRow, RowChoices, RowTexts};

use crate::errand::{Errand, ForEntries, ObservedChange, Read};
use crate::model::draft::Draft as EntryDraft;
use crate::model::key_draft::KeyDraft;
use crate::model::panel::PanelModel;
use crate::model::saved_session::SavedSession;

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

/// A row that is edited beside the transaction, by the editors of an entry.
#[derive(Debug)]
pub struct OpenedRow {
    /// The row.
    pub id: u64,
    /// Its key and its value.
    pub draft: EntryDraft,
    /// The entry that was shown when it was opened; another one takes its place.
    pub over: Option<EncodedKey>,
}

/// The transaction that is being composed.
#[derive(Debug, Default)]
pub struct TransactionDraft {
    /// The rows, in order. To be told by [`Self::edited`] once they were changed.
    pub rows: Vec<OperationRow>,
    /// Rows whose check failed at the last commit.
    pub failed: Vec<u64>,
    /// The row that is edited beside the transaction.
    pub opened: Option<OpenedRow>,
    /// What a check of indexes found, until it is shown.
    pub finding: Option<IndexFinding>,
    /// What it is called; nothing is as the first one.
    name: String,
    /// The other drafts of the database, by their names.
    others: Vec<SavedTransaction>,
    history: DraftHistory,
    committing: Option<Committing>,
    committed: Option<Committed>,
    /// It was to be committed at this revision, as soon as it is known what stands under its keys.
    waiting: Option<u64>,
    revision: u64,
    /// The row whose key gets the keyboard's focus.
    to_focus: Option<u64>,
    states: Standing,
    /// How often what stands under the keys was read.
    looked: u64,
    /// What stood under a check's key when it held, and under which versionstamp, by rows.
    seen: std::collections::HashMap<u64, (Option<Versionstamp>, Option<Entry>)>,
    /// For these numbers of edits and reads.
    outlook: Option<((u64, u64), Outlook)>,
    next_id: u64,
    wants: Vec<Errand>,
    looks_again: bool,
    /// What the database takes.
    limits: Limits,
    /// The database does not tell when entries expire.
    hides_expiry: bool,
}

impl TransactionDraft {
    /// Whether the database does not tell when entries expire, so that a set ends what nobody sees.
    #[must_use]
    pub fn hides_expiry(&self) -> bool {
        self.hides_expiry
    }

    /// Adds a row at the end.
    pub fn add(&mut self, kind: OperationKind, key_text: String, value_text: String) -> u64 {
        let texts = RowTexts {
            key: key_text,
            value: value_text,
            ..RowTexts::default()
        };
        let id = self.next_id();
        let row = OperationRow::new(id, kind, texts, RowChoices::default(), &self.limits);
        self.rows.push(row);
        self.edited();
        id
    }

    fn next_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id - 1
    }

    /// Adds a row to be written, which gets the keyboard's focus.
    pub fn begin_row(&mut self, kind: OperationKind, key_text: String) {
        self.to_focus = Some(self.add(kind, key_text, String::new()));
    }

    /// Whether the key of this row shall get the keyboard's focus now; once.
    pub fn takes_focus(&mut self, id: u64) -> bool {
        self.to_focus.take_if(|wanted| *wanted == id).is_some()
    }

    /// The place of the row whose key shall get the focus, if any.
    #[must_use]
    pub fn row_to_focus(&self) -> Option<usize> {
        let id = self.to_focus?;
        self.rows.iter().position(|row| row.id == id)
    }

    /// Adds a check of what was seen.
    pub fn add_check(&mut self, key: &EncodedKey, versionstamp: Option<Versionstamp>) {
        let key = key.clone();
        self.add_steps([Step::Check { key, versionstamp }]);
    }

    /// Adds rows that do what these steps say.
    pub fn add_steps(&mut self, steps: impl IntoIterator<Item = Step>) {
        self.add_rows(steps.into_iter().map(DraftRow::from));
    }

    /// Adds rows of a draft, such as one that was loaded from a file.
    pub fn add_rows(&mut self, rows: impl IntoIterator<Item = DraftRow>) {
        for row in rows {
            let id = self.next_id();
            self.rows.push(OperationRow::of_step(id, &row, &self.limits));
        }
        self.edited();
    }

    /// Adds rows that do what an operation does.
    pub fn add_operation(&mut self, operation: &AtomicOperation) {
        self.add_steps(row::steps_of(operation));
    }

    /// Adds for each entry a check that it is as it was seen, and what is done with it.
    pub fn add_entries(&mut self, entries: &[Entry], each: ForEntries) {
        let check = |entry: &Entry| Step::Check {
            key: entry.key.clone(),
            versionstamp: Some(entry.versionstamp),
        };
        let steps = entries.iter().flat_map(|entry| {
            let then = match each {
                ForEntries::Check => None,
                ForEntries::Set => Some(row::set_of(entry)),
                ForEntries::Delete => Some(Step::Delete {
                    key: entry.key.clone(),
                }),
            };
            [Some(check(entry)), then].into_iter().flatten()
        });
        self.add_steps(steps.collect::<Vec<_>>());
    }

    /// A row by its number.
    #[must_use]
    pub fn row(&self, id: u64) -> Option<&OperationRow> {
        self.rows.iter().find(|row| row.id == id)
    }

    /// Removes a row.
    pub fn remove(&mut self, id: u64) {
        self.rows.retain(|row| row.id != id);
        self.failed.retain(|failed| *failed != id);
        self.edited();
    }

    /// Moves a row up or down by one.
    pub fn shift(&mut self, id: u64, down: bool) {
        if let Some(at) = self.rows.iter().position(|row| row.id == id) {
            let to = if down { at + 1 } else { at.saturating_sub(1) };
            self.move_to(id, to);
        }
    }

    /// Moves a row to a place among the others.
    pub fn move_to(&mut self, id: u64, to: usize) {
        let Some(at) = self.rows.iter().position(|row| row.id == id) else {
            return;
        };
        let to = to.min(self.rows.len() - 1);
        if to != at {
            let row = self.rows.remove(at);
            self.rows.insert(to, row);
            self.edited();
        }
    }

    /// Puts a copy of a row below it.
    pub fn duplicate(&mut self, id: u64) {
        if let Some(at) = self.rows.iter().position(|row| row.id == id) {
            let new = self.next_id();
            if let Some(copy) = self.rows.get(at).map(|row| row.copied(new)) {
                self.rows.insert(at + 1, copy);
                self.edited();
            }
        }
    }

    /// Changes what is chosen of a row.
    pub fn choose(&mut self, id: u64, choices: RowChoices) {
        let limits = self.limits;
        if let Some(row) = self.rows.iter_mut().find(|row| row.id == id) {
            row.choices = choices;
            row.parse(&limits);
            self.edited();
        }
    }

    /// Changes what is typed of a row, letter by letter.
    pub fn type_in(&mut self, id: u64, texts: RowTexts) {
        let limits = self.limits;
        if let Some(row) = self.rows.iter_mut().find(|row| row.id == id) {
            row.texts = texts;
            row.parse(&limits);
            self.history.edited(&self.rows, Some(id));
            self.edited();
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

    /// Removes all rows.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.failed.clear();
        self.edited();
    }

    /// Rows were added or changed: it is another transaction, and what was committed of it can be committed again.
    pub fn edited(&mut self) {
        self.history.edited(&self.rows, None);
        self.renew();
    }

    fn renew(&mut self) {
        self.revision += 1;
        self.arm();
        self.look();
    }

    /// Undoes the last edit of the draft, or does it again.
    pub fn step_back(&mut self, forth: bool) {
        let rows = if forth {
            self.history.redo()
        } else {
            self.history.undo()
        };
        if let Some(rows) = rows {
            self.rows = rows;
            let ids: Vec<u64> = self.rows.iter().map(|row| row.id).collect();
            self.failed.retain(|failed| ids.contains(failed));
            self.opened = None;
            self.renew();
        }
    }

    /// Whether an edit can be undone, and one that was undone done again.
    #[must_use]
    pub fn can_step(&self) -> (bool, bool) {
        (self.history.can_undo(), self.history.can_redo())
    }

    /// Opens a row beside the transaction, over the entry that is shown there.
    pub fn open(&mut self, id: u64, over: Option<EncodedKey>) {
        let Some(row) = self.row(id) else { return };
        let mut draft = EntryDraft::new_entry(KeyDraft::of_text(&row.texts.key), self.limits);
        draft.text.clone_from(&row.texts.value);
        draft.parse();
        self.opened = Some(OpenedRow { id, draft, over });
    }

    /// Another entry is shown by now, which takes the place of the row that is open.
    pub fn close_if_over_other(&mut self, shown: Option<&EncodedKey>) {
        self.opened.take_if(|opened| opened.over.as_ref() != shown);
    }

    /// Takes what was edited of the row that is open beside the transaction.
    pub fn take_opened(&mut self) {
        let Some(opened) = &self.opened else { return };
        let id = opened.id;
        let (key, value) = (opened.draft.key_text(), opened.draft.text.clone());
        let Some(row) = self.row(id) else {
            self.opened = None;
            return;
        };
        let is_key_same = !row.kind.has_key() || row.texts.key == key;
        if is_key_same && row.texts.value == value {
            return;
        }
        let mut texts = RowTexts {
            value,
            ..row.texts.clone()
        };
        if row.kind.has_key() {
            texts.key = key;
        }
        self.type_in(id, texts);
    }

    /// What the worker shall do.
    pub fn take_wants(&mut self) -> Vec<Errand> {
        if std::mem::take(&mut self.looks_again) {
            self.look();
        }
        std::mem::take(&mut self.wants)
    }

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
    fn concerns(&self, key: &EncodedKey) -> bool {
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
    pub fn problems(&self) -> Vec<Option<String>> {
        let outlook = Outlook::of(&self.rows, &self.states, 0);
        let rows = self.rows.iter().map(|row| match outlook.of_row(row.id) {
            RowOutlook::Problem(problem) => Some(problem.clone()),
            _ => None,
        });
        rows.collect()
    }

    /// Whether it is known what stands under every key that is set, which says what expiry stays.
    #[must_use]
    pub fn is_known(&self) -> bool {
        let sets = self
            .rows
            .iter()
            .filter(|row| row.kind == OperationKind::Set && !row.choices.is_off);
        sets.filter(|row| row.key().is_some())
            .all(|row| self.state(row).is_some())
    }

    /// The rows as they are kept in a file, under the name of the draft.
    #[must_use]
    pub fn to_draft(&self) -> Draft {
        Draft {
            name: Some(self.name().to_owned()),
            rows: self.rows.iter().map(OperationRow::to_draft_row).collect(),
        }
    }

    /// The operation to commit, at a moment in milliseconds since the Unix epoch. A set keeps the expiry that the key has
    /// now, unless another one was chosen.
    ///
    /// # Errors
    /// A sentence that names the first row that cannot be committed, or the limit that all of them exceed.
    pub fn operation(&self, now: i64) -> Result<AtomicOperation, String> {
        for (index, (row, problem)) in self.rows.iter().zip(self.problems()).enumerate() {
            let of_row = |problem: &str| format!("Row {} ({}): {problem}", index + 1, row.kind.name());
            if row.choices.is_off {
                continue;
            }
            if let Some(problem) = problem {
                return Err(of_row(&problem));
            }
            if let (OperationKind::Set, Some(key), None) = (row.kind, row.key(), self.state(row)) {
                return Err(of_row(&format!(
                    "it is not known yet whether an entry with an expiry stands here, try again in a moment: {key}"
                )));
            }
        }
        let standing = |key: &EncodedKey| self.states.get(key)?.as_ref();
        let operation = self.to_draft().operation(now, standing);
        let operation = operation.map_err(|error| error.to_string())?;
        if operation == AtomicOperation::new() {
            return Err("All rows are switched off".to_owned());
        }
        let fits = operation.validate(&self.limits);
        fits.map(|()| operation).map_err(|limit| limit.to_string())
    }

    /// Checks, mutations and bytes of the transaction against what the database takes.
    #[must_use]
    pub fn meter(&self) -> Meter {
        Meter::of(&self.rows, self.limits)
    }

    /// Why it cannot be committed now, as a sentence, if it is known already.
    #[must_use]
    pub fn obstacle(&self, now: i64) -> Option<String> {
        if self.rows.is_empty() || !self.is_known() {
            return None;
        }
        self.operation(now).err()
    }
}

impl PanelModel for TransactionDraft {
    fn of(database: &dyn Database) -> Self {
        Self {
            limits: database.capabilities().limits,
            hides_expiry: !database.capabilities().expiry,
            ..Self::default()
        }
    }

    fn take_wants(&mut self) -> Vec<Errand> {
        Self::take_wants(self)
    }

    fn take_change(&mut self, change: &ObservedChange) {
        self.looks_again |= self.concerns(&change.key);
    }

    fn catch_up(&mut self, _now: i64) {
        self.looks_again = true;
    }

    fn refresh(&mut self) {
        self.looks_again = true;
    }

    fn keep(&self, saved: &mut SavedSession) {
        kept::keep(self, saved);
    }

    fn restore(&mut self, saved: &SavedSession) -> Vec<String> {
        kept::restore(self, saved);
        Vec::new()
    }

    fn fingerprint(&self, hasher: &mut DefaultHasher) {
        (self.revision, self.committed(), &self.name, self.others.len()).hash(hasher);
    }
}
