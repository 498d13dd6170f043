//! Opening databases: each once, on a thread of its own, in the order of their tabs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Context, ViewportCommand};
use keyglass_store::open::OpenOptions;
use keyglass_store::{Clock, ConnectError, Database, OpenError};

use super::{App, Event, display};
use crate::model::notices::NoticeKind;
use crate::sample::SampleError;
use crate::session::Session;
use crate::threads::{self, NoThread};
use crate::tokens;
use crate::worker::Notifier;

/// How long a database that is being closed is waited for.
const CLOSING_PATIENCE: Duration = Duration::from_secs(5);
/// How long a database is waited for that somebody unknown has, as on systems that do not tell who.
const NAMELESS_PATIENCE: Duration = Duration::from_millis(500);

/// Why a database was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenFailure {
    /// It is open already, at this location.
    #[error("The database is open already: {0}")]
    AlreadyOpen(String),
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The sample could not be made.
    #[error(transparent)]
    Sample(#[from] SampleError),
    /// Its threads could not be started.
    #[error(transparent)]
    Start(#[from] StartFailure),
}

/// Why a database that was opened is not shown.
#[derive(Debug, thiserror::Error)]
pub enum StartFailure {
    /// What has expired for the one would be alive for the other.
    #[error("The database goes by another clock than the window: {0}")]
    OtherClock(String),
    /// The system has no thread left.
    #[error(transparent)]
    NoThread(#[from] NoThread),
}

impl App {
    /// Opens a database, or shows it if it is open already.
    pub(crate) fn open(&mut self, location: String) {
        let tokens = self.tokens.clone();
        self.open_once(location, move |location, options| {
            open_patiently(location, &tokens.given(options, location))
        });
    }

    /// Runs `open` on a thread for a database that is not open yet; one that is, is shown.
    pub(crate) fn open_once(
        &mut self,
        location: String,
        open: impl FnOnce(&str, &OpenOptions) -> Result<Arc<dyn Database>, OpenFailure> + Send + 'static,
    ) {
        let location = absolute(location);
        let known: Vec<String> = self
            .sessions
            .all()
            .iter()
            .map(|session| session.models.facts.location.clone())
            .collect();
        if let Some(id) = self.sessions.at_location(&location).map(|session| session.id) {
            self.sessions.show(id);
            return;
        }
        if self.opening.contains(&location) {
            return;
        }
        self.open_with(location.clone(), move |options| {
            match same_place(&location, known) {
                Some(known) => Err(OpenFailure::AlreadyOpen(known)),
                None => open(&location, options),
            }
        });
    }

    /// Opens a database without the commits that damage to its journal has lost.
    pub(crate) fn open_accepting_loss(&mut self, location: String) {
        self.open_with(location.clone(), move |options| {
            Ok(options.clone().accept_loss(true).open(&location)?)
        });
    }

    /// Opens what was open last time.
    pub(super) fn open_again(&mut self) {
        self.restoring.clone_from(&self.state.open);
        for location in self.restoring.clone() {
            self.open(location);
        }
    }

    /// How this window opens every database: with its own clock, and so that the command line and other windows can
    /// attach.
    pub(super) fn open_options(&self) -> OpenOptions {
        OpenOptions::new().clock(self.clock.clone()).attachable()
    }

    /// Runs `open` on a thread; the database is shown when it is there.
    pub(crate) fn open_with(
        &mut self,
        location: String,
        open: impl FnOnce(&OpenOptions) -> Result<Arc<dyn Database>, OpenFailure> + Send + 'static,
    ) {
        self.opening.push(location.clone());
        let report = self.reporter();
        let (notifier, clock, options) = (self.notifier.clone(), self.clock.clone(), self.open_options());
        let asked = location.clone();
        let started = threads::spawn("open", move || {
            // Subscribing to the changes of a large file takes a while, so that is not for the window, too.
            let session = open(&options).and_then(|database| Ok(start(database, &notifier, &clock)?));
            report(Event::Opened {
                location: asked,
                session: session.map(Box::new),
            });
        });
        if let Err(error) = started {
            self.opening.retain(|opening| *opening != location);
            let now = self.clock.now();
            self.notices.error(error.to_string(), now);
        }
    }

    /// Shows a database that is open already.
    ///
    /// # Errors
    /// If it goes by another clock than the window, or the system refuses a thread.
    pub fn show_database(&mut self, database: Arc<dyn Database>) -> Result<(), StartFailure> {
        let session = start(database, &self.notifier, &self.clock)?;
        self.sessions.push(session);
        Ok(())
    }

    /// Shows a database that was opened, or says why it was not.
    pub(super) fn opened(&mut self, asked: String, session: Result<Box<Session>, OpenFailure>, now: i64) {
        if let Err(error) = &session
            && let Some(draft) = self.connecting(&asked)
        {
            // It is told where it was asked for.
            draft.is_connecting = false;
            draft.error = Some(error.to_string());
            return;
        }
        match session {
            Ok(mut session) => {
                self.take_kept(&session.models.facts.location);
                let name = self.project_of(&session.models.facts.location);
                let facts = &mut session.models.facts;
                if let Some(name) = &name {
                    facts.set_own_name(name.clone());
                }
                // Before anything of an earlier run can unlock it.
                facts.set_mark(self.state.marks.of(facts.id.as_ref(), &facts.location).cloned());
                let saved = self.state.sessions.get(&session.models.facts.location);
                let restored = saved.map(|saved| session.restore(saved)).unwrap_or_default();
                if restored.has_edits {
                    let text = format!("Unsaved edits are back: {}", session.models.facts.title);
                    self.notices.tell(NoticeKind::Info, text, now);
                }
                if !restored.met.is_empty() {
                    let text = format!(
                        "Another window edited the same entries: {}",
                        session.models.facts.title
                    );
                    self.notices
                        .put(NoticeKind::Warning, text, restored.met, None, now);
                }
                if restored.transaction_met {
                    let text = format!(
                        "The transaction has rows of several windows, so look through them before you commit: {}",
                        session.models.facts.title
                    );
                    self.notices.tell(NoticeKind::Warning, text, now);
                }
                // Arrow keys work at once.
                session.models.tree.wants_focus = self.dialog.is_none();
                self.state.show_transaction |= !session.models.transaction.rows.is_empty();
                let location = session.models.facts.location.clone();
                self.state
                    .remember(location, session.models.facts.kind_name(), name, now);
                self.add_tab(*session, &asked);
                self.connected(&asked);
            }
            Err(OpenFailure::AlreadyOpen(known)) => {
                if let Some(id) = self.sessions.at_location(&known).map(|session| session.id) {
                    self.sessions.show(id);
                }
            }
            Err(OpenFailure::Open(OpenError::Connect(error))) if asks_for_token(&error) => {
                self.ask_connect(&asked, Some(error.to_string()));
            }
            Err(OpenFailure::Open(error @ OpenError::Damaged { .. })) => {
                self.ask_to_accept_loss(asked, error.to_string());
            }
            Err(OpenFailure::Open(OpenError::DamagedFile { reason, path })) => {
                let sentence = format!("This file is damaged ({reason}): {}", path.display());
                self.welcome.remember_damaged(sentence.clone(), path.clone());
                self.notices.damaged(sentence, path, now);
            }
            Err(error) => self.notices.error(error.to_string(), now),
        }
        if self.opening.is_empty() {
            // From here on a tab stands where the person puts it.
            self.restoring.clear();
        }
    }

    /// Adds a tab: at the end and in front, or where it was last time.
    fn add_tab(&mut self, session: Session, asked: &str) {
        let place = |location: &str| self.restoring.iter().position(|known| known == location);
        let Some(own) = place(asked) else {
            self.sessions.push(session);
            return;
        };
        let is_before =
            |other: &&Session| place(&other.models.facts.location).is_some_and(|place| place < own);
        let at = self.sessions.all().iter().filter(is_before).count();
        let is_front = self.sessions.is_empty() || self.state.front.as_deref() == Some(asked);
        let id = session.id;
        self.sessions.insert(at, session);
        if is_front {
            self.sessions.show(id);
        }
    }

    /// The project whose own store this is, if that is known: Deno names the file by a hash.
    fn project_of(&self, location: &str) -> Option<String> {
        let found = self.welcome.found().into_iter();
        let found = found.flat_map(|found| &found.own_stores);
        let found = found
            .filter(|store| store.location == location)
            .find_map(|store| store.project.clone());
        let recent = self.state.recent.iter();
        let known = recent.filter(|known| known.location == location);
        found.or_else(|| known.filter_map(|known| known.name.clone()).next())
    }

    /// Whether nothing was ever opened but the sample, so that some words on what there is are welcome.
    pub(crate) fn is_new_here(&self) -> bool {
        let sample = self.folders.as_ref().map(|folders| display(&folders.sample));
        let mut recent = self.state.recent.iter();
        recent.all(|known| Some(&known.location) == sample.as_ref())
    }

    /// Names the system's window after the database that is shown.
    pub(super) fn name_window(&mut self, ctx: &Context) {
        let title = match self.session() {
            Some(session) => {
                let facts = &session.models.facts;
                let label = facts.mark().map(|mark| &mark.label);
                let label = label.filter(|label| !label.is_empty());
                let label = label.map_or_else(String::new, |label| format!(" · {label}"));
                format!("{}{label} – Keyglass", facts.title)
            }
            None => "Keyglass".to_owned(),
        };
        if title != self.window_title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.window_title = title;
        }
    }
}

/// Starts the threads of a database. One that goes by another clock is refused: what has expired for the one would be
/// alive for the other.
fn start(database: Arc<dyn Database>, notifier: &Notifier, clock: &Clock) -> Result<Session, StartFailure> {
    if database.clock() != *clock {
        return Err(StartFailure::OtherClock(database.location()));
    }
    Ok(Session::start(database, notifier)?)
}

/// Whether another token would open it.
fn asks_for_token(error: &ConnectError) -> bool {
    matches!(
        error,
        ConnectError::NoToken(_) | ConnectError::Unauthorised { .. } | ConnectError::Forbidden { .. }
    )
}

/// A path from the root, because what is kept of a database is kept under its location.
fn absolute(location: String) -> String {
    if location.contains("://") {
        return tokens::location(&location).unwrap_or(location);
    }
    match std::path::absolute(&location) {
        Ok(path) => path.into_os_string().into_string().unwrap_or(location),
        Err(_) => location,
    }
}

/// Which of the known locations is the same file or folder, as by a link.
fn same_place(location: &str, known: Vec<String>) -> Option<String> {
    let real = std::fs::canonicalize(location).ok()?;
    known
        .into_iter()
        .find(|known| std::fs::canonicalize(known).is_ok_and(|known| known == real))
}

/// Opens a database. One that this very program has just closed may still be writing its last bytes, so that one
/// is waited for.
pub(crate) fn open_patiently(
    location: &str,
    options: &OpenOptions,
) -> Result<Arc<dyn Database>, OpenFailure> {
    let begun = Instant::now();
    loop {
        match options.open(location) {
            // Where nobody is named, whoever had it was gone by the time of looking.
            Err(OpenError::Locked { owner, .. })
                if begun.elapsed()
                    < match &owner {
                        Some(owner) if owner.process == std::process::id() => CLOSING_PATIENCE,
                        Some(_) => Duration::ZERO,
                        None => NAMELESS_PATIENCE,
                    } =>
            {
                std::thread::sleep(Duration::from_millis(50));
            }
            opened => return Ok(opened?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_path_is_told_from_the_same_one_elsewhere() {
        let here = std::env::current_dir().unwrap().join("shop.kg");
        assert_eq!(absolute("shop.kg".to_owned()), here.to_string_lossy());
        assert_eq!(absolute("https://A.b/kv".to_owned()), "https://a.b/kv");
        assert_eq!(absolute(String::new()), "");
    }

    #[test]
    fn a_link_leads_to_the_same_place() {
        let folder = tempfile::tempdir().unwrap();
        let text = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        std::fs::create_dir(text("a.kg")).unwrap();
        std::fs::create_dir(text("b.kg")).unwrap();
        let known = vec![text("b.kg"), text("a.kg")];
        let round = format!("{}/../a.kg", text("b.kg"));
        assert_eq!(same_place(&round, known.clone()), Some(text("a.kg")));
        assert_eq!(same_place(&text("missing.kg"), known), None);
    }
}
