//! Making a backup, and going on with one.

use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;

use serde_json::{Value as Json, json};

use super::BackupError;
use super::folder::{Backup, give_name};
use super::manifest::{Manifest, Source, State};
use super::reading::{Found, Sides, has_same_content, read};
use super::records::{Reached, Record, RecordReader, RecordWriter};
use super::sums::EntryHash;
use crate::database::Database;
use crate::entries::Entries;
use crate::key::KeyRange;
use crate::new_file::NewFile;
use crate::transfer::{MessageReport, Progress, Remarks, copy_messages};

/// How often a database without consistent snapshots is read at most, unless told otherwise.
pub const PASSES: u64 = 4;
/// Entries of a page of the database: the first one, and the others as long as they have at most so many bytes.
const FIRST_PAGE: usize = 256;
const PAGE: usize = 1000;
const PAGE_BYTES: u64 = 8 << 20;
/// Keys that are looked up together.
const LOOKED_UP: usize = 256;

/// How to back up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupOptions {
    /// How long what was replaced or deleted is kept, in milliseconds; `None`: for ever.
    pub keep: Option<i64>,
    /// How often a database without consistent snapshots is read at most, until nothing has changed meanwhile; at least
    /// once.
    pub passes: u64,
    /// Goes on also if the folder is the backup of another database.
    pub another_source: bool,
}

impl Default for BackupOptions {
    /// Everything is kept, and only of the same database.
    fn default() -> Self {
        Self {
            keep: None,
            passes: PASSES,
            another_source: false,
        }
    }
}

/// What a backup did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BackupReport {
    /// The newest state of the backup; `None` if none is whole.
    pub state: Option<State>,
    /// Entries that the backup did not have.
    pub new: u64,
    /// Entries of which it had something else.
    pub replaced: u64,
    /// Entries that the database does not have any more.
    pub deleted: u64,
    /// Entries that it had.
    pub same: u64,
    /// Entries that were left out because they have expired.
    pub expired: u64,
    /// Entries that no folder takes.
    pub errors: Remarks,
    /// What became of the queue; `None` if the database does not show it.
    pub messages: Option<MessageReport>,
    /// Whether it went on where an earlier one was broken off.
    pub resumed: bool,
    /// Whether somebody else had changed the folder since the last backup. What he put there is in its past state.
    pub altered: bool,
    /// Past states that are kept.
    pub kept_states: u64,
    /// Past states that were forgotten, because they were replaced too long ago.
    pub forgotten: u64,
    /// Whether it is whole; false after a cancel, and the backup before is the newest still.
    pub complete: bool,
}

/// Makes the folder `to` a backup of a database as it is now, or goes on with one that is there. A database without
/// consistent snapshots is read until nothing has changed while it was read, by its versionstamps; what did not come to
/// rest is told. `progress` hears how much was read, all passes together, and may break; what was read is kept for the
/// next call where that is of use.
///
/// # Errors
/// If the database fails, or the folder cannot be written or is none for this backup. The backup before stays the newest.
pub fn back_up(
    from: &dyn Database,
    to: &Path,
    options: &BackupOptions,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<BackupReport, BackupError> {
    let mut backup = Backup::open_or_make(to)?;
    let source = Source {
        location: from.location(),
        id: from.id(),
    };
    if !options.another_source {
        backup.check_source(&source)?;
    }
    Taking {
        from,
        source,
        backup: &mut backup,
        options,
        done: Progress::default(),
        report: BackupReport::default(),
    }
    .take(progress)
}

struct Taking<'a> {
    from: &'a dyn Database,
    source: Source,
    backup: &'a mut Backup,
    options: &'a BackupOptions,
    done: Progress,
    report: BackupReport,
}

impl Taking<'_> {
    fn take(
        mut self,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<BackupReport, BackupError> {
        let is_consistent = self.from.capabilities().consistent_snapshots;
        let mut go_on = if is_consistent {
            // One moment is read as a whole.
            self.backup.forget_readings();
            None
        } else {
            self.broken_off()
        };
        let mut passes = 0;
        let (found, moment) = loop {
            let began = self.backup.manifest.as_ref().map(|manifest| manifest.state.until);
            // Before the snapshot: what has expired by then is none of the backup.
            let moment = self.from.clock().now().max(began.unwrap_or(i64::MIN));
            let is_partial = go_on.is_some();
            let Some(found) = self.pass(go_on.take(), moment, progress)? else {
                self.report.state = self.backup.manifest.take().map(|manifest| manifest.state);
                return Ok(self.report);
            };
            passes += 1;
            // Of one that went on in the middle not all sums are known.
            let is_settled = is_consistent || found.moved == 0;
            if !is_partial && (is_settled || passes >= self.options.passes) {
                break (found, moment);
            }
        };
        self.finish(found, moment, passes, is_consistent)
    }

    /// By what a reading is known to be of the same database, and to begin with the same state of the backup.
    fn reading_header(&self) -> Json {
        let follows = self.backup.manifest.as_ref();
        json!({
            "source": self.source.location,
            "sourceId": self.source.id.as_ref().map(ToString::to_string),
            "follows": follows.map_or(0, |manifest| manifest.state.number),
        })
    }

    /// How far a reading came that was broken off; what is of no use goes.
    fn broken_off(&mut self) -> Option<Reached> {
        let header = self.reading_header();
        let open = |path: &Path| {
            let reader = RecordReader::open(path).ok()?;
            (reader.header == header).then_some(reader)
        };
        let read = self.backup.read_path();
        if open(&read).is_some() && RecordReader::validate(&read).is_ok() {
            self.report.resumed = true;
            return None;
        }
        let _of_no_use = std::fs::remove_file(&read);
        let reached = open(&self.backup.reading_path())?.reached();
        self.report.resumed = reached.is_some();
        reached
    }

    /// Reads the database once; `None` if that was broken off.
    fn pass(
        &mut self,
        go_on: Option<Reached>,
        moment: i64,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Option<Found>, BackupError> {
        let (reading, read_path) = (self.backup.reading_path(), self.backup.read_path());
        let io_error = |error| BackupError::io(error, &reading);
        let (mut writer, range) = match &go_on {
            None => {
                let file = File::create(&reading).map_err(io_error)?;
                let header = self.reading_header();
                let writer = RecordWriter::new(file, &header).map_err(io_error)?;
                (writer, KeyRange::everything())
            }
            Some(reached) => {
                let mut file = File::options().write(true).open(&reading).map_err(io_error)?;
                file.set_len(reached.bytes).map_err(io_error)?;
                file.seek(SeekFrom::End(0)).map_err(io_error)?;
                let rest = KeyRange::everything().after(&reached.key, false);
                (RecordWriter::go_on(file, reached.records), rest)
            }
        };
        let previous: Box<dyn Iterator<Item = Result<Record, BackupError>>> = if read_path.exists() {
            Box::new(RecordReader::open(&read_path)?)
        } else {
            Box::new(std::iter::empty())
        };
        let source = Entries::of_now(self.from, [range.clone()])?;
        let source = source.growing(FIRST_PAGE, PAGE, PAGE_BYTES);
        let store = Entries::of_now(&self.backup.store, [range])?;
        let limits = self.backup.store.capabilities().limits;
        let sides = Sides {
            source: source.peekable(),
            store: store.peekable(),
            previous: previous.peekable(),
        };
        let found = read(
            sides,
            moment,
            &limits,
            &mut writer,
            &io_error,
            &mut self.done,
            progress,
        )?;
        if !found.complete {
            return Ok(None);
        }
        let file = writer.finish().map_err(io_error)?;
        #[cfg(test)]
        super::killing::may_be_killed()?;
        give_name(file, &reading, &read_path)?;
        #[cfg(test)]
        super::killing::may_be_killed()?;
        Ok(Some(found))
    }

    /// Makes what was read the newest state.
    fn finish(
        mut self,
        found: Found,
        moment: i64,
        passes: u64,
        is_consistent: bool,
    ) -> Result<BackupReport, BackupError> {
        let capabilities = self.from.capabilities();
        let last = self.backup.manifest.clone();
        let differs = found.differing() > 0;
        let altered = last
            .as_ref()
            .is_some_and(|last| last.state.sums != found.of_store);
        let is_new = last.is_none() || differs || altered;
        let number = last.as_ref().map_or(0, |last| last.state.number);
        let unsettled = if is_consistent { 0 } else { found.moved };
        let mut state = State {
            number: number + u64::from(is_new),
            moment,
            until: moment,
            sums: found.sums.clone(),
            expiring: found.expiring,
            newest: found.newest,
            passes,
            unsettled,
            unsettled_named: Vec::new(),
            expiry: capabilities.expiry,
            queue: capabilities.queue,
        };
        if unsettled > 0 {
            state.unsettled_named.clone_from(&found.moved_named);
        }
        // A state that stands as it was is known from its moment on.
        if let Some(last) = last.as_ref().filter(|last| !is_new && last.state.is_settled()) {
            state.moment = last.state.moment;
            if !state.is_settled() {
                state.until = last.state.until;
                state.unsettled = 0;
                state.unsettled_named.clear();
            }
        }
        if let Some(mut last) = last.filter(|_| is_new) {
            last.state.sums = found.of_store.clone();
            self.write_past(&last, moment)?;
        }
        #[cfg(test)]
        super::killing::may_be_killed()?;
        if capabilities.queue {
            self.report.messages = Some(copy_messages(self.from, &self.backup.store, true)?);
        }
        let manifest = Manifest {
            source: self.source.clone(),
            state,
        };
        if RecordReader::open(&self.backup.read_path())?.next().is_none() {
            self.backup.confirm(manifest)?;
        } else {
            self.backup.settle(manifest)?;
        }
        if let Some(keep) = self.options.keep {
            let from = self.from.clock().now().saturating_sub(keep);
            self.report.forgotten = self.backup.forget_before(from)?;
        }
        let Found {
            new,
            replaced,
            deleted,
            same,
            expired,
            errors,
            ..
        } = found;
        Ok(BackupReport {
            state: self
                .backup
                .manifest
                .as_ref()
                .map(|manifest| manifest.state.clone()),
            new,
            replaced,
            deleted,
            same,
            expired,
            errors,
            altered,
            kept_states: self.backup.past_numbers()?.len() as u64,
            complete: true,
            ..self.report
        })
    }

    /// Writes the way back to what the store holds from what was read.
    fn write_past(&self, last: &Manifest, replaced: i64) -> Result<(), BackupError> {
        let path = self.backup.past_path(last.state.number);
        let io_error = |error| BackupError::io(error, &path);
        let file = NewFile::create(&path).map_err(io_error)?;
        let header = Backup::past_header(last, replaced);
        let mut writer = RecordWriter::new(file, &header).map_err(io_error)?;
        let mut records = RecordReader::open(&self.backup.read_path())?;
        loop {
            let page: Vec<Record> = records.by_ref().take(LOOKED_UP).collect::<Result<_, _>>()?;
            if page.is_empty() {
                break;
            }
            let keys: Vec<_> = page.iter().map(|record| record.key.clone()).collect();
            let there = self.backup.store.get_many(&keys)?;
            for (next, there) in page.into_iter().zip(there) {
                // Only the versionstamp is another one where the value is the same, which no state is known by.
                if has_same_content(next.entry.as_ref(), there.as_ref()) {
                    continue;
                }
                let back = Record {
                    key: next.key,
                    entry: there,
                    other: next.entry.as_ref().map(EntryHash::of),
                };
                writer.record(&back).map_err(io_error)?;
            }
        }
        let file = writer.finish().map_err(io_error)?;
        file.finish().map_err(io_error)
    }
}
