//! Wiring: `logic` drains replies and runs commands, `ui` draws and collects actions.

pub(crate) mod draft_file;
mod drawing;
mod housekeeping;
mod opening;
pub(crate) mod recovering;
mod shortcuts;

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};
use eframe::Frame;
use egui::{Context, Ui};
use jiff::tz::TimeZone;
use keyglass_store::Clock;
use keyglass_store::draft::Draft;
use keyglass_store::remote::Step;
use keyglass_store::transfer::RecoverReport;

use crate::action::{Action, AppAction, DatabaseAction, PathPurpose};
use crate::chooser::FileChooser;
use crate::command::Environment;
use crate::dialog::Dialog;
use crate::dialog::path::PathEntry;
use crate::errand::JobError;
use crate::input_order::InputOrder;
use crate::model::backup::BackupDraft;
use crate::model::copy_to::CopyDraft;
use crate::model::database_id::DatabaseId;
use crate::model::notices::{NoticeKind, Notices};
use crate::model::undo::Direction;
use crate::model::welcome::{Found, Welcome};
use crate::model::window_tab::TabId;
use crate::outstanding::Outstanding;
use crate::panels;
use crate::panels::layout::Layout;
use crate::panels::views::Views;
use crate::session::{Session, Sessions};
use crate::state::{Folders, SavedState};
use crate::state_file;
use crate::state_writer::{StateWriter, WriteTrouble};
use crate::theme;
use crate::tokens::{NoKeychain, Tokens};
use crate::widgets::keyboard_use::KeyboardUse;
use crate::widgets::local_zone;
use crate::widgets::toasts::Toast;
use crate::worker::Notifier;
use recovering::Recovering;

pub(crate) use opening::open_patiently;
pub use opening::{OpenFailure, StartFailure};

/// How long each database is waited for, when the window has closed, to say what a person has to know.
const WORD_PATIENCE: Duration = Duration::from_secs(2);
/// How long jobs of each database are waited for then.
const JOBS_PATIENCE: Duration = Duration::from_secs(5);
/// How long whoever looks at a database is waited for then. There is no window any more that would stand still, and a
/// look takes milliseconds unless the machine is busy.
pub(crate) const LOOKS_PATIENCE: Duration = Duration::from_secs(10);

/// How long the server of each database is waited for then.
const SERVER_PATIENCE: Duration = Duration::from_secs(11);

/// What the window needs from outside; tests give their own.
pub struct Options {
    /// Where the time comes from, for the window and all databases that it opens.
    pub clock: Clock,
    /// In which zone local times are shown.
    pub zone: TimeZone,
    /// Where settings and the sample are; `None` keeps nothing.
    pub folders: Option<Folders>,
    /// The system's file dialogs.
    pub chooser: Box<dyn FileChooser>,
    /// What opens databases on servers.
    pub tokens: Tokens,
    /// A database to open at the start.
    pub location: Option<String>,
    /// Without a location: open what was open last time, or the sample at the very first time.
    pub restore: bool,
}

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
        loaded: Result<Draft, draft_file::LoadError>,
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

/// The window's state.
pub struct App {
    pub(crate) clock: Clock,
    pub(crate) notifier: Notifier,
    pub(crate) folders: Option<Folders>,
    pub(crate) chooser: Box<dyn FileChooser>,
    pub(crate) state: SavedState,
    pub(crate) sessions: Sessions,
    pub(crate) opening: Vec<String>,
    pub(crate) recoveries: Vec<Recovering>,
    pub(crate) notices: Notices,
    pub(crate) toasts: Vec<Toast>,
    pub(crate) dialog: Option<Dialog>,
    /// The window closes without a question, since that was answered.
    pub(crate) may_quit: bool,
    /// Dialogs that come up when the one that is open is answered.
    pub(crate) waiting: Vec<Dialog>,
    pub(crate) layout: Layout,
    /// How the panels in each tab are looked at.
    pub(crate) views: HashMap<TabId, Views>,
    pub(crate) welcome: Welcome,
    pub(crate) events: (Sender<Event>, Receiver<Event>),
    /// Helper threads that have not reported yet.
    pub(crate) outstanding: Outstanding,
    /// Databases that were closed, until all their threads have let go of them.
    pub(crate) closing: Outstanding,
    /// What opens databases on servers.
    pub(crate) tokens: Tokens,
    /// The number of the last test of a connection.
    pub(crate) last_trial: u64,
    /// What was open last time and is being opened again, in the order of the tabs.
    restoring: Vec<String>,
    /// What the system's window is called.
    window_title: String,
    /// The settings as they were handed to be written last.
    saved: Arc<SavedState>,
    writer: Option<StateWriter>,
    changed_at: Option<i64>,
    /// Of each session's edits and places when they were last kept.
    fingerprints: HashMap<String, u64>,
}

impl App {
    /// Sets up fonts and theme, and begins to open the database asked for.
    #[must_use]
    pub fn new(ctx: &Context, options: Options) -> Self {
        let Options {
            clock,
            zone,
            folders,
            chooser,
            tokens,
            location,
            restore,
        } = options;
        let loaded = folders
            .as_ref()
            .map(|folders| state_file::load(&folders.state_file));
        let (state, unreadable) = loaded.unwrap_or_default();
        local_zone::set(ctx, zone);
        ctx.add_plugin(InputOrder::default());
        ctx.add_plugin(KeyboardUse);
        theme::install_fonts(ctx);
        theme::apply(ctx, state.theme, state.text_scale);
        let waker = ctx.clone();
        let notifier = Notifier::new(Arc::new(move |delay| {
            // Without any delay egui would draw two frames. One is enough, since what is told is taken in before it is
            // drawn.
            waker.request_repaint_after(delay.max(Duration::from_nanos(1)));
        }));
        #[expect(
            clippy::disallowed_methods,
            reason = "one event for each thread that was started"
        )]
        let events = unbounded();
        let mut app = Self {
            clock,
            notifier,
            folders,
            chooser,
            saved: Arc::new(state.clone()),
            state,
            sessions: Sessions::default(),
            opening: Vec::new(),
            recoveries: Vec::new(),
            notices: Notices::default(),
            toasts: Vec::new(),
            dialog: None,
            may_quit: false,
            waiting: Vec::new(),
            layout: Layout::default(),
            views: HashMap::new(),
            welcome: Welcome::default(),
            events,
            outstanding: Outstanding::default(),
            closing: Outstanding::default(),
            tokens,
            last_trial: 0,
            restoring: Vec::new(),
            window_title: String::new(),
            writer: None,
            changed_at: None,
            fingerprints: HashMap::new(),
        };
        app.start_housekeeping();
        if let Some(unreadable) = unreadable {
            app.tell_unreadable(&unreadable);
        }
        let is_first = app.state.recent.is_empty() && app.state.open.is_empty();
        match location {
            Some(location) => app.open(location),
            None if restore && is_first => app.open_first_sample(),
            None if restore => app.open_again(),
            None => {}
        }
        app
    }

    /// The database that is shown.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        self.sessions.front()
    }

    /// The same, to change it.
    pub fn session_mut(&mut self) -> Option<&mut Session> {
        self.sessions.front_mut()
    }

    /// All open databases, in the order of their tabs.
    #[must_use]
    pub fn sessions(&self) -> &[Session] {
        self.sessions.all()
    }

    /// The dialog that is open.
    #[must_use]
    pub fn dialog(&self) -> Option<&Dialog> {
        self.dialog.as_ref()
    }

    /// The same, to change it.
    pub fn dialog_mut(&mut self) -> Option<&mut Dialog> {
        self.dialog.as_mut()
    }

    /// How many dialogs come up when the one that is open is answered.
    #[must_use]
    pub fn waiting_dialogs(&self) -> usize {
        self.waiting.len()
    }

    /// Whether it waits for nothing: no thread works for it, and all that threads have told was taken.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        // In this order: what is not under way any more has sent its event.
        self.outstanding.is_none()
            && self.events.1.is_empty()
            && self.opening.is_empty()
            && self.is_written()
            && self.sessions.all().iter().all(Session::is_idle)
    }

    /// What was told so far.
    #[must_use]
    pub fn notices(&self) -> &Notices {
        &self.notices
    }

    /// What the disk holds for the welcome page, once it was looked at.
    #[must_use]
    pub fn found(&self) -> Option<&Found> {
        self.welcome.found()
    }

    /// What can be done with a database.
    #[must_use]
    pub fn environment(&self, database: Option<DatabaseId>) -> Environment {
        let Some(session) = database.and_then(|database| self.sessions.get(database)) else {
            return Environment::default();
        };
        Environment {
            database: true,
            databases: self.sessions.are_many(),
            writable: session.models.facts.is_writable(),
            entry: session.models.panel.entry().is_some() && session.models.panel.new_entry.is_none(),
            subject: session.subject(),
            draft: session.models.panel.current().is_some(),
            found: !session.models.find.hits().is_empty(),
            transaction: !session.models.transaction.rows.is_empty(),
            committed: session.models.transaction.committed().is_some(),
            queue: session.models.facts.capabilities.queue,
            messages: session.models.messages.selected().len(),
            running: session
                .models
                .messages
                .selected()
                .iter()
                .any(|message| message.running),
            undo: session.models.undo.next(Direction::Undo).is_some(),
            redo: session.models.undo.next(Direction::Redo).is_some(),
        }
    }

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

    fn apply(&mut self, event: Event, now: i64, ctx: &Context) {
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

    fn take_dropped_files(&mut self, ctx: &Context, actions: &mut Vec<Action>) {
        let dropped = ctx.input(|input| input.raw.dropped_files.clone());
        for file in dropped {
            let path = file.path();
            let is_export = path.extension().is_some_and(|ending| {
                ["ndjson", "jsonl"]
                    .iter()
                    .any(|known| ending.eq_ignore_ascii_case(known))
            });
            actions.push(match self.sessions.front_id() {
                Some(database) if is_export => {
                    Action::On(database, DatabaseAction::OpenImport(path.to_owned()))
                }
                None if is_export => {
                    let text = format!(
                        "Open a database first, and drop this file on it to import it: {}",
                        path.display()
                    );
                    Action::App(AppAction::Complain(text))
                }
                _ => Action::App(AppAction::Open(display(path))),
            });
        }
    }
}

/// A path as a location. Paths that are no Unicode are shown, but cannot be opened by name.
pub(crate) fn display(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

impl Drop for App {
    fn drop(&mut self) {
        // What was typed in the last moment is kept, too; the writer is waited for as it is dropped.
        self.write_state();
        let asked = self.sessions.all().iter().map(Session::ask_parting_word);
        for word in asked.collect::<Vec<_>>() {
            // There is no window any more to say it in.
            if let Ok(Some(word)) = word.recv_timeout(WORD_PATIENCE) {
                let _written = writeln!(std::io::stderr(), "{word}");
            }
        }
        for recovering in &self.recoveries {
            recovering.progress.cancel();
        }
        for session in self.sessions.iter_mut() {
            // Streams end, and commits are done or refused, before the program does.
            session.end_server(SERVER_PATIENCE);
        }
        // A half-written file goes with its job.
        for session in self.sessions.all() {
            session.stop_jobs(JOBS_PATIENCE);
        }
        let threads: Vec<_> = self.sessions.all().iter().map(Session::threads).collect();
        self.sessions = Sessions::default();
        // A look that the process does not finish would leave files beside that of the database.
        for threads in threads {
            threads.wait(LOOKS_PATIENCE);
        }
        self.closing.wait(LOOKS_PATIENCE);
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _frame: &mut Frame) {
        let now = self.clock.now();
        // Cleared first, so that what comes from here on asks for a frame of its own.
        self.notifier.clear();
        let events: Vec<Event> = self.events.1.try_iter().collect();
        for event in events {
            self.apply(event, now, ctx);
        }
        self.look_around();
        self.ask_before_quitting(ctx);
        self.keep_window_size(ctx);
        let mut wake = self.save_state(now);
        for session in self.sessions.iter_mut() {
            if let Some(text) = session.copied.take() {
                ctx.copy_text(text);
            }
            wake = session
                .logic(&mut self.notices, now)
                .into_iter()
                .chain(wake)
                .min();
        }
        self.show_returned_messages();
        self.show_index_findings();
        if self.dialog.is_none() && !self.waiting.is_empty() {
            self.dialog = Some(self.waiting.remove(0));
        }
        self.renew_question();
        self.renew_recovery();
        self.drop_import_checks();
        self.drop_restore_checks();
        let new = self.notices.take_new();
        // One that came again is shown once, at the end.
        self.toasts
            .retain(|toast| !new.iter().any(|notice| notice.id == toast.id));
        self.toasts.extend(new.iter().map(panels::notices::toast_of));
        self.drop_settled_toasts();
        if let Some(milliseconds) = wake {
            let milliseconds = u64::try_from(milliseconds.max(10)).unwrap_or(10);
            ctx.request_repaint_after(Duration::from_millis(milliseconds));
        }
        self.name_window(ctx);
        let mut actions = Vec::new();
        self.take_dropped_files(ctx, &mut actions);
        self.take_shortcuts(ctx, &mut actions);
        for action in actions {
            self.execute(action, ctx);
        }
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut Frame) {
        let actions = panels::layout::show(ui, self.window());
        let ctx = ui.ctx().clone();
        let any = !actions.is_empty();
        for action in actions {
            self.execute(action, &ctx);
        }
        for session in self.sessions.iter_mut() {
            session.send_wants();
        }
        if any {
            // What the actions changed is drawn at once.
            ctx.request_repaint();
        }
    }

    fn save(&mut self, _storage: &mut dyn eframe::Storage) {
        self.write_state();
    }
}
