//! What a look at secondary indexes found.

use keyglass_store::EncodedKey;
use keyglass_store::indexes::{Index, IndexReport, Problem, RecordPattern};

use crate::format;
use crate::model::database_id::DatabaseId;

/// What a check of indexes found, to be looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexReview {
    /// Where the records are.
    pub database: DatabaseId,
    /// What the check found.
    pub finding: IndexFinding,
}

/// What a check of the indexes of some records found.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexFinding {
    /// What the keys of the records begin with.
    pub records: EncodedKey,
    /// Their indexes.
    pub indexes: Vec<Index>,
    /// Where these do not fit.
    pub report: IndexReport,
}

impl IndexFinding {
    /// How much was looked at, and how much of it does not fit: `9 records and 27 index entries: all fit`.
    #[must_use]
    pub fn summary(&self) -> String {
        let report = &self.report;
        let records = format::counted(report.records, "record", "records");
        let entries = format::counted(report.entries, "index entry", "index entries");
        let problems = report.problems.len() as u64 + report.more;
        let told = match problems {
            0 => "all fit".to_owned(),
            1 => "one does not fit".to_owned(),
            several => format!("{} do not fit", format::count(several)),
        };
        format!("{records} and {entries}: {told}")
    }
}

/// What one index is, among those of the records below a prefix: `["users_by_email"] by email`, with what its records are
/// where these are others, too: `["users_by_email"] by email, of ["orgs", *, "users", *]`.
#[must_use]
pub fn describe(index: &Index, records: &EncodedKey) -> String {
    if index.records == RecordPattern::below(records) {
        index.to_string()
    } else {
        format!("{index}, of {}", index.records)
    }
}

/// What does not fit, as a sentence.
#[must_use]
pub fn sentence(problem: &Problem) -> String {
    match problem {
        Problem::NoEntry { record, key, .. } => format!("{} has no index entry {key}", record.key),
        Problem::NoRecord {
            entry,
            record: Some(record),
        } => format!("{} names {record}, which is not there", entry.key),
        Problem::NoRecord { entry, record: None } => format!("{} names no record", entry.key),
        Problem::Disagrees {
            entry,
            record,
            value: Some(_),
        } => format!("{} says something else than {}", entry.key, record.key),
        Problem::Disagrees { entry, record, .. } => {
            format!(
                "{} is left over: {} belongs under another key",
                entry.key, record.key
            )
        }
        Problem::TwoRecords { entry, record } => {
            format!(
                "{} names another record, but {} belongs there, too",
                entry.key, record.key
            )
        }
    }
}
