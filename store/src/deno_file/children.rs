//! The children of a prefix, found by seeking past each.
//!
//! Seeking costs more than stepping, so a few rows of a child are stepped over first: two at first, sixteen
//! once children have turned out to be small.

use super::read::FileSnapshot;
use crate::database::{Child, ChildrenPage};
use crate::error::DatabaseError;
use crate::key::{EncodedKey, KeyRange, first_part_length};

const STEPS_AT_FIRST: usize = 2;
const STEPS_AMONG_SMALL: usize = 16;
/// Small children in a row after which more are expected.
const SMALL_RUN: usize = 4;

impl FileSnapshot {
    /// See [`crate::Database::children`].
    pub(super) fn children(
        &self,
        prefix: &EncodedKey,
        after: Option<&EncodedKey>,
        limit: usize,
    ) -> Result<ChildrenPage, DatabaseError> {
        let doing = "reading children";
        let failed = |error| self.home().failed(doing, &error);
        let range = KeyRange::below(prefix);
        let mut scan = Scan::new(prefix, after, limit);
        let mut start = after.map_or(range.start.clone(), |after| range.start.max(scan.behind(after)));
        let mut statement = self.prepare("SELECT k FROM kv WHERE k >= ?1 AND k < ?2 ORDER BY k", doing)?;
        'seek: loop {
            let mut rows = statement
                .query((start.as_bytes(), range.end.as_bytes()))
                .map_err(failed)?;
            while let Some(row) = rows.next().map_err(failed)? {
                let key = row.get_ref(0).map_err(failed)?;
                match scan.offer(key.as_blob().unwrap_or_default()) {
                    Step::Next => {}
                    Step::Seek(to) => {
                        start = to;
                        continue 'seek;
                    }
                    Step::Done => break 'seek,
                }
            }
            break;
        }
        Ok(scan.page)
    }
}

/// What to read after a key.
enum Step {
    /// The key that follows.
    Next,
    /// The first key from here on.
    Seek(EncodedKey),
    /// Nothing.
    Done,
}

/// Gathers children from the keys that it is offered.
struct Scan<'a> {
    prefix: &'a EncodedKey,
    after: Option<&'a EncodedKey>,
    limit: usize,
    page: ChildrenPage,
    /// Keys of the newest child stepped over so far.
    steps: usize,
    steps_allowed: usize,
    small_run: usize,
}

impl<'a> Scan<'a> {
    fn new(prefix: &'a EncodedKey, after: Option<&'a EncodedKey>, limit: usize) -> Self {
        Self {
            prefix,
            after,
            limit,
            page: ChildrenPage::default(),
            steps: 0,
            steps_allowed: STEPS_AT_FIRST,
            small_run: 0,
        }
    }

    /// The first key that can belong to another child than `child`.
    fn behind(&self, child: &EncodedKey) -> EncodedKey {
        let part = child
            .as_bytes()
            .get(self.prefix.as_bytes().len()..)
            .unwrap_or_default();
        if first_part_length(part) == Ok(part.len()) {
            child.with_suffix(&[0xff])
        } else {
            // No key part: the child is this one key.
            child.with_suffix(&[0])
        }
    }

    /// Takes a key below the prefix; keys must come in order.
    fn offer(&mut self, key: &[u8]) -> Step {
        let Some(rest) = key.get(self.prefix.as_bytes().len()..) else {
            return Step::Next;
        };
        let part = first_part_length(rest);
        let length = part.unwrap_or(rest.len());
        let child = rest.get(..length).unwrap_or(rest);
        let longer = rest.len() > length;
        let same = self
            .page
            .children
            .last_mut()
            .filter(|last| ends_with(last, self.prefix, child));
        if let Some(last) = same {
            last.has_children = true;
            self.steps += 1;
        } else {
            if self.page.children.len() == self.limit {
                self.page.more = true;
                return Step::Done;
            }
            let prefix = self.prefix.with_suffix(child);
            if self.after == Some(&prefix) {
                return Step::Next;
            }
            self.page.children.push(Child {
                prefix,
                is_entry: !longer,
                has_children: longer,
            });
            self.small_run += 1;
            if self.small_run >= SMALL_RUN {
                self.steps_allowed = STEPS_AMONG_SMALL;
            }
            self.steps = 0;
        }
        // A byte ff after the part is beyond the place that seeking would lead to: only broken keys have it.
        if self.steps < self.steps_allowed || part.is_err() || rest.get(length) == Some(&0xff) {
            return Step::Next;
        }
        self.small_run = 0;
        self.steps_allowed = STEPS_AT_FIRST;
        Step::Seek(self.prefix.with_suffix(child).with_suffix(&[0xff]))
    }
}

fn ends_with(child: &Child, prefix: &EncodedKey, part: &[u8]) -> bool {
    child.prefix.as_bytes().get(prefix.as_bytes().len()..) == Some(part)
}
