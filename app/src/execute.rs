//! The one place where commands take effect.

use std::path::PathBuf;

use egui::{Context, ViewportCommand};
use keyglass_store::key::{EncodedKey, KeyRange};
use keyglass_store::transfer::{ExportOptions, Format, ImportOptions};
use keyglass_store::value::literal;

use crate::app::{App, Event, display};
use crate::chooser::Choice;
use crate::command::Command;
use crate::model::copy;
use crate::model::draft::{Draft, ExpiryDraft, Shown, ValueView};
use crate::model::entries::Query;
use crate::model::format;
use crate::model::transaction::OperationKind;
use crate::panels::dialog::{Dialog, ExportChoice, GoTo, Palette, PathPurpose, Question};
use crate::session::Tab;
use crate::state::Folders;
use crate::theme::{self, TEXT_SCALES, ThemeChoice};
use crate::widgets::confirm::Confirm;
use crate::widgets::path_dialog::{PathDialog, PathEntry, PathKind};
use crate::worker::Request;

/// How much larger or smaller the text gets by one command.
const TEXT_SCALE_STEP: f32 = 0.1;

/// What a panel asks for: a command, or something with a target.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// A command of the menus.
    Command(Command),
    /// Opens a database.
    Open(String),
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
    /// Shows a key wherever it is.
    GoTo(EncodedKey),
    /// Begins a new entry with the parts of a prefix.
    NewEntryBelow(EncodedKey),
    /// Exports what is at and below a prefix.
    Export(EncodedKey),
    /// Watches what is at and below a prefix.
    Watch(EncodedKey),
    /// Stops watching.
    Unwatch(EncodedKey),
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
    /// Asks whether to delete an entry.
    DeleteEntry(EncodedKey),
    /// Asks whether to delete everything at and below a prefix.
    DeletePrefix(EncodedKey),
    /// Deletes everything at and below a prefix; asked already.
    DeleteBelow(EncodedKey),
    /// Deletes the entry that is shown; asked already.
    DeleteShown,
    /// Allows or forbids writing; asked already.
    SetWritable(bool),
    /// Undoes a commit.
    UndoStep(u64),
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
        let now = (self.clock)();
        match action {
            Action::Command(command) => {
                if let Err(reason) = command.enabled(&self.environment()) {
                    self.notices.error(format!("{}: {reason}", command.text()), now);
                } else {
                    self.run(command, ctx, now);
                }
            }
            Action::Open(location) => self.open(location),
            Action::Forget(location) => self.state.recent.retain(|known| known.location != location),
            Action::Activate(at) => self.active = at.min(self.sessions.len().saturating_sub(1)),
            Action::Close(at) => self.close(at),
            Action::Copy(text) => ctx.copy_text(text),
            Action::UsePath(purpose, path) => {
                self.dialog = None;
                self.use_path(purpose, path);
            }
            Action::ListFolder(folder) => self.list_folder(folder),
            Action::StartExport(ExportChoice { prefix, format }) => {
                let name = self.session().map_or("export", |session| session.title.as_str());
                let name = format!("{name}.{}", extension(format));
                self.ask_path("Export to", PathPurpose::Export { prefix, format }, &name);
            }
            Action::Export(prefix) => self.ask_export(prefix),
            Action::CloseDialog => self.dialog = None,
            Action::Complain(reason) => self.notices.error(reason, now),
            Action::ShowValueAs(view) => self.state.value_view = view,
            Action::ToggleWritable => self.ask_writable(),
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
            Action::GoTo(key) => {
                self.dialog = None;
                session.tab = Tab::Entries;
                session.go_to(key);
            }
            Action::NewEntryBelow(prefix) => {
                let text = prefix.to_string();
                let opening = text.strip_suffix(']').unwrap_or(&text);
                let comma = if opening.ends_with('[') { "" } else { ", " };
                session.panel.new_entry = Some(Draft::new_entry(format!("{opening}{comma}\"\"]")));
                self.state.show_entry = true;
            }
            Action::Watch(prefix) => {
                session.watch.add(prefix);
                session.tab = Tab::Watch;
            }
            Action::Unwatch(prefix) => session.watch.remove(&prefix),
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
                session.view.value_changes.clear();
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
            Action::DeletePrefix(prefix) => self.ask_delete_prefix(prefix, now),
            Action::DeleteBelow(prefix) => {
                self.dialog = None;
                let undo_file = undo_file(self.folders.as_ref(), now);
                let label = format!("Deleting below {prefix}");
                session.start_job(label, |job| Request::Delete {
                    job,
                    range: KeyRange::at_and_below(&prefix),
                    undo_file,
                });
            }
            Action::DeleteShown => {
                self.dialog = None;
                session.delete_shown();
            }
            Action::SetWritable(writable) => {
                self.dialog = None;
                session.set_writable(writable);
            }
            Action::UndoStep(step) => session.undo_commit(step, now),
            Action::CancelJob(id) => session.cancel_job(id),
            _ => {}
        }
    }

    fn run(&mut self, command: Command, ctx: &Context, now: i64) {
        match command {
            Command::OpenFile => self.ask_path("Open a Deno KV file", PathPurpose::OpenFile, ""),
            Command::OpenFolder => self.ask_path("Open a Keyglass folder", PathPurpose::OpenFolder, ""),
            Command::OpenPath => self.show_path_dialog("Open a database", PathPurpose::OpenFile, ""),
            Command::NewDatabase => self.ask_path("New database", PathPurpose::Create, "new.kg"),
            Command::OpenSample => self.open_sample(now),
            Command::CloseDatabase => self.close(self.active),
            Command::ExportDatabase => self.ask_export(EncodedKey::default()),
            Command::Import => self.ask_path("Import NDJSON", PathPurpose::Import, ""),
            Command::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            Command::ShowNotices => {
                self.layout.show_notices = !self.layout.show_notices;
                self.notices.read();
            }
            Command::ToggleKeys => self.state.show_keys = !self.state.show_keys,
            Command::ToggleEntry => self.state.show_entry = !self.state.show_entry,
            Command::ToggleTransaction => self.state.show_transaction = !self.state.show_transaction,
            Command::ThemeSystem => self.set_theme(ctx, ThemeChoice::System),
            Command::ThemeLight => self.set_theme(ctx, ThemeChoice::Light),
            Command::ThemeDark => self.set_theme(ctx, ThemeChoice::Dark),
            Command::LargerText => self.set_text_scale(ctx, self.state.text_scale + TEXT_SCALE_STEP),
            Command::SmallerText => self.set_text_scale(ctx, self.state.text_scale - TEXT_SCALE_STEP),
            Command::NormalText => self.set_text_scale(ctx, 1.0),
            Command::Palette => self.dialog = Some(Dialog::Palette(Palette::default())),
            Command::Shortcuts => self.dialog = Some(Dialog::Shortcuts),
            Command::About => self.dialog = Some(Dialog::About),
            Command::GoToKey => self.dialog = Some(Dialog::GoTo(GoTo::default())),
            Command::FilterTree => {
                self.state.show_keys = true;
                self.layout.focus_filter = true;
            }
            other => self.run_on_session(other, ctx, now),
        }
    }

    /// Commands that concern the database that is shown.
    fn run_on_session(&mut self, command: Command, ctx: &Context, now: i64) {
        let Some(session) = self.sessions.get_mut(self.active) else {
            return;
        };
        let selection = session.panel.key().or(session.tree.selected.as_ref()).cloned();
        match command {
            Command::ExportPrefix => {
                if let Some(prefix) = session.tree.selected.clone().or(selection) {
                    self.ask_export(prefix);
                }
            }
            Command::Undo => {
                if let Some(step) = session.undo.newest().map(|step| step.id) {
                    session.undo_commit(step, now);
                }
            }
            Command::NewEntry => {
                let prefix = session.entries.query.prefix.clone();
                self.execute_on_session(Action::NewEntryBelow(prefix), now);
            }
            Command::SaveEntry => {
                if let Err(reason) = session.save(now) {
                    self.notices.error(format!("Not saved: {reason}"), now);
                }
            }
            Command::RevertEntry => {
                session.panel.revert();
                session.view.value_changes.clear();
            }
            Command::DuplicateEntry => {
                if let Some(entry) = session.panel.draft_of_shown() {
                    let mut draft = Draft::new_entry(entry.key_text.clone());
                    draft.text.clone_from(&entry.text);
                    draft.parse();
                    session.panel.new_entry = Some(draft);
                }
            }
            Command::DeleteEntry => {
                if let Some(key) = session.panel.key().cloned() {
                    self.ask_delete(&key);
                }
            }
            Command::CopyKey => {
                if let Some(key) = selection {
                    ctx.copy_text(key.to_string());
                }
            }
            Command::CopyValue => {
                if let Some(draft) = session.panel.draft_of_shown() {
                    ctx.copy_text(draft.text.clone());
                }
            }
            Command::CopyJson => {
                if let Shown::Entry(loaded) = &session.panel.shown {
                    ctx.copy_text(loaded.json.clone());
                }
            }
            Command::CopyDenoCode | Command::CopyCommandLine => {
                if let Shown::Entry(loaded) = &session.panel.shown {
                    let entry = &loaded.entry;
                    let text = if command == Command::CopyDenoCode {
                        copy::as_deno_code(&entry.key, &loaded.code, entry.expires_at)
                    } else {
                        copy::as_command_line(&session.location, &entry.key, &loaded.code)
                    };
                    match text {
                        Some(text) => ctx.copy_text(text),
                        None => self.notices.error("Not copied: this is no Deno KV key", now),
                    }
                }
            }
            Command::EditValue => {
                self.state.show_entry = true;
                self.state.value_view = ValueView::Code;
                session.view.focus_value = true;
            }
            Command::WatchSelection => {
                if let Some(key) = selection {
                    session.watch.add(key);
                    session.tab = Tab::Watch;
                }
            }
            Command::Refresh => session.refresh(now),
            Command::ShowEntries => session.tab = Tab::Entries,
            Command::ShowWatch => session.tab = Tab::Watch,
            Command::ShowQueue => {
                session.tab = Tab::Queue;
                session.read_queue();
            }
            Command::AddToTransaction => {
                self.state.show_transaction = true;
                add_to_transaction(session);
            }
            Command::CommitTransaction => {
                if let Err(reason) = session.commit_transaction() {
                    self.notices.error(format!("Not committed: {reason}"), now);
                }
            }
            Command::RebaseTransaction => session.transaction.rebase(),
            Command::ClearTransaction => session.transaction.clear(),
            _ => {}
        }
    }

    fn set_theme(&mut self, ctx: &Context, theme: ThemeChoice) {
        self.state.theme = theme;
        theme::apply(ctx, theme, self.state.text_scale);
    }

    fn set_text_scale(&mut self, ctx: &Context, scale: f32) {
        self.state.text_scale = scale.clamp(*TEXT_SCALES.start(), *TEXT_SCALES.end());
        theme::apply(ctx, self.state.theme, self.state.text_scale);
    }

    /// Closes a database; asks first if edits would be lost.
    fn close(&mut self, at: usize) {
        let Some(session) = self.sessions.get(at) else {
            return;
        };
        let unsaved = session.panel.num_changed();
        let asked =
            matches!(&self.dialog, Some(Dialog::Question(question)) if question.action == Action::Close(at));
        if unsaved > 0 && !asked {
            let edits = if unsaved == 1 {
                "One edit".to_owned()
            } else {
                format!("{unsaved} edits")
            };
            let body = format!("{edits} of {} would be lost", session.title);
            self.ask("Close without saving?", body, "Close", true, Action::Close(at));
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

    fn ask_writable(&mut self) {
        let Some(session) = self.session() else { return };
        if session.is_writable() {
            self.execute_on_session(Action::SetWritable(false), 0);
            return;
        }
        if let keyglass_store::Writing::Impossible(reason) = &session.capabilities.writing {
            let (reason, now) = (reason.clone(), (self.clock)());
            self.notices
                .tell(crate::model::notices::NoticeKind::Info, reason, now);
            return;
        }
        let body = format!(
            "{} can then be changed from this window. Every save is checked against what you saw.",
            session.location
        );
        self.ask(
            "Allow writing?",
            body,
            "Allow writing",
            false,
            Action::SetWritable(true),
        );
    }

    fn ask(&mut self, title: &str, body: String, verb: &str, danger: bool, action: Action) {
        let confirm = Confirm {
            title: title.to_owned(),
            body,
            items: Vec::new(),
            action: verb.to_owned(),
            danger,
        };
        self.dialog = Some(Dialog::Question(Question { confirm, action }));
    }

    fn ask_delete(&mut self, key: &EncodedKey) {
        let body = "It is removed if it is still as it is shown. You can undo this while Keyglass runs.";
        self.ask(
            "Delete this entry?",
            body.to_owned(),
            "Delete",
            true,
            Action::DeleteShown,
        );
        if let Some(Dialog::Question(question)) = &mut self.dialog {
            question.confirm.items.push(key.to_string());
        }
    }

    fn ask_delete_prefix(&mut self, prefix: EncodedKey, now: i64) {
        let Some(session) = self.session_mut() else { return };
        let number = session.tree.counted(&prefix, now).map_or_else(
            || "All entries".to_owned(),
            |counted| {
                let about = if counted.complete { "" } else { "At least " };
                let entries = format::counted(counted.entries, "entry", "entries");
                format!("{about}{entries} ({})", format::bytes(counted.bytes))
            },
        );
        let body = format!(
            "{number} at and below this key will be removed, except those that change meanwhile. They are written to a file first, and Undo puts them back."
        );
        let name = prefix.to_string();
        self.ask(
            "Delete everything below?",
            body,
            "Delete all",
            true,
            Action::DeleteBelow(prefix),
        );
        if let Some(Dialog::Question(question)) = &mut self.dialog {
            question.confirm.items.push(name);
        }
    }

    fn ask_export(&mut self, prefix: EncodedKey) {
        self.dialog = Some(Dialog::Export(ExportChoice {
            prefix,
            format: Format::Ndjson,
        }));
    }

    /// Asks for a path: with the system's dialog where there is one, else with our own.
    fn ask_path(&mut self, title: &str, purpose: PathPurpose, file_name: &str) {
        self.dialog = None;
        if !self.chooser.is_available() {
            self.show_path_dialog(title, purpose, file_name);
            return;
        }
        let choice = match purpose {
            PathPurpose::OpenFile | PathPurpose::Import => Choice::File,
            PathPurpose::OpenFolder => Choice::Folder,
            PathPurpose::Create | PathPurpose::Export { .. } => Choice::SaveFile,
        };
        let report = self.reporter();
        let chosen = Box::new(move |path| report(Event::Chosen { purpose, path }));
        self.chooser.choose(title, choice, file_name, chosen);
    }

    fn show_path_dialog(&mut self, title: &str, purpose: PathPurpose, file_name: &str) {
        let folder = std::env::current_dir().unwrap_or_default();
        let kind = match purpose {
            PathPurpose::OpenFile | PathPurpose::Import => PathKind::OpenFile,
            PathPurpose::OpenFolder => PathKind::OpenFolder,
            PathPurpose::Create | PathPurpose::Export { .. } => PathKind::Save,
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
        self.dialog = Some(Dialog::Path(Box::new(dialog), purpose));
        self.list_folder(folder);
    }

    /// Reads a folder's names on a thread, for the in-app dialog.
    fn list_folder(&mut self, folder: PathBuf) {
        let report = self.reporter();
        let listed = std::thread::Builder::new()
            .name("keyglass folder".to_owned())
            .spawn(move || {
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
        let now = (self.clock)();
        match purpose {
            PathPurpose::OpenFile | PathPurpose::OpenFolder => self.open(display(&path)),
            PathPurpose::Create => {
                let location = display(&path);
                self.open_with(location, move || {
                    keyglass_store::open::create(&path).map_err(|error| error.to_string())
                });
            }
            PathPurpose::Import => {
                if let Some(session) = self.session_mut() {
                    let label = format!("Importing {}", path.display());
                    let options = ImportOptions {
                        now,
                        ..ImportOptions::default()
                    };
                    session.start_job(label, |job| Request::Import { job, options, path });
                }
            }
            PathPurpose::Export { prefix, format } => {
                if let Some(session) = self.session_mut() {
                    let label = format!("Exporting to {}", path.display());
                    let options = ExportOptions {
                        range: KeyRange::at_and_below(&prefix),
                        format,
                    };
                    session.start_job(label, |job| Request::Export { job, options, path });
                }
            }
        }
    }

    pub(crate) fn open_sample(&mut self, now: i64) {
        let Some(path) = self.folders.as_ref().map(|folders| folders.sample.clone()) else {
            self.notices.error(
                "The system does not say where your files are, so there is no sample",
                now,
            );
            return;
        };
        if path.exists() {
            self.open(display(&path));
            return;
        }
        self.open_with(display(&path), move || crate::sample::create(&path, now));
    }
}

/// Adds a check of what is shown, and a set of what was edited, to the transaction.
fn add_to_transaction(session: &mut crate::session::Session) {
    let Some(draft) = session
        .panel
        .current()
        .or_else(|| session.panel.draft(session.panel.key()?))
        .cloned()
    else {
        if let Some(entry) = session.panel.entry().cloned() {
            session
                .transaction
                .add_check(&entry.key, Some(entry.versionstamp));
        }
        return;
    };
    let seen = draft.seen().map(|seen| seen.entry.versionstamp);
    if let Ok(key) = crate::model::draft::parse_key(&draft.key_text) {
        session.transaction.add_check(&key, seen);
    }
    // A row is one line high.
    let text = draft.value().map_or_else(
        || draft.text.replace('\n', " "),
        |value| literal::print(value, usize::MAX),
    );
    session.transaction.add(OperationKind::Set, draft.key_text, text);
}

/// Where entries are written before they are deleted together.
fn undo_file(folders: Option<&Folders>, now: i64) -> PathBuf {
    let kept = folders.and_then(|folders| folders.sample.parent());
    let folder = kept.map_or_else(std::env::temp_dir, std::path::Path::to_owned);
    folder.join("deleted").join(format!("{now}.ndjson"))
}

/// The ending of an export's file name.
fn extension(format: Format) -> &'static str {
    match format {
        Format::Ndjson => "ndjson",
        Format::Json => "json",
        Format::Js => "js",
    }
}
