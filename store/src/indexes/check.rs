//! Where records and the entries of their indexes do not fit.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::pattern::Matching;
use super::{Index, RecordPattern};
use crate::atomic::AtomicOperation;
use crate::database::{Database, Snapshot};
use crate::entry::Entry;
use crate::error::DatabaseError;
use crate::key::EncodedKey;
use crate::limits::Limits;
use crate::value::StoredValue;

/// Problems that are named; further ones are counted.
const NAMED: usize = 1000;
/// Entries after which is told how far the check is.
const TOLD_EVERY: u64 = 1024;

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IndexReport {
    /// Records that were looked at.
    pub records: u64,
    /// Entries of indexes that were looked at.
    pub entries: u64,
    /// Problems, as they were found; at most 1,000.
    pub problems: Vec<Problem>,
    /// How many more there are.
    pub more: u64,
    /// Whether everything was looked at.
    pub is_complete: bool,
}

/// A record and an index that do not fit.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// A record has no entry in the index.
    NoEntry {
        /// The record.
        record: Entry,
        /// The key that the index should have.
        key: EncodedKey,
        /// What should stand there.
        value: StoredValue,
    },
    /// An entry of the index names a record that is not there, or none.
    NoRecord {
        /// The entry of the index.
        entry: Entry,
        /// The key of the record that it names.
        record: Option<EncodedKey>,
    },
    /// An entry of the index says something else than its record.
    Disagrees {
        /// The entry of the index.
        entry: Entry,
        /// The record.
        record: Entry,
        /// What should stand there; `None` where the record belongs under another key of the index.
        value: Option<StoredValue>,
    },
    /// Two records belong under one key of the index, which has room for one: this is for a person to solve.
    TwoRecords {
        /// The entry of the index.
        entry: Entry,
        /// The record that it does not name.
        record: Entry,
    },
}

impl Problem {
    /// The key of the index that it is about.
    #[must_use]
    pub fn key(&self) -> &EncodedKey {
        match self {
            Self::NoEntry { key, .. } => key,
            Self::NoRecord { entry, .. } | Self::Disagrees { entry, .. } | Self::TwoRecords { entry, .. } => {
                &entry.key
            }
        }
    }

    /// Adds what repairs it, as long as all is still as it was seen. What has no repair adds nothing.
    #[must_use]
    pub fn repair(&self, operation: AtomicOperation) -> AtomicOperation {
        match self {
            Self::NoEntry { record, key, value } => operation
                .check(record.key.clone(), Some(record.versionstamp))
                .check(key.clone(), None)
                .set_expiring(key.clone(), value.clone(), record.expires_at),
            Self::NoRecord { entry, record } => {
                let operation = operation.check(entry.key.clone(), Some(entry.versionstamp));
                let operation = match record {
                    Some(record) => operation.check(record.clone(), None),
                    None => operation,
                };
                operation.delete(entry.key.clone())
            }
            Self::Disagrees { entry, record, value } => {
                let operation = operation
                    .check(entry.key.clone(), Some(entry.versionstamp))
                    .check(record.key.clone(), Some(record.versionstamp));
                match value {
                    Some(value) => {
                        operation.set_expiring(entry.key.clone(), value.clone(), record.expires_at)
                    }
                    None => operation.delete(entry.key.clone()),
                }
            }
            Self::TwoRecords { .. } => operation,
        }
    }
}

impl IndexReport {
    /// What repairs as many of the problems as one commit takes, and how many those are.
    #[must_use]
    pub fn repair(&self, limits: &Limits) -> (AtomicOperation, usize) {
        let (mut operation, mut repaired) = (AtomicOperation::new(), 0);
        for problem in &self.problems {
            if matches!(problem, Problem::TwoRecords { .. }) {
                continue;
            }
            let next = problem.repair(operation.clone());
            if next.validate(limits).is_err() {
                break;
            }
            operation = next;
            repaired += 1;
        }
        (operation, repaired)
    }

    fn tell(&mut self, problem: Problem) {
        if self.problems.len() < NAMED {
            self.problems.push(problem);
        } else {
            self.more += 1;
        }
    }
}

/// Goes through all records and all entries of their indexes, in one snapshot. `progress` hears how many were looked at so
/// far, and may break.
///
/// # Errors
/// If the database cannot be read.
pub fn check(
    database: &dyn Database,
    indexes: &[Index],
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<IndexReport, DatabaseError> {
    let snapshot = database.snapshot()?;
    let mut report = IndexReport::default();
    // Keys of the index that a record belongs under, but that say something else.
    let mut told: HashSet<EncodedKey> = HashSet::new();
    let mut looked = 0;
    let mut goes_on = |report: &IndexReport| {
        looked = report.records + report.entries;
        !looked.is_multiple_of(TOLD_EVERY) || progress(looked).is_continue()
    };
    let mut patterns: Vec<&RecordPattern> = Vec::new();
    for index in indexes {
        if !patterns.contains(&&index.records) {
            patterns.push(&index.records);
        }
    }
    for (number, pattern) in patterns.iter().enumerate() {
        let earlier: Vec<_> = patterns
            .iter()
            .take(number)
            .map(|pattern| pattern.shape())
            .collect();
        let of_pattern: Vec<&Index> = indexes
            .iter()
            .filter(|index| index.records == **pattern)
            .collect();
        for record in Matching::all(&*snapshot, pattern.shape()) {
            let record = record?;
            if indexes.iter().any(|index| index.has(&record.key)) {
                continue;
            }
            report.records += u64::from(!earlier.iter().any(|shape| shape.has(&record.key)));
            for index in &of_pattern {
                if let Some(problem) = of_record(&*snapshot, index, &record)? {
                    told.insert(problem.key().clone());
                    report.tell(problem);
                }
            }
            if !goes_on(&report) {
                return Ok(report);
            }
        }
    }
    for index in indexes {
        for entry in Matching::all(&*snapshot, index.shape()) {
            let entry = entry?;
            report.entries += 1;
            if !told.contains(&entry.key)
                && let Some(problem) = of_entry(&*snapshot, index, entry)?
            {
                report.tell(problem);
            }
            if !goes_on(&report) {
                return Ok(report);
            }
        }
    }
    report.is_complete = true;
    Ok(report)
}

/// What a record lacks in an index.
fn of_record(
    snapshot: &dyn Snapshot,
    index: &Index,
    record: &Entry,
) -> Result<Option<Problem>, DatabaseError> {
    let Some((key, value)) = index.entry_of(&record.key, &record.value) else {
        return Ok(None);
    };
    let Some(entry) = snapshot.get(&key)? else {
        let record = record.clone();
        return Ok(Some(Problem::NoEntry { record, key, value }));
    };
    if let Some(named) = index.record_of(&entry).filter(|named| *named != record.key)
        && let Some(other) = snapshot.get(&named)?
        && index
            .entry_of(&other.key, &other.value)
            .is_some_and(|(other, _)| other == key)
    {
        return Ok(Some(Problem::TwoRecords {
            entry,
            record: record.clone(),
        }));
    }
    Ok((entry.value != value).then(|| Problem::Disagrees {
        entry,
        record: record.clone(),
        value: Some(value),
    }))
}

/// What is wrong with an entry of an index that the look at its record has not told.
fn of_entry(snapshot: &dyn Snapshot, index: &Index, entry: Entry) -> Result<Option<Problem>, DatabaseError> {
    let named = index.record_of(&entry);
    let record = match &named {
        Some(key) => snapshot.get(key)?,
        None => None,
    };
    let Some(record) = record else {
        return Ok(Some(Problem::NoRecord { entry, record: named }));
    };
    let expected = index.entry_of(&record.key, &record.value);
    let is_its = expected.is_some_and(|(key, _)| key == entry.key);
    Ok((!is_its).then_some(Problem::Disagrees {
        entry,
        record,
        value: None,
    }))
}
