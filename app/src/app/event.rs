//! What helper threads of the window report, and what is done with it.

use std::path::PathBuf;

use egui::Context;
use keyglass_store::OpenError;
use keyglass_store::draft::Draft;
use keyglass_store::remote::Step;
use keyglass_store::transfer::RecoverReport;

use super::draft_file::LoadError;
use super::{App, OpenFailure};
use crate::action::{Action, AppAction, PathPurpose};
use crate::desktop::NoNotifications;
use crate::dialog::Dialog;
use crate::dialog::path::PathEntry;
use crate::errand::{JobError, OpenDatabase};
use crate::model::backup::BackupDraft;
use crate::model::comparison::ComparisonPlan;
use crate::model::copy_to::CopyDraft;
use crate::model::database_id::DatabaseId;
use crate::model::notices::NoticeKind;
use crate::model::welcome::Found;
use crate::session::Session;
use crate::state_writer::WriteTrouble;
use crate::tokens::NoKeychain;

/// What a helper thread of the window reports.
pub enum Event {
    /// A database was opened, or why not.
    Opened {
        /// As asked.
        location: String,
        /// The database with its threads.
        session: Result<Box<Session>, OpenFailure>,
    },
    /// A step of a test of a connection was done; `None` if there is no further one.
    Tried {
        /// Which test.
        ticket: u64,
        /// What it found.
        step: Option<Step>,
    },
    /// The system was asked for a notification of a database.
    SystemNotified {
        /// Whose.
        database: DatabaseId,
        /// Whether it shows it.
        shown: Result<(), NoNotifications>,
    },
    /// A token could not be kept in the system's keychain.
    TokenNotKept(NoKeychain),
    /// What is left of a damaged file was read.
    Recovered {
        /// Where it was put.
        to: PathBuf,
        /// What became of it.
        result: Result<Box<RecoverReport>, JobError>,
    },
    /// A path was chosen in a dialog of the system.
    Chosen {
        /// What it is for.
        purpose: PathPurpose,
        /// The path; `None` if the person chose nothing.
        path: Option<PathBuf>,
    },
    /// The system has no dialog after all.
    NoDialog {
        /// What was asked.
        title: String,
        /// What the path is for.
        purpose: PathPurpose,
        /// The name that was proposed.
        file_name: String,
    },
    /// What a folder holds, for the in-app dialog.
    Listed {
        /// The folder.
        folder: PathBuf,
        /// Its contents; folders first.
        entries: Vec<PathEntry>,
    },
    /// A draft of a transaction was read from a file, or why not.
    DraftLoaded {
        /// Where it is for.
        database: DatabaseId,
        /// The file.
        path: PathBuf,
        /// The draft.
        loaded: Result<Draft, LoadError>,
    },
    /// A draft of a transaction was written to a file, or why not.
    DraftSaved {
        /// The file.
        path: PathBuf,
        /// Whether it is.
        saved: std::io::Result<()>,
    },
    /// What stands where a database shall be backed up was found out.
    BackupPlace {
        /// The backup that is begun.
        draft: Box<BackupDraft>,
        /// Why it cannot be, as a clause.
        refused: Option<&'static str>,
    },
    /// A database to compare with was opened, or was not.
    ComparisonOpened {
        /// What is compared.
        database: DatabaseId,
        /// With what.
        plan: Box<ComparisonPlan>,
        /// The other database, or why there is none, as a sentence.
        opened: Result<OpenDatabase, String>,
    },
    /// A server to copy to was connected to, or was not.
    CopyServer {
        /// What is copied.
        database: DatabaseId,
        /// The address.
        url: String,
        /// The database there, or why there is none.
        opened: Result<OpenDatabase, OpenError>,
    },
    /// A place to copy to was looked at.
    CopyPlace {
        /// The copy that is begun.
        draft: Box<CopyDraft>,
        /// Why it cannot be, as a clause.
        refused: Option<&'static str>,
    },
    /// What the disk holds, for the welcome page.
    Found(Found),
    /// What a person has to know of a database that was closed.
    Parted(String),
    /// The settings could not be written, or what stood there could not be read.
    Unwritten(WriteTrouble),
    /// The system, or a person in a terminal, asks the program to end.
    End,
}

impl App {
    /// Closes the window as its button does, from any thread, but without a question. Edits that were not saved are
    /// there again next time.
    pub fn closer(&self) -> impl Fn() + Send + 'static {
        let (sender, notifier) = (self.events.0.clone(), self.notifier.clone());
        move || {
            if sender.send(Event::End).is_ok() {
                notifier.answer();
            }
        }
    }

    /// Hands an event to the next frame, from any thread.
    pub(crate) fn reporter(&self) -> impl FnOnce(Event) + Send + 'static {
        let (sender, notifier) = (self.events.0.clone(), self.notifier.clone());
        let under_way = self.outstanding.begin();
        move |event| {
            if sender.send(event).is_ok() {
                notifier.answer();
            }
            drop(under_way);
        }
    }

    pub(super) fn apply(&mut self, event: Event, now: i64, ctx: &Context) {
        match event {
            // Without a question, because nobody may be there to answer it.
            Event::End => self.execute(Action::App(AppAction::Quit), ctx),
            Event::Opened { location, session } => {
                self.opening.retain(|opening| *opening != location);
                self.opened(location, session, now);
            }
            Event::Tried { ticket, step } => {
                if let Some(Dialog::Connect(draft)) = &mut self.dialog
                    && let Some(trial) = draft.trial.as_mut().filter(|trial| trial.ticket == ticket)
                {
                    match step {
                        Some(step) => trial.hear(step),
                        None => trial.end(),
                    }
                }
            }
            Event::SystemNotified { database, shown } => {
                if let Some(session) = self.sessions.get_mut(database) {
                    session.models.watch.no_system_notifications = shown.err().map(|error| error.to_string());
                }
            }
            Event::TokenNotKept(reason) => {
                let text = format!("The token is asked for next time, because {reason}");
                self.notices.tell(NoticeKind::Warning, text, now);
            }
            Event::Recovered { to, result } => self.recovered(&to, result, now),
            Event::Chosen { purpose, path } => {
                if let Some(path) = path {
                    self.use_path(purpose, path);
                }
            }
            Event::NoDialog {
                title,
                purpose,
                file_name,
            } => self.show_path_dialog(&title, purpose, &file_name),
            Event::Unwritten(WriteTrouble::Failed(error)) => self.notices.error(error, now),
            Event::Unwritten(WriteTrouble::Unreadable(unreadable)) => self.tell_unreadable(&unreadable),
            Event::Parted(word) => {
                self.notices.tell(NoticeKind::Warning, word, now);
            }
            Event::ComparisonOpened {
                database,
                plan,
                opened,
            } => self.compare_with(database, *plan, opened),
            Event::CopyServer {
                database,
                url,
                opened,
            } => self.copy_server_answered(database, &url, opened),
            Event::CopyPlace { draft, refused } => self.ask_copy_to(draft, refused),
            Event::BackupPlace { draft, refused } => self.ask_backup(draft, refused),
            Event::Found(found) => self.welcome.apply(found),
            Event::DraftLoaded {
                database,
                path,
                loaded,
            } => match loaded {
                Ok(draft) => self.apply_loaded_draft(database, draft),
                Err(error) => {
                    let text = format!("No draft was loaded: {error}: {}", path.display());
                    self.notices.error(text, self.clock.now());
                }
            },
            Event::DraftSaved { path, saved } => {
                let (path, now) = (path.display(), self.clock.now());
                match saved {
                    Ok(()) => {
                        self.notices
                            .tell(NoticeKind::Good, format!("Saved the draft to {path}"), now);
                    }
                    Err(error) => self
                        .notices
                        .error(format!("The draft was not saved ({error}): {path}"), now),
                }
            }
            Event::Listed { folder, entries } => {
                if let Some(Dialog::Path(dialog, _)) = &mut self.dialog {
                    dialog.set_listing(folder, entries);
                }
            }
        }
    }
}
