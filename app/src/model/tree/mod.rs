//! The tree of the key space, loaded level by level and flattened to rows.

use std::collections::{HashMap, HashSet};

use keyglass_store::database::{Before, Child, ChildrenPage, Counted};
use keyglass_store::key::EncodedKey;

use super::flash::Flashes;
use crate::worker::{ObservedChange, Request};

/// Children that are asked for at once.
const PAGE: usize = 500;
/// How long a number that may have changed is shown before it is counted again, in milliseconds.
const RECOUNT_DELAY: i64 = 300;

/// One row of the flattened tree.
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

#[derive(Debug, Default)]
struct Level {
    children: Vec<Child>,
    more: bool,
    loading: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct NodeCount {
    counted: Counted,
    /// Since when the number may be wrong, in milliseconds since the Unix epoch.
    stale_since: Option<i64>,
    requested: bool,
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
    filter: String,
    levels: HashMap<EncodedKey, Level>,
    expanded: HashSet<EncodedKey>,
    counts: HashMap<EncodedKey, NodeCount>,
    rows: Vec<TreeRow>,
    outdated: bool,
    stale_levels: HashSet<EncodedKey>,
    wants: Vec<Request>,
}

impl KeyTree {
    /// A tree that asks for its first level.
    #[must_use]
    pub fn new() -> Self {
        let mut tree = Self::default();
        tree.load(EncodedKey::default(), None);
        tree.count(EncodedKey::default());
        tree
    }

    /// What the worker shall do.
    pub fn take_wants(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.wants)
    }

    /// The rows as they are shown.
    pub fn rows(&mut self) -> &[TreeRow] {
        if std::mem::take(&mut self.outdated) {
            self.flatten();
        }
        &self.rows
    }

    /// The row of a node, if it is shown.
    pub fn row_of(&mut self, prefix: &EncodedKey) -> Option<usize> {
        // Rows stand in key order; the row for further children stands behind its level.
        self.rows()
            .binary_search_by(|row| match row.kind {
                TreeRowKind::Node { .. } => row.prefix.cmp(prefix),
                TreeRowKind::More => row.prefix.with_suffix(&[0xff]).cmp(prefix),
            })
            .ok()
    }

    /// Whether the first level has come.
    #[must_use]
    pub fn is_loaded(&self) -> bool {
        self.levels
            .get(&EncodedKey::default())
            .is_some_and(|root| !root.loading || !root.children.is_empty())
    }

    /// The text that parts must contain to be shown.
    #[must_use]
    pub fn filter(&self) -> &str {
        &self.filter
    }

    /// Shows only loaded nodes whose part contains the text, and what is above and below them.
    pub fn set_filter(&mut self, filter: &str) {
        self.filter = filter.to_lowercase();
        self.outdated = true;
    }

    /// Entries at and below a prefix, as far as counted; asks for the count if it is not known.
    pub fn counted(&mut self, prefix: &EncodedKey, now: i64) -> Option<Counted> {
        let known = self.counts.get(prefix).copied();
        let wanted = match known {
            None => true,
            Some(count) => {
                !count.requested
                    && count
                        .stale_since
                        .is_some_and(|since| now - since >= RECOUNT_DELAY)
            }
        };
        if wanted {
            self.count(prefix.clone());
        }
        known
            .map(|count| count.counted)
            .filter(|counted| counted.complete || counted.entries > 0)
    }

    /// When the next number shall be counted again, in milliseconds from `now`.
    #[must_use]
    pub fn next_recount(&self, now: i64) -> Option<i64> {
        let waiting = self.counts.values().filter(|count| !count.requested);
        waiting
            .filter_map(|count| count.stale_since)
            .map(|since| (since + RECOUNT_DELAY - now).max(0))
            .min()
    }

    fn count(&mut self, prefix: EncodedKey) {
        let count = self.counts.entry(prefix.clone()).or_insert(NodeCount {
            counted: Counted::default(),
            stale_since: None,
            requested: true,
        });
        count.requested = true;
        count.stale_since = None;
        self.wants.push(Request::Count { prefix });
    }

    /// Takes a count.
    pub fn apply_count(&mut self, prefix: &EncodedKey, counted: Result<Counted, String>) {
        match counted {
            Ok(counted) => {
                if let Some(count) = self.counts.get_mut(prefix) {
                    // While a recount runs, the old number says more than the part counted so far.
                    if counted.complete || !count.counted.complete {
                        count.counted = counted;
                    }
                    count.requested &= !counted.complete;
                }
            }
            Err(error) => self.error = Some(error),
        }
    }

    fn load(&mut self, prefix: EncodedKey, after: Option<EncodedKey>) {
        self.levels.entry(prefix.clone()).or_default().loading = true;
        self.wants.push(Request::Children {
            prefix,
            after,
            limit: PAGE,
        });
    }

    /// Takes a page of a level.
    pub fn apply_children(
        &mut self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        page: Result<ChildrenPage, String>,
    ) {
        self.outdated = true;
        let Some(level) = self.levels.get_mut(prefix) else {
            return;
        };
        level.loading = false;
        let page = match page {
            Ok(page) => page,
            Err(error) => {
                self.error = Some(error);
                return;
            }
        };
        self.error = None;
        match after {
            // Pages that follow a first one stay: a level that was read anew may be longer than one page.
            None => {
                let last = page.children.last().map(|child| child.prefix.clone());
                let keep = if page.more {
                    level
                        .children
                        .iter()
                        .position(|child| Some(&child.prefix) > last.as_ref())
                } else {
                    None
                };
                let kept = keep.map(|at| level.children.split_off(at));
                level.more = if kept.is_some() { level.more } else { page.more };
                level.children = page.children;
                level.children.extend(kept.into_iter().flatten());
            }
            Some(after) => {
                if level.children.last().is_some_and(|last| last.prefix == *after) {
                    level.children.extend(page.children);
                    level.more = page.more;
                }
            }
        }
    }

    /// Whether a node's children are shown.
    #[must_use]
    pub fn is_expanded(&self, prefix: &EncodedKey) -> bool {
        self.expanded.contains(prefix)
    }

    /// Shows or hides a node's children.
    pub fn set_expanded(&mut self, prefix: &EncodedKey, expanded: bool) {
        self.outdated = true;
        if !expanded {
            self.expanded.remove(prefix);
        } else if self.expanded.insert(prefix.clone()) {
            self.load(prefix.clone(), None);
        }
    }

    /// The nodes whose children are shown, to be opened again next time.
    pub fn expanded(&self) -> impl Iterator<Item = &EncodedKey> {
        self.expanded.iter()
    }

    /// How many nodes' children are shown.
    #[must_use]
    pub fn num_expanded(&self) -> usize {
        self.expanded.len()
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
    pub fn show(&mut self, visible: std::ops::Range<usize>) {
        let more: Vec<EncodedKey> = self
            .rows
            .get(visible.start..visible.end.min(self.rows.len()))
            .unwrap_or_default()
            .iter()
            .filter(|row| row.kind == TreeRowKind::More)
            .map(|row| row.prefix.clone())
            .collect();
        for prefix in more {
            let level = self
                .levels
                .get(&prefix)
                .filter(|level| !level.loading && level.more);
            if let Some(last) = level
                .and_then(|level| level.children.last())
                .map(|last| last.prefix.clone())
            {
                self.load(prefix, Some(last));
            }
        }
        for prefix in std::mem::take(&mut self.stale_levels) {
            if self.levels.get(&prefix).is_some_and(|level| !level.loading) {
                self.load(prefix, None);
            }
        }
    }

    /// Reads everything on screen again.
    pub fn refresh(&mut self, now: i64) {
        self.stale_levels.extend(self.expanded.iter().cloned());
        self.stale_levels.insert(EncodedKey::default());
        for count in self.counts.values_mut() {
            count.stale_since.get_or_insert(now - RECOUNT_DELAY);
        }
    }

    /// Takes a change made anywhere.
    pub fn apply_change(&mut self, change: &ObservedChange) {
        let ends = change.key.part_ends();
        let mut parent = EncodedKey::default();
        let mut is_shown = true;
        self.adjust_count(&parent, change);
        for (index, end) in ends.iter().enumerate() {
            let prefix = change.key.truncated(*end);
            let is_last = index + 1 == ends.len();
            self.adjust_count(&prefix, change);
            if is_shown {
                self.outdated |= self.apply_to_level(&parent, &prefix, is_last, change.after.is_some());
                // The node that flashes is the deepest one that is shown.
                is_shown = self.expanded.contains(&prefix);
                if is_last || !is_shown {
                    self.flashes.mark(prefix.clone(), change.noticed_at);
                }
            }
            parent = prefix;
        }
    }

    fn adjust_count(&mut self, prefix: &EncodedKey, change: &ObservedChange) {
        let Some(count) = self.counts.get_mut(prefix) else {
            return;
        };
        let size = |entry: &keyglass_store::Entry| entry.size();
        let before = match &change.before {
            Before::Unknown => {
                count.stale_since.get_or_insert(change.noticed_at);
                return;
            }
            Before::Absent => None,
            Before::Entry(entry) => Some(size(entry)),
        };
        if count.requested || !count.counted.complete {
            // The count that runs may have seen the change or not.
            count.stale_since.get_or_insert(change.noticed_at);
            return;
        }
        let after = change.after.as_ref().map(size);
        let counted = &mut count.counted;
        counted.entries =
            (counted.entries + u64::from(after.is_some())).saturating_sub(u64::from(before.is_some()));
        counted.bytes = (counted.bytes + after.unwrap_or(0)).saturating_sub(before.unwrap_or(0));
    }

    /// Notes a change of `prefix` or below it in its parent's level. True if rows change.
    fn apply_to_level(
        &mut self,
        parent: &EncodedKey,
        prefix: &EncodedKey,
        is_last: bool,
        is_set: bool,
    ) -> bool {
        let Some(level) = self.levels.get_mut(parent) else {
            return false;
        };
        let found = level.children.binary_search_by(|child| child.prefix.cmp(prefix));
        if !is_set {
            // Whether anything is left below is the database's to say.
            if found.is_ok() {
                self.stale_levels.insert(parent.clone());
            }
            return false;
        }
        match found {
            Ok(at) => {
                let Some(child) = level.children.get_mut(at) else {
                    return false;
                };
                let news = if is_last {
                    !child.is_entry
                } else {
                    !child.has_children
                };
                child.is_entry |= is_last;
                child.has_children |= !is_last;
                news
            }
            Err(at) => {
                if at == level.children.len() && level.more {
                    return false;
                }
                let child = Child {
                    prefix: prefix.clone(),
                    is_entry: is_last,
                    has_children: !is_last,
                };
                level.children.insert(at, child);
                true
            }
        }
    }

    fn flatten(&mut self) {
        self.rows.clear();
        let root = EncodedKey::default();
        let mut open: Vec<(EncodedKey, usize)> = vec![(root, 0)];
        while let Some((prefix, next)) = open.pop() {
            let depth = open.len();
            let Some(level) = self.levels.get(&prefix) else {
                continue;
            };
            let Some(child) = level.children.get(next) else {
                if level.more {
                    let part_start = prefix.as_bytes().len();
                    self.rows.push(TreeRow {
                        prefix,
                        depth,
                        part_start,
                        kind: TreeRowKind::More,
                    });
                }
                continue;
            };
            let part_start = prefix.as_bytes().len();
            open.push((prefix, next + 1));
            let is_open = self.expanded.contains(&child.prefix);
            self.rows.push(TreeRow {
                prefix: child.prefix.clone(),
                depth,
                part_start,
                kind: TreeRowKind::Node {
                    is_entry: child.is_entry,
                    folder: child.has_children.then_some(is_open),
                },
            });
            if is_open && child.has_children {
                open.push((child.prefix.clone(), 0));
            }
        }
        if !self.filter.is_empty() {
            self.keep_matching();
        }
    }

    /// Leaves the rows that match the filter, those above them, and those below them.
    fn keep_matching(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let mut keep = vec![false; rows.len()];
        let mut matching_depth: Option<usize> = None;
        let mut above: Vec<usize> = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            above.truncate(row.depth);
            if matching_depth.is_some_and(|depth| row.depth <= depth) {
                matching_depth = None;
            }
            let part = EncodedKey::from_bytes(
                row.prefix
                    .as_bytes()
                    .get(row.part_start..)
                    .unwrap_or_default()
                    .to_vec(),
            );
            let matches =
                row.kind != TreeRowKind::More && part.to_string().to_lowercase().contains(&self.filter);
            if matches || matching_depth.is_some() {
                for kept in above.iter().chain([&index]) {
                    if let Some(keep) = keep.get_mut(*kept) {
                        *keep = true;
                    }
                }
                matching_depth = matching_depth.or(matches.then_some(row.depth));
            }
            above.push(index);
        }
        self.rows = rows
            .into_iter()
            .zip(keep)
            .filter(|(_, keep)| *keep)
            .map(|(row, _)| row)
            .collect();
    }
}

#[cfg(test)]
mod tests;
