//! Questions before an action, and what is done with their answers.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use keyglass_store::DatabaseKind;
use keyglass_store::key::{EncodedKey, KeyRange};
use keyglass_store::transfer::{ExportOptions, Format};

use crate::action::{
    Action, AppAction, DatabaseAction, DatabasePath, ExportChoice, PathPurpose, TransactionPath, UnlockChoice,
};
use crate::app::{App, Event, display, open_patiently};
use crate::chooser::Choice;
use crate::content::key_set::KeySet;
use crate::dialog::Dialog;
use crate::dialog::path::{PathDialog, PathEntry, PathKind};
use crate::dialog::question::{Confirm, Question};
use crate::errand::Work;
use crate::model::database_id::DatabaseId;
use crate::model::notices::NoticeKind;
use crate::model::target::Target;
use crate::model::typed_name::TypedName;
use crate::threads;
use crate::tokens;

/// A system's dialog that ends sooner than this without a path was never shown.
const NO_DIALOG: Duration = Duration::from_millis(300);

impl App {
    pub(super) fn ask_writable(&mut self, id: DatabaseId) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        if session.models.facts.is_writable() {
            session.lock();
            return;
        }
        if let keyglass_store::Writing::Impossible(reason) = &session.models.facts.capabilities.writing {
            let (reason, now) = (reason.clone(), self.clock.now());
            self.notices.tell(NoticeKind::Info, reason, now);
            return;
        }
        if session.models.facts.capabilities.kind == DatabaseKind::DenoFile {
            let typed = session.models.facts.guard();
            self.dialog = Some(Dialog::Unlock(id, UnlockChoice::default(), typed));
            return;
        }
        let guard = session.models.facts.guard();
        let body = format!(
            "{} can then be changed from this window. Every save is checked against what you saw.",
            session.models.facts.location
        );
        self.ask(
            "Allow writing?",
            body,
            "Allow writing",
            false,
            Action::On(id, DatabaseAction::Unlock(UnlockChoice::default())),
        );
        self.guard_question(guard);
    }

    /// Has a name typed before the question that was just asked is answered.
    pub(super) fn guard_question(&mut self, guard: Option<TypedName>) {
        if let Some(Dialog::Question(question)) = &mut self.dialog {
            question.confirm.typed = guard;
        }
    }

    pub(super) fn ask(&mut self, title: &str, body: String, verb: &str, danger: bool, action: Action) {
        let confirm = Confirm {
            title: title.to_owned(),
            body,
            items: Vec::new(),
            action: verb.to_owned(),
            danger,
            typed: None,
            within: None,
        };
        self.dialog = Some(Dialog::Question(Question { confirm, action }));
    }

    pub(crate) fn ask_to_accept_loss(&mut self, location: String, reason: String) {
        let confirm = Confirm {
            title: "Open what is left?".to_owned(),
            body: reason,
            items: Vec::new(),
            action: "Accept the loss and open".to_owned(),
            danger: true,
            typed: None,
            within: None,
        };
        let action = Action::App(AppAction::OpenAcceptingLoss(location));
        self.show_or_wait(Dialog::Question(Question { confirm, action }));
    }

    /// Shows a dialog that nobody asked for at this moment: one that is open is answered first.
    pub(crate) fn show_or_wait(&mut self, dialog: Dialog) {
        if self.dialog.is_some() {
            self.waiting.push(dialog);
        } else {
            self.dialog = Some(dialog);
        }
    }

    pub(super) fn ask_delete(&mut self, id: DatabaseId, key: &EncodedKey) {
        let shown = self
            .sessions
            .get(id)
            .and_then(|session| session.models.panel.entry());
        let Some(versionstamp) = shown
            .filter(|entry| entry.key == *key)
            .map(|entry| entry.versionstamp)
        else {
            return self.ask_delete_all(id, Target::Selected(KeySet::of(KeyRange::only(key))));
        };
        let body = "It is removed if it is still as it is shown. You can undo this while Keyglass runs.";
        self.ask(
            "Delete this entry?",
            body.to_owned(),
            "Delete",
            true,
            Action::On(id, DatabaseAction::Delete(key.clone(), versionstamp)),
        );
        if let Some(Dialog::Question(question)) = &mut self.dialog {
            question.confirm.items.push(key.to_string());
        }
    }

    /// Asks for a path: with the system's dialog where there is one, else with our own.
    pub(super) fn ask_path(&mut self, title: &str, purpose: PathPurpose, file_name: &str) {
        self.dialog = None;
        if !self.chooser.is_available() {
            self.show_path_dialog(title, purpose, file_name);
            return;
        }
        let choice = match purpose {
            PathPurpose::OpenFile
            | PathPurpose::On(
                _,
                DatabasePath::Import
                | DatabasePath::LoadTimeline
                | DatabasePath::Transaction(TransactionPath::Load),
            ) => Choice::File,
            PathPurpose::OpenFolder | PathPurpose::On(_, DatabasePath::BackUp | DatabasePath::Restore) => {
                Choice::Folder
            }
            PathPurpose::Create
            | PathPurpose::Recover(_)
            | PathPurpose::On(
                _,
                DatabasePath::ExportBlob(_)
                | DatabasePath::ExportRequests
                | DatabasePath::ExportTimeline
                | DatabasePath::ExportComparison
                | DatabasePath::Export(_)
                | DatabasePath::Transaction(TransactionPath::Save)
                | DatabasePath::CopyTo,
            ) => Choice::SaveFile,
        };
        let report = self.reporter();
        let (begun, asked) = (Instant::now(), (title.to_owned(), file_name.to_owned()));
        let chosen = Box::new(move |path: Option<PathBuf>| {
            // Nobody cancels as fast as that: there was no dialog.
            if path.is_none() && begun.elapsed() < NO_DIALOG {
                let (title, file_name) = asked;
                report(Event::NoDialog {
                    title,
                    purpose,
                    file_name,
                });
            } else {
                report(Event::Chosen { purpose, path });
            }
        });
        self.chooser.choose(title, choice, file_name, chosen);
    }

    pub(crate) fn show_path_dialog(&mut self, title: &str, purpose: PathPurpose, file_name: &str) {
        let beside = match &purpose {
            PathPurpose::Recover(damaged) => damaged.parent().map(Path::to_owned),
            _ => None,
        };
        let folder = beside.unwrap_or_else(|| std::env::current_dir().unwrap_or_default());
        let kind = match purpose {
            PathPurpose::OpenFile
            | PathPurpose::On(
                _,
                DatabasePath::Import
                | DatabasePath::LoadTimeline
                | DatabasePath::Transaction(TransactionPath::Load),
            ) => PathKind::OpenFile,
            PathPurpose::OpenFolder | PathPurpose::On(_, DatabasePath::Restore) => PathKind::OpenFolder,
            PathPurpose::Create
            | PathPurpose::Recover(_)
            | PathPurpose::On(
                _,
                DatabasePath::ExportBlob(_)
                | DatabasePath::ExportRequests
                | DatabasePath::ExportTimeline
                | DatabasePath::ExportComparison
                | DatabasePath::Export(_)
                | DatabasePath::Transaction(TransactionPath::Save)
                | DatabasePath::CopyTo
                | DatabasePath::BackUp,
            ) => PathKind::Save,
        };
        let mut dialog = PathDialog::new(kind, title, &folder);
        dialog.text.push_str(file_name);
        if matches!(purpose, PathPurpose::OpenFile | PathPurpose::OpenFolder) {
            dialog.recent = self
                .state
                .recent
                .iter()
                .map(|known| PathBuf::from(&known.location))
                .collect();
        }
        self.show_or_wait(Dialog::Path(Box::new(dialog), purpose));
        self.list_folder(folder);
    }

    /// Reads a folder's names on a thread, for the in-app dialog.
    pub(super) fn list_folder(&mut self, folder: PathBuf) {
        let report = self.reporter();
        let listed = threads::spawn("folder", move || {
            let mut entries: Vec<PathEntry> = std::fs::read_dir(&folder)
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| {
                    let path = entry.path();
                    let is_folder = path.is_dir();
                    let is_database = is_folder && keyglass_store::embedded::is_database(&path);
                    PathEntry {
                        name: entry.file_name().to_string_lossy().into_owned(),
                        is_folder,
                        note: if is_database {
                            "Keyglass database".to_owned()
                        } else {
                            String::new()
                        },
                    }
                })
                .collect();
            entries.sort_by_key(|entry| (!entry.is_folder, entry.name.to_lowercase()));
            report(Event::Listed { folder, entries });
        });
        drop(listed);
    }

    /// Does what a path was asked for.
    pub(crate) fn use_path(&mut self, purpose: PathPurpose, path: PathBuf) {
        match purpose {
            PathPurpose::OpenFile | PathPurpose::OpenFolder => self.open(display(&path)),
            PathPurpose::Create => {
                let location = display(&path);
                self.open_with(location, move |options| Ok(options.create(&path)?));
            }
            PathPurpose::Recover(damaged) => self.recover(damaged, path),
            PathPurpose::On(id, purpose) => self.use_path_on(id, purpose, path),
        }
    }

    /// Does what a path was asked for with the database that it was asked for, if that is still open.
    fn use_path_on(&mut self, id: DatabaseId, purpose: DatabasePath, path: PathBuf) {
        let now = self.clock.now();
        let Some(session) = self.sessions.get_mut(id) else {
            let what = match purpose {
                DatabasePath::Import => "Nothing was imported",
                DatabasePath::CopyTo => "Nothing was copied",
                DatabasePath::BackUp => "Nothing was backed up",
                DatabasePath::Restore => "Nothing was restored",
                DatabasePath::LoadTimeline => "Nothing was opened",
                DatabasePath::ExportBlob(_)
                | DatabasePath::ExportRequests
                | DatabasePath::ExportTimeline
                | DatabasePath::ExportComparison
                | DatabasePath::Export(_) => "Nothing was exported",
                DatabasePath::Transaction(TransactionPath::Load) => "No draft was loaded",
                DatabasePath::Transaction(TransactionPath::Save) => "The draft was not saved",
            };
            let text = format!(
                "{what}, because the database was closed meanwhile: {}",
                path.display()
            );
            self.notices.error(text, now);
            return;
        };
        match purpose {
            DatabasePath::Import => self.ask_import(id, path),
            DatabasePath::CopyTo if tokens::is_url(&display(&path)) => {
                self.ask_copy_to_server(id, &display(&path));
                self.connect_to_copy(id);
            }
            DatabasePath::CopyTo => self.look_before_copy(id, path),
            DatabasePath::BackUp => self.look_before_backup(id, path),
            DatabasePath::Restore => self.ask_restore(id, path),
            DatabasePath::Transaction(purpose) => self.use_draft_file(id, purpose, path),
            DatabasePath::ExportRequests => {
                let label = format!("Exporting requests to {}", path.display());
                let requests = session.models.requests.all_shown().cloned().collect();
                session.start_job(label, Work::ExportRequests { requests, path });
            }
            DatabasePath::ExportTimeline => {
                let label = format!("Exporting changes to {}", path.display());
                let lines = session.models.watch.shown_lines();
                session.start_job(label, Work::ExportTimeline { lines, path });
            }
            DatabasePath::ExportComparison => {
                let label = format!("Exporting differences to {}", path.display());
                let lines = session.models.comparison.lines();
                session.start_job(label, Work::ExportDifferences { lines, path });
            }
            DatabasePath::LoadTimeline => {
                let label = format!("Reading changes from {}", path.display());
                session.start_job(label, Work::LoadTimeline { path });
            }
            DatabasePath::ExportBlob(key) => {
                let label = format!("Exporting a blob to {}", path.display());
                session.start_job(label, Work::ExportBlob { key, path });
            }
            DatabasePath::Export(ExportChoice {
                target,
                format,
                expired,
            }) => {
                let label = format!("Exporting to {}", path.display());
                let options = ExportOptions {
                    ranges: target.ranges(),
                    format,
                    expired,
                };
                session.start_job(label, Work::Export { options, path });
            }
        }
    }

    /// The title of a dialog that asks for a path: `Export to`, and `Export from shop to` or `Import into shop` where
    /// several databases are open.
    pub(super) fn path_title(&self, id: DatabaseId, verb: &str, word: &str) -> String {
        let session = self.sessions.get(id).filter(|_| self.sessions.are_many());
        match (session, word) {
            (Some(session), "into") => format!("{verb} into {}", session.models.facts.title),
            (Some(session), _) => format!("{verb} from {} {word}", session.models.facts.title),
            (None, "into") => verb.to_owned(),
            (None, _) => format!("{verb} {word}"),
        }
    }

    /// Opens the sample for somebody who has opened nothing yet, and says what it is.
    pub(crate) fn open_first_sample(&mut self) {
        let now = self.clock.now();
        let about =
            "Nothing in it matters. File, Open file… opens a database of your own; F1 shows what keys do";
        self.notices.put(
            NoticeKind::Info,
            "This is the sample: a small shop to try everything on".to_owned(),
            vec![about.to_owned()],
            None,
            now,
        );
        self.open_sample(now);
    }

    pub(crate) fn open_sample(&mut self, now: i64) {
        let Some(path) = self.folders.as_ref().map(|folders| folders.sample.clone()) else {
            self.notices.error(
                "The system does not say where your files are, so there is no sample",
                now,
            );
            return;
        };
        self.open_once(display(&path), move |location, options| match path.exists() {
            true => open_patiently(location, options),
            false => Ok(crate::sample::open_or_create(&path, options)?),
        });
    }
}

/// The ending of an export's file name.
pub(super) fn extension(format: Format) -> &'static str {
    match format {
        Format::Ndjson => "ndjson",
        Format::Json => "json",
        Format::Js => "js",
    }
}
