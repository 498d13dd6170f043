//! What is done with the transactions of a database.

use std::path::PathBuf;

use egui::Context;
use keyglass_store::draft::{Draft, Expiry, Step as DraftStep};

use crate::action::{DatabasePath, PathPurpose, TransactionAction, TransactionPath};
use crate::app::{App, Event, draft_file};
use crate::content::copy::{CopiedDraft, DraftForm, copy_draft};
use crate::dialog::Dialog;
use crate::format;
use crate::model::database_id::DatabaseId;
use crate::model::notices::NoticeKind;
use crate::model::transaction::{CodeDraft, Compared, IndexReview, RebaseReview, RowChoices};
use crate::model::undo::Plan;
use crate::threads;

/// What is said where another draft cannot be shown.
const COMMITTING: &str = "The transaction is being committed; wait for that";

impl App {
    /// Does something with the transactions of a database.
    pub(super) fn execute_on_transaction(
        &mut self,
        id: DatabaseId,
        action: TransactionAction,
        ctx: &Context,
        now: i64,
    ) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        let transaction = &mut session.models.transaction;
        if transaction.is_committing()
            && matches!(
                action,
                TransactionAction::Begin
                    | TransactionAction::RepairIndexes(_)
                    | TransactionAction::ShowDraft(_)
                    | TransactionAction::RemoveDraft
            )
        {
            self.notices.tell(NoticeKind::Info, COMMITTING.to_owned(), now);
            return;
        }
        match action {
            TransactionAction::Move(row, to) => transaction.move_to(row, to),
            TransactionAction::Duplicate(row) => transaction.duplicate(row),
            TransactionAction::Choose(row, choices) => transaction.choose(row, choices),
            TransactionAction::SetExpiry(row, expiry) => {
                if let Some(choices) = transaction.row(row).map(|row| row.choices) {
                    transaction.choose(row, RowChoices { expiry, ..choices });
                }
            }
            TransactionAction::CheckAnew(row) => transaction.check_anew(row),
            TransactionAction::Open(row) => {
                let shown = session.models.panel.key().cloned();
                transaction.open(row, shown);
                self.state.show_entry = true;
            }
            TransactionAction::CloseRow => transaction.opened = None,
            TransactionAction::StepBack { forth } => transaction.step_back(forth),
            TransactionAction::Rebase(rows) => transaction.rebase(&rows),
            TransactionAction::AddSelected(each) => {
                if let Some(target) = session.subject().target() {
                    session.gather_rows(&target, each);
                }
                self.state.show_transaction = true;
            }
            TransactionAction::AddAll(target, each) => {
                session.gather_rows(&target, each);
                self.state.show_transaction = true;
            }
            TransactionAction::AddStep(step) => self.add_step(id, step, now),
            TransactionAction::AddChange(key, versionstamp) => {
                transaction.add_check(&key, versionstamp);
                self.state.show_transaction = true;
            }
            TransactionAction::AddReplay(replay) => match session.models.watch.replay(replay) {
                Ok(operation) => {
                    session.models.transaction.add_operation(&operation);
                    self.state.show_transaction = true;
                }
                Err(reason) => self.notices.error(format!("Nothing was added: {reason}"), now),
            },
            TransactionAction::Begin => transaction.begin_draft(None),
            TransactionAction::ShowDraft(name) => transaction.show_draft(&name),
            TransactionAction::Rename(name) => transaction.rename_draft(&name),
            TransactionAction::RemoveDraft => transaction.remove_draft(),
            TransactionAction::AskPath(purpose) => {
                let name = format!("{}.ndjson", transaction.name().replace(['/', '\\'], "-"));
                let (title, name) = match purpose {
                    TransactionPath::Load => (self.path_title(id, "Load a draft", "into"), String::new()),
                    TransactionPath::Save => (self.path_title(id, "Save the draft", "to"), name),
                };
                self.ask_path(
                    &title,
                    PathPurpose::On(id, DatabasePath::Transaction(purpose)),
                    &name,
                );
            }
            TransactionAction::AskCode => self.dialog = Some(Dialog::Code(Box::new(CodeDraft::new(id)))),
            TransactionAction::AddCode(code) => {
                transaction.add_rows(code.read().rows.clone());
                self.dialog = None;
                self.state.show_transaction = true;
            }
            TransactionAction::SetWithIndexes => match session.set_with_indexes(now) {
                Ok(()) => self.state.show_transaction = true,
                Err(reason) => self.notices.error(format!("Nothing was added: {reason}"), now),
            },
            TransactionAction::CheckIndexes => session.check_indexes(),
            TransactionAction::RepairIndexes(finding) => {
                let (operation, repaired) = finding.report.repair(&session.models.facts.capabilities.limits);
                let problems = finding.report.problems.len();
                session.models.transaction.begin_draft(Some("Repair of indexes"));
                session.models.transaction.add_operation(&operation);
                self.dialog = None;
                self.state.show_transaction = true;
                if repaired < problems {
                    let text = format!(
                        "The draft repairs {} of {}; check again after it is committed",
                        format::count(repaired as u64),
                        format::count(problems as u64)
                    );
                    self.notices.tell(NoticeKind::Info, text, now);
                }
            }
            TransactionAction::Copy(form) => self.copy_transaction(id, form, ctx, now),
        }
    }

    /// Shows what checks of indexes found.
    pub(crate) fn show_index_findings(&mut self) {
        let found = self.sessions.iter_mut().filter_map(|session| {
            let database = session.id;
            let finding = session.models.transaction.finding.take()?;
            Some(IndexReview { database, finding })
        });
        let found: Vec<IndexReview> = found.collect();
        for review in found {
            self.show_or_wait(Dialog::Indexes(Box::new(review)));
        }
    }

    /// Shows what changed under the checks, if anything did.
    pub(super) fn ask_rebase(&mut self, id: DatabaseId, now: i64) {
        let Some(session) = self.sessions.get(id) else {
            return;
        };
        let mut rows = session.models.transaction.failed_rows();
        for row in &mut rows {
            row.by = session.client_of(&row.key, row.now.as_ref());
        }
        if rows.is_empty() {
            let text = "Every check holds, as far as is known";
            self.notices.tell(NoticeKind::Info, text.to_owned(), now);
            return;
        }
        let review = RebaseReview {
            database: id,
            rows,
            compared: Compared::default(),
        };
        self.dialog = Some(Dialog::Rebase(Box::new(review)));
    }

    fn add_step(&mut self, id: DatabaseId, step: u64, now: i64) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        match session.models.undo.step(step).map(|step| step.plan(None)) {
            Some(Plan::Commit(operation)) => {
                session.models.transaction.add_operation(&operation);
                self.state.show_transaction = true;
            }
            Some(_) => {
                let text = "This was done in many commits, which are no rows of one transaction";
                self.notices.tell(NoticeKind::Info, text.to_owned(), now);
            }
            None => {}
        }
    }

    /// Puts the rows on the clipboard. Programs know nothing of an expiry that is kept, so it is told as the moment.
    fn copy_transaction(&mut self, id: DatabaseId, form: DraftForm, ctx: &Context, now: i64) {
        let Some(session) = self.sessions.get(id) else {
            return;
        };
        let transaction = &session.models.transaction;
        let mut draft = transaction.to_draft();
        if !matches!(form, DraftForm::File | DraftForm::CommandLine) {
            for (row, copied) in transaction.rows.iter().zip(&mut draft.rows) {
                if let DraftStep::Set {
                    expiry: expiry @ Expiry::Keep,
                    ..
                } = &mut copied.step
                {
                    let stands = transaction
                        .state(row)
                        .flatten()
                        .and_then(|entry| entry.expires_at);
                    *expiry = stands.map_or(Expiry::Never, Expiry::At);
                }
            }
        }
        let CopiedDraft { text, left_out } = copy_draft(&draft, form, &session.models.facts.location);
        ctx.copy_text(text);
        let name = DraftForm::ALL.iter().find(|(known, _)| *known == form);
        let name = name.map_or("", |(_, name)| name);
        let rows = format::counted(draft.live().count() as u64, "row", "rows");
        let told = format!("Copied {rows} as {name}");
        let kind = if left_out.is_empty() {
            NoticeKind::Good
        } else {
            NoticeKind::Warning
        };
        self.notices.put(kind, told, left_out, None, now);
    }

    /// Reads a draft from a file, or writes one to it, on a thread.
    pub(super) fn use_draft_file(&mut self, id: DatabaseId, purpose: TransactionPath, path: PathBuf) {
        let Some(session) = self.sessions.get(id) else {
            return;
        };
        let report = self.reporter();
        let draft = session.models.transaction.to_draft();
        let done = threads::spawn("draft file", move || match purpose {
            TransactionPath::Load => {
                let loaded = draft_file::read(&path);
                report(Event::DraftLoaded {
                    database: id,
                    path,
                    loaded,
                });
            }
            TransactionPath::Save => {
                let saved = draft_file::write(&path, &draft);
                report(Event::DraftSaved { path, saved });
            }
        });
        drop(done);
    }

    /// Shows a draft that was read from a file, as another one.
    pub(crate) fn apply_loaded_draft(&mut self, id: DatabaseId, draft: Draft) {
        let now = self.clock.now();
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        let transaction = &mut session.models.transaction;
        if transaction.is_committing() {
            self.notices.tell(NoticeKind::Info, COMMITTING.to_owned(), now);
            return;
        }
        transaction.begin_draft(draft.name.as_deref());
        transaction.add_rows(draft.rows);
        self.state.show_transaction = true;
    }
}
