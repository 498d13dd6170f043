//! What each command does: those of the window here, those of a database as an action on it.

use egui::{Context, ViewportCommand};
use keyglass_store::key::EncodedKey;

use crate::action::{DatabaseAction, HistoryAction, PathPurpose, TransactionAction};
use crate::app::App;
use crate::command::Command;
use crate::content::copy::CopyForm;
use crate::dialog::Dialog;
use crate::model::columns::{Column, TableColumns};
use crate::model::database_id::DatabaseId;
use crate::model::middle::Middle;
use crate::model::target::Target;
use crate::model::undo::{Direction, Wanted};
use crate::theme::{self, TEXT_SCALES, ThemeChoice};

/// How much larger or smaller the text gets by one command.
const TEXT_SCALE_STEP: f32 = 0.1;

impl App {
    /// Does a command that was given while a database was in front, if any was.
    pub(super) fn run(&mut self, command: Command, database: Option<DatabaseId>, ctx: &Context, now: i64) {
        if let Err(reason) = command.enabled(&self.environment(database)) {
            self.notices.error(format!("{}: {reason}", command.text()), now);
            return;
        }
        let mut on = |action: DatabaseAction| {
            if let Some(database) = database {
                self.execute_on(database, action, ctx, now);
            }
        };
        match command {
            Command::ExportDatabase => on(DatabaseAction::AskExport(Target::Below(EncodedKey::default()))),
            Command::ExportPrefix => on(DatabaseAction::ExportPrefix),
            Command::ExportSelection => on(DatabaseAction::ExportSelected),
            Command::DeleteSelection => on(DatabaseAction::DeleteSelected),
            Command::DeletePrefix => on(DatabaseAction::DeletePrefix),
            Command::Unlock => on(DatabaseAction::ToggleWritable),
            Command::CompareWith => on(DatabaseAction::AskCompare),
            Command::CopyTo => on(DatabaseAction::AskCopyTo),
            Command::CopyToServer => on(DatabaseAction::AskCopyToServer),
            Command::BackUp => on(DatabaseAction::AskBackUp),
            Command::Restore => on(DatabaseAction::AskRestore),
            Command::MarkDatabase => on(DatabaseAction::AskMark),
            Command::Serve => on(DatabaseAction::AskServe),
            Command::ShowRequests => on(DatabaseAction::Show(Middle::Requests)),
            Command::ShowHistory => on(DatabaseAction::History(HistoryAction::Toggle)),
            Command::KeepHistory => on(DatabaseAction::History(HistoryAction::AskRuleOfSelected)),
            Command::ShowComparison => on(DatabaseAction::Show(Middle::Comparison)),
            Command::Import => on(DatabaseAction::AskImport),
            Command::Undo => on(DatabaseAction::Step(Wanted::Next(Direction::Undo))),
            Command::Redo => on(DatabaseAction::Step(Wanted::Next(Direction::Redo))),
            Command::NewEntry => on(DatabaseAction::NewEntry),
            Command::SaveEntry => on(DatabaseAction::Save),
            Command::RevertEntry => on(DatabaseAction::TakeTheirs),
            Command::DuplicateEntry => on(DatabaseAction::Duplicate),
            Command::RenameEntry => on(DatabaseAction::BeginRename),
            Command::EditValue => on(DatabaseAction::EditValue),
            Command::WatchSelection => on(DatabaseAction::WatchSelected),
            Command::NotifyOfChanges => on(DatabaseAction::AskNotificationOfSelected),
            Command::ReverseList => on(DatabaseAction::ReverseList),
            Command::SelectAll => on(DatabaseAction::SelectAll),
            Command::Refresh => on(DatabaseAction::Refresh),
            Command::SwitchPanel => on(DatabaseAction::SwitchPanel),
            Command::Find => on(DatabaseAction::Show(Middle::Find)),
            Command::FindNext => on(DatabaseAction::StepFound { forward: true }),
            Command::FindPrevious => on(DatabaseAction::StepFound { forward: false }),
            Command::ShowEntries => on(DatabaseAction::Show(Middle::Entries)),
            Command::ShowWatch => on(DatabaseAction::Show(Middle::Watch)),
            Command::ShowQueue => on(DatabaseAction::Show(Middle::Queue)),
            Command::AddToTransaction => on(DatabaseAction::AddToTransaction),
            Command::SetWithIndexes => on(TransactionAction::SetWithIndexes.into()),
            Command::CheckIndexes => on(TransactionAction::CheckIndexes.into()),
            Command::CommitTransaction => on(DatabaseAction::CommitTransaction),
            Command::RebaseTransaction => on(DatabaseAction::RebaseTransaction),
            Command::ReuseTransaction => on(DatabaseAction::ReuseTransaction),
            Command::ClearTransaction => on(DatabaseAction::ClearTransaction),
            Command::NewMessage => on(DatabaseAction::NewMessage),
            Command::QueueAgain => on(DatabaseAction::QueueAgain),
            Command::DeliverMessages => on(DatabaseAction::DeliverMessages),
            Command::PutOffMessages => on(DatabaseAction::PutOffMessages),
            Command::EditMessage => on(DatabaseAction::EditMessage),
            Command::CancelMessages => on(DatabaseAction::CancelMessages),
            Command::CopyKey => on(DatabaseAction::CopySelected(CopyForm::Key)),
            Command::CopyKeyJson => on(DatabaseAction::CopySelected(CopyForm::KeyJson)),
            Command::CopyKeyRust => on(DatabaseAction::CopySelected(CopyForm::KeyRust)),
            Command::CopyValue => on(DatabaseAction::CopySelected(CopyForm::Value)),
            Command::CopyJson => on(DatabaseAction::CopySelected(CopyForm::ValueJson)),
            Command::CopyValueRust => on(DatabaseAction::CopySelected(CopyForm::ValueRust)),
            Command::CopyEntry => on(DatabaseAction::CopySelected(CopyForm::Entry)),
            Command::CopyEntryJson => on(DatabaseAction::CopySelected(CopyForm::EntryJson)),
            Command::CopyDenoCode => on(DatabaseAction::CopySelected(CopyForm::DenoCode)),
            Command::CopyRustCode => on(DatabaseAction::CopySelected(CopyForm::RustCode)),
            Command::CopyCommandLine => on(DatabaseAction::CopySelected(CopyForm::CommandLine)),
            Command::GoToKey => on(DatabaseAction::AskGoTo),
            Command::ShowFilters => on(DatabaseAction::ShowFilters),
            Command::CloseDatabase => {
                if let Some(database) = database {
                    self.close(database);
                }
            }
            Command::OpenFile => self.ask_path("Open a Deno KV file", PathPurpose::OpenFile, ""),
            Command::OpenFolder => self.ask_path("Open a Keyglass folder", PathPurpose::OpenFolder, ""),
            Command::OpenPath => self.show_path_dialog("Open a database", PathPurpose::OpenFile, ""),
            Command::NewDatabase => self.ask_path("New database", PathPurpose::Create, "new.kg"),
            Command::Connect => self.ask_connect("", None),
            Command::OpenSample => self.open_sample(now),
            Command::NextDatabase => {
                self.sessions.turn(1);
                self.focus_tree();
            }
            Command::PreviousDatabase => {
                self.sessions.turn_back();
                self.focus_tree();
            }
            Command::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            Command::ShowNotices => {
                self.layout.show_notices = !self.layout.show_notices;
                self.layout.show_undo_list = false;
                self.notices.read();
            }
            Command::ShowUndoList => {
                self.layout.show_undo_list = !self.layout.show_undo_list;
                self.layout.show_notices = false;
            }
            Command::ToggleKeys => self.state.show_keys = !self.state.show_keys,
            Command::ToggleEntry => self.state.show_entry = !self.state.show_entry,
            Command::ToggleTransaction => self.state.show_transaction = !self.state.show_transaction,
            Command::ToggleValueColumn => self.state.columns.toggle(Column::Value),
            Command::ToggleTypeColumn => self.state.columns.toggle(Column::Type),
            Command::ToggleSizeColumn => self.state.columns.toggle(Column::Size),
            Command::ToggleExpiryColumn => self.state.columns.toggle(Column::Expires),
            Command::ToggleVersionColumn => self.state.columns.toggle(Column::Versionstamp),
            Command::ResetColumns => self.state.columns = TableColumns::default(),
            Command::ThemeSystem => self.set_theme(ctx, ThemeChoice::System),
            Command::ThemeLight => self.set_theme(ctx, ThemeChoice::Light),
            Command::ThemeDark => self.set_theme(ctx, ThemeChoice::Dark),
            Command::LargerText => self.set_text_scale(ctx, self.state.text_scale + TEXT_SCALE_STEP),
            Command::SmallerText => self.set_text_scale(ctx, self.state.text_scale - TEXT_SCALE_STEP),
            Command::NormalText => self.set_text_scale(ctx, 1.0),
            Command::Palette => self.show_palette(database),
            Command::Shortcuts => self.dialog = Some(Dialog::Shortcuts),
            Command::About => self.dialog = Some(Dialog::About),
            Command::FilterTree => {
                self.state.show_keys = true;
                self.layout.focus_filter = true;
            }
        }
    }

    /// Arrow keys work at once in a database that came to the front.
    fn focus_tree(&mut self) {
        if let Some(session) = self.sessions.front_mut() {
            session.models.tree.wants_focus = true;
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
}
