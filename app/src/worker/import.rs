//! Imports a file, after it was told what that would do.

use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyglass_store::entry::json::parse_entry_line;
use keyglass_store::transfer::{self, DefaultExpiry, Existing, ImportOptions, Progress, refusal};
use keyglass_store::{Database, Entry, Versionstamp};

use super::job::answer_from_thread;
use super::journal_file::JournalFile;
use super::{Answers, JobProgress};
use crate::content::row::EntryRow;
use crate::errand::{
    Answer, Fate, FileTrouble, ImportChoice, ImportPreview, Imported, JobError, PreviewedEntry,
};
use crate::undo_files::UndoFile;

/// Entries that are shown beforehand.
const FIRST: usize = 5;
/// Bytes of the file that are searched for them.
const FIRST_BYTES: u64 = 1 << 20;

/// Finds out what an import would do.
pub(super) fn preview(
    database: &Arc<dyn Database>,
    answers: &Answers,
    job: u64,
    choice: ImportChoice,
) -> Arc<JobProgress> {
    let progress = Arc::new(JobProgress::default());
    let (database, shared) = (Arc::clone(database), Arc::clone(&progress));
    answer_from_thread(
        "import preview",
        answers,
        move |answers| {
            let mut file = open(&choice.path, &shared)?;
            let report = transfer::import(&*database, &mut file, &choice.options(true), &mut |at| {
                shared.tell_of(at, answers)
            })?;
            let first = first_entries(&*database, &choice)?;
            Ok(Box::new(ImportPreview { report, first }))
        },
        move |preview| Answer::ImportPreviewed { job, preview },
    );
    progress
}

/// Imports, and writes to `undo_file`, or one of a like name, what is replaced.
pub(super) fn import(
    database: &Arc<dyn Database>,
    answers: &Answers,
    job: u64,
    (choice, undo_file): (ImportChoice, PathBuf),
    expires_at: Option<i64>,
) -> Arc<JobProgress> {
    let progress = Arc::new(JobProgress::default());
    let (database, shared) = (Arc::clone(database), Arc::clone(&progress));
    let path = choice.path.clone();
    answer_from_thread(
        "import",
        answers,
        move |answers| {
            let mut file = open(&choice.path, &shared)?;
            let made = JournalFile::create(&undo_file);
            let (mut journal, path) = made.map_err(FileTrouble::MakeUndo.at(&undo_file))?;
            let held = UndoFile::hold(&path).map_err(FileTrouble::MakeUndo.at(&undo_file))?;
            let options = ImportOptions {
                default_expiry: expires_at.map(|moment| DefaultExpiry {
                    moment,
                    replacing_only: true,
                }),
                ..choice.options(false)
            };
            let (report, result) =
                transfer::import_journaled(&*database, &mut file, &options, &mut journal, &mut |at| {
                    shared.tell_of(at, answers)
                });
            drop(journal);
            let undo_file = if report.stored == 0 && report.unknown == 0 {
                drop(held);
                let _removed_later = std::fs::remove_file(&path);
                None
            } else {
                Some(held)
            };
            Ok(Imported {
                report,
                undo_file,
                result,
            })
        },
        move |imported| Answer::Imported {
            job,
            path,
            imported: imported.map(Box::new),
        },
    );
    progress
}

fn open(path: &Path, progress: &JobProgress) -> Result<BufReader<File>, JobError> {
    let file = File::open(path).map_err(FileTrouble::Read.at(path))?;
    let metadata = file.metadata().map_err(FileTrouble::Read.at(path))?;
    if metadata.is_dir() {
        return Err(JobError::Folder(path.to_owned()));
    }
    progress.set_total_bytes(metadata.len());
    Ok(BufReader::new(file))
}

/// The first entries of the file, and what becomes of each.
fn first_entries(database: &dyn Database, choice: &ImportChoice) -> Result<Vec<PreviewedEntry>, JobError> {
    let file = File::open(&choice.path).map_err(FileTrouble::Read.at(&choice.path))?;
    let mut file = BufReader::new(file).take(FIRST_BYTES);
    let limits = database.capabilities().limits;
    let mut entries = Vec::new();
    let mut line = Vec::new();
    while entries.len() < FIRST {
        line.clear();
        let read = file.read_until(b'\n', &mut line);
        if read.map_err(FileTrouble::Read.at(&choice.path))? == 0 {
            break;
        }
        let Some(parsed) = std::str::from_utf8(&line)
            .ok()
            .and_then(|line| parse_entry_line(line.trim_start_matches('\u{feff}').trim()).ok())
        else {
            continue;
        };
        let key = choice.prefix.with_suffix(parsed.key.as_bytes());
        if refusal(&key, &parsed.value, &limits).is_none() {
            entries.push(Entry {
                key,
                value: parsed.value,
                versionstamp: Versionstamp::from_counter(0),
                expires_at: parsed.expires_at,
            });
        }
    }
    let keys: Vec<_> = entries.iter().map(|entry| entry.key.clone()).collect();
    let there = database.get_many(&keys)?;
    let now = database.clock().now();
    let previewed = entries.iter().zip(there).map(|(entry, there)| PreviewedEntry {
        row: EntryRow::new(entry),
        fate: match there {
            _ if entry.has_expired(now) => Fate::Expired,
            None => Fate::New,
            Some(_) if choice.existing == Existing::Overwrite => Fate::Overwrites,
            Some(_) => Fate::Skipped,
        },
    });
    Ok(previewed.collect())
}

impl JobProgress {
    fn tell_of(&self, at: Progress, answers: &Answers) -> ControlFlow<()> {
        self.set_bytes(at.bytes);
        self.tell(at.entries, answers)
    }
}
