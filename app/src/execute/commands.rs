//! What each command does.

use egui::{Context, ViewportCommand};
use keyglass_store::key::EncodedKey;
use keyglass_store::value::literal;

use super::Action;
use crate::app::App;
use crate::command::Command;
use crate::model::columns::TableColumns;
use crate::model::draft::Draft;
use crate::model::entry_panel::ValueView;
use crate::model::query::Query;
use crate::model::rename::Rename;
use crate::model::selection::SelectRows;
use crate::model::target::Target;
use crate::model::transaction::OperationKind;
use crate::model::undo::Direction;
use crate::panels::dialog::{Dialog, GoTo, PathPurpose};
use crate::session::{Tab, Wanted};
use crate::theme::{self, TEXT_SCALES, ThemeChoice};

/// How much larger or smaller the text gets by one command.
const TEXT_SCALE_STEP: f32 = 0.1;

impl App {
    pub(super) fn run(&mut self, command: Command, ctx: &Context, now: i64) {
        match command {
            Command::OpenFile => self.ask_path("Open a Deno KV file", PathPurpose::OpenFile, ""),
            Command::OpenFolder => self.ask_path("Open a Keyglass folder", PathPurpose::OpenFolder, ""),
            Command::OpenPath => self.show_path_dialog("Open a database", PathPurpose::OpenFile, ""),
            Command::NewDatabase => self.ask_path("New database", PathPurpose::Create, "new.kg"),
            Command::OpenSample => self.open_sample(now),
            Command::CloseDatabase => self.close(self.active),
            Command::NextDatabase => self.turn_to(1),
            Command::PreviousDatabase => self.turn_to(self.sessions.len().saturating_sub(1)),
            Command::ExportDatabase => self.ask_export(Target::Below(EncodedKey::default())),
            Command::ExportSelection | Command::DeleteSelection => self.run_on_selection(command),
            Command::Import => self.ask_path("Import NDJSON", PathPurpose::Import, ""),
            Command::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            Command::ShowNotices => {
                self.layout.show_notices = !self.layout.show_notices;
                self.layout.show_history = false;
                self.notices.read();
            }
            Command::ShowHistory => {
                self.layout.show_history = !self.layout.show_history;
                self.layout.show_notices = false;
            }
            Command::ToggleKeys => self.state.show_keys = !self.state.show_keys,
            Command::ToggleEntry => self.state.show_entry = !self.state.show_entry,
            Command::ToggleTransaction => self.state.show_transaction = !self.state.show_transaction,
            Command::ShowFilters => self.show_filters(),
            Command::ResetColumns => self.state.columns = TableColumns::default(),
            Command::ThemeSystem => self.set_theme(ctx, ThemeChoice::System),
            Command::ThemeLight => self.set_theme(ctx, ThemeChoice::Light),
            Command::ThemeDark => self.set_theme(ctx, ThemeChoice::Dark),
            Command::LargerText => self.set_text_scale(ctx, self.state.text_scale + TEXT_SCALE_STEP),
            Command::SmallerText => self.set_text_scale(ctx, self.state.text_scale - TEXT_SCALE_STEP),
            Command::NormalText => self.set_text_scale(ctx, 1.0),
            Command::Palette => self.show_palette(),
            Command::Shortcuts => self.dialog = Some(Dialog::Shortcuts),
            Command::About => self.dialog = Some(Dialog::About),
            Command::GoToKey => self.dialog = Some(Dialog::GoTo(GoTo::default())),
            Command::FilterTree => {
                self.state.show_keys = true;
                self.layout.focus_filter = true;
            }
            other => match (other.copy_form(), other.column()) {
                (Some(form), _) => self.copy(form, ctx, now),
                (None, Some(column)) => self.state.columns.toggle(column),
                (None, None) => self.run_on_session(other, now),
            },
        }
    }

    /// Shows the database so many tabs on, from the last one to the first.
    fn turn_to(&mut self, tabs: usize) {
        if let Some(next) = (self.active + tabs).checked_rem(self.sessions.len()) {
            self.active = next;
        }
        if let Some(session) = self.session_mut() {
            session.view.focus_tree = true;
        }
    }

    /// Commands that concern the database that is shown.
    pub(super) fn run_on_session(&mut self, command: Command, now: i64) {
        let Some(session) = self.sessions.get_mut(self.active) else {
            return;
        };
        let selection = session.panel.key().or(session.tree.selected.as_ref()).cloned();
        match command {
            Command::ExportPrefix => {
                if let Some(prefix) = session.tree.selected.clone().or(selection) {
                    self.ask_export(Target::Below(prefix));
                }
            }
            Command::Undo => {
                session.step(Wanted::Next(Direction::Undo), &mut self.notices, now);
            }
            Command::Redo => {
                session.step(Wanted::Next(Direction::Redo), &mut self.notices, now);
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
                session.view.forget_edits();
            }
            Command::DuplicateEntry => {
                if let Some(entry) = session.panel.draft_of_shown() {
                    let mut draft = Draft::new_entry(entry.key_draft.clone());
                    draft.text.clone_from(&entry.text);
                    draft.parse();
                    // The copy needs another key, and most often it is the last part that differs.
                    draft.key_draft.edit_last();
                    session.panel.begin_another_entry(draft);
                }
            }
            Command::RenameEntry => {
                self.state.show_entry = true;
                if let Some(entry) = session.panel.entry() {
                    let key = entry.key.clone();
                    session.panel.begin_rename(key.clone(), Rename::of(&key));
                }
            }
            Command::DeleteEntry => {
                if let Some(key) = session.panel.key().cloned() {
                    self.ask_delete(&key);
                }
            }
            Command::DeletePrefix => {
                if let Some(prefix) = session.tree.selected.clone().or(selection) {
                    self.ask_delete_all(Target::Below(prefix));
                }
            }
            Command::EditValue => {
                self.state.show_entry = true;
                self.state.value_view = ValueView::Code;
                session.view.focus_value = true;
            }
            Command::WatchSelection if session.entries.many_selected() => session.watch_selection(),
            Command::WatchSelection => {
                let blob = session.entries.selected_blob().map(|blob| blob.key);
                if let Some(key) = blob.or(selection) {
                    session.watch.add(key);
                    session.tab = Tab::Watch;
                }
            }
            Command::ReverseList => {
                let query = session.entries.query.clone();
                let reverse = !query.reverse;
                session.list(Query { reverse, ..query });
                session.view.focus_table = true;
            }
            Command::SelectAll => {
                session.tab = Tab::Entries;
                session.select_rows(SelectRows::All);
            }
            Command::Refresh => session.refresh(),
            Command::SwitchPanel => {
                let to_table = session.view.tree_has_focus || !self.state.show_keys;
                session.view.focus_tree = !to_table;
                session.view.focus_table = to_table;
                if to_table {
                    session.tab = Tab::Entries;
                }
            }
            Command::Find => {
                session.tab = Tab::Find;
                session.view.focus_find = true;
            }
            Command::FindNext | Command::FindPrevious => {
                if let Some(key) = session.find.step(command == Command::FindNext) {
                    session.view.scroll_to_found = true;
                    session.select(key);
                    self.state.show_entry = true;
                }
            }
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

    pub(super) fn set_theme(&mut self, ctx: &Context, theme: ThemeChoice) {
        self.state.theme = theme;
        theme::apply(ctx, theme, self.state.text_scale);
    }

    pub(super) fn set_text_scale(&mut self, ctx: &Context, scale: f32) {
        self.state.text_scale = scale.clamp(*TEXT_SCALES.start(), *TEXT_SCALES.end());
        theme::apply(ctx, self.state.theme, self.state.text_scale);
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
    let key_text = draft.key_text();
    if let Ok(key) = crate::model::draft::parse_key(&key_text) {
        session.transaction.add_check(&key, seen);
    }
    // A row is one line high.
    let text = draft.value().map_or_else(
        || draft.text.replace('\n', " "),
        |value| literal::print(value, usize::MAX),
    );
    session.transaction.add(OperationKind::Set, key_text, text);
}
