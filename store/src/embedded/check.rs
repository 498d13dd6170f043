//! Verifying a store: every block is read, and every row must be what the layout says.

use std::ops::ControlFlow;

use fjall::Readable as _;

use super::engine::contain;
use super::history::is_row;
use super::layout::{QUEUE, RESERVED_VERSION, Record, expiry_row, parse_expiry_row};
use super::queue::parse_message;
use super::read::View;
use crate::key::EncodedKey;

/// Rows between two reports of progress.
const REPORTED_EVERY: u64 = 4096;
/// Problems that a report tells in words.
const TOLD_PROBLEMS: usize = 100;

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Entries that were read, expired ones among them.
    pub entries: u64,
    /// Bytes of their keys and values.
    pub bytes: u64,
    /// Entries that expire.
    pub expiring_entries: u64,
    /// Messages in the queue.
    pub messages: u64,
    /// How many problems there are.
    pub num_problems: u64,
    /// The first hundred of them, as sentences.
    pub problems: Vec<String>,
    /// Whether everything was seen. A damaged block ends the check of what comes after it.
    pub complete: bool,
}

impl CheckReport {
    /// Whether all of the store was seen and found good.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.complete && self.num_problems == 0
    }

    pub(super) fn problem(&mut self, problem: String) {
        self.num_problems += 1;
        if self.problems.len() < TOLD_PROBLEMS {
            self.problems.push(problem);
        }
    }
}

impl View {
    /// Reads and verifies every row, and adds what it finds to a report. `progress` hears the report so far and may
    /// break off.
    pub(super) fn check(
        &self,
        report: &mut CheckReport,
        progress: &mut dyn FnMut(&CheckReport) -> ControlFlow<()>,
    ) {
        let reserved = self.snapshot.get(&self.engine.aux, RESERVED_VERSION);
        let reserved = reserved.ok().flatten();
        let reserved = reserved.and_then(|bytes| bytes.as_ref().try_into().ok().map(u64::from_be_bytes));
        report.complete = self.check_entries(reserved.unwrap_or(0), report, progress)
            && self.check_aux(report, progress)
            && self.check_history(report, progress);
    }

    /// Checks `kv`; whether all of it was seen.
    fn check_entries(
        &self,
        reserved: u64,
        report: &mut CheckReport,
        progress: &mut dyn FnMut(&CheckReport) -> ControlFlow<()>,
    ) -> bool {
        for guard in self.snapshot.iter(&self.engine.kv) {
            let (key, value) = match contain(|| guard.into_inner()) {
                Ok(row) => row,
                Err(failure) => {
                    report.problem(format!("Entries could not be read: {}", failure.describe()));
                    return false;
                }
            };
            let key = EncodedKey::from_bytes(key);
            report.entries += 1;
            if report.entries.is_multiple_of(REPORTED_EVERY) && progress(report).is_break() {
                return false;
            }
            let Ok(record) = Record::decode(value.into()) else {
                report.problem(format!("An entry is too short to be one: {key}"));
                continue;
            };
            report.bytes += (key.as_bytes().len() + record.payload.len()) as u64;
            if record.version > reserved {
                report.problem(format!("An entry is newer than the newest commit: {key}"));
            }
            if let Some(expires_at) = record.expires_at {
                report.expiring_entries += 1;
                let row = expiry_row(expires_at, key.as_bytes());
                match self.snapshot.contains_key(&self.engine.aux, row) {
                    Ok(true) => {}
                    Ok(false) => {
                        report.problem(format!("An entry that expires would never be removed: {key}"));
                    }
                    Err(error) => report.problem(self.engine.error("checking", &error).to_string()),
                }
            }
        }
        true
    }

    /// Checks `history`; whether all of it was seen.
    fn check_history(
        &self,
        report: &mut CheckReport,
        progress: &mut dyn FnMut(&CheckReport) -> ControlFlow<()>,
    ) -> bool {
        let Some(history) = self.engine.history.get() else {
            return true;
        };
        for (number, guard) in (1_u64..).zip(self.snapshot.iter(history)) {
            let (row, value) = match contain(|| guard.into_inner()) {
                Ok(row) => row,
                Err(failure) => {
                    report.problem(format!(
                        "Earlier versions could not be read: {}",
                        failure.describe()
                    ));
                    return false;
                }
            };
            if number.is_multiple_of(REPORTED_EVERY) && progress(report).is_break() {
                return false;
            }
            if !is_row(&row, value.into()) {
                report.problem("An earlier version is none that this format knows".to_owned());
            }
        }
        true
    }

    /// Checks `aux`; whether all of it was seen.
    fn check_aux(
        &self,
        report: &mut CheckReport,
        progress: &mut dyn FnMut(&CheckReport) -> ControlFlow<()>,
    ) -> bool {
        let mut num_rows = 0_u64;
        for guard in self.snapshot.iter(&self.engine.aux) {
            let (row, value) = match contain(|| guard.into_inner()) {
                Ok(row) => row,
                Err(failure) => {
                    report.problem(format!("The index could not be read: {}", failure.describe()));
                    return false;
                }
            };
            num_rows += 1;
            if num_rows.is_multiple_of(REPORTED_EVERY) && progress(report).is_break() {
                return false;
            }
            let is_good = if row.first() == Some(&QUEUE) {
                report.messages += 1;
                parse_message(&row, value.into()).is_some()
            } else {
                row.as_ref() == RESERVED_VERSION.as_slice() || parse_expiry_row(&row.into()).is_some()
            };
            if !is_good {
                report.problem("A row beside the entries is none that this format knows".to_owned());
            }
        }
        true
    }
}
