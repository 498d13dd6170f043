//! What the window asks of the background, and what it hears.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use keyglass_store::database::{ChildrenPage, Counted, QueueMessage, Statistics};
use keyglass_store::key::{EncodedKey, KeyRange};
use keyglass_store::transfer::{ExportOptions, ExportReport, ImportReport};
use keyglass_store::{AtomicOperation, CommitError, CommitOutcome, Entry};

use super::{DeleteReport, Imported, Seek, TakenBack};
use crate::model::blob::{Blob, BlobKey};
use crate::model::copy::{Copied, CopyForm};
use crate::model::find::{FindProgress, FindRequest, Hit};
use crate::model::import::{ImportChoice, ImportPreview};
use crate::model::row::{EntryRow, LoadedEntry};
use crate::model::tree::Seen;
use crate::model::tree::sieve::{SieveState, SievedNode};
use crate::model::undo::States;
use crate::recognise::Recognised;
use crate::search::Pattern;

/// Something to do for the window.
#[derive(Debug, Clone)]
pub enum Request {
    /// A page of a level of the tree.
    Children {
        /// Comes back with the reply.
        ticket: u64,
        /// The level's parent.
        prefix: EncodedKey,
        /// The last child that is known.
        after: Option<EncodedKey>,
        /// The most children to return.
        limit: usize,
    },
    /// How many entries lie at and below a prefix.
    Count {
        /// The prefix.
        prefix: EncodedKey,
        /// It was counted before, and has changed since: nobody waits for it.
        is_repeat: bool,
    },
    /// Tells of changes in these ranges as well, where the database is too large for all its changes to be named.
    Follow {
        /// Ranges apart from each other.
        ranges: Vec<KeyRange>,
    },
    /// The text of some entries, to paste elsewhere.
    Copy {
        /// In key order and disjoint.
        ranges: Vec<KeyRange>,
        /// In which form.
        form: CopyForm,
        /// Entries, too, that have expired and were not swept.
        expired: bool,
    },
    /// The next key that begins so.
    Seek {
        /// Comes back with the reply.
        ticket: u64,
        /// What is looked for.
        seek: Seek,
    },
    /// Under which of some keys entries stand.
    Present {
        /// Comes back with the reply.
        ticket: u64,
        /// The keys.
        keys: Vec<EncodedKey>,
    },
    /// How many entries some ranges hold together.
    Tally {
        /// Comes back with the reply.
        ticket: u64,
        /// In key order and disjoint.
        ranges: Vec<KeyRange>,
        /// Set when nobody waits for the count any more.
        cancelled: Arc<AtomicBool>,
    },
    /// The index of a range for the table; ends the scan of any earlier view.
    Scan {
        /// The view that asks.
        view: u64,
        /// What is listed at and below: blobs there are one row each.
        prefix: EncodedKey,
        /// Which keys.
        range: KeyRange,
        /// It was indexed before, and has changed since: nobody waits for it.
        is_repeat: bool,
    },
    /// The last rows of a range for the table, which takes longer to be indexed up to there.
    Tail {
        /// The view that asks; rows for an older view are not read.
        view: u64,
        /// What is listed at and below, as for [`Request::Scan`].
        prefix: EncodedKey,
        /// Which keys.
        range: KeyRange,
    },
    /// The rows of one segment of the index.
    Segment {
        /// The view that asks; rows for an older view are not read.
        view: u64,
        /// What is listed at and below, as for [`Request::Scan`].
        prefix: EncodedKey,
        /// The segment's keys.
        range: KeyRange,
        /// Whether the rows are wanted, or only how many there are.
        rows: bool,
    },
    /// One entry with its value decoded.
    Entry {
        /// Its key.
        key: EncodedKey,
    },
    /// What stands under the keys of a transaction.
    States {
        /// The keys.
        keys: Vec<EncodedKey>,
    },
    /// Commits.
    Commit {
        /// Comes back with the reply.
        ticket: u64,
        /// What to commit.
        operation: AtomicOperation,
    },
    /// Facts for the status line.
    Statistics,
    /// Messages in the queue.
    Queue,
    /// Allows or forbids writing.
    SetWritable(bool),
    /// Writes entries to a file.
    Export {
        /// Names the job.
        job: u64,
        /// What to write.
        options: ExportOptions,
        /// Where to.
        path: PathBuf,
    },
    /// Reads a blob that is kept in parts, and looks into it.
    Blob {
        /// Names what is shown.
        identity: u64,
        /// Which one.
        key: BlobKey,
    },
    /// Writes a blob to a file.
    ExportBlob {
        /// Names the job.
        job: u64,
        /// Which one.
        key: BlobKey,
        /// Where to.
        path: PathBuf,
    },
    /// Looks into bytes.
    Recognise {
        /// Names the bytes.
        identity: u64,
        /// What to look into.
        bytes: Vec<u8>,
    },
    /// Finds out what an import would do.
    PreviewImport {
        /// Names the job.
        job: u64,
        /// The import.
        choice: ImportChoice,
    },
    /// Reads entries from a file.
    Import {
        /// Names the job.
        job: u64,
        /// The import.
        choice: ImportChoice,
        /// Where to write what is replaced, before it is; another name is taken if there is such a file.
        undo_file: PathBuf,
    },
    /// Takes an import back, where entries are still as it left them, or does that again.
    TakeBack {
        /// Names the job.
        job: u64,
        /// What is taken back.
        undo_file: PathBuf,
        /// Where to write what is replaced by that.
        redo_file: PathBuf,
    },
    /// Puts back what was deleted together.
    PutBack {
        /// Names the job.
        job: u64,
        /// The deletion's undo file.
        path: PathBuf,
    },
    /// The nodes of the tree whose part contains a text; ends the filter before.
    Filter {
        /// Its number; a greater one ends it.
        filter: u64,
        /// What parts must contain.
        pattern: Box<Pattern>,
    },
    /// Ends the filter that runs.
    StopFilter {
        /// Greater than that filter's number.
        filter: u64,
    },
    /// Searches keys and values; ends the search before.
    Find(Box<FindRequest>),
    /// Ends the search that runs.
    StopFind {
        /// Greater than that search's number.
        search: u64,
    },
    /// What an earlier search found: so much that a frame does not free its memory, but a thread that nobody waits for.
    ForgetFound(Vec<Hit>),
    /// Deletes ranges, after their entries were written to a file.
    Delete {
        /// Names the job.
        job: u64,
        /// Which keys.
        ranges: Vec<KeyRange>,
        /// Where to write them before.
        undo_file: PathBuf,
    },
    /// Deletes what a deletion's undo file holds, where it is still as it says; told by [`Reply::Deleted`].
    DeleteAgain {
        /// Names the job.
        job: u64,
        /// The file.
        undo_file: PathBuf,
    },
}

/// What a background thread tells the window. Errors are sentences.
#[derive(Debug)]
pub enum Reply {
    /// To [`Request::Children`].
    Children {
        /// As asked.
        ticket: u64,
        /// As asked.
        prefix: EncodedKey,
        /// As asked.
        after: Option<EncodedKey>,
        /// The page.
        page: Result<ChildrenPage, String>,
    },
    /// To [`Request::Count`]; comes several times, the last one complete.
    Counted {
        /// As asked.
        prefix: EncodedKey,
        /// The count so far.
        counted: Result<Counted, String>,
        /// Which commits it has seen.
        seen: Seen,
    },
    /// To [`Request::Copy`].
    Copied {
        /// As asked.
        form: CopyForm,
        /// The text.
        copied: Result<Copied, String>,
    },
    /// To [`Request::Seek`].
    Sought {
        /// As asked.
        ticket: u64,
        /// The key, if one was found soon.
        key: Result<Option<EncodedKey>, String>,
    },
    /// To [`Request::Present`].
    Present {
        /// As asked.
        ticket: u64,
        /// Those of the keys that are there.
        keys: Result<Vec<EncodedKey>, String>,
    },
    /// To [`Request::Tally`]; comes several times, the last one complete.
    Tallied {
        /// As asked.
        ticket: u64,
        /// The count so far.
        counted: Result<Counted, String>,
    },
    /// To [`Request::Scan`]; comes several times, the last one complete.
    Scanned {
        /// As asked.
        view: u64,
        /// Further segments, in key order: the first key and how many entries.
        segments: Result<Vec<(EncodedKey, u32)>, String>,
        /// The first key that was not scanned yet; `None` at the range's end.
        reached: Option<EncodedKey>,
    },
    /// To [`Request::Tail`].
    Tail {
        /// The view that asked.
        view: u64,
        /// The rows in key order, as many as are in a segment.
        rows: Result<Vec<EntryRow>, String>,
    },
    /// To [`Request::Segment`].
    Segment {
        /// As asked.
        view: u64,
        /// The segment's first key as asked.
        start: EncodedKey,
        /// How many entries it has, and the rows if they were wanted.
        rows: Result<(u32, Option<Vec<EntryRow>>), String>,
    },
    /// To [`Request::Entry`].
    Entry {
        /// As asked.
        key: EncodedKey,
        /// The entry, if it is there.
        entry: Result<Option<Box<LoadedEntry>>, String>,
    },
    /// To [`Request::States`].
    States(Result<Vec<(EncodedKey, Option<Entry>)>, String>),
    /// To [`Request::Commit`].
    Committed {
        /// As asked.
        ticket: u64,
        /// How it ended.
        outcome: Result<CommitOutcome, CommitError>,
        /// What stood under its keys before, if that is known.
        before: Option<States>,
    },
    /// To [`Request::Statistics`].
    Statistics(Result<Statistics, String>),
    /// To [`Request::Queue`].
    Queue(Result<Vec<QueueMessage>, String>),
    /// To [`Request::Blob`].
    Blob {
        /// As asked.
        identity: u64,
        /// What was read.
        blob: Result<Box<Blob>, String>,
    },
    /// A job has ended.
    BlobExported {
        /// As asked.
        job: u64,
        /// As asked.
        path: PathBuf,
        /// How many bytes were written; a cancelled job leaves no file.
        written: Result<Option<u64>, String>,
    },
    /// To [`Request::Recognise`].
    Recognised {
        /// As asked.
        identity: u64,
        /// What the bytes hold, if they look like anything.
        found: Option<Box<Recognised>>,
    },
    /// To [`Request::SetWritable`].
    Writable(Result<(), String>),
    /// To [`Request::Filter`]; comes several times.
    Filtered {
        /// As asked.
        filter: u64,
        /// Further nodes, in key order.
        nodes: Result<Vec<SievedNode>, String>,
        /// How far it is.
        state: SieveState,
    },
    /// To [`Request::Find`]; comes several times.
    Found {
        /// As asked.
        search: u64,
        /// Further entries, in key order.
        hits: Result<Vec<Hit>, String>,
        /// How far it is.
        progress: FindProgress,
    },
    /// A job has ended.
    Exported {
        /// As asked.
        job: u64,
        /// As asked.
        path: PathBuf,
        /// What was written; a cancelled job leaves no file.
        report: Result<Box<ExportReport>, String>,
    },
    /// To [`Request::PreviewImport`].
    ImportPreviewed {
        /// As asked.
        job: u64,
        /// What it would do.
        preview: Result<Box<ImportPreview>, String>,
    },
    /// A job has ended.
    Imported {
        /// As asked.
        job: u64,
        /// As asked.
        path: PathBuf,
        /// What was done; an error if it did not begin.
        imported: Result<Box<Imported>, String>,
    },
    /// A job has ended.
    TakenBack {
        /// As asked.
        job: u64,
        /// How far it came, also if it failed.
        done: Box<TakenBack>,
        /// Why it ended early, if it failed.
        result: Result<(), String>,
    },
    /// A job has ended.
    PutBack {
        /// As asked.
        job: u64,
        /// As asked.
        path: PathBuf,
        /// What was read.
        report: Result<ImportReport, String>,
    },
    /// A job has ended.
    Deleted {
        /// As asked.
        job: u64,
        /// How far it came, also if it failed.
        done: Box<DeleteReport>,
        /// Why it ended early, if it failed.
        result: Result<(), String>,
    },
}
