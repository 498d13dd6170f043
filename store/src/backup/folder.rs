//! The folder of a backup: its files, and the order in which they take each other's place.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::BackupError;
use super::manifest::{FORMAT, Manifest, Source, State};
use super::records::RecordReader;
use crate::clock::Clock;
use crate::embedded::{self, OpenOptions, Store};
use crate::new_file::{NewFile, UNFINISHED};

const ROOM: &str = "backup";
/// What the backup is.
const MANIFEST: &str = "manifest.json";
/// What it will be as soon as what was read is in the store.
const NEXT: &str = "next.json";
/// What differs from the store, once the database was read to its end.
const READ: &str = "read";
/// The same, while it is read.
const READING: &str = "reading";
/// The way back to earlier states.
const PAST: &str = "past";

/// A clock by which nothing ever expires: what a backup holds stays, whenever it is looked at.
const LONG_AGO: i64 = i64::MIN / 4;
/// As much of the disk's contents as is kept in memory.
const CACHE_BYTES: u64 = 64 << 20;

/// A backup that is open: nobody else has it meanwhile.
pub struct Backup {
    pub(super) path: PathBuf,
    /// By a clock that stands still, so that what has expired since is still there.
    pub(super) store: Store,
    pub(super) manifest: Option<Manifest>,
}

/// Whether a folder is a backup, found out by looking.
#[must_use]
pub fn is_backup(folder: &Path) -> bool {
    embedded::keeps_expired(folder)
}

fn options() -> OpenOptions {
    OpenOptions::new()
        .clock(Clock::from_fn(|| LONG_AGO))
        .cache_bytes(CACHE_BYTES)
        .keep_expired()
}

impl Backup {
    /// Opens a backup to look at it, verify it and restore from it. Where it was broken off after it was whole, that is
    /// finished first.
    ///
    /// # Errors
    /// If there is none, none in it is whole, or another process has it.
    pub fn open(folder: &Path) -> Result<Self, BackupError> {
        if !is_backup(folder) {
            return Err(if embedded::is_database(folder) {
                BackupError::NotABackup(folder.to_owned())
            } else {
                BackupError::NotFound(folder.to_owned())
            });
        }
        let store = options().read_only_if_unwritable().open(folder)?;
        let mut backup = Self {
            path: folder.to_owned(),
            store,
            manifest: None,
        };
        let is_writable = backup.store.is_writable();
        if backup.next_path().exists() && !is_writable {
            return Err(BackupError::NotInPlace(folder.to_owned()));
        }
        backup.begin()?;
        if backup.manifest.is_none() {
            return Err(BackupError::NoneWhole(folder.to_owned()));
        }
        Ok(backup)
    }

    /// Opens the backup in a folder to go on with it, or makes one in a folder that is empty or does not exist.
    pub(super) fn open_or_make(folder: &Path) -> Result<Self, BackupError> {
        let store = if is_backup(folder) {
            options().open(folder)?
        } else if embedded::is_whole(folder) {
            return Err(BackupError::NotABackup(folder.to_owned()));
        } else {
            options().create(folder)?
        };
        let mut backup = Self {
            path: folder.to_owned(),
            store,
            manifest: None,
        };
        let past = backup.room().join(PAST);
        fs::create_dir_all(&past).map_err(|error| BackupError::io(error, &past))?;
        backup.begin()?;
        Ok(backup)
    }

    /// Finishes what was broken off after it was whole, and reads what the backup is.
    fn begin(&mut self) -> Result<(), BackupError> {
        self.manifest = read_manifest(&self.room().join(MANIFEST))?;
        if let Some(next) = read_manifest(&self.next_path())? {
            self.put_in_place(next)?;
        }
        if self.store.is_writable() {
            self.remove_unfinished();
        }
        Ok(())
    }

    fn room(&self) -> PathBuf {
        self.path.join(ROOM)
    }

    fn next_path(&self) -> PathBuf {
        self.room().join(NEXT)
    }

    pub(super) fn read_path(&self) -> PathBuf {
        self.room().join(READ)
    }

    pub(super) fn reading_path(&self) -> PathBuf {
        self.room().join(READING)
    }

    pub(super) fn past_path(&self, number: u64) -> PathBuf {
        self.room().join(PAST).join(format!("{number:016}"))
    }

    /// The newest state.
    ///
    /// # Errors
    /// If no backup is whole yet.
    pub fn newest(&self) -> Result<&Manifest, BackupError> {
        let none = || BackupError::NoneWhole(self.path.clone());
        self.manifest.as_ref().ok_or_else(none)
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All states, the oldest first.
    ///
    /// # Errors
    /// If none is whole, or the file of one cannot be read.
    pub fn states(&self) -> Result<Vec<State>, BackupError> {
        let newest = self.newest()?;
        let mut states = Vec::new();
        for number in self.past_numbers()? {
            states.push(self.past(number)?.0.state);
        }
        states.push(newest.state.clone());
        Ok(states)
    }

    /// What a past state was, when it was replaced in milliseconds since the Unix epoch, and the records that lead to it
    /// from the state behind.
    pub(super) fn past(&self, number: u64) -> Result<(Manifest, i64, RecordReader), BackupError> {
        let path = self.past_path(number);
        let reader = RecordReader::open(&path)?;
        let parsed = Manifest::parse(&reader.header);
        let replaced = reader.header.get("replaced").and_then(Json::as_i64);
        match (parsed, replaced) {
            (Some(manifest), Some(replaced)) if manifest.state.number == number => {
                Ok((manifest, replaced, reader))
            }
            _ => Err(BackupError::Damaged {
                reason: "it does not say of which state it is".to_owned(),
                path,
            }),
        }
    }

    /// The header of the file of a past state.
    pub(super) fn past_header(manifest: &Manifest, replaced: i64) -> Json {
        let mut header = manifest.json();
        if let Json::Object(members) = &mut header {
            members.insert("replaced".to_owned(), json!(replaced));
        }
        header
    }

    /// The numbers of the past states, the oldest first. A file behind the newest state was written for one that never
    /// came to be.
    pub(super) fn past_numbers(&self) -> Result<Vec<u64>, BackupError> {
        let newest = self.manifest.as_ref().map_or(0, |manifest| manifest.state.number);
        let folder = self.room().join(PAST);
        let files = match fs::read_dir(&folder) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(BackupError::io(error, &folder)),
        };
        let mut numbers = Vec::new();
        for file in files {
            let file = file.map_err(|error| BackupError::io(error, &folder))?;
            let name = file.file_name();
            let number = name.to_str().and_then(|name| name.parse::<u64>().ok());
            numbers.extend(number.filter(|number| *number < newest));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Forgets states that were replaced before a moment, the oldest first, and tells how many.
    pub(super) fn forget_before(&self, moment: i64) -> Result<u64, BackupError> {
        let mut forgotten = 0;
        for number in self.past_numbers()? {
            // One that cannot be read is left to verifying, and so is what relies on it.
            let Ok((_, replaced, _)) = self.past(number) else {
                break;
            };
            if replaced >= moment {
                break;
            }
            let path = self.past_path(number);
            #[cfg(test)]
            super::killing::may_be_killed()?;
            fs::remove_file(&path).map_err(|error| BackupError::io(error, &path))?;
            forgotten += 1;
        }
        Ok(forgotten)
    }

    /// Says what the backup is, where nothing else changes.
    pub(super) fn confirm(&mut self, manifest: Manifest) -> Result<(), BackupError> {
        write_json(&self.room().join(MANIFEST), &manifest.json())?;
        #[cfg(test)]
        super::killing::may_be_killed()?;
        self.manifest = Some(manifest);
        self.forget_readings();
        Ok(())
    }

    /// Makes what was read the newest state: from here on it is, whatever happens.
    pub(super) fn settle(&mut self, next: Manifest) -> Result<(), BackupError> {
        write_json(&self.next_path(), &next.json())?;
        #[cfg(test)]
        super::killing::may_be_killed()?;
        self.put_in_place(next)
    }

    /// Puts what was read into the store, which may have it already.
    fn put_in_place(&mut self, next: Manifest) -> Result<(), BackupError> {
        let read = self.read_path();
        // After it all is in place but the names of the files.
        if read.exists() {
            RecordReader::validate(&read)?;
            self.store.put_exactly::<BackupError, _>(&|| {
                let records = RecordReader::open(&read)?;
                Ok(records.map(|record| record.map(|record| (record.key, record.entry))))
            })?;
        }
        #[cfg(test)]
        super::killing::may_be_killed()?;
        let (from, to) = (self.next_path(), self.room().join(MANIFEST));
        fs::rename(&from, &to).map_err(|error| BackupError::io(error, &to))?;
        sync_folder(&self.room());
        #[cfg(test)]
        super::killing::may_be_killed()?;
        self.manifest = Some(next);
        self.forget_readings();
        Ok(())
    }

    /// Removes what was read of a database.
    pub(super) fn forget_readings(&self) {
        for path in [self.reading_path(), self.read_path()] {
            // What stays is written over, or read again and found to be of no use.
            let _removed = fs::remove_file(path);
        }
    }

    /// Removes files that a process had begun which was killed.
    fn remove_unfinished(&self) {
        for folder in [self.room(), self.room().join(PAST)] {
            for file in fs::read_dir(folder).into_iter().flatten().flatten() {
                let name = file.file_name();
                if name.to_str().is_some_and(|name| name.starts_with(UNFINISHED)) {
                    let _gone = fs::remove_file(file.path());
                }
            }
        }
    }

    /// Refuses another database than that which the backup is of.
    pub(super) fn check_source(&self, source: &Source) -> Result<(), BackupError> {
        match &self.manifest {
            Some(manifest) if !manifest.source.is(source) => Err(BackupError::AnotherSource {
                of: manifest.source.location.clone(),
                path: self.path.clone(),
            }),
            _ => Ok(()),
        }
    }
}

fn read_manifest(path: &Path) -> Result<Option<Manifest>, BackupError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(BackupError::io(error, path)),
    };
    let json: Json = serde_json::from_slice(&text).unwrap_or_default();
    let format = json.get("format").and_then(Json::as_u64);
    if format.is_some_and(|format| format > FORMAT) {
        return Err(BackupError::NewerFormat(path.to_owned()));
    }
    let damaged = || BackupError::Damaged {
        reason: "it does not say what the backup is".to_owned(),
        path: path.to_owned(),
    };
    Manifest::parse(&json).map(Some).ok_or_else(damaged)
}

fn write_json(path: &Path, json: &Json) -> Result<(), BackupError> {
    let write = || {
        let mut file = NewFile::create(path)?;
        writeln!(file, "{json:#}")?;
        file.finish()
    };
    write().map_err(|error| BackupError::io(error, path))
}

/// Not every system can be asked for that.
fn sync_folder(folder: &Path) {
    let _synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
}

/// Gives what was read its name, once it is on the disk.
pub(super) fn give_name(file: fs::File, from: &Path, to: &Path) -> Result<(), BackupError> {
    file.sync_all().map_err(|error| BackupError::io(error, from))?;
    drop(file);
    fs::rename(from, to).map_err(|error| BackupError::io(error, to))?;
    if let Some(folder) = to.parent() {
        sync_folder(folder);
    }
    Ok(())
}
