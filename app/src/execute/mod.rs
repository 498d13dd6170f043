//! The one place where commands take effect.

mod backup;
mod commands;
mod compare;
mod connect;
mod copy_to;
mod database;
mod expiries;
mod filters;
mod guards;
mod history;
mod import;
mod marks;
mod messages;
mod notify;
mod places;
mod questions;
mod recovery;
mod scans;
mod selection;
mod serve;
mod transaction;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use egui::{Context, ViewportCommand};
use jiff::tz::TimeZone;

use crate::action::{Action, AppAction, DatabaseAction};
use crate::app::recovering::Recovering;
use crate::app::{App, Event, LOOKS_PATIENCE};
use crate::dialog::Dialog;
use crate::model::database_id::DatabaseId;
use crate::model::draft::Draft;
use crate::model::notices::NoticeKind;
use crate::model::undo::{Direction, Wanted};
use crate::moment::civil;
use crate::session::Session;
use crate::state::Folders;
use crate::threads;
use crate::undo_files;

/// Edits that are named one by one before they are lost.
const NAMED_EDITS: usize = 8;

impl App {
    /// Does what was asked.
    pub fn execute(&mut self, action: Action, ctx: &Context) {
        let now = self.clock.now();
        match action {
            Action::App(action) => self.execute_on_window(action, ctx, now),
            Action::On(database, DatabaseAction::Command(command)) => {
                self.run(command, Some(database), ctx, now);
            }
            Action::On(database, action) => self.execute_on(database, action, ctx, now),
        }
    }

    fn execute_on_window(&mut self, action: AppAction, ctx: &Context, now: i64) {
        match action {
            AppAction::Command(command) => self.run(command, None, ctx, now),
            AppAction::Open(location) => self.open(location),
            AppAction::Connect => self.connect(),
            AppAction::TestConnection => self.test_connection(),
            AppAction::OpenAcceptingLoss(location) => {
                self.dialog = None;
                self.open_accepting_loss(location);
            }
            AppAction::AskRecover(damaged) => self.ask_recover(damaged),
            AppAction::StopRecovery(to) => self.stop_recovery(&to),
            AppAction::Forget(location) => self.state.recent.retain(|known| known.location != location),
            AppAction::Activate(database) => self.sessions.show(database),
            AppAction::Close(database) => self.close(database),
            AppAction::Quit => {
                self.dialog = None;
                self.may_quit = true;
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            AppAction::Copy(text) => ctx.copy_text(text),
            AppAction::UsePath(purpose, path) => {
                self.dialog = None;
                self.use_path(purpose, path);
            }
            AppAction::ListFolder(folder) => self.list_folder(folder),
            AppAction::CloseDialog => self.dialog = None,
            AppAction::Complain(reason) => self.notices.error(reason, now),
            AppAction::RestoreFilter(location, filter) => self.restore_filter(&location, filter, now),
            AppAction::SetColumnWidth(column, width) => self.state.columns.set_width(column, width),
            AppAction::ShowValueAs(view) => self.state.value_view = view,
            AppAction::Step(step, direction) => self.step(step, direction, ctx, now),
        }
    }

    /// Undoes or redoes a step of any open database.
    fn step(&mut self, step: u64, direction: Direction, ctx: &Context, now: i64) {
        let mut sessions = self.sessions.all().iter();
        let session = sessions.find(|session| session.models.undo.step(step).is_some());
        match session {
            Some(session) => {
                let action = DatabaseAction::Step(Wanted::Step(step, direction));
                let id = session.id;
                self.execute_on(id, action, ctx, now);
            }
            None => {
                let text = "This can no longer be undone: its database was closed, or it is too long ago";
                self.notices.tell(NoticeKind::Info, text, now);
            }
        }
    }

    /// Keeps the window open and asks if it is about to be closed while something runs, which would be cancelled. Edits
    /// are no reason: they are there again next time.
    pub(crate) fn ask_before_quitting(&mut self, ctx: &Context) {
        if self.may_quit || !ctx.input(|input| input.viewport().close_requested()) {
            return;
        }
        let jobs = self
            .sessions
            .all()
            .iter()
            .flat_map(|session| session.models.jobs.iter());
        let jobs = jobs.map(|job| job.label.clone());
        let jobs: Vec<String> = jobs
            .chain(self.recoveries.iter().map(Recovering::label))
            .chain(self.sessions.all().iter().filter_map(serve::connected))
            .collect();
        if jobs.is_empty() {
            return;
        }
        ctx.send_viewport_cmd(ViewportCommand::CancelClose);
        // Another question is answered after this one.
        let is_asked = |dialog: &Dialog| matches!(dialog, Dialog::Question(question) if question.action == Action::App(AppAction::Quit));
        if let Some(open) = self.dialog.take().filter(|open| !is_asked(open)) {
            self.waiting.insert(0, open);
        }
        let is_served = self.sessions.all().iter().any(serve::is_used);
        let body = match is_served {
            true => serve::QUITTING,
            false => "What runs would be cancelled. Edits that were not saved are there again next time.",
        };
        let action = Action::App(AppAction::Quit);
        let title = if is_served {
            "Quit and end serving?"
        } else {
            "Quit and cancel?"
        };
        self.ask(title, body.to_owned(), "Quit", true, action);
        if let Some(Dialog::Question(question)) = &mut self.dialog {
            question.confirm.items = jobs;
        }
    }

    /// Closes a database; asks first if edits would be lost.
    pub(crate) fn close(&mut self, database: DatabaseId) {
        let now = self.clock.now();
        let Some(session) = self.sessions.get(database) else {
            return;
        };
        let unsaved = session.models.panel.num_changed();
        let asked = matches!(&self.dialog, Some(Dialog::Question(question)) if question.action == Action::App(AppAction::Close(database)));
        let connected = serve::connected(session);
        if (unsaved > 0 || !session.models.jobs.is_empty() || connected.is_some()) && !asked {
            let edits = match unsaved {
                0 if session.models.jobs.is_empty() => "The programs".to_owned(),
                0 => "What runs".to_owned(),
                1 => "One edit".to_owned(),
                several => format!("{several} edits"),
            };
            let (title, fate) = if unsaved == 0 && session.models.jobs.is_empty() {
                ("Close and end serving?", "would be refused from then on")
            } else if unsaved == 0 {
                ("Close and cancel?", "would be cancelled")
            } else if session.models.jobs.is_empty() {
                ("Close without saving?", "would be lost")
            } else {
                (
                    "Close without saving?",
                    "would be lost, and what runs would be cancelled",
                )
            };
            let body = format!("{edits} of {} {fate}", session.models.facts.title);
            let jobs = session.models.jobs.iter().map(|job| job.label.clone());
            let lost = edited_keys(session)
                .into_iter()
                .chain(jobs)
                .chain(connected)
                .collect();
            self.ask(
                title,
                body,
                "Close",
                true,
                Action::App(AppAction::Close(database)),
            );
            if let Some(Dialog::Question(question)) = &mut self.dialog {
                question.confirm.items = lost;
            }
            return;
        }
        let title = session.models.facts.title.clone();
        let Some(session) = self.sessions.remove(database) else {
            return;
        };
        let tabs = self.sessions.tabs();
        self.views.retain(|id, _| tabs.iter().any(|tab| tab.id == *id));
        let of_it = |dialog: &Dialog| dialog.database() == Some(database);
        let mut gone: Vec<Dialog> = self.dialog.take_if(|dialog| of_it(dialog)).into_iter().collect();
        gone.extend(self.waiting.extract_if(.., |dialog| of_it(dialog)));
        let questions = gone.iter().filter(|dialog| !dialog.closes(database));
        for question in questions.filter_map(Dialog::asks) {
            let text = format!("{title} was closed, so this is no longer asked: {question}");
            self.notices.tell(NoticeKind::Info, text, now);
        }
        let mut saved = session.save_state();
        saved.drop_drafts();
        self.state
            .sessions
            .insert(session.models.facts.location.clone(), saved);
        // Finding out what to say, and closing, which may flush to the disk, is for another thread.
        let report = self.reporter();
        let closing = threads::spawn_counted("close", &self.closing, move || {
            match session.parting_word() {
                Some(word) => report(Event::Parted(word)),
                None => drop(report),
            }
            let threads = session.threads();
            drop(session);
            threads.wait(LOOKS_PATIENCE);
        });
        drop(closing);
    }
}

/// The keys of the edits that wait, of which not too many are named.
fn edited_keys(session: &Session) -> Vec<String> {
    let drafts = session
        .models
        .panel
        .changed()
        .chain(session.models.panel.new_entries());
    let renamed = session.models.panel.renames().map(|(key, _)| key.to_string());
    let mut keys: Vec<String> = drafts.map(Draft::key_text).chain(renamed).collect();
    keys.sort();
    keys.dedup();
    if keys.len() > NAMED_EDITS {
        let more = keys.len() - NAMED_EDITS;
        keys.truncate(NAMED_EDITS);
        keys.push(format!("… and {more} more"));
    }
    keys
}

/// Where a database is copied to before it is unlocked: beside it, under its name and the moment.
fn copy_path(location: &str, now: i64) -> PathBuf {
    let path = Path::new(location);
    let moment = civil(now, &TimeZone::UTC).map_or_else(
        || now.to_string(),
        |moment| moment.strftime("%Y-%m-%dT%H-%M-%SZ").to_string(),
    );
    path.with_file_name(format!(
        "{}.{moment}.{}",
        path.file_stem().unwrap_or_default().to_string_lossy(),
        path.extension().map_or("sqlite3".into(), OsStr::to_string_lossy)
    ))
}

/// Where entries are written before they are deleted together or replaced by an import.
fn undo_file(folders: Option<&Folders>, now: i64) -> PathBuf {
    undo_files::new_path(&Folders::of_undo_files(folders), now)
}
