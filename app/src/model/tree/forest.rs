//! The unfolded levels of a tree, and which row shows what.
//!
//! Each level knows how many rows it has with all that is unfolded below it, so a row is found by going down from
//! the root, and a change is told only to the levels above it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use keyglass_store::database::Child;
use keyglass_store::key::EncodedKey;

use super::children::Children;
use super::chunk::Flags;
use super::{TreeRow, TreeRowKind};

/// A page of a level that was asked for.
#[derive(Debug)]
pub(super) struct Reading {
    /// Its number.
    pub ticket: u64,
    /// Parts that are read again with it, if it reaches them.
    pub stale: BTreeSet<Box<[u8]>>,
    /// Children that were known and told again since it was asked for: the page may be older than that.
    pub told: BTreeMap<Box<[u8]>, Flags>,
}

/// One unfolded level.
#[derive(Debug, Default)]
pub(super) struct Level {
    /// What is loaded of it, from its beginning on.
    pub children: Children,
    /// Whether there are further children behind those.
    pub more: bool,
    /// It holds only what a filter leaves, and is never read.
    pub partial: bool,
    /// Whether anything of it has come.
    pub loaded: bool,
    /// The page that is on its way.
    pub reading: Option<Box<Reading>>,
    /// Parts of children that must be read again.
    pub stale: BTreeSet<Box<[u8]>>,
    /// All behind this part must be read again; the empty part is before all.
    pub reread: Option<Box<[u8]>>,
    /// The refresh that it has seen.
    pub generation: u32,
}

impl Level {
    fn num_rows(&self) -> u64 {
        self.children.num_rows() + u64::from(self.has_more_row())
    }

    fn has_more_row(&self) -> bool {
        self.more && self.children.len() > 0
    }
}

/// Unfolded levels by their prefix. The root is always there.
#[derive(Debug)]
pub(super) struct Forest {
    levels: HashMap<EncodedKey, Level>,
    /// Partial levels that are folded, which nobody could read again.
    folded: HashMap<EncodedKey, Level>,
}

impl Default for Forest {
    fn default() -> Self {
        Self {
            levels: HashMap::from([(EncodedKey::default(), Level::default())]),
            folded: HashMap::new(),
        }
    }
}

impl Forest {
    pub(super) fn level(&self, prefix: &EncodedKey) -> Option<&Level> {
        self.levels.get(prefix)
    }

    /// To change anything but its children and whether there are more.
    pub(super) fn level_mut(&mut self, prefix: &EncodedKey) -> Option<&mut Level> {
        self.levels.get_mut(prefix)
    }

    /// The prefixes of all unfolded levels, the root's too.
    pub(super) fn prefixes(&self) -> impl Iterator<Item = &EncodedKey> {
        self.levels.keys()
    }

    pub(super) fn num_levels(&self) -> usize {
        self.levels.len()
    }

    pub(super) fn num_rows(&self) -> u64 {
        self.levels.get(&EncodedKey::default()).map_or(0, Level::num_rows)
    }

    /// An unfolded level, or a partial one that is folded.
    fn any_mut(&mut self, prefix: &EncodedKey) -> Option<&mut Level> {
        let folded = &mut self.folded;
        self.levels.get_mut(prefix).or_else(|| folded.get_mut(prefix))
    }

    /// Unfolds a level. True if it must be read.
    pub(super) fn open(&mut self, prefix: &EncodedKey, generation: u32) -> bool {
        if self.levels.contains_key(prefix) {
            return false;
        }
        if let Some((key, level)) = self.folded.remove_entry(prefix) {
            self.levels.insert(key, level);
            self.attach(prefix);
            return false;
        }
        let level = Level {
            generation,
            ..Level::default()
        };
        self.add(prefix, level);
        true
    }

    /// Unfolds a level that holds only what a filter leaves, unless it is there already.
    pub(super) fn open_partial(&mut self, prefix: &EncodedKey) {
        if self.any_mut(prefix).is_none() {
            let level = Level {
                partial: true,
                loaded: true,
                ..Level::default()
            };
            self.add(prefix, level);
        }
    }

    /// Makes the root hold only what a filter leaves.
    pub(super) fn make_root_partial(&mut self) {
        if let Some(root) = self.levels.get_mut(&EncodedKey::default()) {
            root.partial = true;
            root.loaded = true;
        }
    }

    fn add(&mut self, prefix: &EncodedKey, level: Level) {
        // A key of its own, which does not hold on to a longer one.
        let own = EncodedKey::from_bytes(prefix.as_bytes().to_vec());
        self.levels.insert(own, level);
        self.attach(prefix);
    }

    /// Folds a level, and forgets what was loaded of it unless it is partial.
    pub(super) fn close(&mut self, prefix: &EncodedKey) {
        let Some((parent, part)) = split(prefix) else {
            return;
        };
        let Some((key, level)) = self.levels.remove_entry(prefix) else {
            return;
        };
        if level.partial {
            self.folded.insert(key, level);
        }
        if let Some(level) = self.any_mut(&parent) {
            let grown = level.children.set_open(part, None);
            self.grow(parent, grown);
        }
    }

    /// Shows the rows of an unfolded level at its folder, if that is loaded.
    fn attach(&mut self, prefix: &EncodedKey) {
        let Some(rows) = self.levels.get(prefix).map(Level::num_rows) else {
            return;
        };
        if let Some((parent, part)) = split(prefix)
            && let Some(level) = self.any_mut(&parent)
            && level.children.flags(part).is_some_and(|flags| flags.has_children)
        {
            let grown = level.children.set_open(part, Some(rows));
            self.grow(parent, grown);
        }
    }

    /// Tells all levels above one that it has more or fewer rows now.
    fn grow(&mut self, mut prefix: EncodedKey, rows: i64) {
        while rows != 0
            && let Some((parent, part)) = split(&prefix)
            && let Some(level) = self.any_mut(&parent)
            && let Some(before) = level.children.open_rows(part)
        {
            level
                .children
                .set_open(part, Some(before.wrapping_add_signed(rows)));
            prefix = parent;
        }
    }

    /// Changes the children of a level.
    fn change<T>(
        &mut self,
        prefix: &EncodedKey,
        change: impl FnOnce(&mut Level, &HashMap<EncodedKey, Level>) -> T,
    ) -> Option<T> {
        // Taken out, so that the other levels can be looked at meanwhile.
        let unfolded = self.levels.remove_entry(prefix);
        let is_unfolded = unfolded.is_some();
        let (key, mut level) = unfolded.or_else(|| self.folded.remove_entry(prefix))?;
        let before = level.num_rows();
        let result = change(&mut level, &self.levels);
        let grown = level.num_rows().wrapping_sub(before).cast_signed();
        if is_unfolded {
            self.levels.insert(key, level);
            self.grow(prefix.clone(), grown);
        } else {
            self.folded.insert(key, level);
        }
        Some(result)
    }

    /// What is known of a child, if it is there.
    pub(super) fn flags(&self, parent: &EncodedKey, part: &[u8]) -> Option<Flags> {
        let level = self.levels.get(parent).or_else(|| self.folded.get(parent));
        level.and_then(|level| level.children.flags(part))
    }

    /// Says that nothing is left below a child. One that is no entry goes.
    pub(super) fn take_children(&mut self, parent: &EncodedKey, part: &[u8]) {
        self.close(&parent.with_suffix(part));
        self.change(parent, |level, _| match level.children.flags(part) {
            Some(flags) if flags.is_entry => {
                let flags = Flags {
                    has_children: false,
                    ..flags
                };
                level.children.set_flags(part, flags);
            }
            Some(_) => {
                level.children.remove(part);
            }
            None => {}
        });
    }

    /// Takes away a partial level that has nothing left, and those above it.
    pub(super) fn prune(&mut self, prefix: &EncodedKey) {
        let mut prefix = prefix.clone();
        while let Some((parent, part)) = split(&prefix)
            && self
                .any_mut(&prefix)
                .is_some_and(|level| level.partial && level.children.len() == 0)
        {
            self.levels.remove(&prefix);
            self.folded.remove(&prefix);
            self.change(&parent, |level, _| level.children.remove(part));
            prefix = parent;
        }
    }

    /// Adds a child, or adds to what is known of it. True if that was news.
    pub(super) fn put(&mut self, parent: &EncodedKey, part: &[u8], flags: Flags) -> bool {
        let known = self.flags(parent, part);
        let all = flags.and(known.unwrap_or_default());
        if known == Some(all) {
            return false;
        }
        let changed = self.change(parent, |level, _| match known {
            None => level.children.insert(part, all),
            Some(_) => level.children.set_flags(part, all),
        });
        if all.has_children && !known.is_some_and(|known| known.has_children) {
            self.attach(&parent.with_suffix(part));
        }
        changed.is_some()
    }

    /// Says that no entry stands at a child any more. A child that has nothing below it goes.
    pub(super) fn take_entry(&mut self, parent: &EncodedKey, part: &[u8]) {
        self.change(parent, |level, _| match level.children.flags(part) {
            Some(flags) if flags.has_children => {
                let flags = Flags {
                    is_entry: false,
                    ..flags
                };
                level.children.set_flags(part, flags);
            }
            Some(_) => {
                level.children.remove(part);
            }
            None => {}
        });
    }

    /// Puts a page in the place of all loaded children behind `after`, up to and with the page's last one, or to
    /// the end if nothing follows it.
    pub(super) fn replace(
        &mut self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        page: &[Child],
        more: bool,
    ) {
        let length = prefix.as_bytes().len();
        let part = |key: &'_ EncodedKey| key.to_shared().slice(length.min(key.as_bytes().len())..);
        let after = after.map(part);
        let until = page.last().filter(|_| more).map(|child| part(&child.prefix));
        self.change(prefix, |level, levels| {
            let reaches_end = until.as_deref() >= level.children.last();
            level.more = more && (reaches_end || level.more);
            level.loaded = true;
            let new = page.iter().map(|child| {
                let flags = Flags {
                    is_entry: child.is_entry,
                    has_children: child.has_children,
                };
                let part = child.prefix.as_bytes().get(length..).unwrap_or_default();
                (part, flags)
            });
            let open = |part: &[u8]| levels.get(&prefix.with_suffix(part)).map(Level::num_rows);
            level
                .children
                .replace(after.as_deref(), until.as_deref(), new, open);
        });
    }

    /// What a row shows.
    pub(super) fn row(&self, row: u64) -> Option<TreeRow> {
        let mut row = row;
        let mut prefix = EncodedKey::default();
        let mut depth = 0;
        loop {
            let level = self.levels.get(&prefix)?;
            let part_start = prefix.as_bytes().len();
            let Some(found) = level.children.at(row) else {
                return (level.has_more_row() && row == level.children.num_rows()).then_some(TreeRow {
                    prefix,
                    depth,
                    part_start,
                    kind: TreeRowKind::More,
                });
            };
            prefix = prefix.with_suffix(found.part);
            let Some(below) = found.below else {
                let folder = found.flags.has_children.then_some(found.is_open);
                let is_entry = found.flags.is_entry;
                return Some(TreeRow {
                    prefix,
                    depth,
                    part_start,
                    kind: TreeRowKind::Node { is_entry, folder },
                });
            };
            row = below;
            depth += 1;
        }
    }

    /// The row of a node, if it is shown.
    pub(super) fn row_of(&self, key: &EncodedKey) -> Option<u64> {
        let mut row = 0;
        let mut start = 0;
        for end in key.part_ends() {
            let level = self.levels.get(&key.truncated(start))?;
            let part = key.as_bytes().get(start..end)?;
            row += level.children.row_of(part)?;
            if end == key.as_bytes().len() {
                return Some(row);
            }
            if !level.children.is_open(part) {
                return None;
            }
            row += 1;
            start = end;
        }
        None
    }

    /// Bytes that loaded children take besides their key parts.
    #[cfg(test)]
    pub(super) fn overhead(&self) -> usize {
        let levels = self.levels.values();
        levels.map(|level| level.children.overhead()).sum()
    }
}

/// A node's parent and its own part; `None` for the root.
pub(super) fn split(prefix: &EncodedKey) -> Option<(EncodedKey, &[u8])> {
    let ends = prefix.part_ends();
    let parents = ends.len().checked_sub(1)?;
    let end = parents
        .checked_sub(1)
        .and_then(|at| ends.get(at))
        .copied()
        .unwrap_or(0);
    Some((prefix.truncated(end), prefix.as_bytes().get(end..)?))
}
