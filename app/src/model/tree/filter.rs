//! The tree as a filter leaves it: nodes whose part contains a text, what is above them, and what is below.
//!
//! A worker goes through all keys and tells the nodes that match. Above those the levels are partial; below, they are
//! read as in the whole tree when they are unfolded. Later changes are followed; of a folder that comes to be shown for
//! a new key below it, it is asked whether an entry stands there, too.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use keyglass_store::database::ChildrenPage;
use keyglass_store::key::EncodedKey;

use super::KeyTree;
use super::chunk::Flags;
use super::forest::split;
use super::loader::{Loader, Wants};
use crate::errand::{ReadError, SieveState, SievedNode, Sift};
use crate::search::Pattern;

/// Nodes that are kept at most; a filter that has found as many ends.
pub const MATCH_LIMIT: usize = 20_000;

/// How far a filter is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FilterProgress {
    /// Keys that were looked at.
    pub looked_at: u64,
    /// Nodes that match.
    pub found: usize,
    /// Whether it has ended.
    pub ended: bool,
    /// Whether it has ended because it has found [`MATCH_LIMIT`] nodes.
    pub full: bool,
}

/// What a filter leaves of the tree.
#[derive(Debug)]
pub(super) struct Filtered {
    text: String,
    pattern: Pattern,
    number: u64,
    pub loader: Loader,
    progress: FilterProgress,
    /// Folders that matched and may have become empty.
    to_check: BTreeSet<EncodedKey>,
    checks: HashMap<u64, EncodedKey>,
    /// Keys that were deleted while the worker goes on, which may tell of them all the same.
    gone: BTreeSet<EncodedKey>,
    /// Folders that do not match and are entries, too.
    entries_above: HashSet<EncodedKey>,
    /// Folders of which it is not known whether they are entries, too.
    unknown_above: BTreeSet<EncodedKey>,
    /// Those that were asked about.
    asked_above: HashMap<u64, BTreeSet<EncodedKey>>,
}

impl KeyTree {
    /// The text that parts must contain to be shown.
    #[must_use]
    pub fn filter(&self) -> &str {
        self.filtered.as_ref().map_or("", |filtered| &filtered.text)
    }

    /// Where the filter's text is in that of a key part, in bytes.
    #[must_use]
    pub fn find_filter(&self, part: &str) -> Option<Range<usize>> {
        self.filtered
            .as_ref()
            .and_then(|filtered| filtered.pattern.find(part))
    }

    /// How far the filter is, if there is one.
    #[must_use]
    pub fn filter_progress(&self) -> Option<FilterProgress> {
        self.filtered.as_ref().map(|filtered| filtered.progress)
    }

    /// Shows only nodes whose part contains the text, and what is above and below them; all for the empty text.
    pub fn set_filter(&mut self, text: &str) {
        self.last_filter += 1;
        let number = self.last_filter;
        let pattern = Some(text).filter(|text| !text.is_empty());
        // A text that is too long to be searched for is in no key either.
        let pattern = pattern.and_then(|text| Pattern::text(text, false).ok());
        self.filtered = pattern.map(|pattern| {
            let mut loader = Loader::default();
            loader.forest.make_root_partial();
            Filtered {
                text: text.to_owned(),
                pattern,
                number,
                loader,
                progress: FilterProgress::default(),
                to_check: BTreeSet::new(),
                checks: HashMap::new(),
                gone: BTreeSet::new(),
                entries_above: HashSet::new(),
                unknown_above: BTreeSet::new(),
                asked_above: HashMap::new(),
            }
        });
        let sift = match &self.filtered {
            Some(filtered) => Sift::Begin {
                filter: number,
                pattern: Box::new(filtered.pattern.clone()),
            },
            None => Sift::Stop { filter: number },
        };
        self.wants.errands.push(sift.into());
    }

    /// Looks at all keys again. A filter that goes on is not begun anew, or many refreshes would keep it from its end.
    pub(super) fn filter_again(&mut self) {
        let ended = self.filtered.as_ref().filter(|filtered| filtered.progress.ended);
        if let Some(text) = ended.map(|filtered| filtered.text.clone()) {
            self.set_filter(&text);
        }
    }

    /// Takes nodes that match.
    pub fn apply_filtered(
        &mut self,
        filter: u64,
        nodes: Result<Vec<SievedNode>, ReadError>,
        state: SieveState,
    ) {
        let Some(filtered) = self
            .filtered
            .as_mut()
            .filter(|filtered| filtered.number == filter)
        else {
            return;
        };
        match nodes {
            Ok(nodes) => nodes.iter().for_each(|node| filtered.apply(node)),
            Err(error) => self.error = Some(error.to_string()),
        }
        filtered.progress.looked_at = state.looked_at;
        filtered.progress.ended = state.ended;
        filtered.progress.full = state.found >= MATCH_LIMIT;
        if state.ended {
            filtered.gone.clear();
        }
    }

    /// Takes which folders that were asked about are entries, too.
    pub fn apply_present(&mut self, ticket: u64, present: Result<Vec<EncodedKey>, ReadError>) {
        let filtered = self.filtered.as_mut();
        let Some(asked) = filtered.and_then(|filtered| filtered.asked_above.remove(&ticket)) else {
            return;
        };
        match (present, &mut self.filtered) {
            (Ok(present), Some(filtered)) => {
                // Of those that changed meanwhile the change tells.
                let still = present.iter().filter(|prefix| asked.contains(*prefix));
                still.for_each(|prefix| filtered.mark_entry(prefix));
            }
            (Err(error), _) => self.error = Some(error.to_string()),
            (Ok(_), None) => {}
        }
    }
}

impl Filtered {
    fn apply(&mut self, node: &SievedNode) {
        if !node.matches {
            if !self.gone.contains(&node.prefix) {
                self.entries_above.insert(node.prefix.clone());
                self.mark_entry(&node.prefix);
            }
            return;
        }
        let flags = Flags {
            is_entry: node.is_entry && !self.gone.contains(&node.prefix),
            has_children: node.has_children,
        };
        if !flags.is_entry && !flags.has_children {
            return;
        }
        let gone = self.gone.range(&node.prefix..).next();
        if gone.is_some_and(|gone| gone.is_at_or_below(&node.prefix)) {
            self.to_check.insert(node.prefix.clone());
        }
        // The worker has told of the entries above before.
        self.put(&node.prefix, flags, false);
    }

    /// Says that an entry stands at a folder that is shown for what is below it.
    fn mark_entry(&mut self, prefix: &EncodedKey) {
        let Some((parent, part)) = split(prefix) else {
            return;
        };
        if let Some(flags) = self.loader.forest.flags(&parent, part) {
            let flags = Flags {
                is_entry: true,
                ..flags
            };
            self.loader.forest.put(&parent, part, flags);
        }
    }

    /// Adds a node that matches and what is above it; whether entries stand there is asked, if that is wanted.
    fn put(&mut self, prefix: &EncodedKey, flags: Flags, ask_above: bool) {
        let forest = &mut self.loader.forest;
        let mut start = 0;
        for end in prefix.part_ends() {
            let parent = prefix.truncated(start);
            let part = prefix.as_bytes().get(start..end).unwrap_or_default();
            let is_known = forest.flags(&parent, part).is_some();
            if end == prefix.as_bytes().len() {
                self.progress.found += usize::from(!is_known);
                forest.put(&parent, part, flags);
            } else {
                let above = prefix.truncated(end);
                if !is_known {
                    let is_entry = self.entries_above.contains(&above);
                    let folder = Flags {
                        is_entry,
                        has_children: true,
                    };
                    forest.put(&parent, part, folder);
                    if ask_above && !is_entry {
                        self.unknown_above.insert(above.clone());
                    }
                }
                forest.open_partial(&above);
            }
            start = end;
        }
    }

    /// Takes a change of a key.
    pub(super) fn apply_change(&mut self, key: &EncodedKey, is_set: bool) {
        if is_set {
            self.gone.remove(key);
        } else if !self.progress.ended {
            self.gone.insert(key.clone());
        }
        if !is_set {
            self.entries_above.remove(key);
        }
        self.unknown_above.remove(key);
        for asked in self.asked_above.values_mut() {
            asked.remove(key);
        }
        let mut start = 0;
        let mut matched: Option<EncodedKey> = None;
        for end in key.part_ends() {
            let parent = key.truncated(start);
            let part = key.as_bytes().get(start..end).unwrap_or_default();
            let is_last = end == key.as_bytes().len();
            if matched.is_some() {
                // Below a match levels are as in the whole tree.
                self.loader.apply_change(&parent, part, is_last, is_set);
            } else if self.pattern.is_in_part(part) {
                matched = Some(key.truncated(end));
                self.change_match(&parent, part, is_last, is_set);
            } else if is_last && is_set {
                if !self.progress.ended {
                    // The worker may have gone past it.
                    self.entries_above.insert(key.clone());
                }
                // If it is shown, then for what is below it.
                self.mark_entry(key);
            } else if is_last {
                self.loader.forest.take_entry(&parent, part);
            }
            start = end;
        }
    }

    /// Notes a change of a node that matches, or below it.
    fn change_match(&mut self, parent: &EncodedKey, part: &[u8], is_last: bool, is_set: bool) {
        let prefix = parent.with_suffix(part);
        if is_set {
            let flags = Flags {
                is_entry: is_last,
                has_children: !is_last,
            };
            self.put(&prefix, flags, true);
        } else if self.loader.forest.flags(parent, part).is_some() {
            if is_last {
                self.loader.forest.take_entry(parent, part);
                self.remove_if_gone(parent, part);
            } else {
                self.to_check.insert(prefix);
            }
        }
    }

    fn remove_if_gone(&mut self, parent: &EncodedKey, part: &[u8]) {
        if self.loader.forest.flags(parent, part).is_none() {
            self.progress.found = self.progress.found.saturating_sub(1);
            self.loader.forest.prune(parent);
        }
    }

    /// Asks for what rows on screen lack, and whether folders have become empty.
    pub(super) fn show(&mut self, visible: Range<u64>, wants: &mut Wants) {
        for prefix in std::mem::take(&mut self.to_check) {
            let ticket = wants.children(prefix.clone(), None, 1);
            self.checks.insert(ticket, prefix);
        }
        if !self.unknown_above.is_empty() {
            let asked = std::mem::take(&mut self.unknown_above);
            let ticket = wants.present(asked.iter().cloned().collect());
            self.asked_above.insert(ticket, asked);
        }
        self.loader.show(visible, wants);
    }

    /// Takes the answer whether a folder has become empty. False if it is the answer to something else.
    pub(super) fn take_check(&mut self, ticket: u64, page: Option<&ChildrenPage>) -> bool {
        let Some(prefix) = self.checks.remove(&ticket) else {
            return false;
        };
        if page.is_some_and(|page| page.children.is_empty())
            && let Some((parent, part)) = split(&prefix)
        {
            self.loader.forest.take_children(&parent, part);
            self.remove_if_gone(&parent, part);
        }
        true
    }
}
