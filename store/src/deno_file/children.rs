//! The children of a prefix, found by seeking past each.
//!
//! Seeking costs more than stepping, so a few rows of a child are stepped over first: two at first, sixteen
//! once children have turned out to be small.

use super::read::FileSnapshot;
use crate::database::{Child, ChildrenPage};
use crate::error::DatabaseError;
use crate::key::{EncodedKey, end_of_child, end_of_level, first_part_length};

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
        let mut scan = Scan::new(prefix, after, limit);
        let start = match after {
            Some(child) => end_of_child(prefix, child),
            None => Some(prefix.with_suffix(&[0]).as_bytes().to_vec()),
        };
        let Some(mut start) = start else {
            return Ok(scan.page);
        };
        // Everything is below the root, also what is no key.
        let end = end_of_level(prefix);
        let sql = if end.is_some() {
            "SELECT k FROM kv WHERE k >= ?1 AND k < ?2 ORDER BY k"
        } else {
            "SELECT k FROM kv WHERE k >= ?1 ORDER BY k"
        };
        let mut statement = self.prepare(sql, doing)?;
        'seek: loop {
            let bounds = [Some(&start), end.as_ref()].into_iter().flatten();
            let mut rows = statement
                .query(rusqlite::params_from_iter(bounds))
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
    Seek(Vec<u8>),
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
        if self.steps < self.steps_allowed || part.is_err() {
            return Step::Next;
        }
        self.small_run = 0;
        self.steps_allowed = STEPS_AT_FIRST;
        match end_of_child(self.prefix, &self.prefix.with_suffix(child)) {
            Some(end) => Step::Seek(end),
            None => Step::Done,
        }
    }
}

fn ends_with(child: &Child, prefix: &EncodedKey, part: &[u8]) -> bool {
    child.prefix.as_bytes().get(prefix.as_bytes().len()..) == Some(part)
}
