//! What the threads of a database answer.

use std::path::PathBuf;

use keyglass_store::backup::BackupReport;
use keyglass_store::database::{Capabilities, ChildrenPage, Counted, Metered, Statistics};
use keyglass_store::key::EncodedKey;
use keyglass_store::transfer::{CopyReport, ExportReport, ImportReport};
use keyglass_store::{
    AtomicOperation, CommitError, CommitOutcome, DatabaseError, Entry, HistoryRules, LockOwner,
};

use super::{
    CheckedIndexes, CommandRan, ComparedDatabases, CopyError, DeleteReport, EntriesError, FindProgress,
    ForEntries, Hit, ImportPreview, Imported, JobError, LoadedTimeline, QueueCounts, QueueFilter, QueueFound,
    QueueRead, QueueStretch, ReadError, ReadVersions, RestorePreview, Restored, Seen, Served, SetRules,
    SetRulesError, SieveState, SievedNode, States, TakenBack, Verdict, VersionsRead,
};
use crate::content::blob::Blob;
use crate::content::copy::{Copied, CopyForm};
use crate::content::field_changes::Differences;
use crate::content::row::{EntryRow, LoadedEntry};
use crate::recognise::Recognised;

/// What a background thread tells the window.
#[derive(Debug)]
pub enum Answer {
    /// To [`Read::Children`](super::Read::Children).
    Children {
        /// As asked.
        ticket: u64,
        /// As asked.
        prefix: EncodedKey,
        /// As asked.
        after: Option<EncodedKey>,
        /// The page.
        page: Result<ChildrenPage, ReadError>,
    },
    /// To [`Scan::Count`](super::Scan::Count); comes several times, the last one complete.
    Counted {
        /// As asked.
        prefix: EncodedKey,
        /// The count so far.
        counted: Result<Counted, ReadError>,
        /// Which commits it has seen.
        seen: Seen,
    },
    /// To [`Gather::Copy`](super::Gather::Copy).
    Copied {
        /// As asked.
        form: CopyForm,
        /// The text.
        copied: Result<Copied, CopyError>,
    },
    /// To [`Gather::Entries`](super::Gather::Entries).
    Gathered {
        /// As asked.
        each: ForEntries,
        /// The entries, in key order.
        entries: Result<Vec<Entry>, EntriesError>,
    },
    /// To [`Gather::IndexRows`](super::Gather::IndexRows).
    IndexRows {
        /// The key of the record.
        key: EncodedKey,
        /// How many indexes there are, and what sets the record with all of them.
        rows: Result<(usize, AtomicOperation), EntriesError>,
    },
    /// To [`Work::CheckIndexes`](super::Work::CheckIndexes).
    IndexesChecked {
        /// As asked.
        job: u64,
        /// As asked.
        records: EncodedKey,
        /// What was found.
        checked: Result<CheckedIndexes, JobError>,
    },
    /// To [`Read::Seek`](super::Read::Seek).
    Sought {
        /// As asked.
        ticket: u64,
        /// The key, if one was found soon.
        key: Result<Option<EncodedKey>, ReadError>,
    },
    /// To [`Read::Present`](super::Read::Present).
    Present {
        /// As asked.
        ticket: u64,
        /// Those of the keys that are there.
        keys: Result<Vec<EncodedKey>, ReadError>,
    },
    /// To [`Gather::Tally`](super::Gather::Tally); comes several times, the last one complete.
    Tallied {
        /// As asked.
        ticket: u64,
        /// The count so far.
        counted: Result<Counted, ReadError>,
    },
    /// To [`Scan::Table`](super::Scan::Table); comes several times, the last one complete.
    Scanned {
        /// As asked.
        listing: u64,
        /// Further segments, in key order: the first key and how many entries.
        segments: Result<Vec<(EncodedKey, u32)>, ReadError>,
        /// The first key that was not scanned yet; `None` at the range's end.
        reached: Option<EncodedKey>,
    },
    /// To [`Read::Tail`](super::Read::Tail).
    Tail {
        /// The listing that asked.
        listing: u64,
        /// The rows in key order, as many as are in a segment.
        rows: Result<Vec<EntryRow>, ReadError>,
    },
    /// To [`Read::Segment`](super::Read::Segment).
    Segment {
        /// As asked.
        listing: u64,
        /// The segment's first key as asked.
        start: EncodedKey,
        /// How many entries it has, and the rows if they were wanted.
        rows: Result<(u32, Option<Vec<EntryRow>>), ReadError>,
    },
    /// To [`Read::Entry`](super::Read::Entry).
    Entry {
        /// As asked.
        key: EncodedKey,
        /// The entry, if it is there.
        entry: Result<Option<Box<LoadedEntry>>, ReadError>,
    },
    /// To [`Read::States`](super::Read::States).
    States(Result<States, ReadError>),
    /// To [`Write::Commit`](super::Write::Commit).
    Committed {
        /// As asked.
        ticket: u64,
        /// How it ended.
        outcome: Result<CommitOutcome, CommitError>,
        /// What stood under its keys before, if that is known.
        before: Option<States>,
    },
    /// To [`Read::Statistics`](super::Read::Statistics).
    Statistics(Result<Statistics, ReadError>),
    /// To [`Read::Versions`](super::Read::Versions).
    Versions {
        /// As asked.
        asked: ReadVersions,
        /// What was read.
        read: Result<VersionsRead, ReadError>,
    },
    /// To [`Read::HistoryRules`](super::Read::HistoryRules).
    HistoryRules(Result<HistoryRules, ReadError>),
    /// To [`Write::SetRules`](super::Write::SetRules).
    RulesSet {
        /// As asked.
        asked: Box<SetRules>,
        /// Whether they were.
        result: Result<(), SetRulesError>,
    },
    /// To [`Look::Difference`](super::Look::Difference).
    Difference {
        /// As asked.
        ticket: u64,
        /// What differs.
        differences: Differences,
    },
    /// To [`Read::CountQueue`](super::Read::CountQueue).
    QueueCounted(Result<QueueCounts, ReadError>),
    /// To [`Read::FindMessages`](super::Read::FindMessages).
    MessagesFound {
        /// As asked.
        filter: QueueFilter,
        /// What was found.
        found: Result<QueueFound, ReadError>,
    },
    /// To [`Read::Queue`](super::Read::Queue).
    Queue {
        /// As asked.
        stretch: QueueStretch,
        /// What stands there.
        read: Result<QueueRead, ReadError>,
    },
    /// To [`Look::Blob`](super::Look::Blob).
    Blob {
        /// As asked.
        identity: u64,
        /// What was read.
        blob: Result<Box<Blob>, ReadError>,
    },
    /// A job has ended.
    BlobExported {
        /// As asked.
        job: u64,
        /// As asked.
        path: PathBuf,
        /// How many bytes were written; a cancelled job leaves no file.
        written: Result<Option<u64>, JobError>,
    },
    /// A job has ended.
    RequestsExported {
        /// As asked.
        job: u64,
        /// As asked.
        path: PathBuf,
        /// How many were written; a cancelled job leaves no file.
        written: Result<Option<u64>, JobError>,
    },
    /// A job has ended.
    TimelineExported {
        /// As asked.
        job: u64,
        /// As asked.
        path: PathBuf,
        /// How many rows were written; a cancelled job leaves no file.
        written: Result<Option<u64>, JobError>,
    },
    /// A job has ended.
    TimelineLoaded {
        /// As asked.
        job: u64,
        /// What was read; none if it was cancelled.
        loaded: Result<Option<Box<LoadedTimeline>>, JobError>,
    },
    /// To [`Look::Differences`](super::Look::Differences), in the same order.
    Differences(Vec<Differences>),
    /// To [`Notify::Judge`](super::Notify::Judge): a verdict for each watch that notifies.
    Judged(Vec<Verdict>),
    /// To [`Notify::Run`](super::Notify::Run).
    CommandRan {
        /// As asked.
        watch: u64,
        /// What became of it.
        ran: CommandRan,
    },
    /// To [`Serve::Start`](super::Serve::Start): what is served, or a sentence why nothing is.
    Served(Result<Box<Served>, String>),
    /// To [`Serve::Stop`](super::Serve::Stop).
    NoLongerServed,
    /// To [`Look::Bytes`](super::Look::Bytes).
    Recognised {
        /// As asked.
        identity: u64,
        /// What the bytes hold, if they look like anything.
        found: Option<Box<Recognised>>,
    },
    /// What was asked of the server up to now; of itself.
    Metered(Box<Metered>),
    /// To [`Access`](super::Access).
    Access {
        /// What the database can do now.
        capabilities: Box<Capabilities>,
        /// The process that has it, where that is another one.
        owner: Option<LockOwner>,
        /// Why it was not locked, if that was asked for.
        result: Result<(), DatabaseError>,
    },
    /// To [`Write::Unlock`](super::Write::Unlock).
    Unlocked {
        /// As asked.
        copy_to: Option<PathBuf>,
        /// Without a copy that was asked for it stays locked.
        result: Result<(), DatabaseError>,
    },
    /// To [`Sift::Begin`](super::Sift::Begin); comes several times.
    Filtered {
        /// As asked.
        filter: u64,
        /// Further nodes, in key order.
        nodes: Result<Vec<SievedNode>, ReadError>,
        /// How far it is.
        state: SieveState,
    },
    /// To [`Find::Begin`](super::Find::Begin); comes several times.
    Found {
        /// As asked.
        search: u64,
        /// Further entries, in key order.
        hits: Result<Vec<Hit>, ReadError>,
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
        report: Result<Box<ExportReport>, JobError>,
    },
    /// To [`Work::CopyTo`](super::Work::CopyTo).
    CopiedTo {
        /// As asked.
        job: u64,
        /// As asked.
        path: PathBuf,
        /// What was done.
        report: Result<Box<CopyReport>, JobError>,
    },
    /// To [`Work::Compare`](super::Work::Compare).
    DatabasesCompared {
        /// As asked.
        job: u64,
        /// What differs.
        compared: Result<Box<ComparedDatabases>, JobError>,
    },
    /// To [`Work::ExportDifferences`](super::Work::ExportDifferences).
    DifferencesExported {
        /// As asked.
        job: u64,
        /// As asked.
        path: PathBuf,
        /// How many lines were written; nothing if it was cancelled.
        written: Result<Option<u64>, JobError>,
    },
    /// To [`Work::BackUp`](super::Work::BackUp).
    BackedUp {
        /// As asked.
        job: u64,
        /// As asked.
        path: PathBuf,
        /// What was done.
        report: Result<Box<BackupReport>, JobError>,
    },
    /// To [`Work::PreviewRestore`](super::Work::PreviewRestore).
    RestorePreviewed {
        /// As asked.
        job: u64,
        /// What it would do.
        preview: Result<Box<RestorePreview>, JobError>,
    },
    /// To [`Work::Restore`](super::Work::Restore).
    Restored {
        /// As asked.
        job: u64,
        /// What was done; an error if it did not begin.
        restored: Result<Box<Restored>, JobError>,
    },
    /// To [`Work::PreviewImport`](super::Work::PreviewImport).
    ImportPreviewed {
        /// As asked.
        job: u64,
        /// What it would do.
        preview: Result<Box<ImportPreview>, JobError>,
    },
    /// A job has ended.
    Imported {
        /// As asked.
        job: u64,
        /// As asked.
        path: PathBuf,
        /// What was done; an error if it did not begin.
        imported: Result<Box<Imported>, JobError>,
    },
    /// A job has ended.
    TakenBack {
        /// As asked.
        job: u64,
        /// How far it came, also if it failed.
        done: Box<TakenBack>,
        /// Why it ended early, if it failed.
        result: Result<(), JobError>,
    },
    /// A job has ended.
    PutBack {
        /// As asked.
        job: u64,
        /// As asked.
        path: PathBuf,
        /// What was read.
        report: Result<ImportReport, JobError>,
    },
    /// A job has ended.
    Deleted {
        /// As asked.
        job: u64,
        /// How far it came, also if it failed.
        done: Box<DeleteReport>,
        /// Why it ended early, if it failed.
        result: Result<(), JobError>,
    },
}
