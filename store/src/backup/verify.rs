//! Looking at all of a backup: whether it holds what was backed up.

use std::ops::ControlFlow;

use super::BackupError;
use super::folder::Backup;
use super::sums::{Hashes, Sums};
use crate::entries::Entries;
use crate::key::{EncodedKey, KeyRange};
use crate::transfer::Progress;

/// Problems that are told in words.
const TOLD_PROBLEMS: usize = 100;
/// Entries between two reports of progress.
const PROGRESS_ENTRIES: u64 = 256;

/// What verifying found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyReport {
    /// Entries of the newest state.
    pub entries: u64,
    /// Bytes of their keys and values.
    pub bytes: u64,
    /// Past states that were followed back.
    pub past_states: u64,
    /// What was replaced or deleted since the oldest of them.
    pub past_entries: u64,
    /// How many problems there are.
    pub num_problems: u64,
    /// The first hundred of them, as sentences.
    pub problems: Vec<String>,
    /// Whether all was looked at; false after a cancel.
    pub complete: bool,
}

impl VerifyReport {
    /// Whether all of the backup was looked at and is as it was written.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.complete && self.num_problems == 0
    }

    fn problem(&mut self, problem: String) {
        self.num_problems += 1;
        if self.problems.len() < TOLD_PROBLEMS {
            self.problems.push(problem);
        }
    }
}

impl Backup {
    /// Reads all of the backup: the store and its tables, its newest state beside what its manifest says, and the way
    /// back to each past state beside what was known of that.
    ///
    /// # Errors
    /// If it cannot be read at all: what is wrong with it is told by the report.
    pub fn verify(
        &self,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<VerifyReport, BackupError> {
        let mut report = VerifyReport::default();
        let mut done = Progress::default();
        let checked = self.store.check(&mut |checked| {
            progress(Progress {
                entries: checked.entries,
                bytes: checked.bytes,
            })
        })?;
        if !checked.complete && checked.num_problems == 0 {
            return Ok(report);
        }
        checked
            .problems
            .into_iter()
            .for_each(|problem| report.problem(problem));
        done.entries = checked.entries;
        done.bytes = checked.bytes;
        if self
            .verify_newest(&mut report, &mut done, progress)?
            .is_continue()
            && self.verify_past(&mut report, &mut done, progress)?.is_continue()
        {
            report.complete = progress(done).is_continue();
        }
        Ok(report)
    }

    /// Compares what stands in the store with what the manifest says.
    fn verify_newest(
        &self,
        report: &mut VerifyReport,
        done: &mut Progress,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, BackupError> {
        let mut sums = Sums::new();
        for entry in Entries::of_now(&self.store, [KeyRange::everything()])? {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    report.problem(error.to_string());
                    break;
                }
            };
            sums.add(&entry);
            done.entries += 1;
            done.bytes += entry.size();
            if done.entries.is_multiple_of(PROGRESS_ENTRIES) && progress(*done).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        (report.entries, report.bytes) = (sums.all.entries, sums.all.bytes);
        let wanted = &self.newest()?.state.sums;
        for prefix in Hashes::of(&sums).differing(wanted) {
            report.problem(format!(
                "The folder does not hold what was backed up{}",
                below(&prefix)
            ));
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Goes back from state to state by what was replaced.
    fn verify_past(
        &self,
        report: &mut VerifyReport,
        done: &mut Progress,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, BackupError> {
        let newest = &self.newest()?.state;
        let mut hashes = Hashes::of(&newest.sums);
        let mut behind = newest.number;
        for number in self.past_numbers()?.into_iter().rev() {
            if number + 1 != behind {
                report.problem(format!(
                    "The way back from state {behind} is missing, which older ones rely on: {}",
                    self.past_path(behind.saturating_sub(1)).display()
                ));
                break;
            }
            behind = number;
            let opened = self.past(number);
            let (manifest, _replaced, records) = match opened {
                Ok(opened) => opened,
                Err(error) => {
                    report.problem(error.to_string());
                    break;
                }
            };
            let mut is_read = true;
            for record in records {
                let record = match record {
                    Ok(record) => record,
                    Err(error) => {
                        report.problem(error.to_string());
                        is_read = false;
                        break;
                    }
                };
                hashes.replace(&record.key, record.other, record.entry.as_ref());
                report.past_entries += u64::from(record.entry.is_some());
                done.entries += 1;
                done.bytes += record.entry.as_ref().map_or(0, crate::entry::Entry::size);
                if done.entries.is_multiple_of(PROGRESS_ENTRIES) && progress(*done).is_break() {
                    return Ok(ControlFlow::Break(()));
                }
            }
            report.past_states += 1;
            if is_read {
                for prefix in hashes.differing(&manifest.state.sums) {
                    report.problem(format!(
                        "What was replaced does not lead back to state {number}{}",
                        below(&prefix)
                    ));
                }
            }
            // Whatever is wrong with this one, the older ones are looked at by themselves.
            hashes = Hashes::of(&manifest.state.sums);
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// Where a state differs.
fn below(prefix: &EncodedKey) -> String {
    if prefix.as_bytes().is_empty() {
        String::new()
    } else {
        format!(" below {prefix}")
    }
}
