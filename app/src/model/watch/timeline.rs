//! What happened, in the order of time: bounded in rows and in bytes, and whatever is let go of is counted.

use std::collections::{HashMap, VecDeque};

use keyglass_store::key::EncodedKey;
use keyglass_store::value::StoredValue;
use keyglass_store::{Before, Change, Entry};

use super::row::{TimelineRow, WatchEvent};
use crate::content::change_kind::ChangeKind;
use crate::content::change_line::ChangeLine;

/// Rows that are kept.
pub const TIMELINE_ROWS: usize = 10_000;
/// Bytes of keys and values that are kept.
pub const TIMELINE_BYTES: usize = 64 << 20;
/// Changes of one second that have rows of their own; further ones of a key that has a row of that second join that row.
const BURST: u32 = 200;

/// Changes, bookmarks, and what is missing between them, oldest first. Each row has a number that it keeps.
#[derive(Debug, Default)]
pub struct Timeline {
    rows: VecDeque<TimelineRow>,
    /// The number of the first row that is kept.
    first: u64,
    bytes: usize,
    /// Changes that were let go of because newer ones needed their room.
    num_older: u64,
    /// The newest row of each key.
    last_of: HashMap<EncodedKey, u64>,
    /// Rows before this one are not joined any more, because something is missing after them.
    joined_from: u64,
    /// The second that was noticed last, since the Unix epoch, and its rows.
    second: (i64, u32),
    revision: u64,
}

impl Timeline {
    /// The rows that are kept, newest last.
    #[must_use]
    pub fn rows(&self) -> &VecDeque<TimelineRow> {
        &self.rows
    }

    /// The row of a number, while it is kept.
    #[must_use]
    pub fn row(&self, number: u64) -> Option<&TimelineRow> {
        self.rows
            .get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    /// The number of the first row that is kept.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Rows that were ever added: the number of the next one.
    #[must_use]
    pub fn num_added(&self) -> u64 {
        self.first + self.rows.len() as u64
    }

    /// Changes before the oldest row, which are no longer kept.
    #[must_use]
    pub fn num_older(&self) -> u64 {
        self.num_older
    }

    /// Bytes of keys and values that are kept.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Grows with everything that happens to it.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Lets go of all rows; later ones have later numbers.
    pub fn clear(&mut self) {
        self.first = self.num_added();
        self.joined_from = self.first;
        self.rows.clear();
        self.last_of.clear();
        self.bytes = 0;
        self.num_older = 0;
        self.revision += 1;
    }

    /// Adds a change that was noticed at a moment, in milliseconds since the Unix epoch. The number of its row, which is an
    /// older one where changes come in a burst.
    pub fn add(&mut self, change: &Change, noticed_at: i64) -> u64 {
        self.revision += 1;
        let second = noticed_at.div_euclid(1000);
        if self.second.0 != second {
            self.second = (second, 0);
        }
        let last = self.last_of.get(&change.key).copied();
        let last_event = last.and_then(|number| self.row(number)?.change());
        let mut kind = ChangeKind::of(&change.before, change.after.as_ref(), noticed_at);
        if let (ChangeKind::Created, Some(after), Some(gone)) = (kind, &change.after, last_event)
            && gone.after.is_none()
            && gone
                .before_entry()
                .is_some_and(|gone| gone.value == after.value && gone.expires_at == after.expires_at)
        {
            kind = ChangeKind::Restored;
        }
        let key = EncodedKey::from_bytes(change.key.as_bytes().to_vec());
        // What comes of a page of a database would keep all of it.
        let before = match (&change.before, last_event.and_then(|event| event.after.as_ref())) {
            (Before::Entry(before), Some(known)) if before == known => Before::Entry(known.clone()),
            (Before::Entry(before), _) => Before::Entry(own(before, &key)),
            (Before::Absent, _) => Before::Absent,
            (Before::Unknown, _) => Before::Unknown,
        };
        let after = change.after.as_ref().map(|after| own(after, &key));
        if self.second.1 >= BURST
            && let Some(number) = last.filter(|number| *number >= self.joined_from)
            && let Some(index) = number.checked_sub(self.first)
            && let Some(TimelineRow::Change(event)) = usize::try_from(index)
                .ok()
                .and_then(|index| self.rows.get_mut(index))
            && event.noticed_at.div_euclid(1000) == second
        {
            event.kind = kind;
            event.after = after;
            event.versionstamp = change.versionstamp;
            event.changes += 1;
            let bytes = bytes_of(event);
            self.bytes = (self.bytes + bytes).saturating_sub(event.bytes);
            event.bytes = bytes;
            self.let_go();
            return number;
        }
        self.second.1 = self.second.1.saturating_add(1);
        let previous = last.and_then(|number| Some((number, self.row(number)?.noticed_at())));
        let number = self.num_added();
        self.last_of.insert(key.clone(), number);
        let mut event = Box::new(WatchEvent {
            noticed_at,
            key,
            kind,
            before,
            after,
            versionstamp: change.versionstamp,
            changes: 1,
            previous,
            bytes: 0,
        });
        event.bytes = bytes_of(&event);
        self.bytes += event.bytes;
        self.rows.push_back(TimelineRow::Change(event));
        self.let_go();
        number
    }

    /// Sets a bookmark at a moment, in milliseconds since the Unix epoch.
    pub fn bookmark(&mut self, name: String, noticed_at: i64) {
        self.revision += 1;
        // What comes after it is told apart from what came before.
        self.joined_from = self.num_added();
        self.rows.push_back(TimelineRow::Bookmark { noticed_at, name });
        self.let_go();
    }

    /// Gives a bookmark another name.
    pub fn name_bookmark(&mut self, row: u64, name: String) {
        let index = row
            .checked_sub(self.first)
            .and_then(|index| usize::try_from(index).ok());
        if let Some(TimelineRow::Bookmark { name: old, .. }) =
            index.and_then(|index| self.rows.get_mut(index))
        {
            *old = name;
        }
    }

    /// Notes that changes are missing, of which so many were counted; `None` if nobody knows how many.
    pub fn miss(&mut self, missed: Option<u64>, are_others: bool, at: i64) {
        self.revision += 1;
        self.joined_from = self.num_added();
        let are_others = are_others && missed.is_some();
        if let Some(TimelineRow::Missing {
            counted,
            of_others,
            uncounted,
            ..
        }) = self.rows.back_mut()
        {
            *counted = counted.saturating_add(missed.unwrap_or(0));
            *of_others |= are_others;
            *uncounted |= missed.is_none();
            return;
        }
        self.rows.push_back(TimelineRow::Missing {
            noticed_at: at,
            counted: missed.unwrap_or(0),
            of_others: are_others,
            uncounted: missed.is_none(),
        });
        self.let_go();
    }

    /// Takes what an earlier timeline was written down as.
    pub fn take(&mut self, line: ChangeLine) {
        match line {
            ChangeLine::Change { at, change } => {
                // Each line is a row, as it was.
                self.second = (at.div_euclid(1000), 0);
                self.add(&change, at);
            }
            ChangeLine::Missed { at, changes } => self.miss(changes, false, at),
            ChangeLine::Bookmark { at, name } => self.bookmark(name, at),
            ChangeLine::Other => {}
        }
    }

    /// Counts changes that were let go of before they came here.
    pub fn forget(&mut self, older: u64) {
        self.num_older += older;
    }

    /// As lines to be written down.
    pub fn lines(&self) -> impl Iterator<Item = ChangeLine> + '_ {
        self.rows.iter().map(line_of)
    }

    /// Lets go of the oldest rows until the rest is within bounds.
    fn let_go(&mut self) {
        while self.rows.len() > TIMELINE_ROWS || (self.bytes > TIMELINE_BYTES && self.rows.len() > 1) {
            let Some(row) = self.rows.pop_front() else { return };
            self.num_older += row.changes();
            if let TimelineRow::Change(event) = row {
                self.bytes = self.bytes.saturating_sub(event.bytes);
                if self.last_of.get(&event.key) == Some(&self.first) {
                    self.last_of.remove(&event.key);
                }
            }
            self.first += 1;
        }
    }
}

/// A row as a line to be written down.
#[must_use]
pub fn line_of(row: &TimelineRow) -> ChangeLine {
    match row {
        TimelineRow::Change(event) => ChangeLine::Change {
            at: event.noticed_at,
            change: Box::new(Change {
                key: event.key.clone(),
                versionstamp: event.versionstamp,
                before: event.before.clone(),
                after: event.after.clone(),
            }),
        },
        TimelineRow::Bookmark { noticed_at, name } => ChangeLine::Bookmark {
            at: *noticed_at,
            name: name.clone(),
        },
        TimelineRow::Missing {
            noticed_at,
            counted,
            uncounted,
            ..
        } => ChangeLine::Missed {
            at: *noticed_at,
            changes: (!uncounted).then_some(*counted),
        },
    }
}

/// An entry with bytes of its own.
fn own(entry: &Entry, key: &EncodedKey) -> Entry {
    Entry {
        key: key.clone(),
        value: StoredValue {
            encoding: entry.value.encoding,
            bytes: entry.value.bytes.to_vec().into(),
        },
        versionstamp: entry.versionstamp,
        expires_at: entry.expires_at,
    }
}

/// Bytes of the key and the values, with what a row takes itself.
fn bytes_of(event: &WatchEvent) -> usize {
    let value = |entry: &Entry| entry.value.bytes.len();
    let values = event.before_entry().map_or(0, value) + event.after.as_ref().map_or(0, value);
    size_of::<WatchEvent>() + 2 * event.key.as_bytes().len() + values
}
