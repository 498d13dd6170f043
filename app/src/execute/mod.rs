//! The one place where commands take effect.

mod commands;
mod filters;
mod places;
mod questions;
mod selection;

use std::path::PathBuf;

use egui::Context;
use keyglass_store::key::EncodedKey;

use crate::app::App;
use crate::command::Command;
use crate::model::blob::BlobKey;
use crate::model::columns::Column;
use crate::model::copy::CopyForm;
use crate::model::draft::{Draft, ExpiryDraft};
use crate::model::entry_panel::ValueView;
use crate::model::key_draft::KeyDraft;
use crate::model::notices::NoticeKind;
use crate::model::query::Query;
use crate::model::saved_filters::SavedFilter;
use crate::model::selection::SelectRows;
use crate::model::target::Target;
use crate::model::transaction::OperationKind;
use crate::model::undo::Direction;
use crate::panels::dialog::{Dialog, ExportChoice, PathPurpose};
use crate::session::{Session, Tab, Wanted};
use crate::state::Folders;
use crate::worker::Request;

use questions::extension;

/// Edits that are named one by one before they are lost.
const NAMED_EDITS: usize = 8;

/// What a panel asks for: a command, or something with a target.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// A command of the menus.
    Command(Command),
    /// Opens a database.
    Open(String),
    /// Opens a database without the commits that damage has lost.
    OpenAcceptingLoss(String),
    /// Takes a database off the welcome page.
    Forget(String),
    /// Shows another open database.
    Activate(usize),
    /// Closes an open database.
    Close(usize),
    /// Shows a node of the tree: lists what is below, or selects its row.
    SelectNode {
        /// The node's key or prefix.
        prefix: EncodedKey,
        /// An entry stands here.
        is_entry: bool,
        /// There are longer keys below.
        is_folder: bool,
    },
    /// Shows or hides what is below a node.
    SetExpanded(EncodedKey, bool),
    /// Lists something.
    List(Query),
    /// Shows an entry in the entry panel.
    SelectEntry(EncodedKey),
    /// Changes which rows of the table are selected.
    SelectRows(SelectRows),
    /// Shows an entry that was found, by its number.
    OpenFound(usize),
    /// Ends the search.
    StopFind,
    /// A column of the table was given this width in points, or its usual one.
    SetColumnWidth(Column, Option<f32>),
    /// Puts the text of many entries on the clipboard.
    CopyAll(Target, CopyForm),
    /// Puts the text of the entry that is shown on the clipboard, whatever is selected in the table.
    CopyShown(CopyForm),
    /// Keeps what is listed under a name.
    SaveFilter(String),
    /// Lists what was kept under a name.
    ApplyFilter(String),
    /// Gives a saved filter another name.
    RenameFilter(String, String),
    /// Forgets a saved filter.
    RemoveFilter(String),
    /// Puts a filter back that was removed from those of the database at a location.
    RestoreFilter(String, SavedFilter),
    /// Takes entries that have expired and were not swept into exports, copies and finds, or not.
    IncludeExpired(bool),
    /// Letters were typed to find a row of the table.
    TypeAhead(String),
    /// Shows a key wherever it is.
    GoTo(EncodedKey),
    /// Begins a new entry with the parts of a prefix.
    NewEntryBelow(EncodedKey),
    /// Exports what is at and below a prefix.
    Export(EncodedKey),
    /// Exports what the table lists between its bounds.
    ExportListed,
    /// Watches what is at and below a prefix.
    Watch(EncodedKey),
    /// Stops watching something.
    Unwatch(Target),
    /// Leaves new changes out of the timeline, or not.
    PauseWatch(bool),
    /// Empties the timeline.
    ClearWatch,
    /// Puts a text on the clipboard.
    Copy(String),
    /// Shows the value another way.
    ShowValueAs(ValueView),
    /// The draft's expiry was chosen.
    SetExpiry(ExpiryDraft),
    /// Gives up the edit and takes what stands there now.
    TakeTheirs,
    /// Saves the edit over what stands there now.
    OverwriteTheirs,
    /// Goes on editing, from what stands there now.
    EditOn,
    /// Adds a row to the transaction.
    AddOperation(OperationKind),
    /// Removes a row of the transaction.
    RemoveOperation(u64),
    /// Moves a row of the transaction down, or up.
    ShiftOperation(u64, bool),
    /// Gives the entry that is shown the key that was written; if asked for, over what was told to stand there.
    Rename {
        /// Whether what stands there is overwritten.
        overwrite: bool,
    },
    /// Gives up renaming the entry that is shown.
    CancelRename,
    /// Asks where to write a blob that is kept in parts; with a name for the file.
    ExportBlob(BlobKey, String),
    /// Asks whether to delete all parts of a blob.
    DeleteBlob(BlobKey),
    /// Asks whether to delete an entry.
    DeleteEntry(EncodedKey),
    /// Asks whether to delete everything at and below a prefix.
    DeletePrefix(EncodedKey),
    /// Deletes many entries; asked already.
    DeleteAll(Target),
    /// Deletes the entry that is shown; asked already.
    DeleteShown,
    /// Allows or forbids writing; asked already.
    SetWritable(bool),
    /// Undoes or redoes what was committed.
    Step(u64, Direction),
    /// Stops a job.
    CancelJob(u64),
    /// Opens the dialog that asks for what a database needs to be unlocked, or locks it.
    ToggleWritable,
    /// A path was typed in the in-app dialog.
    UsePath(PathPurpose, PathBuf),
    /// The in-app dialog wants to know what a folder holds.
    ListFolder(PathBuf),
    /// Asks where to write an export whose options were chosen.
    StartExport(ExportChoice),
    /// Tells why something that was typed cannot be.
    Complain(String),
    /// Closes the dialog.
    CloseDialog,
}

impl App {
    /// Does what was asked.
    pub fn execute(&mut self, action: Action, ctx: &Context) {
        let now = self.clock.now();
        match action {
            Action::Command(command) => {
                if let Err(reason) = command.enabled(&self.environment()) {
                    self.notices.error(format!("{}: {reason}", command.text()), now);
                } else {
                    self.run(command, ctx, now);
                }
            }
            Action::Open(location) => self.open(location),
            Action::OpenAcceptingLoss(location) => self.open_accepting_loss(location),
            Action::Forget(location) => self.state.recent.retain(|known| known.location != location),
            Action::Activate(at) => self.active = at.min(self.sessions.len().saturating_sub(1)),
            Action::Close(at) => self.close(at),
            Action::Copy(text) => ctx.copy_text(text),
            Action::CopyShown(form) => self.copy_shown(form, ctx, now),
            Action::UsePath(purpose, path) => {
                self.dialog = None;
                self.use_path(purpose, path);
            }
            Action::ListFolder(folder) => self.list_folder(folder),
            Action::StartExport(ExportChoice {
                target,
                format,
                expired,
            }) => {
                let name = self.session().map_or("export", |session| session.title.as_str());
                let name = format!("{}.{}", name.replace(['/', '\\'], "-"), extension(format));
                self.ask_path(
                    "Export to",
                    PathPurpose::Export {
                        target,
                        format,
                        expired,
                    },
                    &name,
                );
            }
            Action::Export(prefix) => self.ask_export(Target::Below(prefix)),
            Action::ExportListed => self.ask_export_listed(),
            Action::ExportBlob(key, name) => {
                self.ask_path("Export the blob to", PathPurpose::ExportBlob(key), &name);
            }
            Action::DeleteBlob(key) => self.ask_delete_all(Target::Selected(key.entries())),
            Action::CloseDialog => self.dialog = None,
            Action::Complain(reason) => self.notices.error(reason, now),
            Action::SaveFilter(_)
            | Action::ApplyFilter(_)
            | Action::RenameFilter(..)
            | Action::RemoveFilter(_) => self.execute_on_filters(&action, now),
            Action::RestoreFilter(location, filter) => self.restore_filter(&location, filter, now),
            Action::SetColumnWidth(column, width) => self.state.columns.set_width(column, width),
            Action::ShowValueAs(view) => self.state.value_view = view,
            Action::ToggleWritable => self.ask_writable(),
            Action::Step(step, direction) => self.step(step, direction, now),
            other => self.execute_on_session(other, now),
        }
    }

    /// Actions that concern the database that is shown.
    fn execute_on_session(&mut self, action: Action, now: i64) {
        let Some(session) = self.sessions.get_mut(self.active) else {
            return;
        };
        match action {
            Action::SelectNode {
                prefix,
                is_entry,
                is_folder,
            } => {
                session.tree.selected = Some(prefix.clone());
                if is_folder {
                    session.list(Query::prefix(prefix.clone()));
                    session.tree.selected = Some(prefix.clone());
                    if is_entry {
                        session.select(prefix);
                    }
                } else {
                    session.go_to(prefix);
                }
            }
            Action::SetExpanded(prefix, expanded) => session.tree.set_expanded(&prefix, expanded),
            Action::List(query) => session.list(query),
            Action::SelectEntry(key) => session.select(key),
            Action::SelectRows(change) => session.select_rows(change),
            Action::OpenFound(index) => {
                if let Some(key) = session.find.select(index) {
                    session.select(key);
                    self.state.show_entry = true;
                }
            }
            Action::StopFind => session.find.stop(),
            Action::CopyAll(target, form) => session.copy_all(&target, form),
            Action::IncludeExpired(included) => session.includes_expired = included,
            Action::TypeAhead(typed) => session.type_ahead(&typed, now),
            Action::GoTo(key) => {
                self.dialog = None;
                session.tab = Tab::Entries;
                session.view.focus_table = true;
                session.go_to_key_or_prefix(key);
            }
            Action::NewEntryBelow(prefix) => {
                let draft = Draft::new_entry(KeyDraft::below(&prefix));
                session.panel.begin_new_entry(draft);
                self.state.show_entry = true;
            }
            Action::Watch(prefix) => {
                session.watch.add(prefix);
                session.tab = Tab::Watch;
            }
            Action::Unwatch(target) => session.watch.remove(&target),
            Action::PauseWatch(paused) => session.watch.paused = paused,
            Action::ClearWatch => session.watch.clear(),
            Action::SetExpiry(expiry) => {
                if let Some(draft) = &mut session.panel.new_entry {
                    draft.expiry = expiry;
                } else if let Some(draft) = session.panel.draft_of_shown() {
                    draft.expiry = expiry;
                }
            }
            Action::TakeTheirs => {
                session.panel.revert();
                session.view.forget_edits();
            }
            Action::EditOn | Action::OverwriteTheirs => {
                if let Some(draft) = session.panel.current_mut() {
                    draft.rebase();
                }
                if action == Action::OverwriteTheirs
                    && let Err(reason) = session.save(now)
                {
                    self.notices.error(format!("Not saved: {reason}"), now);
                }
            }
            Action::AddOperation(kind) => {
                let key = session
                    .panel
                    .key()
                    .map_or_else(|| "[\"\"]".to_owned(), ToString::to_string);
                session.transaction.add(kind, key, String::new());
            }
            Action::RemoveOperation(id) => session.transaction.remove(id),
            Action::ShiftOperation(id, down) => session.transaction.shift(id, down),
            Action::DeleteEntry(key) => self.ask_delete(&key),
            Action::DeletePrefix(prefix) => self.ask_delete_all(Target::Below(prefix)),
            Action::Rename { overwrite } => {
                if let Err(reason) = session.rename_shown(overwrite) {
                    self.notices.error(format!("Not renamed: {reason}"), now);
                }
            }
            Action::CancelRename => session.panel.cancel_rename(),
            Action::DeleteAll(target) => {
                self.dialog = None;
                let undo_file = undo_file(self.folders.as_ref(), now);
                let label = match &target {
                    Target::Below(prefix) => format!("Deleting below {prefix}"),
                    Target::Selected(_) => "Deleting the selected entries".to_owned(),
                };
                session.start_job(label, |job| Request::Delete {
                    job,
                    ranges: target.ranges(),
                    undo_file,
                });
                self.clean_up_undo_files();
            }
            Action::DeleteShown => {
                self.dialog = None;
                session.delete_shown();
            }
            Action::SetWritable(writable) => {
                self.dialog = None;
                session.set_writable(writable);
            }
            Action::CancelJob(id) => session.cancel_job(id),
            _ => {}
        }
    }

    /// Undoes or redoes a step of any open database.
    fn step(&mut self, step: u64, direction: Direction, now: i64) {
        let session = self
            .sessions
            .iter_mut()
            .find(|session| session.undo.step(step).is_some());
        match session {
            Some(session) => session.step(Wanted::Step(step, direction), &mut self.notices, now),
            None => {
                let text = "This can no longer be undone: its database was closed, or it is too long ago";
                self.notices.tell(NoticeKind::Info, text, now);
            }
        }
    }

    /// Closes a database; asks first if edits would be lost.
    fn close(&mut self, at: usize) {
        let Some(session) = self.sessions.get(at) else {
            return;
        };
        let unsaved = session.panel.num_changed();
        let asked =
            matches!(&self.dialog, Some(Dialog::Question(question)) if question.action == Action::Close(at));
        if (unsaved > 0 || !session.jobs.is_empty()) && !asked {
            let edits = match unsaved {
                0 => "What runs".to_owned(),
                1 => "One edit".to_owned(),
                several => format!("{several} edits"),
            };
            let (title, fate) = if unsaved == 0 {
                ("Close and cancel?", "would be cancelled")
            } else if session.jobs.is_empty() {
                ("Close without saving?", "would be lost")
            } else {
                (
                    "Close without saving?",
                    "would be lost, and what runs would be cancelled",
                )
            };
            let body = format!("{edits} of {} {fate}", session.title);
            let jobs = session.jobs.iter().map(|job| job.label.clone());
            let lost = edited_keys(session).into_iter().chain(jobs).collect();
            self.ask(title, body, "Close", true, Action::Close(at));
            if let Some(Dialog::Question(question)) = &mut self.dialog {
                question.confirm.items = lost;
            }
            return;
        }
        self.dialog = None;
        // Closing may flush to the disk, so another thread does it.
        let session = self.sessions.remove(at);
        let mut saved = session.save_state();
        saved.drop_drafts();
        self.state.sessions.insert(session.location.clone(), saved);
        let dropped = std::thread::Builder::new()
            .name("keyglass close".to_owned())
            .spawn(move || drop(session));
        drop(dropped);
        if self.active >= at {
            self.active = self.active.saturating_sub(1);
        }
    }
}

/// The keys of the edits that wait, of which not too many are named.
fn edited_keys(session: &Session) -> Vec<String> {
    let drafts = session.panel.changed().chain(session.panel.new_entries());
    let renamed = session.panel.renames().map(|(key, _)| key.to_string());
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

/// Where entries are written before they are deleted together.
fn undo_file(folders: Option<&Folders>, now: i64) -> PathBuf {
    let folder = folders.map_or_else(|| std::env::temp_dir().join("deleted"), Folders::deleted);
    folder.join(format!("{now}.ndjson"))
}
