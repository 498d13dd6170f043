//! Takes an import back by its undo file, or what was taken back: each entry only if it is still as it was left.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyglass_store::transfer::{Journal as _, Remark};
use keyglass_store::{
    AtomicOperation, CommitError, CommitOutcome, Database, DatabaseError, Entry, Versionstamp,
};

use super::journal_file::{JournalFile, JournalReader, Replaced};
use super::{Answers, JobProgress, job};
use crate::deletion::Step;
use crate::errand::{Answer, FileTrouble, JobError, TakenBack};
use crate::undo_files::UndoFile;

/// The first file tells what is taken back, and the second one is to tell the same of that.
pub(super) fn spawn(
    database: &Arc<dyn Database>,
    answers: &Answers,
    job: u64,
    (undo_file, redo_file): (PathBuf, PathBuf),
    expires_at: Option<i64>,
) -> Arc<JobProgress> {
    job::spawn(
        "undo import",
        database,
        answers,
        move |database, step| {
            let mut done = TakenBack::default();
            let files = (undo_file.as_path(), redo_file.as_path());
            let result = take_back(database, files, expires_at, &mut done, step);
            Ok((done, result))
        },
        move |ended| {
            let (done, result) = ended.unwrap_or_else(|reason| (TakenBack::default(), Err(reason)));
            Answer::TakenBack {
                job,
                done: Box::new(done),
                result,
            }
        },
    )
}

fn take_back(
    database: &dyn Database,
    (undo_file, redo_file): (&Path, &Path),
    expires_at: Option<i64>,
    done: &mut TakenBack,
    step: Step<'_>,
) -> Result<(), JobError> {
    let unreadable = |error| FileTrouble::ReadUndo.at(undo_file)(error);
    let unwritable = |error| FileTrouble::WriteUndo.at(redo_file)(error);
    let journal = JournalFile::append_to(redo_file).map_err(unwritable)?;
    done.redo_file = Some(UndoFile::hold(redo_file).map_err(unwritable)?);
    let mut reader = JournalReader::open(undo_file).map_err(unreadable)?;
    let marks = std::mem::take(&mut reader.marks);
    let mut work = Work {
        database,
        marks,
        own: HashSet::new(),
        journal,
        num_batches: 0,
        expires_at,
    };
    // The last commit first: where one replaced what an earlier one had stored, the earlier state comes last.
    while let Some((replaced, is_committed)) = reader.pop().map_err(unreadable)? {
        work.take_back(replaced, is_committed, done)
            .map_err(|error| match error {
                Failure::Journal(error) => unwritable(error),
                Failure::Database(error) => error.into(),
                Failure::Commit(error) => error.into(),
            })?;
        if step(seen(done)).is_break() {
            return Ok(());
        }
    }
    done.complete = true;
    // All that it holds is in the database again.
    if done.kept.count == 0 {
        let _removed_later = std::fs::remove_file(undo_file);
    }
    Ok(())
}

enum Failure {
    Journal(std::io::Error),
    Database(DatabaseError),
    Commit(CommitError),
}

struct Work<'a> {
    database: &'a dyn Database,
    /// The commits that are taken back.
    marks: HashSet<Versionstamp>,
    /// The commits that take them back.
    own: HashSet<Versionstamp>,
    journal: JournalFile,
    num_batches: u64,
    /// The expiry of entries that had none that anybody could see.
    expires_at: Option<i64>,
}

/// What is to be done with one key.
enum Decision {
    /// It stands there as it was left.
    TakeBack,
    /// It is as it was before.
    Done,
    /// It stays, for this reason.
    Keep(&'static str),
}

impl Work<'_> {
    /// Takes one commit back, in as many as its earlier values need.
    fn take_back(
        &mut self,
        mut rest: Vec<Replaced>,
        is_committed: bool,
        done: &mut TakenBack,
    ) -> Result<(), Failure> {
        let limits = self.database.capabilities().limits;
        while !rest.is_empty() {
            let keys: Vec<_> = rest.iter().map(|one| one.key.clone()).collect();
            let current = self.database.get_many(&keys).map_err(Failure::Database)?;
            let mut now = Vec::new();
            let mut later = Vec::new();
            let mut bytes = 0;
            for (one, current) in rest.into_iter().zip(current) {
                match self.decide(&one, current.as_ref(), is_committed) {
                    Decision::Done => {}
                    Decision::Keep(reason) => keep(done, &one, reason),
                    Decision::TakeBack => {
                        let value = one.before.as_ref().map_or(0, |before| before.value.bytes.len());
                        bytes += 3 * one.key.as_bytes().len() + value;
                        if now.is_empty() || (bytes <= limits.commit_bytes && now.len() < limits.checks) {
                            now.push((one, current));
                        } else {
                            later.push(one);
                        }
                    }
                }
            }
            rest = later;
            // Those of a conflict are looked at once more.
            rest.extend(self.commit(now, done)?);
        }
        Ok(())
    }

    fn decide(&self, one: &Replaced, current: Option<&Entry>, is_committed: bool) -> Decision {
        match (current, &one.before) {
            (Some(entry), _) if self.own.contains(&entry.versionstamp) => Decision::Done,
            (Some(entry), _) if !one.deleted && self.marks.contains(&entry.versionstamp) => {
                Decision::TakeBack
            }
            (None, Some(_)) if one.deleted && is_committed => Decision::TakeBack,
            (None, None) => Decision::Done,
            (Some(entry), Some(before))
                if entry.value == before.value && entry.expires_at == before.expires_at =>
            {
                Decision::Done
            }
            _ if !is_committed => Decision::Keep("it is not known whether it was stored"),
            (Some(_), _) => Decision::Keep("it changed since"),
            (None, Some(_)) => Decision::Keep("it was deleted or expired since"),
        }
    }

    /// Commits, and gives back what has to be looked at again because it changed just now.
    fn commit(
        &mut self,
        changes: Vec<(Replaced, Option<Entry>)>,
        done: &mut TakenBack,
    ) -> Result<Vec<Replaced>, Failure> {
        if changes.is_empty() {
            return Ok(Vec::new());
        }
        let batch = self.num_batches;
        self.num_batches += 1;
        let replaced = changes
            .iter()
            .map(|(one, current)| (&one.key, current.as_ref(), one.before.is_none()));
        self.journal.replaced(batch, replaced).map_err(Failure::Journal)?;
        let operation = changes
            .iter()
            .fold(AtomicOperation::new(), |operation, (one, current)| {
                let stamp = current.as_ref().map(|entry| entry.versionstamp);
                let operation = operation.check(one.key.clone(), stamp);
                match &one.before {
                    Some(before) => {
                        let expires_at = before.expires_at.or(self.expires_at);
                        operation.set_expiring(one.key.clone(), before.value.clone(), expires_at)
                    }
                    None => operation.delete(one.key.clone()),
                }
            });
        match self.database.commit(operation) {
            Ok(CommitOutcome::Committed(mark)) => {
                self.own.insert(mark);
                let removed = changes.iter().filter(|(one, _)| one.before.is_none()).count();
                done.removed += removed as u64;
                done.restored += (changes.len() - removed) as u64;
                self.journal.committed(batch, mark).map_err(Failure::Journal)?;
                Ok(Vec::new())
            }
            Ok(CommitOutcome::Conflict(_) | CommitOutcome::MessagesChanged(_)) => {
                self.journal.abandoned(batch).map_err(Failure::Journal)?;
                Ok(changes.into_iter().map(|(one, _)| one).collect())
            }
            Err(error) => {
                if !matches!(error, CommitError::Unknown { .. }) {
                    self.journal.abandoned(batch).map_err(Failure::Journal)?;
                }
                Err(Failure::Commit(error))
            }
        }
    }
}

/// Entries that were decided on.
fn seen(done: &TakenBack) -> u64 {
    done.restored + done.removed + done.kept.count
}

fn keep(done: &mut TakenBack, replaced: &Replaced, reason: &str) {
    done.kept.add(Remark {
        line: None,
        key: Some(replaced.key.clone()),
        reason: reason.to_owned(),
    });
}
