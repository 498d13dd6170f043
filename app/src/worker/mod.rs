//! The background side of one open database.
//!
//! The window sends [`Request`]s and gets [`Reply`]s over channels; it never waits for the disk or the
//! network. Seven threads share the work: *reader* answers what is on screen, newest first; *scanner* builds
//! the index of the table and counts the tree; *recogniser* looks what bytes hold; *finder* searches, *sifter* filters
//! the tree; *writer* commits; *follower* hears of every change. Jobs, and counts of what is selected, have threads of
//! their own.

mod blob;
mod commit;
mod copy;
mod delete;
mod delete_again;
mod finder;
mod follower;
mod job;
mod notifier;
mod reader;
mod recogniser;
mod scanner;
mod seek;
mod sifter;
mod tally;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam_channel::{Receiver, Sender, unbounded};
use keyglass_store::database::{ChildrenPage, Counted, Database, QueueMessage, Statistics};
use keyglass_store::key::{EncodedKey, KeyRange};
use keyglass_store::transfer::{ExportOptions, ExportReport, ImportOptions, ImportReport};
use keyglass_store::{AtomicOperation, CommitOutcome, Entry};

pub use delete::DeleteReport;
pub use follower::{ChangeInbox, Changes, ObservedChange};
pub use job::JobProgress;
pub use notifier::{CHANGE_DELAY, Notifier, Wake};
pub use seek::Seek;

use crate::model::blob::{Blob, BlobKey};
use crate::model::copy::{Copied, CopyForm};
use crate::model::find::{FindProgress, FindRequest, Hit};
use crate::model::row::{EntryRow, LoadedEntry};
use crate::model::tree::sieve::SievedNode;
use crate::model::undo::States;
use crate::recognise::Recognised;
use crate::search::Pattern;

/// Milliseconds since the Unix epoch, now; tests stop it.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

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
    },
    /// The text of some entries, to paste elsewhere.
    Copy {
        /// In key order and disjoint.
        ranges: Vec<KeyRange>,
        /// In which form.
        form: CopyForm,
    },
    /// The next key that begins so.
    Seek {
        /// Comes back with the reply.
        ticket: u64,
        /// What is looked for.
        seek: Seek,
    },
    /// The first keys of some ranges.
    Keys {
        /// In key order and disjoint.
        ranges: Vec<KeyRange>,
        /// The most keys to return.
        limit: usize,
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
        /// Which keys.
        range: KeyRange,
    },
    /// The rows of one segment of the index.
    Segment {
        /// The view that asks; rows for an older view are not read.
        view: u64,
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
    /// Reads entries from a file.
    Import {
        /// Names the job.
        job: u64,
        /// How to treat what is there.
        options: ImportOptions,
        /// Where from.
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
    /// To [`Request::Keys`].
    Keys(Result<Vec<EncodedKey>, String>),
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
        outcome: Result<CommitOutcome, String>,
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
        /// Keys that were looked at.
        looked_at: u64,
        /// Whether this is the last of them.
        ended: bool,
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
        report: Result<ExportReport, String>,
    },
    /// A job has ended.
    Imported {
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
        /// As asked.
        undo_file: PathBuf,
        /// How far it came, also if it failed.
        done: DeleteReport,
        /// Why it ended early, if it failed.
        result: Result<(), String>,
    },
}

/// Sends replies and wakes the window.
#[derive(Clone)]
pub(crate) struct Replies {
    sender: Sender<Reply>,
    notifier: Notifier,
}

impl Replies {
    fn answer(&self, reply: Reply) {
        // The window may be gone already; then nobody waits for the reply.
        if self.sender.send(reply).is_ok() {
            self.notifier.answer();
        }
    }

    fn progress(&self, reply: Reply) {
        if self.sender.send(reply).is_ok() {
            self.notifier.change();
        }
    }
}

/// The background threads of one open database. They end when this is dropped.
pub struct Worker {
    database: Arc<dyn Database>,
    reader: Sender<Request>,
    scanner: Sender<Request>,
    writer: Sender<Request>,
    recogniser: Sender<Request>,
    finder: Sender<Request>,
    sifter: Sender<Request>,
    replies: Replies,
    clock: Clock,
    received: Receiver<Reply>,
    inbox: Arc<ChangeInbox>,
    view: Arc<AtomicU64>,
    search: Arc<AtomicU64>,
    filter: Arc<AtomicU64>,
    stopped: Arc<AtomicBool>,
    jobs: Vec<(u64, Arc<JobProgress>)>,
}

impl Worker {
    /// Starts the threads of a database.
    ///
    /// # Errors
    /// A sentence, if the system refuses a thread.
    pub fn start(database: Arc<dyn Database>, notifier: &Notifier, clock: &Clock) -> Result<Self, String> {
        let (reply_sender, received) = unbounded();
        let replies = Replies {
            sender: reply_sender,
            notifier: notifier.clone(),
        };
        let (reader, reads) = unbounded();
        let (scanner, scans) = unbounded();
        let (writer, writes) = unbounded();
        let (recogniser, looks) = unbounded();
        let (finder, finds) = unbounded();
        let (sifter, filters) = unbounded();
        let view = Arc::new(AtomicU64::new(0));
        let search = Arc::new(AtomicU64::new(0));
        let filter = Arc::new(AtomicU64::new(0));
        let stopped = Arc::new(AtomicBool::new(false));
        let inbox = Arc::new(ChangeInbox::default());
        reader::spawn(Arc::clone(&database), reads, replies.clone(), Arc::clone(&view))?;
        scanner::spawn(
            Arc::clone(&database),
            scans,
            replies.clone(),
            Arc::clone(&view),
            Arc::clone(&stopped),
        )?;
        spawn_writer(Arc::clone(&database), writes, replies.clone())?;
        recogniser::spawn(Arc::clone(&database), looks, replies.clone())?;
        sifter::spawn(
            Arc::clone(&database),
            filters,
            replies.clone(),
            Arc::clone(&filter),
        )?;
        finder::spawn(Arc::clone(&database), finds, replies.clone(), Arc::clone(&search))?;
        follower::spawn(
            Arc::clone(&database),
            Arc::clone(&inbox),
            notifier.clone(),
            Arc::clone(clock),
            Arc::clone(&stopped),
        )?;
        Ok(Self {
            database,
            reader,
            scanner,
            writer,
            recogniser,
            finder,
            sifter,
            replies,
            clock: Arc::clone(clock),
            received,
            inbox,
            view,
            search,
            filter,
            stopped,
            jobs: Vec::new(),
        })
    }

    /// The database that the threads work on.
    #[must_use]
    pub fn database(&self) -> &Arc<dyn Database> {
        &self.database
    }

    /// Hands a request to the thread that does it.
    pub fn send(&mut self, request: Request) {
        let lane = match request {
            Request::Children { .. }
            | Request::Segment { .. }
            | Request::Entry { .. }
            | Request::States { .. }
            | Request::Keys { .. }
            | Request::Seek { .. }
            | Request::Statistics
            | Request::Queue => &self.reader,
            Request::Scan { view, .. } => {
                self.view.store(view, Ordering::Release);
                &self.scanner
            }
            Request::Count { .. } => &self.scanner,
            Request::Find(ref request) => {
                self.search.store(request.search, Ordering::Release);
                &self.finder
            }
            Request::Filter { filter, .. } => {
                self.filter.store(filter, Ordering::Release);
                &self.sifter
            }
            Request::StopFilter { filter } => {
                self.filter.store(filter, Ordering::Release);
                return;
            }
            Request::StopFind { search } => {
                self.search.store(search, Ordering::Release);
                return;
            }
            Request::Commit { .. } | Request::SetWritable(_) => &self.writer,
            Request::Recognise { .. } | Request::Blob { .. } => &self.recogniser,
            Request::ExportBlob { job, key, path } => {
                let progress = blob::spawn_export(&self.database, &self.replies, job, key, path);
                self.jobs.push((job, progress));
                return;
            }
            Request::Export { job, options, path } => {
                let progress = job::export(&self.database, &self.replies, job, options, path);
                self.jobs.push((job, progress));
                return;
            }
            Request::Tally {
                ticket,
                ranges,
                cancelled,
            } => {
                tally::spawn(
                    &self.database,
                    &self.replies,
                    &self.stopped,
                    ticket,
                    ranges,
                    cancelled,
                );
                return;
            }
            Request::Copy { ranges, form } => {
                copy::spawn(&self.database, &self.replies, ranges, form, (self.clock)());
                return;
            }
            Request::Delete {
                job,
                ranges,
                undo_file,
            } => {
                let progress = delete::spawn(&self.database, &self.replies, job, ranges, undo_file);
                self.jobs.push((job, progress));
                return;
            }
            Request::DeleteAgain { job, undo_file } => {
                let progress = delete_again::spawn(&self.database, &self.replies, job, undo_file);
                self.jobs.push((job, progress));
                return;
            }
            Request::Import { job, options, path } => {
                let progress = job::import(&self.database, &self.replies, job, options, path);
                self.jobs.push((job, progress));
                return;
            }
        };
        // A lane is closed only while the worker is being dropped.
        let _closed = lane.send(request);
    }

    /// Replies that have come since the last call.
    pub fn replies(&self) -> impl Iterator<Item = Reply> + '_ {
        self.received.try_iter()
    }

    /// Changes that have come since the last call.
    #[must_use]
    pub fn changes(&self) -> Changes {
        self.inbox.take()
    }

    /// How far a job is.
    #[must_use]
    pub fn job(&self, job: u64) -> Option<&JobProgress> {
        self.jobs
            .iter()
            .find(|(name, _)| *name == job)
            .map(|(_, progress)| &**progress)
    }

    /// Forgets a job that has ended.
    pub fn forget_job(&mut self, job: u64) {
        self.jobs.retain(|(name, _)| *name != job);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        self.view.store(u64::MAX, Ordering::Release);
        self.search.store(u64::MAX, Ordering::Release);
        self.filter.store(u64::MAX, Ordering::Release);
        for (_, progress) in &self.jobs {
            progress.cancel();
        }
    }
}

/// Starts a named thread.
fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), String> {
    std::thread::Builder::new()
        .name(format!("keyglass {name}"))
        .spawn(work)
        .map(drop)
        .map_err(|error| format!("The system refused to start a background thread ({error})"))
}

fn spawn_writer(
    database: Arc<dyn Database>,
    requests: Receiver<Request>,
    replies: Replies,
) -> Result<(), String> {
    spawn("writer", move || {
        for request in requests {
            match request {
                Request::Commit { ticket, operation } => {
                    let (outcome, before) = commit::commit(&*database, operation);
                    replies.answer(Reply::Committed {
                        ticket,
                        outcome,
                        before,
                    });
                }
                Request::SetWritable(writable) => {
                    let result = database.set_writable(writable).map_err(|error| error.to_string());
                    replies.answer(Reply::Writable(result));
                }
                _ => {}
            }
        }
    })
}
