//! What is done with one database: always the one that was asked about, whichever is in front by now.

use egui::Context;

use super::{copy_path, undo_file};
use crate::action::{DatabaseAction, DatabasePath, ExportChoice, PathPurpose};
use crate::app::App;
use crate::dialog::Dialog;
use crate::dialog::go_to::GoTo;
use crate::errand::{Deletion, Work};
use crate::model::database_id::DatabaseId;
use crate::model::draft::Draft;
use crate::model::entry_panel::ValueView;
use crate::model::expiry;
use crate::model::key_draft::KeyDraft;
use crate::model::messages::MessagePurpose;
use crate::model::middle::Middle;
use crate::model::notices::NoticeKind;
use crate::model::query::Query;
use crate::model::rename::Rename;
use crate::model::selection::SelectRows;
use crate::model::target::Target;
use crate::model::transaction::OperationKind;
use crate::session::Session;

use super::questions::extension;

impl App {
    /// Does something with a database, while it is open.
    pub(super) fn execute_on(&mut self, id: DatabaseId, action: DatabaseAction, ctx: &Context, now: i64) {
        let Some(action) = self.ask_before_reading(id, action) else {
            return;
        };
        let Some(action) = self.ask_for_name(id, action) else {
            return;
        };
        let Some((action, chosen)) = self.ask_about_expiries(id, action, now) else {
            return;
        };
        let expires_at = chosen.and_then(|chosen| expiry::chosen_moment(chosen, now));
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        match action {
            // One in another is done as it says.
            DatabaseAction::Paid(action)
            | DatabaseAction::Named(action)
            | DatabaseAction::WithExpiry(action, _) => {
                self.execute_on(id, *action, ctx, now);
            }
            DatabaseAction::Command(command) => self.run(command, Some(id), ctx, now),
            DatabaseAction::SelectNode {
                prefix,
                is_entry,
                is_folder,
            } => session.select_node(prefix, is_entry, is_folder),
            DatabaseAction::SetExpanded(prefix, expanded) => {
                session.models.tree.set_expanded(&prefix, expanded);
            }
            DatabaseAction::List(query) => session.list(query),
            DatabaseAction::SelectEntry(key) => session.select(key),
            DatabaseAction::SelectAll => {
                session.models.show(Middle::Entries);
                session.select_rows(SelectRows::All);
            }
            DatabaseAction::SelectRows(change) => session.select_rows(change),
            DatabaseAction::OpenFound(index) => {
                if let Some(key) = session.models.find.select(index) {
                    session.select(key);
                    self.state.show_entry = true;
                }
            }
            DatabaseAction::StepFound { forward } => {
                if let Some(key) = session.models.find.step(forward) {
                    session.models.find.shows_selected = true;
                    session.select(key);
                    self.state.show_entry = true;
                }
            }
            DatabaseAction::StopFind => session.models.find.stop(),
            DatabaseAction::CopyAll(target, form) => session.copy_all(&target, form),
            DatabaseAction::CopySelected(form) => self.copy(id, form, ctx, now),
            DatabaseAction::CopyShown(form) => self.copy_shown(id, form, ctx, now),
            DatabaseAction::ShowFilters => self.show_filters(id),
            DatabaseAction::SaveFilter(name) => self.save_filter(id, &name, now),
            DatabaseAction::ApplyFilter(name) => self.apply_filter(id, &name, now),
            DatabaseAction::RenameFilter(name, to) => self.rename_filter(id, &name, &to),
            DatabaseAction::RemoveFilter(name) => self.remove_filter(id, &name, now),
            DatabaseAction::IncludeExpired(included) => session.models.entries.include_expired(included),
            DatabaseAction::TypeAhead(typed) => session.type_ahead(&typed, now),
            DatabaseAction::AskGoTo => self.dialog = Some(Dialog::GoTo(GoTo::new(id))),
            DatabaseAction::GoTo(key) => {
                session.models.show(Middle::Entries);
                session.models.entries.wants_focus = true;
                session.go_to_key_or_prefix(key);
                self.dialog.take_if(|dialog| matches!(dialog, Dialog::GoTo(_)));
            }
            DatabaseAction::NewEntry => {
                let prefix = session.models.entries.query.prefix.clone();
                self.execute_on(id, DatabaseAction::NewEntryBelow(prefix), ctx, now);
            }
            DatabaseAction::NewEntryBelow(prefix) => {
                let draft = Draft::new_entry(KeyDraft::below(&prefix), session.models.panel.limits);
                session.models.panel.begin_new_entry(draft);
                self.state.show_entry = true;
            }
            DatabaseAction::BeginRename => {
                self.state.show_entry = true;
                if let Some(entry) = session.models.panel.entry() {
                    let key = entry.key.clone();
                    session.models.panel.begin_rename(key.clone(), Rename::of(&key));
                }
            }
            DatabaseAction::Duplicate => duplicate(session),
            DatabaseAction::EditValue => {
                self.state.show_entry = true;
                self.state.value_view = ValueView::Code;
                session.models.panel.focus_value = true;
            }
            DatabaseAction::Save => {
                if let (Some(draft), Some(chosen)) = (session.models.panel.current_mut(), chosen) {
                    draft.expiry = chosen;
                }
                if let Err(reason) = session.save(now) {
                    self.notices.error(format!("Not saved: {reason}"), now);
                }
            }
            DatabaseAction::AskExport(target) => self.ask_export(id, target),
            DatabaseAction::ExportPrefix => {
                if let Some(prefix) = session.subject().key().cloned() {
                    self.ask_export(id, Target::Below(prefix));
                }
            }
            DatabaseAction::ExportSelected => {
                if let Some(target) = session.subject().target() {
                    self.ask_export(id, target);
                }
            }
            DatabaseAction::ReadAll => session.models.entries.read_all(),
            DatabaseAction::Count(prefix) => session.models.tree.ask_count(&prefix),
            DatabaseAction::CountSelected => session.count_selected(now),
            DatabaseAction::ExportListed => self.ask_export_listed(id),
            DatabaseAction::StartExport(choice) => {
                let ExportChoice { format, .. } = choice;
                let name = session.models.facts.title.replace(['/', '\\'], "-");
                let name = format!("{name}.{}", extension(format));
                let title = self.path_title(id, "Export", "to");
                self.ask_path(&title, PathPurpose::On(id, DatabasePath::Export(choice)), &name);
            }
            DatabaseAction::AskCompare => self.ask_compare(id),
            DatabaseAction::Compare(plan) => self.compare(id, plan, now),
            DatabaseAction::CancelComparison => session.cancel_comparison(),
            DatabaseAction::TakeDifferences(direction) => self.take_differences(id, direction, now),
            DatabaseAction::AskExportComparison => {
                let name = session.models.facts.title.replace(['/', '\\'], "-");
                let title = self.path_title(id, "Export differences", "to");
                let name = format!("{name}-differences.ndjson");
                self.ask_path(&title, PathPurpose::On(id, DatabasePath::ExportComparison), &name);
            }
            DatabaseAction::AskCopyTo => {
                let name = format!("{}-copy.kg", session.models.facts.title.replace(['/', '\\'], "-"));
                let title = self.path_title(id, "Copy", "to");
                self.ask_path(&title, PathPurpose::On(id, DatabasePath::CopyTo), &name);
            }
            DatabaseAction::AskCopyToServer => self.ask_copy_to_server(id, ""),
            DatabaseAction::ConnectToCopy => self.connect_to_copy(id),
            DatabaseAction::StartCopyTo(choice) => self.start_copy_to(id, choice),
            DatabaseAction::AskBackUp => {
                let title = self.path_title(id, "Back up", "to");
                self.ask_path(&title, PathPurpose::On(id, DatabasePath::BackUp), "backup.kg");
            }
            DatabaseAction::StartBackup(choice) => self.start_backup(id, choice),
            DatabaseAction::AskRestore => {
                let title = self.path_title(id, "Restore", "from a backup");
                self.ask_path(&title, PathPurpose::On(id, DatabasePath::Restore), "");
            }
            DatabaseAction::CheckRestore(choice) => session.check_restore(choice),
            DatabaseAction::StartRestore(choice) => self.start_restore(id, choice, now),
            DatabaseAction::AskImport => {
                let title = self.path_title(id, "Import NDJSON", "into");
                self.ask_path(&title, PathPurpose::On(id, DatabasePath::Import), "");
            }
            DatabaseAction::OpenImport(path) => self.ask_import(id, path),
            DatabaseAction::CheckImport(choice) => session.check_import(choice),
            DatabaseAction::StartImport(choice) => self.start_import(id, choice, expires_at, now),
            DatabaseAction::ExportBlob(key, name) => {
                let title = self.path_title(id, "Export the blob", "to");
                self.ask_path(&title, PathPurpose::On(id, DatabasePath::ExportBlob(key)), &name);
            }
            DatabaseAction::Watch(prefix) => {
                session.models.watch.add(prefix);
                session.models.show(Middle::Watch);
            }
            DatabaseAction::WatchSelected => session.watch_selection(),
            DatabaseAction::AskNotification(target, entries) => self.ask_notification(id, target, entries),
            DatabaseAction::AskNotificationOfSelected => self.ask_notification_of_selected(id),
            DatabaseAction::Notify(target, entries, choice) => {
                self.set_notification(id, (target, entries), choice);
            }
            DatabaseAction::Unwatch(target) => session.models.watch.remove(&target),
            DatabaseAction::PauseWatch(paused) => session.models.watch.pause(paused),
            DatabaseAction::FilterTimeline(filter) => session.models.watch.set_filter(filter),
            DatabaseAction::OpenChange(row) => session.models.watch.open(row),
            DatabaseAction::CompareChange(base) => session.models.watch.compare_with(base),
            DatabaseAction::BookmarkTimeline => session.models.watch.bookmark(now),
            DatabaseAction::NameBookmark(row, name) => session.models.watch.name_bookmark(row, name),
            DatabaseAction::RestoreChange { row, before } => match session.restore_change(row, before) {
                Ok(()) => {
                    self.state.show_entry = true;
                    self.state.value_view = ValueView::Code;
                }
                Err(reason) => self.notices.error(format!("Not restored: {reason}"), now),
            },
            DatabaseAction::AskExportTimeline => {
                let name = session.models.facts.title.replace(['/', '\\'], "-");
                let title = self.path_title(id, "Export changes", "to");
                let name = format!("{name}-changes.ndjson");
                self.ask_path(&title, PathPurpose::On(id, DatabasePath::ExportTimeline), &name);
            }
            DatabaseAction::AskLoadTimeline => {
                let purpose = PathPurpose::On(id, DatabasePath::LoadTimeline);
                self.ask_path("Open a recording of changes", purpose, "");
            }
            DatabaseAction::CloseRecording => session.models.watch.close_recording(),
            DatabaseAction::ClearWatch => session.models.watch.clear(),
            DatabaseAction::SetExpiry(expiry) => {
                if let Some(draft) = &mut session.models.panel.new_entry {
                    draft.expiry = expiry;
                } else if let Some(draft) = session.models.panel.draft_of_shown() {
                    draft.expiry = expiry;
                }
            }
            DatabaseAction::TakeTheirs => {
                session.models.panel.revert();
            }
            DatabaseAction::EditOn => {
                if let Some(draft) = session.models.panel.current_mut() {
                    draft.rebase();
                }
            }
            DatabaseAction::OverwriteTheirs => {
                if let Some(draft) = session.models.panel.current_mut() {
                    draft.rebase();
                }
                self.execute_on(id, DatabaseAction::Save, ctx, now);
            }
            DatabaseAction::History(action) => self.execute_on_history(id, action, now),
            DatabaseAction::Transaction(action) => self.execute_on_transaction(id, action, ctx, now),
            DatabaseAction::AddToTransaction => {
                session.add_to_transaction();
                self.state.show_transaction = true;
            }
            DatabaseAction::AddOperation(kind) => add_operation(session, kind),
            DatabaseAction::RemoveOperation(row) => session.models.transaction.remove(row),
            DatabaseAction::ShiftOperation(row, down) => session.models.transaction.shift(row, down),
            DatabaseAction::CommitTransaction => {
                if let Some(stamp) = session.models.transaction.committed() {
                    let text = format!(
                        "Nothing was committed: these rows are committed already; edit them, or choose Use again, to commit them once more (versionstamp {stamp})"
                    );
                    self.notices.tell(NoticeKind::Info, text, now);
                } else if let Err(reason) = session.commit_transaction(expires_at, now) {
                    self.notices.error(format!("Not committed: {reason}"), now);
                }
            }
            DatabaseAction::RebaseTransaction => self.ask_rebase(id, now),
            DatabaseAction::ReuseTransaction => session.models.transaction.arm(),
            DatabaseAction::ClearTransaction => session.models.transaction.clear(),
            DatabaseAction::NewMessage => self.ask_message(id, MessagePurpose::New),
            DatabaseAction::QueueAgain => self.queue_again(id),
            DatabaseAction::FilterQueue(filter) => session.models.queue.set_filter(filter),
            DatabaseAction::DeliverMessages => session.deliver_messages(now),
            DatabaseAction::PutOffMessages => self.put_off_messages(id),
            DatabaseAction::EditMessage => self.edit_message(id),
            DatabaseAction::CancelMessages => session.cancel_messages(),
            DatabaseAction::CommitMessage(draft) => self.commit_message(id, *draft, now),
            DatabaseAction::KeepMessage(draft) => self.keep_message(id, *draft),
            DatabaseAction::Rename { overwrite } => {
                if let Err(reason) = session.rename_shown(overwrite, expires_at) {
                    self.notices.error(format!("Not renamed: {reason}"), now);
                }
            }
            DatabaseAction::CancelRename => session.models.panel.cancel_rename(),
            DatabaseAction::DeleteSelected => self.ask_delete_selected(id),
            DatabaseAction::DeletePrefix => {
                if let Some(prefix) = session.subject().key().cloned() {
                    self.ask_delete_all(id, Target::Below(prefix));
                }
            }
            DatabaseAction::AskDelete(key) => self.ask_delete(id, &key),
            DatabaseAction::AskDeleteAll(target) => self.ask_delete_all(id, target),
            DatabaseAction::Delete(key, versionstamp) => {
                session.delete(key, versionstamp);
                self.dialog = None;
            }
            DatabaseAction::DeleteAll(target) => {
                let undo_file = undo_file(self.folders.as_ref(), now);
                let label = match &target {
                    Target::Below(prefix) => format!("Deleting below {prefix}"),
                    Target::Selected(_) => "Deleting the selected entries".to_owned(),
                };
                let deletion = Deletion {
                    ranges: target.ranges(),
                    expired: session.models.entries.takes_expired(&target),
                };
                session.start_job(label, Work::Delete { deletion, undo_file });
                self.dialog = None;
                self.clean_up_undo_files();
            }
            DatabaseAction::ToggleWritable => self.ask_writable(id),
            DatabaseAction::Unlock(choice) => {
                let copy_to = choice
                    .copy_first
                    .then(|| copy_path(&session.models.facts.location, now));
                if let Some(copy) = &copy_to {
                    let text = format!("Copying it first, to {}", copy.display());
                    self.notices.tell(NoticeKind::Info, text, now);
                }
                session.models.facts.unlocks_next_time = choice.next_time;
                session.unlock(copy_to);
                self.dialog = None;
            }
            DatabaseAction::Step(wanted) => {
                session.step(wanted, expires_at, &mut self.notices, now);
            }
            DatabaseAction::AskMark => self.ask_mark(id),
            DatabaseAction::Mark(mark) => self.mark(id, mark),
            DatabaseAction::AskServe => self.ask_serve(id),
            DatabaseAction::StartServing(choice) => session.models.serving.start(choice),
            DatabaseAction::StopServing => session.models.serving.stop(),
            DatabaseAction::FilterRequests(filter) => session.models.requests.set_filter(filter),
            DatabaseAction::SelectRequest(place) => session.models.requests.select(place),
            DatabaseAction::PauseRequests(paused) => session.models.requests.pause(paused),
            DatabaseAction::ClearRequests => session.models.requests.clear(),
            DatabaseAction::AskExportRequests => {
                let name = session.models.facts.title.replace(['/', '\\'], "-");
                let title = self.path_title(id, "Export requests", "to");
                let name = format!("{name}-requests.ndjson");
                self.ask_path(&title, PathPurpose::On(id, DatabasePath::ExportRequests), &name);
            }
            DatabaseAction::CancelJob(job) => session.cancel_job(job),
            DatabaseAction::ReverseList => {
                let query = session.models.entries.query.clone();
                let reverse = !query.reverse;
                session.list(Query { reverse, ..query });
                session.models.entries.wants_focus = true;
            }
            DatabaseAction::Refresh => session.refresh(),
            DatabaseAction::SwitchPanel => {
                let to_table = session.models.tree.has_focus || !self.state.show_keys;
                session.models.tree.wants_focus = !to_table;
                session.models.entries.wants_focus = to_table;
                if to_table {
                    session.models.show(Middle::Entries);
                }
            }
            DatabaseAction::FocusTable => session.models.entries.wants_focus = true,
            DatabaseAction::Show(middle) => {
                session.models.show(middle);
                session.models.find.wants_focus |= middle == Middle::Find;
            }
        }
    }
}

/// Begins a new entry like the one that is shown.
fn duplicate(session: &mut Session) {
    let limits = session.models.panel.limits;
    if let Some(entry) = session.models.panel.draft_of_shown() {
        let mut draft = Draft::new_entry(entry.key_draft.clone(), limits);
        draft.text.clone_from(&entry.text);
        draft.parse();
        // The copy needs another key, and most often it is the last part that differs.
        draft.key_draft.edit_last();
        session.models.panel.begin_another_entry(draft);
    }
}

/// Begins a row for what is selected in the transaction.
fn add_operation(session: &mut Session, kind: OperationKind) {
    let subject = session.subject();
    let key = subject
        .key()
        .map_or_else(|| "[\"\"]".to_owned(), ToString::to_string);
    session.models.transaction.begin_row(kind, key);
}
