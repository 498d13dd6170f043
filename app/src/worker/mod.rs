//! The background side of one open database.
//!
//! The window sends errands and gets answers over channels; it never waits for the disk or the
//! network. Eight threads share the work: *reader* answers what is on screen, newest first; *scanner* builds
//! the index of the table and counts the tree; *recogniser* looks what bytes hold; *finder* searches, *sifter* filters
//! the tree; *writer* commits; *gatekeeper* locks and tells what the database can do; *follower* hears of every change, and *meter* tells what was asked of a server. Where the database is served, *server* begins and ends that.
//! Jobs, and counts of what is selected, have threads of
//! their own. While a search goes on, further threads read ahead for it and look with it.

mod backup;
mod blob;
mod commit;
mod compare;
mod copy;
mod copy_to;
mod delete;
mod entries;
mod finder;
mod follower;
mod gatekeeper;
mod import;
mod indexes;
mod job;
mod journal_file;
mod lane;
mod line_export;
mod meter;
mod notifications;
mod notifier;
mod pages;
mod reader;
mod recogniser;
mod row_reader;
mod scan_queue;
mod scanner;
mod seek;
mod server;
mod sifter;
mod take_back;
mod tally;
mod timeline;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};
use keyglass_store::database::Database;
use keyglass_store::requests::LoggedRequest;

use crate::content::change_line::line_text;
use crate::content::difference_line::difference_line;
use crate::content::request_line::request_line;
use crate::errand::{
    Access, Answer, Changes, DifferenceLine, Errand, Find, Follow, Gather, Job, Judged, Look, Notify, Read,
    Scan, Serve, Sift, Work, Write,
};
use crate::outstanding::{Outstanding, UnderWay};
use crate::threads::{self, NoThread};
pub use follower::ChangeInbox;
use follower::Feeds;
pub use job::JobProgress;
use lane::{Asked, Lane};
use line_export::Lines;
use meter::Meter;
pub use notifier::{CHANGE_DELAY, Notifier, Wake};

/// The threads that stay.
struct Lanes {
    reader: Lane<Read>,
    scanner: Lane<Scan>,
    writer: Lane<Write>,
    gatekeeper: Lane<Access>,
    recogniser: Lane<Look>,
    finder: Lane<Find>,
    sifter: Lane<Sift>,
    follower: Lane<Follow>,
}

/// Sends answers and wakes the window.
#[derive(Clone)]
pub(crate) struct Answers {
    sender: Sender<Answer>,
    notifier: Notifier,
    /// The threads that have not ended.
    threads: Outstanding,
    /// What the thread works on that has these, if it has a thread of its own.
    _under_way: Option<UnderWay>,
}

impl Answers {
    /// Starts a thread of the database.
    fn spawn(&self, name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), NoThread> {
        threads::spawn_counted(name, &self.threads, work)
    }

    /// For a thread of its own, which is under way as long as it has them.
    fn of_thread(&self, under_way: UnderWay) -> Self {
        Self {
            _under_way: Some(under_way),
            ..self.clone()
        }
    }

    fn answer(&self, answer: Answer) {
        // The window may be gone already; then nobody waits for it.
        if self.sender.send(answer).is_ok() {
            self.notifier.answer();
        }
    }

    /// An answer that may wait for a frame that comes anyway.
    fn fact(&self, answer: Answer) {
        if self.sender.send(answer).is_ok() {
            self.notifier.fact();
        }
    }

    fn progress(&self, answer: Answer) {
        if self.sender.send(answer).is_ok() {
            self.notifier.change();
        }
    }
}

/// The background threads of one open database. They end when this is dropped.
pub struct Worker {
    database: Arc<dyn Database>,
    lanes: Lanes,
    answers: Answers,
    received: Receiver<Answer>,
    outstanding: Outstanding,
    feeds: Option<Feeds>,
    inbox: Arc<ChangeInbox>,
    listing: Arc<AtomicU64>,
    search: Arc<AtomicU64>,
    filter: Arc<AtomicU64>,
    stopped: Arc<AtomicBool>,
    jobs: Vec<(u64, Arc<JobProgress>)>,
    /// To the thread that serves the database, once somebody wanted that.
    server: Option<Lane<Serve>>,
    /// To the thread that looks at conditions, once a watch notifies.
    conditions: Option<Lane<Vec<Judged>>>,
    /// Tells what was asked of a server.
    _meter: Option<Meter>,
}

impl Worker {
    /// Starts the threads of a database.
    ///
    /// # Errors
    /// If the system refuses a thread.
    pub fn start(database: Arc<dyn Database>, notifier: &Notifier) -> Result<Self, NoThread> {
        #[expect(
            clippy::disallowed_methods,
            reason = "taken in each frame, and no more is told than was asked for"
        )]
        let (sender, received) = unbounded();
        let answers = Answers {
            sender,
            notifier: notifier.clone(),
            threads: Outstanding::default(),
            _under_way: None,
        };
        let listing = Arc::new(AtomicU64::new(0));
        let search = Arc::new(AtomicU64::new(0));
        let filter = Arc::new(AtomicU64::new(0));
        let stopped = Arc::new(AtomicBool::new(false));
        let inbox = Arc::new(ChangeInbox::default());
        let (of_thread, told) = (|| Arc::clone(&database), || answers.clone());
        let (reader, reads) = Lane::new();
        reader::spawn(of_thread(), reads, told(), Arc::clone(&listing))?;
        let (scanner, scans) = Lane::new();
        let of_scans = (Arc::clone(&listing), Arc::clone(&stopped));
        scanner::spawn(of_thread(), scans, told(), of_scans.0, of_scans.1)?;
        let (writer, writes) = Lane::new();
        writer::spawn(of_thread(), writes, told())?;
        let (gatekeeper, accesses) = Lane::new();
        gatekeeper::spawn(of_thread(), accesses, told())?;
        let (recogniser, looks) = Lane::new();
        recogniser::spawn(of_thread(), looks, told())?;
        let (sifter, filters) = Lane::new();
        sifter::spawn(of_thread(), filters, told(), Arc::clone(&filter))?;
        let (finder, finds) = Lane::new();
        finder::spawn(of_thread(), finds, told(), Arc::clone(&search))?;
        let (follower, follows) = Lane::new();
        let feeds = follower::spawn(&database, follows, Arc::clone(&inbox), &answers)?;
        let meter = meter::spawn(&database, &answers)?;
        Ok(Self {
            lanes: Lanes {
                reader,
                scanner,
                writer,
                gatekeeper,
                recogniser,
                finder,
                sifter,
                follower,
            },
            database,
            answers,
            received,
            outstanding: Outstanding::default(),
            feeds,
            inbox,
            listing,
            search,
            filter,
            stopped,
            jobs: Vec::new(),
            server: None,
            conditions: None,
            _meter: meter,
        })
    }

    /// The database that the threads work on.
    #[must_use]
    pub fn database(&self) -> &Arc<dyn Database> {
        &self.database
    }

    /// Hands an errand to the thread that does it.
    pub fn send(&mut self, errand: Errand) {
        let under_way = self.outstanding.begin();
        match errand {
            Errand::Read(errand) => self.lanes.reader.send(errand, under_way),
            Errand::Scan(errand) => {
                if let Scan::Table(table) = &errand {
                    self.listing.store(table.listing, Ordering::Release);
                }
                self.lanes.scanner.send(errand, under_way);
            }
            Errand::Write(errand) => self.lanes.writer.send(errand, under_way),
            Errand::Access(errand) => self.lanes.gatekeeper.send(errand, under_way),
            Errand::Look(errand) => self.lanes.recogniser.send(errand, under_way),
            Errand::Find(errand) => {
                match &errand {
                    Find::Begin(search) => self.search.store(search.search, Ordering::Release),
                    Find::Stop { search } => self.search.store(*search, Ordering::Release),
                    Find::Forget(_) => {}
                }
                self.lanes.finder.send(errand, under_way);
            }
            Errand::Sift(errand) => {
                let (Sift::Begin { filter, .. } | Sift::Stop { filter }) = &errand;
                self.filter.store(*filter, Ordering::Release);
                self.lanes.sifter.send(errand, under_way);
            }
            Errand::Serve(errand) => self.serve(errand, under_way),
            Errand::Notify(Notify::Judge(judged)) => self.judge(judged, under_way),
            Errand::Notify(Notify::Run {
                watch,
                line,
                occasion,
            }) => {
                let answers = self.answers.of_thread(under_way);
                notifications::run(&answers, &self.stopped, watch, line, occasion);
            }
            Errand::Follow(errand) => self.lanes.follower.send(errand, under_way),
            Errand::Gather(errand) => self.gather(errand, under_way),
            Errand::Job(job) => self.begin(job, under_way),
        }
    }

    fn serve(&mut self, errand: Serve, under_way: UnderWay) {
        if self.server.is_none() {
            let (lane, asked) = Lane::new();
            let (database, answers) = (Arc::clone(&self.database), self.answers.clone());
            match server::spawn(database, asked, answers) {
                Ok(()) => self.server = Some(lane),
                Err(error) => {
                    self.answers.answer(Answer::Served(Err(error.to_string())));
                    return;
                }
            }
        }
        if let Some(lane) = &self.server {
            lane.send(errand, under_way);
        }
    }

    fn judge(&mut self, judged: Vec<Judged>, under_way: UnderWay) {
        if self.conditions.is_none() {
            let (lane, asked) = Lane::new();
            if notifications::spawn(asked, self.answers.clone()).is_ok() {
                self.conditions = Some(lane);
            }
        }
        match &self.conditions {
            Some(lane) => lane.send(judged, under_way),
            // Without a thread there is nobody to look; what comes next tries again.
            None => self.answers.answer(Answer::Judged(Vec::new())),
        }
    }

    /// Ends the server, if there is one, and waits at most so long until its streams have ended and what is in flight is
    /// done or refused.
    pub fn end_server(&mut self, at_most: Duration) {
        if let Some(lane) = self.server.take() {
            lane.send(Serve::Stop, self.outstanding.begin());
            self.outstanding.wait(at_most);
        }
    }

    fn gather(&self, errand: Gather, under_way: UnderWay) {
        let answers = self.answers.of_thread(under_way);
        match errand {
            Gather::Tally {
                ticket,
                ranges,
                cancelled,
            } => tally::spawn(&self.database, &answers, &self.stopped, ticket, ranges, cancelled),
            Gather::Entries {
                ranges,
                each,
                expired,
            } => entries::spawn(&self.database, &answers, ranges, each, expired),
            Gather::IndexRows(set) => indexes::spawn_rows(&self.database, &answers, set),
            Gather::Copy {
                ranges,
                form,
                expired,
            } => copy::spawn(&self.database, &answers, ranges, form, expired),
        }
    }

    fn begin(&mut self, job: Job, under_way: UnderWay) {
        let Job { id, work } = job;
        let (database, answers) = (&self.database, &self.answers.of_thread(under_way));
        let progress = match work {
            Work::ExportRequests { requests, path } => {
                let line = |request: &Arc<LoggedRequest>| Some(request_line(request));
                let lines = Lines {
                    rows: requests,
                    line,
                    path,
                };
                line_export::export(
                    "export requests",
                    database,
                    answers,
                    lines,
                    move |path, written| Answer::RequestsExported {
                        job: id,
                        path,
                        written,
                    },
                )
            }
            Work::ExportTimeline { lines: rows, path } => {
                let lines = Lines {
                    rows,
                    line: line_text,
                    path,
                };
                line_export::export(
                    "export changes",
                    database,
                    answers,
                    lines,
                    move |path, written| Answer::TimelineExported {
                        job: id,
                        path,
                        written,
                    },
                )
            }
            Work::LoadTimeline { path } => timeline::load(database, answers, id, path),
            Work::ExportBlob { key, path } => blob::export(database, answers, id, key, path),
            Work::Export { options, path } => job::export(database, answers, id, options, path),
            Work::Delete { deletion, undo_file } => delete::spawn(database, answers, id, deletion, undo_file),
            Work::DeleteAgain { undo_file } => delete::spawn_again(database, answers, id, undo_file),
            Work::PutBack { path, expires_at } => job::put_back(database, answers, id, path, expires_at),
            Work::CopyTo { choice, to } => copy_to::copy(database, answers, id, choice, to),
            Work::Compare { choice, other } => {
                compare::spawn_comparison(database, answers, id, choice, other)
            }
            Work::ExportDifferences { lines: rows, path } => {
                let line = |line: &DifferenceLine| {
                    Some(match line {
                        DifferenceLine::Counts(text) => text.clone(),
                        DifferenceLine::Difference(difference) => difference_line(difference, true),
                    })
                };
                let lines = Lines { rows, line, path };
                line_export::export(
                    "export differences",
                    database,
                    answers,
                    lines,
                    move |path, written| Answer::DifferencesExported {
                        job: id,
                        path,
                        written,
                    },
                )
            }
            Work::CheckIndexes { records } => indexes::check(database, answers, id, records),
            Work::BackUp { choice } => backup::back_up(database, answers, id, choice),
            Work::PreviewRestore { choice } => backup::preview(database, answers, id, choice),
            Work::Restore { choice, undo_file } => backup::restore(database, answers, id, choice, undo_file),
            Work::PreviewImport { choice } => import::preview(database, answers, id, choice),
            Work::Import {
                choice,
                undo_file,
                expires_at,
            } => import::import(database, answers, id, (choice, undo_file), expires_at),
            Work::TakeBack {
                undo_file,
                redo_file,
                expires_at,
            } => take_back::spawn(database, answers, id, (undo_file, redo_file), expires_at),
        };
        self.jobs.push((id, progress));
    }

    /// Answers that have come since the last call.
    pub fn answers(&self) -> impl Iterator<Item = Answer> + '_ {
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

    /// Stops all jobs, and whatever else takes long, and waits at most so long for their end. Without any job it does not
    /// wait.
    pub fn stop_jobs(&self, at_most: Duration) {
        self.stop();
        if !self.jobs.is_empty() {
            self.outstanding.wait(at_most);
        }
    }

    /// The threads that have not ended. Once this is dropped and none is under way, they hold nothing of the database.
    pub fn threads(&self) -> Outstanding {
        self.answers.threads.clone()
    }

    fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        self.listing.store(u64::MAX, Ordering::Release);
        self.search.store(u64::MAX, Ordering::Release);
        self.filter.store(u64::MAX, Ordering::Release);
        for (_, progress) in &self.jobs {
            progress.cancel();
        }
    }

    /// Forgets a job that has ended.
    pub fn forget_job(&mut self, job: u64) {
        self.jobs.retain(|(name, _)| *name != job);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop();
    }
}
