//! One open database: its worker and the models of its panels, and the traffic between them.

mod backup;
mod commit;
mod compare;
mod copy_to;
mod damage;
mod dry_run;
mod expired;
mod following;
mod going;
mod heard;
mod history;
mod import;
mod indexes;
mod jobs;
mod messages;
mod notify;
mod open;
mod recording;
mod rename;
mod saved;
mod selection;
mod sessions;
mod undo;

use std::path::PathBuf;
use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};
use keyglass_store::database::Database;
use keyglass_store::key::KeyRange;

use crate::errand::{Answer, Write};
use crate::model::database_id::DatabaseId;
use crate::model::models::Models;
use crate::model::notices::Notices;
use crate::model::tally::Tally;
use crate::outstanding::Outstanding;
use crate::threads::{self, NoThread};
use crate::worker::{Notifier, Worker};
use commit::PendingCommit;
use going::Going;
pub use notify::SystemNotification;
pub use saved::Restored;
pub use sessions::Sessions;
use undo::UndoWork;

/// One open database.
pub struct Session {
    /// Names it.
    pub id: DatabaseId,
    /// What its panels show.
    pub models: Models,
    /// How many entries a question concerns that is being asked.
    pub asked: Tally,
    /// A transaction is to be committed as soon as somebody has said what becomes of expiries that nobody can see.
    pub asks_to_commit: bool,
    /// A text for the clipboard.
    pub copied: Option<String>,
    /// For the system to tell, if the window is not in front.
    pub system_notifications: Vec<SystemNotification>,
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
    /// Wakes the window when a client has done something.
    waker: Waker,
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
            asks_to_commit: false,
            copied: None,
            system_notifications: Vec::new(),
            worker: Worker::start(database, notifier)?,
            pending: Vec::new(),
            undo_work: UndoWork::default(),
            going: Going::default(),
            next_number: 1,
            look_at_expiries_from: i64::MIN,
            told_damage: false,
            followed: Vec::new(),
            waker: notifier.waker(),
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

    /// The threads of its database that have not ended.
    #[must_use]
    pub fn threads(&self) -> Outstanding {
        self.worker.threads()
    }

    /// Takes what the background threads have sent, and hands them what the models want. Once a frame.
    /// Returns milliseconds until something has to be drawn anew without any event.
    pub fn logic(&mut self, notices: &mut Notices, now: i64) -> Option<i64> {
        let answers: Vec<Answer> = self.worker.answers().collect();
        for answer in answers {
            self.take_answer(answer, notices, now);
        }
        self.take_changes(notices, now);
        self.notify(notices, now);
        let next_expiry = self.notice_expiries(now);
        self.count_selection(now);
        let wake = self.models.each().filter_map(|model| model.wake(now)).min();
        self.follow();
        let monitor = self.models.serving.monitor();
        self.models.requests.follow(monitor, &**self.worker.database());
        self.models.requests.receive(&self.waker);
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
        let asked = threads::spawn_counted("parting word", &self.worker.threads(), move || {
            let word = database.parting_word();
            // Closing the database is for who has the session.
            drop(database);
            let _given_up = told.send(word);
        });
        drop(asked);
        word
    }

    /// Ends the server, if there is one, and waits at most so long for that.
    pub fn end_server(&mut self, at_most: Duration) {
        self.worker.end_server(at_most);
    }

    /// Reads everything again, because a person wants it.
    pub fn refresh(&mut self) {
        self.models.each().for_each(|model| model.refresh());
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
