//! The tree of the key space, loaded level by level. Rows are not kept but found, so that any number of them may
//! be unfolded.

mod children;
mod chunk;
mod counts;
mod filter;
mod forest;
mod loader;
pub mod sieve;
mod sums;

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _};
use std::ops::Range;

use keyglass_store::database::{ChildrenPage, Counted, Database, Reading};
use keyglass_store::key::EncodedKey;

use self::counts::{Counts, Need};
use self::filter::Filtered;
pub use self::filter::{FilterProgress, MATCH_LIMIT};
use self::forest::Forest;
use self::loader::{Loader, PAGE, Wants};
use super::flash::Flashes;
use super::panel::{PanelModel, Telling};
use super::saved_session::{EXPANDED_LIMIT, SavedSession, read_key};
use crate::errand::{Answer, Count, Errand, ObservedChange, ReadError, Scan, Seen};

/// One row of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeRow {
    /// The node's key or prefix; of a [`TreeRowKind::More`] row, the parent's.
    pub prefix: EncodedKey,
    /// How many parts are above it.
    pub depth: usize,
    /// Where the node's own part begins in `prefix`.
    pub part_start: usize,
    /// What the row is.
    pub kind: TreeRowKind,
}

/// What a row of the tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeRowKind {
    /// A key part.
    Node {
        /// An entry stands here.
        is_entry: bool,
        /// There are longer keys below, and whether they are shown.
        folder: Option<bool>,
    },
    /// Further children, not loaded yet.
    More,
}

/// The tree's state.
#[derive(Debug, Default)]
pub struct KeyTree {
    /// The selected node; kept through refreshes.
    pub selected: Option<EncodedKey>,
    /// Keys and prefixes below which something changed a moment ago.
    pub flashes: Flashes,
    /// Why the tree is incomplete.
    pub error: Option<String>,
    /// The text in the filter field.
    pub filter_text: String,
    /// It shall get the keyboard's focus.
    pub wants_focus: bool,
    /// It had the keyboard's focus when it was drawn last.
    pub has_focus: bool,
    /// The selected node shall come on screen.
    pub shows_selected: bool,
    /// Everything, as far as it is unfolded.
    all: Loader,
    /// What the filter leaves of it, if there is one.
    filtered: Option<Filtered>,
    /// Numbers the filters.
    last_filter: u64,
    counts: Counts,
    /// Each read is paid for, so that nothing is counted unless a person asks for it.
    is_metered: bool,
    wants: Wants,
}

impl KeyTree {
    /// A tree that asks for its first level.
    #[must_use]
    pub fn new(reading: Reading) -> Self {
        let mut tree = Self {
            is_metered: reading == Reading::Metered,
            ..Self::default()
        };
        let root = EncodedKey::default();
        tree.all.load(&root, None, PAGE, BTreeSet::new(), &mut tree.wants);
        if !tree.is_metered {
            tree.count(root, Need::Awaited);
        }
        tree
    }

    /// What the worker shall do.
    pub fn take_wants(&mut self) -> Vec<Errand> {
        std::mem::take(&mut self.wants.errands)
    }

    /// What is shown: what the filter leaves, or all.
    fn shown(&self) -> &Forest {
        let loader = self.filtered.as_ref().map(|filtered| &filtered.loader);
        &loader.unwrap_or(&self.all).forest
    }

    /// How many rows there are.
    #[must_use]
    pub fn num_rows(&self) -> u64 {
        self.shown().num_rows()
    }

    /// What a row shows.
    #[must_use]
    pub fn row(&self, row: u64) -> Option<TreeRow> {
        self.shown().row(row)
    }

    /// The row of a node, if it is shown.
    #[must_use]
    pub fn row_of(&self, prefix: &EncodedKey) -> Option<u64> {
        self.shown().row_of(prefix)
    }

    /// The row where the selected key is, or the folded folder that hides it.
    #[must_use]
    pub fn selected_row(&self) -> Option<u64> {
        let selected = self.selected.as_ref()?;
        let is_folded = |at: &u64| {
            let kind = self.row(*at).map(|row| row.kind);
            matches!(
                kind,
                Some(TreeRowKind::Node {
                    folder: Some(false),
                    ..
                })
            )
        };
        self.row_of(selected).or_else(|| {
            let ends = selected.part_ends();
            let mut above = ends.iter().rev().skip(1);
            above
                .find_map(|end| self.row_of(&selected.truncated(*end)))
                .filter(is_folded)
        })
    }

    /// Whether the first level has come.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        let root = self.all.forest.level(&EncodedKey::default());
        root.is_some_and(|root| root.loaded || root.reading.is_none())
    }

    /// Entries at and below a prefix, as far as counted; asks for the count if it is not known and costs nothing.
    pub fn counted(&mut self, prefix: &EncodedKey, now: i64) -> Option<Counted> {
        if self.is_metered {
            return self.counts.known(prefix);
        }
        let (counted, need) = self.counts.look(prefix, now);
        if let Some(need) = need {
            self.count(prefix.clone(), need);
        }
        counted
    }

    /// Whether the entries at and below a prefix are counted only when a person asks for it ([`Self::ask_count`]), and
    /// nobody has.
    #[must_use]
    pub fn is_uncounted(&self, prefix: &EncodedKey) -> bool {
        self.is_metered && !self.counts.is_asked(prefix)
    }

    /// Counts the entries at and below a prefix, because a person wants it.
    pub fn ask_count(&mut self, prefix: &EncodedKey) {
        self.count(prefix.clone(), Need::Awaited);
    }

    /// The number that [`Self::counted`] told last, or would tell now; asks for nothing.
    #[must_use]
    pub fn known_count(&self, prefix: &EncodedKey) -> Option<Counted> {
        self.counts.known(prefix)
    }

    /// Whether the entry of a row has expired and was not swept; asked only where some beside it have.
    pub fn has_expired(&mut self, row: &TreeRow, now: i64) -> bool {
        let mut has_any = |prefix: &EncodedKey| {
            let counted = self.counted(prefix, now);
            counted.is_some_and(|counted| counted.expired > 0)
        };
        has_any(&row.prefix.truncated(row.part_start)) && has_any(&row.prefix)
    }

    fn count(&mut self, prefix: EncodedKey, need: Need) {
        self.counts.ask(prefix.clone());
        let count = Count {
            prefix,
            is_repeat: need == Need::Repeat,
        };
        self.wants.errands.push(Scan::Count(count).into());
    }

    /// When the next number that is on screen shall be counted again, in milliseconds from `now`.
    pub fn next_recount(&mut self, now: i64) -> Option<i64> {
        self.counts.take_next().map(|at| (at - now).max(0))
    }

    /// Takes a count.
    pub fn apply_count(&mut self, prefix: &EncodedKey, counted: Result<Counted, ReadError>, seen: Seen) {
        match counted {
            Ok(counted) => self.counts.apply(prefix, counted, seen),
            Err(error) => {
                self.error = Some(error.to_string());
                if self.is_metered {
                    // So that it can be asked for again.
                    self.counts.forget();
                }
            }
        }
    }

    /// Takes a page of a level.
    pub fn apply_children(
        &mut self,
        ticket: u64,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        page: Result<ChildrenPage, ReadError>,
    ) {
        let mut loader = &mut self.all;
        if let Some(filtered) = &mut self.filtered {
            if filtered.take_check(ticket, page.as_ref().ok()) {
                return;
            }
            if filtered.loader.is_waiting(prefix, ticket) {
                loader = &mut filtered.loader;
            }
        }
        match loader.apply(ticket, prefix, after, page) {
            Some(Err(error)) => self.error = Some(error.to_string()),
            Some(Ok(())) => self.error = None,
            None => {}
        }
    }

    /// Whether a node's children are shown.
    #[must_use]
    pub fn is_expanded(&self, prefix: &EncodedKey) -> bool {
        self.shown().level(prefix).is_some()
    }

    /// Shows or hides a node's children.
    pub fn set_expanded(&mut self, prefix: &EncodedKey, expanded: bool) {
        let filtered = self.filtered.as_mut().map(|filtered| &mut filtered.loader);
        let loader = filtered.unwrap_or(&mut self.all);
        if expanded {
            loader.open(prefix, &mut self.wants);
        } else {
            loader.forest.close(prefix);
        }
    }

    /// The nodes whose children are shown without a filter, to be opened again next time.
    pub fn expanded(&self) -> impl Iterator<Item = &EncodedKey> {
        let prefixes = self.all.forest.prefixes();
        prefixes.filter(|prefix| !prefix.as_bytes().is_empty())
    }

    /// How many nodes' children are shown without a filter.
    #[must_use]
    pub fn num_expanded(&self) -> usize {
        self.all.forest.num_levels() - 1
    }

    /// How many levels are shown, the root among them.
    #[must_use]
    pub fn num_levels(&self) -> usize {
        self.shown().num_levels()
    }

    /// Selects a key and shows all that is above it.
    pub fn reveal(&mut self, key: &EncodedKey) {
        let mut ends = key.part_ends();
        ends.pop();
        for end in ends {
            self.all.open(&key.truncated(end), &mut self.wants);
        }
        self.selected = Some(key.clone());
    }

    /// Asks for what rows on screen lack. To be called with the rows that are drawn.
    pub fn show(&mut self, visible: Range<u64>) {
        match &mut self.filtered {
            Some(filtered) => filtered.show(visible, &mut self.wants),
            None => self.all.show(visible, &mut self.wants),
        }
    }

    /// Reads everything again as it comes on screen, because a person wants it.
    pub fn refresh(&mut self) {
        if self.is_metered {
            // They may be wrong by now, and are not counted unasked.
            self.counts.forget();
        }
        self.counts.refresh();
        self.all.refresh(self.error.is_some());
        self.filter_again();
    }

    /// Reads again what is on screen, because something changed that nobody named; may be called all the time. What
    /// the filter found stays: to look through all keys again takes too long for that.
    pub fn catch_up(&mut self, now: i64) {
        self.counts.distrust(now);
        self.all.refresh(self.error.is_some());
    }

    /// Counts again what is on screen, because entries have expired that stay to be read.
    pub fn expire(&mut self, now: i64) {
        self.counts.distrust(now);
    }

    /// Takes a change made anywhere.
    pub fn apply_change(&mut self, change: &ObservedChange) {
        let ends = change.key.part_ends();
        let mut start = 0;
        let mut is_shown = true;
        self.counts.adjust(&EncodedKey::default(), change);
        for end in &ends {
            let parent = change.key.truncated(start);
            let prefix = change.key.truncated(*end);
            let part = change.key.as_bytes().get(start..*end).unwrap_or_default();
            let is_last = Some(end) == ends.last();
            self.counts.adjust(&prefix, change);
            self.all
                .apply_change(&parent, part, is_last, change.after.is_some());
            if is_shown {
                // The node that flashes is the deepest one that is shown.
                is_shown = self.is_expanded(&prefix);
                if is_last || !is_shown {
                    self.flashes.mark(prefix, change.noticed_at);
                }
            }
            start = *end;
        }
        if let Some(filtered) = &mut self.filtered {
            filtered.apply_change(&change.key, change.after.is_some());
        }
    }
}

impl PanelModel for KeyTree {
    fn of(database: &dyn Database) -> Self {
        Self::new(database.capabilities().reading)
    }

    fn take_wants(&mut self) -> Vec<Errand> {
        Self::take_wants(self)
    }

    fn take_answer(&mut self, answer: Answer, _telling: &mut Telling<'_>) -> Option<Answer> {
        match answer {
            Answer::Children {
                ticket,
                prefix,
                after,
                page,
            } => self.apply_children(ticket, &prefix, after.as_ref(), page),
            Answer::Counted {
                prefix,
                counted,
                seen,
            } => self.apply_count(&prefix, counted, seen),
            Answer::Present { ticket, keys } => self.apply_present(ticket, keys),
            Answer::Filtered { filter, nodes, state } => self.apply_filtered(filter, nodes, state),
            other => return Some(other),
        }
        None
    }

    fn take_change(&mut self, change: &ObservedChange) {
        self.apply_change(change);
    }

    fn catch_up(&mut self, now: i64) {
        Self::catch_up(self, now);
    }

    fn refresh(&mut self) {
        Self::refresh(self);
    }

    fn wake(&mut self, now: i64) -> Option<i64> {
        let flashes = self.flashes.expire(now);
        flashes.into_iter().chain(self.next_recount(now)).min()
    }

    fn keep(&self, saved: &mut SavedSession) {
        let mut expanded: Vec<&EncodedKey> = self.expanded().collect();
        expanded.sort();
        expanded.truncate(EXPANDED_LIMIT);
        saved.expanded = expanded.into_iter().map(ToString::to_string).collect();
    }

    fn restore(&mut self, saved: &SavedSession) -> Vec<String> {
        for prefix in saved.expanded.iter().filter_map(|text| read_key(text)) {
            self.set_expanded(&prefix, true);
        }
        Vec::new()
    }

    fn fingerprint(&self, hasher: &mut DefaultHasher) {
        self.num_expanded().hash(hasher);
    }
}

#[cfg(test)]
mod filter_tests;
#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod tests;
