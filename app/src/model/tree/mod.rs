//! The tree of the key space, loaded level by level. Rows are not kept but found, so that any number of them may
//! be unfolded.

mod children;
mod chunk;
mod counts;
mod filter;
mod forest;
mod sums;

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use keyglass_store::database::{ChildrenPage, Counted};
use keyglass_store::key::EncodedKey;

use self::chunk::Flags;
use self::counts::Counts;
use self::forest::{Forest, Reading};
use super::flash::Flashes;
use crate::worker::{ObservedChange, Request};

/// Children that are asked for at once, at first and at most: a level that is read on and on comes in larger and
/// larger pages.
const PAGE: usize = 500;
const LARGEST_PAGE: usize = 20_000;

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
    forest: Forest,
    counts: Counts,
    filter: String,
    /// The rows that match the filter, if there is one and nothing has changed since.
    matching: Option<Vec<TreeRow>>,
    /// Levels of which something must be read again.
    to_read: HashSet<EncodedKey>,
    /// Numbers the pages that were asked for.
    next_ticket: u64,
    /// How often everything was refreshed.
    generation: u32,
    wants: Vec<Request>,
}

impl KeyTree {
    /// A tree that asks for its first level.
    #[must_use]
    pub fn new() -> Self {
        let mut tree = Self::default();
        tree.load(&EncodedKey::default(), None, PAGE, BTreeSet::new());
        tree.count(EncodedKey::default());
        tree
    }

    /// What the worker shall do.
    pub fn take_wants(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.wants)
    }

    /// How many rows there are.
    pub fn num_rows(&mut self) -> u64 {
        match self.matching() {
            Some(rows) => rows.len() as u64,
            None => self.forest.num_rows(),
        }
    }

    /// What a row shows.
    pub fn row(&mut self, row: u64) -> Option<TreeRow> {
        match self.matching() {
            Some(rows) => rows.get(usize::try_from(row).ok()?).cloned(),
            None => self.forest.row(row),
        }
    }

    /// The row of a node, if it is shown.
    pub fn row_of(&mut self, prefix: &EncodedKey) -> Option<u64> {
        match self.matching() {
            Some(rows) => filter::row_of(rows, prefix),
            None => self.forest.row_of(prefix),
        }
    }

    /// Whether the first level has come.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        let root = self.forest.level(&EncodedKey::default());
        root.is_some_and(|root| root.loaded || root.reading.is_none())
    }

    /// The text that parts must contain to be shown.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Shows only loaded nodes whose part contains the text, and what is above and below them.
    pub fn set_filter(&mut self, filter: &str) {
        self.filter = filter.to_lowercase();
        self.matching = None;
    }

    /// The rows that match the filter, if there is one.
    fn matching(&mut self) -> Option<&Vec<TreeRow>> {
        if self.filter.is_empty() {
            return None;
        }
        let rows = || filter::matching_rows(&self.forest, &self.filter);
        Some(self.matching.get_or_insert_with(rows))
    }

    /// Entries at and below a prefix, as far as counted; asks for the count if it is not known.
    pub fn counted(&mut self, prefix: &EncodedKey, now: i64) -> Option<Counted> {
        let (counted, wanted) = self.counts.look(prefix, now);
        if wanted {
            self.count(prefix.clone());
        }
        counted
    }

    /// When the next number that is on screen shall be counted again, in milliseconds from `now`.
    pub fn next_recount(&mut self, now: i64) -> Option<i64> {
        self.counts.take_next().map(|at| (at - now).max(0))
    }

    fn count(&mut self, prefix: EncodedKey) {
        self.counts.request(prefix.clone());
        self.wants.push(Request::Count { prefix });
    }

    /// Takes a count.
    pub fn apply_count(&mut self, prefix: &EncodedKey, counted: Result<Counted, String>) {
        match counted {
            Ok(counted) => self.counts.apply(prefix, counted),
            Err(error) => self.error = Some(error),
        }
    }

    fn load(
        &mut self,
        prefix: &EncodedKey,
        after: Option<EncodedKey>,
        limit: usize,
        stale: BTreeSet<Box<[u8]>>,
    ) {
        if let Some(level) = self.forest.level_mut(prefix) {
            self.next_ticket += 1;
            let ticket = self.next_ticket;
            level.reading = Some(Box::new(Reading { ticket, stale }));
            self.wants.push(Request::Children {
                ticket,
                prefix: prefix.clone(),
                after,
                limit,
            });
        }
    }

    /// Takes a page of a level.
    pub fn apply_children(
        &mut self,
        ticket: u64,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        page: Result<ChildrenPage, String>,
    ) {
        let Some(level) = self.forest.level_mut(prefix) else {
            return;
        };
        // What was asked for before the level was folded and unfolded again may be too old.
        let is_expected = level
            .reading
            .as_ref()
            .is_some_and(|reading| reading.ticket == ticket);
        let Some(reading) = level.reading.take_if(|_| is_expected) else {
            return;
        };
        self.matching = None;
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                self.error = Some(error);
                return;
            }
        };
        self.error = None;
        let length = prefix.as_bytes().len();
        let part = |key: &EncodedKey| Box::from(key.as_bytes().get(length..).unwrap_or_default());
        // What it comes behind may have gone with all that followed; then the page would leave a gap.
        let leaves_gap = level.more && after.map(part).as_deref() > level.children.last();
        let last: Option<Box<[u8]>> = page
            .children
            .last()
            .filter(|_| page.more)
            .map(|last| part(&last.prefix));
        if leaves_gap || (page.more && last.is_none()) {
            level.stale.extend(reading.stale);
            if !level.stale.is_empty() {
                self.to_read.insert(prefix.clone());
            }
            return;
        }
        let is_behind_page = |part: &[u8]| last.as_deref().is_some_and(|last| part > last);
        let not_reached = reading.stale.into_iter().filter(|part| is_behind_page(part));
        level.stale.extend(not_reached);
        if level.reread.as_deref() == Some(after.map(part).unwrap_or_default().as_ref()) {
            level.reread = last.clone().filter(|last| Some(&**last) < level.children.last());
        }
        if level.reread.is_some() || !level.stale.is_empty() {
            self.to_read.insert(prefix.clone());
        }
        self.forest.replace(prefix, after, &page.children, page.more);
    }

    /// Whether a node's children are shown.
    #[must_use]
    pub fn is_expanded(&self, prefix: &EncodedKey) -> bool {
        self.forest.level(prefix).is_some()
    }

    /// Shows or hides a node's children.
    pub fn set_expanded(&mut self, prefix: &EncodedKey, expanded: bool) {
        self.matching = None;
        if !expanded {
            self.forest.close(prefix);
        } else if self.forest.open(prefix, self.generation) {
            self.load(prefix, None, PAGE, BTreeSet::new());
        }
    }

    /// The nodes whose children are shown, to be opened again next time.
    pub fn expanded(&self) -> impl Iterator<Item = &EncodedKey> {
        let prefixes = self.forest.prefixes();
        prefixes.filter(|prefix| !prefix.as_bytes().is_empty())
    }

    /// How many nodes' children are shown.
    #[must_use]
    pub fn num_expanded(&self) -> usize {
        self.forest.num_levels() - 1
    }

    /// Selects a key and shows all that is above it.
    pub fn reveal(&mut self, key: &EncodedKey) {
        let mut ends = key.part_ends();
        ends.pop();
        for end in ends {
            self.set_expanded(&key.truncated(end), true);
        }
        self.selected = Some(key.clone());
    }

    /// Asks for what rows on screen lack. To be called with the rows that are drawn.
    pub fn show(&mut self, visible: Range<u64>) {
        let mut shown: HashSet<EncodedKey> = HashSet::new();
        for index in visible {
            let Some(row) = self.row(index) else { break };
            if row.kind == TreeRowKind::More {
                self.load_more(&row.prefix);
                continue;
            }
            let parent = row.prefix.truncated(row.part_start);
            if shown.contains(&parent) {
                continue;
            }
            // Of a level that was not looked at since the last refresh, what is on screen is read first.
            let mut start = 0;
            for end in row.prefix.part_ends() {
                let parent = row.prefix.truncated(start);
                if shown.insert(parent.clone()) {
                    self.distrust(&parent, row.prefix.as_bytes().get(start..end).unwrap_or_default());
                }
                start = end;
            }
        }
        self.read_again();
    }

    fn load_more(&mut self, prefix: &EncodedKey) {
        let level = self
            .forest
            .level(prefix)
            .filter(|level| level.more && level.reading.is_none());
        if let Some(level) = level
            && let Some(last) = level.children.last()
        {
            let limit = level.children.len().clamp(PAGE, LARGEST_PAGE);
            let last = prefix.with_suffix(last);
            self.load(prefix, Some(last), limit, BTreeSet::new());
        }
    }

    /// Reads a level again that has not seen the last refresh, beginning with a part.
    fn distrust(&mut self, prefix: &EncodedKey, first: &[u8]) {
        let generation = self.generation;
        if let Some(level) = self.forest.level_mut(prefix)
            && level.generation != generation
        {
            level.generation = generation;
            level.stale.insert(Box::from(first));
            level.reread = Some(Box::default());
            self.to_read.insert(prefix.clone());
        }
    }

    /// Asks for what must be read again, a page of each level at a time.
    fn read_again(&mut self) {
        for prefix in std::mem::take(&mut self.to_read) {
            let Some(level) = self.forest.level_mut(&prefix) else {
                continue;
            };
            if level.reading.is_some() {
                self.to_read.insert(prefix);
                continue;
            }
            if let Some(first) = level.stale.first() {
                let after = level.children.before(first).map(|part| prefix.with_suffix(part));
                let stale = std::mem::take(&mut level.stale);
                self.load(&prefix, after, PAGE, stale);
            } else if let Some(behind) = &level.reread {
                let after = (!behind.is_empty()).then(|| prefix.with_suffix(behind));
                let limit = level.children.len().clamp(PAGE, LARGEST_PAGE);
                self.load(&prefix, after, limit, BTreeSet::new());
            }
        }
    }

    /// Reads everything again as it comes on screen.
    pub fn refresh(&mut self, now: i64) {
        self.generation = self.generation.wrapping_add(1);
        self.counts.distrust(now);
        if self.forest.num_rows() == 0 || self.error.is_some() {
            self.distrust(&EncodedKey::default(), &[]);
        }
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
            self.apply_to_level(&parent, part, is_last, change.after.is_some());
            if is_shown {
                // The node that flashes is the deepest one that is shown.
                is_shown = self.is_expanded(&prefix);
                if is_last || !is_shown {
                    self.flashes.mark(prefix, change.noticed_at);
                }
            }
            start = *end;
        }
    }

    /// Notes a change of a child or below it.
    fn apply_to_level(&mut self, parent: &EncodedKey, part: &[u8], is_last: bool, is_set: bool) {
        let Some(level) = self.forest.level_mut(parent) else {
            return;
        };
        let known = level.children.flags(part);
        // A page that is on its way may be older than the change or not.
        let mut is_doubtful = level.reading.is_some();
        let is_beyond = !level.loaded || (level.more && Some(part) > level.children.last());
        if is_set && !(known.is_none() && is_beyond) {
            let flags = Flags {
                is_entry: is_last,
                has_children: !is_last,
            };
            if self.forest.put(parent, part, flags) {
                self.matching = None;
            }
        } else if !is_set && known.is_some() {
            if is_last {
                self.forest.take_entry(parent, part);
                self.matching = None;
                // Where all that was loaded has gone, what follows must be asked for.
                let level = self.forest.level(parent);
                is_doubtful |= level.is_some_and(|level| level.more && level.children.len() == 0);
            } else {
                // Whether anything is left below is the database's to say.
                is_doubtful = true;
            }
        }
        if is_doubtful && let Some(level) = self.forest.level_mut(parent) {
            level.stale.insert(Box::from(part));
            self.to_read.insert(parent.clone());
        }
    }
}

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod tests;
