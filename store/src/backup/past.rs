//! Past states: what the store holds, and over it what was replaced since.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{Seek as _, SeekFrom};
use std::iter::Peekable;

use serde_json::Value as Json;

use super::BackupError;
use super::folder::Backup;
use super::manifest::State;
use super::records::{Record, RecordReader, RecordWriter};
use crate::entries::Entries;
use crate::entry::Entry;
use crate::key::{EncodedKey, KeyRange};
use crate::transfer::TransferError;
use crate::transfer::compare::Side;

/// Files that are open at once: a process may have about a thousand.
const AT_ONCE: usize = 128;

impl Backup {
    /// The state in which the database was at a moment, in milliseconds since the Unix epoch: the newest one that is not
    /// younger. `None` is the newest of all.
    ///
    /// # Errors
    /// If there is none so old, or the file of one cannot be read.
    pub fn state_at(&self, moment: Option<i64>) -> Result<State, BackupError> {
        let mut states = self.states()?;
        let oldest = states.first().map_or(i64::MIN, |state| state.moment);
        if let Some(moment) = moment {
            states.retain(|state| state.moment <= moment);
        }
        states.pop().ok_or_else(|| BackupError::TooOld {
            oldest,
            path: self.path.clone(),
        })
    }

    /// The entries of a range as they were in a state, those that have expired since among them. All that it relies on is
    /// validated first.
    pub(super) fn side_of(&self, number: u64, range: &KeyRange) -> Result<Box<Side<'_>>, BackupError> {
        let mut files = Vec::new();
        let newest = self.newest()?.state.number;
        for past in number..newest {
            RecordReader::validate(&self.past_path(past))?;
            files.push(past);
        }
        let base = Entries::of_now(&self.store, [range.clone()])?;
        let over = self.merged(&files)?;
        let range = range.clone();
        let over = over.filter(move |record| match record {
            Ok(record) => range.contains(&record.key),
            Err(_) => true,
        });
        Ok(Box::new(Overlaid {
            base: base.peekable(),
            over: over.peekable(),
        }))
    }

    /// The records of the files of past states, in key order; of each key that of the oldest one.
    fn merged(&self, files: &[u64]) -> Result<Merged, BackupError> {
        let mut readers = Vec::new();
        for part in files.chunks(AT_ONCE) {
            let part = part
                .iter()
                .map(|number| RecordReader::open(&self.past_path(*number)));
            let part: Vec<_> = part.collect::<Result<_, _>>()?;
            if files.len() <= AT_ONCE {
                return Merged::new(part);
            }
            readers.push(written(Merged::new(part)?)?);
        }
        Merged::new(readers)
    }
}

/// Records in a temporary file.
fn written(records: impl Iterator<Item = Result<Record, BackupError>>) -> Result<RecordReader, BackupError> {
    let folder = std::env::temp_dir();
    let io_error = |error| BackupError::io(error, &folder);
    let file = tempfile::tempfile().map_err(io_error)?;
    let mut writer = RecordWriter::new(file, &Json::Null).map_err(io_error)?;
    for record in records {
        writer.record(&record?).map_err(io_error)?;
    }
    let mut file = writer.finish().map_err(io_error)?;
    file.seek(SeekFrom::Start(0)).map_err(io_error)?;
    RecordReader::of_file(file, &folder)
}

/// The records of several files as those of one, the first of which counts where several have a key.
struct Merged {
    files: Vec<RecordReader>,
    next: BinaryHeap<Reverse<Next>>,
    last: Option<EncodedKey>,
}

/// The next record of a file.
struct Next {
    record: Record,
    file: usize,
}

impl Next {
    fn place(&self) -> (&EncodedKey, usize) {
        (&self.record.key, self.file)
    }
}

impl PartialEq for Next {
    fn eq(&self, other: &Self) -> bool {
        self.place() == other.place()
    }
}

impl Eq for Next {}

impl PartialOrd for Next {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Next {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.place().cmp(&other.place())
    }
}

impl Merged {
    fn new(files: Vec<RecordReader>) -> Result<Self, BackupError> {
        let mut merged = Self {
            next: BinaryHeap::with_capacity(files.len()),
            files,
            last: None,
        };
        for file in 0..merged.files.len() {
            merged.advance(file)?;
        }
        Ok(merged)
    }

    fn advance(&mut self, file: usize) -> Result<(), BackupError> {
        let record = self.files.get_mut(file).and_then(Iterator::next).transpose()?;
        self.next
            .extend(record.map(|record| Reverse(Next { record, file })));
        Ok(())
    }

    fn step(&mut self) -> Result<Option<Record>, BackupError> {
        while let Some(Reverse(Next { record, file })) = self.next.pop() {
            self.advance(file)?;
            if self.last.as_ref() != Some(&record.key) {
                self.last = Some(record.key.clone());
                return Ok(Some(record));
            }
        }
        Ok(None)
    }
}

impl Iterator for Merged {
    type Item = Result<Record, BackupError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}

/// Entries, and over them what stands there instead.
struct Overlaid<'a, O: Iterator> {
    base: Peekable<Entries<'a>>,
    over: Peekable<O>,
}

impl<O: Iterator<Item = Result<Record, BackupError>>> Overlaid<'_, O> {
    fn step(&mut self) -> Result<Option<Entry>, TransferError> {
        loop {
            let base = match self.base.peek() {
                Some(Ok(entry)) => Some(&entry.key),
                Some(Err(_)) => return self.base.next().transpose().map_err(TransferError::from),
                None => None,
            };
            let over = match self.over.peek() {
                Some(Ok(record)) => Some(&record.key),
                Some(Err(_)) => None,
                None if base.is_none() => return Ok(None),
                None => return self.base.next().transpose().map_err(TransferError::from),
            };
            if let (Some(base), Some(over)) = (base, over)
                && base < over
            {
                return self.base.next().transpose().map_err(TransferError::from);
            }
            let hides = base.is_some() && base == over;
            let record = self.over.next().transpose();
            let record = record.map_err(|error| TransferError::Source(error.to_string()))?;
            if hides {
                // What stands there now gives way.
                let _hidden = self.base.next();
            }
            if let Some(entry) = record.and_then(|record| record.entry) {
                return Ok(Some(entry));
            }
        }
    }
}

impl<O: Iterator<Item = Result<Record, BackupError>>> Iterator for Overlaid<'_, O> {
    type Item = Result<Entry, TransferError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}
