//! A comparison of this database with another one: what is asked for, what differs, what of it is shown and selected.

mod asked;
mod operation;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use keyglass_store::transfer::compare::{Difference, ValueAspect};
use keyglass_store::value::literal;
use keyglass_store::{Database, EncodedKey, Entry, StoredValue};

use super::panel::PanelModel;
use crate::content::difference_line::counts_line;
use crate::content::field_changes::{Differences, IN_FULL};
use crate::errand::{ComparedDatabases, DifferenceLine, JobError, ObservedChange, Untold};

pub use asked::{CompareDraft, ComparisonPlan, KnownPlace};
pub use operation::{Direction, Prepared};

/// What kind of difference it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceKind {
    /// Only this database has the key.
    OnlyHere,
    /// Only the other one has it.
    OnlyThere,
    /// Both have it, with different values.
    Value,
    /// Both have it with the same value, which goes at different times.
    Expiry,
}

impl DifferenceKind {
    /// Which kind a difference is of.
    #[must_use]
    pub fn of(difference: &Difference) -> Self {
        match difference {
            Difference::Removed(_) => Self::OnlyHere,
            Difference::Added(_) => Self::OnlyThere,
            Difference::Changed { aspects, .. }
                if aspects.value == ValueAspect::Same && !aspects.encoding =>
            {
                Self::Expiry
            }
            Difference::Changed { .. } => Self::Value,
        }
    }

    /// In two words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::OnlyHere => "only here",
            Self::OnlyThere => "only there",
            Self::Value => "different",
            Self::Expiry => "expiry only",
        }
    }
}

/// The key at which the databases differ.
#[must_use]
pub fn key_of(difference: &Difference) -> &EncodedKey {
    match difference {
        Difference::Added(entry) | Difference::Removed(entry) => &entry.key,
        Difference::Changed { before, .. } => &before.key,
    }
}

/// What stands under the key here, and what there.
#[must_use]
pub fn sides_of(difference: &Difference) -> [Option<&Entry>; 2] {
    match difference {
        Difference::Added(there) => [None, Some(there)],
        Difference::Removed(here) => [Some(here), None],
        Difference::Changed { before, after, .. } => [Some(before), Some(after)],
    }
}

/// How far a comparison is.
#[derive(Debug, Default)]
pub enum ComparisonState {
    /// None was asked for.
    #[default]
    Nothing,
    /// The other database is being opened.
    Opening,
    /// A job compares.
    Running(u64),
    /// It failed, with the reason as a sentence.
    Failed(String),
    /// It was cancelled before anything was compared.
    Cancelled,
    /// It ended, or was cancelled.
    Done(Box<ComparedDatabases>),
}

/// A difference in full, made once.
#[derive(Debug)]
pub struct Detail {
    of: usize,
    /// The fields.
    pub fields: Differences,
    /// Both values, a field a line; empty where nothing stands.
    pub values: [String; 2],
}

/// The comparison of a database.
#[derive(Debug, Default)]
pub struct ComparisonModel {
    plan: Option<ComparisonPlan>,
    state: ComparisonState,
    kind: Option<DifferenceKind>,
    text: String,
    /// Places of the differences that are shown.
    shown: Vec<usize>,
    /// Places of those that are selected.
    selected: BTreeSet<usize>,
    /// The row from which Shift selects.
    anchor: Option<usize>,
    /// The row that is looked at.
    current: Option<usize>,
    detail: Option<Detail>,
    /// Keys of differences that changed here since.
    changed: HashSet<EncodedKey>,
    /// Something changed here since, and nobody told what.
    is_outdated: bool,
    /// Brings the keyboard to the rows.
    pub wants_focus: bool,
}

impl ComparisonModel {
    /// What is compared.
    #[must_use]
    pub fn plan(&self) -> Option<&ComparisonPlan> {
        self.plan.as_ref()
    }

    /// How far it is.
    #[must_use]
    pub fn state(&self) -> &ComparisonState {
        &self.state
    }

    /// What differs, once that is known.
    #[must_use]
    pub fn compared(&self) -> Option<&ComparedDatabases> {
        match &self.state {
            ComparisonState::Done(compared) => Some(compared),
            _ => None,
        }
    }

    /// The job that compares.
    #[must_use]
    pub fn job(&self) -> Option<u64> {
        match self.state {
            ComparisonState::Running(job) => Some(job),
            _ => None,
        }
    }

    /// Whether one is under way, so that no other can begin.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        matches!(self.state, ComparisonState::Opening | ComparisonState::Running(_))
    }

    /// Begins a comparison: the other database is being opened.
    pub fn begin(&mut self, plan: ComparisonPlan) {
        *self = Self {
            plan: Some(plan),
            state: ComparisonState::Opening,
            kind: self.kind,
            text: std::mem::take(&mut self.text),
            ..Self::default()
        };
    }

    /// A job compares now.
    pub fn started(&mut self, job: u64) {
        self.state = ComparisonState::Running(job);
    }

    /// Whether the other database of this plan is waited for; not once that was cancelled.
    #[must_use]
    pub fn awaits(&self, plan: &ComparisonPlan) -> bool {
        matches!(self.state, ComparisonState::Opening) && self.plan.as_ref() == Some(plan)
    }

    /// Waits no longer for the other database; a job that compares already is stopped by its number.
    pub fn cancel_opening(&mut self) {
        if matches!(self.state, ComparisonState::Opening) {
            self.state = ComparisonState::Cancelled;
        }
    }

    /// The comparison could not begin, for a reason that is a sentence.
    pub fn fail(&mut self, reason: String) {
        self.state = ComparisonState::Failed(reason);
    }

    /// Takes what a job has found, unless another one was begun meanwhile.
    pub fn apply(&mut self, job: u64, compared: Result<ComparedDatabases, JobError>) {
        if self.job() != Some(job) {
            return;
        }
        match compared {
            Ok(compared) => {
                self.state = ComparisonState::Done(Box::new(compared));
                self.filter();
                self.wants_focus = true;
            }
            Err(error) => self.fail(error.to_string()),
        }
    }

    fn differences(&self) -> &[Arc<Difference>] {
        self.compared().map_or(&[], |compared| &compared.differences)
    }

    /// Which kind is shown; all of them without one.
    #[must_use]
    pub fn kind(&self) -> Option<DifferenceKind> {
        self.kind
    }

    /// Shows only differences of a kind, or all.
    pub fn show_kind(&mut self, kind: Option<DifferenceKind>) {
        self.kind = kind;
        self.filter();
    }

    /// A text that the keys of what is shown have in them.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Shows only differences whose keys have a text in them, whatever the case.
    pub fn show_text(&mut self, text: &str) {
        if self.text != text {
            text.clone_into(&mut self.text);
            self.filter();
        }
    }

    fn filter(&mut self) {
        let text = self.text.trim().to_lowercase();
        let shows = |difference: &Difference| {
            self.kind
                .is_none_or(|kind| kind == DifferenceKind::of(difference))
                && (text.is_empty() || key_of(difference).to_string().to_lowercase().contains(&text))
        };
        let all = self.differences().iter().enumerate();
        let shown: Vec<usize> = all
            .filter(|(_, difference)| shows(difference))
            .map(|(place, _)| place)
            .collect();
        self.shown = shown;
        // What is not shown is not taken unseen.
        let is_shown = |place: &usize| self.shown.binary_search(place).is_ok();
        self.selected.retain(is_shown);
        self.current = None;
        self.anchor = None;
        self.detail = None;
    }

    /// How many differences are shown.
    #[must_use]
    pub fn num_shown(&self) -> usize {
        self.shown.len()
    }

    /// A difference that is shown, by its row.
    #[must_use]
    pub fn row(&self, row: usize) -> Option<&Difference> {
        let place = self.shown.get(row)?;
        self.differences().get(*place).map(|difference| &**difference)
    }

    /// The row that is looked at.
    #[must_use]
    pub fn current(&self) -> Option<usize> {
        self.current
    }

    /// Whether a row is selected.
    #[must_use]
    pub fn is_selected(&self, row: usize) -> bool {
        self.shown
            .get(row)
            .is_some_and(|place| self.selected.contains(place))
    }

    /// How many are selected.
    #[must_use]
    pub fn num_selected(&self) -> usize {
        self.selected.len()
    }

    /// Looks at a row and selects it: alone, with all rows up to it (`extends`), or besides those that are (`adds`).
    pub fn select(&mut self, row: usize, extends: bool, adds: bool) {
        let Some(place) = self.shown.get(row).copied() else {
            return;
        };
        if !adds {
            self.selected.clear();
        }
        if extends {
            let anchor = *self.anchor.get_or_insert(self.current.unwrap_or(row));
            let rows = anchor.min(row)..=anchor.max(row);
            self.selected
                .extend(self.shown.get(rows).unwrap_or_default().iter().copied());
        } else {
            self.anchor = Some(row);
            if !self.selected.insert(place) {
                self.selected.remove(&place);
            }
        }
        self.current = Some(row);
    }

    /// Selects all that is shown.
    pub fn select_all(&mut self) {
        self.selected = self.shown.iter().copied().collect();
        self.current = self.current.or((!self.shown.is_empty()).then_some(0));
    }

    /// The difference that is looked at, and what of it differs.
    pub fn detail(&mut self) -> Option<(Arc<Difference>, &Detail)> {
        let place = *self.shown.get(self.current?)?;
        let difference = Arc::clone(self.differences().get(place)?);
        if self.detail.as_ref().is_none_or(|detail| detail.of != place) {
            let [here, there] = sides_of(&difference);
            let text = |entry: Option<&Entry>| entry.map(|entry| by_field(&entry.value));
            self.detail = Some(Detail {
                of: place,
                fields: Differences::between(here, there, IN_FULL),
                values: [here, there].map(|entry| text(entry).unwrap_or_default()),
            });
        }
        self.detail.as_ref().map(|detail| (difference, detail))
    }

    /// Whether a key has changed here since it was compared.
    #[must_use]
    pub fn has_changed(&self, key: &EncodedKey) -> bool {
        self.changed.contains(key)
    }

    /// How many keys that differ have changed here since they were compared.
    #[must_use]
    pub fn num_changed(&self) -> usize {
        self.changed.len()
    }

    /// Whether something has changed here that nobody named.
    #[must_use]
    pub fn is_outdated(&self) -> bool {
        self.is_outdated
    }

    /// The lines of an export: the counts, then what is shown.
    #[must_use]
    pub fn lines(&self) -> Vec<DifferenceLine> {
        let Some(compared) = self.compared() else {
            return Vec::new();
        };
        let counts = DifferenceLine::Counts(counts_line(&compared.report, compared.has_expiry()));
        let shown = self
            .shown
            .iter()
            .filter_map(|place| compared.differences.get(*place));
        std::iter::once(counts)
            .chain(shown.cloned().map(DifferenceLine::Difference))
            .collect()
    }
}

/// One field a line, so that fields are compared.
fn by_field(stored: &StoredValue) -> String {
    match stored.decode() {
        Ok(value) => literal::print(&value, 1),
        Err(error) => format!("<{error}>"),
    }
}

impl PanelModel for ComparisonModel {
    fn of(_database: &dyn Database) -> Self {
        Self::default()
    }

    fn take_change(&mut self, change: &ObservedChange) {
        let found = self
            .differences()
            .binary_search_by(|difference| key_of(difference).cmp(&change.key));
        match found {
            Ok(_) => {
                self.changed.insert(change.key.clone());
            }
            // It was the same on both sides, or there on none.
            Err(_) => self.is_outdated |= self.covers(&change.key),
        }
    }

    fn miss_changes(&mut self, _untold: &Untold, _now: i64) {
        self.is_outdated |= self.compared().is_some();
    }
}

impl ComparisonModel {
    /// Whether a key is among those that were compared.
    fn covers(&self, key: &EncodedKey) -> bool {
        self.compared().is_some()
            && self
                .plan
                .as_ref()
                .is_some_and(|plan| key.as_bytes().starts_with(plan.choice.prefix.as_bytes()))
    }
}
