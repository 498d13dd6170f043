//! A file that holds what an import replaces, so that it can be taken back.
//!
//! It is a file of the interchange format with further lines. `{"batch":N}` begins what a commit replaces: a line
//! for each key, which is the entry that stands there, or `{"absent":true,"key":…}` where none does. Where the commit
//! deletes the entry, its line has `"deleted":true`. `{"batch":N,"committed":"…"}` tells the commit's versionstamp,
//! `{"batch":N,"abandoned":true}` that there was no such commit; where neither follows, it is not known.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use keyglass_store::entry::json::{self, ParsedEntry};
use keyglass_store::key::EncodedKey;
use keyglass_store::transfer::{self, Journal};
use keyglass_store::{Entry, Versionstamp};

const BATCH: &str = "{\"batch\":";
const ABSENT: &str = "{\"absent\":true,";
const DELETED: &str = "{\"deleted\":true,";

/// Writes such a file.
pub(super) struct JournalFile {
    file: BufWriter<File>,
}

impl JournalFile {
    /// Makes a file of this name, or of one like it that is free, and tells which.
    pub(super) fn create(wanted: &Path) -> io::Result<(Self, PathBuf)> {
        let stem = wanted
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        make_folder(wanted)?;
        let mut path = wanted.to_owned();
        let mut number = 1;
        loop {
            match OpenOptions::new().append(true).create_new(true).open(&path) {
                Ok(file) => {
                    let file = BufWriter::new(file);
                    return Ok((Self { file }, path));
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    number += 1;
                    path = wanted.with_file_name(format!("{stem}-{number}.ndjson"));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Goes on with a file, or makes it.
    pub(super) fn append_to(path: &Path) -> io::Result<Self> {
        make_folder(path)?;
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        // A line whose writing failed ends here.
        if file.seek(SeekFrom::End(0))? > 0 {
            file.seek(SeekFrom::End(-1))?;
            let mut last = [0];
            file.read_exact(&mut last)?;
            if last != *b"\n" {
                file.write_all(b"\n")?;
            }
        }
        Ok(Self {
            file: BufWriter::new(file),
        })
    }

    /// Notes what a commit replaces: for each key what stands there, and whether the commit deletes it.
    pub(super) fn replaced<'a>(
        &mut self,
        batch: u64,
        replaced: impl IntoIterator<Item = (&'a EncodedKey, Option<&'a Entry>, bool)>,
    ) -> io::Result<()> {
        writeln!(self.file, "{BATCH}{batch}}}")?;
        for (key, before, deleted) in replaced {
            match before {
                None => writeln!(self.file, "{ABSENT}{}}}", json::key_fields(key))?,
                Some(entry) => {
                    let text = json::entry_line(entry).text;
                    match text.strip_prefix('{') {
                        Some(rest) if deleted => writeln!(self.file, "{DELETED}{rest}")?,
                        _ => writeln!(self.file, "{text}")?,
                    }
                }
            }
        }
        self.file.flush()
    }
}

impl Journal for JournalFile {
    fn before(&mut self, batch: u64, replaced: &[transfer::Replaced]) -> io::Result<()> {
        self.replaced(
            batch,
            replaced
                .iter()
                .map(|one| (&one.key, one.before.as_ref(), one.deleted)),
        )?;
        // Nothing is lost where nothing stood.
        if replaced.iter().any(|one| one.before.is_some()) {
            self.file.get_ref().sync_data()?;
        }
        Ok(())
    }

    fn committed(&mut self, batch: u64, versionstamp: Versionstamp) -> io::Result<()> {
        writeln!(self.file, "{BATCH}{batch},\"committed\":\"{versionstamp}\"}}")?;
        self.file.flush()
    }

    fn abandoned(&mut self, batch: u64) -> io::Result<()> {
        writeln!(self.file, "{BATCH}{batch},\"abandoned\":true}}")?;
        self.file.flush()
    }
}

fn make_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)
}

/// What a commit replaced under one key.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Replaced {
    pub key: EncodedKey,
    /// What stood there.
    pub before: Option<ParsedEntry>,
    /// The commit deleted it.
    pub deleted: bool,
}

/// Reads such a file.
pub(super) struct JournalReader {
    file: BufReader<File>,
    batches: Vec<Batch>,
    /// The versionstamps of its commits.
    pub marks: HashSet<Versionstamp>,
}

/// A commit, or what may have been one.
struct Batch {
    /// Where its lines begin.
    offset: u64,
    /// It is known that it was committed.
    is_committed: bool,
    /// It is known that it was not.
    is_abandoned: bool,
}

impl JournalReader {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut file = BufReader::new(File::open(path)?);
        let mut batches: Vec<Batch> = Vec::new();
        let mut marks = HashSet::new();
        let mut latest = HashMap::new();
        let mut offset = 0;
        let mut line = Vec::new();
        loop {
            line.clear();
            let read = file.read_until(b'\n', &mut line)?;
            if read == 0 {
                break;
            }
            offset += read as u64;
            if !line.starts_with(BATCH.as_bytes()) {
                continue;
            }
            let Ok(fields) = serde_json::from_slice::<serde_json::Value>(&line) else {
                continue;
            };
            let Some(number) = fields.get("batch").and_then(serde_json::Value::as_u64) else {
                continue;
            };
            let of_number = latest.get(&number).copied();
            let known = of_number.and_then(|index: usize| batches.get_mut(index));
            let mark = fields.get("committed").and_then(serde_json::Value::as_str);
            if let Some(mark) = mark.and_then(|mark| mark.parse().ok()) {
                marks.insert(mark);
                if let Some(batch) = known {
                    batch.is_committed = true;
                }
            } else if fields.get("abandoned").is_some() {
                if let Some(batch) = known {
                    batch.is_abandoned = true;
                }
            } else {
                latest.insert(number, batches.len());
                batches.push(Batch {
                    offset,
                    is_committed: false,
                    is_abandoned: false,
                });
            }
        }
        batches.retain(|batch| !batch.is_abandoned);
        Ok(Self { file, batches, marks })
    }

    /// The last commit that was not read yet, and whether it is known that it was made.
    pub(super) fn pop(&mut self) -> io::Result<Option<(Vec<Replaced>, bool)>> {
        let Some(batch) = self.batches.pop() else {
            return Ok(None);
        };
        self.file.seek(SeekFrom::Start(batch.offset))?;
        let mut replaced = Vec::new();
        let mut line = String::new();
        loop {
            line.clear();
            if self.file.read_line(&mut line)? == 0 || line.starts_with(BATCH) {
                break;
            }
            match parse(line.trim_end()) {
                Ok(one) => replaced.push(one),
                // It was being written when that failed, and so it was not committed.
                Err(_) if !batch.is_committed => break,
                Err(error) => return Err(error),
            }
        }
        Ok(Some((replaced, batch.is_committed)))
    }
}

fn parse(line: &str) -> io::Result<Replaced> {
    let damaged = |reason: String| io::Error::new(io::ErrorKind::InvalidData, reason);
    if line.starts_with(ABSENT) {
        let key = json::key_of_line(line).ok_or_else(|| damaged("a line without a key".to_owned()))?;
        return Ok(Replaced {
            key,
            before: None,
            deleted: false,
        });
    }
    let entry = json::parse_entry_line(line).map_err(|error| damaged(error.to_string()))?;
    Ok(Replaced {
        key: entry.key.clone(),
        before: Some(entry),
        deleted: line.starts_with(DELETED),
    })
}

#[cfg(test)]
mod tests {
    use keyglass_store::{Encoding, StoredValue};

    use super::*;

    fn key(number: u8) -> EncodedKey {
        EncodedKey::from_bytes(vec![2, number, 0])
    }

    /// An entry whose value cannot be read.
    fn entry(number: u8) -> Entry {
        Entry {
            key: key(number),
            value: StoredValue {
                encoding: Encoding::from_number(200),
                bytes: vec![number, 0xff].into(),
            },
            versionstamp: Versionstamp::from_counter(7),
            expires_at: Some(1_795_435_200_000),
        }
    }

    fn new(number: u8) -> transfer::Replaced {
        transfer::Replaced {
            key: key(number),
            before: None,
            deleted: false,
        }
    }

    fn replaced(entry: Entry) -> transfer::Replaced {
        transfer::Replaced {
            key: entry.key.clone(),
            before: Some(entry),
            deleted: false,
        }
    }

    #[test]
    fn what_was_replaced_is_read_back_from_the_last_commit_to_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let wanted = folder.path().join("undo").join("1.ndjson");
        let (mut file, path) = JournalFile::create(&wanted).unwrap();
        assert_eq!(path, wanted);
        file.before(0, &[new(b'a'), replaced(entry(b'b'))]).unwrap();
        file.committed(0, Versionstamp::from_counter(8)).unwrap();
        file.before(1, &[new(b'c')]).unwrap();
        file.abandoned(1).unwrap();
        let gone = entry(b'd');
        file.replaced(2, [(&gone.key, Some(&gone), true)]).unwrap();
        file.committed(2, Versionstamp::from_counter(9)).unwrap();
        file.before(3, &[new(b'e')]).unwrap();
        drop(file);
        // What broke off is not a line.
        OpenOptions::new()
            .append(true)
            .open(&path)
            .unwrap()
            .write_all(b"{\"key\":[{\"ty")
            .unwrap();
        let mut file = JournalFile::append_to(&path).unwrap();
        file.before(0, &[new(b'f')]).unwrap();
        file.committed(0, Versionstamp::from_counter(10)).unwrap();
        drop(file);

        let mut reader = JournalReader::open(&path).unwrap();
        assert_eq!(reader.marks, [8, 9, 10].map(Versionstamp::from_counter).into());
        let mut read = Vec::new();
        while let Some((batch, is_committed)) = reader.pop().unwrap() {
            let batch: Vec<_> = batch
                .iter()
                .map(|one| (one.key.as_bytes()[1], one.before.is_some(), one.deleted))
                .collect();
            read.push((batch, is_committed));
        }
        assert_eq!(
            read,
            [
                (vec![(b'f', false, false)], true),
                (vec![(b'e', false, false)], false),
                (vec![(b'd', true, true)], true),
                (vec![(b'a', false, false), (b'b', true, false)], true),
            ]
        );
        let mut reader = JournalReader::open(&path).unwrap();
        let before = std::iter::from_fn(|| reader.pop().unwrap())
            .flat_map(|(batch, _)| batch)
            .find(|one| one.key == key(b'b'))
            .and_then(|one| one.before)
            .unwrap();
        assert_eq!(
            (before.value, before.expires_at),
            (entry(b'b').value, entry(b'b').expires_at)
        );
        // A name that is taken is not written over.
        assert_ne!(JournalFile::create(&wanted).unwrap().1, wanted);
    }
}
