//! A forest that asks for what it lacks: further pages of its levels, and again what may have changed.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

use keyglass_store::database::ChildrenPage;
use keyglass_store::key::EncodedKey;

use super::TreeRowKind;
use super::chunk::Flags;
use super::forest::{Forest, Reading};
use crate::errand::{Errand, Read, ReadError};

/// Children that are asked for at once, at first and at most: a level that is read on and on comes in larger and
/// larger pages.
pub(super) const PAGE: usize = 500;
pub(super) const LARGEST_PAGE: usize = 20_000;

/// What the worker shall do.
#[derive(Debug, Default)]
pub(super) struct Wants {
    pub errands: Vec<Errand>,
    pub last_ticket: u64,
}

impl Wants {
    /// Asks for a page. Its number.
    pub(super) fn children(&mut self, prefix: EncodedKey, after: Option<EncodedKey>, limit: usize) -> u64 {
        self.last_ticket += 1;
        let ticket = self.last_ticket;
        self.errands.push(
            Read::Children {
                ticket,
                prefix,
                after,
                limit,
            }
            .into(),
        );
        self.last_ticket
    }

    /// Asks which keys are there. The number of the question.
    pub(super) fn present(&mut self, keys: Vec<EncodedKey>) -> u64 {
        self.last_ticket += 1;
        let ticket = self.last_ticket;
        self.errands.push(Read::Present { ticket, keys }.into());
        self.last_ticket
    }
}

/// A forest and what it waits for.
#[derive(Debug, Default)]
pub(super) struct Loader {
    pub forest: Forest,
    /// Levels of which something must be read again.
    to_read: HashSet<EncodedKey>,
    /// How often everything was refreshed.
    generation: u32,
}

impl Loader {
    /// Unfolds a level, which is loaded unless it was folded with what it had.
    pub(super) fn open(&mut self, prefix: &EncodedKey, wants: &mut Wants) {
        if self.forest.open(prefix, self.generation) {
            self.load(prefix, None, PAGE, BTreeSet::new(), wants);
        }
    }

    /// Whether a page was asked for here.
    pub(super) fn is_waiting(&self, prefix: &EncodedKey, ticket: u64) -> bool {
        let reading = self.forest.level(prefix).and_then(|level| level.reading.as_ref());
        reading.is_some_and(|reading| reading.ticket == ticket)
    }

    /// Reads everything again as it comes on screen; the root at once if nothing is.
    pub(super) fn refresh(&mut self, root: bool) {
        self.generation = self.generation.wrapping_add(1);
        if root || self.forest.num_rows() == 0 {
            self.distrust(&EncodedKey::default(), &[]);
        }
    }

    pub(super) fn load(
        &mut self,
        prefix: &EncodedKey,
        after: Option<EncodedKey>,
        limit: usize,
        stale: BTreeSet<Box<[u8]>>,
        wants: &mut Wants,
    ) {
        if let Some(level) = self.forest.level_mut(prefix) {
            let ticket = wants.children(prefix.clone(), after, limit);
            level.reading = Some(Box::new(Reading {
                ticket,
                stale,
                told: BTreeMap::new(),
            }));
        }
    }

    /// Takes a page of a level. The reason, if it could not be read; nothing if this was not asked for here.
    pub(super) fn apply(
        &mut self,
        ticket: u64,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        page: Result<ChildrenPage, ReadError>,
    ) -> Option<Result<(), ReadError>> {
        let level = self.forest.level_mut(prefix)?;
        // What was asked for before the level was folded and unfolded again may be too old.
        let is_expected = level
            .reading
            .as_ref()
            .is_some_and(|reading| reading.ticket == ticket);
        let reading = level.reading.take_if(|_| is_expected)?;
        let page = match page {
            Ok(page) => page,
            Err(error) => return Some(Err(error)),
        };
        let length = prefix.as_bytes().len();
        let part = |key: &EncodedKey| Box::from(key.as_bytes().get(length..).unwrap_or_default());
        // What it comes behind may have gone with all that followed; then the page would leave a gap.
        let leaves_gap = level.more && after.map(part).as_deref() > level.children.last();
        let last: Option<Box<[u8]>> = page
            .children
            .last()
            .filter(|_| page.more)
            .map(|last| part(&last.prefix));
        let told = reading.told;
        if leaves_gap || (page.more && last.is_none()) {
            level.stale.extend(reading.stale);
            if !level.stale.is_empty() {
                self.to_read.insert(prefix.clone());
            }
            return Some(Ok(()));
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
        if let Some(level) = self.forest.level_mut(prefix) {
            let lacks = |(part, flags): &(Box<[u8]>, Flags)| {
                let known = level.children.flags(part);
                known.is_none_or(|known| known.and(*flags) != known)
            };
            let lacking: Vec<_> = told.into_iter().filter(lacks).map(|(part, _)| part).collect();
            if !lacking.is_empty() {
                level.stale.extend(lacking);
                self.to_read.insert(prefix.clone());
            }
        }
        Some(Ok(()))
    }

    /// Asks for what rows on screen lack. To be called with the rows that are drawn.
    pub(super) fn show(&mut self, visible: Range<u64>, wants: &mut Wants) {
        let mut shown: HashSet<EncodedKey> = HashSet::new();
        for index in visible {
            let Some(row) = self.forest.row(index) else { break };
            if row.kind == TreeRowKind::More {
                self.load_more(&row.prefix, wants);
                continue;
            }
            if matches!(
                row.kind,
                TreeRowKind::Node {
                    folder: Some(true),
                    ..
                }
            ) && self
                .forest
                .level(&row.prefix)
                .is_some_and(|level| level.children.len() == 0)
            {
                self.distrust(&row.prefix, &[]);
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
        self.read_again(wants);
    }

    fn load_more(&mut self, prefix: &EncodedKey, wants: &mut Wants) {
        let level = self
            .forest
            .level(prefix)
            .filter(|level| level.more && level.reading.is_none());
        if let Some(level) = level
            && let Some(last) = level.children.last()
        {
            let limit = level.children.len().clamp(PAGE, LARGEST_PAGE);
            let last = prefix.with_suffix(last);
            self.load(prefix, Some(last), limit, BTreeSet::new(), wants);
        }
    }

    /// Reads a level again that has not seen the last refresh, beginning with a part.
    fn distrust(&mut self, prefix: &EncodedKey, first: &[u8]) {
        let generation = self.generation;
        if let Some(level) = self.forest.level_mut(prefix)
            && level.generation != generation
            && !level.partial
        {
            level.generation = generation;
            level.stale.insert(Box::from(first));
            level.reread = Some(Box::default());
            self.to_read.insert(prefix.clone());
        }
    }

    /// Asks for what must be read again, a page of each level at a time.
    fn read_again(&mut self, wants: &mut Wants) {
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
                self.load(&prefix, after, PAGE, stale, wants);
            } else if let Some(behind) = &level.reread {
                let after = (!behind.is_empty()).then(|| prefix.with_suffix(behind));
                let limit = level.children.len().clamp(PAGE, LARGEST_PAGE);
                self.load(&prefix, after, limit, BTreeSet::new(), wants);
            }
        }
    }

    /// Notes a change of a child or below it.
    pub(super) fn apply_change(&mut self, parent: &EncodedKey, part: &[u8], is_last: bool, is_set: bool) {
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
            let is_news = self.forest.put(parent, part, flags);
            is_doubtful &= is_news;
            if !is_news
                && let Some(level) = self.forest.level_mut(parent)
                && let Some(reading) = &mut level.reading
            {
                let told = reading.told.entry(Box::from(part)).or_default();
                *told = told.and(flags);
            }
        } else if !is_set && known.is_some() {
            if is_last {
                self.forest.take_entry(parent, part);
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
