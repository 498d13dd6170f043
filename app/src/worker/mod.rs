//! The background side of one open database.
//!
//! The window sends [`Request`]s and gets [`Reply`]s over channels; it never waits for the disk or the
//! network. Seven threads share the work: *reader* answers what is on screen, newest first; *scanner* builds
//! the index of the table and counts the tree; *recogniser* looks what bytes hold; *finder* searches, *sifter* filters
//! the tree; *writer* commits; *follower* hears of every change. Jobs, and counts of what is selected, have threads of
//! their own. While a search goes on, further threads read ahead for it and look with it.

mod blob;
mod commit;
mod copy;
mod delete;
mod delete_again;
mod finder;
mod follower;
mod import;
mod job;
mod journal_file;
mod message;
mod notifier;
mod pages;
mod reader;
mod recogniser;
mod row_reader;
mod scan_queue;
mod scanner;
mod seek;
mod sifter;
mod take_back;
mod tally;
mod threads;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam_channel::{Receiver, Sender, unbounded};
use keyglass_store::database::Database;

use crate::outstanding::{Outstanding, UnderWay};
pub use delete::DeleteReport;
pub(crate) use delete::{delete, delete_batch};
use follower::Feeds;
pub use follower::{ChangeInbox, Changes, ObservedChange};
pub use import::Imported;
pub use job::JobProgress;
pub use message::{Reply, Request};
pub use notifier::{CHANGE_DELAY, Notifier, Wake};
pub use seek::Seek;
pub use take_back::TakenBack;
use threads::spawn;

/// A request on its way to the thread that does it, and until that thread has answered.
struct Asked {
    request: Request,
    under_way: UnderWay,
}

/// Sends replies and wakes the window.
#[derive(Clone)]
pub(crate) struct Replies {
    sender: Sender<Reply>,
    notifier: Notifier,
    /// What the thread works on that has these, if it has a thread of its own.
    _under_way: Option<UnderWay>,
}

impl Replies {
    /// For a thread of its own, which is under way as long as it has them.
    fn of_thread(&self, under_way: UnderWay) -> Self {
        Self {
            _under_way: Some(under_way),
            ..self.clone()
        }
    }

    fn answer(&self, reply: Reply) {
        // The window may be gone already; then nobody waits for the reply.
        if self.sender.send(reply).is_ok() {
            self.notifier.answer();
        }
    }

    /// An answer that may wait for a frame that comes anyway.
    fn fact(&self, reply: Reply) {
        if self.sender.send(reply).is_ok() {
            self.notifier.fact();
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
    reader: Sender<Asked>,
    scanner: Sender<Asked>,
    writer: Sender<Asked>,
    recogniser: Sender<Asked>,
    finder: Sender<Asked>,
    sifter: Sender<Asked>,
    follower: Sender<Asked>,
    replies: Replies,
    received: Receiver<Reply>,
    outstanding: Outstanding,
    feeds: Option<Feeds>,
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
    pub fn start(database: Arc<dyn Database>, notifier: &Notifier) -> Result<Self, String> {
        let (reply_sender, received) = unbounded();
        let replies = Replies {
            sender: reply_sender,
            notifier: notifier.clone(),
            _under_way: None,
        };
        let (reader, reads) = unbounded();
        let (scanner, scans) = unbounded();
        let (writer, writes) = unbounded();
        let (recogniser, looks) = unbounded();
        let (finder, finds) = unbounded();
        let (sifter, filters) = unbounded();
        let (follower, follows) = unbounded();
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
        let feeds = follower::spawn(&database, follows, Arc::clone(&inbox), notifier.clone())?;
        Ok(Self {
            database,
            reader,
            scanner,
            writer,
            recogniser,
            finder,
            sifter,
            follower,
            replies,
            received,
            outstanding: Outstanding::default(),
            feeds,
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
        let under_way = self.outstanding.begin();
        // For what is done on a thread of its own.
        let replies = || self.replies.of_thread(under_way.clone());
        let lane = match request {
            Request::Children { .. }
            | Request::Segment { .. }
            | Request::Tail { .. }
            | Request::Entry { .. }
            | Request::States { .. }
            | Request::Present { .. }
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
            Request::ForgetFound(_) => &self.finder,
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
            Request::Follow { .. } => &self.follower,
            Request::Commit { .. } | Request::SetWritable(_) => &self.writer,
            Request::Recognise { .. } | Request::Blob { .. } => &self.recogniser,
            Request::ExportBlob { job, key, path } => {
                let progress = blob::export(&self.database, &replies(), job, key, path);
                self.jobs.push((job, progress));
                return;
            }
            Request::Export { job, options, path } => {
                let progress = job::export(&self.database, &replies(), job, options, path);
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
                    &replies(),
                    &self.stopped,
                    ticket,
                    ranges,
                    cancelled,
                );
                return;
            }
            Request::Copy {
                ranges,
                form,
                expired,
            } => {
                copy::spawn(&self.database, &replies(), ranges, form, expired);
                return;
            }
            Request::Delete {
                job,
                ranges,
                undo_file,
            } => {
                let progress = delete::spawn(&self.database, &replies(), job, ranges, undo_file);
                self.jobs.push((job, progress));
                return;
            }
            Request::DeleteAgain { job, undo_file } => {
                let progress = delete_again::spawn(&self.database, &replies(), job, undo_file);
                self.jobs.push((job, progress));
                return;
            }
            Request::PutBack { job, path } => {
                let progress = job::put_back(&self.database, &replies(), job, path);
                self.jobs.push((job, progress));
                return;
            }
            Request::PreviewImport { job, choice } => {
                let progress = import::preview(&self.database, &replies(), job, choice);
                self.jobs.push((job, progress));
                return;
            }
            Request::TakeBack {
                job,
                undo_file,
                redo_file,
            } => {
                let progress = take_back::spawn(&self.database, &replies(), job, undo_file, redo_file);
                self.jobs.push((job, progress));
                return;
            }
            Request::Import {
                job,
                choice,
                undo_file,
            } => {
                let progress = import::import(&self.database, &replies(), job, choice, undo_file);
                self.jobs.push((job, progress));
                return;
            }
        };
        // A lane is closed only while the worker is being dropped.
        let _closed = lane.send(Asked { request, under_way });
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

    /// Whether everything that was asked for is answered, every change up to now is told, and all of that was taken.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        // In this order: what is not under way any more has sent its answer.
        self.outstanding.is_none()
            && self.feeds.as_ref().is_none_or(Feeds::are_empty)
            && self.received.is_empty()
            && self.inbox.is_empty()
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

fn spawn_writer(
    database: Arc<dyn Database>,
    requests: Receiver<Asked>,
    replies: Replies,
) -> Result<(), String> {
    spawn("writer", move || {
        for Asked { request, under_way } in requests {
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
            drop(under_way);
        }
    })
}
