//! Blobs that are kept in parts: read to be shown, and written to a file.

use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keyglass_store::database::{Database, ReadRange, Snapshot};
use keyglass_store::new_file::NewFile;
use keyglass_store::{DatabaseError, Encoding, Entries, Entry};

use super::recogniser::recognise_safely;
use super::{Answers, JobProgress, job};
use crate::content::blob::{Blob, BlobFacts, BlobKey, BlobRow};
use crate::content::row::EntryRow;
use crate::deletion::Step;
use crate::errand::{Answer, FileTrouble, JobError};

/// The most bytes of a blob that are read to be shown.
const SHOWN_BYTES: usize = 16 << 20;
/// Parts that are read at once.
const PARTS_A_READ: usize = 32;

/// Reads a blob: counts all of it, and looks into it if it is not too long.
pub(super) fn read(database: &dyn Database, key: &BlobKey) -> Result<Blob, DatabaseError> {
    let facts = database.get(key.facts())?;
    let facts = facts.map(|facts| facts_of(&facts)).unwrap_or_default();
    let snapshot = database.snapshot()?;
    let mut blob = Blob {
        key: key.clone(),
        num_parts: 0,
        bytes: 0,
        num_lost: 0,
        facts,
        recognised: None,
    };
    let mut content = Vec::new();
    each_part(&*snapshot, key, |entry, number| -> Result<_, DatabaseError> {
        if number == Some(blob.num_parts + 1) && blob.num_lost == 0 {
            blob.num_parts += 1;
            blob.bytes += entry.value.bytes.len() as u64;
            if content.len() <= SHOWN_BYTES {
                content.extend_from_slice(&entry.value.bytes);
            }
        } else {
            blob.num_lost += 1;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    if !blob.facts.encrypted && content.len() as u64 == blob.bytes {
        blob.recognised = recognise_safely(&content);
    }
    Ok(blob)
}

/// The row of a blob, of its first entry: of the parts only the last one is looked at beside it.
pub(super) fn row(snapshot: &dyn Snapshot, first: &Entry, key: BlobKey) -> Result<EntryRow, DatabaseError> {
    let is_part = |entry: &Entry| entry.key != *key.facts();
    let last = snapshot.read(&ReadRange {
        range: key.parts(),
        limit: 1,
        reverse: true,
    })?;
    let last = last.first();
    let number = last.and_then(|last| BlobKey::of_entry(&last.key)?.1);
    let length = |entry: &Entry| entry.value.bytes.len() as u64;
    let facts = snapshot.get(key.facts())?;
    let facts = facts.map(|facts| facts_of(&facts)).unwrap_or_default();
    let (first_length, last_length) = (
        if is_part(first) { length(first) } else { 0 },
        last.map_or(0, length),
    );
    let blob = BlobRow::new(key, number.unwrap_or(0), first_length, last_length, facts);
    Ok(EntryRow::of_blob(first, blob))
}

fn facts_of(entry: &Entry) -> BlobFacts {
    entry
        .value
        .decode()
        .map(|value| BlobFacts::of(&value))
        .unwrap_or_default()
}

/// Visits the entries of the parts in order, with the number of each that is bytes.
fn each_part<E: From<DatabaseError>>(
    snapshot: &dyn Snapshot,
    key: &BlobKey,
    mut visit: impl FnMut(&Entry, Option<u64>) -> Result<ControlFlow<()>, E>,
) -> Result<(), E> {
    for entry in Entries::of_snapshot(snapshot, [key.parts()]).pages_of(PARTS_A_READ) {
        let entry = entry?;
        let number = BlobKey::of_entry(&entry.key)
            .filter(|(of, _)| of == key && entry.value.encoding == Encoding::Bytes)
            .and_then(|(_, number)| number);
        if visit(&entry, number)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// Writes a blob to a file, on a thread of its own.
pub(super) fn export(
    database: &Arc<dyn Database>,
    answers: &Answers,
    job: u64,
    key: BlobKey,
    path: PathBuf,
) -> Arc<JobProgress> {
    let target = path.clone();
    job::spawn(
        "blob export",
        database,
        answers,
        move |database, step| write(database, &key, &target, step),
        move |written| Answer::BlobExported { job, path, written },
    )
}

/// Writes the parts; a cancelled export leaves what was there. The number of bytes; `None` if it was cancelled.
fn write(
    database: &dyn Database,
    key: &BlobKey,
    path: &Path,
    step: Step<'_>,
) -> Result<Option<u64>, JobError> {
    let failed = |error| FileTrouble::Write.at(path)(error);
    let snapshot = database.snapshot()?;
    let mut file = NewFile::create(path).map_err(failed)?;
    let (mut num_parts, mut bytes, mut is_cancelled) = (0, 0, false);
    each_part(&*snapshot, key, |entry, number| -> Result<_, JobError> {
        if number != Some(num_parts + 1) {
            return Ok(ControlFlow::Break(()));
        }
        file.write_all(&entry.value.bytes).map_err(failed)?;
        num_parts += 1;
        bytes += entry.value.bytes.len() as u64;
        let flow = step(num_parts);
        is_cancelled = flow.is_break();
        Ok(flow)
    })?;
    if is_cancelled {
        return Ok(None);
    }
    file.finish().map_err(failed)?;
    Ok(Some(bytes))
}
