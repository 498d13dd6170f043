//! One open database: its worker and the models of its panels, and the traffic between them.

mod commit;
mod copy_to;
mod damage;
mod expired;
mod following;
mod going;
mod import;
mod jobs;
mod open;
mod rename;
mod saved;
mod selection;
mod sessions;
mod undo;

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded};
use keyglass_store::database::Database;
use keyglass_store::key::{EncodedKey, KeyRange};

use crate::errand::{Answer, Write};
use crate::model::database_id::DatabaseId;
use crate::model::models::Models;
use crate::model::notices::{NoticeKind, Notices};
use crate::model::panel::Telling;
use crate::model::tally::Tally;
use crate::threads::{self, NoThread};
use crate::worker::{Notifier, Worker};
use commit::PendingCommit;
use going::Going;
pub use saved::Restored;
pub use sessions::Sessions;
use undo::UndoWork;
pub use undo::Wanted;

/// One open database.
pub struct Session {
    /// Names it.
    pub id: DatabaseId,
    /// What its panels show.
    pub models: Models,
    /// How many entries a question concerns that is being asked.
    pub asked: Tally,
    /// A text for the clipboard.
    pub copied: Option<String>,
    worker: Worker,
    pending: Vec<PendingCommit>,
    undo_work: UndoWork,
    going: Going,
    next_number: u64,
    /// Not before this moment is looked again at what has expired, in milliseconds since the Unix epoch.
    look_at_expiries_from: i64,
    /// It was told that the file is damaged.
    told_damage: bool,
    /// Which ranges the worker follows, where it cannot follow everything.
    followed: Vec<KeyRange>,
}

impl Session {
    /// Starts the threads of a database that was opened.
    ///
    /// # Errors
    /// If the system refuses a thread.
    pub fn start(database: Arc<dyn Database>, notifier: &Notifier) -> Result<Self, NoThread> {
        let mut session = Self {
            id: DatabaseId::unique(),
            models: Models::of(&*database),
            asked: Tally::default(),
            copied: None,
            worker: Worker::start(database, notifier)?,
            pending: Vec::new(),
            undo_work: UndoWork::default(),
            going: Going::default(),
            next_number: 1,
            look_at_expiries_from: i64::MIN,
            told_damage: false,
            followed: Vec::new(),
        };
        session.send_wants();
        Ok(session)
    }

    /// The database itself.
    #[must_use]
    pub fn database(&self) -> &Arc<dyn Database> {
        self.worker.database()
    }

    /// Whether it waits for nothing: all that was asked for is answered, and all changes up to now were taken.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.worker.is_idle()
    }

    /// Takes what the background threads have sent, and hands them what the models want. Once a frame.
    /// Returns milliseconds until something has to be drawn anew without any event.
    pub fn logic(&mut self, notices: &mut Notices, now: i64) -> Option<i64> {
        let answers: Vec<Answer> = self.worker.answers().collect();
        for answer in answers {
            self.take_answer(answer, notices, now);
        }
        self.take_changes(notices, now);
        let next_expiry = self.notice_expiries(now);
        self.count_selection(now);
        let wake = self.models.each().filter_map(|model| model.wake(now)).min();
        self.follow();
        self.arrive(now);
        self.note_progress();
        self.send_wants();
        wake.into_iter().chain(next_expiry).min()
    }

    /// Hands the worker what the models asked for while they were drawn.
    pub fn send_wants(&mut self) {
        for errand in self.models.each().flat_map(|model| model.take_wants()) {
            self.worker.send(errand);
        }
    }

    /// An answer goes to the model that it is for; what concerns several of them is taken here.
    fn take_answer(&mut self, answer: Answer, notices: &mut Notices, now: i64) {
        self.tell_damage(&answer, notices, now);
        let mut telling = Telling { notices, now };
        let mut left = Some(answer);
        for model in self.models.each() {
            left = left.and_then(|answer| model.take_answer(answer, &mut telling));
        }
        let Some(answer) = left else { return };
        match answer {
            Answer::Tallied { ticket, counted } => self.apply_tally(ticket, &counted, now),
            Answer::Copied { form, copied } => self.apply_copied(form, copied, notices, now),
            Answer::Sought { ticket, key } => self.apply_sought(ticket, key, notices, now),
            Answer::States(states) => self.apply_states(states, notices, now),
            Answer::Committed {
                ticket,
                outcome,
                before,
            } => {
                if outcome.is_err() {
                    // One that took the place of a file that was unlocked is locked.
                    self.models.facts.look_at_access();
                }
                if !self.apply_step_commit(ticket, &outcome, notices, now) {
                    self.apply_commit(ticket, outcome, before.as_ref(), notices, now);
                }
            }
            Answer::Unlocked { copy_to, result } => {
                self.models.facts.look_at_access();
                match (result, copy_to) {
                    (Ok(()), None) => {}
                    (Ok(()), Some(copy)) => {
                        let text = format!("Copied and unlocked; the copy is {}", copy.display());
                        notices.tell(NoticeKind::Good, text, now);
                    }
                    (Err(error), _) => {
                        self.models.facts.unlocks_next_time = false;
                        notices.error(format!("Not unlocked: {error}"), now);
                    }
                }
            }
            Answer::BlobExported { job, path, written } => {
                self.end_job(job);
                jobs::tell_blob_export(&path, written, notices, now);
            }
            Answer::Exported { job, path, report } => {
                self.end_job(job);
                jobs::tell_export(&path, report, notices, now);
            }
            Answer::Deleted { job, done, result } => {
                self.end_job(job);
                if !self.apply_deleted_again(job, &done, &result, notices, now) {
                    self.apply_deleted(&done, result, notices, now);
                }
            }
            Answer::PutBack { job, path, report } => {
                self.end_job(job);
                self.apply_put_back(job, &path, &report, notices, now);
            }
            Answer::CopiedTo { job, path, report } => {
                self.end_job(job);
                copy_to::tell(&path, report, notices, now);
            }
            Answer::ImportPreviewed { job, preview } => {
                self.end_job(job);
                self.models.import_check.apply(job, preview);
            }
            Answer::Imported { job, path, imported } => {
                self.end_job(job);
                self.apply_imported(&path, imported, notices, now);
            }
            Answer::TakenBack { job, done, result } => {
                self.end_job(job);
                self.apply_taken_back(job, &done, &result, notices, now);
            }
            // What a model takes does not come here.
            Answer::Children { .. }
            | Answer::Counted { .. }
            | Answer::Present { .. }
            | Answer::Filtered { .. }
            | Answer::Scanned { .. }
            | Answer::Tail { .. }
            | Answer::Segment { .. }
            | Answer::Entry { .. }
            | Answer::Access { .. }
            | Answer::Statistics(_)
            | Answer::Queue { .. }
            | Answer::Recognised { .. }
            | Answer::Blob { .. }
            | Answer::Found { .. } => {}
        }
    }

    /// What a person has to know when this is closed; mostly nothing.
    #[must_use]
    pub fn parting_word(&self) -> Option<String> {
        self.worker.database().parting_word()
    }

    /// Asks for [`Self::parting_word`] on a thread, for who can wait for it only so long.
    #[must_use]
    pub fn ask_parting_word(&self) -> Receiver<Option<String>> {
        let (told, word) = bounded(1);
        let database = Arc::clone(self.worker.database());
        let asked = threads::spawn("parting word", move || {
            let word = database.parting_word();
            // Closing the database is for who has the session.
            drop(database);
            let _given_up = told.send(word);
        });
        drop(asked);
        word
    }

    fn take_changes(&mut self, notices: &mut Notices, now: i64) {
        let changes = self.worker.changes();
        let was_gone = self.models.facts.is_gone;
        let is_gone = changes.there.map_or(was_gone, |there| !there);
        if is_gone != was_gone {
            self.models.each().for_each(|model| model.set_gone(is_gone, now));
        }
        if is_gone && !was_gone {
            let text = format!(
                "The database was deleted, moved away or replaced by something else; what is shown is as it was last, until it is back: {}",
                self.models.facts.location
            );
            notices.tell(NoticeKind::Warning, text, now);
        }
        if was_gone && !is_gone {
            // It may be of another Deno.
            self.models.facts.look_at_access();
            self.refresh();
            let text = format!(
                "The database is back and was read anew: {}",
                self.models.facts.location
            );
            notices.tell(NoticeKind::Info, text, now);
        } else if changes.lagged && !is_gone {
            // Something changed that nobody named, so what is on screen is read again.
            self.models.each().for_each(|model| model.catch_up(now));
        }
        let mut untold = changes.untold.iter().peekable();
        for (before, change) in changes.changes.iter().enumerate() {
            while let Some(untold) = untold.next_if(|untold| untold.after <= before) {
                self.models
                    .each()
                    .for_each(|model| model.miss_changes(untold, now));
            }
            self.models.each().for_each(|model| model.take_change(change));
        }
        for untold in untold {
            self.models
                .each()
                .for_each(|model| model.miss_changes(untold, now));
        }
        if let Some(messages) = changes.messages {
            self.models.each().for_each(|model| model.take_queue(messages));
        }
    }

    /// Reads everything again, because a person wants it.
    pub fn refresh(&mut self) {
        self.models.each().for_each(|model| model.refresh());
    }

    /// Shows a key wherever it is: opens the tree down to it and lists what is around it.
    pub fn go_to(&mut self, key: EncodedKey) {
        self.models.tree.reveal(&key);
        if !self.models.entries.query.range().contains(&key) {
            self.list_around(&key);
        }
        self.models.entries.shows_selected = true;
        self.models.tree.shows_selected = true;
        self.select(key);
    }

    /// Allows writing, after the database was copied if that is wanted.
    pub fn unlock(&mut self, copy_to: Option<PathBuf>) {
        self.worker.send(Write::Unlock { copy_to }.into());
    }

    /// Forbids writing, at once: also commits that wait, and jobs that run.
    pub fn lock(&mut self) {
        self.models.facts.lock();
    }

    fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }
}
