//! The window as a whole: what it holds, how it begins and ends. Events and frames are below.

pub(crate) mod draft_file;
mod drawing;
mod event;
mod frame;
mod housekeeping;
mod opening;
pub(crate) mod recovering;
mod shortcuts;

use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, unbounded};
use egui::Context;
use jiff::tz::TimeZone;
use keyglass_store::Clock;

use crate::chooser::FileChooser;
use crate::command::Environment;
use crate::desktop::Desktop;
use crate::dialog::Dialog;
use crate::input_order::InputOrder;
use crate::model::database_id::DatabaseId;
use crate::model::notices::Notices;
use crate::model::undo::Direction;
use crate::model::welcome::{Found, Welcome};
use crate::model::window_tab::TabId;
use crate::outstanding::Outstanding;
use crate::panels::layout::Layout;
use crate::panels::views::Views;
use crate::session::{Session, Sessions};
use crate::state::{Folders, SavedState};
use crate::state_file;
use crate::state_writer::StateWriter;
use crate::theme;
use crate::tokens::Tokens;
use crate::widgets::keyboard_use::KeyboardUse;
use crate::widgets::local_zone;
use crate::widgets::toasts::Toast;
use crate::worker::Notifier;
use recovering::Recovering;

pub use event::Event;
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
    /// What shows notifications of the system.
    pub desktop: Arc<dyn Desktop>,
    /// What opens databases on servers.
    pub tokens: Tokens,
    /// A database to open at the start.
    pub location: Option<String>,
    /// Without a location: open what was open last time, or the sample at the very first time.
    pub restore: bool,
}

/// The window's state.
pub struct App {
    pub(crate) clock: Clock,
    pub(crate) notifier: Notifier,
    pub(crate) folders: Option<Folders>,
    pub(crate) chooser: Box<dyn FileChooser>,
    pub(crate) desktop: Arc<dyn Desktop>,
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
            desktop,
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
            desktop,
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
            past_versions: session.models.facts.capabilities.past_versions,
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
