//! One level of the key space, found by seeking past each child.

use fjall::Readable as _;

use super::layout::Record;
use super::read::View;
use crate::database::{Child, ChildrenPage};
use crate::error::DatabaseError;
use crate::key::{EncodedKey, end_of_child, end_of_level, first_part_length};

const READING: &str = "reading the children of a prefix";
/// Rows that are stepped over before a new iterator is opened at the next child. A seek costs about as much
/// as sixteen steps, so small groups are stepped through and large ones are not.
const STEPS_IN_LARGE_GROUPS: usize = 2;
const STEPS_IN_SMALL_GROUPS: usize = 16;
/// Groups that must have been small, one after the other, before the next is taken to be small.
const SMALL_GROUPS: usize = 4;

impl View {
    /// The children of `prefix` that have an entry visible at `now`, after the child `after`, at most
    /// `limit`.
    pub(super) fn children(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
        now: i64,
    ) -> Result<ChildrenPage, DatabaseError> {
        let mut walk = Walk {
            view: self,
            prefix,
            limit,
            now,
            page: ChildrenPage::default(),
            level_end: end_of_level(prefix),
            end: Vec::new(),
            num_small_groups: 0,
        };
        let mut from = match after {
            Some(child) => end_of_child(prefix, child),
            None => Some(prefix.with_suffix(&[0]).as_bytes().to_vec()),
        };
        while let Some(start) = from {
            from = walk.run(start)?;
        }
        Ok(walk.page)
    }
}

/// A walk over one level.
struct Walk<'a> {
    view: &'a View,
    prefix: &'a EncodedKey,
    limit: usize,
    now: i64,
    page: ChildrenPage,
    /// Where the level ends; `None` for the root.
    level_end: Option<Vec<u8>>,
    /// Where the last child of the page ends; empty before the first.
    end: Vec<u8>,
    /// Children in a row that were stepped through without a seek.
    num_small_groups: usize,
}

impl Walk<'_> {
    /// Walks over rows from `start` on, until a child is too large to be stepped through; answers with its
    /// end, to go on from there, or nothing when the page is full or the level has ended.
    fn run(&mut self, start: Vec<u8>) -> Result<Option<Vec<u8>>, DatabaseError> {
        let mut rows = self.view.snapshot.range(&self.view.engine.kv, start..);
        let mut steps_left = 0_usize;
        loop {
            let Some(guard) = rows.next() else {
                return Ok(None);
            };
            let is_settled = self.page.children.last().is_some_and(|child| child.has_children);
            // A value is needed for its expiry, and only where the row may still tell something new.
            let (key, value) = guard
                .into_inner_if(|key| !is_settled || key.as_ref() >= self.end.as_slice())
                .map_err(|error| self.view.engine.error(READING, &error))?;
            let key = EncodedKey::from_bytes(key);
            if self
                .level_end
                .as_ref()
                .is_some_and(|end| key.as_bytes() >= end.as_slice())
            {
                return Ok(None);
            }
            let is_visible = value.is_some_and(|value| {
                // A damaged record is shown as the entry that it is.
                !Record::decode(value.into()).is_ok_and(|record| record.is_expired(self.now))
            });
            if key.as_bytes() < self.end.as_slice() {
                if is_visible && let Some(child) = self.page.children.last_mut() {
                    child.has_children = true;
                }
                if steps_left == 0 && (is_settled || is_visible) {
                    self.num_small_groups = 0;
                    return Ok(Some(std::mem::take(&mut self.end)));
                }
                steps_left = steps_left.saturating_sub(1);
                continue;
            }
            if !is_visible {
                continue;
            }
            if self.page.children.len() == self.limit {
                self.page.more = true;
                return Ok(None);
            }
            if !self.end.is_empty() {
                self.num_small_groups += 1;
            }
            steps_left = if self.num_small_groups < SMALL_GROUPS {
                STEPS_IN_LARGE_GROUPS
            } else {
                STEPS_IN_SMALL_GROUPS
            };
            if !self.add(&key) {
                return Ok(None);
            }
        }
    }

    /// Adds the child that `key` belongs to; `false` if none can follow it.
    fn add(&mut self, key: &EncodedKey) -> bool {
        let tail = key
            .as_bytes()
            .get(self.prefix.as_bytes().len()..)
            .unwrap_or_default();
        let child = key.truncated(self.prefix.as_bytes().len() + child_length(tail));
        let end = end_of_child(self.prefix, &child);
        self.page.children.push(Child {
            is_entry: child == *key,
            has_children: child != *key,
            prefix: child,
        });
        match end {
            Some(end) => {
                self.end = end;
                true
            }
            None => false,
        }
    }
}

/// Bytes of the child at the head of what follows the parent: its first part, or all where that is none.
fn child_length(tail: &[u8]) -> usize {
    first_part_length(tail).unwrap_or(tail.len())
}
